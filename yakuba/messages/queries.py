"""What can be asked about messages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Count, QuerySet

from yakuba.messages import letters
from yakuba.messages.actions import town_sender
from yakuba.messages.models import Message

__all__ = ["counts", "failed", "letters_to_post", "of_case", "town_sender"]


def of_case(case: uuid.UUID) -> list[Message]:
    """All messages of a case, oldest first."""
    return list(Message.objects.filter(case=case).order_by("made_at"))


def failed() -> QuerySet[Message]:
    """Mails that could not be delivered, newest first."""
    return Message.objects.filter(state="failed").order_by("-made_at")


def letters_to_post() -> QuerySet[Message]:
    """Letters that are made and not yet in the post, oldest first."""
    return Message.objects.filter(carrier="letter", state="made").order_by("made_at", "id")


def letters_of(ids: Sequence[uuid.UUID]) -> list[Message]:
    """The letters with these ids, oldest first, those already in the post too."""
    return list(Message.objects.filter(carrier="letter", id__in=ids).order_by("made_at", "id"))


def counts(cases: Sequence[uuid.UUID]) -> dict[tuple[str, str], int]:
    """How many messages of these cases there are by carrier and state."""
    rows = Message.objects.filter(case__in=cases).values_list("carrier", "state").annotate(Count("id"))
    return {(carrier, state): count for carrier, state, count in rows}


def printable(messages: Sequence[Message], references: dict[uuid.UUID, str], base_url: str) -> bytes:
    """One PDF of many letters for the printer."""
    made = [
        letters.Letter(
            language=m.language,
            subject=m.subject,
            body=m.body,
            name=m.to_name,
            postal=m.to_postal,
            address=m.to_address,
            number=references[m.case],
            on=m.made_at.date(),
            status_url=f"{base_url}/{m.town}/status/?reference={references[m.case]}",
        )
        for m in messages
    ]
    return letters.pdf(made, town_sender())
