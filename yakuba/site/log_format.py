"""How a line of the server's log is written: what broke and where, and nothing about people."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any

import orjson
from django.http import HttpRequest

from yakuba.clock import TOKYO

serving: ContextVar[tuple[str, HttpRequest] | None] = ContextVar("serving", default=None)
"""The request that is being answered, and its number (`telemetry.middleware`)."""
NO_VIEW = "none"
OURS = "yakuba"
ADDRESS = re.compile(r"(?:https?://[^\s/'\"]+)?/[^\s'\"]*|\?[^\s'\"]+")
"""An address of a page, or its question: reference numbers stand in them, and whatever a visitor types."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What ends a line, or turns the order of what stands there (UAX 9)."""
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class Unexpected(logging.Filter):
    """Leaves out Django's line for an answer 503 (please ask again): in a crowd it is given on purpose, and where
    another service is not there, the room that asked it writes a line of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


class Impersonal(logging.Formatter):
    """Writes an exception as its types and the places in the code. Its message stays out: PostgreSQL, for one,
    quotes the row that it refused, and a row may hold names, accounts and birth dates. Of what others' code writes, addresses
    and quoted texts stay out too.

    A message is one line, whatever somebody typed into it: control characters are written out (CWE-117).

    What a step that failed said is kept in the private part of its case's log, where staff of the case see it.
    """

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """The chain of exceptions, the first cause first."""
        return "\nand then:\n".join(reversed([_said(error) for error in chain(ei[1])]))

    def formatMessage(self, record: logging.LogRecord) -> str:
        """One line, without what others' code put into it about people."""
        record.message = message(record)
        return CONTROL.sub(lambda one: repr(one[0])[1:-1], super().formatMessage(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """With the difference to UTC (ISO 8601)."""
        return datetime.fromtimestamp(record.created, TOKYO).isoformat(timespec="milliseconds")


class AsJson(Impersonal):
    """One JSON object a line, for a log collector."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, TOKYO).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message(record),
            **_served(),
            **_job(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def message(record: logging.LogRecord) -> str:
    """What is said, without what others' code put into it about people."""
    if record.name == OURS or record.name.startswith(f"{OURS}."):
        return record.getMessage()
    if isinstance(record.msg, str) and record.args:
        safe = record.args if isinstance(record.args, dict) else tuple(map(_safe, record.args))
        if not isinstance(safe, dict):
            try:
                return record.msg % safe
            except (TypeError, ValueError):
                return str(record.msg)
    return _safe_text(str(record.msg))


def _safe(value: object) -> object:
    return value if isinstance(value, int | float) else _safe_text(str(value))


def _safe_text(text: str) -> str:
    return QUOTED.sub("'...'", ADDRESS.sub("/...", text))


def _served() -> dict[str, str]:
    """Of the request that is being answered: its number, the town, the page, and the kind of who asks."""
    if (now := serving.get()) is None:
        return {}
    number, request = now
    known = {
        "request": number,
        "town": getattr(request, "town", ""),
        "view": view_of(request),
        "worker": asker(request),
    }
    return {name: value for name, value in known.items() if value}


def _job(record: logging.LogRecord) -> dict[str, Any]:
    """Of a job that a worker is at: its number and what it does, not what it is about."""
    job = getattr(record, "job", None)
    return {"job": job.get("id"), "task": job.get("task_name")} if isinstance(job, dict) else {}


def view_of(request: HttpRequest) -> str:
    """The name of the page that the request is for, as the code has it."""
    match = request.resolver_match
    return (match.view_name or match.route or NO_VIEW) if match else NO_VIEW


def asker(request: HttpRequest) -> str:
    """The kind of worker who asks: staff, resident, ...; never who."""
    return getattr(getattr(request, "worker", None), "kind", "")


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
