"""`yakuba paper read`: what stands on scans and photos. `yakuba paper eval`: how often that is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from yakuba.command_line import needs_django


@click.group()
def paper() -> None:
    """Forms on paper: read and measured."""


@paper.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def read(files: tuple[Path, ...], as_json: bool) -> None:
    """Read FILES: scans or photos of our own forms, and papers of others such as invoices."""
    from yakuba.assistant.reading import engine, pictures, reader, telling
    from yakuba.cases import catalogue
    from yakuba.channels.paper import sheets

    try:
        reading = engine.engine()
    except engine.NoEngine as error:
        raise click.ClickException(str(error)) from error
    forms = sheets.forms(catalogue.national().services)
    told: list[dict[str, Any]] = []
    for file in files:
        try:
            pages = reader.read(file.read_bytes(), forms, reading, sheets.prior())
            told.append({"file": str(file), "pages": [telling.page(one) for one in pages]})
        except pictures.NotAPicture as error:
            told.append({"file": str(file), "pages": [], "error": error.why})
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    for one in told:
        click.echo("\n".join(telling.lines(one)))


@paper.command()
@click.option(
    "--forms", "count", default=200, show_default=True, help="Pages of forms that are written and read."
)
@click.option("--seed", default=1, show_default=True, help="Other pages, other answers.")
@click.option("--alone", is_flag=True, help="Without the peers, which take ten times as long.")
@click.option("--wrong", is_flag=True, help="Print every answer that was read wrong, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def eval(count: int, seed: int, alone: bool, wrong: bool, as_json: bool) -> None:
    """Write forms by made-up hands, spoil them as scanners and phones do, read them, and count; beside RapidOCR on the
    whole page and Tesseract."""
    from yakuba.assistant.reading import engine
    from yakuba.cases import catalogue
    from yakuba.channels.paper import trial

    try:
        reading = engine.engine()
    except engine.NoEngine as error:
        raise click.ClickException(str(error)) from error
    if not alone and not trial.Tesseract.is_there():
        click.echo("Tesseract is not here: apt-get install tesseract-ocr tesseract-ocr-jpn", err=True)
    services = {name: one for name, one in catalogue.national().services.items() if one.offered}
    report = trial.measure(
        trial.trials(list(services.values()), count, seed),
        services,
        reading,
        [] if alone else trial.peers(reading),
        trial.prior(),
    )
    told = trial.told(report, wrong=wrong)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    click.echo("\n".join(trial.lines(told)))
