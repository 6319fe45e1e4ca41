"""Which procedures of the plan people really do online: those of which a request that came by web or by another system ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from yakuba.cases.figures import Came
from yakuba.clock import in_tokyo
from yakuba.declare import Catalogue, Service
from yakuba.progress.plan.state import Evidence, Standing, State

ONLINE = frozenset({"web", "api"})
"""Channels that are online: the town's own pages, and other systems and portals that hand a request on."""
BY_HAND = frozenset({"counter", "phone", "paper"})
"""Channels in which somebody of the hall writes for the resident."""
Stage = Literal["online", "offered", "elsewhere", "no_service", "prefecture"]
"""`online`: a request ended; `offered`: residents can, and nobody has yet; `elsewhere`: requests ended, none of them online, but at
the counter, in a chat, by voice, by text, or by confirming what the town had filled in;
`no_service`: nothing declared here fulfils it; `prefecture`: not a town's to do."""


@dataclass(frozen=True, slots=True)
class ProcedureState:
    """One procedure. `online`, `by_hand`: requests that ended; `demand`: those that came in by hand of late; `minutes`: what one of
    these takes a clerk as its service declares, `measured`: whether that was measured."""

    id: str
    name: str
    group: str
    counted: bool
    stage: Stage
    services: Sequence[str]
    online: int = 0
    since: date | None = None
    last: date | None = None
    by_hand: int = 0
    demand: int = 0
    minutes: int = 0
    measured: bool = False

    @property
    def hours(self) -> float:
        """Hours of the hall that went into what came by hand of late."""
        return self.demand * self.minutes / 60

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def procedures(catalogue: Catalogue, came: Iterable[Came], stopped: Iterable[str] = ()) -> list[ProcedureState]:  # fmt: skip
    """How each procedure of the plan stands. `came`: how cases of late and in all came in; `stopped`: services that nobody can
    apply for now."""
    by_service: dict[str, list[Came]] = {}
    for one in came:
        by_service.setdefault(one.service, []).append(one)
    away = frozenset(stopped)
    return [_procedure(one, catalogue, by_service, away) for one in catalogue.plan.procedures]


def _procedure(
    id: str, catalogue: Catalogue, by_service: Mapping[str, Sequence[Came]], stopped: frozenset[str]
) -> ProcedureState:
    plan = catalogue.plan
    group, names = plan.group(id), catalogue.fulfilling(id)
    rows = [row for name in names for row in by_service.get(name, ())]
    online = [row for row in rows if row.channel in ONLINE and row.completed]
    hand = [row for row in rows if row.channel in BY_HAND]
    services = [catalogue.services[name] for name in names]
    counts = [one.file.count for one in services if one.file.count]
    stage: Stage = "no_service"
    if group.of == "prefecture":
        stage = "prefecture"
    elif online:
        stage = "online"
    elif any(row.completed for row in rows):
        stage = "elsewhere"
    elif any(_open_to_residents(one, stopped) for one in services):
        stage = "offered"
    return ProcedureState(
        id=id, name=plan.procedures[id], group=id.split("-")[0], counted=group.counted, stage=stage, services=names,
        online=sum(row.completed for row in online),
        since=min((in_tokyo(row.first).date() for row in online if row.first), default=None),
        last=max((in_tokyo(row.last).date() for row in online if row.last), default=None),
        by_hand=sum(row.completed for row in hand), demand=sum(row.of_late for row in hand),
        minutes=max((one.manual_minutes for one in counts), default=0),
        measured=bool(counts) and not any(one.provisional for one in counts),
    )  # fmt: skip


def _open_to_residents(service: Service, stopped: frozenset[str]) -> bool:
    return service.offered and service.id not in stopped


def online(found: Sequence[ProcedureState], counted: Sequence[str]) -> State:
    """How the item stands: it runs when each procedure that counts is done online."""
    done = [one for one in found if one.id in counted and one.stage == "online"]
    evidence = [Evidence("online", len(done), more=(("of", len(counted)),))]
    if done:
        requests = sum(one.online for one in done)
        first, last = min(one.since for one in done if one.since), max(one.last for one in done if one.last)
        evidence.append(Evidence("online_requests", requests, first, last))
    standing: Standing = "runs" if counted and len(done) == len(counted) else "part" if done else "not_yet"
    return State(standing, evidence, len(done))
