"""Who is at which shelter, and what they need: the open cases of `services/shelter-check-in`.

Source: 災害対策基本法 第86条の6・第86条の7 (避難所・避難所以外の場所に滞在する被災者), 第90条の3 (被災者台帳).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from yakuba.access import Worker
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.channels.disaster.errors import NotDeclared
from yakuba.channels.disaster.mode import SHELTER
from yakuba.words import search_key

STAY = "stay"
NEEDS = ("medical", "mobility", "allergy", "pets", "other")
"""What a household may need, as the service asks it (`shelter.…`)."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A household at a shelter. `seq`: how far its case had come when this was read; `task`: its stay, once it is settled."""

    case: uuid.UUID
    reference: str
    seq: int
    at: datetime
    shelter: str
    name: str
    birth_date: str
    address: str
    phone: str
    people: int
    stays: str
    tell: bool
    needs: Mapping[str, str]
    task: uuid.UUID | None = None

    @property
    def person(self) -> tuple[str, str]:
        """By what two check-ins are of the same person: the name as it is searched, and the birth date."""
        return search_key(self.name).replace(" ", ""), self.birth_date


@dataclass(frozen=True)
class Shelter:
    """One shelter with who is there, the newest first."""

    name: str
    there: Sequence[CheckIn]

    @cached_property
    def people(self) -> int:
        """All people of all households."""
        return sum(one.people for one in self.there)

    @cached_property
    def needs(self) -> Mapping[str, int]:
        """How many households need what."""
        return {need: sum(bool(one.needs.get(need)) for one in self.there) for need in NEEDS}


def key(shelter: str) -> str:
    """By what a shelter is the same, however its name was typed."""
    return search_key(shelter).replace(" ", "")


def check_ins() -> list[CheckIn]:
    """Every household that is at a shelter now, the first one first."""
    tasks = {one.case_id: one.id for one in case_queries.open_with_verb(SHELTER, ["work"])}
    return [_shown(case, tasks.get(case.id)) for case in case_queries.open_of(SHELTER)]


def _shown(case: Any, task: uuid.UUID | None) -> CheckIn:
    state = case_queries.state(case)
    person, shelter = state.facts.get("applicant") or {}, state.facts.get("shelter") or {}
    return CheckIn(
        case.id,
        case.reference,
        case.seq,
        case.opened_at,
        shelter.get("name", ""),
        person.get("name", ""),
        str(person.get("birth_date") or ""),
        person.get("address", ""),
        person.get("phone", ""),
        shelter.get("people") or 1,
        shelter.get("stays") or "inside",
        bool(shelter.get("tell")),
        {need: shelter[need] for need in NEEDS if shelter.get(need)},
        task,
    )


def shelters(found: Iterable[CheckIn] | None = None) -> list[Shelter]:
    """Each shelter where somebody is, by name; written in different ways it is one."""
    by_key: dict[str, list[CheckIn]] = {}
    for one in check_ins() if found is None else found:
        by_key.setdefault(key(one.shelter), []).append(one)
    made = [Shelter(some[0].shelter, some[::-1]) for some in by_key.values()]
    return sorted(made, key=lambda one: one.name)


def same_person(name: str, born: date | str, among: Iterable[CheckIn]) -> list[CheckIn]:
    """The check-ins of a person, by name and birth date."""
    wanted = search_key(name).replace(" ", ""), str(born)
    return [one for one in among if one.person == wanted]


def left(case: uuid.UUID, outcome: str, *, by: Worker, as_of: datetime, note: str = "") -> None:
    """A household left, moved on, or was checked in twice. Raises NotDeclared when it is not there any more, cases.CaseError."""
    task = next((one.task for one in check_ins() if one.case == case), None)
    if task is None:
        raise NotDeclared("left_already")
    cases.finish(task, by=by, as_of=as_of, outcome=outcome, note=note)


def outcomes() -> Mapping[str, Any]:
    """How a stay may end, with its words."""
    return catalogue.service(SHELTER).step(STAY).outcomes
