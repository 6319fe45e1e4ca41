"""`yakuba backup | restore`."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import click
import orjson
import psycopg

from yakuba import clock
from yakuba.clock import TOKYO
from yakuba.command_line import var_folder
from yakuba.site import database
from yakuba.site.backup import restoring, taking
from yakuba.site.backup.folder import BackupTrouble, Folder, moment, public

KEEP = 35
"""Days whose moments can be restored, unless told otherwise: a month, and the days until somebody looks."""
TOO_OLD = timedelta(minutes=15)
"""The log that was fetched longer ago than that is told of: more would be lost than a town likes to type again."""


def _moment(context: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            'write it as "2026-11-29 14:03" or "2026-11-29 14:03:30", in Japan time.'
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=TOKYO)


def _folder(context: click.Context, option: click.Parameter, given: Path | None) -> Folder:
    """The folder named here, before the subcommand, or by the setting."""
    before = context.parent.params.get("folder") if context.parent else None
    named = os.environ.get("YAKUBA_BACKUP")
    chosen = given or before or (Path(named) if named else None)
    if chosen is None:
        raise click.UsageError("Say where the backup is: --to FOLDER, or the setting YAKUBA_BACKUP.")
    return Folder(chosen.resolve())


_TO: dict[str, Any] = {
    "type": click.Path(path_type=Path, file_okay=False),
    "help": "Folder of the backup, on another disk; if not given, the setting YAKUBA_BACKUP.",
}
to_option = click.option("--to", "folder", callback=_folder, **_TO)


def _source() -> taking.Source:
    """The living database, as it is: nothing is migrated for a backup."""
    address = database.url(var_folder())
    os.environ["YAKUBA_DB_ADDRESS"] = address
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yakuba.site.settings")
    import django

    django.setup()
    from yakuba.cases.signing import signing_key
    from yakuba.site.backup.proving import witness

    def witnessed() -> list[dict[str, Any]]:
        from django.db import DatabaseError, connection

        try:
            return witness()
        except (
            DatabaseError
        ):  # not migrated yet, or by a newer program: what it signed is in the backup all the same
            connection.close()
            return []

    return taking.Source(address, var_folder(), signing_key(), witnessed)


def _say(line: str) -> None:
    click.echo(line, err=True)


@click.group(invoke_without_command=True)
@click.option("--to", "folder", **_TO)
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=KEEP,
    show_default=True,
    help="Days whose moments can be restored.",
)
@click.pass_context
def backup(context: click.Context, folder: Path | None, keep: int) -> None:
    """Make a base backup, proven whole, and fetch the database's log up to now. `backup follow` fetches it all the time."""
    if context.invoked_subcommand:
        return
    kept = _folder(context, context.command.params[0], folder)
    source = _source()
    line = _clearly(lambda: taking.take(source, kept, keep=timedelta(days=keep), say=_say))
    journal = kept.read(public(source.key))
    click.echo(
        f"Backed up in {kept.path}: base backup of {moment(line['began']):%Y-%m-%d %H:%M:%S} (Japan time)."
    )
    click.echo(f"Every moment from {_shown(journal.since)} to {_shown(journal.until)} can be restored.")
    click.echo(
        "In it: the whole database, with all papers, and the other files of YAKUBA_VAR as they are now."
    )
    there = [name for name, file in taking.key_files(source.var).items() if file.is_file()]
    click.echo(
        f"NOT in it, to be kept apart: {', '.join(there)}. Do so once: yakuba backup keys --into A_PLACE_OF_ITS_OWN"
    )


@backup.command()
@to_option
def follow(folder: Folder) -> None:
    """Fetch the database's log as it is written, until told to end: at most the last moments are lost with the machine."""
    source, told = _source(), Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    _clearly(lambda: taking.follow(source, folder, told=told, say=_say))


@backup.command()
@to_option
def log(folder: Folder) -> None:
    """Fetch the database's log up to now, once: for who starts it by the clock instead of `backup follow`."""
    source = _source()
    _clearly(lambda: taking.catch_up(source, folder))
    click.echo(f"Every moment up to {_shown(folder.read(public(source.key)).until)} can be restored.")


@backup.command()
@click.option(
    "--into", required=True, type=click.Path(path_type=Path, file_okay=False), help="A place of their own."
)
def keys(into: Path) -> None:
    """Copy the keys (secret.key, seal.key, checkpoint.key) to a place that is not the backup's."""
    named = os.environ.get("YAKUBA_BACKUP")
    found = _clearly(lambda: taking.keys_apart(var_folder(), into, Folder(Path(named)) if named else None))
    missing = [name for name in taking.KEYS if name not in found]
    click.echo(f"Copied into {into}: {', '.join(found) or 'nothing'}. Keep it where the backup is not.")
    if missing:
        click.echo(
            f"Not in {var_folder()}: {', '.join(missing)} (made on first use, or set as YAKUBA_SECRET_KEY, YAKUBA_SEAL_KEYS)."
        )


@backup.command()
@to_option
def end(folder: Folder) -> None:
    """End a backup: the server keeps its log for this folder no longer. What is in it stays, and can be restored."""
    source = _source()
    slot = _clearly(lambda: taking.end(source, folder))
    click.echo(
        f"The server keeps nothing more for {folder.path} (slot {slot}). The folder itself was left as it is."
    )


