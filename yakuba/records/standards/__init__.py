"""Item definitions of the national standard (基本データリスト) as data. Pure."""

from yakuba.records.standards.definition import CodeList, Definition, Digits, Item, Requirement
from yakuba.records.standards.errors import FaultyDefinition
from yakuba.records.standards.library import ROOT, About, bring_in, definition, definitions, load
from yakuba.records.standards.sheet import read_codes, read_items

__all__ = [
    "ROOT",
    "About",
    "CodeList",
    "Definition",
    "Digits",
    "FaultyDefinition",
    "Item",
    "Requirement",
    "bring_in",
    "definition",
    "definitions",
    "load",
    "read_codes",
    "read_items",
]
