"""The access log can only grow, and a changed or missing row is found."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.access.people import OTHER_TOWN, TOWN
from yakuba import clock
from yakuba.access import PUBLIC, Resource, log, seals, towns
from yakuba.access.models import AccessEvent, AccessSeal

pytestmark = pytest.mark.django_db


def look(number: int, town: str = TOWN) -> None:
    log.record(PUBLIC(town), "case.read", Resource("Case", str(number), town), log.DENIED, as_of=clock.now())


def settled():
    return clock.now() + seals.SETTLED + timedelta(minutes=1)


def as_owner(statement: str) -> None:
    """What somebody with the database's own rights could do."""
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute(statement)
        cursor.execute("set role yakuba_app")


def test_the_application_cannot_change_or_remove_what_was_logged(in_town):
    look(1)
    for change in (AccessEvent.objects.all().delete, lambda: AccessEvent.objects.update(outcome="allowed")):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()


def test_a_whole_chain_is_whole(in_town):
    for batch in range(3):
        look(batch)
        look(batch + 10)
        assert seals.seal(TOWN, as_of=settled()).events == 2
    assert seals.verify(TOWN).breaks == []


def test_nothing_new_makes_no_seal(in_town):
    look(1)
    seals.seal(TOWN, as_of=settled())
    assert seals.seal(TOWN, as_of=settled()) is None


def test_rows_that_may_still_get_an_elder_neighbour_wait(in_town):
    look(1)
    assert seals.seal(TOWN, as_of=clock.now()) is None


@pytest.fixture
def six_rows(in_town):
    """Six looks in three links; their ids."""
    for number in range(6):
        look(number)
        if number % 2:
            seals.seal(TOWN, as_of=settled())
    return list(AccessEvent.objects.order_by("id").values_list("id", flat=True))


INSERT = (
    "insert into access_accessevent (id, town, at, worker_kind, worker_id, action, resource_type, resource_id, outcome, policies)"
    " select {}, town, at, worker_kind, worker_id, action, resource_type, 'forged', outcome, policies from access_accessevent"
    " where id = {}"
)


@pytest.mark.parametrize(
    ("change", "row", "what"),
    [
        ("update access_accessevent set worker_id = 'x' where id = {2}", 2, "was changed"),
        ("update access_accessevent set written_at = written_at - interval '1 s' where id = {2}", 2, "was changed"),
        ("update access_accessevent set question = '[{{}}]' where id = {2}", 2, "was changed"),
        ("delete from access_accessevent where id = {2}", 2, "is missing"),
        ("delete from access_accessevent where id >= {5}", 5, "is missing"),
        ("update access_accessevent set id = {0} - 1 where id = {3}", 3, "is missing"),
        (INSERT.format("{0} - 1", "{3}"), None, "was put in afterwards"),
        ("update access_accessevent set id = -id where id in ({0}, {1})", 0, "is missing"),
    ],
)  # fmt: skip
def test_a_row_that_was_changed_behind_the_applications_back_is_named(six_rows, change, row, what):
    as_owner(change.format(*six_rows))
    breaks = seals.verify(TOWN).breaks
    expected = six_rows[row] if row is not None else six_rows[0] - 1
    assert expected in {one.event for one in breaks}
    assert any(what in one.what for one in breaks)


def test_two_rows_that_changed_places_are_both_named(six_rows):
    first, second = six_rows[2], six_rows[3]
    as_owner(
        f"update access_accessevent set id = 0 where id = {first};"
        f"update access_accessevent set id = {first} where id = {second};"
        f"update access_accessevent set id = {second} where id = 0"
    )
    assert {one.event for one in seals.verify(TOWN).breaks} == {first, second}


@pytest.mark.parametrize(
    "change",
    [
        "delete from access_accessseal where id = (select min(id) from access_accessseal)",
        "update access_accessseal set sealed_at = sealed_at - interval '1 h'",
        "update access_accessseal set events = 3 where id = (select max(id) from access_accessseal)",
        "update access_accessseal set rows = null",
        "update access_accessseal set rows = substr(rows, 25) where id = (select max(id) from access_accessseal)",
    ],
)
def test_a_link_that_was_changed_or_removed_is_found(six_rows, change):
    as_owner(change)
    assert seals.verify(TOWN).breaks


def test_links_that_were_made_before_they_named_their_rows_still_hold(in_town):
    look(1)
    row = AccessEvent.objects.get()
    hash_ = log.chained(seals.GENESIS, [row])
    AccessSeal.objects.create(
        town=TOWN, last_event=row.id, events=1, previous=seals.GENESIS, hash=hash_, sealed_at=settled()
    )
    look(2)
    seals.seal(TOWN, as_of=settled())
    assert seals.verify(TOWN).breaks == []
    as_owner(f"update access_accessevent set outcome = 'allowed' where id = {row.id}")
    assert "a row was changed" in seals.verify(TOWN).breaks[0].what


def test_a_clock_that_was_set_back_is_told(in_town):
    log.record(
        PUBLIC(TOWN),
        "case.read",
        Resource("Case", "1", TOWN),
        log.DENIED,
        as_of=clock.now() - timedelta(hours=3),
    )
    seals.seal(TOWN, as_of=settled())
    look(2)
    seals.seal(TOWN, as_of=settled() - timedelta(hours=1) + timedelta(minutes=1))
    found = seals.verify(TOWN)
    assert found.breaks == []
    assert "behind the clock of the database" in " ".join(one.what for one in found.clocks)


def test_many_rows_make_several_links(in_town, monkeypatch):
    monkeypatch.setattr(seals, "MOST", 2)
    for number in range(5):
        look(number)
    assert seals.seal_all(TOWN, as_of=settled()) == 3
    assert (seals.head(TOWN).seals, seals.head(TOWN).events, seals.unsealed(TOWN)) == (3, 5, 0)
    assert seals.verify(TOWN).breaks == []


def test_each_town_has_its_own_chain():
    with towns.inside(TOWN):
        look(1)
        seals.seal(TOWN, as_of=settled())
    with towns.inside(OTHER_TOWN):
        look(1, OTHER_TOWN)
        assert seals.seal(OTHER_TOWN, as_of=settled()).previous == seals.GENESIS
        assert AccessSeal.objects.count() == 1
