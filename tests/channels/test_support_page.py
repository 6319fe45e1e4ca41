"""A user of a device says that it is in trouble: from the web, without an account."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from tests.channels.test_dispatch_desk import hall, text
from tests.field.conftest import Centre, centre
from tests.field.hall import Hall
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case
from yakuba.channels import support_page

__all__ = ["centre", "hall"]
PAGE = "/394262/support/"
GOOD = {"trouble.symptom": "no_power", "site.phone": "0889-00-0000", "site.contact": "山田", "serial": "S-1"}


def send(client: Client, **typed: str):
    return client.post(f"{PAGE}send/", {"key": str(uuid.uuid4())} | GOOD | typed, follow=True)


def the_cases() -> list[Case]:
    return list(Case.objects.filter(service="device-support"))


def test_a_trouble_comes_in_and_the_user_is_given_its_number(
    client: Client, hall: Hall, centre: Centre
) -> None:
    hall.installed("S-1", centre)
    assert 'value="S-1"' in text(client.get(f"{PAGE}?serial=S-1"))
    page = text(send(client))
    (case,) = the_cases()
    assert case.reference in page
    assert case.channel == "web"
    facts = case_queries.state(case).facts
    assert facts["customer"] == {"code": "C-1", "contract": "MC-1"}
    assert facts["trouble"] == {"symptom": "no_power", "serial": "S-1"}
    assert case.reference not in text(client.get(PAGE))  # said once


def test_sent_twice_it_is_one_case(client: Client, hall: Hall) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        send(client, key=key)
    assert len(the_cases()) == 1


@pytest.mark.parametrize(
    "wrong", [{"trouble.symptom": ""}, {"site.phone": ""}, {"site.phone": "call me"}, {"key": "x"}]
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    client: Client, hall: Hall, wrong: dict[str, str]
) -> None:
    page = text(send(client, **wrong))
    assert 'role="alert"' in page
    assert "山田" in page
    assert the_cases() == []


def test_the_page_tells_nobody_whose_a_device_is(client: Client, hall: Hall, centre: Centre) -> None:
    hall.installed("S-1", centre)
    page = text(client.get(f"{PAGE}?serial=S-1")) + text(send(client))
    assert "見本商事" not in page
    assert "MC-1" not in page


def test_a_flood_from_one_address_is_stopped(
    client: Client, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support_page, "MOST", 2)
    answers = [send(client).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert len(the_cases()) == 2


def test_a_hall_that_supports_no_devices_has_no_such_page(client: Client, in_town: str) -> None:
    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}send/", GOOD).status_code == 404
