"""The hash chain of the access log: each link binds the rows since the link before, and names them.

`seal`, run by a job, binds what is settled, so that writers never wait for each other; `verify` computes the chain anew
and names the rows that were changed, removed or put in between. Nothing here stops who owns the database from writing a
whole new chain: that is what `cases.outside` finds out, with a file that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection
from django.db.models import Count, F, QuerySet, Sum

from yakuba.access import log, towns
from yakuba.access.models import AccessCut, AccessEvent, AccessSeal
from yakuba.clock import in_tokyo

GENESIS = "0" * 64
FORMAT = "yakuba-seal-2"
#: Ids are given before rows are committed: after this long no transaction can still add a row with a lower id
#: (a web request is ended after one minute).
SETTLED = timedelta(minutes=10)
#: Rows of one link: as many as are read into memory at a time.
MOST = 5000
#: How far the clock of whoever wrote a row may be from the database's, and how far either may go back.
CLOCKS_APART = timedelta(minutes=5)
#: Rows of one link that are named one by one.
NAMED = 20
COLUMNS = (
    "id", "town", "at", "written_at", "worker_kind", "worker_id", "action", "resource_type", "resource_id", "outcome",
    "policies", "acting_for", "question",
)  # fmt: skip
Said = tuple[Any, ...]
"""What a row says, in the order of COLUMNS."""
_ROW = struct.Struct(">q16s")


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold: the link's id, the row's where it is known, and what is wrong, in plain words."""

    seal: int
    what: str
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain stands: how many links and rows it has, and the hash of its last link."""

    seals: int
    events: int
    last_event: int
    hash: str


@dataclass(slots=True)
class Verified:
    """What came of computing the chain: links, rows that were sealed, rows that are not yet. `clocks`: where a clock was
    wrong, which is no break."""

    seals: int = 0
    events: int = 0
    waiting: int = 0
    breaks: list[Break] = field(default_factory=list)
    clocks: list[Break] = field(default_factory=list)


# -- making links ----------------------------------------------------------------------------------
def seal(town: str, *, as_of: datetime) -> AccessSeal | None:
    """Bind settled rows that no link covers yet, at most MOST; None when there are none. `as_of` is the wall clock."""
    towns.alone_with("access seal")
    last = AccessSeal.objects.filter(town=town).order_by("-last_event").first()
    settled = AccessEvent.objects.filter(town=town, written_at__lt=as_of - SETTLED).order_by("-id").first()
    found = _between(town, last.last_event if last else 0, settled.id if settled else 0)
    rows = _said(found[:MOST])
    if not rows:
        return None
    previous = last.hash if last else GENESIS
    digests = {row[0]: digest(row) for row in rows}
    end = rows[-1][0]
    return AccessSeal.objects.create(
        town=town,
        last_event=end,
        events=len(rows),
        previous=previous,
        hash=_hash(town, previous, end, as_of, digests.values()),
        sealed_at=as_of,
        rows=b"".join(_ROW.pack(id, one[:16]) for id, one in digests.items()),
    )


def seal_all(town: str, *, as_of: datetime) -> int:
    """Bind all settled rows; returns how many links were made."""
    made = 0
    while seal(town, as_of=as_of):
        made += 1
    return made


def digest(row: Said) -> bytes:
    """The digest of everything that a row says."""
    id, town, at, written_at, *rest = row
    said = [id, town, _micros(at), _micros(written_at), *rest]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _hash(town: str, previous: str, last: int, at: datetime, digests: Collection[bytes]) -> str:
    head = orjson.dumps([FORMAT, town, previous, last, len(digests), _micros(at)])
    return hashlib.sha256(head + b"".join(digests)).hexdigest()


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _between(town: str, after: int, last: int) -> QuerySet[AccessEvent]:
    return AccessEvent.objects.filter(town=town, id__gt=after, id__lte=last).order_by("id")


def _said(rows: QuerySet[AccessEvent]) -> list[Said]:
    return list(rows.values_list(*COLUMNS))


# -- reading it ------------------------------------------------------------------------------------
def head(town: str) -> Head:
    """Where the chain of a town stands."""
    last = last_seal(town)
    if last is None:
        return Head(0, 0, 0, GENESIS)
    counted = AccessSeal.objects.filter(town=town).aggregate(seals=Count("id"), events=Sum("events"))
    return Head(counted["seals"], counted["events"], last.last_event, last.hash)


def anchors(town: str, *, since: datetime) -> list[tuple[int, str]]:
    """Links by which a later reader finds where a chain begins to differ: all since a moment, and of each day before it
    the last one. (last row, hash), in order."""
    kept: dict[object, tuple[int, str]] = {}
    seals = AccessSeal.objects.filter(town=town).order_by("last_event")
    for last, hash_, at in seals.values_list("last_event", "hash", "sealed_at").iterator(chunk_size=5000):
        kept[last if at >= since else in_tokyo(at).date()] = (last, hash_)
    return sorted(kept.values())


def hashes(town: str, lasts: Sequence[int]) -> dict[int, str]:
    """The hashes of the links that end with these rows."""
    found = AccessSeal.objects.filter(town=town, last_event__in=lasts)
    return dict(found.values_list("last_event", "hash"))


def cuts(town: str) -> list[AccessCut]:
    """What was removed after its keeping time, oldest first."""
    return list(AccessCut.objects.filter(town=town).order_by("last_event"))


def last_before(town: str, moment: datetime) -> AccessSeal | None:
    """The newest link that was made before a moment."""
    return AccessSeal.objects.filter(town=town, sealed_at__lt=moment).order_by("-last_event").first()


def unsealed(town: str) -> int:
    """How many rows no link covers yet."""
    last = last_seal(town)
    return AccessEvent.objects.filter(town=town, id__gt=last.last_event if last else 0).count()


def last_seal(town: str) -> AccessSeal | None:
    """The newest link."""
    return AccessSeal.objects.filter(town=town).order_by("-last_event").first()


def some_before(town: str, links: int) -> int:
    """The last row of the link before the newest `links`; 0 where there are no more."""
    found = AccessSeal.objects.filter(town=town).order_by("-last_event").values_list("last_event", flat=True)
    return next(iter(found[links : links + 1]), 0)


# -- removing what is past its time ------------------------------------------------------------------
def remove_rows(town: str, last: int) -> int:
    """Remove the rows up to the end of a link, whose keeping time is over; how many. The caller has taken the role that may."""
    with connection.cursor() as cursor:
        cursor.execute("delete from access_accessevent where town = %s and id <= %s", [town, last])
        return cursor.rowcount


def keep_cut(town: str, last: int, statement: bytes, signature: bytes, public_key: bytes) -> AccessCut:
    """Keep what is said of rows that were removed, signed."""
    return AccessCut.objects.create(
        town=town,
        last_event=last,
        statement=statement.decode(),
        signature=signature,
        public_key=public_key,
    )


# -- proving it ------------------------------------------------------------------------------------
def verify(town: str, *, after: int = 0) -> Verified:
    """Compute the chain anew, from the link that ends with row `after` on; every link and row that does not hold."""
    done = Verified()
    cut = max((one.last_event for one in cuts(town)), default=0)
    before = AccessSeal.objects.filter(town=town, last_event=after).first() if after else None
    previous, start, at = (before.hash, after, before.sealed_at) if before else (GENESIS, 0, None)
    links = AccessSeal.objects.filter(town=town, last_event__gt=start).order_by("last_event")
    for link in links.iterator(chunk_size=200):
        done.seals, done.events = done.seals + 1, done.events + link.events
        name = f"link {link.id} (rows {start + 1} to {link.last_event}, sealed {in_tokyo(link.sealed_at):%Y-%m-%d %H:%M})"
        if link.previous != previous:
            done.breaks.append(Break(link.id, f"{name}: the link before it is missing or was changed"))
        if at and link.sealed_at < at - CLOCKS_APART:
            done.clocks.append(
                Break(link.id, f"{name}: it was sealed before the link before it: a clock went back")
            )
        rows = {row[0]: row for row in _said(_between(town, start, link.last_event))}
        if link.last_event <= cut:
            done.breaks += _cut_link(link, rows, name)
        else:
            done.breaks += _link(town, link, rows, name)
        previous, start, at = link.hash, link.last_event, link.sealed_at
    if cut and not AccessSeal.objects.filter(town=town, last_event=cut).exists():
        done.breaks.append(
            Break(0, f"the rows up to {cut} were removed, and the link that ends with them is missing")
        )
    done.waiting = AccessEvent.objects.filter(town=town, id__gt=start).count()
    done.clocks += _clocks(town, max(after, cut))
    return done


def _cut_link(link: AccessSeal, rows: Mapping[int, Said], name: str) -> Iterator[Break]:
    for id in sorted(rows)[:NAMED]:
        yield Break(link.id, f"{name}: row {id} is there, though all of these were removed", id)


def _link(town: str, link: AccessSeal, rows: Mapping[int, Said], name: str) -> Iterator[Break]:
    if link.rows is None:
        yield from _older_link(link, list(AccessEvent.objects.filter(id__in=list(rows)).order_by("id")), name)
        return
    digests = {id: digest(row) for id, row in rows.items()}
    named = list(_differing(link, rows, digests, name))
    yield from named
    whole = _hash(town, link.previous, link.last_event, link.sealed_at, digests.values())
    if not named and (whole != link.hash or link.events != len(rows)):
        yield Break(link.id, f"{name}: the link itself was changed")


def _differing(
    link: AccessSeal, rows: Mapping[int, Said], digests: Mapping[int, bytes], name: str
) -> Iterator[Break]:
    """The rows that are not as they were when they were sealed, NAMED of them one by one."""
    try:
        sealed = dict(_ROW.iter_unpack(bytes(link.rows or b"")))
    except struct.error:
        yield Break(link.id, f"{name}: the link itself was changed")
        return
    wrong = dict.fromkeys(sealed.keys() - rows.keys(), "is missing")
    wrong |= {one: f"was put in afterwards ({_told(rows[one])})" for one in rows.keys() - sealed.keys()}
    wrong |= {
        one: f"was changed (it says now: {_told(rows[one])})"
        for one in rows.keys() & sealed.keys()
        if digests[one][:16] != sealed[one]
    }
    for one in sorted(wrong)[:NAMED]:
        yield Break(link.id, f"{name}: row {one} {wrong[one]}", one)
    if len(wrong) > NAMED:
        yield Break(link.id, f"{name}: and {len(wrong) - NAMED} rows more")


def _told(row: Said) -> str:
    said = dict(zip(COLUMNS, row, strict=True))
    return f"{in_tokyo(said['at']):%Y-%m-%d %H:%M} {said['worker_id']} {said['action']} {said['outcome']}"


def _older_link(link: AccessSeal, rows: Sequence[AccessEvent], name: str) -> Iterator[Break]:
    """A link that says nothing of its rows one by one."""
    if len(rows) != link.events:
        yield Break(link.id, f"{name}: {link.events} rows were sealed, {len(rows)} are there")
    elif log.chained(link.previous, rows) != link.hash:
        yield Break(link.id, f"{name}: a row was changed after it was sealed")


def _clocks(town: str, after: int) -> list[Break]:
    """Rows whose own time is far from the database's: one of the two clocks was wrong."""
    rows = AccessEvent.objects.filter(town=town, id__gt=after)
    behind = rows.filter(at__lt=F("written_at") - CLOCKS_APART)
    ahead = rows.filter(at__gt=F("written_at") + CLOCKS_APART)
    found = []
    for wrong, which in ((behind, "behind"), (ahead, "ahead of")):
        for row in wrong.order_by("id")[:NAMED]:
            apart = abs(row.at - row.written_at)
            what = f"row {row.id} ({in_tokyo(row.at):%Y-%m-%d %H:%M}) is {apart} {which} the clock of the database"
            found.append(Break(0, what, row.id))
    return found
