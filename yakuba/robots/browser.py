"""The screens in the system's Chromium, through Playwright, without a window."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Dialog, Error, Frame, Locator, Page, Route, sync_playwright
from playwright.sync_api import TimeoutError as Late

from yakuba.robots.driver import Picture, Request
from yakuba.robots.errors import NoAnswer, NotOnScreen
from yakuba.robots.screen import Element, Screen

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
WITHOUT_WINDOWS = "chromium-headless-shell"
"""The same engine without all that draws windows: a third less work."""
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run", "--disable-extensions"]  # fmt: skip
"""`--no-sandbox`: Chromium refuses to start as root with it; only the town's own systems are opened."""
WINDOW = {"width": 1024, "height": 768}
GRACE = 0.05
"""Seconds in which a press that need not lead to another page may begin to do so."""
LOOK = 2
"""Milliseconds between two looks whether a page comes."""
R = TypeVar("R")


class NoChromium(RuntimeError):
    """No Chromium is installed on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No Chromium is there. Install it (Debian, Ubuntu: apt-get install chromium), or run bin/setup."
        )


def shows_windows() -> bool:
    """Is there a screen on which a window can be seen?"""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or sys.platform == "darwin"


def chromium(*, visible: bool = False) -> str:
    """Where the system's Chromium is; `visible`: one that can show windows. Raises NoChromium."""
    found = next(
        filter(None, map(shutil.which, CHROMIUMS if visible else (WITHOUT_WINDOWS, *CHROMIUMS))), None
    )
    if found is None:
        raise NoChromium
    return found


