"""Municipalities that are no more under their code: joined to another one, or renamed with a new code. Pure.

Facts, put together for Yakuba: changes of codes since 2011-04-01 that we know of. The old codes were found in public data and their
check digits hold; the days are provisional, and some new cities of these years may be missing. The official list is 総務省
「全国地方公共団体コード」改正一覧表.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("mergers.tsv")


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a code. `how`: joined (to another municipality) or renamed (the same one, with a new code)."""

    old: str
    old_name: str
    new: str
    new_name: str
    day: date
    how: str


@cache
def changes() -> dict[str, Change]:
    """All changes by the old code."""
    rows = [line.split("\t") for line in _FILE.read_text("utf-8").splitlines()[1:]]
    return {
        old: Change(old, old_name, new, new_name, date.fromisoformat(day), how)
        for old, old_name, new, new_name, day, how in rows
    }


def now(code: str) -> str:
    """The code under which a municipality stands now; its own when nothing changed.

    >>> now("093670"), now("394262")
    ('092037', '394262')
    """
    seen = set()
    while code in changes() and code not in seen:
        seen.add(code)
        code = changes()[code].new
    return code
