"""Work that a town hands to a partner, and what comes back.

    town's hall:  a task under contract is taken by `partner:900001`, and what is disclosed is written down
    partner's:    a case of the service that `declare.disclosed` makes: the step, the disclosed facts, nothing else
    town's hall:  the task is finished by `partner:900001` with what the partner's technician found

When a contract has ended, what the partner did by its last day still counts; what is not done comes back to the town.

A partner is a hall of its own, with a code that no municipality has. Nothing sees both halls in one transaction, so
each part can be repeated: a power cut anywhere loses nothing and does nothing twice.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Q

from yakuba import access
from yakuba.access import SYSTEM, Worker, log, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import CaseError
from yakuba.cases.state import CASE_CLOSED, DONE, CaseState, fact_of
from yakuba.cases.work import Waiting
from yakuba.clock import in_tokyo
from yakuba.declare import Service, disclosed
from yakuba.field.models import Contract, Outsourced
from yakuba.register import queries as register

AT_ONCE = 200
"""Tasks of a step that are handed on in one transaction."""


class NoPartner(Exception):
    """The code is not a partner's, or there is no such hall here."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A task that a partner has: what its case there is made of. `key` is the same however often it is tried. `last`: the
    last day of the contract; None while it runs."""

    task: uuid.UUID
    partner: str
    key: str
    service: Service
    facts: Mapping[str, Any]
    last: date | None = None


def agree(
    partner: str, service: str, step: str, *, since: date, by: Worker, until: date | None = None
) -> Contract:
    """A town and a partner agree on a step, which the service must let go.

    Raises NoPartner, declare.NotOutsourced, KeyError for an unknown service, access.Denied.
    """
    town = towns.current_town()
    access.require(by, "partner.contract", access.Resource("Town", town, town))
    if not register.is_partner(partner):
        raise NoPartner(
            f"{partner} is no partner here. Their codes begin with {register.PARTNERS}; yakuba field partner"
        )
    disclosed(catalogue.service(service), step)
    return Contract.objects.create(
        town=town, partner=partner, service=service, step=step, since=since, until=until
    )


def end(partner: str, service: str, step: str, *, last: date, by: Worker) -> int:
    """The contracts about a step end with that day; what is not done by then comes back. Returns how many ended.

    Raises access.Denied.
    """
    town = towns.current_town()
    access.require(by, "partner.contract", access.Resource("Town", town, town))
    running = Contract.objects.filter(partner=partner, service=service, step=step)
    return running.filter(Q(until=None) | Q(until__gt=last)).update(until=last)


def exchange(town: str, *, as_of: datetime) -> tuple[int, int]:
    """Take back what partners may no longer do, hand on what waits, open it at the partners, bring back what they did;
    returns how many went and came."""
    before = _take_back(town, as_of)
    went = hand_on(town, as_of=as_of)
    errands = _errands(town)
    _deliver(errands, as_of)
    return went, before + _bring_back(town, errands, as_of)


def _take_back(town: str, as_of: datetime) -> int:
    """What was not done under contracts that have ended waits in the town again; returns how many were done in time."""
    today = in_tokyo(as_of).date()
    with towns.inside(town):
        if not Contract.objects.filter(until__lt=today).exists():
            return 0
        over = _over(today)
    if not over:
        return 0
    errands = [replace(one, last=over[one.task]) for one in _errands(town) if one.task in over]
    came = _bring_back(town, errands, as_of)
    for partner, mine in _by_partner(errands).items():
        with towns.inside(partner):
            for errand in mine:
                _recall(errand, as_of, "契約が終わりました")
    with towns.inside(town):
        for errand in errands:
            _wait_again(errand, as_of)
    return came


def _over(today: date) -> dict[uuid.UUID, date]:
    """The tasks that partners have under no contract in force, with the last day of the one that there was."""
    rows = {row.task: row.partner for row in Outsourced.objects.filter(back_at=None)}
    last: dict[tuple[str, str, str], date] = {}
    for one in Contract.objects.all():
        about = (one.partner, one.service, one.step)
        last[about] = max(last.get(about, date.min), one.until or date.max)
    found = {}
    for task in case_queries.tasks(list(rows)).values():
        until = last.get((rows[task.id], task.service, task.step), date.min)
        if until < today:
            found[task.id] = until
    return found


def _wait_again(errand: Errand, as_of: datetime) -> None:
    """The task is the town's again, unless it was done meanwhile; the access log says that the partner lost it."""
    row = Outsourced.objects.select_for_update().filter(task=errand.task, back_at=None).first()
    if row is None:
        return
    by = _partner(row.partner, row.town)
    with suppress(CaseError), transaction.atomic():
        cases.release(errand.task, by=by, as_of=as_of)
    row.back_at = as_of
    row.save(update_fields=["back_at"])
    about = access.Resource("Task", str(errand.task), row.town)
    log.record(by, "partner.hand_on", about, "ended", as_of=as_of)


