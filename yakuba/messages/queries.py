"""What can be asked about messages."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.db.models import Count, QuerySet

from yakuba.messages import letters, sms
from yakuba.messages.actions import as_letters, town_sender
from yakuba.messages.models import Message

__all__ = ["as_letters", "carriers", "counts", "failed", "letters_to_post", "of_case", "town_sender"]


def carriers() -> frozenset[str]:
    """How people can be told here, as `applicant.contact` calls it: texts only where a gateway sends them."""
    return frozenset({"letter", "email", "sms"} if sms.offered() else {"letter", "email"})


def of_case(case: uuid.UUID) -> list[Message]:
    """All messages of a case, oldest first."""
    return list(Message.objects.filter(case=case).order_by("made_at", "key"))


def of_cases(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The messages (ids) about some cases, each with its case."""
    return dict(Message.objects.filter(case__in=cases).values_list("id", "case"))


def failed() -> QuerySet[Message]:
    """Mails and texts that could not be delivered, newest first."""
    return Message.objects.filter(state="failed").order_by("-made_at")


def letters_to_post() -> QuerySet[Message]:
    """Letters that are made and not yet in the post, oldest first."""
    return Message.objects.filter(carrier="letter", state="made").order_by("made_at", "id")


def letters_of(ids: Sequence[uuid.UUID]) -> list[Message]:
    """The letters with these ids, oldest first, those already in the post too."""
    return list(Message.objects.filter(carrier="letter", id__in=ids).order_by("made_at", "id"))


def waiting_letters(key: str) -> QuerySet[Message]:
    """Letters with keys that begin so and that are not in the post yet, by postal code, as the post sorts them."""
    found = Message.objects.filter(key__startswith=key, carrier="letter", state="made")
    return found.order_by("to_postal", "id")


def counts(cases: Sequence[uuid.UUID]) -> dict[tuple[str, str], int]:
    """How many messages of these cases there are by carrier and state."""
    rows = Message.objects.filter(case__in=cases).values_list("carrier", "state").annotate(Count("id"))
    return {(carrier, state): count for carrier, state, count in rows}


def by_carrier(cases: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, str], int]:
    """How many messages there are about each case, by carrier."""
    rows = Message.objects.filter(case__in=cases).values("case", "carrier").annotate(n=Count("id"))
    return {(row["case"], row["carrier"]): row["n"] for row in rows}


def printable(messages: Sequence[Message], base_url: str) -> bytes:
    """One PDF of many letters for the printer."""
    return letters.pdf(as_letters(messages, base_url), town_sender())
