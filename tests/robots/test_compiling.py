"""A robot is compiled only when it sends over HTTP what it sends in the browser."""

from __future__ import annotations

import pytest

from tests.robots.conftest import SYSTEM_FILE, item
from yakuba.robots import compiling, queries
from yakuba.robots.driver import Request
from yakuba.simulators import legacy

pytestmark = pytest.mark.long


@pytest.fixture
def post(in_town) -> queries.Post:
    (found,) = queries.posts("child-allowance", "ledger")
    return queries.Post(found.service, found.step, found.robot, SYSTEM_FILE)


def test_items_that_wait_prove_it_and_nothing_is_registered(queue, post, in_town, welfare):
    queue(3)
    proof = compiling.compile_robot(in_town, post, shadow=3)
    assert (proof.holds, proof.items, proof.differences) == (True, 3, [])
    assert legacy.read_ledger(welfare.folder) == []
    assert queries.compiled(post) == proof.shapes


def test_items_that_were_done_prove_it_too(queue, post, in_town, shift, welfare):
    queue(3)
    shift().work()
    assert compiling.compile_robot(in_town, post, shadow=3).holds
    assert len(legacy.read_ledger(welfare.folder)) == 3


def test_too_few_items_prove_nothing(queue, post, in_town):
    queue(2)
    assert not compiling.compile_robot(in_town, post, shadow=20).holds
    assert queries.compiled(post) is None


def test_a_screen_whose_script_changes_what_is_sent_is_noticed(queue, post, in_town, monkeypatch):
    queue(3)
    script = "<script>function sure() { document.forms[0].token.name = 'other'; return true; }</script>"
    monkeypatch.setattr(legacy, "_SURE", script)
    proof = compiling.compile_robot(in_town, post, shadow=3)
    assert len(proof.differences) == 3
    assert "differs" in proof.differences[0]
    assert queries.compiled(post) is None


def test_what_a_page_filled_in_itself_may_differ_and_nothing_else():
    ours = Request("POST", "http://a/commit", "token=1&name=x", frozenset({"token"}))
    assert ours.same_as(Request("POST", "http://a/commit", "token=2&name=x"))
    assert not ours.same_as(Request("POST", "http://a/commit", "token=1&name=y"))
    assert not ours.same_as(Request("POST", "http://a/commit", "name=x&token=1"))
    assert not ours.same_as(Request("POST", "http://a/other", "token=1&name=x"))


def test_a_compiled_robot_does_the_same_work(queue, post, in_town, shift, welfare):
    queue(4)
    compiling.compile_robot(in_town, post, shadow=3)
    working = shift(driver="")
    assert working.driver_name == "http"
    assert working.work().done == 4
    assert working.driver_name == "http"
    assert len(legacy.read_ledger(welfare.folder)) == 4


def test_the_key_of_an_item_is_what_the_case_is_known_by(queue, post):
    queue(1)
    (one,) = compiling.shadow_items(post, 5)
    assert one.key == one.values["reference"].text != item().key
