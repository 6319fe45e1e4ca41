"""Requests that are sent at the same time are opened together, and a crowd waits in line and never meets an error.

Of the requests that this process has in its hands one leads: it opens all that stand in line, in its own transaction,
in as few statements as for one; meanwhile the next gather, and one of them leads when it is through. Who finds
`IN_LINE` others waiting, or has waited for `PATIENCE` seconds, is turned away: their request is remembered in one
short statement, and they see a page that waits for them.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from yakuba.channels.actions import Incomplete, Sent

IN_LINE = 28
"""Together with who leads fewer than the threads of a process (`site.commands`): some are always left to answer."""
PATIENCE = 2.0
"""Seconds."""
MOMENT = 0.05
"""Seconds in which the next comes while many send; in `bench.web` 0.05 opened a tenth more than none, 0.01 nothing."""

Outcome = uuid.UUID | Incomplete | None
OpenMany = Callable[[Sequence[Sent]], Sequence[uuid.UUID | Incomplete]]


@dataclass(eq=False, slots=True)
class _Place:
    """Where one request stands. `turn`: it leads now, or its outcome is there."""

    town: str
    sent: Sent
    turn: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    outcome: Outcome = None


class Line:
    """The line of one process. `most`: how many may wait; `patience`: seconds that one waits at each turn; `moment`:
    seconds that who leads waits for the next."""

    def __init__(self, most: int = IN_LINE, patience: float = PATIENCE, moment: float = MOMENT):
        self._most, self._patience, self._moment = most, patience, moment
        self._lock = threading.Lock()
        self._came = threading.Condition(self._lock)
        self._last = 1
        self._waiting: list[_Place] = []
        self._led = False

    def stand(self, town: str, sent: Sent, open_many: OpenMany) -> Outcome:
        """What became of the request, or None when there was no room or time. To be called in the town's
        transaction; `open_many` opens requests in it. What it raises for this request alone is raised here."""
        place = self._join(town, sent)
        if place is None:
            return None
        if not place.leads and not place.turn.wait(self._patience) and self._leave(place):
            return None
        if place.leads:
            return self._lead(place, open_many)
        place.turn.wait(self._patience)
        return place.outcome

    def _join(self, town: str, sent: Sent) -> _Place | None:
        with self._lock:
            if len(self._waiting) >= self._most:
                return None
            place = _Place(town, sent, leads=not self._led)
            self._led = True
            self._waiting.append(place)
            self._came.notify()
            return place

    def _leave(self, place: _Place) -> bool:
        """Go, unless it has come to lead just now, or somebody leads who has it."""
        with self._lock:
            if place.leads or place not in self._waiting:
                return False
            self._waiting.remove(place)
            return True

    def _lead(self, place: _Place, open_many: OpenMany) -> Outcome:
        with self._lock:
            self._gather()
            mine = [one for one in self._waiting if one.town == place.town]
            self._waiting = [one for one in self._waiting if one.town != place.town]
        try:
            return self._open(place, mine, open_many)
        finally:
            self._pass_on()

    def _gather(self) -> None:
        """Wait for as many as stood here last time, as long as one comes each moment: opening few costs nearly as much
        as opening many. Who is alone, and was before, waits for nobody."""
        while len(self._waiting) < self._last and self._came.wait(self._moment):
            pass
        self._last = len(self._waiting)

    def _open(self, place: _Place, mine: Sequence[_Place], open_many: OpenMany) -> Outcome:
        """Open all; the others learn of it when it is committed. One that cannot be opened holds nobody up: the others
        are turned away, and a worker opens each by itself."""
        others = [one for one in mine if one is not place]
        try:
            with transaction.atomic():
                outcomes = open_many([one.sent for one in (place, *others)])
        except Exception:
            if not others:
                raise
            _tell(others, [None] * len(others))
            return open_many([place.sent])[0]
        if others:
            transaction.on_commit(lambda: _tell(others, outcomes[1:]))
        return outcomes[0]

    def _pass_on(self) -> None:
        """Who has waited longest leads next."""
        with self._lock:
            self._led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].turn.set()


def _tell(places: Sequence[_Place], outcomes: Sequence[Outcome]) -> None:
    for place, outcome in zip(places, outcomes, strict=True):
        place.outcome = outcome
        place.turn.set()


line = Line()
