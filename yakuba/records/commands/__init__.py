"""`yakuba records …`: standard data. A module for each kind of command."""

from yakuba.records.commands import (
    addresses,
    definitions,
    files,
    loads,
)  # each adds its commands to the group
from yakuba.records.commands.group import records

__all__ = ["addresses", "definitions", "files", "loads", "records"]

commands = [records]
