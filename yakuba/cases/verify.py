"""Proves that nobody rewrote the log: hash chains, checkpoints, and projections equal to a replay."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
from django.db import connection, transaction

from yakuba.access import seals, towns
from yakuba.cases import arrivals, chain, erasure, replay, signing
from yakuba.cases.events import Anonymised
from yakuba.cases.models import Case, Checkpoint, Event
from yakuba.clock import in_tokyo

FORMAT = "yakuba-checkpoint-2"
GOES_BACK = timedelta(days=1)
"""An event that is dated so long before the one before it is told: work that was entered later comes within a day."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up: where, and what it means."""

    case: uuid.UUID | None
    seq: int | None
    what: str


@dataclass(slots=True)
class Verified:
    """What came of checking both logs of a town. `looks`: sealed rows of the access log; `unsealed`: those that wait.
    `clocks`: where a clock was wrong, which breaks nothing."""

    town: str
    cases: int = 0
    events: int = 0
    looks: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    certificates: int = 0
    findings: list[Finding] = field(default_factory=list)
    clocks: list[Finding] = field(default_factory=list)


def whole(town: str) -> Verified:
    """Check the case log, the access log, the checkpoints over both and the certificates of what was removed."""
    done = Verified(town)
    with _at_one_moment(), towns.inside(town):
        done.cases, done.events, done.findings = verify(town)
        log = seals.verify(town)
        done.looks, done.unsealed = log.events, log.waiting
        done.findings += [Finding(None, None, f"access log, {one.what}") for one in log.breaks]
        done.findings += _verify_cuts(town)
        done.clocks = [Finding(None, None, f"access log, {one.what}") for one in log.clocks]
        done.clocks += _clocks()
        done.checkpoints, done.certificates = Checkpoint.objects.count(), erasure.count()
    return done


