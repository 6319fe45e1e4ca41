"""What the progress room stores: what came of each case, without whom it was about, and what robots saved. Both can be made anew
(`yakuba progress refresh --rebuild`)."""

from django.db import models

from yakuba.access.towns import TownOwned


class Served(TownOwned):
    """What came of one case (`case`; `seq`: its last event that is counted here), and of the person no more than bands.

    `days` to its end and `pay_days` to the first payment; `minutes` of staff, measured on `timed` of their tasks, `untimed` ones
    besides; what robots and a `partner` did of it; what was sent; and, by step, what went wrong (`troubles`: returned, failed,
    late). `score`, `hard`, `how`: what somebody said of it once it had ended.
    """

    case = models.UUIDField(primary_key=True)
    service = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    age_band = models.CharField(max_length=8, blank=True)
    district = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=32, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    days = models.FloatField(null=True)
    pay_days = models.FloatField(null=True)
    score = models.SmallIntegerField(null=True)
    hard = models.CharField(max_length=64, blank=True)
    how = models.CharField(max_length=8, blank=True)
    minutes = models.FloatField()
    timed = models.IntegerField()
    untimed = models.IntegerField()
    robot_steps = models.IntegerField()
    partner = models.CharField(max_length=6, blank=True)
    partner_steps = models.IntegerField()
    partner_late = models.IntegerField()
    letters = models.IntegerField()
    texts = models.IntegerField()
    transfers = models.IntegerField()
    returned = models.IntegerField()
    failed = models.IntegerField()
    late = models.IntegerField()
    troubles = models.JSONField(null=True)
    seq = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["town", "closed_at"]),
            models.Index(fields=["town", "opened_at"]),
        ]


class Saving(TownOwned):
    """What one robot saved, as `robots.savings` found it at that moment: `body` is its measurement and its months."""

    robot = models.CharField(max_length=140)
    at = models.DateTimeField()
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "robot"], name="one_saving_per_robot")]
