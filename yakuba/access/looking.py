"""What can be asked of the access log: who looked at somebody, and what an auditor or an alarm looks for.

Everything is found by the indexes of the log, and a page at a time: a log of years is read nowhere as a whole.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from yakuba.access import log, towns, upward
from yakuba.access.models import AccessEvent, Staff

#: Who looks at what is their own, or at nothing of anybody.
NOT_OTHERS = ("resident", "public", "system")
#: What is not a look at a single person, even where its row names one.
KEPT_APART = frozenset({"register.search", "queue.export", "entitled.read"})


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at what concerns a person, or `count` of the same kind on one day, the first at `at`. `roles`: in which the
    member of staff acted; `zone`: from where (of `circumstances`), "" where the log does not say; `glass`: it was a break-glass
    access."""

    at: datetime
    until: datetime
    count: int
    worker_kind: str
    worker: str
    action: str
    type: str
    id: str
    case: str
    roles: tuple[str, ...] = ()
    zone: str = ""
    acting_for: tuple[str, ...] = ()
    glass: bool = False


_LOOKED = """
select min(e.at) as first, max(e.at), count(*), e.worker_kind, e.worker_id, e.action, e.resource_type, e.resource_id,
  e.acting_for, (array_agg(e.question order by e.id desc))[1]::text
from unnest(%(types)s::text[], %(ids)s::text[]) as w(type, id)
join access_accessevent e on e.town = %(town)s and e.resource_type = w.type and e.resource_id = w.id
where e.outcome = %(allowed)s and e.action = any(%(actions)s) and e.worker_kind <> all(%(own)s)
  and e.at >= coalesce(%(since)s, '-infinity'::timestamptz) and e.at < coalesce(%(until)s, 'infinity'::timestamptz)
group by (e.at at time zone 'Asia/Tokyo')::date, e.worker_kind, e.worker_id, e.action, e.resource_type, e.resource_id,
  e.acting_for, e.question->'circumstances'->>'zone', e.question->'circumstances'->>'granted'
order by first desc, e.resource_id limit %(limit)s"""


def who_looked(
    person: str, *, since: datetime | None = None, until: datetime | None = None, limit: int
) -> list[Looked]:
    """Who looked at what concerns a person (a register id): their entry in the register, their cases, papers and letters.
    Looks of one kind by one worker on one day are counted together; the newest first."""
    about = upward.concerning(person)
    asked = {
        "types": [type for type, _ in about],
        "ids": [id for _, id in about],
        "town": towns.current_town(),
        "allowed": log.ALLOWED,
        "actions": sorted(log.TRACED - KEPT_APART),
        "own": list(NOT_OTHERS),
        "since": since,
        "until": until,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, asked)
        return [_looked(row, about) for row in cursor.fetchall()]


def _looked(row: Sequence[Any], about: Any) -> Looked:
    first, last, count, kind, worker, action, type, id, acting_for, question = row
    roles, zone, glass = around(question)
    case = about[type, id]
    return Looked(
        first, last, count, kind, worker, action, type, id, case, roles, zone, tuple(acting_for), glass
    )


def around(question: Any) -> tuple[tuple[str, ...], str, bool]:
    """The roles of who asked, the zone that they asked from, and whether it was a break-glass access, where a row says so."""
    said = orjson.loads(question) if isinstance(question, str) else question
    if not isinstance(said, dict):
        return (), "", False
    roles, circumstances = said.get("roles"), said.get("circumstances")
    known = circumstances if isinstance(circumstances, dict) else {}
    in_roles = tuple(map(str, roles)) if isinstance(roles, list) else ()
    return in_roles, str(known.get("zone", "")), known.get("granted") is True


