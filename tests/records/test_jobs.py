"""What the records room does by itself: held rows become cases, discarded ones end, inboxes are looked through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import TOWN
from tests.records.conftest import MORI
from tests.records.loads import AT, held, home
from yakuba.cases import queries as case_queries
from yakuba.records import actions, jobs
from yakuba.records.held import SERVICE
from yakuba.records.models import Load


def test_a_held_row_is_a_case_within_a_minute_and_none_once_its_load_is_discarded(old):
    load = old.take_in([home(1), held(2, "setaiseiritsunengappi", "？")])
    jobs.look_after_held_rows(0)
    assert case_queries.queue(service=SERVICE).count() == 1
    actions.discard(load.id, by=MORI, as_of=AT)
    jobs.look_after_held_rows(0)
    assert case_queries.queue(service=SERVICE).count() == 0


MAPPING = """
source: aoba
name: 見本
standard: resident-register
files:
  "*.csv":
    group: 世帯
    items: {setaibango: 番号, setainushi_atenabango: 主, setaijotai: {constant: "1"}, setaiseiritsunengappi: 日}
"""


@pytest.fixture
def source(in_town, tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))
    folder = tmp_path / "inbox" / TOWN / "aoba"
    folder.mkdir(parents=True)
    (folder / "mapping.yaml").write_text(MAPPING, "utf-8")
    return folder


def lay(folder: Path, text: str) -> None:
    path = folder / "one.csv"
    path.write_text(text, "utf-8")
    os.utime(path, (0, 0))


def test_what_lies_in_the_inbox_is_imported_and_taken_in(source):
    lay(source, "番号,主,日\n1,A1,2018-04-01\n2,A2,平成30年2月30日\n")
    jobs.look_through_inboxes(0)
    load = Load.objects.get()
    assert (load.source, load.counts["世帯"]["accepted"], load.counts["世帯"]["held"]) == ("aoba", 1, 1)
    assert not (source / "one.csv").exists()


def test_what_cannot_be_imported_is_moved_away_with_the_reason(source):
    lay(source, "番号,主\n1,A1\n")
    jobs.look_through_inboxes(0)
    assert not Load.objects.exists()
    (receipt,) = source.glob("refused/*/one.csv.receipt.json")
    assert "日" in receipt.read_text("utf-8")


def test_a_faulty_mapping_is_the_reason_of_a_refusal(source):
    (source / "mapping.yaml").write_text(MAPPING.replace("group: 世帯", "group: 家族"), "utf-8")
    lay(source, "番号,主,日\n1,A1,2018-04-01\n")
    jobs.look_through_inboxes(0)
    (receipt,) = source.glob("refused/*/one.csv.receipt.json")
    assert "家族" in receipt.read_text("utf-8")


def test_where_there_is_no_inbox_nothing_happens(in_town, tmp_path, monkeypatch):
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path))
    jobs.look_through_inboxes(0)
    assert not Load.objects.exists()
