"""What in the logs somebody must look at (警報). An alarm is a case of `security-alarm`: a task for a manager, then for an
auditor. Each cause opens one for each whom it is about and each time, however often it is looked for.

From how often on something is an alarm is declared with the service, and each town may set it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from yakuba.access import SYSTEM, looking, seals, towns
from yakuba.access import queries as staff
from yakuba.audit.models import Proof
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases import verify as proof
from yakuba.clock import TOKYO, in_tokyo
from yakuba.declare import Service

SERVICE = "security-alarm"
HOUR = timedelta(hours=1)
BREAK_GLASS = "break-glass.use"
MOST_TOLD = 100
"""Findings that are kept of one proof."""
MOST_ACCOUNTS = 10
"""Where more accounts are tried at once, one alarm for all of them is enough."""
NEVER = 2**31 - 1
"""What is not declared is no alarm, however often it happens."""
RECENT = 3
"""Links of the access log that are computed anew each time that alarms are looked for; all of them each night."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody must look at. `window`: the time for which one such alarm about `who` is enough."""

    cause: str
    who: str
    window: str
    since: datetime
    count: int = 1
    limit: int = 1
    what: str = ""

    @property
    def key(self) -> str:
        """The same alarm again has the same key."""
        return f"alarm:{self.cause}:{self.who or '-'}:{self.window}"


Looker = Callable[[Service, datetime], Iterator[Alarm]]
LOOKERS: list[Looker] = []


def _looks(looker: Looker) -> Looker:
    LOOKERS.append(looker)
    return looker


def look(town: str, *, as_of: datetime) -> int:
    """Look for everything that is an alarm, and open its case; returns how many are new."""
    with towns.inside(town):
        service = catalogue.current().services.get(SERVICE)
        if service is None:
            return 0
        return sum(raise_(alarm, as_of=as_of) for looker in LOOKERS for alarm in looker(service, as_of))


def raise_(alarm: Alarm, *, as_of: datetime) -> bool:
    """Open the case of an alarm; False where there is one already. Must run inside of the town."""
    town = towns.current_town()
    service = catalogue.current().services.get(SERVICE)
    if service is None or case_queries.happened(alarm.key):
        return False
    said: dict[str, Any] = {
        "cause": alarm.cause,
        "who": alarm.who,
        "name": staff.staff_names().get(alarm.who, ""),
        "count": alarm.count,
        "limit": alarm.limit,
        "since": in_tokyo(alarm.since).isoformat(timespec="minutes"),
        "what": alarm.what[:4000],
    }
    cases.open_case(
        service,
        {"alarm": {name: value for name, value in said.items() if value not in ("", None)}},
        channel="robot",
        by=SYSTEM(town),
        as_of=as_of,
        key=alarm.key,
    )
    logger.warning("alarm in %s: %s (%d, limit %d)", town, alarm.cause, alarm.count, alarm.limit)
    return True


def limit(service: Service, name: str, as_of: datetime) -> int:
    """From how often on something is an alarm in this town today."""
    known = service.param(name, in_tokyo(as_of).date())
    return NEVER if known is None else int(known)


def _hour(as_of: datetime) -> str:
    return f"{in_tokyo(as_of):%Y-%m-%dT%H}"


def _midnight(as_of: datetime) -> datetime:
    return datetime.combine(in_tokyo(as_of).date(), time(), TOKYO)


# -- what is looked for ------------------------------------------------------------------------------
@_looks
def sign_ins(service: Service, as_of: datetime) -> Iterator[Alarm]:
    """Many failed sign-ins within an hour, of one account or of all, and one of an account that is closed."""
    since = as_of - HOUR
    tried = looking.failed_sign_ins(since)
    most, everywhere = limit(service, "sign_ins", as_of), limit(service, "sign_ins_everywhere", as_of)
    many = [one for one in tried if one.count >= most]
    for one in many if len(many) <= MOST_ACCOUNTS else ():
        yield Alarm("sign-ins", one.account, _hour(one.first), one.first, one.count, most)
    if tried and (total := sum(one.count for one in tried)) >= everywhere:
        first = min(one.first for one in tried)
        yield Alarm("sign-ins-everywhere", "", _hour(first), first, total, everywhere)
    closed = looking.closed_accounts([one.account for one in tried])
    for one in tried:
        if one.account in closed:
            day = f"{in_tokyo(one.first):%Y-%m-%d}"
            yield Alarm("closed-account", one.account, day, one.first, one.count)


