"""The whole of a town's plan at one moment: the items with their states, the procedures, the steps of the manual, the town's own goals,
and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from yakuba.declare.plan import DOING, Goal, ManualStep, Plan, PlanItem, Taken, TownPlan
from yakuba.field import queries as field
from yakuba.field.queries import WithPartner
from yakuba.progress.disparity.peers import having
from yakuba.progress.like import alike
from yakuba.progress.plan import nexts, seeing
from yakuba.progress.plan.beside import Beside, beside
from yakuba.progress.plan.nexts import NextStep
from yakuba.progress.plan.procedures import ProcedureState
from yakuba.progress.plan.state import Standing, State, told
from yakuba.register import queries as register
from yakuba.words import Text

GoalStands = Literal["reached", "open", "missed", "unseen"]
PARTS = ("priority", "ready", "beside", "more")


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item with how it stands. `goals`: what the town wants of it; `left_out`: why it does not pursue it."""

    id: str
    item: PlanItem
    state: State
    goals: Sequence[GoalState] = ()
    left_out: Text | None = None

    @property
    def standing(self) -> Standing:
        """How it stands."""
        return self.state.standing

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "id": self.id,
            "name": self.item.name.ja,
            "part": self.item.part,
            "standing": self.standing,
            "evidence": [one.to_json() for one in self.state.evidence],
            "targets": [
                {
                    "by": one.by.isoformat(),
                    "of": one.of,
                    "at_least": one.at_least,
                    "source": one.source,
                    "provisional": one.provisional,
                }
                for one in self.item.targets
            ],
            "goals": [one.to_json() for one in self.goals],
            "left_out": self.left_out.ja if self.left_out else None,
        }


@dataclass(frozen=True, slots=True)
class GoalState:
    """One goal of the town. `reached`: as much as runs, where it can be counted; None where nothing of it is recorded here.
    `of_people`: it counts people or what they did."""

    goal: Goal
    item: PlanItem
    reached: int | None
    stands: GoalStands
    of_people: bool

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "item": self.goal.item,
            "by": self.goal.by.isoformat(),
            "who": self.goal.who,
            "says": self.goal.says.ja,
            "at_least": self.goal.at_least,
            "reached": self.reached,
            "stands": self.stands,
        }


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of the manual. `taken`: what the town says; `seen`: what shows it, for the last step, while anything runs."""

    id: str
    step: ManualStep
    taken: Taken | None
    seen: Text | None

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "number": self.step.number,
            "name": self.step.name.ja,
            "declared_on": self.taken.on.isoformat() if self.taken else None,
            "seen": self.seen.en if self.seen else None,
        }


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything of a town. `people`: how many live there by the register; None where it has none."""

    town: str
    as_of: datetime
    on: date
    plan: Plan
    own: TownPlan | None
    people: int | None
    items: Sequence[ItemState]
    procedures: Sequence[ProcedureState]
    steps: Sequence[StepState]
    goals: Sequence[GoalState]
    partners: Sequence[WithPartner]
    next: Sequence[NextStep]
    beside: Beside | None = None

    def of_part(self, part: str) -> list[ItemState]:
        """The items of a part of the plan."""
        return [one for one in self.items if one.item.part == part]

    @property
    def parts(self) -> list[tuple[str, list[ItemState]]]:
        """The items by part, those that there are."""
        return [(part, found) for part in PARTS if (found := self.of_part(part))]

    @property
    def groups(self) -> list[tuple[str, list[ProcedureState], int]]:
        """The procedures by group: its name, they, how many of them are online."""
        found = []
        for name, group in self.plan.groups.items():
            of = [one for one in self.procedures if one.group == name]
            found.append((group.name, of, sum(one.stage == "online" for one in of)))
        return found

    @property
    def online(self) -> tuple[int, int]:
        """Of the procedures that the plan counts: how many are online, how many there are."""
        counted = [one for one in self.procedures if one.id in self.plan.counted]
        return sum(one.stage == "online" for one in counted), len(counted)

    @property
    def is_over(self) -> bool:
        """Is the time of the national plan over?"""
        return self.plan.period is not None and self.plan.period.until < self.on

    @property
    def standings(self) -> Mapping[str, int]:
        """How many items stand how."""
        counted: dict[str, int] = {}
        for one in self.items:
            counted[one.standing] = counted.get(one.standing, 0) + 1
        return counted

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        period = self.plan.period
        return {
            "town": self.town,
            "as_of": self.as_of.isoformat(),
            "people": self.people,
            "national": {
                "from": period.from_.isoformat() if period else None,
                "until": period.until.isoformat() if period else None,
                "over": self.is_over,
                "versions": [one.model_dump(mode="json") for one in self.plan.versions],
            },
            "own": {"name": self.own.plan.ja, "because": self.own.because} if self.own else None,
            "online": dict(zip(("online", "counted"), self.online, strict=True)),
            "items": [one.to_json() for one in self.items],
            "steps": [one.to_json() for one in self.steps],
            "goals": [one.to_json() for one in self.goals],
            "procedures": [one.to_json() for one in self.procedures],
            "partners": [
                {"partner": one.partner, "service": one.service, "step": one.step, "given": one.given}
                for one in self.partners
            ],
            "next": [one.to_json() for one in self.next],
            "beside": self.beside.to_json() if self.beside else None,
        }


