"""What the records room stores: loads of old data side by side, and the town's standard data in versions.

Read through `queries` and `giving`, changed through `actions`. What is one statement over a whole load stands in `sql`.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import models

from yakuba.access.towns import TownOwned
from yakuba.records.states import (
    ACCEPTED,
    CURRENT,
    DISCARDED,
    HELD,
    REHEARSAL,
    REPAIRED,
    ROLLED_BACK,
    SET_ASIDE,
)


class Load(TownOwned):
    """One import, as its folder came: which files (name, group, SHA-256, counts), and what became of their rows.

    `digest`: over the files, so that the same ones are one load. `counts`: by group, in = accepted + repaired + held +
    set_aside, kept up with what clerks mend. `whole`: it has everything that its source knows, so that what it does not have
    is gone. `asked_by`: who asked for the cut-over, which another person makes. `cases_ended`: of one that was
    discarded, nothing waits for anybody any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    standard = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    source = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    whole = models.BooleanField(default=True)
    files = models.JSONField()
    counts = models.JSONField()
    kinds = models.JSONField()
    state = models.CharField(max_length=12, default=REHEARSAL)
    taken_in_by = models.CharField(max_length=100)
    taken_in_at = models.DateTimeField()
    asked_by = models.CharField(max_length=100, blank=True)
    asked_at = models.DateTimeField(null=True)
    cases_ended = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "digest"], name="one_load_per_files", condition=~models.Q(state=DISCARDED)
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[REHEARSAL, CURRENT, ROLLED_BACK, DISCARDED]),
                name="a_load_has_a_state",
            ),
        ]

    @property
    def groups(self) -> list[str]:
        """The groups of the definition that it has rows of."""
        return list(self.counts)

    @property
    def total(self) -> dict[str, int]:
        """The counts of all groups together."""
        names = ("in", ACCEPTED, REPAIRED, HELD, SET_ASIDE)
        return {name: sum(int(one[name]) for one in self.counts.values()) for name in names}

    @property
    def held(self) -> int:
        """Rows that nobody has mended or set aside yet."""
        return self.total[HELD]


class LoadedRow(TownOwned):
    """One row that came in, whatever became of it. `values`: the items by romaji name, as far as they could be read; `given`:
    its cells as they came and `told`: what was said of it, both JSON as text: a cell may hold what JSON in the database
    cannot (NUL). `case`: where a clerk works on it."""

    id = models.BigAutoField(primary_key=True)
    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="rows")
    group = models.CharField(max_length=80)
    row = models.BigIntegerField()
    file = models.CharField(max_length=255)
    line = models.BigIntegerField()
    key = models.TextField()
    values = models.JSONField()
    given = models.TextField(blank=True)
    state = models.CharField(max_length=10)
    told = models.TextField(default="[]")
    case = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["load", "group", "row"], name="one_row_per_number"),
            models.CheckConstraint(
                condition=models.Q(state__in=[ACCEPTED, REPAIRED, HELD, SET_ASIDE]), name="a_row_has_a_state"
            ),
        ]
        indexes = [
            models.Index(fields=["load", "group", "key"], name="loaded_rows_by_key"),
            models.Index(
                fields=["load", "id"],
                name="loaded_rows_held",
                condition=models.Q(state__in=[HELD, SET_ASIDE]),
            ),
            models.Index(
                fields=["town", "id"],
                name="loaded_rows_without_a_case",
                condition=models.Q(state=HELD, case=None),
            ),
        ]

    @property
    def cells(self) -> dict[str, str | None]:
        """Its cells by heading, as they came."""
        return dict(json.loads(self.given or "{}"))

    @property
    def remarks(self) -> list[dict[str, Any]]:
        """What was said of it: item, kind, given, value, say."""
        return list(json.loads(self.told))


class Cutover(TownOwned):
    """What is current changed, once, as a whole; the numbers of a town grow by one. `undoes`: of a way back, the load's first
    number. `counts`: by group how many records are new, changed, gone."""

    id = models.BigAutoField(primary_key=True)
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="cutovers")
    standard = models.CharField(max_length=64)
    groups = models.JSONField()
    counts = models.JSONField()
    undoes = models.BigIntegerField(null=True)
    by = models.CharField(max_length=100)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "sequence"], name="one_cutover_per_number"),
        ]


class Record(TownOwned):
    """One version of a record of the standard: it holds from `since_sequence` until before `until_sequence`, and is never
    changed, only ended. `key`: the values of its key items, as JSON text. `source`: the old system that says so."""

    id = models.BigAutoField(primary_key=True)
    standard = models.CharField(max_length=64)
    group = models.CharField(max_length=80)
    key = models.TextField()
    values = models.JSONField()
    source = models.CharField(max_length=64)
    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="records")
    since_sequence = models.BigIntegerField()
    until_sequence = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "standard", "group", "key"],
                name="one_current_record_per_key",
                condition=models.Q(until_sequence=None),
            ),
        ]
        indexes = [
            models.Index(fields=["town", "standard", "group", "since_sequence"], name="records_by_beginning"),
            models.Index(
                fields=["town", "standard", "group", "until_sequence"],
                name="records_by_end",
                condition=~models.Q(until_sequence=None),
            ),
            models.Index(
                fields=["town", "standard", "group", "key", "since_sequence"], name="records_by_key"
            ),
        ]
