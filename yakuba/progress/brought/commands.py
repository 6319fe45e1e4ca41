"""`yakuba progress brought`: what it brought a town; `refresh`: its stored rows are kept up with the log, or made anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from yakuba import clock
from yakuba.command_line import needs_django
from yakuba.progress.asked import json_option, known, language_option, town_option
from yakuba.words import ui_text

if TYPE_CHECKING:
    from yakuba.progress.brought.figures import Figures, Line, Summary

_Word = Callable[[str], str]
SHOWN = 10
"""Lines of each part on the screen; `--json` gives all."""


@click.command()
@town_option
@click.option("--year", type=int, help="Fiscal year (April to March); the present one if not given.")
@json_option
@language_option
@needs_django
def brought(town: str, year: int | None, as_json: bool, language: str) -> None:
    """What it brought a town: hours saved, days, completion, satisfaction and cost of a case; for whom; and what to mend next."""
    from yakuba.access import towns
    from yakuba.progress.brought import projection, summary
    from yakuba.progress.brought.period import this_year

    known(town)
    now = clock.now()
    projection.refresh(town)
    with towns.inside(town):
        found = summary(this_year(now) if year is None else year, now)
    click.echo(json.dumps(found.to_json(), ensure_ascii=False) if as_json else _printed(found, language))


@click.command()
@town_option
@click.option("--rebuild", is_flag=True, help="Make all rows anew, not only those of cases that changed.")
@needs_django
def refresh(town: str, rebuild: bool) -> None:
    """Keep the stored rows about what came of each case up with the log; a worker does so every five minutes."""
    from yakuba.progress.brought import projection

    known(town)
    now = clock.now()
    made = projection.rebuild(town, as_of=now) if rebuild else projection.refresh(town)
    if not rebuild:
        projection.save_savings(town, as_of=now)
    click.echo(f"{made:,} cases")


def _printed(found: Summary, language: str) -> str:
    def word(key: str) -> str:
        return _word(key, language)

    head = f"{found.town}  {found.period.since} – {found.period.until}"
    lines = [head, f"  {word('brought.all')}: {_figures(found.total, word)}"]
    for name, hours in (
        ("brought.measured", found.measured_hours),
        ("brought.estimated", found.estimated_hours),
    ):
        lines.append(f"  {word(name)}: {_of(hours, 'h', word)}")
    if found.unknown_cases:
        lines.append(f"  {word('brought.hours_unknown')}: {found.unknown_cases:,}")
    missing = "、".join(word(f"brought.rate_{one}") for one in found.cost.missing)
    lines.append(
        f"  {word('brought.cost')}: {_of(found.cost.yen, '円', word)}{f'（{missing}）' if missing else ''}"
    )
    for part, some in (("brought.services", found.services), ("brought.channels", found.channels)):
        lines += ["", word(part)]
        lines += [
            f"  {one.name.get(language)}: {_figures(one.figures, word)}; {_hours(one, word)}"
            for one in some[:SHOWN]
        ]
    if found.robots:
        lines += ["", word("brought.robots")]
        lines += [
            f"  {one.key}: {one.done:,}; {_of(one.hours[0] if one.hours else None, 'h', word)}"
            for one in found.robots
        ]
    for group, some in found.groups.items():
        lines += ["", word(f"brought.by_{group}")]
        lines += [f"  {one.name.get(language)}: {_figures(one.figures, word)}" for one in some[:SHOWN]]
    lines += ["", word("brought.mend")]
    lines += [
        f"  {one.service} / {one.step}: {one.dissatisfied} {word('brought.dissatisfied')}, {one.returned} {word('brought.returned')}, "
        f"{one.failed} {word('brought.failed')}, {one.late + one.late_now} {word('brought.late')}"
        for one in found.mend[:SHOWN]
    ]
    return "\n".join(lines)


def _figures(one: Figures, word: _Word) -> str:
    share = "—" if one.completion is None else f"{one.completion:.0%}"
    score = "—" if one.score is None else f"{one.score} ({one.rated})"
    return (
        f"{word('brought.ended')} {one.ended:,} ({share}), {word('brought.days')} {_of(one.days, '', word)}, "
        f"{word('brought.pay_days')} {_of(one.pay_days, '', word)}, {word('brought.score')} {score}"
    )


def _hours(line: Line, word: _Word) -> str:
    """Measured hours and estimated ones beside each other."""
    known = [one for one in (line.hours, line.estimated) if one and one.hours is not None]
    told = [
        f"{one.hours} h" + (f" ({word('brought.provisional')})" if one.provisional else "") for one in known
    ]
    return ", ".join(told) or word("brought.hours_unknown")


def _of(value: float | None, unit: str, word: _Word) -> str:
    return word("brought.not_known") if value is None else f"{value:,}{unit}"


def _word(key: str, language: str) -> str:
    return ui_text(key).get(language)


commands: list[click.Command] = [brought, refresh]
