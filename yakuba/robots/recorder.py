"""Watches a person at the old system's screens: what was typed, chosen and pressed, on which screen.

Playwright's own codegen says what was done and by which selector. Here its selectors become elements of the screens as
the robots see them, with their labels and all their marks.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from playwright.sync_api import Error, Locator, Page

from yakuba.robots.browser import Browser, BrowserDriver
from yakuba.robots.errors import NoAnswer
from yakuba.robots.screen import Element, Screen

_SHOWS = """for (const on of ['DOMContentLoaded', 'pointerdown'])
  addEventListener(on, () => window.yakubaShown(document.documentElement.outerHTML), true)"""
"""A page says how it looks when it is there, and once more when something is about to be pressed."""
_INTO_FRAME = " >> internal:control=enter-frame >> "
_FRAME_NAME = re.compile(r'name="([^"]+)"')
_CHANGES = re.compile(r" ?\[(?:active|ref=\w+|cursor=\w+|checked|selected)\]|: .*$|:$", re.MULTILINE)
"""What differs between two looks at the same page: references, focus, what was typed."""
LOOKED_AT = 8
"""How many of the last screens may be the one that something was done on."""
POLL = 200
"""Milliseconds between two looks whether the window was closed."""


@dataclass(frozen=True, slots=True)
class Did:
    """One thing that was done: `text` was typed or chosen; None: the element was pressed. `shown`: on which of the
    demonstration's screens."""

    element: Element
    text: str | None
    shown: int


@dataclass(slots=True)
class Demonstration:
    """All that was done, the screens in the order in which they came, and what pop-ups said."""

    did: list[Did] = field(default_factory=list)
    screens: list[Screen] = field(default_factory=list)
    pop_ups: list[str] = field(default_factory=list)


class Recorder:
    """Records what is done in a window from now on, until `stop`."""

    def __init__(self, browser: Browser, window: BrowserDriver):
        self._browser, self._window = browser, window
        self._shown: list[tuple[str, str]] = []
        self._actions: list[tuple[dict[str, Any], int]] = []
        browser.run(self._start)

    def _start(self) -> None:
        page = self._window.page
        page.context.expose_binding(
            "yakubaShown", lambda source, html: self._shows(source["frame"].name, html)
        )
        page.context.add_init_script(_SHOWS)
        for frame in page.frames:
            frame.evaluate(_SHOWS)
            self._shows(frame.name, frame.content())
        self._recording(page, "_start_recording", {"language": "jsonl"}, self)

    @staticmethod
    def _recording(page: Page, call: str, *given: object) -> None:
        """Playwright has no public name for it in Python; `tests/robots/test_recorder.py` holds it to what is used."""
        context: Any = page.context
        context._sync(getattr(context._impl_obj, call)(*given))

    def _shows(self, frame: str, html: str) -> None:
        if (frame, html) not in self._shown[-LOOKED_AT:]:
            self._shown.append((frame, html))

    def action_added(self, page: object, action: dict[str, Any], code: str) -> None:
        """Called by Playwright."""
        self._actions.append((action, len(self._shown)))

    def action_updated(self, page: object, action: dict[str, Any], code: str) -> None:
        """Called by Playwright: more was typed into the same field."""
        self._actions[-1:] = [(action, len(self._shown))]

    def until_closed(self) -> None:
        """Wait until somebody closes the window."""
        self._browser.run(self._until_closed)

    def _until_closed(self) -> None:
        page = self._window.page
        try:
            while not page.is_closed():
                page.wait_for_timeout(POLL)
        except Error:
            return  # closed while waiting

    def stop(self) -> Demonstration:
        """What was done, in order. Works too where the window, or its whole browser, is gone."""
        with suppress(NoAnswer):
            self._browser.run(self._stop)
        found = Demonstration([], [Screen(html) for _, html in self._shown], self._window.pop_ups())
        with Browser() as another:
            found.did = another.run(self._read, another.window().page)
        return found

    def _stop(self) -> None:
        if not self._window.page.is_closed():
            self._recording(self._window.page, "_stop_recording")

    def _read(self, page: Page) -> list[Did]:
        """Look up where everything was done, on the screens as they were: no script of theirs runs any more."""
        chromium = page.context.browser
        assert chromium is not None
        beside = chromium.new_context(java_script_enabled=False, offline=True).new_page()
        return [one for action, seen in self._actions for one in self._done(action, seen, beside)]

    # -- from selectors to elements ------------------------------------------------------------------------
    def _done(self, action: dict[str, Any], seen: int, beside: Page) -> list[Did]:
        if "selector" not in action:
            return []
        where = self._where(action, seen, beside)
        if where is None:
            return []
        shown, screen, path = where
        pressed = next((one for one in screen.pressables if one.path == path), None)
        named = next((one for one in screen.fields if path in (one.path, *one.paths)), None)
        if action["name"] == "click" and pressed:  # Enter in a field is a click on the form's button, too
            return [Did(pressed, None, shown)]
        text = _text(action, screen, named, path) if named else None
        return [Did(named, text, shown)] if named and text is not None else []

    def _where(self, action: dict[str, Any], seen: int, beside: Page) -> tuple[int, Screen, str] | None:
        """The screen on which it was done, and the path of the element there: of the last screens of that frame the
        one that looks most like what Playwright saw, for its word comes later than the next page may."""
        frame, _, selector = action["selector"].rpartition(_INTO_FRAME)
        named = _FRAME_NAME.search(frame)
        candidates: list[tuple[float, int, Screen, str]] = []
        for number in range(seen - 1, max(-1, seen - 1 - LOOKED_AT), -1):
            name, html = self._shown[number]
            if named and name != named[1]:
                continue
            beside.set_content(html, wait_until="commit")
            place = beside.locator(selector)
            if place.count() == 1:
                looks = _alike(beside.locator("body"), action.get("ariaSnapshot", ""))
                place.evaluate("e => e.setAttribute('data-yakuba', '')")
                screen = Screen(beside.content())
                (path,) = (screen.tree.getpath(e) for e in screen.root.xpath("//*[@data-yakuba]"))
                candidates.append((looks, number, screen, path))
        if not candidates:
            return None
        _, number, screen, path = max(candidates, key=lambda one: one[:2])
        return number, screen, path


def _alike(body: Locator, seen: str) -> float:
    """How much a page looks like what was seen, 0 to 1."""
    ours, theirs = (_CHANGES.sub("", text).split("\n") for text in (body.aria_snapshot(), seen))
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


def _text(action: dict[str, Any], screen: Screen, element: Element, path: str) -> str | None:
    """What was typed, or what the choice says that was made."""
    if element.role == "radio" and action["name"] in ("click", "check"):
        return element.options[element.paths.index(path)][0]
    if action["name"] == "select":
        chosen = (action.get("options") or [""])[0]
        return next((label for label, sent in element.options if chosen in (sent, label)), None)
    if element.role == "checkbox" and action["name"] in ("check", "uncheck"):
        return "1" if action["name"] == "check" else "0"
    return action.get("text") if action["name"] == "fill" else None
