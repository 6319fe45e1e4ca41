"""The visits of a day, read from the log: what is asked, who goes, what is under way. The plan is nowhere else."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import Q

from yakuba.cases import queries as cases
from yakuba.cases.state import DONE, CaseState, StepState, step_of
from yakuba.clock import TOKYO, in_tokyo
from yakuba.declare import Service, Step
from yakuba.declare import model as declare
from yakuba.field.dispatch import crews
from yakuba.field.dispatch.check import cost_of
from yakuba.field.dispatch.day import DAY, Break, Day, Job, Map, Plan, Route, Technician, Window
from yakuba.field.dispatch.timing import timed
from yakuba.field.dispatch.travel import GreatCircle, Place
from yakuba.field.models import Absence, Ferry, OrderLine
from yakuba.field.models import Technician as Row
from yakuba.words import Text

VISIT = "visit"
"""The verb of steps that are done at somebody's place."""
DAY_ASKED = "visit.date"
"""The fact that says for which day a visit is asked."""
OPENS, CLOSES = 9 * 3600, 17 * 3600
"""When a visit may begin of which nobody said so: the usual opening hours."""
URGENT = 3
"""An urgent visit is worth so many times the travel of another. Provisional."""


class NotPlaceable(Exception):
    """A visit has no place, no day or no time that can be read; `why` is a code of `words/ui/visits.yaml`."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit as its case has it. `job` is the name that the plan knows it by: the task's id."""

    task: uuid.UUID
    case: uuid.UUID
    reference: str
    service: Service
    step: Step
    state: CaseState

    @property
    def job(self) -> str:
        return str(self.task)

    @property
    def progress(self) -> StepState:
        return self.state.steps[self.step.id]

    @property
    def who(self) -> list[str]:
        """Ids of the workers who come; empty while nobody does."""
        return list((self.progress.appointment or {}).get("who", ()))

    @property
    def begins(self) -> datetime | None:
        """When they begin, Asia/Tokyo."""
        said = (self.progress.appointment or {}).get("begins")
        return datetime.fromisoformat(said) if said else None

    @property
    def why(self) -> str:
        """Why nobody comes, as a code; "" when somebody does or nobody planned yet."""
        return (self.progress.appointment or {}).get("why", "")

    @property
    def begun(self) -> bool:
        """Somebody is there, or was."""
        return self.progress.status == DONE or self.progress.arrived_at is not None

    def fact(self, group: str, name: str) -> Any:
        """A fact of the case; None when it is not known."""
        return self.state.fact(f"{group}.{name}")

    @property
    def length(self) -> int:
        """Seconds that the work takes: the case's, else the step's."""
        return 60 * int(self.fact("visit", "minutes") or self._declared.minutes)

    @property
    def people(self) -> int:
        """How many people it needs: the case's word, else the step's."""
        return int(self.fact("visit", "people") or self._declared.people)

    @property
    def skills(self) -> frozenset[str]:
        """What whoever comes must be able to do: the step's skills, and the case's."""
        said = self.fact("visit", "skill")
        return frozenset([*self._declared.skills, *([said] if said else [])])

    @property
    def name(self) -> Text:
        """What the place is called; the service where nobody said."""
        said = self.fact("site", "name") or self.fact("site", "address")
        return Text.same(str(said)) if said else self.service.name

    @property
    def kind(self) -> Text | None:
        """What the visit is for; None where nobody said."""
        kinds = self.service.facts.get("visit.kind")
        return kinds.choices.get(self.fact("visit", "kind") or "") if kinds else None

    @property
    def window(self) -> str:
        """The times that were agreed on, as they were said."""
        opens, closes = (f"{second // 3600:02d}:00" for second in (OPENS, CLOSES))
        return f"{self.fact('visit', 'earliest') or opens}–{self.fact('visit', 'latest') or closes}"

    @property
    def _declared(self) -> declare.Visit:
        assert self.step.visit is not None, f"step {self.step.id} is no visit"
        return self.step.visit

    def mark(self) -> str:
        """Stands for who comes and when: whoever changes it says from which one they started."""
        said = f"{self.who}{self.begins}{self.progress.status}{self.progress.arrived_at}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Booked:
    """A day as it stands: all visits by job, the technicians' rows by worker; of what is still ahead, the map that engines
    work on and the plan that follows from the appointments. `unplaceable`: what nobody can be sent to, and why; `loose`:
    appointed, but it can be kept no more; `away`: who cannot work, from which second on."""

    on: date
    visits: Mapping[str, Visit]
    technicians: Mapping[str, Row]
    map: Map
    plan: Plan
    unplaceable: Mapping[str, str]
    loose: Sequence[str]
    away: Mapping[str, int]


