"""Old files brought in: every row is accepted, repaired or held, none is lost, and nothing of a refused file stays.

One DuckDB run over all files. Rows become items block by block (`blocks`, `columns`); then the tables are held to the
definition (`checks`), keys between the groups of one operation too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yakuba.conditions import quoted
from yakuba.records.checking import guarded, look_at, said
from yakuba.records.checks import plan
from yakuba.records.importing.blocks import Block, Reading, read_blocks
from yakuba.records.importing.columns import NOTHING, Column, Told
from yakuba.records.importing.mapping import FaultyMapping, Known, OldFile, check_heads
from yakuba.records.importing.ways import Tables, way
from yakuba.records.standards import Definition, Item
from yakuba.records.values.characters import FaultyTable, read_map
from yakuba.records.values.encodings import NAMES, Refused
from yakuba.records.values.reading import Held
from yakuba.words import Text, ui_text

MEMORY = "700MB"
"""For DuckDB; what is more goes to the disk."""
ROW = "row"
"""The kind of what is told of a row that could not be read at all."""
_Numbers = npt.NDArray[np.int64]


@dataclass(slots=True)
class FileOutcome:
    """One file: rows = accepted + repaired + held; a refused one has no rows at all. `why`: how its encoding was decided."""

    path: Path
    old: OldFile | None = None
    reading: Reading | None = None
    source: str = ""
    standard: str = ""
    group: str = ""
    accepted: int = 0
    repaired: int = 0
    held: int = 0
    refused: Text | None = None

    @property
    def rows(self) -> int:
        """How many came in."""
        return self.accepted + self.repaired + self.held

    @property
    def encoding(self) -> str:
        """What people call it; empty where the file was not read."""
        return NAMES.get(self.reading.decision.encoding, "xlsx") if self.reading else ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group that is filled. Its `table` has `_row` (from 1), `_file`, `_line`, `_readable`, `_state` (accepted, repaired or
    held) and the items as text; `told` says which row has which of the table `outcomes`."""

    definition: Definition
    name: str

    @property
    def items(self) -> dict[str, Item]:
        """By romaji name."""
        return {one.romaji: one for one in self.definition.groups()[self.name]}

    @property
    def id(self) -> str:
        """As commands name it: DEFINITION/GROUP."""
        return f"{self.definition.id}/{self.name}"

    @property
    def table(self) -> str:
        """Quoted for SQL, as are the others."""
        return quoted(self.id)

    @property
    def readable(self) -> str:
        """The rows that could be read, with their items alone."""
        return quoted(f"{self.id}:readable")

    @property
    def told(self) -> str:
        """`_row`, `_told`."""
        return quoted(f"{self.id}:told")

    @property
    def raw(self) -> str:
        """`_row`, `_given`: the text of rows that could not be read. It is for whoever mends them, and for no report."""
        return quoted(f"{self.id}:raw")


