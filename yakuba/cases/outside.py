"""A checkpoint as a file that is kept outside of this server, and the proof that the logs still contain what it bound.

The file explains itself: what was bound (`says`), the signature over it, and the heads of all cases and links of the access
log by which a reader can name what is missing or changed. It needs nothing of the database that it came from: it is
checked against whatever log is here now, even if that log, its checkpoints and its key were all replaced.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from yakuba.access import seals, towns
from yakuba.cases import chain, erasure, signing, verify
from yakuba.cases.models import Checkpoint
from yakuba.cases.verify import Finding

FORMAT = "yakuba-outside-1"
LINKS_OF = timedelta(days=2)
"""Of so long all links of the access log are named one by one, of the time before one a day."""
_HEAD = struct.Struct(">16sI12s")
HOW = (
    "signature: Ed25519 (RFC 8032) over the JSON of `says` with sorted keys, without white space, in UTF-8. "
    "heads: Base64 of, of each case in the order of their ids, its 16 bytes, the number of its last event as 4 bytes (big "
    "endian) and the first 12 bytes of that event's hash; links: [last row, hash] of links of the access log. says.heads and "
    "says.links: their SHA-256. Keep this file where the administrators of the server cannot change it, and check it with: "
    "yakuba log verify CODE --against FILE"
)


class NotACheckpoint(ValueError):
    """The file is no checkpoint that was written here, or of another town."""


def make(town: str, *, as_of: datetime) -> dict[str, Any]:
    """Make a checkpoint of both logs, and the file of it."""
    with towns.inside(town):
        made, bound = verify.checkpoint_and_heads(town, as_of=as_of)
        key = signing.signing_key()
        heads = b"".join(
            _HEAD.pack(case.bytes, seq, hash_[:12]) for case, (seq, hash_) in sorted(bound.items())
        )
        links = [list(one) for one in seals.anchors(town, since=as_of - LINKS_OF)]
    says = {
        **orjson.loads(made.statement),
        "format": FORMAT,
        "heads": hashlib.sha256(heads).hexdigest(),
        "links": hashlib.sha256(chain.canonical(links)).hexdigest(),
    }
    return {
        "says": says,
        "signature": key.sign(chain.canonical(says)).hex(),
        "public_key": bytes(made.public_key).hex(),
        "fingerprint": signing.fingerprint(bytes(made.public_key)),
        "how": HOW,
        "links": links,
        "heads": b64encode(heads).decode(),
    }


def write(file: dict[str, Any], path: Path) -> None:
    """Write the file: it is there as a whole or not at all."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(orjson.dumps(file, option=orjson.OPT_INDENT_2))
    unfinished.replace(path)


def name(file: dict[str, Any]) -> str:
    """What the file is called among others."""
    at = datetime.fromisoformat(file["says"]["at"])
    return f"checkpoint-{file['says']['town']}-{at:%Y%m%d-%H%M%S}.json"


def read(path: Path) -> dict[str, Any]:
    """A file that was kept: a checkpoint, or a certificate of what was removed. Raises NotACheckpoint."""
    try:
        file = orjson.loads(path.read_bytes())
        if file["says"]["format"] == erasure.FORMAT:
            return dict(file)
        if file["says"]["format"] != FORMAT:
            raise NotACheckpoint(f"{path}: it is a {file['says']['format']!r}, not a {FORMAT!r}.")
        _parts(file)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        if isinstance(error, NotACheckpoint):
            raise
        raise NotACheckpoint(
            f"{path}: this is no checkpoint ({error}). Files of checkpoints are written by: yakuba log checkpoint CODE --out FILE"
        ) from error
    return file


def _parts(file: dict[str, Any]) -> tuple[bytes, bytes, bytes, list[tuple[int, str]]]:
    """Public key, signature, heads and links of a file."""
    heads = b64decode(file["heads"], validate=True)
    if len(heads) % _HEAD.size:
        raise ValueError("its heads are cut off")
    links = [(int(last), str(hash_)) for last, hash_ in file["links"]]
    return bytes.fromhex(file["public_key"]), bytes.fromhex(file["signature"]), heads, links


