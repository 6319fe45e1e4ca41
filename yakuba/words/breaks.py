"""Where a short line of Japanese may break: between phrases, found by BudouX. Pure.

やさしい日本語 needs none of this: it has blanks between its phrases, and lines break there (`yakuba.css`).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html import escape

from budoux import Parser, load_default_japanese_parser

from yakuba.words.ruby import Html

LONGEST = 40
"""Characters of a text whose breaks are looked for: headings, labels and buttons; a paragraph fills its lines as ever."""
_SHORTEST = 6
_JAPANESE = re.compile("[ぁ-ヿ㐀-鿿]")


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of a short Japanese text, which put together are the text; any other text is one phrase.

    >>> phrases("児童手当の認定請求")
    ('児童手当の', '認定請求')
    >>> phrases("See where your application stands")
    ('See where your application stands',)
    """
    if not _SHORTEST <= len(text) <= LONGEST or "\n" in text or not _JAPANESE.search(text):
        return (text,)
    return _parsed(text)


@lru_cache(maxsize=8192)
def _parsed(text: str) -> tuple[str, ...]:
    return tuple(_parser().parse(text))


def breaks_html(text: str) -> Html:
    """The text as safe HTML that says where its line may break.

    >>> breaks_html("児童手当の認定請求 & 届出")
    '児童手当の<wbr>認定請求 &amp; 届出'
    """
    return Html("<wbr>".join(map(escape, phrases(text))))


@cache
def _parser() -> Parser:
    return load_default_japanese_parser()
