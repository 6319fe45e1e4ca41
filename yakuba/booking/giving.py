"""Who works `allot` and `wait`: everybody who asks for places of a service is looked at together, in their order.

Those who wait come before those who ask for the first time. What is given follows from who asks and what is free, so a batch
that was cut off gives the same when it is done again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from yakuba.access import SYSTEM, towns
from yakuba.booking import queries
from yakuba.booking.models import Allotment, Place, Round
from yakuba.booking.ranking import Entrant, Given, give_out, lot, ranked
from yakuba.cases import actions as cases
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CaseState
from yakuba.cases.work import Waiting, works
from yakuba.declare import Service
from yakuba.words import Text

if TYPE_CHECKING:
    from yakuba.cases.models import Task

ALLOT, WAIT = "allot", "wait"
PLACED, WAITING, OVER = "placed", "waiting", "over"
"""How these steps end: a place was given, there is none yet, there will be none."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One who asks now: the open task, the case, and the codes of the places they wish for, the best first."""

    task: uuid.UUID
    case: uuid.UUID
    verb: str
    opened_at: datetime
    state: CaseState
    wishes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one who asks is told: the outcome, the place, and where they stand among those who wait."""

    outcome: str
    place: Place | None = None
    rank: int = 0
    of: int = 0


@works(ALLOT)
def allot(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Give a place or a turn on the waiting list; who is in a round that is not drawn yet is left to wait for it."""
    _work(tasks, as_of)


