"""What the robots room stores: who works now, where the old systems are, what is known of their screens."""

import uuid

from django.db import models

from yakuba.access.sealed import SealedText
from yakuba.access.towns import TownOwned


class Run(TownOwned):
    """One robot at work in one process, from its start to its end. It says `beat_at` every `beat_seconds`, by the
    database's clock; one that misses three is dead, and what it held goes back to the queue."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.CharField(max_length=64)
    robot = models.CharField(max_length=64)
    system = models.CharField(max_length=64)
    driver = models.CharField(max_length=16)
    host = models.CharField(max_length=120)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    beat_seconds = models.FloatField()
    ended_at = models.DateTimeField(null=True)
    done = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["town", "system"], name="live_runs", condition=models.Q(ended_at=None))
        ]


class Account(TownOwned):
    """Where a town's old system is, and how its robots sign in: sealed with the installation's keys."""

    system = models.CharField(max_length=64)
    address = models.CharField(max_length=300)
    sealed = SealedText()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "system"], name="one_account_per_system")]


class Pause(TownOwned):
    """Somebody stopped a robot, or all of them (`robot` is empty), until it is taken back."""

    service = models.CharField(max_length=64, blank=True)
    robot = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField()
    by = models.CharField(max_length=80)
    reason = models.TextField(blank=True)


class Compiled(TownOwned):
    """A robot that was proven to do over plain HTTP what it does in a browser: the shapes of its screens, and by how many
    items it was proven. It counts only as long as the robot's file is the one of `digest`."""

    service = models.CharField(max_length=64)
    robot = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    shapes = models.JSONField()
    items = models.IntegerField()
    proven_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "service", "robot"], name="one_compiled_per_robot")
        ]


class ScreenMarks(TownOwned):
    """What a robot knew of each element when it last worked, and how the screen of each looked when it was first seen."""

    service = models.CharField(max_length=64)
    robot = models.CharField(max_length=64)
    marks = models.JSONField()
    pictures = models.JSONField(default=dict)
    learned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "service", "robot"], name="one_set_of_marks_per_robot")
        ]


class Proposal(TownOwned):
    """An element that was found by a lower mark: a maintainer looks at both pictures and decides what it is called
    from now on. `state`: open, accepted, rejected."""

    service = models.CharField(max_length=64)
    robot = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    label = models.CharField(max_length=200)
    now = models.CharField(max_length=200)
    marks = models.JSONField()
    before = models.UUIDField(null=True)
    after = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="open")
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
