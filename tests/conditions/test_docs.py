"""The document for clerks names the functions there are, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from yakuba.conditions import FUNCTIONS

PAGE = Path(__file__).parents[2] / "docs" / "conditions.md"


def test_the_table_of_functions_is_complete() -> None:
    table = PAGE.read_text("utf-8").split("## Functions")[1].split("\nBesides")[0]
    rows = re.findall(r"^\| `(\w+)\((.*?)\)` \| (\w+) \|", table, re.MULTILINE)
    told = {name: (len(takes.split(",")), gives) for name, takes, gives in rows}
    assert told == {name: (len(f.takes), f.gives) for name, f in FUNCTIONS.items()}
