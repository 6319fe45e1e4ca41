"""Which facts the register knows, and where it has them: one mapping for one person and for the whole town."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yakuba.clock import fiscal_year


def here(person: str) -> str:
    """Whether this row of people is alive and lives in the town on the day asked for."""
    return (
        f"({person}.moved_in <= %(as_of)s and coalesce({person}.moved_out > %(as_of)s, true) "
        f"and coalesce({person}.died_on > %(as_of)s, true))"
    )


FACTS: Mapping[str, str] = {
    "applicant.name": "p.name",
    "applicant.kana": "p.kana",
    "applicant.birth_date": "p.birth_date",
    "applicant.postal_code": "a.postal_code",
    "applicant.address": "a.line",
    "applicant.resident": here("p"),
    "account.bank": "b.bank",
    "account.branch": "b.branch",
    "account.type": "b.type",
    "account.number": "b.number",
    "account.holder": "b.holder",
}
"""A person `p` with the present address `a` and the account `b`."""

FROM = """register_person p
left join register_address a on a.household_id = p.household_id and a.since <= %(as_of)s
    and coalesce(a.until > %(as_of)s, true)
left join register_bankaccount b on b.person_id = p.id"""


@dataclass(frozen=True, slots=True)
class ListSource:
    """A list of facts: its item's name, its columns over `k`, and which rows belong to a person `p`."""

    item: str
    columns: Mapping[str, str]
    rows: str
    order: str


LISTS: Mapping[str, ListSource] = {
    "children": ListSource(
        "child",
        {
            "name": "k.name",
            "birth_date": "k.birth_date",
            "relation": "'own'",
            "living_together": f"(k.household_id = p.household_id and {here('k')})",
            "cared_for": f"case when k.household_id = p.household_id and {here('k')} then true end",
            "in_japan": f"case when {here('k')} then true end",
        },
        # two equalities and not one "or": only an equality can be joined by hash, and a town has many people
        "join (select c.mother_id as parent, c.* from register_person c "
        "union all select c.father_id, c.* from register_person c) k "
        "on k.parent = p.id and k.birth_date <= %(as_of)s "
        "and k.birth_date > %(oldest_child)s and coalesce(k.died_on > %(as_of)s, true)",
        "k.birth_date, k.id",
    ),
    "members": ListSource(
        "member",
        {"name": "k.name", "birth_date": "k.birth_date", "taxed": "t.levied"},
        f"join register_person k on k.household_id = p.household_id and {here('k')} "
        "left join register_taxation t on t.person_id = k.id and t.year = %(tax_year)s",
        "k.birth_date, k.id",
    ),
}


def bound(as_of: date) -> dict[str, date | int]:
    """Values of the placeholders: children may count until the fiscal year in which they turn 22 (児童手当法
    第6条), and residence tax is that of the fiscal year."""
    return {
        "as_of": as_of,
        "oldest_child": date(as_of.year - 24, 1, 1),
        "tax_year": fiscal_year(as_of),
    }
