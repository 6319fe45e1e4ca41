"""The auditor's page, and the list that a request for disclosure gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cases.conftest import GOOD
from tests.channels.conftest import desk, household, taro
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import Resource, Worker, log
from yakuba.access.models import AccessEvent
from yakuba.audit import alarms
from yakuba.cases import actions, catalogue
from yakuba.cases import queries as cases
from yakuba.cases.models import Document

__all__ = ["desk", "household", "taro"]
pytestmark = pytest.mark.django_db
PAGE = f"/{TOWN}/staff/audit/"


def look(worker: str, action: str, about: Resource, outcome: str = log.ALLOWED) -> None:
    log.record(Worker("staff", worker, TOWN), action, about, outcome, as_of=clock.now())


@pytest.fixture
def auditor(desk):
    return desk("auditor")


def text(client, **query) -> str:
    answer = client.get(PAGE, {"lang": "en", **query})
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_auditors_see_the_log_and_take_it_along(desk):
    for role in ("clerk", "reviewer", "approver", "manager", "admin", "accountant"):
        client = desk(role)
        assert client.get(PAGE).status_code == 403
        assert client.get(f"{PAGE}log.csv").status_code == 403


def test_the_log_is_found_by_person_worker_action_outcome_and_day(auditor, taro):
    look("staff:a", "register.read", Resource("Person", str(taro.id), TOWN))
    look("staff:b", "case.read", Resource("Case", "c-1", TOWN), log.DENIED)
    both = text(auditor)
    assert "c-1" in both
    assert str(taro.id) in both
    assert "c-1" not in text(auditor, person=str(taro.id))
    assert "c-1" in text(auditor, worker="staff:b")
    assert "c-1" not in text(auditor, action="register.read")
    assert "c-1" in text(auditor, outcome="denied")
    today = f"{clock.in_tokyo(clock.now()):%Y-%m-%d}"
    assert "c-1" in text(auditor, since=today, until=today)
    assert "c-1" not in text(auditor, until="2020-01-01")


@pytest.mark.parametrize(
    "query",
    [
        {"person": "x"}, {"since": "昨日"}, {"until": "2026-13-45"}, {"before": "9" * 40}, {"before": "-1-1"},
        {"before": "x"}, {"worker": "' or 1=1 --"}, {"before": "99999999999999999-1"}, {"before": "1-99999999999999999999"},
    ],
)  # fmt: skip
def test_an_address_that_was_tampered_with_is_answered_in_plain_words(auditor, query):
    text(auditor, **query)
    assert auditor.get(f"{PAGE}log.csv", query).status_code in (200, 302)


def test_older_rows_are_a_page_further_and_no_page_asks_for_more_than_it_shows(auditor):
    about = Resource("Case", "x", TOWN)
    row = {
        "town": TOWN,
        "at": clock.now(),
        "worker_kind": "staff",
        "worker_id": "staff:a",
        "outcome": "allowed",
    }
    AccessEvent.objects.bulk_create(
        AccessEvent(**row, action="case.read", resource_type=about.type, resource_id=f"case-{n:03}")
        for n in range(130)
    )
    with CaptureQueriesContext(
        connection,
    ) as first:
        page = text(auditor, worker="staff:a")
    assert ("case-129" in page, "case-030" in page, "case-029" in page) == (True, True, False)
    mark = page.split("before=")[1].split('"')[0].split("&")[0]
    older = text(auditor, worker="staff:a", before=mark)
    assert ("case-029" in older, "case-000" in older, "case-030" in older) == (True, True, False)
    assert len(first) < 20


def test_what_is_taken_along_is_logged_itself(auditor):
    look("staff:a", "case.read", Resource("Case", "=cmd", TOWN))
    answer = auditor.get(f"{PAGE}log.csv", {"worker": "staff:a"})
    assert answer["Content-Type"].startswith("text/csv")
    assert "Case =cmd" in answer.content.decode("utf-8-sig")
    assert AccessEvent.objects.filter(action="log.export", outcome="allowed").count() == 1


def test_the_page_says_whether_the_logs_are_whole(auditor):
    assert "Never checked yet" in text(auditor)
    alarms.prove(TOWN, as_of=clock.now())
    assert "both logs were whole" in text(auditor)


# -- disclosure --------------------------------------------------------------------------------------
@pytest.fixture
def asked(taro):
    """A request for disclosure of 山田 太郎."""
    return actions.open_case(
        catalogue.service("disclosure-request"),
        {**GOOD, "disclosure": {"who": "self", "kind": "looks", "how": "copy"}},
        channel="counter",
        by=Worker("system", "system", TOWN),
        as_of=clock.now(),
        key="asked",
        applicant=taro.id,
        identified=True,
    )


def test_a_clerk_makes_the_list_with_one_button_and_it_is_a_paper_of_the_case(desk, asked, taro):
    clerk, address = desk("clerk"), f"/{TOWN}/staff/case/{asked.id}/"
    look("staff:a", "register.read", Resource("Person", str(taro.id), TOWN))
    assert "Make this person" in clerk.get(f"{address}?lang=en").content.decode()
    assert clerk.post(f"{address}looks/").status_code == 302
    (paper,) = Document.objects.all()
    assert (paper.media_type, bytes(paper.content)[:4]) == ("application/pdf", b"%PDF")
    assert [one.purpose for one, _ in cases.documents_of(asked.id)] == ["looks"]
    assert AccessEvent.objects.filter(action="looks.disclose", resource_id=str(taro.id)).exists()


def test_the_law_gives_thirty_days_and_thirty_more(desk, asked):
    due = clock.in_tokyo(asked.legal_due).date()
    assert due >= asked.opened_at.date() + timedelta(days=30)
    later = {"to": (due + timedelta(days=30)).isoformat(), "reason": "第83条第2項"}
    assert desk("reviewer").post(f"/{TOWN}/staff/case/{asked.id}/extend/", later).status_code == 302
    assert clock.in_tokyo(cases.one(asked.id).legal_due).date() == due + timedelta(days=30)


def test_no_other_role_and_no_other_case_gives_the_list(desk, asked):
    for role in ("manager", "accountant", "admin", "approver"):
        assert desk(role).post(f"/{TOWN}/staff/case/{asked.id}/looks/").status_code == 403
    assert not Document.objects.exists()
