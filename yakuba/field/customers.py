"""Customers' contracts: which is in force, how the cases stand to it, what a month comes to. All from the log."""

from __future__ import annotations

import statistics
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from yakuba import access
from yakuba.access import Worker, towns
from yakuba.cases import queries as cases
from yakuba.cases.state import DONE, CaseState
from yakuba.clock import in_tokyo
from yakuba.field import services
from yakuba.field.contract import Kept, Terms, Times, kept, window_kept
from yakuba.field.models import CustomerContract, Device
from yakuba.field.visits import CLOSES, VISIT, NotPlaceable, midnight, moment_of, read_time
from yakuba.register import queries as register

BILLED = ("visit", "remote")
"""The steps that a statement counts."""
CUSTOMER = "customer:"
FEWEST = 3
"""Answers below which no mean is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of work in a month: how often it was accepted, at which price, and what that comes to (yen, without tax).
    `price` None: the contract has none for it, and it is not in the sum."""

    work: str
    count: int
    price: int | None
    yen: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a customer said at the end of a visit: for which work, 1 to 5, and a comment."""

    work: str
    mark: int
    comment: str
    reference: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of one contract. `waiting`: done and not accepted yet, not in the sum; `levels`: (kept, of those that are
    decided) for each level; `satisfaction`: the mean of 1 to 5, None below three answers; `said`: the answers, the least
    content first, so that what to mend stands at the top."""

    number: str
    name: str
    month: date
    lines: Sequence[Line]
    yen: int
    waiting: Sequence[str]
    levels: Mapping[str, tuple[int, int]]
    satisfaction: float | None
    said: Sequence[Answer]

    @property
    def answers(self) -> int:
        """How many answered."""
        return len(self.said)


def agree(terms: Terms, *, by: Worker) -> None:
    """Keep a contract, or its text as it is now. Raises access.Denied."""
    town = towns.current_town()
    access.require(by, "customer.contract", access.Resource("Town", town, town))
    said = {
        "customer": terms.customer,
        "since": terms.since,
        "until": terms.until,
        "body": terms.model_dump(mode="json"),
    }
    CustomerContract.objects.update_or_create(town=town, number=terms.number, defaults=said)


def all_contracts() -> list[Terms]:
    """Every contract of this hall, by number."""
    return [Terms.model_validate(row.body) for row in CustomerContract.objects.order_by("number")]


def contract_for(customer: str, on: date) -> Terms | None:
    """The contract of a customer that is in force on a day, the newest when there are several."""
    return _in_force(customer, on, all_contracts())


def _in_force(customer: str, on: date, among: Iterable[Terms]) -> Terms | None:
    fitting = [terms for terms in among if terms.customer == customer and terms.in_force(on)]
    return max(fitting, key=lambda terms: terms.since, default=None)


def named(customer: str, on: date) -> dict[str, str]:
    """A customer as a case of the day has them: the code, and their contract where one is in force."""
    terms = contract_for(customer, on)
    return {"code": customer} | ({"contract": terms.number} if terms else {})


def holder_of(serial: str) -> str:
    """Who has a device; "" when it is not known."""
    return Device.objects.filter(serial=serial).values_list("holder", flat=True).first() or ""


def customer_of(serial: str) -> str:
    """The code of the customer who has a device; "" when no customer has, or it is not known."""
    holder = holder_of(serial)
    return holder.removeprefix(CUSTOMER) if holder.startswith(CUSTOMER) else ""


# -- how cases stand to their contracts ---------------------------------------------------------------
def levels(chosen: Iterable[uuid.UUID], as_of: datetime) -> dict[uuid.UUID, list[Kept]]:
    """For each case under contract how it stands at `as_of`: trouble to the contract's levels, a visit that was agreed on
    to its window. A handful of queries."""
    states = cases.states(list(chosen))
    by_number = {terms.number: terms for terms in all_contracts()}
    calendar = register.calendar(towns.current_town())
    result: dict[uuid.UUID, list[Kept]] = {}
    for case, state in states.items():
        terms = terms_of(state, by_number)
        if terms and state.service == services.SUPPORT:
            found = kept(terms, times(state), calendar, as_of)
            by_phone = state.fact("trouble.route") == "remote"
            result[case] = [one for one in found if one.level != "arrive" or not by_phone]
        elif terms and (latest := _latest(state)):
            result[case] = [window_kept(latest, times(state).arrive, as_of)]
    return result


