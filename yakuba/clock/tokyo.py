"""The one place where the wall clock is read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

#: Japan Standard Time, UTC+9 without summer time (明治19年勅令第51号).
TOKYO = ZoneInfo("Asia/Tokyo")


def now() -> datetime:
    """The present moment, aware, in Asia/Tokyo. For views, commands and jobs only; pass it on as `as_of`."""
    return datetime.now(TOKYO)


def in_tokyo(moment: datetime) -> datetime:
    """The same moment in Asia/Tokyo. Raises ValueError when it carries no time zone."""
    if moment.tzinfo is None:
        raise ValueError(
            f"{moment.isoformat()} carries no time zone, so it may be nine hours off. "
            "Give an aware datetime, for instance from yakuba.clock.now()."
        )
    return moment.astimezone(TOKYO)
