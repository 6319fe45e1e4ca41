"""A declared service, ready to be asked, decided and worked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import orjson

from yakuba import conditions
from yakuba.conditions import Answer, FactType, ListType, Program, Rule, Schema, UsedParam, typed
from yakuba.conditions import Param as Dated
from yakuba.declare.model import (
    Book,
    Condition,
    Deadlines,
    Decide,
    Ends,
    Fact,
    Fee,
    Letter,
    ListOf,
    Page,
    Param,
    Pay,
    Push,
    Question,
    ServiceFile,
    Step,
    ValueRule,
    ordered,
)
from yakuba.words import Text, ui_text

RESERVED_STEPS = frozenset({"answer", "objection", "attend", "tell-received", "tell-returned"})
"""Steps that every case may have without a service declaring them (`cases.state.IMPLICIT`)."""
CASE_FACTS: Mapping[str, FactType] = {
    "case.decision": FactType("choice", choices=("granted", "refused")),
    "case.channel": FactType("text"),
    "case.identified": FactType("bool"),
    "case.amount": FactType("int", "JPY"),
    "case.reference": FactType("text"),
    "case.received_on": FactType("date"),
}
"""What every expression may use of the case itself; `case.received_on` is as_of where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one condition says about a case, and why."""

    name: str
    value: bool | None
    because: Text
    hint: Text | None
    law: str | None
    answer: Answer

    @property
    def why(self) -> conditions.Explanation:
        """The facts and parameters it rests on."""
        return self.answer.explain(self.name)


@dataclass(slots=True)
class Decision:
    """granted, refused or unknown; `amount` in yen when granted; everything explains itself."""

    service: Service
    answer: Answer
    outcome: str
    amount: int | None

    @property
    def values(self) -> dict[str, Any]:
        """The named values of the case."""
        return {name: self.answer.values.get(name) for name, v in self.service.values.items() if not v.each}

    @property
    def items(self) -> dict[str, list[dict[str, Any]]]:
        """The named values of each item of the lists."""
        return self.answer.items

    @property
    def conditions(self) -> list[Judged]:
        """All conditions, in the order of the file."""
        return self.service.judged(self.answer)

    @property
    def missing(self) -> list[str]:
        """What must still be known before it can be decided; empty when it is."""
        if self.outcome != "unknown":
            return []
        names = [*self.service.decide.grant]
        if self.service.decide.amount:
            names.append(self.service.decide.amount)
        found = self.answer.missing(names)
        needed = [n for n in self.service.needed_facts if self.answer.facts.get(n) is None]
        return list(dict.fromkeys([*found, *needed]))

    @property
    def undated(self) -> list[UsedParam]:
        """Parameters that it needs and that have no value on the day of decision."""
        names = [*self.service.decide.grant, *filter(None, [self.service.decide.amount])]
        used = {param.name: param for name in names for param in self.answer.explain(name).params}
        return [param for param in used.values() if param.value is None]


class UnknownStep(LookupError):
    """A step id that the service does not have."""


class NotInForce(ValueError):
    """A day before the first on which the rules of the service hold (`versions.from`): another law counted then,
    and its amounts are not declared."""

    def __init__(self, service: Service, as_of: date):
        super().__init__(
            f"{service.id} has no version for {as_of}: its rules hold from {service.in_force_from}. "
            "An earlier day is decided by the law of that day, by a person."
        )


@dataclass(frozen=True, slots=True)
class _Guard:
    """A step's `if` (or the fee), compiled by itself, with what was asked before."""

    program: Program
    names: tuple[str, ...]
    answers: dict[tuple[Any, ...], bool | None] = field(default_factory=dict)


