"""What can be asked of the register."""

from __future__ import annotations

import io
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from django.db import connection
from django.db.models import Q, QuerySet
from pyarrow import csv

from yakuba.access.towns import current_town
from yakuba.clock import BusinessCalendar
from yakuba.conditions import Schema
from yakuba.register import facts
from yakuba.register.arrow import column_types, empty_columns
from yakuba.register.models import Address, BankAccount, Organisation, Person, Town
from yakuba.words import search_key


# -- towns ---------------------------------------------------------------------------------------
def town(code: str) -> Town | None:
    """The town with this official 6-digit code, if it is served here."""
    return Town.objects.filter(code=code).first()


PARTNERS = "9"
"""Codes of partners' halls begin with it; those of municipalities begin with their prefecture's number, 01 to 47
(JIS X 0401)."""


def towns() -> list[Town]:
    """All towns served here, by code; partners are none."""
    return list(Town.objects.exclude(code__startswith=PARTNERS).order_by("code"))


def partners() -> list[Town]:
    """All partners that work for towns served here, by code."""
    return list(Town.objects.filter(code__startswith=PARTNERS).order_by("code"))


def is_partner(code: str) -> bool:
    """Whether a partner works here under this code."""
    return code.startswith(PARTNERS) and Town.objects.filter(code=code).exists()


def town_codes() -> list[str]:
    """The codes of all halls here: of towns and of partners."""
    return list(Town.objects.order_by("code").values_list("code", flat=True))


def calendar(code: str) -> BusinessCalendar:
    """When the town hall is open: its own closures besides weekends, holidays and the turn of the year."""
    closures = Town.objects.filter(code=code).values_list("closures", flat=True).first()
    return BusinessCalendar(closures=frozenset(closures or ()))


# -- people --------------------------------------------------------------------------------------
def person(person_id: uuid.UUID | str) -> Person | None:
    """One person of this town."""
    return Person.objects.filter(id=person_id).select_related("household").first()


def people(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Person]:
    """Several people of this town with their households, in one query."""
    return {one.id: one for one in Person.objects.filter(id__in=ids).select_related("household")}


def household_count(ids: Collection[uuid.UUID]) -> int:
    """In how many households these people live."""
    return Person.objects.filter(id__in=ids).values("household").distinct().count()


def born_before(day: date) -> QuerySet[Person]:
    """Everybody of this town born before that day."""
    return Person.objects.filter(birth_date__lt=day).order_by("id")


def heads_born_before(day: date) -> QuerySet[Person]:
    """Heads of household born before that day."""
    return born_before(day).filter(relation="head")


def mothers(*, of_children_born_after: date | None = None) -> QuerySet[Person]:
    """Mothers whom the register knows of any of its people, or of one born after that day."""
    children = Person.objects.filter(mother__isnull=False)
    if of_children_born_after is not None:
        children = children.filter(birth_date__gt=of_children_born_after)
    return Person.objects.filter(id__in=children.values("mother")).order_by("id")


def find_person(text: str = "", birth_date: date | None = None, limit: int = 20) -> list[Person]:
    """Living people whose name or reading contains every word, in any width, kana or old character; by kana."""
    found = Person.objects.filter(died_on=None, moved_out=None).select_related("household")
    for word in text.split():
        found = found.filter(search__contains=search_key(word))
    if birth_date is not None:
        found = found.filter(birth_date=birth_date)
    return list(found.order_by("kana", "birth_date")[:limit])


def same_person(name: str, birth_date: date) -> list[Person]:
    """Living people of this name, in any spelling, born on this day."""
    return list(Person.objects.filter(id__in=same_people([(name, birth_date)])[0]))


