"""The base of questions and answers that all towns share, in `shared/TOPIC.yaml`, and how a town's own come before it.

What differs by town is a placeholder (`{town}`, `{office}`) that the town's own settings fill, or is left out: no amount,
date or telephone of a town stands here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from yakuba.assistant.knowledge.entry import Audience, Entry, Kind, Source
from yakuba.assistant.knowledge.town import File, Town, general_offices
from yakuba.declare import Topic, compiled, yaml_files
from yakuba.words import LANGUAGES, fill, placeholders

FOLDER = Path(__file__).with_name("shared")
PLACEHOLDERS = frozenset({"town", "office"})
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]


class FaultyBase(ValueError):
    """A file of the shared base cannot be used; the message names file, entry and mend."""


class Said(File):
    """Words in Japanese, and in the other languages where somebody wrote them."""

    ja: _Words
    easy: _Words | None = None
    en: _Words | None = None

    def by_language(self, values: Mapping[str, object]) -> dict[str, str]:
        """Those that are there, filled in."""
        said = {language: getattr(self, language) for language in LANGUAGES}
        return {language: fill(text, values, language) for language, text in said.items() if text}


class Pair(File):
    """A question and its answer. `law`: the articles that a statement about national law rests on; `service`: the id of the
    declared service that it leads to; `office`: who answers, by key of `offices.yaml`, else that of the file."""

    id: _Id
    q: Said
    others: Annotated[tuple[_Words, ...], Field(min_length=1)]
    a: Said
    law: tuple[_Words, ...] = ()
    service: _Id | None = None
    office: _Id | None = None
    as_of: date | None = None

    @model_validator(mode="after")
    def _fits(self) -> Pair:
        for language in LANGUAGES:
            if bool(getattr(self.q, language)) != bool(getattr(self.a, language)):
                raise ValueError(f"write both question and answer in {language}, or neither")
        wrong = {name for text in self.a.model_dump().values() if text for name in placeholders(text)}
        if wrong - PLACEHOLDERS:
            raise ValueError(
                f"knows only the placeholders {{town}} and {{office}}, not {sorted(wrong - PLACEHOLDERS)}"
            )
        return self


class TopicFile(File):
    """One file: pairs of a topic. `as_of`: when they were last looked through against the law."""

    topic: _Words
    topics: tuple[Topic, ...] = ()
    office: _Id
    as_of: date
    entries: Annotated[tuple[Pair, ...], Field(min_length=1)]


def shared_entries(town: Town, *, folder: Path = FOLDER, keep_in: Path | None = None) -> list[Entry]:
    """All shared entries as they read in the town, without those that it switched off; id `shared:TOPIC:ID`.

    `keep_in`: a folder in which what was read is kept for whoever reads next. Raises FaultyBase, FaultyTown.
    """
    files = _files(folder, keep_in)
    return [
        entry
        for name, file in files.items()
        for entry in _entries(name, file, town)
        if entry.id not in town.off
    ]


def overridden(shared: Iterable[Entry], own: Iterable[Entry]) -> list[Entry]:
    """The town's own entries, and of the shared ones those whose place none of them takes (`Entry.replaces`)."""
    mine = list(own)
    replaced = {entry.replaces for entry in mine if entry.replaces}
    return [*mine, *(entry for entry in shared if entry.id not in replaced)]


def manual_entries(path: Path, town: Town) -> list[Entry]:
    """The manual of a town's staff, a file like those of the shared base: for staff only. Raises FaultyBase, FaultyTown."""
    file = yaml_files.read(path, TopicFile, FaultyBase)
    return [*_entries(path.stem, file, town, kind="manual", audience="staff")]


def _entries(
    name: str, file: TopicFile, town: Town, *, kind: Kind = "shared", audience: Audience = "public"
) -> Iterator[Entry]:
    for pair in file.entries:
        office = town.office(pair.office or file.office)
        values = {"town": town.name, "office": office.name}
        law = "、".join(pair.law)
        yield Entry(
            id=f"{kind}:{name}:{pair.id}" if kind == "shared" else f"{kind}:{pair.id}",
            question=pair.q.by_language(values),
            answer=pair.a.by_language(values),
            source=Source(
                kind=kind,
                title=f"{file.topic}（{law}）" if law else file.topic,
                link=town.link(f"services/{pair.service}/") if pair.service else "",
                as_of=pair.as_of or file.as_of,
                office=office.called(),
            ),
            audience=audience,
            others=pair.others,
            topics=(*file.topics, file.topic),
            service=pair.service,
        )


# -- reading -----------------------------------------------------------------------------------------
def read(folder: Path = FOLDER) -> dict[str, TopicFile]:
    """The files by name, held to their model. Raises FaultyBase."""
    files = {
        path.stem: yaml_files.read(path, TopicFile, FaultyBase) for path in sorted(folder.glob("*.yaml"))
    }
    for name, file in files.items():
        seen = set[str]()
        for pair in file.entries:
            if pair.id in seen:
                raise FaultyBase(f"{folder / name}.yaml: two entries are called “{pair.id}”. Rename one.")
            seen.add(pair.id)
        for key in {file.office, *(pair.office for pair in file.entries if pair.office)}:
            if key not in general_offices():
                raise FaultyBase(f"{folder / name}.yaml: there is no office “{key}”; offices.yaml has them.")
    return files


def _files(folder: Path, keep_in: Path | None) -> dict[str, TopicFile]:
    """As `read`, from what was kept where nothing has changed since."""
    if keep_in is None:
        return read(folder)
    key = compiled.digest(folder) + hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    parts = compiled.kept(keep_in, key)
    if parts is None:
        parts = {name: one.model_dump(mode="json") for name, one in read(folder).items()}
        compiled.keep(keep_in, key, parts)
    return {name: TopicFile.model_validate(one) for name, one in parts.items()}
