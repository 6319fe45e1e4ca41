"""現新比較: what the old system and the new one say of the same things, row by row and item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from yakuba.conditions import quoted
from yakuba.records.checking import read_rows
from yakuba.records.report import shown
from yakuba.records.standards import Definition, Item


@dataclass(frozen=True, slots=True)
class Change:
    """An item that both have and say differently. `key`: the row's, as written; values None where empty or guarded."""

    key: tuple[str, ...]
    item: Item
    old: str | None
    new: str | None


@dataclass(slots=True)
class Comparison:
    """old rows = same + changed + only_old + twice_old, and likewise for new ones: nothing goes without a word.

    `twice`: rows that cannot be told apart by their key in one of both files; they are compared with nothing.
    """

    group: str
    sha256: tuple[str, str] = ("", "")
    old: int = 0
    new: int = 0
    same: int = 0
    changed: int = 0
    only_old: int = 0
    only_new: int = 0
    twice_old: int = 0
    twice_new: int = 0
    items: dict[str, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    lost: list[tuple[str, ...]] = field(default_factory=list)
    come: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Both say the same of the same things."""
        return not (self.changed or self.only_old or self.only_new or self.twice_old or self.twice_new)


def compare(old: Path, new: Path, definition: Definition, group: str, *, most: int = 10_000) -> Comparison:
    """Compare two files of a group. At most `most` differences of each kind are listed; all are counted. Raises
    values.encodings.Refused."""
    items = {one.romaji: one for one in definition.groups()[group]}
    with duckdb.connect(":memory:") as con:
        first, _ = read_rows(con, "old", old, items)
        second, _ = read_rows(con, "new", new, items)
        found = Comparison(group, (first, second))
        _join(con, items)
        _count(con, found)
        _list(con, found, definition, items, most)
    return found


def _join(con: duckdb.DuckDBPyConnection, items: Mapping[str, Item]) -> None:
    """The table `both`: each key once, with the row of each file, how often it stands there, and what differs."""
    keys = [quoted(name) for name, item in items.items() if item.key]
    others = [name for name, item in items.items() if not item.key]
    for side in ("old", "new"):
        con.execute(
            f"create view {side}_keys as select {', '.join(keys)}, count(*) as times, min(_row) as _row "
            f"from {side} group by {', '.join(keys)}"
        )
    same = " and ".join(f"o.{key} is not distinct from n.{key}" for key in keys)
    con.execute(
        f"create table paired as select {', '.join(f'coalesce(o.{key}, n.{key}) as {key}' for key in keys)}, "
        "coalesce(o.times, 0) as old_times, coalesce(n.times, 0) as new_times, o._row as old_row, n._row as new_row "
        f"from old_keys o full join new_keys n on {same}"
    )
    differs = ", ".join(
        f"case when o.{cell} is distinct from n.{cell} then {{'item': '{name}', 'old': o.{cell}, 'new': n.{cell}}} end"
        for name in others
        if (cell := quoted(name))
    )
    con.execute(
        f"create table both_have as select p.*, list_filter([{differs or 'null'}], lambda one: one is not null) as differ "
        "from paired p join old o on o._row = old_row join new n on n._row = new_row "
        "where old_times = 1 and new_times = 1"
    )


def _count(con: duckdb.DuckDBPyConnection, found: Comparison) -> None:
    (row,) = con.execute(
        "select (select count(*) from old), (select count(*) from new), "
        "(select count(*) from both_have where len(differ) = 0), (select count(*) from both_have where len(differ) > 0), "
        "count(*) filter (old_times = 1 and new_times = 0), count(*) filter (new_times = 1 and old_times = 0), "
        "coalesce(sum(old_times) filter (old_times > 1 or new_times > 1), 0), "
        "coalesce(sum(new_times) filter (old_times > 1 or new_times > 1), 0) from paired"
    ).fetchall()
    (
        found.old, found.new, found.same, found.changed, found.only_old, found.only_new, found.twice_old, found.twice_new
    ) = map(int, row)  # fmt: skip


def _list(
    con: duckdb.DuckDBPyConnection,
    found: Comparison,
    definition: Definition,
    items: Mapping[str, Item],
    most: int,
) -> None:
    keys = [quoted(name) for name, item in items.items() if item.key]
    key, listed = f"[{', '.join(keys)}]", int(most)
    con.execute(
        f"create view changes as select {key} as key, old_row, unnest(differ, recursive := true) from both_have"
    )
    times = dict(con.execute("select item, count(*) from changes group by item").fetchall())
    found.items = {item.name: times[name] for name, item in items.items() if name in times}
    rows = con.execute(
        f"select key, item, old, new from changes order by old_row, item limit {listed}"
    ).fetchall()
    for written, name, was, now in rows:
        item = items[name]
        found.changes.append(
            Change(tuple(written), item, shown(definition, item, was), shown(definition, item, now))
        )
    for listing, asked in ((found.lost, "old"), (found.come, "new")):
        other = "new" if asked == "old" else "old"
        alone = con.execute(
            f"select {key} from paired where {asked}_times = 1 and {other}_times = 0 order by {asked}_row limit {listed}"
        ).fetchall()
        listing.extend(tuple(one) for (one,) in alone)
