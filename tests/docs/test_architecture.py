"""The page about the architecture names what is there."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path

import pytest

from tests.docs import rooms

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
ROOMS = {one.parent.name for one in (PAGE.parents[1] / "yakuba").glob("*/__init__.py")}
NAMES = sorted(
    {n for n in re.findall(r"`([a-z]+(?:\.\w+)+)`", PAGE.read_text("utf-8")) if n.split(".")[0] in ROOMS}
)


def found(name: str) -> bool:
    """Is there a module `yakuba.NAME`, or something of that name in a module or class above it?"""
    above, _, last = f"yakuba.{name}".rpartition(".")
    behind: list[str] = []
    while above:
        try:
            attrgetter(".".join([last, *behind]))(import_module(above))
        except ModuleNotFoundError:
            (above, _, last), behind = above.rpartition("."), [last, *behind]
        except AttributeError:
            return not behind and find_spec(f"yakuba.{name}") is not None
        else:
            return True
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


def test_the_graph_of_the_rooms_is_as_the_code_has_it() -> None:
    assert rooms.kept() == rooms.drawn(), "draw it anew: .venv/bin/python -m tests.docs.rooms"


def test_no_room_is_imported_by_one_below_it() -> None:
    order = list(rooms.imports())
    assert all(order.index(room) < order.index(other) for room in order for other in rooms.imports()[room])


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("cases.log", True),
        ("cases.store.Batch.write", True),
        ("cases.store.Batch.gone", False),
        ("cases.gone", False),
    ],
)
def test_a_name_is_found_only_where_it_is(name: str, there: bool) -> None:
    assert found(name) is there
