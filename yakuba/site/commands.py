"""`yakuba db | migrate | serve | work | day | run`: the server's own commands."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import click
import orjson

from yakuba.channels import crowd as at_the_door
from yakuba.clock import parse_date
from yakuba.command_line import needs_django, var_folder
from yakuba.processes import alone
from yakuba.site import access_commands, database
from yakuba.site.backup.commands import commands as backups
from yakuba.site.cli import prepare
from yakuba.site.neighbours import near, neighbours, running
from yakuba.site.robots import robots
from yakuba.site.security_commands import security
from yakuba.site.town_commands import town

PORT = 8000
MOST_FILES, OTHER_FILES = 16_384, 256
"""Open files of a process that serves: at most, and those of them that are no browser's connection."""


@click.group()
def db() -> None:
    """The database: where it is; start and stop the embedded server."""


@db.command()
def start() -> None:
    """Start the embedded server, or check that DATABASE_URL answers."""
    click.echo(f"The database answers at {database.where(database.url(var_folder()))}.")


@db.command()
def stop() -> None:
    """Stop the embedded server; the data stays where it is."""
    database.stop(var_folder() / "postgres")
    click.echo(f"Stopped. The data is in {var_folder() / 'postgres'}.")


@click.command()
def migrate() -> None:
    """Bring the database up to date; other commands do so by themselves."""
    prepare()
    click.echo("The database is up to date.")


