"""What is replied to a question: quotations, candidates, the way to the conditions, or that nothing is known."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from yakuba.assistant.knowledge import Entry, Source
from yakuba.assistant.replying import Asked, Replier, is_own_question


def entry(id: str, *, service: str | None = None) -> Entry:
    return Entry(id, {"ja": f"{id}とは"}, {"ja": f"{id}の説明"}, Source("faq", id), service=service)


@dataclass
class Candidate:
    entry: Entry
    score: float


@dataclass
class Found:
    candidates: list[Candidate]
    in_scope: bool = True
    sure: bool = False


@dataclass
class Shelf:
    """Finds what it was told to, and remembers what it was asked for."""

    found: dict[str, Found] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    otherwise: Found = field(default_factory=lambda: Found([], in_scope=False))

    def search(self, question: str, *, audience: str = "public", most: int = 5) -> Found:
        self.asked.append(question)
        return self.found.get(question, self.otherwise)


ALLOWANCE, WASTE, TAX = entry("手当", service="child-allowance"), entry("ごみ"), entry("税")
THREE = [Candidate(ALLOWANCE, 0.6), Candidate(WASTE, 0.3), Candidate(TAX, 0.1)]


def replier(shelf: Shelf, *, tried: str = "child-allowance", urgent: Entry | None = None) -> Replier:
    return Replier(
        shelf,
        lambda text: urgent if "助けて" in text else None,
        lambda text, audience: TAX if text == "税はいつ払いますか" else None,
        lambda text: ALLOWANCE if "子ども手当" in text else None,
        lambda service: service == tried,
    )


def test_one_answer_alone_where_it_is_sure() -> None:
    reply = replier(Shelf(otherwise=Found(THREE, sure=True))).reply(Asked("手当とは"))
    assert (reply.how, reply.entries, reply.sureness) == ("answered", (ALLOWANCE,), 0.6)


def test_the_answer_that_was_written_for_this_very_question_is_given_without_a_search() -> None:
    shelf = Shelf(otherwise=Found(THREE))
    assert replier(shelf).reply(Asked("税はいつ払いますか")).entries == (TAX,)
    assert shelf.asked == []


def test_several_to_choose_from_where_it_is_not() -> None:
    reply = replier(Shelf(otherwise=Found(THREE))).reply(Asked("手当とは"))
    assert (reply.how, reply.entries) == ("offered", (ALLOWANCE, WASTE, TAX))


def test_what_is_not_about_a_town_hall_is_not_answered_but_the_nearest_are_named() -> None:
    reply = replier(Shelf(otherwise=Found(THREE, in_scope=False))).reply(Asked("株価は"))
    assert (reply.how, len(reply.entries)) == ("unknown", 3)
    assert replier(Shelf()).reply(Asked("株価は")).entries == ()


def test_danger_goes_before_everything() -> None:
    help_ = entry("相談")
    shelf = Shelf(otherwise=Found(THREE, sure=True))
    reply = replier(shelf, urgent=help_).reply(Asked("助けて。手当はもらえますか"))
    assert (reply.how, reply.entries, shelf.asked) == ("urgent", (help_,), [])


def test_a_persons_own_question_goes_to_the_conditions_however_sure_a_text_is() -> None:
    reply = replier(Shelf(otherwise=Found(THREE, sure=True))).reply(Asked("手当はもらえますか"))
    assert (reply.how, reply.service) == ("conditions", "child-allowance")


def test_a_service_that_is_named_is_tried_without_a_search() -> None:
    shelf = Shelf()
    assert replier(shelf).reply(Asked("子ども手当はもらえますか")).service == "child-allowance"
    assert shelf.asked == []
    assert replier(shelf).reply(Asked("子ども手当とは")).how == "unknown"


def test_a_service_without_conditions_is_only_quoted() -> None:
    reply = replier(Shelf(otherwise=Found(THREE, sure=True)), tried="").reply(Asked("手当はもらえますか"))
    assert (reply.how, reply.service) == ("answered", "")


@pytest.mark.parametrize(
    ("asked", "own"),
    [
        ("児童手当は受けられますか", True),
        ("うちは医療費助成の対象になりますか？", True),
        ("この補助金、申請できますか", True),
        ("Can I get the child allowance?", True),
        ("児童手当の金額は？", False),
        ("転入届に必要なものは？", False),
        ("私の住民票を取りたいのですがどこへ行けばいいですか", False),
    ],
)
def test_what_is_a_persons_own_question(asked: str, own: bool) -> None:
    assert is_own_question(asked) is own


def test_a_short_question_goes_on_with_what_was_talked_about() -> None:
    together = Found([Candidate(ALLOWANCE, 0.9)], sure=True)
    shelf = Shelf({"手当とは 持ち物は？": together}, otherwise=Found([Candidate(TAX, 0.2)]))
    assert replier(shelf).reply(Asked("持ち物は？", about="手当とは")).entries == (ALLOWANCE,)
    assert shelf.asked == ["持ち物は？", "手当とは 持ち物は？"]


def test_a_question_that_stands_for_itself_is_asked_alone() -> None:
    shelf = Shelf(otherwise=Found([Candidate(TAX, 0.2)]))
    replier(shelf).reply(Asked("固定資産税の納め方を教えてください", about="手当とは"))
    assert shelf.asked == ["固定資産税の納め方を教えてください"]


@pytest.mark.parametrize("text", ["ありがとうございます！", "こんにちは", "thank you".replace(" ", "")])
def test_a_greeting_is_no_question(text: str) -> None:
    assert replier(Shelf()).reply(Asked(text)).how == "courtesy"


@pytest.mark.parametrize("text", ["職員と話したい", "人と話せますか", "I want to talk to a person"])
def test_who_asks_for_a_person_is_shown_the_ways_to_one_and_chooses(text: str) -> None:
    assert replier(Shelf()).reply(Asked(text)).how == "person"


@pytest.mark.parametrize("text", ["", "   ", "　"])
def test_nothing_asked_is_said_to_be_nothing(text: str) -> None:
    assert replier(Shelf()).reply(Asked(text)).how == "empty"
