"""What is wrong in a catalogue that can be read: unknown names, wrong types, steps that nothing reaches, examples
that come out differently. Nothing is stored, and no case is touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from difflib import get_close_matches
from typing import Any

import orjson

from yakuba import conditions
from yakuba.clock import TOKYO, BusinessCalendar, due
from yakuba.conditions import FactType, Rule
from yakuba.declare import life_events
from yakuba.declare.easy import too_hard
from yakuba.declare.faults import Fault
from yakuba.declare.lint_plans import check_plans
from yakuba.declare.lint_robots import check_robots
from yakuba.declare.load import Catalogue
from yakuba.declare.model import Example, Step, Vocabulary
from yakuba.declare.service import CASE_FACTS, RESERVED_STEPS, NotInForce, Service, decide, fact_type
from yakuba.declare.written import Path_, Places
from yakuba.words import LANGUAGES

LETTER_FACTS = (
    "case.reference", "case.amount", "case.reasons", "case.message", "case.asks", "case.next", "case.appeal", "service.name",
    "case.account", "case.until", "case.says", "case.page",
)  # fmt: skip
TOWN_FACTS = ("town.name", "town.prefecture", "town.contact", "town.mayor_title")
OUTCOMES = ("received", "granted", "refused", "returned", "asked", "reminded")
_IN_BRACES = re.compile(r"\{[^{}|]+\|[^{}|]+\}|\{[A-Za-z_][\w.-]*\}", re.ASCII)
"""What may stand in braces: furigana {請求|せいきゅう} and a placeholder {case.amount}."""
SITE = ("site.address", "site.latitude", "site.longitude", "visit.date", "visit.earliest", "visit.latest")
"""What must be known of a visit before anybody can be sent there."""
NINE = time(9)
ASKED_BY = ("asked", "reminded")
"""The events whose letters a pushed service must have."""
OPENED_BY = ("applicant.name", "applicant.birth_date")
"""What a confirmation letter is addressed to, and opened with."""
PAYABLE = ("account.bank", "account.branch", "account.type", "account.number", "account.holder")


def check(catalogue: Catalogue, only: Iterable[str] = (), towns: Iterable[str] | None = None) -> list[Fault]:
    """All faults of the services (or of those named) as they are everywhere (or in these towns), sorted by place."""
    chosen = set(only) or set(catalogue.services)
    faults: list[Fault] = []
    for name, service in catalogue.services.items():
        if name in chosen:
            robots = catalogue.robots_of(name)
            found = Linter(service, catalogue.places[name], catalogue.vocabulary, tuple(robots)).faults()
            faults += [*found, *check_robots(catalogue, name)]
            faults += _planned(service, catalogue)
            if service.offered and not catalogue.examples[name]:
                what = "has no worked example."
                faults.append(catalogue.places[name].fault((), what, "Write examples.yaml beside it."))
            if not found:
                faults += examples_that_fail(service, catalogue.examples[name], catalogue.places[name])
    for name, event in catalogue.events.items():
        if any(one.service in chosen for one in event.services) or not only:
            faults += _life_event(name, event, catalogue)
    if not only:
        faults += too_hard(catalogue.vocabulary.model_dump(exclude_unset=True), catalogue.vocabulary_places)
    for town in catalogue.laid if towns is None else set(towns) & set(catalogue.laid):
        faults += _laid_wrongly(catalogue.of_town(town), chosen & set(catalogue.laid[town]))
    if chosen == set(catalogue.services):
        faults += check_plans(catalogue, towns)
    return sorted(faults)


def _laid_wrongly(in_town: Catalogue, names: Iterable[str]) -> Iterator[Fault]:
    """What is wrong with services as they are in one town; their examples are the town's own."""
    for name in names:
        service, places = in_town.services[name], in_town.places[name]
        found = Linter(service, places, in_town.vocabulary, tuple(in_town.robots_of(name))).faults()
        yield from found or examples_that_fail(service, in_town.examples[name], places)


def _life_event(name: str, event: life_events.LifeEvent, catalogue: Catalogue) -> Iterator[Fault]:
    """What is wrong with a life event: its own questions and conditions, and the procedures that it names."""
    places = life_events.places_of(name, event, catalogue.event_places)
    yield from Linter(event.interview, places, catalogue.vocabulary).faults()
    yield from life_events.wrong_with(name, event, catalogue.event_places, catalogue.services)