def hand_on(town: str, *, as_of: datetime) -> int:
    """Tasks under contract that nobody holds are the partner's from now on; returns how many."""
    with towns.inside(town):
        access.require(SYSTEM(town), "partner.hand_on", access.Resource("Town", town, town))
        today = in_tokyo(as_of).date()
        in_force = Contract.objects.filter(Q(until=None) | Q(until__gte=today), since__lte=today)
        return sum(_hand_on(contract, as_of) for contract in in_force)


def _hand_on(contract: Contract, as_of: datetime) -> int:
    by = _partner(contract.partner, contract.town)
    waiting = cases.take_waiting(contract.service, contract.step, AT_ONCE, by=by, as_of=as_of)
    before = _times_given([one.id for one in waiting])
    entries = [
        cases.Entry(one.case, _shown(one, contract.partner), _numbered(f"disclosed:{one.id}", before[one.id]))
        for one in waiting
    ]
    cases.record_many(entries, by=by, as_of=as_of)
    Outsourced.objects.bulk_create(
        Outsourced(town=contract.town, task=one.id, partner=contract.partner, given_at=as_of)
        for one in waiting
    )
    return len(waiting)


def _times_given(tasks: Collection[uuid.UUID]) -> Counter[uuid.UUID]:
    """How often each task was handed on already."""
    return Counter(Outsourced.objects.filter(task__in=tasks).values_list("task", flat=True))


def _numbered(key: str, times: int) -> str:
    """A key of its own for what is handed on once more, after a contract had ended."""
    return f"{key}:{times + 1}" if times else key


def _shown(one: Waiting, partner: str) -> e.Disclosed:
    names = one.service.file.disclose.get("partner", [])
    return e.Disclosed(step=one.step.id, attempt=one.attempt, partner=partner, names=sorted(names))


def _partner(code: str, town: str) -> Worker:
    return Worker("partner", f"partner:{code}", town)


def _errands(town: str) -> list[Errand]:
    """Everything that partners have of a town, with the disclosed facts as they stand now. Three queries."""
    with towns.inside(town):
        found = register.town(town)
        rows = list(Outsourced.objects.filter(back_at=None))
        tasks = case_queries.tasks([row.task for row in rows])
        given = _times_given(tasks)
        states = case_queries.states([task.case_id for task in tasks.values()])
        return [
            _errand(
                row,
                tasks[row.task].step,
                states[tasks[row.task].case_id],
                found.name if found else town,
                given[row.task] - 1,
            )
            for row in rows
            if row.task in tasks
        ]


def _errand(row: Outsourced, step: str, state: CaseState, town: str, times: int) -> Errand:
    declared = catalogue.version(state.version)
    service = _derived(state.version, step)
    names = declared.file.disclose.get("partner", [])
    facts = _chosen(state.facts, set(names) & set(service.facts))
    facts["errand"] = {"town": town, "code": row.town}
    if "case.reference" in names:
        facts["errand"]["reference"] = state.reference
    return Errand(row.task, row.partner, _numbered(f"errand:{row.town}:{row.task}", times), service, facts)


@lru_cache(maxsize=64)
def _derived(version: str, step: str) -> Service:
    """What a partner gets of a version of a service; a version never changes."""
    return disclosed(catalogue.version(version), step)


