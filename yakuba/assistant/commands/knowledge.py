"""`yakuba assistant import | check`: what the assistant can quote, read and looked through."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import orjson

from yakuba.assistant.commands.group import assistant
from yakuba.assistant.knowledge import base, emergencies, files
from yakuba.assistant.knowledge.entry import Entry
from yakuba.assistant.knowledge.services import FaultySynonyms, synonyms
from yakuba.assistant.knowledge.town import FaultyTown, Town, read_town
from yakuba.clock import now
from yakuba.command_line import var_folder
from yakuba.declare import load_catalogue
from yakuba.declare.load import ROOT
from yakuba.words import LANGUAGES, Text, ui


@assistant.command(name="import")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--town", required=True, help="6-digit code of the town whose text it is.")
@click.option("--as", "read_as", type=click.Choice(["faq", "page", "manual"]), required=True,
              help="Questions and answers, pages, or the manual of the staff, which residents never see.")  # fmt: skip
@click.option("--base", default="", help="The address of the page, for its links.")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="ja",
    show_default=True,
    help="In which to say what is wrong.",
)
@click.option("--dry-run", is_flag=True, help="Read and report only; keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_(
    paths: tuple[Path, ...],
    town: str,
    read_as: files.As,
    base: str,
    language: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in questions and pages of a town: CSV, Markdown or HTML, in UTF-8 or Shift_JIS. Ends with 1 where a part was not
    read."""
    as_of = now()
    reading = partial(files.read_file, read_as=read_as, as_of=as_of.date(), base=base)
    reports = (
        [reading(path, _named(town)) for path in paths] if dry_run else _kept(paths, reading, town, as_of)
    )
    if as_json:
        shown = [_plain(report, language) for report in reports]
        click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo("\n".join(line for report in reports for line in _lines(report, language)))
    if any(report.held for report in reports):
        sys.exit(1)


def _kept(
    paths: Sequence[Path], reading: Callable[[Path, Town], files.Report], town: str, as_of: datetime
) -> list[files.Report]:
    """What is read is live at once; what is the same as before is not written again."""
    if prepare := click.get_current_context().find_root().obj:
        prepare()
    from yakuba.access import SYSTEM, towns
    from yakuba.assistant import library, written
    from yakuba.register import queries as register

    if register.town(town) is None:
        raise click.BadParameter(f"no town {town!r} is served here. Towns: yakuba town list.")
    with towns.inside(town):
        reports = [reading(path, library.the_town()) for path in paths]
        entries = [entry for report in reports for entry in report.entries]
        written.keep_entries(entries, by=SYSTEM(town), as_of=as_of)
    return reports


def _named(code: str) -> Town:
    """The town as far as it is known without its data."""
    try:
        return Town(code=code, name=Text.same(code))
    except ValueError as error:
        raise click.BadParameter(f"{code!r} is no code of a town: six digits.") from error


def _plain(report: files.Report, language: str) -> dict[str, Any]:
    notes = [
        {
            "line": note.line,
            "what": note.what.get(language),
            "mend": note.mend.get(language),
            "held": note.held,
        }
        for note in report.notes
    ]
    entries = [
        {
            "id": one.id,
            "question": one.question["ja"],
            "answer": one.answer["ja"],
            "audience": one.audience,
            "link": one.source.link,
        }
        for one in report.entries
    ]
    return {
        "file": report.file,
        "read": len(entries),
        "held": len(report.held),
        "notes": notes,
        "entries": entries,
    }


def _lines(report: files.Report, language: str) -> list[str]:
    read = ui("knowledge.read", language, file=report.file, n=len(report.entries))
    return [read, *(note.said(language) for note in report.notes)]


@assistant.command()
@click.option(
    "--town-file",
    type=click.Path(path_type=Path, exists=True),
    help="A town's file (town.yaml), to be checked as well.",
)
@click.option("--services", type=click.Path(path_type=Path, exists=True), envvar="YAKUBA_SERVICES", default=ROOT,
              help="The folder of declared services.")  # fmt: skip
def check(town_file: Path | None, services: Path) -> None:
    """Look through what all towns share: the base of answers, what is said in danger, what people call services."""
    try:
        town = read_town(town_file) if town_file else _named("000000")
        entries = [*_shared(town), *emergencies.urgent_entries(town)]
        called = synonyms()
    except (base.FaultyBase, emergencies.FaultyUrgent, FaultyTown, FaultySynonyms) as error:
        raise click.ClickException(str(error)) from error
    offered = {
        id
        for id, one in load_catalogue(services, keep_in=var_folder() / "catalogue").services.items()
        if one.offered
    }
    wrong = [f"{one.id} leads to the service {one.service!r}, which is not offered." for one in entries
             if one.service and one.service not in offered]  # fmt: skip
    wrong += [
        f"synonyms.yaml names the service {id!r}, which is not offered." for id in set(called) - offered
    ]
    wrong += [
        f"{town_file} switches off {id!r}, which is no shared entry." for id in set(town.off) - _shared_ids()
    ]
    if wrong:
        raise click.ClickException("\n".join(sorted(wrong)))
    three = sum(set(one.answer) == set(LANGUAGES) for one in entries)
    approved = emergencies.read().approved
    click.echo(f"{len(entries)} answers, {three} of them in three languages: all right")
    if approved == "provisional":
        click.echo("What is said in danger is not approved by a town yet (docs/knowledge.md).")


def _shared(town: Town) -> list[Entry]:
    """Read anew only where a file has changed."""
    return base.shared_entries(town, keep_in=var_folder() / "assistant")


def _shared_ids() -> set[str]:
    """Also those that a town has switched off."""
    return {one.id for one in _shared(_named("000000"))}
