"""What the commands of this room ask for, and that the town is one of this installation."""

from __future__ import annotations

import click

town_option = click.option("--town", required=True, help="6-digit code of the town.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
language_option = click.option(
    "--language", type=click.Choice(["ja", "easy", "en"]), default="ja", show_default=True
)


def known(town: str) -> None:
    """Raises click.ClickException where no such town is served here."""
    from yakuba.register import queries as register

    if register.town(town) is None:
        raise click.ClickException(f"there is no town {town!r} here; see: yakuba town list")
