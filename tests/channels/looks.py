"""How pages are looked at in a real Chromium: at which sizes, in which languages, and what must not be found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Locator, Page

LANGUAGES = ("ja", "easy", "en")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
ALL_RULES = {"resultTypes": ["violations"]}
CONTRAST = "color-contrast"
#: What else may differ at another width; all other rules see the same page.
LAYOUT = ("target-size", "scrollable-region-focusable", "link-in-text-block")
WITHOUT_CONTRAST = {**ALL_RULES, "rules": {CONTRAST: {"enabled": False}}}
OF_A_DESK = {**ALL_RULES, "runOnly": [CONTRAST, *LAYOUT]}
#: In which language what is looked for, and how wide. Contrast takes most of axe's time, furigana make it four times as long, and no
#: colour depends on the language (see `tests/site/test_style_sheet.py`): on a phone it is looked for in English. What differs by
#: width is looked at once more on a desk.
LOOKS = {"easy": (PHONE, WITHOUT_CONTRAST), "en": (PHONE, ALL_RULES), "ja": (DESK, OF_A_DESK)}
#: The same for a page that is looked at in one language only.
ALONE = ((PHONE, ALL_RULES), (DESK, OF_A_DESK))
#: Width in pixels, size of letters chosen on the page, size of letters chosen in the browser.
WIDTHS = {
    "320 pixels, as a 1280 pixel window is at 400 %": (320, "normal", ""),
    "320 pixels with the larger letters of the page": (320, "large", ""),
    "letters of twice the size (WCAG 1.4.4)": (640, "normal", "200%"),
}


def violations(page: Page, name: str, *, alone: bool = True) -> list[str]:
    """What axe finds on an open page, at both widths. Not `alone`: the page is looked at in all three languages, in each for what
    is looked for in that."""
    page.emulate_media(reduced_motion="reduce")  # a colour on its way to another has the contrast of neither
    page.evaluate(Axe().axe_script)
    language = page.evaluate("document.documentElement.dataset.lang")
    looks = ALONE if alone else (LOOKS[language],)
    found = []
    for size, options in looks:
        page.set_viewport_size(size)
        for one in page.evaluate("options => axe.run(options)", options)["violations"]:
            nodes = [node["html"][:120] for node in one["nodes"]]
            found.append(f"{name} at {size['width']} pixels: {one['id']} {nodes}")
    return found


def follow(control: Locator) -> None:
    """Press what leads to another page, and wait for that page: a click alone returns while the old one is still there."""
    with control.page.expect_navigation():
        control.click()


def send_now(page: Page) -> None:
    """The line is back, and somebody presses the button that sends what waits, unless the page has heard of the line first, sent
    by itself and gone on: then there is nothing left to press."""
    page.context.set_offline(False)
    with suppress(Error):
        page.get_by_role("button", name="今すぐ送る").click(timeout=2_000)


def too_wide(page: Page, name: str) -> list[str]:
    """Where an open page scrolls sideways on a narrow screen or with large letters."""
    found = []
    for how, (width, size, letters) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 256})
        page.evaluate(
            "([size, letters]) => { document.documentElement.dataset.size = size;"
            "document.documentElement.style.fontSize = letters; }",
            [size, letters],
        )
        if (wide := page.evaluate("document.scrollingElement.scrollWidth")) > width:
            found.append(f"{name}, {how}: {wide} pixels wide")
    return found


# -- pages of people who are signed in ---------------------------------------------------------------
Pages = Mapping[str, tuple[str, str]]
"""What each page is called: who opens it, and where below `staff/`."""


@contextmanager
def signed_in(chromium: Browser, served: str, sessions: Mapping[str, str]) -> Iterator[dict[str, Page]]:
    """A page in a browser for each session."""
    opened = {}
    for who, session in sessions.items():
        context = chromium.new_context(viewport=DESK, locale="ja-JP")
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "yakuba_session", "value": session, "url": served, "httpOnly": True}])
        opened[who] = context.new_page()
    yield opened
    for page in opened.values():
        page.context.close()


def everything_open(page: Page) -> None:
    """Open all that can be opened."""
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")


def _each(
    pages: Pages, browsers: Mapping[str, Page], served: str, language: str
) -> Iterator[tuple[str, Page]]:
    for name, (who, where) in pages.items():
        page = browsers[who]
        answer = page.goto(f"{served}/staff/{where}{'&' if '?' in where else '?'}lang={language}")
        assert answer is not None
        assert answer.ok, name
        everything_open(page)
        yield name, page


def all_violations(
    pages: Pages, browsers: Mapping[str, Page], served: str, language: str, *, alone: bool = False
) -> str:
    """What axe finds on all pages in one language, a line for each. `alone`: nobody looks at them in the others."""
    return "\n".join(
        found
        for name, page in _each(pages, browsers, served, language)
        for found in violations(page, name, alone=alone)
    )


def all_too_wide(pages: Pages, browsers: Mapping[str, Page], served: str) -> str:
    """Where pages scroll sideways, in the language with the longest words, a line for each."""
    return "\n".join(
        found for name, page in _each(pages, browsers, served, "easy") for found in too_wide(page, name)
    )
