"""A held row is a case: mended under the same checks, or set aside with a reason, and never lost."""

from __future__ import annotations

import pytest

from tests.cases.conftest import staff
from tests.conftest import TOWN
from tests.records.conftest import HANA, MORI, current
from tests.records.loads import AT, GROUP, held, home
from yakuba.access import SYSTEM, Denied
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case, Event
from yakuba.records import actions
from yakuba.records.errors import LaterCutover, NotHeld, NotNow, RecordsError
from yakuba.records.held import SERVICE, end_discarded, mend, open_all, set_aside
from yakuba.records.models import Cutover, Load, LoadedRow
from yakuba.records.states import HELD, REPAIRED, SET_ASIDE

BORN = "setaiseiritsunengappi"


@pytest.fixture
def load(old) -> Load:
    """One row is right, two are held."""
    made = old.take_in([home(1), held(2, BORN, "令和元年2月30日"), held(3, BORN, "？")])
    open_all(TOWN, as_of=AT)
    return made


def row(number: int) -> LoadedRow:
    return LoadedRow.objects.get(values__setaibango=f"{number:015d}")


def counts(load: Load) -> dict[str, int]:
    return Load.objects.get(id=load.id).counts[GROUP]


# ---------------------------------------------------------------- cases


def test_each_held_row_is_a_case_that_says_where_it_is_and_what_is_wrong(load):
    assert Case.objects.filter(service=SERVICE).count() == 2
    (task, _) = case_queries.queue(service=SERVICE)
    facts = case_queries.state(Case.objects.get(id=row(2).case)).facts["row"]
    assert (facts["source"], facts["group"], facts["place"]) == ("aoba", GROUP, "aoba-世帯.csv 3")
    assert facts["faults"] == "・世帯成立年月日: ある日付を書いてください。"
    assert task.due_at is not None


def test_the_case_holds_nothing_of_what_stands_in_the_row(load):
    assert not Event.objects.filter(body__icontains="令和元年2月30日").exists()


def test_cases_are_opened_once_however_often_and_in_whatever_pieces(load, old):
    old.take_in([held(number, BORN, "？") for number in range(4, 9)], source="kiri")
    assert open_all(TOWN, as_of=AT, batch=2) == 5
    assert open_all(TOWN, as_of=AT) == 0
    assert Case.objects.filter(service=SERVICE).count() == 7
    assert not LoadedRow.objects.filter(state=HELD, case=None).exists()


# ---------------------------------------------------------------- mending


def test_a_row_that_a_clerk_has_mended_is_repaired_and_says_both_texts(load):
    came = mend(row(2).id, {BORN: "2019-02-28"}, by=HANA, as_of=AT)
    assert not came.faults
    mended = row(2)
    assert (mended.state, mended.values[BORN], mended.cells["old"]) == (
        REPAIRED,
        "2019-02-28",
        "令和元年2月30日",
    )
    first, last = mended.remarks
    assert (first["given"], first["kind"]) == ("令和元年2月30日", "date")
    assert (last["given"], last["value"], last["kind"]) == ("令和元年2月30日", "2019-02-28", "mended")
    assert (last["by"], last["at"]) == (HANA.id, AT.isoformat())
    assert counts(load) == {"in": 3, "accepted": 1, "repaired": 1, "held": 1, "set_aside": 0}
    case = Case.objects.get(id=mended.case)
    assert case.state == "closed"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({BORN: "2019-02-30"}, "DATE"),
        ({BORN: ""}, "required"),
        ({BORN: "2019-02-28", "setaijotai": "7"}, "code"),
        ({BORN: "2019-02-28", "setaijotai": "2"}, "conditional"),
        ({BORN: "2019-02-28", "setaiinsu": "二"}, "9"),
        ({BORN: "2019-02-28", "setaibango": "000000000000001"}, "twice"),
    ],
)
def test_what_is_still_wrong_stays_held_and_says_why(load, values, kind):
    came = mend(row(2).id, values, by=HANA, as_of=AT)
    assert kind in [one.kind for one in came.faults]
    kept = LoadedRow.objects.get(id=came.row.id)
    assert kept.state == HELD
    assert counts(load)["held"] == 2
    assert Case.objects.get(id=kept.case).state == "open"


def test_what_was_typed_is_kept_for_the_next_try(load):
    mend(row(2).id, {BORN: "2019-02-28", "setaijotai": "7"}, by=HANA, as_of=AT)
    assert not mend(row(2).id, {"setaijotai": "1"}, by=HANA, as_of=AT).faults
    assert row(2).values[BORN] == "2019-02-28"


def test_an_item_that_the_group_does_not_have_is_refused(load):
    with pytest.raises(RecordsError, match="no item “shimei”"):
        mend(row(2).id, {"shimei": "山田"}, by=HANA, as_of=AT)


def test_a_row_is_mended_once(load):
    mend(row(2).id, {BORN: "2019-02-28"}, by=HANA, as_of=AT)
    with pytest.raises(NotHeld):
        mend(row(2).id, {BORN: "2019-02-27"}, by=HANA, as_of=AT)
    with pytest.raises(NotHeld):
        set_aside(row(2).id, by=HANA, as_of=AT, reason="")


