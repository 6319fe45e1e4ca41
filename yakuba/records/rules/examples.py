"""Worked examples of rules: rows, and which of them a rule finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from yakuba.declare import yaml_files
from yakuba.records.rules.errors import FaultyRules
from yakuba.records.rules.model import Example, ExampleFile, Place
from yakuba.records.rules.rules import FOLDER, Rules
from yakuba.records.rules.views import CrossRule
from yakuba.records.standards import ROOT


def examples(*roots: Path) -> dict[str, list[Example]]:
    """By rule, from all files `ROOT/rules/examples/*.yaml`, each with its day. Raises FaultyRules."""
    found: dict[str, list[Example]] = {}
    for root in roots or (ROOT,):
        for file in sorted((root / FOLDER / "examples").glob("*.yaml")):
            read = yaml_files.read(file, ExampleFile, FaultyRules)
            for rule, written in read.examples.items():
                found.setdefault(rule, []).extend(
                    one.model_copy(update={"as_of": one.as_of or read.as_of}) for one in written
                )
    return found


def faults(rules: Rules, worked: Mapping[str, Sequence[Example]]) -> Iterator[str]:
    """What does not come out as an example says, rules that cannot be asked, and rules without an example that finds and one
    that does not."""
    yield from (f"{rule}: {why}" for rule, why in rules.unfit.items())
    for unknown in sorted(set(worked) - set(rules.rules) - set(rules.unfit)):
        yield f"{unknown}: there are examples, and no such rule."
    with duckdb.connect(":memory:") as con:
        for rule in rules.rules.values():
            own = worked.get(rule.id, ())
            if {bool(one.finds) for one in own} != {True, False}:
                yield f"{rule.id}: write an example in which it finds something, and one in which it does not."
            for number, one in enumerate(own, start=1):
                yield from _fault(con, rules, rule, one, number)


def _fault(
    con: duckdb.DuckDBPyConnection, rules: Rules, rule: CrossRule, example: Example, number: int
) -> Iterator[str]:
    try:
        tables = _tables(con, rules, rule, example)
    except KeyError as error:
        yield f"{rule.id}, example {number}: {error.args[0]}"
        return
    assert isinstance(example.as_of, date)
    found = rules.run(con, tables, as_of=example.as_of, only=[rule.id]).fetchall()
    finds: dict[str, list[int]] = {}
    for _, group, row, *_ in sorted(found):
        finds.setdefault(group, []).append(row)
    if finds != {group: list(rows) for group, rows in example.finds.items()}:
        yield f"{rule.id}, example {number}: it finds {finds or 'nothing'}, not {dict(example.finds) or 'nothing'}."


def _tables(
    con: duckdb.DuckDBPyConnection, rules: Rules, rule: CrossRule, example: Example
) -> dict[Place, str]:
    """A table for each group that the rule looks at; groups that the example leaves out are empty. Raises KeyError."""
    by_name = {place[1]: place for place in rule.over} | {"/".join(place): place for place in rule.over}
    given = {by_name[name]: rows for name, rows in example.rows.items() if name in by_name}
    if unknown := set(example.rows) - set(by_name):
        raise KeyError(f"the rule does not look at {', '.join(sorted(unknown))}.")
    tables = {}
    for number, place in enumerate(sorted(rule.over)):
        items, rows = rules.groups[place], given.get(place, ())
        if strange := {name for row in rows for name in row} - set(items):
            raise KeyError(f"{'/'.join(place)} has no {', '.join(sorted(strange))}.")
        columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in items}
        written = pa.table({"_row": pa.array(range(1, len(rows) + 1), pa.int64()), **columns})
        tables[place] = f"example_{number}"
        con.register(tables[place], written)
    return tables
