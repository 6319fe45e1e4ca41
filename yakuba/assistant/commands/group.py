"""The groups of the assistant's commands."""

from __future__ import annotations

import click


@click.group()
def assistant() -> None:
    """Answers: asked, measured, imported."""


@click.group()
def voice() -> None:
    """Speech: understood, spoken and measured."""
