"""Who does the work (担い手): everybody who asks for something is a Worker, people and machines alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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

#: How sure we are of who it is. Nothing; a password, or a reference number with a birth date;
#: a second factor (TOTP, passkey) or the My Number card.
UNKNOWN, KNOWN, PROVEN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Worker:
    """One who acts in one town, as the policy sees them.

    `id` is stable and goes into the case log; `town` is the official 6-digit code; `person` is the
    register id of a known resident; `reference` is the one case a status session may look at.

    >>> Worker("staff", "staff:1", "394262", roles=frozenset({"clerk"}), strength=PROVEN).has("clerk")
    True
    """

    kind: Kind
    id: str
    town: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    strength: int = UNKNOWN
    person: str | None = None
    reference: str | None = None

    def has(self, role: str) -> bool:
        """Whether the worker holds the role (one of ROLES)."""
        return role in self.roles


def SYSTEM(town: str) -> Worker:
    """The town's own machine, doing what a service file declares `by: system`."""
    return Worker("system", "system", town, name="Yakuba")


def PUBLIC(town: str) -> Worker:
    """A visitor who has not said who they are."""
    return Worker("public", "public", town)
