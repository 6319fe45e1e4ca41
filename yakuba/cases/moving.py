"""Running cases move to the version of their service that counts now (切替), in bulk: looked at first, then done.

A case keeps the version that it began with. When the law or a mistake asks for it, all cases of a service go on by the
new one: what was done stays done, what is new is opened when it is its turn. A case that cannot follow is left as it is,
and the report says why. Those that the older rule decided otherwise than the new one would are named; they are decided
anew only when somebody says so (`correct`).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from yakuba import access, conditions, declare
from yakuba.access import Worker, towns
from yakuba.cases import catalogue, store
from yakuba.cases import events as e
from yakuba.cases.deciding import decide_each, requested_on
from yakuba.cases.errors import OtherThanSeen
from yakuba.cases.log import Entry, record_many
from yakuba.cases.models import Case
from yakuba.cases.state import CASE_CLOSED, FAILED, IMPLICIT, OPEN, CaseState
from yakuba.declare import Service, Step, undisturbed
from yakuba.words import Text

BATCH = 500
"""Cases that are read, judged twice and written in one transaction."""

GONE, AT_WORK, OTHER_LAW, OTHER_FACTS = "step_gone", "at_work", "other_law", "other_facts"
"""Why a case cannot follow: a step that waits is not in the new version; somebody, a robot or the bank is at a step that
is now done by others; the new rules do not hold on the day of its request; what it says does not fit the new questions."""


_SEEN_OTHERWISE = Text(
    ja="確かめたあとに、案件が進んだか、新しい申請が来たか、手続が改められました。まだ何も変えていません。もう一度確かめてから行ってください。",
    easy="見た あとに、申し込みが かわりました。何も して いません。もう一度 見てください。",
    en="Since you looked, cases have come in, gone on or ended, or the service was published anew. Nothing was changed: look again first.",
)


@dataclass(frozen=True, slots=True)
class Differs:
    """A case that the older rule decided otherwise. Amounts in yen. `by_person`: a person decided it, knowing more than
    the rule; it is only named."""

    reference: str
    before: str
    before_amount: int | None
    after: str
    after_amount: int | None
    by_person: bool


@dataclass(slots=True)
class Report:
    """`moves`: open cases that go on by the new version; `anew`: cases that are decided again, closed ones among them;
    `blocked`: by reason, the references of those that cannot follow. `checksum`: over all of it."""

    town: str
    service: str
    version: str
    moves: int = 0
    anew: int = 0
    differs: list[Differs] = field(default_factory=list)
    blocked: dict[str, list[str]] = field(default_factory=dict)
    checksum: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A case of another version, with what both rules say of it; `old` of one that was decided."""

    case: store.LockedCase
    old: declare.Decision | None
    new: declare.Decision | None


def survey(service: Service, *, correct: bool = False) -> Report:
    """What would happen to the open town's cases; nothing is changed. `correct`: closed cases are looked at as well."""
    report = Report(towns.current_town(), service.id, service.version)
    seen = hashlib.sha256(service.version.encode())
    after = None
    while some := store.look_at_cases(_next(service, correct, after)):
        _plan(service, some, correct, report)
        for case in some:
            seen.update(case.id.bytes + case.head)
        after = some[-1].id
    report.checksum = seen.hexdigest()[:16]
    return report


def run(
    town: str,
    service: Service,
    *,
    by: Worker,
    as_of: datetime,
    reason: str,
    correct: bool = False,
    seen: str = "",
) -> Report:
    """Move them, some at a time, each batch all or nothing; run again, it goes on where it ended. `seen`: the checksum of
    the dry run, to be sure that this does the same. Raises OtherThanSeen, access.Denied."""
    with towns.inside(town):
        access.require(by, "case.migrate", access.Resource("Town", town, town))
        if seen and seen != survey(service, correct=correct).checksum:
            raise OtherThanSeen(_SEEN_OTHERWISE)
        catalogue.keep(town, service, as_of)
    report, after = Report(town, service.id, service.version, checksum=seen), None
    while True:
        with undisturbed(), towns.inside(town):
            some = store.lock_cases(_next(service, correct, after))
            if not some:
                return report
            moved = _plan(service, some, correct, report)
            entries = [Entry(case, replace(event, reason=reason), _key(case, event)) for case, event in moved]
            record_many(entries, by=by, as_of=as_of, locked=some)
            after = some[-1].id


def _key(case: uuid.UUID, event: e.Migrated) -> str:
    return f"migrated:{case}:{event.before[:16]}:{event.version[:16]}"


