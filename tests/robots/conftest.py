"""A practice welfare system, the robot that registers child allowance in it, and the drivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.server import VAR
from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.declare import load_catalogue
from yakuba.robots import actions, queries
from yakuba.robots.browser import Browser
from yakuba.robots.http import HttpDriver
from yakuba.robots.player import Item, Player
from yakuba.robots.worker import Shift
from yakuba.robots.written import write
from yakuba.simulators import legacy
from yakuba.site import rehearsal
from yakuba.words import Text

VALUES = {
    "reference": "1111-2222-3333", "name": "山田 太郎", "kana": "ヤマダ タロウ", "birth_date": "1990-04-01",
    "children": 2, "amount": 25000, "first_month": "2026-05-01", "method": "1",
}  # fmt: skip
DECLARED = load_catalogue(keep_in=VAR / "catalogue")
ROBOT = DECLARED.robots["child-allowance", "ledger"]
SYSTEM_FILE = DECLARED.systems["welfare"].model_copy(update={"wait": 1})
SECRETS = {"user": legacy.USER, "password": legacy.PASSWORD}


def item(**values: object) -> Item:
    """What one case gives the robot."""
    given = {**VALUES, **values}
    return Item(
        str(given["reference"]),
        {
            name: write(Text.same(name), value, ROBOT.values[name], SYSTEM_FILE)
            for name, value in given.items()
        },
    )


@pytest.fixture
def welfare(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """The practice welfare system: `.legacy` with its mood, `.address`."""
    system = legacy.Legacy(tmp_path / "welfare")
    server = legacy.serve(system)
    yield SimpleNamespace(
        legacy=system, address=f"http://127.0.0.1:{server.server_port}/", folder=system.folder
    )
    server.shutdown()
    server.server_close()


@pytest.fixture
def player(welfare) -> Callable[..., Player]:
    """`player(driver)`: the robot, signed in, over HTTP where nothing else is said."""

    def make(driver=None, **more) -> Player:
        made = Player(
            driver or HttpDriver(wait=2), ROBOT, SYSTEM_FILE, address=welfare.address, secrets=SECRETS, **more
        )
        made.sign_in()
        return made

    return make


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    with Browser() as running:
        yield running


@pytest.fixture
def window(browser) -> Iterator[object]:
    """A window of it."""
    made = browser.window(wait=5, pop_ups=SYSTEM_FILE.pop_ups)
    yield made
    made.close()


@pytest.fixture
def queue(in_town, welfare) -> Callable[[int], None]:
    """`queue(3)`: so many granted claims wait for the robot, which knows where the welfare system is."""
    actions.set_account("welfare", welfare.address, SECRETS, by=SYSTEM(in_town), as_of=clock.now())

    def fill(count: int, name: str = "test") -> None:
        rehearsal.fill_queue(in_town, count, name=name, as_of=clock.now())

    return fill


@pytest.fixture
def shift(in_town) -> Iterator[Callable[..., Shift]]:
    """`shift()`: the robot at work over HTTP; ended afterwards. Several may be there at once."""
    working: list[Shift] = []

    def begin(**chosen) -> Shift:
        (post,) = queries.posts("child-allowance", "ledger")
        post = queries.Post(post.service, post.step, post.robot, SYSTEM_FILE)
        working.append(Shift(in_town, post, **{"driver": "http", "beat": 60.0, **chosen}))
        return working[-1]

    with towns.inside(in_town):
        yield begin
        for one in working:
            one.close()
