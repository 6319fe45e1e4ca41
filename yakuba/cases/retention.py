"""How long a request is kept, and what happens then: the log keeps that something happened, and no longer to whom.

A service declares it (`keep: {closed: 5 years, abandoned: 30 days}`). What other rooms store about a case goes with it;
a room says so itself:

    @holds("money", needed)         which cases must stay as they are for now
    @forgets                        remove what this room knows of people in these cases
    @expires("drafts")              what was begun and never became a case
"""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet

from yakuba.access import SYSTEM, towns
from yakuba.cases import catalogue, erasure
from yakuba.cases import events as e
from yakuba.cases.log import Entry, record_many
from yakuba.cases.models import Case, Document, Event, Task
from yakuba.cases.state import CASE_CLOSED, OPEN
from yakuba.clock import ROUND_THE_CLOCK, TOKYO, Duration, Unit, due, fiscal_year, in_tokyo

EARLIEST = date(1900, 1, 1)
"""A day before any case."""
BATCH = 500
"""Cases of one transaction."""
ARCHIVIST = "yakuba_archivist"
"""The database's role that may remove the private parts of events, and do nothing else to them."""

T = TypeVar("T")
Needed = Callable[[Collection[uuid.UUID], datetime], set[uuid.UUID]]
Forget = Callable[[Collection[uuid.UUID]], None]
Expire = Callable[[str, datetime, bool], int]

_HOLDS: dict[str, Needed] = {}
_FORGETS: list[Forget] = []
_EXPIRES: dict[str, Expire] = {}


def holds(room: str) -> Callable[[Needed], Needed]:
    """Declare which of some closed cases a room needs as they are, on a day. Raises ValueError for a second one."""
    return _once(_HOLDS, room)


def forgets(forget: Forget) -> Forget:
    """Declare how a room removes what it knows of people in some cases, in the transaction that anonymises them."""
    _FORGETS.append(forget)
    return forget


def expires(what: str) -> Callable[[Expire], Expire]:
    """Declare what is abandoned in a service before it is a case. The function takes the service, the moment before which
    it was touched last, and whether to remove it; it returns how many. Raises ValueError for a second one."""
    return _once(_EXPIRES, what)


def _once(registry: dict[str, T], name: str) -> Callable[[T], T]:
    def register(function: T) -> T:
        if name in registry:
            raise ValueError(f"{name!r} is declared twice")
        registry[name] = function
        return function

    return register


def kept_until(since: date, duration: Duration) -> datetime:
    """The last moment of a keeping time that began on that day, in Asia/Tokyo.

    Years are counted from the fiscal year after it, as for the papers of the state (公文書等の管理に関する法律施行令 第8条);
    shorter times from the day itself.
    """
    if duration.unit == Unit.YEAR:
        since = date(fiscal_year(since) + 1, 3, 31)
    return due(datetime.combine(since, time(), TOKYO), duration, ROUND_THE_CLOCK)


def over_before(duration: Duration, as_of: datetime) -> datetime:
    """The moment before which something must have ended for its keeping time to be over now, in Asia/Tokyo."""
    days = range(EARLIEST.toordinal(), in_tokyo(as_of).date().toordinal() + 1)
    first = bisect_left(days, as_of, key=lambda day: kept_until(date.fromordinal(day), duration))
    return datetime.combine(date.fromordinal(days[first]), time(), TOKYO)


@dataclass(slots=True)
class Report:
    """What is over, by service. `due`: cases that are anonymised (of a dry run: would be); `held`: by room, cases that
    are over and still needed; `documents` and `bytes`: their files; `abandoned`: by kind, what never became a case;
    `certificate`: the number of the one that was issued over it."""

    town: str
    as_of: str
    due: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    bytes: int = 0
    abandoned: dict[str, int] = field(default_factory=dict)
    certificate: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def survey(town: str, *, as_of: datetime) -> Report:
    """What would be removed now; nothing is changed."""
    report = Report(town, in_tokyo(as_of).isoformat())
    with towns.inside(town):
        for service, found in _over(as_of):
            cases = list(found.values_list("id", flat=True))
            _count(report, service, _released(cases, as_of, report))
        report.abandoned = _abandoned(as_of, remove=False)
    return report


