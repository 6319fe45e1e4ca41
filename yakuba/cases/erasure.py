"""Certificates of what was removed because its keeping time was over (消去証明書).

A certificate follows from the log: it speaks of all `anonymised` events since the one before it, so a run that was killed
in the middle is certified by the next. It is signed, and bound to the certificate before it and by the next checkpoint.
Source: 個人情報の保護に関する法律 第66条第1項 (安全管理措置); 個人情報の保護に関する法律についてのガイドライン（行政機関等編）
(消去の記録).
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from yakuba.access import towns
from yakuba.cases import catalogue, chain, signing
from yakuba.cases.events import Anonymised
from yakuba.cases.models import Certificate
from yakuba.clock import in_tokyo

FORMAT = "yakuba-erasure-1"
LAW = "個人情報の保護に関する法律 第61条第2項、第66条第1項"
LOCK = "erasure"
"""Nobody certifies while somebody removes: a certificate misses nothing that has a lower number."""
_POSITION = struct.Struct(">16sI32s")

_SINCE = """
select e.id, e.case_id, e.seq, e.hash, e.at, coalesce((e.body->>'documents')::int, 0),
  coalesce((e.body->>'size')::bigint, 0), c.service, c.version
from cases_event e join cases_case c on c.id = e.case_id
where e.kind = %s and e.id > %s order by e.id"""


@dataclass(slots=True)
class _Removed:
    """What was removed of one service, by the rule of one of its versions."""

    cases: int = 0
    documents: int = 0
    size: int = 0


def certify(*, as_of: datetime, abandoned: Mapping[str, int] | None = None) -> Certificate | None:
    """Certify all that was removed in the open town since the last certificate; None when that is nothing.

    `abandoned`: by kind, what was never a case and was removed in this run.
    """
    towns.alone_with(LOCK)
    town, last = towns.current_town(), _last()
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [Anonymised.kind, last.last_event if last else 0])
        rows = cursor.fetchall()
    if not rows and not abandoned:
        return None
    removed: dict[tuple[str, str], _Removed] = {}
    for *_, documents, size, service, version in rows:
        one = removed.setdefault((service, version), _Removed())
        one.cases, one.documents, one.size = one.cases + 1, one.documents + documents, one.size + size
    positions = b"".join(_POSITION.pack(case.bytes, seq, bytes(head)) for _, case, seq, head, *_ in rows)
    number = last.number + 1 if last else 1
    said = chain.canonical(
        {
            "format": FORMAT,
            "town": town,
            "number": number,
            "previous": _sha(last.statement) if last else "",
            "at": in_tokyo(as_of).isoformat(),
            "from": in_tokyo(rows[0][4]).isoformat() if rows else None,
            "until": in_tokyo(rows[-1][4]).isoformat() if rows else None,
            "services": [_service(*key, one) for key, one in sorted(removed.items())],
            "abandoned": dict(abandoned or {}),
            "cases": len(rows),
            "documents": sum(one.documents for one in removed.values()),
            "bytes": sum(one.size for one in removed.values()),
            "positions_sha256": hashlib.sha256(positions).hexdigest(),
            "law": LAW,
        }
    )
    key = signing.signing_key()
    return Certificate.objects.create(
        town=town,
        number=number,
        at=as_of,
        last_event=rows[-1][0] if rows else (last.last_event if last else 0),
        statement=said.decode(),
        positions=positions,
        signature=key.sign(said),
        public_key=signing.public(key),
    )


def _service(service: str, version: str, removed: _Removed) -> dict[str, Any]:
    """What was removed of a service, and by which declared rule."""
    kept = catalogue.version(version)
    return {
        "service": service,
        "name": kept.name.ja,
        "version": version,
        "keep": str(kept.file.keep.closed),
        "law": list(kept.file.law),
        "cases": removed.cases,
        "documents": removed.documents,
        "bytes": removed.size,
    }


def _last() -> Certificate | None:
    return Certificate.objects.order_by("-number").first()


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# -- reading ---------------------------------------------------------------------------------------
def certificates() -> list[Certificate]:
    """All certificates of the open town, the newest first."""
    return list(Certificate.objects.order_by("-number"))


def count() -> int:
    """How many certificates the open town has."""
    return Certificate.objects.count()


def head() -> tuple[int, str]:
    """The number of the last certificate, and the hash of what it says."""
    last = _last()
    return (last.number, _sha(last.statement)) if last else (0, "")


def said(certificate: Certificate) -> dict[str, Any]:
    """What a certificate says."""
    return orjson.loads(certificate.statement)


def document(certificate: Certificate) -> dict[str, Any]:
    """A certificate as a file that explains itself and can be proved by anybody with the public key."""
    return {
        "says": said(certificate),
        "positions": [
            {"case": str(case), "event": seq, "hash": hash_.hex()}
            for case, seq, hash_ in _positions(certificate)
        ],
        "public_key": bytes(certificate.public_key).hex(),
        "signature": bytes(certificate.signature).hex(),
        "how": (
            "signature: Ed25519 (RFC 8032) over the JSON of `says` with sorted keys, without white space, in UTF-8. "
            "positions_sha256: SHA-256 over, of each position, the 16 bytes of the case, the event's number as 4 bytes "
            "(big endian) and the 32 bytes of the hash."
        ),
    }


def _positions(certificate: Certificate) -> Iterator[tuple[uuid.UUID, int, bytes]]:
    for case, seq, hash_ in _POSITION.iter_unpack(bytes(certificate.positions)):
        yield uuid.UUID(bytes=case), seq, hash_


# -- proving ---------------------------------------------------------------------------------------
def differs(count: int, hash_: str) -> str:
    """What is wrong where so many certificates, the last with this hash, were bound; "" where nothing is."""
    if not count:
        return ""
    found = Certificate.objects.filter(number=count).first()
    if found is None:
        return f"certificate {count} of what was removed is gone"
    return "" if _sha(found.statement) == hash_ else f"certificate {count} of what was removed was changed"


def against(file: dict[str, Any]) -> Iterator[tuple[uuid.UUID | None, int | None, str]]:
    """Whether a certificate that was kept as a file still holds in the open town: case, number of the event, what is wrong.
    Raises KeyError, ValueError, TypeError for a file that is none."""
    says = file["says"]
    name = f"certificate {says['number']} kept outside"
    positions = [
        (uuid.UUID(one["case"]), int(one["event"]), bytes.fromhex(one["hash"])) for one in file["positions"]
    ]
    packed = b"".join(_POSITION.pack(case.bytes, seq, hash_) for case, seq, hash_ in positions)
    key, signature = bytes.fromhex(file["public_key"]), bytes.fromhex(file["signature"])
    whole = hashlib.sha256(packed).hexdigest() == says["positions_sha256"]
    if not whole or not signing.holds(key, signature, chain.canonical(says)):
        yield None, None, f"{name}: the file itself was changed: its signature does not hold"
        return
    if says["town"] != towns.current_town():
        yield None, None, f"{name}: it is of town {says['town']}"
        return
    if key not in signing.trusted():
        yield None, None, f"{name}: it was signed with another key ({signing.fingerprint(key)})"
    if what := differs(says["number"], hashlib.sha256(chain.canonical(says)).hexdigest()):
        yield None, None, f"{name}: {what}"
    yield from _gone_of(positions, name)


def findings() -> Iterator[tuple[uuid.UUID | None, int | None, str]]:
    """Where a certificate does not hold: case, number of the event, what is wrong."""
    before, number = "", 0
    for one in Certificate.objects.order_by("number"):
        number += 1
        name = f"certificate {one.number} of {in_tokyo(one.at):%Y-%m-%d}"
        if what := signing.wrong(bytes(one.public_key), bytes(one.signature), one.statement.encode()):
            yield None, None, f"{name}: {what}"
            continue
        says = said(one)
        if one.number != number or says["number"] != number or says["previous"] != before:
            yield None, None, f"{name}: the certificate before it is missing or was changed"
            number = one.number
        if hashlib.sha256(bytes(one.positions)).hexdigest() != says["positions_sha256"]:
            yield None, None, f"{name}: its list of cases was changed"
        else:
            yield from _gone(one, name)
        before = _sha(one.statement)


def _gone(one: Certificate, name: str) -> Iterator[tuple[uuid.UUID, int, str]]:
    """Cases whose event does not stand where the certificate says."""
    return _gone_of(_positions(one), name)


def _gone_of(
    positions: Iterable[tuple[uuid.UUID, int, bytes]], name: str
) -> Iterator[tuple[uuid.UUID, int, str]]:
    wanted = {case: (seq, hash_) for case, seq, hash_ in positions}
    with connection.cursor() as cursor:
        cursor.execute(
            """select e.case_id, e.kind, e.hash from unnest(%s::uuid[], %s::int[]) as w(case_id, seq)
               join cases_event e on e.case_id = w.case_id and e.seq = w.seq""",
            [list(wanted), [seq for seq, _ in wanted.values()]],
        )
        there = {case: (kind, bytes(hash_)) for case, kind, hash_ in cursor.fetchall()}
    for case, (seq, hash_) in wanted.items():
        if there.get(case) != (Anonymised.kind, hash_):
            yield case, seq, f"{name}: event {seq} of this case does not say any more that it was anonymised"
