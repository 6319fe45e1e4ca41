"""How a line of the server's log is written: what broke and where, and nothing about people."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from types import TracebackType

from yakuba.clock import TOKYO

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What ends a line, or turns the order of what stands there (UAX 9)."""


class Unexpected(logging.Filter):
    """Leaves out Django's line for an answer 503 (please ask again): in a crowd it is given on purpose, and where
    another service is not there, the room that asked it writes a line of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


class Impersonal(logging.Formatter):
    """Writes an exception as its types and the places in the code. Its message stays out: PostgreSQL, for one,
    quotes the row that it refused, and a row may hold names, accounts and birth dates.

    A message is one line, whatever somebody typed into it: control characters are written out (CWE-117).

    What a step that failed said is kept in the private part of its case's log, where staff of the case see it.
    """

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """With the difference to UTC (ISO 8601)."""
        return datetime.fromtimestamp(record.created, TOKYO).isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line, with nothing in it that would begin another."""
        return CONTROL.sub(lambda one: repr(one[0])[1:-1], super().formatMessage(record))

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """The chain of exceptions, the first cause first."""
        return "\nand then:\n".join(reversed([_said(error) for error in chain(ei[1])]))


def _said(error: BaseException) -> str:
    places = "".join(traceback.format_tb(error.__traceback__))
    return f"{places}{type(error).__module__}.{type(error).__qualname__}"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what led to it, the first cause last, each once: a chain may lead back into itself. psycopg and
    Procrastinate make such a one, now and then, of a database that is killed; whoever followed it never came back."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
