"""Two people on one draft: nothing of either is lost."""

from __future__ import annotations

import pytest

from tests.workbench.conftest import HANAKO, JIRO, NOW, renamed
from yakuba.workbench import actions, editing, errors, queries


def text() -> str:
    return queries.draft("heating").files["heating/service.yaml"]


def test_the_second_of_two_saves_is_refused_and_both_texts_are_kept(hall):
    draft = actions.begin("heating", by=HANAKO, as_of=NOW)
    assert actions.begin("heating", by=JIRO, as_of=NOW).id == draft.id
    actions.save("heating", 1, renamed("花子の名前"), "name", by=HANAKO, as_of=NOW)
    with pytest.raises(errors.ChangedMeanwhile, match="花子"):
        actions.save("heating", 1, renamed("次郎の名前"), "name", by=JIRO, as_of=NOW)
    assert "花子の名前" in text()
    (aside,) = queries.asides(draft)
    assert "次郎の名前" in aside.files["heating/service.yaml"]
    assert aside.by_name == "次郎"


def test_a_save_that_changes_nothing_is_none(hall):
    actions.begin("heating", by=HANAKO, as_of=NOW)
    assert actions.save("heating", 1, lambda files: files, "", by=HANAKO, as_of=NOW).number == 1


def test_every_save_stays_to_be_looked_at(hall):
    draft = actions.begin("heating", by=HANAKO, as_of=NOW)
    actions.save("heating", 1, renamed("一"), "name", by=HANAKO, as_of=NOW)
    actions.save(
        "heating",
        2,
        lambda f: editing.put_text(f, "heating/service.yaml", "x: 1\n"),
        "text",
        by=JIRO,
        as_of=NOW,
    )
    assert [(one.number, one.by_name) for one in queries.saves(draft)] == [
        (3, "次郎"),
        (2, "花子"),
        (1, "花子"),
    ]
    assert "一" in queries.files_at(draft, 2)["heating/service.yaml"]


def test_a_draft_is_given_up_only_by_who_has_seen_its_last_save(hall):
    actions.begin("heating", by=HANAKO, as_of=NOW)
    actions.save("heating", 1, renamed("一"), "name", by=HANAKO, as_of=NOW)
    with pytest.raises(errors.NotTheNewest):
        actions.discard("heating", 1, by=JIRO)
    actions.discard("heating", 2, by=JIRO)
    assert queries.draft("heating") is None
