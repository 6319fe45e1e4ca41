"""`yakuba check --easy`: every easy text, how readable it is, and the words without ruby."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner

from tests.declare.conftest import SMALL
from yakuba.declare import easy
from yakuba.declare.commands import check
from yakuba.words.easy import FLOOR

HARD = "受給資格の認定に係る請求書を提出しなければならない。"


def run(folder, *arguments: str):
    return CliRunner().invoke(check, [*arguments, "--services", str(folder)])


@pytest.fixture
def title(edited):
    """The small catalogue with another easy name of its service."""
    was = next(one for one in easy.report(SMALL, ["heating"]).texts if one.name == "name").text
    return lambda text: edited(f"easy: {was}", f"easy: {text}")


def test_every_easy_text_of_a_service_is_said_with_its_place_and_its_points():
    said = orjson.loads(run(SMALL, "heating", "--easy", "--json").output)
    assert said["counted"] == len(said["texts"]) > 10
    name = next(one for one in said["texts"] if one["name"] == "name")
    assert name["file"].endswith("heating/service.yaml")
    line = (SMALL / "heating" / "service.yaml").read_text().splitlines()[name["line"] - 1]
    assert name["text"] in line
    assert 0 <= name["points"] <= 100


def test_a_hard_text_is_named_last_with_what_makes_it_hard_and_the_command_fails(title):
    said = run(title(HARD), "heating", "--easy")
    assert said.exit_code == 1
    last = said.output.splitlines()[-2]
    assert HARD[:10] in last
    assert "hard: " in last
    assert f"1 below {FLOOR}" in said.output


def test_a_word_without_ruby_is_named_and_the_command_fails(title):
    said = run(title("𠀋さんの お金"), "heating", "--easy")
    assert said.exit_code == 1
    assert "no ruby over “𠀋”: write {𠀋|よみ}" in said.output


def test_the_plain_check_refuses_a_hard_text_and_a_word_without_reading(title):
    said = run(title(f"{HARD}𠀋さんです。"))
    assert said.exit_code == 1
    assert '"name" is not easy (' in said.output
    assert "docs/words.md" in said.output
    assert "no reading for “𠀋”" in said.output


def test_a_hard_text_of_the_shared_facts_is_told_with_its_line(edited):
    was = next(one for one in easy.report(SMALL, []).texts if one.file.endswith("shared/facts.yaml"))
    folder = edited(f"easy: {was.text}", f"easy: {HARD}", "shared/facts.yaml")
    line = next(
        n
        for n, text in enumerate((folder / "shared/facts.yaml").read_text("utf-8").splitlines(), 1)
        if HARD in text
    )
    assert f"shared/facts.yaml:{line} — " in run(folder).output


def test_a_service_that_is_not_there_is_refused():
    assert run(SMALL, "heatng", "--easy").exit_code == 2


def test_json_without_easy_is_refused_in_words():
    said = run(SMALL, "--json")
    assert (said.exit_code, "--json goes with --easy" in said.output) == (2, True)


@pytest.mark.parametrize("room", ["assistant", "records", "messages", "money", "channels"])
def test_what_no_declared_service_says_is_easy_too(room):
    texts = [*easy._of_yaml(easy.PROJECT / "yakuba" / room, easy.PROJECT),
             *easy._of_python(easy.PROJECT / "yakuba" / room)]  # fmt: skip
    assert [easy.in_words(one) for one in texts if one.readable.low or one.readable.unread] == []


def test_the_reasons_of_the_policies_are_easy():
    reasons = list(easy._of_policies(easy.PROJECT / "policies"))
    assert len(reasons) > 100
    assert [easy.in_words(one) for one in reasons if one.readable.low or one.readable.unread] == []
