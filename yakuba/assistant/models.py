"""What the assistant stores."""

from __future__ import annotations

from django.db import models

from yakuba.access.towns import TownOwned


class Suggestion(TownOwned):
    """Something that a machine suggested to somebody of the staff, and what became of it. What was suggested is not kept,
    only its digest. `outcome`: empty until somebody says what they do with it; `changed`: how much of the text they
    changed before they used it, from 0 to 1."""

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.UUIDField()
    kind = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, blank=True)
    shown_to = models.CharField(max_length=80)
    shown_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, blank=True)
    settled_at = models.DateTimeField(null=True)
    changed = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["town", "shown_at"], name="suggestions_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["", "accepted", "edited", "rejected"]),
                name="a_suggestion_has_an_outcome",
            )
        ]
