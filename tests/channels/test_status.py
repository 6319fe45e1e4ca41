"""Where a request stands, for the one who applied and for nobody else; and answering what the town hall asks."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.booking.conftest import LATER, ask, offer  # noqa: F401  (fixtures)
from tests.cases.conftest import GOOD, KATO, MONDAY, SATO, UNSURE, open_task, staff
from tests.channels import files
from tests.channels.browser import Visitor
from tests.channels.conftest import person, sign_in
from tests.conftest import TOWN
from yakuba.access import SYSTEM
from yakuba.booking import actions as booking
from yakuba.cases import actions, jobs
from yakuba.cases import queries as cases
from yakuba.cases.models import Case


@pytest.fixture
def mine(apply, taro) -> Case:
    """A case of 山田 太郎 that a person must look at."""
    return apply(UNSURE, applicant=taro.id)


@pytest.fixture
def by_card(taro, small) -> Visitor:
    return Visitor(sign_in(Client(), taro))


def by_reference(case: Case, born: str = "昭和25年1月1日") -> Visitor:
    browser = Visitor(Client())
    browser.send(to=f"/{TOWN}/sign-in/reference/", reference=case.reference, born=born)
    return browser


def returned(case: Case, *asks: str) -> Case:
    actions.take(open_task(case, "review"), by=KATO, as_of=MONDAY)
    actions.return_for_correction(
        open_task(case, "review"),
        by=KATO,
        message="通帳の写しを見せてください。",
        asks=list(asks),
        as_of=MONDAY,
    )
    return Case.objects.get(id=case.id)


def test_the_status_page_says_what_happens_next_and_by_when(mine, by_card):
    by_card.open(f"status/{mine.reference}/")
    assert by_card.page.status_code == 200
    for words in (
        "受け付けました",
        "職員の審査",
        "手続中",
        "いつまで",
        "結果をお知らせする目安",
        "令和7年5月",
    ):
        assert words in by_card.text


def test_reference_number_and_birth_date_show_the_progress_and_nothing_more(apply, taro):
    case = apply(GOOD, applicant=taro.id)
    assert case.decision == "granted"
    browser = by_reference(case)
    assert browser.at == f"/{TOWN}/status/{case.reference}/"
    assert "受け付けました" in browser.text
    for secret in ("山田", "7,000円", "1番地", "取り下げ"):
        assert secret not in browser.text


def test_who_signed_in_with_the_card_sees_the_amount(apply, taro, by_card):
    case = apply(GOOD, applicant=taro.id)
    by_card.open(f"status/{case.reference}/")
    assert f"{case.amount:,}円" in by_card.text


def admitted(ask, offer, in_town, *people) -> list[Case]:  # noqa: F811
    """These people ask for the one place of a nursery; whoever has more points gets it."""
    offer("nursery-admission", {"sakura": 1}, kind="2")
    needs = ("work_120", "seeking")
    asked = [
        ask(
            "nursery-admission",
            "sakura",
            applicant=one,
            parents={"first": need, "alone": False, "second": need},
        )
        for one, need in zip(people, needs, strict=True)
    ]
    for task in cases.queue(step="papers"):
        actions.finish(task.id, by=KATO, as_of=LATER)
    jobs.drain(in_town, as_of=LATER)
    booking.draw("nursery-admission", "autumn", by=staff("boss", "manager"), as_of=LATER)
    jobs.drain(in_town, as_of=LATER)
    return asked


def test_who_got_a_place_sees_which_and_the_points_that_ranked_them(ask, offer, in_town, taro):  # noqa: F811
    won, _ = admitted(ask, offer, in_town, taro.id, None)
    page = Visitor(sign_in(Client(), taro))
    page.open(f"status/{won.reference}/")
    for words in ("Place sakura", "整理番号 1", "順番を決めた点数", "合計", "20"):
        assert words in page.text
    stranger = by_reference(won)
    assert "Place sakura" not in stranger.text
    assert "点数" not in stranger.text


def test_who_waits_for_a_place_sees_their_turn(ask, offer, in_town, taro):  # noqa: F811
    _, waits = admitted(ask, offer, in_town, None, taro.id)
    page = Visitor(sign_in(Client(), taro))
    page.open(f"status/{waits.reference}/")
    assert "1番目" in page.text
    actions.withdraw(waits.id, by=SYSTEM(in_town), as_of=LATER)
    page.open(f"status/{waits.reference}/")
    assert "1番目" not in page.text


@pytest.fixture
def too_young(apply, taro) -> Case:
    """The rules find that the applicant is not 65; two people confirm it."""
    facts = {**GOOD, "applicant": {**GOOD["applicant"], "birth_date": "2000-01-01"}}
    return apply(facts, applicant=taro.id, identified=False)


def test_what_the_rules_found_is_not_shown_while_staff_look_at_it(too_young, by_card):
    assert too_young.decision == "refused"
    by_card.open(f"status/{too_young.reference}/")
    assert "65歳以上であること" not in by_card.text
    assert "手続中" in by_card.text


def test_a_refusal_shows_its_reasons_to_the_applicant_only(too_young, by_card):
    for clerk in (KATO, SATO):
        task = open_task(too_young, "review")
        actions.take(task, by=clerk, as_of=MONDAY)
        actions.decide(task, by=clerk, outcome="refused", amount=None, reason="65歳未満", as_of=MONDAY)
    jobs.drain(TOWN, as_of=MONDAY)
    by_card.open(f"status/{too_young.reference}/")
    assert "65歳以上であること" in by_card.text
    assert "65歳以上であること" not in by_reference(too_young, "2000-01-01").text


def test_the_wrong_birth_date_shows_nothing(mine):
    browser = by_reference(mine, "昭和26年1月1日")
    assert browser.page.status_code == 401
    assert "受け付けました" not in browser.text


@pytest.mark.parametrize("reference", ["known", "0000-0000-0000", "nonsense"])
def test_a_visitor_cannot_tell_a_reference_that_exists_from_one_that_does_not(mine, small, reference):
    browser = Visitor(Client())
    browser.open(f"status/{mine.reference if reference == 'known' else reference}/")
    assert browser.page.status_code == 200
    assert browser.at.startswith(f"/{TOWN}/sign-in/reference/")


def test_somebody_else_cannot_see_answer_or_withdraw_the_case(mine, household):
    other = person(household, "鈴木 次郎", "スズキ ジロウ", mine.opened_at.date().replace(year=1960))
    browser = Visitor(sign_in(Client(), other))
    for where in ("", "answer/"):
        browser.open(f"status/{mine.reference}/{where}")
        assert browser.page.status_code == 403
        assert "山田" not in browser.text
    assert browser.send(to=f"/{TOWN}/status/{mine.reference}/withdraw/").status_code == 403
    assert Case.objects.get(id=mine.id).state == "open"


def test_who_knows_the_reference_number_cannot_answer_or_withdraw(mine):
    case = returned(mine, "account.number")
    browser = by_reference(case)
    assert "ここで答えられます" in browser.text
    assert browser.open(f"status/{case.reference}/answer/").status_code == 403
    assert browser.send(to=f"/{TOWN}/status/{case.reference}/withdraw/").status_code == 403


def test_a_letters_short_address_leads_to_the_question_for_number_and_birth_date(mine):
    browser = Visitor(Client())
    browser.open(f"status/?reference={mine.reference}")
    assert f'value="{mine.reference}"' in browser.text
    browser.open("status/?reference=<script>")
    assert "<script>" not in browser.text


# -- answering ---------------------------------------------------------------------------------------
def test_only_what_was_asked_is_asked_again(mine, by_card):
    case = returned(mine, "account.number")
    by_card.open(f"status/{case.reference}/")
    assert "通帳の写しを見せてください" in by_card.text
    assert "お答えをいただいてから" in by_card.text
    assert "結果をお知らせする目安" not in by_card.text  # the clocks stand still meanwhile
    by_card.open(f"status/{case.reference}/answer/")
    assert 'name="account/account.number"' in by_card.text
    assert "account/account.bank" not in by_card.text
    assert "you/applicant.name" not in by_card.text


def test_an_answer_mends_the_case_and_it_goes_on(mine, by_card):
    case = returned(mine, "account.number")
    by_card.send(to=f"/{TOWN}/status/{case.reference}/answer/", **{"account/account.number": "7654321"})
    case = Case.objects.get(id=case.id)
    assert case.state == "open"
    assert cases.state(case).facts["account"]["number"] == "7654321"
    assert cases.state(case).facts["account"]["bank"] == "0001"


def test_a_wrong_answer_is_said_and_nothing_is_sent(mine, by_card):
    case = returned(mine, "account.branch")
    page = by_card.send(to=f"/{TOWN}/status/{case.reference}/answer/", **{"account/account.branch": "999"})
    assert page.status_code == 422
    assert "支店コード「999」はありません" in by_card.text
    assert 'href="#account/account.branch"' in by_card.text
    assert Case.objects.get(id=case.id).state == "returned"


@pytest.fixture
def paper_asked(apply, taro) -> Case:
    facts = {**GOOD, "members": [{"birth_date": "1950-01-01", "taxed": True}, {"birth_date": "1952-02-02"}]}
    return returned(apply(facts, applicant=taro.id, identified=False), "tax_paper")


def test_a_paper_that_was_asked_for_is_sent_with_the_answer(paper_asked, by_card):
    here = f"/{TOWN}/status/{paper_asked.reference}/answer/"
    by_card.open(here)
    assert 'name="papers/tax_paper"' in by_card.text
    assert "任意" not in by_card.text
    by_card.send(to=here, **{"papers/tax_paper": files.photo("税.jpg")})
    [(attached, document)] = cases.documents_of(paper_asked.id)
    assert (attached.purpose, document.name) == ("tax_paper", "税.jpg")
    assert Case.objects.get(id=paper_asked.id).state == "open"


@pytest.mark.parametrize(
    ("upload", "words"), [(None, "この書類が必要です"), (files.program, "受け付けられる種類ではありません")]
)
def test_a_paper_that_is_missing_or_cannot_be_taken_is_said(paper_asked, by_card, upload, words):
    sent = {"papers/tax_paper": upload()} if upload else {}
    page = by_card.send(to=f"/{TOWN}/status/{paper_asked.reference}/answer/", **sent)
    assert page.status_code == 422
    assert words in by_card.text
    assert not cases.documents_of(paper_asked.id)
    assert Case.objects.get(id=paper_asked.id).state == "returned"


def test_an_answer_to_a_case_that_asks_nothing_leads_to_its_status(mine, by_card):
    by_card.open(f"status/{mine.reference}/answer/")
    assert by_card.at == f"/{TOWN}/status/{mine.reference}/"


def test_the_applicant_takes_the_request_back_once(mine, by_card):
    by_card.send(to=f"/{TOWN}/status/{mine.reference}/withdraw/")
    assert Case.objects.get(id=mine.id).outcome == "withdrawn"
    by_card.send(to=f"/{TOWN}/status/{mine.reference}/withdraw/")
    assert by_card.page.status_code == 200
    assert 'role="alert"' in by_card.text


def test_my_applications_are_listed_for_me_only(mine, apply, by_card):
    apply(GOOD)
    by_card.open("mine/")
    assert mine.reference in by_card.text
    assert by_card.text.count("/status/") == 1
    assert Visitor(Client()).open("mine/").redirect_chain[-1][0].startswith(f"/{TOWN}/sign-in/")


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_pages_of_a_returned_case_make_few_queries_in_every_language(mine, by_card, language):
    case = returned(mine, "members", "account.number")
    for where in (f"status/{case.reference}/", f"status/{case.reference}/answer/", "mine/"):
        with CaptureQueriesContext(connection) as queries:
            page = by_card.client.get(f"/{TOWN}/{where}?lang={language}")
        assert page.status_code == 200
        assert len(queries) <= 15


def test_more_digits_are_not_another_way_to_write_a_reference_number(apply):
    case = apply(UNSURE)
    assert cases.by_reference(case.reference) == case
    assert cases.by_reference(f"{case.reference}1") is None
