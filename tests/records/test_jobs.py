"""What the records room does by itself: held rows become cases, discarded ones end, inboxes are looked through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import TOWN
from tests.records import loads
from tests.records.conftest import MORI
from tests.records.loads import AT, GROUP, held, home
from yakuba.cases import queries as case_queries
from yakuba.records import actions, inbox, jobs
from yakuba.records.held import SERVICE
from yakuba.records.models import Load


def test_a_held_row_is_a_case_within_a_minute_and_none_once_its_load_is_discarded(old):
    load = old.take_in([home(1), held(2, "setaiseiritsunengappi", "？")])
    jobs.look_after_held_rows(0)
    assert case_queries.queue(service=SERVICE).count() == 1
    actions.discard(load.id, by=MORI, as_of=AT)
    jobs.look_after_held_rows(0)
    assert case_queries.queue(service=SERVICE).count() == 0


def bring_in(files, mapping: Path, out: Path, as_of) -> None:
    """An import that makes one household, whatever it is given."""
    loads.write(out, {GROUP: [home(1)]})


def test_what_lies_in_the_inbox_is_taken_in(in_town, tmp_path, monkeypatch):
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))
    monkeypatch.setattr(inbox, "BRING_IN", "tests.records.test_jobs.bring_in")
    source = tmp_path / "inbox" / TOWN / "aoba"
    source.mkdir(parents=True)
    (source / "mapping.yaml").write_text('files: {"*.csv": {group: 世帯}}', "utf-8")
    (source / "one.csv").write_text("x")
    os.utime(source / "one.csv", (0, 0))
    jobs.look_through_inboxes(0)
    assert Load.objects.get().source == "aoba"
    assert not (source / "one.csv").exists()


def test_where_there_is_no_inbox_nothing_is_asked_of_the_import(in_town, tmp_path, monkeypatch):
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))
    monkeypatch.setattr(inbox, "BRING_IN", "nowhere.at_all")
    jobs.look_through_inboxes(0)
    (tmp_path / "inbox").mkdir()
    with pytest.raises(ImportError):
        jobs.look_through_inboxes(0)
