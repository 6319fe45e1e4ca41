"""What the field room stores: profiles as orders keep them, devices, who holds each, and what was read from them."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from yakuba.access.sealed import SealedText
from yakuba.access.towns import TownOwned


class DeviceProfile(TownOwned):
    """The text of one version of a profile; an order keeps the one that it began with."""

    profile = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    body = models.TextField()
    first_used = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "digest"], name="one_text_per_profile")]


class Contract(TownOwned):
    """A town lets a partner do a step of a service, from a day until another (both inclusive; None: until it is ended)."""

    partner = models.CharField(max_length=6)
    service = models.CharField(max_length=64)
    step = models.CharField(max_length=64)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "service", "step"], condition=Q(until=None), name="one_partner_per_step"
            )
        ]


class Outsourced(TownOwned):
    """In the town: a task that a partner has, or had until `back_at`. The partner's case is in the partner's own hall."""

    task = models.UUIDField()
    partner = models.CharField(max_length=6)
    given_at = models.DateTimeField()
    back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "task"], condition=Q(back_at=None), name="one_partner_per_task"
            )
        ]
        indexes = [models.Index(fields=["town", "task"], name="outsourced_task")]


class Secret(TownOwned):
    """What devices must know and nobody else: of a network, of an administrator. Sealed with the installation's keys."""

    name = models.CharField(max_length=120)
    sealed = SealedText()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "name"], name="one_secret_per_name")]


class OrderLine(TownOwned):
    """One device of a kitting order: its case, and by which profile it is set up. `serial` once one was received, or
    when the order names it; `wanted_by`: the case of support that waits for the device."""

    order = models.CharField(max_length=40)
    position = models.IntegerField()
    case = models.UUIDField()
    profile = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    serial = models.CharField(max_length=64, null=True)
    wanted_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "order", "position"], name="one_line_per_position"),
            models.UniqueConstraint(fields=["town", "case"], name="one_line_per_case"),
            models.UniqueConstraint(fields=["town", "order", "serial"], name="one_line_per_serial"),
        ]


class Device(TownOwned):
    """One device by its maker's serial number (projection of the log): the case it is in, and who holds it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    serial = models.CharField(max_length=64)
    case = models.UUIDField()
    holder = models.CharField(max_length=80)
    place = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "serial"], name="one_device_per_serial")]
        indexes = [models.Index(fields=["town", "case"])]


class Custody(TownOwned):
    """Who held a device from when until when (projection). Two periods of one device cannot overlap in the database."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="custodies")
    holder = models.CharField(max_length=80)
    place = models.CharField(max_length=80, blank=True)
    held = DateTimeRangeField()
    case = models.UUIDField()
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(held__upper_inf=True), name="one_holder_per_device"
            ),
            ExclusionConstraint(
                name="no_two_holders_at_a_time",
                expressions=[("device", RangeOperators.EQUAL), ("held", RangeOperators.OVERLAPS)],
            ),
        ]


class Observation(TownOwned):
    """What a collector read from a device at one moment; `task` is the step that it was compared in, once it was."""

    serial = models.CharField(max_length=64)
    at = models.DateTimeField()
    source = models.CharField(max_length=16)
    facts = models.JSONField()
    task = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "serial", "at"], name="one_observation_per_moment")
        ]
        indexes = [models.Index(fields=["town", "serial"], name="new_observations", condition=Q(task=None))]


class Technician(TownOwned):
    """Somebody who goes to customers: from which base, what they can do, when they work. Times of day in seconds."""

    worker = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    base = models.CharField(max_length=80)
    latitude = models.FloatField()
    longitude = models.FloatField()
    island = models.CharField(max_length=40, blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list)
    shift = ArrayField(models.IntegerField(), size=2)
    rest = ArrayField(models.IntegerField(), size=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "worker"], name="one_entry_per_technician")]


class Absence(TownOwned):
    """A technician cannot work on a day, from this second of it on."""

    worker = models.CharField(max_length=80)
    day = models.DateField()
    since = models.IntegerField(default=0)
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "worker", "day"], name="one_absence_a_day")]


class Ferry(TownOwned):
    """How many seconds an island is away, boarding included: on every day (`day` None), or on one. `seconds` None: no ferry
    goes. An island without a row cannot be reached."""

    island = models.CharField(max_length=40)
    day = models.DateField(null=True)
    seconds = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "island", "day"], name="one_ferry_a_day", nulls_distinct=False
            )
        ]


class CustomerContract(TownOwned):
    """What was agreed with a customer: `body` is a `field.contract.Terms`."""

    number = models.CharField(max_length=40)
    customer = models.CharField(max_length=40)
    since = models.DateField()
    until = models.DateField(null=True)
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "number"], name="one_text_per_contract")]
        indexes = [models.Index(fields=["town", "customer"])]
