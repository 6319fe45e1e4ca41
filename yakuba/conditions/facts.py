"""Facts as they are given (nested, dates as text) to facts as they are used (flat, typed)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

import orjson

from yakuba import clock
from yakuba.conditions.errors import WrongFact
from yakuba.conditions.types import FactType, Kind, Schema, Value

LARGEST = 10**12
"""No yen amount or count of a town hall is larger; a larger one is a slip of the keyboard."""

_SQL: dict[Kind, str] = {
    "bool": "BOOLEAN",
    "int": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "text": "VARCHAR",
    "choice": "VARCHAR",
}


def pick_facts(facts: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The facts that the schema knows, flat and typed; others are left out.

    Scalars by dotted name, lists by their name with items {"child.birth_date": …}. Raises WrongFact.
    """
    picked: dict[str, Any] = {}
    for name, kind in schema.facts.items():
        value = _dig(facts, name)
        if value is not None:
            picked[name] = typed(value, kind, name)
    for name, list_type in schema.lists.items():
        given = _dig(facts, name)
        if given is not None:
            picked[name] = _items(given, name, list_type.item, list_type.facts)
    return picked


def check_facts(facts: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """As `pick_facts`, but a name that the schema does not know is an error: a slip must not become "unknown"."""
    for name in _given_names(facts, schema):
        if name not in schema.facts and name not in schema.lists:
            raise WrongFact(f'"{name}" is not a fact of this service.', _nearest(name, schema))
    for name, list_type in schema.lists.items():
        for item in _dig(facts, name) or []:
            for key in item if isinstance(item, Mapping) else ():
                if key not in list_type.facts:
                    raise WrongFact(
                        f'"{name}[].{key}" is not a fact of this service.',
                        f"Facts of each: {', '.join(list_type.facts)}.",
                    )
    return pick_facts(facts, schema)


def _nearest(name: str, schema: Schema) -> str:
    near = get_close_matches(name, [*schema.facts, *schema.lists], n=3, cutoff=0.4)
    return f"Nearest: {', '.join(near)}." if near else "See docs/facts.md for the names there are."


def _given_names(facts: Mapping[str, Any], schema: Schema, prefix: str = "") -> Iterator[str]:
    for key, value in facts.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and name not in schema.facts:
            yield from _given_names(value, schema, f"{name}.")
        elif value is not None:
            yield name


def _dig(facts: Mapping[str, Any], name: str) -> Any:
    """The value of a dotted name in nested facts, or given flat; None when it is not there."""
    if name in facts:
        return facts[name]
    value: Any = facts
    try:
        for part in name.split("."):
            value = value[part]
    except (KeyError, TypeError):  # there is none, or something else stands where a group should
        return None
    return value


def _items(given: Any, name: str, item: str, facts: Mapping[str, FactType]) -> list[dict[str, Value]]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise WrongFact(f'"{name}" must be a list.', "Write one entry for each; [] when there is none.")
    rows = []
    for position, entry in enumerate(given):
        if not isinstance(entry, Mapping):
            raise WrongFact(f'"{name}[{position}]" must have named facts.', f"Facts: {', '.join(facts)}.")
        row = {
            f"{item}.{key}": typed(_dig(entry, key), kind, f"{name}[{position}].{key}")
            for key, kind in facts.items()
        }
        rows.append(row)
    return rows


def typed(value: Any, kind: FactType, name: str) -> Value:
    """The value as the kind wants it; None stays None. Raises WrongFact."""
    if value is None or value == "":
        return None
    return _TYPED[kind.kind](value, kind, name)


def _bool(value: Any, kind: FactType, name: str) -> bool:
    if isinstance(value, bool):
        return value
    raise WrongFact(f'"{name}" is {value!r}, not a yes or no.', "Write true or false.")


def _int(value: Any, kind: FactType, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return value
    raise WrongFact(
        f'"{name}" is {value!r}, not a whole number.', "Write digits only, at most a million million."
    )


def _number(value: Any, kind: FactType, name: str) -> float:
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise WrongFact(f'"{name}" is {value!r}, not a number.', "Write it like 0.5.") from error
    if not number.is_finite() or abs(number) > LARGEST:
        raise WrongFact(f'"{name}" is {value!r}.', "Write a number of at most a million million.")
    return float(number)


def _date(value: Any, kind: FactType, name: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value)
    try:
        if len(text) == 10 and text[4] == "-":
            return date.fromisoformat(text)
        return clock.parse_date(text)
    except (clock.NotADate, ValueError) as error:
        raise WrongFact(
            f'"{name}" is {text!r}: {str(error).rstrip(".")}.', "Write it like 2026-04-01 or 令和8年4月1日."
        ) from error


def _text(value: Any, kind: FactType, name: str) -> str:
    if isinstance(value, str):
        return _readable(value, name)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise WrongFact(f'"{name}" is {value!r}, not a text.', "Put it in quotes.")
    return str(value)


def _readable(value: str, name: str) -> str:
    """Halves of surrogate pairs and NUL come from broken or hostile input; no system behind this one keeps them."""
    if value.isprintable() or not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        return value
    raise WrongFact(f'"{name}" has a character that cannot be stored.', "Type it again.")


def _choice(value: Any, kind: FactType, name: str) -> str:
    if str(value) in kind.choices:
        return str(value)
    raise WrongFact(f'"{name}" is {value!r}.', f"It must be one of: {', '.join(kind.choices)}.")


_TYPED = {"bool": _bool, "int": _int, "number": _number, "date": _date, "text": _text, "choice": _choice}


def given_sql(schema: Schema) -> str:
    """Common table expressions that read the parameter $1, as `given_json` writes it, as `facts` and the lists."""
    shape: dict[str, list[dict[str, str]]] = {"facts": [{"_case": "BIGINT"} | _columns(schema.facts)]}
    shape["facts"][0] |= {f"#{name}": "BOOLEAN" for name in schema.lists}
    for name, kind in schema.lists.items():
        own = {f"{kind.item}.{key}": fact for key, fact in kind.facts.items()}
        shape[name] = [{"_case": "BIGINT", "_pos": "BIGINT"} | _columns(own)]
    wanted = orjson.dumps(shape).decode()
    tables = [f"given as materialized (select from_json($1::varchar, '{wanted}') as g)"]
    tables += [f'"{name}" as (select unnest(g."{name}", max_depth := 2) from given)' for name in shape]
    return ", ".join(tables)


def _columns(facts: Mapping[str, FactType]) -> dict[str, str]:
    return {name: _SQL[kind.kind] for name, kind in facts.items()}


def given_json(cases: Sequence[dict[str, Any]], schema: Schema) -> str:
    """Cases as `pick_facts` gives them, in the shape that `given_sql` reads. `_case`: the place in `cases`."""
    given: dict[str, list[dict[str, Value]]] = {"facts": []}
    for number, case in enumerate(cases):
        row = {name: case.get(name) for name in schema.facts}
        known = {f"#{name}": name in case for name in schema.lists}
        given["facts"].append({"_case": number} | row | known)
    for name in schema.lists:
        given[name] = [
            {"_case": number, "_pos": position} | item
            for number, case in enumerate(cases)
            for position, item in enumerate(case.get(name, ()))
        ]
    return orjson.dumps(given).decode()
