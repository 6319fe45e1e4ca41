"""The log shows any tampering, and everything that is derived can be made again from it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from tests.cases.conftest import KATO, MONDAY, SATO, UNSURE, open_task, tamper
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
        "update cases_event set prev = '\\x00' where case_id = %s and seq = 2",
        "update cases_event set seq = 102 where case_id = %s and seq = 2",
        "insert into cases_event (town, case_id, seq, kind, at, by_kind, by_id, key, body, prev, hash)"
        " select town, case_id, 9, 'noted', at, by_kind, by_id, 'forged', '{}', hash, hash"
        " from cases_event where case_id = %s and seq = 1",
        "update cases_case set amount = 999999, decision = 'granted' where id = %s",
        "update cases_case set status = jsonb_set(status, '{facts,applicant,resident}', 'false') where id = %s",
        "update cases_task set holder = 'staff:nobody' where case_id = %s and step = 'review'",
        "delete from cases_task where case_id = %s and step = 'review'",
        "insert into cases_task select town, gen_random_uuid(), service, 'pay', attempt, by, role, verb, 'open',"
        " opened_at, due_at, done_at, holder, outcome, tries, case_id from cases_task"
        " where case_id = %s and step = 'review'",
        "delete from cases_case where id = %s",
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


def test_a_changed_row_is_named_with_what_is_wrong_in_it(lived, in_town):
    tamper("update cases_case set amount = 999999 where id = %s", lived[0].id)
    (finding,) = verify.verify(in_town)[2]
    assert "cases_case disagrees with the log in amount" in finding.what
    assert "yakuba log rebuild" in finding.what


def test_events_swapped_between_two_cases_are_found_in_both(lived, in_town):
    first, second = lived[1].id, lived[2].id
    tamper(
        "update cases_event e set body = o.body, private = o.private, salt = o.salt, digest = o.digest, at = o.at"
        " from cases_event o where e.seq = 1 and o.seq = 1 and e.case_id <> o.case_id"
        " and e.case_id = any(%s) and o.case_id = any(%s)",
        [first, second],
        [first, second],
    )
    assert {finding.case for finding in verify.verify(in_town)[2]} == {first, second}


@pytest.mark.parametrize(
    "change",
    [
        "update cases_checkpoint set at = at - interval '1 day'",
        "update cases_checkpoint set digest = sha256(digest)",
        "update cases_checkpoint set heads = regexp_replace(heads, ',[0-9]+]]', ',1]]')",
        "update cases_checkpoint set public_key = sha256(public_key)",
    ],
)
def test_a_changed_checkpoint_is_found(lived, in_town, change):
    verify.checkpoint(in_town, as_of=MONDAY)
    assert verify.verify(in_town)[2] == []
    tamper(change)
    assert verify.verify(in_town)[2]


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


def test_personal_data_that_somebody_removed_before_its_time_is_found(lived, in_town):
    tamper("update cases_event set private = null, salt = null where case_id = %s", lived[1].id)
    found = verify.verify(in_town)[2]
    assert {one.case for one in found} == {lived[1].id}
    assert "was removed, though the case was never anonymised" in found[0].what


def test_two_towns_never_see_each_others_cases(lived, other_town):
    with other_town:
        assert Case.objects.count() == 0
        assert Event.objects.count() == 0
