"""The file that `yakuba field roster` reads: who goes to customers, from where, when; and how long ferries take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from yakuba.access import Worker
from yakuba.access import queries as staff
from yakuba.declare import yaml_files
from yakuba.field import dispatching, visits
from yakuba.field.dispatch.travel import Place

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "roster.yaml"


class Unreadable(Exception):
    """The file does not say what it must; says where."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _time(said: str) -> str:
    try:
        visits.read_time(said, 0)
    except visits.NotPlaceable as error:
        raise ValueError(f"{said} is not a time such as 08:30") from error
    return said


class _Person(_Model):
    """`login` is that of a staff account; times as 08:30; `rest`: earliest, latest, and its length in minutes."""

    login: str
    base: str
    latitude: Annotated[float, Field(ge=20, le=46)]
    longitude: Annotated[float, Field(ge=122, le=154)]
    island: str = ""
    skills: Sequence[str] = ()
    shift: tuple[str, str] = ("08:30", "17:30")
    rest: tuple[str, str, int] = ("11:30", "13:00", 60)

    @field_validator("shift")
    @classmethod
    def _shift(cls, said: tuple[str, str]) -> tuple[str, str]:
        opens, closes = map(_time, said)
        if opens >= closes:
            raise ValueError("the shift ends before it begins")
        return said

    @field_validator("rest")
    @classmethod
    def _rest(cls, said: tuple[str, str, int]) -> tuple[str, str, int]:
        _time(said[0]), _time(said[1])
        return said


class Roster(_Model):
    """Technicians, and minutes to each island (boarding included; null: no ferry), on every day or on `days`."""

    technicians: Sequence[_Person]
    ferries: Mapping[str, int | None] = {}
    days: Mapping[date, Mapping[str, int | None]] = {}


def read(path: Path) -> Roster:
    """A roster's file. Raises Unreadable."""
    return yaml_files.read(path, Roster, Unreadable)


def enter(roster: Roster, *, by: Worker) -> tuple[int, int]:
    """Enter it, all or nothing; returns how many technicians and ferries. Raises Unreadable for a login without an
    account, access.Denied."""
    known = {one.login: one for one in staff.all_staff()}
    if missing := [one.login for one in roster.technicians if one.login not in known]:
        raise Unreadable(f"no account: {', '.join(missing)}. Make one first: yakuba staff add")
    for one in roster.technicians:
        worker = known[one.login].worker()
        opens, closes = (visits.read_time(said, 0) for said in one.shift)
        earliest, latest = (visits.read_time(said, 0) for said in one.rest[:2])
        dispatching.enrol(
            worker.id,
            worker.name,
            one.base,
            Place(one.latitude, one.longitude, one.island),
            by=by,
            skills=one.skills,
            shift=(opens, closes),
            rest=(earliest, latest, 60 * one.rest[2]),
        )
    ferries = [(island, minutes, None) for island, minutes in roster.ferries.items()]
    dated = [(island, minutes, on) for on, said in roster.days.items() for island, minutes in said.items()]
    for island, minutes, on in [*ferries, *dated]:
        dispatching.ferry(island, None if minutes is None else 60 * minutes, by=by, on=on)
    return len(roster.technicians), len(ferries) + len(dated)
