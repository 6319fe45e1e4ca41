"""The embedded database server of the benchmarks: durable as in production, its data in `var/bench`."""

from __future__ import annotations

from pathlib import Path

import psycopg

from yakuba.site import database

VAR = Path(__file__).resolve().parents[1] / "var" / "bench"


def fresh(name: str) -> str:
    """The address of a new, empty database."""
    server = database.embedded(VAR / "postgres", "postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
    return database.embedded(VAR / "postgres", name)
