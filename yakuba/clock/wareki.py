"""Japanese-era dates (和暦) in and out."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from japanera import ERA_DATA_GENERAL

from yakuba.words import Text

#: Japan counts by the Gregorian calendar since 1 January 1873 (明治5年太政官布告第337号); earlier dates are lunar.
EARLIEST = date(1873, 1, 1)

_LETTERS = {"明治": "M", "大正": "T", "昭和": "S", "平成": "H", "令和": "R"}


@dataclass(frozen=True, slots=True)
class Era:
    """One era (元号): its name in Japanese and English, its letter, its first and its last day."""

    kanji: str
    english: str
    letter: str
    first: date
    last: date | None

    def western_year(self, year: int) -> int:
        """The western year of the era's `year`."""
        return self.first.year + year - 1


def _modern_eras() -> tuple[Era, ...]:
    known = {era.kanji: era for era in ERA_DATA_GENERAL}
    return tuple(
        Era(
            kanji,
            known[kanji].english_vowel_shortened,
            letter,
            known[kanji].since,
            known[kanji].until and known[kanji].until - timedelta(days=1),
        )
        for kanji, letter in _LETTERS.items()
    )


#: 明治 to 令和, oldest first. Source: 元号法 and the edicts before it, by way of japanera.
ERAS = _modern_eras()


class NotADate(ValueError):
    """Something was written that is no date; `text` says it to the reader in ja / easy / en."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


def era_of(day: date) -> Era:
    """The era that `day` lies in. Raises NotADate before 1873."""
    if day < EARLIEST:
        raise NotADate(
            Text(
                ja=f"{day.year}年は和暦にできません。明治6年（1873年）1月1日以降の日付を書いてください。",
                easy="日付が 古すぎます。1873年より 後の 日を 書いてください。",
                en=f"The year {day.year} is before the calendar of today. Give a date from 1 January 1873 on.",
            )
        )
    return next(era for era in reversed(ERAS) if era.first <= day)


def era_year(day: date) -> int:
    """The year within the era: 8 for 2026 (令和8年)."""
    return day.year - era_of(day).first.year + 1


def to_wareki(day: date, *, first_year: str = "元") -> str:
    """A date in the Japanese era; the first year is 元年 as on official papers, or `first_year="1"`.

    Raises NotADate before 1873.

    >>> to_wareki(date(2026, 11, 24)), to_wareki(date(2019, 5, 1)), to_wareki(date(1989, 1, 7), first_year="1")
    ('令和8年11月24日', '令和元年5月1日', '昭和64年1月7日')
    """
    year = era_year(day)
    return f"{era_of(day).kanji}{first_year if year == 1 else year}年{day.month}月{day.day}日"


_ERA_NAMES = {name: era for era in ERAS for name in (era.kanji, era.kanji[0], era.letter)}
_ERA = r"(?P<era>" + "|".join(sorted(_ERA_NAMES, key=len, reverse=True)) + r")"
_WEEKDAY = r"(?:\([月火水木金土日](?:曜日?)?\))?"
_FORMS = [
    re.compile(_ERA + r"?(?P<year>\d{1,4}|元)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日" + _WEEKDAY),
    re.compile(_ERA + r"(?P<year>\d{1,2}|元)([./-])(?P<month>\d{1,2})\3(?P<day>\d{1,2})"),
    re.compile(_ERA + r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(r"(?P<year>\d{4})([./-])(?P<month>\d{1,2})\2(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
]


def parse_date(text: str) -> date:
    """The date that a person wrote, in a western year or in a Japanese era.

    Understood, in full or half width and with blanks between: 令和8年11月24日, 令和元年5月1日, R8.11.24, R08/11/24,
    R081124, 2026年11月24日, 2026-11-24, 2026/11/24, 2026.11.24, 20261124; a weekday in brackets may follow.
    Raises NotADate when it cannot be read, the day does not exist, or the era did not last until then.
    Whether a date may lie in the future is for the caller to check.

    >>> parse_date("Ｒ８．１１．２４") == parse_date("令和 8年 11月 24日") == date(2026, 11, 24)
    True
    >>> parse_date("昭和65年1月1日")
    Traceback (most recent call last):
    yakuba.clock.wareki.NotADate: Showa ended on 7 January of its year 64. Do you mean 1 January 1990 (平成2年1月1日)?
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    match = next((found for form in _FORMS if (found := form.fullmatch(plain))), None)
    if match is None:
        raise _unreadable(text)
    part = match.groupdict()
    era = _ERA_NAMES.get(part.get("era") or "")
    year = 1 if part["year"] == "元" else int(part["year"])
    if era is None and len(part["year"]) != 4:
        raise _no_era(text)
    day = _existing_day(era.western_year(year) if era else year, int(part["month"]), int(part["day"]))
    return _within(era, day) if era else day


