"""What can happen in the robots room: a run begins, beats, ends; what the dead held goes back to the queue."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import orjson
from django.db import connection

from yakuba.access import SYSTEM, Resource, Worker, require, sealed, towns
from yakuba.cases import actions as cases
from yakuba.clock import TOKYO
from yakuba.declare import RobotFile, SystemFile
from yakuba.robots import queries
from yakuba.robots.driver import Picture
from yakuba.robots.errors import NotNow
from yakuba.robots.marks import Healed, Mark
from yakuba.robots.models import Account, Compiled, Pause, Proposal, Run, ScreenMarks
from yakuba.robots.queries import Post
from yakuba.words import Text

BEAT = 5.0
"""Seconds between two signs of life of a run."""
MISSED = 3
"""So many signs of life may be missed before a run counts as dead."""


def begin(
    service: str, robot: RobotFile, system: SystemFile, *, driver: str, as_of: datetime, beat: float = BEAT
) -> Run:
    """A robot begins to work. Raises NotNow while it is paused, while the system is closed, and when as many sessions
    are open as the system allows."""
    town = towns.current_town()
    check_open(service, robot.robot, system, as_of)
    towns.alone_with(f"robots:{system.system}")  # one at a time counts the sessions
    bury(as_of=as_of)
    if (there := Run.objects.filter(system=system.system, ended_at=None).count()) >= system.sessions:
        raise NotNow(
            Text(
                ja=f"{system.name.ja} はいま {there} つのセッションを使っています（{system.sessions} つまで）。",
                easy="ほかの ロボットが 使って います。",
                en=f"{system.name.en} has {there} sessions open, of {system.sessions} that it allows.",
            )
        )
    return Run.objects.create(
        town=town,
        service=service,
        robot=robot.robot,
        system=system.system,
        driver=driver,
        host=socket.gethostname()[:120],
        pid=os.getpid(),
        started_at=as_of,
        beat_at=_database_now(),
        beat_seconds=beat,
    )


def check_open(service: str, robot: str, system: SystemFile, as_of: datetime) -> None:
    """Raises NotNow while the robot is paused or its system closed. `as_of`: aware."""
    if (pause := queries.paused(service, robot)) is not None:
        raise NotNow(
            Text(
                ja=f"{pause.by} が止めています。{pause.reason}",
                easy="いまは 止めて います。",
                en=f"Paused by {pause.by}. {pause.reason}",
            )
        )
    if system.hours and not system.hours.open_at(as_of.astimezone(TOKYO).time()):
        raise NotNow(
            Text(
                ja=f"{system.name.ja} は {system.hours.from_:%H:%M} から {system.hours.until:%H:%M} まで使えます。",
                easy="古い システムは いま 休みです。",
                en=f"{system.name.en} is open from {system.hours.from_:%H:%M} to {system.hours.until:%H:%M}.",
            )
        )


def beat(run: Run) -> bool:
    """Say that the run lives; False when it was given up meanwhile: it holds nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update robots_run set beat_at = clock_timestamp() where id = %s and ended_at is null", [run.id]
        )
        return cursor.rowcount == 1


def end(run: Run, *, as_of: datetime, done: int, held: int, failed: int) -> None:
    """The run is over; what it still holds goes back."""
    cases.release_all(worker(run).id, by=SYSTEM(run.town), as_of=as_of)
    Run.objects.filter(id=run.id).update(ended_at=as_of, done=done, held=held, failed=failed)


def bury(*, as_of: datetime) -> int:
    """Give back what dead runs of this town hold; returns how many runs."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select id from robots_run where ended_at is null
               and beat_at < clock_timestamp() - make_interval(secs => beat_seconds * %s) for update skip locked""",
            [MISSED],
        )
        dead = [row[0] for row in cursor.fetchall()]
    for run in Run.objects.filter(id__in=dead):
        cases.release_all(worker(run).id, by=SYSTEM(run.town), as_of=as_of)
        Run.objects.filter(id=run.id).update(ended_at=as_of)
    return len(dead)


def worker(run: Run) -> Worker:
    """Who the run is in the queue and the log."""
    return Worker("robot", f"robot:{run.service}/{run.robot}#{run.id.hex[:12]}", run.town, name=run.robot)


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0]


