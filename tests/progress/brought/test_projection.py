"""The stored rows say the same whether they were kept up with the log or made anew, and hold nobody's name."""

from __future__ import annotations

import shutil
from datetime import date, timedelta

import pytest

from tests.cases.conftest import GOOD, KATO, MONDAY, SATO, SMALL, UNSURE, open_task
from tests.channels.conftest import household, taro
from tests.conftest import TOWN
from yakuba.access import SYSTEM
from yakuba.cases import actions, catalogue, jobs, queries, retention
from yakuba.cases.figures import of_month, waits_for_staff
from yakuba.progress.brought import projection
from yakuba.progress.brought.measuring import band, measure
from yakuba.progress.models import Served

__all__ = ["household", "taro"]
pytestmark = pytest.mark.django_db


def told(case) -> Served:
    projection.refresh(TOWN)
    return Served.objects.get(case=case.id)


def refused(apply, **more):
    """A case that two people took, looked at for 10 and 5 minutes, and refused."""
    case = apply(UNSURE, **more)
    at = MONDAY
    for who, minutes in ((KATO, 10), (SATO, 5)):
        task = open_task(case, "review")
        actions.take(task, by=who, as_of=at)
        at += timedelta(minutes=minutes)
        actions.decide(task, outcome="refused", by=who, as_of=at, reason="課税")
    jobs.drain(TOWN, as_of=at)
    return case


def test_a_row_says_how_long_it_took_and_what_people_did(apply, taro):
    row = told(refused(apply, applicant=taro.id))
    assert (row.outcome, row.minutes, row.timed, row.untimed) == ("refused", 15.0, 2, 0)
    assert row.days == pytest.approx(15 / 24 / 60)
    assert (row.age_band, row.letters) == ("75-", 1)


def test_it_follows_the_log_and_is_not_made_twice(apply, taro):
    case = apply(UNSURE, applicant=taro.id)
    assert told(case).closed_at is None
    assert projection.refresh(TOWN) == 0
    actions.take(open_task(case, "review"), by=KATO, as_of=MONDAY)
    actions.return_for_correction(open_task(case, "review"), by=KATO, message="通帳", asks=[], as_of=MONDAY)
    row = told(case)
    assert (row.returned, row.troubles) == (1, {"review": [1, 0, 0]})
    actions.withdraw(case.id, by=KATO, as_of=MONDAY)
    actions.rate(case.id, 2, by=KATO, as_of=MONDAY, how="phone", step="review", comment="山田さんは癌です")
    row = told(case)
    assert (row.outcome, row.score, row.hard, row.how) == ("withdrawn", 2, "review", "phone")


def test_made_anew_the_rows_are_the_same(apply, taro):
    refused(apply, applicant=taro.id)
    apply(GOOD)
    projection.refresh(TOWN)
    before = list(Served.objects.order_by("case").values())
    assert projection.rebuild(TOWN, as_of=MONDAY) == 2
    assert list(Served.objects.order_by("case").values()) == before


@pytest.fixture
def two_at_once(tmp_path, in_town, settings):
    """The small catalogue, in which somebody looks at the house while the request is reviewed."""
    folder = tmp_path / "services"
    shutil.copytree(SMALL, folder)
    file = folder / "heating/service.yaml"
    look = "{id: look, name: {ja: 家, easy: 家, en: House}, by: staff, do: work, role: clerk, after: [decide], within: 1 business day}"
    text = file.read_text().replace("four_eyes: true}", f"four_eyes: true, after: [decide]}}\n  - {look}")
    file.write_text(text.replace("pay, if:", "pay, after: [review], if:"))
    settings.YAKUBA_SERVICES = folder
    catalogue.forget()
    yield
    catalogue.forget()


@pytest.mark.usefixtures("two_at_once")
def test_what_stands_still_because_the_case_was_given_back_is_not_late(in_town):
    case = actions.open_case(
        catalogue.service("heating"), UNSURE, channel="web", by=SYSTEM(in_town), as_of=MONDAY, key="k",
        identified=True,
    )  # fmt: skip
    jobs.drain(TOWN, as_of=MONDAY)
    month_later = MONDAY + timedelta(days=30)
    both = {("heating", "look"): 1, ("heating", "review"): 1}
    assert queries.late_now(month_later) == both
    assert {(one.step, one.waiting, one.late) for one in waits_for_staff(as_of=month_later)} == {
        ("look", 1, 1),
        ("review", 1, 1),
    }
    actions.take(open_task(case, "review"), by=KATO, as_of=MONDAY)
    given_back = MONDAY + timedelta(minutes=5)
    actions.return_for_correction(
        open_task(case, "review"), by=KATO, message="通帳", asks=[], as_of=given_back
    )
    assert queries.late_now(month_later) == {}
    assert waits_for_staff(as_of=month_later) == []
    assert ("heating", "look", "staff", 0, 0, 1, 0) in of_month(MONDAY.date(), as_of=month_later).tasks
    look = case.tasks.filter(step="look")
    look.update(status="done", done_at=month_later)
    assert told(case).late == 0
    look.update(due_at=MONDAY + timedelta(minutes=1))
    assert queries.done_late([case.id]) == [(case.id, "look")], "it was late before it was given back"


def test_a_row_holds_nothing_that_says_who_it_was(apply, taro):
    row = told(refused(apply, applicant=taro.id))
    held = " ".join(str(value) for value in row.__dict__.values())
    for secret in ("山田", "1950", str(taro.id), "1番地"):
        assert secret not in held


def test_whoever_is_forgotten_is_in_no_band(apply, taro):
    case = apply(GOOD, applicant=taro.id, worked=False)
    actions.withdraw(case.id, by=KATO, as_of=MONDAY)
    assert told(case).age_band == "75-"
    Served.objects.update(district="浜町")
    retention.run(TOWN, as_of=MONDAY.replace(year=2031, month=4, day=1))
    gone = Served.objects.get(case=case.id)
    assert (gone.age_band, gone.district, gone.outcome) == ("", "", "withdrawn")
    projection.rebuild(TOWN, as_of=MONDAY)
    assert Served.objects.get(case=case.id).age_band == ""


def test_a_task_that_nobody_took_is_counted_and_not_timed(apply):
    case = apply(UNSURE)
    for who in (KATO, SATO):
        actions.decide(open_task(case, "review"), outcome="refused", by=who, as_of=MONDAY, reason="課税")
    row = told(case)
    assert (row.timed, row.untimed, row.minutes) == (0, 2, 0.0)


def test_ages_are_those_of_the_day_of_the_request_and_nobody_is_guessed():
    assert [band(date(1951, 4, 2), date(2026, 4, day)) for day in (1, 2)] == ["65-74", "75-"]
    assert band(None, date(2026, 4, 1)) == band(date(2027, 1, 1), date(2026, 4, 1)) == ""
    assert measure([]).minutes == 0


def test_the_machine_alone_needs_nobodys_minutes(apply):
    row = told(apply(GOOD))
    assert (row.timed, row.untimed) == (0, 0)
