import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.assistant.answering.town import ASKED
from yakuba.assistant.answering import measuring
from yakuba.assistant.commands import assistant


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus = {id: f"Question: {asked}\nAnswer: {answer}\n" for id, (asked, answer) in ASKED.items()}
    queries = {"a": "粗大ごみの出し方", "b": "図書館の開館時間", "c": "犬の登録", "not judged": "ごみ"}
    grades = {"a": {"bulky": 2}, "b": {"library": 2, "tax": 1}, "c": {"tax": 1}}
    for name, data in {"corpus": corpus, "queries": queries, "qrels": grades}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return tmp_path


def test_figures_are_those_of_the_judged_questions(folder: Path) -> None:
    figures = measuring.measure(measuring.read(folder), None)
    assert figures["questions"] == 3
    assert figures["p_at_1"] == round(2 / 3, 4)
    assert figures["engine"] == "words"
    assert figures["off_topic"] == 100


def test_the_command_prints_them_as_json(folder: Path) -> None:
    run = CliRunner().invoke(assistant, ["eval", str(folder), "--words", "--json"])
    assert run.exit_code == 0
    assert {"mrr", "hit_at_5", "ndcg_at_5", "coverage", "wrong", "curve", "ms_p95"} <= json.loads(
        run.output
    ).keys()


def test_a_folder_without_judgements_is_refused(tmp_path: Path) -> None:
    run = CliRunner().invoke(assistant, ["eval", str(tmp_path)])
    assert run.exit_code == 1
    assert "corpus.json, queries.json, qrels.json" in run.output


def test_gain_counts_less_further_down_and_is_1_in_the_best_order() -> None:
    assert measuring.ndcg([2, 1, 0, 0, 0], [1, 2]) == pytest.approx(1)
    assert measuring.ndcg([0, 2], [2]) == pytest.approx(0.6309, abs=1e-4)
    assert measuring.ndcg([0, 0], [2]) == measuring.ndcg([0], []) == 0


def test_the_curve_takes_the_surest_first() -> None:
    curve = measuring.curve([(0.9, True), (0.1, False), (0.8, True), (0.2, False)])
    assert curve[4] == {"coverage": 0.5, "right": 1.0, "from": 0.8}
    assert curve[-1]["right"] == 0.5


def test_the_off_topic_questions_are_a_hundred_different_ones() -> None:
    lines = measuring.OFF_TOPIC.read_text("utf-8").splitlines()
    assert len(set(lines)) == len(lines) == 100
