"""Texts that a spreadsheet would compute."""

from __future__ import annotations

import re

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""What a text begins with that a spreadsheet would compute (OWASP, CSV Injection)."""
_NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*")


def like_formula(text: str) -> bool:
    """Would a spreadsheet compute it, though it is no number?

    >>> like_formula("=1+1"), like_formula("@SUM(A1)"), like_formula("-1,200"), like_formula("山田")
    (True, True, False, False)
    """
    return text.startswith(FORMULA) and not _NUMBER.fullmatch(text)


def guarded(text: str) -> str:
    """The text for a CSV file that people open in a spreadsheet: an apostrophe before what would be computed.

    >>> guarded("=1+1"), guarded("-5")
    ("'=1+1", '-5')
    """
    return f"'{text}" if like_formula(text) else text
