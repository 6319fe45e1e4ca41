"""Who does the work (担い手): everybody who asks for something is a Worker, people and machines alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from yakuba.access.circumstances import AT_THE_HALL, STRANGER, Circumstances

Kind = Literal[
    "staff", "system", "robot", "assistant", "partner", "supporter", "resident", "client", "public"
]

ROLES: tuple[str, ...] = (
    "clerk",
    "reviewer",
    "approver",
    "accountant",
    "manager",
    "auditor",
    "admin",
    "kitter",
    "technician",
    "agent",
    "dispatcher",
)

#: What an account of a supporter (支援員) has in the place of roles: alone, for a supporter is a worker of another kind.
SUPPORTER = "supporter"

#: Roles in which a deputy may act for somebody who is absent (代決・代理). An auditor looks at what others do, and an
#: administrator's account opens every other: neither is passed on.
#: Source: 地方自治法 第153条第1項 (長の権限の臨時代理・委任); the towns' own rules on 事務専決・代決.
DELEGABLE = frozenset(ROLES) - {"auditor", "admin"}

#: How sure we are of who it is. Nothing; a password, or a reference number with a birth date;
#: a second factor (TOTP, passkey) or the My Number card.
UNKNOWN, KNOWN, PROVEN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Delegation:
    """What a deputy has of somebody who is absent today: whom they stand in for (worker id), and in which roles."""

    of: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Worker:
    """One who acts in one town, as the policy sees them.

    `id` is stable and goes into the case log; `town` is the official 6-digit code; `person` is the
    register id of a known resident; `reference` is the one case a status session may look at. `roles` are their own;
    as a deputy they act in those of their `delegations` as well, and are still themselves. `scopes`: what the access token of
    another system lets it read. `where`: from where, with what and when they ask; inside of the hall where nothing else is said.

    >>> kato = Worker("staff", "staff:1", "394262", roles=frozenset({"clerk"}), strength=PROVEN)
    >>> kato.has("clerk"), kato.has("reviewer")
    (True, False)
    >>> from dataclasses import replace
    >>> deputy = replace(kato, delegations=(Delegation("staff:2", frozenset({"reviewer"})),))
    >>> deputy.has("reviewer"), deputy.id, deputy.stands_in_for("staff:2")
    (True, 'staff:1', True)
    """

    kind: Kind
    id: str
    town: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    strength: int = UNKNOWN
    person: str | None = None
    reference: str | None = None
    delegations: tuple[Delegation, ...] = ()
    scopes: frozenset[str] = frozenset()
    where: Circumstances = AT_THE_HALL

    @property
    def acts_in(self) -> frozenset[str]:
        """Their own roles, and today those of whom they stand in for."""
        return self.roles.union(*(one.roles for one in self.delegations))

    def has(self, role: str) -> bool:
        """Whether the worker acts in the role (one of ROLES)."""
        return role in self.acts_in

    def stands_in_for(self, worker: str | None) -> bool:
        """Whether they are the deputy of this worker (an id) today."""
        return any(one.of == worker for one in self.delegations)


def SYSTEM(town: str) -> Worker:
    """The town's own machine, doing what a service file declares `by: system`."""
    return Worker("system", "system", town, name="Yakuba")


def ASSISTANT(town: str) -> Worker:
    """The town's assistant, which answers questions and takes part in talks."""
    return Worker("assistant", "assistant", town, name="Yakuba")


def knows(reference: str, town: str) -> Worker:
    """Somebody who knows the reference number of a case and the birth date of its applicant: they may look at this one."""
    return Worker("resident", f"reference:{reference}", town, strength=KNOWN, reference=reference)


def PUBLIC(town: str) -> Worker:
    """A visitor who has not said who they are."""
    return Worker("public", "public", town, where=STRANGER)
