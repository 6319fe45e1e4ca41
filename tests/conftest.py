"""Tests run against a real PostgreSQL, as the role the application has: row security is in force."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

VAR = Path(__file__).resolve().parents[1] / "var" / "test"
os.environ.setdefault("YAKUBA_VAR", str(VAR))

TOWN, OTHER_TOWN = "394262", "394271"


def pytest_configure(config: pytest.Config) -> None:
    """Start the test server before Django reads its settings; it does not sync to disk, for speed."""
    from yakuba.site import database

    fast = database.TUNING | {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    address = os.environ.get("DATABASE_URL") or database.embedded(VAR / "postgres", tuning=fast)
    os.environ["YAKUBA_DB_ADDRESS"] = address


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_xdist_suffix: None) -> None:
    """The owner makes the test database; the role comes before the first migration."""
    from django.db import connections

    connections["default"].settings_dict["OPTIONS"].pop("options", None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """From here on every connection works as the application's role."""
    from django.db import connections

    connection = connections["default"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["OPTIONS"]["options"] = "-c role=yakuba_app"


@pytest.fixture
def town() -> str:
    """The town most tests play in."""
    return TOWN


@pytest.fixture
def in_town(db: None) -> Iterator[str]:
    """Work inside of the test town."""
    from yakuba.access import towns

    with towns.inside(TOWN):
        yield TOWN
