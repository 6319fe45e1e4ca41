"""What a contract says, and whether a case keeps it: pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.clock import TOKYO, BusinessCalendar
from yakuba.field import contract
from yakuba.field.contract import Terms, Times, kept, window_kept

MONDAY = datetime(2026, 11, 30, 8, tzinfo=TOKYO)
HOURS = st.floats(0, 200).map(lambda hours: timedelta(hours=hours))


def terms(**within: str) -> Terms:
    return Terms(number="1", customer="C", name="C", since=date(2026, 1, 1), within=within, prices={})


def met(found: Terms, times: Times, as_of: datetime) -> dict[str, bool | None]:
    return {one.level: one.met for one in kept(found, times, BusinessCalendar(), as_of)}


def test_the_example_of_the_documentation_can_be_read() -> None:
    assert contract.read(contract.EXAMPLE).prices["exchange"] == 12000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("number: 1\ncustomer: C\n", "name"),
        ("number: '1'\ncustomer: C\nname: C\nsince: 2026-01-01\nprices: {install: -1}\n", "prices"),
        (
            "number: '1'\ncustomer: C\nname: C\nsince: 2026-01-01\nwithin: {arrive: soon}\nprices: {}\n",
            "soon",
        ),
        ("number: '1'\ncustomer: C\nname: C\nsince: 2026-02-01\nuntil: 2026-01-01\nprices: {}\n", "until"),
        ("number: '1'\ncustomer: C\nname: C\nsince: 2026-01-01\nprices: {dance: 1}\n", "prices"),
        ("number: [", "expected"),
    ],
)
def test_a_file_with_a_slip_says_where_it_is(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text)
    with pytest.raises(contract.Unreadable, match=says):
        contract.read(path)


def test_hours_run_through_the_night_and_business_hours_do_not() -> None:
    friday = datetime(2026, 11, 27, 16, tzinfo=TOKYO)
    night = {
        one.level: one.due
        for one in kept(
            terms(arrive="4 hours", restore="4 business hours"), Times(friday), BusinessCalendar(), friday
        )
    }
    assert night["arrive"] == friday + timedelta(hours=4)
    assert night["restore"].date() == date(2026, 11, 30)


def test_a_level_is_open_until_it_is_due_and_then_missed() -> None:
    found, times = terms(respond="1 hours"), Times(MONDAY)
    assert met(found, times, MONDAY + timedelta(minutes=60)) == {"respond": None}
    assert met(found, times, MONDAY + timedelta(minutes=61)) == {"respond": False}


def test_while_the_clock_stands_still_nothing_is_missed() -> None:
    times = Times(MONDAY, pauses=[(MONDAY + timedelta(minutes=30), None)])
    assert met(terms(respond="1 hours"), times, MONDAY + timedelta(days=2)) == {"respond": None}


@given(took=HOURS, paused=HOURS)
def test_a_pause_gives_as_much_time_as_it_lasted(took: timedelta, paused: timedelta) -> None:
    pause = (MONDAY + timedelta(minutes=1), MONDAY + timedelta(minutes=1) + paused)
    done = MONDAY + timedelta(minutes=1) + paused + took
    without = met(terms(restore="8 hours"), Times(MONDAY, restore=MONDAY + timedelta(minutes=1) + took), done)
    assert met(terms(restore="8 hours"), Times(MONDAY, restore=done, pauses=[pause]), done) == without


def test_an_agreed_window_is_kept_by_whoever_is_there_in_time() -> None:
    latest = MONDAY + timedelta(hours=4)
    assert window_kept(latest, latest, latest).met is True
    assert window_kept(latest, latest + timedelta(minutes=1), latest).met is False
    assert window_kept(latest, None, latest).met is None
    assert window_kept(latest, None, latest + timedelta(minutes=1)).met is False
