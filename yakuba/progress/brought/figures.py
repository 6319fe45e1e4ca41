"""What it brought in a time: hours saved, days, completion, satisfaction, cost; by service, robot, partner and channel, and by whom it
was about: age band, district, channel, language.

    hours saved = manual minutes × completed cases − minutes of people − minutes of upkeep of robots

`manual minutes` are declared with the service (`count`) and provisional until the town has measured them; hours that rest on provisional
minutes are never added to measured ones. Minutes of people are measured between taking and ending a task. Where fewer than ENOUGH tasks of
a service were measured and others were done, they are not known, and neither are the hours. Whatever is not known is None.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection
from psycopg import sql
from pyarrow import csv as pacsv

from yakuba.access import towns
from yakuba.cases import catalogue
from yakuba.cases.queries import late_now
from yakuba.clock import in_tokyo
from yakuba.declare import Service
from yakuba.progress.brought import projection
from yakuba.progress.brought.period import Period
from yakuba.register import queries as register
from yakuba.robots import savings
from yakuba.robots.savings import ENOUGH
from yakuba.words import LANGUAGE_LABELS, Text, ui_text, ui_words

SERVICE = "service-review"
"""Where a town's rates stand, and the limit of the alarm."""
RATES = ("hour", "letter", "sms", "transfer")
GROUPS = ("age_band", "district", "channel", "language")
"""What is compared: is it the same for everybody?"""
DISSATISFIED, SATISFIED = 2, 4
"""Scores up to and from here on."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of cases and what can be told of them. `came_in`: opened in the time; `ended`: closed in it, and `completed` of them but
    for those withdrawn; `open`: not closed by its end. Of those that ended: median `days` and the 90th percentile, median `pay_days` of
    the `paid` ones, mean `score` (1 to 5) of the `rated` ones and how many of these were `satisfied` (4 or 5). `partner_steps`: done by
    a partner, `partner_late` of them after their due time."""

    came_in: int = 0
    ended: int = 0
    completed: int = 0
    open: int = 0
    days: float | None = None
    days_p90: float | None = None
    paid: int = 0
    pay_days: float | None = None
    rated: int = 0
    score: float | None = None
    satisfied: int = 0
    returned: int = 0
    failed: int = 0
    late: int = 0
    robot_steps: int = 0
    minutes: float = 0.0
    timed: int = 0
    untimed: int = 0
    letters: int = 0
    texts: int = 0
    transfers: int = 0
    partner_steps: int = 0
    partner_late: int = 0

    @property
    def completion(self) -> float | None:
        """Of those that ended, the share that was not withdrawn."""
        return self.completed / self.ended if self.ended else None


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours saved, and from what. `hours` is None where something is `missing`: "baseline" (no manual minutes are declared) or "minutes"
    (too few of people's tasks were measured). `provisional`: the manual minutes are an estimate."""

    hours: float | None
    provisional: bool
    manual_minutes: int | None
    source: str
    done: int
    people_minutes: float | None
    upkeep_minutes: float
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a case costs on the average, in yen; None where a rate that is needed is `missing`."""

    yen: float | None
    missing: tuple[str, ...] = ()

    @property
    def whole(self) -> int | None:
        """Without parts of a yen."""
        return None if self.yen is None else round(self.yen)


@dataclass(frozen=True, slots=True)
class Line:
    """One service, channel, partner or group. Of a channel `hours` are those of services with measured minutes, and `estimated` of
    those whose minutes are provisional."""

    key: str
    name: Text
    figures: Figures
    hours: Hours | None = None
    cost: Cost | None = None
    estimated: Hours | None = None


@dataclass(frozen=True, slots=True)
class RobotLine:
    """One robot (`service/robot`): tasks done and handed over, and the hours saved with the ends of their 95 % range; None where
    nobody was measured."""

    key: str
    service: str
    done: int
    handed_over: int
    upkeep_minutes: float
    hours: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Mend:
    """A step of a service, and how many were in difficulty there: said so, were returned, failed, were done late; and how many open tasks
    are late now. `step` is events.REQUEST for the request itself."""

    service: str
    step: str
    dissatisfied: int = 0
    returned: int = 0
    failed: int = 0
    late: int = 0
    late_now: int = 0

    @property
    def all(self) -> int:
        """Everything that was hard."""
        return self.dissatisfied + self.returned + self.failed + self.late + self.late_now


@dataclass(frozen=True, slots=True)
class Summary:
    """What it brought a town in a period. `measured_hours`: of services with measured minutes, and of robots elsewhere;
    `estimated_hours`: of services whose minutes are provisional. None: nothing is known. `rates`: yen by name, None where the town
    has not declared one."""

    town: str
    period: Period
    as_of: datetime
    total: Figures
    measured_hours: float | None
    estimated_hours: float | None
    unknown_cases: int
    cost: Cost
    services: list[Line]
    channels: list[Line]
    partners: list[Line]
    robots: list[RobotLine]
    groups: Mapping[str, list[Line]]
    mend: list[Mend]
    rates: Mapping[str, int | None] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Everything, for a machine."""
        return _plain(self)


def _plain(value: Any) -> Any:
    """As JSON has it: names of fields, days as ISO 8601, texts in their three languages."""
    if isinstance(value, Text):
        return {"ja": value.ja, "easy": value.easy, "en": value.en}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def summarise(when: Period | int, as_of: datetime) -> Summary:
    """What it brought the open town, in a period or a fiscal year, as far as the stored rows know (`projection.refresh` keeps them up).
    A fixed number of queries, whatever the number of cases."""
    period = Period.of(when, as_of)
    services = catalogue.current().services
    rates = rates_of(services.get(SERVICE), as_of)
    found = _read(period, [name for name, one in services.items() if one.file.audience == "town"])
    robots = _robots(period)
    upkeep = {one.service: 0.0 for one in robots}
    for one in robots:
        upkeep[one.service] += one.upkeep_minutes
    mean = {key[0]: _mean(one) for key, one in found["service"].items()}

    def hours(service: str, figures: Figures, *, whole: bool) -> Hours:
        return _hours(
            services.get(service), figures, mean.get(service), upkeep.get(service, 0.0) if whole else 0.0
        )

    lines = [
        Line(
            key[0],
            catalogue.name_of(key[0]),
            one,
            hours(key[0], one, whole=True),
            _cost(one, mean.get(key[0]), rates),
        )
        for key, one in found["service"].items()
    ]
    by_channel: dict[str, list[Hours]] = defaultdict(list)
    for (service, channel), part in found["service, channel"].items():
        by_channel[channel].append(hours(service, part, whole=False))
    total = found["()"].get((), Figures())
    measured, estimated = _total_hours(lines, robots)
    partners = {one.code: one.name for one in register.partners()}
    return Summary(
        town=towns.current_town(),
        period=period,
        as_of=as_of,
        total=total,
        measured_hours=measured,
        estimated_hours=estimated,
        unknown_cases=sum(one.figures.completed for one in lines if one.hours and one.hours.hours is None),
        cost=_cost_of_all(lines, rates),
        services=sorted(lines, key=lambda one: (-one.figures.came_in - one.figures.ended, one.key)),
        channels=[
            Line(
                key[0],
                group_name("channel", key[0]),
                one,
                hours=_sum_hours(one for one in by_channel[key[0]] if not one.provisional),
                estimated=_sum_hours(one for one in by_channel[key[0]] if one.provisional),
            )
            for key, one in found["channel"].items()
        ],
        partners=[
            Line(key[0], Text.same(partners.get(key[0], key[0])), one)
            for key, one in sorted(found["partner"].items())
        ],
        robots=robots,
        groups={
            group: [Line(key[0], group_name(group, key[0]), one) for key, one in sorted(found[group].items())]
            for group in GROUPS
        },
        mend=mend(period, as_of),
        rates=rates,
    )


# -- reading ----------------------------------------------------------------------------------------
_SETS = ("()", "service", "channel", "age_band", "district", "language", "partner", "service, channel")
_COUNTED = {
    "resident": frozenset(_SETS) - {"partner"},
    "not resident": {"service", "service, channel"},
    "partner <> ''": {"partner"},
}
"""Which rows are counted by what: the town's own work by service alone; what a partner did, whoever it was for."""
_KEYS = ("service", "channel", "age_band", "district", "language", "partner")
_DURING = "town = %(town)s and opened_at < %(end)s and (closed_at is null or closed_at >= %(begin)s)"
_FLAGS, _NUMBERS = ("came", "ended", "resident"), ("days", "pay_days", "score", "minutes")
_COUNTS = (
    "returned", "failed", "late", "robot_steps", "timed", "untimed", "letters", "texts", "transfers", "partner_steps",
    "partner_late",
)  # fmt: skip
_COPY = f"""
copy (
  select {", ".join(_KEYS)}, outcome, opened_at >= {{begin}}, coalesce(closed_at < {{end}}, false),
         not service = any({{towns_own}}), {", ".join(_NUMBERS)}, {", ".join(_COUNTS)}
  from progress_served where town = {{town}} and opened_at < {{end}} and (closed_at is null or closed_at >= {{begin}})
) to stdout (format csv)"""
_TYPES = (
    {name: pa.dictionary(pa.int32(), pa.string()) for name in (*_KEYS, "outcome")}
    | {name: pa.bool_() for name in _FLAGS}
    | {name: pa.float64() for name in _NUMBERS}
    | {name: pa.int32() for name in _COUNTS}
)
_READ = f"""
select grouping({", ".join(_KEYS)}), {", ".join(_KEYS)},
  count(*) filter (where came), count(*) filter (where ended),
  count(*) filter (where ended and outcome <> 'withdrawn'), count(*) filter (where not ended),
  quantile_cont(days, [0.5, 0.9]) filter (where ended),
  count(pay_days) filter (where ended), quantile_cont(pay_days, 0.5) filter (where ended),
  count(score) filter (where ended), avg(score) filter (where ended),
  count(*) filter (where ended and score >= {SATISFIED}),
  sum(returned), sum(failed), sum(late), sum(robot_steps), sum(minutes) filter (where ended),
  sum(timed) filter (where ended), sum(untimed) filter (where ended), sum(letters) filter (where ended),
  sum(texts) filter (where ended), sum(transfers) filter (where ended), sum(partner_steps), sum(partner_late)
from rows where {{which}}
group by grouping sets ({", ".join(f"({one.strip('()')})" for one in _SETS)})"""
_Found = dict[str, dict[tuple[str, ...], Figures]]


def _read(period: Period, towns_own: list[str]) -> _Found:
    """The figures by what they are grouped by; of the town's own work the services alone.

    Grouped in DuckDB, from one COPY: PostgreSQL sorts all rows anew for each grouping that has a median.
    """
    found: _Found = {one: {} for one in _SETS}
    with duckdb.connect() as engine:
        engine.register("rows", _rows(period, towns_own))
        for which, by in _COUNTED.items():
            for row in engine.execute(_READ.format(which=which)).fetchall():
                name, key, figures = _grouped(row)
                if name in by:
                    found[name][key] = figures
    return found


def _rows(period: Period, towns_own: list[str]) -> pa.Table:
    """What of the stored rows is counted in a period."""
    given: dict[str, Any] = {
        "begin": period.begin,
        "end": period.end,
        "town": towns.current_town(),
        "towns_own": towns_own,
    }
    with connection.cursor() as cursor:
        # COPY takes no parameters: they are written into it as literals
        literal = {name: sql.Literal(value) for name, value in given.items()}
        statement = sql.SQL(_COPY).format(**literal).as_string(connection.connection)
        with cursor.copy(statement) as copied:
            written = b"".join(bytes(part) for part in copied)
    if not written:
        return pa.table({name: pa.array([], kind) for name, kind in _TYPES.items()})
    return pacsv.read_csv(
        io.BytesIO(written),
        pacsv.ReadOptions(column_names=list(_TYPES)),
        convert_options=pacsv.ConvertOptions(column_types=_TYPES, true_values=["t"], false_values=["f"]),
    )


def _grouped(row: tuple[Any, ...]) -> tuple[str, tuple[str, ...], Figures]:
    """What it is grouped by, the group, and its figures."""
    mask, keys, counted = row[0], row[1 : 1 + len(_KEYS)], row[1 + len(_KEYS) :]
    came, ended, completed, open_, days, paid, pay_days, rated, score, *counts = counted
    by = [name for place, name in enumerate(_KEYS) if not mask >> (len(_KEYS) - 1 - place) & 1]
    median, high = days or (None, None)
    figures = Figures(
        came, ended, completed, open_, _rounded(median), _rounded(high), paid, _rounded(pay_days), rated,
        _rounded(score), *(_number(one) for one in counts),
    )  # fmt: skip
    return ", ".join(by) or "()", tuple(keys[_KEYS.index(one)] for one in by), figures


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _number(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else int(value or 0)


# -- hours and cost ---------------------------------------------------------------------------------
def _mean(figures: Figures) -> float | None:
    """Minutes of a task of people, where enough were measured."""
    return figures.minutes / figures.timed if figures.timed >= ENOUGH else None


def people_minutes(figures: Figures, mean: float | None) -> float | None:
    """What people worked: what was measured, and the mean for what was not; None where too little was measured for that."""
    if not figures.untimed:
        return figures.minutes
    return None if mean is None else figures.minutes + figures.untimed * mean


def _hours(service: Service | None, figures: Figures, mean: float | None, upkeep: float) -> Hours:
    count = service.file.count if service else None
    worked = people_minutes(figures, mean)
    missing = "baseline" if count is None else "minutes" if worked is None else ""
    saved = None
    if count is not None and worked is not None:
        saved = round((count.manual_minutes * figures.completed - worked - upkeep) / 60, 1)
    return Hours(
        hours=saved,
        provisional=count is not None and count.provisional,
        manual_minutes=count.manual_minutes if count else None,
        source=count.source if count else "",
        done=figures.completed,
        people_minutes=None if worked is None else round(worked, 1),
        upkeep_minutes=round(upkeep, 1),
        missing=missing,
    )


def _sum_hours(parts: Iterable[Hours]) -> Hours | None:
    """Of a channel: what is known of its services, all of measured or all of provisional minutes; `missing` where of some it is
    not. Upkeep is not the channel's."""
    all_ = list(parts)
    if not all_:
        return None
    known = [one for one in all_ if one.hours is not None]
    return Hours(
        hours=round(sum(one.hours or 0 for one in known), 1) if known else None,
        provisional=all_[0].provisional,
        manual_minutes=None,
        source="",
        done=sum(one.done for one in known),
        people_minutes=round(sum(one.people_minutes or 0 for one in known), 1),
        upkeep_minutes=0.0,
        missing="" if len(known) == len(all_) else "some",
    )


def _total_hours(lines: list[Line], robots: list[RobotLine]) -> tuple[float | None, float | None]:
    """Measured, and estimated. A robot counts by itself where its service is not measured as a whole."""
    known = [(one.key, one.hours) for one in lines if one.hours is not None and one.hours.hours is not None]
    whole = {key: one.hours or 0.0 for key, one in known if not one.provisional}
    by_robots = [one.hours[0] for one in robots if one.hours and one.service not in whole]
    estimated = [one.hours or 0.0 for _, one in known if one.provisional]
    measured = [*whole.values(), *by_robots]
    return (
        round(sum(measured), 1) if measured else None,
        round(sum(estimated), 1) if estimated else None,
    )


def rates_of(service: Service | None, as_of: datetime) -> dict[str, int | None]:
    """What an hour, a letter, a text and a transfer cost the town on that day, in yen; None where it has not said so."""
    if service is None:
        return dict.fromkeys(RATES)
    return {name: service.param(name, in_tokyo(as_of).date()) or None for name in RATES}


def _cost(figures: Figures, mean: float | None, rates: Mapping[str, int | None]) -> Cost:
    if not figures.ended:
        return Cost(None)
    worked = people_minutes(figures, mean)
    amounts = {"letter": figures.letters, "sms": figures.texts, "transfer": figures.transfers}
    needed = {name: amount for name, amount in amounts.items() if amount}
    if worked != 0:
        needed["hour"] = 0
    missing = [name for name in RATES if name in needed and rates[name] is None]
    if worked is None:
        missing.append("minutes")
    if missing or worked is None:
        return Cost(None, tuple(missing))
    yen = worked / 60 * (rates["hour"] or 0) + sum(amounts[name] * (rates[name] or 0) for name in amounts)
    return Cost(round(yen / figures.ended, 1))


def _cost_of_all(lines: list[Line], rates: Mapping[str, int | None]) -> Cost:
    """Over all services: known where it is known of each that had a case."""
    had = [one for one in lines if one.figures.ended and one.cost]
    missing = sorted({name for one in had if one.cost for name in one.cost.missing})
    ended = sum(one.figures.ended for one in had)
    if missing or not ended:
        return Cost(None, tuple(missing))
    return Cost(round(sum((one.cost.yen or 0) * one.figures.ended for one in had if one.cost) / ended, 1))


def _robots(period: Period) -> list[RobotLine]:
    """What was kept of the robots, of the months that lie in the period."""
    lines = []
    for saved in projection.kept():
        whole = savings.Period()
        for month, part in saved.months.items():
            if period.months(month):
                whole.add(part)
        lines.append(
            RobotLine(
                key=saved.robot,
                service=saved.robot.split("/")[0],
                done=whole.done,
                handed_over=whole.handed_over,
                upkeep_minutes=round(whole.upkeep_minutes, 1),
                hours=saved.hours(whole) if whole.done else None,
            )
        )
    return lines


# -- what to mend -----------------------------------------------------------------------------------
_MEND = f"""
select service, hard, count(*), 0, 0, 0 from progress_served where {_DURING} and score <= {DISSATISFIED} group by 1, 2
union all
select service, t.key, 0, sum((t.value ->> 0)::int), sum((t.value ->> 1)::int), sum((t.value ->> 2)::int)
from progress_served cross join lateral jsonb_each(troubles) as t
where {_DURING} and jsonb_typeof(troubles) = 'object' group by 1, 2"""


def mend(period: Period, as_of: datetime) -> list[Mend]:
    """Where most was hard in the open town first; who said so counts before what the log says."""
    counts: dict[tuple[str, str], list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MEND, {"begin": period.begin, "end": period.end, "town": towns.current_town()})
        for service, step, *numbers in cursor.fetchall():
            before = counts.setdefault((service, step), [0] * 5)
            for place, number in enumerate(numbers):
                before[place] += int(number)
    if period.end > as_of:
        for where, number in late_now(as_of).items():
            counts.setdefault(where, [0] * 5)[4] = number
    found = [Mend(service, step, *numbers) for (service, step), numbers in counts.items()]
    return sorted(
        (one for one in found if one.all),
        key=lambda one: (-one.all, -one.dissatisfied, one.service, one.step),
    )


# -- names ------------------------------------------------------------------------------------------
def _worded(words: str, key: str) -> Text:
    """What it is called; as it is kept, where there is no word for it."""
    return ui_text(words) if words in ui_words() else Text.same(key)


_NAMES: Mapping[str, Callable[[str], Text]] = {
    "age_band": lambda key: _worded(f"brought.age_{key.replace('-', '_')}", key),
    "channel": lambda key: _worded(f"desk.channel_{key}", key),
    "language": lambda key: Text.same(LANGUAGE_LABELS.get(key, key)),
    "district": Text.same,
}


def group_name(group: str, key: str) -> Text:
    """What a group is called; one that nobody knows is said to be so."""
    return _NAMES[group](key) if key else ui_text("brought.not_known")
