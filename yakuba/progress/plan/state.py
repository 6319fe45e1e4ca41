"""How an item of the plan stands, and what shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from yakuba.clock import say_date
from yakuba.words import LANGUAGES, Text, ui, ui_text

Standing = Literal["runs", "part", "stopped", "not_yet", "declared", "unseen"]
"""`runs`; `part`: something does, less than what counts; `stopped`: nothing of late; `not_yet`: nothing ever; `declared`: only the
town's own plan says so; `unseen`: nothing of it is recorded here, so that nobody can say from here whether it runs."""


OF_PEOPLE = frozenset(
    {"front", "visits", "online_requests", "online_fees", "card", "ai", "divide", "telework"}
)
"""Evidence that counts what people asked for, or where they worked."""


def tens(count: int) -> int:
    """Rounded down to tens: who knows one procedure's count cannot work out another's."""
    return count - count % 10


def told(key: str, **values: object) -> Text:
    """Words of a screen in all languages, filled in: a date as each language says it, a text in that language."""
    return Text(**{one: ui(key, one, **{name: _said(value, one) for name, value in values.items()}) for one in LANGUAGES})  # fmt: skip


def _said(value: object, language: str) -> object:
    if isinstance(value, Text):
        return value.get(language)
    if isinstance(value, date):
        return say_date(value, language)
    return f"{value:,}" if isinstance(value, int) else value


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows how an item stands. `what`: the end of the key of its words; `count`: how many, `since`, `last`: the first and the last
    day; `more`: further values of the words."""

    what: str
    count: int
    since: date | None = None
    last: date | None = None
    more: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> Text:
        """In words."""
        days: dict[str, object] = {} if self.since is None else {"since": self.since}
        days |= {} if self.last is None else {"last": self.last}
        return told(f"plan.saw_{self.what}", count=self.count, **days, **dict(self.more))

    @property
    def public(self) -> Text:
        """In words for everybody: what people did is told in tens, and below ten not at all, with no day."""
        if self.what not in OF_PEOPLE or not self.count:
            return self.text
        return told("plan.saw_many", count=tens(self.count)) if tens(self.count) else ui_text("plan.saw_few")

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        days = {"since": self.since, "last": self.last}
        said = {name: value.isoformat() if value else None for name, value in days.items()}
        return {"what": self.what, "count": self.count, **said, "says": self.text.en}


@dataclass(frozen=True, slots=True)
class State:
    """How an item stands. `reached`: as much as counts against a target, where it can be counted."""

    standing: Standing
    evidence: Sequence[Evidence] = ()
    reached: int | None = None

    @property
    def of_people(self) -> bool:
        """Whether `reached`, which the first evidence shows, counts people or what they did."""
        return any(one.what in OF_PEOPLE for one in self.evidence[:1])
