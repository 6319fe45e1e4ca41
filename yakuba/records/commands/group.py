"""`yakuba records …`: standard data. The group, and what its commands share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yakuba.words import LANGUAGES

if TYPE_CHECKING:
    from yakuba.records.standards import Definition

in_language = click.option("--language", type=click.Choice(LANGUAGES), default="ja", show_default=True)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
town_option = click.option("--town", required=True, help="6-digit code of the town.")
the_file = click.Path(exists=True, dir_okay=False, path_type=Path)
the_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def records() -> None:
    """Standard data: definitions, files held to them, old and new compared."""


def definition_named(name: str) -> Definition:
    """The version of a definition in use. Raises ClickException: none, or a faulty one."""
    from yakuba.records.standards import FaultyDefinition
    from yakuba.records.versions import in_use

    try:
        return in_use(name)
    except (FaultyDefinition, KeyError) as error:
        raise click.ClickException(str(error.args[0])) from error


def newest_definitions() -> list[Definition]:
    """The version in use of each definition."""
    from yakuba.records.standards import FaultyDefinition
    from yakuba.records.versions import all_in_use

    try:
        return all_in_use()
    except FaultyDefinition as error:
        raise click.ClickException(str(error)) from error


def group_named(what: str) -> tuple[Definition, str]:
    """The definition that has a group of that name. Raises ClickException: none, or several."""
    name, _, group = what.rpartition("/")
    known = [definition_named(name)] if name else newest_definitions()
    found = [one for one in known if group in one.groups()]
    if len(found) != 1:
        several = ", ".join(f"{one.id}/{group}" for one in found) or "none"
        raise click.ClickException(f"{what}: {several}. yakuba records standards lists what there is.")
    return found[0], group


@contextmanager
def refused(language: str) -> Iterator[None]:
    """What was refused, or a file that cannot be read, is said in the reader's language, with exit code 1."""
    from yakuba.records.errors import RecordsError
    from yakuba.records.values.encodings import Refused

    try:
        yield
    except (RecordsError, Refused) as error:
        raise click.ClickException(error.text.get(language)) from error


def echo(shown: Any, as_json: bool, text: str) -> None:
    """As JSON, or as text."""
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else text)
