"""No search for reference cycles while millions of objects are made, none of them in a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Looking through what is being made again and again took a third of the time of a batch of cases, and two thirds of
    that of a catalogue of a thousand services."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
