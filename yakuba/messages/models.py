"""What was told to whom, by which carrier, and how that went."""

import uuid

from django.db import models

from yakuba.access.towns import TownOwned


class Message(TownOwned):
    """One message to one person by one carrier.

    `reply`: it asks for an answer, on the pages of a confirmation or on the form that comes with the letter.
    States: a letter is `made`, then `posted`; a mail is `queued`, then `sent` or `failed`, or
    `dropped` when its case went another way first; a failed mail sent to another address is `replaced`.
    A text (SMS) is `queued`, `accepted` when the gateway took it (`sent_at`, under `receipt`), and `sent` when it was
    delivered (`delivered_at`); `short` is what was sent, `body` the letter that it becomes if it cannot be delivered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=160)
    case = models.UUIDField()
    task = models.UUIDField(null=True)
    template = models.CharField(max_length=64)
    carrier = models.CharField(max_length=8)
    state = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    to_name = models.CharField(max_length=120)
    to_address = models.TextField(blank=True)
    to_postal = models.CharField(max_length=8, blank=True)
    to_email = models.EmailField(blank=True)
    to_phone = models.CharField(max_length=20, blank=True, db_default="", default="")
    subject = models.TextField()
    body = models.TextField()
    short = models.TextField(blank=True, db_default="", default="")
    reply = models.BooleanField(db_default=False, default=False)
    document = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=100, blank=True, db_default="", default="")
    delivered_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "key"], name="one_message_per_key")]
        indexes = [models.Index(fields=["town", "state", "carrier"]), models.Index(fields=["town", "case"])]
