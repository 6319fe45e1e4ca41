"""The same person under two numbers: pairs of rows that are likely to be one person, and why. Nothing is merged.

The model is Fellegi and Sunter's ("A Theory for Record Linkage", 1969), run by splink on DuckDB. Its parameters are declared in
duplicates.yaml, so that the same file gives the same answer everywhere.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from yakuba.conditions import quoted
from yakuba.declare import yaml_files
from yakuba.records.addresses.folding import key_of
from yakuba.records.checking import read_rows
from yakuba.records.standards import Definition
from yakuba.words import Text, fold_variants, search_key

if TYPE_CHECKING:
    from splink import Linker

MODEL = Path(__file__).with_suffix(".yaml")
_Share = Annotated[float, Field(gt=0, lt=1)]
_NO_SEX = "0"
"""不明（未記入）."""
_BLANKS = re.compile(r"[ 　]+")
_DIGITS = re.compile(r"\d+")


class FaultyModel(Exception):
    """duplicates.yaml cannot be read."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_File):
    """One way in which two rows are alike. `when` None: none of those before."""

    say: Text
    when: str | None = None
    m: _Share
    u: _Share
    frequency: str | None = None
    certain: bool = False
    fixed: bool = False


class Comparison(_File):
    """What is compared. `unknown`: when it says nothing; `shows`: items whose values a report shows."""

    unknown: str
    shows: tuple[str, ...] = ()
    fixed: bool = False
    levels: Annotated[Mapping[str, Level], Field(min_length=2)]


class Model(_File):
    """duplicates.yaml. `share`: people who stand in a register twice; `town`: the least people that a register is taken to be
    of; `together`: rows that are compared are equal in one of these."""

    share: _Share
    town: Annotated[int, Field(gt=1)]
    threshold: _Share
    together: Sequence[Sequence[str]]
    comparisons: Mapping[str, Comparison]


@cache
def model() -> Model:
    """The model as it is declared. Raises FaultyModel."""
    return yaml_files.read(MODEL, Model, FaultyModel)


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison: which level, in words, its weight (bits for and against), and the two values where they may be shown."""

    comparison: str
    level: str
    text: Text
    weight: float
    values: tuple[tuple[str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that are likely to be one person. `certain`: a number that only one person has is the same."""

    rows: tuple[int, int]
    numbers: tuple[str | None, str | None]
    probability: float
    weight: float
    certain: bool
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class Duplicates:
    """What was found among the people of a file: `people` of its `rows`, since of one number only the latest counts."""

    group: str
    file: str = ""
    sha256: str = ""
    rows: int = 0
    people: int = 0
    threshold: float = 0.0
    pairs: list[Pair] = field(default_factory=list)


def find_in(path: Path, definition: Definition, group: str, *, threshold: float | None = None) -> Duplicates:
    """The pairs of a file of the standard. Raises values.encodings.Refused, NoPeople."""
    items = {one.romaji: one for one in definition.groups()[group]}
    with duckdb.connect(":memory:") as con:
        sha256, _ = read_rows(con, "rows", path, items)
        keys = [name for name, item in items.items() if item.key]
        found = find(con, "rows", list(items), keys, threshold=threshold)
    found.group, found.file, found.sha256 = group, path.name, sha256
    return found


class NoPeople(Exception):
    """A group has no names and birth dates by which people could be told apart."""


def find(
    con: duckdb.DuckDBPyConnection,
    table: str,
    items: Iterable[str],
    keys: Sequence[str],
    *,
    threshold: float | None = None,
) -> Duplicates:
    """The pairs among the rows of a table: `_row` and items as text by their romaji names. `keys`: the items of its key.
    Raises NoPeople."""
    declared = model()
    least = declared.threshold if threshold is None else threshold
    prepare(con, table, items, keys)
    people = _count(con, "people")
    found = Duplicates("", rows=_count(con, table), people=people, threshold=least)
    if people > 1:
        linker = linked(con, settings(declared, people))
        predicted = linker.inference.predict(threshold_match_probability=least, warning_mode="never")
        found.pairs = list(_pairs(con, declared, table, set(items), predicted.physical_name))
        linker.table_management.delete_tables_created_by_splink_from_db()
    con.execute("drop table people")
    return found


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"select count(*) from {table}").fetchall()[0][0])


