"""The expression language: SQL scalar expressions over a closed world of names and functions.

`read` parses one expression and gives a tree of `Node`s, each with its kind and its SQL.
Whatever is not listed here is refused: no query, no star, no cast but of a date literal, no
parameter, no comment, no operator that the list below does not name.

Three values: an unknown part makes the whole unknown unless the rest decides it alone (SQL's
and / or / not). Where SQL would let "unknown" slip into No (the ELSE of a CASE, LEAST,
GREATEST, sums and counts that skip what is null) the language does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from yakuba.conditions.errors import NotAllowed, UnknownFunction, UnknownName, WrongType
from yakuba.conditions.functions import AGGREGATES, FUNCTIONS, SPECIAL, Function, written
from yakuba.conditions.types import FactType, Kind, Param, Rule, Schema

LONGEST = 4000
"""Characters in one expression; the longest of a real service has about 300."""
DEEPEST = 40
"""Nested parts; deeper ones are nobody's condition, and would cost stack."""
LONGEST_SQL = 50_000
"""Characters of SQL that one part may stand for. `after_fiscal_age` repeats its date, so that calls inside calls
grow like powers; the longest part of a real service has about 2,000."""
NUMBER = "decimal(24, 10)"
"""How a fact that is a number is calculated with: 0.29 * 100 is 29, which it is not in binary fractions."""

_CALL = re.compile(r"\b([A-Za-z_][A-Za-z0-9_]*)(\s*)\(")
_KEYWORDS = frozenset({"and", "or", "not", "in", "when", "then", "else", "case", "between", "is", "date"})
_NUMERIC = frozenset({"int", "number"})


_OVER_ITEMS = {
    "count": "count(*) filter (where {})",
    "sum": "sum({})",
    "any": "bool_or({})",
    "all": "bool_and({})",
    "min": "min({})",
    "max": "max({})",
}


@dataclass(slots=True)
class Aggregate:
    """A value over the items of a list: `what` of `argument` for each item."""

    what: str
    list: str
    argument: Node | None
    given: bool = False
    """Does everybody have the list?"""

    @property
    def sure(self) -> bool:
        """Never unknown; the least and the most of an empty list are."""
        return (
            self.given and self.what not in ("min", "max") and (self.argument is None or self.argument.sure)
        )

    def column(self, what: str) -> str:
        """The name of a grouped column, the same for the same argument, so that it is computed once."""
        mark = sha256(self.argument.sql.encode()).hexdigest()[:10] if self.argument else ""
        return quoted(f"#{self.list}.{what}{mark}")

    def columns(self) -> dict[str, str]:
        """Columns of the grouped table: the value over what is known, and whether anything was unknown."""
        if self.argument is None:
            return {self.column("n"): "count(*)"}
        argument = self.argument.sql
        columns = {self.column(self.what): _OVER_ITEMS[self.what].format(argument)}
        if not self.argument.sure:
            columns[self.column("unknown")] = f"count(*) <> count({argument})"
        return columns

    def sql(self) -> str:
        """The value in the scope of the case: unknown when the list, or an item that matters, is."""
        value = f"c.{self.column(self.what if self.argument else 'n')}"
        doubts = [] if self.given else [f"not c.{quoted(f'#{self.list}')}"]
        if self.argument is not None and not self.argument.sure:
            doubts.append(f"coalesce(c.{self.column('unknown')}, false)")
        unknown = f"({' or '.join(doubts)})"
        if self.what in ("any", "all"):
            decided = "true" if self.what == "any" else "false"  # one is enough, whatever is unknown
            if not doubts:
                return f"coalesce({value}, {'false' if self.what == 'any' else 'true'})"
            says = value if self.what == "any" else f"not {value}"
            return f"(case when {says} then {decided} when {unknown} then null else not {decided} end)"
        if self.what in ("count", "sum"):
            total = f"coalesce({value}, 0)"
            whole = self.argument is not None and self.argument.kind != "number"
            value = f"try_cast({total} as bigint)" if whole else total
        return f"(case when not {unknown} then {value} end)" if doubts else value


