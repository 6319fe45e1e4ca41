"""What an import made, as files: for the next system, for people, and for the store of a town."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from pyarrow import csv

from yakuba.conditions import quoted
from yakuba.records.checks import sql_text
from yakuba.records.importing.blocks import given
from yakuba.records.importing.bring import Brought, FileOutcome, Group
from yakuba.words.formulas import FORMULA

OUTCOME = "outcome.json"
REPORT = "report.csv"
BATCH = 100_000
"""Rows that are written at once."""


def write(brought: Brought, out: Path, *, rows: bool = True) -> None:
    """For each definition a folder DEFINITION with `GROUP.csv` (accepted and repaired rows as the standard has them),
    `GROUP.parquet` (every row with its state, what was told of it and, where it is held, its cells as they came) and
    `outcome.json`; over all `report.csv`, a line for each thing that was told. `rows=False`: without the Parquet files, which
    only a town needs that takes the rows in."""
    out.mkdir(parents=True, exist_ok=True)
    for group in brought.groups.values():
        folder = out / group.definition.id
        folder.mkdir(exist_ok=True)
        _standard_csv(brought, group, folder / f"{group.name}.csv")
        if rows:
            _parquet(brought, group, folder / f"{group.name}.parquet")
    for standard in {one.definition.id for one in brought.groups.values()}:
        content = orjson.dumps(outcome_json(brought, standard), option=orjson.OPT_INDENT_2)
        (out / standard / OUTCOME).write_bytes(content)
    _report(brought, out / REPORT)


def outcome_json(brought: Brought, standard: str = "") -> dict[str, Any]:
    """All counts; of one definition, or of all files ("")."""
    files = [one for one in brought.files if standard in ("", one.standard)]
    groups = [one for one in brought.groups.values() if standard in ("", one.definition.id)]
    return {
        **({"standard": standard, "version": groups[0].definition.version} if standard else {}),
        "as_of": brought.as_of.isoformat(),
        "files": [file_json(one, brought.language) for one in files],
        "groups": {
            one.name if standard else one.id: _counts([f for f in files if _fills(f, one)]) for one in groups
        },
        "kinds": brought.kinds(groups),
        **_counts(files),
    }


def _fills(file: FileOutcome, group: Group) -> bool:
    return (file.standard, file.group) == (group.definition.id, group.name)


def file_json(file: FileOutcome, language: str) -> dict[str, Any]:
    """One file, with its hash."""
    return {
        "file": file.path.name,
        "source": file.source,
        "standard": file.standard,
        "group": file.group,
        "sha256": file.reading.decision.sha256 if file.reading else "",
        "encoding": file.encoding,
        "why": file.reading.decision.why.get(language) if file.reading else "",
        "refused": file.refused.get(language) if file.refused else None,
        **_counts([file]),
    }


def _counts(files: list[FileOutcome]) -> dict[str, int]:
    """In = accepted + repaired + held."""
    names = ("accepted", "repaired", "held")
    return {"in": sum(one.rows for one in files)} | {
        name: sum(getattr(one, name) for one in files) for name in names
    }


def _standard_csv(brought: Brought, group: Group, path: Path) -> None:
    """By Arrow, which takes half the time of DuckDB's own, and encloses every text in quotation marks."""
    items = ", ".join(quoted(name) for name in group.items)
    taken = brought.con.sql(f"select {items} from {group.table} where _state <> 'held'")
    rows = taken.to_arrow_reader(BATCH)
    options = csv.WriteOptions(quoting_style="needed", quoting_header="none")
    with csv.CSVWriter(path, rows.schema, write_options=options) as out:
        for batch in rows:
            out.write_batch(batch)


def _parquet(brought: Brought, group: Group, path: Path) -> None:
    con = brought.con
    con.register("as_they_came", _as_they_came(brought, group))
    items = ", ".join(f"r.{quoted(name)}" for name in group.items)
    con.execute(
        f"copy (select r._row, {_names(brought)}[r._file] as _file, r._line, _state, coalesce(_told, []) as _told, "
        f"coalesce(g._given, w._given)::varchar as _given, {items} from {group.table} r left join (select _row, "
        "list({'item': item, 'kind': kind, 'given': given, 'value': value, 'say': say, 'held': held} order by _told) as "
        f"_told from {group.told} join outcomes using (_told) group by _row) t using (_row) left join as_they_came g "
        f"on g._file = r._file and g._line = r._line left join (select _row, json_object('', _given) as _given from "
        f"{group.raw}) w on w._row = r._row) to {sql_text(str(path))} (format parquet)"
    )
    con.unregister("as_they_came")


def _names(brought: Brought) -> str:
    """The names of the files by their numbers, as SQL."""
    names = ", ".join(f"{number}: {sql_text(one.path.name)}" for number, one in enumerate(brought.files))
    return f"map {{{names}}}"


def _as_they_came(brought: Brought, group: Group) -> pa.Table:
    """The cells of held rows, as JSON: what is wrong with them is known only after all rows were read."""
    held: dict[int, set[int]] = {}
    wanted = f"select _file, _line from {group.table} where _state = 'held' and _readable"
    for number, line in brought.con.execute(wanted).fetchall():
        held.setdefault(number, set()).add(line)
    rows = list(_cells(brought, held))
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    types = {"_file": pa.int32(), "_line": pa.int64(), "_given": pa.string()}
    return pa.table(
        {name: pa.array(column, types[name]) for name, column in zip(types, columns, strict=True)}
    )


def _cells(brought: Brought, held: dict[int, set[int]]) -> Iterator[tuple[int, int, str]]:
    for number, lines in held.items():
        file = brought.files[number]
        assert file.old
        assert file.reading
        for line, cells in given(file.path, file.old.reader, file.reading, lines):
            yield number, line, orjson.dumps(cells).decode()


def _report(brought: Brought, path: Path) -> None:
    """For people, who open it in a spreadsheet: nothing in it is computed there."""
    told = " union all ".join(
        f"select _file, _line, _state, {sql_text(one.id)} as _group, _told from {one.table} join {one.told} using (_row)"
        for one in brought.groups.values()
    )
    items = [(one.id, name, item.name) for one in brought.groups.values() for name, item in one.items.items()]
    brought.con.execute("create temp table names (_group varchar, item varchar, name varchar)")
    if items:
        brought.con.executemany("insert into names values (?, ?, ?)", items)
    signs = ", ".join(sql_text(sign) for sign in FORMULA)
    safe = "case when {0}[1] in (" + signs + ") then '''' || {0} else {0} end as {1}"
    if told:
        brought.con.execute(
            f"copy (select {_names(brought)}[_file] as file, _line as line, _group as group, _state as state, "
            f"coalesce(name, '') as item, kind, {safe.format('given', 'given')}, {safe.format('value', 'value')}, "
            f"{safe.format('say', 'say')} from ({told}) join outcomes o using (_told) left join names n "
            "using (_group, item) order by _file, _line, name) "
            f"to {sql_text(str(path))} (format csv, header, force_quote (say))"
        )
    brought.con.execute("drop table names")
