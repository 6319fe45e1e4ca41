"""The mapping file of an old system: which item of the standard is made from which columns, and how.

One YAML file for each system. Nothing is guessed from it: a column that it does not name is not lost silently, the file is
refused (`unfit`). docs/old-data.md has every key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from yakuba.declare import yaml_files
from yakuba.records.standards import Definition, Item
from yakuba.records.values.encodings import Refused
from yakuba.records.values.reading import Csv, Excel, Fixed
from yakuba.words import Text, ui_text

Kind = Literal[
    "text", "wide", "narrow", "kana", "number", "digits", "date", "month", "year", "time", "my-number",
    "corporate-number", "municipality", "postal-code", "phone", "address.municipality", "address.town", "address.block",
    "address.building",
]  # fmt: skip
"""How a text becomes a value; each is a function of `records.values` or `records.addresses`."""
_Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Name = Annotated[str, StringConstraints(pattern=r"[a-z0-9][a-z0-9-]*")]


class FaultyMapping(Exception):
    """A mapping file cannot be used; the message names file, place and mend."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Made(_File):
    """How one item is made: from columns (several are joined), or always the same (`constant`).

    `usual`: a regular expression of how the old system writes the column. What fits it is converted without a word, any
    other change is told as a repair. `empty`: texts that say that nothing is there. The others are options of the kinds.
    """

    columns: tuple[_Said, ...] = Field((), alias="from")
    kind: Kind | None = Field(None, alias="as")
    join: str = ""
    usual: str = ""
    codes: dict[str, str] = {}
    constant: str | None = None
    empty: tuple[str, ...] = ()
    digits: Annotated[int, Field(gt=0)] | None = None
    lost_zeros: bool = False
    zeros: Literal["", "start", "empty"] = ""
    nines: Literal["", "end", "empty"] = ""
    unknown_day: bool = False
    serial: bool = False
    era_codes: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        """`name: COLUMN` and `from: COLUMN` are short for one column."""
        if isinstance(given, str):
            return {"from": [given]}
        if isinstance(given, dict) and isinstance(given.get("from"), str):
            return {**given, "from": [given["from"]]}
        return given

    @field_validator("usual")
    @classmethod
    def _pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
            pc.match_substring_regex(pa.array([""]), pattern)
        except (re.error, pa.ArrowInvalid) as error:
            raise ValueError(
                f"“{pattern}” is no regular expression that both Python and RE2 know: {error}"
            ) from error
        return pattern

    @model_validator(mode="after")
    def _whence(self) -> Made:
        if bool(self.columns) == (self.constant is not None):
            raise ValueError("write either from: (one column or several) or constant:")
        if self.kind == "digits" and self.digits is None:
            raise ValueError("as: digits needs digits: (how many)")
        return self


class Widths(_File):
    """A file without separators: heads and widths in bytes; `lines: false` where no line ends between the records."""

    heads: tuple[_Said, ...]
    widths: tuple[Annotated[int, Field(gt=0)], ...]
    lines: bool = True

    @model_validator(mode="after")
    def _as_many(self) -> Widths:
        if len(self.heads) != len(self.widths):
            raise ValueError(f"there are {len(self.heads)} heads and {len(self.widths)} widths")
        return self


class OldFile(_File):
    """Files of one pattern: which group of the standard they fill, and how. `dropped`: columns that are not taken over,
    each with why not."""

    group: _Said
    layout: Literal["csv", "tsv", "xlsx"] | Widths = "csv"
    items: dict[str, Made]
    dropped: dict[str, _Said] = {}

    @property
    def reader(self) -> Csv | Fixed | Excel:
        """The layout as `values.reading` knows it."""
        if isinstance(self.layout, Widths):
            return Fixed(self.layout.heads, self.layout.widths, self.layout.lines)
        return Excel() if self.layout == "xlsx" else Csv("\t" if self.layout == "tsv" else ",")

    def columns(self) -> set[str]:
        """All columns that the file must have."""
        return {one for made in self.items.values() for one in made.columns} | set(self.dropped)


class Mapping(_File):
    """What one old system writes. `characters` and `addresses`: tables beside the mapping file; `confirmed: false` stands in
    a proposal that nobody has read yet."""

    source: _Name
    name: _Said
    standard: _Name
    encoding: str = ""
    characters: str = ""
    addresses: str = ""
    confirmed: bool = True
    files: dict[_Said, OldFile]

    def file(self, name: str) -> OldFile | None:
        """What the mapping says of a file of that name."""
        return next((one for pattern, one in self.files.items() if fnmatchcase(name, pattern)), None)


class Known(_File):
    """A mapping, and the folder where its tables lie."""

    mapping: Mapping
    folder: Path


def mappings(paths: Sequence[Path], definition: Callable[[str], Definition]) -> list[Known]:
    """The mapping files, or all `*.yaml` of folders, each held to its definition. Raises FaultyMapping with everything that is
    wrong with the first faulty one."""
    files = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    if not files:
        raise FaultyMapping(f"{', '.join(map(str, paths))}: there is no mapping file (*.yaml).")
    return [_known(file, definition) for file in files]


def _known(file: Path, definition: Callable[[str], Definition]) -> Known:
    try:
        mapping = yaml_files.read(file, Mapping, FaultyMapping)
        wanted = definition(mapping.standard)
    except (OSError, KeyError) as error:
        raise FaultyMapping(f"{file}: {error.args[0] if isinstance(error, KeyError) else error}") from error
    if faults := list(_faults(mapping, wanted)):
        raise FaultyMapping(f"{file}: {' '.join(faults)}")
    return Known(mapping=mapping, folder=file.parent)


def _faults(mapping: Mapping, definition: Definition) -> Iterator[str]:
    """What does not fit to the definition."""
    if not mapping.confirmed:
        yield "confirmed: false. It is a proposal: read it, mend it, then write confirmed: true."
    groups = definition.groups()
    for pattern, file in mapping.files.items():
        if file.group not in groups:
            yield f"{pattern}: {definition.id} has no group {file.group}. It has {', '.join(groups)}."
            continue
        items = {one.romaji: one for one in groups[file.group]}
        for name in sorted(set(file.items) - set(items)):
            yield f"{pattern}: {file.group} has no item {name}."
        for name, item in items.items():
            if item.output == "required" and name not in file.items:
                yield f"{pattern}: {name} ({item.name}) must be there: write its column, or constant:."
        for name, made in file.items.items():
            if name in items:
                yield from (
                    f"{pattern}: {name}: {fault}" for fault in _unlisted(made, items[name], definition)
                )


def _unlisted(made: Made, item: Item, definition: Definition) -> Iterator[str]:
    """Values of a table of codes that the item's list does not have."""
    listed = definition.codes.get(item.code) if item.code else None
    if listed and listed.values and not listed.open:
        for code in sorted(set(made.codes.values()) - set(listed.values) - {""}):
            yield f"codes: {code} is not in list {listed.id} {listed.name} ({', '.join(listed.values)})."


def check_heads(file: OldFile, heads: Sequence[str]) -> None:
    """Refuse a file in which a column is missing, or that has one of which the mapping says nothing. Raises Refused."""
    if missing := sorted(file.columns() - set(heads)):
        raise Refused(_naming("importing.column_missing", missing))
    if unknown := [head for head in heads if head not in file.columns()]:
        raise Refused(_naming("importing.column_lost", unknown))


def _naming(key: str, columns: Sequence[str]) -> Text:
    return ui_text(key).format(columns=", ".join(columns))
