"""A view with its rules, read in the language of conditions over the items that its definitions have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from yakuba.conditions import Errors, FactType, Kind, ListType, Param, Program, Rule, Schema, compile_rules
from yakuba.records.rules.model import Join, Place, Selected, Severity, View
from yakuba.records.standards import Definition, Item
from yakuba.words import Text

THERE = "there"
"""Of what belongs to a row as one: is there such a row?"""
_KINDS: Mapping[str, Kind] = {"DATE": "date", "9": "int", "S9": "int", "YEAR": "int", "9V": "number"}
_WORD = re.compile(r"(?<![\w.'])[a-z][a-z0-9_]*(?![\w.(])")
Groups = Mapping[Place, Mapping[str, FactType]]
"""The groups at hand, each with its items by romaji name."""


@dataclass(frozen=True, slots=True)
class CrossRule:
    """A rule that is ready. `place`: whose rows it finds; `over`: all groups that it looks at."""

    id: str
    view: str
    place: Place
    name: Text
    say: Text
    source: str
    severity: Severity
    at: str
    wrong: str
    over: frozenset[Place]


class Unfit(Exception):
    """The definitions at hand do not have what a rule asks."""


def groups_of(definitions: Iterable[Definition]) -> Groups:
    """The kinds of all items. A day that is uncertain is not known; a value outside its list of codes is none of its choices."""
    return {
        (one.id, group): {item.romaji: _fact(item, one) for item in items}
        for one in definitions
        for group, items in one.groups().items()
    }


def _fact(item: Item, definition: Definition) -> FactType:
    codes = definition.codes.get(item.code) if item.code else None
    if codes and codes.values and not codes.open and item.type not in _KINDS:
        return FactType("choice", choices=tuple(codes.values))
    return FactType(_KINDS.get(item.type, "text"))


class CompiledView:
    """A view over the groups at hand, with the rules that can be asked there; `unfit`: why others cannot."""

    def __init__(self, name: str, view: View, params: Mapping[str, Param], groups: Groups):
        self.name, self.view, self.params, self._groups = name, view, params, groups
        self.rules: dict[str, CrossRule] = {}
        self.unfit: dict[str, str] = {}
        for rule in view.rules:
            try:
                self.rules[rule] = self._read(rule)
            except (Unfit, Errors) as error:
                self.unfit[rule] = str(error)

    # -- reading ---------------------------------------------------------------------------------------
    @cached_property
    def schema(self) -> Schema:
        """All facts of the view. Groups that are not at hand have none."""
        facts = self._facts("row", self.view)
        lists = {}
        for name, join in self.view.with_.items():
            if not join.each:
                facts |= self._facts(name, join, one=True)
            else:
                own = self._facts("", join)
                for inner, more in join.with_.items():
                    own |= self._facts(inner, more, one=True)
                lists[name] = ListType(join.each, own)
        return Schema(facts, lists)

    def _facts(self, name: str, selected: Selected, *, one: bool = False) -> dict[str, FactType]:
        items = self._groups.get(selected.place)
        if items is None:
            return {}
        start = f"{name}." if name else ""
        there = {f"{start}{THERE}": FactType("bool")} if one else {}
        return there | {f"{start}{item}": kind for item, kind in items.items()}

    def _read(self, rule: str) -> CrossRule:
        written = self.view.rules[rule]
        program = self.program([rule])
        if written.at not in self._groups[self.view.place]:
            raise Unfit(f"at: {self.view.of} has no {written.at}.")
        over = frozenset(place for place, _, _ in _items(self.view, self.names(program)))
        for place, _, item in _items(self.view, self.names(program)):
            if item not in self._groups.get(place, {}):
                raise Unfit(f"{'/'.join(place)} has no {item}.")
        return CrossRule(
            rule, self.name, self.view.place, written.name, written.say, written.source, written.severity, written.at,
            written.wrong, over,
        )  # fmt: skip

    def program(self, rules: Iterable[str]) -> Program:
        """These rules with the values that they use, over the facts and lists that they use. Raises Errors, Unfit."""
        if self.view.place not in self._groups:
            raise Unfit(f"{self.view.of} is not at hand.")
        rules = list(rules)
        values = [Rule(name, self.view.values[name]) for name in sorted(self._values(rules))]
        chosen = [Rule(name, self.view.rules[name].wrong, kind="bool") for name in rules]
        used = self.names(compile_rules(self.schema, [*values, *chosen], self.params))
        schema = Schema(
            {name: kind for name, kind in self.schema.facts.items() if name in used},
            {name: kind for name, kind in self.schema.lists.items() if name in used},
        )
        return compile_rules(schema, [*values, *chosen], self.params)

    def _values(self, rules: Iterable[str]) -> set[str]:
        """The values that rules use, themselves or through others."""
        left, found = [self.view.rules[rule].wrong for rule in rules], set[str]()
        while left:
            new = (set(_WORD.findall(left.pop())) & set(self.view.values)) - found
            found |= new
            left += [self.view.values[name] for name in new]
        return found

    def names(self, program: Program) -> frozenset[str]:
        """Facts, lists and facts of their items that a program uses, and those by which what it uses is joined."""
        used = {name for rule in program.by_name for _, name in program.grounds(rule)}
        for alias, join in reversed(list(self.view.with_.items())):
            if any(name == alias or name.startswith((f"{alias}.", f"{join.each}.")) for name in used):
                used |= {alias, *join.by.values()}
                for inner, more in join.with_.items():
                    if any(name.startswith(f"{join.each}.{inner}.") for name in used):
                        used |= {f"{join.each}.{inner}", *more.by.values()}
        return frozenset(used)

    def needs(self, names: frozenset[str]) -> dict[tuple[Place, str | None], set[str]]:
        """The items that are needed of the rows of each group."""
        found: dict[tuple[Place, str | None], set[str]] = {}
        for place, latest, item in _items(self.view, names):
            found.setdefault((place, latest), set()).add(item)
        return found


def _items(view: View, names: frozenset[str]) -> Iterator[tuple[Place, str | None, str]]:
    """Group, selection and romaji name of each item behind the names."""
    yield from ((view.place, view.latest, one) for one in _below("row", names))
    for alias, join in view.with_.items():
        if alias in names:
            yield from _joined(alias, join, names)
            for inner, more in join.with_.items():
                if f"{join.each}.{inner}" in names:
                    yield from _joined(f"{join.each}.{inner}", more, names)


def _joined(alias: str, join: Join, names: frozenset[str]) -> Iterator[tuple[Place, str | None, str]]:
    used = {*join.by, *_below(join.each or alias, names)} - {THERE, *join.with_}
    yield from ((join.place, join.latest, one) for one in used)


def _below(alias: str, names: frozenset[str]) -> set[str]:
    """What names have after `alias.`, the first part of it."""
    return {name[len(alias) + 1 :].partition(".")[0] for name in names if name.startswith(f"{alias}.")}
