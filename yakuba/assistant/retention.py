"""What is forgotten of talks when their cases are: where they are found again."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from yakuba.assistant.models import Talk
from yakuba.cases.retention import forgets


@forgets
def forget_talks(cases: Collection[uuid.UUID]) -> None:
    """Nobody takes these talks up again; the log keeps that they were held."""
    Talk.objects.filter(case__in=cases).delete()
