"""Whether a text speaks of what its sources speak of: a coarse look, beside that at its facts. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

_DENIES = re.compile(
    r"ません|ない(?!よう|しは|かた)|なく(?:て|なり|なる)|不要|不可|禁止|対象外|無効|\bnot\b|n't\b|\bno\b|\bnever\b|\bcannot\b|\bwithout\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"かもしれません|ありませんか|いけません|なければなりません|なければならない|ないといけない|must not be late"
)
_NUMERALS = "〇一二三四五六七八九十百千万億"
_RUN = re.compile(rf"(?:(?![{_NUMERALS}])[一-龠々]){{2,}}|[ァ-ヺー]{{2,}}|[A-Za-z]{{4,}}")
_COMMON = frozenset(
    re.findall(
        "..",
        "手続申請必要場合窓口役場町役市役役所書類届出提出住所町民自分本人家族電話内容以下次回下記住民支払期限受付質問回答案内連絡"
        "子供日本時間準備持参来庁確認利用対象可能大切",
    )
)
"""Pairs that any answer of a town hall may use."""
MOST_STRANGE = 0.35
"""The part of a text's words that may be in no source: easy Japanese says 必要なもの where the source says 要件."""


def denies(text: str) -> bool:
    """Whether something is said not to be, not to be needed, or not to be allowed; 「しなければなりません」 does not."""
    return bool(_DENIES.search(_POLITE.sub("", unicodedata.normalize("NFKC", text))))


def strays(text: str, sources: Iterable[str]) -> bool:
    """Whether too much of a text is about something else: pairs of kanji, katakana and English words that no source has.

    >>> strays("児童手当は窓口で申請してください", ["児童手当の申請は住民課の窓口"])
    False
    >>> strays("町長は昨日辞任し、選挙が実施される", ["児童手当の申請は住民課の窓口"])
    True
    """
    known = {word for source in sources for word in _content(source)}
    said = [word for word in _content(text) if word not in _COMMON]
    strange = sum(1 for word in said if word not in known)
    return strange > 2 and strange > MOST_STRANGE * len(said)


def _content(text: str) -> Iterator[str]:
    """English words of four letters and more without their ending, and pairs of kanji and of katakana."""
    for run in _RUN.findall(unicodedata.normalize("NFKC", text)):
        if run.isascii():
            yield run[:5].casefold()
        else:
            yield from (run[at : at + 2] for at in range(len(run) - 1))
