"""`yakuba entitled`: who could have what and has not asked for it. `yakuba push`: asking them. `yakuba intake`: requests
that come as files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from yakuba.channels.disaster.commands import offline
from yakuba.channels.paper_commands import paper
from yakuba.command_line import needs_django
from yakuba.declare.commands import Day


@click.command()
@click.argument("service")
@click.option("--as-of", type=Day(), help="The day; today if not given.")
@click.option("--town", help="6-digit code; all towns if not given.")
@click.option("--sure", is_flag=True, help="Only those for whom the register knows everything.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def entitled(service: str, as_of: date | None, town: str | None, sure: bool, as_json: bool) -> None:
    """List who in the register is entitled to SERVICE and has not applied."""
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.cases import catalogue
    from yakuba.channels.entitled import entitled as find
    from yakuba.declare import NotInForce
    from yakuba.register import queries as register

    services = catalogue.offered()
    if service not in services:
        raise click.BadParameter(f"there is no service {service!r}. Services: {', '.join(services)}.")
    day = as_of or clock.now().date()
    if not services[service].in_force(day):
        raise click.BadParameter(str(NotInForce(services[service], day)), param_hint="--as-of")
    rows = []
    for code in [town] if town else register.town_codes():
        with towns.inside(code):
            found = find(services[service], as_of=day)
            rows += [(code, one) for one in found if one.sure or not sure]
    if as_json:
        click.echo(orjson.dumps([_row(code, one) for code, one in rows], option=orjson.OPT_INDENT_2).decode())
        return
    for code, one in rows:
        amount = f"{one.amount:,}" if one.amount is not None else "-"
        unknown = "" if one.sure else f"not known: {', '.join(one.unknown)}"
        click.echo(
            f"{code}\t{one.person.id}\t{one.person.name}\t{one.person.birth_date}\t{amount}\t{unknown}"
        )
    certain = sum(one.sure for _, one in rows)
    click.echo(f"{certain} entitled and {len(rows) - certain} perhaps, who have not applied", err=True)


def _row(code, one) -> dict[str, object]:
    return {
        "town": code,
        "person": str(one.person.id),
        "name": one.person.name,
        "birth_date": one.person.birth_date.isoformat(),
        "household": one.person.household.number,
        "sure": one.sure,
        "amount": one.amount,
        "unknown": one.unknown,
    }


@click.command()
@click.argument("service")
@click.option("--town", help="6-digit code; all towns if not given.")
@click.option("--as-of", type=Day(), help="The base date: by the register of this day; today if not given.")
@click.option("--dry-run", is_flag=True, help="Only say who would be asked, and why others would not.")
@click.option(
    "--checksum", default="", help="What the dry run printed: ask only if it would be the same people."
)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the letters as PDF files into this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def push(
    service: str,
    town: str | None,
    as_of: date | None,
    dry_run: bool,
    checksum: str,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Ask everybody entitled to SERVICE to confirm it: cases that are filled in, letters and mails. Run again, it goes on
    where it ended, and asks nobody twice."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import catalogue
    from yakuba.cases.errors import OtherThanSeen
    from yakuba.channels import push as pushed
    from yakuba.messages import printing
    from yakuba.register import queries as register

    services = catalogue.offered()
    if service not in services:
        pushable = [name for name, one in services.items() if one.push]
        raise click.BadParameter(
            f"there is no service {service!r}. Those that can be pushed: {', '.join(pushable)}."
        )
    if town and town not in register.town_codes():
        raise click.BadParameter(
            f"there is no town {town!r}. Towns: {', '.join(register.town_codes())}.", param_hint="--town"
        )
    now, done = clock.now(), []
    for code in [town] if town else [one.code for one in register.towns()]:
        base = as_of or now.date()
        try:
            if dry_run:
                with towns.inside(code):
                    done.append(pushed.survey(services[service], as_of=base).to_json())
                continue
            report = pushed.run(
                code,
                services[service],
                base=base,
                by=SYSTEM(code),
                as_of=pushed.moment(base, now),
                seen=checksum,
            )
        except (pushed.NotPushed, OtherThanSeen) as refused:
            raise click.ClickException(str(refused)) from refused
        if folder is not None:
            key = pushed.key_of(service, base)
            report.files = [str(file) for file in printing.write(code, f"{key}:", folder)]
        done.append(report.to_json())
    if as_json:
        click.echo(orjson.dumps(done, option=orjson.OPT_INDENT_2).decode())
        return
    for one in done:
        click.echo("\n".join(f"{name}: {value}" for name, value in one.items()))


@click.group()
def intake() -> None:
    """Requests that come as files."""


@intake.command("receipts")
@click.argument("file", type=click.File("rb"))
@click.option("--town", required=True, help="6-digit code.")
@click.option(
    "--language", type=click.Choice(["ja", "easy", "en"]), default="ja", show_default=True,
    help="Of who reads why something is held.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def receipts_(file: BinaryIO, town: str, language: str, as_json: bool) -> None:
    """Take in the ZIP FILE of a portal (docs/receipt-files.md): each receipt becomes a case, or is held for a clerk. The same
    file again changes nothing."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.channels import receipt_files, receipts
    from yakuba.register import queries as register

    if town not in register.town_codes():
        known = ", ".join(register.town_codes())
        raise click.BadParameter(f"there is no town {town!r}. Towns: {known}.", param_hint="--town")
    now, taken = clock.now(), list[receipts.Taken]()
    try:
        with receipt_files.opened(file) as delivery:
            for some in receipts.batches(delivery):
                with towns.inside(town):
                    taken += receipts.take_in(delivery, some, by=SYSTEM(town), as_of=now, language=language)
    except receipt_files.Unreadable as unreadable:
        raise click.ClickException(unreadable.text.get(language)) from unreadable
    report = {"sha256": delivery.sha256, **receipts.counts(taken)}
    if as_json:
        rows = [
            {
                "receipt": one.receipt,
                "state": one.state,
                "reference": one.reference,
                "wrong": {name: text.model_dump() for name, text in one.wrong.items()},
            }
            for one in taken
        ]
        click.echo(orjson.dumps({**report, "receipts": rows}, option=orjson.OPT_INDENT_2).decode())
        return
    click.echo("\n".join(f"{name}: {value}" for name, value in report.items()))
    for one in taken:
        for name, text in one.wrong.items():
            click.echo(f"{one.receipt} ({one.reference}) {name}: {text.get(language)}")


commands = [entitled, push, intake, paper, offline]
