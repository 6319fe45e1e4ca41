"""What sign-in asks of the register and the cases (see `access.upward`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from yakuba.access.oidc import Claims
from yakuba.cases import queries as cases
from yakuba.register import queries as register
from yakuba.words import search_key


def people(claims: Claims) -> Sequence[str]:
    """Register ids of the living people whose name, birth date and address are those of the card."""
    if claims.birth_date is None:
        return []
    found = register.same_person(claims.name, claims.birth_date)
    wanted = search_key(claims.address)
    return [str(one.id) for one in found if search_key(register.address_of(one.id)[1]) == wanted]


def reference_of(digits: str, born: date) -> str | None:
    """The reference of the case with these digits, if its applicant was born on that day."""
    case = cases.by_reference(digits)
    if case is None:
        return None
    known = cases.state(case).fact("applicant.birth_date")
    return case.reference if str(known) == born.isoformat() else None
