"""Talks for other systems: an app, or a telephone exchange that hears and speaks."""

from __future__ import annotations

import pytest

from tests.assistant.conftest import WASTE, shelf  # noqa: F401  (a fixture)
from tests.cases.conftest import KATO
from tests.channels.test_api import System
from yakuba.assistant import talks
from yakuba.cases import queries as case_queries
from yakuba.clock import now

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture
def exchange(in_town) -> System:
    return System("telephone exchange")


def say(system: System, key: str, *, name: str = "call-1", **body):
    return system.post(f"talks/{name}", body, idempotency_key=key)


def answered(system: System, text: str, entry) -> dict:
    """What is said to the question, chosen where several were offered."""
    said = say(system, "1", text=text, channel="voice").json()
    if any(one["id"] == entry.id for one in said["choices"]):
        said = say(system, "2", choose=entry.id).json()
    return said


def test_a_question_is_answered_in_words_with_its_source(exchange) -> None:
    said = answered(exchange, WASTE.question["ja"], WASTE)
    assert said["how"] == "answered"
    assert WASTE.answer["ja"] in said["say"]
    assert said["quotes"][0]["office"] == "住民課"


def test_the_same_turn_again_is_the_same_turn(exchange) -> None:
    first, again = (say(exchange, "1", text="犬を飼いました").json() for _ in range(2))
    assert first == again
    (case,) = case_queries.active(talks.SERVICE, now())
    assert len(talks.conversation(case).turns) == 2


def test_a_talk_goes_on_under_its_name_and_another_system_has_another(exchange) -> None:
    say(exchange, "1", text="犬を飼いました")
    say(exchange, "2", text="粗大ごみの出し方")
    other = System("app")
    say(other, "1", text="粗大ごみの出し方")
    cases = case_queries.active(talks.SERVICE, now())
    assert sorted(len(talks.conversation(case).turns) for case in cases) == [2, 4]


def test_what_a_clerk_says_is_heard_by_who_asks_again(exchange) -> None:
    say(exchange, "1", text="犬を飼いました")
    assert say(exchange, "2", do="person").json()["with_staff"]
    (case,) = case_queries.active(talks.SERVICE, now())
    talks.clerk_says(case, "お電話ください。", by=KATO, as_of=now(), key="k")
    assert exchange.get("talks/call-1").json()["say"] == "お電話ください。"


def test_silence_is_replied_to(exchange) -> None:
    assert say(exchange, "1", channel="voice").json()["how"] == "empty"


def test_a_turn_needs_its_key_and_a_talk_its_name(exchange) -> None:
    assert say(exchange, "", text="犬").status_code == 422
    assert exchange.get("talks/nobody").status_code == 404


def test_what_was_not_offered_cannot_be_chosen(exchange) -> None:
    say(exchange, "1", text="犬を飼いました")
    refused = say(exchange, "2", choose="manual:printer")
    assert refused.status_code == 409
    assert refused.json()["title"]


def test_residents_answers_only(exchange) -> None:
    said = say(exchange, "1", text="複合機の紙詰まりの直し方").json()
    assert "ふた" not in said["say"]
    assert all("複合機" not in one["text"] for one in said["choices"])


def test_a_my_number_is_said_to_have_been_removed(exchange) -> None:
    assert say(exchange, "1", text="123456789018 で犬を登録").json()["masked"]
