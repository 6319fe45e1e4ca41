"""What sign-in stores. Read through `queries`, changed through `actions`, `limits` and `log`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models.functions import Now

from yakuba.access.circumstances import NO_MODEL, OUTSIDE_FROM, OUTSIDE_UNTIL, PROFILES, ZONES
from yakuba.access.sealed import SealedText
from yakuba.access.towns import TownOwned
from yakuba.access.worker import PROVEN, ROLES, SUPPORTER, Delegation, Worker


class Staff(TownOwned, AbstractBaseUser):
    """Whoever signs in with two factors: a member of staff (職員) of one town, or a supporter (支援員), who is no staff."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    login = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    roles = ArrayField(
        models.CharField(max_length=20, choices=[(role, role) for role in (*ROLES, SUPPORTER)]), default=list
    )
    #: TOTP secret (RFC 6238), sealed with the key of `settings.YAKUBA_SEAL_KEYS`; empty before it is set up.
    totp_secret = SealedText(blank=True, default="")
    #: The last 30-second step whose code was used: an older or equal one is a replay.
    totp_step = models.BigIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "login"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "login"], name="access_staff_login")]

    def __str__(self) -> str:
        return self.name

    def worker(self, delegations: Sequence[Delegation] = ()) -> Worker:
        """The staff member as the policy sees them once both factors are shown; `delegations`: whom they stand in for. A
        supporter is a worker of another kind, whom no policy for staff lets in."""
        if SUPPORTER in self.roles:
            return Worker("supporter", f"supporter:{self.id}", self.town, name=self.name, strength=PROVEN)
        return Worker(
            "staff",
            f"staff:{self.id}",
            self.town,
            name=self.name,
            roles=frozenset(self.roles),
            strength=PROVEN,
            delegations=tuple(delegations),
        )


class Absence(TownOwned):
    """A member of staff is not there from `first` to `last` (both included, Asia/Tokyo), and `deputy` stands in for them
    (代決・代理). It holds by its days alone, and is kept when it is over; `ended_at`: it was ended before."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    entered_by = models.CharField(max_length=100)
    entered_at = models.DateTimeField()
    ended_by = models.CharField(max_length=100, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(first__lte=models.F("last")), name="days_in_order"),
            models.CheckConstraint(
                condition=~models.Q(staff=models.F("deputy")), name="nobody_is_their_own_deputy"
            ),
        ]
        indexes = [
            models.Index(
                fields=["town", "deputy", "last"],
                name="absences_by_deputy",
                condition=models.Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.first} {self.last}"


class Client(TownOwned):
    """Another system (外部システム) that hands requests in over the API, or reads standard data. `token`: digest of its secret;
    `scopes`: what it may read; `webhook`: where it is told of changes, with the sealed secret that signs them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    token = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=400), default=list, db_default=[])
    webhook = models.URLField(max_length=400, blank=True)
    webhook_secret = SealedText(blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "name"], name="one_client_per_name"),
            models.UniqueConstraint(fields=["town", "token"], name="one_client_per_token"),
        ]

    def worker(self) -> Worker:
        """The system as the policy sees it, once its token is shown."""
        return Worker("client", f"client:{self.id}", self.town, name=self.name, strength=PROVEN)


class Passkey(TownOwned):
    """A passkey of a member of staff (WebAuthn Level 2 public-key credential)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.BinaryField()
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "credential_id"], name="access_passkey_credential")
        ]

    def __str__(self) -> str:
        return self.name


class Resident(TownOwned):
    """The account of a resident who signed in with an OpenID Connect provider.

    `subject` is the provider's pairwise `sub` for this town. `person` is the register id once we know who it
    is; until then the four claims (基本4情報) are kept, for the clerk who links the account, and not longer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.URLField()
    subject = models.CharField(max_length=255)
    person = models.CharField(max_length=64, null=True, blank=True)
    name = models.CharField(max_length=200, blank=True, default="")
    birth_date = models.DateField(null=True, blank=True)
    address = models.CharField(max_length=300, blank=True, default="")
    gender = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField()
    linked_by = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "issuer", "subject"], name="access_resident_subject")
        ]

    def __str__(self) -> str:
        return str(self.id)

    def worker(self) -> Worker:
        """The resident as the policy sees them, after signing in with the My Number card."""
        return Worker(
            "resident", f"resident:{self.id}", self.town, name=self.name, strength=PROVEN, person=self.person
        )


class Session(TownOwned, AbstractBaseSession):
    """A signed-in (or anonymous) browser in one town; the key is stored as a digest only."""

    staff = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="sessions")
    resident = models.ForeignKey(Resident, null=True, on_delete=models.CASCADE, related_name="sessions")

    objects: ClassVar[BaseSessionManager] = BaseSessionManager()

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls):
        from yakuba.access.sessions import SessionStore

        return SessionStore


class Limit(TownOwned):
    """How often something was tried lately. The table is UNLOGGED: a crash forgets it and harms nobody."""

    purpose = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    spent = models.IntegerField(default=0)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "purpose", "key"], name="access_limit_key")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.spent}"


