"""Child allowance for a million people: our compiled service, a query by hand, and OpenFisca-Core.

Ours decides the declared service with its reasons (every condition and value of the case a column); the query
by hand gives the same amounts alone; OpenFisca-Core computes the same amounts by the same rule. The totals must
be equal. Loading the people is not on the clock of any of them.

    python -m bench.conditions_register
"""

from __future__ import annotations

import json
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
# Whoever is abroad studies there: the declared service leaves older children abroad for other reasons to a person.
FLAGS = {"in_japan": 0.99, "studies_abroad": 1.0, "in_institution": 0.01, "cared_for": 0.97, "supported": 0.8}

People = dict[str, np.ndarray]


def synthetic(people: int) -> tuple[People, People]:
    """Families and their children, together so many people; the same at each call. Nobody real."""
    random = np.random.default_rng(SEED)
    sizes = random.choice(len(CHILDREN_OF_A_FAMILY), people, p=CHILDREN_OF_A_FAMILY)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes + 1), people)]
    families = {"public_servant": random.random(len(sizes)) < 0.05}
    count = int(sizes.sum())
    children = {"family": np.repeat(np.arange(len(sizes)), sizes)}
    children["position"] = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    children["birth_date"] = np.datetime64(AS_OF) - random.integers(1, 24 * 365, count).astype(
        "timedelta64[D]"
    )
    children |= {name: random.random(count) < share for name, share in FLAGS.items()}
    return families, children


def connect(program: Program, families: People, children: People) -> duckdb.DuckDBPyConnection:
    """The people as the tables that `Program.run_tables` reads; facts that nobody needs are null."""
    con = register_connection(threads=THREADS)
    known = {
        "applicant.resident": "true",
        "applicant.public_servant": "f.public_servant",
        "applicant.parent_role": "'higher_income'",
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
    own = {"child.relation": "'own'", "child.birth_date": "i.birth_date"}
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
        in_reach and "child.cared_for" and not "child.in_institution"
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
select f._case, coalesce(p.amount, 0) as amount
from facts f left join paid p on p._case = f._case
where f."applicant.resident" and not f."applicant.public_servant" and p.amount is not null
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


class public_servant(Variable):
    value_type, entity, definition_period = bool, FAMILY, ETERNITY


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
        raised = reach & person("cared_for", period) & ~person("in_institution", period)
        eligible = child & raised & (birth <= day) & (day <= end18)
        older = child & reach & person("supported", period) & (day > end18) & (day <= end22)
        counted = eligible | older
        place = person.get_rank(person.family, birth.astype("int64"), condition=counted)
        small = day.astype("datetime64[M]") <= month + 36
        return np.where(eligible, np.where(place >= 2, 30000, np.where(small, 15000, 10000)), 0)


class amount(Variable):
    value_type, entity, definition_period = int, FAMILY, MONTH

    def formula(family, period):
        return family.sum(family.members("monthly", period)) * ~family("public_servant", period)


def openfisca(families: People, children: People) -> Simulation:
    """A simulation with the people in it, not yet calculated."""
    system = TaxBenefitSystem([PERSON, FAMILY])
    system.add_variables(
        birth_date, is_child, in_japan, studies_abroad, in_institution, cared_for, supported, public_servant,
        monthly, amount,
    )  # fmt: skip
    heads, count = len(families["public_servant"]), len(children["family"])
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(heads + count))
    whole = builder.declare_entity("family", np.arange(heads))
    of = np.concatenate([np.arange(heads), children["family"]])
    builder.join_with_persons(whole, of, np.array(["parent"] * heads + ["child"] * count))
    simulation = builder.build(system)
    given = {"birth_date": np.datetime64("1990-01-01"), "is_child": False} | dict.fromkeys(FLAGS, False)
    for name, none in given.items():
        own = np.ones(count, bool) if name == "is_child" else children[name]
        simulation.set_input(name, ETERNITY, np.concatenate([np.full(heads, none), own]))
    simulation.set_input("public_servant", ETERNITY, families["public_servant"])
    return simulation


def best(work: Callable[[], Any]) -> float:
    """Seconds of the fastest of several rounds."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def measure() -> list[dict[str, Any]]:
    """Two rows, in seconds: beside the query by hand, and beside OpenFisca-Core."""
    service = load_catalogue().services["child-allowance"]
    families, children = synthetic(PEOPLE)
    con = connect(service.program, families, children)
    by_hand = BY_HAND.replace("$today", f"date '{AS_OF}'")
    ours = best(lambda: con.execute(f"create or replace table decided as {service.program.sql(AS_OF)}"))
    hand = best(lambda: con.execute(f"create or replace table amounts as {by_hand}"))
    simulations = [openfisca(families, children) for _ in range(ROUNDS)]
    waiting = iter(simulations)
    fisca = best(lambda: next(waiting).calculate("amount", f"{AS_OF:%Y-%m}"))

    granted = " and ".join(f'"{name}"' for name in service.decide.grant)
    totals = {
        "ours": con.execute(f"select sum(total) from decided where {granted}").fetchone()[0],
        "by hand": con.execute("select sum(amount) from amounts").fetchone()[0],
        "openfisca": int(simulations[0].calculate("amount", f"{AS_OF:%Y-%m}").sum(dtype="int64")),
    }
    assert len(set(totals.values())) == 1, f"the totals differ: {totals}"
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


if __name__ == "__main__":
    found = measure()
    print(*(json.dumps(row) for row in found), sep="\n")
    sys.exit(0 if all(row["ok"] for row in found) else 1)
