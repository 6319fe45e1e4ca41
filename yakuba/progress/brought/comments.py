"""What people wrote beside their answer, for anybody but the clerk of the case: without what says who somebody is, or what they
have (個人情報の保護に関する法律 第2条第3項, 要配慮個人情報)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from yakuba.assistant.masking import MARKS, masked
from yakuba.cases import queries as cases
from yakuba.cases.events import Rated
from yakuba.cases.queries import Happened
from yakuba.progress.brought.period import Period
from yakuba.progress.models import Served

MOST_CASES = 500
"""Newest cases in which comments are looked for."""
_KANJI = "[一-龠々]"
_NAMED = frozenset({"name", "kana", "holder"})


def without_persons(comment: str, facts: Mapping[str, Any]) -> str:
    """The comment with marks in the place of names, illnesses, numbers and addresses. `facts`: those of the case, whose names
    are found wherever they stand.

    >>> without_persons("山田さんは親切。糖尿病の薬の時間に間に合った", {"applicant": {"name": "山田 太郎"}})
    '［氏名］さんは親切。［健康］の薬の時間に間に合った'
    """
    names = set(_names(facts))
    return masked(_without_short(comment, names), names=names).text


def _without_short(comment: str, names: Collection[str]) -> str:
    """Without names of one character, such as 蛍, where they stand alone: masking leaves these, as any word may hold one."""
    short = {part for name in names for part in name.split() if len(part) == 1}
    if not short:
        return comment
    alone = f"(?<!{_KANJI})(?:{'|'.join(map(re.escape, sorted(short)))})(?!{_KANJI})"
    return re.sub(alone, MARKS["name"], comment)


def _names(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _names(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner, key)
    elif key in _NAMED and isinstance(value, str):
        yield value


def seen_by(worker: str, rated: Rated, happened: Collection[Happened], facts: Mapping[str, Any]) -> str:
    """The comment as this worker (id) may see it: as it was written for who did something in the case, else masked."""
    own = any(one.by_id == worker for one in happened)
    return rated.comment if own else without_persons(rated.comment, facts)


def about(service: str, step: str, period: Period, most: int) -> list[tuple[datetime, str]]:
    """What people wrote who found this step of a service hard, in a period: masked, the newest first."""
    rated = Served.objects.filter(service=service, hard=step, score__isnull=False, opened_at__lt=period.end)
    ended = rated.filter(closed_at__gte=period.begin).order_by("-closed_at").values_list("case", flat=True)
    written = cases.comments(list(ended[:MOST_CASES]), most)
    states = cases.states([case for case, _, _ in written])
    return [(at, without_persons(text, states[case].facts)) for case, at, text in written]