def same_people(wanted: Sequence[tuple[str, date]]) -> list[list[uuid.UUID]]:
    """For each name and birth date the ids of the living people of this name, in any spelling, born on this day."""
    if not wanted:
        return []
    known: dict[tuple[str, date], list[uuid.UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BORN_ON, [list({day for _, day in wanted})])
        for person, name, day in cursor.fetchall():
            known.setdefault((search_key(name), day), []).append(person)
    return [known.get((search_key(name), day), []) for name, day in wanted]


_BORN_ON = """select id, name, birth_date from register_person
    where birth_date = any(%s) and died_on is null and moved_out is null"""


def household_of(person_id: uuid.UUID | str, *, as_of: date) -> list[Person]:
    """Who lives in the person's household on that day, the head first, then by age."""
    mine = Person.objects.filter(id=person_id).values("household")
    gone = Q(moved_out__lte=as_of) | Q(died_on__lte=as_of)
    members = Person.objects.filter(household__in=mine, moved_in__lte=as_of).exclude(gone)
    return sorted(members, key=lambda one: (one.relation != "head", one.birth_date))


def likely_writers() -> list[dict[str, str]]:
    """Whoever lives here, as it may stand on a form: `name`, `kana`, `birth_date`, `postal_code`, `address`."""
    here = Person.objects.filter(died_on=None, moved_out=None, household__addresses__until=None)
    columns = (
        "name",
        "kana",
        "birth_date",
        "household__addresses__postal_code",
        "household__addresses__line",
    )
    keys = ("name", "kana", "birth_date", "postal_code", "address")
    return [dict(zip(keys, map(str, row), strict=True)) for row in here.values_list(*columns)]


def address_of(person_id: uuid.UUID | str) -> tuple[str, str]:
    """Postal code and line of the present address; empty where there is none."""
    rows = Person.objects.filter(Q(household__addresses__until=None), id=person_id)
    found = rows.values_list("household__addresses__postal_code", "household__addresses__line").first()
    return found if found and found[0] else ("", "")


def postal_codes() -> set[str]:
    """The postal codes of all places where somebody of the town lives or lived."""
    return set(Address.objects.values_list("postal_code", flat=True).distinct())


def account_of(person_id: uuid.UUID | str) -> BankAccount | None:
    """The account named for public benefits."""
    return BankAccount.objects.filter(person_id=person_id).first()


def organisations() -> list[Organisation]:
    """Organisations that the town deals with, by name."""
    return list(Organisation.objects.order_by("name"))


def people_count() -> int:
    """How many people live here."""
    return Person.objects.filter(died_on=None, moved_out=None).count()


# -- counts --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Counted:
    """How many people of a sex and an age band (band 1: 5 to 9 years) live in a district."""

    district: str
    sex: str
    band: int
    people: int


def population(*, as_of: date, bands: int) -> list[Counted]:
    """Everybody who lives here on that day, counted by district, sex and age bands of five years, the last one open. A district
    is what an address says between the town's name and the first digit. Ages are completed years, as in `clock.age`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select {_DISTRICT}, p.sex, least(extract(year from age(%(as_of)s, p.birth_date))::int / 5, %(last)s),
                       count(*) from {facts.FROM} where {facts.here("p")} group by 1, 2, 3 order by 1, 2, 3""",
            {**facts.bound(as_of), "town": _town_name(), "last": bands - 1},
        )
        return [Counted(*row) for row in cursor.fetchall()]


def households_by_district(*, as_of: date) -> dict[str, int]:
    """In how many households people live in each district on that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select {_DISTRICT}, count(distinct p.household_id) from {facts.FROM}
                where {facts.here("p")} group by 1""",
            {**facts.bound(as_of), "town": _town_name()},
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Lived:
    """When somebody was born, and in which district they lived on a day; empty where the register does not know."""

    born: date
    district: str


def lived(people: Collection[tuple[uuid.UUID, date]]) -> dict[tuple[uuid.UUID, date], Lived]:
    """Of people (ids), each on a day: their birth date and the district of the address of that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select w.id, w.day, p.birth_date, coalesce({_DISTRICT}, '')
                from unnest(%(ids)s::uuid[], %(days)s::date[]) as w(id, day) join register_person p on p.id = w.id
                left join lateral (select line from register_address a where a.household_id = p.household_id
                  and a.since <= w.day and coalesce(a.until > w.day, true) order by a.since desc limit 1) a on true""",
            {
                "ids": [one for one, _ in people],
                "days": [day for _, day in people],
                "town": _town_name(),
            },
        )
        return {(one, day): Lived(born, district) for one, day, born, district in cursor.fetchall()}


def _town_name() -> str:
    return Town.objects.values_list("name", flat=True).get(code=current_town())


_DISTRICT = r"""trim(regexp_replace(case when position(%(town)s in a.line) > 0
    then substr(a.line, position(%(town)s in a.line) + length(%(town)s)) else coalesce(a.line, '') end,
    '[0-9０-９].*$', ''))"""


# -- facts ---------------------------------------------------------------------------------------
def facts_of(person_id: uuid.UUID | str, *, as_of: date) -> dict[str, Any]:
    """What the register knows about a person, nested as services name it; what it does not know is left out."""
    return facts_of_many([person_id], as_of=as_of).get(str(person_id), {})


