"""A long case in a few lines: who asked for what, what was decided and why, what waits and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cases.conftest import KATO, MONDAY, SATO, UNSURE, apply, open_task, small
from yakuba.assistant.facts_in_text import unfounded
from yakuba.assistant.helping.summary import LAST, QUOTED, About, summary
from yakuba.cases import actions, queries
from yakuba.cases.models import Case
from yakuba.clock import say_date, say_datetime

__all__ = ["apply", "small"]


def told(case: Case, language: str = "ja") -> str:
    case = Case.objects.get(id=case.id)
    tasks = [task for task in queries.tasks_of(case.id) if task.status == "open"]
    decided = queries.last_decision(case.id)
    missing = decided.missing if decided and case.decision is None else []
    names = {KATO.id: "加藤", SATO.id: "佐藤"}
    return summary(
        About(
            case,
            queries.service_of(case),
            queries.history(case.id),
            tasks,
            missing,
            names,
            str.upper,
            language,
        )
    )


@pytest.fixture
def long_case(apply) -> Case:
    """Left to a person, sent back, answered, proposed, with many remarks."""
    case = apply(UNSURE)
    actions.return_for_correction(
        open_task(case, "review"),
        by=KATO,
        as_of=MONDAY,
        message="課税の有無を教えてください。",
        asks=["members"],
    )
    answer = {"members": [{"birth_date": "1950-01-01"}], "applicant": {"phone": "090-1234-5678"}}
    actions.answer(case.id, answer, by=KATO, as_of=MONDAY + timedelta(days=2))
    for n in range(5):
        actions.note(case.id, f"電話 {n}回目", by=KATO, as_of=MONDAY + timedelta(days=3))
    return case


def test_it_says_who_asked_what_when_and_what_was_decided_and_why(long_case):
    text = told(long_case)
    assert "令和7年5月12日（月）　加藤：補正を求めた、世帯員、「課税の有無を教えてください。」" in text
    assert "職員の審査になった、分からない条件：世帯全員が非課税であること" in text
    assert "令和7年5月14日（水）" in text
    assert "申請者が答えた" in text


def test_what_a_guarded_answer_says_is_not_in_it(long_case):
    assert "1234" not in told(long_case)


def test_the_last_remarks_stand_in_it_word_for_word_with_their_day(long_case):
    remarks = told(long_case).split("【最近のメモ】")[1].split("【")[0]
    assert remarks.strip().splitlines() == [
        f"令和7年5月15日（木）　加藤：「電話 {n}回目」" for n in (2, 3, 4)
    ]


def test_it_says_what_waits_and_until_when(apply):
    stands = told(apply(UNSURE)).split("【いまの状態】")[1]
    assert "待っている作業：REVIEW（職員、期限 令和7年5月19日（月）" in stands
    assert "足りないこと：" in stands


def test_a_decided_case_says_the_reason_that_was_written(apply):
    case = apply(UNSURE)
    for who in (KATO, SATO):
        actions.decide(
            open_task(case, "review"),
            by=who,
            as_of=MONDAY,
            outcome="refused",
            reason="課税証明書で課税を確かめた",
        )
    (line,) = [one for one in told(case).splitlines() if "佐藤" in one]
    assert line.endswith("「課税証明書で課税を確かめた」")


def test_a_very_long_case_keeps_its_beginning_and_its_end(apply):
    case = apply(UNSURE)
    for n in range(30):
        to, why = MONDAY + timedelta(days=40 + n), f"延長 {n} " + "長い" * QUOTED
        actions.extend(case.id, "legal", to, by=KATO, as_of=MONDAY, reason=why)
    course = told(case).split("【いまの状態】")[0].splitlines()
    assert "受け付けた" in course[1]
    assert "延長 29" in "".join(course)
    assert any("件は省きました" in line for line in course)
    assert len(course) < LAST + 8
    assert max(map(len, course)) < QUOTED + 80


@pytest.mark.parametrize(
    ("language", "day"),
    [("ja", "令和7年5月12日（月）"), ("easy", "2025年5月12日（月曜日）"), ("en", "12 May 2025 (Mon)")],
)
def test_it_is_told_in_three_languages_and_its_facts_stand_in_the_log(language, day, long_case):
    case, text = Case.objects.get(id=long_case.id), told(long_case, language)
    log = [
        f"{one.event} {one.at.isoformat()} {say_date(one.at.date(), language)}"
        for one in queries.history(case.id)
    ]
    due = [say_datetime(one, language) for one in (case.norm_due, case.legal_due, *_due(case))]
    declared = [
        f"{one.because.get(language)} {one.law}" for one in queries.service_of(case).conditions.values()
    ]
    assert day in text
    assert "{" not in text
    assert [
        one.said for one in unfounded(text, [*log, *due, *declared]) if one.kind in ("date", "time")
    ] == []


def _due(case: Case) -> list:
    return [task.due_at for task in queries.tasks_of(case.id) if task.due_at]
