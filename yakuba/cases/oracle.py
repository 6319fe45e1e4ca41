"""What the fold asks the world when an event is recorded for the first time; the answers go into the event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from yakuba import clock
from yakuba.cases.state import CaseState
from yakuba.declare import Service, Step


class Live:
    """Asks the condition engine and the town's calendar, and remembers what they said."""

    def __init__(self, service: Service, calendar: Callable[[], clock.BusinessCalendar]):
        """`calendar`: the town's, fetched when the first deadline asks for it."""
        self._service, self._calendar = service, calendar
        self._guards: dict[str, bool | None] = {}
        self._due: dict[str, str | None] = {}

    def then(self) -> dict[str, Any]:
        """What was asked and answered, to be kept in the event; empty where nothing was asked."""
        kept = {"guards": self._guards, "due": self._due}
        return {name: answers for name, answers in kept.items() if answers}

    def guard(self, step: Step, state: CaseState) -> bool | None:
        on = datetime.fromisoformat(state.opened_at or "").date()
        answer = self._service.step_holds(step.id, guard_facts(state), as_of=on)
        self._guards[step.id] = answer
        return answer

    def due(
        self, name: str, duration: clock.Duration | None, start: str, pauses: list[list[str | None]]
    ) -> str | None:
        answer = None
        if duration is not None:
            answer = _due(self._calendar(), duration, start, tuple((a, b) for a, b in pauses))
        self._due[name] = answer
        return answer


def guard_facts(state: CaseState) -> dict[str, Any]:
    """The facts a step's `if` may use: the case's own, and how it stands."""
    how = {
        "decision": state.decision,
        "channel": state.channel,
        "identified": state.identified,
        "amount": state.amount,
        "reference": state.reference,
    }
    outcomes = {name: progress.outcome for name, progress in state.steps.items()}
    return {**state.facts, "case": how, "step": outcomes}


@lru_cache(maxsize=65536)
def _due(
    calendar: clock.BusinessCalendar,
    duration: clock.Duration,
    start: str,
    pauses: tuple[tuple[str | None, str | None], ...],
) -> str:
    times = [(datetime.fromisoformat(a or ""), datetime.fromisoformat(b) if b else None) for a, b in pauses]
    return clock.due_with_pauses(datetime.fromisoformat(start), duration, times, calendar).isoformat()
