"""`yakuba robots …`: let robots work, stop them, look after them, and rehearse what may go wrong."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
import orjson

from yakuba.command_line import needs_django, var_folder
from yakuba.site.cli import prepare

if TYPE_CHECKING:
    from yakuba.robots.player import Item

NIGHT = 3
"""The hour, Tokyo time, in which robots that run look at their screens."""
IDLE = 2.0
"""Seconds between two looks into the queue when nothing waits."""


@click.group()
def robots() -> None:
    """Robots: let them work, pause them, compare what they did with the old systems, rehearse."""


@robots.command()
@click.option("--service", default="", help="Only the robots of this service.")
@click.option("--robot", default="", help="Only the robot of this name.")
@click.option("--town", default="", help="Only in this town (6-digit code).")
@click.option("--once", is_flag=True, help="End when nothing is left to do.")
@click.option(
    "--dry-run", is_flag=True, help="Stop before every press that has an effect; nothing is recorded as done."
)
@click.option(
    "--driver", type=click.Choice(["browser", "http"]), help="Instead of the one in the robot's file."
)
@click.option("--limit", type=int, help="At most so many tasks.")
@click.option(
    "--attended", is_flag=True, help="In a window that you watch; you are asked before every effect."
)
@click.option("--beat", type=float, default=5.0, show_default=True, help="Seconds between signs of life.")
def run(
    service: str,
    robot: str,
    town: str,
    once: bool,
    dry_run: bool,
    driver: str | None,
    limit: int | None,
    attended: bool,
    beat: float,
) -> None:
    """Let robots take tasks from the queue. Run as many of these as the old systems allow sessions."""
    from yakuba.site.neighbours import old_systems_nearby

    with old_systems_nearby(var_folder()):
        prepare()
        codes = _towns(town)
        told = _told()
        ask = _ask if attended else None
        chosen = {"driver": driver or "", "dry_run": dry_run, "beat": beat, "ask": ask}
        looked: date | None = None
        while True:
            if not once and (night := _night()) not in (None, looked):
                looked = night
                _look_at_screens(codes)
            totals = [_work(code, service, robot, limit, told, chosen) for code in codes if not told()]
            if once or told():
                break
            time.sleep(IDLE)
    worked = {
        name: sum(one.get(name, 0) for one in totals) for name in ("done", "held", "failed", "gone", "found")
    }
    click.echo(", ".join(f"{name} {number}" for name, number in worked.items()))
    sys.exit(1 if once and worked["failed"] else 0)


def _work(
    town: str, service: str, robot: str, limit: int | None, told: Callable[[], bool], chosen: dict[str, Any]
) -> dict[str, int]:
    """Let every robot do what waits in a town; `chosen`: how a shift works."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.cases import queries as case_queries
    from yakuba.robots import queries
    from yakuba.robots.collecting import collect
    from yakuba.robots.errors import NotNow, RobotError
    from yakuba.robots.worker import shift

    worked: dict[str, int] = {}
    for post in queries.posts(service, robot):
        if post.robot.driver == "framework":  # a process of its own takes these
            continue
        try:
            if opened := collect(town, post, as_of=clock.now()):
                _say(f"{town} {post.service}/{post.robot.robot}: found {opened}")
        except RobotError as reason:
            _say(f"{town} {post.service}/{post.robot.robot}: {reason}")
            continue
        with towns.inside(town):
            waits = case_queries.queue(by="robot", service=post.service, step=post.step).exists()
        if not waits:
            continue
        try:
            with shift(town, post, **chosen) as working:
                _say(f"{town} {post.service}/{post.robot.robot}: begins")
                report = working.work(limit=limit, say=lambda line: _say(f"{town}: {line}"), told=told)
        except NotNow as reason:
            _say(f"{town} {post.service}/{post.robot.robot}: {reason}")
            continue
        for code, number in report.reasons.items():
            _say(f"{town}: {number} × {code}")
        for name in ("done", "held", "failed", "gone", "found"):
            worked[name] = worked.get(name, 0) + getattr(report, name)
    return worked


def _night() -> date | None:
    """The day, in the hour in which robots look at their screens; None at other hours."""
    from yakuba import clock

    now = clock.now()
    return now.date() if now.hour == NIGHT else None


def _ask(item: Item) -> bool:
    """Ask whoever watches."""
    values = ", ".join(f"{name}={'■' if one.masked else one.text}" for name, one in item.values.items())
    return click.confirm(f"Enter {item.key}? ({values})", err=True)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _told() -> Callable[[], bool]:
    """Whether somebody told the process to end; what is at hand is finished first."""
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hear)
    return lambda: bool(heard)


