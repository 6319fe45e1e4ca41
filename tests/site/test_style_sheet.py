"""What the tests in a browser rely on, so that they need not look at everything in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import yakuba

SHEETS = sorted(Path(yakuba.__file__).parent.rglob("*.css"))
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
SPACE = {"line-height", "flex-basis", "min-width", "word-break"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_colour_depends_on_the_language(sheet):
    rules = [
        (where, what)
        for where, what in RULE.findall(sheet.read_text("utf-8"))
        if re.search(r"\blang\b", where)
    ]
    assert rules
    for where, what in rules:
        set_there = {one.split(":")[0].strip() for one in what.split(";") if one.strip()}
        assert set_there <= SPACE, f"{where.strip()} sets more than space"
