"""The pages of the plan: what everybody sees, and what those who answer for it see besides."""

import re

import pytest

from tests.conftest import TOWN
from tests.progress.plan.conftest import came, planned, services
from tests.progress.plan.test_procedures import REFUSED
from yakuba import clock
from yakuba.assistant.figures import Figures
from yakuba.cases.figures import Logged
from yakuba.progress.models import Saving

__all__ = ["came", "planned", "services"]


@pytest.fixture
def manager(planned, desk):
    return desk("manager")


def test_everybody_sees_states_and_no_small_count_nor_its_day(came, planned, client):
    came("web", facts=REFUSED, at=clock.now())
    where = f"/{TOWN}/progress/?lang=en"
    pages = ["", *(f"&procedures={group}" for group in range(1, 4))]
    page = "".join(client.get(f"{where}{more}").content.decode() for more in pages)
    assert "Ended online" in page
    assert "under 10" in page
    assert "1 requests ended online" not in page
    assert "Fewer than 10" in page


def test_everybody_sees_counts_in_tens(came, planned, client):
    for _ in range(12):
        came("web", facts=REFUSED, at=clock.now())
    where = f"/{TOWN}/progress/?lang=en"
    pages = [client.get(f"{where}&procedures={group}").content.decode() for group in range(1, 4)]
    assert any("at least 10" in page for page in pages)
    assert not any("12" in page.split('id="procedures"')[1].split('id="versions"')[0] for page in pages)


def test_everybody_sees_no_small_count_of_who_asked_or_paid(planned, monkeypatch, client):
    monkeypatch.setattr("yakuba.money.fees.queries.paid_online", lambda since, until: 3)
    asked = Figures(
        7, 6, offered=0, unknown=1, handed_over=0, helped=4, not_helped=0, minutes=0, measured=False
    )
    monkeypatch.setattr("yakuba.assistant.figures.figures", lambda since, until: asked)
    page = client.get(f"/{TOWN}/progress/?lang=en").content.decode()
    assert "3 fees paid online" not in page
    assert "of 7 questions" not in page
    assert page.count("Fewer than 10") == 2


def test_how_many_people_a_goal_has_reached_is_exact_for_managers_only(planned, manager, monkeypatch, client):
    monkeypatch.setattr(
        "yakuba.access.queries.work_outside", lambda since, until: [("a", "", 4), ("b", "", 4)]
    )
    row = re.compile("Two people.*?</tr>", re.DOTALL)
    for_all = row.search(client.get(f"/{TOWN}/progress/?lang=en").content.decode())[0]
    desk = row.search(manager.get(f"/{TOWN}/staff/progress/?lang=en").content.decode())[0]
    assert "under 10" in for_all
    assert "<div>2</div>" in desk
    assert "<div>2</div>" not in for_all


def test_hours_of_robots_are_those_that_were_kept_and_counted_by_no_page(planned, monkeypatch, client):
    monkeypatch.setattr("yakuba.robots.savings.savings", lambda: pytest.fail("the log was counted"))
    monkeypatch.setattr(
        "yakuba.cases.figures.logged",
        lambda what, since, as_of: dict.fromkeys(what, Logged(60, 60, clock.now(), clock.now())),
    )
    month = {"done": 60, "handed_over": 0, "handling_minutes": 0.0, "upkeep_minutes": 0.0}
    measured = {"count": 9, "mean": 5.0, "median": 5.0, "p10": 4.0, "p90": 6.0, "margin": 1.0}
    body = {"robot": "heating/ledger", "person_minutes": measured, "months": {"2026-06": month}}
    Saving.objects.create(town=TOWN, robot="heating/ledger", at=clock.now(), body=body)
    page = client.get(f"/{TOWN}/progress/?lang=en").content.decode()
    assert "5.0 hours saved by the 1 of 1 robots whose work was measured" in page


def test_everybody_sees_no_next_steps(planned, client):
    page = client.get(f"/{TOWN}/progress/?lang=en").content.decode()
    assert "What to do next" not in page


def test_a_manager_sees_what_comes_next_with_exact_counts(came, manager):
    came("counter", facts=REFUSED, at=clock.now())
    page = manager.get(f"/{TOWN}/staff/progress/?lang=en").content.decode()
    assert "What to do next" in page
    assert "Write the town" not in page  # it has a plan
    assert "1 requests by hand" in page
    assert "2 of 2" not in page


def test_a_manager_takes_the_report_along(manager):
    answer = manager.get(f"/{TOWN}/staff/progress/report.pdf?lang=easy")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_clerk_does_not_see_the_desks_page(planned, desk):
    client = desk("clerk")
    assert client.get(f"/{TOWN}/staff/progress/").status_code == 403
    assert client.get(f"/{TOWN}/progress/").status_code == 200


def test_a_catalogue_without_a_plan_says_so(apply, client):
    page = client.get(f"/{TOWN}/progress/?lang=en").content.decode()
    assert "There is no plan in this catalogue." in page
