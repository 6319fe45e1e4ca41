"""A small catalogue to break in one place at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from yakuba import declare
from yakuba.declare import lint

SMALL = Path(__file__).parents[1] / "small" / "services"
Edit = Callable[..., Path]
TOWN = "394262"


def faults(folder: Path) -> list[declare.Fault]:
    """What is wrong with a catalogue, whether it can be loaded or not."""
    try:
        return list(lint.check(declare.load_catalogue(folder)))
    except declare.Faults as found:
        return found.faults


def lay(folder: Path, file: str, text: str, old: str = "", new: str = "") -> Path:
    """Write a file of the town into a catalogue, with one text replaced; the folder of the catalogue."""
    own = folder / "towns" / TOWN
    own.mkdir(parents=True, exist_ok=True)
    assert old in text, f"{old!r} is not in {file}"
    (own / file).write_text(text.replace(old, new, 1))
    return folder


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """`edited("old", "new", file=…)`: a copy of the small catalogue with one text replaced; its folder."""

    def edit(old: str = "", new: str = "", file: str = "heating/service.yaml") -> Path:
        folder = tmp_path / "services"
        if not folder.exists():
            shutil.copytree(SMALL, folder)
        text = (folder / file).read_text()
        assert old in text, f"{old!r} is not in {file}"
        (folder / file).write_text(text.replace(old, new, 1))
        return folder

    return edit


@pytest.fixture(scope="session")
def heating() -> declare.Service:
    return declare.load_catalogue(SMALL).services["heating"]
