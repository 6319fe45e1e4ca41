"""A file of rules as people write it: views of rows with what belongs to them, and what is wrong with a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from yakuba.words import Text

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""Of a thing that conditions speak of."""
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Severity = Literal["hold", "look"]
"""hold: the row is not taken as it is; look: it may be right, and somebody should look at it."""
Place = tuple[str, str]
"""A definition and one of its groups."""
_PLACE = re.compile(r"([a-z0-9-]+)/([^/]+)")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Selected(_File):
    """Rows of a group, `of: ID/GROUP`. `latest`: only those with the greatest number of their history."""

    of: Annotated[str, StringConstraints(pattern=_PLACE)]
    latest: Name | None = None

    @property
    def place(self) -> Place:
        """The definition and the group."""
        standard, _, group = self.of.partition("/")
        return standard, group


class Join(Selected):
    """What belongs to a row. `by`: items of theirs, each with the fact of ours that it equals. `each`: what one of several is
    called; without it there is at most one. `with`: what belongs to each of them in turn, one at most."""

    by: Annotated[Mapping[str, str], Field(min_length=1)]
    each: Name | None = None
    with_: Annotated[Mapping[Name, Join], Field(alias="with")] = {}

    @model_validator(mode="after")
    def _only_lists_go_on(self) -> Join:
        if self.with_ and (not self.each or any(one.each or one.with_ for one in self.with_.values())):
            raise ValueError("with: stands under one of several, and what it names is one")
        return self


class WrittenRule(_File):
    """What is wrong with a row. `say`: for a clerk, what is wrong and what to do; `at`: the item that is pointed at."""

    name: Text
    say: Text
    source: Said
    severity: Severity
    at: Said
    wrong: Said


class View(Selected):
    """Rows that rules hold something against; `values`: conditions by names that several rules use."""

    with_: Annotated[Mapping[Name, Join], Field(alias="with")] = {}
    values: Mapping[Name, Said] = {}
    rules: Annotated[Mapping[RuleId, WrittenRule], Field(min_length=1)]


class Figure(_File):
    """A whole number of a law, from the day from which it holds."""

    values: Annotated[Mapping[date, int], Field(min_length=1)]
    source: Said


class RuleFile(_File):
    """standards/rules/NAME.yaml"""

    params: Mapping[Name, Figure] = {}
    views: Annotated[Mapping[Name, View], Field(min_length=1)]


class Example(_File):
    """Rows, by group, of which only the cells that matter are written, and which of them a rule finds: by group, from 1."""

    rows: Mapping[str, Sequence[Mapping[str, str]]]
    finds: Mapping[str, Sequence[int]]
    as_of: date | None = None


class ExampleFile(_File):
    """standards/rules/examples/NAME.yaml. `as_of`: the day of the examples that do not say one."""

    as_of: date
    examples: Mapping[RuleId, Annotated[Sequence[Example], Field(min_length=2)]]
