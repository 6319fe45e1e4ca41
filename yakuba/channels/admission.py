"""How many requests are opened at the same time: a crowd waits in line and never meets an error.

Each process opens at most `AT_ONCE` requests together. Who finds no room within `PATIENCE` seconds has their
request remembered in one short statement and sees a page that waits for them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 3
PATIENCE = 0.5
_room = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def room() -> Iterator[bool]:
    """Whether there is room now."""
    admitted = _room.acquire(timeout=PATIENCE)
    try:
        yield admitted
    finally:
        if admitted:
            _room.release()
