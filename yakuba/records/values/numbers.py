"""Whole numbers and numbers with a fraction, as data types 9, S9 and 9V have them."""

from __future__ import annotations

import re
import unicodedata

from yakuba.records.values.characters import HYPHENS
from yakuba.records.values.outcome import Outcome, accepted, held

_MINUS = str.maketrans(dict.fromkeys("△▲", "-"))
"""How offices write a sum that is less than nothing."""
_NUMBER = re.compile(r"(?P<sign>[-+]?)0*(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]*))?")


def to_number(text: str, *, signed: bool = False, fraction: int = 0) -> Outcome:
    """A number without leading zeros and without what parts its thousands. `signed`: it may be below nothing; `fraction`:
    digits that it may have behind the point; zeros at its end are left out.

    Source: デジタル庁 項目定義書「凡例）データ型」 3 to 5.

    >>> to_number("１，２００円").value, to_number("007").value, to_number("△5", signed=True).value, to_number("-5").value
    ('1200', '7', '-5', None)
    >>> to_number("1.50", fraction=2).value, to_number("1.555", fraction=2).value
    ('1.5', None)
    """
    plain = unicodedata.normalize("NFKC", text).translate(HYPHENS).translate(_MINUS)
    plain = re.sub(r"[\s,]|円$", "", plain)
    if not plain:
        return Outcome("") if not text.strip() else held("number.unreadable", given=text)
    found = _NUMBER.fullmatch(plain)
    if not found:
        return held("number.unreadable", given=text)
    behind = (found["fraction"] or "").rstrip("0")
    if found["sign"] == "-" and not signed and found["whole"] != "0":
        return held("number.negative", given=text)
    if len(behind) > fraction:
        return held("number.fraction", given=text, fraction=fraction)
    below = "-" if found["sign"] == "-" and (found["whole"] != "0" or behind) else ""
    return accepted(text, f"{below}{found['whole']}{f'.{behind}' * bool(behind)}", "number")
