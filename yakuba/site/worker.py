"""The process that does the system's steps, mail among them.

Procrastinate's own command swaps the connection of its application for one of the worker's, so that whatever a step
defers while a worker does it is committed before the step is: the job then finds nothing to do, and its work is left
lying. Here the worker fetches jobs over a connection of its own, and the application keeps Django's: a job that a
step defers becomes visible together with what the step did.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import AbstractAsyncContextManager

import click
import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

AWAY = (ConnectorException, psycopg.OperationalError)
PATIENCE = 10.0
"""Seconds that the worker waits for a connection. When the database is killed several of its parts wait one after another;
with the pool's own 30 s each it took minutes, now and then, until the worker said so and began anew."""
TRY_AGAIN = 5
"""Seconds until a worker whose database is away looks for it again."""
TOLD = (signal.SIGINT, signal.SIGTERM)
"""The signals by which the process is told to end."""


def work(concurrency: int) -> None:
    """Do jobs as they come up until the process is told to stop. A database that goes away is waited for, and the
    process begins anew when it is back: a worker that lost its connections does not recover. Told to end at any of
    these times, it ends with 0."""
    try:
        if asyncio.run(_until_told(concurrency)):
            return
    except AWAY as error:
        click.echo(f"worker: {str(error.__cause__ or error).strip()}", err=True)
    for number in TOLD:  # the loop that heeded them is closed
        signal.signal(number, lambda *_: sys.exit(0))
    click.echo(
        f"worker: the database does not answer; looking again every {TRY_AGAIN} s. `yakuba db start` starts it. "
        "Nothing is lost: what waits is done afterwards.",
        err=True,
    )
    while not _answers():
        time.sleep(TRY_AGAIN)
    command = [sys.executable, "-m", "yakuba.site.cli", "work", "--concurrency", str(concurrency)]
    # Whoever tells the process to end while it begins anew is not overheard: the signal waits until it is unblocked.
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    os.execv(sys.executable, command)


def _answers() -> bool:
    try:
        psycopg.connect(os.environ["YAKUBA_DB_ADDRESS"], connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def do_what_waits() -> None:
    """Do every job that is due, and return."""

    async def run() -> None:
        async with _fetching() as fetching:
            await _run(fetching, concurrency=4, wait=False)

    asyncio.run(run())


async def _until_told(concurrency: int) -> bool:
    """Work; True once SIGINT or SIGTERM came, False when the worker gave up by itself."""
    told = asyncio.Event()
    for number in TOLD:
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)  # blocked while the process began anew
    try:
        # Opened in full before anything is cancelled: connections that are cancelled while they open never end.
        async with _fetching() as fetching:
            running = asyncio.create_task(_run(fetching, concurrency=concurrency, wait=True))
            waiting = asyncio.create_task(told.wait())
            await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            running.cancel()
            await running
    except (asyncio.CancelledError, *AWAY):  # without its database the worker cannot take its leave
        if not told.is_set():
            raise
    return told.is_set()


def _fetching() -> AbstractAsyncContextManager[App]:
    """The application over connections for fetching jobs alone."""
    connector = PsycopgConnector(kwargs=connector_params("default"), timeout=PATIENCE)
    return app.with_connector(connector).open_async()


async def _run(fetching: App, *, concurrency: int, wait: bool) -> None:
    await fetching.run_worker_async(
        concurrency=concurrency, wait=wait, delete_jobs="successful", install_signal_handlers=False
    )
