"""Pages of declared forms written by made-up hands, spoiled as scanners and phones do, and read: the share of answers that are
right before anybody looks, the share of wrong ones that were accepted unseen, and seconds a page on one core; beside RapidOCR on the
whole page and Tesseract, on what is written (neither tells ticks).

    python -m bench.run paper
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any

PAGES, SEED = 200, 1
RIGHT, WRONG, SECONDS = 0.97, 0.001, 2.0


def measure() -> list[dict[str, Any]]:
    """What `yakuba paper eval --forms 200` prints, held to the limits."""
    os.environ["OMP_NUM_THREADS"] = "1"
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yakuba.site.settings")
    django.setup()
    from yakuba.assistant.reading import engine
    from yakuba.cases import catalogue
    from yakuba.channels.paper import trial

    reading = engine.engine()
    services = {name: one for name, one in catalogue.national().services.items() if one.offered}
    written = trial.trials(list(services.values()), PAGES, SEED)
    report = trial.measure(written, services, reading, trial.peers(reading), trial.prior())
    said = trial.told(report)
    ours, own = said["ours"], said["ours_written"]["right"]
    rows = [
        _row("paper: answers right before review", ours["right"], f">= {RIGHT}", ours["right"] >= RIGHT),
        _row(
            "paper: wrong though accepted",
            ours["wrong_accepted"],
            f"<= {WRONG}",
            ours["wrong_accepted"] <= WRONG,
        ),
        _row(
            "paper: seconds a page", said["seconds_a_page"], f"< {SECONDS}", said["seconds_a_page"] < SECONDS
        ),
    ]
    for name, peer in said["peers_written"].items():
        beside = _row("paper: written answers right", own, "more than the peer", own > peer["right"])
        rows.append(
            beside | {"peer": peer["right"], "peer_version": name, "ratio": own / max(peer["right"], 0.001)}
        )
    return rows


def _row(name: str, ours: float, limit: str, ok: bool) -> dict[str, Any]:
    made = f"rapidocr {version('rapidocr')}"
    row = {
        "name": name,
        "ours": ours,
        "peer": "",
        "peer_version": made,
        "ratio": "",
        "limit": limit,
        "ok": ok,
    }
    return row | {"command": "python -m bench.run paper"}