def seconds_of(moment: datetime, on: date) -> int:
    """Seconds from midnight (Asia/Tokyo) of a day to a moment; negative before it."""
    return round((in_tokyo(moment) - midnight(on)).total_seconds())


def moment_of(seconds: int, on: date) -> datetime:
    """The moment so many seconds after a day's midnight, Asia/Tokyo."""
    return midnight(on) + timedelta(seconds=seconds)


def midnight(on: date) -> datetime:
    """When a day begins in Japan."""
    return datetime.combine(on, time(), TOKYO)


def read_time(said: str | None, otherwise: int) -> int:
    """Seconds from midnight of "09:30"; `otherwise` when nothing was said. Raises NotPlaceable."""
    if not said:
        return otherwise
    try:
        at = time.fromisoformat(said.strip().zfill(5))
    except ValueError as error:
        raise NotPlaceable("bad_time") from error
    return at.hour * 3600 + at.minute * 60


def of_day(on: date, who: str = "") -> list[Visit]:
    """The visits that are asked for a day: open, under way, and done; of one worker where `who` is given. One query."""
    return [_visit(task) for task in cases.of_day(VISIT, DAY_ASKED, on, midnight(on), who)]


def undated() -> list[Visit]:
    """Visits that are asked for on no day yet."""
    return [_visit(task) for task in cases.undated(VISIT, DAY_ASKED)]


def of_task(task: uuid.UUID) -> Visit | None:
    """The visit with this task, whatever became of it; None when there is none."""
    found = cases.task(task)
    return _visit(found) if found and found.verb == VISIT else None


def _visit(task: Any) -> Visit:
    service = cases.service_of(task.case)
    step = step_of(service, task.step)
    return Visit(task.id, task.case_id, task.case.reference, service, step, cases.state(task.case))


def booked(on: date, now: datetime, sooner: Mapping[str, int] = MappingProxyType({})) -> Booked:
    """What of the day is still ahead, as the log has it: people from where and when they will be free. Visits that have
    begun are history. A dozen queries, however many visits there are.

    `sooner`: visits that must begin by this second of the day, before their window closes.
    """
    found = of_day(on)
    rows = list(Row.objects.order_by("base", "name"))
    away = dict(Absence.objects.filter(day=on).values_list("worker", "since"))
    orders = {str(one.fact("visit", "order")) for one in found if one.fact("visit", "order")}
    arrivals = _arrivals(orders, on)
    places: list[Place] = []
    jobs: list[Job] = []
    unplaceable: dict[str, str] = {}
    at: dict[str, int] = {}
    for one in found:
        try:
            place = _place(one)
            job = _sooner(job_of(one, len(places), arrivals), sooner.get(one.job))
        except NotPlaceable as error:
            unplaceable[one.job] = error.why
            continue
        at[one.job] = len(places)
        places.append(place)
        if not one.begun:
            jobs.append(job)
    people = []
    for row in rows:
        places.append(Place(row.latitude, row.longitude, row.island))
        base = len(places) - 1
        begun = [one for one in found if one.begun and row.worker in one.who and one.job in at]
        person = _technician(row, base, away.get(row.worker, DAY), _after(begun, on, now, at))
        if person.shift.opens < person.shift.closes:
            people.append(person)
    day = Map(Day(tuple(places), tuple(jobs), tuple(people), GreatCircle(ferries=ferries(on))))
    visits = {one.job: one for one in found}
    plan, loose = _planned(day, visits, on)
    return Booked(on, visits, {row.worker: row for row in rows}, day, plan, unplaceable, loose, away)


def _sooner(job: Job, second: int | None) -> Job:
    """The job with a window that closes by then, where that is possible at all."""
    if second is None or not job.opens <= second < job.window.closes:
        return job
    return replace(job, window=Window(job.window.opens, second))


def _after(begun: Sequence[Visit], on: date, now: datetime, at: Mapping[str, int]) -> tuple[int, int] | None:
    """Where (a place's position) and when somebody is free who has begun visits; None for who has not."""
    if not begun:
        return None
    last = max(begun, key=lambda one: one.progress.arrived_at or one.progress.done_at or "")
    if last.progress.done_at:
        return at[last.job], seconds_of(datetime.fromisoformat(last.progress.done_at), on)
    since = seconds_of(datetime.fromisoformat(last.progress.arrived_at or ""), on)
    return at[last.job], max(since + last.length, seconds_of(now, on))


