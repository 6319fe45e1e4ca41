"""What a pushed case is filled in with, what somebody says by confirming, and slips in `push:`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba import declare
from yakuba.declare import lint, pushing

#: What makes the small service one that is pushed.
GOOD = (
    ("deadlines:", "push: {known: {applicant.resident: true}, says: {member.taxed: false}, until: closes, remind: 14 days, visit: 28 days}\ndeadlines:"),
    ("  age: {type", "  closes: {type: date, values: {2024-04-01: 2030-03-31}, source: 暖房費助成要綱 第9条}\n  age: {type"),
    ("  - {id: decide, by", "  - {id: ask, by: resident, do: confirm, name: {ja: 確認, easy: 確認, en: Confirm}, record: [account], if: case.channel = 'push', on_failure: fix-account}\n  - {id: decide, by"),
    ("{received: received,", "{asked: granted, reminded: granted, received: received,"),
)  # fmt: skip
SLIPS = {
    "no step that confirms": ("do: confirm,", "do: work,", "no step confirms"),
    "a step that confirms nothing": ("push: {known: {applicant.resident: true}, says: {member.taxed: false}, until: closes, remind: 14 days, visit: 28 days}\n", "", "does not say what"),
    "a confirmation by staff": ("by: resident, do", "by: staff, role: clerk, do", "by: resident"),
    "a confirmation that everybody waits for": (", if: case.channel = 'push'", "", "applied by themselves"),
    "a fact that is not there": ("says: {member.taxed", "says: {member.texed", "member.texed"),
    "a value of another type": ("member.taxed: false", "member.taxed: 5", "member.taxed"),
    "a list's fact that the town knows for all": ("known: {applicant.resident", "known: {member.taxed", "member.taxed"),
    "a last day that nobody sets": ("until: closes", "until: base", "parameter with a date"),
    "a visit before the reminder": ("visit: 28 days", "visit: 7 days", "Remind first"),
    "a visit by nobody": (", on_failure: fix-account}\n  - {id: decide", "}\n  - {id: decide", "on_failure:"),
    "no letter that asks": ("asked: granted, ", "", '"asked"'),
    "nothing that is paid": ("pay: {to: applicant, schedule: once, limit: {each: 50000, source: 町の会計規則}}", "", "nothing is paid"),
}  # fmt: skip


@pytest.fixture
def pushed(edited) -> Path:
    """The small catalogue, its benefit pushed."""
    folder = Path()
    for old, new in GOOD:
        folder = edited(old, new)
    return folder


def test_a_service_that_is_pushed_has_no_fault(pushed):
    assert lint.check(declare.load_catalogue(pushed)) == []


@pytest.mark.parametrize("slip", list(SLIPS), ids=str)
def test_one_slip_is_found(pushed, edited, slip):
    old, new, named = SLIPS[slip]
    try:
        found = lint.check(declare.load_catalogue(edited(old, new)))
    except declare.Faults as faults:
        found = faults.faults
    assert any(named in f"{fault.what} {fault.mend}" for fault in found), [str(f) for f in found]


def test_what_is_said_of_a_list_is_said_of_each_item_and_changes_nothing_else(pushed):
    service = declare.load_catalogue(pushed).services["heating"]
    known = {"members": [{"birth_date": "1950-01-01"}, {"birth_date": "1952-02-02", "taxed": True}]}
    assert pushing.said(service, known)["members"] == [
        {"birth_date": "1950-01-01", "taxed": False},
        {"birth_date": "1952-02-02", "taxed": False},
    ]
    assert known["members"][1]["taxed"] is True
    assert pushing.said(service, known, wrong=True) == {}
    assert pushing.filled_in(service.push, known)["applicant"] == {"resident": True}


@given(
    known=st.dictionaries(
        st.sampled_from(["applicant", "account"]), st.dictionaries(st.text(), st.booleans())
    )
)
def test_filling_in_adds_what_is_known_and_keeps_all_else(known):
    push = declare.model.Push.model_validate(
        {"known": {"applicant.resident": True}, "says": {}, "until": "closes", "remind": "14 days"}
    )
    filled = pushing.filled_in(push, known)
    assert filled["applicant"] == {**known.get("applicant", {}), "resident": True}
    assert filled.get("account") == known.get("account")
