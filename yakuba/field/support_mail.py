"""Troubles that come by mail: every message of a mailbox (Maildir) becomes a case of support, once.

A message is put away as read after it was taken in, so that a power cut loses none; taken in again it is the same case.
From: can be forged, and nothing is decided by it: an agent looks at every case.
"""

from __future__ import annotations

import email
import hashlib
import mailbox
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from yakuba.access import SYSTEM, Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases.documents import Refused, check_size
from yakuba.field import support
from yakuba.field.models import Device

MOST_TOLD, MOST_CONTACT = 1000, 60
"""Characters that the facts `trouble.told` and `site.contact` take."""
MOST_FILES = 5
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,63}")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message: its case, or None for an answer that a machine sent."""

    subject: str
    case: uuid.UUID | None


def taken_in(folder: Path, town: str, *, as_of: datetime) -> list[Taken]:
    """Take in what is new, in the order of its names. Raises mailbox.NoSuchMailboxError, access.Denied."""
    box = mailbox.Maildir(folder, create=False)
    done = []
    for key in sorted(key for key in box.keys() if box[key].get_subdir() == "new"):  # noqa: SIM118
        raw = box.get_bytes(key)
        message: Any = email.message_from_bytes(raw, policy=default)
        done.append(_taken(message, hashlib.sha256(raw).hexdigest(), town, as_of))
        read = box[key]
        read.set_subdir("cur")
        read.add_flag("S")
        box[key] = read
    return done


def _taken(message: EmailMessage, digest: str, town: str, as_of: datetime) -> Taken:
    subject = str(message["Subject"] or "")
    if _is_automatic(message):
        return Taken(subject, None)
    text = _text(message)
    by = SYSTEM(town)
    with towns.inside(town):
        key = f"mail:{digest}"
        if before := case_queries.opened_under([key]):
            return Taken(subject, before[key])
        papers, left = _papers(message)
        said = "\n".join([subject, text, *(f"（受け取れない添付：{name}）" for name in left)]).strip()
        name, address = parseaddr(str(message["From"] or ""))
        facts: dict[str, Any] = {
            "trouble": {"symptom": "other", "told": said[:MOST_TOLD]},
            "site": {"contact": f"{name} {address}".strip()[:MOST_CONTACT]},
        }
        if serial := _serial(f"{subject}\n{text}"):
            facts["trouble"]["serial"] = serial
        case = support.take_in(facts, channel="robot", by=by, as_of=as_of, key=key)
        for paper in papers:
            _hand_in(case, paper, by, as_of)
    return Taken(subject, case)


def _hand_in(case: uuid.UUID, paper: cases.Paper, by: Worker, as_of: datetime) -> None:
    """One attachment; of a kind that cannot be taken, a remark says so."""
    try:
        cases.hand_in(case, [paper], origin="upload", by=by, as_of=as_of)
    except Refused as refused:
        cases.note(case, f"{paper.name}: {refused.text.ja}", by=by, as_of=as_of)


def _is_automatic(message: EmailMessage) -> bool:
    """An answer of a machine is not answered by a case: two machines would never end (RFC 3834)."""
    return str(message.get("Auto-Submitted", "no")).lower() != "no" or message.get("List-Id") is not None


def _text(message: EmailMessage) -> str:
    """The plain text; empty where there is none that can be read."""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        content = str(part.get_content())
    except (LookupError, UnicodeError):  # a character set that nobody has
        return ""
    return re.sub(r"<[^>]+>", " ", content) if part.get_content_subtype() == "html" else content


def _serial(text: str) -> str:
    """The serial number of a device that is known here, if the text names one."""
    found = set(_CODE.findall(text))
    return Device.objects.filter(serial__in=found).values_list("serial", flat=True).first() or ""


def _papers(message: EmailMessage) -> tuple[list[cases.Paper], list[str]]:
    """Attachments that can be kept, and the names of the others."""
    kept: list[cases.Paper] = []
    left: list[str] = []
    for name, content in _attached(message):
        try:
            check_size(name, len(content))
            kept.append(cases.Paper("photo", name, content))
        except Refused:
            left.append(name)
    return kept[:MOST_FILES], left + [paper.name for paper in kept[MOST_FILES:]]


def _attached(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield part.get_filename() or "file", content
