"""What can happen to the register. The only writers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from yakuba.access import towns
from yakuba.clock import fiscal_year
from yakuba.register import codes, queries
from yakuba.register.models import Organisation, Town
from yakuba.register.synthetic import MadeHousehold, Maker

NAMES = {"394262": "山あい町", "394297": "潮見町"}
"""Names of the demo towns: no municipality has them."""


class TownExists(ValueError):
    """The town is here already."""


def create_town(code: str, population: int, seed: int, *, as_of: date, name: str = "") -> Town:
    """Make a synthetic town with that many people; the same for the same code, population, seed and day.

    Raises codes.BadCode for a code that is wrong or belongs to a real municipality, TownExists.
    """
    codes.checked(code)
    if code in codes.official():
        prefecture, real = codes.official()[code]
        raise codes.BadCode(
            f"{code} is {prefecture} {real}: a real municipality is not filled with made-up people. "
            "Use a code that nobody has, such as 394262."
        )
    if Town.objects.filter(code=code).exists():
        raise TownExists(f"town {code} is here already. Use another code, or a new data folder (YAKUBA_VAR).")
    name = name or NAMES.get(code, f"見本町{code[2:5]}")
    prefecture = codes.prefecture_of(code)
    with towns.inside(code), transaction.atomic():
        town = Town.objects.create(
            code=code,
            name=name,
            prefecture=prefecture,
            mayor_title=f"{name}長",
            contact=f"{name}役場 住民課（架空） 電話 000-0000-0000",
            synthetic=True,
        )
        _write(code, Maker(code, seed, as_of, f"{prefecture}{name}").households(population), as_of)
        Organisation.objects.create(
            town=code, name=f"{name}社会福祉協議会（架空）", kind="council", contact=""
        )
    return town


def add_partner(code: str, name: str, contact: str, *, synthetic: bool = False) -> Town:
    """Give an outside organisation a hall of its own: its staff, its queue, its log.

    Raises codes.BadCode for a code that a municipality may have, TownExists.
    """
    if not (code.startswith(queries.PARTNERS) and len(code) == 6 and code.isascii() and code.isdigit()):
        raise codes.BadCode(f"{code}: a partner's code has 6 digits and begins with {queries.PARTNERS}.")
    if Town.objects.filter(code=code).exists():
        raise TownExists(f"partner {code} is here already. Use another code.")
    return Town.objects.create(
        code=code, name=name, prefecture="", mayor_title="", contact=contact, synthetic=synthetic
    )


def _write(code: str, households: Iterable[MadeHousehold], as_of: date) -> None:
    """By COPY: 4,000 people or 100,000 take the same few statements."""
    made = list(households)
    people = [one for home in made for one in home.people]
    home_day, year = date(2000, 4, 1), fiscal_year(as_of)
    _copy("household", ("id", "number"), ((h.id, h.number) for h in made), code)
    _copy(
        "address",
        ("household_id", "postal_code", "line", "since"),
        ((h.id, h.postal_code, h.line, home_day) for h in made),
        code,
    )
    columns = ("id", "household_id", "relation", "name", "kana", "search", "birth_date", "sex", "nationality")
    family = ("mother_id", "father_id", "moved_in")
    _copy(
        "person",
        (*columns, *family),
        (
            (
                *(
                    p.id,
                    p.household,
                    p.relation,
                    p.name,
                    p.kana,
                    p.search,
                    p.birth_date,
                    p.sex,
                    p.nationality,
                ),
                *(p.mother, p.father, p.moved_in),
            )
            for p in people
        ),
        code,
    )
    _copy(
        "bankaccount",
        ("person_id", "bank", "branch", "type", "number", "holder"),
        ((p.id, *p.account) for p in people if p.account),
        code,
    )
    _copy(
        "taxation",
        ("person_id", "year", "levied", "income"),
        ((p.id, year, p.taxed, p.income) for p in people),
        code,
    )
    _gather_statistics()


def _gather_statistics() -> None:
    """PostgreSQL counts by itself within a minute; until then it plans for empty tables, and asking for 28 people and
    their families took 0.4 s instead of 0.001 s."""
    with connection.cursor() as cursor:
        cursor.execute("select register_gather_statistics()")


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], town: str) -> None:
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        # COPY into a table under row security is refused, so the rows go through a table of this transaction
        cursor.execute(f"create temp table copied as select {listed} from register_{table} limit 0")
        with cursor.copy(f"copy copied ({listed}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"insert into register_{table} (town, {listed}) select %s, {listed} from copied", [town]
        )
        cursor.execute("drop table copied")
