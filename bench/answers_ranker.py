"""Learns `yakuba/assistant/answering/ranker.json` from judged questions, and prints how it does on questions it has not seen.

    python -m bench.answers_ranker FOLDER [--write]

FOLDER is as for `yakuba assistant eval`. Each figure is the mean of `ROUNDS` times `FOLDS`-fold cross-validation: order and
confidence are learnt from four fifths of the questions and measured on the rest. With `--write` the weights learnt from all
of them are written; none of their text is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from scipy.optimize import minimize

from bench.server import VAR
from yakuba.assistant.answering import features, measuring
from yakuba.assistant.answering.dense import E5, Kept
from yakuba.assistant.answering.index import Index, Question
from yakuba.assistant.answering.ranker import FILE, Line
from yakuba.assistant.answering.scope import off_topic
from yakuba.assistant.answering.tokens import Cut

ROUNDS, FOLDS = 4, 5
GAINS = np.array([0.0, 0.7, 1.0])
"""What a related answer and an answer are worth while the order is learnt."""
ORDER_PENALTY, CHANCE_PENALTY = 0.015, 0.01
"""How strongly weights are held near nothing."""
REFUSED = 0.97
"""Off-topic questions that are to be refused."""
ALONE = {"dense": 0.36, "words": 0.22}
"""Questions that are to be answered alone, the surest ones: more where meaning is looked at, because they are right more often."""
SURE = ("order", "lead", "share")
"""What tells whether the first answer is right; more numbers only learn these questions by heart."""
OFF_TOPIC = Path(__file__).parents[1] / "data" / "answers" / "off_topic.txt"
IN_SCOPE = ("scope", "meaning_anywhere", "words_anywhere", "all_like")
"""What tells whether a question is ours; without vectors everything that is known of the ranking does."""


@dataclass(frozen=True)
class Example:
    """One question: its evidence and the rows of its pool, and what was judged of each of them."""

    evidence: dict[str, np.ndarray]
    rows: np.ndarray
    values: dict[str, np.ndarray]
    grades: np.ndarray
    scope: float | None

    def matrix(self, names: Sequence[str]) -> np.ndarray:
        return np.column_stack([self.values[name] for name in names])


def examples(
    index: Index, texts: Sequence[str], grades: Sequence[dict[str, int]], dense: bool
) -> list[Example]:
    """The questions as the ranker sees them."""
    visible = index.rows_for("public")
    found = []
    for text, judged in zip(texts, grades, strict=True):
        question = index.question(text) if dense else Question(Cut.of(text))
        evidence = index.evidence(question)
        rows = features.pool(evidence, visible)
        got = np.array([judged.get(there.entry.id, 0) if (there := index.rows[row]) else 0 for row in rows])
        values = features.of_candidates(evidence, index.coverage(question, rows), rows)
        found.append(Example(evidence, rows, values, got, index.scope(question)))
    return found


def away_examples(index: Index, dense: bool) -> list[Example]:
    """The off-topic questions, each seen by a line between ours and theirs that was drawn without it."""
    lines = OFF_TOPIC.read_text("utf-8").splitlines()
    fold = np.arange(len(lines)) % FOLDS
    found: list[Example] = []
    for n in range(FOLDS):
        index.know_as_off_topic(off_topic()[fold != n])
        held = [line for line, its in zip(lines, fold, strict=True) if its == n]
        found += examples(index, held, [{}] * len(held), dense)
    index.know_as_off_topic(off_topic())
    return found


def learn_order(learned_from: Sequence[Example], names: Sequence[str]) -> Line:
    """Weights under which the right answers get the most of each question's share (softmax over its candidates)."""
    whole = np.concatenate([example.matrix(names) for example in learned_from])
    mean, spread = whole.mean(axis=0), whole.std(axis=0) + 1e-9
    data = [
        ((example.matrix(names) - mean) / spread, GAINS[example.grades])
        for example in learned_from
        if example.grades.any()
    ]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, np.zeros(len(weights))
        for values, gains in data:
            order = values @ weights
            share = np.exp(order - order.max())
            share /= share.sum()
            right = gains * share
            total -= np.log(right.sum())
            slope -= values.T @ (right / right.sum() - share)
        count = len(data)
        return (
            total / count + ORDER_PENALTY * float(weights @ weights),
            slope / count + 2 * ORDER_PENALTY * weights,
        )

    weights = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return Line(tuple(names), mean, spread, weights)


def learn_chance(values: np.ndarray, happened: np.ndarray, names: Sequence[str]) -> Line:
    """Logistic regression: the chance that it happens."""
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.column_stack([(values - mean) / spread, np.ones(len(values))])
    penalty = np.full(scaled.shape[1], CHANCE_PENALTY)
    penalty[-1] = 0

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        order = scaled @ weights
        chance = 1 / (1 + np.exp(-order))
        total = np.logaddexp(0, np.where(happened, -order, order)).mean()
        slope = scaled.T @ (chance - happened) / len(scaled)
        return float(total + penalty @ weights**2), slope + 2 * penalty * weights

    weights = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B").x
    return Line(tuple(names), mean, spread, weights[:-1], float(weights[-1]))


@dataclass(frozen=True)
class Seen:
    """A question ranked: the place of its first right answer, and what the ranking looks like."""

    place: int | None
    ndcg: float
    looks: dict[str, float]


