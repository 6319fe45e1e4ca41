"""Who in the town is entitled and has not applied: every living person decided at once, from the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from yakuba.cases import queries as cases
from yakuba.cases.register_wide import over_register
from yakuba.declare import Service
from yakuba.register import queries as register

if TYPE_CHECKING:
    from yakuba.register.models import Person


@dataclass(frozen=True, slots=True)
class Entitled:
    """One person. `sure`: all conditions hold by what the register knows; else some are not known."""

    person: Person
    sure: bool
    amount: int | None
    unknown: list[str]


def entitled(service: Service, *, as_of: date) -> list[Entitled]:
    """People of this town for whom no condition is false and who have no open or granted case; the sure ones first.

    Of a household service only the head is listed. Raises declare.NotInForce for a day before its rules hold.
    """
    con = over_register(service, as_of=as_of)
    grant = service.decide.grant
    refused = " or ".join(f'd."{name}" = false' for name in grant)
    rows = con.sql(
        f"select s.person, d.* exclude (_case) from decided d join subjects s using (_case) "
        f"where not coalesce({refused}, false)"
    ).fetchall()
    applied = set(cases.applied(service.id))
    people = register.people([row[0] for row in rows])
    found = [
        _one(service, people[row[0]], row[1:]) for row in rows if row[0] in people and row[0] not in applied
    ]
    if service.file.subject == "household":
        found = [one for one in found if one.person.relation == "head"]
    return sorted(found, key=lambda one: (not one.sure, one.person.kana))


def _one(service: Service, person: Person, values: tuple[Any, ...]) -> Entitled:
    grant = service.decide.grant
    unknown = [name for name, value in zip(grant, values, strict=False) if value is None]
    amount = values[len(grant)] if service.decide.amount else None
    return Entitled(person, not unknown, amount, unknown)
