"""From a file to here: the whole town comes in, in one transaction, or nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction

from yakuba.access import towns
from yakuba.cases import arrivals
from yakuba.register import queries as register
from yakuba.site import migrate
from yakuba.site.moving_town import archive, folders, jobs, tables
from yakuba.site.moving_town.envelope import Opening
from yakuba.site.moving_town.errors import AlreadyHere, Damaged, MovingError, NotAsItLeft, OtherSchema
from yakuba.site.moving_town.leaving import FORMAT, standing

AHEAD = 1000
"""Numbers that are left free after the highest of a town that came: whoever is given one meanwhile is given another."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came in, and what people must still do."""

    manifest: dict[str, Any]
    left_to_do: list[str]


def take_in(
    file: Path,
    passphrase: str,
    *,
    by: str,
    as_of: datetime,
    signed_with: str = "",
    say: Say = lambda line: None,
) -> Arrived:
    """Take a town in from the file that `leaving.export` wrote. `signed_with`: the beginning of the key that must have signed
    it, where somebody said it.

    Raises MovingError: WrongPassphrase, Damaged, OtherSchema, AlreadyHere, NotAsItLeft. Then nothing was changed.
    """
    try:
        with file.open("rb") as sealed_:
            reader = archive.Reader(Opening(sealed_, passphrase))
            about = _about(reader)
            arriving = folders.Arriving(about["town"])
            try:
                return _take_in(reader, about, arriving, by, as_of, signed_with, say)
            except BaseException:
                arriving.give_up()
                raise
    except OSError as error:
        raise MovingError(f"{error.filename or file} cannot be used: {error.strerror or error}.") from error


def _about(reader: archive.Reader) -> dict[str, Any]:
    """What the file says of itself first. Raises OtherSchema, AlreadyHere, Damaged."""
    about = _read(reader.take(archive.ABOUT))
    if about.get("format") != FORMAT:
        raise OtherSchema(f"the archive has form {about.get('format')}; form {FORMAT} is read here.")
    here, there = tables.schema(), about["schema"]
    other = sorted(app for app in here.keys() | there.keys() if here.get(app) != there.get(app))
    if other:
        app = other[0]
        raise OtherSchema(
            f"the archive was written by Yakuba {about['yakuba']} with other tables: {app} is at "
            f"{', '.join(there.get(app, ['nothing']))} there and at {', '.join(here.get(app, ['nothing']))} here"
            f"{f' ({len(other) - 1} more rooms differ)' if len(other) > 1 else ''}. "
            "Bring both installations to the same version, and export again."
        )
    if register.town(about["town"]) is not None:
        raise AlreadyHere(f"town {about['town']} is here already; nothing was changed.")
    return about


def _read(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Damaged("the archive cannot be read: a part of it is no JSON.") from error


def _take_in(
    reader: archive.Reader,
    about: dict[str, Any],
    arriving: folders.Arriving,
    by: str,
    as_of: datetime,
    signed_with: str,
    say: Say,
) -> Arrived:
    town = about["town"]
    with transaction.atomic(durable=True), towns.inside(town):
        if there := tables.has_rows(town):
            raise AlreadyHere(f"{there} has rows of town {town} already; nothing was changed.")
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
        tables.write_plainly()
        came = {table.name: _rows(reader, table, town, say) for table in tables.of_a_town()}
        kept = _files(reader, arriving)
        waiting = _read(reader.take(archive.JOBS))
        written, signature = reader.take(archive.MANIFEST), reader.take(archive.SIGNATURE)
        reader.end()
        manifest = _read(written)
        _signed(manifest, written, signature, signed_with)
        _as_said(manifest, about, came, kept, len(waiting))
        say("everything was read; looking whether it stands here as it stood there")
        _as_written(manifest, town)
        arrivals.came(town, archive=written, keys=manifest["keys"], by=by, as_of=as_of)
        _logs_hold(manifest, standing(town))
        _go_on_counting(tables.highest_numbers(town))
        jobs.take_up(town, waiting)
        left_to_do = _left_to_do()
        if kept["services"]["files"]:
            left_to_do.append(
                f"{arriving.places['services']} came along: yakuba check, then start `serve` and `work` again."
            )
        arriving.place()
    return Arrived(manifest, left_to_do)


def _rows(reader: archive.Reader, table: tables.Table, town: str, say: Say) -> dict[str, int | str]:
    told = tables.Told()
    tables.take_in(table, town, told.hears(reader.table(table.name)))
    say(f"{table.name}: {told.lines - 1:,}")
    return told.said


def _files(reader: archive.Reader, arriving: folders.Arriving) -> dict[str, dict[str, int | str]]:
    told = {name: folders.Told() for name in arriving.places}
    for folder, path, mode, content in reader.files():
        if folder not in told:
            raise Damaged(f"the archive has a folder {folder!r}, which towns do not have here.")
        arriving.keep(folder, path, mode, told[folder].hears(path, mode, content))
    return {name: one.said for name, one in told.items()}


# -- whether it is all there -----------------------------------------------------------------------
def _signed(manifest: dict[str, Any], written: bytes, signature: bytes, wanted: str) -> None:
    """Raises NotAsItLeft unless the manifest was signed with the key that it names, and that is the wanted one."""
    key = str(manifest.get("signed_with", ""))
    if not key.startswith(wanted.lower().replace(":", "")):
        raise NotAsItLeft(f"the archive was signed with {key}, not with {wanted}: ask who made it.")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, written)
    except (InvalidSignature, ValueError) as error:
        raise NotAsItLeft("the signature of the archive's manifest does not hold.") from error


