"""Open data: what datasets there are, files held to them, publishing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from yakuba.command_line import needs_django
from yakuba.records.commands.group import as_json_option, echo, in_language, records, the_folder
from yakuba.words import ui

if TYPE_CHECKING:
    from yakuba.records.opendata import Dataset
    from yakuba.records.publishing import Outcome


def is_dataset(name: str) -> bool:
    """Is a dataset of open data meant? All of them may have `open-data/` in front."""
    from yakuba.records.opendata import datasets
    from yakuba.records.opendata.dataset import PREFIX

    return name.startswith(PREFIX) or name in datasets()


def check(file: Path, name: str, as_json: bool, language: str) -> NoReturn:
    """Hold a file to a dataset, say what was found, and end with 1 where a row is held."""
    from yakuba.records import telling
    from yakuba.records.opendata import UnknownDataset, dataset
    from yakuba.records.opendata.checks import check as checked

    try:
        found = dataset(name)
    except UnknownDataset as error:
        raise click.ClickException(str(error)) from error
    version, report = checked(file, found)
    edition = {"dataset": found.id, "edition": version.id, "provisional": version.provisional}
    shown = {**edition, **telling.report_json(report, language)}
    echo(shown, as_json, telling.report_text(report, language))
    raise SystemExit(0 if report.conforms else 1)


@records.command("datasets")
@as_json_option
@in_language
def list_datasets(as_json: bool, language: str) -> None:
    """The datasets of open data there are, with their editions."""
    from yakuba.records.opendata import datasets

    listed = [_about(one, language) for one in datasets().values()]
    lines = [f"{one['id']}\t{one['name']}\t{', '.join(e['id'] for e in one['editions'])}" for one in listed]
    echo(listed, as_json, "\n".join(lines))


def _about(one: Dataset, language: str) -> dict[str, Any]:
    editions = [
        {"id": v.id, "provisional": v.provisional, "source": v.source, "columns": list(v.heads)}
        for v in one.versions
    ]
    return {"id": one.id, "name": one.name.get(language), "theme": one.theme, "editions": editions}


@records.command()
@click.option("--town", required=True, help="6-digit code of the town.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="A folder other than the site's."
)
@click.option("--from", "given", type=the_folder, help="A folder with files ID.csv that the town hands in.")
@click.option(
    "--licence",
    type=click.Choice(["CC-BY-4.0", "CC0-1.0", "PDL-1.0"]),
    default="CC-BY-4.0",
    show_default=True,
    help="Under which the data may be used.",
)
@click.option(
    "--smallest",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Smaller counts are not shown.",
)
@as_json_option
@in_language
@needs_django
def publish(
    town: str,
    out: Path | None,
    given: Path | None,
    licence: str,
    smallest: int,
    as_json: bool,
    language: str,
) -> None:
    """Publish a town's open data: made from what it has, checked, small counts kept back; what did not change stays as it is.
    Ends with 1 where a dataset is refused."""
    from yakuba import clock
    from yakuba.records import publishing
    from yakuba.records.opendata.shelf import Shelf

    shelf = Shelf(out or publishing.folder(town))
    try:
        outcomes = publishing.publish(
            town, shelf, given=given, licence=licence, threshold=smallest, as_of=clock.now()
        )
    except LookupError as error:
        raise click.ClickException(str(error)) from error
    shown = {
        "town": town,
        "folder": str(shelf.folder),
        "datasets": [_json(one, language) for one in outcomes],
    }
    echo(shown, as_json, "\n".join(_line(one, language) for one in outcomes))
    raise SystemExit(1 if any(one.state == "refused" for one in outcomes) else 0)


def _json(one: Outcome, language: str) -> dict[str, Any]:
    from yakuba.records import telling

    return {
        "id": one.dataset.id,
        "name": one.dataset.name.get(language),
        "state": one.state,
        "version": one.version,
        "rows": one.rows,
        "why": one.why.get(language) if one.why else None,
        "report": telling.report_json(one.report, language) if one.report else None,
        "proof": one.proof,
    }


def _line(one: Outcome, language: str) -> str:
    from yakuba.records import telling
    from yakuba.records.opendata.telling import proof_text

    said = ui(
        f"opendata.was_{one.state}",
        language,
        name=one.dataset.name.get(language),
        version=one.version,
        rows=f"{one.rows:,}",
        why=one.why.get(language) if one.why else "",
    )
    lines = [said]
    if one.proof:
        lines.append("  " + proof_text(one.proof).get(language))
    if one.report and not one.report.refused:
        lines.append(telling.report_text(one.report, language))
    return "\n".join(lines)