class AccessEvent(TownOwned):
    """Who saw or tried what. Append-only; `seals.seal` binds the rows in a chain."""

    id = models.BigAutoField(primary_key=True)
    #: When the row was written by the database's clock; `at` is the time that it speaks of.
    written_at = models.DateTimeField(db_default=Now(), editable=False)
    at = models.DateTimeField()
    worker_kind = models.CharField(max_length=20)
    worker_id = models.CharField(max_length=100)
    action = models.CharField(max_length=60)
    resource_type = models.CharField(max_length=40)
    resource_id = models.CharField(max_length=100)
    outcome = models.CharField(max_length=20)
    policies = ArrayField(models.CharField(max_length=60), default=list)
    #: The absent colleagues in whose place a deputy did it, where their own roles would not have allowed it.
    acting_for = ArrayField(models.CharField(max_length=100), default=list, db_default=[])
    #: What staff asked, as the policy saw it (`roles`, `strength`, `attributes`, `circumstances`); None of others, and of before.
    question = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["town", "id"], name="access_event_order"),
            models.Index(fields=["town", "resource_type", "resource_id"], name="access_event_resource"),
            models.Index(fields=["town", "at"], name="access_event_time"),
            models.Index(fields=["town", "worker_id", "at"], name="access_event_worker"),
        ]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.action} {self.outcome}"


class AccessSeal(TownOwned):
    """One link of the access log's chain: the hash of all rows up to `last_event` since the link before.

    `rows`: of each of them its id and the beginning of its digest, so that a changed one can be named; None in links that
    were made before.
    """

    id = models.BigAutoField(primary_key=True)
    last_event = models.BigIntegerField()
    events = models.IntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    rows = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "last_event"], name="access_seal_order"),
            models.UniqueConstraint(fields=["town", "previous"], name="access_seal_chain"),
        ]

    def __str__(self) -> str:
        return self.hash


class AccessCut(TownOwned):
    """The rows up to `last_event` were removed, as their keeping time was over; the links over them stay. `statement` says
    what was removed, signed with the installation's key."""

    last_event = models.BigIntegerField()
    statement = models.TextField()
    signature = models.BinaryField()
    public_key = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "last_event"], name="access_cut_order")]

    def __str__(self) -> str:
        return str(self.last_event)


class Network(TownOwned):
    """Addresses (CIDR) from which staff work, and what they count as (a zone of `circumstances`)."""

    cidr = models.CharField(max_length=49)
    zone = models.CharField(max_length=10, choices=[(zone, zone) for zone in ZONES])
    note = models.CharField(max_length=200, blank=True)
    added_by = models.CharField(max_length=100)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "cidr"], name="access_network_once")]

    def __str__(self) -> str:
        return f"{self.zone} {self.cidr}"


class Device(TownOwned):
    """A device that staff may work with outside of the hall. `staff` None: whoever of the staff signs in on it.

    `code` and `secret` are digests: of the code that is typed on it once, and of the cookie that it keeps from then on;
    `certificate` is the SHA-256 of its client certificate (hexadecimal). `for_emergency`: it belongs to a site of a disaster.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="devices")
    managed = models.BooleanField(default=False)
    for_emergency = models.BooleanField(default=False)
    certificate = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField()
    secret = models.CharField(max_length=64, blank=True)
    issued_by = models.CharField(max_length=100)
    issued_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["town", "secret"], name="access_device_secret"),
            models.Index(fields=["town", "certificate"], name="access_device_certificate"),
        ]

    def __str__(self) -> str:
        return self.name


class Posture(TownOwned):
    """How a town guards its work: the model of its networks (三層の対策), and when staff may work outside."""

    profile = models.CharField(max_length=12, choices=[(one, one) for one in PROFILES], default=NO_MODEL)
    outside_from = models.TimeField(default=OUTSIDE_FROM)
    outside_until = models.TimeField(default=OUTSIDE_UNTIL)
    set_by = models.CharField(max_length=100)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town"], name="one_posture_per_town")]

    def __str__(self) -> str:
        return self.profile


class Emergency(TownOwned):
    """The town is in disaster mode from `begins` to before `ends`, by the case in which two people said so."""

    case = models.UUIDField()
    declared_by = models.CharField(max_length=100)
    confirmed_by = models.CharField(max_length=100)
    reason = models.TextField()
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    services = ArrayField(models.CharField(max_length=80), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "case"], name="one_emergency_per_case"),
            models.CheckConstraint(
                condition=models.Q(begins__lt=models.F("ends")), name="emergency_begins_before_it_ends"
            ),
            models.CheckConstraint(
                condition=~models.Q(declared_by=models.F("confirmed_by")), name="emergency_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.begins:%Y-%m-%d} {self.reason[:40]}"


class AccessGrant(TownOwned):
    """Break-glass access (緊急アクセス): what one member of staff may read until `ends` by its `case`. `opens`: the id of a person, or of
    a case with its reference number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.UUIDField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    opens = ArrayField(models.CharField(max_length=100))
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "case"], name="one_grant_per_case"),
            models.CheckConstraint(
                condition=models.Q(begins__lt=models.F("ends"))
                & models.Q(ends__lte=models.F("begins") + timedelta(hours=1)),
                name="a_grant_lasts_an_hour_at_most",
            ),
        ]
        indexes = [models.Index(fields=["town", "staff", "ends"], name="access_grants_of_staff")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.ends:%Y-%m-%d %H:%M}"
