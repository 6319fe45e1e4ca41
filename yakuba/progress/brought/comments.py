"""What people wrote beside their answer, for anybody but the clerk of the case: without what says who somebody is, or what they
have (個人情報の保護に関する法律 第2条第3項, 要配慮個人情報)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from yakuba.assistant.masking import masked
from yakuba.cases.events import Rated
from yakuba.cases.queries import Happened

_NAMED = frozenset({"name", "kana", "holder"})


def without_persons(comment: str, facts: Mapping[str, Any]) -> str:
    """The comment with marks in the place of names, illnesses, numbers and addresses. `facts`: those of the case, whose names
    are found wherever they stand.

    >>> without_persons("山田さんは親切。糖尿病の薬の時間に間に合った", {"applicant": {"name": "山田 太郎"}})
    '［氏名］さんは親切。［健康］の薬の時間に間に合った'
    """
    return masked(comment, names=set(_names(facts))).text


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