@contextmanager
def _at_one_moment() -> Iterator[None]:
    """What is read meanwhile is as it was at one moment, so that work that goes on is not taken for a contradiction."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def verify(town: str) -> tuple[int, int, list[Finding]]:
    """Check every hash of the town's case log, its checkpoints and certificates, and that cases and tasks are what the log
    gives; returns cases, events, findings."""
    findings: list[Finding] = []
    cases = events = 0
    with towns.inside(town):
        unseen = set(Case.objects.values_list("id", flat=True))
        for some in replay.histories():
            findings += _verify_some(town, some)
            unseen -= some.keys()
            cases, events = cases + len(some), events + sum(map(len, some.values()))
        findings += [Finding(case, None, "this case has no events at all") for case in sorted(unseen)]
        findings += _verify_texts()
        findings += _verify_checkpoints()
        findings += [Finding(case, seq, what) for case, seq, what in erasure.findings()]
    return cases, events, findings


def verify_newest(town: str, most: int) -> list[Finding]:
    """A quick look: the hash chains alone, of the cases in which something happened last."""
    with towns.inside(town):
        last = Event.objects.order_by("-id").values_list("case_id", flat=True)[: most * 10]
        newest = list(dict.fromkeys(last))[:most]
        logs: dict[uuid.UUID, list[Event]] = {case: [] for case in newest}
        for row in Event.objects.filter(case_id__in=newest).order_by("case_id", "seq"):
            logs[row.case_id].append(row)
        return [finding for case, log in logs.items() for finding in _verify_chain(town, case, log)]


def _verify_some(town: str, some: Mapping[uuid.UUID, Sequence[Event]]) -> list[Finding]:
    """The chains of these cases; what is derived is compared only where the chain is whole."""
    findings = [finding for case, log in some.items() for finding in _verify_chain(town, case, log)]
    whole = {case: log for case, log in some.items() if case not in {f.case for f in findings}}
    return findings + [Finding(case, None, what) for case, what in replay.differences(whole)]


def _verify_chain(town: str, case: uuid.UUID, log: Sequence[Event]) -> list[Finding]:
    head, findings = chain.GENESIS, list[Finding]()
    anonymised = any(row.kind == Anonymised.kind for row in log)
    for count, row in enumerate(log, start=1):
        if row.seq != count:
            return [*findings, Finding(case, count, f"event {count} is missing (next found: {row.seq})")]
        if wrong := _private_is(row, anonymised):
            findings.append(
                Finding(case, row.seq, f"the private part of event {row.seq} ({row.kind}) {wrong}")
            )
        if (_rehash(town, row, head), head) != (bytes(row.hash), bytes(row.prev)):
            findings.append(
                Finding(
                    case,
                    row.seq,
                    f"event {row.seq} ({row.kind}, {in_tokyo(row.at):%Y-%m-%d %H:%M}) was changed",
                )
            )
        head = bytes(row.hash)
    return findings


def _private_is(row: Event, anonymised: bool) -> str:
    """What is wrong with the private part of an event; only that of an anonymised case may be missing, and must."""
    if row.digest is None:
        return ""
    if row.private is None:
        return "" if anonymised else "was removed, though the case was never anonymised"
    if anonymised:
        return "is still there, though the case was anonymised"
    given = chain.private_digest(chain.canonical(row.private), bytes(row.salt or b""))
    return "" if given == bytes(row.digest) else "was changed"


def _rehash(town: str, row: Event, previous: bytes) -> bytes:
    return chain.link(
        previous,
        town=town,
        case=str(row.case_id),
        seq=row.seq,
        kind=row.kind,
        at=row.at,
        by_kind=row.by_kind,
        by_id=row.by_id,
        key=row.key,
        body=row.body,
        digest=None if row.digest is None else bytes(row.digest),
    )


def _verify_texts() -> list[Finding]:
    """The texts of services by which cases are read: each is named by its digest."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select service, version from cases_serviceversion
               where version <> encode(sha256(convert_to(bundle, 'UTF8')), 'hex')"""
        )
        changed = cursor.fetchall()
    return [
        Finding(None, None, f"the kept text of service {name} (version {version[:12]}) was changed")
        for name, version in changed
    ]


def _clocks() -> list[Finding]:
    """Events that are dated long before the one before them, and checkpoints that are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select case_id, seq, kind, at, before from (
                 select case_id, seq, kind, at, lag(at) over (partition by case_id order by seq) as before
                 from cases_event) as e where at < before - make_interval(secs => %s) order by case_id, seq limit 100""",
            [GOES_BACK.total_seconds()],
        )
        rows = cursor.fetchall()
    found = [
        Finding(case, seq, f"event {seq} ({kind}) is dated {_said(at)}, the one before it {_said(before)}")
        for case, seq, kind, at, before in rows
    ]
    times = list(Checkpoint.objects.order_by("id").values_list("at", flat=True))
    found += [
        Finding(
            None,
            None,
            f"the checkpoint of {_said(later)} was made after that of {_said(at)}: a clock went back",
        )
        for at, later in pairwise(times)
        if later < at - seals.CLOCKS_APART
    ]
    return found


def _said(at: datetime) -> str:
    return f"{in_tokyo(at):%Y-%m-%d %H:%M}"


# -- checkpoints -------------------------------------------------------------------------------
Bound = dict[uuid.UUID, tuple[int, bytes]]
"""Cases with the number and the hash of their last event."""


def checkpoint(town: str, *, as_of: datetime) -> Checkpoint:
    """Sign a digest over the heads of all cases and where the access log stands; a copy kept outside shows logs that were
    replaced whole. What can be sealed of the access log is sealed before."""
    with towns.inside(town):
        return checkpoint_and_heads(town, as_of=as_of)[0]


def checkpoint_and_heads(town: str, *, as_of: datetime) -> tuple[Checkpoint, Bound]:
    """The same inside of the town, with all that it bound."""
    towns.alone_with("checkpoint")
    seals.seal_all(town, as_of=as_of)
    bound = heads()
    key = signing.signing_key()
    digest = digest_of(town, as_of, bound)
    said = _statement(town, as_of, bound, digest)
    made = Checkpoint.objects.create(
        town=town,
        at=as_of,
        cases=len(bound),
        events=sum(seq for seq, _ in bound.values()),
        heads=orjson.dumps(_changes(bound)).decode(),
        digest=digest,
        signature=key.sign(digest),
        public_key=signing.public(key),
        statement=said.decode(),
        statement_signature=key.sign(said),
    )
    return made, bound


def last_checkpoint() -> datetime | None:
    """When the newest checkpoint of the open town was made."""
    return Checkpoint.objects.order_by("-id").values_list("at", flat=True).first()


def heads() -> Bound:
    """Where all cases of the open town stand."""
    rows = Case.objects.order_by("id").values_list("id", "seq", "head")
    return {case: (seq, bytes(head)) for case, seq, head in rows}


def _statement(town: str, at: datetime, bound: Bound, digest: bytes) -> bytes:
    """What a checkpoint says, in the one way of writing it."""
    last = Checkpoint.objects.exclude(statement="").order_by("-id").first()
    log, certified = seals.head(town), erasure.head()
    return chain.canonical(
        {
            "format": FORMAT,
            "town": town,
            "at": in_tokyo(at).isoformat(),
            "number": Checkpoint.objects.count() + 1,
            "previous": _sha(last.statement) if last else "",
            "cases": {
                "count": len(bound),
                "events": sum(seq for seq, _ in bound.values()),
                "digest": digest.hex(),
            },
            "access": {
                "seals": log.seals,
                "events": log.events,
                "last_event": log.last_event,
                "hash": log.hash,
            },
            "certificates": {"count": certified[0], "hash": certified[1]},
        }
    )


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _changes(bound: Bound) -> list[list[Any]]:
    """What is not as the checkpoints before have it; 0: the case is gone."""
    known: dict[uuid.UUID, int] = {}
    for text, delta in Checkpoint.objects.order_by("id").values_list("heads", "statement"):
        known = _with(known if delta else {}, text)
    changed = [[str(case), seq] for case, (seq, _) in bound.items() if known.get(case) != seq]
    return changed + [[str(case), 0] for case in known.keys() - bound.keys()]


def _with(known: dict[uuid.UUID, int], text: str) -> dict[uuid.UUID, int]:
    """What was bound before, and what a checkpoint says of it."""
    for case, seq in orjson.loads(text):
        if seq:
            known[uuid.UUID(case)] = seq
        else:
            known.pop(uuid.UUID(case), None)
    return known


def digest_of(town: str, at: datetime, bound: Bound) -> bytes:
    """The digest that a checkpoint signs."""
    total = hashlib.sha256(f"{town} {int(at.timestamp() * 1_000_000)} ".encode())
    for case in sorted(bound):
        seq, head = bound[case]
        total.update(case.bytes + seq.to_bytes(4, "big") + head)
    return total.digest()


def _verify_checkpoints() -> Iterator[Finding]:
    known: dict[uuid.UUID, int] = {}
    hashes: Bound = {}
    before = ""
    for number, row in enumerate(Checkpoint.objects.order_by("id"), start=1):
        name = f"checkpoint of {in_tokyo(row.at):%Y-%m-%d %H:%M}"
        key = bytes(row.public_key)
        wrong = signing.wrong(key, bytes(row.signature), bytes(row.digest))
        if what := wrong or arrivals.too_late(key, row.at):
            yield Finding(None, None, f"{name}: {what}")
            continue
        try:
            known = _with(known if row.statement else {}, row.heads)
        except (ValueError, TypeError):
            yield Finding(None, None, f"{name}: its list of cases was changed")
            continue
        hashes = {case: hashes[case] for case in known if hashes.get(case, (0,))[0] == known[case]}
        hashes |= hashes_of({case: seq for case, seq in known.items() if case not in hashes})
        yield from _verify_heads(row, known, hashes, name)
        if row.statement:
            yield from _verify_statement(row, number, before, name)
            before = row.statement


def hashes_of(wanted: Mapping[uuid.UUID, int]) -> Bound:
    """The hashes of these events, as far as they are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select e.case_id, e.seq, e.hash from unnest(%s::uuid[], %s::int[]) as w(case_id, seq)
               join cases_event e on e.case_id = w.case_id and e.seq = w.seq""",
            [list(wanted), list(wanted.values())],
        )
        return {case: (seq, bytes(head)) for case, seq, head in cursor.fetchall()}


def _verify_heads(
    row: Checkpoint, known: Mapping[uuid.UUID, int], hashes: Bound, name: str
) -> Iterable[Finding]:
    lost = [
        Finding(case, seq, f"{name}: event {seq} of this case is gone")
        for case, seq in known.items()
        if case not in hashes
    ]
    if lost or digest_of(row.town, row.at, hashes) != bytes(row.digest):
        return lost or [Finding(None, None, f"{name}: the log does not give the signed digest any more")]
    return []


def _verify_statement(row: Checkpoint, number: int, before: str, name: str) -> Iterator[Finding]:
    """What binds a checkpoint to the access log and to the checkpoint before it."""
    signature = bytes(row.statement_signature or b"")
    if what := signing.wrong(bytes(row.public_key), signature, row.statement.encode()):
        yield Finding(None, None, f"{name}: of what it says, {what}")
        return
    said = orjson.loads(row.statement)
    if said["cases"]["digest"] != bytes(row.digest).hex():
        yield Finding(None, None, f"{name}: it says something else than its digest")
    if said["previous"] != (_sha(before) if before else "") or said["number"] != number:
        yield Finding(None, None, f"{name}: the checkpoint before it is missing or was changed")
    yield from (Finding(None, None, f"{name}: {what}") for what in access_differs(row.town, said["access"]))
    if what := erasure.differs(said["certificates"]["count"], said["certificates"]["hash"]):
        yield Finding(None, None, f"{name}: {what}")


def access_differs(town: str, bound: Mapping[str, Any]) -> Iterator[str]:
    """Where the access log is not the one that was bound."""
    if not bound["last_event"]:
        return
    found = seals.hashes(town, [bound["last_event"]]).get(bound["last_event"])
    if found is None:
        yield f"the access log has no link any more that ends with row {bound['last_event']}"
    elif found != bound["hash"]:
        yield f"the access log up to row {bound['last_event']} is another one than was bound"


def _verify_cuts(town: str) -> Iterator[Finding]:
    """What was removed from the access log: signed, and with the link that it names."""
    for cut in seals.cuts(town):
        name = f"removal of the access log up to row {cut.last_event}"
        if what := signing.wrong(bytes(cut.public_key), bytes(cut.signature), cut.statement.encode()):
            yield Finding(None, None, f"{name}: {what}")
            continue
        said = orjson.loads(cut.statement)
        if said["town"] != town or said["last_event"] != cut.last_event:
            yield Finding(None, None, f"{name}: it says something else")
        yield from (Finding(None, None, f"{name}: {what}") for what in access_differs(town, said))
