"""What processes of one installation agree on."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Processes that begin something at the same moment do so one after another: the second finds what the first
    made. The lock is a file beside the folder and ends with its process, however that ends."""
    with open(folder.parent / f".{folder.name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
