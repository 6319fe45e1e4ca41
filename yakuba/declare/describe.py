"""Decisions, facts and the file format, written out for people and for other programs."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import orjson

from yakuba.conditions import FactType
from yakuba.declare.load import Catalogue
from yakuba.declare.model import Example, Fact, ServiceFile
from yakuba.declare.service import CASE_FACTS, Decision, Judged, Service, decide


def decision(decided: Decision, as_of: date) -> dict[str, Any]:
    """A decision as plain data: outcome, amount in yen, every condition with its reasons, what is missing."""
    return {
        "service": decided.service.id,
        "version": decided.service.version,
        "as_of": as_of.isoformat(),
        "outcome": decided.outcome,
        "amount": decided.amount,
        "conditions": [_judged(one) for one in decided.conditions],
        "missing": decided.missing,
        "undated": [param.name for param in decided.undated],
        "values": decided.values,
        "items": decided.items,
    }


def _judged(one: Judged) -> dict[str, Any]:
    why = one.why
    return {
        "name": one.name,
        "value": one.value,
        "because": one.because.ja,
        "law": one.law,
        "facts": dict(why.facts),
        "params": [
            {"name": p.name, "value": p.value, "unit": p.unit, "since": p.since, "source": p.source}
            for p in why.params
        ],
    }


def in_words(answer: Mapping[str, Any]) -> Iterator[str]:
    """A described decision as lines to read."""
    if "id" in answer:
        yield f"# {answer['id']}"
    if "error" in answer:
        yield f"error: {answer['error']}"
        return
    amount = f"  {answer['amount']:,} yen" if answer["amount"] is not None else ""
    yield f"{answer['service']} as of {answer['as_of']}: {answer['outcome']}{amount}"
    marks = {True: "yes", False: "no", None: "not known"}
    for one in answer["conditions"]:
        yield f"  {marks[one['value']]:9}  {one['because']}（{one['law'] or '—'}）"
        known = {name: value for name, value in one["facts"].items() if value is not None}
        if known:
            yield "             " + ", ".join(f"{name} = {value}" for name, value in known.items())
    if answer["missing"]:
        yield f"  still needed: {', '.join(answer['missing'])}"
    if answer["undated"]:
        yield f"  without a value on {answer['as_of']}: {', '.join(answer['undated'])}"


_HEAD = """# Facts

Every fact that the declared services know, with its type and unit. Made by `yakuba facts > docs/facts.md`; a test
holds it to the service files and runs the files below. A name that is not on this page is an error.

One case is a file of nested facts:

```yaml
# yakuba decide child-allowance --facts FILE.yaml --as-of 2025-05-10 --json
applicant: {resident: true, public_servant: false, parent_role: higher_income}
claim: {reason: birth, event_date: 令和7年5月2日}
children:
  - {birth_date: 2025-05-02, relation: own, cared_for: true, in_japan: true, in_institution: false}
```

Many cases are a list of `{id, as_of, facts}`, each with its own day of decision; other keys are passed over. A case
that cannot be read, or a day on which the rules of the service did not hold yet, gives `error`, with file and line,
instead of an answer; the others are decided all the same (exit code 1).

```yaml
# yakuba decide one-off-benefit --cases FILE.yaml --json
- id: untaxed
  as_of: 2025-02-01
  facts:
    household: {registered_on_base_date: true, paid_elsewhere: false}
    members: [{birth_date: 1950-01-01, taxed: false, dependant_of_taxed: false}]
    confirm: {correct: true, accept: true}
    account: {bank: "0001", branch: "001", type: "1", number: "1234567", holder: ヤマダ タロウ}
- id: one-taxed
  as_of: 令和7年2月1日
  facts:
    household: {registered_on_base_date: true, paid_elsewhere: false}
    members: [{birth_date: 1950-01-01, taxed: true}]
- id: not-known-yet
  as_of: 2025-02-01
  facts: {}
```

- bool: `true` or `false`. int: digits only (`3000000`, no comma); money is whole yen. number: `12.5`.
- date: `2025-04-01`, `2025/4/1`, `2025年4月1日`, `令和7年4月1日` or `R7.4.1`, quoted or not, from 1873 on.
- text: codes in quotes (`"0001"`). one of: the id of the choice.
- A fact that is left out, or `null`, is not known, which is neither yes nor no. A list that is left out is not known;
  `[]` is known to be empty.

