"""What a town does best next: every step that is possible, with the reasons for it, each worth points that can be added up by hand.

    date     a day that the state or the town set: passed 3, within half a year 2, later 1 (the town's own count, too)
    demand   hours of the hall that go into it by hand in a year: 40 and more 3, 8 and more 2, less 1
    waiting  late tasks 2, waiting ones 1
    peers    most of the towns most like this one have it: 1
    small    what one person does in a day 2, in a week 1: a small town has nobody for more

Nothing is estimated but the hours that a step takes (`shared/plan.yaml`, ours, provisional); cost is not known unless somebody wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from yakuba.cases import figures
from yakuba.declare.plan import Goal, Plan, Takes, Target, ToPartner
from yakuba.field import queries as field
from yakuba.progress.plan.procedures import ProcedureState
from yakuba.progress.plan.seeing import Sight
from yakuba.progress.plan.state import State, told
from yakuba.words import Text, ui_text

SOON = timedelta(days=183)
DAY, WEEK = 8, 40
"""Hours of work of one person."""
DEMAND = ((40.0, 3), (8.0, 2), (0.0, 1))
OWN = "own"
"""Where the town's own plan names procedures, they come before the groups of the national plan."""
Kind = Literal["item", "procedure", "procedures", "partner"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step comes where it comes."""

    points: int
    text: Text


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do next. `how`: the page of docs/ that says how; `needs`: items that do not run yet and come before it;
    `procedures`: those that it is about."""

    id: str
    kind: Kind
    item: str
    do: Text
    how: str
    takes: Takes
    partner: ToPartner
    reasons: tuple[Reason, ...] = ()
    needs: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """All reasons together."""
        return sum(reason.points for reason in self.reasons)

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """For a machine."""
        return {
            "id": self.id,
            "kind": self.kind,
            "item": self.item,
            "do": self.do.get(language),
            "points": self.points,
            "reasons": [{"points": one.points, "says": one.text.get(language)} for one in self.reasons],
            "takes": {
                "hours": self.takes.hours,
                "who": self.takes.who.get(language),
                "yen": self.takes.yen,
                "source": self.takes.source,
            },
            "partner": {"may": self.partner.may, "because": self.partner.because.get(language)},
            "needs": list(self.needs),
            "procedures": list(self.procedures),
            "how": self.how,
        }


def next_steps(
    sight: Sight, states: Mapping[str, State], peers: Mapping[str, tuple[int, int]]
) -> list[NextStep]:
    """All steps that are possible now, the best first. `peers`: by item, how many of the towns most like
    this one have it, and of how many it is known."""
    found = [*_items(sight, states), *_procedures(sight), *_partner(sight)]
    whole = [_with_reasons(one, sight, peers) for one in found]
    hours = 10_000
    return sorted(
        whole, key=lambda one: (bool(one.needs), -one.points, one.takes.hours or hours, one.id)
    )  # fmt: skip


# -- what is possible --------------------------------------------------------------------------------
def _items(sight: Sight, states: Mapping[str, State]) -> Iterator[NextStep]:
    """Items that do not run, or not as far as counts."""
    left = {one.item for one in sight.own.leaves_out} if sight.own else set()
    for name, item in sight.catalogue.plan.items.items():
        if item.next is None or name in left or states[name].standing in ("runs", "declared"):
            continue
        needs = tuple(one for one in item.next.needs if states[one].standing in ("not_yet", "stopped"))
        move = item.next
        yield NextStep(f"item:{name}", "item", name, move.do, move.how, move.takes, move.partner, needs=needs)


def _procedures(sight: Sight) -> Iterator[NextStep]:
    """Procedures that residents could do online, and nobody has yet: each for which the hall writes by hand, the rest of a group
    together."""
    waiting = [one for one in sight.procedures if one.stage in ("offered", "elsewhere")]
    named = {name for goal in _goals(sight, "online") for name in goal.procedures}
    rest: dict[str, list[ProcedureState]] = {}
    for one in waiting:
        if one.demand:
            reasons = (_demand(round(one.hours, 1), one.demand, one.measured),) if one.minutes else ()
            do = told("plan.next_procedure", procedure=one.name)
            yield _online((one.id,), "procedure", do, 4, reasons)
        elif one.id in named or one.counted:
            rest.setdefault(OWN if one.id in named else one.group, []).append(one)
    for group, some in rest.items():
        if group == OWN:
            do = told("plan.next_own_procedures", count=len(some))
        else:
            name = sight.catalogue.plan.groups[group].name
            do = told("plan.next_procedures", group=name, count=len(some))
        yield _online(tuple(one.id for one in some), "procedures", do, 4 + 2 * len(some), ())


def _online(
    which: tuple[str, ...], kind: Kind, do: Text, hours: int, reasons: tuple[Reason, ...]
) -> NextStep:
    takes = Takes(hours=hours, who=ui_text("plan.who_counter"), source=ui_text("plan.our_estimate").ja)
    partner = ToPartner(may="part", because=ui_text("plan.partner_procedure"))
    id = f"{kind}:{which[0]}"
    return NextStep(id, kind, "online", do, "docs/town.md", takes, partner, reasons, procedures=which)


def _demand(hours: float, count: int, measured: bool) -> Reason:
    points = next(points for least, points in DEMAND if hours >= least)
    key = "plan.why_demand" if measured else "plan.why_demand_provisional"
    return Reason(points, told(key, count=count, hours=hours))


def _partner(sight: Sight) -> Iterator[NextStep]:
    """Steps that a service lets a partner do, that wait for the staff, and that no contract gives away; and those that the town's plan
    names."""
    given = {(one.service, one.step) for one in field.with_partners(sight.today)}
    named = {(one.service, one.step): one for one in sight.own.partner} if sight.own else {}
    waits = {(one.service, one.step): one for one in figures.waits_for_staff(as_of=sight.as_of)}
    for service in sight.catalogue.services.values():
        for step in service.file.steps:
            pair = (service.id, step.id)
            waiting = waits.get(pair)
            if not step.outsource or pair in given or not (pair in named or waiting):
                continue
            reasons = []
            if pair in named:
                reasons.append(Reason(2, told("plan.why_own_partner", because=named[pair].because)))
            if waiting and waiting.late:
                reasons.append(Reason(2, told("plan.why_late", count=waiting.late)))
            elif waiting:
                reasons.append(Reason(1, told("plan.why_waiting", count=waiting.waiting)))
            shown = ", ".join(service.file.disclose.get("partner", ())) or "-"
            yield NextStep(
                f"partner:{service.id}:{step.id}", "partner", "organisation",
                told("plan.next_partner", service=service.name, step=step.name or step.id), "docs/partner.md",
                Takes(hours=4, who=ui_text("plan.who_head"), source=ui_text("plan.our_estimate").ja),
                ToPartner(may="yes", because=told("plan.partner_shown", facts=shown)), tuple(reasons),
            )  # fmt: skip


# -- why ---------------------------------------------------------------------------------------------
def _with_reasons(one: NextStep, sight: Sight, peers: Mapping[str, tuple[int, int]]) -> NextStep:
    reasons = list(one.reasons)
    if one.kind != "partner":
        reasons += _dates(one, sight, sight.catalogue.plan)
        if one.item in peers and peers[one.item][0] * 2 > peers[one.item][1]:
            ahead, of = peers[one.item]
            reasons.append(Reason(1, told("plan.why_peers", ahead=ahead, of=of)))
    if one.takes.hours is not None and one.takes.hours <= WEEK:
        points = 2 if one.takes.hours <= DAY else 1
        reasons.append(Reason(points, told("plan.why_small", hours=one.takes.hours)))
    return replace(one, reasons=tuple(sorted(reasons, key=lambda reason: -reason.points)))


def _dates(one: NextStep, sight: Sight, plan: Plan) -> Iterator[Reason]:
    targets: Sequence[Target] = [t for t in plan.items[one.item].targets if t.of == "town"]
    counts = not one.procedures or not set(plan.counted).isdisjoint(one.procedures)
    if targets and counts:
        first = min(targets, key=lambda target: target.by)
        yield _dated(first.by, sight.today, "state", first.says)
    goals = [goal for goal in _goals(sight, one.item) if _means(goal, one)]
    if goals:
        goal = min(goals, key=lambda goal: goal.by)
        yield _dated(goal.by, sight.today, "own", goal.says)


def _goals(sight: Sight, item: str) -> list[Goal]:
    return [goal for goal in sight.own.goals if goal.item == item] if sight.own else []


def _means(goal: Goal, one: NextStep) -> bool:
    """Is a goal about this step? One that names procedures is about these."""
    return not goal.procedures or not one.procedures or not set(goal.procedures).isdisjoint(one.procedures)


def _dated(by: date, today: date, whose: str, says: Text) -> Reason:
    when = "passed" if by < today else "soon" if by - today <= SOON else "later"
    points = {"passed": 3, "soon": 2, "later": 1}[when]
    return Reason(points, told(f"plan.why_{whose}_{when}", by=by, says=says))
