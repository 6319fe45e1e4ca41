"""Which decided cases are like this one, and how they were decided: by what the conditions of the service said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from yakuba.cases.precedents import Decided, Example

FURTHEST = 1
"""In how many conditions a case may differ and still be called similar; those that differ in none come first."""
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of the similar cases ended so. `because`: conditions that did not hold in them, by their ids, with how often;
    `by_person`: how many of them somebody of the staff decided. Amounts in yen."""

    decision: str
    count: int
    by_person: int
    because: Mapping[str, int]
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Similar:
    """The cases that are like one: how many, since when, how they ended; `alike` of them differ in no condition.
    `examples`: the newest, with the conditions in which each differs."""

    count: int = 0
    alike: int = 0
    first: datetime | None = None
    outcomes: tuple[Outcome, ...] = ()
    examples: tuple[tuple[Example, str, tuple[str, ...]], ...] = field(default=())


def similar(conditions: Mapping[str, bool | None], decided: Sequence[Decided]) -> Similar:
    """Of the decided cases those that are like one with these values of its conditions.

    A condition that an older or newer version does not have counts as a difference.
    """
    near = [
        (differ, one) for one in decided if len(differ := _differing(conditions, one.conditions)) <= FURTHEST
    ]
    if not near:
        return Similar()
    near.sort(key=lambda pair: (len(pair[0]), -pair[1].last.timestamp()))
    groups = [one for _, one in near]
    return Similar(
        count=sum(one.count for one in groups),
        alike=sum(one.count for differ, one in near if not differ),
        first=min(one.first for one in groups),
        outcomes=tuple(_outcome(name, groups) for name in ("granted", "refused") if _of(name, groups)),
        examples=tuple(_examples(near)),
    )


def _differing(ours: Mapping[str, bool | None], theirs: Mapping[str, bool | None]) -> tuple[str, ...]:
    absent = object()
    names = dict.fromkeys([*ours, *theirs])
    return tuple(name for name in names if ours.get(name, absent) is not theirs.get(name, absent))


def _of(decision: str, groups: Sequence[Decided]) -> list[Decided]:
    return [one for one in groups if one.decision == decision]


def _outcome(decision: str, groups: Sequence[Decided]) -> Outcome:
    some = _of(decision, groups)
    because: Counter[str] = Counter()
    for one in some:
        because.update({name: one.count for name, value in one.conditions.items() if value is False})
    least = [one.least for one in some if one.least is not None]
    most = [one.most for one in some if one.most is not None]
    return Outcome(
        decision,
        sum(one.count for one in some),
        sum(one.by_person for one in some),
        dict(because.most_common()),
        min(least, default=None),
        max(most, default=None),
    )


def _examples(near: Sequence[tuple[tuple[str, ...], Decided]]) -> list[tuple[Example, str, tuple[str, ...]]]:
    """The newest of those that differ least, some of each way in which they ended."""
    found = [(example, one.decision, differ) for differ, one in near for example in one.examples]
    found.sort(key=lambda row: (len(row[2]), -row[0].decided_at.timestamp()))
    ends = {decision: [row for row in found if row[1] == decision] for decision in ("granted", "refused")}
    firsts = [rows[0] for rows in ends.values() if rows]
    return [*firsts, *(row for row in found if row not in firsts)][:MOST_EXAMPLES]
