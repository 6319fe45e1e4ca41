"""Which rows are a town's, in which order they go, and how they are written and read: by COPY, a table at a time.

Every model with a town is a town's own, but for those that are left behind, with the reason. Rows go out under row-level
security and come in under it: whatever a file says, no row of another town comes with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import psycopg
from django.apps import apps
from django.db import DatabaseError, connection, models
from django.db.migrations.loader import MigrationLoader

from yakuba.access import sealed
from yakuba.access.towns import TownOwned
from yakuba.site.moving_town.errors import AlreadyHere, MovingError, NotAsItLeft

LEFT_BEHIND = {
    "access_session": "a browser is signed in with one installation: people sign in anew at the other",
    "access_limit": "how often something was tried in the last minutes, by a key of this installation",
}
"""Tables of a town that do not go with it, and why."""
TOWN = "register_town"
"""The town itself: one row, which has no row security."""
HIGHEST = 2**53
"""Numbers of rows up to here are exact in every program that reads JSON; no hall has given so many."""
_WRITTEN_AS = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows of a town. `order`: the columns that say in which order they go; `sealed`: places of the columns that
    are sealed with the installation's keys; `numbered`: its ids come from a sequence."""

    name: str
    columns: tuple[str, ...]
    order: tuple[str, ...]
    sealed: frozenset[int] = frozenset()
    numbered: bool = False

    @property
    def owner(self) -> str:
        """The column that says whose a row is."""
        return "code" if self.name == TOWN else "town"

    @property
    def listed(self) -> str:
        return ", ".join(f'"{one}"' for one in self.columns)


@dataclass(slots=True)
class Told:
    """How much went by: rows, and SHA-256 of what they were written as."""

    lines: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def hears(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces, counted."""
        for piece in pieces:
            self.lines += piece.count(b"\n")  # one in a value is written as two characters
            self.digest.update(piece)
            yield piece

    @property
    def said(self) -> dict[str, int | str]:
        """As the manifest has it; the first line names the columns."""
        return {"rows": self.lines - 1, "sha256": self.digest.hexdigest()}


@cache
def of_a_town() -> tuple[Table, ...]:
    """All tables that go with a town: the town first, then each after those that it refers to."""
    found = {one: _table(one) for one in apps.get_models(include_auto_created=True) if _goes(one)}
    sorted_, seen = list[type[models.Model]](), set[type[models.Model]]()

    def put(model: type[models.Model]) -> None:
        if model in seen:
            return
        seen.add(model)
        for other in sorted(_referred(model) & found.keys(), key=lambda one: one._meta.db_table):
            put(other)
        sorted_.append(model)

    for model in sorted(found, key=lambda one: (one._meta.db_table != TOWN, one._meta.db_table)):
        put(model)
    return tuple(found[one] for one in sorted_)


def left_behind(name: str) -> Table:
    """A table of a town that does not go with it."""
    return next(_table(one) for one in apps.get_models() if one._meta.db_table == name)


def _goes(model: type[models.Model]) -> bool:
    name = model._meta.db_table
    return name == TOWN or (issubclass(model, TownOwned) and name not in LEFT_BEHIND)


def _referred(model: type[models.Model]) -> set[type[models.Model]]:
    fields = model._meta.concrete_fields
    return {one.related_model for one in fields if one.related_model is not None} - {model}


def _table(model: type[models.Model]) -> Table:
    fields = [one for one in model._meta.concrete_fields if not one.generated]
    key = model._meta.pk
    return Table(
        model._meta.db_table,
        tuple(str(one.column) for one in fields),
        (str(key.column),),
        frozenset(n for n, one in enumerate(fields) if isinstance(one, sealed.SealedText)),
        isinstance(key, models.AutoField),
    )


def schema() -> dict[str, list[str]]:
    """The last migrations of every room: two installations with the same ones have the same tables."""
    graph = MigrationLoader(None).graph
    ours = {one.label for one in apps.get_app_configs() if one.name.startswith("yakuba.")}
    leaves: dict[str, list[str]] = {}
    for app, name in graph.leaf_nodes():
        if app in ours:
            leaves.setdefault(app, []).append(name)
    return {app: sorted(names) for app, names in sorted(leaves.items())}


def write_plainly() -> None:
    """Until this transaction ends, values are written the same way whatever this server is set to."""
    with connection.cursor() as cursor:
        for name, value in _WRITTEN_AS.items():
            cursor.execute("select set_config(%s, %s, true)", [name, value])


# -- out -----------------------------------------------------------------------------------------
def rows(table: Table, town: str) -> Iterator[bytes]:
    """The town's rows of a table as lines, the columns first; what is sealed is opened. Raises MovingError where it cannot be."""
    order = ", ".join(f'"{one}"' for one in table.order)
    chosen = f"select {table.listed} from \"{table.name}\" where {table.owner} = '{_code(town)}'"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy ({chosen} order by {order}) to stdout (header)") as copy,
    ):
        pieces = map(bytes, copy)
        yield from _changed(pieces, table, sealed.unseal) if table.sealed else pieces