def run(town: str, *, as_of: datetime) -> Report:
    """Remove what is over, some cases at a time, each batch all or nothing, and certify it. Run again it finds nothing."""
    report = Report(town, in_tokyo(as_of).isoformat())
    with towns.inside(town):
        plans = [(service, list(found.values_list("id", flat=True))) for service, found in _over(as_of)]
    for service, cases in plans:
        for start in range(0, len(cases), BATCH):
            with towns.inside(town):
                free = _released(_still(cases[start : start + BATCH]), as_of, report)
                _count(report, service, free)
                anonymise(free, as_of=as_of)
    with towns.inside(town):
        report.abandoned = _abandoned(as_of, remove=True)
        made = erasure.certify(as_of=as_of, abandoned=report.abandoned)
    report.certificate = made.number if made else None
    return report


def _over(as_of: datetime) -> Iterator[tuple[str, QuerySet[Case]]]:
    """Closed cases whose keeping time is over, by the version that each began with."""
    kept = _kept()
    for row in kept.values("service", "version").annotate(Count("id")).order_by("service", "version"):
        keep = catalogue.version(row["version"]).file.keep
        yield (
            row["service"],
            kept.filter(version=row["version"], closed_at__lt=over_before(keep.closed, as_of)).order_by("id"),
        )


def _kept() -> QuerySet[Case]:
    """Closed cases that still say whom they are about; not those that wait for something, such as an objection."""
    waits = Task.objects.filter(case=OuterRef("pk"), status=OPEN)
    return Case.objects.filter(~Exists(waits), state=CASE_CLOSED).exclude(status__has_key="anonymised")


def _still(cases: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Locked, so that nobody takes one up again meanwhile."""
    found = _kept().filter(id__in=cases).order_by("id").select_for_update()
    return list(found.values_list("id", flat=True))


def _released(cases: Sequence[uuid.UUID], as_of: datetime, report: Report) -> list[uuid.UUID]:
    """Those that nobody needs any more."""
    left = set(cases)
    for room, needed in _HOLDS.items():
        held = needed(left, as_of) if left else set()
        if held:
            report.held[room] = report.held.get(room, 0) + len(held)
        left -= held
    return sorted(left)


def _count(report: Report, service: str, cases: Sequence[uuid.UUID]) -> None:
    if not cases:
        return
    report.due[service] = report.due.get(service, 0) + len(cases)
    sizes = list(Document.objects.filter(id__in=_documents(cases)).values_list("size", flat=True))
    report.documents, report.bytes = report.documents + len(sizes), report.bytes + sum(sizes)


def _documents(cases: Sequence[uuid.UUID]) -> list[str]:
    attached = Event.objects.filter(case_id__in=cases, kind=e.Attached.kind)
    return list(attached.values_list("body__document", flat=True))


def _sizes(cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """How many files each case has, and their bytes; cases without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select e.case_id, count(d.id), coalesce(sum(d.size), 0)::bigint from cases_event e
               join cases_document d on d.id = (e.body->>'document')::uuid
               where e.case_id = any(%s) and e.kind = %s group by 1""",
            [list(cases), e.Attached.kind],
        )
        return {case: {"documents": count, "size": size} for case, count, size in cursor.fetchall()}


def _abandoned(as_of: datetime, *, remove: bool) -> dict[str, int]:
    """What nobody has touched for the time that the service of today declares."""
    counted: Counter[str] = Counter()
    for service in catalogue.current().services.values():
        before = over_before(service.file.keep.abandoned, as_of)
        for what, expire in _EXPIRES.items():
            counted[what] += expire(service.id, before, remove)
    return {what: count for what, count in counted.items() if count}


def anonymise(cases: Sequence[uuid.UUID], *, as_of: datetime) -> None:
    """Remove from these cases whom they are about, what was said and the files, for good.

    What happened, when, and by which office stays in the log, and its hashes with it. Raises access.Denied.
    """
    if not cases:
        return
    towns.alone_with(erasure.LOCK)
    town = towns.current_town()
    files = _documents(cases)
    sizes = _sizes(cases)
    entries = [Entry(case, e.Anonymised(**sizes.get(case, {})), f"anonymised:{case}") for case in cases]
    record_many(entries, by=SYSTEM(town), as_of=as_of)
    for forget in _FORGETS:
        forget(cases)
    Document.objects.filter(id__in=files).delete()
    _remove_private(cases)


def _remove_private(cases: Sequence[uuid.UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {ARCHIVIST}")
        cursor.execute(
            "update cases_event set private = null, salt = null where case_id = any(%s) and private is not null",
            [list(cases)],
        )
        cursor.execute("reset role")
