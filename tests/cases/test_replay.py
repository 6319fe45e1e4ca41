"""Whatever happens to a case, its rows follow from its log, and an open case always has somebody to move it on."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import cache

import orjson
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases.conftest import ACCOUNT, GOOD, KATO, MONDAY, SATO, UNSURE, open_task, staff, tamper
from yakuba import declare
from yakuba.access import SYSTEM, Denied
from yakuba.cases import actions, catalogue, jobs, moving, queries, replay, retention, verify
from yakuba.cases.errors import CaseError
from yakuba.cases.models import Case, Task

pytestmark = pytest.mark.django_db

MANAGER = staff("goto", "manager")
FIRST = [
    GOOD,
    UNSURE,
    {**GOOD, "account": {**ACCOUNT, "branch": "998"}},
    {**GOOD, "applicant": {**GOOD["applicant"], "resident": False, "email": "taro@example.jp"}},
]


def a_task(case: Case, which: int, by: str = "staff") -> object:
    """One of the open tasks of the case. Raises CaseError where there is none."""
    tasks = list(Task.objects.filter(case=case, status="open", by=by).order_by("step", "attempt"))
    if not tasks:
        raise actions.NotOpen("any")
    return tasks[which % len(tasks)].id


@cache
def newer() -> declare.Service:
    """The same service for older people, with one step more, and with a review that others do."""
    parts = orjson.loads(catalogue.service("heating").bundle)
    steps = parts["service"]["steps"]
    steps.insert(2, {"id": "check", "by": "staff", "do": "work", "role": "clerk", "after": ["review"]})
    steps[1]["role"] = "approver"
    parts["service"]["params"]["age"]["values"] = {"2024-04-01": 80}
    return declare.from_bundle(orjson.dumps(parts).decode())


MOVES = {
    "drain": lambda case, n, at: jobs.drain(case.town, as_of=at),
    "take": lambda case, n, at: actions.take(a_task(case, n), by=KATO, as_of=at),
    "release": lambda case, n, at: actions.release(a_task(case, n), by=KATO, as_of=at),
    "assign": lambda case, n, at: actions.assign(a_task(case, n), SATO.id, by=MANAGER, as_of=at),
    "grant": lambda case, n, at: actions.decide(
        open_task(case, "review"), by=(KATO, SATO)[n % 2], as_of=at, outcome="granted", amount=7000
    ),
    "refuse": lambda case, n, at: actions.decide(
        open_task(case, "review"), by=(KATO, SATO)[n % 2], as_of=at, outcome="refused", reason="対象外"
    ),
    "finish": lambda case, n, at: actions.finish(
        a_task(case, n), by=KATO, as_of=at, facts={"account": ACCOUNT} if n % 2 else {}
    ),
    "fail": lambda case, n, at: actions.fail(
        a_task(case, n, by="system"), by=SYSTEM(case.town), as_of=at, reason="だめ", final=n % 2 == 0
    ),
    "return": lambda case, n, at: actions.return_for_correction(
        a_task(case, n), by=KATO, as_of=at, message="直してください", asks=["members"]
    ),
    "answer": lambda case, n, at: actions.answer(
        case.id, {"members": GOOD["members"]} if n % 2 else {}, by=SATO, as_of=at
    ),
    "withdraw": lambda case, n, at: actions.withdraw(case.id, by=SYSTEM(case.town), as_of=at),
    "reopen": lambda case, n, at: actions.reopen(case.id, by=MANAGER, as_of=at, reason="再調査"),
    "object": lambda case, n, at: actions.object_to(case.id, "納得できません", by=KATO, as_of=at),
    "extend": lambda case, n, at: actions.extend(
        case.id, "legal", at + timedelta(days=40 * (n + 1)), by=MANAGER, as_of=at, reason="調査"
    ),
    "pause": lambda case, n, at: actions.pause(case.id, "returned", by=MANAGER, as_of=at),
    "resume": lambda case, n, at: actions.resume(case.id, "returned", by=MANAGER, as_of=at),
    "migrate": lambda case, n, at: moving.run(
        case.town,
        (newer(), catalogue.service("heating"))[n % 2],
        by=MANAGER,
        as_of=at,
        reason="改正",
        correct=n > 2,
    ),
    "note": lambda case, n, at: actions.note(case.id, "覚え書き", by=KATO, as_of=at),
}
HISTORIES = st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.integers(0, 5)), max_size=14)


def live(case: Case, moves: list[tuple[str, int]]) -> None:
    """Everything that can happen happens; what cannot is refused and leaves nothing behind."""
    for hour, (name, number) in enumerate(moves):
        with suppress(CaseError, Denied, Task.DoesNotExist), transaction.atomic():
            MOVES[name](case, number, MONDAY + timedelta(hours=7 * hour))


def rows() -> tuple[list[dict], list[dict]]:
    return tuple(list(model.objects.order_by("id").values()) for model in (Case, Task))


def stuck(case: Case) -> str:
    """Why nobody would ever move this case on; empty where somebody will."""
    now = queries.state(Case.objects.get(id=case.id))
    open_steps = {name for name, step in now.steps.items() if step.status == "open"}
    match now.state:
        case "returned":
            return "" if "answer" in open_steps else "returned, and nothing asks for an answer"
        case "open":
            telling = {"objection", "tell-received", "tell-returned"}
            return "" if open_steps - telling else f"open without an open step: {now.steps}"
    return ""


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=st.sampled_from(FIRST), moves=HISTORIES)
def test_whatever_happened_the_log_gives_the_same_rows_and_no_case_is_stuck(apply, in_town, first, moves):
    with transaction.atomic():
        case = apply(first, worked=False, identified=bool(len(moves) % 3))
        live(case, moves)
        assert stuck(case) == ""
        before = rows()
        assert verify.verify(in_town)[2] == []
        replay.rebuild(in_town)
        assert rows() == before
        transaction.set_rollback(True)


def test_a_rebuild_makes_a_case_whose_row_was_lost(apply, in_town):
    apply(UNSURE)
    before = rows()
    Task.objects.all().delete()
    tamper("delete from cases_case")
    replay.rebuild(in_town)
    assert rows() == before


def test_a_rebuild_after_personal_data_was_removed_keeps_every_task(apply, in_town):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], "email": "taro@example.jp"}})
    retention.anonymise([case.id], as_of=MONDAY)
    before = rows()
    assert verify.verify(in_town)[2] == []
    replay.rebuild(in_town)
    assert rows() == before
