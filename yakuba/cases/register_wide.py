"""A service decided for everybody who lives in the town at once, from what the register knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import duckdb

from yakuba import conditions
from yakuba.conditions import quoted
from yakuba.declare import NotInForce, Service
from yakuba.register import queries as register

NOTHING: Mapping[str, Any] = MappingProxyType({})


def over_register(
    service: Service, *, as_of: date, columns: Iterable[str], assumed: Mapping[str, Any] = NOTHING
) -> duckdb.DuckDBPyConnection:
    """A connection with the view `decided` (`_case` and these columns: conditions, values) of everybody, and the table
    `subjects` (`_case`, `person`) of whom the service is about: all, or of a household service the heads of households.

    `assumed`: facts that hold for all, also of the items of lists. Raises NotInForce for a day before the rules hold.
    """
    if not service.in_force(as_of):
        raise NotInForce(service, as_of)
    con = conditions.register_connection()
    register.fact_tables(con, schema=service.schema, as_of=as_of)
    _assume(con, service, assumed)
    if service.file.subject == "household":
        con.execute("delete from subjects where relation is distinct from 'head'")
    service.program.run_tables(con, as_of=as_of, columns=columns).create_view("decided")
    return con


def _assume(con: duckdb.DuckDBPyConnection, service: Service, assumed: Mapping[str, Any]) -> None:
    """What holds for all stands in the tables before they are judged."""
    owners = {kind.item: name for name, kind in service.lists.items()}
    for name, value in assumed.items():
        table = "facts" if name in service.facts else owners[name.partition(".")[0]]
        con.execute(f"update {quoted(table)} set {quoted(name)} = ?", [value])