@backup.command()
@to_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(folder: Folder, as_json: bool) -> None:
    """Which moments can be restored, how far the log is behind, and how much room there is. Ends with 1 where something is
    wrong."""
    said = _clearly(lambda: _status(folder))
    if as_json:
        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(f"Backup in {said['folder']}, of PostgreSQL {said['postgresql']}")
        click.echo(
            f"Can be restored: {said['from'] or 'nothing yet'} to {said['to'] or 'nothing yet'} (Japan time)"
        )
        for name in said["bases"]:
            click.echo(f"  base backup {name}")
        click.echo(
            f"Size: {said['bytes'] / 2**20:,.0f} MiB; free on that disk: {said['free'] / 2**20:,.0f} MiB"
        )
        click.echo(f"The server keeps for it: {said['server_keeps']}")
        for one in said["wrong"]:
            click.echo(f"WRONG: {one}")
    sys.exit(1 if said["wrong"] else 0)


def _status(folder: Folder) -> dict[str, Any]:
    key = restoring.checkpoint_key(taking.key_files(var_folder())[taking.WHAT_SIGNS])
    journal = folder.read(public(key) if key else None)
    keeps, wrong = _server_keeps(journal.begun["slot"])
    now = clock.now()
    if not journal.bases:
        wrong.append("there is no base backup yet: yakuba backup")
    if journal.until is None or now - journal.until > TOO_OLD:
        wrong.append(
            f"the log was fetched up to {_shown(journal.until)} only: is `yakuba backup follow` running? See what it says"
        )
    return {
        "folder": str(folder.path),
        "postgresql": journal.begun["major"],
        "from": _shown(journal.since),
        "to": _shown(journal.until),
        "bases": [line["name"] for line in journal.bases],
        "bytes": sum(file.lstat().st_size for file in folder.path.rglob("*") if file.is_file()),
        "free": shutil.disk_usage(folder.path).free,
        "server_keeps": keeps,
        "wrong": wrong,
    }


def _server_keeps(slot: str) -> tuple[str, list[str]]:
    given = os.environ.get("DATABASE_URL")
    address = database.encrypted(given) if given else database.embedded_address(var_folder() / "postgres")
    try:
        with psycopg.connect(address, connect_timeout=5) as connection:
            row = connection.execute(
                "select wal_status, pg_size_pretty(pg_current_wal_lsn() - restart_lsn) from pg_replication_slots "
                "where slot_name = %s",
                [slot],
            ).fetchone()
    except psycopg.OperationalError:
        return "the server does not answer", []
    if row is None:
        return "nothing", [
            f"the server keeps no log for it (slot {slot} is gone): begin a new backup in another folder"
        ]
    if row[0] == "lost":
        return "nothing", [
            "the log was not fetched for too long and is gone: begin a new backup in another folder"
        ]
    return f"{row[1]} of its log", []


@click.command()
@click.option(
    "--from",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the backup.",
)
@click.option(
    "--to-time",
    "to",
    callback=_moment,
    help='The moment, in Japan time: "2026-11-29 14:03"; if not given, the last one.',
)
@click.option(
    "--into", required=True, type=click.Path(path_type=Path), help="A new folder, to be used as YAKUBA_VAR."
)
@click.option(
    "--keys",
    "key_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the keys were kept apart; if not given, those of this installation (YAKUBA_VAR).",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def restore(folder: Path, to: datetime | None, into: Path, key_folder: Path | None, as_json: bool) -> None:
    """Restore the database to a moment into a new folder, never over a living one, and prove it whole by its hash chains and
    checkpoints. Ends with 1 where it is not."""
    given = key_folder or var_folder()
    planned = _clearly(lambda: restoring.plan(Folder(folder.resolve()), to, given))
    proof = _clearly(lambda: restoring.restore(planned, into.resolve(), given, _say))
    if as_json:
        told = {"to": planned.to.isoformat(), "into": str(into.resolve()), **proof.to_json()}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(f"Restored to {_shown(planned.to)} (Japan time) into {into.resolve()}:")
        click.echo("\n".join(proof.lines()))
        click.echo(_next_steps(planned, into.resolve(), given))
    sys.exit(0 if proof.whole else 1)


def _next_steps(planned: restoring.Plan, into: Path, given: Path) -> str:
    files = moment(planned.files["at"])
    absent = [name for name in taking.KEYS if not (given / name).is_file()]
    lines = [
        f"Files beside the database (answers and the like) are as they were kept at {_shown(files)}.",
        "Mail, bank files and robots' entries of after that moment have left the house already: compare them before "
        "`yakuba work` is started, or they leave once more.",
    ]
    if absent:
        lines.append(
            f"Not given: {', '.join(absent)}. Without secret.key everybody signs in anew; without seal.key second factors "
            "are set up anew; without checkpoint.key old checkpoints cannot be checked."
        )
    serve = f"To use it: YAKUBA_VAR={into} yakuba serve"
    if os.environ.get("DATABASE_URL"):
        serve = f"To use it: stop your server, and start it on {into / 'postgres'} (its data folder, of version {planned.tools.major})"
    return "\n".join(
        [*lines, f"{serve}. Then begin a new backup in another folder: yakuba backup --to ANOTHER_FOLDER"]
    )


def _shown(at: datetime | None) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}" if at else ""


def _clearly(do: Any) -> Any:
    """What goes wrong is said in plain words."""
    try:
        return do()
    except (BackupTrouble, database.DatabaseTrouble) as error:
        raise click.ClickException(str(error)) from error
    except psycopg.OperationalError as error:
        raise click.ClickException(
            f"The database went away: {str(error).strip()}\nStart it, then try again."
        ) from error


commands = [backup, restore]
