"""What becomes of suggestions is counted: used, changed, thrown away, not looked at."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

from click.testing import CliRunner

from tests.cases.conftest import MONDAY
from yakuba.assistant.helping.acceptance import acceptance, changed, settle, shown, suggestion_id
from yakuba.assistant.models import Suggestion
from yakuba.cases import retention
from yakuba.site.cli import yakuba

KATO = "staff:kato"


def suggest(town: str, text: str, kind="return", case: uuid.UUID | None = None, at=MONDAY) -> uuid.UUID:
    case = case or uuid.uuid4()
    shown(case, [(kind, text)], to=KATO, town=town, as_of=at)
    return suggestion_id(case, kind, text, KATO)


def test_each_way_is_counted_with_how_much_was_changed(in_town):
    settle(suggest(in_town, "abcd"), "abcd", "abcd", as_of=MONDAY)
    settle(suggest(in_town, "abcdefgh"), "abcdefgh", "abcdefxy", as_of=MONDAY)
    settle(suggest(in_town, "ijkl"), "ijkl", None, as_of=MONDAY)
    suggest(in_town, "long ago", at=MONDAY - timedelta(days=8))
    suggest(in_town, "today")
    (found,) = acceptance(MONDAY - timedelta(days=30), as_of=MONDAY)
    assert found.json() == {
        "kind": "return", "shown": 5, "accepted": 1, "edited": 1, "rejected": 1, "ignored": 1, "waiting": 1,
        "changed": 0.125, "used": 0.5,
    }  # fmt: skip


def test_line_ends_of_a_browser_are_no_change(in_town):
    id = suggest(in_town, "一行目\n二行目")
    settle(id, "一行目\r\n二行目", "一行目\r\n二行目\r\n", as_of=MONDAY)
    assert Suggestion.objects.get(id=id).outcome == "accepted"


def test_what_was_said_first_counts(in_town):
    id = suggest(in_town, "a")
    settle(id, "a", None, as_of=MONDAY)
    settle(id, "a", "a", as_of=MONDAY)
    assert Suggestion.objects.get(id=id).outcome == "rejected"


def test_a_text_that_was_not_suggested_is_not_measured_against(in_town):
    id = suggest(in_town, "the draft")
    settle(id, "another text", "another text", as_of=MONDAY)
    row = Suggestion.objects.get(id=id)
    assert (row.outcome, row.changed) == ("edited", None)


def test_the_same_page_opened_again_suggests_nothing_new(in_town):
    case = uuid.uuid4()
    assert suggest(in_town, "a", case=case) == suggest(in_town, "a", case=case)
    assert Suggestion.objects.count() == 1


def test_what_was_suggested_is_forgotten_with_the_case_and_its_use_still_counts(in_town):
    id = suggest(in_town, "a")
    row = Suggestion.objects.get(id=id)
    for forget in retention._FORGETS:
        forget([row.case])
    assert Suggestion.objects.get(id=id).digest == ""
    assert acceptance(MONDAY, as_of=MONDAY)[0].shown == 1


def test_how_much_was_changed():
    assert changed("手数料は300円です。", "手数料は300円です。") == 0
    assert changed("abcd", "wxyz") == 1
    assert 0 < changed("14日以内に出してください。", "14日以内に、窓口へ出してください。") < 0.3


def test_the_command_prints_the_figures(in_town, monkeypatch):
    monkeypatch.setattr("yakuba.clock.now", lambda: MONDAY)
    settle(suggest(in_town, "abcd", kind="summary"), "abcd", "abcd", as_of=MONDAY)
    done = CliRunner().invoke(yakuba, ["assistant", "acceptance", "--town", in_town, "--json"], obj=None)
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["since"] == "2025-02-11"
    assert told["kinds"][0]["used"] == 1.0
