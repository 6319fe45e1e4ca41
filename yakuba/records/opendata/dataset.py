"""Datasets as they lie in folders: `standards/open-data/ID/` has `dataset.yaml` (what it is, and its versions) and for each
version a sheet `VERSION.csv` with its columns in their order."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from yakuba.declare import yaml_files
from yakuba.records.standards import ROOT
from yakuba.words import Text

FOLDER = ROOT / "open-data"
PREFIX = "open-data/"
"""What may stand before the name of a dataset where definitions of all kinds are meant."""
SHEET = ("項目名", "主キー", "形式", "必要", "値")
"""The headings of a sheet."""
Kind = Literal[
    "text", "kana", "municipality", "town-id", "corporate-number", "latitude", "longitude", "date", "month", "time",
    "url", "email", "phone", "postal-code", "integer", "number", "count", "flag", "list",
]  # fmt: skip
"""How a cell is written. `count`: a whole number of people or cases, or SUPPRESSED; `flag`: 1 or nothing; `list`: one of those
in 値."""
SUPPRESSED = "X"
"""Stands where a count is kept back, as in official statistics of Japan (秘匿)."""
_Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class FaultyDataset(Exception):
    """A dataset's definition cannot be used."""


class UnknownDataset(Exception):
    """No dataset has this name."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Version(_File):
    id: _Said
    provisional: bool
    source: _Said
    licence: _Said


class _About(_File):
    """dataset.yaml."""

    name: Text
    theme: Annotated[str, StringConstraints(pattern="[A-Z]{4}")]
    versions: Annotated[list[_Version], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Column:
    """One 項目. `required`: no cell of it may be empty; `codes`: its closed list."""

    name: str
    kind: Kind
    key: bool
    required: bool
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """The columns of a dataset in one edition of the specification. `provisional`: not the official sheet."""

    id: str
    provisional: bool
    source: str
    licence: str
    columns: Sequence[Column]

    @property
    def heads(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(one.name for one in self.columns)

    @property
    def places(self) -> bool:
        """Has every row a place on a map?"""
        return {"緯度", "経度"} <= set(self.heads)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of the specification. `theme`: its code in the EU's list of data themes, which DCAT catalogues share."""

    id: str
    name: Text
    theme: str
    versions: Sequence[Version]

    @property
    def current(self) -> Version:
        """The edition that is published here."""
        return self.versions[0]

    def fitting(self, heads: Sequence[str]) -> Version:
        """The edition that has most of these columns; the newest of several."""
        return max(self.versions, key=lambda one: len(set(one.heads) & set(heads)))


@cache
def datasets(folder: Path = FOLDER) -> Mapping[str, Dataset]:
    """All datasets by id. Raises FaultyDataset."""
    return {about.parent.name: _load(about) for about in sorted(folder.glob("*/dataset.yaml"))}


def dataset(name: str) -> Dataset:
    """The dataset `name` or `open-data/name`. Raises UnknownDataset, FaultyDataset."""
    found = datasets().get(name.removeprefix(PREFIX))
    if found is None:
        raise UnknownDataset(f"{name}: there is no such dataset. There are: {', '.join(datasets())}.")
    return found


def _load(path: Path) -> Dataset:
    about = yaml_files.read(path, _About, FaultyDataset)
    versions = [
        Version(one.id, one.provisional, one.source, one.licence, _columns(path.parent / f"{one.id}.csv"))
        for one in about.versions
    ]
    return Dataset(path.parent.name, about.name, about.theme, versions)


def _columns(path: Path) -> list[Column]:
    if not path.is_file():
        raise FaultyDataset(f"{path} is not there: the sheet of a version that dataset.yaml names.")
    with path.open(encoding="utf-8", newline="") as file:
        heads, *rows = csv.reader(file)
    if tuple(heads) != SHEET:
        raise FaultyDataset(f"{path}: the headings are {'、'.join(heads)}; they must be {'、'.join(SHEET)}.")
    columns = [_column(path, line, row) for line, row in enumerate(rows, start=2)]
    names = [one.name for one in columns]
    if twice := sorted({one for one in names if names.count(one) > 1}):
        raise FaultyDataset(f"{path}: {'、'.join(twice)} is there twice.")
    if not any(one.key for one in columns):
        raise FaultyDataset(f"{path}: no column is marked as 主キー.")
    return columns


def _column(path: Path, line: int, row: Sequence[str]) -> Column:
    name, key, written, need, values = row
    kind: Kind | None = next((one for one in get_args(Kind) if one == written), None)
    if kind is None:
        raise FaultyDataset(
            f"{path}, line {line}: 形式 is {written or 'empty'}. It is one of {', '.join(get_args(Kind))}."
        )
    if (kind == "list") != bool(values):
        raise FaultyDataset(f"{path}, line {line}: 値 stands where 形式 is list, and nowhere else.")
    return Column(name, kind, bool(key), need == "required", tuple(filter(None, values.split("|"))))
