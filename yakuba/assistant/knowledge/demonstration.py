"""What the demo town says for itself: its own answers, its events, the manual of its staff. All of it is made up."""

from __future__ import annotations

import csv
from datetime import date

from yakuba.assistant.knowledge import files, open_data
from yakuba.assistant.knowledge.base import manual_entries
from yakuba.assistant.knowledge.entry import Entry
from yakuba.assistant.knowledge.town import DEMO, Town, read_town
from yakuba.words import Text

_EVENTS = Text(ja="イベント一覧", easy="イベント", en="Events")


def demo_town() -> Town:
    """The demo town as answers need it."""
    return read_town(DEMO / "town.yaml")


def demo_entries(*, as_of: date) -> list[Entry]:
    """Its own answers, the events that are not over on `as_of`, and the manual, which is for staff."""
    town = demo_town()
    own = files.read_file(DEMO / "faq.csv", town, read_as="faq", as_of=as_of).entries
    events = [
        one for one in demo_events(as_of=as_of) if not one.id.endswith(":week")
    ]  # what is kept grows old
    return [*own, *events, *manual_entries(DEMO / "manual.yaml", town)]


def demo_events(*, as_of: date) -> list[Entry]:
    """The events that are not over on `as_of`, and those of its week."""
    with (DEMO / "events.csv").open(encoding="utf-8", newline="") as file:
        return open_data.of_dataset(open_data.EVENTS, _EVENTS, csv.DictReader(file), demo_town(), as_of=as_of)
