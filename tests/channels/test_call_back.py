"""Somebody asks to be called: from the pages, or through an operator; three tries, then a letter where an address is known."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from tests.cases.conftest import KATO
from tests.channels.browser import Visitor
from tests.channels.conftest import sign_in
from tests.conftest import TOWN
from yakuba.access import PUBLIC, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case
from yakuba.channels import actions
from yakuba.channels.models import Draft
from yakuba.clock import TOKYO
from yakuba.messages import queries as messages
from yakuba.words import ui

FRIDAY = datetime(2026, 11, 27, 16, tzinfo=TOKYO)
WANTED = {
    "applicant": {"name": "山田 太郎", "phone": "0000000000"},
    "callback": {"about": "児童手当のこと", "slot": "any"},
}
ADDRESS = {"applicant": {**WANTED["applicant"], "address": "1番地", "postal_code": "9990001"}}


@pytest.fixture
def asked(in_town):
    """`asked(**more)`: somebody has asked to be called, on a Friday afternoon."""

    def ask(**more) -> Case:
        case = actions.intake(
            catalogue.service("call-back"),
            WANTED | more,
            as_of=FRIDAY,
            channel="web",
            by=PUBLIC(TOWN),
            key="k",
        )
        jobs.drain(TOWN, as_of=FRIDAY)
        return case

    return ask


def call(case: Case, *outcomes: str) -> Case:
    """Call once for each outcome; the system does what follows."""
    for outcome in outcomes:
        task, _ = case_queries.waiting_step(case.id)
        cases.finish(task, by=KATO, as_of=FRIDAY, outcome=outcome)
        jobs.drain(TOWN, as_of=FRIDAY)
    return case_queries.one(case.id)


def test_a_call_is_due_at_the_end_of_the_next_day_on_which_the_town_hall_is_open(asked):
    task = case_queries.task(case_queries.waiting_step(asked().id)[0])
    assert task.step == "first"
    assert task.due_at.astimezone(TOKYO).date() == FRIDAY.date() + timedelta(days=3)  # Monday


def test_who_was_reached_is_called_no_more(asked):
    case = call(asked(**ADDRESS), "reached")
    assert (case.state, messages.of_case(case.id)) == ("closed", [])


def test_a_wrong_number_is_not_called_again_and_gets_a_letter(asked):
    case = call(asked(**ADDRESS), "wrong_number")
    assert case.state == "closed"
    assert [one.template for one in messages.of_case(case.id)] == ["not-reached"]


def test_after_three_tries_a_letter_is_written_where_an_address_is_known(asked):
    case = call(asked(**ADDRESS), "not_reached", "not_reached", "not_reached")
    assert case.state == "closed"
    assert [(one.template, one.to_address) for one in messages.of_case(case.id)] == [("not-reached", "1番地")]


def test_after_three_tries_it_ends_where_no_address_is_known(asked):
    case = call(asked(), "not_reached", "not_reached", "not_reached")
    assert (case.state, messages.of_case(case.id)) == ("closed", [])


def test_who_is_reached_at_the_second_try_gets_no_letter(asked):
    case = call(asked(**ADDRESS), "not_reached", "reached")
    assert (case.state, messages.of_case(case.id)) == ("closed", [])


def test_a_day_on_which_the_town_hall_is_closed_cannot_be_chosen(asked):
    with pytest.raises(actions.Incomplete) as missing:
        asked(callback={**WANTED["callback"], "day": "2026-11-29"})
    assert [screen.key for screen in missing.value.screens] == ["when"]


# ---------------------------------------------------------------- the ways in


@pytest.fixture
def home(in_town) -> Visitor:
    return Visitor(Client())


def test_a_page_begins_the_request_with_what_it_was_about(home):
    home.open("finder/")
    assert ui("callback.ask", "ja") in home.text
    home.send(to=f"/{TOWN}/call-back/", about="もらえるお金のこと")
    assert home.key == "phone"
    home.send(**{"applicant.name": "山田 太郎", "applicant.phone": "000-0000-0000"})
    assert "もらえるお金のこと" in home.text
    home.send(**{"callback.about": "もらえるお金のこと"})
    home.send(**{"callback.slot": "morning"})
    home.send()
    assert home.key == "check"
    home.send(to=home.at.replace("/check/", "/send/"))
    with towns.inside(TOWN):
        case = Case.objects.get(service="call-back")
        assert case_queries.state(case).fact("callback.about") == "もらえるお金のこと"


def test_the_status_of_a_request_offers_a_call_about_it(asked, taro):
    case = asked(applicant={**WANTED["applicant"], "name": taro.name, "birth_date": "1950-01-01"})
    page = Visitor(sign_in(Client(), taro)).open(f"status/{case.reference}/").content.decode()
    assert f'value="受付番号 {case.reference}（折り返し電話の申込み）"' in page


def test_an_operator_goes_on_later_with_the_name_and_number_that_were_given(desk):
    clerk = desk("clerk")
    begun = clerk.post(f"/{TOWN}/staff/paper/call/", {"service": "dog-death"})
    draft = begun.url.split("/draft/")[1].split("/")[0]
    page = clerk.post(
        f"/{TOWN}/draft/{draft}/name/",
        {"applicant.name": "山田 太郎", "applicant.kana": "ヤマダ タロウ"},
        follow=True,
    )
    assert ui("callback.later", "ja") in page.content.decode()
    clerk.post(f"/{TOWN}/staff/paper/call-back/{draft}/")
    with towns.inside(TOWN):
        made = Draft.objects.get(service="call-back")
    assert made.channel == "phone"
    assert made.facts["applicant"]["name"].split() == ["山田", "太郎"]
    assert "犬の死亡の届出" in made.facts["callback"]["about"]


def test_a_draft_of_somebody_else_is_not_taken_over(desk):
    mine, other = desk("clerk"), desk("reviewer")
    begun = mine.post(f"/{TOWN}/staff/paper/call/", {"service": "dog-death"})
    draft = begun.url.split("/draft/")[1].split("/")[0]
    assert other.post(f"/{TOWN}/staff/paper/call-back/{draft}/").status_code == 404


def test_a_town_that_calls_nobody_back_offers_no_call(small, home):
    assert ui("callback.ask", "ja") not in home.open("finder/").content.decode()
    assert home.client.post(f"/{TOWN}/call-back/").status_code == 404
