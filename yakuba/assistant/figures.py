"""What came of talks in a month: asked, answered, not known, handed over, and the minutes that nobody had to spend on the telephone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from yakuba.assistant.talks import SERVICE, TEXTED
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries

ANSWERED = ("answered", "conditions", "urgent")


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one span of time. `asked`: questions that somebody wrote; `offered`: replies with several to choose from, of which
    `answered` counts the one that was chosen; `minutes`: what the service declares for a question by telephone, times those
    that people said were answered (`helped`), no others; `measured`: whether those minutes were measured."""

    asked: int
    answered: int
    offered: int
    unknown: int
    handed_over: int
    helped: int
    not_helped: int
    minutes: float
    measured: bool

    def json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def figures(since: datetime, until: datetime) -> Figures:
    """Of the open town, from `since` until before `until` (aware)."""
    said = case_queries.happened_of_kind(e.Said.kind).filter(at__gte=since, at__lt=until).order_by()
    rows = said.values_list("body__who", "body__how").annotate(Count("id"))
    counts = {(who, how): count for who, how, count in rows}
    by_assistant = {
        how: count for (who, how), count in counts.items() if who == "assistant" and how != TEXTED
    }
    told = {how: count for (who, how), count in counts.items() if who == "person"}
    written = sum(by_assistant.values()) - told.get("chose", 0) - told.get("none", 0)
    service = catalogue.current().services.get(SERVICE)
    declared = service.file.count if service else None
    return Figures(
        asked=written,
        answered=sum(by_assistant.get(how, 0) for how in ANSWERED),
        offered=by_assistant.get("offered", 0),
        unknown=by_assistant.get("unknown", 0),
        handed_over=told.get("person", 0),
        helped=told.get("helped", 0),
        not_helped=told.get("not_helped", 0),
        minutes=told.get("helped", 0) * float(declared.manual_minutes if declared else 0),
        measured=bool(declared and not declared.provisional),
    )
