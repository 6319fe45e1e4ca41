"""When too many stand at the door, who sends something is shown at once the page that waits."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from tests.conftest import TOWN
from yakuba.cases.models import Case
from yakuba.channels import crowd, jobs
from yakuba.site.commands import web_server


@pytest.fixture
def at_the_door(monkeypatch):
    """`at_the_door(connections, idle)`: a request begins while so many are connected."""
    monkeypatch.setattr(crowd.door, "here", 0)

    def begins(connections: int, idle: int = 0) -> None:
        crowd.pre_request(SimpleNamespace(nr_conns=connections, keepalived_conns=[None] * idle), None)

    return begins


def test_browsers_that_keep_an_idle_connection_are_no_crowd(at_the_door):
    at_the_door(crowd.MOST + 100, idle=100)
    assert not crowd.door.too_many
    at_the_door(crowd.MOST + 101, idle=100)
    assert crowd.door.too_many


def test_the_more_wait_the_later_each_asks_again(at_the_door):
    at_the_door(10)
    few = crowd.door.look_again
    at_the_door(8000)
    assert few == crowd.LOOK_AGAIN
    assert 8000 / crowd.door.look_again < crowd.ANSWERED


def test_who_sends_in_a_crowd_waits_on_a_page_that_looks_by_itself_and_gets_a_case(visitor, at_the_door):
    visitor.fill_in()
    base = visitor.at.removesuffix("check/")
    at_the_door(8000)
    page = visitor.send(to=f"{base}send/")
    assert page.status_code == 503
    seconds, there = re.search(r'http-equiv="refresh" content="(\d+);url=([^"]+)"', visitor.text).groups()
    assert page.headers["Retry-After"] == seconds == str(crowd.door.look_again)
    assert f'href="{there}"' in visitor.text
    assert not Case.objects.exists()
    visitor.open(f"{base}send/?lang=en")
    assert visitor.page.status_code == 503
    assert '<html lang="en"' in visitor.text
    jobs.open_wanted(TOWN)
    visitor.open(there)
    assert Case.objects.get().reference in visitor.text


def test_the_web_server_counts_who_stands_at_the_door():
    command = web_server("127.0.0.1", 8000, 2)
    assert command[command.index("--config") + 1] == f"python:{crowd.__name__}"
    assert callable(crowd.pre_request)
