"""Makes yakuba/assistant/reading/thresholds.json: from which confidence on an answer may stand unseen.

    python -m data.reading.learn_thresholds FOLDER_OF_FONTS [PAGES]

Pages are written in hands that are not those of the evaluation (`HANDS`, see train_signs.py for the folder), with seeds that
are not its either. Kinds that are read the same way are judged together. The limit of a group lies between the surest answer that
was wrong and 1, two thirds of the way up; where not enough answers were seen, or too few are above it, nothing is sure.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import django

HANDS = ("YuseiMagic_400Regular.ttf", "ZenKurenaido_400Regular.ttf", "HachiMaruPop_400Regular.ttf")
PRINT = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc")
SEED, PAGES = 77_000, 400
GROUPS: Mapping[str, Sequence[str]] = {
    "ticks": ("choice", "yes_no", "carrier"),
    "digits": ("postal_code", "phone", "branch", "account_number", "yen", "count"),
    "dates": ("date", "past_date"),
    "kana": ("kana",),
    "name": ("name",),
    "address": ("address",),
    "bank": ("bank",),
}
"""Kinds that are judged together; those in none are never sure."""
FEWEST = 40


def limit(seen: Sequence[tuple[float, bool]]) -> float | None:
    """The limit of a group, or None where nothing is sure."""
    surest_wrong = max((confidence for confidence, right in seen if not right), default=0.9)
    found = round(1 - (1 - max(surest_wrong, 0.9)) / 3, 5)
    above = sum(confidence >= found for confidence, _ in seen)
    return found if len(seen) >= FEWEST and above >= len(seen) / 10 else None


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yakuba.site.settings")
    django.setup()
    from yakuba.assistant.reading import engine, thresholds
    from yakuba.assistant.reading.practice import Hand
    from yakuba.cases import catalogue
    from yakuba.channels.paper import trial

    folder, pages = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else PAGES
    hands = [Hand(next(folder.rglob(name))) for name in HANDS]
    machines = [Hand(one, 0, 0) for name in PRINT for one in Path("/usr/share/fonts").rglob(name)]
    services = {name: one for name, one in catalogue.national().services.items() if one.offered}
    written = trial.trials(list(services.values()), pages, SEED, (hands, machines))
    report = trial.measure(written, services, engine.engine(), [], trial.prior())
    learnt: dict[str, dict[str, object]] = {}
    for group, kinds in GROUPS.items():
        seen = [(confidence, right) for kind, confidence, right in report.seen if kind in kinds]
        found = limit(seen)
        above = [right for confidence, right in seen if found is not None and confidence >= found]
        print(
            group, len(seen), "limit", found, "above it", len(above), "wrong", above.count(False), flush=True
        )
        if found is not None:
            bound = round(thresholds.highest_share(above.count(False), len(above)), 4)
            for kind in kinds:
                learnt[kind] = {
                    "from": found,
                    "seen": len(above),
                    "wrong": above.count(False),
                    "at_most": bound,
                }
    how = {
        "how": f"python -m data.reading.learn_thresholds FOLDER {pages}",
        "hands": [*HANDS, *PRINT],
        "at_most": "share of wrong answers above the limit with 95 % certainty (Clopper and Pearson), by group",
    }
    told = json.dumps(how | {"kinds": learnt}, indent=1, ensure_ascii=False)
    thresholds.FILE.write_text(told + "\n", "utf-8")
    print(json.dumps(trial.told(report, wrong=True)["wrong"], ensure_ascii=False, indent=0))


if __name__ == "__main__":
    main()
