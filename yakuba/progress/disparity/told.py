"""A report in words for the command line, in English as all commands. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from yakuba.progress.disparity import mergers
from yakuba.progress.disparity.peers import Compared
from yakuba.progress.disparity.report import Group, Measured, Report
from yakuba.progress.disparity.table import indicators
from yakuba.progress.disparity.written import SOURCE, percent, points


def told(report: Report) -> str:
    """The report in lines."""
    table = report.table
    lines = [
        f"{len(table.towns):,} municipalities. {SOURCE}, published {table.published or 'on an unknown day'}.",
        *(f"Merged: {one.name} from {'・'.join(one.parts)}" for one in table.merged),
        *([f"Columns that nobody asks for: {', '.join(table.unknown)}"] if table.unknown else []),
    ]
    for one in report.measured.values():
        lines += ["", *_indicator(one)]
    use = report.use
    lines += [
        "",
        f"All 26 procedures of child-raising and care online: {use.offering:,} municipalities; "
        f"{use.reporting:,} of them say how much is used, {use.at_zero:,} of those have 0 % on every one.",
    ]
    return "\n".join(lines)


def peers(code: str, found: Compared) -> str:
    """A town beside its peers, in lines."""
    change = mergers.changes().get(code)
    lines = [
        *([f"{change.old_name} ({code}) is {change.new_name} since {change.day}."] if change else []),
        f"{found.town.prefecture} {found.town.name}"
        if found.town
        else f"{code}, which the table does not have",
        f"Alike by {', '.join(found.by)}; distance in standard deviations.",
        "",
    ]
    for one in found.peers:
        town = one.town
        ahead = f"  ahead in: {', '.join(one.ahead)}" if one.ahead else ""
        lines.append(
            f"  {one.distance:.2f}  {town.code} {town.prefecture}{town.name} {town.population:,}{ahead}"
        )
    for title, leads in (
        ("In what they are ahead" if found.town else "What they do", found.leads),
        ("Of which more comes online there", found.use),
    ):
        if leads:
            lines += ["", f"{title}:"]
        for lead in leads:
            name = indicators()[lead.id].name.en if lead.id in indicators() else lead.id
            own = f" (here {_p(lead.own)})" if lead.own is not None else ""
            who = "・".join(town.name for town in lead.towns[:3])
            lines.append(f"  {name}: {len(lead.towns)} of {lead.known}{own}: {who}")
    return "\n".join(lines)


def _indicator(one: Measured) -> Iterable[str]:
    country = one.country
    yield f"{one.indicator.name.en} ({one.indicator.column})"
    spread = (
        f", p10/p50/p90 {_p(country.p10)}/{_p(country.p50)}/{_p(country.p90)}" if one.gini is not None else ""
    )
    unknown = f", {country.missing:,} unknown" if country.missing else ""
    gap = "–" if one.gap is None else f"{points(one.gap)} points"
    yield f"  mean {_p(country.mean)}{spread}{unknown}; gap between bands {gap}"
    if one.gini is not None and one.theil is not None:
        yield (
            f"  Gini {one.gini:.3f}, Theil {one.theil.total:.3f} "
            f"(between prefectures {one.theil.between:.3f}, within {one.theil.within:.3f})"
        )
    for group in (*one.sizes, *one.kaso):
        yield f"    {group.id:<18} {group.towns:>5,} {_p(group.mean):>6}{_lag(group)}"


def _p(value: float | None) -> str:
    return "–" if value is None else f"{percent(value)} %"


def _lag(group: Group) -> str:
    return f"  {points(group.lag)} points behind" if group.lag else ""
