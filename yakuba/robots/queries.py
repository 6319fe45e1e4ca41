"""What can be asked of the robots room."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from django.db.models import Q

from yakuba.access import sealed
from yakuba.cases import catalogue
from yakuba.clock import in_tokyo
from yakuba.declare import RobotFile, SystemFile
from yakuba.robots.errors import NoAccount, NoRobot
from yakuba.robots.marks import Mark
from yakuba.robots.models import Account, Compiled, Pause, Proposal, Run, ScreenMarks


@dataclass(frozen=True, slots=True)
class Post:
    """A robot with the step that it works and the system that it works in."""

    service: str
    step: str
    robot: RobotFile
    system: SystemFile


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where a system is and what signing in types; never printed."""

    address: str
    secrets: Mapping[str, str] = field(repr=False)


def posts(service: str = "", robot: str = "") -> list[Post]:
    """All robots that some step names, or those of a service. Raises NoRobot where there is none."""
    now = catalogue.current()
    found = [
        Post(name, step.id, now.robots[name, step.run], now.systems[now.robots[name, step.run].system])
        for name, one in now.services.items()
        if service in ("", name)
        for step in one.steps
        if step.by == "robot" and step.run and robot in ("", step.run)
    ]
    if not found:
        raise NoRobot(service, robot, [f"{owner}/{name}" for owner, name in now.robots])
    return found


def paused(service: str, robot: str) -> Pause | None:
    """The pause that holds for a robot, if there is one."""
    every = Q(service="", robot="") | Q(service=service, robot="") | Q(service=service, robot=robot)
    return Pause.objects.filter(every).order_by("since").first()


def pause_of(service: str, robot: str) -> Pause | None:
    """The pause of just this robot; of all where both are empty."""
    return Pause.objects.filter(service=service, robot=robot).order_by("since").first()


def account(system: SystemFile) -> SignIn:
    """How the town's robots sign in. Raises NoAccount, access.sealed.SealBroken."""
    kept = Account.objects.filter(system=system.system).first()
    if kept is None and not system.address:
        return SignIn("", {})
    if kept is None:
        raise NoAccount(system)
    return SignIn(kept.address, orjson.loads(sealed.unseal(kept.sealed)))


def digest(robot: RobotFile) -> str:
    """What the robot's file says, as one number."""
    return hashlib.sha256(robot.model_dump_json().encode()).hexdigest()


def compiled(post: Post) -> frozenset[str] | None:
    """The shapes of the screens for which a robot was proven over HTTP; None where it was not, or was changed since."""
    kept = Compiled.objects.filter(service=post.service, robot=post.robot.robot).first()
    return frozenset(kept.shapes) if kept is not None and kept.digest == digest(post.robot) else None


def marks(service: str, robot: str) -> dict[tuple[str, str], Mark]:
    """What was known of a robot's elements when it last worked, by kind and label."""
    kept = ScreenMarks.objects.filter(service=service, robot=robot).first()
    every = [(label, Mark.from_json(mark)) for label, mark in kept.marks] if kept else []
    return {(mark.kind, label): mark for label, mark in every}


def upkeep_minutes(service: str, robot: str) -> dict[str, float]:
    """Minutes of maintainers on changed screens, from taking a proposal to closing it, by Japan's month."""
    rows = Proposal.objects.filter(
        service=service, robot=robot, taken_at__isnull=False, closed_at__isnull=False
    )
    minutes: dict[str, float] = {}
    for taken, closed in rows.values_list("taken_at", "closed_at"):
        if taken and closed:
            month = f"{in_tokyo(closed):%Y-%m}"
            minutes[month] = minutes.get(month, 0.0) + (closed - taken).total_seconds() / 60
    return minutes


def pictures(service: str, robot: str) -> dict[str, str]:
    """How the screens of a robot's elements looked when it first saw them: documents by label."""
    kept = ScreenMarks.objects.filter(service=service, robot=robot).first()
    return dict(kept.pictures) if kept else {}


def open_proposals() -> list[Proposal]:
    """Changed screens that a maintainer has not looked at yet, the oldest first."""
    return list(Proposal.objects.filter(state="open").order_by("made_at"))


def refused_marks(service: str, robot: str) -> set[tuple[str, str]]:
    """Elements that a maintainer said were not the ones that were meant: (label, what it was called)."""
    rows = Proposal.objects.filter(service=service, robot=robot, state="rejected")
    return set(rows.values_list("label", "now"))


def belongs_to_proposal(document: uuid.UUID) -> bool:
    """Is it one of a proposal's pictures?"""
    return Proposal.objects.filter(Q(before=document) | Q(after=document)).exists()


def live_runs() -> list[Run]:
    """Robots at work in this town."""
    return list(Run.objects.filter(ended_at=None).order_by("started_at"))
