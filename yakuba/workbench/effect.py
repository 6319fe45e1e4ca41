"""What a change of a service would mean for the people who live here: both texts decided over the whole register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from yakuba.cases.register_wide import over_register
from yakuba.conditions import quoted
from yakuba.declare import NotInForce, Service
from yakuba.register import queries as register
from yakuba.words import Text

if TYPE_CHECKING:
    from yakuba.register.models import Person

EXAMPLES = 5
"""So many people are named for an instance."""


@dataclass(frozen=True, slots=True)
class Group:
    """People for whom the change makes the same difference: how many, in how many households, and some of them."""

    people: int
    households: int
    some: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Counted:
    """One condition over the register, in the new text and in the old one: how many yes, no, not known."""

    because: Text
    now: tuple[int, int, int]
    before: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """`more`: may get it by the new text alone; `fewer`: by the old one alone; `surer`, `less_sure`: of whom the register
    now knows all conditions to hold, and no longer. `now`: how many may get it by the new text."""

    as_of: date
    now: int
    sure: int
    more: Group
    fewer: Group
    surer: Group
    less_sure: Group
    conditions: Sequence[Counted]

    @property
    def nothing(self) -> bool:
        """Does it change nothing for anybody whom the register knows?"""
        return not any(one.people for one in (self.more, self.fewer, self.surer, self.less_sure))


def effect(new: Service, old: Service | None, *, as_of: date) -> Effect:
    """Compare a service with what counts now (`old`; None where nobody can apply yet).

    Like `entitled`: who may get it is everybody for whom no condition is false; of a household service its head.
    Raises declare.NotInForce, conditions.Errors.
    """
    con = over_register(new, as_of=as_of, columns=new.decide.grant)
    con.execute(f"create table now as {_outcome(new)}")
    before = _old(old, as_of) if old else None
    if before is None:
        con.execute("create table before (person uuid, may boolean, sure boolean)")
    else:
        con.register("_before", before[0])
        con.execute("create table before as select person::uuid as person, may, sure from _before")
    (may, sure) = con.sql("select count(*) filter (may), count(*) filter (sure) from now").fetchall()[0]
    counted = con.sql(_counts(new)).fetchall()[0] if new.decide.grant else ()
    old_counts = dict(before[1]) if before else {}
    return Effect(
        as_of,
        may,
        sure,
        _group(con, "coalesce(n.may, false) and not coalesce(b.may, false)"),
        _group(con, "coalesce(b.may, false) and not coalesce(n.may, false)"),
        _group(con, "coalesce(n.sure, false) and coalesce(b.may, false) and not coalesce(b.sure, false)"),
        _group(con, "coalesce(b.sure, false) and coalesce(n.may, false) and not coalesce(n.sure, false)"),
        [
            Counted(new.conditions[name].because, _three(counted, at), old_counts.get(name))
            for at, name in enumerate(new.decide.grant)
        ],
    )


def _old(old: Service, as_of: date) -> tuple[Any, dict[str, tuple[int, int, int]]] | None:
    """Who may get it by the old text, and its conditions counted; None where its rules did not hold yet."""
    try:
        con = over_register(old, as_of=as_of, columns=old.decide.grant)
    except NotInForce:
        return None
    con.execute(f"create table now as {_outcome(old)}")
    counted = con.sql(_counts(old)).fetchall()[0] if old.decide.grant else ()
    counts = {name: _three(counted, at) for at, name in enumerate(old.decide.grant)}
    return con.sql("select person::varchar as person, may, sure from now").to_arrow_table(), counts


def _outcome(service: Service) -> str:
    """SQL: for each person whether they may get it (nothing is false), and surely (all is true)."""
    names = [quoted(name) for name in service.decide.grant]
    refused = " or ".join(f"{name} = false" for name in names) or "false"
    sure = " and ".join(f"coalesce({name}, false)" for name in names) or "true"
    return (
        f"select s.person, not coalesce({refused}, false) as may, ({sure}) as sure "
        "from decided join subjects s using (_case)"
    )


def _counts(service: Service) -> str:
    columns = ", ".join(
        f"count(*) filter ({name}), count(*) filter ({name} = false), count(*) filter ({name} is null)"
        for name in map(quoted, service.decide.grant)
    )
    return f"select {columns} from decided"


def _three(counted: Sequence[int], at: int) -> tuple[int, int, int]:
    return counted[3 * at], counted[3 * at + 1], counted[3 * at + 2]


def _group(con: Any, which: str) -> Group:
    found = con.sql(
        f"select coalesce(n.person, b.person) as person from now n full join before b on n.person = b.person "
        f"where {which} order by person"
    ).fetchall()
    people = [row[0] for row in found]
    known = register.people(people[:EXAMPLES])
    return Group(
        len(people),
        register.household_count(people),
        [known[one] for one in people[:EXAMPLES] if one in known],
    )
