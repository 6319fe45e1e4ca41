"""Rules over tables: what a view needs as SQL, set by set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import duckdb

from yakuba.conditions import FactType, quoted
from yakuba.records.checks import sql_text
from yakuba.records.rules.model import Join, Place
from yakuba.records.rules.views import THERE, CompiledView, Groups

FOUND = "rules_found"
"""The table of what was found."""
Base = tuple[Place, str | None]
"""The rows of a group: all, or the latest of a history."""


def run(
    con: duckdb.DuckDBPyConnection,
    views: Iterable[tuple[CompiledView, list[str]]],
    tables: Mapping[Place, str],
    groups: Groups,
    keys: Mapping[Place, list[str]],
    as_of: date,
) -> duckdb.DuckDBPyRelation:
    """Run rules of views over tables; see `Rules.run`."""
    con.execute(
        f"create or replace temp table {FOUND} (standard varchar, \"group\" varchar, _row bigint, rule varchar, "
        "item varchar, value varchar)"
    )  # fmt: skip
    chosen = [(view, rules, view.program(rules)) for view, rules in views if rules]
    wanted: dict[Base, set[str]] = {}
    for view, _, program in chosen:
        for base, items in view.needs(view.names(program)).items():
            wanted.setdefault(base, set()).update(items)
    bases = {base: f"rules_base_{number}" for number, base in enumerate(wanted)}
    for base, items in wanted.items():
        con.execute(
            f"create or replace temp table {bases[base]} as "
            + _rows(tables[base[0]], base, sorted(items), groups[base[0]], keys[base[0]])
        )
    for view, rules, program in chosen:
        tables_of = _Tables(view, bases)
        asked = f"with {tables_of.sql(view.names(program))} select * from ({program.sql(as_of, rules)})"
        con.execute(f"insert into {FOUND} {_found(view, rules, asked, tables[view.view.place])}")
    for name in bases.values():
        con.execute(f"drop table {name}")
    return con.table(FOUND)


def _rows(table: str, base: Base, items: list[str], kinds: Mapping[str, FactType], keys: list[str]) -> str:
    """The items of a table as the language knows them."""
    latest = base[1]
    cells = ", ".join(f"{_typed(quoted(item), kinds[item])} as {quoted(item)}" for item in items)
    sql = f"select _row, {cells} from {table}"
    if latest:
        others = [quoted(one) for one in keys if one != latest]
        number, record = f"coalesce(try_cast({quoted(latest)} as bigint), 0)", ", ".join(others)
        newest = f"select {record}, max({number}) from {table} group by {record}"
        # a row whose key is not known is nobody's version, and is there all the same
        unknown = " or ".join(f"{one} is null" for one in others)
        sql += f" where {unknown} or ({record}, {number}) in ({newest})"
    return sql


def _typed(cell: str, kind: FactType) -> str:
    """A cell as a value; what is not written as it should be, and a day that is uncertain, are not known. 0000-01-01 is an
    unknown beginning (凡例）データ型, DATE); 9999-12-31, no end, is later than every day."""
    if kind.kind == "date":
        return f"case when length({cell}) = 10 and {cell} <> '0000-01-01' then try_cast({cell} as date) end"
    if kind.kind in ("int", "number"):
        return f"try_cast({cell} as {'bigint' if kind.kind == 'int' else 'double'})"
    return cell


class _Tables:
    """The tables `facts` and one for each list, as common table expressions."""

    def __init__(self, view: CompiledView, bases: Mapping[Base, str]):
        self.view, self.bases = view, bases

    def sql(self, names: frozenset[str]) -> str:
        joins = {alias: join for alias, join in self.view.view.with_.items() if alias in names}
        lists = {alias: join for alias, join in joins.items() if join.each}
        made = [f"facts as ({self._facts(joins, names)})"]
        made += [f"{quoted(alias)} as ({self._items(join, names)})" for alias, join in lists.items()]
        return ", ".join(made)

    def _facts(self, joins: Mapping[str, Join], names: frozenset[str]) -> str:
        base = self.bases[self.view.view.place, self.view.view.latest]
        cells = [f"r.{quoted(item)} as {quoted(f'row.{item}')}" for item in _items_of("row", names)]
        source = f"{base} r"
        for alias, join in joins.items():
            keys = {item: _column(fact) for item, fact in join.by.items()}
            if join.each:
                given = " and ".join(f"{key} is not null" for key in keys.values())
                cells.append(f"({given}) as {quoted(f'#{alias}')}")
            else:
                source += self._one(alias, join, keys, names)
                cells += _cells_of_one(alias, keys, _items_of(alias, names))
        return f"select r._row as _case, {', '.join(cells)} from {source}"

    def _items(self, join: Join, names: frozenset[str]) -> str:
        item = join.each or ""
        keys = {theirs: f"c.{quoted(fact)}" for theirs, fact in join.by.items()}
        inner = {name: one for name, one in join.with_.items() if f"{item}.{name}" in names}
        own = _items_of(item, names) - set(inner)
        cells = [f"i.{quoted(one)} as {quoted(f'{item}.{one}')}" for one in sorted(own)]
        on = " and ".join(f"i.{quoted(theirs)} = {key}" for theirs, key in keys.items())
        source = f"facts c join {self.bases[join.place, join.latest]} i on {on}"
        for name, one in inner.items():
            theirs = {key: f"i.{quoted(fact.removeprefix(f'{item}.'))}" for key, fact in one.by.items()}
            found = frozenset(fact.removeprefix(f"{item}.") for fact in names)
            source += self._one(name, one, theirs, found)
            cells += _cells_of_one(name, theirs, _items_of(name, found), f"{item}.{name}")
        return f"select c._case, i._row as _pos{''.join(f', {cell}' for cell in cells)} from {source}"

    def _one(self, alias: str, join: Join, keys: Mapping[str, str], names: frozenset[str]) -> str:
        """At most one row for each key: of several with one key nothing is known but that they are there."""
        by = ", ".join(quoted(key) for key in join.by)
        rest = sorted(_items_of(alias, names) - {THERE, *join.by})
        cells = "".join(
            f", case when count(*) = 1 then any_value({quoted(one)}) end as {quoted(one)}" for one in rest
        )
        table = self.bases[join.place, join.latest]
        on = " and ".join(f"{alias}.{quoted(theirs)} = {ours}" for theirs, ours in keys.items())
        return f" left join (select {by}, true as _there{cells} from {table} group by {by}) {alias} on {on}"


def _cells_of_one(
    alias: str, keys: Mapping[str, str], items: Iterable[str], name: str | None = None
) -> Iterator[str]:
    known = " and ".join(f"{key} is not null" for key in keys.values())
    for item in sorted(items):
        there = f"case when {known} then {alias}._there is not null end"
        yield f"{there if item == THERE else f'{alias}.{quoted(item)}'} as {quoted(f'{name or alias}.{item}')}"


def _items_of(alias: str, names: frozenset[str]) -> set[str]:
    return {name[len(alias) + 1 :].partition(".")[0] for name in names if name.startswith(f"{alias}.")}


def _column(fact: str) -> str:
    """The column of a fact by which something is joined to a row: its own, or of what was joined before."""
    alias, _, item = fact.partition(".")
    return f"{'r' if alias == 'row' else alias}.{quoted(item)}"


def _found(view: CompiledView, rules: list[str], asked: str, table: str) -> str:
    """A line for each row and each rule that holds something against it."""
    marks = ", ".join(
        f"case when {quoted(rule)} then {{'rule': '{rule}', 'item': '{one.at}', 'value': t.{quoted(one.at)}}} end"
        for rule in rules
        if (one := view.rules[rule])
    )
    anything = " or ".join(f"coalesce({quoted(rule)}, false)" for rule in rules)
    standard, group = map(sql_text, view.view.place)
    return (
        f"select {standard}, {group}, _row, unnest(list_filter(marks, lambda one: one is not null), recursive := true) "
        f"from (select t._row, [{marks}] as marks from ({asked}) join {table} t on t._row = _case where {anything})"
    )
