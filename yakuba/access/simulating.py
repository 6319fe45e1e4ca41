"""What would have been different: a time of the access log asked again, under other policies or under those in force.

The log keeps what staff asked (`AccessEvent.question`): what is traced, refused, or part of a request that changes something.
Equal questions are asked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Count

from yakuba.access import log
from yakuba.access.circumstances import SPECIAL, Circumstances
from yakuba.access.models import AccessEvent
from yakuba.access.policy import BadResource, PolicyBook, UnknownAction
from yakuba.access.worker import Worker


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the log, `times` of it."""

    worker: str
    action: str
    resource_type: str
    allowed: bool
    question: Mapping[str, Any]
    times: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a book of policies says to it. `wrong`: why it cannot be asked any more (an action or attribute that is gone)."""

    asked: Asked
    allowed: bool
    policies: tuple[str, ...]
    wrong: str = ""

    @property
    def differs(self) -> bool:
        """Whether the log has it otherwise."""
        return self.allowed != self.asked.allowed


def questions(since: datetime, until: datetime) -> Iterator[Asked]:
    """What staff of the present town asked from `since` to before `until` (aware), equal questions once."""
    kept = _within(since, until).filter(question__isnull=False, outcome__in=(log.ALLOWED, log.DENIED))
    grouped = kept.values("worker_id", "action", "resource_type", "outcome", "question").annotate(
        times=Count("id")
    )
    for row in grouped.order_by("action", "worker_id", "outcome"):
        yield Asked(
            row["worker_id"],
            row["action"],
            row["resource_type"],
            row["outcome"] == log.ALLOWED,
            row["question"],
            row["times"],
        )


def unasked(since: datetime, until: datetime) -> int:
    """How many rows of staff in that time keep no question (written before the log kept them): they cannot be asked again."""
    rows = _within(since, until).filter(question__isnull=True, worker_kind="staff")
    return rows.filter(outcome__in=(log.ALLOWED, log.DENIED)).count()


def _within(since: datetime, until: datetime) -> Any:
    return AccessEvent.objects.filter(at__gte=since, at__lt=until)


def answer(book: PolicyBook, asked: Asked, town: str) -> Answer:
    """What these policies say to a question of the log."""
    said = asked.question
    around = dict(said["circumstances"])
    data = around.pop("data")
    special = {name: around.pop(name) for name in SPECIAL if name in around}
    worker = Worker(
        "staff",
        asked.worker,
        town,
        roles=frozenset(said["roles"]),
        strength=said["strength"],
        where=Circumstances(**around),
    )
    rest = orjson.dumps([said["attributes"], worker.where.context(data) | special])
    try:
        allowed, reasons = book.decide(worker, asked.action, asked.resource_type, said["town"], rest)
    except (UnknownAction, BadResource) as error:
        return Answer(asked, False, (), str(error))
    return Answer(asked, allowed, tuple(sorted(reasons)))
