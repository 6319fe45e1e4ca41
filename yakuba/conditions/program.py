"""All rules of a service compiled to one DuckDB query, for one case or a million.

The query is a chain of common table expressions: the case's facts, the items of each list,
and layer by layer the rules whose needs are met. Every rule is a column of its own, so the
answer explains itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import duckdb

from yakuba.conditions import engine
from yakuba.conditions.answer import Answer
from yakuba.conditions.errors import Circular, ExpressionError, UnknownName, WrongType
from yakuba.conditions.facts import given_json, given_sql, pick_facts
from yakuba.conditions.functions import calendar_day, opening
from yakuba.conditions.language import Aggregate, Node, World, literal, quoted, read
from yakuba.conditions.types import FactType, Param, Rule, Schema, Value

_CONSTANT = re.compile(r"\{([^{}]+)\}")
BATCH = 2000
"""Cases in one query: enough that running outweighs calling, few enough that memory stays small."""


class Errors(Exception):
    """All faults of a set of rules at once; `errors` has each."""

    def __init__(self, errors: Sequence[ExpressionError]):
        self.errors = list(errors)
        super().__init__("\n".join(str(error) for error in errors))


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule that was read: its checked tree and its kind."""

    rule: Rule
    node: Node
    kind: FactType


def compile_rules(
    schema: Schema, rules: Sequence[Rule], params: Mapping[str, Param], *, known: Collection[str] = ()
) -> Program:
    """Check all rules and put them in an order in which each finds what it needs.

    `known`: facts and lists (`#children`) that are never unknown where the program runs. Raises Errors with every
    fault found; nothing is evaluated.
    """
    world = World(schema, params, known)
    known = {world_name(rule, schema): rule for rule in rules}
    compiled: list[Compiled] = []
    waiting, errors = list(rules), list[ExpressionError]()
    while waiting:
        later: list[Rule] = []
        for rule in waiting:
            try:
                node = read(rule, world)
            except UnknownName as error:
                if known.get(error.name) is rule:
                    errors.append(_circular(rule, [rule]))
                elif error.name in known:
                    later.append(rule)
                else:
                    errors.append(error)
                continue
            except ExpressionError as error:
                errors.append(error)
                continue
            kind = _kind_of(rule, node, errors)
            world.add(rule, kind, sure=node.sure)
            compiled.append(Compiled(rule, node, kind))
        if len(later) == len(waiting):
            failed = {error.rule for error in errors}
            errors += [_circular(rule, later) for rule in later if not failed]
            break
        waiting = later
    if errors:
        raise Errors(errors)
    return Program(schema, dict(params), compiled, world)


def _kind_of(rule: Rule, node: Node, errors: list[ExpressionError]) -> FactType:
    kind = node.kind or rule.kind or "text"
    fits = rule.kind in (None, kind) or (rule.kind == "number" and kind == "int") or node.kind is None
    if not fits:
        errors.append(
            WrongType(
                f"gives a {kind}, but a {rule.kind} is expected here.",
                "Change the expression.",
                rule=rule.name,
            )
        )
    return FactType(rule.kind or kind, choices=node.choices)


def _circular(rule: Rule, others: Sequence[Rule]) -> Circular:
    names = ", ".join(sorted(other.name for other in others))
    return Circular(
        "needs itself, directly or through others.", f"These need each other: {names}.", rule=rule.name
    )


def world_name(rule: Rule, schema: Schema) -> str:
    """The name by which other rules use this one: `total`, or `child.monthly` for the items of a list."""
    return f"{schema.lists[rule.each].item}.{rule.name}" if rule.each else rule.name