def _code(town: str) -> str:
    if not (len(town) == 6 and town.isascii() and town.isdigit()):
        raise ValueError(f"{town!r} is no code of a town")
    return town


# -- in ------------------------------------------------------------------------------------------
def take_in(table: Table, town: str, pieces: Iterable[bytes]) -> None:
    """Add rows as `rows` gives them; what was opened is sealed with the keys of this installation. Raises AlreadyHere,
    NotAsItLeft."""
    lines = _changed(pieces, table, sealed.seal) if table.sealed else pieces
    try:
        with connection.cursor() as cursor:
            # COPY knows no row security, so rows go through a table of this transaction
            cursor.execute(f'create temporary table arriving (like "{table.name}") on commit drop')
            with cursor.copy(f"copy arriving ({table.listed}) from stdin (header match)") as copy:
                for line in lines:
                    copy.write(line)
            cursor.execute(
                f'insert into "{table.name}" ({table.listed}) select {table.listed} from arriving'
                + (f" where code = '{_code(town)}'" if table.name == TOWN else "")
            )
            cursor.execute("drop table arriving")
    except (psycopg.errors.UniqueViolation, DatabaseError, psycopg.Error) as error:
        cause = error.__cause__ or error
        if isinstance(cause, psycopg.errors.UniqueViolation):
            raise AlreadyHere(
                f"a row of {table.name} is here already, in this town or another: {str(cause).splitlines()[0]}"
            ) from error
        raise NotAsItLeft(f"the rows of {table.name} do not fit: {str(cause).splitlines()[0]}") from error


def highest_numbers(town: str) -> dict[str, int]:
    """The highest number of each table whose ids come from a sequence. Raises NotAsItLeft."""
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table in of_a_town():
            if table.numbered:
                cursor.execute(f'select max(id) from "{table.name}" where town = %s', [town])
                found[table.name] = cursor.fetchone()[0] or 0
    for name, number in found.items():
        if number > HIGHEST:
            raise NotAsItLeft(f"{name} has the number {number:,}, which no hall has given.")
    return found


def has_rows(town: str) -> str:
    """A table in which there are rows of the town already; empty where there is none."""
    with connection.cursor() as cursor:
        for table in of_a_town():
            cursor.execute(f'select exists (select from "{table.name}" where {table.owner} = %s)', [town])
            if cursor.fetchone()[0]:
                return table.name
    return ""


# -- what is sealed ------------------------------------------------------------------------------
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
_NULL = b"\\N"
_MEANT = {escaped[1]: meant for meant, escaped in _ESCAPES.items()}


def _changed(pieces: Iterable[bytes], table: Table, change: Callable[[str], str]) -> Iterator[bytes]:
    """The lines with the sealed columns changed; empty ones stay empty."""
    lines = _lines(pieces)
    yield next(lines, b"")
    for line in lines:
        values = line[:-1].split(b"\t")
        if len(values) != len(table.columns):
            raise NotAsItLeft(f"a row of {table.name} has {len(values)} values, not {len(table.columns)}.")
        for place in table.sealed:
            if values[place] not in (b"", _NULL):
                try:
                    values[place] = _escaped(change(_meant(values[place].decode()))).encode()
                except sealed.SealBroken as error:
                    raise MovingError(f"{table.name}.{table.columns[place]}: {error}") from error
        yield b"\t".join(values) + b"\n"


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (one + b"\n" for one in whole)
    if rest:
        raise NotAsItLeft("the last row of a table is not whole.")


def _escaped(value: str) -> str:
    return "".join(_ESCAPES.get(one, one) for one in value)


def _meant(value: str) -> str:
    parts = iter(value)
    return "".join(one if one != "\\" else _MEANT.get(two := next(parts, ""), two) for one in parts)
