"""The call centre: by serial number, by customer, without a contract; deciding; windows; stopping the clock."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from tests.channels.test_dispatch_desk import hall, said, text
from tests.field.conftest import Centre, centre
from tests.field.hall import Hall
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case

__all__ = ["centre", "hall"]
CALLS = "/394262/staff/calls/"


@pytest.fixture
def broken(hall: Hall, centre: Centre) -> str:
    """S-1 is at C-1; a spare is at the depot."""
    centre.now = hall.now - timedelta(days=2)
    hall.installed("S-1", centre)
    hall.stock(centre, "SP-1")
    hall.technician("北 一")
    return "S-1"


def take_in(browser, q: str, **more: str):
    sent = {
        "q": q,
        "key": str(uuid.uuid4()),
        "trouble.symptom": "no_power",
        "trouble.told": "つかない",
    } | more
    return browser.post(f"{CALLS}new/", sent, follow=True)


def the_case() -> Case:
    (found,) = Case.objects.filter(service="device-support")
    return found


def test_a_serial_number_shows_who_has_the_device_under_which_contract(desk, broken: str) -> None:
    page = text(desk("agent").get(f"{CALLS}?q={broken}"))
    for shown in ("MC-1", "見本商事", "これまでありません"):
        assert shown in page


def test_a_trouble_is_taken_in_decided_and_its_spare_is_named(desk, broken: str) -> None:
    agent = desk("agent")
    page = text(take_in(agent, broken))
    assert "受け付けました" in said(page)
    assert "電源ボタンを10秒" in page
    assert "切り分けまで" in page
    case = the_case()
    task, _ = case_queries.waiting_step(case.id) or (case.id, "")
    page = text(agent.post(f"{CALLS}{case.id}/do/", {"task": task, "trouble.route": "exchange"}, follow=True))
    assert "予備 SP-1（高知）を確保し" in said(page)
    assert f'href="/394262/staff/calls/{case.id}/"' in text(agent.get(f"{CALLS}?q={broken}"))


def test_without_a_spare_the_agent_is_told_and_decides_otherwise(desk, broken: str) -> None:
    agent = desk("agent")
    for _ in range(2):
        take_in(agent, broken)
    for number, case in enumerate(Case.objects.filter(service="device-support").order_by("opened_at")):
        task, _ = case_queries.waiting_step(case.id) or (case.id, "")
        page = text(
            agent.post(f"{CALLS}{case.id}/do/", {"task": task, "trouble.route": "exchange"}, follow=True)
        )
        assert ("予備の端末がありません" in said(page)) == (number == 1)
    page = text(agent.post(f"{CALLS}{case.id}/do/", {"task": task, "trouble.route": "visit"}, follow=True))
    assert 'role="alert"' not in page


def test_a_call_without_a_contract_and_of_an_unknown_device_is_taken_in_with_a_warning(
    desk, hall: Hall
) -> None:
    agent = desk("agent")
    assert "記録にありません" in text(agent.get(f"{CALLS}?q=WHO-KNOWS"))
    page = text(take_in(agent, "WHO-KNOWS"))
    assert "有効な契約がありません" in page
    assert the_case().state == "open"


def test_sent_twice_the_call_is_there_once(desk, broken: str) -> None:
    agent, key = desk("agent"), str(uuid.uuid4())
    for _ in range(2):
        take_in(agent, broken, key=key)
    assert the_case()


def test_without_a_symptom_nothing_is_taken_in_and_what_was_typed_stays(desk, broken: str) -> None:
    page = text(take_in(desk("agent"), broken, **{"trouble.symptom": "", "trouble.told": "くわしい話"}))
    assert 'role="alert"' in page
    assert "くわしい話" in page
    assert not Case.objects.filter(service="device-support").exists()


def test_what_put_a_symptom_right_is_shown_at_the_next_call(desk, broken: str) -> None:
    agent = desk("agent")
    take_in(agent, broken)
    case = the_case()
    for typed in ({"trouble.route": "remote"}, {"trouble.answer": "アダプターを挿しなおした"}):
        task, _ = case_queries.waiting_step(case.id) or (case.id, "")
        agent.post(f"{CALLS}{case.id}/do/", {"task": task} | typed)
    assert case_queries.one(case.id).state == "closed"
    assert "アダプターを挿しなおした" in text(take_in(agent, broken))


def test_what_did_not_help_by_phone_comes_back_for_another_decision(desk, broken: str) -> None:
    agent = desk("agent")
    take_in(agent, broken)
    case = the_case()
    task, _ = case_queries.waiting_step(case.id) or (case.id, "")
    agent.post(f"{CALLS}{case.id}/do/", {"task": task, "trouble.route": "remote"})
    task, _ = case_queries.waiting_step(case.id) or (case.id, "")
    agent.post(f"{CALLS}{case.id}/do/", {"task": task, "failed": "1", "reason": "再起動しても同じ"})
    assert (case_queries.waiting_step(case.id) or ("", ""))[1] == "triage-again"


def test_the_clock_is_stopped_and_runs_on(desk, broken: str) -> None:
    agent = desk("agent")
    take_in(agent, broken)
    case = the_case()
    page = text(agent.post(f"{CALLS}{case.id}/pause/", {"cause": "parts"}, follow=True))
    assert "時計は止まっています" in page
    page = text(agent.post(f"{CALLS}{case.id}/pause/", {"cause": ""}, follow=True))
    assert "部品待ちで時計を止める" in page


def test_a_visit_is_taken_in_within_a_window_that_can_be_kept(desk, hall: Hall) -> None:
    hall.technician("北 一")
    agent = desk("agent")
    asked = {
        "customer.code": "C-1", "visit.kind": "lecture", "visit.minutes": "60", "site.name": "本社",
        "site.address": "架空1番地", "site.latitude": "33.57", "site.longitude": "133.54",
    }  # fmt: skip
    page = text(agent.get(f"{CALLS}visit/", asked))
    windows = re.findall(r'name="window" value="([^"]+)"', page)
    assert windows
    taken = text(
        agent.post(
            f"{CALLS}visit/taken/", asked | {"key": str(uuid.uuid4()), "window": windows[-1]}, follow=True
        )
    )
    assert "受け付けました" in said(taken)
    (case,) = Case.objects.filter(service="device-visit")
    on, opens, closes = windows[-1].split(" ")
    facts = case_queries.state(case).facts
    assert (facts["visit"]["date"], facts["visit"]["earliest"], facts["visit"]["latest"]) == (
        on,
        opens,
        closes,
    )
    assert facts["customer"] == {"code": "C-1", "contract": "MC-1"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"site.latitude": "99"}, "日本の緯度"),
        ({"site.name": ""}, "入力してください"),
        ({"site.latitude": "north"}, "数字で"),
    ],
)
def test_a_visit_with_a_slip_is_not_taken_in(desk, hall: Hall, wrong: dict[str, str], says: str) -> None:
    sent = {
        "customer.code": "C-1", "visit.kind": "lecture", "site.name": "本社", "site.address": "架空1番地",
        "site.latitude": "33.57", "site.longitude": "133.54", "key": str(uuid.uuid4()),
    }  # fmt: skip
    page = text(desk("agent").post(f"{CALLS}visit/taken/", sent | wrong, follow=True))
    assert says in said(page)
    assert not Case.objects.filter(service="device-visit").exists()


def test_a_reference_number_leads_to_its_case(desk, broken: str) -> None:
    agent = desk("agent")
    take_in(agent, broken)
    case = the_case()
    answer = agent.get(f"{CALLS}?q={case.reference}")
    assert answer.headers["Location"] == f"{CALLS}{case.id}/"


@pytest.mark.parametrize("role", ["clerk", "technician", "kitter"])
def test_others_take_no_calls(desk, hall: Hall, role: str) -> None:
    browser = desk(role)
    assert browser.get(CALLS).status_code == 403
    assert browser.post(f"{CALLS}new/", {}).status_code == 403


def test_an_agent_opens_no_residents_case(desk, hall: Hall) -> None:
    from yakuba.access import PUBLIC
    from yakuba.cases import actions as cases
    from yakuba.cases import catalogue

    service = catalogue.service("dog-registration")
    case = cases.open_case(service, {}, channel="web", by=PUBLIC(hall.town), as_of=hall.now, key="test:dog")
    assert desk("agent").get(f"{CALLS}{case.id}/").status_code == 403
