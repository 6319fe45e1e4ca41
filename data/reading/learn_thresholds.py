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
SEED, PAGES = 77_000, 115
GROUPS: Mapping[str, Sequence[str]] = {
    "ticks": ("choice", "yes_no", "carrier"),
    "digits": ("postal_code", "phone", "branch", "account_number", "yen", "count"),
    "dates": ("date", "past_date"),
    "kana": ("kana",),
}
"""Kinds that are judged together; those in none, all that is written on lines, are never sure."""
LEAST = {"ticks": 0.9, "dates": 0.9, "digits": 0.97, "kana": 0.97}
"""So sure a wrong answer may be that was not among those that were seen."""
FEWEST = 30


def limit(seen: Sequence[tuple[float, bool]], least: float) -> float | None:
    """The limit of a group, or None where nothing is sure."""
    surest_wrong = max((confidence for confidence, right in seen if not right), default=least)
    found = round(1 - (1 - max(surest_wrong, least)) / 3, 5)
    return found if sum(confidence >= found for confidence, _ in seen) >= FEWEST else None


def learnt(seen: Sequence[tuple[str, float, bool]], pages: int) -> str:
    """The file, from what was seen: kind, confidence, and was it right."""
    from yakuba.assistant.reading import thresholds

    limits: dict[str, dict[str, object]] = {}
    for group, kinds in GROUPS.items():
        of_group = [(confidence, right) for kind, confidence, right in seen if kind in kinds]
        found = limit(of_group, LEAST[group])
        above = [right for confidence, right in of_group if found is not None and confidence >= found]
        print(group, len(of_group), "limit", found, "above it", len(above), "wrong", above.count(False))
        if found is not None:
            bound = round(thresholds.highest_share(above.count(False), len(above)), 4)
            one = {"from": found, "seen": len(above), "wrong": above.count(False), "at_most": bound}
            limits |= dict.fromkeys(kinds, one)
    how = {
        "how": f"python -m data.reading.learn_thresholds FOLDER {pages}",
        "hands": [*HANDS, *PRINT],
        "at_most": "share of wrong answers above the limit with 95 % certainty (Clopper and Pearson), by group",
    }
    return json.dumps(how | {"kinds": limits}, indent=1, ensure_ascii=False) + "\n"


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
    thresholds.FILE.write_text(learnt(report.seen, pages), "utf-8")


if __name__ == "__main__":
    main()
