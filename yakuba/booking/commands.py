"""`yakuba booking …`: offer places, look at them, draw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from yakuba import clock
from yakuba.command_line import needs_django


@click.group()
def booking() -> None:
    """Places that are given out: hours, halls, books, days of collection, classes of nurseries."""


town_option = click.option("--town", required=True, help="6-digit code of the town.")


@booking.command()
@town_option
@click.argument("service")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@needs_django
def places(town: str, service: str, file: Path) -> None:
    """Offer the places of a CSV file (docs/booking.md has its columns); those that are offered already are changed."""
    from yakuba.access import SYSTEM, towns
    from yakuba.booking import actions, places_file
    from yakuba.booking.errors import BookingError

    try:
        rounds = places_file.read(file.read_bytes())
        with towns.inside(town):
            for one in rounds:
                actions.set_up(
                    service,
                    one.code,
                    one.name,
                    one.places,
                    opens=one.opens,
                    closes=one.closes,
                    by=SYSTEM(town),
                )
    except (BookingError, KeyError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{sum(len(one.places) for one in rounds)} places in {len(rounds)} rounds")


@booking.command()
@town_option
@click.argument("service")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def show(town: str, service: str, as_json: bool) -> None:
    """The rounds of a service: each place with what it takes and what is free; and of a draw its seed, before it only the
    SHA-256 of that, to be published."""
    from yakuba.access import towns

    with towns.inside(town):
        found = _shown(service)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{one['round']}  closes {one['closes'] or '－'}  drawn {one['drawn'] or '－'}")
        for name in ("seed_sha256", "seed"):
            if one[name]:
                click.echo(f"  {name:12} {one[name]}")
        for place in one["places"]:
            click.echo(f"  {place['code']:20} {place['free']} of {place['capacity']} free  {place['name']}")


def _shown(service: str) -> list[dict[str, Any]]:
    from yakuba.booking import queries
    from yakuba.booking.ranking import commitment
    from yakuba.cases import catalogue

    declared = catalogue.current().services.get(service)
    by_lot = bool(declared and declared.book and declared.book.order != "received")
    return [
        {
            "round": one.code,
            "closes": one.closes and one.closes.isoformat(),
            "drawn": one.drawn_at and one.drawn_at.isoformat(),
            "seed_sha256": commitment(bytes(one.seed)) if by_lot else None,
            "seed": bytes(one.seed).hex() if by_lot and one.drawn_at else None,
            "places": [
                {"code": o.place.code, "name": o.name.ja, "capacity": o.place.capacity, "free": o.free}
                for o in queries.places_of([one])
            ],
        }
        for one in queries.rounds(service)
    ]


@booking.command()
@town_option
@click.argument("service")
@click.argument("round_code", metavar="ROUND")
@needs_django
def draw(town: str, service: str, round_code: str) -> None:
    """Draw a round that has closed; drawn again, it is what it was."""
    from yakuba.access import SYSTEM, towns
    from yakuba.booking import actions
    from yakuba.booking.errors import BookingError

    try:
        with towns.inside(town):
            drawn = actions.draw(service, round_code, by=SYSTEM(town), as_of=clock.now())
    except BookingError as error:
        raise click.ClickException(str(error)) from error
    result = drawn.result or {}
    given = sum(one["place"] is not None for one in result.values())
    click.echo(
        f"{len(result)} asked, {given} have a place, {len(result) - given} wait; seed {bytes(drawn.seed).hex()}"
    )


commands = [booking]
