"""What the assistant stores: the answers that a town wrote, what it must be able to answer, and where a talk is found again.

What was said stands in the case log: a talk is a case. Read through `queries`, changed through `actions`.
"""

from __future__ import annotations

import uuid

from django.db import models

from yakuba.access.sealed import SealedText
from yakuba.access.towns import TownOwned


class WrittenEntry(TownOwned):
    """One version of an answer of the town's own, as it was written. The newest of an `entry` counts; one that is not
    `active` is given to nobody. Rows are only added, so that what was answered on a day can be looked at."""

    id = models.BigAutoField(primary_key=True)
    entry = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)
    question = models.JSONField()
    answer = models.JSONField()
    others = models.JSONField(default=list)
    title = models.CharField(max_length=200, blank=True)
    link = models.CharField(max_length=500, blank=True)
    as_of = models.DateField(null=True)
    office = models.CharField(max_length=100, blank=True)
    audience = models.CharField(max_length=8)
    topics = models.JSONField(default=list)
    service = models.CharField(max_length=64, blank=True)
    replaces = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["town", "entry", "-id"], name="newest_of_an_entry")]


class Expected(TownOwned):
    """A question that an entry answers, as a clerk has said: what must go on being answered (回帰試験)."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64)
    question = models.TextField()
    entry = models.CharField(max_length=120)
    audience = models.CharField(max_length=8)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "digest"], name="one_expectation_per_question"),
        ]


class Talk(TownOwned):
    """Where a talk is found again: by the digest of who asks over an app or a telephone (`outside`), by that of the code with
    which it is taken up on another device (`code`). `address`: where what a clerk says is sent, sealed; empty where the
    other side asks for it."""

    case = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    outside = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=64, blank=True)
    address = SealedText(blank=True)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["town", "outside", "-last_at"], name="talk_of_one_outside"),
            models.Index(fields=["town", "code"], name="talk_by_code"),
        ]


class LineAccount(TownOwned):
    """The town's account with LINE: the secret that signs what comes from there, and the token for what is sent there, both
    sealed with the installation's keys."""

    id = models.BigAutoField(primary_key=True)
    secret = SealedText()
    token = SealedText()
    set_up_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town"], name="one_line_account_per_town")]


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


class ReadField(TownOwned):
    """An answer that was read from paper. `name`: of the answer on the form; `sure`: it went into the draft unseen; `asked`: a
    person is shown it, since it is not sure or to see how often sure ones are right. `value`, `others`, `picture` (PNG)
    and `keyed` (what was keyed in the first time) are emptied as soon as a person has answered or the draft is gone; what
    stays is for learning: kind, confidence, and whether it was `right`."""

    id = models.BigAutoField(primary_key=True)
    draft = models.UUIDField()
    service = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    page = models.IntegerField()
    confidence = models.FloatField()
    sure = models.BooleanField()
    asked = models.BooleanField()
    value = models.TextField(blank=True)
    others = models.JSONField(default=list)
    keyed = models.TextField(blank=True)
    picture = models.BinaryField(default=bytes)
    right = models.BooleanField(null=True)
    read_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "draft", "name"], name="one_reading_per_answer"),
        ]
        indexes = [
            models.Index(fields=["town", "kind", "-answered_at"], name="readings_that_were_answered"),
        ]


class Recording(TownOwned):
    """What somebody dictated about a case, until a clerk said yes or no to what was heard. `heard`: the transcript
    (`voice.heard.Heard`), `refused`: why there is none, in three languages; both empty until it was heard."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.UUIDField()
    by = models.CharField(max_length=100)
    sound = models.BinaryField()
    recorded_at = models.DateTimeField()
    heard = models.JSONField(null=True)
    refused = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["town", "case"], name="recordings_of_a_case")]
