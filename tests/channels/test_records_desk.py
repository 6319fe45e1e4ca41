"""Loads on the desk: what came of them, what a cut-over would change, held rows mended one by one, two people cut over."""

from __future__ import annotations

import re

import pytest

from tests.conftest import TOWN
from tests.records.conftest import Old, current
from tests.records.loads import AT, held, home
from tests.records.test_held import BORN, held_person
from yakuba.access.models import AccessEvent
from yakuba.records import held as held_rows
from yakuba.records.models import Load, LoadedRow
from yakuba.records.states import CURRENT, DISCARDED, HELD, REPAIRED, ROLLED_BACK, SET_ASIDE

DESK = f"/{TOWN}/staff/records/"


@pytest.fixture
def old(in_town, tmp_path) -> Old:
    return Old(tmp_path)


@pytest.fixture
def load(old) -> Load:
    """One row is right, one is held."""
    made = old.take_in([home(1), held(2, BORN, "令和元年2月30日")])
    held_rows.open_all(TOWN, as_of=AT)
    return made


def text(answer) -> str:
    assert answer.status_code == 200, answer
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def held_row() -> LoadedRow:
    return LoadedRow.objects.get(state=HELD)


def row_page(load: Load) -> str:
    return f"{DESK}{load.id}/row/{held_row().id}/"


# ---------------------------------------------------------------- looking


def test_the_list_says_of_each_load_what_became_of_its_rows(load, desk):
    shown = text(desk("clerk").get(DESK))
    assert "aoba" in shown
    assert "リハーサル" in shown


def test_a_load_lists_its_held_rows_with_what_is_wrong_and_by_when(load, desk):
    shown = text(desk("clerk").get(f"{DESK}{load.id}/"))
    assert "aoba-世帯.csv 3行目" in shown
    assert "ある日付を書いてください" in shown
    assert "令和8年12月7日" in shown


def test_the_comparison_says_item_by_item_what_would_change(load, old, desk):
    old.cut_over([home(1, setaiinsu="3"), home(5)])
    shown = text(desk("manager").get(f"{DESK}{load.id}/differences/"))
    assert "世帯員数 3 —" in shown
    assert "なくなる (1) 000000000000005" in shown


def test_pages_of_many_rows_take_as_few_queries_as_those_of_few(old, desk, django_assert_max_num_queries):
    load = old.take_in([held(number, BORN, "？") for number in range(60)])
    held_rows.open_all(TOWN, as_of=AT)
    clerk = desk("clerk")
    clerk.get(DESK)
    with django_assert_max_num_queries(12):
        shown = text(clerk.get(f"{DESK}{load.id}/"))
    assert "1 / 2" in shown
    with django_assert_max_num_queries(12):
        clerk.get(DESK)


@pytest.mark.parametrize("where", ["", "{load}/", "{load}/differences/"])
def test_who_has_no_business_with_it_sees_nothing(load, desk, where):
    assert desk("accountant").get(DESK + where.format(load=load.id)).status_code == 403


def test_what_is_not_there_is_not_found(load, desk):
    clerk = desk("clerk")
    nobody = "00000000-0000-0000-0000-000000000000"
    assert clerk.get(f"{DESK}{nobody}/").status_code == 404
    assert clerk.get(f"{DESK}{load.id}/row/999999/").status_code == 404
    assert clerk.get(f"{DESK}{nobody}/row/{held_row().id}/").status_code == 404


# ---------------------------------------------------------------- one row


def test_a_row_shows_its_cells_its_faults_and_asks_for_what_is_faulty_alone(load, desk):
    page = desk("clerk").get(row_page(load))
    shown = text(page)
    assert "令和元年2月30日" in shown
    assert "世帯成立年月日 ある日付を書いてください" in shown
    assert re.findall(r'<input class="input" id="(\w+)"', page.content.decode()) == [BORN, "reason"]


def test_who_comes_from_the_queue_is_led_to_the_row_and_cannot_end_the_case_without_it(load, desk):
    page = desk("clerk").get(f"/{TOWN}/staff/case/{held_row().case}/").content.decode()
    assert row_page(load) in page
    assert "/finish/" not in page


def test_opening_a_row_leaves_a_trace(load, desk):
    desk("clerk").get(row_page(load))
    assert AccessEvent.objects.filter(action="load.mend", resource_id=str(load.id)).exists()


def test_saving_the_right_value_takes_the_row_over_and_goes_back_to_the_list(load, desk):
    answer = desk("clerk").post(f"{row_page(load)}mend/", {BORN: "2019-02-28"}, follow=True)
    assert "直して取り込みました" in text(answer)
    assert LoadedRow.objects.get(row=2).state == REPAIRED
    assert "2019-02-28" in text(
        desk("reviewer").get(f"{DESK}{load.id}/row/{LoadedRow.objects.get(row=2).id}/")
    )