# -- what is compared ----------------------------------------------------------------------------------
def prepare(con: duckdb.DuckDBPyConnection, table: str, items: Iterable[str], keys: Sequence[str]) -> None:
    """Make the table `people`: a row for each number, with spellings folded. Raises NoPeople."""
    there = list(items)
    if not {"atenabango", "shimei", "seinengappi"} <= set(there):
        raise NoPeople("shimei, seinengappi, atenabango")
    cell = {name: quoted(name) if name in there else "null::varchar" for name in _COLUMNS}
    places = [name for name in there if name.startswith("jusho_") and "katagaki" not in name]
    address = f"concat_ws('|', {', '.join(map(quoted, places))})" if places else "null"
    latest = ""
    if "rirekibango" in keys:
        of_one = f"select atenabango, max(try_cast(rirekibango as bigint)) from {table} group by atenabango"
        latest = f"where (atenabango, try_cast(rirekibango as bigint)) in ({of_one})"
    selected = ", ".join(f"{sql} as {quoted(name)}" for name, sql in cell.items())
    con.execute(
        f"create or replace temp table people_given as select _row, {selected}, nullif({address}, '') as address "
        f"from {table} {latest}"
    )
    for column, fold in (("shimei", _name), ("shimei_yomigana", _name), ("address", _address)):
        _folded(con, column, fold)
    con.execute(
        "create or replace temp table people as select _row as unique_id, atenabango, "
        "n.parts[1] as surname, n.parts[2] as given, k.parts[1] as kana_surname, k.parts[2] as kana_given, "
        "nullif(seinengappi, '0000-01-01') as birth, substr(birth, 1, 4) as birth_year, substr(birth, 6) as birthday, "
        f"nullif(seibetsu, '{_NO_SEX}') as sex, a.parts[1] as address, "
        "case when regexp_full_match(kojinbango, '\\d{12}') then kojinbango end as my_number, juminhyokodo as code "
        "from people_given left join folded_shimei n on n.given = shimei "
        "left join folded_shimei_yomigana k on k.given = shimei_yomigana left join folded_address a on a.given = address"
    )
    for name in ("people_given", "folded_shimei", "folded_shimei_yomigana", "folded_address"):
        con.execute(f"drop table {name}")


_COLUMNS = (
    "atenabango", "shimei", "shimei_yomigana", "seinengappi", "seibetsu", "kojinbango", "juminhyokodo",
)  # fmt: skip


def _folded(con: duckdb.DuckDBPyConnection, column: str, fold: Callable[[str], list[str | None]]) -> None:
    """A table of each value that stands in a column, once, and what it is compared as."""
    values = [one for (one,) in con.execute(
        f"select distinct {column} from people_given where {column} is not null"
    ).fetchall()]  # fmt: skip
    parts = pa.array([fold(one) for one in values], pa.list_(pa.string()))
    con.register("folding", pa.table({"given": pa.array(values, pa.string()), "parts": parts}))
    con.execute(f"create or replace temp table folded_{column} as select * from folding")
    con.unregister("folding")


def _name(name: str) -> list[str | None]:
    """Surname and given name, as they are found by; a name without a blank is not known in parts.

    >>> _name("髙橋　花子"), _name("NGUYEN THI HOA"), _name("山田花子")
    (['高橋', '花子'], ['nguyen', 'thihoa'], [None, None])
    """
    first, *rest = [part for part in _BLANKS.split(name) if part]
    return [search_key(first), search_key("".join(rest))] if rest else [None, None]


