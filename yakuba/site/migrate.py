"""Bringing the database up to date, as its owner; the application itself works as `yakuba_app`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

ROLE = "yakuba_app"
ARCHIVIST = "yakuba_archivist"
"""Removes private parts of the log whose keeping time is over (`cases.retention`)."""

_GRANTS = (
    f"grant usage on schema public to {ROLE}, {ARCHIVIST}",
    f"alter default privileges in schema public grant select, insert, update, delete on tables to {ROLE}",
    f"alter default privileges in schema public grant usage, select on sequences to {ROLE}",
)


def make_role(parameters: dict[str, Any]) -> None:
    """Make the application's roles and let it use what the owner makes from now on; harmless when repeated.

    `parameters`: of the owner's connection (dbname, user, password, host, port).
    """
    with psycopg.connect(autocommit=True, **parameters) as connection:
        connection.execute("select pg_advisory_lock(7394262)")
        _make_role(connection)


def _make_role(connection: psycopg.Connection) -> None:
    for role in (ROLE, ARCHIVIST):
        if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            # a role belongs to all databases of the server, the lock to one: somebody else may be first
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(f"create role {role} nologin nobypassrls")
            connection.execute(f"grant {role} to current_user")
    for grant in _GRANTS:
        connection.execute(grant)


def bring_up_to_date() -> None:
    """Apply new migrations; nothing is done when there are none. Processes that start at once, on several machines too, do
    so one after another: the second finds what the first did. The lock ends with its process, however that ends."""
    connection = connections["default"]
    as_app = dict(connection.settings_dict["OPTIONS"])
    connection.settings_dict["OPTIONS"] = {k: v for k, v in as_app.items() if k != "options"}
    try:
        with psycopg.connect(autocommit=True, **owner(connection)) as only_one:
            only_one.execute("select pg_advisory_lock(7394262)")
            _make_role(only_one)
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["OPTIONS"] = as_app


def owner(connection: Any) -> dict[str, Any]:
    """The parameters of a connection, without the role that it works as."""
    parameters = connection.get_connection_params()
    return {k: v for k, v in parameters.items() if k in ("dbname", "user", "password", "host", "port") and v}
