"""Speech to text: Whisper listens twice to each piece, the second time with the town's likely words in its ear; what it wrote is
put right by sound, and the likelier of the two is taken.

It loads some hundred megabytes and takes a core: the site runs it in a process of its own (`listening`).
"""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from yakuba.assistant.voice import japanese
from yakuba.assistant.voice.audio import RATE, Samples, Spoken, spoken
from yakuba.assistant.voice.errors import Unavailable
from yakuba.assistant.voice.figures import standard
from yakuba.assistant.voice.heard import Heard, Segment
from yakuba.assistant.voice.model import checked_files, own_folder
from yakuba.assistant.voice.repair import Repaired, likely, repaired
from yakuba.assistant.voice.sound import sounds
from yakuba.assistant.voice.vocabulary import Vocabulary

THREADS = 1
BEAM = 5
MOST_HINTS = 10
"""Words told before the second listening."""
MOST_TOKENS = 220
"""Of the text of one piece; Whisper writes at most 448, a prompt included."""
SILENT, UNSURE = 0.6, -1.0
"""Where the engine is surer than this that nobody speaks, and less sure than this of what it wrote (mean log chance of a token),
nothing was said: OpenAI's own limits."""
REPETITIVE = 2.4
"""A text that can be packed tighter than this repeats itself: an engine's known way to fill a noise. OpenAI's own limit."""
LEFT_OUT = 0.15
"""By how much the second hearing may be longer or shorter than the first, in sounds."""
TOWN = 1.0
"""How much the town's texts count beside the ear where two hearings differ, nat for nat: set on the 40 sentences to tune on."""
_NUMBER = re.compile(r"[\d,.]*\d")


class Engine(Protocol):
    """What hears: the port behind which another engine can stand (`listener` takes the one that it is to be)."""

    def hear(self, samples: Samples, words: Vocabulary | None) -> Heard:
        """What is said; `words`: of the town, None to hear without."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What the engine wrote of a piece, how sure it was of it (the mean log chance of a token), and that nobody speaks."""

    text: str
    mean: float
    silent: float


class Whisper:
    """faster-whisper on the processor, with whole numbers of 8 bits."""

    def __init__(self, own_model: Path | None = None, threads: int = THREADS):
        """`own_model`: the folder of a town's own model; None for that of the packages. Raises Unavailable."""
        try:
            from faster_whisper import WhisperModel
            from faster_whisper.tokenizer import Tokenizer
        except ImportError as missing:
            raise Unavailable("voice.not_installed", package=missing.name) from missing
        where = str(own_folder(own_model)) if own_model else "whisper-base"
        files = None if own_model else checked_files()
        self._model = WhisperModel(
            where, device="cpu", compute_type="int8", cpu_threads=threads, files=files, local_files_only=True
        )
        self._tokens = Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language="ja")
        self._start = [*self._tokens.sot_sequence, self._tokens.no_timestamps]

    def hear(self, samples: Samples, words: Vocabulary | None) -> Heard:
        """What is said; `words`: of the town, None to hear without."""
        pieces = [self._segment(piece, words) for piece in spoken(samples)]
        segments = tuple(one for one in pieces if one is not None)
        length = sum(len(one.text) for one in segments)
        sure = sum(one.confidence * len(one.text) for one in segments) / length if length else 0.0
        text = "\n".join(one.text for one in segments)
        return Heard(text, segments, round(sure, 3), round(len(samples) / RATE, 2))

    def _segment(self, piece: Spoken, words: Vocabulary | None) -> Segment | None:
        """What is said in a piece; None where it is only noise."""
        listened = self._listen(piece.samples)
        first = self._write(listened, "")
        if _nothing_said(first):
            return None
        sure = round(math.exp(first.mean), 3)
        if words is None:
            return Segment(piece.begin, piece.end, standard(first.text), first.text, sure)
        best, numbers = self._again(listened, first.text, words)
        return Segment(piece.begin, piece.end, best.text, first.text, sure, best.changes, numbers)

    def _again(self, listened: Any, first: str, words: Vocabulary) -> tuple[Repaired, tuple[str, ...]]:
        """The likelier of what was heard once and twice, each put right; and the numbers they disagree on."""
        first = standard(first)
        hints = likely(first, words, MOST_HINTS)
        second = self._write(listened, "、".join(reversed(hints)) + "。") if hints else None
        heard = [first, standard(second.text)] if second and _as_much(first, second.text) else [first]
        found = [repaired(text, words) for text in heard]
        best = max(found, key=lambda one: self._likelihood(listened, one.text, words))
        others = {number for text in heard for number in _numbers(text)}
        same = set.intersection(*(_numbers(text) for text in heard))
        return best, tuple(sorted((others - same) & _numbers(best.text)))

    def _likelihood(self, listened: Any, text: str, words: Vocabulary) -> float:
        return self._chance(listened, text) - TOWN * words.surprise(text)

    def _listen(self, samples: Samples) -> tuple[Any, int]:
        """The sound as the engine's encoder gives it on, and how many frames of it are sound."""
        from faster_whisper.audio import pad_or_trim

        features = self._model.feature_extractor(samples)
        return self._model.encode(pad_or_trim(features)), min(features.shape[-1], 3000)

    def _write(self, listened: tuple[Any, int], hint: str) -> _Written:
        """The likeliest text of what was listened to, with words in the ear that may come."""
        before = [self._tokens.sot_prev, *self._tokens.encode(" " + hint)[:MOST_TOKENS]] if hint else []
        [result] = self._model.model.generate(
            listened[0],
            [[*before, *self._start]],
            beam_size=BEAM,
            length_penalty=1.0,
            max_length=len(before) + MOST_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=[-1],
        )
        tokens = [one for one in result.sequences_ids[0] if one < self._tokens.eot]
        text = self._tokens.decode(tokens).strip()
        return _Written(text, result.scores[0], result.no_speech_prob)

    def _chance(self, listened: tuple[Any, int], text: str) -> float:
        """The log chance that the engine gives to a text, had it to write it without any hint."""
        import numpy as np

        tokens = self._tokens.encode(text)
        [aligned] = self._model.model.align(listened[0], self._start, [tokens], listened[1])
        return float(np.log(np.maximum(aligned.text_token_probs, 1e-12)).sum())


def _nothing_said(written: _Written) -> bool:
    """Whether the engine filled a noise with words."""
    return not written.text or _repeats(written.text) or (written.silent > SILENT and written.mean < UNSURE)


def _repeats(text: str) -> bool:
    packed = text.encode()
    return len(packed) / len(zlib.compress(packed)) > REPETITIVE


def _as_much(first: str, second: str) -> bool:
    """Whether a second hearing has about as many sounds as the first: words in the ear can make an engine pass over what is
    not among them, or repeat them."""
    once, twice = (len(sounds(japanese.read(japanese.parts(text)))) for text in (first, second))
    return not _repeats(second) and abs(once - twice) <= LEFT_OUT * once


def _numbers(text: str) -> set[str]:
    return {found.replace(",", "") for found in _NUMBER.findall(text)}
