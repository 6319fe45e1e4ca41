"""Tests run against a real PostgreSQL, as the role the application has: row security is in force."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.server import VAR

settings.register_profile("steady", deadline=None)  # nothing depends on how fast this machine is
settings.load_profile("steady")

TOWN, OTHER_TOWN = "394262", "394271"


def pytest_configure(config: pytest.Config) -> None:
    """Start the test server; it does not sync to disk, for speed."""
    from yakuba.site import database

    fast = database.TUNING | {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    if not os.environ.get("DATABASE_URL"):
        database.embedded(VAR / "postgres", tuning=fast)


@pytest.fixture(scope="session", autouse=True)
def _pages_as_they_are_read() -> Iterator[None]:
    """Django's test client sees no `<wbr>`: it is for the eye, and tests look for words. `tests/words/test_breaks.py` and
    the tests in a browser look at the breaks."""
    from django.test import Client

    with pytest.MonkeyPatch.context() as patch:
        request = Client.request

        def as_read(self: Client, **more: object) -> object:
            answer = request(self, **more)
            if not answer.streaming and b"<wbr>" in answer.content:
                answer.content = answer.content.replace(b"<wbr>", b"")
            return answer

        patch.setattr(Client, "request", as_read)
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """The real hash takes a third of a second by design; `tests/access/test_own_account.py` looks at that one."""
    from django.conf import settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
        yield


LONG = ("kill", "browser", "long")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with long tests begin first, so that at the end no process waits for the last of them in another."""
    long = {item.path for item in items if any(map(item.get_closest_marker, LONG))}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_xdist_suffix: None) -> None:
    """The owner makes the test database; the role comes before the first migration."""
    from django.db import connections
    from django.db.models.signals import pre_migrate

    connections["default"].settings_dict["OPTIONS"].pop("options", None)
    pre_migrate.connect(_make_role)


def _make_role(sender: object, **_: object) -> None:
    from django.db import connections

    from yakuba.site import migrate

    if sender.name == "yakuba.access":  # type: ignore[attr-defined]
        migrate.make_role(migrate.owner(connections["default"]))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """From here on every connection works as the application's role; the owner drops the database at the end."""
    from django.db import connections

    connection = connections["default"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["OPTIONS"]["options"] = "-c role=yakuba_app"
    yield
    with django_db_blocker.unblock():
        connection.close()
        del connection.settings_dict["OPTIONS"]["options"]
        _leave_alone(connection)


def _leave_alone(connection: object) -> None:
    """End what a killed process or a thread still holds open, so that the database can be dropped."""
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A database in which what is written stays, for tests with several connections; emptied after the module.

    In place of pytest-django's, which would empty the tables as the application: that may not.
    """
    with django_db_blocker.unblock():
        yield
        _empty()


def _empty() -> None:
    """Remove all rows: the application may not, the owner of the tables may; this process forgets what it kept there."""
    from django.db import connection

    from yakuba.cases import catalogue

    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute(
            "select string_agg(quote_ident(tablename), ', ') from pg_tables where schemaname = 'public' "
            "and tablename ~ '^(access|register|cases|money|booking|workbench|messages|channels|robots|field|records|assistant|audit|progress|procrastinate)_'"
        )
        cursor.execute(f"truncate {cursor.fetchone()[0]} cascade")
    catalogue._kept.clear()
    connection.close()


@pytest.fixture
def town() -> str:
    """The town most tests play in."""
    return TOWN


@pytest.fixture(autouse=True)
def towns_with_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two towns have pages, in tests that need no more of them than that."""
    from yakuba.site.urls import TownCode

    monkeypatch.setattr(TownCode, "known", {TOWN, OTHER_TOWN})


@pytest.fixture
def in_town(db: None) -> Iterator[str]:
    """Work inside of the test town."""
    from yakuba.access import towns
    from yakuba.register.models import Town

    Town.objects.create(
        code=TOWN,
        name="山あい町",
        prefecture="高知県",
        mayor_title="山あい町長",
        contact="住民課",
        synthetic=True,
    )
    with towns.inside(TOWN):
        yield TOWN


@pytest.fixture
def other_town(db: None) -> object:
    """`with other_town:` looks at the same database from the second town."""
    from contextlib import contextmanager

    from django.db import connection

    @contextmanager
    def looking() -> Iterator[str]:
        here = getattr(connection, "yakuba_town", None)
        with connection.cursor() as cursor:
            cursor.execute("select set_config('yakuba.town', %s, true)", [OTHER_TOWN])
            connection.yakuba_town = OTHER_TOWN
            try:
                yield OTHER_TOWN
            finally:
                cursor.execute("select set_config('yakuba.town', %s, true)", [here or ""])
                connection.yakuba_town = here

    return looking()
