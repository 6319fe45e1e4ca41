"""Days, years and times of day as old systems write them, as the standard writes them.

The standard's forms are DATE `YYYY-MM-DD`, YEAR `YYYY` and TIME `HH:MM:SS` (seconds may be left out). Where an item says
from when or until when, no limit is written 0000-01-01 or 0000, and 9999-12-31 or 9999. An unknown day is allowed only
where the item says so. Source: デジタル庁 共通機能標準仕様書 項目定義書「凡例）データ型」 7 to 9.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import product
from typing import Literal

from openpyxl.utils.datetime import from_excel

from yakuba.clock import NotADate, in_tokyo, parse_date
from yakuba.records.values.characters import HYPHENS
from yakuba.records.values.outcome import Outcome, accepted, held
from yakuba.words import number_of

ERA_CODES: Mapping[str, str] = {"1": "明治", "2": "大正", "3": "昭和", "4": "平成", "5": "令和"}
"""The digit before a year of two digits, as systems of residents' registers usually count eras. A vendor's own digits are
declared in `Form.era_codes`."""
FIRST_DAY, LAST_DAY = "0000-01-01", "9999-12-31"
"""No limit (凡例）データ型 8)."""
FIRST_SURE_SERIAL = 61
"""1 March 1900: before it Excel counts a 29 February 1900 that never was."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a file's declaration says of a column of days or years; nothing of it is guessed.

    `zeros`: what 0 (as many as there are) means: "start" no limit, "empty" nothing is known. `nines`: likewise, "end" or
    "empty". `unknown_day`: the item allows a day, or a month and a day, that is not known. `serial`: days counted as Excel
    does, from 1900. `era_codes`: the digit before a year of two digits.
    """

    zeros: Literal["", "start", "empty"] = ""
    nines: Literal["", "end", "empty"] = ""
    unknown_day: bool = False
    serial: bool = False
    era_codes: Mapping[str, str] = field(default_factory=lambda: ERA_CODES)


PLAIN = Form()

_ERA = r"(?:明治|大正|昭和|平成|令和|[明大昭平令MTSHR])"
_YEAR = rf"{_ERA}?(?:\d{{1,4}}|元)"
_UNKNOWN = [
    re.compile(
        rf"(?P<year>{_YEAR})年(?:(?P<month>\d{{1,2}})月)?(?:00?日|日?不詳|月日不詳|日?不明|月日不明|頃)?"
    ),
    re.compile(rf"(?P<year>{_YEAR})(?P<sep>[./-])(?P<month>\d{{1,2}})(?:(?P=sep)00?)?"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})00"),
]
_WITH_TIME = re.compile(
    r"(?P<day>.*\d日?)(?:T|\s+)(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_STAMP = re.compile(r"(\d{8})(\d{6})")
_NO_TIME = re.compile(r"[0:.]*")
_NUMERALS = re.compile(
    r"(?:[二三四五六七八九]?十[一二三四五六七八九]?|[〇一二三四五六七八九]+)(?=[年月日時分秒])"
)


_USUAL = re.compile(
    r"(?:[MTSHR]\d{2}|(?!0000|9999)\d{4})(?P<sep>[./-])\d{1,2}(?P=sep)(?:0?[1-9]|[12]\d|3\d)", re.ASCII
)
"""What most systems write: it needs no second look."""


def to_date(text: str, form: Form = PLAIN) -> Outcome:
    """A day in any usual form as `YYYY-MM-DD`; a day that is not known as `YYYY-MM-00` or `YYYY-00-00`.

    Read are what `clock.parse_date` reads, an era's code and six digits (3550102), numerals (令和六年五月一日), a time of day
    after it (which is left out) and, where `form` says so, Excel's numbers, no limits and unknown days. Held is what could
    be two days (430102 has no era), and what never was (令和元年2月30日, 昭和70年1月1日).

    >>> to_date("Ｒ１．５．１").value, to_date("3550102").value, to_date("430102").value
    ('2019-05-01', '1980-01-02', None)
    """
    try:
        if _USUAL.fullmatch(text):
            return accepted(text, parse_date(text).isoformat(), "form")
        plain = _plain(text)
        if not plain:
            return Outcome("")
        return _limit(text, plain, form, (FIRST_DAY, LAST_DAY)) or _date(text, plain, form)
    except NotADate as error:
        return Outcome(None, held=error.text)


def to_year(text: str, form: Form = PLAIN) -> Outcome:
    """A year as `YYYY`, of an era too: 2024, 令和6年, R6, 506, 令和6年度.

    >>> to_year("令和6年度").value, to_year("S55").value, to_year("55").value
    ('2024', '1980', None)
    """
    plain = "".join(_plain(text).split())
    if not plain:
        return Outcome("")
    if limit := _limit(text, plain, form, (FIRST_DAY[:4], LAST_DAY[:4])):
        return limit
    plain = re.sub(r"年度?$", "", plain)
    if re.fullmatch(r"\d{3}", plain):
        plain = form.era_codes.get(plain[0], "") + plain[1:]
    if not re.fullmatch(_YEAR, plain):
        return held("year.unreadable", given=text)
    try:
        return accepted(text, f"{_some_day(plain, '', '').year:04}", "form")
    except NotADate as error:
        return Outcome(None, held=error.text)


def to_month(text: str, form: Form = PLAIN) -> Outcome:
    """A month as `YYYY-MM`, of an era too: 2026-10, 202610, R8.10, 令和8年10月, 50810.

    >>> to_month("R8.10").value, to_month("50810").value, to_month("8年10月").value
    ('2026-10', '2026-10', None)
    """
    plain = "".join(_plain(text).split())
    if not plain:
        return Outcome("")
    coded = re.fullmatch(r"(\d)(\d{2})(\d{2})", plain)
    if coded and coded[1] in form.era_codes:
        plain = f"{form.era_codes[coded[1]]}{coded[2]}年{coded[3]}月"
    year = rf"(?P<year>{_ERA}(?:\d{{1,2}}|元)|\d{{4}})"
    found = re.fullmatch(rf"{year}(?:[年./-](?P<month>\d{{1,2}})|(?P<two>\d{{2}}))月?", plain)
    if not found:
        return held("month.unreadable", given=text)
    try:
        day = _some_day(found["year"], found["month"] or found["two"], "")
    except NotADate as error:
        return Outcome(None, held=error.text)
    return accepted(text, f"{day:%Y-%m}", "form")


def to_time(text: str) -> Outcome:
    """A time of day as `HH:MM:SS`, or `HH:MM` where no seconds were given: 9:05, 0905, 090500, 午後2時5分.

    Held is 12時 with 午前 or 午後, which people mean both ways, and 24:00, which is a time of the next day.

    >>> to_time("9:05").value, to_time("午後2時5分").value, to_time("24:00").value
    ('09:05', '14:05', None)
    """
    plain = "".join(_plain(text).split())
    if not plain:
        return Outcome("")
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?|(\d{2})(\d{2})(\d{2})?", plain)
    match = match or re.fullmatch(r"(?P<half>午前|午後)?(\d{1,2})時(?:(\d{1,2})分(?:(\d{1,2})秒)?)?", plain)
    if not match:
        return held("time.unreadable", given=text)
    half = match.groupdict().get("half")
    parts = [int(part) for part in match.groups() if part and part != half]
    if half and parts[0] > 11:
        return held("time.twelve", given=text)
    parts[0] += 12 if half == "午後" else 0
    hour, minute, second = (*parts, 0, 0)[:3]
    try:
        moment = time(hour, minute, second)
    except ValueError:
        return held("time.none", given=text)
    return accepted(text, moment.isoformat("seconds" if len(parts) == 3 else "minutes"), "form")


def _plain(text: str) -> str:
    """In half width and with arabic numbers; 生 after a birth date says nothing."""
    plain = unicodedata.normalize("NFKC", text).strip().upper().translate(HYPHENS).replace("・", ".")
    return _NUMERALS.sub(lambda found: str(number_of(found.group())), plain).removesuffix("生")


def _limit(text: str, plain: str, form: Form, limits: tuple[str, str]) -> Outcome | None:
    """What only the declaration can say: zeros and nines, and the standard's own words for no limit."""
    meant: str
    if re.fullmatch(r"0+", plain) or plain == limits[0]:
        meant, value, why = form.zeros, limits[0], "start"
    elif re.fullmatch(r"9{4,}", plain) or plain.replace("/", "-") in (limits[1], limits[1].replace("-", "")):
        meant, value, why = form.nines, limits[1], "end"
    else:
        return None
    if not meant:
        return held("date.no_limit", given=text)
    return accepted(text, "", "empty") if meant == "empty" else accepted(text, value, why)


