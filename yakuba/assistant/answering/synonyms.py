"""Words that mean the same: 引っ越し and 転居, 婚姻届 and 結婚届.

They are the groups of Sudachi's synonym dictionary (Works Applications Co., Ltd., Apache-2.0: DATA.md), one a line of
`synonyms.tsv`; `data/answers/synonyms.py` makes the file.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("synonyms.tsv")


@cache
def groups() -> dict[str, frozenset[str]]:
    """The groups that a word (as SudachiPy normalises it) stands in, each by a name that no word has."""
    found: dict[str, set[str]] = defaultdict(set)
    for number, line in enumerate(FILE.read_text("utf-8").splitlines()):
        for word in line.split("\t"):
            found[word].add(f"#{number}")
    return {word: frozenset(names) for word, names in found.items()}


def groups_of(word: str) -> frozenset[str]:
    """The groups of one word; none for most."""
    return groups().get(word, frozenset())
