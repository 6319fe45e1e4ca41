"""Amounts and dates of a transcript, written as a town hall writes them; their values never change. Pure."""

from __future__ import annotations

import re
import unicodedata

from yakuba.words import number_of, yen

_KANJI = "一二三四五六七八九十百千"
_FULL = re.compile(r"[０-９]+")
_AMOUNT = re.compile(rf"(?<![\d{_KANJI}万,.])([\d{_KANJI}][\d,{_KANJI}万]*)円")
_DATE = re.compile(rf"(?<![\d{_KANJI}])(\d{{1,2}}|[{_KANJI}]{{1,3}})月(\d{{1,2}}|[{_KANJI}]{{1,3}})日")


def standard(text: str) -> str:
    """The text with its amounts and dates in digits; what cannot be read as a number stays as it is.

    >>> standard("手数料は１万5000円、締切は十一月三十日です。三百円")
    '手数料は15,000円、締切は11月30日です。300円'
    """
    text = _FULL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return _DATE.sub(_date, _AMOUNT.sub(_amount, text))


def _amount(found: re.Match[str]) -> str:
    try:
        return yen(_value(found[1].replace(",", "")), "ja")
    except ValueError:
        return found[0]


def _date(found: re.Match[str]) -> str:
    try:
        return f"{number_of(found[1])}月{number_of(found[2])}日"
    except ValueError:
        return found[0]


def _value(numeral: str) -> int:
    """The value of a numeral; raises ValueError where digits and units do not make one."""
    myriads, given, rest = numeral.partition("万")
    if not given:
        return _below(numeral)
    return _below(myriads) * 10_000 + (_below(rest) if rest else 0)


def _below(numeral: str) -> int:
    """Below ten thousand: 5000, 5千, 三百. A mixture such as 3百20 is left alone."""
    if mixed := re.fullmatch(r"(\d)千", numeral):
        return int(mixed[1]) * 1000
    if not (numeral.isdecimal() or re.fullmatch(f"[{_KANJI}]+", numeral)):
        raise ValueError(numeral)
    return number_of(numeral)