@dataclass(slots=True)
class Brought:
    """All files, in one connection until `close`."""

    mappings: Sequence[Known]
    definitions: Callable[[str], Definition]
    as_of: date
    language: str = "ja"
    files: list[FileOutcome] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    con: duckdb.DuckDBPyConnection = field(init=False)
    _told: Told = field(init=False)
    _tables: dict[str, Tables] = field(init=False)

    def __post_init__(self) -> None:
        self._told = Told(self.language)
        self.definitions = cache(self.definitions)
        self._tables = {one.mapping.source: _tables(one, self.as_of) for one in self.mappings}
        self.con = duckdb.connect(":memory:", config={"memory_limit": MEMORY})
        self.con.register("new_rows", self._told.flushed())
        self.con.execute("create table outcomes as select * from new_rows")

    def close(self) -> None:
        """Give the memory back."""
        self.con.close()

    def kinds(self, groups: Iterable[Group] = ()) -> dict[str, int]:
        """How often each kind of thing was told, of some groups or of all."""
        told = " union all ".join(f"select _told from {one.told}" for one in groups or self.groups.values())
        counted = (
            f"select kind, count(*) from ({told}) join outcomes using (_told) group by kind order by kind"
        )
        return dict(self.con.execute(counted).fetchall()) if told else {}

    # -- one file ------------------------------------------------------------------------------------
    def take(self, path: Path) -> None:
        """Read one file. What makes the whole file unreadable is said in its outcome, and nothing of it stays."""
        outcome = FileOutcome(path)
        self.files.append(outcome)
        try:
            known = self._mapping_of(outcome)
            group = self._group(outcome, known)
            self._read(outcome, known, group)
        except Refused as refused:
            outcome.refused = refused.text
            if outcome.group:
                mine = f"_file = {len(self.files) - 1}"
                self.con.execute(
                    f"delete from {group.told} where _row in (select _row from {group.table} where {mine})"
                )
                self.con.execute(f"delete from {group.table} where {mine}")

    def _mapping_of(self, outcome: FileOutcome) -> Known:
        name = outcome.path.name
        found = [(one, old) for one in self.mappings if (old := one.mapping.file(name))]
        if not found:
            raise Refused(ui_text("importing.no_mapping").format(file=name))
        if len(found) > 1:
            sources = ", ".join(one.mapping.source for one, _ in found)
            raise Refused(ui_text("importing.two_mappings").format(file=name, sources=sources))
        [(known, outcome.old)] = found
        return known

    def _group(self, outcome: FileOutcome, known: Known) -> Group:
        assert outcome.old
        group = Group(self.definitions(known.mapping.standard), outcome.old.group)
        outcome.source, outcome.standard, outcome.group = (
            known.mapping.source,
            group.definition.id,
            group.name,
        )
        if group.id not in self.groups:
            items = ", ".join(f"{quoted(name)} varchar" for name in group.items)
            self.con.execute(
                f"create table {group.table} (_row bigint, _file int, _line bigint, _readable boolean, "
                f"_state varchar default 'accepted', {items})"
            )
            self.con.execute(f"create table {group.told} (_row bigint, _told bigint)")
            self.con.execute(f"create table {group.raw} (_row bigint, _given varchar)")
            self.groups[group.id] = group
        return group

    def _read(self, outcome: FileOutcome, known: Known, group: Group) -> None:
        assert outcome.old
        outcome.reading = read_blocks(outcome.path, outcome.old.reader, known.mapping.encoding)
        check_heads(outcome.old, outcome.reading.heads)
        tables = self._tables[known.mapping.source]
        columns = [
            Column(item, made, way(made, item, tables), self._told)
            for name, item in group.items.items()
            if (made := outcome.old.items.get(name))
        ]
        last = _one(self.con, f"select coalesce(max(_row), 0) from {group.table}")
        for block in outcome.reading.blocks:
            last = self._append(group, block, columns, last)

    def _append(self, group: Group, block: Block, columns: Sequence[Column], last: int) -> int:
        """Put a block into the tables, behind row `last`; the new last one."""
        rows = np.arange(last + 1, last + 1 + block.columns.num_rows)
        last += len(rows)
        made, told = (
            {"_row": pa.array(rows), "_line": pa.array(block.lines)},
            list[tuple[_Numbers, _Numbers]](),
        )
        for column in columns:
            made[column.item.romaji], numbers = column.values(block.columns)
            told.append((rows[numbers != NOTHING], numbers[numbers != NOTHING]))
        number = len(self.files) - 1
        self._insert(group.table, pa.table(made), f", {number} as _file, true as _readable")
        if block.held:
            unread, numbers = self._unread(block.held, last)
            self._insert(
                group.table, unread.drop_columns("_given"), f", {number} as _file, false as _readable"
            )
            self._insert(group.raw, unread.drop_columns("_line"))
            told.append((unread.column("_row").to_numpy(), numbers))
        where, which = (np.concatenate(one) for one in zip(*told, strict=True))
        self._insert(group.told, pa.table({"_row": where, "_told": which}))
        self._insert("outcomes", self._told.flushed())
        return last + len(block.held)

    def _unread(self, held: Sequence[tuple[Held, str]], last: int) -> tuple[pa.Table, _Numbers]:
        """Rows of which nothing is known but line and text, each with what is told of it."""
        numbers = [self._told.add("", ROW, None, None, one.text, held=True) for one, _ in held]
        rows = np.arange(last + 1, last + 1 + len(held))
        lines = np.array([one.line for one, _ in held], np.int64)
        texts = pa.array([text for _, text in held], pa.string())
        return pa.table({"_row": rows, "_line": lines, "_given": texts}), np.array(numbers, np.int64)

    def _insert(self, table: str, rows: pa.Table, more: str = "") -> None:
        if rows.num_rows:
            self.con.register("new_rows", rows)
            self.con.execute(f"insert into {table} by name select *{more} from new_rows")

    # -- all files -------------------------------------------------------------------------------------
    def check(self) -> None:
        """Hold the groups to their definitions, and judge every row."""
        plans = {one.id: plan(one.definition, one.name, as_of=self.as_of) for one in self.groups.values()}
        for group in self.groups.values():
            self.con.execute(
                f"create view {group.readable} as select * exclude (_file, _line, _readable, _state) from {group.table} "
                "where _readable"
            )
            look_at(self.con, plans[group.id], f"{group.id}:readable")
            self.tell(group)
        for group in self.groups.values():
            for name, other in plans[group.id].points_to:
                if there := self.groups.get(f"{group.definition.id}/{other}"):
                    known = f"(select distinct {quoted(name)} as known from {there.table})"
                    lacking = plans[group.id].nowhere(name, other, group.readable, known)
                    self.con.execute(f"create table faults as {lacking}")
                    self.tell(group)
        for group in self.groups.values():
            self._judge(group)

    def tell(self, group: Group) -> None:
        """What is in the table `faults` is told in words, but of cells whose text could not be read: that is told already.
        The table is gone then."""
        con = self.con
        con.execute(
            f"delete from faults where exists (select 1 from {group.told} t join outcomes o using (_told) "
            "where t._row = faults._row and o.item = faults.item and o.held)"
        )
        con.execute("create temp table words (item varchar, kind varchar, say varchar, guarded boolean)")
        for name, kind in con.execute("select distinct item, kind from faults").fetchall():
            item = group.items[name]
            say = said(group.definition, item, kind).get(self.language)
            con.execute("insert into words values (?, ?, ?, ?)", [name, kind, say, guarded(item)])
        con.execute(
            "create temp table told_new as select row_number() over () + (select coalesce(max(_told), -1) from outcomes) as "
            "_told, item, kind, value, say, guarded from (select distinct item, kind, value from faults) "
            "join words using (item, kind)"
        )
        con.execute(
            f"insert into {group.told} select _row, _told from faults f join told_new n "
            "on f.item = n.item and f.kind = n.kind and f.value is not distinct from n.value"
        )
        con.execute(
            "insert into outcomes by name select _told, item, split_part(kind, ':', 1) as kind, "
            "case when not guarded then value end as given, say, true as held from told_new"
        )
        for table in ("faults", "words", "told_new"):
            con.execute(f"drop table {table}")

    def _judge(self, group: Group) -> None:
        """Each row is accepted, repaired or held; the files are told how many."""
        self.con.execute(
            f"update {group.table} as r set _state = case when t.held then 'held' else 'repaired' end from (select _row, "
            f"bool_or(held) as held from {group.told} join outcomes using (_told) group by _row) t where t._row = r._row"
        )
        counted = f"select _file, _state, count(*) from {group.table} group by all"
        for number, state, count in self.con.execute(counted).fetchall():
            setattr(self.files[number], state, count)