@dataclass(slots=True)
class Node:
    """A checked expression. `sql` names columns of `c` (the case), `i` (the item), `g` (aggregates).

    `{as_of}` and `{param.under3}` stand for what is the same for all cases of a run. Nothing else in it has braces:
    `read` refuses them.

    `form`: and, or, not, case, aggregate, or plain; what explains an unknown value walks by it.
    """

    sql: str
    kind: Kind | None
    choices: tuple[str, ...] = ()
    form: str = "plain"
    parts: list[Node] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    aggregate: Aggregate | None = None
    literal: str | None = None
    sure: bool = False
    """Never unknown, whatever the facts: what asks whether it is known need not be asked."""

    def walk(self) -> list[Node]:
        """This node and all below it; the insides of aggregates are not below."""
        return [self, *(below for part in self.parts for below in part.walk())]

    def aggregates(self) -> list[Aggregate]:
        """The aggregates this node needs."""
        return [node.aggregate for node in self.walk() if node.aggregate is not None]

    def all_names(self) -> list[str]:
        """Names used here and below, the insides of aggregates included, without repetition."""
        found = [name for node in self.walk() for name in node.names]
        for aggregate in self.aggregates():
            if aggregate.argument is not None:
                found += aggregate.argument.all_names()
        return list(dict.fromkeys(found))


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any, kind: Kind) -> str:
    """A value as an SQL literal of its kind."""
    if value is None:
        return "null"
    if kind == "bool":
        return "true" if value else "false"
    if kind == "date":
        return f"date '{date.fromisoformat(str(value))}'"
    if kind == "int":
        return f"{int(value)}::bigint"
    if kind == "number":
        return f"{Decimal(str(value)):f}"
    return "'" + str(value).replace("'", "''") + "'"


class World:
    """All names that expressions may use, and what kind each has."""

    def __init__(self, schema: Schema, params: Mapping[str, Param], known: Collection[str] = ()):
        self.schema, self.params = schema, params
        self.case: dict[str, FactType] = {"as_of": FactType("date"), **schema.facts}
        self.case |= {f"param.{name}": FactType(p.kind, p.unit) for name, p in params.items()}
        self.items = {
            name: {f"{kind.item}.{fact}": type_ for fact, type_ in kind.facts.items()}
            for name, kind in schema.lists.items()
        }
        self.given = frozenset([*schema.facts, *(name for items in self.items.values() for name in items)])
        """Names of facts: what the rules do not compute."""
        self.sure = {"as_of", *known}
        """What is never unknown: in a register the facts that everybody has (`known`; `#children`: all have the list)."""

    def add(self, rule: Rule, kind: FactType, *, sure: bool) -> None:
        """A rule's value can be used by the rules that need it. `sure`: it is never unknown."""
        if rule.each:
            name = f"{self.schema.lists[rule.each].item}.{rule.name}"
            self.items[rule.each][name] = kind
        else:
            name = rule.name
            self.case[name] = kind
        if sure:
            self.sure.add(name)


def read(rule: Rule, world: World) -> Node:
    """Parse and check the expression of a rule. Raises ExpressionError of the kind that fits."""
    text = rule.expr
    if len(text) > LONGEST:
        raise NotAllowed(
            f"is {len(text)} characters long.", f"At most {LONGEST} are allowed: split it.", rule=rule.name
        )
    if any(
        mark in text for mark in ("--", "/*", ";", "$", "`", "\\", "{", "}", "[", "]", "?", ":", "@", "#")
    ):
        raise NotAllowed(
            "has a character that no condition needs.", "Remove comments and signs.", rule=rule.name
        )
    try:
        trees = sqlglot.parse(_CALL.sub(_mark_call, text), dialect="duckdb")
    except (SqlglotError, RecursionError, ValueError) as error:
        said = str(error).splitlines()[0].split(". Line")[0]
        raise NotAllowed(
            f"is not a complete expression ({said}).", "Check brackets and spelling.", rule=rule.name
        ) from error
    if len(trees) != 1 or trees[0] is None:
        raise NotAllowed("is empty or has several parts.", "Write exactly one expression.", rule=rule.name)
    return _Reader(world, rule).read(trees[0], 0)


