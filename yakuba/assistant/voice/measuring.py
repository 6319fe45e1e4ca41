"""How well speech is understood: sentences that were written for it are spoken in several ways, heard without and with the
town's words in the same run, and what is wrong is counted.

Character error rate: characters that must be exchanged, left out or put in, for each character of what was said, summed over all
sentences. Both sides are compared after Unicode NFKC, without punctuation and blanks, with numbers in digits (1万5,000 = 15000).
Nothing else is made equal: 手続 for 手続き and 子供 for 子ども count as wrong.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from ruamel.yaml import YAML

from yakuba.assistant.voice import japanese
from yakuba.assistant.voice.audio import RATE, Samples, samples_of
from yakuba.assistant.voice.engine import Engine
from yakuba.assistant.voice.vocabulary import TownWords, Vocabulary, vocabulary
from yakuba.words import hiragana

SENTENCES = Path(__file__).with_name("sentences.yaml")
SPEEDS, HALF_TONES = (0.9, 1.0, 1.1, 1.2), (-4, -2, 0, 2)
"""How fast and how high the voice speaks, by lot."""
NOISE = {20: 0, 10: 1}
"""How far the voice is above a white noise, in dB, where a fifth of the sentences is heard a second time; and which fifth."""
_GROUPED = re.compile(r"(?<=\d),(?=\d{3})")
_NUMERAL = re.compile(r"\d+(?:[千万億]\d*)+")
_PART = re.compile(r"\d+|[千万億]")
_UNITS = {"万": 10_000, "億": 100_000_000}


def sentences(part: str) -> list[str]:
    """The sentences of a part: `tune` or `measure`."""
    return list(YAML(typ="safe").load(SENTENCES)[part])


def plain(text: str) -> str:
    """What two texts are compared by.

    >>> plain("手数料は、1万5,000円です。") == plain("手数料は15000円です")
    True
    """
    folded = _GROUPED.sub("", unicodedata.normalize("NFKC", text))
    return re.sub(r"[\W_]", "", _NUMERAL.sub(lambda found: str(_value(found[0])), folded))


def _value(numeral: str) -> int:
    whole = now = 0
    for part in _PART.findall(numeral):
        if part == "千":
            now = (now or 1) * 1000
        elif part in _UNITS:
            whole, now = whole + (now or 1) * _UNITS[part], 0
        else:
            now += int(part)
    return whole + now


def errors(said: str, heard: str) -> int:
    """Characters to exchange, leave out or put in (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for n, one in enumerate(said, 1):
        new = [n]
        for k, other in enumerate(heard):
            new.append(min(row[k] + (one != other), row[k + 1] + 1, new[-1] + 1))
        row = new
    return row[-1]


def in_kana(text: str) -> str:
    """A text as it is read, in hiragana."""
    return hiragana(japanese.read([one for one in japanese.parts(plain(text)) if not japanese.is_mark(one)]))


def spoken(part: str) -> list[bytes]:
    """The sentences of a part as recordings: the same each time."""
    from yakuba.assistant.voice.speaker import wav

    lot = Random(part)
    return [wav(text, lot.choice(SPEEDS), lot.choice(HALF_TONES), 16_000) for text in sentences(part)]


def measure(part: str, words: TownWords, *, own_model: Path | None) -> dict[str, Any]:
    """What `yakuba voice eval` prints. `without`: what the engine wrote when it listened for the first time, which is Whisper as
    it is; `with`: what our hearing makes of it. The factors are the time that our hearing takes, all of it, and the time of the
    processor, for each second of speech on this machine. Raises Unavailable."""
    from yakuba.assistant.voice.engine import Whisper

    said, known, engine = sentences(part), vocabulary(words), Whisper(own_model)
    samples = [samples_of(sound) for sound in spoken(part)]
    took, worked = time.perf_counter(), time.process_time()
    rows = [_row(text, sound, engine, known) for text, sound in zip(said, samples, strict=True)]
    took, worked = time.perf_counter() - took, time.process_time() - worked
    seconds = sum(len(sound) for sound in samples) / RATE
    noisy = {
        f"noise_{above}_db": _rates(
            [
                _row(said[n], _in_noise(samples[n], above, n), engine, known)
                for n in range(fifth, len(said), 5)
            ],
            plain,
        )
        for above, fifth in NOISE.items()
    }
    return {
        "sentences_measured": len(said),
        "character_error_rate": _rates(rows, plain),
        "in_kana": _rates(rows, in_kana),
        "character_error_rate_in_noise": noisy,
        "vocabulary_words_right": _words_right(rows, known),
        "wrong_exchanges": _wrong(rows),
        "numbers_changed_by_repair": sum(_numbers_changed(row) for row in rows),
        "real_time_factor": round(took / seconds, 3),
        "processor_time_factor": round(worked / seconds, 3),
        "seconds_of_speech": round(seconds, 1),
        "sentences": rows,
    }


def _row(text: str, sound: Samples, engine: Engine, known: Vocabulary) -> dict[str, Any]:
    """What was said, what was heard without and with the words of the town, and what was exchanged."""
    heard = engine.hear(sound, known)
    return {
        "said": text,
        "without": "".join(segment.raw for segment in heard.segments),
        "with": heard.text,
        "changes": [asdict(change) for segment in heard.segments for change in segment.changes],
        "numbers": [number for segment in heard.segments for number in segment.numbers],
    }


def _in_noise(sound: Samples, above: int, seed: int) -> Samples:
    """The sound with a white noise, the same each time, that it is so many dB above."""
    import numpy as np

    loud = np.sqrt((sound**2).mean() / 10 ** (above / 10))
    noise = np.random.default_rng(seed).normal(0, loud, len(sound))
    return np.clip(sound + noise, -1, 1).astype(np.float32)


def _rates(rows: Sequence[dict[str, Any]], by: Any) -> dict[str, float]:
    length = sum(len(by(row["said"])) for row in rows)
    return {
        how: round(sum(errors(by(row["said"]), by(row[how])) for row in rows) / length, 4)
        for how in ("without", "with")
    }


def _words_right(rows: Sequence[dict[str, Any]], known: Vocabulary) -> dict[str, float]:
    """The share of the town's longer words (four characters and more) that were said and are in the transcript."""
    wanted = [(word, row) for row in rows for word in known.words if len(word) >= 4 and word in row["said"]]
    return {
        how: round(sum(word in row[how] for word, row in wanted) / len(wanted), 4)
        for how in ("without", "with")
    }


def _wrong(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Exchanges whose new word was not said, of all; and those of them in whose place the right text stood before."""
    made = [(change, row["said"]) for row in rows for change in row["changes"]]
    wrong = [(change, said) for change, said in made if change["after"] not in said]
    harm = [change for change, said in wrong if change["before"] in said]
    return {"made": len(made), "not_said": len(wrong), "was_right_before": len(harm)}


def _numbers_changed(row: dict[str, Any]) -> bool:
    return any(re.search(r"\d", change["before"] + change["after"]) for change in row["changes"])
