"""`yakuba money …`: check a bank file, and take a payment run from orders to results."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from yakuba import clock
from yakuba.money.check import Report, check_file

SHOWN = 50
"""Faults listed on the screen; `--json` gives all."""


@click.group()
def money() -> None:
    """Bank transfers: runs, files, results."""


@money.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The year of the value date is the one nearest to this date; today if not given.",
)
@click.option("--language", type=click.Choice(["ja", "easy", "en"]), default="ja", show_default=True)
def check(file: Path, as_json: bool, as_of: datetime | None, language: str) -> None:
    """Check a bulk transfer file (総合振込); exit 1 when anything is wrong."""
    report = check_file(file.read_bytes(), as_of=(as_of or clock.now()).date())
    click.echo(json.dumps(report.to_json(), ensure_ascii=False) if as_json else _printed(report, language))
    sys.exit(0 if report.ok else 1)


def _printed(report: Report, language: str) -> str:
    head = f"{report.transfers:,}件 {report.total:,}円 振込指定日 {report.value_date or '—'} sha256 {report.sha256}"
    faults = [fault.line(language) for fault in report.errors[:SHOWN]]
    more = len(report.errors) - len(faults)
    tail = (
        "誤りはありません。"
        if report.ok
        else f"誤り {len(report.errors)}件" + (f"（ほか{more}件）" if more else "")
    )
    return "\n".join([head, *faults, tail])


commands = [money]
