"""What is looked at in a file of the standard, as a plan: for each kind of fault the SQL that is true of a faulty row.

The plan is data and names no file and no engine. Its queries are SQL of DuckDB, whose runner is `checking`; other engines are
given the same text, transpiled. Rows are a table with `_row` and every item of the group as text by its romaji name, null where
nothing stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from yakuba.conditions import quoted
from yakuba.records.standards import Definition, Item

SHAPES = {
    "X": r"[\x20-\x7e｡-ﾟ]*",
    "N": r"[^\x00-\x7e｡-ﾟ]*",
    "9": r"\d+",
    "S9": r"-?\d+",
    "YEAR": r"\d{4}",
    "TIME": r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?",
}
"""How each type is written. Source: 凡例）データ型 of the item definition sheets."""
_OPEN_DAYS = "('0000-01-01', '9999-12-31')"
"""An unknown beginning and no end (凡例）データ型, DATE)."""
_UNCERTAIN = "不詳日を許容"
"""What the notes of an item say where a day need not be known."""
_NUMBERS = {"9": "bigint", "S9": "bigint", "YEAR": "bigint", "9V": "double"}
"""What is a number to the language of conditions."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that may be wrong with a row. `item`: the romaji name that the fault is told of; `wrong`: SQL over the items of
    the row (and over `c."required.…"`, its conditions), true of a faulty one, false or null of any other."""

    item: str
    kind: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All checks of a group. `keys`: its 主キー, which no two rows share; `points_to`: foreign keys that are the whole key of
    another group of the operation, each with that group; `facts` and `conditions`: SQL that makes `c."required.…"`."""

    group: str
    checks: tuple[Check, ...]
    keys: tuple[str, ...]
    points_to: tuple[tuple[str, str], ...]
    facts: str
    conditions: str

    def faults(self, rows: str) -> str:
        """The query for all faults of a table: `_row`, `item`, `kind`, `value`, a row each, not ordered.

        Which rows have a fault is asked of all rows; which faults, only of those.
        """
        told = ", ".join(
            f"case when {one.wrong} then {{'item': {sql_text(one.item)}, 'kind': {sql_text(one.kind)}, "
            f"'value': {quoted(one.item)}}} end"
            for one in self.checks
        )
        anything = " or ".join(f"({one.wrong})" for one in self.checks)
        return (
            f"with facts as (select *{self.facts} from {rows}), looked as ({self.conditions}) "
            "select _row, one.item as item, one.kind as kind, one.value as value from (select _row, "
            f"unnest(list_filter([{told}], lambda one: one is not null)) as one from looked c where {anything}) "
            f"union all {self._twice(rows)}"
        )

    def _twice(self, rows: str) -> str:
        """Rows whose key another row has. A key of several items may be empty in some, not in all of them."""
        keys = ", ".join(quoted(name) for name in self.keys)
        same = " and ".join(f"r.{quoted(name)} is not distinct from t.{quoted(name)}" for name in self.keys)
        there = " or ".join(f"{quoted(name)} is not null" for name in self.keys)
        first = self.keys[0]
        return (
            f"select r._row, {sql_text(first)} as item, 'twice' as kind, r.{quoted(first)} as value from {rows} r join "
            f"(select {keys} from {rows} where {there} group by {keys} having count(*) > 1) t on {same}"
        )

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
    facts = "".join(
        f", {_typed(item)} as {quoted(f'row.{item.romaji}')}"
        for item in items
        if f"row.{item.romaji}" in asked
    )
    cells = [Check(item.romaji, kind, wrong) for item in items for kind, wrong in _wrong(item, definition)]
    conditional = [
        Check(name, "conditional", f"c.{quoted(rule.rule.name)} and {quoted(name)} is null")
        for rule in program.rules
        if (name := rule.rule.name.removeprefix("required."))
    ]
    return Plan(
        group,
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
def _wrong(item: Item, definition: Definition) -> Iterator[tuple[str, str]]:
    """The kinds of faults a cell may have, each with the SQL that is true of a faulty one."""
    cell = quoted(item.romaji)
    if item.output == "required":
        yield "required", f"{cell} is null"
    if item.type == "BLOB":
        return
    yield item.type, f"not ({_shaped(item, cell)})"
    if item.digits and item.type not in ("9V", "DATE", "TIME", "YEAR"):
        written = f"ltrim({cell}, '-')" if item.type == "S9" else cell
        yield "digits", f"length({written}) > {item.digits.whole}"
    codes = definition.codes.get(item.code) if item.code else None
    if codes and codes.values and not codes.open:
        listed = ", ".join(sql_text(value) for value in codes.values)
        yield "code", f"{cell} not in ({listed})"
    if item.romaji.endswith("kojinbango"):
        right = f"regexp_full_match({cell}, '\\d{{12}}') and {my_number_fits(cell)}"
        yield "number", f"{cell} is not null and not coalesce({right}, false)"


def _shaped(item: Item, cell: str) -> str:
    """True where the cell is written as its type wants it."""
    if item.type == "9V":
        assert item.digits
        fraction = f"(\\.\\d{{1,{item.digits.fraction}}})?" if item.digits.fraction else ""
        return f"regexp_full_match({cell}, '\\d{{1,{item.digits.whole}}}{fraction}')"
    if item.type == "DATE":
        day = f"(regexp_full_match({cell}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') and try_cast({cell} as date) is not null)"
        uncertain = (
            f" or regexp_full_match({cell}, '\\d{{4}}-(00|0[1-9]|1[0-2])-00')"
            if _UNCERTAIN in item.notes
            else ""
        )
        return f"{cell} in {_OPEN_DAYS} or {day}{uncertain}"
    return f"regexp_full_match({cell}, {sql_text(SHAPES[item.type])})"


def my_number_fits(cell: str) -> str:
    """The twelfth digit of a My Number fits the eleven before it: weights 2 to 7, then 2 to 6, from the right.

    Source: 行政手続における特定の個人を識別するための番号の利用等に関する法律の規定による通知カード及び個人番号カード並びに情報提供ネットワーク
    システムによる特定個人情報の提供等に関する省令（平成26年総務省令第85号）第5条.
    """
    total = " + ".join(
        f"{n + 1 if n <= 6 else n - 5} * try_cast(substr({cell}, {12 - n}, 1) as int)" for n in range(1, 12)
    )
    rest = f"(({total}) % 11)"
    return f"try_cast(substr({cell}, 12, 1) as int) = case when {rest} <= 1 then 0 else 11 - {rest} end"


def _typed(item: Item) -> str:
    """The cell as the language of conditions knows it; what is not written as it should be is not known."""
    cell = quoted(item.romaji)
    kind = _NUMBERS.get(item.type)
    return f"try_cast({cell} as {kind})" if kind else cell


def _points_to(definition: Definition, group: str) -> Iterator[tuple[str, str]]:
    keys = {name: [item.romaji for item in items if item.key] for name, items in definition.groups().items()}
    for item in definition.groups()[group]:
        for other, key in keys.items():
            if item.foreign_key and other != group and key == [item.romaji]:
                yield item.romaji, other
