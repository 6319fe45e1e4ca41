"""The progress of one town as a paper (PDF): everything that the pages say, chapter by chapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson
import typst

from yakuba.cases import catalogue
from yakuba.clock import say_date
from yakuba.messages import letters
from yakuba.progress.brought.figures import Summary
from yakuba.progress.plan.nexts import NextStep
from yakuba.progress.plan.state import told
from yakuba.progress.plan.telling import own_lead, partner_line, step_shown, takes, target
from yakuba.progress.plan.whole import GoalState, ItemState, Whole
from yakuba.register import queries as register
from yakuba.words import ruby_pairs, ui

FOLDER = Path(__file__).parent
MOST_NEXT = 5
"""Next steps in the report."""
Cell = Sequence[str]
"""The lines of one cell."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter. `rows`: cells of some lines each; `widths`: parts of the width, 0: as needed; `numbers`: columns of numbers."""

    title: str
    lead: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    heads: Sequence[str] = ()
    widths: Sequence[int] = ()
    rows: Sequence[Sequence[Cell]] = ()
    numbers: Sequence[int] = ()
    after: Sequence[str] = ()


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        FOLDER / "report.typ", root=FOLDER, font_paths=[letters.FOLDER / "fonts"], ignore_system_fonts=True
    )


def pdf(whole: Whole, language: str, brought: Summary | None = None) -> bytes:
    """The report of a town as a PDF. `brought`: what it brought in this fiscal year, as far as that is stored."""
    town = register.town(whole.town)
    assert town is not None
    chapters = [*_Chapters(whole, language, brought).all()]
    title = ui("plan.report_title", language, town=town.name)

    def said(text: str) -> list[list[str | None]]:
        return ruby_pairs(text, language) if language == "easy" else [[text, None]]

    data = {
        "lang": "en" if language == "en" else "ja",
        "ruby": language == "easy",
        "date": say_date(whole.on, language),
        "plain_title": title,
        "title": said(title),
        "contact": town.contact,
        "foot": ui("messages.synthetic", language) if town.synthetic else "",
        "chapters": [_plain(one, said) for one in chapters],
    }
    made = _compiler().compile(format="pdf", sys_inputs={"paper": orjson.dumps(data).decode()})
    assert isinstance(made, bytes)
    return made


Said = Callable[[str], list[list[str | None]]]


def _plain(one: Chapter, said: Said) -> dict[str, object]:
    return {
        "title": said(one.title),
        "lead": [said(line) for line in one.lead],
        "facts": [[said(cell) for cell in fact] for fact in one.facts],
        "heads": [said(head) for head in one.heads],
        "widths": list(one.widths),
        "rows": [[[said(line) for line in cell] for cell in row] for row in one.rows],
        "numbers": list(one.numbers),
        "after": [said(line) for line in one.after],
    }