def _address(address: str) -> list[str | None]:
    """Codes and numbers of an address; words between numbers make no difference.

    >>> _address("131016|0011001|１番２号") == _address("131016|0011001|１－２")
    True
    """
    *area, last = unicodedata.normalize("NFKC", fold_variants(address)).split("|")
    numbers = "-".join(_DIGITS.findall(key_of(last)))
    return ["|".join([*area, numbers or last])]


# -- the model -----------------------------------------------------------------------------------------
def settings(declared: Model, people: int) -> dict[str, Any]:
    """The model as splink takes it, for a register of so many people: `share` of them make one pair each."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 2 * declared.share / max(declared.town, people),
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": " and ".join(f"l.{one} = r.{one}" for one in columns)} for columns in declared.together
        ],
        "comparisons": [
            {"output_column_name": name, "comparison_levels": _levels(one)} for name, one in declared.comparisons.items()
        ],
    }  # fmt: skip


def _levels(comparison: Comparison) -> list[dict[str, Any]]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}
    ]
    for name, level in comparison.levels.items():
        made: dict[str, Any] = {
            "sql_condition": level.when or "ELSE",
            "label_for_charts": name,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        if level.frequency:
            made |= {"tf_adjustment_column": level.frequency, "disable_tf_exact_match_detection": True}
        levels.append(made)
    return levels


def linked(con: duckdb.DuckDBPyConnection, wanted: Mapping[str, Any]) -> Linker:
    """splink over the table `people`, without a word in the log."""
    from splink import DuckDBAPI, Linker  # takes a quarter of a second, and few commands need it

    logging.getLogger("splink").setLevel(logging.ERROR)
    return Linker(DuckDBAPI(con).register("people"), dict(wanted), log_level=None)


# -- telling -------------------------------------------------------------------------------------------
def _pairs(
    con: duckdb.DuckDBPyConnection, declared: Model, table: str, items: set[str], predicted: str
) -> Iterator[Pair]:
    names = list(declared.comparisons)
    shown = [name for one in declared.comparisons.values() for name in one.shows if name in items]
    gammas = ", ".join(f"gamma_{name}" for name in names)
    adjusted = {
        name
        for name, one in declared.comparisons.items()
        if any(level.frequency for level in one.levels.values())
    }
    weights = ", ".join(f"mw_{name}" + (f" + mw_tf_adj_{name}" if name in adjusted else "") for name in names)
    values = ", ".join(f"[a.{quoted(one)}, b.{quoted(one)}]" for one in shown) or "null"
    rows = con.execute(
        f"select a._row, b._row, a.atenabango, b.atenabango, match_probability, match_weight, [{gammas}], [{weights}], "
        f"[{values}] from {predicted} join {table} a on a._row = least(unique_id_l, unique_id_r) "
        f"join {table} b on b._row = greatest(unique_id_l, unique_id_r) "
        "where a.atenabango is distinct from b.atenabango order by match_weight desc, a._row, b._row"
    ).fetchall()
    for first, second, one, other, probability, weight, levels, weighed, told in rows:
        given = dict(zip(shown, map(tuple, told), strict=False))
        reasons = tuple(_reasons(declared, levels, weighed, given))
        certain = any(declared.comparisons[r.comparison].levels[r.level].certain for r in reasons)
        yield Pair((first, second), (one, other), probability, weight, certain, reasons)


def _reasons(
    declared: Model,
    levels: Sequence[int],
    weights: Sequence[float],
    given: Mapping[str, tuple[str | None, str | None]],
) -> Iterator[Reason]:
    """The comparisons of which something is known, the weightiest first. splink counts levels down to 0, the last."""
    found = []
    for (name, comparison), gamma, weight in zip(declared.comparisons.items(), levels, weights, strict=True):
        if gamma >= 0:
            level = list(comparison.levels)[len(comparison.levels) - 1 - gamma]
            values = tuple(given[one] for one in comparison.shows if one in given)
            found.append(Reason(name, level, comparison.levels[level].say, weight, values))
    yield from sorted(found, key=lambda one: -abs(one.weight))
