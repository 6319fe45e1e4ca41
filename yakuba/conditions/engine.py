"""DuckDB as a calculator: no file, no network, no extension, one connection a thread."""

from __future__ import annotations

import threading
from typing import Any

import duckdb

_CLOSED: dict[str, Any] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "lock_configuration": True,
}
_local = threading.local()


def connection() -> duckdb.DuckDBPyConnection:
    """This thread's connection for cases: one thread of work, since a case is small."""
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect(":memory:", config={**_CLOSED, "threads": 1})
    return _local.connection


def register_connection(threads: int | None = None, memory: str = "2GB") -> duckdb.DuckDBPyConnection:
    """A fresh connection for register-wide work, with all cores unless `threads` says otherwise."""
    config = {**_CLOSED, "memory_limit": memory}
    return duckdb.connect(":memory:", config=config if threads is None else {**config, "threads": threads})