@_looks
def references(service: Service, as_of: datetime) -> Iterator[Alarm]:
    """Somebody tries out reference numbers, or birth dates for one that they have."""
    most = limit(service, "references", as_of)
    tried = looking.failed_references(as_of - HOUR)
    if tried.count >= most:
        yield Alarm("references", "", _hour(tried.first), tried.first, tried.count, most)


@_looks
def refusals(service: Service, as_of: datetime) -> Iterator[Alarm]:
    """One worker is refused again and again within an hour."""
    most = limit(service, "refusals", as_of)
    for one in looking.refusals(as_of - HOUR, most):
        yield Alarm("refusals", one.account, _hour(one.first), one.first, one.count, most)


@_looks
def many_people(service: Service, as_of: datetime) -> Iterator[Alarm]:
    """One worker looked at unusually many people today, or yesterday late."""
    most = limit(service, "people", as_of)
    for midnight in {_midnight(as_of), _midnight(as_of - HOUR)}:
        many = looking.looked_at_many(midnight, midnight + timedelta(days=1), most)
        for worker, seen in many.items():
            if (people := _people(seen)) >= most:
                yield Alarm("many-people", worker, f"{midnight:%Y-%m-%d}", midnight, people, most)


def _people(seen: list[tuple[str, str]]) -> int:
    """How many people these are: several cases of one person are one."""
    by_type: dict[str, set[str]] = {}
    for type, id in seen:
        by_type.setdefault(type, set()).add(id)
    about = case_queries.whom({type: ids for type, ids in by_type.items() if type != "Person"})
    return len(by_type.get("Person", set()) | about)


@_looks
def break_glass(service: Service, as_of: datetime) -> Iterator[Alarm]:
    """One worker uses break-glass access several times in a day; where nobody reviews each use, at the first."""
    reviewed = "break-glass" in catalogue.current().services
    most = limit(service, "break_glass", as_of) if reviewed else 1
    midnight = _midnight(as_of)
    for one in looking.uses(BREAK_GLASS, midnight, most):
        yield Alarm("break-glass", one.account, f"{midnight:%Y-%m-%d}", one.first, one.count, most)


@_looks
def links(service: Service, as_of: datetime) -> Iterator[Alarm]:
    """The newest links of the access log do not hold, or a clock was wrong."""
    town = towns.current_town()
    log = seals.verify(town, after=seals.some_before(town, RECENT))
    yield from _broken([one.what for one in log.breaks], as_of)
    if log.clocks:
        what = "\n".join(one.what for one in log.clocks)
        yield Alarm("clock", "", f"{in_tokyo(as_of):%Y-%m-%d}", as_of, len(log.clocks), 1, what)


def _broken(findings: list[str], as_of: datetime) -> Iterator[Alarm]:
    if findings:
        day = f"{in_tokyo(as_of):%Y-%m-%d}"
        yield Alarm("broken-chain", "", day, as_of, len(findings), 1, "\n".join(findings))


# -- the proof of each night -------------------------------------------------------------------------
def prove(town: str, *, as_of: datetime) -> Proof:
    """Check both logs as a whole, keep what came of it, and raise an alarm where something does not add up."""
    done = proof.whole(town)
    findings = [_told(one) for one in done.findings]
    clocks = [_told(one) for one in done.clocks]
    with towns.inside(town):
        kept = Proof.objects.create(
            town=town,
            at=as_of,
            cases=done.cases,
            events=done.events,
            looks=done.looks,
            found=len(findings),
            findings=findings[:MOST_TOLD],
            clocks=clocks[:MOST_TOLD],
        )
        for alarm in _broken(findings, as_of):
            raise_(alarm, as_of=as_of)
    return kept


def prove_or_tell(town: str, *, as_of: datetime) -> Proof:
    """The same; where the check itself breaks off, nobody knows whether the logs add up, which is an alarm as well. Raises whatever
    broke it off."""
    try:
        return prove(town, as_of=as_of)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        with towns.inside(town):
            raise_(Alarm("no-proof", "", f"{in_tokyo(as_of):%Y-%m-%d}", as_of, what=why), as_of=as_of)
        raise


def _told(finding: proof.Finding) -> str:
    return f"case {finding.case}: {finding.what}" if finding.case else finding.what


def last_proof() -> Proof | None:
    """What came of the last check of both logs, in the open town."""
    return Proof.objects.order_by("-at", "-id").first()
