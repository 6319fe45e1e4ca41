"""A partner's technician finds what was handed on, and nothing else."""
# ruff: noqa: F811  (fixtures of another folder are named where they are used)

from __future__ import annotations

import pytest
from django.test import Client

from tests.access.people import make_staff, sign_in
from tests.conftest import TOWN
from tests.field.test_outsourcing import (  # noqa: F401
    NOW,
    PARTNER,
    RIVAL,
    agree,
    apply,
    end_yesterday,
    halls,
)
from yakuba.access import towns
from yakuba.cases import queries as cases
from yakuba.cases.models import Case
from yakuba.field import outsourcing
from yakuba.site.urls import TownCode


@pytest.fixture
def technician(halls: None, monkeypatch: pytest.MonkeyPatch):
    """`technician(PARTNER)`: the browser of a technician of a partner, signed in with both factors."""
    monkeypatch.setattr(TownCode, "known", {TOWN, PARTNER, RIVAL})

    def open_browser(hall: str, *roles: str) -> Client:
        client = Client()
        login = "-".join([hall, *roles])
        make_staff(*(roles or ("technician",)), login=login, town=hall, name="現地 八重")
        sign_in(client, login, town=hall)
        return client

    return open_browser


@pytest.fixture
def handed_on(halls: None) -> Case:
    """A house to be surveyed, which the partner has."""
    agree()
    apply()
    outsourcing.exchange(TOWN, as_of=NOW)
    with towns.inside(PARTNER):
        return Case.objects.get()


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_technician_sees_who_asks_and_what_is_disclosed(technician, handed_on: Case) -> None:
    browser = technician(PARTNER)
    page = text(browser.get(f"/{PARTNER}/staff/errands/"))
    assert "山あい町" in page
    assert "家を調査する" in page
    page = text(browser.get(f"/{PARTNER}/staff/errands/{handed_on.id}/"))
    for shown in ("山田 太郎", "0889-00-0000", "山あい町本町1番地", "損害割合"):
        assert shown in page
    for hidden in ("1950", "持病", "避難中"):
        assert hidden not in page


def test_what_the_technician_found_decides_the_towns_case(technician, handed_on: Case) -> None:
    browser = technician(PARTNER)
    with towns.inside(PARTNER):
        task, _ = cases.waiting_step(handed_on.id)
    where = f"/{PARTNER}/staff/errands/{handed_on.id}/"
    assert "持って" not in text(browser.post(f"{where}take/", {"task": task}, follow=True))
    wrong = text(browser.post(f"{where}done/", {"task": task, "damage.ratio": "many"}, follow=True))
    assert 'role="alert"' in wrong
    empty = text(browser.post(f"{where}done/", {"task": task, "damage.ratio": ""}, follow=True))
    assert "調べた結果を入れてください" in empty
    done = text(browser.post(f"{where}done/", {"task": task, "damage.ratio": "55"}, follow=True))
    assert "依頼された作業はありません" in done
    over = text(browser.get(where))
    assert "この作業は終わりました" in over
    assert "山田 太郎" not in over  # what was disclosed is shown while the task is theirs
    assert outsourcing.exchange(TOWN, as_of=NOW) == (0, 1)


def test_another_partner_finds_no_such_case(technician, handed_on: Case) -> None:
    rival = technician(RIVAL)
    assert "依頼された作業はありません" in text(rival.get(f"/{RIVAL}/staff/errands/"))
    assert rival.get(f"/{RIVAL}/staff/errands/{handed_on.id}/").status_code == 404
    # the session of one hall opens no other
    assert rival.get(f"/{PARTNER}/staff/errands/{handed_on.id}/").status_code in (302, 403)


def test_a_technician_of_a_town_opens_no_residents_case(technician, handed_on: Case) -> None:
    with towns.inside(TOWN):
        resident = Case.objects.get()
    browser = technician(TOWN)
    for page in ("queue/", f"case/{resident.id}/", f"errands/{resident.id}/", "people/"):
        assert browser.get(f"/{TOWN}/staff/{page}").status_code == 403, page


def test_others_of_the_partner_see_no_errands(technician, handed_on: Case) -> None:
    browser = technician(PARTNER, "kitter")
    assert browser.get(f"/{PARTNER}/staff/errands/").status_code == 403
    assert browser.get(f"/{PARTNER}/staff/errands/{handed_on.id}/").status_code == 403


def test_a_partners_hall_has_no_pages_for_residents(technician) -> None:
    for page in ("", "finder/", "status/", "services/child-allowance/"):
        assert Client().get(f"/{PARTNER}/{page}").status_code == 404, page
    assert Client().get(f"/{TOWN}/").status_code == 200


def test_the_name_of_the_hall_leads_its_staff_to_their_own_page(technician) -> None:
    page = text(technician(PARTNER).get(f"/{PARTNER}/staff/errands/"))
    assert f'href="/{PARTNER}/"' not in page
    assert f'href="/{PARTNER}/staff/"' in page


def test_the_towns_clerk_sees_by_name_which_partner_has_it(technician, handed_on: Case) -> None:
    clerk = technician(TOWN, "clerk")
    with towns.inside(TOWN):
        case = Case.objects.get()
    for page in ("queue/", f"case/{case.id}/"):
        shown = text(clerk.get(f"/{TOWN}/staff/{page}"))
        assert "デモ保守" in shown
        assert f">partner:{PARTNER}<" not in shown


def test_when_the_contract_has_ended_the_technician_sees_nothing_of_it_and_ends_nothing(
    technician, handed_on: Case
) -> None:
    browser = technician(PARTNER)
    with towns.inside(PARTNER):
        task, _ = cases.waiting_step(handed_on.id)
    assert "山田 太郎" in text(browser.get(f"/{PARTNER}/staff/case/{handed_on.id}/"))
    end_yesterday()
    outsourcing.exchange(TOWN, as_of=NOW)
    for page in (f"case/{handed_on.id}/", f"errands/{handed_on.id}/", "errands/"):
        shown = text(browser.get(f"/{PARTNER}/staff/{page}", follow=True))
        assert "山田 太郎" not in shown, page
        assert "0889-00-0000" not in shown, page
    answer = browser.post(
        f"/{PARTNER}/staff/errands/{handed_on.id}/done/", {"task": task, "damage.ratio": "55"}, follow=True
    )
    assert 'role="alert"' in text(answer)
    assert outsourcing.exchange(TOWN, as_of=NOW) == (0, 0)