def _planned(service: Service, catalogue: Catalogue) -> Iterator[Fault]:
    """The procedures of the plan that a service says it fulfils are there."""
    for name in service.file.plan:
        if name not in catalogue.plan.procedures:
            near = get_close_matches(name, catalogue.plan.procedures, n=3)
            what = f'fulfils "{name}", which is no procedure of shared/plan.yaml.'
            mend = f"Nearest: {', '.join(near)}." if near else "Take it out, or add the procedure there."
            yield catalogue.places[service.id].fault(("plan",), what, mend)


@dataclass
class Linter:
    """Looks at one service."""

    service: Service
    places: Places
    vocabulary: Vocabulary
    robots: tuple[str, ...] = ()

    def faults(self) -> list[Fault]:
        """Everything wrong with this service but its examples."""
        if wrong := [*self._names(), *self._param_values()]:
            return wrong
        looks = (
            self._lists,
            self._expressions,
            self._params,
            self._offered,
            self._decides,
            self._asks,
            self._provided,
            self._pays,
            self._ends,
            self._fees,
            self._books,
            self._pushes,
            self._discloses,
            self._dues,
            self._steps,
            self._letters,
            self._easy,
        )
        return [fault for look in looks for fault in look()]

    def _unknown(self, path: Path_, name: str, known: Iterable[str], kind: str) -> Fault:
        near = get_close_matches(name, list(known), n=3, cutoff=0.5)
        mend = f"Nearest: {', '.join(near)}." if near else f"Known: {', '.join(known) or 'none'}."
        return self.places.fault(path, f'names the {kind} "{name}", which is not there.', mend)

    def _names(self) -> Iterator[Fault]:
        """One name, one thing: a computed value may not hide a fact, nor a condition a value; lists are there."""
        for number, page in enumerate(self.service.pages):
            if page.each and page.each not in self.service.lists:
                yield self._unknown(("ask", number, "each"), page.each, self.service.lists, "list")
        for name, value in self.service.values.items():
            if value.each and value.each not in self.service.lists:
                yield self._unknown(("values", name, "each"), value.each, self.service.lists, "list")
                continue
            if (value.is_ is None) == (value.if_ is None):
                what = f'value "{name}" says neither or both of `is` and `if`.'
                yield self.places.fault(("values", name), what, "Write is: VALUE, or if: CONDITION.")
                continue
            owner = self.service.lists.get(value.each) if value.each else None
            hidden = name in owner.facts if owner else name in self.service.facts
            if hidden or name in self.service.conditions:
                what = f'value "{name}" has the name of a {"fact" if hidden else "condition"}.'
                yield self.places.fault(("values", name), what, "Call it something else.")

    def _param_values(self) -> Iterator[Fault]:
        """Every value of a parameter is of its type; only the end of its values may be left open with null."""
        for name, param in self.service.params.items():
            for since, value in param.values.items():
                place = ("params", name, "values", since.isoformat())
                try:
                    known = conditions.typed(value, FactType(param.type), f"params.{name}")
                except conditions.WrongFact as error:
                    yield self.places.fault(place, error.what, error.mend)
                    continue
                if known is None and since == min(param.values):
                    what = f'parameter "{name}" has no value from {since} on.'
                    yield self.places.fault(place, what, "Write the value, or take the date out.")

    # -- expressions --------------------------------------------------------------------------------
    def _lists(self) -> Iterator[Fault]:
        for name in self.service.file.lists:
            if name not in self.service.lists:
                yield self.places.fault(
                    ("lists", name),
                    f'uses the list "{name}", which shared/facts.yaml does not have.',
                    "Declare its item, label and facts here.",
                )

    def _expressions(self) -> Iterator[Fault]:
        service = self.service
        rules = [*service.rules, *service.form_rules]
        where = self._written()
        yield from self._compiled(service.schema, rules, where)
        values = service.rules
        for step in service.file.steps:
            if step.condition:
                rule = Rule(f"?step:{step.id}", step.condition, kind="bool")
                yield from self._compiled(
                    service.step_schema, [*values, rule], {rule.name: self._step(step.id, "if")}
                )

    def _compiled(self, schema: Any, rules: list[Rule], where: dict[str, Path_]) -> Iterator[Fault]:
        try:
            conditions.compile_rules(schema, rules, self.service.dated_params)
        except conditions.Errors as found:
            for error in found.errors:
                if error.rule in where:
                    place = where[error.rule]
                    yield self.places.fault(
                        place, f"{_called(place, error.rule)} {error.what}", self._mend(error)
                    )

    def _mend(self, error: conditions.ExpressionError) -> str:
        """A slip in a shared name is compared with all shared names, also with those not used here yet."""
        near = []
        if isinstance(error, conditions.UnknownName):
            near = get_close_matches(error.name, list(self.vocabulary.facts), n=1, cutoff=0.85)
        return f'Did you mean "{near[0]}"?' if near else error.mend

    def _written(self) -> dict[str, Path_]:
        """Where each rule's expression stands."""
        file = self.service.file
        where: dict[str, Path_] = {n: ("values", n, "is" if v.is_ else "if") for n, v in file.values.items()}
        where |= {name: ("conditions", name, "if") for name in file.conditions}
        for number, page in enumerate(file.ask):
            where[f"?page:{page.page}"] = ("ask", number, "if")
            for place, question in enumerate(page.questions):
                name = f"?question:{page.page}:{question.fact or question.file}"
                where[name] = ("ask", number, "questions", place, "if")
        where |= {f"?check:{name}": ("facts", name, "check", "if") for name in self.service.facts}
        for listed, kind in self.service.lists.items():
            where |= {f"?check:{kind.item}.{k}": ("lists", listed, "facts", k, "check") for k in kind.facts}
        return where

    def _params(self) -> Iterator[Fault]:
        text = self.service.bundle
        for name, param in self.service.params.items():
            place = ("params", name)
            if not param.source:
                yield self.places.fault(
                    place, f'parameter "{name}" has no source.', "Say which article sets it."
                )
            if not param.values:
                yield self.places.fault(
                    place, f'parameter "{name}" has no date.', "Write values: {from-date: value}."
                )
            ends_push = self.service.push is not None and self.service.push.until == name
            if f"param.{name}" not in text and not ends_push:
                yield self.places.fault(
                    place, f'parameter "{name}" is used nowhere.', "Use it or take it out."
                )

    def _offered(self) -> Iterator[Fault]:
        """What residents apply for rests on a law, has conditions, and asks something."""
        file = self.service.file
        parts = {"law": file.law, "conditions": file.conditions, "ask": file.ask, "appeal": file.appeal}
        for name in [name for name, said in parts.items() if not said and self.service.offered]:
            what = f"is offered to residents and has no {name}."
            yield self.places.fault((), what, f"Write {name}:, or audience: town for the town's own work.")

    def _decides(self) -> Iterator[Fault]:
        decides = self.service.decide
        for number, name in enumerate(decides.grant):
            if name not in self.service.conditions:
                yield self._unknown(("decide", "grant", number), name, self.service.conditions, "condition")
        for name in self.service.conditions:
            if name not in decides.grant and f"{name}" not in self._guard_text():
                yield self.places.fault(
                    ("conditions", name),
                    f'condition "{name}" decides nothing.',
                    "Add it to decide.grant, or take it out.",
                )
        for name, condition in self.service.conditions.items():
            if not condition.law:
                what = f'condition "{name}" has no law.'
                yield self.places.fault(("conditions", name), what, "Say which article asks for it.")
        if decides.amount:
            yield from self._amount(decides.amount)
        for number, need in enumerate(decides.need):
            if not any(f == need or f.startswith(f"{need}.") for f in self.service.facts):
                yield self._unknown(("decide", "need", number), need, self.service.facts, "fact")

    def _amount(self, name: str) -> Iterator[Fault]:
        """An amount is one number of whole yen for the case."""
        place = ("decide", "amount")
        value = self.service.values.get(name)
        if value is None:
            yield self._unknown(place, name, self.service.values, "value")
        elif value.each:
            what = f'takes "{name}", which is one value for each of {value.each}, as the amount.'
            yield self.places.fault(place, what, f"Add them up: sum({value.each}, …).")
        elif (program := self._program()) and program.by_name[name].kind.kind != "int":
            what = f'takes "{name}", a {program.by_name[name].kind.kind}, as the amount.'
            yield self.places.fault(place, what, "An amount is whole yen: floor(), ceil() or round().")

    def _guard_text(self) -> str:
        return " ".join(step.condition or "" for step in self.service.file.steps)

    # -- questions -----------------------------------------------------------------------------------
    def _asks(self) -> Iterator[Fault]:
        items = {
            f"{kind.item}.{key}": name for name, kind in self.service.lists.items() for key in kind.facts
        }
        seen: set[str] = set()
        for number, page in enumerate(self.service.pages):
            place = ("ask", number)
            if page.page in seen:
                yield self.places.fault(
                    place, f'there are two pages "{page.page}".', "Give each page a name of its own."
                )
            seen.add(page.page)
            for index, question in enumerate(page.questions):
                yield from self._question(question, page, (*place, "questions", index), items)

    def _question(self, question: Any, page: Any, place: Path_, items: dict[str, str]) -> Iterator[Fault]:
        if (question.fact is None) == (question.file is None):
            yield self.places.fault(
                place, "a question asks for a fact or for a file.", "Write fact: NAME or file: NAME."
            )
        elif question.file and not question.label:
            yield self.places.fault(
                place, f'the file "{question.file}" has no label.', "Write label: {ja, easy, en}."
            )
        elif question.fact and page.each:
            if items.get(question.fact) != page.each:
                yield self._unknown((*place, "fact"), question.fact, items, f"fact of {page.each}")
        elif question.fact and question.fact not in self.service.facts:
            yield self._unknown((*place, "fact"), question.fact, self.service.facts, "fact")

    def _provided(self) -> Iterator[Fault]:
        """A condition must not wait for ever for a fact that nobody asks and no register knows. The town's own work is
        opened with its facts by whatever has found it."""
        if self.service.file.audience == "town":
            return
        asked = {q.fact for page in self.service.pages for q in page.questions if q.fact}
        recorded = tuple(
            f"{r}." for s in self.service.file.steps for r in s.record
        )  # a step may record a whole group
        named = {r for s in self.service.file.steps for r in s.record}
        facts = {**self.service.facts}
        for kind in self.service.lists.values():
            facts |= {f"{kind.item}.{key}": fact for key, fact in kind.facts.items()}
        used = self._used_facts()
        for name, fact in facts.items():
            by_step = name in named or name.startswith(recorded) if recorded else name in named
            if name in used and not (name in asked or fact.register_ or by_step):
                yield self.places.fault(
                    ("facts", name) if name in self.service.file.facts else ("conditions",),
                    f'"{name}" decides, but no question asks it, no step records it and no register has it.',
                    "Ask it on a page, or write register: where it comes from.",
                )

    def _used_facts(self) -> set[str]:
        program = self._program()
        return {name for c in program.rules for name in c.node.all_names()} if program else set()

    def _program(self) -> conditions.Program | None:
        """The compiled rules, where they can be compiled."""
        try:
            return self.service.program
        except conditions.Errors:
            return None

    # -- money, steps, letters --------------------------------------------------------------------------
    def _pays(self) -> Iterator[Fault]:
        pays, file = self.service.pay, self.service.file
        has_step = any(step.do == "pay" for step in file.steps)
        if pays is None:
            if has_step:
                yield self.places.fault(
                    ("steps",), "a step pays, but `pay` says nothing.", "Write pay: {to: …}."
                )
            return
        if not has_step:
            yield self.places.fault(("pay",), "no step pays it.", "Add a step with do: pay.")
        if not self.service.decide.amount:
            yield self.places.fault(("pay",), "nobody says how much.", "Name a value in decide.amount.")
        for name in PAYABLE:
            if name not in self.service.facts:
                yield self.places.fault(("pay",), f'"{name}" is not asked.', "Use the part account in ask.")
        if pays.schedule != "once":
            start = pays.schedule.from_
            if start not in ("next month", "this month") and start not in self.service.values:
                yield self._unknown(("pay", "schedule", "from"), start, self.service.values, "value")

    def _ends(self) -> Iterator[Fault]:
        """Money that is to end is ended by a step, with a month that is computed."""
        ends, has_step = self.service.ends, any(step.do == "end" for step in self.service.file.steps)
        if ends is None:
            if has_step:
                yield self.places.fault(
                    ("steps",), "a step ends money, but `ends` does not say which.", "Write ends: {…}."
                )
            return
        if not has_step:
            yield self.places.fault(("ends",), "no step ends it.", "Add a step with do: end.")
        if ends.after not in self.service.values:
            yield self._unknown(("ends", "after"), ends.after, self.service.values, "value")

    def _fees(self) -> Iterator[Fault]:
        fee = self.service.fee
        charges = [step.id for step in self.service.file.steps if step.do == "charge"]
        if fee is None:
            if charges:
                what = "a step takes the fee, but `fee` does not say how much it is."
                yield self.places.fault(("steps",), what, "Write fee: {amount: VALUE}.")
            return
        if len(charges) != 1:
            what = f"{len(charges)} steps take it." if charges else "no step takes it."
            yield self.places.fault(("fee",), what, "Have one step with do: charge (use: charged).")
        amounts = [*self.service.values, *(f"param.{name}" for name in self.service.params)]
        if fee.amount not in amounts:
            yield self._unknown(("fee", "amount"), fee.amount, amounts, "value or parameter")
        if fee.per and fee.per not in self.service.facts:
            yield self._unknown(("fee", "per"), fee.per, self.service.facts, "fact")

    def _books(self) -> Iterator[Fault]:
        """Places are given out by a step, wished for in a question, and ranked by whole numbers of the case."""
        book, steps = self.service.book, self.service.file.steps
        allots = [step.id for step in steps if step.do in ("allot", "wait")]
        if book is None:
            if allots:
                what = f'step "{allots[0]}" gives places out, but `book` does not say how.'
                yield self.places.fault(("steps",), what, "Write book: {order: received}.")
            return
        if not any(step.do == "allot" for step in steps):
            yield self.places.fault(("book",), "no step gives the places out.", "Add a step with do: allot.")
        if not any(fact.answer == "place" for fact in self.service.facts.values()):
            yield self.places.fault(("book",), "nobody asks which place.", "Ask wish.first (part wish).")
        program = self._program()
        for key, names in (("points", book.points), ("ties", book.ties), ("kind", [book.kind or ""])):
            for name in filter(None, names):
                value = self.service.values.get(name)
                if value is None or value.each:
                    yield self._unknown(("book", key), name, self.service.values, "value")
                elif program and key != "kind" and program.by_name[name].kind.kind != "int":
                    what = f'ranks by "{name}", a {program.by_name[name].kind.kind}.'
                    yield self.places.fault(("book", key), what, "Points are whole numbers.")
                elif key == "points" and value.label is None:
                    what = f'gives points for "{name}", which has no label to explain them.'
                    yield self.places.fault(("values", name), what, "Write label: {ja, easy, en}.")

    def _pushes(self) -> Iterator[Fault]:
        """What is pushed can be confirmed, decided, paid and told, and its dates follow one another."""
        push, confirm = self.service.push, self.service.confirmation()
        if push is None or confirm is None:
            if push:
                yield self.places.fault(("push",), "no step confirms it.", "Add a step with do: confirm.")
            if confirm:
                what = f'step "{confirm.id}" confirms, but `push` does not say what.'
                yield self.places.fault(self._step(confirm.id), what, "Write push: {says: …, until: …}.")
            return
        if self.service.pay is None and push.to is None:
            mend = "Write pay: what is pushed is a benefit; or to: ENTITLEMENT for a report."
            yield self.places.fault(("push",), "nothing is paid.", mend)
        if confirm.condition is None:
            what = f'step "{confirm.id}" would also wait for who applied by themselves.'
            yield self.places.fault(self._step(confirm.id), what, "Write if: case.channel = 'push'.")
        for name in ASKED_BY:
            if name not in self.service.file.letters:
                what = f'asks by a letter "{name}", which is not there.'
                yield self.places.fault(("push",), what, "Write letters: {asked: …, reminded: …}.")
        for name in OPENED_BY:
            if name not in self.service.facts:
                what = f'cannot be confirmed: "{name}" is not asked.'
                yield self.places.fault(("push",), what, "Use the part applicant in ask.")
        yield from self._push_facts()
        yield from self._push_dates(confirm)

    def _push_facts(self) -> Iterator[Fault]:
        """What is known, said, or wrong are facts, with values of their types."""
        push = self.service.push
        assert push is not None
        plain = {name: fact_type(fact) for name, fact in self.service.facts.items()}
        listed = {
            f"{kind.item}.{key}": fact_type(fact)
            for kind in self.service.lists.values()
            for key, fact in kind.facts.items()
        }
        for key, known in (("known", plain), ("says", {**plain, **listed}), ("wrong", plain)):
            for name, value in getattr(push, key).items():
                if name not in known:
                    yield self._unknown(("push", key, name), name, known, "fact")
                    continue
                try:
                    conditions.typed(value, known[name], name)
                except conditions.WrongFact as error:
                    yield self.places.fault(("push", key, name), error.what, error.mend)

    def _push_dates(self, confirm: Step) -> Iterator[Fault]:
        push = self.service.push
        assert push is not None
        until = self.service.params.get(push.until)
        if until is None or until.type != "date":
            dates = [name for name, param in self.service.params.items() if param.type == "date"]
            yield self._unknown(("push", "until"), push.until, dates, "parameter with a date")
        if (push.visit is None) != (confirm.on_failure is None):
            what = "says when somebody looks after who has not answered, or who does, and not both."
            mend = f'Write visit: 28 days, and on_failure: at the step "{confirm.id}".'
            yield self.places.fault(("push",), what, mend)
        if push.visit is not None:
            begun = datetime.combine(self.service.in_force_from, NINE, TOKYO)
            remind, visit = (due(begun, one, BusinessCalendar()) for one in (push.remind, push.visit))
            if visit <= remind:
                what = f"sends somebody after {push.visit}, before it has reminded ({push.remind})."
                yield self.places.fault(("push", "visit"), what, "Remind first.")

    def _discloses(self) -> Iterator[Fault]:
        known = [*self.service.facts, *CASE_FACTS]
        for who, names in self.service.file.disclose.items():
            for number, name in enumerate(names):
                if name not in known:
                    yield self._unknown(("disclose", who, number), name, known, "fact")

    def _dues(self) -> Iterator[Fault]:
        """The town's own due time may not be later than the law's, begun on the first day of the service."""
        dues = self.service.deadlines
        if dues is None or dues.norm is None or dues.legal is None:
            return
        begun = datetime.combine(self.service.in_force_from, NINE, TOKYO)
        norm, legal = (due(begun, one, BusinessCalendar()) for one in (dues.norm, dues.legal))
        if norm > legal:
            what = f"lets the town take {dues.norm}, longer than the law allows ({dues.legal})."
            yield self.places.fault(("deadlines",), what, "Shorten the norm.")

    def _step(self, step_id: str, *more: str | int) -> Path_:
        number = [step.id for step in self.service.file.steps].index(step_id)
        return ("steps", number, *more)

    def _steps(self) -> Iterator[Fault]:
        steps = self.service.steps
        ids = [step.id for step in steps]
        for step_id in {i for i in ids if ids.count(i) > 1}:
            yield self.places.fault(self._step(step_id), f'there are two steps "{step_id}".', "Rename one.")
        for step_id in RESERVED_STEPS.intersection(ids):
            what = f'every service has a step "{step_id}" already.'
            yield self.places.fault(self._step(step_id), what, "Call this one otherwise.")
        for step in steps:
            for before in step.after:
                if before not in ids:
                    yield self._unknown(self._step(step.id, "after"), before, ids, "step")
            if step.on_failure and step.on_failure not in ids:
                yield self._unknown(self._step(step.id, "on_failure"), step.on_failure, ids, "step")
            if step.by == "staff" and not step.role:
                yield self.places.fault(
                    self._step(step.id), f'step "{step.id}" is for staff of no role.', "Write role: clerk."
                )
            if missing := [name for name in SITE if step.do == "visit" and name not in self.service.facts]:
                yield self.places.fault(
                    self._step(step.id),
                    f'step "{step.id}" is a visit, and the service does not know where: {", ".join(missing)}.',
                    "Ask or disclose these shared facts.",
                )
            if step.do == "visit" and not step.on_failure:
                yield self.places.fault(
                    self._step(step.id),
                    f'nobody agrees on another day when step "{step.id}" finds nobody at home.',
                    "Write on_failure: with a step of the dispatcher that records visit.date.",
                )
            if step.do in ("work", "visit", "confirm") and step.name is None:
                yield self.places.fault(
                    self._step(step.id),
                    f'step "{step.id}" has no name, so that neither staff nor the applicant learn what is done.',
                    "Write name: {ja: …, easy: …, en: …}.",
                )
            if step.by == "robot" and step.run not in self.robots:
                yield self._unknown(self._step(step.id), step.run or "", self.robots, "robot")
            for number, name in enumerate(step.settles):
                if name not in step.outcomes:
                    yield self._unknown(
                        self._step(step.id, "settles", number), name, step.outcomes, "outcome"
                    )
            for name in step.record:
                if not any(f == name or f.startswith(f"{name}.") for f in self.service.facts):
                    yield self._unknown(self._step(step.id, "record"), name, self.service.facts, "fact")
        yield from self._unreachable()

    def _unreachable(self) -> Iterator[Fault]:
        steps = self.service.steps
        menders = {step.on_failure for step in steps if step.on_failure}
        reached: set[str] = set()
        while True:
            new = {s.id for s in steps if s.id not in reached and self._reached(s, reached, menders)}
            if not new:
                break
            reached |= new
        for step in steps:
            if step.id not in reached:
                yield self.places.fault(
                    self._step(step.id),
                    f'nothing leads to step "{step.id}".',
                    "Look at its after: for a circle, or name it in an on_failure:.",
                )

    @staticmethod
    def _reached(step: Step, reached: set[str], menders: set[str]) -> bool:
        return step.id in menders if step.only_on_failure else set(step.after) <= reached

    def _letters(self) -> Iterator[Fault]:
        for outcome in self.service.file.letters:
            if outcome not in OUTCOMES:
                yield self._unknown(("letters", outcome), outcome, OUTCOMES, "outcome")
        known = {*self.service.facts, *self.service.values, *LETTER_FACTS, *TOWN_FACTS, *CASE_FACTS}
        known |= {f"param.{name}" for name in self.service.params}
        for name, letter in self.service.letters.items():
            for part, text in (("subject", letter.subject), ("body", letter.body)):
                place: Path_ = ("letter", name, part)
                for placeholder in sorted(text.placeholders() - known):
                    yield self._unknown(place, placeholder, known, "placeholder")
                for language in LANGUAGES:
                    if re.search("[{}]", _IN_BRACES.sub("", text.get(language))):
                        what = "has a brace that belongs to no placeholder."
                        yield self.places.fault((*place, language), what, "Write {case.amount}, both braces.")

    def _easy(self) -> Iterator[Fault]:
        """What is said in やさしい日本語 is easy, and every kanji of it has a reading."""
        parts = orjson.loads(self.service.bundle)
        yield from too_hard(parts["service"], self.places)
        for name, letter in parts["letters"].items():
            yield from too_hard(letter, self.places, ("letter", name))


