"""What a town's words are taken from when it listens: its declared services, its answers, the words of the screens, its offices,
and the file in which it gives places and names with their readings (`words.csv`). Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from yakuba.assistant.knowledge import DEMO as DEMO_FOLDER
from yakuba.assistant.knowledge import Entry, Town, read_town, shared_entries
from yakuba.assistant.voice.vocabulary import TownWords
from yakuba.declare import Service, load_catalogue
from yakuba.words import known_readings, ui_words

WORDS_FILE = "words.csv"
DEMO_TOWN, DEMO = "394262", Path(__file__).parent / "voice" / "demo" / WORDS_FILE
"""The demo's town, and its file of words; all of it is made up."""


class FaultyWords(ValueError):
    """The town's file of words cannot be used; the message names file, line and mend."""


def town_words(services: Iterable[Service], entries: Iterable[Entry], town: Town, own: Path) -> TownWords:
    """The words of a town. `own`: its file of words; without it, only the demo's town has places. Raises FaultyWords."""
    texts = [text for service in services for text in _japanese(service.file.model_dump())]
    for entry in entries:
        texts += [entry.question["ja"], entry.answer["ja"], *entry.others]
    texts += [text.ja for text in ui_words().values()]
    texts += [office.name.ja for office in town.offices.values()]
    file = own if own.exists() or town.code != DEMO_TOWN else DEMO
    return TownWords(texts, known_readings(), read_words(file) if file.exists() else {})


def demo_words(services: Path, var: Path, own: Path | None = None) -> TownWords:
    """The words of the demo town, or those of a file (`own`), beside those of the declared services and of what all towns share;
    for commands that know of no town. What is read is kept below `var`."""
    town = read_town(DEMO_FOLDER / "town.yaml")
    offered = load_catalogue(services, keep_in=var / "catalogue").services.values()
    return town_words(offered, shared_entries(town, keep_in=var / "assistant"), town, own or DEMO)


def read_words(file: Path) -> dict[str, str]:
    """Words with their readings from a table with the columns `written` and `reading` (kana). Raises FaultyWords."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    found: dict[str, str] = {}
    for line, row in enumerate(rows, 2):
        written, reading = row.get("written"), row.get("reading")
        if not written or not reading:
            raise FaultyWords(f"{file}:{line} needs a word under “written” and its kana under “reading”.")
        found[written.strip()] = reading.strip()
    return found


def _japanese(part: Any) -> Iterator[str]:
    """Every Japanese text of a declared service, wherever it stands."""
    if isinstance(part, Mapping):
        if isinstance(part.get("ja"), str):
            yield part["ja"]
        for one in part.values():
            yield from _japanese(one)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _japanese(one)
