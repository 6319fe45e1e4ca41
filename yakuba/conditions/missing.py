"""Which facts are still missing: the program's parts are computed as columns of their own, and the ones
that came out unknown lead to the facts that would settle them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from yakuba.conditions.language import Node
from yakuba.conditions.program import Compiled, Program
from yakuba.conditions.types import FactType, Rule

Place = tuple[str, int] | None
"""Where a node is looked at: in the case (None), or in one item of a list."""


def missing(program: Program, facts: Mapping[str, Any], names: Sequence[str], as_of: date) -> list[str]:
    """See `Answer.missing`. `facts`: as `pick_facts` gives them."""
    detailed = _detailed(program)
    answer = detailed.program.run(_nested(facts, program), as_of=as_of)
    walk = _Walk(detailed, facts, answer.values, answer.items)
    return list(dict.fromkeys(found for name in names for found in walk.rule(name, None)))


def _nested(facts: Mapping[str, Any], program: Program) -> dict[str, Any]:
    """Item facts back under their plain names, as `run` takes them."""
    back = dict(facts)
    for name, kind in program.schema.lists.items():
        if name in back:
            back[name] = [
                {key.removeprefix(f"{kind.item}."): v for key, v in row.items()} for row in back[name]
            ]
    return back


class _Detailed:
    """The program with a column for every part that decides on the way."""

    def __init__(self, program: Program):
        self.keys: dict[int, str] = {}
        self.original = program
        rules = [*program.rules]
        for compiled in program.rules:
            rules += self._parts(compiled.node, compiled.rule.each)
        self.program = Program(program.schema, program.params, rules, program.world)

    def _parts(self, node: Node, each: str | None) -> Iterator[Compiled]:
        aggregate = node.aggregate
        if aggregate is not None and aggregate.argument is not None:
            yield self._column(aggregate.argument, aggregate.list)
            yield from self._parts(aggregate.argument, aggregate.list)
        for part in node.parts:
            if node.form != "plain" or part.form != "plain":
                yield self._column(part, each)
            yield from self._parts(part, each)

    def _column(self, node: Node, each: str | None) -> Compiled:
        key = self.keys.setdefault(id(node), f"?{len(self.keys)}")
        return Compiled(Rule(key, "", each), node, FactType(node.kind or "text"))


def _detailed(program: Program) -> _Detailed:
    if program.detailed is None:
        program.detailed = _Detailed(program)
    return program.detailed


class _Walk:
    """Walks from an unknown rule down to the facts that would settle it."""

    def __init__(self, detailed: _Detailed, facts: Mapping[str, Any], values: dict, items: dict):
        self.detailed, self.facts, self.values, self.items = detailed, facts, values, items
        self.schema = detailed.original.schema

    def value(self, key: str, place: Place) -> Any:
        return self.values.get(key) if place is None else self.items[place[0]][place[1]][key]

    def rule(self, name: str, place: Place) -> Iterator[str]:
        compiled = self.detailed.original.by_name[name]
        if self.value(compiled.rule.name, place if compiled.rule.each else None) is None:
            yield from self.node(compiled.node, place)

    def part(self, node: Node, place: Place) -> Iterator[str]:
        """A part that has a column: only an unknown one leads on."""
        key = self.detailed.keys.get(id(node))
        if key is None or self.value(key, place) is None:
            yield from self.node(node, place)

    def node(self, node: Node, place: Place) -> Iterator[str]:
        if node.aggregate is not None:
            yield from self.aggregate(node)
        elif node.form == "case":
            yield from self.case(node, place)
        else:
            for name in node.names:
                yield from self.name(name, place)
            for part in node.parts:
                yield from self.part(part, place)

    def case(self, node: Node, place: Place) -> Iterator[str]:
        """The first condition that is unknown, or else the branch that was taken."""
        for when, then in zip(node.parts[:-1:2], node.parts[1::2], strict=False):
            held = self.value(self.detailed.keys[id(when)], place)
            if held is None:
                yield from self.part(when, place)
                return
            if held:
                yield from self.part(then, place)
                return
        yield from self.part(node.parts[-1], place)

    def aggregate(self, node: Node) -> Iterator[str]:
        aggregate = node.aggregate
        assert aggregate is not None
        if aggregate.list not in self.facts:
            yield aggregate.list
        elif aggregate.argument is not None:
            for position in range(len(self.facts[aggregate.list])):
                yield from self.part(aggregate.argument, (aggregate.list, position))

    def name(self, name: str, place: Place) -> Iterator[str]:
        program = self.detailed.original
        if name in program.by_name:
            yield from self.rule(name, place)
        elif name in self.schema.facts:
            if self.facts.get(name) is None:
                yield name
        elif (
            place is not None
            and name in self.facts[place[0]][place[1]]
            and self.facts[place[0]][place[1]][name] is None
        ):
            yield f"{place[0]}[{place[1]}].{name.split('.', 1)[1]}"
