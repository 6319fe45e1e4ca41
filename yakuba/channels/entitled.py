"""Who in the town is entitled and has not applied: every living person decided at once, from the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb

from yakuba.cases import queries as cases
from yakuba.cases.register_wide import over_register
from yakuba.conditions import quoted
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
    of the items of lists; `among`: only these people; `since`: who applied before then may be asked again. Looking raises
    declare.NotInForce for a day before the rules hold."""

    service: Service
    as_of: date
    assumed: Mapping[str, Any] = field(default_factory=dict)
    among: Sequence[UUID] | None = None
    since: datetime | None = None

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
        return f"not applied and not coalesce({' or '.join(f'{quoted(one)} = false' for one in self.grant) or 'false'}, false)"

    @property
    def sure(self) -> str:
        """SQL: all conditions hold, and they have not applied."""
        return f"not applied and coalesce({' and '.join(quoted(one) for one in self.grant) or 'true'}, false)"

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """A connection whose table `judged` has one row for each: `person`, `applied`, and `columns`."""
        con = over_register(self.service, as_of=self.as_of, columns=self.columns, assumed=self.assumed)
        if self.among is not None:
            chosen = [str(person) for person in self.among]
            con.execute("delete from subjects where person not in (select unnest(?::uuid[]))", [chosen])
        applied = [str(person) for person in set(cases.applied(self.service.id, self.since))]
        con.execute("create table applied as select unnest(?::uuid[]) as person", [applied])
        con.execute(
            """create table judged as select s.person, a.person is not null as applied, d.* exclude (_case)
               from decided d join subjects s using (_case) left join applied a on a.person = s.person"""
        )
        return con

    def rows(self, which: str) -> list[Row]:
        """Those for whom the SQL holds, in the order of their ids."""
        names = ", ".join(quoted(name) for name in self.columns)
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
        return {name: self.count(f"not applied and {quoted(name)} = false") for name in self.grant}

    def unknown(self) -> dict[str, int]:
        """Of how many who may be entitled each condition is not known."""
        return {name: self.count(f"{self.possible} and {quoted(name)} is null") for name in self.grant}

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
