"""The access log can only grow, and a changed or missing row is found."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.access.people import OTHER_TOWN, TOWN
from yakuba import clock
from yakuba.access import PUBLIC, Resource, log, towns
from yakuba.access.models import AccessEvent, AccessSeal

pytestmark = pytest.mark.django_db


def look(number: int, town: str = TOWN) -> None:
    log.record(PUBLIC(town), "case.read", Resource("Case", str(number), town), log.DENIED, as_of=clock.now())


def settled():
    return clock.now() + log.SETTLED + timedelta(minutes=1)


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
        assert log.seal(TOWN, as_of=settled()).events == 2
    assert log.verify(TOWN) is None


def test_nothing_new_makes_no_seal(in_town):
    look(1)
    log.seal(TOWN, as_of=settled())
    assert log.seal(TOWN, as_of=settled()) is None


def test_rows_that_may_still_get_an_elder_neighbour_wait(in_town):
    look(1)
    assert log.seal(TOWN, as_of=clock.now()) is None


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("update access_accessevent set worker_id = 'x' where resource_id = '1'", "a row was changed"),
        ("delete from access_accessevent where resource_id = '1'", "2 rows were sealed, 1 are there"),
        (
            "delete from access_accessseal where id = (select min(id) from access_accessseal)",
            "the link before it",
        ),
    ],
)
def test_a_change_behind_the_applications_back_is_found_and_named(in_town, change, found):
    for number in range(4):
        look(number)
        if number % 2:
            log.seal(TOWN, as_of=settled())
    as_owner(change)
    assert found in log.verify(TOWN).what


def test_each_town_has_its_own_chain():
    with towns.inside(TOWN):
        look(1)
        log.seal(TOWN, as_of=settled())
    with towns.inside(OTHER_TOWN):
        look(1, OTHER_TOWN)
        assert log.seal(OTHER_TOWN, as_of=settled()).previous == log.GENESIS
        assert AccessSeal.objects.count() == 1
