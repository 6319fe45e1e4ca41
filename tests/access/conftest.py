"""A clock, a provider and quick passwords for the tests of signing in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from yakuba import clock
from yakuba.simulators import identity


@dataclass
class Time:
    """The wall clock of a test: stands still, and moves when told."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment

    def passes(self, **spans: float) -> None:
        self.moment += timedelta(**spans)


@pytest.fixture
def time(monkeypatch) -> Time:
    """A clock that the test moves."""
    moment = Time(clock.now())
    monkeypatch.setattr(clock, "now", moment)
    return moment


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Callable[..., identity.Server]]:
    """Starts identity simulators on free ports; they end with the test."""
    running: list[identity.Server] = []

    def start(data: str, silence: float = 2.0) -> identity.Server:
        file = tmp_path / "identity.json"
        file.write_text(data, encoding="utf-8")
        server = identity.serve(file, port=0, silence=silence)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()
