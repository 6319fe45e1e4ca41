"""What the access log and the declared devices show of one time, policy by policy: the figures of the report of evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from yakuba.access import devices, log, seals, simulating
from yakuba.access.models import AccessEvent, AccessGrant, AccessSeal, Device, Emergency, Network
from yakuba.access.policy import book


@dataclass(frozen=True, slots=True)
class Settled:
    """How often a policy let staff do something, or kept them from it, in the rows that the log keeps."""

    allowed: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """`policies`: by id, under the policies in force now; `zones`: allowed questions by zone; `broken`: what is wrong with the
    chain of seals, empty where it holds; `not_kept`: rows of before that keep no question."""

    policies: Mapping[str, Settled]
    zones: Mapping[str, int]
    rows: int
    outcomes: Mapping[str, int]
    step_ups: int
    changes: int
    seals: int
    broken: str
    devices_in_use: int
    devices_waiting: int
    devices_revoked: int
    networks: int
    profile: str
    emergencies: int
    break_glass: int
    not_kept: int


def figures(town: str, since: datetime, until: datetime) -> Figures:
    """The figures of the open town from `since` to before `until` (aware); devices and networks as they are now."""
    policies, zones = _settled(town, since, until)
    rows = AccessEvent.objects.filter(at__gte=since, at__lt=until)
    broken = next(iter(seals.verify(town).breaks), None)
    return Figures(
        policies=policies,
        zones=zones,
        rows=rows.count(),
        outcomes=dict(rows.values_list("outcome").annotate(Count("id")).order_by()),
        step_ups=rows.filter(action="step_up", outcome=log.SIGNED_IN).count(),
        changes=rows.filter(action="network.manage", resource_id__contains=":").count(),
        seals=AccessSeal.objects.filter(sealed_at__gte=since, sealed_at__lt=until).count(),
        broken=f"{broken.seal}: {broken.what}" if broken else "",
        devices_in_use=Device.objects.filter(registered_at__isnull=False, revoked_at=None).count(),
        devices_waiting=Device.objects.filter(registered_at=None, revoked_at=None).count(),
        devices_revoked=Device.objects.filter(revoked_at__gte=since, revoked_at__lt=until).count(),
        networks=Network.objects.count(),
        profile=devices.posture().profile,
        break_glass=AccessGrant.objects.filter(begins__gte=since, begins__lt=until).count(),
        emergencies=Emergency.objects.filter(begins__lt=until, ends__gt=since).count(),
        not_kept=simulating.unasked(since, until),
    )


def _settled(town: str, since: datetime, until: datetime) -> tuple[dict[str, Settled], dict[str, int]]:
    allowed, refused, zones = Counter[str](), Counter[str](), Counter[str]()
    for asked in simulating.questions(since, until):
        answer = simulating.answer(book(), asked, town)
        counted = allowed if answer.allowed else refused
        counted.update(dict.fromkeys(answer.policies, asked.times))
        if answer.allowed:
            zones[asked.question["circumstances"]["zone"]] += asked.times
    both = sorted(allowed.keys() | refused.keys())
    return {policy: Settled(allowed[policy], refused[policy]) for policy in both}, dict(zones)
