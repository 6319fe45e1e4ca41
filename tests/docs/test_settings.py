"""docs/settings.md names every environment variable that the code reads, with its default, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")
READ = re.compile(r"""environ(?:\.get\(|\[)\s*"((?:YAKUBA_|DATABASE_)\w+)"(?:,\s*"([^"]*)")?""")


def read_by_the_code() -> dict[str, set[str]]:
    """Each variable with the literal defaults that the code gives it."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / "yakuba").rglob("*.py"):
        for name, default in READ.findall(file.read_text("utf-8")):
            found.setdefault(name, set()).update({default} - {""})
    return found


def documented() -> dict[str, str]:
    """Each variable of the page with the cell of its default."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a variable stands on docs/settings.md twice"
    return dict(rows)


def test_every_variable_that_the_code_reads_is_documented_and_no_other() -> None:
    assert set(documented()) == set(read_by_the_code())


def test_the_documented_default_is_the_one_in_the_code() -> None:
    cells = documented()
    for name, defaults in read_by_the_code().items():
        assert len(defaults) <= 1, f"{name} has several defaults in the code: {defaults}"
        for default in defaults:
            assert cells[name] == f"`{default}`", f"{name}: the code says {default!r}"
