"""The dispatchers' page without JavaScript: the day, a move with its cost, illness, everything said in words."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.field.hall import TERMS, Hall
from yakuba import clock
from yakuba.cases import queries as case_queries
from yakuba.field import customers, visits

DISPATCH = "/394262/staff/dispatch/"


@pytest.fixture
def hall(in_town) -> Hall:
    """A hall whose visits are tomorrow's, whatever day this is."""
    now = clock.now()
    found = Hall(in_town, clock.in_tokyo(now).date() + timedelta(days=1), now)
    customers.agree(TERMS, by=found.system)
    return found


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def said(page: str) -> str:
    return " ".join(re.findall(r'<div class="notice notice--\w+" role="\w+"><p>(.*?)</p>', page))


def moving(hall: Hall, one: visits.Visit, to: str, **more: str) -> dict[str, str]:
    return {"on": f"{hall.on}", "task": one.job, "seen": one.mark(), "to": to, "position": "0"} | more


def test_a_day_shows_who_goes_when_and_why_something_is_not_planned(desk, hall: Hall) -> None:
    hall.technician("北 一")
    planned, left = hall.ask(1), hall.ask(2, skill="network")
    hall.plan()
    page = text(desk("dispatcher").get(f"{DISPATCH}?on={hall.on}"))
    assert "北 一" in page
    for case in (planned, left):
        assert hall.visit(case).reference in page
    assert "できる人が足りない" in page
    assert f'data-task="{hall.visit(planned).job}"' in page


def test_the_day_is_planned_from_the_page(desk, hall: Hall) -> None:
    hall.technician("北 一")
    case = hall.ask()
    page = text(desk("dispatcher").post(f"{DISPATCH}plan/", {"on": f"{hall.on}"}, follow=True))
    assert "1件のうち1件を予定しました" in said(page)
    assert hall.visit(case).who == ["staff:北 一"]


def test_a_move_is_said_with_its_cost_and_done_only_when_it_is_confirmed(desk, hall: Hall) -> None:
    hall.technician("北 一")
    case = hall.ask()
    hall.plan()
    hall.technician("南 二")
    browser, one = desk("dispatcher"), hall.visit(case)
    form = text(browser.get(f"{DISPATCH}?on={hall.on}&move={one.job}"))
    assert 'name="position"' in form
    page = text(browser.post(f"{DISPATCH}move/", moving(hall, one, "staff:南 二"), follow=True))
    assert "南 二に移すと、移動が" in said(page)
    assert hall.visit(case).who == ["staff:北 一"]
    assert 'name="sure" value="1"' in page
    page = text(browser.post(f"{DISPATCH}move/", moving(hall, one, "staff:南 二", sure="1"), follow=True))
    assert "移しました" in said(page)
    assert hall.visit(case).who == ["staff:南 二"]


def test_the_second_of_two_dispatchers_is_told_who_was_first(desk, hall: Hall) -> None:
    hall.technician("北 一")
    case = hall.ask()
    hall.plan()
    hall.technician("南 二")
    one = hall.visit(case)
    first, second = desk("dispatcher", login="d1"), desk("dispatcher", login="d2")
    first.post(f"{DISPATCH}move/", moving(hall, one, "staff:南 二", sure="1"))
    page = text(second.post(f"{DISPATCH}move/", moving(hall, one, "", sure="1"), follow=True))
    assert "ほかの配車担当が先に変えました（今は 南 二" in said(page)
    assert hall.visit(case).who == ["staff:南 二"]


def test_a_move_that_cannot_be_kept_says_why(desk, hall: Hall) -> None:
    hall.technician("北 一", "network")
    case = hall.ask(skill="network")
    hall.plan()
    hall.technician("南 二")
    page = text(
        desk("dispatcher").post(
            f"{DISPATCH}move/", moving(hall, hall.visit(case), "staff:南 二"), follow=True
        )
    )
    assert "移せません：必要な技能がない" in said(page)


@pytest.mark.parametrize(
    "wrong", [{"task": "x"}, {"task": "0" * 32}, {"position": "many"}, {"to": "staff:nobody"}]
)
def test_a_tampered_form_is_answered_and_changes_nothing(desk, hall: Hall, wrong: dict[str, str]) -> None:
    hall.technician("北 一")
    case = hall.ask()
    hall.plan()
    before = hall.visit(case).mark()
    sent = moving(hall, hall.visit(case), "staff:北 一") | wrong
    text(desk("dispatcher").post(f"{DISPATCH}move/", sent, follow=True))
    assert hall.visit(case).mark() == before


def test_somebody_who_cannot_come_is_replaced(desk, hall: Hall) -> None:
    hall.technician("北 一")
    case = hall.ask()
    hall.plan()
    hall.technician("南 二")
    sent = {"on": f"{hall.on}", "worker": "staff:北 一", "since": ""}
    page = text(desk("dispatcher").post(f"{DISPATCH}away/", sent, follow=True))
    assert "1件のうち1件を予定しました" in said(page)
    assert hall.visit(case).who == ["staff:南 二"]
    assert "休み" in page


def test_a_time_that_cannot_be_read_is_refused(desk, hall: Hall) -> None:
    hall.technician("北 一")
    sent = {"on": f"{hall.on}", "worker": "staff:北 一", "since": "soon"}
    assert "読めない" in said(text(desk("dispatcher").post(f"{DISPATCH}away/", sent, follow=True)))


def test_a_visit_is_called_off_and_another_day_agreed_on(desk, hall: Hall) -> None:
    hall.technician("北 一")
    case = hall.ask()
    hall.plan()
    browser, page = desk("dispatcher"), f"/394262/staff/calls/{case}/"
    assert "訪問をやめて" in text(browser.get(page))
    browser.post(f"{page}postpone/", {"task": hall.visit(case).job, "reason": "お客さまの都合"})
    assert hall.visit(case).reference in text(browser.get(f"{DISPATCH}?on={hall.on}"))
    task, step = case_queries.waiting_step(case) or (case, "")
    assert step == "rebook"
    day = {f"visit.date.{part}": str(getattr(hall.on, part)) for part in ("year", "month", "day")}
    sent = {
        "task": task,
        "visit.earliest": "10:00",
        "visit.latest": "11:00",
        "visit.date.era": "western",
    } | day
    browser.post(f"{page}do/", sent)
    one = hall.visit(case)
    assert (one.progress.attempt, one.fact("visit", "earliest")) == (2, "10:00")


def test_a_day_without_visits_says_where_they_come_from(desk, hall: Hall) -> None:
    assert "この日の訪問はありません" in text(desk("dispatcher").get(f"{DISPATCH}?on=never"))


@pytest.mark.parametrize("role", ["clerk", "technician", "agent", "kitter", "reviewer"])
def test_others_neither_see_nor_change_the_plan(desk, hall: Hall, role: str) -> None:
    browser = desk(role)
    assert browser.get(DISPATCH).status_code == 403
    for act in ("plan", "move", "away"):
        assert browser.post(f"{DISPATCH}{act}/", {}).status_code == 403