The answer has `outcome` (`granted`, `refused`, `unknown`), `amount` (yen; null unless granted), `conditions` (each with
`name`, `value`, `because`, `law`, the `facts` and `params` it rests on), `missing` (facts still needed when unknown),
`undated` (parameters of the law without a value on that day), `values` and `items` (what was computed on the way).
"""
_ENOUGH = """
## Enough to be decided
For each service the first of its worked examples (`services/SERVICE/examples.yaml` has all), cut down to the facts
that its decision needs: without any one of them it comes out otherwise or `unknown`, and `missing` names what is to
be added. Ready for `--cases`. The amount is that of the month in which `as_of` lies.
"""
_ROW = "| {name} | {type} | {label} | {services} |"


_CASE = {
    "case.decision": "決定 / Decision",
    "case.channel": "受付の窓口 / Channel it came in by",
    "case.identified": "本人確認済み / Applicant identified",
    "case.amount": "決定した額 / Amount decided",
    "case.reference": "受付番号 / Reference number",
    "case.received_on": "受付日 / Day of receipt",
}


def planned(catalogue: Catalogue) -> dict[str, Any]:
    """The procedures of the plan with the services that fulfil them; `counted`: how many the plan itself counts,
    `fulfilled`: how many of these have a service."""
    plan = catalogue.plan
    counted_here = frozenset(plan.counted)
    procedures = [
        {
            "id": procedure,
            "name": name,
            "group": plan.group(procedure).name,
            "counted": procedure in counted_here,
            "services": catalogue.fulfilling(procedure),
        }
        for procedure, name in plan.procedures.items()
    ]
    counted = [one for one in procedures if one["counted"]]
    return {
        "services": len(catalogue.services),
        "offered": sum(one.offered for one in catalogue.services.values()),
        "counted": len(counted),
        "fulfilled": sum(bool(one["services"]) for one in counted),
        "procedures": procedures,
    }


def facts_page(catalogue: Catalogue) -> str:
    """docs/facts.md."""
    scalars: dict[str, tuple[Fact, list[str]]] = {}
    listed: dict[str, tuple[Fact, list[str]]] = {}
    for service in catalogue.services.values():
        for name, fact in service.facts.items():
            scalars.setdefault(name, (fact, []))[1].append(service.id)
        for name, kind in service.lists.items():
            for key, fact in kind.facts.items():
                listed.setdefault(f"{name}[].{key}", (fact, []))[1].append(service.id)
    table = ["| fact | type | what it is | services |", "|---|---|---|---|"]
    case = [
        _ROW.format(name=f"`{name}`", type=_type(kind.kind, kind), label=_CASE[name], services="all")
        for name, kind in CASE_FACTS.items()
    ]
    return "\n".join(
        [
            _HEAD,
            _ENOUGH.strip(),
            *(
                line
                for service in catalogue.services.values()
                if service.offered
                for line in _enough(service, catalogue)
            ),
            "\n## Of a case\n",
            *table,
            *_rows(scalars),
            "\n## Of the things in a list\n",
            *table,
            *_rows(listed),
            "\n## Of the case itself\nSet by the program; `case.received_on` may be given and is the day of decision "
            "where it is not.\n",
            *table,
            *case,
            "",
        ]
    )


def enough(service: Service, example: Example) -> Mapping[str, Any]:
    """The facts of a worked example without those that its outcome and amount do not need."""
    kept = copy.deepcopy(dict(example.facts))
    wanted = _comes_out(service, example.facts, example.as_of)
    for place, key in list(_leaves(kept)):
        value = place.pop(key)  # put back at the end: in the end all stand in their old order
        if _comes_out(service, kept, example.as_of) != wanted:
            place[key] = value
    return {name: value for name, value in kept.items() if value or isinstance(value, list)}


def _comes_out(service: Service, facts: Mapping[str, Any], as_of: date) -> tuple[str, int | None]:
    decided = decide(service, facts, as_of=as_of)
    return decided.outcome, decided.amount


def _leaves(facts: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Each fact that is not a group of facts, by the group and the key under which it stands."""
    groups = facts if isinstance(facts, list) else [facts]
    for group in groups:
        for key, value in list(group.items()):
            if isinstance(value, Mapping) or (isinstance(value, list) and value):
                yield from _leaves(value)
            else:
                yield group, key


def _enough(service: Service, catalogue: Catalogue) -> Iterator[str]:
    example = catalogue.examples[service.id][0]
    facts = enough(service, example)
    outcome, amount = _comes_out(service, facts, example.as_of)
    yield f"\n### {service.id}\n{service.name.ja} / {service.name.en}, from {service.in_force_from}. {example.about}:\n"
    yield "```yaml"
    yield f"- id: {example.id}\n  as_of: {example.as_of}\n  facts:"
    for name, value in facts.items():
        if isinstance(value, list) and value:
            yield f"    {name}:"
            yield from (f"      - {_written(item)}" for item in value)
        else:
            yield f"    {name}: {_written(value)}"
    yield f"# {outcome}" + (f", {amount:,} yen" if amount is not None else "")
    yield "```"


def _written(value: Any) -> str:
    """A fact as YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.isidentifier():
        return value
    return orjson.dumps(value).decode()


def _rows(facts: Mapping[str, tuple[Fact, list[str]]]) -> Iterator[str]:
    for name, (fact, services) in sorted(facts.items()):
        label = f"{fact.label.ja} / {fact.label.en}".replace("|", "\\|")
        yield _ROW.format(
            name=f"`{name}`", type=_type(fact.type, fact), label=label, services=", ".join(services)
        )


def _type(kind: str, fact: Fact | FactType) -> str:
    if fact.choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in fact.choices)
    return f"{kind}, {fact.unit}" if fact.unit else kind


def json_schema() -> str:
    """The JSON Schema (draft 2020-12) of `service.yaml`, for editors; `ask` and `steps` may also name parts with `use`."""
    schema = ServiceFile.model_json_schema(by_alias=True)
    properties = schema["properties"]
    properties["lists"]["additionalProperties"]["anyOf"].append({"type": "object", "maxProperties": 0})
    properties["appeal"]["anyOf"].append({"type": "string"})  # a remedy of shared/words.yaml by its name
    use = {
        "type": "object",
        "properties": {"use": {"type": "string"}},
        "required": ["use"],
        "additionalProperties": False,
    }
    for key in ("ask", "steps"):
        properties[key]["items"] = {"anyOf": [properties[key]["items"], use]}
    properties["uses"] = {"type": "array", "items": {"type": "string"}}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"
