"""The page about the architecture names what is there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
ROOMS = {one.parent.name for one in (PAGE.parents[1] / "yakuba").glob("*/__init__.py")}
NAMES = sorted(
    {n for n in re.findall(r"`([a-z]+(?:\.\w+)+)`", PAGE.read_text("utf-8")) if n.split(".")[0] in ROOMS}
)


def found(name: str) -> bool:
    """Is there a module `yakuba.NAME`, or something of that name in the module above it?"""
    above, _, last = f"yakuba.{name}".rpartition(".")
    try:
        return hasattr(import_module(above), last) or bool(import_module(f"yakuba.{name}"))
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("name", NAMES)
def test_every_name_on_the_page_is_one_of_the_code(name: str) -> None:
    assert found(name)


def test_the_page_names_the_rooms_in_the_order_of_the_import_contract() -> None:
    contract = (PAGE.parents[1] / "pyproject.toml").read_text("utf-8")
    layers = re.findall(r"yakuba\.(\w+)", contract.split("layers = [")[1].split("]")[0])
    (line,) = re.findall(r"`(site → [^`]+)`", PAGE.read_text("utf-8"))
    page = re.findall(r"\w+", line)
    there = [room for room in layers if room in ROOMS and room != "simulators"]
    assert page == there