def test_a_wrong_value_is_kept_with_what_is_wrong_with_it(load, desk):
    answer = desk("clerk").post(f"{row_page(load)}mend/", {BORN: "2019-02-30"}, follow=True)
    assert "まだ直すところがあります" in text(answer)
    assert 'value="2019-02-30"' in answer.content.decode()


def test_a_row_is_set_aside_only_with_a_reason(load, desk):
    clerk, where = desk("clerk"), f"{row_page(load)}set-aside/"
    clerk.post(where, {"reason": ""})
    assert LoadedRow.objects.get(row=2).state == HELD
    clerk.post(where, {"reason": "試験用のデータ"})
    assert LoadedRow.objects.get(row=2).state == SET_ASIDE


def test_guarded_values_are_dots_until_somebody_asks_and_that_is_recorded(old, desk):
    person = held_person()
    person["values"]["kojinbango"] = "123456789010"
    load = old.take_in({"住民": [person]})
    clerk = desk("clerk")
    page = clerk.get(row_page(load)).content.decode()
    assert "123456789010" not in page
    assert "••••" in page
    assert "123456789010" in clerk.get(f"{row_page(load)}?reveal=1").content.decode()
    assert AccessEvent.objects.filter(action="register.read", worker_kind="staff").exists()
    manager = desk("manager").get(f"{row_page(load)}?reveal=1").content.decode()
    assert "123456789010" not in manager


def test_a_line_that_could_not_be_read_is_dots_too_where_it_may_hold_a_guarded_value(old, desk):
    person = held_person()
    person["told"] = [{"item": "", "kind": "row", "given": None, "value": None, "say": "列が足りません。"}]
    person["given"] = '{"": "000000000000001,123456789010"}'
    load = old.take_in({"住民": [person]})
    clerk = desk("clerk")
    assert "123456789010" not in clerk.get(row_page(load)).content.decode()
    assert "123456789010" in clerk.get(f"{row_page(load)}?reveal=1").content.decode()


def test_a_hidden_value_that_nobody_types_anew_stays(old, desk):
    person = held_person()
    person["values"] |= {"kojinbango": "123456789018", "shimei": "Ｙ"}
    del person["values"]["shimei"]
    load = old.take_in({"住民": [person]})
    desk("clerk").post(
        f"{row_page(load)}mend/", {"kojinbango": "", "hidden": "kojinbango", "shimei": "山田　太郎"}
    )
    row = LoadedRow.objects.get()
    assert (row.state, row.values["kojinbango"]) == (REPAIRED, "123456789018")


# ---------------------------------------------------------------- cutting over


def test_two_people_cut_over_and_one_takes_it_back(load, desk):
    manager, approver = desk("manager"), desk("approver")
    where = f"{DESK}{load.id}/"
    assert "別の職員が行います" in text(manager.get(where))
    manager.post(f"{where}ask/")
    assert "別の所属長か決裁者を待っています" in text(manager.get(where))
    assert manager.post(f"{where}cut-over/", {"sure": "1", "leave_held": "1"}).status_code == 403
    answer = approver.post(f"{where}cut-over/", {"sure": "1", "leave_held": "1"}, follow=True)
    assert "切り替えました（1番）" in text(answer)
    assert current() == {1: None}
    answer = approver.post(f"{where}roll-back/", {"sure": "1", "reason": "世帯員数が違う"}, follow=True)
    assert "元に戻しました（2番）" in text(answer)
    assert (current(), Load.objects.get().state) == ({}, ROLLED_BACK)


@pytest.mark.parametrize(
    ("form", "said"), [({}, "しるしを付けてください"), ({"sure": "1"}, "保留の行が 1件 残っています")]
)
def test_nothing_is_cut_over_by_a_slip(load, desk, form, said):
    desk("manager").post(f"{DESK}{load.id}/ask/")
    answer = desk("approver").post(f"{DESK}{load.id}/cut-over/", form, follow=True)
    assert said in text(answer)
    assert current() == {}


def test_a_clerk_has_no_buttons_for_it(load, desk):
    clerk = desk("clerk")
    assert "cut-over" not in clerk.get(f"{DESK}{load.id}/").content.decode()
    assert clerk.post(f"{DESK}{load.id}/cut-over/", {"sure": "1"}).status_code == 403


def test_a_rehearsal_is_discarded(load, desk):
    manager = desk("manager")
    answer = manager.post(f"{DESK}{load.id}/discard/", {"sure": "1"}, follow=True)
    assert "捨てました" in text(answer)
    assert Load.objects.get().state == DISCARDED
    assert manager.get(f"{DESK}{load.id}/differences/").status_code == 200


def test_what_is_current_says_so(load, desk, old):
    made = old.cut_over([home(1)])
    assert Load.objects.get(id=made.id).state == CURRENT
    assert "元に戻せるのは" in text(desk("clerk").get(f"{DESK}{made.id}/"))
