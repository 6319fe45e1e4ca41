"""Somebody is in danger: what is said then was approved by a person, and is said before anything is searched.

`urgent.yaml` holds the answers and what gives danger away. It is meant to miss nobody: an answer that was not needed costs a
line of reading. A town reads, completes and approves it before it opens the assistant (docs/knowledge.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from yakuba.assistant.knowledge.entry import Entry, Source
from yakuba.assistant.knowledge.town import File, Town
from yakuba.declare import yaml_files
from yakuba.words import LANGUAGES, Text, hiragana

FILE = Path(__file__).with_name("urgent.yaml")
LONGEST = 2_000
"""Characters of a question that are looked at, from its beginning and from its end."""
_IGNORED = re.compile(r"[\s\W_ー～〜]+")
_NUMBER = re.compile(r"(?<![\d-])#?\d[\d-]{2,}")


class FaultyUrgent(ValueError):
    """The file of urgent answers cannot be used; the message names place and mend."""


def _pattern(text: str) -> str:
    re.compile(text)
    return text


_Pattern = Annotated[str, AfterValidator(_pattern)]


class Answer(File):
    """What is said of one kind of danger. `others`: plain ways of saying it, by which search finds what `signs` miss;
    `numbers`: every number in it, with who publishes it."""

    others: Annotated[tuple[str, ...], Field(min_length=1)]
    signs: Annotated[tuple[_Pattern, ...], Field(min_length=1)]
    question: Text
    answer: Text
    numbers: Mapping[str, str]
    office: str

    @model_validator(mode="after")
    def _sourced(self) -> Answer:
        for language in LANGUAGES:
            unknown = set(_NUMBER.findall(self.answer.get(language))) - set(self.numbers)
            if unknown:
                raise ValueError(f"{language} gives {sorted(unknown)} without a source; add it to numbers")
        return self


class UrgentFile(File):
    """The whole file. `approved`: the day on which the town approved it, or that nobody has."""

    as_of: date
    approved: date | Literal["provisional"]
    ordinary: tuple[_Pattern, ...]
    entries: Mapping[str, Answer]


@cache
def read(path: Path = FILE) -> UrgentFile:
    """The file, held to its model. Raises FaultyUrgent."""
    return yaml_files.read(path, UrgentFile, FaultyUrgent)


def urgent_entries(town: Town, *, path: Path = FILE) -> list[Entry]:
    """The answers as they read in the town; id `urgent:KIND`. Raises FaultyUrgent, FaultyTown."""
    return [_entry(kind, read(path), town) for kind in read(path).entries]


def urgent(question: str, town: Town, *, path: Path = FILE) -> Entry | None:
    """What is said when the question shows that somebody is in danger; None otherwise. Raises FaultyUrgent, FaultyTown."""
    kind = danger(question, path=path)
    return _entry(kind, read(path), town) if kind else None


def danger(question: str, *, path: Path = FILE) -> str | None:
    """The kind of danger that a question shows, if any. Raises FaultyUrgent.

    >>> danger("もう死にたい"), danger("タスケテ、家ガ燃エテル！"), danger("死亡届の出し方")
    ('suicide', 'fire-and-disaster', None)
    """
    ordinary, signs = _compiled(path)
    text = ordinary.sub("。", folded(question))
    return next((kind for kind, pattern in signs if pattern.search(text)), None)


def folded(question: str) -> str:
    """The question as `signs` see it: NFKC, small letters, katakana as hiragana, without blanks, signs and long marks.

    >>> folded("ﾀｽｹﾃ！　Ｆｉｒｅ…")
    'たすけてfire'
    """
    if len(question) > 2 * LONGEST:
        question = question[:LONGEST] + question[-LONGEST:]
    return _IGNORED.sub("", hiragana(unicodedata.normalize("NFKC", question).casefold()))


@cache
def _compiled(path: Path) -> tuple[re.Pattern[str], list[tuple[str, re.Pattern[str]]]]:
    file = read(path)
    return (
        _any(file.ordinary),
        [(kind, _any(one.signs)) for kind, one in file.entries.items()],
    )


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Any of them, folded as questions are; they are written as it reads best."""
    return re.compile("|".join(f"(?:{hiragana(pattern).replace('ー', '')})" for pattern in patterns))


def _entry(kind: str, file: UrgentFile, town: Town) -> Entry:
    said = file.entries[kind]
    office = town.office(said.office)
    publishers = "、".join(dict.fromkeys(said.numbers.values()))
    answer = said.answer.format(office=Text(**{one: office.called(one) for one in LANGUAGES}))
    return Entry(
        id=f"urgent:{kind}",
        question={language: said.question.get(language) for language in LANGUAGES},
        answer={language: answer.get(language) for language in LANGUAGES},
        source=Source("urgent", publishers, "", file.as_of, office.called()),
        others=said.others,
        topics=("urgent",),
        aspects={publisher: number for number, publisher in said.numbers.items()},
    )
