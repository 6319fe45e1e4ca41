"""A small load generator in processes of its own. Speaks only to 127.0.0.1, sends what it is given and no more.

    python -m bench.load PORT FILE [--connections N | --rate N]

FILE: JSON, a list of [path, cookie, body]. With `--connections`, so many browsers send one after the other and keep
their connection; prints seconds and how often which status came. With `--rate`, so many visitors arrive a second,
whether the others were answered or not, each on a connection of their own, and follow the redirect as a browser does;
prints the same, counted by how it ended for each. A crowd comes from as many processes as its connections need: each
takes one of the files that a process may open.
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import ceil
from pathlib import Path
from random import randrange
from typing import NamedTuple

import click

HOST = "127.0.0.1"
PATIENCE = 120.0
"""Seconds that a visitor waits for an answer; browsers give up after 300."""
OTHER_FILES = 200
"""Files that a process has open besides its connections, with room to spare."""
Visit = tuple[str, str, str]


class Answer(NamedTuple):
    """What came back. `again`: it says when to ask again (Retry-After)."""

    status: int
    location: str
    again: bool


class Browser:
    """One connection that is kept, and opened again where the server closed it between two requests."""

    def __init__(self, port: int):
        self.port = port
        self.writer: asyncio.StreamWriter | None = None

    async def post(self, visit: Visit) -> Answer:
        """Send a form."""
        path, cookie, body = visit
        return await self._ask(
            f"POST {path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nOrigin: http://{HOST}:{self.port}\r\n"
            f"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    async def get(self, path: str, cookie: str) -> Answer:
        """Fetch a page; anew where the server closed the kept connection meanwhile (RFC 9110 section 9.2.2)."""
        request = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nCookie: {cookie}\r\n\r\n"
        try:
            return await self._ask(request)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            return await self._ask(request)

    async def _ask(self, request: str) -> Answer:
        if self.writer is None or self.reader.at_eof():
            self.close()
            here = f"127.0.0.{randrange(2, 255)}"  # one address has too few ports for a crowd
            self.reader, self.writer = await asyncio.open_connection(HOST, self.port, local_addr=(here, 0))
        self.writer.write(request.encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        await self.reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(status.split()[1]), headers.get("location", ""), "retry-after" in headers)

    def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


async def steady(port: int, visits: list[Visit], connections: int) -> Counter[str]:
    """Every visit once, by so many browsers at the same time."""
    found: Counter[str] = Counter()
    queue: Iterator[Visit] = iter(visits)

    async def one() -> None:
        browser = Browser(port)
        for visit in queue:
            found[str((await browser.post(visit)).status)] += 1
        browser.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return found


async def burst(port: int, visits: list[Visit], rate: float) -> Counter[str]:
    """Every visit once, so many a second."""
    found: Counter[str] = Counter()
    begin = time.perf_counter()

    async def one(number: int, visit: Visit) -> None:
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        try:
            async with asyncio.timeout(PATIENCE):
                found[await arrive(port, visit)] += 1
        except Exception as error:
            found[f"error: {type(error).__name__}"] += 1

    await asyncio.gather(*(one(number, visit) for number, visit in enumerate(visits)))
    return found


def crowd(port: int, visits: list[Visit], rate: float) -> Counter[str]:
    """As `burst`, shared among processes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # one connection for each
    processes = 1 if most == resource.RLIM_INFINITY else ceil(len(visits) / (most - OTHER_FILES))
    shares = [visits[first::processes] for first in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        return sum(pool.map(partial(_share, port, rate / processes), shares), Counter())


def _share(port: int, rate: float, visits: list[Visit]) -> Counter[str]:
    return asyncio.run(burst(port, visits, rate))


async def arrive(port: int, visit: Visit) -> str:
    """Send, follow the redirect, and say what was seen at the end: reference, waiting, or an error."""
    browser = Browser(port)
    try:
        answer = await browser.post(visit)
        if answer.status == 302:
            answer = await browser.get(answer.location, visit[1])
    finally:
        browser.close()
    if answer.status == 503 and answer.again:
        return "waiting"
    return "reference" if answer.status == 200 else f"error: {answer.status} {answer.location}"


@click.command()
@click.argument("port", type=int)
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--connections", type=int, default=0)
@click.option("--rate", type=float, default=0.0)
def main(port: int, file: Path, connections: int, rate: float) -> None:
    """Send everything in FILE once."""
    visits = [tuple(visit) for visit in json.loads(file.read_text())]
    begin = time.perf_counter()
    found = crowd(port, visits, rate) if rate else asyncio.run(steady(port, visits, connections))
    print(json.dumps({"seconds": time.perf_counter() - begin, "answers": found}))


if __name__ == "__main__":
    main()
