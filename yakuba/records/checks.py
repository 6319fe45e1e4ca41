"""What is looked at in a file of the standard, as a plan: for each kind of fault the SQL that is true of a faulty row.

The plan is data and names no file and no engine. Its queries are SQL of DuckDB, whose runner is `checking`; other engines are
given the same text, transpiled. Rows are a table with `_row` and every item of the group as text by its romaji name, null where
nothing stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from yakuba.conditions import quoted
from yakuba.conditions.language import NUMBER
from yakuba.records.standards import Definition, Item
from yakuba.records.standards.definition import TYPES

SHAPES = {
    "X": r"[\x20-\x7e｡-ﾟ]*",
    "N": r"[^\x00-\x7e｡-ﾟ]*",
    "9": "[0-9]+",
    "S9": "-?[0-9]+",
    "YEAR": "[0-9]{4}",
    "TIME": "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?",
}
"""How each type is written. Source: 凡例）データ型 of the item definition sheets."""
MY_NUMBER = "[0-9]{12}"
_OPEN_DAYS = ("0000-01-01", "9999-12-31")
"""An unknown beginning and no end (凡例）データ型, DATE)."""
_UNCERTAIN = "不詳日を許容"
"""What the notes of an item say where a day need not be known."""
_NUMBERS = {
    "9": (SHAPES["9"], "bigint"),
    "S9": (SHAPES["S9"], "bigint"),
    "YEAR": (SHAPES["YEAR"], "bigint"),
    "9V": (r"[0-9]+([.][0-9]+)?", NUMBER),
}
"""What is a number to the language of conditions, how it is written, and its type in SQL. Engines read " 1", "1e3" and "1_000"
each in a way of its own, therefore none is asked to."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that may be wrong with a row. `item`: the romaji name that the fault is told of; `wrong`: SQL over the items of
    the row (and what `Plan.facts` and `Plan.conditions` make of them), true of a faulty one, false or null of any other."""

    item: str
    kind: str
    wrong: str
    covered: bool = False
    """Where it finds something, another check of the item does, too: whether anything is wrong need not be asked of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All checks of a group. `items`: their romaji names; `keys`: its 主キー, which no two rows share; `points_to`: foreign keys that are the whole key of
    another group of the operation, each with that group; `facts`: columns of SQL beside the items, `"row.…"` as conditions know them and `"number.…"`;
    `conditions`: the query over `facts` that makes `"required.…"` of them."""

    group: str
    items: tuple[str, ...]
    checks: tuple[Check, ...]
    keys: tuple[str, ...]
    points_to: tuple[tuple[str, str], ...]
    facts: str
    conditions: str

    def trusting(self, items: Collection[str]) -> Plan:
        """The same without asking whether these items are written as their types want it: who made them saw to that."""
        kept = [one for one in self.checks if not (one.item in items and one.kind in TYPES)]
        return replace(self, checks=tuple(kept))

    def faults(self, rows: str) -> str:
        """The query for all faults of a table with `_row`: `_row`, `item`, `kind`, `value`, a row each, not ordered."""
        return f"{self.alone(rows)} union all {self.twice(rows)}"

    def alone(self, rows: str) -> str:
        """The query for the faults that a row has by itself. Whether anything is wrong is asked of all rows; what, only of those
        in which something is."""
        return self._told(f"({self._asked(rows)}) c where {self._anything()}")

    def faulty(self, looked: str) -> str:
        """The same for a table that `looked` made: what is wrong with the rows that were kept for it."""
        cells = ", ".join(f"cells[{at}] as {quoted(name)}" for at, name in enumerate(self.items, start=1))
        kept = f"(select _row, {cells} from {looked} where cells is not null)"
        return self._told(f"({self._asked(kept)}) c")

    def _told(self, rows: str) -> str:
        """Of each row which checks found something, by their numbers; what they are called and the value are put beside them
        afterwards, for the few that there are."""
        which = ", ".join(
            f"case when {one.wrong} then {number} end" for number, one in enumerate(self.checks)
        )
        places = {name: place for place, name in enumerate(self.items, start=1)}
        known = ", ".join(
            f"({number}, {sql_text(one.item)}, {sql_text(one.kind)}, {places[one.item]})"
            for number, one in enumerate(self.checks)
        )
        cells = ", ".join(quoted(name) for name in self.items)
        return (
            "select f._row, k.item, k.kind, f.cells[k.place] as value from "
            f"(select _row, [{cells}] as cells, unnest(list_filter([{which}], lambda one: one is not null)) as which "
            f"from {rows}) f join (values {known}) k(which, item, kind, place) on f.which = k.which"
        )

    def twice(self, rows: str) -> str:
        """Rows whose key another row has. A key of several items may be empty in some, not in all of them."""
        keys = ", ".join(quoted(name) for name in self.keys)
        same = " and ".join(f"r.{quoted(name)} is not distinct from t.{quoted(name)}" for name in self.keys)
        there = " or ".join(f"{quoted(name)} is not null" for name in self.keys)
        first = self.keys[0]
        return (
            f"select r._row, {sql_text(first)} as item, 'twice' as kind, r.{quoted(first)} as value from {rows} r join "
            f"(select {keys} from {rows} where {there} group by {keys} having count(*) > 1) t on {same}"
        )

    def looked(self, rows: str, *also: str) -> str:
        """The query for what must be kept of rows that are read only once: of each its keys, its foreign keys and the columns
        `also`, and in `cells` all the texts of a row in which something is wrong."""
        kept = ", ".join(quoted(name) for name in dict.fromkeys([*also, *self.keys, *dict(self.points_to)]))
        cells = ", ".join(quoted(name) for name in self.items)
        return f"select {kept}, case when {self._anything()} then [{cells}] end as cells from ({self._asked(rows)}) c"

    def _asked(self, rows: str) -> str:
        """The query for the rows with what the checks ask besides."""
        return f"with facts as (select *{self.facts} from {rows}), asked as ({self.conditions}) select * from asked"

    def _anything(self) -> str:
        return " or ".join(f"({one.wrong})" for one in self.checks if not one.covered)

    def nowhere(self, name: str, other: str, rows: str, known: str) -> str:
        """The query for rows whose foreign key `name`, of the group `other`, is not in the column `known` of the table `known`."""
        return (
            f"select _row, {sql_text(name)} as item, {sql_text(f'nowhere:{other}')} as kind, "
            f"{quoted(name)} as value from {rows} r where {quoted(name)} is not null "
            f"and not exists (select 1 from {known} k where k.known = r.{quoted(name)})"
        )


def plan(definition: Definition, group: str, *, as_of: date) -> Plan:
    """The checks of a group on a day. Raises conditions.Errors."""
    items = definition.groups()[group]
    program = definition.requirements_of(group)
    asked = {name for rule in program.rules for name in rule.node.all_names()}
    columns = {f"row.{one.romaji}": _typed(one) for one in items if f"row.{one.romaji}" in asked}
    columns |= {
        f"number.{one.romaji}": f"try_cast({quoted(one.romaji)} as bigint)"
        for one in items
        if one.is_my_number
    }
    facts = "".join(f", {sql} as {quoted(name)}" for name, sql in columns.items())
    cells = [check for item in items for check in _checks_of(item, definition)]
    conditional = [
        Check(name, "conditional", f"c.{quoted(rule.rule.name)} and {quoted(name)} is null")
        for rule in program.rules
        if (name := rule.rule.name.removeprefix("required."))
    ]
    return Plan(
        group,
        tuple(item.romaji for item in items),
        (*cells, *conditional),
        tuple(item.romaji for item in items if item.key),
        tuple(_points_to(definition, group)),
        facts,
        program.widened(as_of),
    )


def sql_text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


# -- the checks of one item --------------------------------------------------------------------------
def _checks_of(item: Item, definition: Definition) -> Iterator[Check]:
    """What may be wrong with a cell."""
    cell = quoted(item.romaji)
    if item.output == "required":
        yield Check(item.romaji, "required", f"{cell} is null")
    if item.type == "BLOB":
        return
    codes = definition.codes.get(item.code) if item.code else None
    listed = codes.values if codes and not codes.open else {}
    allowed = ["0" * 12] if item.is_my_number else listed
    covered = bool(allowed) and all(_is_written(item, value) for value in allowed)
    yield Check(item.romaji, item.type, _not_written(item, cell), covered)
    if _has_length(item):
        assert item.digits
        written = f"ltrim({cell}, '-')" if item.type == "S9" else cell
        yield Check(item.romaji, "digits", f"length({written}) > {item.digits.whole}", covered)
    if listed:
        values = ", ".join(sql_text(value) for value in listed)
        yield Check(item.romaji, "code", f"{cell} not in ({values})")
    if item.is_my_number:
        fits = my_number_fits(quoted(f"number.{item.romaji}"))
        yield Check(item.romaji, "number", f"{_unlike(cell, MY_NUMBER)} or not ({fits})")


def _has_length(item: Item) -> bool:
    return item.digits is not None and item.type not in ("9V", "DATE", "TIME", "YEAR")


def _is_written(item: Item, value: str) -> bool:
    """Is a value that a list of codes has as its item wants it?"""
    if item.type not in SHAPES or not re.fullmatch(SHAPES[item.type], value):
        return False
    return not _has_length(item) or item.digits is None or len(value) <= item.digits.whole


def _not_written(item: Item, cell: str) -> str:
    """True where the cell is not written as its type wants it."""
    if item.type == "9V":
        assert item.digits
        fraction = f"([.][0-9]{{1,{item.digits.fraction}}})?" if item.digits.fraction else ""
        return _unlike(cell, f"[0-9]{{1,{item.digits.whole}}}{fraction}")
    if item.type == "DATE":
        no_day = f"try_cast(try_cast({cell} as date) as varchar) is distinct from {cell}"
        others = ", ".join(sql_text(day) for day in _OPEN_DAYS)
        uncertain = (
            f" and {_unlike(cell, '[0-9]{4}-(00|0[1-9]|1[0-2])-00')}" if _UNCERTAIN in item.notes else ""
        )
        return f"({no_day} or length({cell}) > 10 or {cell} not between '0001' and '9999-12-31') and {cell} not in ({others}){uncertain}"
    return _unlike(cell, SHAPES[item.type])


def _unlike(cell: str, pattern: str) -> str:
    return f"not regexp_full_match({cell}, {sql_text(pattern)})"


def my_number_fits(number: str) -> str:
    """The twelfth digit of a My Number, a bigint, fits the eleven before it: weights 2 to 7, then 2 to 6, from the right; 11 less
    the rest of their sum by 11, and 0 where that would be 10 or 11.

    Source: 行政手続における特定の個人を識別するための番号の利用等に関する法律の規定による通知カード及び個人番号カード並びに情報提供ネットワーク
    システムによる特定個人情報の提供等に関する省令（平成26年総務省令第85号）第5条.
    """
    total = " + ".join(f"{n + 1 if n <= 6 else n - 5} * ({number} // {10**n} % 10)" for n in range(1, 12))
    rest = f"({total} + {number} % 10) % 11"
    return f"{rest} = 0 or ({rest} = 1 and {number} % 10 = 0)"


def _typed(item: Item) -> str:
    """The cell as the language of conditions knows it; what is not written as it should be is not known."""
    cell = quoted(item.romaji)
    if item.type not in _NUMBERS:
        return cell
    written, kind = _NUMBERS[item.type]
    return f"case when regexp_full_match({cell}, {sql_text(written)}) then try_cast({cell} as {kind}) end"


def _points_to(definition: Definition, group: str) -> Iterator[tuple[str, str]]:
    keys = {name: [item.romaji for item in items if item.key] for name, items in definition.groups().items()}
    for item in definition.groups()[group]:
        for other, key in keys.items():
            if item.foreign_key and other != group and key == [item.romaji]:
                yield item.romaji, other
