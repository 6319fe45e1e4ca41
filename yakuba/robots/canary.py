"""Every night each robot looks at its screens, up to the press that has an effect: who changed them is known before
the morning's work, not by it."""

from __future__ import annotations

from dataclasses import dataclass

from yakuba import clock
from yakuba.access import towns
from yakuba.robots import actions, queries
from yakuba.robots.browser import Browser
from yakuba.robots.compiling import shadow_items
from yakuba.robots.errors import RobotError
from yakuba.robots.marks import Known
from yakuba.robots.player import Player
from yakuba.robots.queries import Post

KNOWN, CHANGED, LOST, SKIPPED = "known", "changed", "lost", "skipped"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a robot found: its screens as it knew them; changed, and found by lower marks; lost, with the reason; or
    nothing to look with, because it has never done anything and nothing waits."""

    robot: str
    outcome: str
    why: str = ""


def look(town: str, post: Post) -> Looked:
    """Play the newest item of a robot once more in the browser, and stop before the press that has an effect."""
    name = f"{post.service}/{post.robot.robot}"
    with towns.inside(town):
        account = queries.account(post.system)
        items = shadow_items(post, 1)
        marks = Known(
            queries.marks(post.service, post.robot.robot),
            refused=queries.refused_marks(post.service, post.robot.robot),
        )
    if not items:
        return Looked(name, SKIPPED)
    with Browser() as browser:
        window = browser.window(wait=post.system.wait, pop_ups=post.system.pop_ups)
        player = Player(
            window, post.robot, post.system, address=account.address, secrets=account.secrets, marks=marks
        )
        try:
            player.sign_in()
            player.find(items[0])
            player.do(items[0], None)
        except RobotError as error:
            return Looked(name, LOST, str(error))
    with towns.inside(town):
        actions.learn(post, {}, {}, marks.healed, as_of=clock.now())
    changed = "; ".join(f"{one.label} → {one.now}" for one in marks.healed)
    return Looked(name, CHANGED if changed else KNOWN, changed)
