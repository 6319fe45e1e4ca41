"""What the workbench stores: drafts with every state they had, proposals, and what was published, which stays.

`files`: the texts of all files that a service is written in, by path below `services/`.
"""

import uuid

from django.db import models

from yakuba.access.towns import TownOwned


class Draft(TownOwned):
    """A service that somebody works on; there is one of each service. `number`: of the last save.

    `base`: the publication that it began from, 0 where that is what is installed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.CharField(max_length=64)
    files = models.JSONField()
    number = models.IntegerField(default=1)
    base = models.BigIntegerField(default=0)
    changed_by = models.CharField(max_length=80)
    changed_by_name = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "service"], name="one_draft_per_service"),
        ]


class Saved(TownOwned):
    """One save of a draft. `aside`: it came second and is not in the draft; then `number` is the save that it had
    begun from."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="saves")
    number = models.IntegerField()
    files = models.JSONField()
    what = models.CharField(max_length=200)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    aside = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "number"], condition=models.Q(aside=False), name="one_text_per_save"
            ),
        ]


class Proposal(TownOwned):
    """A text that somebody asks to be published. `again`: the publication whose text it is, where it is an older one."""

    STATES = (("open", "open"), ("published", "published"), ("returned", "returned"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.CharField(max_length=64)
    files = models.JSONField()
    base = models.BigIntegerField()
    again = models.BigIntegerField(null=True)
    why = models.TextField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=STATES, default="open")
    decided_by = models.CharField(max_length=80, blank=True)
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "service"],
                condition=models.Q(state="open"),
                name="one_open_proposal_per_service",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | ~models.Q(by=models.F("decided_by")),
                name="two_people_publish",
            ),
        ]


class Publication(TownOwned):
    """A version of a service that counts in the town from `at` on, until the next one. Only ever added.

    `own`: those of its files that differed from what was installed. `bundle`, `version`: the service made of them.
    `stopped`: the reason that residents are told, where nobody can apply for it from then on; texts are as before.
    """

    service = models.CharField(max_length=64)
    files = models.JSONField()
    own = models.JSONField()
    bundle = models.TextField()
    version = models.CharField(max_length=64)
    stopped = models.JSONField(null=True)
    again = models.BigIntegerField(null=True)
    why = models.TextField()
    proposed_by = models.CharField(max_length=80, blank=True)
    proposed_by_name = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["town", "service", "-id"], name="publications_of_a_service")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stopped__isnull=False) | ~models.Q(proposed_by=models.F("by")),
                name="published_by_another",
            ),
        ]