def _towns(town: str) -> list[str]:
    """The towns to work in; where there is none yet, the demo town is made and its day played."""
    from yakuba.register import queries as register

    codes = list(register.town_codes())
    if not codes:
        from yakuba import clock
        from yakuba.site import day, demo

        _say("No town is here yet: making the synthetic demo town, and playing a day in it.")
        demo.make_towns(clock.now())
        day.play(day.latest(clock.now()), now=clock.now(), say=_say)
        codes = list(register.town_codes())
    return [town] if town else codes


@robots.command()
@click.option("--json", "as_json", is_flag=True)
@needs_django
def verify(as_json: bool) -> None:
    """Compare the ledgers of the practice systems with the log of the demo town."""
    from yakuba.site import demo, rehearsal

    found = rehearsal.compare(demo.TOWN, var_folder() / "legacy")
    click.echo(rehearsal.as_json(found) if as_json else "\n".join(rehearsal.lines(found)))
    sys.exit(1 if found.missing or found.double or found.unknown else 0)


@robots.command()
@click.option("--items", type=int, default=200, show_default=True)
@click.option("--kills", type=int, default=40, show_default=True)
@click.option("--driver", type=click.Choice(["browser", "http"]), default="http", show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def chaos(items: int, kills: int, driver: str, seed: int, as_json: bool) -> None:
    """Kill robots while they work, in a synthetic town of its own, and count what is missing or double."""
    var = var_folder() / "chaos"
    _begin_anew(var)
    os.environ["YAKUBA_VAR"] = str(var)
    os.environ.pop("DATABASE_URL", None)
    prepare()
    from yakuba.site import database, rehearsal

    try:
        found = rehearsal.chaos(items, kills, var=var, driver=driver, seed=seed, say=_say)
    finally:
        database.stop(var / "postgres")
    click.echo(rehearsal.as_json(found) if as_json else "\n".join(rehearsal.lines(found)))
    sys.exit(1 if found.missing or found.double else 0)


@robots.command("heal-demo")
@click.option("--json", "as_json", is_flag=True)
def heal_demo(as_json: bool) -> None:
    """Change the practice system's screens in eight ways, and see which of them the robot copes with."""
    prepare()
    from yakuba.site import rehearsal

    var = var_folder() / "heal-demo"
    shutil.rmtree(var, ignore_errors=True)
    found = rehearsal.heal_demo(var)
    if as_json:
        click.echo(output([asdict(one) for one in found]))
    else:
        for one in found:
            click.echo(
                f"{one.outcome:7} {one.layout}: {'; '.join(one.marks) or one.reason or 'labels were enough'}"
            )
    coped = sum(1 for one in found if one.outcome != "held" and one.right)
    wrong = sum(1 for one in found if not one.right)
    click.echo(
        f"coped with {coped} of {len(found)}, held {len(found) - coped - wrong}, wrong {wrong}", err=as_json
    )
    sys.exit(1 if wrong else 0)


@robots.command()
@click.argument("name")
@click.option("--town", default="", help="The town whose robot it is (default: the first).")
@click.option("--shadow", type=int, default=20, show_default=True, help="Items to compare with.")
def compile(name: str, town: str, shadow: int) -> None:
    """Prove that robot NAME (or SERVICE/NAME) would send over plain HTTP what it sends in a browser; it then works so."""
    from yakuba.site.neighbours import old_systems_nearby

    with old_systems_nearby(var_folder()):
        prepare()
        from yakuba.robots import compiling, queries

        service, _, robot = name.rpartition("/")
        (post,) = queries.posts(service, robot)[:1]
        proof = compiling.compile_robot(_towns(town)[0], post, shadow=shadow)
    for difference in proof.differences:
        click.echo(difference)
    if proof.holds:
        click.echo(
            f"{post.service}/{robot}: {proof.items} items, every request the same: it works over HTTP from now on."
        )
    else:
        click.echo(
            f"{post.service}/{robot}: {proof.items} items ({compiling.LEAST} are needed), "
            f"{len(proof.differences)} differences: it stays in the browser."
        )
    sys.exit(0 if proof.holds else 1)


@robots.command()
@click.argument("name")
@click.option("--system", required=True, help="The old system that you show it in.")
@click.option("--case", "reference", required=True, help="Reference number of the case that you enter.")
@click.option("--town", default="", help="The town (default: the first).")
@click.option(
    "--commit", default="", help="The button with an effect, where it is not the last that says 登録."
)
@click.option("--out", type=click.Path(path_type=Path), help="Default: NAME.yaml beside the service's file.")
def record(name: str, system: str, reference: str, town: str, commit: str, out: Path | None) -> None:
    """Watch you enter one case in a window, and write robot SERVICE/NAME that does the same. Enter the case, search for
    it, open what you find, and close the window."""
    from yakuba.site.neighbours import old_systems_nearby

    with old_systems_nearby(var_folder()):
        prepare()
        from yakuba.robots import recording

        service, _, robot = name.partition("/")
        asked = recording.Asked(_towns(town)[0], service, robot, system, reference)
        found = recording.record(asked, commit=commit, say=_say)
    path = out or Path(f"services/{service}/robots/{robot}.yaml")
    if path.exists():
        raise click.ClickException(f"{path} is there already; choose another file with --out.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(found.text, "utf-8")
    click.echo(
        f"{path} is written. Name it in a step of the service (run: {robot}), then run `yakuba check`."
    )
    for note in found.notes:
        click.echo(f"- {note}")


@robots.command()
@click.option("--town", default="", help="Only in this town.")
def canary(town: str) -> None:
    """Let every robot look at its screens, without doing anything; `robots run` does so each night."""
    from yakuba.site.neighbours import old_systems_nearby

    with old_systems_nearby(var_folder()):
        prepare()
        lost = _look_at_screens(_towns(town))
    sys.exit(1 if lost else 0)


def _look_at_screens(codes: Sequence[str]) -> int:
    """Returns how many robots do not find their way any more."""
    from yakuba.robots import canary, queries
    from yakuba.robots.errors import RobotError
    from yakuba.robots.worker import SCREENS

    lost = 0
    for code in codes:
        for post in (one for one in queries.posts() if one.robot.driver in SCREENS):
            try:
                found = canary.look(code, post)
            except RobotError as error:
                found = canary.Looked(f"{post.service}/{post.robot.robot}", canary.LOST, str(error))
            lost += found.outcome == canary.LOST
            click.echo(f"{code} {found.robot}: {found.outcome} {found.why}".rstrip())
    return lost


@robots.command()
@click.option("--town", default="", help="Only this town.")
@click.option("--json", "as_json", is_flag=True)
@needs_django
def savings(town: str, as_json: bool) -> None:
    """Hours that robots saved, measured from the log, by robot, month and year."""
    from yakuba.access import towns as open_towns
    from yakuba.register import queries as register
    from yakuba.robots import savings as measured

    found = {}
    for code in [town] if town else list(register.town_codes()):
        with open_towns.inside(code):
            found[code] = measured.savings()
    if as_json:
        click.echo(output({code: [one.to_json() for one in robots] for code, robots in found.items()}))
        return
    for code, saved in found.items():
        for one in saved:
            click.echo(f"{code} {one}")


def _begin_anew(var: Path) -> None:
    """An empty folder, whatever an earlier rehearsal left there."""
    from yakuba.site import database

    if (var / "postgres").exists():
        database.stop(var / "postgres")
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)


@robots.command()
@click.option("--town", required=True)
@click.option("--service", default="", help="Only the robots of this service.")
@click.option("--robot", default="", help="Only this robot.")
@click.option("--reason", default="")
@needs_django
def pause(town: str, service: str, robot: str, reason: str) -> None:
    """Stop robots of a town: what they are at is finished, nothing new is begun."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.robots import actions

    with towns.inside(town):
        actions.pause(by=SYSTEM(town), as_of=clock.now(), service=service, robot=robot, reason=reason)
    click.echo("Paused. `yakuba robots resume` lets them work again.")


@robots.command()
@click.option("--town", required=True)
@click.option("--service", default="")
@click.option("--robot", default="")
@needs_django
def resume(town: str, service: str, robot: str) -> None:
    """Let robots work again."""
    from yakuba.access import SYSTEM, towns
    from yakuba.robots import actions

    with towns.inside(town):
        taken_back = actions.resume(by=SYSTEM(town), service=service, robot=robot)
    click.echo(f"{taken_back} pauses were taken back.")


@robots.command()
@click.option("--town", required=True)
@click.option("--system", required=True)
@click.option("--address", required=True)
@click.option("--user", default="", help="Nobody signs in to a folder.")
@needs_django
def account(town: str, system: str, address: str, user: str) -> None:
    """Keep where an old system is and how robots sign in; the password is asked for, sealed, and never shown."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.robots import actions

    secrets = {"user": user, "password": click.prompt("Password", hide_input=True)} if user else {}
    with towns.inside(town):
        actions.set_account(system, address, secrets, by=SYSTEM(town), as_of=clock.now())
    click.echo(f"Robots of {town} find {system} at {address}.")


def output(found: object) -> str:
    """JSON for a machine, indented for a person too."""
    return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode()