@works(WAIT)
def wait(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Give a place that became free, or say that there will be none; others go on waiting."""
    _work(tasks, as_of)


def _work(tasks: Sequence[Waiting], as_of: datetime) -> None:
    service = tasks[0].service
    towns.alone_with(f"booking:{service.id}")
    answers = _Desk(service, as_of).answers()
    answered = [(task, answers[task.id]) for task in tasks if task.id in answers]
    numbers = _hand_over([(task.case, a.place) for task, a in answered if a.place], as_of)
    entries = [_entry(task, answer, numbers) for task, answer in answered]
    cases.record_many(entries, by=SYSTEM(towns.current_town()), as_of=as_of, locked=[t.locked for t in tasks])


def asking(service: str) -> list[Asking]:
    """Everybody who asks for a place of a service now, those who asked first before the others."""
    return [_asking(task) for task in case_queries.open_with_verb(service, (ALLOT, WAIT))]


def _asking(task: Task) -> Asking:
    state = case_queries.state(task.case)
    wishes = queries.wishes_of(case_queries.service_of(task.case), state.facts)
    return Asking(task.id, task.case_id, task.verb, task.case.opened_at, state, wishes)


class _Desk:
    """All who ask for places of a service, and what is free, at one moment."""

    def __init__(self, service: Service, as_of: datetime):
        self._as_of = as_of
        self._asking = asking(service.id)
        codes = {code for one in self._asking for code in one.wishes}
        self._places = {p.code: p for p in Place.objects.filter(code__in=codes).select_related("round")}
        book = service.book
        assert book is not None, f"{service.id} has steps that give places out, and no `book`"
        if book.order == "lottery":
            self._draw_what_has_closed(service)
        self._drawn = book.order != "received"

    def _draw_what_has_closed(self, service: Service) -> None:
        closed = {
            p.round_id for p in self._places.values() if p.round.closes and p.round.closes <= self._as_of
        }
        for found in Round.objects.select_for_update().filter(id__in=closed, drawn_at=None):
            draw(found, service, self._asking, by=SYSTEM(found.town).id, as_of=self._as_of)
            for place in self._places.values():
                if place.round_id == found.id:
                    place.round = found

    def answers(self) -> dict[uuid.UUID, _Answer]:
        """By task; who is not in it is left alone for now."""
        drawn = {one.task: found for one in self._asking if (found := self._result(one))}
        turns = self._turns(drawn)
        entrants = [Entrant(str(one.task), self._still_to_come(one)) for one in turns]
        given = give_out(entrants, self._free(drawn))
        answers = {task: self._answer_of(one) for task, one in drawn.items()}
        answers |= {one.task: self._answer_of(given[str(one.task)]) for one in turns}
        waiting = [one.task for one in turns if not answers[one.task].place]
        waiting += sorted((t for t, a in drawn.items() if a.place is None), key=lambda t: drawn[t].rank)
        return dict(self._settled(answers, waiting))

    def _result(self, one: Asking) -> Given | None:
        """What the draw gave to somebody who has not been told yet."""
        results = self._round_of(one).result if one.verb == ALLOT and self._round_of(one) else None
        found = (results or {}).get(str(one.case))
        return Given(found["place"], found["rank"]) if found else None

    def _round_of(self, one: Asking) -> Any:
        place = next((self._places[code] for code in one.wishes if code in self._places), None)
        return place.round if place else None

    def _turns(self, drawn: Mapping[uuid.UUID, Given]) -> list[Asking]:
        """Whose turn it is, in order: those who wait, then those who ask for the first time and need no draw."""
        waiting = [one for one in self._asking if one.verb == WAIT]
        new = [one for one in self._asking if one.verb == ALLOT and one.task not in drawn]
        if self._drawn:
            new = [one for one in new if (found := self._round_of(one)) is None or found.drawn_at]
        return [*sorted(waiting, key=self._drawn_rank), *new]

    def _drawn_rank(self, one: Asking) -> tuple[int, datetime]:
        found = self._round_of(one)
        result = ((found.result if found else None) or {}).get(str(one.case))
        return (result["rank"] if result else 2**31, one.opened_at)

    def _still_to_come(self, one: Asking) -> tuple[str, ...]:
        return tuple(code for code in one.wishes if self._is_to_come(code))

    def _is_to_come(self, code: str) -> bool:
        place = self._places.get(code)
        return place is not None and (place.starts is None or place.starts > self._as_of)

    def _free(self, drawn: Mapping[uuid.UUID, Given]) -> Counter[str]:
        """What each place still takes, without what was drawn and is not handed over yet."""
        mine = [one.case for one in self._asking]
        taken = queries.taken_of([p.id for p in self._places.values()], besides=mine)
        reserved = Counter(given.place for given in drawn.values())
        return Counter({code: p.capacity - taken[p.id] - reserved[code] for code, p in self._places.items()})

    def _answer_of(self, given: Given) -> _Answer:
        place = self._places.get(given.place) if given.place else None
        return _Answer(PLACED, place) if place else _Answer(WAITING)

    def _settled(
        self, answers: Mapping[uuid.UUID, _Answer], waiting: Sequence[uuid.UUID]
    ) -> Iterator[tuple[uuid.UUID, _Answer]]:
        """The answers with the turn on the waiting list; who waits already hears only of a place, or of the end."""
        position = {task: number for number, task in enumerate(waiting, start=1)}
        for one in self._asking:
            answer = answers.get(one.task)
            if answer is None or answer.place:
                if answer:
                    yield one.task, answer
                continue
            over = not self._still_to_come(one)
            if one.verb == ALLOT or over:
                outcome = OVER if over and one.verb == WAIT else WAITING
                yield one.task, _Answer(outcome, None, position[one.task], len(waiting))


def _hand_over(given: Sequence[tuple[uuid.UUID, Place]], as_of: datetime) -> dict[uuid.UUID, int]:
    """Enter who has which place; returns the number of each case in its place, counted from 1."""
    Allotment.objects.filter(case__in=[case for case, _ in given]).delete()  # decided anew
    places = {place.id for _, place in given}
    last = Counter(
        dict(Allotment.objects.filter(place__in=places).values_list("place").annotate(last=Max("number")))
    )
    rows = []
    for case, place in given:
        last[place.id] += 1
        rows.append(Allotment(town=place.town, place=place, case=case, number=last[place.id], at=as_of))
    Allotment.objects.bulk_create(rows)
    return {row.case: row.number for row in rows}


def _entry(task: Waiting, answer: _Answer, numbers: Mapping[uuid.UUID, int]) -> cases.Entry:
    language = task.state.language
    said: dict[str, Any] = {"rank": answer.rank, "of": answer.of}
    if answer.place:
        said = {
            "code": answer.place.code,
            "name": Text(**answer.place.name).get(language),
            "when": queries.when(answer.place, language),
            "number": numbers[task.case],
        }
    done = e.StepDone(step=task.step.id, attempt=task.attempt, outcome=answer.outcome, facts={"place": said})
    return cases.Entry(task.case, done, f"given:{task.id}")


def draw(found: Round, service: Service, asked: Sequence[Asking], *, by: str, as_of: datetime) -> None:
    """Rank everybody who asks for a place of the round and give the places out; written into the round, once."""
    codes = set(found.places.values_list("code", flat=True))
    entering = [one for one in asked if one.verb == ALLOT and one.wishes and one.wishes[0] in codes]
    entrants = ranked([_entrant(one, found, service, values) for one, values in _with_values(entering)])
    given = give_out(entrants, dict(found.places.values_list("code", "capacity")))
    found.result = {
        one.case: {"place": given[one.case].place, "rank": given[one.case].rank, "points": one.points}
        for one in entrants
    }
    found.drawn_at, found.drawn_by = as_of, by
    found.save(update_fields=["result", "drawn_at", "drawn_by"])


def _with_values(entering: Sequence[Asking]) -> list[tuple[Asking, Mapping[str, Any]]]:
    grounds = case_queries.grounds([one.case for one in entering])
    return [(one, grounds[one.case].values if one.case in grounds else {}) for one in entering]


def _entrant(one: Asking, found: Round, service: Service, values: Mapping[str, Any]) -> Entrant:
    assert service.book is not None
    points = sum(values.get(name) or 0 for name in service.book.points)
    ties = tuple(values.get(name) or 0 for name in service.book.ties)
    return Entrant(str(one.case), one.wishes, points, ties, lot(bytes(found.seed), one.state.reference))
