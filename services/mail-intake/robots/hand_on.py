"""Mail to the town hall: every mail becomes a case, and its attachments go to the case that it names."""

from __future__ import annotations

import hashlib
import mailbox
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.db import transaction

from yakuba import clock
from yakuba.cases import actions, documents, queries
from yakuba.cases.models import Case
from yakuba.robots.collecting import Found
from yakuba.robots.driver import Picture
from yakuba.robots.errors import NoAnswer, NotThere, RobotError
from yakuba.robots.player import Item, Played, Player
from yakuba.words import Text

REFERENCE = re.compile(r"(?<!\d)(\d{4})[-ー－‐ ]?(\d{4})[-ー－‐ ]?(\d{4})(?!\d)")
"""A reference number, however a person writes it."""
SUBJECT = 200
"""Characters of a subject that are kept; all of it is in the mail itself."""


class NotForCase(RobotError):
    """A person decides where the mail belongs."""

    code = "other_sender"
    final = True

    def __init__(self, ja: str, en: str):
        super().__init__(Text(ja=ja, easy="人が しらべます。", en=en))


def mails(address: str, as_of: datetime) -> Iterator[Found]:
    """What is new in the Maildir; a mail is moved to those seen once its case is there."""
    if not (Path(address) / "new").is_dir():
        raise NoAnswer(f"{address} is no Maildir")
    box = mailbox.Maildir(address, create=False)
    for key in sorted(name for name, message in box.iteritems() if message.get_subdir() == "new"):
        raw = box.get_bytes(key)
        yield _found(raw)
        seen = box[key]
        seen.set_subdir("cur")
        seen.add_flag("S")
        box[key] = seen


def _found(raw: bytes) -> Found:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    digest = hashlib.sha256(raw).hexdigest()
    files = [Picture(content, name) for name, content in _attachments(message)]
    facts: dict[str, Any] = {
        "digest": digest,
        "sender": parseaddr(_head(message, "From"))[1][:SUBJECT],
        "subject": _head(message, "Subject")[:SUBJECT],
        "reference": _reference(message),
        "left_out": "、".join(file.name for file in files if not _taken(file)),
    }
    known = {name: value for name, value in facts.items() if value}
    return Found(digest, {"mail": known}, Picture(raw, "mail.eml"), files)


def _head(message: EmailMessage, name: str) -> str:
    """A head without line ends, whatever it was encoded in; a broken one is none."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, UnicodeError):
        return ""


def _attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in message.walk():
        name = part.get_filename()
        content = part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            yield documents.safe_name(name), content


def _taken(file: Picture) -> bool:
    try:
        documents.check(file.content, file.name)
    except documents.Refused:
        return False
    return True


def _reference(message: EmailMessage) -> str | None:
    """The one number that subject and text name; None where they name none or several."""
    try:
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body else ""
    except (LookupError, ValueError, KeyError, UnicodeError):
        text = ""
    written = unicodedata.normalize("NFKC", f"{_head(message, 'Subject')}\n{text}")
    named = {"-".join(groups) for groups in REFERENCE.findall(written)}
    return named.pop() if len(named) == 1 else None


def hand_on(player: Player, item: Item, played: Played) -> None:
    """Copy the attachments to the case; what it has already is not copied again. Raises NotThere, NotForCase."""
    own = queries.begun_with(f"mail-intake:{item.values['digest'].text}").get()
    target = _target(item)
    papers = [paper for attached, paper in queries.documents_of(own.id) if attached.purpose == "attachment"]
    if not papers:
        raise NotForCase(
            "添付ファイルがありません。本文を読んでください。", "The mail has no attachment: read its text."
        )
    with transaction.atomic():
        there = {paper.sha256 for _, paper in queries.documents_of(target.id)}
        new = [paper for paper in papers if paper.sha256 not in there]
        for paper in new:
            _copied(player, target, paper.id)
        if new:
            names = "、".join(paper.name for paper in new)
            actions.note(target.id, f"メールで届きました: {names}", by=player.worker, as_of=clock.now())


def _target(item: Item) -> Case:
    reference, sender = item.values["reference"].text, item.values["sender"].text
    target = queries.by_reference(reference)
    if target is None:
        raise NotThere([("受付番号", reference)], "案件")
    if target.state == "closed":
        raise NotForCase(f"{reference} は終わった案件です。", f"Case {reference} is closed.")
    told = (queries.state(target).facts.get("applicant") or {}).get("email") or ""
    if told.casefold() != sender.casefold():
        raise NotForCase(
            f"差出人が {reference} の申請者のメールアドレスと違います。本人に確かめてください。",
            f"The sender is not the applicant of {reference} by the address that the case has: ask them.",
        )
    return target


def _copied(player: Player, target: Case, paper: Any) -> None:
    whole = queries.document(paper)
    assert whole is not None
    now = clock.now()
    kept = actions.store_document(bytes(whole.content), name=whole.name, origin="robot", as_of=now)
    actions.attach(target.id, kept, purpose="mail", by=player.worker, as_of=now)
