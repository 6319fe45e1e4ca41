"""Definitions as they lie in folders: `standards/ID/VERSION/` of the project, and those that a town brought in over them.

A version is a folder with `about.yaml` (what it is), `items.csv` or `items.xlsx` (the sheet as it is published), where there
are codes `codes.csv` or `codes.xlsx`, and `conditions.yaml` (when a 条件付き必須 item has to be there).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, RootModel, StringConstraints, model_validator
from ruamel.yaml import YAML

from yakuba.conditions import Errors
from yakuba.declare import yaml_files
from yakuba.records.standards.definition import Definition, Item, Requirement
from yakuba.records.standards.errors import FaultyDefinition
from yakuba.records.standards.sheet import read_codes, read_items

ROOT = Path(__file__).resolve().parents[3] / "standards"
"""The definitions that come with the project."""
NOT_WRITTEN = "条件はまだ書かれていない"
"""Why the row alone cannot tell, until somebody has written the condition."""
_KINDS = (".csv", ".xlsx")
_ABOUT = "about.yaml"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9.-]*")
_NAMES = re.compile(r"\brow\.([a-z][a-z0-9_]*)")
_Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class About(_File):
    """about.yaml: what a version is, and whence. `operation`: 3 digits."""

    operation: Annotated[str, StringConstraints(pattern=r"\d{3}")]
    name: Mapping[str, _Said]
    published: date
    provisional: bool
    source: _Said
    licence: _Said


class Wanted(_File):
    """One entry of conditions.yaml: exactly one of both."""

    when: _Said | None = None
    untold: _Said | None = None

    @model_validator(mode="after")
    def _one(self) -> Wanted:
        if (self.when is None) == (self.untold is None):
            raise ValueError("write either when: or untold:")
        return self


class Conditions(RootModel[dict[str, Wanted]]):
    """conditions.yaml: by item id."""


# -- reading -----------------------------------------------------------------------------------------
def load(folder: Path) -> Definition:
    """One version of a definition, with everything in it checked. Raises FaultyDefinition."""
    about = yaml_files.read(folder / _ABOUT, About, FaultyDefinition)
    sheet, codes = _sheet(folder, "items"), _sheet(folder, "codes")
    if sheet is None:
        raise FaultyDefinition("there is no items.csv and no items.xlsx.", str(folder))
    conditions = folder / "conditions.yaml"
    wanted = yaml_files.read(conditions, Conditions, FaultyDefinition).root if conditions.exists() else {}
    found = Definition(
        id=folder.parent.name,
        operation=about.operation,
        name=about.name,
        version=folder.name,
        published=about.published,
        provisional=about.provisional,
        source=about.source,
        licence=about.licence,
        items=read_items(sheet.read_bytes(), sheet.name),
        codes=read_codes(codes.read_bytes(), codes.name) if codes else {},
        requirements={one: Requirement(it.when, it.untold) for one, it in wanted.items()},
    )
    if faults := list(_faults(found)):
        raise FaultyDefinition(" ".join(faults), str(folder))
    return found


def _sheet(folder: Path, name: str) -> Path | None:
    return next((path for kind in _KINDS if (path := folder / f"{name}{kind}").exists()), None)


def _faults(definition: Definition) -> Iterator[str]:
    """What does not fit together."""
    conditional = {one.id for one in definition.items if one.output == "conditional"}
    for item in definition.items:
        if item.id[:3] != definition.operation:
            yield f"{item.id} is no item of {definition.operation}."
        if item.code and item.code.isdigit() and item.code not in definition.codes:
            yield f"{item.id} “{item.name}” has list {item.code}, which codes.csv lacks."
    for one in sorted(conditional ^ set(definition.requirements)):
        yield f"{one} is 条件付き必須 in the sheet or in conditions.yaml, not in both."
    for group, items in definition.groups().items():
        if not any(one.key for one in items):
            yield f"{group} has no 主キー."
        try:
            definition.requirements_of(group)
        except Errors as errors:
            yield f"{group}: {errors}"


def definitions(*roots: Path) -> Mapping[str, Sequence[Definition]]:
    """All versions by id, as they lie there now. `roots`: default the project's own. Raises FaultyDefinition."""
    names = {about.parent.parent.name for root in roots or (ROOT,) for about in root.glob(f"*/*/{_ABOUT}")}
    return {name: _versions(name, roots) for name in sorted(names)}


def definition(name: str, *roots: Path, as_of: date | None = None) -> Definition:
    """The version of a definition in force on a day: the newest official one, or a provisional one where there is none.
    `as_of` None: the newest of all. Raises KeyError, FaultyDefinition."""
    for one in _versions(name, roots):
        if as_of is None or one.published <= as_of:
            return one
    raise KeyError(f"{name}: there is no such definition{'' if as_of is None else f' as of {as_of}'}.")


def _versions(name: str, roots: Sequence[Path]) -> Sequence[Definition]:
    """The newest first; an official list stands before a provisional one, whatever their days."""
    abouts = [about for root in roots or (ROOT,) for about in root.glob(f"{name}/*/{_ABOUT}")]
    versions = [load(about.parent) for about in abouts]
    return sorted(versions, key=lambda one: (one.provisional, -one.published.toordinal()))


# -- a list that is published anew -------------------------------------------------------------------
def bring_in(
    into: Path,
    name: str,
    version: str,
    about: About,
    *,
    items: Path,
    codes: Path | None,
    before: Definition | None,
) -> Definition:
    """Lay a published sheet down as a version below `into`, unchanged, and read it. What `before` says of when an item is
    needed is taken over by the item's name wherever it can still be asked; the rest waits for somebody to write it.
    Nothing is left there when the sheet is faulty. Raises FaultyDefinition."""
    if not (_PLAIN.fullmatch(name) and _PLAIN.fullmatch(version)):
        raise FaultyDefinition(f"{name}/{version} is no name of a folder. Use a-z, 0-9, - and . only.")
    folder = into / name / version
    if folder.exists():
        raise FaultyDefinition(
            f"{folder} is there already. A version does not change: give the new one another name."
        )
    read = read_items(items.read_bytes(), items.name)
    folder.mkdir(parents=True)
    try:
        for source, called in ((items, "items"), (codes, "codes")):
            if source is not None:
                shutil.copyfile(source, folder / f"{called}{source.suffix.lower()}")
        _write(folder / _ABOUT, about.model_dump(mode="json"))
        _write(folder / "conditions.yaml", _taken_over(read, before))
        return load(folder)
    except BaseException:
        shutil.rmtree(folder)
        raise


def _taken_over(items: Sequence[Item], before: Definition | None) -> dict[str, dict[str, str]]:
    """Conditions of the version before, by group and romaji name: ids may be given out anew."""
    known = (
        {(one.group, one.romaji): before.requirements.get(one.id) for one in before.items} if before else {}
    )
    here = {one.romaji for one in items}
    found: dict[str, dict[str, str]] = {}
    for one in items:
        if one.output == "conditional":
            was = known.get((one.group, one.romaji)) or Requirement(untold=NOT_WRITTEN)
            asks = set(_NAMES.findall(was.when)) if was.when else set()
            if was.when and asks <= here:
                found[one.id] = {"when": was.when}
            else:
                found[one.id] = {"untold": was.untold or NOT_WRITTEN}
    return found


def _write(path: Path, content: Mapping[str, object]) -> None:
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(content, file)
