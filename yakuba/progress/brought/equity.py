"""What everybody may see of it: the same figures, without groups so small that somebody could be found in them (秘匿).

Counts are protected as those of open data are (`records.opendata.disclosure`): small ones are kept back, and so many others that no sum
gives them back. A figure of a group whose count is kept back is kept back with it; shares go in steps so wide that each holds
FEWEST people, so that they do not give small counts away.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yakuba.cases import catalogue
from yakuba.progress.brought.figures import GROUPS, Line, Summary
from yakuba.progress.brought.period import Period
from yakuba.records.opendata.dataset import SUPPRESSED
from yakuba.records.opendata.disclosure import SMALLEST, Counts, Sum, Unsafe, protect
from yakuba.words import Text, ui_text

PARTS = ("service", *GROUPS)
COLUMNS = (
    "since", "until", "part", "group", "name", "ended", "median_days", "median_days_to_payment", "completion_percent",
    "satisfaction", "satisfied_percent",
)  # fmt: skip
"""Of the file for machines."""
STEPS = (5, 10, 25, 50)
"""Percentage points in which a share is told: the first in which a step holds FEWEST people."""
FEWEST = 5
"""People, or answers, that a step must hold."""
_ALL = ("", "")
_Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """What may be shown of a group; None is kept back. `completion` and `satisfied` in percent, in steps."""

    key: str
    name: Text
    ended: int | None = None
    days: float | None = None
    pay_days: float | None = None
    completion: int | None = None
    score: float | None = None
    satisfied: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a summary: all together, and each part by its groups; `kept_back`: groups of which nothing is."""

    period: Period
    total: Row
    parts: Mapping[str, list[Row]]
    kept_back: int

    def csv(self) -> str:
        """The table for machines, UTF-8; a cell that is kept back has the mark of open data for it (`X`)."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for part, row in self._all():
            figures = (row.ended, row.days, row.pay_days, row.completion, row.score, row.satisfied)
            cells = [SUPPRESSED if one is None else one for one in figures]
            writer.writerow([self.period.since, self.period.until, part, row.key, row.name.ja, *cells])
        return out.getvalue()

    def _all(self) -> Iterator[tuple[str, Row]]:
        yield "all", self.total
        for part, rows in self.parts.items():
            for row in rows:
                yield part, row


def shown(found: Summary, *, threshold: int = SMALLEST) -> Shown:
    """What everybody may see of it; nothing where no table is safe."""
    parts = {"service": _of_residents(found.services), **found.groups}
    values: dict[_Cell, int] = {_ALL: found.total.ended}
    values |= {(part, one.key): one.figures.ended for part, lines in parts.items() for one in lines}
    sums = [Sum(_ALL, tuple((part, one.key) for one in lines)) for part, lines in parts.items() if lines]
    try:
        safe = protect(Counts(values, sums), over=PARTS, threshold=threshold)
        hidden = safe.hidden
    except Unsafe:
        hidden = frozenset(values)
    if _ALL in hidden:  # then even the names of groups would say of a few where they live
        parts = {part: [] for part in parts}
    rows = {
        part: [_row(one, hidden=(part, one.key) in hidden, threshold=threshold) for one in lines]
        for part, lines in parts.items()
    }
    everybody = Line("", ui_text("brought.all"), found.total)
    return Shown(
        found.period,
        _row(everybody, hidden=_ALL in hidden, threshold=threshold),
        rows,
        sum(row.ended is None for some in rows.values() for row in some),
    )


def _of_residents(lines: list[Line]) -> list[Line]:
    """The services that residents ask for; the town's own work is nobody's group."""
    services = catalogue.current().services
    return [one for one in lines if one.key not in services or services[one.key].file.audience == "residents"]


def _row(line: Line, *, hidden: bool, threshold: int) -> Row:
    one = line.figures
    if hidden:
        return Row(line.key, line.name)
    rated = one.rated >= threshold
    return Row(
        line.key,
        line.name,
        ended=one.ended,
        days=one.days,
        pay_days=one.pay_days if one.paid >= threshold else None,
        completion=_percent(one.completed, one.ended),
        score=None if one.score is None or not rated else round(one.score, 1),
        satisfied=_percent(one.satisfied, one.rated) if rated else None,
    )


def _percent(part: int, whole: int) -> int | None:
    """A share in percent, in steps; None where no step holds FEWEST.

    >>> _percent(97, 100), _percent(97, 99), _percent(19, 20), _percent(9, 10), _percent(9, 9)
    (95, 100, 100, 100, None)
    """
    step = next((one for one in STEPS if one * whole >= 100 * FEWEST), None)
    return step * round(100 * part / whole / step) if step else None
