"""Robots rehearsed: a synthetic town with a queue, a practice welfare system, and somebody who kills the robots."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.events import TaskReleased
from yakuba.cases.state import FAILED, OPEN
from yakuba.declare import RobotFile, SystemFile
from yakuba.register import queries as register
from yakuba.robots import queries as robot_queries
from yakuba.robots.browser import Browser
from yakuba.robots.errors import RobotError
from yakuba.robots.marks import Known, Mark
from yakuba.robots.player import Item, Player
from yakuba.robots.screen import said
from yakuba.simulators.legacy import BOOKS, KEY, LAYOUTS, PASSWORD, USER, Legacy, read_ledger, serve
from yakuba.site import demo
from yakuba.site.sample import sample

SERVICE, STEP = "child-allowance", "ledger"
BEAT = 0.2
"""Seconds between signs of life while robots are killed on purpose: what a dead one held is free after three."""


BRISK, SLOW_NIGHT = 0.02, 0.3
"""Seconds that a page of the practice system takes while robots are killed."""
TRIES = 10
"""How many robots are started after the killing, one after another, until nothing waits any more."""


# -- the queue -------------------------------------------------------------------------------------------
def parent(number: int, day: datetime) -> dict[str, Any]:
    """What a synthetic parent of one or two children answers who is granted child allowance."""
    born = f"{day.year - 3}-0{number % 8 + 1}-15"
    child = {
        "name": f"見本　子{number}", "birth_date": born, "relation": "own", "living_together": True,
        "cared_for": True, "in_japan": True, "in_institution": False,
    }  # fmt: skip
    return {
        "applicant": {
            "name": f"見本　親{number}", "kana": "ミホン オヤ", "birth_date": "1990-04-01", "resident": True,
            "address": "1番地", "postal_code": "9990001", "public_servant": False, "parent_role": "higher_income",
        },
        "claim": {"reason": "other"},
        "children": [child] * (1 + number % 2),
        "account": {"bank": "0001", "branch": "001", "type": "1", "number": "1234567", "holder": "ミホン オヤ"},
    }  # fmt: skip


def fill_queue(town: str, count: int, *, name: str, as_of: datetime) -> None:
    """So many granted claims that wait for the robot; the same name again adds none."""
    service = catalogue.service(SERVICE)
    by = SYSTEM(town)
    with towns.inside(town):
        cases.open_cases(
            [
                (
                    service,
                    cases.opening(
                        service,
                        parent(number, as_of),
                        channel="counter",
                        key=f"{name}:{number}",
                        identified=True,
                        evidence="見本",
                    ),
                    (),
                )
                for number in range(count)
            ],
            by=by,
            as_of=as_of,
        )
    jobs.work_waiting(town, SERVICE, "decide", as_of=as_of)


# -- the ledger beside the log -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Compared:
    """The ledgers of the old systems beside the log: `recorded` in the log, `registered` in the ledgers; `missing`: in the
    log only; `double`: registered more than once; `unknown`: in the ledger, but not in the log; `waiting` for a robot;
    `held` for a person."""

    recorded: int
    registered: int
    missing: int
    double: int
    unknown: int
    waiting: int
    held: int


def compare(town: str, folder: Path) -> Compared:
    """Count both sides, system by system, by the reference number of the case. `folder`: of all ledgers."""
    totals = Counter[str]()
    with towns.inside(town):
        for post in (one for one in robot_queries.posts() if one.system.system in BOOKS):
            totals.update(
                _compared(post, Counter(row[KEY] for row in read_ledger(folder / post.system.system)))
            )
    return Compared(**{each.name: totals[each.name] for each in fields(Compared)})


def _compared(post: robot_queries.Post, ledger: Counter[str]) -> dict[str, int]:
    recorded = case_queries.entered_references(post.service, post.step)
    return {
        "recorded": len(recorded),
        "registered": sum(ledger.values()),
        "missing": len(recorded - ledger.keys()),
        "double": sum(1 for times in ledger.values() if times > 1),
        "unknown": len(ledger.keys() - recorded),
        "waiting": case_queries.step_count(post.service, post.step, OPEN),
        "held": case_queries.step_count(post.service, post.step, FAILED),
    }


# -- killing robots --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Chaos:
    """What came of killing robots: `items` of the queue, `kills` by SIGKILL, both sides compared; `given_back`: tasks
    that dead robots held and that went back to the queue."""

    items: int
    kills: int
    missing: int
    double: int
    held: int
    done: int
    given_back: int
    seconds: float


def chaos(items: int, kills: int, *, var: Path, driver: str, seed: int, say: Any) -> Chaos:
    """Let two robots at a time work a queue of `items`, kill `kills` of them (SIGKILL) at random moments while they
    work, let the rest be done, and compare. The town is made anew in `var`. The old system is slow whenever the work runs
    ahead of the killing, so that there is work to be killed at until the end."""
    began = time.monotonic()
    chance = random.Random(seed)
    town, now = demo.TOWN, clock.now()
    legacy = Legacy(var / "legacy" / "welfare")
    server = serve(legacy)
    os.environ["YAKUBA_OLD_SYSTEMS_PORT"] = str(server.server_port)
    if town not in register.town_codes():
        demo.make_towns(now)
    fill_queue(town, items, name="chaos", as_of=now)
    killed, robots = 0, list[_Robot]()
    while killed < kills and (waits := _waits(town)):
        ahead = (items - waits) / items > killed / kills
        legacy.mood.slow = SLOW_NIGHT if ahead else BRISK
        robots = [one for one in robots if one.alive()]
        while len(robots) < 2:
            robots.append(_Robot(driver))
        victim = chance.choice(robots)
        if victim.ready():
            time.sleep(chance.uniform(0.0, 0.5))
            killed += victim.kill()
            say(f"{killed} of {kills} killed, {_waits(town)} of {items} wait")
    legacy.mood.slow = BRISK
    for one in robots:
        one.wait()
    for _ in range(TRIES):  # what dead ones held may be free only after the first has looked
        if _waits(town):
            _Robot(driver).wait()
    server.shutdown()
    found = compare(town, var / "legacy")
    with towns.inside(town):
        given_back = case_queries.happened_count(TaskReleased.kind, "system")
    return Chaos(
        items, killed, items - found.recorded - found.held + found.missing + found.unknown, found.double, found.held, found.recorded, given_back,
        round(time.monotonic() - began, 1),
    )  # fmt: skip


def _waits(town: str) -> int:
    with towns.inside(town):
        return case_queries.step_count(SERVICE, STEP, OPEN)


class _Robot:
    """A robot in a process of its own."""

    def __init__(self, driver: str):
        command = [sys.executable, "-m", "yakuba.site.cli", "robots", "run", "--service", SERVICE, "--once"]
        chosen = ["--driver", driver, "--beat", str(BEAT), "--town", demo.TOWN]
        self._process = subprocess.Popen(
            [*command, *chosen],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def alive(self) -> bool:
        return self._process.poll() is None

    def ready(self) -> bool:
        """Wait until it says that it works; False when it ended before."""
        return bool(self._process.stderr and self._process.stderr.readline())

    def kill(self) -> bool:
        """Kill it and its browser the hard way; False when it had ended by itself."""
        if not self.alive():
            return False
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return True

    def wait(self) -> None:
        self._process.communicate()


def as_json(found: Chaos | Compared) -> str:
    """For a machine."""
    return json.dumps(asdict(found), ensure_ascii=False)


def lines(found: Chaos | Compared) -> Sequence[str]:
    """For a person."""
    return [f"{name}: {value}" for name, value in asdict(found).items()]


# -- changed screens --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Healing:
    """One changed screen: what was changed; whether the robot came through by its `labels`, was `healed` by lower marks
    (and which), or `held` the item with a reason; `right`: whether what is registered is what was to be."""

    layout: str
    outcome: str
    right: bool
    marks: Sequence[str]
    reason: str


def heal_demo(var: Path) -> list[Healing]:
    """Let the robot of the demo learn the screens as they are, and then meet each changed one."""
    declared = catalogue.current()
    robot, system = declared.robots[SERVICE, STEP], declared.systems["welfare"]
    legacy = Legacy(var / "healing")
    server = serve(legacy)
    address = f"http://127.0.0.1:{server.server_port}/"
    secrets = {"user": USER, "password": PASSWORD}
    found: list[Healing] = []
    known: dict[tuple[str, str], Mark] = {}
    with Browser() as browser:
        for number, layout in enumerate(LAYOUTS):
            legacy.mood.layout = number
            window = browser.window(wait=system.wait, pop_ups=system.pop_ups)
            marks = Known(known)
            player = Player(window, robot, quick(system), address=address, secrets=secrets, marks=marks)
            one = sample(robot, system, f"heal-{number}")
            reason = ""
            try:
                player.sign_in()
                player.find(one)
                player.do(one, lambda picture: None)
                player.find(one)
                player.check(one)
            except RobotError as error:
                reason = str(error)
            window.close()
            if number == 0:
                known = dict(player.seen)
                continue
            found.append(_healing(layout.about, legacy.found(one.key), one, robot, marks, reason))
    server.shutdown()
    return found


def _healing(
    about: str, rows: Sequence[Mapping[str, str]], one: Item, robot: RobotFile, marks: Known, reason: str
) -> Healing:
    """What came of it, judged by the ledger and not by what the robot says."""
    verify = next(step.verify for step in robot.check if step.verify) or {}
    wanted = {label: one.values[name].text for label, name in verify.items()}
    right = all(said(row[label]) == said(text) for row in rows for label, text in wanted.items())
    if reason:
        outcome = "held"
    else:
        outcome = "healed" if marks.healed else "labels"
        right = right and len(rows) == 1
    return Healing(
        about, outcome, right, [f"{m.label} → {m.now} ({', '.join(m.by)})" for m in marks.healed], reason
    )


def quick(system: SystemFile) -> SystemFile:
    """The system with little patience: what is not there at once will not come."""
    return system.model_copy(update={"wait": 1})
