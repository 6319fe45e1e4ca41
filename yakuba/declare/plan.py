"""The DX plan as data (`services/shared/plan.yaml`), and a town's own plan on it (`services/towns/CODE/plan.yaml`).

How far a town is with an item stands in neither: that is read from what runs (`progress.plan`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import Field

from yakuba.declare.model import Id, Model
from yakuba.words import Text

PLAN = "plan"
"""The name of both files; no service can be called so."""
DOING = "doing"
"""The last step of the manual: carrying the plan out, which is seen in what runs and cannot be declared."""
Part = Literal["ready", "priority", "beside", "more"]
"""Where an item stands in the plan: the town made ready for it, its priority items (重点取組事項), what goes with them, and what
each town may look at."""


class PlanGroup(Model):
    """A group of procedures; `counted`: of those whose progress the plan itself asks about. `of`: who does them."""

    name: str
    counted: bool
    of: Literal["town", "prefecture"] = "town"


class PlanVersion(Model):
    """One version of the plan. `provisional`: its day was not read in the original."""

    version: str
    published: date
    source: str
    provisional: bool = False


class Target(Model):
    """What the state set itself for an item (KPI): of each town, or of the country as a whole. `at_least`: in `unit`, where
    it can be counted here. `provisional`: not read in the original."""

    says: Text
    by: date
    of: Literal["town", "country"] = "town"
    at_least: int | None = None
    unit: str = ""
    source: str
    provisional: bool = False


class Takes(Model):
    """What a next step takes: hours of work in the hall (ours, provisional until a town has measured it), who does it, yen;
    what is not known is not written."""

    hours: int | None = None
    who: Text
    yen: int | None = None
    source: str = ""


class ToPartner(Model):
    """Whether somebody outside may do a next step: all of it, a part, or nothing; and why."""

    may: Literal["yes", "part", "no"]
    because: Text


class NextMove(Model):
    """What to do next while an item does not run. `needs`: items that come before it."""

    do: Text
    how: str
    takes: Takes
    partner: ToPartner
    needs: tuple[Id, ...] = ()


class PlanItem(Model):
    """One item of the plan. `section`: where it stands in the version named under `read_in`."""

    name: Text
    about: Text
    part: Part
    section: str
    targets: tuple[Target, ...] = ()
    next: NextMove | None = None


class ManualStep(Model):
    """One of the steps 0 to 3 of the procedure manual (自治体DX全体手順書)."""

    number: int
    name: Text
    asks: Text


class Period(Model):
    """First and last day."""

    from_: date = Field(alias="from")
    until: date


class Plan(Model):
    """The whole national plan: its versions, items, steps, and the procedures by id, such as kosodate-01; the id begins with its
    group."""

    period: Period | None = None
    after: Text | None = None
    read_in: str = ""
    versions: tuple[PlanVersion, ...] = ()
    steps: Mapping[Id, ManualStep] = {}
    items: Mapping[Id, PlanItem] = {}
    groups: Mapping[str, PlanGroup] = {}
    procedures: Mapping[str, str] = {}

    def group(self, procedure: str) -> PlanGroup:
        """The group of a procedure."""
        return self.groups[procedure.split("-")[0]]

    @cached_property
    def counted(self) -> list[str]:
        """The procedures that the plan counts and that are a town's to do."""
        return [one for one in self.procedures if self.group(one).counted and self.group(one).of == "town"]


# -- a town's own ------------------------------------------------------------------------------------
class Taken(Model):
    """A step of the manual that the town says it has taken: on which day, and what paper shows it."""

    on: date
    shown_by: Text


class Goal(Model):
    """What the town wants of an item: by when, who looks after it. `at_least`: as much as it wants to see running, where that is
    counted; `procedures`: those of the plan that it means."""

    item: Id
    by: date
    who: str
    says: Text
    at_least: int | None = None
    procedures: tuple[str, ...] = ()


class LeftOut(Model):
    """An item that the town does not pursue now, and why."""

    item: Id
    because: Text


class GivenAway(Model):
    """A step of a service that a partner shall do for the town."""

    service: Id
    step: Id
    because: Text


class TownPlan(Model):
    """A town's own plan (自治体DX推進計画に基づく市町村の計画). `because`: the decision it rests on; `lead`: who answers for it."""

    plan: Text
    because: str
    lead: str
    from_: date = Field(alias="from")
    until: date
    steps: Mapping[Id, Taken] = {}
    goals: tuple[Goal, ...] = ()
    leaves_out: tuple[LeftOut, ...] = ()
    partner: tuple[GivenAway, ...] = ()