def _called(place: Path_, rule: str) -> str:
    """What people call the thing whose expression stands at a place."""
    kinds = {
        "values": "value",
        "conditions": "condition",
        "steps": "step",
        "ask": "page",
    }
    kind = kinds.get(str(place[0]), "check of")
    return f'{kind} "{rule.split(":", 1)[-1]}"'


# -- examples -------------------------------------------------------------------------------------------
def examples_that_fail(service: Service, examples: Iterable[Example], places: Places) -> Iterator[Fault]:
    """Each worked example is decided; what comes out differently is a fault at the example."""
    for example in examples:
        place = ("examples", example.id)
        try:
            conditions.check_facts(example.facts, service.schema)
            found = list(_differences(service, example))
        except conditions.WrongFact as error:
            yield places.fault(place, f'example "{example.id}": {error.what}', error.mend)
            continue
        except NotInForce as error:
            yield places.fault(place, f'example "{example.id}": {error}', "Give a later as_of.")
            continue
        for what, expected, got in found:
            yield places.fault(
                place,
                f'example "{example.id}" expects {what} {expected!r} but it is {got!r}.',
                "Mend the rule or the example; the law decides which.",
            )


def _differences(service: Service, example: Example) -> Iterator[tuple[str, Any, Any]]:
    expect = example.expect
    got = decide(service, example.facts, as_of=example.as_of)
    if got.outcome != expect.outcome:
        yield "outcome", expect.outcome, got.outcome
    if expect.amount is not None and got.amount != expect.amount:
        yield "amount", expect.amount, got.amount
    judged = {one.name: one.value for one in got.conditions}
    for name, value in expect.conditions.items():
        if name not in judged or judged[name] != value:
            yield f"condition {name}", value, judged.get(name, "no condition of this service")
    for name, value in expect.values.items():
        if name not in got.values:
            yield f"value {name}", value, "no value of this service"
        elif got.values[name] != value and str(got.values[name]) != str(value):
            yield f"value {name}", value, got.values[name]
    if expect.missing is not None and set(got.missing) != set(expect.missing):
        yield "missing", sorted(expect.missing), sorted(got.missing)
