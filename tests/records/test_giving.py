"""What is current is written out as the standard's own check takes it, and read page by page as one state."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.conftest import TOWN
from tests.records.loads import AT, GROUP, STANDARD, home
from yakuba.access import PUBLIC, SYSTEM, Denied
from yakuba.access.models import AccessEvent
from yakuba.records import actions, checking, giving, queries


def numbers(found: list[giving.Given]) -> list[tuple[int, str | None]]:
    return [(int(one.key[2:-2]), one.change) for one in found]


def page(at: int, **more) -> list[tuple[int, str | None]]:
    return numbers(giving.page(STANDARD, GROUP, at=at, **{"most": 100, **more}))


def changes(since: int, at: int, **more) -> list[tuple[int, str | None]]:
    return numbers(giving.changes(STANDARD, GROUP, since=since, at=at, **{"most": 100, **more}))


def test_what_is_written_out_is_taken_by_the_check_of_the_standard(old, tmp_path):
    old.cut_over([home(1, setaiinsu="2"), home(2)])
    definition, out = giving.in_use(STANDARD), tmp_path / f"{GROUP}.csv"
    giving.export(definition, GROUP, out, by=SYSTEM(TOWN), as_of=AT)
    report = checking.check(out, definition, GROUP, as_of=AT.date())
    assert (report.conforms, report.rows) == (True, 2)
    assert AccessEvent.objects.filter(action="record.read", resource_id=f"{STANDARD}/{GROUP}").exists()


def test_who_may_not_read_it_writes_nothing(old, tmp_path):
    old.cut_over([home(1)])
    with pytest.raises(Denied):
        giving.export(giving.in_use(STANDARD), GROUP, tmp_path / "x.csv", by=PUBLIC(TOWN), as_of=AT)
    assert not (tmp_path / "x.csv").exists()


def test_a_state_is_read_as_it_was_however_much_changed_since(old):
    old.cut_over([home(1), home(2)])
    old.cut_over([home(2, setaiinsu="2"), home(3)])
    assert page(1) == [(1, None), (2, None)]
    assert page(2) == [(2, None), (3, None)]
    assert page(2, most=1) == [(2, None)]
    assert page(2, after='["000000000000002"]') == [(3, None)]


def test_changes_since_a_number_say_what_is_new_changed_or_gone(old):
    old.cut_over([home(1), home(2), home(3)])
    old.cut_over([home(2, setaiinsu="2"), home(3), home(4)])
    assert changes(1, 2) == [(1, "gone"), (2, "changed"), (4, "new")]
    assert changes(0, 2) == [(2, "new"), (3, "new"), (4, "new")]
    assert changes(2, 2) == []
    (gone,) = giving.changes(STANDARD, GROUP, since=1, at=2, most=1)
    assert (gone.values, gone.sequence) == (None, 2)


def test_what_was_taken_back_is_no_change(old):
    old.cut_over([home(1)])
    load = old.cut_over([home(1, setaiinsu="2"), home(2)])
    actions.roll_back(load.id, by=SYSTEM(TOWN), as_of=AT, reason="")
    assert changes(1, 3) == []
    assert changes(2, 3) == [(1, "changed"), (2, "gone")]


def test_the_comparison_before_a_cut_over_says_what_the_cut_over_then_does(old):
    old.cut_over([home(1), home(2), home(3)])
    load = old.take_in([home(2, setaiinsu="2"), home(3), home(4)])
    found = queries.differences(load)[GROUP]
    assert (found.same, found.changed, found.only_old, found.only_new) == (1, 1, 1, 1)
    assert [(one.item.romaji, one.old, one.new) for one in found.changes] == [("setaiinsu", None, "2")]
    made = actions.cut_over(load.id, by=SYSTEM(TOWN), as_of=AT)
    assert made.counts[GROUP] == {"new": 1, "changed": 1, "gone": 1}


STATES = some.lists(
    some.dictionaries(some.integers(1, 5), some.sampled_from(["1", "2"]), max_size=5), min_size=1, max_size=4
)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(states=STATES, back=some.booleans())
def test_whatever_is_cut_over_or_taken_back_changes_lead_from_any_state_to_any_later_one(old, states, back):
    first = giving.last(STANDARD)
    for state in states:
        load = old.cut_over([home(number, setaiinsu=count) for number, count in state.items()])
    if back:
        actions.roll_back(load.id, by=SYSTEM(TOWN), as_of=AT, reason="")
    last = giving.last(STANDARD)
    held = {
        at: {one.key: one.values for one in giving.page(STANDARD, GROUP, at=at, most=99)}
        for at in range(first, last + 1)
    }
    if back:
        assert held[last] == held[last - 2]
    for since in held:
        followed = dict(held[since])
        for one in giving.changes(STANDARD, GROUP, since=since, at=last, most=99):
            followed[one.key] = one.values
        assert {key: values for key, values in followed.items() if values is not None} == held[last]
