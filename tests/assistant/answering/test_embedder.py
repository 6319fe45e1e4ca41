"""The process that makes vectors ends quietly with whoever asked it."""

from __future__ import annotations

import json
import socket
from multiprocessing.connection import Connection

import numpy as np
import pytest

from yakuba.assistant.answering import embedder


class Made:
    """A model that needs no file: each text is its length."""

    def __init__(self, model_path: str):
        assert model_path == "somewhere"

    def encode(self, texts: list[str], *, is_query: bool) -> np.ndarray:
        return np.array([[len(text)] for text in texts], np.float32)


@pytest.fixture
def line(monkeypatch) -> tuple[Connection, Connection]:
    """Both ends of a line to it."""
    monkeypatch.setattr(embedder, "E5", Made)
    here, there = socket.socketpair()
    return Connection(here.detach()), Connection(there.detach())


def test_a_request_is_answered_with_the_vectors_and_then_it_ends_with_who_asked(line):
    here, there = line
    here.send_bytes(json.dumps({"texts": ["犬", "転入届"], "query": False}).encode())
    with socket.fromfd(here.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as same:
        same.shutdown(socket.SHUT_WR)
    embedder.serve(there, "somewhere")
    assert np.frombuffer(here.recv_bytes(), np.float32).tolist() == [1, 3]


def test_it_ends_quietly_when_who_asked_was_killed_before_reading_the_answer(line):
    here, there = line
    here.send_bytes(json.dumps({"texts": ["犬"], "query": True}).encode())
    here.close()
    embedder.serve(there, "somewhere")


def test_it_ends_quietly_when_who_asked_was_killed_with_an_answer_unread(line):
    here, there = line
    there.send_bytes(b"an answer that nobody reads")
    here.close()  # the other end is told of a reset, and not of an end
    embedder.serve(there, "somewhere")