def bring_in(
    files: Sequence[Path], mappings: Sequence[Known], definitions: Callable[[str], Definition], *, as_of: date,
    language: str = "ja",
) -> Brought:  # fmt: skip
    """Bring files in by their mappings; to be closed. What is wrong with a file or a row is said in the outcome, in
    `language`. Raises FaultyMapping: a table that a mapping names is missing or faulty; addresses.FaultyBase."""
    brought = Brought(mappings, definitions, as_of, language)
    try:
        for path in files:
            brought.take(path)
        brought.check()
    except BaseException:
        brought.close()
        raise
    return brought


def _tables(known: Known, as_of: date) -> Tables:
    folder, mapping = known.folder, known.mapping
    try:
        lines = (folder / mapping.characters).read_text("utf-8").splitlines() if mapping.characters else []
        characters = read_map(lines)
    except (OSError, UnicodeDecodeError, FaultyTable) as error:
        raise FaultyMapping(f"{mapping.source}: {mapping.characters}: {error}") from error
    addresses = folder / mapping.addresses if mapping.addresses else None
    if addresses and not addresses.is_file():
        raise FaultyMapping(f"{mapping.source}: {mapping.addresses}: there is no such file.")
    return Tables(characters, addresses, as_of)


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    (count,) = con.execute(query).fetchall()[0]
    return int(count)
