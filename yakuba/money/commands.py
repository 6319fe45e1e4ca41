"""`yakuba money …`: check a bank file, and take a payment run from orders to results."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from yakuba import clock
from yakuba.command_line import needs_django
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


town_option = click.option("--town", required=True, help="6-digit code of the town.")


@money.command()
@town_option
@click.option(
    "--value-date", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day on which banks pay."
)
@click.option("--service", "services", multiple=True, help="Only this service; may be given several times.")
@needs_django
def run(town: str, value_date: datetime, services: tuple[str, ...]) -> None:
    """Put every payment that is due into a run; prints its id."""
    from yakuba.access import SYSTEM, towns
    from yakuba.money import actions

    with towns.inside(town):
        made = actions.create_run(value_date.date(), by=SYSTEM(town), as_of=clock.now(), services=services)
    click.echo(f"{made.id}  {made.count:,}件  {made.total:,}円  {made.value_date}")


@money.command()
@town_option
@click.argument("run_id", type=click.UUID)
@click.option("--login", prompt=True)
@click.option("--password", prompt=True, hide_input=True)
@click.option("--code", prompt=True, help="Six digits of the authenticator app.")
@needs_django
def approve(town: str, run_id: UUID, login: str, password: str, code: str) -> None:
    """Approve a run as yourself; it needs two different people."""
    from yakuba.access import actions as access
    from yakuba.access import towns
    from yakuba.money import actions

    now = clock.now()
    with towns.inside(town):
        person = access.check_password_of(login, password, town=town, address="console", as_of=now)
        access.check_code(person, code, as_of=now)
        approved = actions.approve(run_id, by=person.worker(), as_of=now)
    click.echo(f"{approved.id}  {approved.state}")


@money.command()
@town_option
@click.argument("run_id", type=click.UUID)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@needs_django
def export(town: str, run_id: UUID, folder: Path) -> None:
    """Write the bank files of an approved run into a folder; again gives the same files."""
    from yakuba.access import SYSTEM, towns
    from yakuba.money import actions

    with towns.inside(town):
        files = actions.export(run_id, by=SYSTEM(town), as_of=clock.now())
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        path = folder / f"furikomi-{town}-{file.id:010}.txt"
        path.write_bytes(bytes(file.content))
        click.echo(f"{path}  {file.count:,}件  {file.total:,}円  {file.sha256}")


@money.command()
@town_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@needs_django
def result(town: str, file: Path) -> None:
    """Read the bank's result file; the same file again changes nothing."""
    from yakuba.access import SYSTEM, towns
    from yakuba.money import actions

    with towns.inside(town):
        reading = actions.read_result(file.read_bytes(), by=SYSTEM(town), as_of=clock.now())
    again = "（前に読み込み済み）" if reading.again else ""
    click.echo(f"{reading.run}  振込済み {reading.paid:,}件  不能 {reading.failed:,}件{again}")


@money.command()
@town_option
@needs_django
def overpaid(town: str) -> None:
    """Look for payments that are no longer due and ask them back, and for instalments that are due; each night the system
    does the same."""
    from yakuba.money import giving_back
    from yakuba.money import overpaid as found

    opened = found.find(town, as_of=clock.now())
    ended = giving_back.follow(town, as_of=clock.now())
    click.echo(f"{len(opened)} overpayments found, {ended} paid back whole")


# -- fees ---------------------------------------------------------------------------------------------------
@money.group()
def fees() -> None:
    """Fees: what the collecting bank reports, what goes back, and the books."""


@fees.command()
@town_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@needs_django
def collect(town: str, file: Path, as_json: bool) -> None:
    """Read a file of the collecting bank (docs/fees.md has its columns): every row is matched, held, or was read before."""
    from yakuba.access import SYSTEM, towns
    from yakuba.money.fees import actions

    with towns.inside(town):
        read = actions.collect(file.read_bytes(), by=SYSTEM(town), as_of=clock.now())
    said = {
        "rows": read.rows,
        "matched": read.matched,
        "held": read.held,
        "before": read.before,
        "results": dict(read.results),
        "again": read.again,
    }
    again = "（前に読み込み済み）" if read.again else ""
    line = f"{read.rows:,}行  一致 {read.matched:,}  要確認 {read.held:,}  読込み済み {read.before:,}{again}"
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else line)


@fees.command()
@town_option
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day; today if not given.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; the first if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@needs_django
def reconcile(town: str, since: datetime | None, until: datetime | None, as_json: bool) -> None:
    """Print per day and way what was owed, received and refunded, what is open, and what differs from the provider and the
    bank; exit 1 when something differs."""
    from yakuba.access import SYSTEM, towns
    from yakuba.money.fees import books, provider

    first = (since or clock.now()).date()
    with towns.inside(town):
        kept = books.reconcile(
            first, until.date() if until else first, by=SYSTEM(town), provider=provider.configured()
        )
    click.echo(json.dumps(kept.to_json(), ensure_ascii=False) if as_json else "\n".join(kept.lines()))
    sys.exit(1 if kept.differences else 0)


@fees.command()
@town_option
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@needs_django
def held(town: str, as_json: bool) -> None:
    """List what waits for a person: refunds, and rows of the collecting bank that could not be matched."""
    from yakuba.access import towns
    from yakuba.money.fees import queries

    with towns.inside(town):
        refunds = [
            {"refund": str(one.id), "yen": one.amount, "why": one.why, "state": one.state}
            for one in queries.refunds_waiting()
        ]
        rows = [
            {"row": one.id, "line": one.line, "result": one.result, "yen": one.amount, "raw": one.raw}
            for one in queries.rows_held()
        ]
    if as_json:
        click.echo(json.dumps({"refunds": refunds, "rows": rows}, ensure_ascii=False))
        return
    for refund in refunds:
        click.echo(f"還付 {refund['yen']:,}円  {refund['why']}  {refund['state']}  {refund['refund']}")
    for row in rows:
        click.echo(f"収納 {row['line']}行目  {row['result']}  {row['raw']}")


commands = [money]