class Browser:
    """One Chromium, in a thread of its own: Playwright keeps an event loop there, where Django would not work."""

    def __init__(self, *, visible: bool = False) -> None:
        """`visible`: in a window of the screen. Raises NoChromium."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="browser")
        self._windows: list[BrowserDriver] = []
        try:
            self._driver, self._browser = self.run(self._start, visible)
        except BaseException:
            self._thread.shutdown()
            raise

    @staticmethod
    def _start(visible: bool) -> tuple[Any, Any]:
        driver = sync_playwright().start()
        return driver, driver.chromium.launch(
            executable_path=chromium(visible=visible), args=QUIET, headless=not visible
        )

    def run(self, what: Callable[..., R], *args: Any) -> R:
        """Do something in the browser's thread. Raises NoAnswer when the page does not come in time."""
        try:
            return self._thread.submit(what, *args).result()
        except Late as error:
            raise NoAnswer("time-out") from error
        except Error as error:
            raise NoAnswer(error.message.splitlines()[0][:200]) from error

    def window(self, *, wait: float = 10.0, pop_ups: Sequence[str] = ()) -> BrowserDriver:
        """A window with cookies of its own. `wait`: seconds until a page must be there; `pop_ups`: those that are
        answered with OK."""
        return self.run(BrowserDriver, self, self._browser, wait, pop_ups)

    def close(self) -> None:
        """End the browser."""
        try:
            self.run(self._browser.close)
            self.run(self._driver.stop)
        except NoAnswer:
            pass  # it is gone already
        finally:
            self._thread.shutdown()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BrowserDriver:
    """One window. Made by `Browser.window`."""

    may_change = True

    def __init__(self, browser: Browser, chromium: Any, wait: float, pop_ups: Sequence[str]):
        self._browser, self._allowed = browser, pop_ups
        self._context = chromium.new_context(viewport=WINDOW, locale="ja-JP", timezone_id="Asia/Tokyo")
        self._context.set_default_timeout(wait * 1000)
        self._wait = wait
        self._said: list[str] = []
        self._page: Page = self._context.new_page()
        self._page.on("dialog", self._pop_up)
        self._page.on("framenavigated", self._navigated)
        self._page.on("request", self._sent)
        self._arrivals, self._refused = 0, False
        self.sent: list[Request] = []
        self._frames: list[Frame] = []
        self._screens: list[Screen] | None = None
        self._typed: list[tuple[Locator, str]] = []

    @property
    def page(self) -> Page:
        """The window itself, to be used in the browser's thread only."""
        return self._page

    def _pop_up(self, dialog: Dialog) -> None:
        self._said.append(dialog.message)
        if any(allowed in dialog.message for allowed in self._allowed):
            dialog.accept()
        else:
            self._refused = True
            dialog.dismiss()

    def _navigated(self, frame: Frame) -> None:
        self._arrivals += 1

    def go(self, address: str) -> None:
        self._browser.run(self._go, address)

    def _go(self, address: str) -> None:
        self._screens, self._typed = None, []
        self._page.goto(address)
        self._arrived()

    def screens(self) -> Sequence[Screen]:
        return self._browser.run(self._look)

    def _look(self) -> list[Screen]:
        if self._screens is None:
            self._frames = [f for f in self._page.frames if not f.child_frames and not f.is_detached()]
            self._screens = [Screen(self._content(f), f.url, n) for n, f in enumerate(self._frames)]
        return self._screens

    def _content(self, frame: Frame) -> str:
        """What a frame holds; once it is there, where a script made it go on meanwhile."""
        try:
            return frame.content()
        except Late:
            raise
        except Error:
            frame.wait_for_load_state()
            return frame.content()

    def put(self, typed: Sequence[tuple[Element, str]]) -> list[str]:
        return self._browser.run(self._put, typed)

    def _put(self, typed: Sequence[tuple[Element, str]]) -> list[str]:
        self._look()
        return [self._put_one(element, value) for element, value in typed]

    def _put_one(self, element: Element, value: str) -> str:
        place = self._at(element)
        if element.role == "select":
            place.select_option(_option(element, value))
            return value
        if element.role == "radio":
            number = [value in option for option in element.options].index(True)
            self._frames[element.screen].locator(f"xpath={element.paths[number]}").check()
            return value
        if element.role == "checkbox":
            place.set_checked(value not in ("", "0"))
            return value
        place.fill(value)
        self._typed.append((place, value))
        return place.input_value()

    def press(self, element: Element) -> None:
        self._browser.run(self._press, element)

    def _press(self, element: Element) -> None:
        self._look()
        place = self._at(element)
        leads_on = element.leads_on
        self._screens, self._typed, self._refused = None, [], False
        before = self._arrivals
        place.click()
        self._wait_for_arrival(before, self._wait if leads_on else GRACE)
        self._arrived()

    def download(self, element: Element) -> Picture:
        return self._browser.run(self._download, element)

    def _download(self, element: Element) -> Picture:
        self._look()
        with self._page.expect_download() as coming:
            self._at(element).click()
        file = coming.value
        return Picture(Path(file.path()).read_bytes(), file.suggested_filename)

    def commits(self) -> None:
        """A browser shows whatever comes."""

    def would_send(self, element: Element) -> Request:
        return self._browser.run(self._would_send, element)

    def _would_send(self, element: Element) -> Request:
        """Press it while nothing gets out."""
        caught: list[Any] = []

        def stop(route: Route) -> None:
            caught.append(route.request)
            route.abort()

        self._look()
        before = len(self.sent)
        self._page.route("**/*", stop)
        try:
            self._at(element).click()
            end = time.monotonic() + self._wait
            while not caught and time.monotonic() < end:
                self._page.wait_for_timeout(LOOK)
        finally:
            self._page.unroute("**/*")
            del self.sent[before:]
        self._screens = None
        if not caught:
            raise NoAnswer("nothing was sent")
        return Request(caught[0].method, caught[0].url, caught[0].post_data or "")

    def _sent(self, request: Any) -> None:
        if request.is_navigation_request():
            self.sent.append(Request(request.method, request.url, request.post_data or ""))

    def _wait_for_arrival(self, before: int, seconds: float) -> None:
        """Until the next page has begun to come: a click in a frame does not wait for it. What a script does may bring
        none, and neither does a pop-up that was answered with no."""
        end = time.monotonic() + seconds
        while self._arrivals == before and not self._refused and time.monotonic() < end:
            self._page.wait_for_timeout(LOOK)

    def _at(self, element: Element) -> Locator:
        return self._frames[element.screen].locator(f"xpath={element.path}")

    def _arrived(self) -> None:
        for frame in self._page.frames:
            if not frame.is_detached():
                frame.wait_for_load_state()

    def look_again(self) -> None:
        """Look anew at what is shown: a script may have changed it meanwhile."""
        self._screens = None

    def pop_ups(self) -> list[str]:
        said, self._said = self._said, []
        return said

    def picture(self, covered: Sequence[str]) -> Picture:
        return self._browser.run(self._picture, covered)

    def _picture(self, covered: Sequence[str]) -> Picture:
        masks = [
            self._frames[screen.number].locator(f"xpath={path}")
            for screen in self._look()
            for text in covered
            for path in screen.showing(text)
        ]
        masks += [
            place for place, value in self._typed if value in covered
        ]  # what was typed stands in no attribute
        content = self._page.screenshot(type="jpeg", quality=50, mask=masks, animations="disabled")
        return Picture(content, "screen.jpg")

    def close(self) -> None:
        self._browser.run(self._context.close)


def _option(element: Element, value: str) -> str:
    for label, sent in element.options:
        if value in (label, sent):
            return sent
    raise NotOnScreen("choice", value, [label for label, _ in element.options], 0)
