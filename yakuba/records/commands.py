"""`yakuba records …`: standard data."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from yakuba.records.look import look
from yakuba.words import LANGUAGES, ui


@click.group()
def records() -> None:
    """Standard data: definitions, addresses, values as the national standard wants them."""


@records.command("look")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoding", default="", help="As declared, such as CP932; found when not given.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--language", type=click.Choice(LANGUAGES), default="ja", show_default=True)
def look_at(file: Path, encoding: str, as_json: bool, language: str) -> None:
    """Look at an old file: its encoding and why, its columns, rows and SHA-256, the first faults; exit 1 for any."""
    seen = look(file, encoding, language)
    click.echo(json.dumps(seen, ensure_ascii=False) if as_json else _printed(seen, language))
    sys.exit(1 if seen.get("refused") or seen["held"] else 0)


def _printed(seen: dict[str, Any], language: str) -> str:
    if "refused" in seen:
        return str(seen["refused"])
    named = {**seen, "columns": len(seen["heads"]), "heads": ", ".join(seen["heads"])}
    del named["faults"]
    return "\n".join([ui("records.look", language, **named), *(fault["text"] for fault in seen["faults"])])


commands = [records]
