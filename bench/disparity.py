"""The page of all municipalities with its map on a slow phone: what is sent, and until everything is drawn.

The real site under its own gunicorn command; Chromium as Lighthouse's slow 4G phone: 4 times slower than this machine, 1.6 Mbit/s
down, 150 ms until anything comes, nothing kept from before. The clock runs from the request until the load event and one more
drawn frame. The median of ROUNDS after a first visit that is not counted; beside it stands the limit of one second, and of 300 KB
before anything is compressed (page and style sheet). Reads the published table where it is at hand (docs/disparity.md).

    python -m bench.run disparity
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.server import fresh
from yakuba.robots.browser import chromium as where_chromium_is

PORT, WORKERS = 8074, 2
ROUNDS = 7
PHONE = {"width": 390, "height": 844}
SLOWER = 4
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
"""Lighthouse's "slow 4G" (docs/throttling.md of its repository): milliseconds, bytes a second."""
SECONDS, BYTES = 1.0, 300_000
PAGE = f"http://127.0.0.1:{PORT}/progress/disparity/?measure=online32&lang=ja"
SHEET = f"http://127.0.0.1:{PORT}/static/site/yakuba.css"
COMMAND = "python -m bench.run disparity"


def measure() -> list[dict[str, Any]]:
    """Bytes before compression, and seconds until the page is there."""
    with _served(), sync_playwright() as engine:
        size = sum(len(urllib.request.urlopen(where).read()) for where in (PAGE, SHEET))
        chromium = engine.chromium.launch(executable_path=where_chromium_is(), args=["--no-sandbox"])
        took = [_visit(chromium) for _ in range(ROUNDS + 1)][1:]
        chromium.close()
    seconds = statistics.median(took)
    return [
        _row("disparity.bytes of page, map and style sheet", size, BYTES),
        _row("disparity.seconds on a slow phone", round(seconds, 3), SECONDS),
    ]


def _visit(chromium: Browser) -> float:
    """Seconds of one first visit."""
    context = chromium.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, locale="ja-JP")  # type: ignore[arg-type]
    page = context.new_page()
    phone = context.new_cdp_session(page)
    phone.send("Network.enable")
    phone.send("Network.emulateNetworkConditions", NETWORK)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(PAGE, wait_until="load")
    took = page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
    )
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    painted = page.evaluate("Math.max(...performance.getEntriesByType('paint').map(one => one.startTime))")
    context.close()
    return min(float(took), max(float(loaded), float(painted))) / 1000


@contextmanager
def _served() -> Iterator[None]:
    """The site, while it is needed."""
    from yakuba.site.commands import web_server

    environment = os.environ | {"DATABASE_URL": fresh("disparity"), "YAKUBA_VAR": "var/bench"}
    environment.setdefault("YAKUBA_PROGRESS_DATA", str(_table()))
    server = subprocess.Popen(web_server("127.0.0.1", PORT, WORKERS), env=environment)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(PAGE, timeout=20)
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(timeout=60)


def _table() -> Any:
    """Where the published table lies. Raises NoTable."""
    from yakuba.progress.disparity import table

    return table.find()


def _row(name: str, ours: float, limit: float) -> dict[str, Any]:
    """A measurement beside the limit that it must keep."""
    return {
        "name": name,
        "ours": ours,
        "peer": "",
        "peer_version": "",
        "ratio": round(ours / limit, 3),
        "limit": limit,
        "ok": ours <= limit,
        "command": COMMAND,
    }
