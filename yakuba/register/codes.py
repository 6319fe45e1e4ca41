"""Official codes of municipalities (全国地方公共団体コード, JIS X 0401 and 0402 with a check digit)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("codes.tsv")


class BadCode(ValueError):
    """A code that no municipality can have, or that the asked-for use may not take."""


def check_digit(code: str) -> str:
    """The sixth digit for the first five.

    Source: 総務省「全国地方公共団体コード仕様」: weights 6, 5, 4, 3, 2; eleven less the remainder by eleven, last digit.

    >>> check_digit("39426"), check_digit("13101")
    ('2', '6')
    """
    total = sum(int(digit) * weight for digit, weight in zip(code[:5], (6, 5, 4, 3, 2), strict=True))
    return str(11 - total % 11)[-1]


def checked(code: str) -> str:
    """The code, when its digits fit. Raises BadCode."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise BadCode(f"{code!r} is not a municipality code. Write six digits, such as 394262.")
    right = code[:5] + check_digit(code)
    if code != right:
        raise BadCode(f"{code} has a wrong check digit. Is {right} meant?")
    return code


@cache
def official() -> dict[str, tuple[str, str]]:
    """Prefecture and name of every municipality by code (2024-01-01)."""
    rows = (line.split("\t") for line in _FILE.read_text(encoding="utf-8").splitlines())
    return {code: (prefecture, name) for code, prefecture, name in rows}


def prefecture_of(code: str) -> str:
    """The prefecture whose number the code begins with. Raises BadCode."""
    for known, (prefecture, _) in official().items():
        if known[:2] == code[:2]:
            return prefecture
    raise BadCode(f"{code} begins with {code[:2]}, which is no prefecture (01 to 47).")
