"""The demo town, its catalogue and the shared base, read once."""

from datetime import date

import pytest

from yakuba.assistant.knowledge import DEMO, read_town, shared_entries
from yakuba.command_line import var_folder
from yakuba.declare import load_catalogue

DAY = date(2026, 11, 29)


@pytest.fixture(scope="session")
def town():
    return read_town(DEMO / "town.yaml")


@pytest.fixture(scope="session")
def catalogue():
    return load_catalogue(keep_in=var_folder() / "catalogue")


@pytest.fixture(scope="session")
def shared(town):
    return shared_entries(town, keep_in=var_folder() / "knowledge")
