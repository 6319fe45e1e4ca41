"""Why a question was answered as it was, and what would change the answer: for who was refused, and for auditors.

What would change it is found by asking again under other circumstances, one change at a time, then two: nothing is said
that the policies were not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from yakuba.access.policy import Denied, Policy, Resource, decided_by, may
from yakuba.access.worker import PROVEN, ROLES, Worker

Way = Callable[[Worker], Worker]


@dataclass(frozen=True, slots=True)
class Explanation:
    """`policies`: those that settled it, or of a plain refusal those that would allow it to somebody. `changes`: the
    smallest sets of changes (names of `WAYS`, or `role:NAME`) under each of which the answer would be the other one."""

    allowed: bool
    policies: tuple[Policy, ...]
    changes: tuple[tuple[str, ...], ...]


#: What can be different about how somebody asks, by name.
WAYS: dict[str, Way] = {
    "step-up": lambda me: replace(me, where=replace(me.where, proven_minutes=0)),
    "two-factors": lambda me: replace(me, strength=PROVEN),
    "registered-device": lambda me: _elsewhere(me, device="registered"),
    "managed-device": lambda me: _elsewhere(me, device="managed", certificate=True),
    "office-hours": lambda me: replace(me, where=replace(me.where, office_hours=True)),
    "at-the-counter": lambda me: replace(me, where=replace(me.where, zone="counter")),
    "in-an-emergency": lambda me: replace(me, where=replace(me.where, emergency=True)),
}
#: The other way round: what would take away what is allowed.
UNDOING: dict[str, Way] = {
    "from-home": lambda me: replace(me, where=replace(me.where, zone="home")),
    "unknown-device": lambda me: replace(
        me, where=replace(me.where, zone="internet", device="none", certificate=False)
    ),
    "proof-too-old": lambda me: replace(me, where=replace(me.where, proven_minutes=60)),
    "one-factor": lambda me: replace(me, strength=1),
    "outside-of-hours": lambda me: replace(me, where=replace(me.where, office_hours=False)),
}


def _elsewhere(me: Worker, **device: str | bool) -> Worker:
    zone = "home" if me.where.zone == "internet" else me.where.zone
    return replace(me, where=replace(me.where, zone=zone, **device))  # type: ignore[arg-type]  # fields of Circumstances


def explain(worker: Worker, action: str, resource: Resource) -> Explanation:
    """The decision, its policies, and what would change it. Raises policy.UnknownAction, policy.BadResource."""
    allowed, policies = decided_by(worker, action, resource)
    ways = UNDOING | _losses(worker) if allowed else WAYS | _gains(worker)
    return Explanation(allowed, policies, tuple(_smallest(worker, action, resource, ways, allowed)))


def helps_with(worker: Worker, action: str, resource: Resource, way: str) -> bool:
    """Whether one of WAYS alone would let it through, where it is refused as it is."""
    other = WAYS[way](worker)
    return other != worker and not may(worker, action, resource) and may(other, action, resource)


def helps(denied: Denied) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of WAYS that would have let it through; nobody is told to wait for an emergency."""
    ways = {name: way for name, way in WAYS.items() if name != "in-an-emergency"}
    return tuple(_smallest(denied.worker, denied.action, denied.resource, ways, False))


def _gains(worker: Worker) -> dict[str, Way]:
    """With one more role."""
    missing = [role for role in ROLES if worker.kind == "staff" and role not in worker.acts_in]
    return {
        f"role:{role}": lambda me, role=role: replace(me, roles=me.roles | {role})  # type: ignore[misc]
        for role in missing
    }


def _losses(worker: Worker) -> dict[str, Way]:
    """Without one of the roles."""
    return {
        f"without-role:{role}": lambda me, role=role: replace(me, roles=me.roles - {role})  # type: ignore[misc]
        for role in sorted(worker.roles)
    }


def _smallest(
    worker: Worker,
    action: str,
    resource: Resource,
    ways: dict[str, Way],
    now: bool,
    sizes: Sequence[int] = (1, 2),
) -> Iterator[tuple[str, ...]]:
    """The smallest sets of changes that turn the answer; none that holds another one."""
    found: list[set[str]] = []
    for size in sizes:
        for names in combinations(ways, size):
            if any(smaller <= set(names) for smaller in found):
                continue
            other = worker
            for name in names:
                other = ways[name](other)
            if other != worker and may(other, action, resource) != now:
                found.append(set(names))
                yield names
