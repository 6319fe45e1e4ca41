"""Makes what the model says once for all: `yakuba/assistant/answering/centre.npy`, the mean vector of 3,000 words of the
synonym dictionary, evenly taken, and `off_topic.npy`, the vectors of the questions of `off_topic.txt` beside this file.

    python data/answers/vectors.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from yakuba.assistant.answering.dense import E5, Vector, encode_kept
from yakuba.assistant.answering.nearness import CENTRE
from yakuba.assistant.answering.scope import OFF_TOPIC
from yakuba.assistant.answering.searching import Forgetful
from yakuba.assistant.answering.synonyms import groups
from yakuba.assistant.answering.tokens import plain

MANY = 3_000
LINES = Path(__file__).with_name("off_topic.txt")


def vectors(texts: list[str]) -> Vector:
    return encode_kept(E5(), Forgetful(), texts)


def main() -> None:
    """Write both files."""
    words = sorted(groups())
    np.save(CENTRE, vectors(words[:: len(words) // MANY]).mean(axis=0))
    np.save(
        OFF_TOPIC, vectors([plain(line) for line in LINES.read_text("utf-8").splitlines()]).astype(np.float16)
    )


if __name__ == "__main__":
    main()
