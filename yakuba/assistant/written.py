"""The answers that a town wrote itself, and what it must be able to answer."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from yakuba import access
from yakuba.access import Worker, towns
from yakuba.assistant.errors import NothingWritten
from yakuba.assistant.knowledge import Audience, Entry, Source
from yakuba.assistant.models import Expected, WrittenEntry
from yakuba.cases import actions as cases
from yakuba.words import search_key

OWN = frozenset({"faq", "page", "manual"})
"""What a town writes itself. Of every other kind it only says that it is given to nobody: its words stay where they come from."""


# -- reading ---------------------------------------------------------------------------------------
def edition() -> int:
    """Another number after each entry that was written."""
    return WrittenEntry.objects.aggregate(newest=Max("id"))["newest"] or 0


def newest() -> list[WrittenEntry]:
    """The newest version of each entry, those that are switched off as well."""
    return list(WrittenEntry.objects.order_by("entry", "-id").distinct("entry"))


def entries() -> list[Entry]:
    """What the town wrote and gives."""
    return [_entry(row) for row in newest() if row.active and row.kind in OWN]


def off() -> dict[str, Entry]:
    """Entries, of whatever origin, that the town gives to nobody, by their ids."""
    return {row.entry: _entry(row) for row in newest() if not row.active}


def versions(entry: str) -> list[WrittenEntry]:
    """All versions of an entry, the newest first."""
    return list(WrittenEntry.objects.filter(entry=entry).order_by("-id"))


def _entry(row: WrittenEntry) -> Entry:
    return Entry(
        id=row.entry,
        question=row.question,
        answer=row.answer,
        source=Source(row.kind, row.title, row.link, row.as_of, row.office),  # type: ignore[arg-type]
        audience=row.audience,  # type: ignore[arg-type]
        others=tuple(row.others),
        topics=tuple(row.topics),
        service=row.service or None,
        replaces=row.replaces or None,
    )


# -- writing ---------------------------------------------------------------------------------------
def keep_entries(some: Iterable[Entry], *, by: Worker, as_of: datetime) -> int:
    """Take entries in: what differs from the newest version is a new one; what is as it was stays switched off where it is.
    Returns how many are new.

    Raises access.Denied, NothingWritten.
    """
    town = towns.current_town()
    access.require(by, "answer.write", access.Resource("Town", town, town))
    known = {row.entry: _entry(row) for row in newest()}
    new = [entry for entry in some if known.get(entry.id) != entry]
    if any(not entry.question.get("ja") or not entry.answer.get("ja") for entry in new):
        raise NothingWritten
    rows = [_row(entry, by, as_of) for entry in new]
    WrittenEntry.objects.bulk_create(rows)
    return len(rows)


def switch(entry: Entry, *, on: bool, by: Worker, as_of: datetime) -> None:
    """Give an entry to nobody any more, or to people again. Raises access.Denied."""
    town = towns.current_town()
    access.require(by, "answer.write", access.Resource("Town", town, town))
    row = _row(entry, by, as_of)
    row.active = on
    row.save()


def _row(entry: Entry, by: Worker, as_of: datetime) -> WrittenEntry:
    source = entry.source
    return WrittenEntry(
        town=towns.current_town(),
        entry=entry.id,
        kind=source.kind,
        question=dict(entry.question),
        answer=dict(entry.answer),
        others=list(entry.others),
        title=source.title,
        link=source.link,
        as_of=source.as_of,
        office=source.office,
        audience=entry.audience,
        topics=list(entry.topics),
        service=entry.service or "",
        replaces=entry.replaces or "",
        written_at=as_of,
        written_by=by.id,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What a clerk wrote. `mends`: the entry whose place it takes: a shared or declared one is replaced, one of the town's
    own gets a new version."""

    question: dict[str, str]
    answer: dict[str, str]
    office: str = ""
    link: str = ""
    mends: Entry | None = None


def write_answer(
    what: Written,
    *,
    asked: Sequence[str],
    audience: Audience,
    by: Worker,
    as_of: datetime,
    task: uuid.UUID | None,
) -> Entry:
    """A clerk writes or mends an answer: it is live at once, for everybody who asks the same, and must go on being found
    (`Expected`). `asked`: the questions, as they were asked, that it answers; `task`: what is done by it.

    Raises NothingWritten, access.Denied, and what `cases.actions.finish` raises.
    """
    question = {name: text.strip() for name, text in what.question.items() if text.strip()}
    answer = {name: text.strip() for name, text in what.answer.items() if text.strip()}
    if not question.get("ja") or not answer.get("ja"):
        raise NothingWritten
    before = what.mends
    own = before is not None and before.id.startswith("faq:")
    entry = Entry(
        id=before.id if before and own else f"faq:{uuid.uuid4().hex[:12]}",
        question=question,
        answer=answer,
        source=Source("faq", question["ja"], what.link, as_of.date(), what.office),
        audience=audience,
        others=tuple(dict.fromkeys([*(before.others if before else ()), *asked])),
        topics=before.topics if before else (),
        service=before.service if before else None,
        replaces=before.replaces if before and own else (before.id if before else None),
    )
    with transaction.atomic():
        keep_entries([entry], by=by, as_of=as_of)
        expect(asked, entry.id, audience, as_of=as_of)
        if task:
            cases.finish(task, by=by, as_of=as_of, outcome="written")
    return entry


def expect(questions: Iterable[str], entry: str, audience: Audience, *, as_of: datetime) -> None:
    """From now on the entry must be found for these questions."""
    for question in questions:
        digest = hashlib.sha256(f"{audience}:{search_key(question)}".encode()).hexdigest()
        Expected.objects.update_or_create(
            town=towns.current_town(),
            digest=digest,
            defaults={"question": question, "entry": entry, "audience": audience, "said_at": as_of},
        )


def expected() -> list[Expected]:
    """What must be found, the oldest first."""
    return list(Expected.objects.order_by("id"))