def whole(town: str, *, as_of: datetime, with_next: bool = True) -> Whole:
    """The open town's plan as it stands at a moment (aware). Not `with_next`: what comes next, and how others stand, is not asked."""
    sight = seeing.Sight(town, as_of)
    states = seeing.states(sight)
    plan, own = sight.catalogue.plan, sight.own
    others = alike(town, as_of=as_of) if with_next else None
    peers = having(others.compared) if others else {}
    goals = [_goal(goal, plan, states, sight) for goal in (own.goals if own else ())]
    left = {one.item: one.because for one in (own.leaves_out if own else ())}
    people = register.people_count() or None
    return Whole(
        town=town, as_of=as_of, on=sight.today, plan=plan, own=own, people=people,
        beside=beside(town, others) if others else None,
        items=[
            ItemState(name, item, states[name], [one for one in goals if one.goal.item == name], left.get(name))
            for name, item in plan.items.items()
        ],
        procedures=sight.procedures,
        steps=[_step(name, step, own, states) for name, step in plan.steps.items()],
        goals=goals,
        partners=field.with_partners(sight.today),
        next=nexts.next_steps(sight, states, peers) if with_next else (),
    )  # fmt: skip


def _goal(goal: Goal, plan: Plan, states: Mapping[str, State], sight: seeing.Sight) -> GoalState:
    state = states[goal.item]
    reached = state.reached
    if goal.procedures:
        reached = sum(one.id in goal.procedures and one.stage == "online" for one in sight.procedures)
    if goal.at_least is not None and reached is not None:
        done = reached >= goal.at_least
    else:
        done = state.standing == "runs"
    stands: GoalStands = "reached" if done else "missed" if goal.by < sight.today else "open"
    if state.standing == "unseen" and not done:
        stands = "unseen"
    if state.standing == "not_yet" and goal.at_least is not None and reached is None:
        reached = 0
    return GoalState(goal, plan.items[goal.item], reached, stands, state.of_people)


def _step(name: str, step: ManualStep, own: TownPlan | None, states: Mapping[str, State]) -> StepState:
    """What the town says of a step; the last one is seen in what runs, and cannot be said."""
    if name != DOING:
        return StepState(name, step, own.steps.get(name) if own else None, None)
    running = sum(one.standing in ("runs", "part") for one in states.values())
    return StepState(
        name, step, None, told("plan.step_seen", count=running, of=len(states)) if running else None
    )
