"""What the booking room stores: rounds with their places, and who was given which."""

import uuid

from django.db import models

from yakuba.access.towns import TownOwned


class Round(TownOwned):
    """Places that are given out together: asked for from `opens` until `closes`, drawn after that (募集).

    `seed`: secret until it is drawn; who draws cannot choose it, because its digest was shown from the beginning.
    `result`: by case, the place (null: none) and the rank; written once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.CharField(max_length=64)
    code = models.CharField(max_length=40)
    name = models.JSONField()
    opens = models.DateTimeField()
    closes = models.DateTimeField(null=True)
    seed = models.BinaryField()
    drawn_at = models.DateTimeField(null=True)
    drawn_by = models.CharField(max_length=80, blank=True)
    result = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "service", "code"], name="one_round_per_code"),
        ]


class Place(TownOwned):
    """What can be given to so many: an hour at the counter, a hall on an evening, a book, a day of collection, a class
    of a nursery. `kind`: for whom it is, where the service declares one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="places")
    code = models.CharField(max_length=40)
    name = models.JSONField()
    kind = models.CharField(max_length=40, blank=True)
    starts = models.DateTimeField(null=True)
    ends = models.DateTimeField(null=True)
    capacity = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code"], name="one_place_per_code"),
            models.CheckConstraint(condition=models.Q(capacity__gte=1), name="a_place_is_for_somebody"),
        ]


class Allotment(TownOwned):
    """A place that was given to a case; it counts as long as the grant of the case stands."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="allotments")
    case = models.UUIDField()
    number = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "case"], name="one_place_per_case"),
            models.UniqueConstraint(fields=["place", "number"], name="one_number_per_place"),
        ]
