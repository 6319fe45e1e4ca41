"""`yakuba records …`: standard data. A module for each kind of command; each adds its own to the group."""

from yakuba.records.commands import (
    addresses,
    characters,
    definitions,
    exchange,
    files,
    importing,
    loads,
    opendata,
    proposals,
    rules,
)
from yakuba.records.commands.group import records

__all__ = [
    "addresses", "characters", "definitions", "exchange", "files", "importing", "loads", "opendata", "proposals", "records", "rules"
]  # fmt: skip

commands = [records]