def _existing_day(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12:
        raise NotADate(
            Text(
                ja=f"{month}月はありません。月は1から12までの数字で書いてください。",
                easy=f"{month}月は ありません。月は 1から 12までの 数字を 書いてください。",
                en=f"There is no month {month}. Write a month from 1 to 12.",
            )
        )
    if not 1 <= year <= 9999:
        raise _unreadable(str(year))
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise NotADate(
            Text(
                ja=f"{year}年{month}月{day}日はありません。{year}年{month}月は{days}日までです。日を確かめてください。",
                easy=f"{year}年{month}月{day}日は ありません。この 月は {days}日までです。もう一度 書いてください。",
                en=f"There is no day {day} in {year}-{month:02}: that month has {days} days. Check the day.",
            )
        )
    return date(year, month, day)


def _within(era: Era, day: date) -> date:
    if day < max(era.first, EARLIEST):
        raise _before(era, day)
    if era.last and day > era.last:
        raise _after(era, era.last, day)
    return day


def _after(era: Era, last: date, day: date) -> NotADate:
    last_year = era_year(last)
    meant = to_wareki(day)
    return NotADate(
        Text(
            ja=f"{era.kanji}は{last_year}年{last.month}月{last.day}日までです。{meant}のことですか？",
            easy=f"{era.kanji}は {last_year}年{last.month}月{last.day}日までです。{meant}ですか？ もう一度 書いてください。",
            en=f"{era.english} ended on {last.day} {last:%B} of its year {last_year}. "
            f"Do you mean {day.day} {day:%B %Y} ({meant})?",
        )
    )


def _before(era: Era, day: date) -> NotADate:
    if day < EARLIEST:
        era_of(day)  # says that dates before 1873 are not understood
    first, meant = era.first, to_wareki(day)
    return NotADate(
        Text(
            ja=f"{era.kanji}は{first.year}年{first.month}月{first.day}日からです。{meant}のことですか？",
            easy=f"{era.kanji}は {first.year}年{first.month}月{first.day}日からです。{meant}ですか？ もう一度 書いてください。",
            en=f"{era.english} began on {first.day} {first:%B %Y}. Do you mean {day.day} {day:%B %Y} ({meant})?",
        )
    )


def _unreadable(text: str) -> NotADate:
    return NotADate(
        Text(
            ja=f"「{text}」を日付として読めません。「令和8年11月24日」や「2026-11-24」のように書いてください。",
            easy=f"「{text}」は 日付では ありません。「2026年11月24日」のように 書いてください。",
            en=f"“{text}” cannot be read as a date. Write it like 2026-11-24 or 令和8年11月24日.",
        )
    )


def _no_era(text: str) -> NotADate:
    return NotADate(
        Text(
            ja=f"「{text}」には元号がありません。「令和8年11月24日」のように元号を付けるか、西暦を4桁で書いてください。",
            easy=f"「{text}」の 年が わかりません。「2026年11月24日」のように 書いてください。",
            en=f"“{text}” has no era. Write the year with four digits, like 2026-11-24, or with its era, like R8.11.24.",
        )
    )
