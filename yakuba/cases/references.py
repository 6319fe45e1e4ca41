"""Reference numbers (受付番号): what somebody says on the phone to name a case."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.db import connection
from stdnum import luhn


def new_reference() -> str:
    """A reference number that can be said on the phone: 12 digits in fours, the last one a Luhn check digit."""
    digits = f"{secrets.randbelow(10**11):011d}"
    digits += luhn.calc_check_digit(digits)
    return "-".join(digits[i : i + 4] for i in (0, 4, 8))


def unlike(references: Iterable[str]) -> list[str]:
    """The reference numbers, with another one for each that a case of this town has or that came before.

    They are drawn by chance: among 100,000 cases two share one about one time in twenty.
    """
    wanted = list(references)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute("select reference from cases_case where reference = any(%s)", [wanted])
        used = {row[0] for row in cursor.fetchall()}
    free = []
    for reference in wanted:
        while reference in used:
            reference = new_reference()
        used.add(reference)
        free.append(reference)
    return free
