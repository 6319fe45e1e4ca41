"""`yakuba assistant import | check`: what the assistant can quote, read and looked through."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from yakuba.assistant.commands.group import assistant
from yakuba.assistant.knowledge import files
from yakuba.assistant.knowledge.entry import Entry
from yakuba.assistant.knowledge.town import DEMO, Town, read_town
from yakuba.clock import now
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
    reports = [
        files.read_file(path, _town(town), read_as=read_as, as_of=as_of.date(), base=base) for path in paths
    ]
    if not dry_run:
        _keep([entry for report in reports for entry in report.entries], town, as_of)
    if as_json:
        shown = [_plain(report, language) for report in reports]
        click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo("\n".join(line for report in reports for line in _lines(report, language)))
    if any(report.held for report in reports):
        sys.exit(1)


def _keep(entries: Sequence[Entry], town: str, as_of: datetime) -> None:
    """What was read is live at once; what is the same as before is not written again."""
    if prepare := click.get_current_context().find_root().obj:
        prepare()
    from yakuba.access import SYSTEM, towns
    from yakuba.assistant import written

    with towns.inside(town):
        written.keep_entries(entries, by=SYSTEM(town), as_of=as_of)


def _town(code: str) -> Town:
    """The town as far as it is known without its data."""
    demo = read_town(DEMO / "town.yaml")
    try:
        return demo if code == demo.code else Town(code=code, name=Text.same(code))
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
