"""Kinds of facts as Arrow and DuckDB types."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from yakuba.conditions import FactType, Kind

_ARROW: Mapping[Kind, pa.DataType] = {
    "bool": pa.bool_(),
    "int": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "text": pa.string(),
    "choice": pa.string(),
}
_DUCKDB: Mapping[Kind, str] = {
    "bool": "boolean",
    "int": "bigint",
    "number": "double",
    "date": "date",
    "text": "varchar",
    "choice": "varchar",
}


def column_types(facts: Mapping[str, FactType]) -> dict[str, pa.DataType]:
    """Column types for reading CSV."""
    return {name: _ARROW[kind.kind] for name, kind in facts.items()} | {
        "_case": pa.int64(),
        "_pos": pa.int64(),
    }


def empty_columns(facts: Mapping[str, FactType]) -> str:
    """Further columns of a select in which nothing is known."""
    return "".join(f', null::{_DUCKDB[kind.kind]} as "{name}"' for name, kind in facts.items())
