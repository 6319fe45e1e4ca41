"""`yakuba assistant eval`: how well questions are answered."""

from __future__ import annotations

import json
from pathlib import Path

import click

from yakuba.assistant.commands.group import assistant


@assistant.command("eval")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--words", is_flag=True, help="By words alone, without the model of meaning.")
@click.option(
    "--vectors", type=click.Path(file_okay=False, path_type=Path), help="Keep vectors in this folder."
)
def evaluate(folder: Path, as_json: bool, words: bool, vectors: Path | None) -> None:
    """Measure answers on judged questions: FOLDER holds corpus.json, queries.json and qrels.json."""
    from yakuba.assistant.answering import measuring
    from yakuba.assistant.answering.dense import E5, Kept

    try:
        judged = measuring.read(folder)
    except measuring.NotJudged as error:
        raise click.ClickException(str(error)) from error
    figures = measuring.measure(judged, None if words else E5(), Kept(vectors) if vectors else None)
    click.echo(json.dumps(figures, ensure_ascii=False, indent=1) if as_json else shown(figures))


def shown(figures: dict[str, object]) -> str:
    """The figures as lines, the curve as its own table."""
    lines = [f"{name:18} {value}" for name, value in figures.items() if name != "curve"]
    curve = figures["curve"]
    assert isinstance(curve, list)
    table = [f"{row['coverage']:>8.0%} {row['right']:>8.1%} {row['from']:>8.3f}" for row in curve]
    return "\n".join([*lines, "answered    right  from score", *table])
