"""What is wrong in the plan and in the towns' own plans: names that are not there, days that do not fit, items said twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from yakuba.declare.faults import Fault
from yakuba.declare.load import Catalogue
from yakuba.declare.plan import DOING, TownPlan
from yakuba.declare.written import Path_, Places


def check_plans(catalogue: Catalogue, towns: Iterable[str] | None = None) -> Iterator[Fault]:
    """All faults of the national plan and of the plans of these towns (or of all)."""
    yield from _national(catalogue)
    for town, own in catalogue.town_plans.items():
        if towns is None or town in towns:
            yield from _OfTown(town, own, catalogue).faults()


def _national(catalogue: Catalogue) -> Iterator[Fault]:
    plan, at = catalogue.plan, catalogue.plan_places
    for procedure in plan.procedures:
        if procedure.split("-")[0] not in plan.groups:
            known = ", ".join(plan.groups) or "none"
            yield at.fault(("procedures", procedure), f'"{procedure}" is of no group.', f"Groups: {known}.")
    for name, item in plan.items.items():
        for number, needed in enumerate(item.next.needs if item.next else ()):
            path = ("items", name, "next", "needs", number)
            yield from _unknown(at, path, needed, plan.items, "item")


def _unknown(at: Places, path: Path_, name: str, known: Mapping[str, object], kind: str) -> Iterator[Fault]:
    if name not in known:
        near = get_close_matches(name, list(known), n=3, cutoff=0.5)
        mend = f"Nearest: {', '.join(near)}." if near else f"There are: {', '.join(known) or 'none'}."
        yield at.fault(path, f'names the {kind} "{name}", which is not there.', mend)


class _OfTown:
    """Looks at the plan of one town."""

    def __init__(self, town: str, own: TownPlan, catalogue: Catalogue):
        self.own, self.plan = own, catalogue.plan
        self.services = catalogue.of_town(town).services
        self.at = catalogue.town_plan_places[town]

    def faults(self) -> Iterator[Fault]:
        """Everything wrong with it."""
        yield from self._days()
        yield from self._steps()
        yield from self._items()
        yield from self._partner()

    def _days(self) -> Iterator[Fault]:
        first, last = self.own.from_, self.own.until
        if last < first:
            yield self.at.fault(("until",), f"ends on {last}, before it begins.", f"It begins on {first}.")
            return
        for number, goal in enumerate(self.own.goals):
            if not first <= goal.by <= last:
                what = f"has a goal for {goal.by}, which is outside of the plan."
                yield self.at.fault(("goals", number, "by"), what, f"The plan is for {first} to {last}.")

    def _steps(self) -> Iterator[Fault]:
        for step in self.own.steps:
            yield from _unknown(self.at, ("steps", step), step, self.plan.steps, "step of the manual")
            if step == DOING:
                what = f'declares the step "{step}", which is seen in what runs.'
                yield self.at.fault(("steps", step), what, "Take it out.")

    def _items(self) -> Iterator[Fault]:
        pursued = {goal.item for goal in self.own.goals}
        for number, goal in enumerate(self.own.goals):
            yield from _unknown(self.at, ("goals", number, "item"), goal.item, self.plan.items, "item")
            for which, procedure in enumerate(goal.procedures):
                path = ("goals", number, "procedures", which)
                yield from _unknown(self.at, path, procedure, self.plan.procedures, "procedure")
        for number, left in enumerate(self.own.leaves_out):
            yield from _unknown(self.at, ("leaves_out", number, "item"), left.item, self.plan.items, "item")
            if left.item in pursued:
                what = f'leaves out "{left.item}", which has a goal.'
                yield self.at.fault(("leaves_out", number), what, "Take out one of the two.")

    def _partner(self) -> Iterator[Fault]:
        for number, given in enumerate(self.own.partner):
            path: Path_ = ("partner", number)
            if given.service not in self.services:
                yield from _unknown(self.at, (*path, "service"), given.service, self.services, "service")
                continue
            steps = {step.id: step for step in self.services[given.service].file.steps}
            if given.step not in steps:
                yield from _unknown(self.at, (*path, "step"), given.step, steps, "step")
            elif not steps[given.step].outsource:
                what = f'gives the step "{given.step}" of {given.service} to a partner, which its file does not allow.'
                mend = f"Write `outsource: true` at the step, or in the overlay of the town: steps: {{{given.step}: {{outsource: true}}}}."
                yield self.at.fault((*path, "step"), what, mend)
