"""Old files brought in: every row is accepted, repaired or held, none is lost, and nothing of a refused file stays.

One DuckDB run over all files. Rows become items block by block (`blocks`, `columns`); then the tables are held to the
definition (`checks`), to each other's keys, to the rules across rows and operations (`rules`); and people who stand in a
register under two numbers are looked for (`duplicates`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yakuba.conditions import quoted
from yakuba.records import duplicates
from yakuba.records.checking import look_at
from yakuba.records.checks import Plan, plan
from yakuba.records.guarding import guard_of
from yakuba.records.importing.blocks import Block, Reading, ahead, read_blocks
from yakuba.records.importing.columns import NOTHING, Column, Told
from yakuba.records.importing.mapping import FaultyMapping, Known, OldFile, check_heads
from yakuba.records.importing.ways import Tables, sure, way
from yakuba.records.report import said
from yakuba.records.rules import Rules, Severity
from yakuba.records.standards import Definition, Item
from yakuba.records.values.characters import FaultyTable, read_map
from yakuba.records.values.encodings import NAMES, Refused
from yakuba.records.values.reading import Held
from yakuba.words import Text, ui_text

MEMORY = "700MB"
"""For DuckDB; what is more goes to the disk."""
ROW = "row"
"""The kind of what is told of a row that could not be read at all."""
_HOLDS: Mapping[Severity, bool | None] = {"hold": True, "look": None}
_Numbers = npt.NDArray[np.int64]


@dataclass(slots=True)
class FileOutcome:
    """One file: rows = accepted + repaired + held; a refused one has no rows at all."""

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


@dataclass(slots=True)
class Group:
    """A group that is filled. Its `table` has `_row` (from 1), `_file`, `_line`, `_readable`, `_state` (accepted, repaired or
    held, once all is checked) and the items as text; `told` says which row has which of the table `outcomes`.

    `parts`: rows, what is told of them and the texts of unreadable ones, as they come, by file. DuckDB looks at rows where they
    lie: a copy of a million of them there would take more memory than they do.
    """

    definition: Definition
    name: str
    parts: dict[int, list[tuple[pa.Table, pa.Table, pa.Table]]] = field(default_factory=dict)
    rows: int = 0
    items: dict[str, Item] = field(init=False)
    """By romaji name."""

    def __post_init__(self) -> None:
        self.items = {one.romaji: one for one in self.definition.groups()[self.name]}

    @property
    def id(self) -> str:
        """As commands name it: DEFINITION/GROUP."""
        return f"{self.definition.id}/{self.name}"

    @property
    def place(self) -> tuple[str, str]:
        """As rules name it."""
        return self.definition.id, self.name

    @property
    def has_people(self) -> bool:
        """Could somebody stand in it twice?"""
        return {"atenabango", "shimei", "seinengappi"} <= set(self.items)

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

    def take_back(self, number: int) -> None:
        """Nothing of a file stays, nor are its numbers."""
        for rows, _, _ in self.parts.pop(number, []):
            self.rows -= rows.num_rows

    def whole(self, number: int, rows: dict[str, Any], *, readable: bool) -> pa.Table:
        """Rows of a file with all columns, null where nothing was said of one."""
        length = len(rows["_row"])
        fixed = {"_file": np.full(length, number, np.int32), "_readable": np.full(length, readable, np.bool_)}
        items = {name: rows.get(name, pa.nulls(length, pa.string())) for name in self.items}
        return pa.table({"_row": rows["_row"], "_line": rows["_line"], **fixed, **items})


@dataclass(slots=True)
class Brought:
    """All files, in one connection until `close`."""

    mappings: Sequence[Known]
    definitions: Callable[[str], Definition]
    as_of: date
    language: str = "ja"
    rules: Rules | None = None
    match: bool = False
    files: list[FileOutcome] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    con: duckdb.DuckDBPyConnection = field(init=False)
    _told: Told = field(init=False)
    _tables: dict[str, Tables] = field(init=False)
    _rows: dict[str, pa.Table] = field(init=False, default_factory=dict)

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

    def kinds(self, groups: Iterable[Group]) -> dict[str, int]:
        """How often each kind of thing was told of some groups."""
        told = " union all ".join(f"select _told from {one.told}" for one in groups)
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
                group.take_back(len(self.files) - 1)

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
        return self.groups.setdefault(group.id, group)

    def _read(self, outcome: FileOutcome, known: Known, group: Group) -> None:
        assert outcome.old
        outcome.reading = read_blocks(outcome.path, outcome.old.reader, known.mapping.encoding)
        check_heads(outcome.old, outcome.reading.heads)
        tables = self._tables[known.mapping.source]
        columns = [
            Column(
                item, guard_of(group.definition, item) is not None, made, way(made, item, tables), self._told
            )
            for name, item in group.items.items()
            if (made := outcome.old.items.get(name))
        ]
        number = len(self.files) - 1
        for block in ahead(outcome.reading.blocks):
            group.parts.setdefault(number, []).append(self._part(group, number, block, columns))

    def _part(
        self, group: Group, number: int, block: Block, columns: Sequence[Column]
    ) -> tuple[pa.Table, pa.Table, pa.Table]:
        """A block as rows of the group, what is told of them, and the texts of unreadable ones."""
        rows = np.arange(group.rows + 1, group.rows + 1 + block.columns.num_rows)
        made, told = {"_row": rows, "_line": block.lines}, [(rows[:0], rows[:0])]
        for column in columns:
            made[column.item.romaji], numbers = column.values(block.columns)
            told.append((rows[numbers != NOTHING], numbers[numbers != NOTHING]))
        unread, numbers = self._unread(block.held, group.rows + len(rows))
        told.append((unread["_row"], numbers))
        group.rows += len(rows) + len(block.held)
        self.con.register("new_rows", self._told.flushed())
        self.con.execute("insert into outcomes select * from new_rows")
        where, which = (np.concatenate(one) for one in zip(*told, strict=True))
        both = [group.whole(number, made, readable=True), group.whole(number, unread, readable=False)]
        raw = pa.table({"_row": unread["_row"], "_given": unread["_given"]})
        return pa.concat_tables(both), pa.table({"_row": where, "_told": which}), raw

    def _unread(self, held: Sequence[tuple[Held, str]], last: int) -> tuple[dict[str, Any], _Numbers]:
        """Rows of which nothing is known but line and text, and what is told of each."""
        told = [self._told.add("", ROW, None, None, one.text, held=True) for one, _ in held]
        lines = np.array([one.line for one, _ in held], np.int64)
        texts = pa.array([text for _, text in held], pa.string())
        rows = np.arange(last + 1, last + 1 + len(held))
        return {"_row": rows, "_line": lines, "_given": texts}, np.array(told, np.int64)

    # -- all files -------------------------------------------------------------------------------------
    def check(self) -> None:
        """Hold the groups to their definitions, to one another and to the rules, and judge every row."""
        plans = {one.id: self._plan(one) for one in self.groups.values()}
        for group in self.groups.values():
            self._lay_out(group)
            look_at(self.con, plans[group.id], f"{group.id}:readable")
            self._tell(group)
        for group in self.groups.values():
            for name, other in plans[group.id].points_to:
                if there := self.groups.get(f"{group.definition.id}/{other}"):
                    known = f"(select distinct {quoted(name)} as known from {there.table})"
                    lacking = plans[group.id].nowhere(name, other, group.readable, known)
                    self.con.execute(f"create table faults as {lacking}")
                    self._tell(group)
        if self.rules:
            self._ask(self.rules)
        for group in self.groups.values():
            if self.match and group.has_people:
                self._match(group)
            self._judge(group)

    def _plan(self, group: Group) -> Plan:
        """The checks of a group, but for what the conversion of its columns makes sure of in all its files."""
        whole = plan(group.definition, group.name, as_of=self.as_of)
        files = [one.old for one in self.files if one.old and (one.standard, one.group) == group.place]
        sure_items = [
            name
            for name, item in group.items.items()
            if all(sure(made, item) for old in files if (made := old.items.get(name)))
        ]
        return whole.trusting(sure_items)

    def _ask(self, rules: Rules) -> None:
        """What the rules across rows find; of some it is told only, and holds no row. Held rows are asked too, with what could
        be read of them: else those who belong to them would lack somebody."""
        rules.run(self.con, {one.place: one.readable for one in self.groups.values()}, as_of=self.as_of)
        say = {f"rule:{one.id}": one.say for one in rules.rules.values()}
        for group in self.groups.values():
            for severity, held in _HOLDS.items():
                found = rules.found(self.con, group.place, severity)
                self.con.register("found", found)
                self.con.execute("create table faults as select _row, item, kind, value from found")
                self._tell(group, say, held=held)

    def _match(self, group: Group) -> None:
        """Both of two rows that are likely to be one person are held: which of them is right a person has to say."""
        keys = [name for name, item in group.items.items() if item.key]
        self.con.execute("create table faults (_row bigint, item varchar, kind varchar, value varchar)")
        say: dict[str, Text] = {}
        for pair in duplicates.find(self.con, group.readable, list(group.items), keys).pairs:
            for row, mine, other in zip(pair.rows, pair.numbers, reversed(pair.numbers), strict=True):
                kind, text = f"duplicate:{len(say)}", ui_text("importing.duplicate")
                say[kind] = text.format(other=other or "", probability=f"{pair.probability:.1%}")
                self.con.execute("insert into faults values (?, 'atenabango', ?, ?)", [row, kind, mine])
        self._tell(group, say)

    def _lay_out(self, group: Group) -> None:
        """Make the tables of a group, its rows in the order in which they came."""
        nothing: dict[str, Any] = {"_row": np.array([], np.int64), "_line": np.array([], np.int64)}
        parts = [part for some in group.parts.values() for part in some]
        group.parts.clear()
        rows = pa.concat_tables([group.whole(0, nothing, readable=True), *(rows for rows, _, _ in parts)])
        self._rows[group.id] = rows
        self.con.register(group.id, rows)
        told = [
            pa.table({"_row": nothing["_row"], "_told": nothing["_row"]}),
            *(told for _, told, _ in parts),
        ]
        raw = [
            pa.table({"_row": nothing["_row"], "_given": pa.array([], pa.string())}),
            *(raw for _, _, raw in parts),
        ]
        for name, tables in ((group.told, told), (group.raw, raw)):
            self.con.register("new_rows", pa.concat_tables(tables))
            self.con.execute(f"create table {name} as select * from new_rows")
        self.con.execute(
            f"create view {group.readable} as select * exclude (_file, _line, _readable) from {group.table} where _readable"
        )

    def _tell(self, group: Group, say: Mapping[str, Text] | None = None, *, held: bool | None = True) -> None:
        """What is in the table `faults` is told in words (`say` by kind, else those of the checks), but of cells whose text could
        not be read: that is told already. The table is gone then."""
        con = self.con
        con.execute(
            f"delete from faults where exists (select 1 from {group.told} t join outcomes o using (_told) "
            "where t._row = faults._row and o.item = faults.item and o.held)"
        )
        con.execute(
            "create temp table words (item varchar, kind varchar, told varchar, say varchar, guarded boolean)"
        )
        for name, kind in con.execute("select distinct item, kind from faults").fetchall():
            item, of_rule = group.items[name], (say or {}).get(kind)
            told = kind if kind.startswith("rule:") else kind.partition(":")[0]
            text = (of_rule or said(group.definition, item, kind)).get(self.language)
            con.execute(
                "insert into words values (?, ?, ?, ?, ?)",
                [name, kind, told, text, guard_of(group.definition, item) is not None],
            )
        con.execute(
            "create temp table told_new as select row_number() over () + (select coalesce(max(_told), -1) from outcomes) as "
            "_told, item, kind, told, value, say, guarded from (select distinct item, kind, value from faults) "
            "join words using (item, kind)"
        )
        con.execute(
            f"insert into {group.told} select _row, _told from faults f join told_new n "
            "on f.item = n.item and f.kind = n.kind and f.value is not distinct from n.value"
        )
        con.execute(
            "insert into outcomes by name select _told, item, told as kind, "
            "case when not guarded then value end as given, say, ?::boolean as held from told_new",
            [held],
        )
        for table in ("faults", "words", "told_new"):
            con.execute(f"drop table {table}")

    def _judge(self, group: Group) -> None:
        """Each row is accepted, repaired or held; the files are told how many. What is to be looked at only (`held` is null)
        changes nothing."""
        judged = (
            f"select _row, bool_or(held) as held from {group.told} join outcomes using (_told) where held is not null "
            "group by _row"
        )
        found = self.con.execute(judged).fetchnumpy()
        states = np.zeros(group.rows, np.int8)
        states[found["_row"] - 1] = np.where(found["held"], 2, 1)
        named = pa.DictionaryArray.from_arrays(pa.array(states), pa.array(["accepted", "repaired", "held"]))
        self.con.unregister(group.id)
        self.con.register(group.id, self._rows.pop(group.id).append_column("_state", named))
        counted = f"select _file, _state, count(*) from {group.table} group by all"
        for number, state, count in self.con.execute(counted).fetchall():
            setattr(self.files[number], state, count)


def bring_in(
    files: Sequence[Path], mappings: Sequence[Known], definitions: Callable[[str], Definition], *, as_of: date,
    language: str = "ja", rules: Rules | None = None, match: bool = False,
) -> Brought:  # fmt: skip
    """Bring files in by their mappings; to be closed. What is wrong with a file or a row is said in the outcome, in
    `language`. `rules`: across rows; `match`: look for people who stand there twice. Raises FaultyMapping: a table that a
    mapping names is missing or faulty; addresses.FaultyBase."""
    brought = Brought(mappings, definitions, as_of, language, rules, match)
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
