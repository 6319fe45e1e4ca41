"""Questions as residents of the demo town ask them, each with the entries that answer it (`asked.yaml`)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from yakuba.assistant.knowledge import Entry
from yakuba.declare import yaml_files

FILE = Path(__file__).with_suffix(".yaml")


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
