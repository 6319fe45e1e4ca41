"""Bringing the database up to date, as its owner; the application itself works as `yakuba_app`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from yakuba.site import database

ROLE = "yakuba_app"
ARCHIVIST = "yakuba_archivist"
"""Removes private parts of the log whose keeping time is over (`cases.retention`)."""

OWN = frozenset({"dbname", "user", "password", "host", "port", *database.PASSED_ON})
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
        if _has_roles(connection) and not waiting(connection):
            return
        with psycopg.connect(autocommit=True, **owner(connection)) as only_one:
            only_one.execute("select pg_advisory_lock(7394262)")
            _make_role(only_one)
            if waiting(connection):
                call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["OPTIONS"] = as_app


def waiting(connection: Any) -> list[str]:
    """The migrations (room.name) that this program has and the database has not."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{one.app_label}.{one.name}" for one, _ in plan]


def unknown(connection: Any) -> list[str]:
    """The migrations (room.name) that the database has had and this program does not know: a newer one wrote it."""
    loader = MigrationLoader(connection)
    strange = set(loader.applied_migrations) - set(loader.disk_migrations) - set(loader.replacements)
    return sorted(f"{room}.{name}" for room, name in strange)


def _has_roles(connection: Any) -> bool:
    """Whether both roles are there, and who is connected may take them on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_roles where rolname = any(%s) and pg_has_role(rolname, 'member')",
            [[ROLE, ARCHIVIST]],
        )
        return bool(cursor.fetchone() == (2,))


def owner(connection: Any) -> dict[str, Any]:
    """The parameters of a connection, without the role that it works as; how it is encrypted stays."""
    parameters = connection.get_connection_params()
    return {k: v for k, v in parameters.items() if k in OWN and v}
