"""Child allowance for a million people: our compiled service, a query by hand, and OpenFisca-Core.

Ours decides the declared service with its reasons (each condition of the decision a column of its own, beside the
amount); the query by hand says of the same families only whether they are granted and how much; OpenFisca-Core
computes the amount alone by the same rule. Family by family the answers must be equal. Loading the people is on the
clock of none of them. The rounds of all three alternate, and the medians are compared.

    python -m bench.conditions_register
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import ETERNITY, MONTH
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from yakuba.conditions import Program, register_connection
from yakuba.declare import load_catalogue

AS_OF = date(2026, 11, 24)
PEOPLE = 1_000_000
ROUNDS = 5
SEED = 394262
THREADS = 2
CHILDREN_OF_A_FAMILY = (0.1, 0.35, 0.35, 0.15, 0.05)
# What the declared service leaves to a person does not occur: an older child abroad other than to study, a child that
# is not one's own and is cared for, parents who are divorcing.
ROLES = {"higher_income": 0.8, "only_parent": 0.17, "lower_income": 0.03}
FLAGS = {"in_japan": 0.99, "studies_abroad": 1.0, "in_institution": 0.01, "cared_for": 0.97, "supported": 0.8}

People = dict[str, np.ndarray]


def synthetic(people: int) -> tuple[People, People]:
    """Families and their children, together so many people; the same at each call. Nobody real."""
    random = np.random.default_rng(SEED)
    sizes = random.choice(len(CHILDREN_OF_A_FAMILY), people, p=CHILDREN_OF_A_FAMILY)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes + 1), people)]
    families = {
        "public_servant": random.random(len(sizes)) < 0.05,
        "resident": random.random(len(sizes)) < 0.99,
        "parent_role": random.choice(list(ROLES), len(sizes), p=list(ROLES.values())),
    }
    count = int(sizes.sum())
    children = {"family": np.repeat(np.arange(len(sizes)), sizes)}
    children["position"] = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    children["birth_date"] = np.datetime64(AS_OF) - random.integers(1, 24 * 365, count).astype(
        "timedelta64[D]"
    )
    children |= {name: random.random(count) < share for name, share in FLAGS.items()}
    children["own"] = (random.random(count) < 0.98) | children["cared_for"]
    return families, children


def connect(program: Program, families: People, children: People) -> duckdb.DuckDBPyConnection:
    """The people as the tables that `Program.run_tables` reads; facts that nobody needs are null."""
    con = register_connection(threads=THREADS)
    known = {
        "applicant.resident": "f.resident",
        "applicant.public_servant": "f.public_servant",
        "applicant.parent_role": "f.parent_role",
        "claim.reason": "'birth'",
        "claim.event_date": "date '2026-11-10'",
    }
    types = {"int": "bigint", "number": "double", "bool": "boolean", "date": "date"}

    def columns(facts: dict[str, Any], known: dict[str, str]) -> str:
        return ", ".join(
            f'{known.get(name, "null")}::{types.get(kind.kind, "varchar")} as "{name}"'
            for name, kind in facts.items()
        )

    of_child = {f"child.{name}": kind for name, kind in program.schema.lists["children"].facts.items()}
    own = {"child.relation": "if(i.own, 'own', 'other')", "child.birth_date": "i.birth_date"}
    own |= {f"child.{name}": f"i.{name}" for name in FLAGS}
    con.register(
        "given_families", pa.table(families | {"number": np.arange(len(families["public_servant"]))})
    )
    con.register("given_children", pa.table(children))
    con.execute(
        f"create table facts as select f.number::integer as _case, {columns(dict(program.schema.facts), known)}, "
        'true as "#children" from given_families f'
    )
    con.execute(
        "create table children as select i.family::integer as _case, i.position::integer as _pos, "
        f"{columns(of_child, own)} from given_children i"
    )
    return con


BY_HAND = """
with aged as (
    select *,
        make_date(born_in + 18, 3, 31) as end18, make_date(born_in + 22, 3, 31) as end22,
        "child.in_japan" or "child.studies_abroad" as in_reach
    from (select *, year("child.birth_date") + (month("child.birth_date") * 100 + day("child.birth_date") >= 402)::int as born_in from children)
), judged as (
    select *,
        in_reach and "child.relation" = 'own' and "child.cared_for" and not "child.in_institution"
            and "child.birth_date" <= $today and $today <= end18 as eligible,
        eligible or (in_reach and "child.supported" and $today > end18 and $today <= end22) as counted
    from aged
), placed as (
    select *, row_number() over (partition by _case order by "child.birth_date", _pos) as place
    from judged where counted
), paid as (
    select _case, sum(case
        when place >= 3 then 30000
        when date_trunc('month', $today) <= date_trunc('month', "child.birth_date") + interval 3 years then 15000
        else 10000 end) as amount
    from placed where eligible group by _case
)
select f._case,
    f."applicant.resident" and not f."applicant.public_servant"
        and f."applicant.parent_role" in ('higher_income', 'only_parent') and p.amount is not null as granted,
    case when granted then p.amount end as amount