def facts_of_many(people: Sequence[uuid.UUID | str], *, as_of: date) -> dict[str, dict[str, Any]]:
    """The same for many people, by id as text, in as many statements as for one."""
    known: dict[str, dict[str, Any]] = {}
    if not people:
        return known
    bound = {**facts.bound(as_of), "people": [str(person) for person in people]}
    chosen = "where p.id = any(%(people)s::uuid[])"
    with connection.cursor() as cursor:
        columns = ", ".join(facts.FACTS.values())
        cursor.execute(f"select p.id::text, {columns} from {facts.FROM} {chosen}", bound)
        for person, *row in cursor.fetchall():
            known[person] = {name: [] for name in facts.LISTS}
            for name, value in _known(facts.FACTS, row).items():
                group, key = name.split(".")
                known[person].setdefault(group, {})[key] = value
        for name, source in facts.LISTS.items():
            columns = ", ".join(source.columns.values())
            cursor.execute(
                f"select p.id::text, {columns} from register_person p {source.rows} {chosen} order by {source.order}",
                bound,
            )
            for person, *item in cursor.fetchall():
                known[person][name].append(_known(source.columns, item))
    return known


def _known(columns: Mapping[str, str], row: Sequence[Any]) -> dict[str, Any]:
    return {key: value for key, value in zip(columns, row, strict=True) if value is not None}


_SUBJECTS = f"select p.*, row_number() over (order by p.id) - 1 as _case from register_person p where {facts.here('p')}"


def fact_tables(con: duckdb.DuckDBPyConnection, *, schema: Schema, as_of: date) -> None:
    """Give a DuckDB connection the tables that `Program.run_tables` wants, with everyone who lives here on that day as applicant,
    and `subjects` (`_case`, `person`, `relation` to the head). By COPY, so that a register of any size takes no step per row."""
    known = {name: sql for name, sql in facts.FACTS.items() if name in schema.facts}
    chosen = "".join(f', {sql} as "{name}"' for name, sql in known.items())
    listed = "".join(f', {str(name in facts.LISTS).lower()} as "#{name}"' for name in schema.lists)
    source = facts.FROM.replace("register_person p", f"({_SUBJECTS}) p", 1)
    types = {name: schema.facts[name] for name in known}
    table = _copied(
        f"select p._case, p.id::text as person, p.relation{chosen}{listed} from {source}", as_of, types
    )
    con.register("_people", table)
    missing = {name: kind for name, kind in schema.facts.items() if name not in known}
    con.execute(
        f"create table facts as select * exclude (person, relation){empty_columns(missing)} from _people"
    )
    con.execute("create table subjects as select _case, person::uuid as person, relation from _people")
    con.unregister("_people")
    for name, kind in schema.lists.items():
        _list_table(con, name, kind.item, dict(kind.facts), as_of)


def _list_table(
    con: duckdb.DuckDBPyConnection, name: str, item: str, wanted: dict[str, Any], as_of: date
) -> None:
    if name not in facts.LISTS:
        columns = empty_columns({f"{item}.{key}": kind for key, kind in wanted.items()})
        con.execute(
            f'create table "{name}" as select 0::bigint as _case, 0::bigint as _pos{columns} where false'
        )
        return
    source = facts.LISTS[name]
    known = {key: sql for key, sql in source.columns.items() if key in wanted}
    chosen = "".join(f', {sql} as "{item}.{key}"' for key, sql in known.items())
    order = f"row_number() over (partition by p._case order by {source.order}) - 1"
    types = {f"{item}.{key}": wanted[key] for key in known}
    table = _copied(
        f"select p._case, {order} as _pos{chosen} from ({_SUBJECTS}) p {source.rows}", as_of, types
    )
    con.register("_items", table)
    missing = {f"{item}.{key}": kind for key, kind in wanted.items() if key not in known}
    con.execute(f'create table "{name}" as select *{empty_columns(missing)} from _items')
    con.unregister("_items")


def _copied(sql: str, as_of: date, types: Mapping[str, Any]) -> Any:
    """The answer of a query as an Arrow table."""
    with connection.cursor() as cursor:
        # COPY takes no parameters; these are a date and a year of our own
        bound = sql % {name: f"'{value}'" for name, value in facts.bound(as_of).items()}
        out = io.BytesIO()
        with cursor.copy(f"copy ({bound}) to stdout (format csv, header)") as rows:
            for block in rows:
                out.write(block)
    out.seek(0)
    options = csv.ConvertOptions(
        column_types=column_types(types), true_values=["t"], false_values=["f"], strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )  # fmt: skip
    return csv.read_csv(out, convert_options=options)
