"""Several web and worker processes on one PostgreSQL, killed at random for as long as one likes: cases in = cases out, nothing
twice, the log whole.

    .venv/bin/python -m bench.soak --seconds 600 --seed 7
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click

from yakuba.command_line import var_folder


@click.command()
@click.option(
    "--seconds",
    type=float,
    default=120,
    show_default=True,
    help="How long requests come in and processes are killed.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of what is killed when.")
def main(seconds: float, seed: int) -> None:
    """Print what came of it; ends with 1 where something was lost or happened twice."""
    from tests.site import soak

    var_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=var_folder(), ignore_cleanup_errors=True) as place:
        came = soak.begin(Path(place) / "var", seconds, seed)
    click.echo(json.dumps(came, ensure_ascii=False, indent=2))
    wrong = soak.whole(came)
    click.echo(
        "\n".join(wrong) or f"{came['cases']} cases in and out, nothing twice, after {came['kills']} kills."
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
