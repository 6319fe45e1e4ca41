"""What was read from papers and has to be looked at; of what was looked at, only how well it had been read."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yakuba.access import towns
from yakuba.assistant.models import ReadField

LEARNT_FROM = 20_000
"""Answers of a kind, the latest, from which its limit is learnt anew."""
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class NewReading:
    """An answer as it was read. `asked`: a person is shown it; of the others what was read is not kept."""

    name: str
    kind: str
    page: int
    confidence: float
    sure: bool
    asked: bool
    value: str
    others: Sequence[str]
    picture: bytes


def keep(draft: uuid.UUID, service: str, read: Sequence[NewReading], *, as_of: datetime) -> None:
    """What was read for a draft, in the order of the paper."""
    ReadField.objects.bulk_create(
        ReadField(
            town=towns.current_town(),
            draft=draft,
            service=service,
            name=one.name,
            kind=one.kind,
            page=one.page,
            confidence=one.confidence,
            sure=one.sure,
            asked=one.asked,
            value=one.value[:LONGEST] if one.asked else "",
            others=list(one.others) if one.asked else [],
            picture=one.picture if one.asked else b"",
            read_at=as_of,
        )
        for one in read
    )


def waiting(draft: uuid.UUID) -> list[ReadField]:
    """The answers that a person has still to look at, as they stand on the paper."""
    return list(ReadField.objects.filter(draft=draft, asked=True, answered_at=None).order_by("id"))


def counted(draft: uuid.UUID) -> tuple[int, int]:
    """How many answers a person has looked at, of how many."""
    asked = ReadField.objects.filter(draft=draft, asked=True)
    return asked.exclude(answered_at=None).count(), asked.count()


def filled_in(draft: uuid.UUID) -> int:
    """How many answers went into the draft unseen."""
    return ReadField.objects.filter(draft=draft, asked=False).count()


def picture(draft: uuid.UUID, reading: int) -> bytes:
    """The part of the paper on which an answer stands; empty where nobody has to look at it."""
    found = ReadField.objects.filter(id=reading, draft=draft).first()
    return bytes(found.picture) if found else b""


def keyed_once(reading: int, value: str) -> None:
    """The first of two times. It is kept, and not shown again; empty to begin anew."""
    ReadField.objects.filter(id=reading).update(keyed=value)


def answered(reading: int, *, right: bool, as_of: datetime) -> None:
    """A person has looked at it: what was read is gone, how well stays."""
    _emptied(ReadField.objects.filter(id=reading), right=right, answered_at=as_of)


def forget(drafts: Collection[uuid.UUID]) -> None:
    """What was read for these drafts is gone; that it was read stays."""
    _emptied(ReadField.objects.filter(draft__in=list(drafts)))


def _emptied(found: Any, **more: Any) -> None:
    found.update(value="", others=[], keyed="", picture=b"", **more)


def kinds() -> set[str]:
    """Kinds of answers that people of this town have looked at."""
    return set(ReadField.objects.exclude(right=None).values_list("kind", flat=True).distinct())


def seen(kind: str) -> list[tuple[float, bool]]:
    """Of a kind, the latest that people looked at: confidence, and was it right."""
    found = ReadField.objects.filter(kind=kind).exclude(right=None).order_by("-answered_at")
    return [
        (confidence, bool(right))
        for confidence, right in found.values_list("confidence", "right")[:LEARNT_FROM]
    ]
