"""The form engine asks one idea at a time, what is needed and nothing else, and keeps no wrong answer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from tests.cases.conftest import ACCOUNT, GOOD
from tests.channels.browser import MEMBER, YOU, day
from yakuba.cases import catalogue
from yakuba.channels.forms import MOST_ITEMS, Form

DAY = date(2025, 5, 12)
TAXED = {**GOOD, "members": [{"birth_date": "1950-01-01", "taxed": True}]}


@pytest.fixture
def form(small):
    """`form(facts)`: the small service's questions after these answers."""

    def after(facts=None, **more) -> Form:
        return Form(catalogue.service("heating"), facts or {}, as_of=DAY, **more)

    return after


def keys(form: Form) -> list[str]:
    return [screen.key for screen in form.screens]


def test_a_page_is_a_screen_and_a_list_has_one_of_its_own(form):
    assert keys(form()) == ["you", "list.members", "papers", "account"]


def test_each_item_of_a_list_has_its_screens_before_the_list_is_closed(form):
    two = form({"members": [{}, {}]})
    assert keys(two) == ["you", "members.1", "members.2", "list.members", "papers", "account"]


def test_all_pages_of_one_child_come_before_those_of_the_next():
    claim = Form(
        catalogue.service("child-allowance"), {"children": [{"name": "一郎"}, {"name": "二郎"}]}, as_of=DAY
    )
    of_children = [k for k in keys(claim) if k.startswith("child") or k == "list.children"]
    first = [k for k in of_children if k.endswith(".1")]
    second = [k for k in of_children if k.endswith(".2")]
    assert of_children == [*first, *second, "list.children"]
    assert len(first) == len(second) > 1


def test_a_part_of_a_screen_is_in_order_by_itself_whatever_the_rest_of_it_lacks(form):
    one = form()
    whole = one.screen("account")
    part = replace(whole, fields=[field for field in whole.fields if field.name == "account.number"])
    assert one.read(part, {"account.number": "1234567"})
    assert one.is_open(one.screen("account"))


def test_a_paper_that_was_handed_in_is_there_on_the_next_look(form):
    one = form(TAXED)
    assert [field.answered for field in one.screen("papers").fields] == [False]
    one.put_files({"tax_paper": ["paper"]})
    assert [field.answered for field in one.screen("papers").fields] == [True]


def test_a_question_that_hangs_on_another_comes_up_once_that_is_answered(form):
    one = form({"members": [{}]})
    screen = one.screen("members.1")
    assert [f.name for f in screen.fields] == ["member.birth_date"]
    assert not one.read(screen, MEMBER)  # not done: an answer brought up a further question
    assert [f.name for f in screen.fields] == ["member.birth_date", "member.taxed"]
    assert not screen.errors
    assert one.read(screen, {**MEMBER, "member.taxed": "no"})


def test_a_page_is_left_out_only_when_its_condition_is_known_to_be_false(form):
    assert "papers" in keys(form(TAXED))
    assert "papers" not in keys(form(GOOD))


def test_what_is_required_and_missing_is_said_at_its_question(form):
    empty = form()
    screen = empty.screen("you")
    assert not empty.read(screen, {})
    assert [one.name for one in screen.errors] == [
        "applicant.name",
        "applicant.birth_date",
        "applicant.address",
        "applicant.postal_code",
    ]
    assert screen.errors[0].error.ja == "「氏名」を入力してください。"


def test_the_good_answers_of_a_screen_are_kept_beside_a_wrong_one(form):
    one = form()
    screen = one.screen("you")
    one.read(screen, {**YOU, "applicant.email": "nowhere"})
    assert one.value("applicant.name") == "山田　太郎"
    assert [f.typed for f in screen.errors] == ["nowhere"]


def test_a_birth_date_in_the_future_is_refused_and_not_kept(form):
    one = form()
    screen = one.screen("you")
    assert not one.read(screen, YOU | day("applicant.birth_date", "western", "2031", "1", "1"))
    assert [f.error.ja for f in screen.errors] == ["これから先の日付です。"]
    assert one.value("applicant.birth_date") is None
    assert one.first_open() == "you"


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"account.branch": "999"}, "account.branch"),
        ({"account.holder": "ヤマダ＃タロウ"}, "account.holder"),
        ({"account.bank": "9998"}, "account.bank"),
        ({"account.number": "12"}, ""),
    ],
)
def test_an_account_that_no_bank_has_is_refused_before_it_is_sent(form, changes, at):
    typed = {f"account.{key}": value for key, value in ACCOUNT.items()} | changes
    one = form(GOOD)
    screen = one.screen("account")
    fine = one.read(screen, typed)
    assert [f.name for f in screen.errors] == ([at] if at else [])
    assert fine is not bool(at)
    if at == "account.branch":
        assert one.first_open() == "account"


