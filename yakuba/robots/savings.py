"""Hours that robots saved, measured from the case log and nothing else.

    saved = mean minutes of a person for the task × tasks the robot did
            − minutes of people on what the robot handed over − minutes of maintainers on changed screens

A person's minutes are those between taking a task and finishing it, on one day, of the very work that the robot does:
done by staff before there was a robot, or in its place. Fewer than ENOUGH such tasks are no measurement: then there is
no number. The spread of the mean (95 %, Student's t) goes into the result.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.robots import queries
from yakuba.robots.queries import Post

ENOUGH = 5
"""Tasks of people that make a measurement."""
_T95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04)  # fmt: skip
"""Student's t for 95 % in two tails, by degrees of freedom 1 to 30; 1.96 beyond."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the work takes a person: minutes of `count` measured tasks."""

    count: int
    mean: float
    median: float
    p10: float
    p90: float
    margin: float


@dataclass(slots=True)
class Period:
    """One month or year: tasks the robot did, tasks it handed over, minutes of people on these and on its upkeep."""

    done: int = 0
    handed_over: int = 0
    handling_minutes: float = 0.0
    upkeep_minutes: float = 0.0

    def add(self, other: Period) -> None:
        """Count the other one in."""
        self.done += other.done
        self.handed_over += other.handed_over
        self.handling_minutes += other.handling_minutes
        self.upkeep_minutes += other.upkeep_minutes


@dataclass(slots=True)
class Saved:
    """What one robot saved. `baseline` is None where nobody was measured; then no hours are claimed."""

    robot: str
    baseline: Baseline | None
    months: dict[str, Period] = field(default_factory=dict)

    def hours(self, period: Period) -> tuple[float, float, float] | None:
        """Hours saved in a period: the value, and the ends of its 95 % range; None where nobody was measured."""
        if self.baseline is None:
            return None
        costs = period.handling_minutes + period.upkeep_minutes
        mean, margin = self.baseline.mean, self.baseline.margin
        low, mid, high = (((mean + by) * period.done - costs) / 60 for by in (-margin, 0.0, margin))
        return round(mid, 2), round(low, 2), round(high, 2)

    @property
    def whole(self) -> Period:
        """All months together."""
        whole = Period()
        for period in self.months.values():
            whole.add(period)
        return whole

    @property
    def years(self) -> dict[str, Period]:
        """The months by calendar year."""
        years: dict[str, Period] = defaultdict(Period)
        for month, period in self.months.items():
            years[month[:4]].add(period)
        return dict(years)

    def to_json(self) -> dict[str, Any]:
        """For a machine: everything, with how it was measured."""
        measured = None if self.baseline is None else _plain(self.baseline)
        return {
            "robot": self.robot,
            "measured": self.baseline is not None,
            "person_minutes": measured,
            "months": {month: self._period(period) for month, period in sorted(self.months.items())},
            "years": {year: self._period(period) for year, period in sorted(self.years.items())},
        }

    def _period(self, period: Period) -> dict[str, Any]:
        hours = self.hours(period)
        claimed = None if hours is None else dict(zip(("hours", "low", "high"), hours, strict=True))
        return {**_plain(period), "saved": claimed}

    def __str__(self) -> str:
        whole = self.whole
        hours = self.hours(whole)
        if self.baseline is None or hours is None:
            return f"{self.robot}: {whole.done} done; not measured: fewer than {ENOUGH} tasks were done by people"
        return (
            f"{self.robot}: {whole.done} done × {self.baseline.mean:.1f} min (n = {self.baseline.count}) "
            f"− {whole.handling_minutes:.0f} min handling − {whole.upkeep_minutes:.0f} min upkeep "
            f"= {hours[0]:.1f} h ({hours[1]:.1f} to {hours[2]:.1f})"
        )


def _plain(one: Any) -> dict[str, Any]:
    rounded = {name: getattr(one, name) for name in one.__slots__}
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in rounded.items()}


def read(kept: Mapping[str, Any]) -> Saved:
    """What `Saved.to_json` wrote."""
    measured = kept["person_minutes"]
    months = {
        month: Period(**{name: part[name] for name in Period.__slots__})
        for month, part in kept["months"].items()
    }
    return Saved(kept["robot"], Baseline(**measured) if measured else None, months)


def savings() -> list[Saved]:
    """What every robot of this town saved."""
    return [_saved(post) for post in queries.posts()]


def _saved(post: Post) -> Saved:
    mender = catalogue.service(post.service).step(post.step).on_failure
    spans = cases.worked_spans(post.service, post.step, mender)
    by_hand = [span.minutes for span in spans if span.failed_by != "robot"]
    saved = Saved(f"{post.service}/{post.robot.robot}", baseline(by_hand))
    for month, done in cases.done_by_month(post.service, post.step, "robot").items():
        saved.months.setdefault(month, Period()).done += done
    for span in spans:
        if span.failed_by == "robot":
            period = saved.months.setdefault(span.month, Period())
            period.handed_over += 1
            period.handling_minutes += span.minutes
    for month, minutes in queries.upkeep_minutes(post.service, post.robot.robot).items():
        saved.months.setdefault(month, Period()).upkeep_minutes += minutes
    return saved


def baseline(minutes: Sequence[float]) -> Baseline | None:
    """The measurement that these tasks make; None where they are too few."""
    if len(minutes) < ENOUGH:
        return None
    ordered = sorted(minutes)
    spread = statistics.stdev(ordered)
    t = _T95[len(ordered) - 2] if len(ordered) - 1 <= len(_T95) else 1.96
    return Baseline(
        count=len(ordered),
        mean=statistics.fmean(ordered),
        median=statistics.median(ordered),
        p10=ordered[int(0.1 * (len(ordered) - 1))],
        p90=ordered[math.ceil(0.9 * (len(ordered) - 1))],
        margin=t * spread / math.sqrt(len(ordered)),
    )
