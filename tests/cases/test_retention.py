"""A request is kept as long as its service says; then the log knows that something happened, and no longer to whom."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.conftest import GOOD, KATO, MONDAY, staff, tamper
from yakuba.cases import actions, queries, retention, verify
from yakuba.cases.errors import Anonymous
from yakuba.cases.models import Case, Document, Event
from yakuba.clock import TOKYO, Duration, in_tokyo

FIVE_YEARS = Duration.parse("5 years")
OVER = datetime(2031, 4, 1, 3, tzinfo=TOKYO)
PERSON = uuid.UUID("00000000-0000-4000-8000-000000000001")


@pytest.mark.parametrize(
    ("closed", "last"), [("2025-05-12", "2031-03-31"), ("2026-03-31", "2031-03-31"), ("2026-04-01", "2032-03-31")]
)  # fmt: skip
def test_years_are_counted_from_the_fiscal_year_after_the_one_in_which_a_case_was_closed(closed, last):
    assert retention.kept_until(date.fromisoformat(closed), FIVE_YEARS).date() == date.fromisoformat(last)


def test_shorter_times_are_counted_from_the_day():
    until = retention.kept_until(date(2026, 11, 1), Duration.parse("30 days"))
    assert until == datetime(2026, 12, 1, 23, 59, 59, tzinfo=TOKYO)


@given(
    st.sampled_from(["1 year", "5 years", "10 years", "30 days", "2 months"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),
)
def test_what_ended_before_the_moment_is_over_and_what_ended_after_it_is_not(duration, now):
    kept, as_of = Duration.parse(duration), now.replace(tzinfo=TOKYO)
    first = retention.over_before(kept, as_of).date()
    assert retention.kept_until(first - timedelta(days=1), kept) < as_of <= retention.kept_until(first, kept)


# -- in the database ---------------------------------------------------------------------------------
@pytest.fixture
def closed(apply, in_town) -> Case:
    """A case with a file that was withdrawn in 2025: over with the end of March 2031."""
    case = apply({**GOOD, "account": {}}, applicant=PERSON, worked=False)
    paper = actions.store_evidence("山田さんの画面".encode(), name="a.txt", as_of=MONDAY)
    actions.attach(case.id, paper, purpose="counter", by=KATO, as_of=MONDAY)
    actions.note(case.id, "山田さんから電話", by=KATO, as_of=MONDAY)
    actions.withdraw(case.id, by=KATO, as_of=MONDAY, reason="山田さんの都合")
    return Case.objects.get(id=case.id)


@pytest.mark.django_db
def test_a_dry_run_says_what_is_over_and_changes_nothing(closed, in_town):
    before = list(Event.objects.values())
    report = retention.survey(in_town, as_of=OVER)
    assert (report.due, report.documents) == ({"heating": 1}, 1)
    assert list(Event.objects.values()) == before


@pytest.mark.django_db
def test_nothing_is_over_on_the_last_day(closed, in_town):
    assert retention.survey(in_town, as_of=OVER - timedelta(hours=4)).due == {}


@pytest.mark.django_db
def test_nothing_of_the_person_is_left_and_the_log_is_whole(closed, in_town):
    retention.run(in_town, as_of=OVER)
    case = Case.objects.get(id=closed.id)
    left = f"{list(Event.objects.values())} {case.status} {case.applicant}"
    assert not [word for word in ("山田", "1950", "電話", "都合", str(PERSON)) if word in left]
    assert not Document.objects.exists()
    assert verify.verify(in_town)[2] == []


@pytest.mark.django_db
def test_what_happened_and_when_stays(closed, in_town):
    before = [(one.event.kind, one.at, one.by_id) for one in queries.history(closed.id)]
    retention.run(in_town, as_of=OVER)
    after = [(one.event.kind, one.at, one.by_id) for one in queries.history(closed.id)]
    assert after[:-1] == before
    assert after[-1][0] == "anonymised"
    assert Case.objects.get(id=closed.id).outcome == "withdrawn"


@pytest.mark.django_db
def test_run_again_it_finds_nothing(closed, in_town):
    assert retention.run(in_town, as_of=OVER).due == {"heating": 1}
    assert retention.run(in_town, as_of=OVER).due == {}


@pytest.mark.django_db
def test_an_objection_that_waits_keeps_its_case(closed, in_town):
    actions.object_to(closed.id, "納得できません", by=KATO, as_of=MONDAY)
    assert retention.run(in_town, as_of=OVER).due == {}


@pytest.mark.django_db
def test_an_open_case_is_kept_however_old_it_is(apply, in_town):
    apply(GOOD, worked=False)
    assert retention.run(in_town, as_of=OVER + timedelta(days=4000)).due == {}


@pytest.mark.django_db
def test_nothing_can_be_added_to_an_anonymised_case(closed, in_town):
    retention.run(in_town, as_of=OVER)
    with pytest.raises(Anonymous, match="keeping time"):
        actions.reopen(closed.id, by=staff("goto", "manager"), as_of=OVER, reason="再調査")


@pytest.mark.django_db
def test_a_run_that_ends_in_the_middle_removes_nothing_of_that_batch(closed, in_town, monkeypatch):
    def away(cases):
        raise ConnectionError

    monkeypatch.setattr(retention, "_remove_private", away)
    with pytest.raises(ConnectionError), transaction.atomic():
        retention.run(in_town, as_of=OVER)
    assert Document.objects.count() == 1
    assert verify.verify(in_town)[2] == []


@pytest.mark.django_db
def test_what_another_room_needs_stays(closed, in_town, monkeypatch):
    monkeypatch.setitem(retention._HOLDS, "archive", lambda cases, as_of: set(cases))
    report = retention.run(in_town, as_of=OVER)
    assert (report.due, report.held) == ({}, {"archive": 1})


@pytest.mark.django_db
def test_the_application_itself_cannot_remove_a_private_part(closed):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Event.objects.update(private=None)


@pytest.mark.django_db
def test_the_archivist_can_change_nothing_else(closed):
    change = f"set local role {retention.ARCHIVIST}; update cases_event set body = '{{}}'"
    with pytest.raises(ProgrammingError, match="denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db
def test_a_private_part_that_came_back_is_found(closed, in_town):
    kept = Event.objects.get(case=closed, kind="noted")
    retention.run(in_town, as_of=OVER)
    tamper(
        'update cases_event set private = \'{"text": "x"}\', salt = %s where id = %s',
        bytes(kept.salt),
        kept.id,
    )
    assert "is still there, though the case was anonymised" in verify.verify(in_town)[2][0].what


@pytest.mark.django_db
def test_the_report_says_the_moment_in_japan(closed, in_town):
    assert retention.survey(in_town, as_of=OVER).to_json()["as_of"] == in_tokyo(OVER).isoformat()