# -- what is known of the screens ----------------------------------------------------------------------------
def learn(
    post: Post,
    seen: Mapping[tuple[str, str], Mark],
    drawn: Mapping[str, Picture],
    healed: Sequence[Healed],
    *,
    as_of: datetime,
) -> None:
    """Keep the marks of the elements that a robot used, and how their screens looked (`drawn`, by label); propose what
    it found by a lower mark to a maintainer."""
    town = towns.current_town()
    place = {"town": town, "service": post.service, "robot": post.robot.robot}
    for one in healed:
        if Proposal.objects.filter(**place, label=one.label, now=one.now).exclude(state="rejected").exists():
            continue
        picture = cases.store_evidence(one.picture.content, name=one.picture.name, as_of=as_of)
        before = queries.pictures(post.service, post.robot.robot).get(one.label)
        Proposal.objects.create(
            **place, kind=one.kind, label=one.label, now=one.now, marks=list(one.by), before=before,
            after=picture.id, made_at=as_of,
        )  # fmt: skip
    if seen:
        marks = {**queries.marks(post.service, post.robot.robot), **seen}
        kept = [[label, mark.to_json()] for (_, label), mark in marks.items()]
        pictures = queries.pictures(post.service, post.robot.robot)
        for label, shown in drawn.items():
            pictures[label] = str(cases.store_evidence(shown.content, name=shown.name, as_of=as_of).id)
        ScreenMarks.objects.update_or_create(
            town=town,
            service=post.service,
            robot=post.robot.robot,
            defaults={"marks": kept, "pictures": pictures, "learned_at": as_of},
        )


def keep_compiled(post: Post, shapes: Collection[str], items: int, *, as_of: datetime) -> None:
    """The robot was proven over HTTP with so many items."""
    Compiled.objects.update_or_create(
        town=towns.current_town(),
        service=post.service,
        robot=post.robot.robot,
        defaults={
            "digest": queries.digest(post.robot),
            "shapes": sorted(shapes),
            "items": items,
            "proven_at": as_of,
        },
    )


def forget_compiled(service: str, robot: str) -> None:
    """The screens are no longer those for which it was proven."""
    Compiled.objects.filter(service=service, robot=robot).delete()


# -- people ----------------------------------------------------------------------------------------------
def pause(*, by: Worker, as_of: datetime, service: str = "", robot: str = "", reason: str = "") -> None:
    """Stop a robot, or all of the town: what they are at is finished, nothing new is begun. Raises access.Denied."""
    town = towns.current_town()
    require(by, "robots.manage", Resource("Town", town, town, {}))
    Pause.objects.create(town=town, service=service, robot=robot, since=as_of, by=by.id, reason=reason)


def resume(*, by: Worker, service: str = "", robot: str = "") -> int:
    """Let them work again; returns how many pauses were taken back. Raises access.Denied."""
    town = towns.current_town()
    require(by, "robots.manage", Resource("Town", town, town, {}))
    return Pause.objects.filter(service=service, robot=robot).delete()[0]


def look_at(document: uuid.UUID, *, as_of: datetime) -> None:
    """A maintainer looks at a changed screen: from here on their time on it counts as upkeep."""
    Proposal.objects.filter(after=document, taken_at=None, state="open").update(taken_at=as_of)


def judge(proposal: int, right: bool, *, by: Worker, as_of: datetime) -> None:
    """A maintainer says whether an element that was found by a lower mark is the one that was meant. A wrong one is
    not taken again. Raises access.Denied."""
    town = towns.current_town()
    require(by, "robots.manage", Resource("Town", town, town, {}))
    state = "accepted" if right else "rejected"
    Proposal.objects.filter(id=proposal, state="open").update(state=state, closed_at=as_of, closed_by=by.id)


def set_account(
    system: str, address: str, secrets: Mapping[str, str], *, by: Worker, as_of: datetime
) -> None:
    """Keep where a system is and how robots sign in, sealed. Raises access.Denied."""
    town = towns.current_town()
    require(by, "robots.account", Resource("Town", town, town, {}))
    kept = {
        "address": address,
        "sealed": sealed.seal(orjson.dumps(dict(secrets)).decode()),
        "changed_at": as_of,
        "changed_by": by.id,
    }
    Account.objects.update_or_create(town=town, system=system, defaults=kept)
