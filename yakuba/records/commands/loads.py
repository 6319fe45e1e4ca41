"""Loads of old data: taken in, compared with what is current, cut over, taken back; and standard data written out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yakuba.command_line import needs_django
from yakuba.records.commands.group import (
    as_json_option,
    echo,
    in_language,
    records,
    refused,
    the_folder,
    town_option,
)

if TYPE_CHECKING:
    from yakuba.records.models import Cutover, Load

load_argument = click.argument("load", type=click.UUID)


@records.command()
@town_option
@as_json_option
@needs_django
def loads(town: str, as_json: bool) -> None:
    """The loads of a town, the newest first: what came in and what became of it."""
    from yakuba.access import towns
    from yakuba.records import queries

    with towns.inside(town):
        found = [_load_json(one) for one in queries.loads()]
    echo(found, as_json, "\n".join(_line(one) for one in found))


@records.command("take-in")
@click.argument("folder", type=the_folder)
@town_option
@click.option(
    "--part", is_flag=True, help="The files are a part of what the old system has: they take nothing away."
)
@as_json_option
@in_language
@needs_django
def take_in(folder: Path, town: str, part: bool, as_json: bool, language: str) -> None:
    """Take the FOLDER of an import in as a rehearsal beside what is current; each held row becomes a case."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.records import actions, held

    now = clock.now()
    with refused(language), towns.inside(town):
        load = actions.take_in(folder, by=SYSTEM(town), as_of=now, whole=not part)
    held.open_all(town, as_of=now)
    shown = _load_json(load)
    echo(shown, as_json, _line(shown))


@records.command()
@load_argument
@town_option
@as_json_option
@in_language
@needs_django
def differences(load: Any, town: str, as_json: bool, language: str) -> None:
    """Compare what is current with what it would be after the cut-over of LOAD (現新比較). Ends with 1 where they differ."""
    from yakuba.access import towns
    from yakuba.records import queries, telling

    with refused(language), towns.inside(town):
        found = queries.differences(queries.load(load))
    texts = "\n\n".join(telling.comparison_text(one, language) for one in found.values())
    echo([telling.comparison_json(one) for one in found.values()], as_json, texts)
    raise SystemExit(0 if all(one.equal for one in found.values()) else 1)


@records.command("cut-over")
@load_argument
@town_option
@click.option(
    "--leave-held", is_flag=True, help="Rows that are held stay behind; they follow as they are mended."
)
@as_json_option
@in_language
@needs_django
def cut_over(load: Any, town: str, leave_held: bool, as_json: bool, language: str) -> None:
    """Make LOAD the town's standard data, in one step."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.records import actions

    with refused(language), towns.inside(town):
        made = actions.cut_over(load, by=SYSTEM(town), as_of=clock.now(), leave_held=leave_held)
    _print_cutover(made, as_json)


@records.command("roll-back")
@load_argument
@town_option
@click.option("--reason", required=True, help="Why; it is kept.")
@as_json_option
@in_language
@needs_django
def roll_back(load: Any, town: str, reason: str, as_json: bool, language: str) -> None:
    """Make current again what was so before LOAD was cut over."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.records import actions

    with refused(language), towns.inside(town):
        made = actions.roll_back(load, by=SYSTEM(town), as_of=clock.now(), reason=reason)
    _print_cutover(made, as_json)


@records.command()
@load_argument
@town_option
@as_json_option
@in_language
@needs_django
def discard(load: Any, town: str, as_json: bool, language: str) -> None:
    """Remove the rows of the rehearsal LOAD and end the cases of those that are held; its counts stay."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.records import actions, held

    now = clock.now()
    with refused(language), towns.inside(town):
        found = actions.discard(load, by=SYSTEM(town), as_of=now)
    held.end_discarded(town, as_of=now)
    shown = _load_json(found)
    echo(shown, as_json, _line(shown))


@records.command()
@town_option
@click.option("--standard", required=True, help="The definition's id, such as resident-register.")
@click.option("--group", default="", help="One group; all of them when not given.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where the files go."
)
@as_json_option
@needs_django
def export(town: str, standard: str, group: str, out: Path, as_json: bool) -> None:
    """Write the town's standard data, a file GROUP.csv for each group, as `records conform` takes it."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.records import giving

    with towns.inside(town):
        definition = giving.in_use(standard)
        if definition is None:
            raise click.ClickException(
                f"{town} has no current data of {standard}: {', '.join(giving.standards())}"
            )
        groups = [group] if group else list(definition.groups())
        if unknown := set(groups) - definition.groups().keys():
            raise click.ClickException(
                f"{standard} has no group {unknown.pop()}: {', '.join(definition.groups())}"
            )
        out.mkdir(parents=True, exist_ok=True)
        for one in groups:
            giving.export(definition, one, out / f"{one}.csv", by=SYSTEM(town), as_of=clock.now())
        about = {"standard": standard, "version": definition.version, "sequence": giving.last(standard)}
    files = [str(out / f"{one}.csv") for one in groups]
    echo({**about, "files": files}, as_json, "\n".join(files))


def _load_json(load: Load) -> dict[str, Any]:
    from yakuba import clock

    return {
        "id": str(load.id),
        "standard": load.standard,
        "version": load.version,
        "source": load.source,
        "state": load.state,
        "whole": load.whole,
        "taken_in_at": clock.in_tokyo(load.taken_in_at).isoformat(timespec="seconds"),
        "taken_in_by": load.taken_in_by,
        "files": load.files,
        "groups": load.counts,
        "kinds": load.kinds,
    }


def _line(one: dict[str, Any]) -> str:
    """A load as a line, and a line for each group: in = accepted + repaired + held + set aside."""
    groups = [
        f"  {group}\t" + "\t".join(f"{name} {count:,}" for name, count in counts.items())
        for group, counts in one["groups"].items()
    ]
    head = "\t".join(
        (one["id"], one["state"], one["standard"], one["version"], one["source"], one["taken_in_at"])
    )
    return "\n".join([head, *groups])


def _print_cutover(made: Cutover, as_json: bool) -> None:
    shown = {"sequence": made.sequence, "kind": made.kind, "load": str(made.load_id), "groups": made.counts}
    lines = [
        f"  {group}\t" + "\t".join(f"{name} {count:,}" for name, count in counts.items())
        for group, counts in made.counts.items()
    ]
    echo(shown, as_json, "\n".join([f"{made.sequence}\t{made.kind}", *lines]))