def _of_older_versions(service: Service, correct: bool) -> QuerySet[Case]:
    """Cases of other versions: the open ones, and of closed ones those that were decided."""
    found = Case.objects.filter(service=service.id).exclude(version=service.version)
    ended = Q(state=CASE_CLOSED)
    if not correct:
        return found.exclude(ended)
    return found.filter(~ended | Q(decision__isnull=False)).exclude(status__has_key="anonymised")


def _next(service: Service, correct: bool, after: uuid.UUID | None) -> list[uuid.UUID]:
    """Those to be looked at after that one."""
    found = _of_older_versions(service, correct).order_by("id")
    return list((found.filter(id__gt=after) if after else found).values_list("id", flat=True)[:BATCH])


# -- what becomes of each ----------------------------------------------------------------------------
def _plan(
    service: Service, some: Sequence[store.LockedCase], correct: bool, report: Report
) -> list[tuple[uuid.UUID, e.Migrated]]:
    """What happens to these cases; the report is told of each."""
    moved = []
    for one in _judged(service, some):
        state = one.case.state
        old = catalogue.version(state.version)
        differs = _differs(one)
        anew = correct and differs is not None and not differs.by_person
        if differs is not None:
            report.differs.append(differs)
        if why := _cannot(one, old, service, anew):
            report.blocked.setdefault(why, []).append(state.reference)
            continue
        if state.state == CASE_CLOSED and not anew:
            continue
        report.moves += state.state != CASE_CLOSED
        report.anew += anew
        renewed = [] if anew else _renewed(state, old, service)
        event = e.Migrated(version=service.version, before=old.version, renewed=renewed, anew=anew)
        moved.append((one.case.id, event))
    return moved


def _judged(service: Service, some: Sequence[store.LockedCase]) -> list[_Judged]:
    """What the older rule says of those that were decided, and the new one of all, judged together where that is
    possible."""
    decided = [case for case in some if case.state.decision is not None]
    old = _decisions([(case, catalogue.version(case.state.version)) for case in decided])
    new = _decisions([(case, service) for case in some])
    return [_Judged(case, old.get(case.id), new.get(case.id)) for case in some]


def _decisions(asked: Sequence[tuple[store.LockedCase, Service]]) -> Mapping[uuid.UUID, declare.Decision]:
    """By case; one that cannot be judged by that rule is left out."""
    known = [
        (case, rule) for case, rule in asked if rule.decide.grant and rule.in_force(requested_on(case.state))
    ]
    try:
        decided = decide_each([(case.state, rule, requested_on(case.state)) for case, rule in known])
    except conditions.WrongFact:
        if len(known) == 1:
            return {}
        return {id: one for pair in known for id, one in _decisions([pair]).items()}
    return {case.id: one for (case, _), one in zip(known, decided, strict=True)}


def _differs(one: _Judged) -> Differs | None:
    """Whether a decision that stands would be another one; unknown is no other decision: a person made it."""
    state = one.case.state
    if state.decision is None or one.old is None or one.new is None or one.new.outcome == "unknown":
        return None
    if (one.old.outcome, one.old.amount) == (one.new.outcome, one.new.amount):
        return None
    by_person = (one.old.outcome, one.old.amount) != (state.decision, state.amount)
    return Differs(state.reference, state.decision, state.amount, one.new.outcome, one.new.amount, by_person)


def _cannot(one: _Judged, old: Service, new: Service, anew: bool) -> str:
    """Why the case has to stay with its version; empty where it need not."""
    state = one.case.state
    if not new.in_force(requested_on(state)):
        return OTHER_LAW
    if new.decide.grant and one.new is None:
        return OTHER_FACTS
    standing = [
        name
        for name, progress in state.steps.items()
        if progress.status in (OPEN, FAILED) and name not in IMPLICIT
    ]
    known = {step.id for step in new.steps}
    needed = [
        *standing,
        *([state.returned_from] if state.returned_from and state.state != CASE_CLOSED else []),
    ]
    if any(name not in known for name in needed):
        return GONE
    held = [name for name in standing if state.steps[name].holder or state.steps[name].intended]
    if held and (anew or any(_done_by(old.step(name)) != _done_by(new.step(name)) for name in held)):
        return AT_WORK
    return ""


def _renewed(state: CaseState, old: Service, new: Service) -> list[str]:
    """Open steps that somebody else does in the new version: they are given out anew."""
    return [
        name
        for name, progress in state.steps.items()
        if progress.status == OPEN
        and name not in IMPLICIT
        and _done_by(old.step(name)) != _done_by(new.step(name))
    ]


def _done_by(step: Step) -> tuple[Any, ...]:
    return step.by, step.do, step.role, step.run, step.letter
