"""How a line of the server's log is written: what broke and where, and nothing about people."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from types import TracebackType


class Unexpected(logging.Filter):
    """Leaves out Django's line for an answer 503 (please ask again): in a crowd it is given on purpose, and where
    another service is not there, the room that asked it writes a line of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


class Impersonal(logging.Formatter):
    """Writes an exception as its types and the places in the code. Its message stays out: PostgreSQL, for one,
    quotes the row that it refused, and a row may hold names, accounts and birth dates.

    What a step that failed said is kept in the private part of its case's log, where staff of the case see it.
    """

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
