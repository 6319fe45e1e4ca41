"""Everybody sees what it brought, and nobody in it; managers see what to mend, and have it looked into."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.cases.conftest import GOOD, staff
from tests.channels.conftest import household, taro
from tests.conftest import TOWN
from tests.progress.brought.conftest import serve, withdrawn
from yakuba import clock
from yakuba.cases import actions, catalogue
from yakuba.cases.models import Case
from yakuba.channels.progress import brought
from yakuba.progress.brought import projection
from yakuba.progress.brought.period import Period, this_year
from yakuba.register import actions as register

__all__ = ["household", "serve", "taro"]
WHERE, DESK = f"/{TOWN}/progress/brought/", f"/{TOWN}/staff/progress/brought/"

CLERK = staff("kato", "clerk")


@pytest.fixture(autouse=True)
def real():
    """The services as they are shipped, and nothing that was counted for another test."""
    catalogue.forget()
    brought._counted.cache_clear()


@pytest.fixture
def last_year(serve) -> int:
    """Cases that ended in the fiscal year before this one."""
    year = this_year(clock.now()) - 1
    june = Period.fiscal(year).begin.replace(month=6)
    serve(40, opened=june, service="child-allowance", channel="web", days=4, score=4)
    serve(20, opened=june, service="child-allowance", channel="counter", days=5)
    serve(3, opened=june, service="child-allowance", channel="paper", days=77.7, score=1)
    return year


def test_everybody_sees_the_figures_of_a_year_and_nothing_of_a_small_group(last_year):
    page = Client().get(f"{WHERE}?year={last_year}").content.decode()
    assert "児童手当" in page
    assert "非公表: 窓口、紙" in page
    assert "77.7" not in page
    file = Client().get(f"{WHERE}brought.csv?year={last_year}")
    assert file["Content-Type"].startswith("text/csv")
    assert "channel,paper,紙,X,X,X,X,X,X" in file.content.decode()


def test_the_figures_for_everybody_are_counted_once_in_five_minutes(last_year, serve, monkeypatch):
    now = clock.now().replace(minute=0, second=0)
    monkeypatch.setattr(clock, "now", lambda: now)
    pages = [Client().get(f"{WHERE}brought.csv?year={last_year}") for _ in range(2)]
    assert pages[0]["Cache-Control"] == "public, max-age=300"
    june = Period.fiscal(last_year).begin.replace(month=6)
    serve(40, opened=june, service="child-allowance", channel="web", days=4)
    again = Client().get(f"{WHERE}brought.csv?year={last_year}").content
    assert again == pages[1].content == pages[0].content
    later = now + timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert Client().get(f"{WHERE}brought.csv?year={last_year}").content != again


def test_a_year_with_nothing_says_so_and_a_year_that_is_none_is_this_one(in_town):
    for year in ("1900", "x", ""):
        page = Client().get(WHERE, {"year": year})
        assert page.status_code == 200
        assert f'value="{this_year(clock.now())}" selected' in page.content.decode()


def test_managers_see_hours_and_what_to_mend_and_clerks_do_not(last_year, serve, desk):
    serve(2, opened=clock.now().replace(day=1), days=0, service="child-allowance", score=1, hard="received")
    manager = desk("manager")
    page = manager.get(DESK).content.decode()
    assert "child-allowance/received" in page
    assert "職員1時間の単価" in page
    figures = manager.get(f"{DESK}brought.csv")
    assert (figures.status_code, figures["Cache-Control"]) == (200, "no-store")
    assert desk("clerk").get(DESK).status_code == 403


def test_managers_see_what_a_partner_did_by_its_name_and_how_much_of_it_late(last_year, serve, desk):
    partner = {"partner": "900001", "partner_steps": 4, "partner_late": 3}
    serve(1, opened=clock.now().replace(day=1), days=0, service="device-support", **partner)
    register.add_partner("900001", "配線サービス（見本）", "")
    page = desk("manager").get(DESK).content.decode()
    assert "配線サービス（見本）" in page
    assert 'うち期限より遅れたもの">3<' in page


def test_a_manager_reads_masked_comments_and_has_the_step_looked_into_once(in_town, taro, desk):
    case = withdrawn(GOOD["applicant"], taro.id)
    comment = "山田太郎です。糖尿病なのに何度も聞かれた。"
    actions.rate(case.id, 1, by=CLERK, as_of=clock.now(), how="phone", step="received", comment=comment)
    projection.refresh(TOWN)
    manager = desk("manager")
    page = manager.get(f"{DESK}child-allowance/received/").content.decode()
    assert "［健康］なのに何度も聞かれた" in page
    assert "山田" not in page
    for _ in range(2):
        manager.post(f"{DESK}child-allowance/received/review/", {"what": "問いを減らす"})
    (review,) = Case.objects.filter(service="service-review")
    assert "問いを減らす" in review.status["facts"]["review"]["what"]
    assert "見直し中" in manager.get(f"{DESK}child-allowance/received/").content.decode()
    assert manager.get(f"{DESK}child-allowance/pay/").status_code == 404


@pytest.mark.parametrize("where", ["child-allowance/no-such-step", "no-such-service/received"])
def test_nobody_has_a_step_looked_into_that_there_is_not(in_town, desk, where):
    assert desk("manager").post(f"{DESK}{where}/review/", {"what": ""}).status_code == 404
    assert not Case.objects.filter(service="service-review").exists()


def test_the_page_of_a_step_counts_no_more_than_what_was_hard(last_year, serve, desk, monkeypatch):
    serve(1, opened=clock.now().replace(day=1), days=0, service="child-allowance", score=1, hard="received")
    monkeypatch.setattr(brought, "summary", lambda *_: pytest.fail("the whole summary was counted"))
    assert desk("manager").get(f"{DESK}child-allowance/received/").status_code == 200


def test_an_auditor_reads_and_has_nothing_looked_into(last_year, serve, desk):
    serve(1, opened=clock.now().replace(day=1), days=0, service="child-allowance", score=1, hard="received")
    auditor = desk("auditor")
    assert "見直しを始める" not in auditor.get(f"{DESK}child-allowance/received/").content.decode()
    auditor.post(f"{DESK}child-allowance/received/review/", {"what": ""})
    assert not Case.objects.filter(service="service-review").exists()
