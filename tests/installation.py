"""Installations of their own for tests whose processes are killed, or that need two: a database, and what a process there says."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.server import VAR
from yakuba.site import database

PACKAGE = Path(database.__file__).parents[1]


def server() -> str:
    """The address of the server that the tests use."""
    return os.environ.get("DATABASE_URL") or database.embedded_address(VAR / "postgres")


def address_of(name: str) -> str:
    """The address of one of its databases."""
    return urlsplit(server())._replace(path=f"/{name}").geturl()


def fresh_database(name: str, template: str = "") -> str:
    """A new database, migrated and empty, in the place of any of that name; its address. `template`: another one to copy."""
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(7394263)")  # nobody may be connected to what is copied
        copied = template or _migrated(connection)
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name} template {copied} encoding utf8")
    return address_of(name)


def drop_database(name: str) -> None:
    """Remove it, whoever is connected."""
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")


def _migrated(connection: psycopg.Connection) -> str:
    """The database that is copied: made once for each state of the migrations, since they take as long as a whole trial. That
    they lead from nothing to here is proven by the databases of the other tests."""
    files = sorted(PACKAGE.rglob("migrations/*.py"))
    state = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    name = f"yakuba_template_{state}"
    there = connection.execute("select datname from pg_database where datname like 'yakuba_template_%'")
    known = {row[0] for row in there.fetchall()}
    if name in known:
        return name
    for old in known | {"yakuba_template_begun"}:
        connection.execute(f"drop database if exists {old} with (force)")
    connection.execute("create database yakuba_template_begun template template0 encoding utf8")
    command = [sys.executable, "-m", "yakuba.site.cli", "migrate"]
    chosen = os.environ | {"DATABASE_URL": address_of("yakuba_template_begun")}
    done = subprocess.run(command, env=chosen, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    connection.execute(f"alter database yakuba_template_begun rename to {name}")
    return name


def said_by(module: str, *words: str, env: Mapping[str, str]) -> Any:
    """What a process of its own (`python -m module words`) answers, as JSON."""
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, env=os.environ | env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