@click.command()
@click.option("--port", type=int, default=PORT, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", type=int, default=2, show_default=True, help="Processes; each has 32 threads.")
@needs_django
def serve(port: int, host: str, workers: int) -> None:
    """Serve the site."""
    command = web_server(host, port, workers)
    os.execv(command[0], command)  # not a child: it would go on when this process is told to end


def web_server(host: str, port: int, workers: int) -> list[str]:
    """The command that serves the site; its counters are emptied for that.

    Each process has more threads than `channels.admission` lets in and stand in
    line, so that one is always left to say that it is full. Who comes meanwhile is taken in and waits: a browser that
    knocks at a full backlog knocks again only after 1, 3, 7, ... s, and the site stands idle between.

    The program is read once and shared by the processes: 288 MB for two of them, where each for itself they took 436."""
    chosen = ["--workers", str(workers), "--threads", "32", "--bind", f"{host}:{port}", "--backlog", "4096"]
    shared = ["--preload", "--env", f"PROMETHEUS_MULTIPROC_DIR={_counters(host, port)}"]
    crowd = ["--worker-connections", str(_most_connections()), "--keep-alive", "10"]
    told = ["--config", f"python:{at_the_door.__name__}", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", *chosen, *shared, *crowd, *told, "yakuba.site.wsgi"]


def _counters(host: str, port: int) -> Path:
    """A folder of this site's own for its counters, empty: what was counted before it started is in Prometheus."""
    folder = var_folder() / "metrics" / re.sub(r"\W+", "-", f"{host}:{port}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _most_connections() -> int:
    """How many browsers one process may have at a time: each takes one of the files that the system lets it open,
    of which this process and those that it starts may have as many as there are."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    if now < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return files - OTHER_FILES


@click.command()
@click.option("--concurrency", type=int, default=2, show_default=True)
@needs_django
def work(concurrency: int) -> None:
    """Do the system's steps as they come up. Run as many of these as you like, on as many machines."""
    from yakuba.site import worker
    from yakuba.site.telemetry import otlp

    otlp.tell_figures()
    worker.work(concurrency)


@click.command()
@click.option(
    "--date",
    "on",
    type=parse_date,
    help="The day to play; if not given, the last one whose payments the bank has answered.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def day(on: date | None, as_json: bool) -> None:
    """Play a day's work in the demo town, unless that day was played already, and print what happened."""
    with neighbours(var_folder()):
        prepare()
        with alone(var_folder() / "day"):
            counts = _played(on)
    if as_json:
        click.echo(orjson.dumps(counts, option=orjson.OPT_INDENT_2).decode())
    else:
        _say(counts)


def _played(on: date | None) -> dict[str, Any]:
    from yakuba import clock
    from yakuba.site import day, demo, worker

    now = clock.now()
    for code in demo.make_towns(now):
        click.echo(f"Made the synthetic demo town {code}: nobody in it is real.", err=True)
    chosen = on or day.latest(now)
    day.play(chosen, now=now, say=lambda line: click.echo(line, err=True))
    worker.do_what_waits()
    return day.report(chosen)


def _say(counts: dict[str, Any]) -> None:
    for name, value in counts.items():
        click.echo(f"{name}: {value}")


@click.command()
@click.option("--port", type=int, default=PORT, show_default=True)
def run(port: int) -> None:
    """Make the demo town, play a day's work in it, and serve it with all its neighbours: the practice identity
    provider, mail server and bank. Ends with Ctrl-C; the data stays."""
    var = var_folder()
    if near(port) != port:
        raise click.ClickException(
            f"Port {port} is taken: another demo or another program listens there. "
            f"End it, or choose another port: yakuba run --port {near(0)}"
        )
    os.environ.setdefault("YAKUBA_BASE_URL", f"http://127.0.0.1:{port}")
    click.echo(f"Data: {var} (delete it to begin anew)")
    with _until_told(), neighbours(var):
        prepare()
        with alone(var / "day"):
            _played(None)
        from yakuba import clock
        from yakuba.site import demo

        demo.fill_line(clock.now())
        demo.publish_open_data(clock.now())
        demo.ask_questions(clock.now())
        demo.make_partner(clock.now(), say=lambda line: click.echo(line, err=True))

        with running([sys.executable, "-m", "yakuba.site.cli", "work"], web_server("127.0.0.1", port, 2)):
            click.echo(demo.guide(f"http://127.0.0.1:{port}", var))
            signal.pause()
    click.echo(f"Stopped. The database goes on in {var / 'postgres'}; `yakuba db stop` stops it.")


@contextmanager
def _until_told() -> Iterator[None]:
    """Ctrl-C and `kill` end what is inside in good order, and nothing after it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        yield


@click.command()
@click.argument("service")
@click.option(
    "--channel",
    type=click.Choice(["web", "counter", "phone", "paper", "api"]),
    default="web",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def play(service: str, channel: Any, as_json: bool) -> None:
    """Drive one case of a service in the demo town from intake to close, with the facts of its first worked example."""
    from dataclasses import asdict

    from yakuba import clock
    from yakuba.access import towns
    from yakuba.cases import catalogue
    from yakuba.site import demo
    from yakuba.site import play as playing

    demo.make_towns(clock.now())
    try:
        with towns.inside(demo.TOWN):
            played = playing.play(service, channel)
    except KeyError as error:
        known = ", ".join(sorted(catalogue.offered()))
        raise click.ClickException(f"residents cannot apply for {service!r}. There are: {known}") from error
    except playing.Stuck as stuck:
        raise click.ClickException(str(stuck)) from stuck
    click.echo(orjson.dumps(asdict(played)).decode() if as_json else "\n".join(playing.lines(played)))


@click.command()
@click.option(
    "--language", type=click.Choice(["ja", "en"]), help="If not given, that of this terminal (LANG)."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(language: str | None, as_json: bool) -> None:
    """Look this installation over: what is wrong, where, and how to mend it. Ends with 1 where something must be mended."""
    from dataclasses import asdict

    from yakuba.site import doctor as looking

    found = looking.look()
    if as_json:
        click.echo(orjson.dumps([asdict(one) for one in found], option=orjson.OPT_INDENT_2).decode())
    else:
        chosen = language or ("ja" if os.environ.get("LANG", "").startswith("ja") else "en")
        click.echo("\n".join(looking.lines(found, chosen)))
    sys.exit(1 if any(one.level == looking.BAD for one in found) else 0)


commands = [
    access_commands.access,
    security,
    doctor,
    play,
    db,
    migrate,
    serve,
    work,
    day,
    run,
    robots,
    town,
    *backups,
]
