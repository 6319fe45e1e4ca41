"""Files on a schedule: a complete file is taken in once and moved away with its receipt; a half-written one is left alone."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import TOWN
from tests.records import loads
from tests.records.loads import AT, GROUP, held, home
from yakuba.records import inbox
from yakuba.records.inbox import Receipt
from yakuba.records.models import Load
from yakuba.records.values.encodings import Refused
from yakuba.words import Text

LONG_AGO = AT - timedelta(hours=1)


class Inbox:
    """The inbox of the town with one old system, and an import that makes a household of each line."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.source = folder / TOWN / "aoba"
        self.source.mkdir(parents=True)
        (self.source / "mapping.yaml").write_text(
            'source: aoba\ncharacters: gaiji.csv\nfiles:\n  "aoba-*.csv":\n    group: 世帯\n',
            encoding="utf-8",
        )
        (self.source / "gaiji.csv").write_text("", encoding="utf-8")
        self.imports = 0

    def lay(self, name: str, text: str, *, at=LONG_AGO) -> None:
        path = self.source / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (at.timestamp(), at.timestamp()))

    def bring_in(self, files, mapping: Path, out: Path, as_of: date) -> Path:
        self.imports += 1
        assert (mapping.name, as_of) == ("mapping.yaml", date(2026, 11, 30))
        rows = []
        for file in files:
            for line in file.read_text("utf-8").split():
                if line == "broken":
                    raise Refused(Text.same("cut off"))
                rows.append(home(int(line)) if line.isdigit() else held(9, "setaiseiritsunengappi", line))
        loads.write(out, {GROUP: rows})
        self._as_read(files, out)
        return out

    def _as_read(self, files, out: Path) -> None:
        outcome = json.loads((out / "outcome.json").read_text("utf-8"))
        (one,) = outcome["files"]
        outcome["files"] = [{**one, "file": file.name, "sha256": inbox._sha256(file)} for file in files]
        (out / "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")

    def look(self, *, as_of=AT) -> list[Receipt]:
        return inbox.look_through(TOWN, self.folder, self.bring_in, as_of=as_of)

    def there(self, *parts: str) -> list[str]:
        return sorted(one.name for one in self.source.joinpath(*parts).iterdir() if one.is_file())


@pytest.fixture
def box(in_town, tmp_path) -> Inbox:
    return Inbox(tmp_path)


def test_a_complete_file_is_taken_in_and_moved_away_with_its_receipt(box):
    box.lay("aoba-1.csv", "1 2 ？")
    (receipt,) = box.look()
    load = Load.objects.get()
    assert (receipt.state, receipt.load, receipt.counts["in"], receipt.counts["held"]) == (
        "taken_in",
        str(load.id),
        3,
        1,
    )
    assert box.there() == ["gaiji.csv", "mapping.yaml"]
    assert box.there("done", "20261130-100000") == ["aoba-1.csv", "aoba-1.csv.receipt.json"]
    kept = json.loads((box.source / "done/20261130-100000/aoba-1.csv.receipt.json").read_text("utf-8"))
    assert (kept["sha256"], kept["bytes"], kept["load"]) == (receipt.sha256, 7, str(load.id))


def test_files_of_one_system_are_one_load(box):
    box.lay("aoba-1.csv", "1")
    box.lay("aoba-2.csv", "2")
    assert [one.state for one in box.look()] == ["taken_in", "taken_in"]
    assert [one["file"] for one in Load.objects.get().files] == ["aoba-1.csv", "aoba-2.csv"]


@pytest.mark.parametrize(
    ("name", "at"),
    [("aoba-2.csv", AT - timedelta(seconds=5)), ("aoba-2.csv.part", LONG_AGO), ("aoba-2.csv.tmp", LONG_AGO)],
)
def test_while_one_file_is_still_coming_all_of_its_system_wait(box, name, at):
    box.lay("aoba-1.csv", "1")
    box.lay(name, "2", at=at)
    assert box.look() == []
    assert (box.imports, "aoba-1.csv" in box.there()) == (0, True)


def test_the_same_file_again_is_told_and_is_no_other_load(box):
    box.lay("aoba-1.csv", "1")
    (first,) = box.look()
    box.lay("aoba-1.csv", "1")
    (again,) = box.look(as_of=AT + timedelta(hours=1))
    assert (again.state, again.load) == ("again", first.load)
    assert Load.objects.count() == 1


def test_what_cannot_be_read_is_refused_with_the_reason_and_nothing_is_taken_in(box):
    box.lay("aoba-1.csv", "1")
    box.lay("aoba-2.csv", "broken")
    assert [(one.state, one.why) for one in box.look()] == [("refused", "cut off")] * 2
    assert box.there("refused", "20261130-100000")[0] == "aoba-1.csv"
    assert not Load.objects.exists()


def test_a_file_that_the_mapping_does_not_know_is_refused_before_anything_is_imported(box):
    box.lay("kiri-1.csv", "1")
    (receipt,) = box.look()
    assert "kiri-1.csv" in receipt.why
    assert box.imports == 0


def test_an_error_of_ours_leaves_the_files_where_they_are(box, monkeypatch):
    box.lay("aoba-1.csv", "1")
    monkeypatch.setattr(box, "bring_in", lambda *_: 1 / 0)
    assert box.look() == []
    assert "aoba-1.csv" in box.there()


def test_what_was_taken_in_before_the_power_was_cut_is_not_taken_in_twice(box, monkeypatch):
    box.lay("aoba-1.csv", "1")
    monkeypatch.setattr(inbox, "_move", lambda *_: 1 / 0)
    box.look()
    monkeypatch.undo()
    (receipt,) = box.look(as_of=AT + timedelta(minutes=5))
    assert (receipt.state, Load.objects.count()) == ("again", 1)


def test_two_that_look_at_once_do_not_take_the_same_file(box):
    box.lay("aoba-1.csv", "1")
    with inbox._alone(box.source) as alone:
        assert alone
        assert box.look() == []
    assert len(box.look()) == 1


def test_a_town_without_an_inbox_has_nothing_in_it(box):
    assert inbox.look_through("394271", box.folder, box.bring_in, as_of=AT) == []
