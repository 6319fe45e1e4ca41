"""The books of some days: what came to be owed, what came in by which way, what went back, and what does not agree with
those who hold the money for the town."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from yakuba.access import Resource, Worker, require, towns
from yakuba.money.fees import provider as providers
from yakuba.money.fees import queries
from yakuba.money.fees.provider import Provider
from yakuba.money.fees.queries import Day
from yakuba.money.models import ONLINE, SLIP


@dataclass(frozen=True, slots=True)
class Difference:
    """Where somebody outside says another sum than we do: who and about what, their yen and ours."""

    on: date
    way: str
    about: str
    theirs: int
    ours: int


@dataclass(frozen=True, slots=True)
class Books:
    """The days from `since` until `until`. `asked`: whether the provider could be asked."""

    since: date
    until: date
    owed: dict[date, tuple[int, int]]
    days: list[Day]
    open: tuple[int, int]
    differences: list[Difference] = field(default_factory=list)
    asked: bool = False

    @property
    def received(self) -> int:
        return sum(day.received for day in self.days)

    @property
    def refunded(self) -> int:
        return sum(day.refunded for day in self.days)

    @property
    def net(self) -> int:
        return self.received - self.refunded

    def lines(self) -> list[str]:
        """For a person."""
        owed = [f"{on}  調定 {n:,}件 {yen:,}円" for on, (n, yen) in sorted(self.owed.items())]
        days = [
            f"{day.on}  {day.way:7}  {day.count:,}件  収納 {day.received:,}円  還付 {day.refunded:,}円  差引 {day.net:,}円"
            for day in self.days
        ]
        differ = [
            f"不一致 {one.on}  {one.way}  {one.about}  相手 {one.theirs:,}円  町 {one.ours:,}円"
            for one in self.differences
        ]
        total = f"計  収納 {self.received:,}円  還付 {self.refunded:,}円  差引 {self.net:,}円"
        return [*owed, *days, total, f"未納（いま） {self.open[0]:,}件 {self.open[1]:,}円", *differ]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data, dates as text."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "owed": [
                {"on": on.isoformat(), "count": n, "yen": yen} for on, (n, yen) in sorted(self.owed.items())
            ],
            "days": [{**asdict(day), "on": day.on.isoformat(), "net": day.net} for day in self.days],
            "received": self.received,
            "refunded": self.refunded,
            "net": self.net,
            "open": {"count": self.open[0], "yen": self.open[1]},
            "differences": [{**asdict(one), "on": one.on.isoformat()} for one in self.differences],
            "provider_asked": self.asked,
        }


def reconcile(since: date, until: date, *, by: Worker, provider: Provider | None = None) -> Books:
    """The books of some days, compared with the rows of the collecting bank and, where there is one that answers, with
    the provider's own list. Raises Denied."""
    town = towns.current_town()
    require(by, "fee.read", Resource("Town", town, town))
    theirs, asked = _provider_says(town, since, until, provider)
    return Books(
        since,
        until,
        queries.owed(since, until),
        queries.days(since, until),
        queries.open_fees(),
        sorted(
            [*_of_provider(theirs, since, until), *_of_bank(since, until)], key=lambda one: (one.on, one.way)
        ),
        asked,
    )


def _provider_says(
    town: str, since: date, until: date, provider: Provider | None
) -> tuple[dict[date, dict[str, int]], bool]:
    """Yen by order on each day, as the provider has it; nothing where it does not answer."""
    said: dict[date, dict[str, int]] = {}
    if provider is None:
        return said, False
    try:
        for day in (since + timedelta(days=n) for n in range((until - since).days + 1)):
            lines = said.setdefault(day, {})
            for line in provider.day(town, day):
                lines[line.number] = lines.get(line.number, 0) + line.amount
    except (providers.Silent, providers.Refused):
        return {}, False
    return said, True


def _of_provider(theirs: dict[date, dict[str, int]], since: date, until: date) -> list[Difference]:
    """Each order with another sum there than here, on the days of which the provider told."""
    ours = queries.provider_lines(since, until)
    found = []
    for on, lines in theirs.items():
        mine = ours.get(on, {})
        for number in sorted({*lines, *mine}):
            if lines.get(number, 0) != mine.get(number, 0):
                found.append(Difference(on, ONLINE, number, lines.get(number, 0), mine.get(number, 0)))
    return found


def _of_bank(since: date, until: date) -> list[Difference]:
    """Days on which the bank collected for slips that the town does not know."""
    rows = queries.collected(since, until)
    return [
        Difference(on, SLIP, "納付書番号が不明", sums["rows"], sums["received"])
        for on, sums in rows.items()
        if sums["unknown"]
    ]
