"""`yakuba security …`: is this installation set as a site in service must be, and keys renewed."""

from __future__ import annotations

import sys

import click

from yakuba.command_line import needs_django


@click.group()
def security() -> None:
    """Is this installation set up safely; seal stored secrets anew."""


@security.command()
@needs_django
def check() -> None:
    """Look at the settings that safety leans on; say what to do, and exit with 1, where one is not as it must be."""
    from django.conf import settings

    from yakuba.site import safety

    found = list(safety.looks(settings))
    for look in found:
        click.echo(f"good\t{look.name}" if look.good else f"MEND\t{look.name}\t{look.mend}")
    sys.exit(0 if all(look.good for look in found) else 1)


@security.command(name="seal-anew")
@needs_django
def seal_anew() -> None:
    """Seal every stored secret of all towns with the first of YAKUBA_SEAL_KEYS; then the others can be taken out."""
    from django.conf import settings

    from yakuba.access import towns
    from yakuba.register import queries as register
    from yakuba.site import safety

    for town in register.town_codes():
        with towns.inside(town):
            click.echo(f"{town}\t{safety.seal_anew(settings.YAKUBA_SEAL_KEYS)}")
