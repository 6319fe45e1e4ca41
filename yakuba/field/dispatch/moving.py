"""What a dispatcher's hand does: one job to another person or place in the order, and what that would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from yakuba.field.dispatch import crews
from yakuba.field.dispatch.check import Fault, cost_of, faults
from yakuba.field.dispatch.day import Map, Plan, Route
from yakuba.field.dispatch.timing import timed


@dataclass(frozen=True, slots=True)
class Move:
    """A tried change: the plan with it, or the faults that forbid it; and what it costs more (less: negative)."""

    plan: Plan | None
    more: int
    faults: tuple[Fault, ...] = ()


def moved(day: Map, plan: Plan, job: str, to: str | None, position: int = 0) -> Move:
    """Try `job` as number `position` of `to`'s visits; None takes it out of the plan. The plan given is not changed.

    A job of several people cannot be moved by hand, and keeps its moment when another is: it binds others.
    """
    if day.jobs[job].people > 1:
        return Move(None, 0, (Fault(job, "needs several people"),))
    orders = {route.technician: [stop.job for stop in route.stops] for route in plan.routes}
    orders = {who: [name for name in order if name != job] for who, order in orders.items()}
    if to is not None:
        orders.setdefault(to, []).insert(position, job)
    same = {route.technician: route for route in plan.routes}
    pinned = day.with_day(crews.pinned(day.day, crews.moments(day.day, plan)))
    routes: list[Route] = []
    for who, order in orders.items():
        old = same.get(who)
        if old and [stop.job for stop in old.stops] == order:
            routes.append(old)
        elif order:
            route = timed(pinned, day.technicians[who], [pinned.jobs[name] for name in order])
            if route is None:
                return Move(None, 0, tuple(_why_not(pinned, who, order, job)))
            routes.append(route)
    unserved = {name: reason for name, reason in plan.unserved.items() if name != job}
    if to is None:
        unserved[job] = "taken_out"
    found = replace(plan, routes=tuple(sorted(routes, key=lambda route: route.technician)), unserved=unserved)
    found = replace(found, cost=cost_of(day, found))
    if wrong := faults(day, found):
        return Move(None, found.cost - plan.cost, tuple(wrong))
    return Move(found, found.cost - plan.cost)


def _why_not(day: Map, who: str, order: list[str], job: str) -> list[Fault]:
    """Why an order cannot be done: the skill, the promise, the load, or else the time."""
    person, asked = day.technicians[who], day.jobs[job]
    if missing := asked.skills - person.skills:
        return [Fault(job, "skill missing", f"{who}: {', '.join(sorted(missing))}")]
    if asked.technician not in (None, who):
        return [Fault(job, "promised to somebody else", str(asked.technician))]
    if person.capacity and sum(day.jobs[name].load for name in order) > person.capacity:
        return [Fault(who, "overloaded")]
    alone = timed(day, person, [asked])
    return [Fault(job, "no time" if alone else "cannot be there in time", who)]
