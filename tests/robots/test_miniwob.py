"""Robots do the tasks of MiniWoB++ on screens that nobody here made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import pytest

from tests.robots.conftest import SYSTEM_FILE
from tests.robots.miniwob import KINDS, STEPS, Kind
from yakuba.declare import RobotFile
from yakuba.robots.browser import Browser, BrowserDriver
from yakuba.robots.errors import RobotError
from yakuba.robots.player import Item, Player
from yakuba.robots.written import Written

pytestmark = pytest.mark.long
SEEDS, ENOUGH = 20, 0.95
BEGIN = "seed => { core.EPISODE_MAX_TIME = 60000; Math.seedrandom(seed); core.startEpisodeReal(); return core.getUtterance(); }"
"""Begins a task; its clock is stopped at a minute, for a robot is not judged by its speed here."""
QUIET = "() => { document.getElementById('query').textContent = ''; }"
"""The request is the case's: the robot is not to find its answer by pressing on it."""


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """The address of the package's pages."""
    spec = find_spec("miniwob")
    assert spec is not None
    assert spec.origin is not None
    handler = partial(_Files, directory=str(Path(spec.origin).parent / "html"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/miniwob"
    server.shutdown()
    server.server_close()


def robot_of(kind: Kind) -> RobotFile:
    """The kind as a robot's file."""
    name = {"ja": kind.task, "easy": kind.task, "en": kind.task}
    values = {"key": "case.reference"}
    return RobotFile.model_validate(
        {"robot": kind.task, "name": name, "system": "welfare", "key": "key", "values": values, "do": kind.do}
    )


def item_of(kind: Kind, request: str) -> Item:
    """What the request gives the robot."""
    values = kind.values(request)
    return Item(
        kind.task,
        {"yes": Written("1"), **{name: Written(text) for name, text in values.items()}},
        {f"has_{name}": True for name in values},
    )


def does(browser: Browser, window: BrowserDriver, kind: Kind, seed: int) -> bool:
    """Whether the robot gets the full reward."""
    request = browser.run(window.page.evaluate, BEGIN, seed)
    browser.run(window.page.evaluate, QUIET)
    window.look_again()
    player = Player(window, robot_of(kind), SYSTEM_FILE, address="", secrets={}, python=STEPS)
    try:
        player.do(item_of(kind, request), None)
    except RobotError:
        return False
    return bool(browser.run(window.page.evaluate, "() => WOB_DONE_GLOBAL && WOB_RAW_REWARD_GLOBAL === 1"))


def test_there_are_at_least_twenty_kinds():
    assert len({kind.task for kind in KINDS}) >= 20


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.task)
def test_a_robot_does_each_kind_of_task(kind, pages, browser, window):
    window.go(f"{pages}/{kind.task}.html")
    failed = [seed for seed in range(SEEDS) if not does(browser, window, kind, seed)]
    assert len(failed) <= SEEDS * (1 - ENOUGH), f"failed with seeds {failed}"
