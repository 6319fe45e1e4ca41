"""Who in the town is entitled and has not applied: every living person decided at once, from the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb

from yakuba import conditions
from yakuba.cases import queries as cases
from yakuba.declare import NotInForce, Service
from yakuba.register import queries as register

if TYPE_CHECKING:
    from yakuba.register.models import Person

NOTHING: Mapping[str, Any] = MappingProxyType({})


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
    judged = Judged(service, as_of=as_of)
    rows = judged.rows(judged.possible)
    people = register.people([row.person for row in rows])
    found = [_one(judged, people[row.person], row) for row in rows if row.person in people]
    return sorted(found, key=lambda one: (not one.sure, one.person.kana))


def _one(judged: Judged, person: Person, row: Row) -> Entitled:
    unknown = [name for name in judged.grant if row.values[name] is None]
    return Entitled(person, not unknown, judged.amount_of(row), unknown)


@dataclass(frozen=True, slots=True)
class Row:
    """One person as the rules judged them: the values of conditions and of what is computed, by name."""

    person: UUID
    values: Mapping[str, Any]


@dataclass
class Judged:
    """Everybody of the town whom a service is about, decided in one DuckDB run. `assumed`: facts that hold for all, also
    of the items of lists. Raises declare.NotInForce for a day before the rules hold."""

    service: Service
    as_of: date
    assumed: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.service.in_force(self.as_of):
            raise NotInForce(self.service, self.as_of)

    @property
    def grant(self) -> Sequence[str]:
        """The conditions that must hold."""
        return self.service.decide.grant

    @property
    def columns(self) -> list[str]:
        """What is computed of each: the conditions, then the values of the case."""
        values = [name for name, value in self.service.values.items() if not value.each]
        return [*self.grant, *values]

    @property
    def possible(self) -> str:
        """SQL: no condition is false, and they have not applied."""
        return f"not applied and not coalesce({' or '.join(f'{_name(one)} = false' for one in self.grant) or 'false'}, false)"

    @property
    def sure(self) -> str:
        """SQL: all conditions hold, and they have not applied."""
        return f"not applied and coalesce({' and '.join(_name(one) for one in self.grant) or 'true'}, false)"

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """A connection whose table `judged` has one row for each: `person`, `applied`, and `columns`."""
        con = conditions.register_connection()
        register.fact_tables(con, schema=self.service.schema, as_of=self.as_of)
        self._assume(con)
        self.service.program.run_tables(con, as_of=self.as_of, columns=self.columns).create_view("decided")
        applied = [str(person) for person in set(cases.applied(self.service.id))]
        con.execute("create table applied as select unnest(?::uuid[]) as person", [applied])
        heads = "where s.relation = 'head'" if self.service.file.subject == "household" else ""
        con.execute(
            f"""create table judged as select s.person, a.person is not null as applied, d.* exclude (_case)
                from decided d join subjects s using (_case) left join applied a on a.person = s.person {heads}"""
        )
        return con

    def _assume(self, con: duckdb.DuckDBPyConnection) -> None:
        """What holds for all stands in the tables before they are judged."""
        owners = {kind.item: name for name, kind in self.service.lists.items()}
        for name, value in self.assumed.items():
            table = "facts" if name in self.service.facts else owners[name.partition(".")[0]]
            con.execute(f"update {_name(table)} set {_name(name)} = ?", [value])

    def rows(self, which: str) -> list[Row]:
        """Those for whom the SQL holds, in the order of their ids."""
        names = ", ".join(_name(name) for name in self.columns)
        found = self.con.execute(
            f"select person, {names} from judged where {which} order by person"
        ).fetchall()
        return [Row(row[0], dict(zip(self.columns, row[1:], strict=True))) for row in found]

    def count(self, which: str) -> int:
        """For how many the SQL holds."""
        row = self.con.execute(f"select count(*) from judged where {which}").fetchone()
        return int(row[0]) if row else 0

    def fails(self) -> dict[str, int]:
        """How many of those who have not applied do not fulfil each condition."""
        return {name: self.count(f"not applied and {_name(name)} = false") for name in self.grant}

    def unknown(self) -> dict[str, int]:
        """Of how many who may be entitled each condition is not known."""
        return {name: self.count(f"{self.possible} and {_name(name)} is null") for name in self.grant}

    def known_accounts(self, which: str) -> int:
        """Of how many for whom the SQL holds the account is known."""
        if "account.number" not in self.service.facts:
            return 0
        row = self.con.execute(
            f"""select count(*) from judged where ({which}) and person in (
                  select s.person from subjects s join facts f using (_case) where f."account.number" is not null)"""
        ).fetchone()
        return int(row[0]) if row else 0

    def amount_of(self, row: Row) -> int | None:
        """What somebody is entitled to, in yen."""
        return row.values[self.service.decide.amount] if self.service.decide.amount else None


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