class _Chapters:
    """Makes the chapters in one language."""

    def __init__(self, whole: Whole, language: str, brought: Summary | None):
        self.whole, self.language, self.brought = whole, language, brought

    def _ui(self, key: str, **values: object) -> str:
        return ui(key, self.language, **values)

    def all(self) -> Iterator[Chapter]:
        """The whole report, in the order in which it is read."""
        yield self._summary()
        yield self._next()
        for part, items in self.whole.parts:
            yield self._items(part, items)
        yield self._own()
        yield self._manual()
        yield self._procedures()
        if self.whole.partners:
            yield self._partners()
        if self.brought:
            yield self._brought(self.brought)
        yield self._beside()

    def _summary(self) -> Chapter:
        whole, ui = self.whole, self._ui
        online, counted = whole.online
        facts = [(ui("plan.online_of"), ui("plan.reached_of", reached=online, of=counted))]
        facts += [
            (ui(f"plan.standing_{standing}"), f"{count} / {len(whole.items)}")
            for standing, count in whole.standings.items()
        ]
        facts.append((ui("plan.people"), f"{whole.people:,}" if whole.people else ui("plan.not_known")))
        if whole.plan.period:
            first, last = whole.plan.period.from_, whole.plan.period.until
            facts.append((ui("plan.period"), self._from_to(first, last)))
        after = [whole.plan.after.get(self.language)] if whole.is_over and whole.plan.after else []
        how = ui("plan.report_how", on=say_date(whole.on, self.language))
        return Chapter(ui("plan.summary"), [how], facts, after=after)

    def _from_to(self, first: object, last: object) -> str:
        return told("plan.from_to", since=first, last=last).get(self.language)

    def _next(self) -> Chapter:
        ui = self._ui
        heads = [ui("plan.next"), ui("plan.reasons"), ui("plan.takes"), ui("plan.to_partner")]
        rows = [self._step(one) for one in self.whole.next[:MOST_NEXT]]
        lead = [ui("plan.next_lead")] if rows else [ui("plan.next_none")]
        return Chapter(ui("plan.next"), lead, heads=heads, widths=[5, 7, 4, 5], rows=rows)

    def _step(self, one: NextStep) -> list[Cell]:
        said = self.language
        first = [one.do.get(said), self._ui("plan.points", points=one.points)]
        if one.needs:
            items = ", ".join(self.whole.plan.items[name].name.get(said) for name in one.needs)
            first.append(self._ui("plan.needs_first", items=items))
        return [
            first,
            [f"+{reason.points} {reason.text.get(said)}" for reason in one.reasons],
            [takes(one.takes).get(said)],
            [self._ui(f"plan.partner_{one.partner.may}"), one.partner.because.get(said)],
        ]

    def _items(self, part: str, items: Sequence[ItemState]) -> Chapter:
        ui = self._ui
        heads = [ui("plan.item"), ui("plan.standing"), ui("plan.shown_by"), ui("plan.target")]
        rows = [[[one.item.name.get(self.language)], self._standing(one), self._seen(one), self._targets(one)] for one in items]  # fmt: skip
        return Chapter(ui(f"plan.part_{part}"), heads=heads, widths=[4, 3, 7, 5], rows=rows)

    def _standing(self, one: ItemState) -> Cell:
        left = [self._ui("plan.left_out", because=one.left_out.get(self.language))] if one.left_out else []
        return [self._ui(f"plan.standing_{one.standing}"), *left]

    def _seen(self, one: ItemState) -> Cell:
        return [evidence.text.get(self.language) for evidence in one.state.evidence]

    def _targets(self, one: ItemState) -> Cell:
        return [
            target(of).get(self.language) + (f" ({self._ui('plan.provisional')})" if of.provisional else "")
            for of in one.item.targets
        ]

    def _own(self) -> Chapter:
        ui, own = self._ui, self.whole.own
        if own is None:
            return Chapter(ui("plan.own"), [ui("plan.own_none")])
        heads = [ui("plan.goal"), ui("plan.by"), ui("plan.who"), ui("plan.reached"), ui("plan.standing")]
        rows = [self._goal(one) for one in self.whole.goals]
        return Chapter(
            ui("plan.own"),
            [own_lead(own).get(self.language)],
            heads=heads,
            widths=[6, 4, 3, 2, 3],
            rows=rows,
        )

    def _goal(self, one: GoalState) -> list[Cell]:
        goal = one.goal
        now = "" if one.reached is None else str(one.reached)
        if goal.at_least is not None and one.reached is not None:
            now = self._ui("plan.reached_of", reached=one.reached, of=goal.at_least)
        said = [[goal.says.get(self.language)], [say_date(goal.by, self.language)], [goal.who], [now]]
        return [*said, [self._ui(f"plan.goal_{one.stands}")]]

    def _manual(self) -> Chapter:
        heads = [self._ui("plan.item"), self._ui("plan.shown_by")]
        rows = [
            [
                [
                    self._ui("plan.manual_number", number=one.step.number),
                    one.step.name.get(self.language),
                    one.step.asks.get(self.language),
                ],
                [step_shown(one).get(self.language)],
            ]
            for one in self.whole.steps
        ]
        return Chapter(self._ui("plan.manual"), heads=heads, widths=[1, 1], rows=rows)

    def _procedures(self) -> Chapter:
        ui = self._ui
        heads = [
            ui("plan.procedure"),
            ui("plan.standing"),
            ui("plan.online"),
            ui("plan.by_hand"),
            ui("plan.since"),
        ]
        rows: list[list[Cell]] = []
        for _, some, _ in self.whole.groups:
            rows += [
                [
                    [one.name], [ui(f"plan.stage_{one.stage}")], [f"{one.online:,}"], [f"{one.by_hand:,}"],
                    [say_date(one.since, self.language) if one.since else ""],
                ]
                for one in some
            ]  # fmt: skip
        counts = [
            ui("plan.group_count", group=name, of=len(some), count=online)
            for name, some, online in self.whole.groups
        ]
        lead = [ui("plan.procedures_lead"), *counts]
        return Chapter(
            ui("plan.procedures"), lead, heads=heads, widths=[16, 9, 6, 5, 9], rows=rows, numbers=[2, 3]
        )

    def _partners(self) -> Chapter:
        services = catalogue.current().services
        return Chapter(
            self._ui("plan.partners"),
            [partner_line(one, services).get(self.language) for one in self.whole.partners],
        )

    def _beside(self) -> Chapter:
        """Where the town stands among those most like it, by the published table."""
        ui, found = self._ui, self.whole.beside
        if found is None:
            return Chapter(ui("plan.beside"), [ui("plan.beside_none")])
        states = {one.id: one.standing for one in self.whole.items}
        heads = [ui("plan.item"), ui("plan.beside_table"), ui("plan.beside_peers"), ui("plan.beside_here")]
        rows = [
            [
                [one.name.get(self.language)],
                [ui("plan.not_known") if one.own is None else ui("yes") if one.own else ui("no")],
                [ui("plan.reached_of", reached=one.have, of=one.known)],
                [ui(f"plan.standing_{states[one.item]}")] if one.item in states else [],
            ]
            for one in found.lines
        ]
        by = ui("plan.beside_by_all") if found.in_table else ui("plan.beside_by_size")
        lead = [ui("plan.beside_lead", count=found.peers, published=found.published), by]
        return Chapter(ui("plan.beside"), lead, heads=heads, widths=[5, 3, 3, 4], rows=rows)

    def _brought(self, found: Summary) -> Chapter:
        """What it brought in this fiscal year; what is not known is said to be not known."""
        total, ui = found.total, self._ui

        def known(key: str, value: float | None) -> str:
            return ui("plan.not_known") if value is None else ui(key, value=round(value, 1))

        facts = [
            (ui("plan.brought_came_in"), f"{total.came_in:,}"),
            (ui("plan.brought_completed"), f"{total.completed:,}"),
            (ui("plan.brought_days"), known("plan.brought_in_days", total.days)),
            (ui("plan.brought_pay_days"), known("plan.brought_in_days", total.pay_days)),
            (ui("plan.brought_hours"), known("plan.brought_in_hours", found.measured_hours)),
            (ui("plan.brought_estimated"), known("plan.brought_in_hours", found.estimated_hours)),
            (ui("plan.brought_score"), known("plan.brought_of_five", total.score)),
            (ui("plan.brought_cost"), known("plan.brought_yen", found.cost.yen)),
        ]
        span = self._from_to(found.period.since, found.period.until)
        return Chapter(ui("plan.brought"), [span], facts)
