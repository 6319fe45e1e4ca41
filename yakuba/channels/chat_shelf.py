"""What the town publishes as open data is known to its assistant: where things are, when they are open, what is on this week."""

from __future__ import annotations

from collections.abc import Hashable

from yakuba import clock
from yakuba.access import towns
from yakuba.assistant import library
from yakuba.assistant.knowledge import Entry
from yakuba.assistant.knowledge.open_data import of_dataset
from yakuba.records import publishing
from yakuba.records.opendata import datasets
from yakuba.records.opendata.shelf import Shelf


def _shelf() -> Shelf:
    return Shelf(publishing.folder(towns.current_town()))


def _edition() -> Hashable:
    """Which versions are published, and the day: events are told as of it."""
    published = ((name, kept.version) for name, kept in _shelf().newest().items())
    return clock.now().date(), tuple(sorted(published))


def _entries() -> list[Entry]:
    shelf, town, known, today = _shelf(), library.the_town(), datasets(), clock.now().date()
    return [
        entry
        for name, kept in shelf.newest().items()
        for entry in of_dataset(
            name, known[name].name, map(_texts, shelf.records(name, kept)), town, as_of=today
        )
    ]


def _texts(row: dict[str, object]) -> dict[str, str]:
    """A row as its file has it."""
    return {column: "" if value is None else str(value) for column, value in row.items()}


library.knows("open_data", library.Shelf(_edition, _entries))
