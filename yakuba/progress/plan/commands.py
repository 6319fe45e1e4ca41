"""`yakuba progress plan | next | report`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yakuba.command_line import needs_django
from yakuba.progress.asked import json_option, known, language_option, town_option

if TYPE_CHECKING:
    from yakuba.progress.plan.nexts import NextStep
    from yakuba.progress.plan.whole import Whole

MOST = 3
"""Steps that are shown where nobody says how many: more at once is no next step."""


def _whole(town: str) -> Whole:
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.progress.plan import whole
    from yakuba.register import queries as register

    known(town)
    if register.is_partner(town):
        raise click.ClickException(f"{town!r} is a partner, who has no plan; see: yakuba town list")
    with towns.inside(town):
        found = whole.whole(town, as_of=clock.now())
    if not found.plan.items:
        raise click.ClickException(
            "services/shared/plan.yaml of this catalogue has no items: there is no plan."
        )
    return found


@click.command(name="plan")
@town_option
@json_option
@language_option
@needs_django
def plan_(town: str, as_json: bool, language: str) -> None:
    """How each item of the DX plan stands in a town, with what shows it: counted from what runs, not from what somebody ticked."""
    found = _whole(town)
    lines = [json.dumps(found.to_json(), ensure_ascii=False, indent=2)] if as_json else _told(found, language)
    for line in lines:
        click.echo(line)


def _told(found: Whole, language: str) -> Iterator[str]:
    from yakuba.words import ui

    if found.is_over and found.plan.after:
        yield found.plan.after.get(language)
    for part, items in found.parts:
        yield f"\n{ui(f'plan.part_{part}', language)}"
        for one in items:
            yield f"  {one.item.name.get(language)}: {ui(f'plan.standing_{one.standing}', language)}"
            for evidence in one.state.evidence:
                yield f"      {evidence.text.get(language)}"
            if one.left_out:
                yield f"      {ui('plan.left_out', language, because=one.left_out.get(language))}"
    yield f"\n{ui('plan.own', language)}"
    if found.own is None:
        yield f"  {ui('plan.own_none', language)}"
    for goal in found.goals:
        yield f"  {goal.goal.says.get(language)} ({goal.goal.by}): {ui(f'plan.goal_{goal.stands}', language)}"


@click.command(name="next")
@town_option
@click.option("--most", type=click.IntRange(1), default=MOST, show_default=True, help="How many.")
@json_option
@language_option
@needs_django
def next_(town: str, most: int, as_json: bool, language: str) -> None:
    """What the town does best next: ranked with its reasons, what it takes, and whether a partner can do it."""
    found = _whole(town)
    if as_json:
        said = [one.to_json(language) for one in found.next[:most]]
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    for number, one in enumerate(found.next[:most], start=1):
        for line in _step(number, one, found, language):
            click.echo(line)


def _step(number: int, one: NextStep, found: Whole, language: str) -> Iterator[str]:
    from yakuba.progress.plan.telling import takes
    from yakuba.words import ui

    yield f"{number}. {one.do.get(language)} [{ui('plan.points', language, points=one.points)}]"
    for reason in one.reasons:
        yield f"     +{reason.points} {reason.text.get(language)}"
    yield f"   {ui('plan.takes', language)}: {takes(one.takes).get(language)}"
    partner = ui(f"plan.partner_{one.partner.may}", language)
    yield f"   {ui('plan.to_partner', language)}: {partner}: {one.partner.because.get(language)}"
    if one.needs:
        items = ", ".join(found.plan.items[name].name.get(language) for name in one.needs)
        yield f"   {ui('plan.needs_first', language, items=items)}"
    yield f"   {ui('plan.how', language)}: {one.how}"


@click.command()
@town_option
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A file .pdf.")
@language_option
@needs_django
def report(town: str, out: Path, language: str) -> None:
    """Write the whole plan of a town as a PDF: items, procedures, goals, what comes next, with nothing but measured figures."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.progress import brought
    from yakuba.progress.brought import period, projection
    from yakuba.progress.plan import report as paper

    if out.suffix != ".pdf":
        raise click.UsageError(f"{out.name}: a report is a .pdf.")
    if not out.parent.is_dir():
        raise click.UsageError(f"{out.parent}: there is no such folder.")
    found = _whole(town)
    projection.refresh(town)
    now = clock.now()
    with towns.inside(town):
        made = paper.pdf(found, language, brought.summary(period.this_year(now), now))
    out.write_bytes(made)
    click.echo(f"written: {out} ({len(made):,} bytes)")


commands: list[click.Command] = [plan_, next_, report]
