"""A catalogue of 1,000 services: how long a process takes until it has it, and what a page with a search costs beside a
catalogue of 10.

The thousand are the project's own services, again and again under other names. It is read as a process of the site reads
it: kept from a reading before (`declare.compiled`), with nothing else in memory. The page is `services/?q=`, by Django's
test client, both catalogues in turn in one process on an embedded server.

    python -m bench.run catalogue
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.server import VAR, fresh

MANY, FEW = 1_000, 10
ROUNDS, PAGES = 9, 40
SECONDS, DEARER = 2.0, 1.2
TOWN = "394262"
QUERIES = tuple(f"第{number}号" for number in (1, 3, 5, 7, 9))
"""Each finds one service in either catalogue, so that both pages show the same."""
NAME = re.compile(r"^name:\s*\{?\s*ja: ['\"]?", re.MULTILINE)
READ = "from pathlib import Path; import sys; from yakuba import declare; declare.load_catalogue(Path(sys.argv[1]), keep_in=Path(sys.argv[2]))"


def measure() -> list[dict[str, Any]]:
    """Seconds of a fresh process, less those of one that reads a catalogue of ten; and the ratio of the two pages."""
    folders = {count: _catalogue(count) for count in (MANY, FEW)}
    command = "python -m bench.run catalogue"
    took = {count: _read(folder) for count, folder in folders.items()}
    ours = took[MANY] - took[FEW]
    pages = _pages(folders)
    ratio = pages[MANY] / pages[FEW]
    return [
        {"name": f"catalogue of {MANY:,}, loaded (s)", "ours": round(ours, 2), "peer": "", "peer_version": "", "ratio": "",
         "limit": f"< {SECONDS:g}", "ok": ours < SECONDS, "command": command},
        {"name": "catalogue, page with search (ms)", "ours": round(pages[MANY] * 1e3, 2), "peer": round(pages[FEW] * 1e3, 2),
         "peer_version": f"a catalogue of {FEW}", "ratio": round(ratio, 3), "limit": f"<= {DEARER}", "ok": ratio <= DEARER,
         "command": command},
    ]  # fmt: skip


def _catalogue(count: int) -> Path:
    """A folder of so many services, and what was read of it kept beside it."""
    from yakuba import declare

    root = VAR / f"catalogue-{count}" / "services"
    shutil.rmtree(root.parent, ignore_errors=True)
    own = sorted(path.parent for path in declare.load.ROOT.glob("*/examples.yaml"))
    shutil.copytree(declare.load.ROOT / "shared", root / "shared")
    for number in range(count):
        source = own[number % len(own)]
        name = source.name if number < len(own) else f"{source.name}-{number}"
        shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("robots"))
        file = root / name / "service.yaml"
        text = file.read_text("utf-8").replace(f"service: {source.name}\n", f"service: {name}\n", 1)
        file.write_text(NAME.sub(rf"\g<0>第{number}号 ", text, count=1), "utf-8")
    declare.load_catalogue(root, keep_in=root.parent / "catalogue")
    return root


def _read(root: Path) -> float:
    """Wall time of a process that reads the catalogue and ends, the median of ROUNDS."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", READ, str(root), str(root.parent / "catalogue")], check=True)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _pages(folders: dict[int, Path]) -> dict[int, float]:
    """Seconds of a page with a search, the median of ROUNDS rounds in which both take turns."""
    os.environ |= {"DATABASE_URL": fresh("catalogue"), "YAKUBA_VAR": str(VAR), "YAKUBA_LOG_LEVEL": "CRITICAL"}
    from yakuba.site.cli import prepare

    prepare()
    from django.conf import settings
    from django.test import Client

    from yakuba import clock
    from yakuba.cases import catalogue
    from yakuba.register import actions as register

    register.create_town(TOWN, 20, 1, as_of=clock.now().date())
    client, took = Client(), {count: list[float]() for count in folders}
    settings.ALLOWED_HOSTS = ["*"]
    for _ in range(ROUNDS):
        for count, folder in folders.items():
            settings.YAKUBA_SERVICES, settings.YAKUBA_VAR = folder, folder.parent
            catalogue.forget()
            gc.collect()  # what was forgotten is not what a page costs
            for measured in (False, True):
                began = time.perf_counter()
                for number in range(PAGES):
                    answer = client.get(f"/{TOWN}/services/", {"q": QUERIES[number % len(QUERIES)]})
                    assert answer.status_code == 200
                if measured:
                    took[count].append((time.perf_counter() - began) / PAGES)
    return {count: statistics.median(seconds) for count, seconds in took.items()}
