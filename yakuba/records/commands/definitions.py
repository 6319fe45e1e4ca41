"""Definitions of the standard."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yakuba.records.commands.group import (
    as_json_option,
    definition_named,
    echo,
    newest_definitions,
    records,
    the_file,
)
from yakuba.records.folders import own_standards

if TYPE_CHECKING:
    from yakuba.records.standards import Definition


@records.command()
@click.argument("name", required=False)
@as_json_option
def standards(name: str | None, as_json: bool) -> None:
    """The item definitions there are; of one NAME its items, group by group."""
    if name:
        one = definition_named(name)
        echo(_items(one), as_json, _table(one))
        return
    newest = [about(one) for one in newest_definitions()]
    echo(newest, as_json, "\n".join("\t".join(map(str, one.values())) for one in newest))


def about(one: Definition) -> dict[str, str | int | bool]:
    return {
        "id": one.id,
        "name": one.name["ja"],
        "version": one.version,
        "provisional": one.provisional,
        "groups": len(one.groups()),
        "items": len(one.items),
    }


def _items(one: Definition) -> dict[str, object]:
    groups = {
        group: [
            {
                "id": item.id,
                "name": item.name,
                "romaji": item.romaji,
                "key": item.key,
                "type": item.type,
                "digits": [item.digits.whole, item.digits.fraction] if item.digits else None,
                "code": item.code,
                "output": item.output,
            }
            for item in items
        ]
        for group, items in one.groups().items()
    }
    return {**about(one), "source": one.source, "groups": groups}


def _table(one: Definition) -> str:
    lines = [f"{one.name['ja']}\t{one.version}\t{one.source}"]
    for group, items in one.groups().items():
        lines.append(f"\n{group}")
        for item in items:
            digits = (
                f"{item.digits.whole}{f',{item.digits.fraction}' * bool(item.digits.fraction)}"
                if item.digits
                else ""
            )
            lines.append(
                "\t".join((item.id, "○" * item.key, item.name, item.romaji, item.type, digits, item.output))
            )
    return "\n".join(lines)


@records.command()
@click.argument("name")
@click.argument("items", type=the_file)
@click.option("--codes", type=the_file, help="Its lists of codes.")
@click.option("--version", required=True, help="What the version is called, such as 2026-08 or 4.0.")
@click.option(
    "--published", required=True, type=click.DateTime(["%Y-%m-%d"]), help="From when it is in force."
)
@click.option("--source", required=True, help="Who published it, and under which title.")
@click.option("--licence", required=True, help="Its terms of use.")
def define(
    name: str, items: Path, codes: Path | None, version: str, published: datetime, source: str, licence: str
) -> None:
    """Bring in the official item definition sheet ITEMS (CSV or XLSX) as a version of NAME. It then stands before a
    provisional one."""
    from yakuba.records.standards import About, FaultyDefinition, bring_in, read_items
    from yakuba.records.standards.library import NOT_WRITTEN

    before = definition_named(name)
    try:
        operation = read_items(items.read_bytes(), items.name)[0].id[:3]
        about = About(
            operation=operation, name=before.name, published=_day(published), provisional=False, source=source,
            licence=licence,
        )  # fmt: skip
        made = bring_in(own_standards(), name, version, about, items=items, codes=codes, before=before)
    except FaultyDefinition as error:
        raise click.ClickException(str(error)) from error
    open_ = sum(one.untold == NOT_WRITTEN for one in made.requirements.values())
    click.echo(f"{made.id} {made.version}: {len(made.items)} items in {len(made.groups())} groups.")
    if open_:
        click.echo(
            f"{open_} conditions are to be written in {own_standards() / name / version / 'conditions.yaml'}"
        )


def _day(moment: datetime) -> date:
    return moment.date()
