"""How alike the head of a column and the name of an item are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from yakuba.records.standards import Item
from yakuba.words import fold_variants

SAME, KNOWN = 0.97, 0.94
"""How sure a head makes that is the item's name, and one that is known for the item (heads.yaml)."""
_ALIKE = 0.6
"""Below this two names are not alike."""
_AROUND = re.compile(r"\([^)]*\)|[\s_・\-.,/「」\[\]]")
_ENDS = ("コード", "区分", "フラグ", "名称", "名")
"""What is said of an item or left out, and makes it no other one."""


class Alike(NamedTuple):
    """From 0 to 1, and why: a key below `proposals.why`, empty where they are not alike."""

    score: float
    why: str


class Words(NamedTuple):
    """heads.yaml."""

    words: Mapping[str, Sequence[str]]
    heads: Mapping[str, Sequence[str]]
    romaji: Mapping[str, str]


NO_WORDS = Words({}, {}, {})
"""Nothing is known: to measure what the table does."""


@cache
def known_words() -> Words:
    """heads.yaml, read once."""
    read = YAML(typ="safe").load(Path(__file__).with_name("heads.yaml"))
    return Words(read["words"], read["heads"], read["romaji"])


def alike(head: str, item: Item, words: Words) -> Alike:
    """How sure the head alone makes that the column is the item.

    The group's own name before a head says nothing (受給者生年月日 of the group 受給者), neither does what is in brackets.
    """
    if _plain(item.name, NO_WORDS) in _forms(head, item.group, NO_WORDS):
        return Alike(SAME, "same")
    name, heads = _plain(item.name, words), _forms(head, item.group, words)
    if name in heads or _romaji(head, words) == item.romaji.replace("_", ""):
        return Alike(KNOWN, "known")
    if any(_plain(one, words) in heads for one in words.heads.get(item.name, ())):
        return Alike(KNOWN, "known")
    score = max(
        *(_likeness(one, name) for one in heads),
        _likeness(_romaji(head, words), item.romaji.replace("_", "")),
    )
    return Alike(0.9 * score, "alike") if score >= _ALIKE else Alike(0, "")


def _likeness(head: str, name: str) -> float:
    """The share of characters that both have in the same order; what an item is said to be at its end counts half."""
    if not head or not name:
        return 0
    whole = SequenceMatcher(None, head, name, autojunk=False).ratio()
    return max(whole, 0.95 * SequenceMatcher(None, _core(head), _core(name), autojunk=False).ratio())


def _core(name: str) -> str:
    for end in _ENDS:
        if name.endswith(end) and len(name) > len(end) + 1:
            return name.removesuffix(end)
    return name


def _forms(head: str, group: str, words: Words) -> set[str]:
    """The head, and without the name of its group before it."""
    plain = _plain(head, words)
    return {plain, plain.removeprefix(_plain(group, words)) or plain}


def _plain(text: str, words: Words) -> str:
    folded = _AROUND.sub("", unicodedata.normalize("NFKC", fold_variants(text)))
    swaps = [(variant, common) for common, variants in words.words.items() for variant in variants]
    for variant, common in sorted(swaps, key=lambda one: -len(one[0])):
        if common not in folded:
            folded = folded.replace(unicodedata.normalize("NFKC", variant), common)
    return re.sub(r"(?<=[^0-9])日$", "年月日", folded) if not folded.endswith(("年月日", "休日")) else folded


def _romaji(head: str, words: Words) -> str:
    """Of heads in Latin letters, such as HIHO-NO."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", head):
        return ""
    return "".join(words.romaji.get(part, part) for part in re.split(r"[-_]", head.lower()))