@dataclass
class Program:
    """Rules ready to run. Build with `compile_rules`."""

    schema: Schema
    params: Mapping[str, Param]
    rules: Sequence[Compiled]
    world: World
    detailed: Any = None
    _sql: dict[date, str] = field(default_factory=dict)
    _grounds: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    _variants: dict[frozenset[str], Program] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Compiled]:
        """Rules by the names other rules use."""
        return {world_name(c.rule, self.schema): c for c in self.rules}

    @cached_property
    def case_rules(self) -> list[str]:
        """The rules that give one value a case."""
        return [c.rule.name for c in self.rules if not c.rule.each]

    @cached_property
    def item_rules(self) -> Mapping[str, list[str]]:
        """The rules that give one value an item, by list; lists without such rules are left out."""
        each: dict[str, list[str]] = {}
        for compiled in self.rules:
            if compiled.rule.each:
                each.setdefault(compiled.rule.each, []).append(compiled.rule.name)
        return each

    def only(self, rules: Iterable[Rule]) -> Program:
        """The program with these of its rules and those they rest on: nothing is computed that nobody looks at."""
        left = [world_name(rule, self.schema) for rule in rules]
        needed: set[str] = set()
        while left:
            name = left.pop()
            if name not in needed:
                needed.add(name)
                left += self._needs(self.by_name[name])
        kept = [c for name, c in self.by_name.items() if name in needed]
        return Program(self.schema, self.params, kept, self.world)

    def grounds(self, name: str) -> Sequence[tuple[str, str]]:
        """What a rule rests on, through all rules it uses, in the order of use: ("list", "children"),
        ("fact", "applicant.birth_date"), ("item", "child.birth_date") or ("param", "rate")."""
        if name not in self._grounds:
            self._grounds[name] = tuple(dict.fromkeys(self._gather(name, set())))
        return self._grounds[name]

    def _gather(self, name: str, seen: set[str]) -> Iterator[tuple[str, str]]:
        seen.add(name)
        node = self.by_name[name].node
        yield from (("list", aggregate.list) for aggregate in node.aggregates())
        for used in node.all_names():
            if used in self.by_name:
                if used not in seen:
                    yield from self._gather(used, seen)
            elif used.startswith("param."):
                yield "param", used
            elif used in self.schema.facts:
                yield "fact", used
            elif used != "as_of":
                yield "item", used

    # -- running ---------------------------------------------------------------------------------
    def run(self, facts: Mapping[str, Any], *, as_of: date) -> Answer:
        """Decide one case. `facts`: nested, as in a facts file. Raises WrongFact."""
        return self.run_many([facts], as_of=as_of)[0]

    def run_many(self, cases: Sequence[Mapping[str, Any]], *, as_of: date) -> list[Answer]:
        """Decide many cases, in their order. Raises WrongFact."""
        answers: list[Answer] = []
        for begin in range(0, len(cases), BATCH):
            batch = [pick_facts(facts, self.schema) for facts in cases[begin : begin + BATCH]]
            rows = engine.rows(self.given_sql(as_of), given_json(batch, self.schema))
            answers += [self._answer(batch[row[0]], row, as_of) for row in rows]
        return answers

    def _answer(self, facts: dict[str, Any], row: tuple[Any, ...], as_of: date) -> Answer:
        values = {name: _value(found) for name, found in zip(self.case_rules, row[1:], strict=False)}
        lists = zip(self.item_rules, row[1 + len(values) :], strict=True)
        items = {
            name: [{key: _value(found) for key, found in item.items()} for item in listed]
            for name, listed in lists
            if listed
        }
        return Answer(self, facts, as_of, values, items)

    def run_tables(
        self, con: duckdb.DuckDBPyConnection, *, as_of: date, columns: Iterable[str] | None = None
    ) -> duckdb.DuckDBPyRelation:
        """Decide a whole register: `con` has a table or view `facts` (`_case` and one column a fact, by its
        dotted name) and one for each list (`_case`, `_pos`, one column a fact `child.birth_date`).

        Returns `_case` and a column for each case-level rule (or only `columns`), not ordered.
        """
        return con.sql(self._knowing(self._known_in(con)).sql(as_of, columns))

    def _knowing(self, known: frozenset[str]) -> Program:
        """The same rules for a register in which these facts are known of everybody: nothing asks whether they are."""
        if known not in self._variants:
            rules = [compiled.rule for compiled in self.rules]
            self._variants[known] = compile_rules(self.schema, rules, self.params, known=known)
        return self._variants[known]

    def _known_in(self, con: duckdb.DuckDBPyConnection) -> frozenset[str]:
        """The facts that rules use and that are known of everybody in the register, and the lists that all have."""
        used = {name for compiled in self.rules for name in compiled.node.all_names()}
        tables = {"facts": [name for name in self.schema.facts if name in used]}
        for name, kind in self.schema.lists.items():
            tables[name] = [fact for fact in (f"{kind.item}.{key}" for key in kind.facts) if fact in used]
        asked = {
            table: [f"count({quoted(name)}) = count(*)" for name in names] for table, names in tables.items()
        }
        lists = [f"#{name}" for name in self.schema.lists]
        asked["facts"] += [f"coalesce(bool_and({quoted(name)}), true)" for name in lists]
        tables["facts"] += lists
        known: set[str] = set()
        for table, questions in asked.items():
            if questions:
                row = con.execute(f"select {', '.join(questions)} from {quoted(table)}").fetchall()[0]
                known |= {name for name, is_known in zip(tables[table], row, strict=False) if is_known}
        return frozenset(known)

    # -- SQL ---------------------------------------------------------------------------------------
    def sql(self, as_of: date, columns: Iterable[str] | None = None) -> str:
        """The query over the tables `facts` and the lists: case-level rules, all or only `columns`."""
        names = self.case_rules if columns is None else list(columns)
        chosen = "".join(f", {self._said(name)} as {quoted(name)}" for name in names)
        tables, final = self._layers(as_of)
        first = f"with {tables} " if tables else ""
        return f"{first}select c._case{chosen} from {final['']} c"

    def widened(self, as_of: date) -> str:
        """The query for all columns of the table `facts`, with one more for each case-level rule as other rules see it."""
        tables, final = self._layers(as_of)
        first = f"with {tables} " if tables else ""
        return f"{first}select c.* from {final['']} c"

    def given_sql(self, as_of: date) -> str:
        """The query over the parameter $1 (see `facts.given_json`): all rules, the items of a list as one column."""
        if as_of not in self._sql:
            tables, final = self._layers(as_of)
            with_ = ", ".join(part for part in (given_sql(self.schema), tables) if part)
            chosen = "".join(f", {self._said(name)}" for name in self.case_rules)
            joins = ""
            for number, (name, rules) in enumerate(self.item_rules.items()):
                item = self.schema.lists[name].item
                fields = ", ".join(f"{quoted(rule)} := {self._said(f'{item}.{rule}', 'i')}" for rule in rules)
                listed = f"list(struct_pack({fields}) order by i._pos) as listed"
                chosen += f", l{number}.listed"
                joins += (
                    f" left join (select i._case, {listed} from {final[name]} i group by i._case) l{number}"
                )
                joins += f" on l{number}._case = c._case"
            self._sql = {
                as_of: f"with {with_} select c._case{chosen} from {final['']} c{joins} order by c._case"
            }
        return self._sql[as_of]

    def _said(self, name: str, table: str = "c") -> str:
        """A rule's column as it is answered: a day that no calendar of ours reaches is not known."""
        column = f"{table}.{quoted(name)}"
        return calendar_day(column) if self.by_name[name].kind.kind == "date" else column

    def _layers(self, as_of: date) -> tuple[str, dict[str, str]]:
        """The common table expressions, and the last table of the case ("") and of each list."""
        tables: list[str] = []
        last = {"": "facts"} | {name: quoted(name) for name in self.schema.lists}
        grouped: set[str] = set()
        plan = self._plan()
        for number, layer in enumerate(plan):
            if each := layer[0].rule.each:
                tables.append(self._item_layer(layer, each, number, last))
                continue
            known = {world_name(c.rule, self.schema) for before in plan[:number] for c in before}
            wanted = [a for later in plan[number:] for c in later for a in c.node.aggregates()]
            now = [a for c in layer for a in c.node.aggregates()]
            now += [a for a in wanted if now and self._can_group(a, known)]
            tables += self._group(now, grouped, number, last)
            columns = ", ".join(f"{c.node.sql} as {quoted(c.rule.name)}" for c in layer)
            tables.append(f"t{number} as (select c.*, {columns} from {last['']} c)")
            last[""] = f"t{number}"
        constants = {"as_of": literal(as_of, "date")}
        for param in self.params.values():
            version = param.at(as_of)
            constants[f"param.{param.name}"] = literal(version[1] if version else None, param.kind)
        written = ", ".join(tables)
        if "{open." in written:
            constants |= opening(as_of)
        return _CONSTANT.sub(lambda found: constants[found[1]], written), last

    def _item_layer(self, layer: Sequence[Compiled], each: str, number: int, last: dict[str, str]) -> str:
        """The items of a list with a column for each rule of the layer."""
        item = self.schema.lists[each].item
        columns = ", ".join(f"{c.node.sql} as {quoted(f'{item}.{c.rule.name}')}" for c in layer)
        join = f" join {last['']} c on c._case = i._case" if any(_uses_case(c.node) for c in layer) else ""
        made = f"t{number} as (select i.*, {columns} from {last[each]} i{join})"
        last[each] = f"t{number}"
        return made

    def _can_group(self, aggregate: Aggregate, known: set[str]) -> bool:
        """Is everything there by now that the value over the list is made of?"""
        if aggregate.argument is None:
            return True
        return set(aggregate.argument.all_names()) & set(self.by_name) <= known

    def _group(
        self, aggregates: Sequence[Aggregate], grouped: set[str], number: int, last: dict[str, str]
    ) -> list[str]:
        """The case with a column for each value over a list, all of a list from one pass over its items.

        `grouped`: columns that the case has already; the new ones are added to it.
        """
        wanted: dict[str, dict[str, str]] = {}
        looking: set[str] = set()
        for aggregate in aggregates:
            new = {column: sql for column, sql in aggregate.columns().items() if column not in grouped}
            if new:
                wanted[aggregate.list] = wanted.get(aggregate.list, {}) | new
                looking |= {aggregate.list} if _looks_at_case(aggregate) else set()
        if not wanted:
            return []
        made, joins, carried = [], "", ""
        for position, (name, columns) in enumerate(wanted.items()):
            table = f"g{number}_{position}"
            chosen = ", ".join(f"{sql} as {column}" for column, sql in columns.items())
            case = f" join {last['']} c on c._case = i._case" if name in looking else ""
            made.append(f"{table} as (select i._case, {chosen} from {last[name]} i{case} group by i._case)")
            carried += "".join(f", {table}.{column}" for column in columns)
            joins += f" left join {table} on {table}._case = c._case"
            grouped.update(columns)
        made.append(f"c{number} as (select c.*{carried} from {last['']} c{joins})")
        last[""] = f"c{number}"
        return made

    def _plan(self) -> list[list[Compiled]]:
        """Rules in layers: of one kind (case, or one list), none needing another of its own layer.

        Items come before cases, and what needs the same items waits for one layer: each list is grouped seldom.
        """
        layers: list[list[Compiled]] = []
        done: set[str] = set()
        left = list(self.rules)
        while left:
            ready = [c for c in left if not self._needs(c) - done]
            each = next((c.rule.each for c in ready if c.rule.each), None)
            layer = [c for c in ready if c.rule.each == each]
            layers.append(layer)
            done |= {world_name(c.rule, self.schema) for c in layer}
            left = [c for c in left if c not in layer]
        return layers

    def _needs(self, compiled: Compiled) -> set[str]:
        return set(compiled.node.all_names()) & set(self.by_name)


def _value(found: Any) -> Value:
    """Decimals are exact while something is calculated; outside all numbers are as JSON has them."""
    return float(found) if isinstance(found, Decimal) else found


def _uses_case(node: Node) -> bool:
    return any('c."' in part.sql for part in node.walk())


def _looks_at_case(aggregate: Aggregate) -> bool:
    return aggregate.argument is not None and _uses_case(aggregate.argument)
