"""A town with an account, a benefit that is paid once and one that is paid by the month."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.money.payments import register_town
from tests.money.permits import KEY, SECRET, Shop, shop
from yakuba.cases import catalogue
from yakuba.declare import Service
from yakuba.simulators.payments import serve

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def made_up_services(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The services of this room's tests, beside the vocabulary that all small services share."""
    folder = tmp_path_factory.mktemp("money") / "services"
    shutil.copytree(HERE / "services", folder)
    shutil.copytree(HERE.parent / "small" / "services" / "shared", folder / "shared")
    for real in ("overpayment", "repayment"):
        shutil.copytree(HERE.parents[1] / "services" / real, folder / real)
    return folder


@pytest.fixture
def offered(settings, made_up_services) -> Iterator[None]:
    """The catalogue of this process is the made-up one."""
    settings.YAKUBA_SERVICES = made_up_services
    catalogue.forget()
    yield
    catalogue.forget()


@pytest.fixture
def gift(offered, in_town) -> Service:
    """10,000 yen, once."""
    register_town()
    return catalogue.service("gift")


@pytest.fixture
def allowance(offered, in_town) -> Service:
    """So much a month for each child."""
    register_town()
    return catalogue.service("allowance")


@pytest.fixture
def permits(offered, in_town) -> Service:
    """300 yen for each copy, paid before it is handed over."""
    return catalogue.service("permit")


@pytest.fixture
def provider(settings) -> Iterator[Shop]:
    """A payment provider that runs, and that this installation knows."""
    made = shop()
    server = serve(made)
    settings.YAKUBA_PAYMENTS = {"url": made.address, "key": KEY, "secret": SECRET}
    yield made
    server.shutdown()
    server.server_close()