class Service:
    """One version of a declared service. Build with `load_catalogue` or `from_bundle`."""

    def __init__(
        self,
        file: ServiceFile,
        facts: Mapping[str, Fact],
        lists: Mapping[str, ListOf],
        letters: Mapping[str, Letter],
        bundle: Mapping[str, Any],
    ):
        self.file, self.facts, self.lists, self.letters = file, facts, lists, letters
        written = orjson.dumps(bundle)
        self.bundle = written.decode()
        self.version = hashlib.sha256(written).hexdigest()
        self.steps = ordered(file.steps)
        self._steps = {step.id: step for step in self.steps}
        self._guards: dict[str, _Guard] = {}

    def __repr__(self) -> str:
        return f"<Service {self.id} {self.version[:8]}>"

    # -- what the file says --------------------------------------------------------------------
    @property
    def id(self) -> str:
        return self.file.service

    @property
    def name(self) -> Text:
        return self.file.name

    @property
    def summary(self) -> Text:
        return self.file.summary

    @property
    def in_force_from(self) -> date:
        """The first day on which these rules hold."""
        return self.file.versions.from_

    def in_force(self, day: date) -> bool:
        """Do these rules hold on that day?"""
        return day >= self.in_force_from

    @property
    def offered(self) -> bool:
        """Can residents apply for it? What is not offered is the town's own work, or a town does not have it."""
        return self.file.audience == "residents" and self.file.offered

    @property
    def topics(self) -> Sequence[str]:
        return self.file.topics

    @property
    def law(self) -> list[str]:
        return self.file.law

    @property
    def pages(self) -> list[Page]:
        return self.file.ask

    @property
    def params(self) -> Mapping[str, Param]:
        return self.file.params

    def param(self, name: str, on: date) -> Any:
        """The value that a parameter has on a day; None where it has none."""
        known = self.dated_params[name].at(on)
        return known[1] if known else None

    @property
    def values(self) -> Mapping[str, ValueRule]:
        return self.file.values

    @property
    def conditions(self) -> Mapping[str, Condition]:
        return self.file.conditions

    @property
    def decide(self) -> Decide:
        return self.file.decide

    @property
    def pay(self) -> Pay | None:
        return self.file.pay

    @property
    def ends(self) -> Ends | None:
        """Which money that is paid by the month it ends, where it ends any."""
        return self.file.ends

    @property
    def monthly(self) -> bool:
        """Is the amount that it decides paid every month?"""
        rule = self.values.get(self.decide.amount or "")
        return bool(rule and rule.unit == "JPY/month")

    @property
    def fee(self) -> Fee | None:
        return self.file.fee

    @property
    def fee_name(self) -> Text:
        """What its fee is called."""
        return (self.fee.called if self.fee else None) or ui_text("fees.fee")

    @property
    def book(self) -> Book | None:
        """How its places are given out, where it has any."""
        return self.file.book

    @property
    def push(self) -> Push | None:
        """How the town asks everybody entitled, where it asks first."""
        return self.file.push

    @property
    def deadlines(self) -> Deadlines | None:
        return self.file.deadlines

    @property
    def sign_in(self) -> str:
        return self.file.sign_in

    @property
    def needed_facts(self) -> list[str]:
        """`decide.need` as facts: `account` stands for all facts `account.*`."""
        return self.named(self.decide.need)

    def named(self, names: Iterable[str]) -> list[str]:
        """The facts that these names stand for: each by itself, or all of a group (`account`)."""
        return [fact for name in names for fact in self.facts if fact == name or fact.startswith(f"{name}.")]

    def label(self, name: str) -> Text:
        """What a fact, a list, a value or a file is called; the name itself where nobody said."""
        if name in self.facts:
            return self.facts[name].label
        if name in self.lists:
            return self.lists[name].label
        for listed, kind in self.lists.items():
            key = name.split(".", 1)[-1]
            if name.startswith((f"{listed}[", f"{kind.item}.")) and key in kind.facts:
                return kind.facts[key].label
        for page in self.pages:
            for question in page.questions:
                if question.file == name and question.label:
                    return question.label
        value = self.values.get(name)
        return value.label if value and value.label else Text.same(name)

    @property
    def askable(self) -> list[str]:
        """What an applicant can be asked for again, in the order of the form: facts, papers, and lists as a whole."""
        questions = [(page.each, one) for page in self.pages for one in page.questions]
        return list(dict.fromkeys(one.file or each or one.fact or "" for each, one in questions))

    def fact_asked(self, page: Page, question: Question) -> Fact | None:
        """The fact that a question of a page asks for, of an item where the page is about a list; None where it asks for a
        file."""
        if question.fact is None:
            return None
        if page.each is None:
            return self.facts[question.fact]
        return self.lists[page.each].facts[question.fact.split(".", 1)[1]]

    # -- steps ---------------------------------------------------------------------------------
    def step(self, step_id: str) -> Step:
        """Raises UnknownStep."""
        if step_id not in self._steps:
            raise UnknownStep(f"{self.id} has no step {step_id!r}; it has {', '.join(self._steps)}")
        return self._steps[step_id]

    def steps_after(self, step_id: str) -> list[Step]:
        """All steps that can only come after this one."""
        reached = {step_id}
        later = []
        for step in self.steps:
            if reached & set(step.after):
                reached.add(step.id)
                later.append(step)
        return later

    def first_decision(self) -> Step | None:
        """The step in which the system decides, if there is one."""
        return next((step for step in self.steps if step.do == "decide"), None)

    def first_review(self) -> Step | None:
        """The step in which a person decides, if there is one."""
        return next((step for step in self.steps if step.do == "review"), None)

    def charge(self) -> Step | None:
        """The step in which the fee is taken, if there is one."""
        return next((step for step in self.steps if step.do == "charge"), None)

    def step_holds(self, step_id: str, facts: Mapping[str, Any], *, as_of: date) -> bool | None:
        """Does the step's `if` hold? Steps that look only at how the case stands are answered from memory."""
        guard = self._guard(step_id)
        picked = conditions.pick_facts(facts, guard.program.schema)
        if guard.program.schema.lists or any(c.rule.name != "?if" for c in guard.program.rules):
            return guard.program.run(facts, as_of=as_of).values["?if"]
        key = tuple(picked.get(name) for name in guard.names)
        if key not in guard.answers:
            guard.answers[key] = guard.program.run(facts, as_of=as_of).values["?if"]
        return guard.answers[key]

    def _guard(self, step_id: str) -> _Guard:
        if step_id not in self._guards:
            rule = Rule("?if", self._condition(self.step(step_id)), kind="bool")
            self._guards[step_id] = self._compile_guard(rule)
        return self._guards[step_id]

    def _condition(self, step: Step) -> str:
        """When the step is done. One that takes the fee is not where nothing is owed."""
        condition = step.condition or "true"
        if step.do == "charge" and self.fee:
            return f"({condition}) and coalesce({self._owed} > 0, true)"
        return condition

    @property
    def _owed(self) -> str:
        """The fee as an expression; only of a service that has one."""
        assert self.fee is not None
        return f"{self.fee.amount} * {self.fee.per}" if self.fee.per else self.fee.amount

    def fee_of(self, facts: Mapping[str, Any], *, as_of: date) -> int | None:
        """Yen that the resident owes by the rules of that day; None where it is not known, or nothing is asked.

        A fraction of a yen is cut off (国等の債権債務等の金額の端数計算に関する法律 第2条第1項).
        """
        if self.fee is None:
            return None
        owed = self._fee_program.run(facts, as_of=as_of).values["?fee"]
        return None if owed is None else int(owed)

    @cached_property
    def _fee_program(self) -> Program:
        return self._compile_guard(Rule("?fee", self._owed)).program

    def _compile_guard(self, rule: Rule) -> _Guard:
        """The condition with only the rules and facts that it needs."""
        whole = conditions.compile_rules(self.step_schema, [*self.rules, rule], self.dated_params)
        needed = whole.only([rule])
        node = needed.by_name[rule.name].node
        if len(needed.rules) == 1 and not node.aggregates():
            names = tuple(n for n in node.all_names() if n in self.step_schema.facts)
            small = Schema({name: self.step_schema.facts[name] for name in names})
            params = {n: p for n, p in self.dated_params.items() if f"param.{n}" in rule.expr}
            return _Guard(conditions.compile_rules(small, [rule], params), names)
        return _Guard(needed, ())

    def confirmation(self) -> Step | None:
        """The step in which a resident confirms what the town has filled in, if there is one."""
        return next((step for step in self.steps if step.do == "confirm"), None)

    @cached_property
    def asked_with_confirmation(self) -> list[str]:
        """The facts that somebody gives as they confirm; not an account, which may be changed and need not be given."""
        step = self.confirmation()
        return [name for name in self.named(step.record if step else ()) if not name.startswith("account.")]

    # -- deciding --------------------------------------------------------------------------------
    @cached_property
    def schema(self) -> Schema:
        """All facts that the conditions may use."""
        lists = {
            name: ListType(kind.item, {key: fact_type(fact) for key, fact in kind.facts.items()})
            for name, kind in self.lists.items()
        }
        return Schema({**{name: fact_type(fact) for name, fact in self.facts.items()}, **CASE_FACTS}, lists)

    @cached_property
    def step_schema(self) -> Schema:
        """Steps may also look at how other steps ended (`step.review`)."""
        outcomes = {f"step.{step.id}": FactType("text") for step in self.steps}
        return Schema({**self.schema.facts, **outcomes}, self.schema.lists)

    @cached_property
    def rules(self) -> list[Rule]:
        """Values and conditions as rules of the condition language."""
        values = [
            Rule(name, value.expr, value.each, kind="bool" if value.if_ else None)
            for name, value in self.values.items()
        ]
        return values + [Rule(name, c.if_, kind="bool") for name, c in self.conditions.items()]

    @cached_property
    def form_rules(self) -> list[Rule]:
        """What the form asks of the condition language: `?page:ID`, `?question:PAGE:KEY` (a page or a question is
        asked unless it is false) and `?check:FACT` (an answer is wrong when it is false)."""
        rules = []
        for page in self.pages:
            if page.if_:
                rules.append(Rule(f"?page:{page.page}", page.if_, kind="bool"))
            for question in page.questions:
                if question.if_:
                    name = f"?question:{page.page}:{question.fact or question.file}"
                    rules.append(Rule(name, question.if_, page.each, kind="bool"))
        rules += [Rule(f"?check:{n}", f.check.if_, kind="bool") for n, f in self.facts.items() if f.check]
        for listed, kind in self.lists.items():
            for key, fact in kind.facts.items():
                if fact.check:
                    rules.append(Rule(f"?check:{kind.item}.{key}", fact.check.if_, listed, kind="bool"))
        return rules

    @cached_property
    def form(self) -> Program:
        """`form_rules` with the values and conditions they rest on; raises conditions.Errors."""
        whole = conditions.compile_rules(self.schema, [*self.rules, *self.form_rules], self.dated_params)
        return whole.only(self.form_rules)

    @cached_property
    def dated_params(self) -> dict[str, Dated]:
        """Parameters as the condition language takes them."""
        return {
            name: Dated(
                name,
                p.type,
                {
                    since: typed(value, FactType(p.type), f"params.{name}")
                    for since, value in p.values.items()
                },
                p.unit,
                p.source or "",
            )
            for name, p in self.params.items()
        }

    @cached_property
    def program(self) -> Program:
        """Values and conditions compiled; raises conditions.Errors."""
        return conditions.compile_rules(self.schema, self.rules, self.dated_params)

    def judged(self, answer: Answer) -> list[Judged]:
        """The conditions of an answer with their words."""
        return [
            Judged(name, answer.values.get(name), c.because, c.hint, c.law, answer)
            for name, c in self.conditions.items()
        ]

    def judge(self, facts: Mapping[str, Any], *, as_of: date) -> list[Judged]:
        """What each condition says about these facts."""
        return decide(self, facts, as_of=as_of).conditions


