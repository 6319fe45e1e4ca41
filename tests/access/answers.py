"""What the rooms above would answer, as small real functions for `settings.YAKUBA_PEOPLE` and `YAKUBA_REFERENCE`."""

from datetime import date

from yakuba.access.oidc import Claims

REFERENCE, BORN = "1234-5678-9012", date(1990, 4, 1)


def nobody(claims: Claims) -> list[str]:
    """An empty register."""
    return []


def hanako_only(claims: Claims) -> list[str]:
    """A register with one Hanako, known by name, birth date and address."""
    known = ("山本花子", date(1990, 4, 1), "高知県高岡郡四万川町1-1")
    return ["person-1"] if (claims.name, claims.birth_date, claims.address) == known else []


def two_of_them(claims: Claims) -> list[str]:
    """A register with two people who cannot be told apart."""
    return ["person-1", "person-2"]


def one_case(digits: str, born: date) -> str | None:
    """One case, whose applicant was born on BORN."""
    return REFERENCE if (digits, born) == (REFERENCE.replace("-", ""), BORN) else None
