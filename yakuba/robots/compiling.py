"""The fast path: a robot whose screens are plain HTML forms works over HTTP, once it was proven item by item that it
would send what the browser sends. Nothing is registered while it is proven: the last press is caught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from yakuba import clock
from yakuba.access import towns
from yakuba.cases import queries as cases
from yakuba.cases.log import look_waiting
from yakuba.robots import actions, queries
from yakuba.robots.browser import Browser
from yakuba.robots.driver import Driver, Request
from yakuba.robots.errors import RobotError
from yakuba.robots.http import HttpDriver
from yakuba.robots.player import Item, Played, Player
from yakuba.robots.queries import Post, SignIn
from yakuba.robots.values import prepare
from yakuba.robots.written import Written

LEAST = 3
"""Items by which a robot must at least be proven."""


@dataclass(slots=True)
class Proof:
    """What came of comparing: `items` that were played in both ways, what differed in which, `shapes` of the screens."""

    items: int = 0
    differences: list[str] = field(default_factory=list)
    shapes: set[str] = field(default_factory=set)

    @property
    def holds(self) -> bool:
        """Is the robot proven?"""
        return self.items >= LEAST and not self.differences


def compile_robot(town: str, post: Post, *, shadow: int) -> Proof:
    """Play up to `shadow` items in the browser and over HTTP up to the press that has an effect, and compare every
    request. Where all are the same, the robot works over HTTP from now on. Raises NoAccount."""
    with towns.inside(town):
        account = queries.account(post.system)
        items = shadow_items(post, shadow)
    proof = prove(post, account, items)
    with towns.inside(town):
        if proof.holds:
            actions.keep_compiled(post, proof.shapes, proof.items, as_of=clock.now())
        else:
            actions.forget_compiled(post.service, post.robot.robot)
    return proof


def shadow_items(post: Post, most: int) -> list[Item]:
    """Items to compare with: those that wait, and those that were done, the newest first."""
    waiting = prepare(look_waiting(post.service, post.step, most), post.robot, post.system)
    items = [one.item for one in waiting if isinstance(one.item, Item)]
    for mark, typed in cases.entered(post.system.system, post.service, most - len(items)):
        if set(typed) == set(post.robot.values):
            values = {
                name: Written(text, masked=post.robot.values[name].masked) for name, text in typed.items()
            }
            items.append(Item(mark, values))
    return items[:most]


def prove(post: Post, account: SignIn, items: Sequence[Item]) -> Proof:
    """Play the items in both ways."""
    proof = Proof()
    with Browser() as browser:
        window = browser.window(wait=post.system.wait, pop_ups=post.system.pop_ups)
        plain = HttpDriver(wait=post.system.wait)
        plain.learns = True
        drivers: tuple[Driver, Driver] = (window, plain)
        players = [
            Player(one, post.robot, post.system, address=account.address, secrets=account.secrets)
            for one in drivers
        ]
        for player in players:
            player.rehearses = True
        for item in items:
            ways = []
            for player, sent in zip(players, (window.sent, plain.sent), strict=True):
                try:
                    ways.append(_play(player, item, sent))
                except RobotError as error:
                    proof.differences.append(f"{item.key}: {type(player.driver).__name__}: {error}")
            if len(ways) == 2:
                proof.items += 1
                proof.differences += _differences(item, *ways)
        proof.shapes = plain.shapes
        plain.close()
    return proof


@dataclass(frozen=True, slots=True)
class _Way:
    """How an item went: every request, the last one that was caught, and what was shown before it."""

    requests: tuple[Request, ...]
    last: Request | None
    shown: tuple[str, ...]


def _play(player: Player, item: Item, sent: list[Request]) -> _Way:
    player.sign_in()
    sent.clear()
    if player.find(item):
        player.check(item)
    played: Played = player.do(item, None)
    return _Way(tuple(sent), played.would_send, played.shown)


def _differences(item: Item, browser: _Way, plain: _Way) -> list[str]:
    found = []
    if len(browser.requests) != len(plain.requests):
        found.append(
            f"{item.key}: {len(browser.requests)} requests in the browser, {len(plain.requests)} over HTTP"
        )
    pairs = [*zip(browser.requests, plain.requests, strict=False), (browser.last, plain.last)]
    for number, (ours, theirs) in enumerate(pairs, start=1):
        if ours is None or theirs is None or not ours.same_as(theirs):
            found.append(
                f"{item.key}: request {number} differs{_where(ours, theirs)}: {_said(ours)} / {_said(theirs)}"
            )
    if browser.shown != plain.shown:
        found.append(f"{item.key}: the last screens differ")
    return found


def _where(ours: Request | None, theirs: Request | None) -> str:
    """The fields in which two requests with the same names differ."""
    if ours is None or theirs is None:
        return ""
    hidden = ours.hidden | theirs.hidden
    pairs = zip(ours.pairs, theirs.pairs, strict=False)
    return f" in {[one[0] for one, other in pairs if one != other and one[0] not in hidden]}"


def _said(request: Request | None) -> str:
    """What was sent, values left out: they are people's."""
    if request is None:
        return "nothing"
    return f"{request.method} {request.url} {[name for name, _ in request.pairs]}"