def against(town: str, file: dict[str, Any]) -> list[Finding]:
    """Whether the logs of the town still contain all that the file bound; what is missing or changed, by name. Raises
    NotACheckpoint for a certificate that lacks something."""
    says = file["says"]
    if says["format"] == erasure.FORMAT:
        return _certificate(town, file)
    label = f"checkpoint kept outside of {says['at'][:16]}"
    public_key, signature, heads, links = _parts(file)
    if says["town"] != town:
        return [Finding(None, None, f"{label}: it is of town {says['town']}, not of {town}")]
    if (
        not signing.holds(public_key, signature, chain.canonical(says))
        or hashlib.sha256(heads).hexdigest() != says["heads"]
        or hashlib.sha256(chain.canonical([list(one) for one in links])).hexdigest() != says["links"]
    ):
        return [Finding(None, None, f"{label}: the file itself was changed: its signature does not hold")]
    with towns.inside(town):
        found = [
            *_key(public_key),
            *_cases(says, heads),
            *_access(town, says["access"], links),
            *_checkpoints(says),
        ]
    return [Finding(one.case, one.seq, f"{label}: {one.what}") for one in found]


def _certificate(town: str, file: dict[str, Any]) -> list[Finding]:
    with towns.inside(town):
        try:
            return [Finding(*one) for one in erasure.against(file)]
        except (KeyError, ValueError, TypeError, struct.error) as error:
            raise NotACheckpoint(f"this is no certificate ({error}).") from error


def _key(public_key: bytes) -> Iterator[Finding]:
    if public_key not in signing.trusted():
        now, then = signing.fingerprint(signing.public()), signing.fingerprint(public_key)
        yield Finding(None, None, f"it was signed with key {then}; this server signs with {now} now")


def _cases(says: dict[str, Any], heads: bytes) -> Iterator[Finding]:
    """Cases and events that were bound and are not there, or are others."""
    bound = {uuid.UUID(bytes=case): (seq, start) for case, seq, start in _HEAD.iter_unpack(heads)}
    there = verify.hashes_of({case: seq for case, (seq, _) in bound.items()})
    wrong = False
    for case, (seq, start) in bound.items():
        if case not in there:
            wrong = True
            yield Finding(case, seq, f"event {seq} of this case is gone, or the whole case")
        elif there[case][1][:12] != start:
            wrong = True
            yield Finding(case, seq, f"the events up to {seq} of this case are others than were bound")
    at = datetime.fromisoformat(says["at"])
    if not wrong and verify.digest_of(says["town"], at, there).hex() != says["cases"]["digest"]:
        yield Finding(None, None, "the case log does not give the signed digest any more")


def _access(town: str, bound: dict[str, Any], links: list[tuple[int, str]]) -> Iterator[Finding]:
    """Where the chain of the access log is not the one that was bound: after which link it begins to differ."""
    if not bound["last_event"]:
        return
    there = seals.hashes(town, [bound["last_event"]]).get(bound["last_event"])
    if there == bound["hash"]:
        return
    now = seals.hashes(town, [last for last, _ in links])
    first = next((last for last, hash_ in links if now.get(last) != hash_), bound["last_event"])
    held = max((last for last, hash_ in links if last < first and now.get(last) == hash_), default=0)
    head = seals.head(town)
    what = "is another one than was bound" if first in now else "is not there"
    yield Finding(
        None,
        None,
        f"the access log between rows {held + 1} and {first} {what}: {bound['events']} rows in {bound['seals']} links up to row "
        f"{bound['last_event']} were bound, now there are {head.events} rows in {head.seals} links up to row {head.last_event}",
    )


def _checkpoints(says: dict[str, Any]) -> Iterator[Finding]:
    """Whether the checkpoint itself, and the certificates before it, are still in the database."""
    digest = bytes.fromhex(says["cases"]["digest"])
    if not Checkpoint.objects.filter(digest=digest).exists():
        yield Finding(None, None, "the database does not know this checkpoint any more")
    if what := erasure.differs(says["certificates"]["count"], says["certificates"]["hash"]):
        yield Finding(None, None, what)