def roles_of(workers: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The roles that members of staff (worker ids) have now, for rows that do not say which they had."""
    return {one.worker().id: tuple(one.roles) for one in Staff.objects.filter(id__in=_ids(workers))}


def _ids(workers: Collection[str]) -> list[uuid.UUID]:
    """The accounts of those workers that are staff."""
    found = []
    for worker in workers:
        with suppress(ValueError):
            found.append(uuid.UUID(worker.removeprefix("staff:")))
    return found


# -- the auditor -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sought:
    """What an auditor looks for in the log. `about`: (type, id) of what was looked at; None: anything."""

    worker: str = ""
    action: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    about: Sequence[tuple[str, str]] | None = None


def found(sought: Sought) -> QuerySet[AccessEvent]:
    """The rows that an auditor looks for, the newest first."""
    asked = {
        "worker_id": sought.worker,
        "action": sought.action,
        "outcome": sought.outcome,
        "at__gte": sought.since,
        "at__lt": sought.until,
    }
    rows = AccessEvent.objects.filter(town=towns.current_town())
    rows = rows.filter(**{name: value for name, value in asked.items() if value})
    if sought.about is not None:
        rows = rows.filter(_about(sought.about))
    return rows.order_by("-at", "-id")


def _about(resources: Sequence[tuple[str, str]]) -> Q:
    by_type: dict[str, list[str]] = {}
    for type, id in resources:
        by_type.setdefault(type, []).append(id)
    either = Q(pk__in=[])
    for type, ids in by_type.items():
        either |= Q(resource_type=type, resource_id__in=ids)
    return either


def page(sought: Sought, *, size: int, before: tuple[datetime, int] | None = None) -> list[AccessEvent]:
    """At most `size` rows and one more, if there is one; those older than a row (its time and id) where it is given."""
    rows = found(sought)
    if before:
        at, id = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=id), at__lte=at)
    return list(rows[: size + 1])


def every(sought: Sought, *, most: int) -> Iterator[AccessEvent]:
    """The rows, at most so many, read some at a time."""
    yield from found(sought)[:most].iterator(chunk_size=2000)


def actions_seen() -> list[str]:
    """The actions that the traced and the refused rows may name."""
    return sorted({*log.TRACED, "sign_in", "sign_out"})


# -- alarms ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tried:
    """Sign-ins that failed for one account (worker id, or `unknown`), and how many."""

    account: str
    count: int
    first: datetime


def failed_sign_ins(since: datetime) -> list[Tried]:
    """Sign-ins that failed since a moment, by account. Rows that stand for many (`staff:… ×128`) count as so many."""
    rows = (
        AccessEvent.objects.filter(
            town=towns.current_town(), at__gte=since, action="sign_in", outcome__in=[log.FAILED, log.LOCKED]
        )
        .order_by("at")
        .values_list("resource_id", "at")
    )
    tried: dict[str, Tried] = {}
    for id, at in rows.iterator(chunk_size=2000):
        account, _, many = id.partition(" ×")
        known = tried.get(account, Tried(account, 0, at))
        tried[account] = Tried(account, max(known.count + 1, int(many) if many.isdigit() else 0), known.first)
    return list(tried.values())


def failed_references(since: datetime) -> Tried:
    """Tries, since a moment, to see a case by a reference number and a birth date that do not fit."""
    rows = AccessEvent.objects.filter(
        town=towns.current_town(), at__gte=since, action="status.read", outcome=log.FAILED
    ).aggregate(count=Count("id"), first=Min("at"))
    return Tried("", rows["count"], rows["first"] or since)


def closed_accounts(accounts: Collection[str]) -> set[str]:
    """Those of the accounts (worker ids) that are closed."""
    return {one.worker().id for one in Staff.objects.filter(id__in=_ids(accounts), is_active=False)}


def refusals(since: datetime, least: int) -> list[Tried]:
    """Staff who were refused at least so often since a moment."""
    return _counted(since, least, Q(outcome=log.DENIED, worker_kind="staff"))


def uses(action: str, since: datetime, least: int) -> list[Tried]:
    """Staff who were allowed an action at least so often since a moment."""
    return _counted(since, least, Q(outcome=log.ALLOWED, worker_kind="staff", action=action))


def _counted(since: datetime, least: int, which: Q) -> list[Tried]:
    rows = (
        AccessEvent.objects.filter(which, town=towns.current_town(), at__gte=since)
        .values("worker_id")
        .annotate(count=Count("id"), first=Min("at"))
        .filter(count__gte=least)
    )
    return [Tried(row["worker_id"], row["count"], row["first"]) for row in rows]


def looked_at_many(since: datetime, until: datetime, least: int) -> dict[str, list[tuple[str, str]]]:
    """Staff who looked at so many different people, cases or papers within a time: (type, id) of each of them."""
    looks = AccessEvent.objects.filter(
        town=towns.current_town(),
        at__gte=since,
        at__lt=until,
        outcome=log.ALLOWED,
        worker_kind="staff",
        action__in=sorted(log.TRACED - KEPT_APART),
        resource_type__in=["Person", "Case", "Document", "Message"],
    )
    many = (
        looks.values("worker_id")
        .annotate(count=Count("resource_id", distinct=True))
        .filter(count__gte=least)
        .values_list("worker_id", flat=True)
    )
    seen: dict[str, list[tuple[str, str]]] = {worker: [] for worker in many}
    rows = looks.filter(worker_id__in=list(seen)).values_list("worker_id", "resource_type", "resource_id")
    for worker, type, id in rows.distinct().iterator(chunk_size=5000):
        seen[worker].append((type, id))
    return seen
