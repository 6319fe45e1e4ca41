"""A model that does not answer is left alone for a while: nobody waits for it again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from yakuba.assistant.larger.errors import NoAnswer

TRIES = 3
"""Failures in a row after which it is left alone."""
REST = 60.0
"""Seconds that it is left alone; then one question tries whether it is back."""


class Breaker:
    """Counts failures in a row, in this process. `now`: seconds of a clock that only goes forward."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0

    def ask(self, question: Callable[[], str]) -> str:
        """What `question` answers. Raises NoAnswer: also at once, while the model is left alone."""
        with self._lock:
            if self._failed >= TRIES:
                if self._now() < self._until:
                    raise NoAnswer("it is left alone for a while")
                self._until = self._now() + REST  # the others go on without it while this one tries
        try:
            answer = question()
        except NoAnswer:
            with self._lock:
                self._failed += 1
                self._until = self._now() + REST
            raise
        with self._lock:
            self._failed = 0
        return answer
