"""Many letters at once, merged into PDF files for the printer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from django.conf import settings

from yakuba.access import towns
from yakuba.messages import letters, queries
from yakuba.messages.actions import as_letters, town_sender
from yakuba.messages.models import Message

A_FILE = 100
"""Letters in one PDF file: what a printer takes at once. Typst remembers what it set last: with files of this size a
process comes to 0.7 GB and stays there, with twice the size to twice as much."""


def write(town: str, key: str, folder: Path) -> list[Path]:
    """Write the letters with keys that begin so and are not in the post yet into PDF files of A_FILE letters, sorted by
    postal code, on all processors. The same letters give the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    name = key.strip(":").replace(":", "-")
    processes = os.cpu_count() or 1
    made, running = list[Path](), list[Future[Path]]()
    with towns.inside(town), ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        sender = town_sender()
        for number, some in enumerate(_batches(key), start=1):
            path = folder / f"{name}-{number:04}.pdf"
            some_letters = as_letters(some, settings.YAKUBA_BASE_URL)
            running.append(pool.submit(letters.set_file, some_letters, sender, path))
            if len(running) > 2 * processes:  # no more waits in memory than is set next
                made.append(running.pop(0).result())
        return [*made, *(one.result() for one in running)]


def _batches(key: str) -> Iterator[list[Message]]:
    batch: list[Message] = []
    for message in queries.waiting_letters(key).iterator(chunk_size=A_FILE):
        batch.append(message)
        if len(batch) == A_FILE:
            yield batch
            batch = []
    if batch:
        yield batch
