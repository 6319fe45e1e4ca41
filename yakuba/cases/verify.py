"""Proves that nobody rewrote the log: hash chains, checkpoints, and projections equal to a replay."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction

from yakuba.access import towns
from yakuba.cases import catalogue, chain
from yakuba.cases import events as e
from yakuba.cases.models import Case, Checkpoint, Event, Task
from yakuba.cases.rows import task_rows
from yakuba.cases.state import CaseState, Recalled, fold
from yakuba.cases.store import rewrite
from yakuba.clock import TOKYO


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up: where, and what it means."""

    case: uuid.UUID | None
    seq: int | None
    what: str


def _events() -> Iterator[Event]:
    return Event.objects.order_by("case_id", "seq").iterator(chunk_size=5000)


def verify(town: str) -> tuple[int, int, list[Finding]]:
    """Check every hash of the town's log, and its checkpoints; returns cases, events, findings."""
    findings: list[Finding] = []
    cases = events = 0
    with towns.inside(town):
        heads = dict(Case.objects.values_list("id", "head"))
        for case, log in groupby(_events(), attrgetter("case_id")):
            cases += 1
            head, count, broken = _verify_case(town, case, log)
            events += count
            findings += broken
            if not broken and bytes(heads.pop(case, b"")) != head:
                findings.append(
                    Finding(case, count, "the last events of this case are missing, or its head was changed")
                )
            heads.pop(case, None)
        findings += [Finding(case, None, "this case has no events at all") for case in heads]
        findings += _verify_checkpoints()
    return cases, events, findings


def _verify_case(town: str, case: uuid.UUID, log: Iterator[Event]) -> tuple[bytes, int, list[Finding]]:
    head, count, findings = chain.GENESIS, 0, []
    for count, row in enumerate(log, start=1):
        if row.seq != count:
            return head, count, [Finding(case, count, f"event {count} is missing (next found: {row.seq})")]
        if row.private is not None:
            private = chain.private_digest(chain.canonical(row.private), bytes(row.salt or b""))
            if private != bytes(row.digest or b""):
                findings.append(
                    Finding(case, row.seq, f"the private part of event {row.seq} ({row.kind}) was changed")
                )
        head = _rehash(town, row, head)
        if head != bytes(row.hash):
            findings.append(
                Finding(case, row.seq, f"event {row.seq} ({row.kind}, {row.at:%Y-%m-%d %H:%M}) was changed")
            )
            head = bytes(row.hash)
    return head, count, findings


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


def checkpoint(town: str, *, as_of: datetime) -> Checkpoint:
    """Sign a digest over the heads of all cases; a copy kept outside shows a log that was replaced whole."""
    with towns.inside(town):
        heads = list(Case.objects.order_by("id").values_list("id", "seq", "head"))
        key = signing_key()
        digest = _digest(heads)
        public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return Checkpoint.objects.create(
            town=town,
            at=as_of,
            cases=len(heads),
            events=sum(seq for _, seq, _ in heads),
            heads=orjson.dumps([[str(case), seq] for case, seq, _ in heads]).decode(),
            digest=digest,
            signature=key.sign(digest),
            public_key=public,
        )


def _digest(heads: Iterable[tuple[uuid.UUID, int, bytes | memoryview]]) -> bytes:
    total = hashlib.sha256()
    for case, seq, head in heads:
        total.update(case.bytes + seq.to_bytes(4, "big") + bytes(head))
    return total.digest()


def _verify_checkpoints() -> list[Finding]:
    return [finding for row in Checkpoint.objects.order_by("at") for finding in _verify_checkpoint(row)]


def _verify_checkpoint(row: Checkpoint) -> list[Finding]:
    name = f"checkpoint of {row.at:%Y-%m-%d %H:%M}"
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
    if lost or _digest(rows) != bytes(row.digest):
        return lost or [Finding(None, None, f"{name}: the log does not give the signed digest any more")]
    return []


# -- rebuild -----------------------------------------------------------------------------------
def rebuilt(case: uuid.UUID) -> tuple[CaseState, dict[uuid.UUID, dict[str, Any]]]:
    """The state and the task rows that follow from the case's events alone."""
    rows: dict[uuid.UUID, dict[str, Any]] = {}
    state = CaseState()
    for row in Event.objects.filter(case_id=case).order_by("seq"):
        event = e.read(row.kind, row.body, row.private)
        service = catalogue.version(event.version if isinstance(event, e.Opened) else state.version)
        before = CaseState.from_json(state.to_json()).steps if state.steps else {}
        at = row.at.astimezone(TOKYO)
        fold(state, event, at, service, Recalled(row.body.get("then", {})))
        rows |= {r["id"]: r for r in task_rows(case, before, state, service, at)}
    return state, rows


def rebuild(town: str) -> tuple[int, int]:
    """Make all projections of a town anew from its log; returns cases, tasks. All or nothing."""
    tasks = 0
    with transaction.atomic(), towns.inside(town):
        cases = list(Case.objects.select_for_update().order_by("id").values_list("id", flat=True))
        Task.objects.all().delete()
        for case in cases:
            state, rows = rebuilt(case)
            last = Event.objects.filter(case_id=case).order_by("-seq").values_list("seq", "hash").first()
            seq, head = last or (0, chain.GENESIS)
            rewrite(town, case, state, seq, bytes(head), list(rows.values()))
            tasks += len(rows)
    return len(cases), tasks
