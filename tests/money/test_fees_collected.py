"""The collecting bank's file: every row is matched or held for a person, and none is lost."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.money.payments import staff, system
from tests.money.permits import cash, clerk, collection, going_back, kept, permit, today, waits_for
from yakuba.cases import actions as cases
from yakuba.clock import now
from yakuba.money.fees import actions, books, collected, queries
from yakuba.money.fees.errors import NoSuchRow, NotACollection
from yakuba.money.models import CollectionRow, Refund


def slip_of(case) -> str:
    return actions.issue_slip(case.id, by=clerk(), as_of=now()).number


def collect(*rows, encoding: str = "utf-8"):
    return actions.collect(collection(rows, encoding), by=system(), as_of=now())


# -- pure -----------------------------------------------------------------------------------------------------
CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters='\r\n,"\0', exclude_categories=["C"]), max_size=12
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS).filter(lambda row: "".join(row).strip()), max_size=8))
def test_every_row_of_a_file_is_there_however_it_reads(rows):
    read = collected.read(collection(rows))
    assert len(read.lines) == len(rows)
    assert [line.line for line in read.lines] == list(range(2, len(rows) + 2))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_row_is_read_in_either_encoding_and_with_wide_digits(encoding):
    (line,) = collected.read(
        collection([("３９４２", "１,２００円".replace(",", ""), "20260401", "B-1")], encoding)
    ).lines
    assert (line.slip, line.amount, line.on, line.reference) == ("3942", 1200, date(2026, 4, 1), "B-1")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", "番号,金額\r\n1,2".encode(), b"%PDF-1.7"])
def test_what_is_no_collection_file_is_refused_with_the_reason(data):
    with pytest.raises(NotACollection):
        collected.read(data)


# -- matched and held -----------------------------------------------------------------------------------------
def test_a_row_that_pays_its_slip_ends_the_step(permits):
    case = permit()
    read = collect((slip_of(case), 600, today(), "B-1"), encoding="cp932")
    assert (read.rows, read.matched, read.held) == (1, 1, 0)
    assert (waits_for(case.id), kept(case.id)) == (["issue"], [("slip", 600)])


def test_rows_of_every_kind_are_accounted_for_and_what_is_too_much_is_asked_back(permits):
    paid, wrong, ended, back = permit(), permit(), permit(), permit()
    slips = [slip_of(case) for case in (paid, wrong, ended, back)]
    cash(paid.id)
    cases.withdraw(ended.id, by=system(), as_of=now())
    cash(back.id)
    cases.withdraw(back.id, by=system(), as_of=now())
    actions.settle_ended(as_of=now())
    read = collect(
        (slips[0], 600, today(), "B-1"),
        (slips[1], 500, today(), "B-2"),
        (slips[2], 600, today(), "B-3"),
        (slips[3], 600, today(), "B-4"),
        ("3942629999999999", 600, today(), "B-5"),
        ("?", "ろっぴゃく", "きのう", ""),
    )
    assert read.results == dict.fromkeys(
        ("twice", "wrong_amount", "ended", "refunded", "unknown", "unreadable"), 1
    )
    assert read.rows == read.matched + read.held + read.before == 6
    assert queries.rows_held().count() == 6
    assert going_back(paid.id) == [("twice", 600, "asked")]
    assert going_back(wrong.id) == [("wrong_amount", 500, "asked")]
    assert waits_for(wrong.id) == ["charge"]
    assert going_back(ended.id) == [("ended", 600, "asked")]
    assert Refund.objects.filter(received__fee__case=back.id).count() == 2


def test_a_file_that_is_read_twice_changes_nothing(permits):
    case = permit()
    row = (slip_of(case), 600, today(), "B-1")
    collect(row)
    again = collect(row)
    assert (again.again, again.matched) == (True, 1)
    assert kept(case.id) == [("slip", 600)]


def test_a_row_that_comes_in_a_second_file_is_the_same_payment(permits):
    case = permit()
    row = (slip_of(case), 600, today(), "B-1")
    collect(row)
    read = collect(row, ("3942629999999999", 10, today(), "B-2"))
    assert (read.before, read.held) == (1, 1)
    assert (kept(case.id), going_back(case.id)) == ([("slip", 600)], [])


def test_a_slip_that_is_paid_twice_at_the_bank_is_paid_back_once(permits):
    case = permit()
    number = slip_of(case)
    read = collect((number, 600, today(), "B-1"), (number, 600, today(), "B-2"))
    assert read.results == {"matched": 1, "twice": 1}
    assert going_back(case.id) == [("twice", 600, "asked")]


def test_a_row_of_an_unknown_number_stays_until_somebody_says_what_it_was(permits):
    collect(("1", 600, today(), "B-1"))
    (row,) = queries.rows_held()
    (differs,) = books.reconcile(today(), today(), by=system()).differences
    assert (differs.theirs, differs.ours) == (600, 0)
    actions.explain(row.id, "隣町の納付書。銀行に返した", by=staff("mori", "accountant"), as_of=now())
    assert not queries.rows_held().exists()
    assert CollectionRow.objects.get().raw == f"1,600,{today()},B-1"
    with pytest.raises(NoSuchRow):
        actions.explain(row.id, "もう一度", by=staff("mori", "accountant"), as_of=now())


def test_a_slip_that_is_asked_for_again_is_the_same(permits):
    case = permit()
    assert slip_of(case) == slip_of(case)