def ranked(example: Example, line: Line) -> Seen:
    order = line.of(example.matrix(line.names))
    best = np.argsort(-order, kind="stable")
    grades = [int(grade) for grade in example.grades[best]]
    place = next((n for n, grade in enumerate(grades) if grade), None)
    looks = features.of_ranking(example.evidence, example.values, example.rows, order, example.scope)
    return Seen(place, measuring.ndcg(grades[:5], grades), looks)


def folds(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """What is learnt from and what is measured, `ROUNDS` times `FOLDS`."""
    parts = []
    for round_ in range(ROUNDS):
        shuffled = np.random.default_rng(round_).permutation(count)
        parts += [(np.setdiff1d(shuffled, held := shuffled[n::FOLDS]), held) for n in range(FOLDS)]
    return parts


def figures(seen: Sequence[Seen]) -> dict[str, float]:
    places = [one.place for one in seen]
    return {
        "p_at_1": float(np.mean([place == 0 for place in places])),
        "mrr": float(np.mean([0 if place is None else 1 / (place + 1) for place in places])),
        "hit_at_5": float(np.mean([place is not None and place < 5 for place in places])),
    }


def held_out(many: Sequence[Example], names: Sequence[str]) -> list[list[Seen]]:
    """For each fold, its questions ranked by what was learnt from the others, in the order of `folds`."""
    parts = []
    for learned, held in folds(len(many)):
        line = learn_order([many[n] for n in learned], names)
        parts.append([ranked(many[n], line) for n in held])
    return parts


def table(seen: Sequence[Seen], names: Sequence[str]) -> np.ndarray:
    return np.array([[one.looks[name] for name in names] for one in seen])


def confidence(
    parts: list[list[Seen]], away: list[Seen], scope: Sequence[str], alone: float
) -> dict[str, Any]:
    """Sure and in scope, learnt from the held-out rankings of one round; measured on folds again."""
    per_round = [[one for part in parts[n : n + FOLDS] for one in part] for n in range(0, len(parts), FOLDS)]
    found: list[tuple[float, bool, bool]] = []
    for seen in per_round:
        values, right = table(seen, SURE), np.array([one.place == 0 for one in seen])
        for n in range(FOLDS):
            held = np.arange(len(seen)) % FOLDS == n
            line = learn_chance(values[~held], right[~held], SURE)
            limit = np.quantile(line.chance(values[~held]), 1 - alone)
            scores = line.chance(values[held])
            found += zip(scores, scores >= limit, right[held], strict=True)
    everyone = [one for seen in per_round for one in seen]
    right = np.array([one.place == 0 for one in everyone])
    line = learn_chance(table(everyone, SURE), right, SURE)
    ours, others = table(per_round[0], scope), table(away, scope)
    scope_line = learn_chance(
        np.concatenate([ours, others]), np.arange(len(ours) + len(others)) < len(ours), scope
    )
    return {
        "sure": line,
        "sure_from": float(np.quantile(line.chance(table(everyone, SURE)), 1 - alone)),
        "in_scope": scope_line,
        "in_scope_from": float(np.quantile(scope_line.chance(others), REFUSED)),
        "coverage": float(np.mean([alone for _, alone, _ in found])),
        "right_alone": float(np.mean([good for _, alone, good in found if alone])),
        "curve": measuring.curve([(score, bool(good)) for score, _, good in found]),
    }


def learn(index: Index, judged: measuring.Judged, dense: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The part of the file for a search with or without vectors."""
    many = examples(
        index, list(judged.questions.values()), [judged.grades[id] for id in judged.questions], dense
    )
    names = list(many[0].values)
    parts = held_out(many, names)
    say(f"{'words and meaning' if dense else 'words'}: {len(many)} questions, {len(names)} features")
    say(f"  in the pool {np.mean([example.grades.any() for example in many]):.3f}")
    say(f"  cross-validated {figures([one for part in parts for one in part])}")
    order = learn_order(many, names)
    say(f"  on what it was learnt from {figures([ranked(example, order) for example in many])}")
    off = [ranked(example, order) for example in away_examples(index, dense)]
    looks = list(off[0].looks)
    scope = IN_SCOPE if dense else looks
    trust = confidence(parts, off, scope, ALONE["dense" if dense else "words"])
    say(
        f"  answered alone {trust['coverage']:.3f}, of those right {trust['right_alone']:.3f} (cross-validated)"
    )
    for row in trust["curve"]:
        say(f"    {row['coverage']:.0%} {row['right']:.3f} from {row['from']:.3f}")
    ours = table([one for part in parts[:FOLDS] for one in part], scope)
    kept = trust["in_scope"].chance(ours) >= trust["in_scope_from"]
    say(f"  ours taken for ours {kept.mean():.3f}")
    return {
        "order": order.written(),
        "sure": trust["sure"].written(),
        "sure_from": round(trust["sure_from"], 4),
        "in_scope": trust["in_scope"].written(),
        "in_scope_from": round(trust["in_scope_from"], 4),
    }


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--write", is_flag=True, help="Write the weights that were learnt from all questions.")
def main(folder: Path, write: bool) -> None:
    """Learn the ranker from the judged questions of FOLDER."""
    judged = measuring.read(folder)
    index = Index(E5(), Kept(VAR / "answers-vectors"))
    for entry in judged.entries:
        index.put(entry)
    index.embed(index.waiting)
    learnt = {
        "learnt": "python -m bench.answers_ranker, from the 250 judged questions of localgovFAQ (no text of them is here)",
        **{name: learn(index, judged, name == "dense", click.echo) for name in ("dense", "words")},
    }
    if write:
        FILE.write_text(json.dumps(learnt, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
