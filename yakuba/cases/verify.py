"""Proves that nobody rewrote the log: hash chains, checkpoints, and projections equal to a replay."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection

from yakuba.access import towns
from yakuba.cases import chain, replay
from yakuba.cases.events import Anonymised
from yakuba.cases.models import Case, Checkpoint, Event


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up: where, and what it means."""

    case: uuid.UUID | None
    seq: int | None
    what: str


def verify(town: str) -> tuple[int, int, list[Finding]]:
    """Check every hash of the town's log, its checkpoints, and that cases and tasks are what the log gives;
    returns cases, events, findings."""
    findings: list[Finding] = []
    cases = events = 0
    with towns.inside(town):
        unseen = set(Case.objects.values_list("id", flat=True))
        for some in replay.histories():
            findings += _verify_some(town, some)
            unseen -= some.keys()
            cases, events = cases + len(some), events + sum(map(len, some.values()))
        findings += [Finding(case, None, "this case has no events at all") for case in sorted(unseen)]
        findings += _verify_checkpoints()
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
                Finding(case, row.seq, f"event {row.seq} ({row.kind}, {row.at:%Y-%m-%d %H:%M}) was changed")
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


# -- checkpoints -------------------------------------------------------------------------------
def signing_key() -> Ed25519PrivateKey:
    """The installation's key; made on first use in the var folder, readable by its owner only."""
    path = Path(settings.YAKUBA_VAR) / "checkpoint.key"
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        raw = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.touch(mode=0o600)
        path.write_bytes(raw)
    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(loaded, Ed25519PrivateKey)
    return loaded


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def checkpoint(town: str, *, as_of: datetime) -> Checkpoint:
    """Sign a digest over the heads of all cases; a copy kept outside shows a log that was replaced whole."""
    with towns.inside(town):
        heads = [
            (case, seq, bytes(head))
            for case, seq, head in Case.objects.order_by("id").values_list("id", "seq", "head")
        ]
        key = signing_key()
        digest = _digest(town, as_of, heads)
        return Checkpoint.objects.create(
            town=town,
            at=as_of,
            cases=len(heads),
            events=sum(seq for _, seq, _ in heads),
            heads=orjson.dumps([[str(case), seq] for case, seq, _ in heads]).decode(),
            digest=digest,
            signature=key.sign(digest),
            public_key=_public(key),
        )


def _digest(town: str, at: datetime, heads: Iterable[tuple[uuid.UUID, int, bytes | memoryview]]) -> bytes:
    total = hashlib.sha256(f"{town} {int(at.timestamp() * 1_000_000)} ".encode())
    for case, seq, head in heads:
        total.update(case.bytes + seq.to_bytes(4, "big") + bytes(head))
    return total.digest()


def _verify_checkpoints() -> list[Finding]:
    return [finding for row in Checkpoint.objects.order_by("at") for finding in _verify_checkpoint(row)]


def _verify_checkpoint(row: Checkpoint) -> list[Finding]:
    name = f"checkpoint of {row.at:%Y-%m-%d %H:%M}"
    if bytes(row.public_key) != _public(signing_key()):
        return [
            Finding(None, None, f"{name}: it was signed with another key than checkpoint.key of this server")
        ]
    try:
        Ed25519PublicKey.from_public_bytes(bytes(row.public_key)).verify(
            bytes(row.signature), bytes(row.digest)
        )
    except InvalidSignature:
        return [Finding(None, None, f"{name}: its signature is not valid")]
    bound = [(uuid.UUID(case), seq) for case, seq in orjson.loads(row.heads)]
    with connection.cursor() as cursor:
        cursor.execute(
            """select w.case_id, w.seq, e.hash from unnest(%s::uuid[], %s::int[]) as w(case_id, seq)
               left join cases_event e on e.case_id = w.case_id and e.seq = w.seq order by w.case_id""",
            [[case for case, _ in bound], [seq for _, seq in bound]],
        )
        rows = cursor.fetchall()
    lost = [
        Finding(case, seq, f"{name}: event {seq} of this case is gone")
        for case, seq, head in rows
        if head is None
    ]
    if lost or _digest(row.town, row.at, rows) != bytes(row.digest):
        return lost or [Finding(None, None, f"{name}: the log does not give the signed digest any more")]
    return []
