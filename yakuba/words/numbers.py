"""Amounts and counts as people read them, and numbers as they write them."""

from __future__ import annotations

from yakuba.words.text import Text

_COUNTED = {
    "cases": Text(ja="{n}件", easy="{n}件", en="{n} cases"),
    "children": Text(ja="{n}人", easy="{n}人", en="{n} children"),
    "copies": Text(ja="{n}通", easy="{n}通", en="{n} copies"),
    "days": Text(ja="{n}日", easy="{n}日", en="{n} days"),
    "files": Text(ja="{n}件", easy="{n}つ", en="{n} files"),
    "households": Text(ja="{n}世帯", easy="{n}世帯", en="{n} households"),
    "people": Text(ja="{n}人", easy="{n}人", en="{n} people"),
    "times": Text(ja="{n}回", easy="{n}回", en="{n} times"),
}

_ONE = {
    "cases": "1 case",
    "children": "1 child",
    "copies": "1 copy",
    "days": "1 day",
    "files": "1 file",
    "households": "1 household",
    "people": "1 person",
    "times": "once",
}

_NUMERALS = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九")}


def yen(amount: int, language: str) -> str:
    """An amount in whole yen with separators. Raises TypeError for anything but an int.

    >>> yen(15000, "ja"), yen(15000, "en"), yen(-1200, "easy")
    ('15,000円', '15,000 yen', '-1,200円')
    """
    if type(amount) is not int:
        raise TypeError(f"Yen are whole numbers; {amount!r} is a {type(amount).__name__}. Round it first.")
    return f"{amount:,} yen" if language == "en" else f"{amount:,}円"


def count_of(n: int, what: str, language: str) -> str:
    """How many: `what` is cases, children, copies, days, files, households, people or times.

    >>> count_of(1, "people", "en"), count_of(1234, "cases", "ja")
    ('1 person', '1,234件')
    """
    if what not in _COUNTED:
        raise KeyError(
            f"No counter for “{what}”. Known: {', '.join(_COUNTED)}. Add it to yakuba/words/numbers.py."
        )
    if n == 1 and language == "en":
        return _ONE[what]
    return _COUNTED[what].format(n=f"{n:,}").get(language)


def number_of(numeral: str) -> int:
    """A number in digits or in kanji, either way of writing them. Raises ValueError.

    >>> number_of("12"), number_of("十二"), number_of("一二"), number_of("百二十三")
    (12, 12, 12, 123)
    """
    if numeral.isdecimal():
        return int(numeral)
    if not numeral.strip("".join(_NUMERALS)):
        return int("".join(str(_NUMERALS[one]) for one in numeral))
    whole = 0
    tail = 0
    for one in numeral:
        if unit := {"十": 10, "百": 100, "千": 1000}.get(one):
            whole += (tail or 1) * unit
            tail = 0
        else:
            tail = tail * 10 + _NUMERALS[one]
    return whole + tail
