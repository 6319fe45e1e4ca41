"""What is outside of a demo town hall, as small servers beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from yakuba.simulators.legacy import BOOKS

OLD_SYSTEMS = 8795
"""The first port of the practice systems that robots work in."""
PRACTICE_KEY = "yakuba-local-only"
PRACTICE_SECRET = "whsec_eWFrdWJhLWxvY2FsLW9ubHk="
"""Of the practice payment provider, which listens on this computer alone: with it no real money moves."""
LEAVE = 40
"""Seconds that a process has to end in good order: more than the 30 s that gunicorn gives to whom it serves."""
TRIES = 20
"""How often free ports are looked for that follow each other."""


@contextmanager
def neighbours(var: Path) -> Iterator[None]:
    """What is outside of a town hall, as small servers that speak the real protocols, on their usual ports or, where
    another demo has these, on free ones."""
    var.mkdir(parents=True, exist_ok=True)
    people = var / "identity.json"
    if not people.exists():
        people.write_text('{"clients": [], "people": []}')
    mail, identity, bank, payments, sms = map(near, (8025, 8010, 8790, 8792, 8030))
    old = near(OLD_SYSTEMS, len(BOOKS))
    os.environ.setdefault("YAKUBA_SMTP_URL", f"smtp://127.0.0.1:{mail}")
    os.environ.setdefault("YAKUBA_SMS_URL", f"http://127.0.0.1:{sms}")
    os.environ.setdefault("YAKUBA_OIDC_ISSUER", f"http://127.0.0.1:{identity}")
    if not os.environ.get("YAKUBA_PAYMENTS_URL"):  # never a practice secret beside a provider of one's own
        os.environ["YAKUBA_PAYMENTS_URL"] = f"http://127.0.0.1:{payments}"
        os.environ["YAKUBA_PAYMENTS_KEY"] = PRACTICE_KEY
        os.environ["YAKUBA_PAYMENTS_SECRET"] = PRACTICE_SECRET
    paid_at = ["--key", PRACTICE_KEY, "--secret", PRACTICE_SECRET, "--port", str(payments)]
    os.environ.setdefault("YAKUBA_OLD_SYSTEMS_PORT", str(old))
    simulators = [sys.executable, "-m"]
    with running(
        [*simulators, "yakuba.simulators.mail", "--folder", str(var / "mail"), "--port", str(mail)],
        [*simulators, "yakuba.simulators.identity", "--data", str(people), "--port", str(identity)],
        [*simulators, "yakuba.simulators.bank", "--folder", str(var / "bank"), "--port", str(bank)],
        [*simulators, "yakuba.simulators.sms", "--folder", str(var / "sms"), "--port", str(sms)],
        [*simulators, "yakuba.simulators.legacy", "--folder", str(var / "legacy"), "--port", str(old)],
        [*simulators, "yakuba.simulators.payments", *paid_at],
    ):
        yield


@contextmanager
def old_systems_nearby(var: Path) -> Iterator[None]:
    """The practice systems that robots of a demo work in, started unless they run already."""
    port = OLD_SYSTEMS
    if "YAKUBA_OLD_SYSTEMS_PORT" in os.environ or near(port, len(BOOKS)) != port:
        yield
        return
    command = [sys.executable, "-m", "yakuba.simulators.legacy"]
    with running([*command, "--folder", str(var / "legacy"), "--port", str(port)]):
        for number in range(len(BOOKS)):
            wait_for(port + number)
        yield


def wait_for(port: int, seconds: float = 10.0) -> None:
    """Until something listens on the port of 127.0.0.1. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port} after {seconds:.0f} s")


def near(port: int, count: int = 1) -> int:
    """The port where nobody listens there, nor on the `count` - 1 after it; else the first of as many free ones."""
    for wanted in (port, *[0] * TRIES):
        with suppress(OSError):
            first = _bound(wanted)
            if all(_bound(first + more) for more in range(1, count)):
                return first
    raise click.ClickException("No port of 127.0.0.1 is free; end some programs that listen there.")


def _bound(port: int) -> int:
    """The port, or a free one for 0. Raises OSError where somebody listens."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return int(probe.getsockname()[1])


@contextmanager
def running(*commands: Sequence[str]) -> Iterator[None]:
    """The commands run meanwhile, without the terminal's Ctrl-C, and are ended afterwards. What they say goes to
    standard error. A worker ends the steps that it is at first; what takes too long is killed, and done anew by
    whoever works next."""
    started = [subprocess.Popen(each, start_new_session=True, stdout=sys.stderr) for each in commands]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=LEAVE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