@pytest.mark.parametrize("role", ["auditor", "admin", "accountant"])
def test_who_has_no_business_with_it_mends_nothing(load, role):
    with pytest.raises(Denied):
        mend(row(2).id, {BORN: "2019-02-28"}, by=staff("one", role), as_of=AT)


def test_a_guarded_item_is_mended_without_its_value_being_told(old):
    person = held_person()
    old.take_in({"住民": [person]})
    found = LoadedRow.objects.get()
    came = mend(found.id, {"kojinbango": "123456789018"}, by=HANA, as_of=AT)
    assert [one["value"] for one in came.row.remarks if one["item"] == "kojinbango"] == [None, None]
    assert came.row.values["kojinbango"] == "123456789018"


def held_person():
    told = [
        {
            "item": "kojinbango",
            "kind": "number",
            "given": None,
            "value": None,
            "say": "検査数字が合いません。",
        }
    ]
    values = {
        "atenabango": "000000000000001", "rirekibango": "1", "setaibango": "000000000000001",
        "juminhyokodo": "00000000001", "juminkubun": "1", "juminjotai": "1", "shimei": "山田　太郎",
        "seinengappi": "1950-01-01", "tsuzukigara": "01", "juminninattanengappi": "1950-01-01",
        "jusho_shikuchosonkodo": "394262", "honseki": "架空県山あい町１番地", "hittoshashimei": "山田　太郎",
        "sosashaid": "IKOU000001", "sosanengappi": "2026-11-29", "sosajikoku": "09:00:00",
    }  # fmt: skip
    return {"state": "held", "values": values, "told": told, "given": '{"マイナンバー": "123456789010"}'}


# ---------------------------------------------------------------- after the cut-over


def test_a_row_mended_after_the_cut_over_follows_under_a_number_of_its_own(load):
    actions.cut_over(load.id, by=SYSTEM(TOWN), as_of=AT, leave_held=True)
    mend(row(2).id, {BORN: "2019-02-28"}, by=HANA, as_of=AT)
    assert set(current()) == {1, 2}
    assert [(one.sequence, one.kind) for one in Cutover.objects.order_by("sequence")] == [
        (1, "cut_over"), (2, "mended"),
    ]  # fmt: skip


def test_rolling_back_takes_what_was_mended_since_with_it(load):
    actions.cut_over(load.id, by=SYSTEM(TOWN), as_of=AT, leave_held=True)
    mend(row(2).id, {BORN: "2019-02-28"}, by=HANA, as_of=AT)
    actions.roll_back(load.id, by=MORI, as_of=AT, reason="")
    assert current() == {}


def test_a_row_of_a_load_that_another_has_replaced_cannot_become_current(load, old):
    actions.cut_over(load.id, by=SYSTEM(TOWN), as_of=AT, leave_held=True)
    old.cut_over([home(1), home(2)])
    bad = LoadedRow.objects.get(load=load, row=2).id
    with pytest.raises(LaterCutover, match="Set it aside"):
        mend(bad, {BORN: "2019-02-28"}, by=HANA, as_of=AT)
    assert set_aside(bad, by=HANA, as_of=AT, reason="新しい取込みにある").state == SET_ASIDE


# ---------------------------------------------------------------- setting aside


def test_a_row_is_set_aside_with_a_reason_and_counted(load):
    set_aside(row(3).id, by=HANA, as_of=AT, reason="試験用のデータ")
    assert (row(3).state, row(3).remarks[-1]["say"]) == (SET_ASIDE, "試験用のデータ")
    assert counts(load) == {"in": 3, "accepted": 1, "repaired": 0, "held": 1, "set_aside": 1}
    done = Event.objects.filter(case=row(3).case, kind="step_done").get()
    assert done.body["outcome"] == "set_aside"


def test_a_load_without_held_rows_is_cut_over_without_more_words(load):
    mend(row(2).id, {BORN: "2019-02-28"}, by=HANA, as_of=AT)
    set_aside(row(3).id, by=HANA, as_of=AT, reason="試験用")
    actions.cut_over(load.id, by=SYSTEM(TOWN), as_of=AT)
    assert set(current()) == {1, 2}


# ---------------------------------------------------------------- discarding


def test_a_rehearsal_that_is_discarded_leaves_nobody_work_and_keeps_its_counts(load):
    actions.discard(load.id, by=MORI, as_of=AT)
    assert end_discarded(TOWN, as_of=AT, batch=1) == 2
    assert end_discarded(TOWN, as_of=AT) == 0
    assert not case_queries.queue(service=SERVICE).exists()
    assert not LoadedRow.objects.exists()
    assert counts(load)["held"] == 2


def test_the_same_files_may_be_taken_in_again_after_that(old):
    folder = old.write([home(1)])
    first = actions.take_in(folder, by=SYSTEM(TOWN), as_of=AT)
    actions.discard(first.id, by=MORI, as_of=AT)
    again = actions.take_in(folder, by=SYSTEM(TOWN), as_of=AT)
    assert again.id != first.id
    with pytest.raises(NotNow, match="discarded"):
        actions.cut_over(first.id, by=SYSTEM(TOWN), as_of=AT)


def test_what_is_current_is_not_discarded(old):
    load = old.cut_over([home(1)])
    with pytest.raises(NotNow, match="Take it back first"):
        actions.discard(load.id, by=MORI, as_of=AT)