def _date(text: str, plain: str, form: Form) -> Outcome:
    plain, why = _without_time(plain)
    plain = "".join(plain.split())
    if form.serial and re.fullmatch(r"\d{1,5}(?:\.\d+)?", plain):
        return _serial(text, plain)
    if re.fullmatch(r"\d{7}", plain):
        if plain[0] not in form.era_codes:
            return held("date.era_code", given=text, code=plain[0], known="".join(form.era_codes))
        plain = f"{form.era_codes[plain[0]]}{plain[1:3]}年{plain[3:5]}月{plain[5:]}日"
    if re.fullmatch(r"\d{5,6}", plain):
        return held("date.ambiguous", given=text)
    if unknown := next((found for pattern in _UNKNOWN if (found := pattern.fullmatch(plain))), None):
        return _unknown(text, unknown["year"], (unknown["month"] or "").strip("0"), unknown["month"], form)
    return accepted(text, parse_date(plain).isoformat(), why)


def _without_time(plain: str) -> tuple[str, str]:
    """The day of a moment, and why the text was changed. A moment of another time zone is the day that it was in Japan."""
    if stamp := _STAMP.fullmatch(plain):
        return stamp[1], "form" if _NO_TIME.fullmatch(stamp[2]) else "time"
    match = _WITH_TIME.fullmatch(plain)
    if not match:
        return plain, "form"
    if match["zone"] not in (None, "+09:00", "+0900"):
        return _in_japan(plain), "zone"
    return match["day"], "form" if _NO_TIME.fullmatch(match["time"]) else "time"


def _in_japan(plain: str) -> str:
    try:
        return in_tokyo(datetime.fromisoformat(plain)).date().isoformat()
    except (ValueError, OverflowError):
        return plain


def _serial(text: str, plain: str) -> Outcome:
    if float(plain) < FIRST_SURE_SERIAL:
        return held("date.serial", given=text)
    day = from_excel(int(float(plain)))
    return accepted(text, f"{day:%Y-%m-%d}", "serial")


def _unknown(text: str, year: str, month: str, written: str | None, form: Form) -> Outcome:
    if not form.unknown_day:
        return held("date.unknown_day", given=text)
    month = f"{int(written or 0):02}" if month else ""
    day = _some_day(year, month, "")
    return accepted(text, f"{day.year:04}-{month or '00'}-00", "unknown_day")


def _some_day(year: str, month: str, day: str) -> date:
    """A day within what is known: an era may begin or end within its year or month. Raises NotADate."""
    months = [month] if month else ["1", "12"]
    days = [day] if day else ["1", "28", "30", "31"]
    first: NotADate | None = None
    for some_month, some_day in product(months, days):
        try:
            return parse_date(f"{year}年{some_month}月{some_day}日")
        except NotADate as error:
            first = first or error
    assert first is not None
    raise first
