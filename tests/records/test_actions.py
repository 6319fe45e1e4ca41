"""A load is taken in whole or not at all, becomes current in one step, and can be taken back exactly."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from django.db import ProgrammingError, transaction

from tests.cases.conftest import staff
from tests.conftest import TOWN
from tests.records.conftest import ABE, HANA, MORI, current
from tests.records.loads import AT, GROUP, held, home
from yakuba.access import SYSTEM, Denied, towns
from yakuba.access.models import AccessEvent
from yakuba.records import actions
from yakuba.records.errors import FaultyFolder, HeldRows, KeysTwice, LaterCutover, NotNow
from yakuba.records.models import Cutover, Load, LoadedRow, Record
from yakuba.records.states import CURRENT, REHEARSAL, ROLLED_BACK

BY = SYSTEM(TOWN)


# ---------------------------------------------------------------- taking in


def test_every_row_that_came_in_is_there_with_what_was_said_of_it(old):
    load = old.take_in([home(1), held(2, "setaiseiritsunengappi", "令和元年2月30日")])
    assert (load.state, load.source, load.held) == (REHEARSAL, "aoba", 1)
    assert load.counts == {GROUP: {"in": 2, "accepted": 1, "repaired": 0, "held": 1, "set_aside": 0}}
    good, bad = LoadedRow.objects.order_by("row")
    assert (good.key, good.values["setaijotai"], good.given) == ('["000000000000001"]', "1", "")
    assert (bad.line, bad.cells["old"]) == (3, "令和元年2月30日")
    assert bad.remarks[0]["item"] == "setaiseiritsunengappi"
    assert "setaiinsu" not in good.values


def test_the_same_files_read_in_the_same_way_are_the_same_load(old):
    folder = old.write([home(1)])
    first, again = (actions.take_in(folder, by=BY, as_of=AT) for _ in range(2))
    assert first.id == again.id
    assert LoadedRow.objects.count() == 1


def test_the_same_files_read_in_another_way_are_another_load(old):
    first = old.take_in([home(1)], content="the old file")
    again = old.take_in([home(1, setaiinsu="2")], content="the old file")
    assert first.id != again.id


def test_texts_that_the_database_cannot_keep_as_json_are_kept_as_they_came(old):
    row = held(1, "setaijotai", "2")
    row["given"] = json.dumps({"世帯番号": 'a\0b\\u0000 "quoted", and\nbroken'})
    row["told"][0]["given"] = "a\0b"
    old.take_in([row])
    kept = LoadedRow.objects.get()
    assert kept.cells == {"世帯番号": 'a\0b\\u0000 "quoted", and\nbroken'}
    assert kept.remarks[0]["given"] == "a\0b"


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda folder: (folder / "outcome.json").unlink(), "no outcome.json"),
        (lambda folder: (folder / "outcome.json").write_text("{"), "no outcome.json"),
        (lambda folder: (folder / f"{GROUP}.parquet").unlink(), "not there or cannot be read"),
        (lambda folder: (folder / f"{GROUP}.parquet").write_bytes(b"PAR1"), "not there or cannot be read"),
        (lambda folder: said(folder, groups={GROUP: counted(3)}), "not as counted"),
        (lambda folder: said(folder, groups={GROUP: counted(2, held=1)}), "not as counted"),
        (lambda folder: said(folder, groups={"世帯主": counted(2)}), "no group"),
        (lambda folder: said(folder, version="9"), "no version 9"),
        (lambda folder: said_of_file(folder, refused="cut off"), "could not be read as a whole"),
        (lambda folder: lacking(folder, "setaijotai"), "no column “setaijotai”"),
        (lambda folder: lacking(folder, "_told"), "no column “_told”"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused_and_leaves_nothing(old, harm, why):
    folder = old.write([home(1), home(2)])
    harm(folder)
    with pytest.raises(FaultyFolder, match=why):
        actions.take_in(folder, by=BY, as_of=AT)
    assert (Load.objects.count(), LoadedRow.objects.count()) == (0, 0)


def said(folder, **other) -> None:
    outcome = json.loads((folder / "outcome.json").read_text())
    (folder / "outcome.json").write_text(json.dumps(outcome | other))


def said_of_file(folder, **other) -> None:
    outcome = json.loads((folder / "outcome.json").read_text())
    said(folder, files=[outcome["files"][0] | other])


def counted(rows: int, held: int = 0) -> dict[str, int]:
    return {"in": rows, "accepted": rows - held, "repaired": 0, "held": held}


def lacking(folder, column: str) -> None:
    table = pq.read_table(folder / f"{GROUP}.parquet")
    pq.write_table(table.drop_columns([column]), folder / f"{GROUP}.parquet")


def test_an_import_of_two_systems_is_no_load(old):
    folder = old.write([home(1)])
    outcome = json.loads((folder / "outcome.json").read_text())
    said(folder, files=[*outcome["files"], outcome["files"][0] | {"source": "kiri"}])
    with pytest.raises(FaultyFolder, match="aoba, kiri"):
        actions.take_in(folder, by=BY, as_of=AT)


# ---------------------------------------------------------------- cutting over


def test_what_was_taken_in_is_current_only_after_the_cut_over(old):
    load = old.take_in([home(1), home(2)])
    assert current() == {}
    made = actions.cut_over(load.id, by=BY, as_of=AT)
    assert current() == {1: None, 2: None}
    assert (made.sequence, made.counts) == (1, {GROUP: {"new": 2, "changed": 0, "gone": 0}})
    assert Load.objects.get().state == CURRENT


def test_the_next_load_changes_what_differs_and_nothing_else(old):
    old.cut_over([home(1), home(2, setaiinsu="2"), home(3)])
    old.cut_over([home(1), home(2, setaiinsu="3"), home(4)])
    assert current() == {1: None, 2: "3", 4: None}
    last = Cutover.objects.latest("sequence")
    assert (last.sequence, last.counts[GROUP]) == (2, {"new": 1, "changed": 1, "gone": 1})
    same = Record.objects.get(key__contains="1", until_sequence=None, since_sequence=1)
    assert same.values["setaibango"].endswith("1")


def test_a_part_of_a_system_takes_nothing_away(old):
    old.cut_over([home(1), home(2)])
    old.cut_over([home(2, setaiinsu="2")], whole=False)
    assert current() == {1: None, 2: "2"}


def test_what_another_system_says_is_left_alone(old):
    old.cut_over([home(1)])
    old.cut_over([home(2)], source="kiri")
    assert current() == {1: None, 2: None}


def test_a_record_whose_row_is_held_stays_as_it_is(old):
    old.cut_over([home(1, setaiinsu="2"), home(2)])
    old.cut_over([held(1, "setaiseiritsunengappi", "？", setaiinsu="9")])
    assert current() == {1: "2"}


def test_with_held_rows_it_is_cut_over_only_when_somebody_says_that_they_stay_behind(old):
    load = old.take_in([home(1), held(2, "setaiseiritsunengappi", "？")])
    with pytest.raises(HeldRows, match="1 rows are still held"):
        actions.cut_over(load.id, by=BY, as_of=AT)
    assert current() == {}
    actions.cut_over(load.id, by=BY, as_of=AT, leave_held=True)
    assert current() == {1: None}


def test_rows_with_the_same_key_are_not_cut_over_and_nothing_is_changed(old):
    old.cut_over([home(7)])
    load = old.take_in([home(1), home(1), home(2)])
    with pytest.raises(KeysTwice, match="000000000000001"):
        actions.cut_over(load.id, by=BY, as_of=AT)
    assert current() == {7: None}


def test_a_load_is_cut_over_once(old):
    load = old.cut_over([home(1)])
    with pytest.raises(NotNow, match="current already"):
        actions.cut_over(load.id, by=BY, as_of=AT)


def test_a_person_cuts_over_what_another_has_asked_for(old):
    load = old.take_in([home(1)])
    with pytest.raises(Denied):
        actions.cut_over(load.id, by=MORI, as_of=AT)
    actions.ask_for_cut_over(load.id, by=MORI, as_of=AT)
    with pytest.raises(Denied, match="another member of staff"):
        actions.cut_over(load.id, by=MORI, as_of=AT)
    actions.cut_over(load.id, by=ABE, as_of=AT)
    assert current() == {1: None}


@pytest.mark.parametrize("roles", ["clerk", "reviewer", "auditor", "admin"])
def test_only_managers_and_approvers_ask_for_it(old, roles):
    load = old.take_in([home(1)])
    with pytest.raises(Denied):
        actions.ask_for_cut_over(load.id, by=staff("one", roles), as_of=AT)
    with pytest.raises(Denied):
        actions.roll_back(load.id, by=staff("one", roles), as_of=AT, reason="")


def test_a_clerk_takes_nothing_in(old):
    with pytest.raises(Denied):
        actions.take_in(old.write([home(1)]), by=HANA, as_of=AT)


# ---------------------------------------------------------------- and back


def test_what_was_current_before_is_current_again(old):
    old.cut_over([home(1), home(2, setaiinsu="2"), home(3)])
    before = current()
    load = old.cut_over([home(1), home(2, setaiinsu="3"), home(4)])
    made = actions.roll_back(load.id, by=MORI, as_of=AT, reason="世帯員数が違う")
    assert current() == before
    assert (made.sequence, made.undoes, made.reason) == (3, 2, "世帯員数が違う")
    assert made.counts[GROUP] == {"new": 1, "changed": 1, "gone": 1}
    assert Load.objects.get(id=load.id).state == ROLLED_BACK


def test_loads_are_taken_back_from_the_last_one_on(old):
    first, second = old.cut_over([home(1)]), old.cut_over([home(2)])
    with pytest.raises(LaterCutover, match="number 2"):
        actions.roll_back(first.id, by=BY, as_of=AT, reason="")
    actions.roll_back(second.id, by=BY, as_of=AT, reason="")
    assert current() == {1: None}
    actions.roll_back(first.id, by=BY, as_of=AT, reason="")
    assert current() == {}


def test_what_was_taken_back_can_be_cut_over_again(old):
    load = old.cut_over([home(1)])
    actions.roll_back(load.id, by=BY, as_of=AT, reason="")
    actions.cut_over(load.id, by=BY, as_of=AT)
    actions.roll_back(load.id, by=BY, as_of=AT, reason="")
    assert current() == {}
    assert [one.sequence for one in Cutover.objects.order_by("sequence")] == [1, 2, 3, 4]


def test_a_rehearsal_has_nothing_to_take_back(old):
    with pytest.raises(NotNow, match="not current"):
        actions.roll_back(old.take_in([home(1)]).id, by=BY, as_of=AT, reason="")


# ---------------------------------------------------------------- what stays


def test_who_did_it_stands_in_the_access_log(old):
    load = old.cut_over([home(1)])
    actions.roll_back(load.id, by=MORI, as_of=AT, reason="")
    found = AccessEvent.objects.filter(resource_type="Load").order_by("id")
    assert [one.action for one in found] == ["load.take_in", "load.cut_over", "load.roll_back"]
    assert found[2].worker_id == MORI.id


def test_a_version_of_a_record_is_never_changed_or_removed(old):
    old.cut_over([home(1)])
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Record.objects.update(values={})
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Record.objects.all().delete()


def test_another_town_sees_nothing_of_it(old, other_town):
    old.cut_over([home(1)])
    with other_town:
        assert not any(model.objects.exists() for model in (Load, LoadedRow, Cutover, Record))


def test_another_town_may_take_the_same_files_in(old, other_town):
    folder = old.write([home(1)])
    actions.take_in(folder, by=BY, as_of=AT)
    with other_town as other:
        assert actions.take_in(folder, by=SYSTEM(other), as_of=AT).town == other == towns.current_town()
