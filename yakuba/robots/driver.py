"""What a robot needs of whatever shows it the screens: a browser, or a plain HTTP client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol
from urllib.parse import urlsplit

from yakuba.robots.errors import NotOnScreen
from yakuba.robots.screen import Element, Screen


@dataclass(frozen=True, slots=True)
class Picture:
    """How the screens look, for people: an image, or the page itself where nothing is drawn; or a file that was
    downloaded."""

    content: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a press sends. `hidden`: names of fields that the page filled in itself, with values of this session."""

    method: str
    url: str
    body: str
    hidden: frozenset[str] = frozenset()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values, still encoded as they are sent."""
        sent = self.body or urlsplit(self.url).query
        return [(name, value) for name, _, value in (one.partition("=") for one in sent.split("&")) if name]

    def same_as(self, other: Request) -> bool:
        """Do both send the same, but for what the pages of each session filled in?"""
        hidden = self.hidden | other.hidden
        shown = [
            (one.method, urlsplit(one.url).path, [(n, "" if n in hidden else v) for n, v in one.pairs])
            for one in (self, other)
        ]
        return shown[0] == shown[1]


class Still:
    """What drivers have in common that show nothing which moves."""

    may_change = False

    def pop_ups(self) -> list[str]:
        return []

    def look_again(self) -> None:
        """Nothing changes."""

    def close(self) -> None:
        """Nothing is open."""

    def commits(self) -> None:
        """Nothing is different then."""

    def _none(self, *_: object) -> NoReturn:
        raise NotOnScreen("screen", "", [], 0)


class NoScreens(Still):
    """The driver of a robot whose steps are all in Python: there is nothing to see or to press."""

    def screens(self) -> Sequence[Screen]:
        return []

    def picture(self, covered: Sequence[str]) -> Picture:
        return Picture(b"", "screen.txt")

    go = put = press = download = would_send = Still._none


class Driver(Protocol):
    """Shows screens, fills fields, presses buttons. Every call may raise errors.NoAnswer. `may_change`: whether what is
    shown can change by itself, so that it is worth looking again."""

    may_change: bool

    def go(self, address: str) -> None:
        """Open an address in the whole window."""

    def screens(self) -> Sequence[Screen]:
        """What is shown now: the page, or each of its frames."""

    def put(self, typed: Sequence[tuple[Element, str]]) -> list[str]:
        """Fill fields; returns what each holds afterwards. A choice is named by what it says, or by its value."""

    def press(self, element: Element) -> None:
        """Press a button or follow a link, and wait for what it brings."""

    def download(self, element: Element) -> Picture:
        """The file that pressing it gives."""

    def commits(self) -> None:
        """The next press is the one with an effect."""

    def would_send(self, element: Element) -> Request:
        """What pressing it would send; nothing is sent."""

    def pop_ups(self) -> list[str]:
        """What pop-ups said since this was asked last; they were accepted where that was allowed."""

    def picture(self, covered: Sequence[str]) -> Picture:
        """How it looks now, with every place that shows one of these texts covered."""

    def look_again(self) -> None:
        """Forget what was shown: it may have changed meanwhile."""

    def close(self) -> None:
        """Let go of everything."""
