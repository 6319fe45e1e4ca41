"""`yakuba assistant ask | figures | regress | line` from the command line."""

from __future__ import annotations

import json

from click.testing import CliRunner

from tests.assistant.conftest import DOG, NOON, WASTE
from tests.cases.conftest import KATO
from tests.conftest import TOWN
from yakuba.assistant import general, line_account, talks, written
from yakuba.assistant.answering.dense import Unavailable
from yakuba.assistant.commands import assistant


class NoModel:
    """The model is not installed."""

    name = "none"

    def encode(self, *_: object, **__: object) -> None:
        raise Unavailable("not installed")


def run(*args: str, code: int = 0) -> str:
    done = CliRunner().invoke(assistant, args)
    assert done.exit_code == code, done.output
    return done.output


def asked(*args: str) -> dict:
    return json.loads(run("ask", *args, "--json"))


def test_without_a_town_and_without_the_model_it_answers_from_what_all_towns_share(monkeypatch) -> None:
    monkeypatch.setattr(general, "E5", NoModel)
    said = asked("うちは児童手当をもらえますか")
    assert (said["how"], said["hand_over"]) == ("conditions", {"to": "finder", "service": "child-allowance"})
    assert said["sources"][0]["kind"] == "service"


def test_a_question_is_answered_from_a_towns_own_with_its_source(shelf) -> None:
    said = asked(WASTE.question["ja"], "--town", TOWN)
    assert (said["how"], said["confidence"]) == ("answered", 1.0)
    assert WASTE.answer["ja"] in said["answer"]
    assert said["sources"][0]["office"] == "住民課"
    assert said["hand_over"]["to"] is None


def test_a_my_number_is_masked_before_anything_is_done_with_it(shelf) -> None:
    assert "9018" not in run("ask", "123456789018 で犬を登録", "--town", TOWN, "--json")


def test_staff_are_answered_from_their_manual_and_nobody_else_is(shelf) -> None:
    assert "ふた" in run("ask", "複合機の紙詰まりの直し方", "--town", TOWN, "--staff")
    assert "ふた" not in run("ask", "複合機の紙詰まりの直し方", "--town", TOWN)


def test_what_must_be_answered_and_is_not_any_more_is_listed(shelf) -> None:
    written.expect(["きょうの天気"], DOG.id, "public", as_of=NOON)
    written.keep_entries([WASTE], by=KATO, as_of=NOON)
    written.expect(["粗大ごみの出し方"], WASTE.id, "public", as_of=NOON)
    lost = json.loads(run("regress", "--town", TOWN, "--json", code=1))
    assert (lost["asked"], [one["question"] for one in lost["lost"]]) == (2, ["きょうの天気"])


def test_a_month_in_figures(shelf, somebody) -> None:
    case = talks.begin(channel="chat", language="ja", as_of=NOON, key="k")
    talks.ask(case, WASTE.question["ja"], by=somebody, as_of=NOON, key="k")
    counted = json.loads(run("figures", "--town", TOWN, "--month", "2026-11", "--json"))
    assert (counted["asked"], counted["answered"], counted["minutes"]) == (1, 1, 0)
    assert json.loads(run("figures", "--town", TOWN, "--month", "2026-10", "--json"))["asked"] == 0


def test_a_line_account_is_kept_sealed(shelf) -> None:
    out = run("line", "--town", TOWN, "--secret", "my-secret", "--token", "my-token")
    assert f"/{TOWN}/chat/line/" in out
    assert "my-secret" not in out
    account = line_account.account()
    assert account
    assert account.signed(b"{}", "") is False
    kept = line_account.LineAccount.objects.get()
    assert "my-secret" not in kept.secret
    assert "my-token" not in kept.token
