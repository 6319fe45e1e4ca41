"""`yakuba entitled`: who could have what and has not asked for it."""

from __future__ import annotations

from datetime import date

import click
import orjson

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


commands = [entitled]