def _mark_call(found: re.Match[str]) -> str:
    """Calls are marked before parsing, so that the parser gives none of them a meaning of its own."""
    name = found[1]
    return found[0] if name.lower() in _KEYWORDS else f"f__{name}{found[2]}("


_COMPARE: dict[type, str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type, str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.IntDiv: "//",
    exp.Mod: "%",
}


class _Reader:
    """Reads the tree of one rule: in the scope of the case, or of one item of a list."""

    def __init__(self, world: World, rule: Rule, each: str | None = None, inside: bool = False):
        self.world, self.rule = world, rule
        self.each = each or rule.each
        self.inside_aggregate = inside

    def wrong(self, what: str, mend: str) -> WrongType:
        return WrongType(what, mend, rule=self.rule.name)

    def read(self, tree: exp.Expr, depth: int) -> Node:
        if depth > DEEPEST:
            raise NotAllowed(f"is nested more than {DEEPEST} deep.", "Split it.", rule=self.rule.name)
        if tree.comments:
            raise NotAllowed("has a comment.", "Write it above the rule.", rule=self.rule.name)
        node = self.part(tree, depth + 1)
        if len(node.sql) > LONGEST_SQL:
            raise NotAllowed(
                "calls functions inside functions too often.",
                "Give the inner ones names as values of their own.",
                rule=self.rule.name,
            )
        return node

    def part(self, tree: exp.Expr, depth: int) -> Node:
        reader = _READERS.get(type(tree))
        if reader is not None:
            return reader(self, tree, depth)
        if isinstance(tree, exp.Binary) and type(tree) in _COMPARE:
            return self.compare(tree, depth)
        if isinstance(tree, exp.Binary) and type(tree) in _ARITHMETIC:
            return self.arithmetic(tree, depth)
        raise NotAllowed(
            f"uses {type(tree).__name__.lower()}, which is not part of the language.",
            "See docs/conditions.md for what there is.",
            rule=self.rule.name,
        )

    # -- names and literals ------------------------------------------------------------------
    def column(self, tree: exp.Column, depth: int) -> Node:
        parts = list(tree.parts)
        if any(not isinstance(part, exp.Identifier) or part.quoted for part in parts):
            raise NotAllowed("uses a quoted name or a star.", "Write the name plainly.", rule=self.rule.name)
        return self.name(".".join(part.name for part in parts))

    def dot(self, tree: exp.Dot, depth: int) -> Node:
        parts = list(tree.parts)
        if any(not isinstance(part, exp.Identifier) or part.quoted for part in parts):
            raise NotAllowed("takes a part of something.", "Use one dotted name.", rule=self.rule.name)
        return self.name(".".join(part.name for part in parts))

    def name(self, name: str) -> Node:
        items = self.world.items.get(self.each or "", {})
        if name in items:
            sql, sure = self.given(name, f"i.{quoted(name)}", items[name]), name in self.world.sure
            return Node(sql, items[name].kind, items[name].choices, names=[name], sure=sure)
        known = self.world.case.get(name)
        if known is None and name in self.world.items:
            raise self.wrong(
                f'uses the list "{name}" as a value.',
                f"Write count({name}), any({name}, …) or sum({name}, …).",
            )
        if known is None:
            raise UnknownName(name, self.known_names(), rule=self.rule.name)
        constant = name == "as_of" or name.startswith("param.")
        sql = f"{{{name}}}" if constant else self.given(name, f"c.{quoted(name)}", known)
        return Node(sql, known.kind, known.choices, names=[name], sure=name in self.world.sure)

    def given(self, name: str, column: str, kind: FactType) -> str:
        """A fact's or a rule's column; facts that are numbers are stored in binary and made decimal here."""
        is_number = kind.kind == "number" and name in self.world.given
        return f"try_cast({column} as {NUMBER})" if is_number else column

    def known_names(self) -> list[str]:
        """What may stand where a value is wanted; a list by its name alone may not."""
        return [*self.world.case, *self.world.items.get(self.each or "", {})]

    def constant(self, tree: exp.Literal, depth: int) -> Node:
        if tree.is_string:
            return Node(literal(tree.this, "text"), "text", literal=tree.this, sure=True)
        digits = tree.this
        if not re.fullmatch(r"\d{1,15}(\.\d{1,10})?", digits):
            raise NotAllowed(f"has the number {digits[:40]}.", "Use at most 15 digits.", rule=self.rule.name)
        kind: Kind = "number" if "." in digits else "int"
        return Node(literal(digits, kind), kind, sure=True)

    def boolean(self, tree: exp.Boolean, depth: int) -> Node:
        return Node("true" if tree.this else "false", "bool", sure=True)

    def null(self, tree: exp.Null, depth: int) -> Node:
        return Node("null", None)

    def cast(self, tree: exp.Cast, depth: int) -> Node:
        if (
            type(tree) is not exp.Cast
            or tree.to.this != exp.DataType.Type.DATE
            or not isinstance(tree.this, exp.Literal)
        ):
            raise NotAllowed("converts a value.", "Only date '2026-04-01' is possible.", rule=self.rule.name)
        return self.as_date(self.constant(tree.this, depth))

    def as_date(self, node: Node) -> Node:
        try:
            day = date.fromisoformat(node.literal or "")
        except ValueError as error:
            raise self.wrong(f"'{node.literal}' is not a date.", "Write dates as '2026-04-01'.") from error
        return Node(literal(day, "date"), "date", sure=True)

    # -- logic -------------------------------------------------------------------------------
    def logic(self, tree: exp.Connector, depth: int) -> Node:
        form = "and" if isinstance(tree, exp.And) else "or"
        parts = [self.truth(part, depth) for part in tree.flatten()]
        sql = "(" + f" {form} ".join(part.sql for part in parts) + ")"
        return Node(sql, "bool", form=form, parts=parts, sure=_all_sure(parts))

    def truth(self, tree: exp.Expr, depth: int) -> Node:
        node = self.read(tree, depth)
        if node.kind not in ("bool", None):
            raise self.wrong(f"{tree.sql()} is a {node.kind}, not a yes or no.", "Compare it with something.")
        return node

    def not_(self, tree: exp.Not, depth: int) -> Node:
        part = self.truth(tree.this, depth)
        return Node(f"(not {part.sql})", "bool", form="not", parts=[part], sure=part.sure)

    def paren(self, tree: exp.Paren, depth: int) -> Node:
        return self.read(tree.this, depth)

    def is_(self, tree: exp.Is, depth: int) -> Node:
        node = self.read(tree.this, depth)
        if isinstance(tree.expression, exp.Null):
            return Node(f"({node.sql} is null)", "bool", parts=[node], sure=True)
        if isinstance(tree.expression, exp.Boolean) and node.kind == "bool":
            same = f"({node.sql} = {tree.expression.sql()})"
            return Node(same, "bool", parts=[node], sure=node.sure)
        raise NotAllowed("compares with IS.", "Use =, or `is null`.", rule=self.rule.name)

    def case(self, tree: exp.Case, depth: int) -> Node:
        if tree.this is not None:
            raise NotAllowed("uses CASE with a value.", "Write case when … then … end.", rule=self.rule.name)
        whens = [(self.truth(w.this, depth), self.read(w.args["true"], depth)) for w in tree.args["ifs"]]
        default = tree.args.get("default")
        last = self.read(default, depth) if default is not None else Node("null", None)
        branches = self.alike([*(then for _, then in whens), last])
        sql = "".join(_branch(when, then) for (when, _), then in zip(whens, branches, strict=False))
        parts = [part for (when, _), then in zip(whens, branches, strict=False) for part in (when, then)]
        return Node(
            f"(case{sql} else {branches[-1].sql} end)",
            self.kind_of(branches),
            branches[0].choices,
            form="case",
            parts=[*parts, branches[-1]],
            sure=_all_sure([*parts, branches[-1]]),
        )

    # -- comparison --------------------------------------------------------------------------
    def compare(self, tree: exp.Binary, depth: int) -> Node:
        left, right = self.alike([self.read(tree.left, depth), self.read(tree.right, depth)])
        if left.kind == "bool" and type(tree) not in (exp.EQ, exp.NEQ):
            raise self.wrong("compares yes and no by size.", "Use = or <>.")
        sql = f"({left.sql} {_COMPARE[type(tree)]} {right.sql})"
        return Node(sql, "bool", parts=[left, right], sure=left.sure and right.sure)

    def between(self, tree: exp.Between, depth: int) -> Node:
        parts = self.alike([self.read(t, depth) for t in (tree.this, tree.args["low"], tree.args["high"])])
        value, low, high = (part.sql for part in parts)
        sql = f"({value} >= {low} and {value} <= {high})"
        return Node(sql, "bool", parts=parts, sure=_all_sure(parts))

    def in_(self, tree: exp.In, depth: int) -> Node:
        if tree.args.get("query") or tree.args.get("unnest") or tree.args.get("field"):
            raise NotAllowed("looks into a query.", "List the values: x in ('a', 'b').", rule=self.rule.name)
        parts = self.alike([self.read(tree.this, depth), *(self.read(t, depth) for t in tree.expressions)])
        options = ", ".join(part.sql for part in parts[1:])
        return Node(f"({parts[0].sql} in ({options}))", "bool", parts=parts, sure=_all_sure(parts))

    def alike(self, nodes: list[Node]) -> list[Node]:
        """The nodes, dates written as text made dates; raises WrongType when they do not go together."""
        kinds = {node.kind for node in nodes if node.kind is not None}
        if "date" in kinds:
            nodes = [self.as_date(n) if n.literal is not None and n.kind == "text" else n for n in nodes]
            kinds = {node.kind for node in nodes if node.kind is not None}
        options = next((n.choices for n in nodes if n.choices), ())
        for node in nodes:
            if options and node.literal is not None and node.literal not in options:
                raise self.wrong(
                    f"'{node.literal}' is not one of the choices.", f"Choices: {', '.join(options)}."
                )
        if kinds <= _NUMERIC or kinds <= {"text", "choice"} or len(kinds) <= 1:
            return nodes
        raise self.wrong(
            f"puts {' and '.join(sorted(str(k) for k in kinds))} together.", "Compare like with like."
        )

    def kind_of(self, nodes: list[Node]) -> Kind | None:
        kinds = {node.kind for node in nodes if node.kind is not None}
        return "number" if "number" in kinds else next(iter(kinds), None)

    # -- arithmetic --------------------------------------------------------------------------
    def arithmetic(self, tree: exp.Binary, depth: int) -> Node:
        parts = [self.read(tree.left, depth), self.read(tree.right, depth)]
        if any(part.kind not in (*_NUMERIC, None) for part in parts):
            raise self.wrong(
                "calculates with something that is not a number.", "Use add_days, add_months … for dates."
            )
        left, right = (part.sql for part in parts)
        sign = _ARITHMETIC[type(tree)]
        kind: Kind = "number" if "number" in {part.kind for part in parts} or sign == "/" else "int"
        if sign in ("/", "//", "%"):
            return Node(f"({left} {sign} nullif({right}, 0))", kind, parts=parts)
        return Node(f"try({left} {sign} {right})", kind, parts=parts)

    def negative(self, tree: exp.Neg, depth: int) -> Node:
        part = self.read(tree.this, depth)
        if part.kind not in _NUMERIC:
            raise self.wrong("puts a minus before something that is not a number.", "Remove it.")
        return Node(f"(-{part.sql})", part.kind, parts=[part])

    # -- functions ---------------------------------------------------------------------------
    def call(self, tree: exp.Anonymous, depth: int) -> Node:
        name = str(tree.this)
        if not name.startswith("f__"):
            raise UnknownFunction(name, [*FUNCTIONS, *SPECIAL], rule=self.rule.name)
        name = name.removeprefix("f__")
        if name == "rank":
            return self.rank(tree.expressions, depth)
        if name in AGGREGATES and self.names_a_list(tree.expressions):
            return self.over_list(name, tree.expressions, depth)
        if name in AGGREGATES:
            raise self.no_list(name)
        if name in ("coalesce", "least", "greatest"):
            return self.several(name, [self.read(t, depth) for t in tree.expressions])
        if name not in FUNCTIONS:
            raise UnknownFunction(name, [*FUNCTIONS, *SPECIAL], rule=self.rule.name)
        function = FUNCTIONS[name]
        parts = [self.read(t, depth) for t in tree.expressions]
        if len(parts) != len(function.takes):
            raise self.wrong(
                f"{name}() takes {len(function.takes)} values, not {len(parts)}.",
                f"Write {name}({', '.join(str(k or 'value') for k in function.takes)}).",
            )
        parts = [self.argument(name, part, kind) for part, kind in zip(parts, function.takes, strict=True)]
        sql = function.sql(*(part.sql for part in parts))
        return Node(sql, function.gives, parts=parts, sure=_total(function, parts))

    def argument(self, name: str, part: Node, kind: Kind | None) -> Node:
        if kind == "date" and part.literal is not None:
            part = self.as_date(part)
        fits = kind is None or part.kind in (kind, None) or (kind == "number" and part.kind == "int")
        if not fits and not (kind == "text" and part.kind == "choice"):
            raise self.wrong(f"{name}() needs a {kind}, not a {part.kind}.", "Check the order of its values.")
        return part

    def several(self, name: str, parts: list[Node]) -> Node:
        if len(parts) < 2:
            raise self.wrong(f"{name}() takes two values or more.", "Add one.")
        parts = self.alike(parts)
        values = ", ".join(part.sql for part in parts)
        sql = f"{name}({values})"
        if name != "coalesce":
            unknown = " or ".join(f"{part.sql} is null" for part in parts)
            sql = f"(case when {unknown} then null else {sql} end)"
        sure = name == "coalesce" and any(part.sure for part in parts)
        return Node(sql, self.kind_of(parts), parts[0].choices, parts=parts, sure=sure)

    # -- lists -------------------------------------------------------------------------------
    def names_a_list(self, arguments: list[exp.Expr]) -> bool:
        return (
            bool(arguments)
            and isinstance(arguments[0], exp.Column)
            and arguments[0].sql() in self.world.items
        )

    def no_list(self, name: str) -> WrongType:
        lists = ", ".join(self.world.items) or "this service has none"
        hint = f" For the {name} of several values write {'least' if name == 'min' else 'greatest'}()."
        return self.wrong(
            f"calls {name}() without a list.",
            f"Write a list first: {name}(list, value). Lists: {lists}."
            + (hint if name in ("min", "max") else ""),
        )

    def over_list(self, what: str, arguments: list[exp.Expr], depth: int) -> Node:
        if self.each or self.inside_aggregate:
            raise NotAllowed(
                "looks at a whole list for each item.",
                "Compute it as a value of its own first.",
                rule=self.rule.name,
            )
        name = arguments[0].sql()
        if len(arguments) != (1 if what == "count" and len(arguments) == 1 else 2):
            raise self.wrong(f"{what}() takes a list and one value.", f"Write {what}({name}, …).")
        argument = None
        if len(arguments) == 2:
            argument = _Reader(self.world, self.rule, each=name, inside=True).read(arguments[1], depth)
            self.check_argument(what, argument)
        kinds: dict[str, Kind] = {"count": "int", "any": "bool", "all": "bool"}
        kind = kinds.get(what) or (argument.kind if argument else None)
        aggregate = Aggregate(what, name, argument, f"#{name}" in self.world.sure)
        return Node(aggregate.sql(), kind, form="aggregate", aggregate=aggregate, sure=aggregate.sure)

    def check_argument(self, what: str, argument: Node) -> None:
        if what in ("count", "any", "all") and argument.kind not in ("bool", None):
            raise self.wrong(f"{what}() needs a yes or no for each item.", "Compare it with something.")
        if what == "sum" and argument.kind not in (*_NUMERIC, None):
            raise self.wrong("sum() needs a number for each item.", "Check what is summed.")

    def rank(self, arguments: list[exp.Expr], depth: int) -> Node:
        if not self.each or self.inside_aggregate or len(arguments) != 2 or depth > 1:
            raise NotAllowed(
                "uses rank() inside of something, or where there are no items.",
                "Write rank(condition, order), and nothing else, in a value with `each:`.",
                rule=self.rule.name,
            )
        held = self.truth(arguments[0], depth)
        order = self.read(arguments[1], depth)
        if held.sure and order.sure:
            place = f"case when {held.sql} then {order.sql} end"  # the others have none, and come last
            nth = f"row_number() over (partition by i._case order by {place}, i._pos)"
            return Node(f"(case when {held.sql} then {nth} end)", "int", parts=[held, order])
        unsure = f"({held.sql} is null or ({held.sql} and {order.sql} is null))"
        # whoever is not sure comes first, then those who count: so the first rank says that nobody is unsure
        unsure_first = f"partition by i._case order by {unsure} desc"
        nth = f"row_number() over ({unsure_first}, {held.sql} desc, {order.sql}, i._pos)"
        sure = f"(not {unsure} and rank() over ({unsure_first}) = 1)"
        return Node(f"(case when {held.sql} and {sure} then {nth} end)", "int", parts=[held, order])


