"""The log shows any tampering, and everything that is derived can be made again from it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from tests.cases.conftest import KATO, MONDAY, SATO, UNSURE, open_task
from yakuba.cases import actions, replay, verify
from yakuba.cases.models import Case, Event, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(apply) -> list[Case]:
    """Cases with long lives: granted, refused by two people, returned."""
    granted, refused, back = apply(), apply(UNSURE), apply(UNSURE)
    for who in (KATO, SATO):
        actions.decide(open_task(refused, "review"), by=who, as_of=MONDAY, outcome="refused", reason="対象外")
    actions.return_for_correction(
        open_task(back, "review"), by=KATO, as_of=MONDAY, message="直してください", asks=[]
    )
    return [granted, refused, back]


def tamper(sql: str, *values: object) -> None:
    """What somebody with the owner's password could do."""
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute(sql, values)
        cursor.execute("set role yakuba_app")


def test_an_untouched_log_is_whole(lived, in_town):
    cases, events, findings = verify.verify(in_town)
    assert (cases, events, findings) == (3, Event.objects.count(), [])


@pytest.mark.parametrize(
    "change",
    [
        "update cases_event set body = jsonb_set(body, '{outcome}', '\"granted\"') where case_id = %s and kind = 'decided'",
        "update cases_event set at = at - interval '1 day' where case_id = %s and seq = 2",
        "update cases_event set by_id = 'staff:nobody' where case_id = %s and seq = 2",
        "update cases_event set private = jsonb_set(private, '{reason}', '\"x\"') where case_id = %s and kind = 'decided' and private ? 'reason'",
        "delete from cases_event where case_id = %s and kind = 'decided' and seq > 2",
        "delete from cases_event where case_id = %s and seq = 2",
        "update cases_case set head = '\\x00' where id = %s",
    ],
)
def test_a_changed_row_is_found_and_its_case_named(lived, in_town, change):
    refused = lived[1]
    tamper(change, refused.id)
    _, _, findings = verify.verify(in_town)
    assert {finding.case for finding in findings} == {refused.id}


def test_an_event_rewritten_with_a_fitting_hash_is_betrayed_by_the_checkpoint(lived, in_town):
    verify.checkpoint(in_town, as_of=MONDAY)
    tamper("delete from cases_event where case_id = %s", lived[0].id)
    tamper("delete from cases_task where case_id = %s", lived[0].id)
    tamper("delete from cases_case where id = %s", lived[0].id)
    _, _, findings = verify.verify(in_town)
    assert findings


@pytest.mark.parametrize(
    "statement", ["update cases_event set kind = 'x'", "delete from cases_event", "truncate cases_event"]
)
def test_the_application_cannot_change_or_remove_an_event(lived, statement):
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def rows(model) -> list[dict]:
    return list(model.objects.order_by("id").values())


def test_a_rebuild_from_the_log_gives_the_same_rows(lived, in_town):
    before = rows(Case), rows(Task)
    replay.rebuild(in_town)
    assert (rows(Case), rows(Task)) == before


def test_a_rebuild_mends_projections_that_were_lost(lived, in_town):
    before = rows(Case), rows(Task)
    tamper("delete from cases_task")
    tamper("update cases_case set state = 'closed', decision = null, amount = 1")
    replay.rebuild(in_town)
    assert (rows(Case), rows(Task)) == before


def test_personal_data_can_be_removed_and_the_chain_still_holds(lived, in_town):
    tamper("update cases_event set private = null, salt = null where case_id = %s", lived[1].id)
    assert verify.verify(in_town)[2] == []


def test_two_towns_never_see_each_others_cases(lived, other_town):
    with other_town:
        assert Case.objects.count() == 0
        assert Event.objects.count() == 0
