"""A person shows how one case is entered, and a robot is made of it: the window, what is known of the case, the draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yakuba import clock
from yakuba.access import towns
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.declare import RobotFile, SystemFile
from yakuba.robots import actions, queries
from yakuba.robots.browser import Browser, BrowserDriver, shows_windows
from yakuba.robots.drafting import Draft, Unfinished, draft, known_values
from yakuba.robots.player import Player
from yakuba.robots.recorder import Recorder

ANY_POP_UP = ("",)
"""A person sees pop-ups; while somebody shows, all are answered with OK and noted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The robot that is to be made, in which system it works, and the case that is entered meanwhile."""

    town: str
    service: str
    robot: str
    system: str
    reference: str


def record(
    asked: Asked,
    *,
    commit: str = "",
    say: Callable[[str], None],
    show: Callable[[Browser, BrowserDriver], None] | None = None,
) -> Draft:
    """Sign in, watch until the window is closed, and draft the robot. `show`: does it in place of a person, where no
    window is seen. Raises Unfinished, NoAccount, RobotError."""
    if show is None and not shows_windows():
        raise Unfinished("No screen is here to show a window on: record on a computer with one.")
    now = catalogue.current()
    system = now.systems.get(asked.system)
    if system is None or asked.service not in now.services:
        raise Unfinished(
            f"There is no service {asked.service!r} or no system {asked.system!r}. "
            f"Systems: {', '.join(sorted(now.systems))}."
        )
    with towns.inside(asked.town):
        case = cases.by_reference(asked.reference)
        if case is None:
            raise Unfinished(f"The town has no case {asked.reference}.")
        known = known_values(catalogue.service(asked.service), cases.state(case), now.vocabulary)
        account = queries.account(system)
    with Browser(visible=show is None) as browser:
        window = browser.window(wait=system.wait, pop_ups=ANY_POP_UP)
        nothing = _nothing(asked, system)
        Player(window, nothing, system, address=account.address, secrets=account.secrets).sign_in()
        recorder = Recorder(browser, window)
        say("Enter the case, search for it, open what you find, and close the window.")
        if show is None:
            recorder.until_closed()
        else:
            show(browser, window)
        seen = recorder.stop()
    found = draft(seen, robot=asked.robot, system=system, known=known, commit=commit)
    with towns.inside(asked.town):
        post = queries.Post(asked.service, "", found.file, system)
        actions.learn(post, found.marks, {}, (), as_of=clock.now())
    return found


def _nothing(asked: Asked, system: SystemFile) -> RobotFile:
    """A robot that only signs in."""
    name = dict.fromkeys(("ja", "easy", "en"), asked.robot)
    return RobotFile.model_validate(
        {"robot": asked.robot, "name": name, "system": system.system, "key": "", "values": {}, "do": []}
    )
