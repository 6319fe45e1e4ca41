"""What differs from town to town in answers that all towns share: its name, who answers for what, what it does not want said.

A town writes it in a file (`demo/town.yaml` is one). What it leaves out has the general name of `offices.yaml`, and no
telephone: a number that nobody gave is never made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from yakuba.declare import yaml_files
from yakuba.declare.model import Topic
from yakuba.words import Text

HERE = Path(__file__).parent
OFFICES = HERE / "offices.yaml"
DEMO = HERE / "demo"
_Phone = Annotated[str, StringConstraints(pattern=r"^[0-9#][0-9-]{2,14}$")]


class FaultyTown(ValueError):
    """A town's file cannot be used; the message names file, place and mend."""


class File(BaseModel):
    """Part of a file that people write: frozen, and nothing that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Office(File):
    """Who answers: its name, its telephone where the town gave one, and the topics of services that it answers for."""

    name: Text
    phone: _Phone | None = None
    topics: tuple[Topic, ...] = ()

    def called(self, language: str = "ja") -> str:
        """Its name, with the telephone where there is one."""
        name = self.name.get(language)
        if self.phone is None:
            return name
        return f"{name} ({self.phone})" if language == "en" else f"{name}（電話 {self.phone}）"


class Town(File):
    """A town as answers need it. `off`: ids of shared entries that it does not want said."""

    code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    name: Text
    prefecture: Text | None = None
    offices: Mapping[str, Office] = {}
    off: tuple[str, ...] = ()

    def office(self, key: str) -> Office:
        """The town's own office, or the general one. Raises FaultyTown."""
        known = {**general_offices(), **self.offices}
        if key not in known:
            raise FaultyTown(f"There is no office “{key}”. Offices: {', '.join(known)}.")
        return known[key]

    def office_of(self, topics: tuple[str, ...]) -> Office:
        """Who answers for a service with these topics; the town hall itself where nobody is named."""
        known = {**general_offices(), **self.offices}
        found = (one for topic in topics for one in known.values() if topic in one.topics)
        return next(found, known["hall"])

    def link(self, path: str) -> str:
        """The address of a page of this town's site.

        >>> Town(code="394262", name=Text.same("山あい町")).link("services/dog-death/")
        '/394262/services/dog-death/'
        """
        return f"/{self.code}/{path}"


class _Offices(File):
    offices: Annotated[Mapping[str, Office], Field(min_length=1)]


@cache
def general_offices() -> Mapping[str, Office]:
    """The offices that every town hall has under one name or another. Raises FaultyTown."""
    return yaml_files.read(OFFICES, _Offices, FaultyTown).offices


def read_town(path: Path) -> Town:
    """A town's file. Raises FaultyTown."""
    return yaml_files.read(path, Town, FaultyTown)
