"""A service decided for everybody who lives in the town at once, from what the register knows."""

from __future__ import annotations

from datetime import date

import duckdb

from yakuba import conditions
from yakuba.declare import NotInForce, Service
from yakuba.register import queries as register


def over_register(service: Service, *, as_of: date) -> duckdb.DuckDBPyConnection:
    """A connection with the view `decided` (`_case`, a column for each condition of `decide.grant` and for the amount)
    and the table `subjects` (`_case`, `person`). Raises NotInForce for a day before the rules of the service hold."""
    if not service.in_force(as_of):
        raise NotInForce(service, as_of)
    con = conditions.register_connection()
    register.fact_tables(con, schema=service.schema, as_of=as_of)
    grant = service.decide.grant
    columns = [*grant, *([service.decide.amount] if service.decide.amount else [])]
    service.program.run_tables(con, as_of=as_of, columns=columns).create_view("decided")
    return con