def _all_sure(parts: Iterable[Node]) -> bool:
    return all(part.sure for part in parts)


def _branch(when: Node, then: Node) -> str:
    """One branch of a CASE: where it is not known whether it is taken, nothing after it is taken."""
    unknown = "" if when.sure else f" when {when.sql} is null then null"
    return f"{unknown} when {when.sql} then {then.sql}"


def _total(function: Function, parts: Sequence[Node]) -> bool:
    """Is the value known wherever the arguments are? Numbers must stand written, so that no calendar is left."""
    numbers = (part for part, kind in zip(parts, function.takes, strict=True) if kind == "int")
    return function.total and _all_sure(parts) and all(written(part.sql) is not None for part in numbers)


_READERS: dict[type, Callable[[_Reader, Any, int], Node]] = {
    exp.Column: _Reader.column,
    exp.Dot: _Reader.dot,
    exp.Literal: _Reader.constant,
    exp.Boolean: _Reader.boolean,
    exp.Null: _Reader.null,
    exp.Cast: _Reader.cast,
    exp.And: _Reader.logic,
    exp.Or: _Reader.logic,
    exp.Not: _Reader.not_,
    exp.Paren: _Reader.paren,
    exp.Is: _Reader.is_,
    exp.Case: _Reader.case,
    exp.Between: _Reader.between,
    exp.In: _Reader.in_,
    exp.Neg: _Reader.negative,
    exp.Anonymous: _Reader.call,
}
