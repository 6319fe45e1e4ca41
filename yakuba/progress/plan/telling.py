"""Parts of the plan in words, for pages, papers and the command line."""

from __future__ import annotations

from collections.abc import Mapping

from yakuba.declare import Service
from yakuba.declare.plan import DOING, Takes, Target, TownPlan
from yakuba.field.queries import WithPartner
from yakuba.progress.plan.state import told
from yakuba.progress.plan.whole import ItemState, StepState
from yakuba.register import queries as register
from yakuba.words import Text, ui_text


def takes(one: Takes) -> Text:
    """What a step takes; what nobody knows is said to be not known."""
    hours = ui_text("plan.not_known") if one.hours is None else told("plan.takes_hours", hours=one.hours)
    cost = ui_text("plan.not_known") if one.yen is None else Text.same(f"{one.yen:,}円")
    return told("plan.takes_line", hours=hours, who=one.who, cost=cost)


def target(one: Target) -> Text:
    """What the state set itself, with its day."""
    if one.of == "country":
        return told("plan.target_country", says=one.says, by=one.by)
    return told("plan.target_by", says=one.says, by=one.by)


def left_out(one: ItemState) -> Text | None:
    """Why the town does not pursue an item now."""
    return told("plan.left_out", because=one.left_out) if one.left_out else None


def own_lead(own: TownPlan) -> Text:
    """The town's own plan in one line: its name, its time, what it rests on, who answers for it."""
    return told(
        "plan.own_lead", name=own.plan, since=own.from_, last=own.until, because=own.because, lead=own.lead
    )


def step_shown(one: StepState) -> Text:
    """What shows that a step of the manual was taken."""
    if one.seen:
        return one.seen
    if one.taken:
        return told("plan.manual_declared", on=one.taken.on, shown_by=one.taken.shown_by)
    return ui_text("plan.step_none" if one.id == DOING else "plan.manual_nothing")


def partner_line(one: WithPartner, services: Mapping[str, Service]) -> Text:
    """A step that a partner does, in one line."""
    service = services.get(one.service)
    name = service.name if service else Text.same(one.service)
    found = service and next((step for step in service.file.steps if step.id == one.step), None)
    step = found.name if found and found.name else Text.same(one.step)
    partner = register.town(one.partner)
    called = partner.name if partner else one.partner
    return told(
        "plan.partner_line", service=name, step=step, partner=called, since=one.since, given=one.given
    )
