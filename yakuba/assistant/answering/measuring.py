"""How well questions are answered, measured on a folder of questions whose answers were judged.

The folder holds `corpus.json` (id → "Question: …\\nAnswer: …"), `queries.json` (id → question) and `qrels.json` (query id →
id of an answer → 2 where it answers, 1 where it is related), as localgovFAQ is given (Sakata et al., SIGIR 2019).
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

from yakuba.assistant.answering.dense import Encoder, Unavailable, Vectors
from yakuba.assistant.answering.searching import Searcher
from yakuba.assistant.knowledge.entry import Entry, Source

OFF_TOPIC = Path(__file__).with_name("off_topic.txt")
"""100 questions that no town hall answers, written for this project."""
DEEP = 60
"""Candidates that are looked through for the first right one; further down counts as not found."""
COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class NotJudged(ValueError):
    """The folder is not one of judged questions. The text says what is missing."""


@dataclass(frozen=True)
class Judged:
    """Answers, questions, and what was judged of them: for each question the grade of each answer that was judged."""

    entries: list[Entry]
    questions: dict[str, str]
    grades: dict[str, dict[str, int]]


def read(folder: Path) -> Judged:
    """The three files of a folder. Raises NotJudged."""
    files = {name: folder / f"{name}.json" for name in ("corpus", "queries", "qrels")}
    if missing := [file.name for file in files.values() if not file.is_file()]:
        raise NotJudged(f"{folder} has no {', '.join(missing)}: see docs/answers.md for what is expected.")
    corpus, queries, grades = (json.loads(file.read_text("utf-8")) for file in files.values())
    return Judged(
        [entry_of(id, text) for id, text in corpus.items()],
        {id: text for id, text in queries.items() if id in grades},
        grades,
    )


def entry_of(id: str, text: str) -> Entry:
    """An entry from "Question: …\\nAnswer: …"."""
    question, _, answer = text.removeprefix("Question:").partition("\nAnswer:")
    question = question.strip()
    return Entry(id, {"ja": question}, {"ja": answer.strip()}, Source("faq", question))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: where the first right answer stood (0 is first, None not found), how well the first five are ordered,
    how sure the first was, and how long it took."""

    place: int | None
    ndcg: float
    score: float
    sure: bool
    in_scope: bool
    ms: float


def measure(judged: Judged, dense: Encoder | None, kept: Vectors | None = None) -> dict[str, object]:
    """Everything that `yakuba assistant eval` prints."""
    begin = time.perf_counter()
    searcher = Searcher(judged.entries, dense, kept)
    try:
        searcher.embed()
    except Unavailable as error:
        unavailable = str(error)
        searcher = Searcher(judged.entries)
    else:
        unavailable = ""
    built = time.perf_counter() - begin
    searcher.search("はじめの質問")
    outcomes = [asked(searcher, text, judged.grades[id]) for id, text in judged.questions.items()]
    off_topic = OFF_TOPIC.read_text("utf-8").splitlines()
    refused = sum(not searcher.search(text).in_scope for text in off_topic)
    uses_dense = searcher.search("はじめの質問").dense
    return {
        "engine": "words and meaning" if uses_dense else "words",
        **({"missing": unavailable} if unavailable else {}),
        "answers": len(judged.entries),
        **summary(outcomes),
        "off_topic": len(off_topic),
        "refused_off_topic": round(refused / len(off_topic), 4),
        "build_seconds": round(built, 1),
    }


def asked(searcher: Searcher, question: str, grades: dict[str, int]) -> Outcome:
    """Ask one question and compare with what was judged; an answer that nobody judged counts as wrong."""
    begin = time.perf_counter()
    found = searcher.search(question, most=DEEP)
    ms = (time.perf_counter() - begin) * 1000
    gains = [grades.get(candidate.entry.id, 0) for candidate in found.candidates]
    place = next((n for n, gain in enumerate(gains) if gain), None)
    score = found.candidates[0].score if found.candidates else 0.0
    return Outcome(place, ndcg(gains[:5], list(grades.values())), score, found.sure, found.in_scope, ms)


def ndcg(gains: list[int], all_grades: list[int]) -> float:
    """Normalised discounted cumulative gain of the first five, with gain 2^grade - 1."""
    best = discounted(sorted(all_grades, reverse=True)[:5])
    return discounted(gains) / best if best else 0.0


def discounted(gains: list[int]) -> float:
    """The gains of a list, each worth less the further down it stands."""
    return sum((2**gain - 1) / math.log2(n + 2) for n, gain in enumerate(gains))


def summary(outcomes: list[Outcome]) -> dict[str, object]:
    """The figures of many questions."""
    count = len(outcomes)
    alone = [outcome for outcome in outcomes if outcome.sure]
    times = sorted(outcome.ms for outcome in outcomes)
    return {
        "questions": count,
        "p_at_1": round(sum(outcome.place == 0 for outcome in outcomes) / count, 4),
        "mrr": round(
            sum(1 / (outcome.place + 1) for outcome in outcomes if outcome.place is not None) / count, 4
        ),
        "hit_at_5": round(
            sum(outcome.place is not None and outcome.place < 5 for outcome in outcomes) / count, 4
        ),
        "ndcg_at_5": round(sum(outcome.ndcg for outcome in outcomes) / count, 4),
        "coverage": round(len(alone) / count, 4),
        "wrong": round(sum(outcome.place != 0 for outcome in alone) / len(alone), 4) if alone else None,
        "in_scope": round(sum(outcome.in_scope for outcome in outcomes) / count, 4),
        "curve": curve([(outcome.score, outcome.place == 0) for outcome in outcomes]),
        "ms_median": round(times[count // 2], 1),
        "ms_p95": round(times[min(count - 1, int(count * 0.95))], 1),
    }


def curve(scored: list[tuple[float, bool]]) -> list[dict[str, float]]:
    """For each share of questions answered alone, the surest first: how many of the answers are right."""
    ordered = sorted(scored, key=lambda pair: -pair[0])
    rows = []
    for coverage in COVERAGES:
        part = ordered[: max(1, round(len(ordered) * coverage))]
        rows.append(
            {
                "coverage": coverage,
                "right": round(sum(right for _, right in part) / len(part), 4),
                "from": part[-1][0],
            }
        )
    return rows
