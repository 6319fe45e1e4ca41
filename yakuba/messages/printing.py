"""Many letters at once, merged into PDF files for the printer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from django.conf import settings

from yakuba.access import towns
from yakuba.cases import queries as case_queries
from yakuba.messages import letters, queries
from yakuba.messages.actions import as_letter, town_sender
from yakuba.messages.models import Message

A_FILE = 200
"""Letters in one PDF file: what a printer takes at once, and few enough for memory."""
FILES_A_PROCESS = 6
"""Files that one process sets before another takes its place: Typst remembers what it has set, 0.3 MB a letter."""


def write(town: str, key: str, folder: Path) -> list[Path]:
    """Write the letters with keys that begin so and are not in the post yet into PDF files of A_FILE letters, sorted by
    postal code, on all processors. The same letters give the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    name = key.strip(":").replace(":", "-")
    processes = os.cpu_count() or 1
    made: list[Path] = []
    with towns.inside(town):
        sender, batches = town_sender(), enumerate(_batches(key), start=1)
        while some := list(islice(batches, processes * FILES_A_PROCESS)):
            # new processes for each: the pool's own way of renewing them can wait for ever (CPython's issue 115634)
            with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
                running = [
                    pool.submit(letters.set_file, _letters(batch), sender, folder / f"{name}-{number:04}.pdf")
                    for number, batch in some
                ]
                made += [one.result() for one in running]
    return made


def _batches(key: str) -> Iterator[list[Message]]:
    batch: list[Message] = []
    for message in queries.waiting_letters(key).iterator(chunk_size=A_FILE):
        batch.append(message)
        if len(batch) == A_FILE:
            yield batch
            batch = []
    if batch:
        yield batch


def _letters(some: Sequence[Message]) -> list[letters.Letter]:
    references = case_queries.references([one.case for one in some])
    return [as_letter(one, references[one.case], settings.YAKUBA_BASE_URL) for one in some]
