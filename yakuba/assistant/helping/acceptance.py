"""What becomes of suggestions: used as they are, changed before, thrown away, or not looked at. What a machine is worth here
is measured by what people do with it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Literal

from django.db import connection

from yakuba.access import towns
from yakuba.assistant.models import Suggestion
from yakuba.cases.retention import forgets

Kind = Literal["similar", "summary", "return", "reason", "letter"]
KINDS: tuple[Kind, ...] = ("similar", "summary", "return", "reason", "letter")
ACCEPTED, EDITED, REJECTED = "accepted", "edited", "rejected"
SINCE = timedelta(days=90)
"""How far figures look back where nobody says."""
IGNORED_AFTER = timedelta(days=7)
"""Somebody saw it and did nothing with it for a week."""


def digest_of(text: str) -> str:
    """SHA-256 of a text, whatever line ends a browser gave it."""
    return hashlib.sha256(_lines(text).encode()).hexdigest()


def suggestion_id(case: uuid.UUID, kind: Kind, text: str, worker: str) -> uuid.UUID:
    """The same suggestion to the same person has the same id: a page that is loaded again shows nothing new."""
    return uuid.uuid5(case, f"{kind}:{digest_of(text)}:{worker}")


def shown(
    case: uuid.UUID, suggested: Sequence[tuple[Kind, str]], *, to: str, town: str, as_of: datetime
) -> None:
    """Somebody (worker id) sees these suggestions; those that they saw before count once. One statement."""
    Suggestion.objects.bulk_create(
        [
            Suggestion(
                town=town,
                id=suggestion_id(case, kind, text, to),
                case=case,
                kind=kind,
                digest=digest_of(text),
                shown_to=to,
                shown_at=as_of,
            )
            for kind, text in suggested
        ],
        ignore_conflicts=True,
    )


def settle(id: uuid.UUID, suggested: str, used: str | None, *, as_of: datetime) -> None:
    """What they did with it: `used` as it was, or changed; None: thrown away. What was said first counts.

    `suggested` is believed only where its digest is that of the suggestion; else how much was changed is not known.
    """
    row = Suggestion.objects.filter(id=id, outcome="").first()
    if row is None:
        return
    row.settled_at = as_of
    row.outcome = REJECTED
    if used is not None:
        row.changed = changed(suggested, used) if digest_of(suggested) == row.digest else None
        row.outcome = ACCEPTED if row.digest == digest_of(used) else EDITED
    row.save(update_fields=["outcome", "settled_at", "changed"])


def changed(suggested: str, used: str) -> float:
    """How much of a text was changed, from 0 to 1: the part of all characters that the two do not share.

    >>> changed("手数料は300円です。", "手数料は300円です。"), changed("abcd", "efgh")
    (0.0, 1.0)
    """
    return round(1 - SequenceMatcher(None, _lines(suggested), _lines(used), autojunk=False).ratio(), 3)


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Of one kind: how many were shown and what became of them; `waiting`: shown less than a week ago. `changed`: the median
    part that was changed of those that were used."""

    kind: str
    shown: int
    accepted: int
    edited: int
    rejected: int
    ignored: int
    waiting: int
    changed: float | None

    def json(self) -> dict[str, Any]:
        """Its names and values, with the share of those used among all that are over."""
        over = self.shown - self.waiting
        used = round((self.accepted + self.edited) / over, 3) if over else None
        return {name: getattr(self, name) for name in self.__slots__} | {"used": used}


_FIGURES = """
select kind, count(*), count(*) filter (where outcome = 'accepted'), count(*) filter (where outcome = 'edited'),
       count(*) filter (where outcome = 'rejected'), count(*) filter (where outcome = '' and shown_at <= %(week)s),
       count(*) filter (where outcome = '' and shown_at > %(week)s),
       percentile_cont(0.5) within group (order by changed) filter (where changed is not null)
from assistant_suggestion where town = %(town)s and shown_at >= %(since)s group by kind order by kind"""


def acceptance(since: datetime, *, as_of: datetime) -> list[Acceptance]:
    """What became of everything that was suggested since then, by kind; one query."""
    bound: dict[str, Any] = {"town": towns.current_town(), "since": since, "week": as_of - IGNORED_AFTER}
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, bound)
        return [Acceptance(*row) for row in cursor.fetchall()]


@forgets
def forget(cases: Collection[uuid.UUID]) -> None:
    """That something was suggested and used stays; what it was cannot be compared any more."""
    Suggestion.objects.filter(case__in=cases).update(digest="")
