"""Dates and times as people read them, per language."""

from __future__ import annotations

from datetime import date, datetime

from yakuba.clock.tokyo import in_tokyo
from yakuba.clock.wareki import to_wareki

_WEEKDAYS = "月火水木金土日"


def say_date(day: date, language: str) -> str:
    """A date with its weekday: the Japanese era in ja, the western year in easy and en.

    >>> [say_date(date(2026, 11, 24), language) for language in ("ja", "easy", "en")]
    ['令和8年11月24日（火）', '2026年11月24日（火曜日）', '24 November 2026 (Tue)']
    """
    weekday = _WEEKDAYS[day.weekday()]
    if language == "en":
        return f"{day.day} {day:%B %Y (%a)}"
    if language == "easy":
        return f"{day.year}年{day.month}月{day.day}日（{weekday}曜日）"
    return f"{to_wareki(day)}（{weekday}）"


def say_time(moment: datetime, language: str) -> str:
    """The time of day in Asia/Tokyo: 14時5分, 午後2時5分 in easy, 14:05 in en. Raises ValueError when naive."""
    local = in_tokyo(moment)
    minutes = f"{local.minute}分" if local.minute else ""
    if language == "en":
        return f"{local:%H:%M}"
    if language == "easy":
        return f"{'午前' if local.hour < 12 else '午後'}{local.hour % 12}時{minutes}"
    return f"{local.hour}時{minutes}"


def say_datetime(moment: datetime, language: str) -> str:
    """A date with its weekday and the time of day, in Asia/Tokyo. Raises ValueError when naive.

    >>> from yakuba.clock.tokyo import TOKYO
    >>> say_datetime(datetime(2026, 11, 24, 14, 5, tzinfo=TOKYO), "ja")
    '令和8年11月24日（火）14時5分'
    """
    between = "" if language == "ja" else " "
    return say_date(in_tokyo(moment).date(), language) + between + say_time(moment, language)
