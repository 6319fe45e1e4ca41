"""What an import found, held against what is known to be wrong with its files: for samples with planted errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from yakuba.records.importing.bring import Brought


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Place(_File):
    """A row of a file: its line, from 1."""

    file: str
    line: Annotated[int, Field(gt=0)]


class Error(Place):
    """One planted error, and what is to become of its row."""

    kind: str
    expect: Literal["held", "repaired", "rule", "duplicate"]


class Planted(_File):
    """All of them. `touched`: rows that an error elsewhere makes faulty too, or may."""

    planted: tuple[Error, ...]
    touched: tuple[Place, ...] = ()


def against(brought: Brought, path: Path) -> dict[str, Any]:
    """How many of the planted errors were found as expected, which were missed, and which clean rows were held. Files that
    were not brought in count for nothing. Raises pydantic.ValidationError."""
    known = Planted.model_validate(orjson.loads(path.read_bytes()))
    here = {one.path.name for one in brought.files}
    states = _states(brought)
    planted = [one for one in known.planted if one.file in here]
    missed = [one for one in planted if not _found(one, states)]
    faulty = {(one.file, one.line) for one in (*known.planted, *known.touched)}
    clean_held = [place for place, state in states.items() if state == "held" and place not in faulty]
    return {
        "counts": {
            "kinds": len({one.kind for one in planted}),
            "planted": len(planted),
            "found": len(planted) - len(missed),
            "clean_held": len(clean_held),
        },
        "missed": [one.model_dump() for one in missed],
        "clean_held": [{"file": file, "line": line} for file, line in sorted(clean_held)],
    }


def _states(brought: Brought) -> dict[tuple[str, int], str]:
    names = [one.path.name for one in brought.files]
    return {
        (names[number], line): state
        for group in brought.groups.values()
        for number, line, state in brought.con.execute(
            f"select _file, _line, _state from {group.table}"
        ).fetchall()
    }


def _found(error: Error, states: Mapping[tuple[str, int], str]) -> bool:
    """A row that breaks a rule, or is somebody a second time, is held as others are."""
    state = states.get((error.file, error.line))
    return state == ("repaired" if error.expect == "repaired" else "held")
