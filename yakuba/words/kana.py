"""Kana and the characters of names: tidied for keeping, folded for finding."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

import jaconv

from yakuba.words import tables

# Variation selectors choose a glyph of the same character (IVS, Unicode UTS #37).
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_KATAKANA_NAME = re.compile(r"[ァ-ヴー・]+(?: [ァ-ヴー・]+)*")


def hiragana(text: str) -> str:
    """Katakana, half-width too, as hiragana.

    >>> hiragana("ﾔﾏﾀﾞ タロウ")
    'やまだ たろう'
    """
    return str(jaconv.kata2hira(jaconv.h2z(text)))


def katakana(text: str) -> str:
    """Hiragana and half-width kana as full-width katakana.

    >>> katakana("やまだ ﾀﾛｳ")
    'ヤマダ タロウ'
    """
    return str(jaconv.hira2kata(jaconv.h2z(text)))


def halfwidth(text: str) -> str:
    """Kana of any kind, letters and digits in half width; the form of bank and legacy files.

    >>> halfwidth("ヤマダ　たろう１")
    'ﾔﾏﾀﾞ ﾀﾛｳ1'
    """
    return str(jaconv.z2h(katakana(text), kana=True, ascii=True, digit=True)).replace("\u3000", " ")


def is_kana(text: str) -> bool:
    """Whether a name, in whatever kana and width it was typed, is kana only."""
    return bool(_KATAKANA_NAME.fullmatch(kana_name(text)))


def kana_name(text: str) -> str:
    """A name's kana as it is kept: full-width katakana, one blank between its parts.

    >>> kana_name("  やまだ　ﾀﾛｳ ")
    'ヤマダ タロウ'
    """
    return " ".join(katakana(text).split())


def normalise_name(text: str) -> str:
    """A name as it is kept: the person's own characters, half-width kana made full, one full-width blank.

    No Unicode normalisation of ideographs: NFC and NFKC alike would turn 神 (U+FA19) into 神, and a variation
    selector is part of the name. Use `search_key` to compare names.

    >>> normalise_name(" 髙橋  ﾏﾘｱ ") == "髙橋　マリア"
    True
    """
    return "\u3000".join(str(jaconv.h2z(text)).split())


def search_key(text: str) -> str:
    """What two spellings of one name have in common; only for finding, never shown or stored as the name.

    Widths, blanks, hiragana or katakana, small kana, variation selectors and old or variant characters
    (`variants.yaml`) make no difference.

    >>> search_key("髙橋 﨑") == search_key("高橋　崎"), search_key("ｷｮｳｺ") == search_key("きようこ")
    (True, True)
    """
    bare = unicodedata.normalize("NFKC", _SELECTORS.sub("", text)).casefold()
    # Again, since folding case and closing blanks can leave a mark behind its letter: か ゛ → が.
    bare = unicodedata.normalize("NFKC", "".join(bare.split()))
    kana = jaconv.enlarge_smallkana(jaconv.hira2kata(bare))
    return fold_variants(str(kana))


def fold_variants(text: str) -> str:
    """Old and variant characters (`variants.yaml`) as their common form: for finding, and for systems that lack them.

    >>> fold_variants("髙𠮷")
    '高吉'
    """
    return text.translate(_folding())


@cache
def _folding() -> dict[int, str]:
    common = tables.read(Path(__file__).with_name("variants.yaml"))
    return {ord(variant): form for form, variants in common.items() for variant in variants}


def other_forms(sign: str) -> str:
    """The other forms of a character of names (`variants.yaml`); none for most.

    >>> other_forms("高"), other_forms("邊"), other_forms("山")
    ('髙', '辺邉', '')
    """
    common = _folding().get(ord(sign), sign) if len(sign) == 1 else sign
    return (common + _variants().get(common, "")).replace(sign, "") if common in _variants() else ""


@cache
def _variants() -> dict[str, str]:
    variants: dict[str, str] = {}
    for variant, form in _folding().items():
        variants[form] = variants.get(form, "") + chr(variant)
    return variants
