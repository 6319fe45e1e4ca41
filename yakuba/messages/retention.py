"""What the messages room needs of a closed case, and what it removes when the case is anonymised."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from yakuba.cases.retention import forgets, holds
from yakuba.messages.models import Message


@holds("messages")
def needed(cases: Collection[uuid.UUID], as_of: datetime) -> set[uuid.UUID]:
    """Cases with something that has not gone out, or failed and waits for somebody."""
    waiting = Message.objects.filter(case__in=cases, state__in=["made", "queued", "failed"])
    return set(waiting.values_list("case", flat=True))


@forgets
def forget(cases: Collection[uuid.UUID]) -> None:
    """What was written to whom is gone; that a step told somebody stays in the log."""
    Message.objects.filter(case__in=cases).delete()
