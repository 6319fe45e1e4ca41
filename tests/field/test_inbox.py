"""Files of collectors are taken in once, and none is lost."""

from __future__ import annotations

import os
from pathlib import Path

from tests.field.conftest import Centre
from yakuba.field import inbox, queries
from yakuba.field.kitting import simulated
from yakuba.field.kitting.device import Recipient
from yakuba.field.models import Observation

SOMEBODY = Recipient("0001", "YKB-00001", "user0001")


def leave(folder: Path, centre: Centre, serial: str, name: str = "", at: int = 1_700_000_000) -> Path:
    path = folder / (name or f"{serial}.json")
    path.write_bytes(simulated.as_file(simulated.sound(centre.profile, SOMEBODY, serial)))
    os.utime(path, (at, at))
    return path


def test_files_are_taken_in_and_put_away(centre: Centre, tmp_path: Path) -> None:
    leave(tmp_path, centre, "SN1")
    leave(tmp_path, centre, "SN2", at=1_700_000_001)
    assert [one.serial for one in inbox.taken_in(tmp_path, centre.town)] == ["SN1", "SN2"]
    assert sorted(one.name for one in (tmp_path / "done").iterdir()) == ["SN1.json", "SN2.json"]
    assert inbox.taken_in(tmp_path, centre.town) == []
    assert Observation.objects.count() == 2


def test_what_cannot_be_read_is_kept_apart_and_the_others_go_on(centre: Centre, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    leave(tmp_path, centre, "SN1")
    results = {one.name: one for one in inbox.taken_in(tmp_path, centre.town)}
    assert "neither JSON" in results["broken.json"].trouble
    assert results["SN1.json"].serial == "SN1"
    assert (tmp_path / "unreadable" / "broken.json").read_text() == "{"


def test_a_file_that_is_still_written_waits(centre: Centre, tmp_path: Path) -> None:
    leave(tmp_path, centre, "SN1", "SN1.json.part")
    assert inbox.taken_in(tmp_path, centre.town) == []
    assert (tmp_path / "SN1.json.part").exists()


def test_a_second_reading_of_the_same_name_replaces_none(centre: Centre, tmp_path: Path) -> None:
    for at in (1_700_000_000, 1_700_000_100):
        leave(tmp_path, centre, "SN1", at=at)
        inbox.taken_in(tmp_path, centre.town)
    assert sorted(one.name for one in (tmp_path / "done").iterdir()) == ["SN1-2.json", "SN1.json"]
    assert Observation.objects.filter(serial="SN1").count() == 2


def test_a_file_that_was_taken_in_before_a_power_cut_changes_nothing(centre: Centre, tmp_path: Path) -> None:
    path = leave(tmp_path, centre, "SN1")
    content = path.read_bytes()
    inbox.taken_in(tmp_path, centre.town)
    path.write_bytes(content)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    inbox.taken_in(tmp_path, centre.town)
    assert Observation.objects.count() == 1


def test_labels_are_for_what_was_received(centre: Centre) -> None:
    centre.order(count=3)
    centre.receive("SN1")
    (label,) = queries.labels("K-1")
    assert (label.tag, label.serial, label.profile) == ("YKB-00001", "SN1", "staff-notebook")
    assert queries.labels("K-9") == []