def _as_said(
    manifest: dict[str, Any],
    about: dict[str, Any],
    came: dict[str, dict[str, int | str]],
    kept: dict[str, dict[str, int | str]],
    waiting: int,
) -> None:
    """Raises NotAsItLeft unless the manifest says what was read."""
    if any(manifest.get(name) != value for name, value in about.items()):
        raise NotAsItLeft("the archive says one thing at its beginning and another at its end.")
    said = {name: {k: one[k] for k in ("rows", "sha256")} for name, one in manifest["tables"].items()}
    for what, is_, ought in (("rows of", came, said), ("folder", kept, manifest["folders"])):
        wrong = sorted(name for name in is_.keys() | ought.keys() if is_.get(name) != ought.get(name))
        if wrong:
            raise NotAsItLeft(
                f"the archive says of the {what} {wrong[0]} {ought.get(wrong[0])}, and holds {is_.get(wrong[0])}."
            )
    if manifest["jobs"] != waiting:
        raise NotAsItLeft(f"the archive says {manifest['jobs']} jobs, and holds {waiting}.")


def _as_written(manifest: dict[str, Any], town: str) -> None:
    """Write every table out again, into nothing: raises NotAsItLeft unless it is what was written there."""
    for table in tables.of_a_town():
        told = tables.Told()
        for _ in told.hears(tables.rows(table, town)):
            pass
        ought = manifest["tables"][table.name]
        if told.said != {"rows": ought["rows"], "sha256": ought["sha256"]}:
            raise NotAsItLeft(f"{table.name} is not here as it was there: {told.said} against {ought}.")


def _logs_hold(manifest: dict[str, Any], here: dict[str, Any]) -> None:
    """Raises NotAsItLeft unless both logs stand here as they stood there, with no more wrong in them."""
    if new := [one for one in here["findings"] if one not in manifest["findings"]]:
        raise NotAsItLeft(f"the logs do not hold here as they did there: {'; '.join(new[:3])}.")
    for name in ("case_log", "access_log"):
        if here[name] != manifest[name]:
            raise NotAsItLeft(f"the {name.replace('_', ' ')} does not stand here as it stood there.")


# -- what goes on ------------------------------------------------------------------------------------
def _go_on_counting(highest: dict[str, int]) -> None:
    """New rows get numbers after those that came. A sequence is nobody's transaction: it stays ahead if this one fails, and
    only its owner may move it."""
    with psycopg.connect(autocommit=True, **migrate.owner(connection)) as owner:
        for table, number in highest.items():
            (sequence,) = owner.execute("select pg_get_serial_sequence(%s, 'id')", [table]).fetchone()  # type: ignore[misc]
            (last,) = owner.execute(f"select last_value from {sequence}").fetchone()  # type: ignore[misc]
            if last <= number:
                owner.execute("select setval(%s, %s)", [sequence, number + AHEAD])


def _left_to_do() -> list[str]:
    """What cannot go along: partners of another installation, keys that are bound to an address."""
    todo = []
    with connection.cursor() as cursor:
        cursor.execute(
            """select c.partner, string_agg(distinct c.service || '/' || c.step, ', '),
                      (select count(*) from field_outsourced o where o.partner = c.partner and o.back_at is null)
               from field_contract c left join register_town t on t.code = c.partner
               where t.code is null and (c.until is null or c.until >= current_date) group by 1 order by 1"""
        )
        for partner, steps, has in cursor.fetchall():
            todo.append(
                f"partner {partner} is not here, and does {steps} for this town ({has} tasks are with it): give it its "
                f"hall (yakuba field partner {partner} ...), or end the contract."
            )
        cursor.execute("select count(distinct staff_id) from access_passkey")
        if many := cursor.fetchone()[0]:
            todo.append(f"{many} of the staff have passkeys: at another address they must register new ones.")
    return todo
