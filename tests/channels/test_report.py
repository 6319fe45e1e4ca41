"""A yearly report (現況届): everybody who gets an allowance is asked, answers a few questions, and is asked again next year."""

from __future__ import annotations

import io
import uuid
from datetime import date, datetime, timedelta

import pypdf
import pytest
from django.test import Client

from tests.channels.browser import day
from tests.channels.conftest import person
from tests.conftest import TOWN
from yakuba.access import SYSTEM
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case
from yakuba.channels import push
from yakuba.clock import TOKYO
from yakuba.messages import queries as messages
from yakuba.messages.models import Message
from yakuba.money.models import Entitlement
from yakuba.register.models import Person

pytestmark = pytest.mark.django_db
BASE = date(2026, 8, 1)
AT = datetime(2026, 8, 1, 9, tzinfo=TOKYO)
ANSWERS = {
    "rearing.partner": "no",
    "rearing.pension": "no",
    "rearing.household": "no",
    "rearing.child_support": "0",
    "rearing.five_years": "no",
    "consent.register": "yes",
}


def gets(who: Person, *, first: date = date(2025, 1, 1), last: date | None = None) -> None:
    """Somebody gets child rearing allowance by the month."""
    Entitlement.objects.create(
        town=TOWN, case=uuid.uuid4(), step="pay", attempt=1, key=f"child-rearing-allowance:{who.id}",
        service="child-rearing-allowance", beneficiary=who.id, amount=40_000, fixed=False, first=first, last=last,
        pay_months=[1, 3, 5, 7, 9, 11], covers=2, bank="0001", branch="001", type="1", number="7654321", holder="ﾔﾏﾀﾞ",
    )  # fmt: skip


@pytest.fixture
def mother(household, monkeypatch) -> Person:
    """She raises a child of six, and gets the allowance; her neighbour gets none, another one no longer."""
    one = person(household, "山田 花子", "ヤマダ ハナコ", date(1990, 3, 3), relation="head")
    person(household, "山田 一郎", "ヤマダ イチロウ", date(2020, 5, 5), relation="child", mother=one)
    gets(one)
    gets(person(household, "山田 二郎", "ヤマダ ジロウ", date(1985, 3, 3)), last=date(2026, 6, 1))
    monkeypatch.setattr("yakuba.clock.now", lambda: AT + timedelta(days=2))
    return one


def run(base: date = BASE, at: datetime = AT) -> push.Report:
    return push.run(
        TOWN, catalogue.service("child-rearing-allowance-status"), base=base, by=SYSTEM(TOWN), as_of=at
    )


def page(case: Case) -> tuple[Client, str]:
    """The page of a case, opened by its number and the birth date."""
    client = Client()
    born = day("applicant.birth_date", "western", "1990", "3", "3")
    answer = client.post(f"/{TOWN}/confirm/", {"reference": case.reference, **born})
    assert answer.status_code == 302
    return client, f"/{TOWN}/confirm/{case.reference}/"


def test_everybody_who_gets_the_allowance_is_asked_and_nobody_else(mother):
    assert run().opened == 1
    [case] = Case.objects.filter(channel="push", service="child-rearing-allowance-status")
    assert case.applicant == mother.id


def test_the_form_that_is_sent_back_has_the_questions_and_no_account(mother, in_town):
    run()
    letters = list(Message.objects.filter(reply=True))
    text = "".join(
        one.extract_text()
        for one in pypdf.PdfReader(io.BytesIO(messages.printable(letters, "http://x"))).pages
    )
    assert "結婚しましたか" in text
    assert "口座番号" not in text


def test_who_answers_all_questions_has_reported(mother, in_town):
    run()
    case = Case.objects.get(channel="push", service="child-rearing-allowance-status")
    client, where = page(case)
    assert "結婚しましたか" in client.get(where).content.decode()
    client.post(where, {**ANSWERS, "outcome": "confirmed"})
    jobs.drain(TOWN, as_of=AT + timedelta(days=2))
    case.refresh_from_db()
    assert case_queries.state(case).facts["rearing"]["child_support"] == 0
    assert case.decision == "granted"


def test_a_question_that_is_left_out_is_pointed_at_and_nothing_is_taken(mother, in_town):
    run()
    case = Case.objects.get(channel="push", service="child-rearing-allowance-status")
    client, where = page(case)
    answer = client.post(where, {**ANSWERS, "rearing.partner": "", "outcome": "confirmed"})
    assert answer.status_code == 422
    assert "一つ選んでください" in answer.content.decode()
    assert Case.objects.get(id=case.id).seq == case.seq


def test_something_that_has_changed_goes_to_a_person(mother, in_town):
    run()
    case = Case.objects.get(channel="push", service="child-rearing-allowance-status")
    client, where = page(case)
    client.post(where, {**ANSWERS, "rearing.partner": "yes", "outcome": "confirmed"})
    jobs.drain(TOWN, as_of=AT + timedelta(days=2))
    assert case.tasks.filter(step="review", status="open").exists()


def test_the_same_people_are_asked_again_next_year(mother, in_town):
    run()
    assert run().opened == 0
    assert run(date(2027, 8, 1), datetime(2027, 8, 1, 9, tzinfo=TOKYO)).opened == 1