def _latest(state: CaseState) -> datetime | None:
    """The latest moment at which a visit was to begin; None where nobody agreed on one that can be read."""
    said = _visit(state)
    try:
        second = read_time(said.get("latest"), CLOSES)
    except NotPlaceable:
        return None
    return moment_of(second, date.fromisoformat(said["date"])) if said.get("date") else None


def terms_of(state: CaseState, by_number: Mapping[str, Terms]) -> Terms | None:
    """The contract of a case: the one it names, or the customer's that was in force when it was opened."""
    if state.fact("customer.contract") in by_number:
        return by_number[state.fact("customer.contract")]
    code = state.fact("errand.code") or state.fact("customer.code")
    on = in_tokyo(datetime.fromisoformat(state.opened_at or "")).date()
    return _in_force(code, on, by_number.values())


def times(state: CaseState) -> Times:
    """The moments that a contract counts, from where the case stands."""
    triage, visit, remote = (state.steps.get(name) for name in ("triage", VISIT, "remote"))
    respond = _moment(triage.done_at) if triage else None
    arrived = _moment(visit.arrived_at) if visit else None
    ends = [
        _moment(step.done_at) for step in (visit, remote) if step and step.status == DONE and step.outcome
    ]
    pauses = [(_known(since), _moment(until)) for since, until in state.pauses]
    return Times(
        _known(state.opened_at), respond, arrived, max((one for one in ends if one), default=None), pauses
    )


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _known(said: str | None) -> datetime:
    assert said is not None
    return datetime.fromisoformat(said)


# -- a month ---------------------------------------------------------------------------------------------
def statement(number: str, month: date, as_of: datetime) -> Statement | None:
    """What was done in a month under a contract, from the log; None when there is no such contract. `month`: any day of it."""
    by_number = {one.number: one for one in all_contracts()}
    terms = by_number.get(number)
    if terms is None:
        return None
    first = month.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    tasks = cases.done_between(services.FOR_CUSTOMERS, midnight(first), midnight(after), BILLED)
    states = {task.case_id: cases.state(task.case) for task in tasks}
    mine = [task for task in tasks if terms_of(states[task.case_id], by_number) == terms]
    states = {task.case_id: states[task.case_id] for task in mine}
    accepted = [task for task in mine if is_accepted(task, states[task.case_id])]
    counted = Counter(work_of(task, states[task.case_id]) for task in accepted)
    lines = [_line(work, count, terms) for work, count in sorted(counted.items())]
    said = sorted(_answers(mine, states), key=lambda one: (one.mark, not one.comment, one.reference))
    return Statement(
        terms.number,
        terms.name,
        first,
        lines,
        sum(line.yen for line in lines),
        [task.case.reference for task in mine if task not in accepted],
        summed(levels(states, as_of).values()),
        statistics.fmean(one.mark for one in said) if len(said) >= FEWEST else None,
        said,
    )


def _answers(tasks: Sequence[Any], states: Mapping[uuid.UUID, CaseState]) -> Iterator[Answer]:
    for task in tasks:
        state = states[task.case_id]
        if mark := _visit(state).get("satisfaction"):
            comment = _visit(state).get("comment") or ""
            yield Answer(work_of(task, state), mark, comment, task.case.reference)


def _line(work: str, count: int, terms: Terms) -> Line:
    price = terms.prices.get(work)  # type: ignore[call-overload]
    return Line(work, count, price, count * (price or 0))


def work_of(task: Any, state: CaseState) -> str:
    """Which unit of work a task was: what the visit was for, or remote."""
    return "remote" if task.step == "remote" else _visit(state).get("kind") or "repair"


def is_accepted(task: Any, state: CaseState) -> bool:
    """Whether the customer accepted it: signed on site, or accepted afterwards; what is done by phone needs no signature."""
    if task.step == "remote":
        return True
    accept = state.steps.get("accept")
    return bool(_visit(state).get("signed_by") or (accept and accept.outcome == "accepted"))


def _visit(state: CaseState) -> Mapping[str, Any]:
    return state.facts.get("visit") or {}


def summed(found: Iterable[Sequence[Kept]]) -> dict[str, tuple[int, int]]:
    """For each level how often it was kept, of how many that are decided."""
    kept_, asked = Counter[str](), Counter[str]()
    for levels_ in found:
        for one in levels_:
            if one.met is not None:
                asked[one.level] += 1
                kept_[one.level] += one.met
    return {level: (kept_[level], asked[level]) for level in asked}