def fact_type(fact: Fact) -> FactType:
    """The fact as the condition language sees it."""
    return FactType(fact.type, fact.unit, tuple(fact.choices))


def decide(service: Service, facts: Mapping[str, Any], *, as_of: date) -> Decision:
    """Decide one case on the facts and parameters of `as_of`. Raises conditions.WrongFact and NotInForce."""
    return decide_many(service, [facts], as_of=as_of)[0]


def decide_many(service: Service, cases: Sequence[Mapping[str, Any]], *, as_of: date) -> list[Decision]:
    """Decide many cases in one run. Raises conditions.WrongFact, and NotInForce for a day before the rules hold."""
    if not service.in_force(as_of):
        raise NotInForce(service, as_of)
    answers = service.program.run_many([received(facts, as_of) for facts in cases], as_of=as_of)
    return [_decision(service, answer) for answer in answers]


def received(facts: Mapping[str, Any], as_of: date) -> Mapping[str, Any]:
    """The facts with the day on which the request came in, where they do not say it."""
    case = facts.get("case") or {}
    return facts if case.get("received_on") else {**facts, "case": {**case, "received_on": as_of}}


def _decision(service: Service, answer: Answer) -> Decision:
    said = [answer.values[name] for name in service.decide.grant]
    amount = answer.values[service.decide.amount] if service.decide.amount else None
    if any(value is False for value in said):
        return Decision(service, answer, "refused", None)
    needed = all(answer.facts.get(name) is not None for name in service.needed_facts)
    settled = all(said) and needed and (amount is not None or service.decide.amount is None)
    return Decision(service, answer, "granted" if settled else "unknown", amount if settled else None)
