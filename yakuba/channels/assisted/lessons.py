"""Lessons and visits by supporters (`services/lesson`), and what people can do afterwards: did the next request come in without
a helper? Read off the log; nobody is asked to tick anything."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yakuba.access import SYSTEM, Resource, Worker, require, towns
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CaseState
from yakuba.channels.assisted import consent, roster
from yakuba.channels.assisted.errors import NotListed
from yakuba.words import Text

SERVICE = "lesson"
TEACH = "teach"
ARRANGE = ("arrange", "arrange-again")
"""The steps in which a supporter is found: the first one, and another in the place of who cannot come."""
OUTCOMES = ("taught", "absent")
BESIDES = (SERVICE, consent.SERVICE, roster.SERVICE, "call-back", "question")
"""Not what somebody learned for: the lesson itself, consents, calls."""
ONLINE = ("web", "api", "chat")
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson that is still to be arranged or given. `place`: what was given out at the hall; `task`: of the step that waits."""

    case: uuid.UUID
    reference: str
    task: uuid.UUID
    step: str
    holder: str
    name: str
    phone: str
    address: str
    topic: Text | None
    where: Text | None
    times: str
    agreed: str

    def resource(self) -> Resource:
        """The lesson as the policy sees it: its `helper` is who is to give it."""
        attributes = {"service": SERVICE, "reference": self.reference, "state": "open", "helper": self.holder}
        return Resource("Case", str(self.case), towns.current_town(), attributes)


def waiting() -> list[Lesson]:
    """Lessons that somebody has to arrange or to give, in the order in which they came in."""
    tasks = case_queries.open_with_verb(SERVICE, ["work"])
    states = case_queries.states([one.case_id for one in tasks])
    return [_lesson(one, states[one.case_id]) for one in tasks if one.step in (*ARRANGE, TEACH)]


def of_supporter(supporter: roster.Supporter) -> list[Lesson]:
    """The lessons that somebody on the roster is to give."""
    return [one for one in waiting() if one.step == TEACH and one.holder == supporter.worker]


def _lesson(task: case_queries.Task, state: CaseState) -> Lesson:
    service = case_queries.service_of(task.case)

    def chosen(name: str) -> Text | None:
        return service.facts[name].choices.get(str(state.fact(name)))

    def said(name: str) -> str:
        return str(state.fact(name) or "")

    return Lesson(
        task.case_id,
        state.reference,
        task.id,
        task.step,
        task.holder or "",
        said("applicant.name"),
        said("applicant.phone"),
        said("applicant.address"),
        chosen("lesson.topic"),
        chosen("lesson.where"),
        said("lesson.times"),
        said("lesson.agreed"),
    )


def arrange(task: uuid.UUID, number: str, agreed: str, *, by: Worker, as_of: datetime) -> None:
    """A clerk has found a supporter and agreed on a time. Raises NotListed for one who may not help or has no account,
    cases.CaseError, access.Denied."""
    supporter = roster.by_number(number, as_of=as_of)
    if supporter is None or not supporter.worker:
        raise NotListed("no_such_supporter")
    if not agreed or len(agreed) > LONGEST:
        raise NotListed("time_needed", most=LONGEST)
    found = next((one for one in waiting() if one.task == task and one.step in ARRANGE), None)
    if found is None:
        raise NotListed("not_waiting")
    with transaction.atomic():
        cases.finish(task, by=by, as_of=as_of, facts={"lesson": {"agreed": agreed}})
        teach = case_queries.open_task(found.case, TEACH)
        assert teach is not None  # it comes after the step that was just done
        cases.assign(teach.id, supporter.worker, by=by, as_of=as_of)


def look_for_another(task: uuid.UUID, *, by: Worker, as_of: datetime) -> None:
    """Whoever was to give the lesson cannot: a clerk has to find another supporter. Raises NotListed for a lesson that is not to be
    given, cases.CaseError, access.Denied."""
    lesson = next((one for one in waiting() if one.task == task and one.step == TEACH), None)
    if lesson is None:
        raise NotListed("not_waiting")
    _take_back(lesson, by=by, as_of=as_of)


def _take_back(lesson: Lesson, *, by: Worker, as_of: datetime) -> None:
    cases.hand_over(lesson.task, by=by, as_of=as_of, reason="no_supporter")


def tidy(*, as_of: datetime) -> int:
    """Look for another supporter for each lesson whose supporter is on the roster no more; returns for how many."""
    to_give = [one for one in waiting() if one.step == TEACH]
    if not to_give:
        return 0
    there = {one.worker for one in roster.listed(as_of)}
    left = [one for one in to_give if one.holder and one.holder not in there]
    for lesson in left:
        _take_back(lesson, by=SYSTEM(towns.current_town()), as_of=as_of)
    return len(left)


def given(task: uuid.UUID, outcome: str, *, by: Worker, as_of: datetime) -> None:
    """The supporter has given the lesson, or found nobody. Raises NotListed for one that is not theirs, and for who is on the
    roster no more; cases.CaseError, access.Denied."""
    supporter = roster.of_worker(by, as_of=as_of)
    theirs = of_supporter(supporter) if supporter else []
    lesson = next((one for one in theirs if one.task == task), None)
    if lesson is None or outcome not in OUTCOMES:
        raise NotListed("not_waiting")
    require(by, "helper.act", lesson.resource())
    cases.finish(task, by=by, as_of=as_of, outcome=outcome)


def afterwards(as_of: datetime) -> Mapping[str, int]:
    """Of everybody who was given a lesson until then: how the next request came in. `alone`: online without a helper; `helped`:
    online with one; `otherwise`: at the counter, by phone or on paper; `none`: none yet. Nothing is counted of people whom
    nobody found in the register."""
    found = Counter({"alone": 0, "helped": 0, "otherwise": 0, "none": 0})
    for one in case_queries.next_after(SERVICE, TEACH, "taught", besides=BESIDES, until=as_of):
        if one is None:
            found["none"] += 1
        elif one.helped:
            found["helped"] += 1
        else:
            found["alone" if one.channel in ONLINE else "otherwise"] += 1
    return dict(found)
