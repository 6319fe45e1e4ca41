"""What it brought is counted from what happened: nothing is claimed that was not measured, and what is not known stays so."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date, datetime

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import TOWN
from tests.progress.brought.conftest import JUNE
from yakuba.cases import catalogue
from yakuba.clock import TOKYO
from yakuba.progress.brought import summary
from yakuba.progress.brought.commands import brought, refresh
from yakuba.progress.brought.figures import Figures, Hours, Mend, people_minutes
from yakuba.progress.brought.period import Period
from yakuba.progress.models import Saving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small")]
LATER = datetime(2026, 11, 29, 12, tzinfo=TOKYO)


def of(key: str, lines):
    return next(one for one in lines if one.key == key)


def test_a_case_counts_when_it_came_in_and_when_it_ended(serve):
    serve(3, days=2)
    serve(1, days=None)
    serve(2, days=400, opened=datetime(2026, 3, 1, tzinfo=TOKYO))
    serve(1, days=10, opened=datetime(2026, 3, 30, tzinfo=TOKYO), outcome="withdrawn")
    total = summary(2026, LATER).total
    assert (total.came_in, total.ended, total.completed, total.open) == (4, 4, 3, 3)
    assert total.completion == 0.75
    assert summary(2025, LATER).total.came_in == 3


def test_days_are_medians_of_what_ended_and_payments_of_what_was_paid(serve):
    for days, pay_days in ((1, 5.0), (2, None), (9, 15.0)):
        serve(days=days, pay_days=pay_days)
    total = summary(2026, LATER).total
    assert (total.days, total.days_p90, total.paid, total.pay_days) == (2, 7.6, 2, 10)


def test_hours_are_the_manual_minutes_less_what_people_still_do_and_say_that_the_minutes_are_an_estimate(
    serve,
):
    serve(12, minutes=5.0, timed=1)
    (line,) = summary(2026, LATER).services
    assert line.hours == Hours(
        hours=3.0, provisional=True, manual_minutes=20, source="試験用", done=12, people_minutes=60.0,
        upkeep_minutes=0.0,
    )  # fmt: skip
    found = summary(2026, LATER)
    assert (found.measured_hours, found.estimated_hours) == (None, 3.0)


def test_a_channels_measured_hours_and_its_estimated_ones_are_never_added(serve, monkeypatch):
    small = catalogue.current()
    timed = copy(small.services["heating"])
    measured = timed.file.count.model_copy(update={"provisional": False, "manual_minutes": 30})
    timed.file = timed.file.model_copy(update={"count": measured})
    both = replace(small, services={**small.services, "timed": timed})
    monkeypatch.setattr(catalogue, "current", lambda: both)
    serve(12, minutes=5.0, timed=1)
    serve(12, minutes=5.0, timed=1, service="timed")
    (web,) = summary(2026, LATER).channels
    assert (web.hours.hours, web.hours.provisional, web.hours.done) == (5.0, False, 12)
    assert (web.estimated.hours, web.estimated.provisional, web.estimated.done) == (3.0, True, 12)


def test_the_command_says_which_of_a_channels_hours_are_an_estimate(serve):
    serve(12, minutes=5.0, timed=1)
    said = CliRunner().invoke(brought, ["--town", TOWN, "--year", "2026", "--language", "en"]).output
    assert "web: ended 12" in said
    assert "3.0 h (estimate)" in said.split("By way in")[1]
    assert "5.0 h" not in said


@pytest.mark.parametrize("command", [brought, refresh])
def test_a_town_that_is_not_here_is_said_to_be_none_and_not_counted_as_nothing(in_town, command):
    run = CliRunner().invoke(command, ["--town", "999999"])
    assert run.exit_code == 1
    assert "there is no town '999999' here" in run.output


def test_a_robots_upkeep_is_taken_off_and_its_measured_hours_stand_by_themselves(serve):
    serve(12)
    months = {
        "2026-06": {"done": 60, "handed_over": 1, "handling_minutes": 20.0, "upkeep_minutes": 40.0},
        "2026-03": {"done": 999, "handed_over": 0, "handling_minutes": 0.0, "upkeep_minutes": 0.0},
    }
    measured = {"count": 9, "mean": 5.0, "median": 5.0, "p10": 4.0, "p90": 6.0, "margin": 1.0}
    body = {"robot": "heating/ledger", "person_minutes": measured, "months": months}
    Saving.objects.create(town="394262", robot="heating/ledger", at=JUNE, body=body)
    found = summary(2026, LATER)
    assert found.robots[0].hours == (4.0, 3.0, 5.0)
    assert found.robots[0].done == 60
    assert found.services[0].hours.hours == round((12 * 20 - 40) / 60, 1)
    assert (found.measured_hours, found.estimated_hours) == (4.0, 3.3)


def test_minutes_that_nobody_measured_make_no_hours():
    assert people_minutes(Figures(minutes=10.0, timed=2, untimed=3), None) is None
    assert people_minutes(Figures(minutes=10.0, timed=2), None) == 10.0
    assert people_minutes(Figures(minutes=50.0, timed=5, untimed=2), 10.0) == 70.0


def test_hours_of_a_service_with_too_few_measured_tasks_are_unknown_and_their_cases_are_counted(serve):
    serve(12, minutes=1.0, timed=0, untimed=1)
    found = summary(2026, LATER)
    assert (found.services[0].hours.hours, found.services[0].hours.missing) == (None, "minutes")
    assert (found.estimated_hours, found.unknown_cases) == (None, 12)


def test_what_a_case_costs_is_unknown_until_the_town_declares_its_rates(serve, monkeypatch):
    serve(10, minutes=6.0, timed=1, letters=1)
    assert summary(2026, LATER).cost.missing == ("hour", "letter")
    monkeypatch.setattr(
        "yakuba.progress.brought.figures.rates_of",
        lambda service, as_of: {"hour": 3000, "letter": 110, "sms": None, "transfer": None},
    )
    found = summary(2026, LATER)
    assert found.services[0].cost.yen == found.cost.yen == 410.0


def test_the_same_is_told_by_age_district_channel_and_language_and_unknown_is_a_group_of_its_own(serve):
    serve(2, channel="web", age_band="30-49", district="浜町", score=5)
    serve(1, channel="paper", age_band="75-", days=8, score=1)
    found = summary(2026, LATER)
    assert {(one.key, one.figures.ended) for one in found.groups["age_band"]} == {("30-49", 2), ("75-", 1)}
    assert of("", found.groups["district"]).name.ja == "分からない"
    assert of("paper", found.channels).figures.days == 8
    assert (found.total.rated, found.total.score, found.total.satisfied) == (3, 3.67, 2)


def test_what_to_mend_names_the_step_where_most_were_in_difficulty(serve):
    serve(1, score=1, hard="review")
    serve(2, score=2, hard="received")
    serve(1, score=5, hard="pay")
    serve(2, troubles={"review": [1, 0, 1], "pay": [0, 1, 0]})
    assert summary(2026, LATER).mend == [
        Mend("heating", "review", dissatisfied=1, returned=2, late=2),
        Mend("heating", "received", dissatisfied=2),
        Mend("heating", "pay", failed=2),
    ]


def test_the_number_of_queries_does_not_grow_with_the_cases(serve):
    serve(1, score=1, hard="review")
    catalogue.current()
    with CaptureQueriesContext(
        connection,
    ) as few:
        summary(2026, LATER)
    serve(50, district="浜町", partner="900001", partner_steps=1)
    with CaptureQueriesContext(connection) as many:
        summary(2026, LATER)
    assert len(many) == len(few)


def test_of_a_partner_one_sees_what_it_did_and_how_often_late(serve):
    serve(3, partner="900001", partner_steps=2, partner_late=1, score=5)
    serve(4)
    (partner,) = summary(2026, LATER).partners
    assert (partner.figures.ended, partner.figures.partner_steps, partner.figures.partner_late) == (3, 6, 3)


def test_a_year_ends_today_and_a_published_one_with_the_last_whole_month():
    assert Period.of(2026, LATER) == Period(date(2026, 4, 1), date(2026, 11, 29))
    assert Period.closed_months(2026, LATER) == Period(date(2026, 4, 1), date(2026, 10, 31))
    assert Period.closed_months(2025, LATER) == Period(date(2025, 4, 1), date(2026, 3, 31))
    assert Period.closed_months(2026, datetime(2026, 4, 30, tzinfo=TOKYO)) is None


def test_everything_can_be_written_as_json(serve):
    import orjson

    serve(2, partner="900001", partner_steps=1)
    assert orjson.loads(orjson.dumps(summary(2026, LATER).to_json()))["partners"][0]["key"] == "900001"
