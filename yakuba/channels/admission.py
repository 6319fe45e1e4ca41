"""How many requests are opened at the same time: a crowd waits in line and never meets an error.

Each process opens at most `AT_ONCE` requests together, and at most `IN_LINE` more wait for room, `PATIENCE` seconds at
the longest. Everybody else has their request remembered in one short statement and sees a page that waits for them:
the more people come, the sooner they are answered.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 3
IN_LINE = 3
"""Together fewer than the threads of a process (`site.commands`): one is always left to answer."""
PATIENCE = 2.0
"""Seconds."""
_room = threading.BoundedSemaphore(AT_ONCE)
_line = threading.BoundedSemaphore(IN_LINE)


@contextmanager
def room() -> Iterator[bool]:
    """Whether there is room now."""
    admitted = _room.acquire(blocking=False) or _waited()
    try:
        yield admitted
    finally:
        if admitted:
            _room.release()


def _waited() -> bool:
    """Stand in line, unless it is too long already; whether there was room in time."""
    if not _line.acquire(blocking=False):
        return False
    try:
        return _room.acquire(timeout=PATIENCE)
    finally:
        _line.release()
