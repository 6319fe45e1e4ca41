"""Residents' pages on a 2G line, in a real Chromium that Chrome's own protocol slows down (250 kbit/s down, 50 up, 300 ms).

Measured is the time from asking until everything is there, pictures too (the event `load`), of the first page that anybody opens,
with nothing kept, and of pages after it, as somebody opens them on the way to a request. The limit is a person's
patience: ten seconds for the first page, five for each after it (Nielsen, Usability Engineering, 1993, chapter 5: ten seconds keep
attention). Bytes are those on the line, packed, heads included.

    python -m bench.reach
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.server import VAR, fresh
from yakuba.robots.browser import QUIET, chromium
from yakuba.site.neighbours import near, wait_for

TOWN, PORT = "394262", 8076
DOWN, UP, LATENCY = 250_000 / 8, 50_000 / 8, 300
"""Bytes a second and milliseconds of Chrome's former profile "Regular 2G"."""
FIRST, NEXT = 10.0, 5.0
HEARD = 500
"""Milliseconds until the browser has told of all that it loaded."""
WAY = (
    "services/",
    "services/?topic=child",
    "services/child-allowance/",
    "finder/",
    "chat/",
    "resume/",
    "status/",
)


def measure() -> list[dict[str, Any]]:
    """The first page, the slowest of those after it, and the first screen of a form."""
    address = fresh("reach")
    subprocess.run([sys.executable, "-m", "bench.reach", "prepare"], env=_environment(address), check=True)
    with _served(address), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=QUIET)
        page = browser.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP").new_page()
        page.goto(f"http://127.0.0.1:{PORT}/healthz")
        page.request.get(_at(""))  # the catalogue is read
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        heard: list[float] = []
        line.on("Network.loadingFinished", lambda said: heard.append(said["encodedDataLength"]))
        line.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP},
        )
        took, weighs = {"first": _opened(page, _at(""))}, {"first": 0.0}
        page.wait_for_timeout(HEARD)
        weighs["first"] = sum(heard)
        for where in WAY:
            heard.clear()
            took[where] = _opened(page, _at(where))
            page.wait_for_timeout(HEARD)
            weighs[where] = sum(heard)
        _opened(page, _at("services/call-back/"))
        heard.clear()
        begun = time.perf_counter()
        page.get_by_role("button", name="申請を始める").click()
        page.wait_for_url("**/draft/**", wait_until="load")
        took["form"] = time.perf_counter() - begun
        page.wait_for_timeout(HEARD)
        weighs["form"] = sum(heard)
        browser.close()
    said = {name: {"seconds": round(took[name], 2), "bytes": round(weighs[name])} for name in took}
    print(json.dumps(said, ensure_ascii=False), file=sys.stderr)
    slowest = max(WAY, key=lambda where: took[where])
    return [
        _row("reach.first_page", took["first"], FIRST),
        _row(f"reach.next_page ({slowest})", took[slowest], NEXT),
        _row("reach.form", took["form"], NEXT),
    ]


def _row(name: str, seconds: float, limit: float) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(seconds, 2),
        "peer": limit,
        "peer_version": "a person's patience",
        "ratio": round(seconds / limit, 3),
        "limit": "<= 1",
        "ok": seconds <= limit,
        "command": "python -m bench.reach",
    }


def _at(where: str) -> str:
    return f"http://127.0.0.1:{PORT}/{TOWN}/{where}"


def _opened(page: Page, where: str) -> float:
    """Seconds until all of a page is there."""
    begun = time.perf_counter()
    page.goto(where, wait_until="load", timeout=60_000)
    return time.perf_counter() - begun


def _environment(address: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": address,
        "YAKUBA_VAR": str(VAR / "reach"),
        "DJANGO_SETTINGS_MODULE": "yakuba.site.settings",
    }


@contextmanager
def _served(address: str) -> Iterator[None]:
    """The site under its own gunicorn command, while it is needed. Raises OSError where somebody else answers on the port."""
    from yakuba.site.commands import web_server

    if near(PORT) != PORT:
        raise OSError(f"port {PORT} is taken: another site would be measured")
    server = subprocess.Popen(web_server("127.0.0.1", PORT, 1), env=_environment(address))
    try:
        wait_for(PORT)
        yield
    finally:
        server.terminate()
        server.wait(timeout=60)


def prepare() -> None:
    """A small synthetic town."""
    import django

    django.setup()
    from yakuba import clock
    from yakuba.register import actions as register
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    register.create_town(TOWN, 200, 1, as_of=clock.now().date())


if __name__ == "__main__":
    if sys.argv[1:] == ["prepare"]:
        prepare()
    else:
        print(json.dumps(measure(), ensure_ascii=False, indent=1))
