"""What the case room stores: the log, which is the truth, and what is derived from it."""

import uuid

from django.db import models

from yakuba.access.towns import TownOwned


class ServiceVersion(TownOwned):
    """The full text of every version of a service that a case began with; running cases keep theirs."""

    service = models.CharField(max_length=64)
    version = models.CharField(max_length=64)
    bundle = models.TextField()
    first_used = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "version"], name="one_text_per_version")]


class Case(TownOwned):
    """Where a case stands now (projection of its events; `yakuba log rebuild` makes it anew)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.CharField(max_length=64)
    version = models.CharField(max_length=64)
    reference = models.CharField(max_length=14)
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    applicant = models.UUIDField(null=True)
    identified = models.BooleanField()
    state = models.CharField(max_length=16)
    outcome = models.CharField(max_length=32, null=True)
    decision = models.CharField(max_length=16, null=True)
    amount = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    legal_due = models.DateTimeField(null=True)
    norm_due = models.DateTimeField(null=True)
    paused = models.BooleanField()
    status = models.JSONField()
    seq = models.IntegerField()
    head = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "reference"], name="one_case_per_reference")]
        indexes = [
            models.Index(fields=["town", "service", "opened_at"]),
            models.Index(fields=["town", "applicant"]),
            models.Index(fields=["town", "state", "norm_due"]),
        ]


class Event(TownOwned):
    """One entry of the log: append-only, hash-chained to the one before it in the same case.

    `private` and `salt` alone may be set to null, by retention, as role `yakuba_archivist`.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="events"
    )
    seq = models.IntegerField()
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=16)
    by_id = models.CharField(max_length=80)
    key = models.CharField(max_length=160)
    body = models.JSONField()
    private = models.JSONField(null=True)
    salt = models.BinaryField(null=True)
    digest = models.BinaryField(null=True)
    prev = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="one_event_per_place"),
            models.UniqueConstraint(fields=["town", "key"], name="one_event_per_key"),
        ]
        indexes = [
            # what the DX plan counts of the log (`figures.logged`), without a look at all that happened
            models.Index(
                fields=["town", "kind", "by_kind", "at"],
                name="events_that_the_plan_counts",
                condition=models.Q(kind="step_done", by_kind="robot")
                | models.Q(kind="opened", by_kind="resident"),
            ),
        ]


class Task(TownOwned):
    """One step of a case that waits for, or was done by, a worker (projection)."""

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, db_constraint=False, related_name="tasks")
    service = models.CharField(max_length=64)
    step = models.CharField(max_length=64)
    attempt = models.IntegerField()
    by = models.CharField(max_length=16)
    role = models.CharField(max_length=32, null=True)
    verb = models.CharField(max_length=16)
    status = models.CharField(max_length=16)
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=80, null=True)
    outcome = models.CharField(max_length=64, null=True)
    tries = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["town", "by", "due_at"], name="open_tasks", condition=models.Q(status="open")
            ),
            models.Index(
                fields=["town", "service", "step", "opened_at", "id"],
                name="open_tasks_of_step",
                condition=models.Q(status="open"),
            ),
            models.Index(
                fields=["town", "status", "done_at"], name="visits", condition=models.Q(verb="visit")
            ),
        ]


class Document(TownOwned):
    """A file that came in or was made; its content is in the same backup and under the same row security."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=80)
    size = models.IntegerField()
    content = models.BinaryField()
    stored_at = models.DateTimeField()
    origin = models.CharField(max_length=16)

    class Meta:
        indexes = [models.Index(fields=["town", "sha256"])]


class Arrival(TownOwned):
    """The town came here from another installation. `archive`: SHA-256 of what its archive said that it holds; `keys`: the
    public keys (hexadecimal) that signed its checkpoints until then. This installation signs that it found so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    by = models.CharField(max_length=100)
    archive = models.CharField(max_length=64)
    keys = models.JSONField()
    signature = models.BinaryField()
    public_key = models.BinaryField()


class Checkpoint(TownOwned):
    """A signed digest over the heads of all cases of a town at one moment; a copy can be kept outside (`outside`).

    `heads`: case and number of its last event. With a `statement`, which binds the access log as well and has a signature
    of its own, only those cases stand there that changed since the checkpoint before.
    """

    at = models.DateTimeField()
    cases = models.IntegerField()
    events = models.BigIntegerField()
    heads = models.TextField()
    digest = models.BinaryField()
    signature = models.BinaryField()
    public_key = models.BinaryField()
    statement = models.TextField(db_default="", default="")
    statement_signature = models.BinaryField(null=True)


class Certificate(TownOwned):
    """What was removed because its keeping time was over (消去証明書). `statement` says it, signed with the installation's
    key; `positions`: case, number and hash of each event that says so, packed. `last_event`: up to which row of the log it
    speaks."""

    number = models.IntegerField()
    at = models.DateTimeField()
    last_event = models.BigIntegerField()
    statement = models.TextField()
    positions = models.BinaryField()
    signature = models.BinaryField()
    public_key = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "number"], name="one_certificate_per_number")]
