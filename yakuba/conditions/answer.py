"""What came out for one case, why, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from yakuba.conditions.types import Value

if TYPE_CHECKING:
    from yakuba.conditions.program import Program


@dataclass(frozen=True, slots=True)
class UsedParam:
    """A parameter as it was in force: since when, with what value, from which source."""

    name: str
    value: Value
    since: date | None
    unit: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule has its value: the facts it rests on (None: not known) and the parameters."""

    value: Value
    facts: Mapping[str, Value]
    params: tuple[UsedParam, ...]


@dataclass(slots=True)
class Answer:
    """The values of all rules for one case. `items["children"][0]["monthly"]`: the first child's."""

    program: Program
    facts: dict[str, Any]
    as_of: date
    values: dict[str, Value]
    items: dict[str, list[dict[str, Value]]] = field(default_factory=dict)

    def explain(self, name: str) -> Explanation:
        """The facts and parameters a rule rests on, through all rules it uses."""
        facts: dict[str, Value] = {}
        params: list[UsedParam] = []
        for what, used in self.program.grounds(name):
            if what == "param":
                params.append(self._param(used.removeprefix("param.")))
            elif what == "item":
                facts |= self._item_facts(used)
            elif what == "fact":
                facts[used] = self.facts.get(used)
            elif used not in self.facts:
                facts[used] = None
        return Explanation(self.values.get(name), facts, tuple(params))

    def _item_facts(self, used: str) -> dict[str, Value]:
        item, key = used.split(".", 1)
        name = next(n for n, kind in self.program.schema.lists.items() if kind.item == item)
        rows = self.facts.get(name) or []
        return {f"{name}[{position}].{key}": row[used] for position, row in enumerate(rows)}

    def _param(self, name: str) -> UsedParam:
        param = self.program.params[name]
        since, value = param.at(self.as_of) or (None, None)
        return UsedParam(name, value, since, param.unit, param.source)

    def missing(self, names: Iterable[str]) -> list[str]:
        """Facts that must still be known to decide the named rules, in the order in which the rules use them.

        A fact that cannot change the result any more is not listed: neither beside a false in an `and`, nor
        in the branch of a `case` that is not taken.
        """
        from yakuba.conditions.missing import missing

        unknown = [name for name in names if self.values.get(name) is None]
        return missing(self.program, self.facts, unknown, self.as_of) if unknown else []