def job_of(one: Visit, place: int, arrivals: Mapping[str, int]) -> Job:
    """What the engines know of a visit. Raises NotPlaceable."""
    opens = read_time(one.fact("visit", "earliest"), OPENS)
    closes = read_time(one.fact("visit", "latest"), max(CLOSES, opens))
    if closes < opens:
        raise NotPlaceable("bad_window")
    return Job(
        one.job,
        place,
        service=one.length,
        window=Window(opens, closes),
        worth=DAY * (URGENT if one.fact("visit", "urgent") else 1),
        skills=one.skills,
        people=one.people,
        ready=arrivals.get(str(one.fact("visit", "order") or ""), 0),
    )


def _place(one: Visit) -> Place:
    latitude, longitude = one.fact("site", "latitude"), one.fact("site", "longitude")
    if latitude is None or longitude is None:
        raise NotPlaceable("no_place")
    return Place(float(latitude), float(longitude), one.fact("site", "island") or "")


def _technician(row: Row, base: int, until: int, free: tuple[int, int] | None) -> Technician:
    """Somebody's day from where they are; a break whose time is over was taken. `until`: the second from which they are
    away."""
    place, since = free or (base, 0)
    opens, closes = max(row.shift[0], since), min(row.shift[1], until)
    earliest, latest, length = row.rest
    breaks = (Break(Window(earliest, latest), length),) if length and opens <= latest else ()
    return Technician(row.worker, place, base, Window(opens, closes), breaks, frozenset(row.skills))


def ferries(on: date) -> dict[str, int]:
    """Seconds to each island on a day; one without a ferry is not in it."""
    rows = Ferry.objects.filter(Q(day=None) | Q(day=on)).order_by(
        "day"
    )  # nulls last: the day's own word first
    said: dict[str, int | None] = {}
    for row in rows:
        said.setdefault(row.island, row.seconds)
    return {island: seconds for island, seconds in said.items() if seconds is not None}


def _arrivals(orders: set[str], on: date) -> dict[str, int]:
    """When all devices of each order have arrived, in seconds of the day: what was shipped before the day has, the rest
    has not (provisional: carriers need one night)."""
    if not orders:
        return {}
    lines = list(OrderLine.objects.filter(order__in=orders).values_list("order", "case"))
    closed = cases.closed_at([case for _, case in lines])
    late = {order for order, case in lines if (closed.get(case) or moment_of(DAY, on)) >= midnight(on)}
    known = {order for order, _ in lines}
    return {order: 2 * DAY if order in late or order not in known else 0 for order in orders}


# -- the plan that follows from the appointments -----------------------------------------------------
def orders_of(visits: Iterable[Visit]) -> dict[str, list[str]]:
    """Who does what, in order, as it was appointed."""
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for one in visits:
        for who in one.who:
            found[who].append((one.begins or datetime.max.replace(tzinfo=TOKYO), one.job))
    return {who: [job for _, job in sorted(order)] for who, order in found.items()}


def moments_of(visits: Iterable[Visit], on: date) -> dict[str, int]:
    """When visits of several people begin, in seconds of the day."""
    return {one.job: seconds_of(one.begins, on) for one in visits if len(one.who) > 1 and one.begins}


def _planned(day: Map, visits: Mapping[str, Visit], on: date) -> tuple[Plan, list[str]]:
    """The routes of the appointments as far as they can be kept, and the jobs of which they cannot."""
    ahead = [one for one in visits.values() if one.job in day.jobs]
    pinned = day.with_day(crews.pinned(day.day, moments_of(ahead, on)))
    orders = orders_of(ahead)
    routes = {who: _route(pinned, who, order) for who, order in orders.items()}
    kept = {who: {stop.job for stop in route.stops} if route else set() for who, route in routes.items()}
    loose = {name for who, order in orders.items() for name in order if name not in kept[who]}
    several = {one.job for one in ahead if len(one.who) > 1}
    for who, route in routes.items():  # what one of several cannot keep, none of them can
        if route and loose & several & kept[who]:
            routes[who] = _route(pinned, who, [stop.job for stop in route.stops if stop.job not in loose])
    whole = sorted((route for route in routes.values() if route and route.stops), key=lambda r: r.technician)
    served = {stop.job for route in whole for stop in route.stops}
    unserved = {
        name: "loose" if name in loose else visits[name].why or "unplanned"
        for name in day.jobs
        if name not in served
    }
    plan = Plan(tuple(whole), unserved)
    return replace(plan, cost=cost_of(day, plan)), sorted(loose)


def _route(day: Map, who: str, order: Sequence[str]) -> Route | None:
    """As much of an order as can still be done; None for somebody who does not work any more."""
    if who not in day.technicians:
        return None
    for kept in range(len(order), -1, -1):
        route = timed(day, day.technicians[who], [day.jobs[name] for name in order[:kept]])
        if route:
            return route
    return None