from facts f left join paid p on p._case = f._case
"""

PERSON = build_entity("person", "people", "", is_person=True)
FAMILY = build_entity(
    "family",
    "families",
    "",
    roles=[{"key": "parent", "plural": "parents"}, {"key": "child", "plural": "children"}],
)


class birth_date(Variable):
    value_type, entity, definition_period = date, PERSON, ETERNITY


class is_child(Variable):
    value_type, entity, definition_period = bool, PERSON, ETERNITY


class in_japan(Variable):
    value_type, entity, definition_period = bool, PERSON, ETERNITY


class studies_abroad(Variable):
    value_type, entity, definition_period = bool, PERSON, ETERNITY


class in_institution(Variable):
    value_type, entity, definition_period = bool, PERSON, ETERNITY


class cared_for(Variable):
    value_type, entity, definition_period = bool, PERSON, ETERNITY


class supported(Variable):
    value_type, entity, definition_period = bool, PERSON, ETERNITY


class own(Variable):
    value_type, entity, definition_period = bool, PERSON, ETERNITY


class public_servant(Variable):
    value_type, entity, definition_period = bool, FAMILY, ETERNITY


class resident(Variable):
    value_type, entity, definition_period = bool, FAMILY, ETERNITY


class ParentRole(Enum):
    higher_income = "the higher income of two parents"
    only_parent = "the only parent"
    lower_income = "the lower income of two parents"


class parent_role(Variable):
    value_type, entity, definition_period = Enum, FAMILY, ETERNITY
    possible_values, default_value = ParentRole, ParentRole.higher_income


class monthly(Variable):
    value_type, entity, definition_period = int, PERSON, MONTH

    def formula(person, period):
        birth = person("birth_date", period)
        day = np.datetime64(AS_OF)
        month = birth.astype("datetime64[M]")
        year = birth.astype("datetime64[Y]")
        # 学年 begins on 2 April: 91 days after 1 January, counted from 1 April to spare leap years
        late = birth > (year.astype("datetime64[M]") + 3).astype("datetime64[D]")
        end18, end22 = (
            (((year + n + late).astype("datetime64[M]") + 3).astype("datetime64[D]") - 1) for n in (18, 22)
        )
        reach = person("in_japan", period) | person("studies_abroad", period)
        child = person("is_child", period)
        raised = reach & person("own", period) & person("cared_for", period)
        raised &= ~person("in_institution", period)
        eligible = child & raised & (birth <= day) & (day <= end18)
        older = child & reach & person("supported", period) & (day > end18) & (day <= end22)
        counted = eligible | older
        place = person.get_rank(person.family, birth.astype("int64"), condition=counted)
        small = day.astype("datetime64[M]") <= month + 36
        return np.where(eligible, np.where(place >= 2, 30000, np.where(small, 15000, 10000)), 0)


class amount(Variable):
    value_type, entity, definition_period = int, FAMILY, MONTH

    def formula(family, period):
        role = family("parent_role", period)
        claims = family("resident", period) & ~family("public_servant", period)
        claims &= (role == ParentRole.higher_income) | (role == ParentRole.only_parent)
        return family.sum(family.members("monthly", period)) * claims


def openfisca(families: People, children: People) -> Simulation:
    """A simulation with the people in it, not yet calculated."""
    system = TaxBenefitSystem([PERSON, FAMILY])
    system.add_variables(
        birth_date, is_child, in_japan, studies_abroad, in_institution, cared_for, supported, own,
        public_servant, resident, parent_role, monthly, amount,
    )  # fmt: skip
    heads, count = len(families["public_servant"]), len(children["family"])
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(heads + count))
    whole = builder.declare_entity("family", np.arange(heads))
    of = np.concatenate([np.arange(heads), children["family"]])
    builder.join_with_persons(whole, of, np.array(["parent"] * heads + ["child"] * count))
    simulation = builder.build(system)
    given = {"birth_date": np.datetime64("1990-01-01")} | dict.fromkeys(("is_child", "own", *FLAGS), False)
    for name, none in given.items():
        told = np.ones(count, bool) if name == "is_child" else children[name]
        simulation.set_input(name, ETERNITY, np.concatenate([np.full(heads, none), told]))
    for name, told in families.items():
        simulation.set_input(name, ETERNITY, told)
    return simulation


def seconds(work: Callable[[], Any]) -> float:
    """How long one round takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def measure(people: int = PEOPLE) -> list[dict[str, Any]]:
    """Two rows, in seconds: beside the query by hand, and beside OpenFisca-Core."""
    service = load_catalogue().services["child-allowance"]
    families, children = synthetic(people)
    con = connect(service.program, families, children)
    by_hand = BY_HAND.replace("$today", f"date '{AS_OF}'")
    decided = service.program.sql(AS_OF, [*service.conditions, service.decide.amount])
    times: dict[str, list[float]] = {"ours": [], "hand": [], "fisca": []}
    for _ in range(ROUNDS):
        simulation = openfisca(families, children)
        times["ours"].append(seconds(lambda: con.execute(f"create or replace table decided as {decided}")))
        times["hand"].append(seconds(lambda: con.execute(f"create or replace table amounts as {by_hand}")))
        times["fisca"].append(seconds(lambda s=simulation: s.calculate("amount", f"{AS_OF:%Y-%m}")))
    _same(con, service.decide.grant, service.decide.amount, simulation)
    ours, hand, fisca = (statistics.median(times[name]) for name in ("ours", "hand", "fisca"))
    peers = (
        ("by_hand", hand, f"DuckDB {duckdb.__version__}, by hand, no reasons", ours / hand, 1.5),
        ("openfisca", fisca, f"OpenFisca-Core {version('openfisca-core')}, amount only", ours / fisca, 0.5),
    )
    return [
        {
            "name": f"conditions.register.{name}",
            "ours": f"{ours:.3f} s",
            "peer": f"{seconds:.3f} s",
            "peer_version": peer,
            "ratio": ratio,
            "limit": f"<= {limit}",
            "ok": ratio <= limit,
            "command": "python -m bench.conditions_register",
        }
        for name, seconds, peer, ratio, limit in peers
    ]


def _same(con: duckdb.DuckDBPyConnection, grant: list[str], amount: str, simulation: Simulation) -> None:
    """Raises AssertionError unless all three say the same of every family."""
    granted = " and ".join(f'"{name}"' for name in grant)
    ours = f'select _case, {granted}, case when {granted} then "{amount}" end from decided'
    for one, other in (("ours", "hand"), ("hand", "ours")):
        tables = {"ours": ours, "hand": "select _case, granted, amount from amounts"}
        left = con.execute(f"select count(*) from ({tables[one]} except {tables[other]})").fetchone()
        assert left == (0,), f"{left} families are decided otherwise by {other} than by {one}"
    mine = con.execute("select coalesce(amount, 0) as amount from amounts order by _case").fetchnumpy()[
        "amount"
    ]
    theirs = simulation.calculate("amount", f"{AS_OF:%Y-%m}")
    assert np.array_equal(mine.astype("int64"), theirs.astype("int64")), "OpenFisca pays other amounts"


if __name__ == "__main__":
    found = measure()
    print(*(json.dumps(row) for row in found), sep="\n")
    sys.exit(0 if all(row["ok"] for row in found) else 1)