def test_a_wrong_answer_from_another_channel_keeps_its_screen_open(form):
    """An API or a scanner writes answers without a screen: what a screen would refuse is not taken either."""
    one = form({**GOOD, "account": {**ACCOUNT, "branch": "999"}})
    assert one.first_open() == "account"
    one.check(one.screen("account"))
    assert "999" in one.screen("account").errors[0].error.ja


def test_an_answer_can_be_taken_away_again(form):
    one = form({**GOOD, "applicant": {**GOOD["applicant"], "email": "a@example.jp"}})
    screen = one.screen("you")
    assert one.read(screen, {**YOU, "applicant.email": ""})
    assert "email" not in one.answered()["applicant"]


def test_items_are_added_named_by_number_and_taken_away(form):
    one = form()
    assert one.add_item("members") == "members.1"
    assert one.add_item("members") == "members.2"
    assert one.item_label("members", 1, "ja") == "世帯員 2"
    one.remove_item("members", 0)
    assert keys(one).count("members.1") == 1
    assert "members.2" not in keys(one)
    one.remove_item("members", 7)  # a button of an old page


def test_there_is_an_end_to_what_is_asked_online(form):
    one = form({"members": [{}] * MOST_ITEMS})
    assert one.add_item("members") is None


def test_nobody_is_an_answer_too(form):
    one = form({"applicant": GOOD["applicant"]})
    assert one.first_open() == "list.members"
    one.close_list("members")
    assert one.first_open() == "account"
    assert one.answered()["members"] == []


def test_an_answer_to_a_question_that_is_no_longer_asked_is_left_out(form):
    later = {**TAXED, "members": [{"birth_date": "2031-01-01", "taxed": True}]}
    assert form(later).answered()["members"] == [{"birth_date": "2031-01-01"}]


def test_the_summary_says_every_answer_in_words_and_where_to_change_it(form):
    rows = {(row["key"], row["label"].ja): row["said"] for row in form(GOOD).summary("ja")}
    assert rows["you", "生年月日"].startswith("昭和25年1月1日")
    assert rows["members.1", "課税"] == "いいえ"
    assert rows["list.members", "世帯員"] == "1"
    assert rows["account", "銀行"] == "0001 みずほ"


def test_a_prefilled_date_stands_in_its_parts(form):
    field = form(GOOD).screen("you").fields[1]
    assert field.parts == {"era": "western", "year": "1950", "month": "1", "day": "1"}


def test_a_service_that_changed_underneath_asks_anew_what_no_longer_fits():
    """A choice was taken away and a yes or no became something else: no error, the question is asked again."""
    kept = {
        "claim": {"reason": "withdrawn_choice"},
        "applicant": {"public_servant": "perhaps"},
        "children": "three",
    }
    claim = Form(catalogue.service("child-allowance"), kept, as_of=DAY)
    assert claim.value("claim.reason") is None
    assert claim.value("applicant.public_servant") is None
    assert claim.facts.get("children") is None


def test_every_yes_or_no_of_every_service_is_a_question_that_can_be_answered():
    """「この子どもは、日本に住んでいますか。」and not「日本に住んでいる」."""
    for service in catalogue.current().services.values():
        for page in service.pages:
            for question in page.questions:
                if question.fact is None:
                    continue
                item, key = question.fact.split(".", 1)
                fact = service.lists[page.each].facts[key] if page.each else service.facts[f"{item}.{key}"]
                asks = question.label or fact.question
                assert asks, f"{service.id}: {question.fact} has no question"
                if fact.type == "bool":
                    assert re.search("か[。（]", asks.ja), asks.ja
                    assert "?" in asks.en, asks.en


# ---------------------------------------------------------------- how people want to be told


def contact(**said) -> Form:
    return Form(catalogue.service("dog-death"), {"applicant": said}, as_of=DAY)


def test_texts_are_offered_only_where_a_gateway_sends_them(settings):
    def offered() -> list[str]:
        fields = {one.name: one for one in contact().screen("contact").fields}
        return [name for name, _ in fields["applicant.contact"].choices]

    assert offered() == ["letter", "email"]
    settings.YAKUBA_SMS_URL = "http://127.0.0.1:8030"
    assert offered() == ["letter", "email", "sms"]


def test_who_wants_texts_gives_the_number_of_a_mobile_telephone(settings):
    settings.YAKUBA_SMS_URL = "http://127.0.0.1:8030"
    form = contact()
    screen = form.screen("contact")
    assert not form.read(screen, {"applicant.phone": "0880-22-1234", "applicant.contact": "sms"})
    assert [(one.name, "070" in one.error.ja) for one in screen.errors] == [("applicant.contact", True)]
    screen = form.screen("contact")
    assert form.read(screen, {"applicant.phone": "080-1234-5678", "applicant.contact": "sms"})


def test_a_text_that_was_asked_for_where_none_is_sent_any_more_is_asked_for_anew():
    form = contact()
    screen = form.screen("contact")
    assert not form.read(screen, {"applicant.phone": "080-1234-5678", "applicant.contact": "sms"})
