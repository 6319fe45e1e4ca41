"""What spellings of one place name have in common. Only for finding: results give the base's name or the text as written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import jaconv

from yakuba.records.values.characters import HYPHENS
from yakuba.words import fold_variants, number_of

_PLACE_NAMES = {
    "ヵ": "ケ", "ヶ": "ケ", "ガ": "ケ", "之": "ノ", "乃": "ノ", "渕": "淵", "莵": "菟", "嶽": "岳", "靱": "靭", "鶯": "鴬",
    "壷": "壺", "鯵": "鰺", "蛎": "蠣", "諌": "諫", "洲": "州", "鈎": "鉤", "頸": "頚", "巿": "市", "檮": "梼",
}  # fmt: skip
"""Spellings that are mixed in names of places and not in names of people (those are in yakuba/words/variants.yaml)."""
# 字 before a name is a mark; in 十文字 and 西万字, and at the end of a name (和字), it is part of the name. Numerals are bounded:
# a longer row of them is no number.
_CHANGED = re.compile(
    r"(?P<mark>[カ-ホ]゛|[ハ-ホ]゜)|(?P<gone>(?<![文万十])大?字(?! *(?:[0-9]|$))| +)"
    r"|(?P<number>(?<!\d)[〇一二三四五六七八九十百]{1,9}(?!\d))"
)


def alike(text: str) -> str:
    """The text with one character for each of its characters: widths, kana, hyphens, blanks and old forms as one.

    >>> alike("千駄ヶ谷１−２"), alike("龍ノ口　あざみ野")
    ('千駄ケ谷1-2', '竜ノ口 アザミノ')
    """
    return fold_variants(text).translate(_table())


def flat(same: str) -> tuple[str, list[int]]:
    """The key of a text that `alike` made (大字, 字 and blanks left out, numerals as digits), and where in it each character
    of the key ends.

    >>> flat("大字 北十条")
    ('北10条', [4, 6, 6, 6])
    """
    key: list[str] = []
    ends: list[int] = []
    at = 0
    for found in _CHANGED.finditer(same):
        key.append(same[at : found.start()])
        ends.extend(range(at + 1, found.start() + 1))
        new = _instead(found)
        key.append(new)
        ends.extend([found.end()] * len(new))
        at = found.end()
    key.append(same[at:])
    ends.extend(range(at + 1, len(same) + 1))
    return "".join(key), ends


def key_of(name: str) -> str:
    """The key of a name, by which it is found."""
    return flat(alike(name))[0]


def _instead(found: re.Match[str]) -> str:
    if found["mark"]:
        return unicodedata.normalize(
            "NFKC", found[0].translate({ord("゛"): "\u3099", ord("゜"): "\u309a"})
        ).translate(_table())
    return str(number_of(found[0])) if found["number"] else ""


@cache
def _table() -> dict[int, str]:
    table = {code: "-" for code in HYPHENS if chr(code) != "ー"}
    for code in (*range(0x3000), *range(0x3000, 0x3100), *range(0xF900, 0xFB00), *range(0xFE00, 0xFFF0)):
        one = chr(code)
        if unicodedata.category(one)[0] in "ZC" or unicodedata.category(one) == "Mn":
            table.setdefault(code, " ")
            continue
        common = jaconv.enlarge_smallkana(jaconv.hira2kata(unicodedata.normalize("NFKC", one).upper()))
        if len(common) == 1 and common != one:
            table.setdefault(code, common)
    table.update({ord("\u3099"): "゛", ord("ﾞ"): "゛", ord("\u309a"): "゜", ord("ﾟ"): "゜"})
    chain = {ord(one): common for one, common in _PLACE_NAMES.items()}
    return {code: common.translate(chain) for code, common in table.items()} | chain
