"""What an answer must be like, whoever wrote it: dates that exist, telephone numbers, postal codes, check digits."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from stdnum.jp import cn

_PHONE = re.compile(r"0[5789]0\d{8}|0120\d{6}|0800\d{7}|0[1-9]\d{8}")
_ERAS = {"western": 0, "reiwa": 2018, "heisei": 1988, "showa": 1925, "taisho": 1911, "meiji": 1867}
"""The year before the first of each era."""
_INVOICE = re.compile(r"T(\d{13})")


def day(era: str, year: str, month: str, day_: str) -> date | None:
    """The day that was written, if there is such a day.

    >>> day("showa", "59", "3", "5"), day("western", "2023", "2", "29")
    (datetime.date(1984, 3, 5), None)
    """
    try:
        # four digits can only be a western year, whatever era is ticked beside it
        base = 0 if len(year) == 4 else _ERAS[era]
        found = date(base + int(year), int(month), int(day_))
    except (KeyError, ValueError):
        return None
    return found if base or found.year >= 1868 else None


def is_phone(digits: str) -> bool:
    """A Japanese telephone number: ten digits, of mobile phones and the like eleven (電気通信番号計画).

    >>> is_phone("09012345678"), is_phone("0887123456"), is_phone("887123456")
    (True, True, False)
    """
    return bool(_PHONE.fullmatch(digits))


def is_postal_code(digits: str, known: Collection[str]) -> bool:
    """One of the post's codes; any seven digits where none are known."""
    return len(digits) == 7 and (not known or digits in known)


def invoice_number(text: str) -> str | None:
    """The registration number of an issuer of qualified invoices in a text (T and the 13 digits of a corporate number, of
    which the first is a check digit; 消費税法 第57条の2), or None. A sole proprietor's has no check digit and is not sure.

    >>> invoice_number("登録番号 T7000012050002"), invoice_number("T7000012050003")
    ('T7000012050002', None)
    """
    found = _INVOICE.search(re.sub(r"[\s-]", "", text))
    return found[0] if found and cn.is_valid(found[1]) else None
