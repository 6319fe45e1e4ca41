"""Answers on the judged questions of localgovFAQ, whose folder is `ANSWERS_JUDGED` (no licence is stated: it is not in this
project), beside plain BM25 in the same run.

    ANSWERS_JUDGED=FOLDER python -m bench.run answers

The committed ranker was learnt from these same questions where the folder is the one it was learnt from: what it does on
questions it has not seen is printed by `python -m bench.answers_ranker FOLDER`, and by this on a folder of other questions.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.server import VAR
from yakuba.assistant.answering import measuring
from yakuba.assistant.answering.dense import E5, Kept
from yakuba.assistant.answering.lexical import Field
from yakuba.assistant.answering.searching import Searcher
from yakuba.assistant.answering.tokens import Cut

COMMAND = "ANSWERS_JUDGED=FOLDER python -m bench.run answers"
AT_LEAST = {"p_at_1": 0.64, "mrr": 0.72, "hit_at_5": 0.84, "coverage": 0.30, "refused_off_topic": 0.95}
AT_MOST = {"wrong": 0.15, "ms_median": 100.0, "ms_p95": 100.0, "build_seconds": 600.0}
LIVE_WITHIN = 1.0
"""Seconds from the writing of an answer until it is found by its meaning."""


def measure() -> list[dict[str, Any]]:
    """One row for each figure that has a limit."""
    folder = os.environ.get("ANSWERS_JUDGED")
    if not folder:
        raise RuntimeError("ANSWERS_JUDGED names no folder of corpus.json, queries.json and qrels.json")
    judged = measuring.read(Path(folder))
    figures = measuring.measure(judged, E5())
    peer = plain_bm25(judged)
    rows = [
        row(name, figures[name], peer.get(name, ""), f">= {least}", figures[name] >= least)
        for name, least in AT_LEAST.items()
    ]  # type: ignore[operator]
    rows += [
        row(name, figures[name], "", f"<= {most}", figures[name] <= most) for name, most in AT_MOST.items()
    ]  # type: ignore[operator]
    live = seconds_until_live(judged)
    return [*rows, row("edited answer live (s)", round(live, 2), "", f"< {LIVE_WITHIN}", live < LIVE_WITHIN)]


def row(name: str, ours: object, peer: object, limit: str, ok: bool) -> dict[str, Any]:
    return {"name": f"answers.{name}", "ours": ours, "peer": peer, "peer_version": "BM25 on Sudachi words" if peer else "",
            "ratio": "", "limit": limit, "ok": ok, "command": COMMAND}  # fmt: skip


def plain_bm25(judged: measuring.Judged) -> dict[str, float]:
    """BM25 over question and answer, without anything of ours but the cutting into words."""
    field = Field(length=0.75)
    for number, entry in enumerate(judged.entries):
        field.put(number, [Cut.of(f"{entry.question['ja']}\n{entry.answer['ja']}").words])
    places = []
    for id, text in judged.questions.items():
        best = np.argsort(-field.scores(Cut.of(text).words, len(judged.entries)), kind="stable")
        right = (n for n, number in enumerate(best) if judged.grades[id].get(judged.entries[number].id))
        places.append(next(right, len(best)))
    found = np.array(places)
    return {
        "p_at_1": round(float(np.mean(found == 0)), 4),
        "mrr": round(float(np.mean(1 / (found + 1))), 4),
        "hit_at_5": round(float(np.mean(found < 5)), 4),
    }


def seconds_until_live(judged: measuring.Judged) -> float:
    """From an edited answer until a search by its meaning gives it."""
    searcher = Searcher(judged.entries, E5(), Kept(VAR / "answers-vectors"))
    searcher.embed()
    searcher.search("はじめの質問")
    begin = time.perf_counter()
    searcher.put(
        replace(judged.entries[0], question={"ja": "気球の係留場所を借りたい"}, answer={"ja": "河川敷です。"})
    )
    found = searcher.search("気球をつなぐ場所はどこ")
    if not (found.dense and found.candidates[0].entry.id == judged.entries[0].id):
        raise RuntimeError("the edited answer was not found")
    return time.perf_counter() - begin
