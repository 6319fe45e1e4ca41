"""What the channels keep: requests that are being written."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yakuba.access.sealed import SealedText
from yakuba.access.towns import TownOwned


class Draft(TownOwned):
    """A request that somebody is writing. `code`: digest of the resume code; `case`: what it became.

    `wanted_at`: it was sent while the town hall was too busy, and is opened as soon as there is room. `visit`: the visit to
    the counter (a case of `counter-visit`) at which it is written together with others.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    facts = models.JSONField(default=dict)
    person = models.UUIDField(null=True)
    identified = models.BooleanField(default=False)
    evidence = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=64, null=True)
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    wanted_at = models.DateTimeField(null=True)
    case = models.UUIDField(null=True)
    visit = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_draft_per_code")]
        indexes = [
            models.Index(
                fields=["town", "wanted_at"],
                name="drafts_that_wait",
                condition=models.Q(wanted_at__isnull=False),
            ),
            models.Index(
                fields=["town", "visit"],
                name="drafts_of_a_visit",
                condition=models.Q(visit__isnull=False),
            ),
        ]


class ApiRequest(TownOwned):
    """A request that another system handed in. `key`: its own key for it, so that the same again is the same; `digest`:
    of what it said. `told`: up to which event of the case it was told; `next_try_at`: not before then again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.UUIDField()
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    case = models.UUIDField()
    at = models.DateTimeField()
    told = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "client", "key"], name="one_request_per_key"),
            models.UniqueConstraint(fields=["town", "case"], name="one_system_per_case"),
        ]


class SavedFilter(TownOwned):
    """A filter of the queue under a name. `asked`: what its form says; `owner`: worker id, empty where it is for everybody
    of the town."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    asked = models.JSONField()
    owner = models.CharField(max_length=100, blank=True)
    kept_by = models.CharField(max_length=100)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "owner", "name"], name="one_filter_per_name"),
        ]


class DraftFile(TownOwned):
    """A file of a draft, checked when it came in. `document`: the stored file."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    purpose = models.CharField(max_length=64)
    document = models.UUIDField()
    name = models.CharField(max_length=200)
    size = models.IntegerField()


class Help(TownOwned):
    """Somebody who helps with a draft, by a consent (`consent`: its case). `way`: beside, or for. `helper`: worker id once they
    came; `code`: digest of the short code by which they come, good until `code_ends`. `shown`: guarded facts that the resident lets
    them see; `filled`: answers that they wrote, as `screen/fact`; `confirmed_at`: when the resident looked those over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="helps")
    consent = models.UUIDField()
    way = models.CharField(max_length=8)
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    helper = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=64, null=True)
    code_ends = models.DateTimeField(null=True)
    began_at = models.DateTimeField()
    came_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    shown = ArrayField(models.CharField(max_length=100), default=list)
    filled = ArrayField(models.CharField(max_length=200), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_helper_per_code")]

    @property
    def waits(self) -> bool:
        """Whether the resident has not yet looked over what was written for them."""
        return self.way == "beside" and bool(self.filled) and self.confirmed_at is None


class OfflinePack(TownOwned):
    """A file with which a shelter works without a line. `key`: under which its entries are encrypted, sealed; `content`: the file
    itself, what is to be read in it encrypted under a passphrase that is kept nowhere; None once the pack has ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shelter = models.CharField(max_length=60)
    services = ArrayField(models.CharField(max_length=64))
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    ends = models.DateTimeField()
    key = SealedText()
    content = models.BinaryField(null=True)


class Texter(TownOwned):
    """A telephone that sends texts. `number`: digest of its number; `address`: the number itself, sealed; `draft`: what is being
    asked for by texts; `asking`: what the next text answers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=64)
    address = SealedText()
    language = models.CharField(max_length=8, default="ja")
    draft = models.UUIDField(null=True)
    asking = models.JSONField(default=dict)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "number"], name="one_texter_per_number")]


class TextReply(TownOwned):
    """What is sent back to a telephone. `key`: which text it answers, so that one that comes twice is answered once; `text`: sealed,
    and empty once it was sent or nothing is to be said."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    texter = models.ForeignKey(Texter, on_delete=models.CASCADE, related_name="replies")
    key = models.CharField(max_length=120)
    text = SealedText(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "key"], name="one_reply_per_text")]