def _chosen(facts: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The named facts alone, nested as facts of a case are."""
    chosen: dict[str, Any] = {}
    for name in sorted(names):
        value = fact_of(facts, name)
        if value is not None:
            *above, last = name.split(".")
            inner = chosen
            for part in above:
                inner = inner.setdefault(part, {})
            inner[last] = value
    return chosen


def _deliver(errands: Iterable[Errand], as_of: datetime) -> None:
    """Open the partners' cases that are not there yet."""
    for partner, mine in _by_partner(errands).items():
        with towns.inside(partner):
            there = case_queries.opened_under([errand.key for errand in mine])
            wanted = [
                (
                    errand.service,
                    cases.opening(errand.service, errand.facts, channel="api", key=errand.key),
                    (),
                )
                for errand in mine
                if errand.key not in there
            ]
            cases.open_cases(wanted, by=SYSTEM(partner), as_of=as_of)


def _bring_back(town: str, errands: Iterable[Errand], as_of: datetime) -> int:
    """Finish in the town what partners have finished; end at the partners what the town has ended."""
    came = 0
    for partner, mine in _by_partner(errands).items():
        with towns.inside(partner):
            states = _states(mine)
            results = {one.task: _result(one, states[one.task]) for one in mine if one.task in states}
            found = {task: result for task, result in results.items() if result}
            papers = {task: _papers(mine, task) for task in found}
        with towns.inside(town):
            for task, (outcome, facts) in found.items():
                came += _finish(task, partner, outcome, facts, papers[task], as_of)
            over = {one.task for one in mine} - case_queries.open_tasks([one.task for one in mine])
            Outsourced.objects.filter(task__in=over, back_at=None).update(back_at=as_of)
        with towns.inside(partner):
            for errand in mine:
                if errand.task in over - found.keys():
                    _recall(errand, as_of)
    return came


def _states(errands: Sequence[Errand]) -> dict[uuid.UUID, CaseState]:
    """How the partner's cases stand, by the town's tasks."""
    case_of = case_queries.opened_under([errand.key for errand in errands])
    states = case_queries.states(list(case_of.values()))
    return {one.task: states[case_of[one.key]] for one in errands if one.key in case_of}


def _by_partner(errands: Iterable[Errand]) -> dict[str, list[Errand]]:
    found: dict[str, list[Errand]] = defaultdict(list)
    for errand in errands:
        found[errand.partner].append(errand)
    return found


def _result(errand: Errand, state: CaseState) -> tuple[str, Mapping[str, Any]] | None:
    """What the partner's technician ended the step with, and found; None while it is not done."""
    step = errand.service.steps[0]
    if state.steps[step.id].status != DONE or _too_late(errand, state.steps[step.id].done_at):
        return None
    return state.steps[step.id].outcome or "done", _chosen(state.facts, errand.service.named(step.record))


def _too_late(errand: Errand, done_at: str | None) -> bool:
    """Was it done after the last day of the contract?"""
    if errand.last is None or done_at is None:
        return False
    return in_tokyo(datetime.fromisoformat(done_at)).date() > errand.last


def _papers(errands: Sequence[Errand], task: uuid.UUID) -> list[cases.Paper]:
    """What was photographed and signed at the partner's."""
    key = next(errand.key for errand in errands if errand.task == task)
    case = case_queries.opened_under([key])[key]
    found = [(paper.purpose, file.id) for paper, file in case_queries.documents_of(case)]
    kept = [(purpose, case_queries.document(file)) for purpose, file in found]
    return [cases.Paper(purpose, file.name, bytes(file.content)) for purpose, file in kept if file]


def _finish(
    task: uuid.UUID,
    partner: str,
    outcome: str,
    facts: Mapping[str, Any],
    papers: Sequence[cases.Paper],
    as_of: datetime,
) -> bool:
    """Returns False when the town ended it meanwhile: then there is nothing to finish. Photos and the signature come
    along: the town accepts by them."""
    by = _partner(partner, towns.current_town())
    try:
        with transaction.atomic():
            case = cases.finish(task, by=by, as_of=as_of, outcome=outcome, facts=facts).case
            cases.hand_in(case, papers, origin="partner", by=by, as_of=as_of)
    except CaseError:
        return False
    return True


def _recall(errand: Errand, as_of: datetime, reason: str = "依頼元で終わりました") -> None:
    """The partner is to do it no more: its case ends."""
    case = case_queries.opened_under([errand.key]).get(errand.key)
    if case and case_queries.one(case).state != CASE_CLOSED:
        by = SYSTEM(errand.partner)
        cases.withdraw(case, by=by, as_of=as_of, reason=reason)
