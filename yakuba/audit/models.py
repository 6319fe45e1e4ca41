"""What the audit room stores: what came of proving the logs."""

from django.db import models

from yakuba.access.towns import TownOwned


class Proof(TownOwned):
    """Both logs of a town were checked as a whole. `findings`: what did not add up, in plain words, at most a hundred."""

    at = models.DateTimeField()
    cases = models.IntegerField()
    events = models.BigIntegerField()
    looks = models.BigIntegerField()
    found = models.IntegerField()
    findings = models.JSONField()
    clocks = models.JSONField()
