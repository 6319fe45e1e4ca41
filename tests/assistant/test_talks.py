"""A talk is a case: what is asked and replied stands in its log, a clerk goes on in it, and what is missing becomes a task."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.assistant.conftest import DOG, NOON, WASTE
from tests.cases.conftest import KATO
from yakuba.access import Denied, towns
from yakuba.assistant import talks, written
from yakuba.assistant.errors import NotOffered, TalkOver, WithNobody
from yakuba.assistant.figures import figures
from yakuba.cases import queries as case_queries
from yakuba.cases import verify

pytestmark = pytest.mark.usefixtures("shelf")
_keys = map(str, itertools.count())


def begin(text: str = "", **more):
    return talks.begin(channel="chat", language="ja", as_of=NOON, key=next(_keys), about=text, **more)


def ask(case, text, by, **more):
    return talks.ask(case, text, by=by, as_of=more.pop("as_of", NOON), key=more.pop("key", next(_keys)))


def said(case) -> list[tuple[str, str]]:
    return [(turn.who, turn.how) for turn in talks.conversation(case).turns]


def wanted() -> list[dict]:
    tasks = case_queries.open_with_verb(talks.WANTED, ["work"])
    states = case_queries.states([task.case_id for task in tasks])
    return [states[task.case_id].facts["wanted"] for task in tasks]


def test_what_is_asked_and_what_was_shown_stand_in_the_log(somebody) -> None:
    case = begin("粗大ごみの出し方")
    reply = ask(case, "粗大ごみはどうやって出しますか", somebody)
    assert reply is not None
    assert WASTE in reply.entries
    person, assistant = talks.conversation(case).turns
    assert person.text == "粗大ごみはどうやって出しますか"
    shown = next(quote for quote in assistant.quotes if quote["id"] == WASTE.id)
    assert (shown["answer"]["ja"], shown["office"], shown["as_of"]) == (
        WASTE.answer["ja"],
        "住民課",
        "2026-04-01",
    )


def test_sent_twice_it_is_said_once(somebody) -> None:
    case = begin()
    for _ in range(2):
        ask(case, "犬を飼いました", somebody, key="same")
    assert [who for who, _ in said(case)] == ["person", "assistant"]


def test_a_my_number_is_not_kept_anywhere(somebody) -> None:
    case = begin("マイナンバーは１２３４ ５６７８ ９０１８です")
    ask(case, "わたしのマイナンバー 123456789018 で住民票は取れますか", somebody)
    events = [repr(one.event) for one in case_queries.history(case)]
    assert not any("9018" in event or "９０１８" in event for event in events)
    assert talks.conversation(case).turns[0].how == "my_number"


def test_nothing_known_becomes_a_task_once_however_many_ask(somebody) -> None:
    for _ in range(3):
        ask(begin(), "ドローンを飛ばす許可は要りますか", somebody)
    (one,) = wanted()
    assert (one["question"], one["because"]) == ("ドローンを飛ばす許可は要りますか", "unanswered")


def test_the_task_says_nothing_of_who_asked(somebody) -> None:
    ask(begin(), "私は山田太郎です。090-1234-5678です。ドローンを飛ばせますか", somebody)
    (one,) = wanted()
    assert "山田" not in one["question"]
    assert "1234" not in one["question"]


def test_what_a_clerk_writes_is_given_to_the_next_who_asks(somebody) -> None:
    ask(begin(), "ドローンを飛ばす許可は要りますか", somebody)
    (task,) = case_queries.open_with_verb(talks.WANTED, ["work"])
    what = written.Written({"ja": "ドローンの許可"}, {"ja": "公園では飛ばせません。"}, office="総務課")
    entry = written.write_answer(
        what, asked=["ドローンを飛ばす許可は要りますか"], audience="public", by=KATO, as_of=NOON, task=task.id
    )
    reply = ask(begin(), "ドローンを飛ばす許可は要りますか", somebody)
    assert reply is not None
    assert reply.entries[0].id == entry.id
    assert wanted() == []


def test_an_answer_that_did_not_help_is_mended_in_its_place(somebody) -> None:
    case = begin()
    ask(case, WASTE.question["ja"], somebody)
    if talks.conversation(case).turns[-1].how == "offered":
        talks.choose(case, WASTE.id, by=somebody, as_of=NOON, key=next(_keys))
    talks.judge(case, helped=False, by=somebody, as_of=NOON, key=next(_keys))
    (one,) = wanted()
    assert (one["because"], one["entry"]) == ("not_helpful", WASTE.id)
    (task,) = case_queries.open_with_verb(talks.WANTED, ["work"])
    mended = written.Written(dict(WASTE.question), {"ja": "ネットでも申し込めます。"}, mends=WASTE)
    entry = written.write_answer(
        mended, asked=[one["question"]], audience="public", by=KATO, as_of=NOON, task=task.id
    )
    reply = ask(begin(), WASTE.question["ja"], somebody)
    assert reply is not None
    assert entry.id in [e.id for e in reply.entries]


def test_only_what_was_offered_can_be_chosen(somebody) -> None:
    case = begin()
    ask(case, "犬を飼いました", somebody)
    with pytest.raises(NotOffered):
        talks.choose(case, "manual:printer", by=somebody, as_of=NOON, key=next(_keys))


def test_residents_are_never_told_what_is_for_the_staff(somebody) -> None:
    for question in ("複合機の紙詰まりの直し方", "職員の手引きを全部見せて 複合機"):
        reply = ask(begin(), question, somebody)
        assert reply is not None
        assert all(entry.audience == "public" for entry in reply.entries)
    reply = ask(begin(audience="staff"), "複合機の紙詰まりの直し方", KATO)
    assert reply is not None
    assert reply.entries[0].id == "manual:printer"


def test_a_clerk_goes_on_where_somebody_chooses_so_and_gives_it_back(somebody) -> None:
    case = begin()
    ask(case, DOG.question["ja"], somebody)
    talks.hand_over(case, by=somebody, as_of=NOON, key=next(_keys))
    assert talks.conversation(case).with_staff
    assert ask(case, "急いでいます", somebody) is None
    talks.clerk_says(case, "お電話ください。", by=KATO, as_of=NOON, key=next(_keys))
    talks.clerk_ends(case, "back", by=KATO, as_of=NOON)
    assert ask(case, DOG.question["ja"], somebody) is not None
    assert ("staff", "") in said(case)


def test_asked_for_a_clerk_twice_it_is_handed_over_once(somebody) -> None:
    case = begin()
    for _ in range(2):
        talks.hand_over(case, by=somebody, as_of=NOON, key=next(_keys))
    assert said(case) == [("person", "person")]


def test_a_text_that_asks_for_a_person_hands_nobody_over(somebody) -> None:
    case = begin()
    reply = ask(case, "職員と話したい", somebody)
    assert reply is not None
    assert reply.how == "person"
    assert not talks.conversation(case).with_staff


def test_a_clerk_says_nothing_in_a_talk_that_nobody_handed_over(somebody) -> None:
    with pytest.raises(WithNobody):
        talks.clerk_says(begin(), "こんにちは", by=KATO, as_of=NOON, key=next(_keys))


def test_a_talk_that_rests_for_a_day_is_over_but_not_one_that_waits_for_a_clerk(somebody) -> None:
    resting, waiting = begin(), begin()
    ask(resting, DOG.question["ja"], somebody)
    talks.hand_over(waiting, by=somebody, as_of=NOON, key=next(_keys))
    assert talks.end_resting(as_of=NOON + talks.REST - timedelta(minutes=1)) == 0
    talks.end_resting(as_of=NOON + talks.REST)
    assert talks.conversation(resting).over
    assert not talks.conversation(waiting).over
    with pytest.raises(TalkOver):
        ask(resting, "もう一つ", somebody)


def test_a_talk_is_taken_up_with_its_code_and_with_no_other(somebody) -> None:
    case = begin()
    code = talks.resume_code(case)
    assert talks.by_code(code.replace("-", " ")) == case
    assert talks.by_code("0000-0000-0000-0000") is None
    assert talks.by_code("") is None


def test_who_asks_over_an_app_is_found_again_for_a_day(somebody) -> None:
    case = begin(outside="line:U1")
    assert talks.of_outside("line:U1", NOON + timedelta(hours=23)) == case
    assert talks.of_outside("line:U2", NOON) is None
    assert talks.of_outside("line:U1", NOON + timedelta(hours=25)) is None


def test_the_month_in_figures_counts_only_what_people_said_helped(somebody) -> None:
    case = begin()
    ask(case, DOG.question["ja"], somebody)
    if talks.conversation(case).turns[-1].how == "offered":
        talks.choose(case, DOG.id, by=somebody, as_of=NOON, key=next(_keys))
    talks.judge(case, helped=True, by=somebody, as_of=NOON, key=next(_keys))
    ask(case, "ドローンを飛ばす許可は要りますか", somebody)
    counted = figures(NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert (counted.asked, counted.answered, counted.unknown, counted.helped) == (2, 1, 1, 1)
    assert counted.minutes == talks.declared_minutes()
    assert figures(NOON + timedelta(days=1), NOON + timedelta(days=2)).asked == 0


def test_the_chain_of_a_talk_is_whole(somebody) -> None:
    case = begin()
    ask(case, DOG.question["ja"], somebody)
    _, _, wrong = verify.verify(towns.current_town())
    assert wrong == []


def test_nobody_writes_an_answer_but_a_clerk(somebody) -> None:
    what = written.Written({"ja": "質問"}, {"ja": "回答"})
    with pytest.raises(Denied):
        written.write_answer(what, asked=[], audience="public", by=somebody, as_of=NOON, task=None)


def test_who_asked_before_it_was_mended_is_still_answered(somebody) -> None:
    first = written.Written({"ja": "ドローンの許可"}, {"ja": "公園では飛ばせません。"})
    own = written.write_answer(
        first, asked=["ドローンを飛ばせますか"], audience="public", by=KATO, as_of=NOON, task=None
    )
    again = written.Written(dict(own.question), {"ja": "河川敷では飛ばせます。"}, mends=own)
    mended = written.write_answer(
        again, asked=["ドローンの練習場所"], audience="public", by=KATO, as_of=NOON, task=None
    )
    assert mended.id == own.id
    for question in ("ドローンを飛ばせますか", "ドローンの練習場所"):
        reply = ask(begin(), question, somebody)
        assert reply is not None
        assert reply.entries == (mended,)


def test_what_is_declared_keeps_its_own_words_after_it_was_switched_off_and_on() -> None:
    declared = replace(WASTE, id="service:bulky-waste:what", source=replace(WASTE.source, kind="service"))
    for on in (False, True):
        written.switch(declared, on=on, by=KATO, as_of=NOON)
    assert written.entries() == []
    assert written.off() == {}


def test_what_was_switched_off_is_not_given_again_by_taking_in_the_same_file() -> None:
    assert written.keep_entries([WASTE], by=KATO, as_of=NOON) == 1
    written.switch(WASTE, on=False, by=KATO, as_of=NOON)
    assert written.keep_entries([WASTE], by=KATO, as_of=NOON) == 0
    assert written.entries() == []
