"""`yakuba records …`: standard data. A module for each kind of command; each adds its own to the group."""

from yakuba.records.commands import addresses, definitions, exchange, files, loads
from yakuba.records.commands.group import records

__all__ = ["addresses", "definitions", "exchange", "files", "loads", "records"]

commands = [records]
