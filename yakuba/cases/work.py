"""Who does the system's steps: a registry from a step's verb (`do:`) to its handler.

A room declares the verb it works, and no room below needs to know that room:

    @works("pay")
    def pay(tasks: Sequence[Waiting], *, as_of: datetime) -> None: ...

A handler gets a batch of tasks of one step whose cases are locked by the surrounding
transaction, and records what happened through `cases.actions`. What it raises rolls the
whole batch back; the tasks stay open and are tried again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yakuba.cases.state import CaseState
from yakuba.cases.store import LockedCase
from yakuba.declare import Service, Step


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task of the system that waits, with everything its handler needs to know. `locked`: its case, for
    `record_many`."""

    id: uuid.UUID
    case: uuid.UUID
    attempt: int
    step: Step
    state: CaseState
    service: Service
    locked: LockedCase


class Handler(Protocol):
    """Does a batch of tasks of one step."""

    def __call__(self, tasks: Sequence[Waiting], *, as_of: datetime) -> None: ...


_HANDLERS: dict[str, Handler] = {}


def works(verb: str) -> Callable[[Handler], Handler]:
    """Declare who does the steps with this verb; declaring it twice raises ValueError."""

    def register(handler: Handler) -> Handler:
        if verb in _HANDLERS:
            raise ValueError(f"verb {verb!r} already has a handler")
        _HANDLERS[verb] = handler
        return handler

    return register


def handler(verb: str) -> Handler:
    """The handler of a verb; raises LookupError naming the verbs that exist."""
    if verb not in _HANDLERS:
        raise LookupError(f"nothing works steps with do: {verb}. Verbs that are worked: {sorted(_HANDLERS)}")
    return _HANDLERS[verb]
