"""The published table of all municipalities, read as it is: what is empty stays unknown, and what is not understood is said.

Source: デジタル庁「自治体DXの取組に関するダッシュボード」(2024-07-12), joined with population, share of people of 65 and over and
fiscal index (財政力指数); depopulated areas: 総務省「過疎関係市町村都道府県別分布図」(2022-04-01). Pure.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from yakuba.command_line import var_folder
from yakuba.progress.disparity import mergers
from yakuba.progress.disparity.errors import BadTable, NoTable, OtherColumns
from yakuba.register.codes import BadCode, checked, official
from yakuba.words import Text

TABLE, DEPOPULATED = "municipality_dx_*.csv", "kaso_*.csv"
"""Names of the files in a folder; the last by name (a date) is read."""
KASO = {"全部過疎": "all", "一部過疎": "part", "みなし過疎": "deemed"}
"""How much of a municipality is a depopulated area under 過疎地域の持続的発展の支援に関する特別措置法 (令和3年法律第19号): all of it, a
part (of what merged), or counted as one."""


class Indicator(BaseModel):
    """A column of the table. yes_no: done (1) or not (0); ratio: a share from 0 to 1. `item` of the DX plan that it tells of."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    column: str
    kind: Literal["yes_no", "ratio"]
    name: Text
    item: str = ""
    of: str = ""
    count: str = ""


class Uses(BaseModel):
    """Columns that say which share of a procedure's requests came online."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    prefix: str
    often_used: tuple[str, ...]
    disaster: tuple[str, ...]
    moving: tuple[str, ...]
    children_and_care: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every procedure by name."""
        return (*self.often_used, *self.disaster, *self.moving, *self.children_and_care)


class Columns(BaseModel):
    """All columns that are known."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    town: dict[str, str]
    ignored: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    use: Uses


@cache
def columns() -> Columns:
    """The columns as `columns.yaml` declares them."""
    return Columns.model_validate(YAML(typ="safe").load(Path(__file__).with_name("columns.yaml")))


@cache
def indicators() -> dict[str, Indicator]:
    """What is measured, by id."""
    return {one.id: one for one in columns().indicators}


@dataclass(frozen=True, slots=True)
class Municipality:
    """A row. None anywhere: unknown. `values` by indicator, `use` by procedure; `kaso`: all, part, deemed or none."""

    code: str
    prefecture: str
    name: str
    population: int
    aged: float | None
    money: float | None
    kaso: str | None
    values: Mapping[str, float | None]
    use: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Merged:
    """Rows of the table that are one municipality now. `unknown`: what cannot be told of it from them."""

    code: str
    name: str
    parts: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read. `published`: the day in the file's name; `kaso_as_of` likewise; `unknown`: columns nobody asked for."""

    file: Path
    published: str
    kaso_as_of: str
    towns: tuple[Municipality, ...]
    unknown: tuple[str, ...]
    merged: tuple[Merged, ...]
    new_codes: tuple[str, ...]

    def town(self, code: str) -> Municipality | None:
        """The row of a town; of one that merged, the row of what it is part of now."""
        wanted = mergers.now(code)
        return next((one for one in self.towns if one.code == wanted), None)


# -- where it is -------------------------------------------------------------------------------------
def places(given: Path | None = None) -> list[Path]:
    """Where the table is looked for, in this order: what was given or set is the only place then."""
    if given is not None:
        return [given]
    if declared := os.environ.get("YAKUBA_PROGRESS_DATA", ""):
        return [Path(declared)]
    beside = Path(__file__).resolve().parents[4]
    return [var_folder() / "progress", beside / "shared" / "data" / "progress"]


def find(given: Path | None = None) -> Path:
    """The table's file. Raises NoTable with all places that were looked at."""
    for place in places(given):
        if place.is_file():
            return place
        if found := sorted(place.glob(TABLE)):
            return found[-1]
    raise NoTable(places(given))


def read(given: Path | None = None) -> Table:
    """The table, and the list of depopulated areas where one lies beside it. Raises NoTable, OtherColumns, BadTable."""
    file = find(given)
    lists = sorted(file.parent.glob(DEPOPULATED))
    kaso = lists[-1] if lists else None
    return _kept(file, file.stat().st_mtime_ns, kaso, kaso.stat().st_mtime_ns if kaso else 0)


@lru_cache(maxsize=4)
def _kept(file: Path, _changed: int, kaso: Path | None, _kaso_changed: int) -> Table:
    """The same file is read once."""
    rows = _rows(file)
    heads = rows[0] if rows else []
    population, unknown = _heads(file, heads)
    lists = _kaso(kaso) if kaso else None
    towns = [
        _town(file, line, dict(zip(heads, row, strict=False)), population, lists)
        for line, row in enumerate(rows[1:], start=2)
        if any(row)
    ]
    _once(file, towns)
    joined, merged = _as_they_are_now(towns)
    return Table(
        file=file,
        published=_day(file),
        kaso_as_of=_day(kaso) if kaso else "",
        towns=tuple(sorted(joined, key=lambda one: one.code)),
        unknown=tuple(unknown),
        merged=tuple(merged),
        new_codes=tuple(sorted(one.code for one in joined if one.code not in official())),
    )


def _rows(file: Path) -> list[list[str]]:
    """Cells of a CSV in UTF-8, or in CP932 as a spreadsheet saves it. Raises BadTable."""
    content = file.read_bytes()
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return list(csv.reader(io.StringIO(content.decode(encoding), newline="")))
        except UnicodeDecodeError:
            continue
    raise BadTable("unreadable", file=file.name)


