"""Asking the town hall on a page, without JavaScript: answers with their source, the way to the conditions, a clerk."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from tests.assistant.conftest import ALLOWANCE, DOG, PRINTER, WASTE, shelf  # noqa: F401  (a fixture)
from tests.channels.browser import Visitor
from tests.conftest import TOWN
from yakuba.assistant import talks
from yakuba.channels import chat
from yakuba.clock import say_date
from yakuba.words import ui

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture
def visitor(in_town) -> Visitor:
    return Visitor(Client())


@pytest.fixture
def clerk(desk) -> Visitor:
    return Visitor(desk("clerk"))


def ask(who: Visitor, text: str, **more) -> str:
    who.open("chat/")
    who.send(to=f"/{TOWN}/chat/ask/", text=text, key=_key(who), **more)
    return who.text


def _key(who: Visitor) -> str:
    found = re.search(r'name="key" value="([0-9a-f-]{36})"', who.text)
    assert found
    return found[1]


def press(who: Visitor, what: str, **typed) -> str:
    who.send(to=f"/{TOWN}/chat/{what}/", key=_key(who), **typed)
    return who.text


def answered(who: Visitor, text: str, entry) -> str:
    """The page with the answer, chosen where several were offered."""
    page = ask(who, text)
    return press(who, "choose", entry=entry.id) if f'value="{entry.id}"' in page else page


def test_an_answer_is_shown_word_for_word_with_its_source_day_and_office(visitor) -> None:
    page = answered(visitor, WASTE.question["ja"], WASTE)
    assert WASTE.answer["ja"] in page, page[page.index("<main") :]
    assert "担当: 住民課" in page
    assert say_date(date(2026, 4, 1), "ja") in page
    assert f'href="{WASTE.source.link}"' in page


def test_before_anything_is_asked_the_page_says_what_it_does_and_gives_examples(visitor) -> None:
    visitor.open("chat/")
    assert ui("chat.private", "ja") in visitor.text
    assert ui("chat.example_1", "ja") in visitor.text


def test_what_is_not_known_is_said_so_with_the_ways_to_a_person(visitor) -> None:
    page = ask(visitor, "ドローンを飛ばす許可は要りますか")
    assert ui("chat.how_unknown", "ja") in page
    assert ui("chat.to_person", "ja") in page


def test_none_of_these_is_always_there_and_asks_for_an_answer(visitor) -> None:
    page = ask(visitor, "犬")
    assert ui("chat.none_of_these", "ja") in page
    assert ui("chat.how_unknown", "ja") in press(visitor, "none")


def test_a_persons_own_question_leads_to_the_conditions_of_that_service(visitor) -> None:
    page = ask(visitor, "児童手当はもらえますか")
    assert ALLOWANCE.answer["ja"] in page
    assert f"/{TOWN}/finder/?about=child-allowance" in page
    visitor.open("finder/?about=child-allowance")
    assert "児童手当の認定請求" in visitor.text


def test_the_finder_asks_about_the_one_service_until_somebody_begins_again(visitor) -> None:
    visitor.open("finder/?about=child-allowance")
    visitor.open("finder/?results=1")
    assert visitor.text.count('class="card"') == 1
    visitor.open("finder/?again=1")
    visitor.open("finder/?results=1")
    assert visitor.text.count('class="card"') > 1


def test_a_service_that_is_not_offered_is_not_meant(visitor) -> None:
    visitor.open("finder/?about=../../etc/passwd")
    assert visitor.page.status_code == 200
    assert "passwd" not in visitor.text


def test_a_my_number_is_said_to_have_been_removed(visitor) -> None:
    page = ask(visitor, "マイナンバー 1234 5678 9018 で犬を登録できますか")
    assert ui("chat.masked", "ja") in page
    assert "9018" not in page


def test_a_clerk_replies_on_the_same_page(visitor, clerk) -> None:
    ask(visitor, DOG.question["ja"])
    page = press(visitor, "person")
    assert ui("chat.with_staff", "ja") in page
    clerk.open("staff/talks/")
    talk = re.search(rf"/{TOWN}/staff/talks/[0-9a-f-]{{36}}/", clerk.text)
    assert talk
    clerk.open(talk[0])
    clerk.send(to=f"{talk[0]}say/", text="明日お電話します。", key=_key(clerk))
    visitor.open("chat/")
    assert "明日お電話します。" in visitor.text
    clerk.send(to=f"{talk[0]}end/", outcome="back")
    visitor.open("chat/")
    assert ui("chat.with_staff", "ja") not in visitor.text


def test_what_a_clerk_writes_is_the_next_persons_answer(visitor, clerk) -> None:
    question = "ドローンを飛ばす許可は要りますか"
    ask(visitor, question)
    clerk.open("staff/talks/")
    wanted = re.search(rf"/{TOWN}/staff/talks/wanted/[0-9a-f-]{{36}}/", clerk.text)
    assert wanted
    clerk.open(wanted[0])
    assert question in clerk.text
    clerk.send(
        to=f"{wanted[0]}write/",
        question_ja="ドローンの許可",
        answer_ja="公園では飛ばせません。",
        office="総務課",
    )
    page = ask(Visitor(Client()), question)
    assert "公園では飛ばせません。" in page or "ドローンの許可" in page


def test_an_answer_without_words_is_not_kept_and_what_was_typed_stays(visitor, clerk) -> None:
    ask(visitor, "ドローンを飛ばす許可は要りますか")
    clerk.open("staff/talks/")
    wanted = re.search(rf"/{TOWN}/staff/talks/wanted/[0-9a-f-]{{36}}/", clerk.text)
    assert wanted
    clerk.send(to=f"{wanted[0]}write/", question_ja="ドローンの許可", answer_ja=" ", office="総務課")
    assert ui("chat.nothing_written", "ja") in clerk.text
    assert "ドローンの許可" in clerk.text


def test_an_answer_is_switched_off_and_on_again(visitor, clerk) -> None:
    clerk.open("staff/talks/known/?q=粗大")
    clerk.send(to=f"/{TOWN}/staff/talks/known/switch/", entry=WASTE.id, on="0")
    assert WASTE.answer["ja"] not in answered(visitor, WASTE.question["ja"], WASTE)
    clerk.send(to=f"/{TOWN}/staff/talks/known/switch/", entry=WASTE.id, on="1")
    assert WASTE.answer["ja"] in answered(Visitor(Client()), WASTE.question["ja"], WASTE)


def test_the_staffs_manual_answers_the_staff_and_nobody_else(visitor, clerk) -> None:
    assert PRINTER.answer["ja"] not in ask(visitor, PRINTER.question["ja"])
    clerk.open("staff/helpdesk/")
    clerk.send(to=f"/{TOWN}/staff/helpdesk/ask/", text=PRINTER.question["ja"], key=_key(clerk))
    if f'value="{PRINTER.id}"' in clerk.text:
        clerk.send(to=f"/{TOWN}/staff/helpdesk/choose/", entry=PRINTER.id, key=_key(clerk))
    assert PRINTER.answer["ja"] in clerk.text


def test_residents_do_not_open_the_staffs_pages(visitor) -> None:
    for where in ("talks/", "helpdesk/", "talks/known/"):
        visitor.open(f"staff/{where}")
        assert ui("chat.desk_title", "ja") not in visitor.text


def test_a_talk_is_taken_up_on_another_device(visitor) -> None:
    answered(visitor, WASTE.question["ja"], WASTE)
    press(visitor, "code")
    code = re.search(r'class="reference">([\d-]{19})<', visitor.text)
    assert code
    other = Visitor(Client())
    other.send(to=f"/{TOWN}/chat/take-up/", code=code[1])
    assert WASTE.question["ja"] in other.text
    other.send(to=f"/{TOWN}/chat/take-up/", code="0000-0000-0000-0001")
    assert ui("chat.no_such_code", "ja") in other.text


def test_a_code_is_not_found_by_trying_many(visitor) -> None:
    for number in range(chat.CODES + 1):
        page = visitor.client.post(f"/{TOWN}/chat/take-up/", {"code": f"{number:016d}"})
    assert page.status_code == 429


def test_a_talk_that_was_ended_goes_on_as_a_new_one(visitor) -> None:
    ask(visitor, DOG.question["ja"])
    assert ui("chat.ended", "ja") in press(visitor, "end")
    page = visitor.send(to=f"/{TOWN}/chat/anew/").content.decode()
    assert DOG.question["ja"] not in page


def test_markup_in_a_question_is_only_text(visitor) -> None:
    page = ask(visitor, "<script>alert(1)</script>犬")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("language", ["easy", "en"])
def test_an_answer_that_is_only_in_japanese_says_so(in_town, language) -> None:
    reader = Visitor(Client())
    reader.open(f"chat/?lang={language}")
    page = answered(reader, WASTE.question["ja"], WASTE)
    assert "シールを貼って" in page
    assert 'lang="ja"' in page


def test_too_long_a_question_is_refused_with_what_was_typed(visitor) -> None:
    long = "犬" * 501
    assert long in ask(visitor, long)
    assert talks.MOST_ASKED == 500
