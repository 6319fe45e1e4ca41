"""From where, with what and when somebody asks: what a policy knows beside who asks and about what.

Source: 地方公共団体における情報セキュリティポリシーに関するガイドライン (総務省) 第3編 3 (情報システム全体の強靭性の向上: 三層の対策);
テレワークセキュリティガイドライン 第5版 (総務省).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from yakuba.clock import BusinessCalendar, in_tokyo

Zone = Literal["counter", "lgwan", "home", "internet", "disaster"]
DeviceKind = Literal["none", "registered", "managed"]
Profile = Literal["none", "alpha", "alpha-dash", "beta", "beta-dash"]
DataClass = Literal["public", "personal", "sensitive", "my-number"]

ZONES: tuple[Zone, ...] = ("counter", "lgwan", "home", "internet", "disaster")
"""Networks of the hall itself; those connected to LGWAN; a known device anywhere else; an unknown one; a site of a disaster."""
INSIDE: frozenset[Zone] = frozenset(("counter", "lgwan"))
PROFILES: tuple[Profile, ...] = ("none", "alpha", "alpha-dash", "beta", "beta-dash")
"""三層の対策: none chosen, α, α′, β, β′ モデル."""
NO_MODEL, OUTSIDE_FROM, OUTSIDE_UNTIL = PROFILES[0], time(7), time(22)
"""What holds in a town that said nothing of its model and of the hours for work outside (Asia/Tokyo)."""
DATA_CLASSES: tuple[DataClass, ...] = ("public", "personal", "sensitive", "my-number")

SPECIAL = ("granted", "declared")
"""What a context says of the one resource that is asked about; absent where it does not hold."""
PROOF_STEP = 5
"""Minutes: how finely a policy sees the time since somebody last proved who they are."""
LONG_AGO = 24 * 60
"""Minutes: what a proof of unknown or greater age counts as."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What surrounds a question. As it stands here: inside of the hall, which is where work is done that no browser asks for.

    `proven_minutes`: since both factors were shown last, in steps of PROOF_STEP; `certificate`: the device showed its
    client certificate; `emergency`: the town is in disaster mode, which names these `services`; `granted`: what break-glass
    access opens now (an id or reference number, and its case); `office_hours`: in the hours that the town allows for work outside.
    """

    zone: Zone = "counter"
    device: DeviceKind = "managed"
    certificate: bool = True
    proven_minutes: int = 0
    office_hours: bool = True
    emergency: bool = False
    profile: Profile = "none"
    services: tuple[str, ...] = ()
    granted: tuple[tuple[str, str], ...] = ()

    def context(
        self, data: DataClass, named: Collection[str] = (), service: str | None = None
    ) -> dict[str, Any]:
        """As Cedar gets it (`Circumstances` of `policies/schema.cedarschema`). `named`: what the resource is called in a
        grant (its id, its reference number); `service`: the one that it belongs to."""
        holds = (self.grant(named) is not None, self.emergency and service in self.services)
        special = {name: True for name, one in zip(SPECIAL, holds, strict=True) if one}
        return special | {
            "zone": self.zone,
            "device": self.device,
            "certificate": self.certificate,
            "proven_minutes": self.proven_minutes,
            "office_hours": self.office_hours,
            "emergency": self.emergency,
            "profile": self.profile,
            "data": data,
        }

    def grant(self, named: Collection[str]) -> str | None:
        """The break-glass case that opens what is called so, if one does now."""
        return next((case for opens, case in self.granted if opens in named), None)

    @property
    def inside(self) -> bool:
        """In the hall's own networks."""
        return self.zone in INSIDE


AT_THE_HALL = Circumstances()
STRANGER = Circumstances(
    zone="internet",
    device="none",
    certificate=False,
    proven_minutes=LONG_AGO,
    office_hours=False,
)
"""Somebody anywhere: residents and visitors, of whom no policy asks more."""


def minutes_since(proven: datetime | None, as_of: datetime) -> int:
    """Whole steps of PROOF_STEP since a proof; LONG_AGO where there was none, or it lies in the future (a clock set back)."""
    if proven is None or proven > as_of:
        return LONG_AGO
    minutes = (as_of - proven) // timedelta(minutes=1)
    return min(minutes - minutes % PROOF_STEP, LONG_AGO)


def in_hours(as_of: datetime, begins: time, ends: time, calendar: BusinessCalendar) -> bool:
    """Whether it is a day on which the hall is open, from `begins` to before `ends` (Asia/Tokyo).

    >>> from yakuba.clock import TOKYO
    >>> days = BusinessCalendar()
    >>> in_hours(datetime(2026, 11, 27, 8, 30, tzinfo=TOKYO), time(8), time(20), days)
    True
    >>> in_hours(datetime(2026, 11, 28, 8, 30, tzinfo=TOKYO), time(8), time(20), days)  # Saturday
    False
    """
    there = in_tokyo(as_of)
    return begins <= there.time() < ends and calendar.is_open(there.date())