def _day(file: Path) -> str:
    found = re.search(r"\d{4}-\d{2}-\d{2}", file.stem)
    return found[0] if found else ""


# -- columns -----------------------------------------------------------------------------------------
def _heads(file: Path, heads: Sequence[str]) -> tuple[str, list[str]]:
    """The name of the column of population, and columns that nobody asks for. Raises OtherColumns when any is missing."""
    known = columns()
    pattern = re.compile(known.town["population"])
    population = next((one for one in heads if pattern.fullmatch(one)), "")
    wanted = [name for key, name in known.town.items() if key != "population"]
    for one in known.indicators:
        wanted += [name for name in (one.column, one.of, one.count) if name]
    wanted += [f"{known.use.prefix}{name}" for name in known.use.all]
    unknown = [
        one for one in heads if one not in wanted and one not in known.ignored and one != population and one
    ]
    missing = [one for one in wanted if one not in heads]
    if not population:
        missing.insert(0, "population_YYYY")
    if missing:
        raise OtherColumns(file, {one: _nearest(one, unknown) for one in missing}, unknown)
    return population, unknown


def _nearest(name: str, among: Sequence[str]) -> str:
    found = get_close_matches(name, among, n=1, cutoff=0.5)
    return found[0] if found else ""


# -- rows --------------------------------------------------------------------------------------------
def _town(
    file: Path, line: int, row: Mapping[str, str], population: str, kaso: Mapping[str, str] | None
) -> Municipality:
    known = columns()
    code = row.get(known.town["code"], "")
    try:
        checked(code)
    except BadCode as wrong:
        raise BadTable("bad_code", file=file.name, line=line, why=wrong) from wrong

    def number(column: str, most: float) -> float | None:
        text = (row.get(column) or "").strip()
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= most:
            raise BadTable(
                "bad_value", file=file.name, line=line, column=column, value=text, most=f"{most:g}"
            )
        return value

    people = number(population, 1e8)
    if people is None:
        raise BadTable("bad_value", file=file.name, line=line, column=population, value="", most="100000000")
    values = {one.id: number(one.column, 1) for one in known.indicators}
    for one in known.indicators:
        if one.kind == "yes_no" and values[one.id] not in (None, 0, 1):
            raise BadTable(
                "bad_value", file=file.name, line=line, column=one.column, value=row[one.column], most="1"
            )
    return Municipality(
        code=code,
        prefecture=row[known.town["prefecture"]],
        name=row[known.town["name"]],
        population=int(people),
        aged=number(known.town["aged"], 100),
        money=number(known.town["money"], 10),
        kaso=None if kaso is None else kaso.get(code, "none"),
        values=values,
        use={name: number(f"{known.use.prefix}{name}", 1) for name in known.use.all},
    )


def _once(file: Path, towns: Iterable[Municipality]) -> None:
    seen: set[str] = set()
    for one in towns:
        if one.code in seen:
            raise BadTable("twice", file=file.name, code=one.code, name=one.name)
        seen.add(one.code)


def _kaso(file: Path) -> dict[str, str]:
    """How each listed municipality is depopulated, by code. Raises OtherColumns, BadTable."""
    rows = _rows(file)
    heads = rows[0] if rows else []
    missing = [one for one in ("lg_code6", "kaso_kind") if one not in heads]
    if missing:
        raise OtherColumns(file, {one: _nearest(one, heads) for one in missing}, heads)
    found = {}
    for line, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        row = dict.fromkeys(heads, "") | dict(zip(heads, cells, strict=False))
        if row["kaso_kind"] not in KASO:
            raise BadTable("bad_kaso", file=file.name, line=line, value=row["kaso_kind"])
        found[row["lg_code6"]] = KASO[row["kaso_kind"]]
    return found


# -- mergers -----------------------------------------------------------------------------------------
def _as_they_are_now(towns: Sequence[Municipality]) -> tuple[list[Municipality], list[Merged]]:
    """Rows of municipalities as they are now: those that merged since the table was made become one row."""
    groups: dict[str, list[Municipality]] = defaultdict(list)
    for one in towns:
        groups[mergers.now(one.code)].append(one)
    joined, merged = [], []
    for code, parts in groups.items():
        if len(parts) == 1 and parts[0].code == code:
            joined.append(parts[0])
            continue
        last = next(one for one in mergers.changes().values() if one.new == code)
        whole, unknown = _together(code, last.new_name, parts)
        joined.append(whole)
        merged.append(Merged(code, last.new_name, tuple(one.name for one in parts), unknown))
    return joined, merged


def _together(code: str, name: str, parts: Sequence[Municipality]) -> tuple[Municipality, tuple[str, ...]]:
    """One row from several: people are added up; anything else is known only where all parts say the same."""

    def same(values: Iterable[Any]) -> Any:
        found = set(values)
        return found.pop() if len(found) == 1 else None

    people = sum(one.population for one in parts)
    old = [one.aged * one.population for one in parts if one.aged is not None]
    values = {key: same(one.values[key] for one in parts) for key in parts[0].values}
    whole = replace(
        parts[0],
        code=code,
        name=name,
        population=people,
        aged=sum(old) / people if people and len(old) == len(parts) else None,
        money=same(one.money for one in parts),
        kaso=same(one.kaso for one in parts) or (None if parts[0].kaso is None else "part"),
        values=values,
        use={key: same(one.use[key] for one in parts) for key in parts[0].use},
    )
    lost = tuple(
        key for key in values if values[key] is None and any(one.values[key] is not None for one in parts)
    )
    return whole, lost
