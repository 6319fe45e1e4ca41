"""How it went is asked once a request has ended, and what is written with it is seen by the clerk of the case alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.cases.conftest import GOOD, KATO, MONDAY, SATO, UNSURE, open_task, staff
from tests.channels.browser import Visitor
from tests.channels.conftest import sign_in
from tests.conftest import TOWN
from yakuba.access.models import Staff
from yakuba.cases import actions, jobs
from yakuba.cases import queries as cases
from yakuba.cases.events import Rated
from yakuba.cases.models import Case

YOUNG = {**GOOD, "applicant": {**GOOD["applicant"], "birth_date": "1990-01-01"}}
SECRET = "窓口の田中さんに、妻の花子の糖尿病のことを大きな声で聞かれた。電話は090-1234-5678です。"


@pytest.fixture
def ended(apply, taro) -> Case:
    """A request of 山田 太郎 that the town refused, with both pairs of eyes."""
    case = apply(
        {**UNSURE, "members": [{"name": "山田 花子", "birth_date": "1952-02-02"}]}, applicant=taro.id
    )
    for who in (KATO, SATO):
        task = open_task(case, "review")
        actions.take(task, by=who, as_of=MONDAY)
        actions.decide(task, outcome="refused", by=who, as_of=MONDAY, reason="課税されています")
    jobs.drain(TOWN, as_of=MONDAY)
    ended = Case.objects.get(id=case.id)
    assert ended.state == "closed"
    return ended


@pytest.fixture
def by_card(taro, small) -> Visitor:
    return Visitor(sign_in(Client(), taro))


def rating(case: Case) -> list[Rated]:
    return [one.event for one in cases.history(case.id) if isinstance(one.event, Rated)]


def test_the_page_of_a_request_that_ended_asks_how_it_went_and_thanks(ended, by_card):
    by_card.open(f"status/{ended.reference}/")
    assert "この手続はいかがでしたか" in by_card.text
    by_card.send(to=f"/{TOWN}/status/{ended.reference}/rate/", score="2", part="review", comment="長い")
    assert "ありがとうございました" in by_card.text
    assert rating(ended) == [Rated(score=2, step="review", comment="長い")]


def test_who_has_the_reference_number_is_asked_too(ended):
    browser = Visitor(Client())
    browser.send(to=f"/{TOWN}/sign-in/reference/", reference=ended.reference, born="昭和25年1月1日")
    assert "この手続はいかがでしたか" in browser.text
    browser.send(to=f"/{TOWN}/status/{ended.reference}/rate/", score="5")
    assert [one.score for one in rating(ended)] == [5]


def test_it_is_asked_once_and_again_only_when_the_request_was_taken_up_again(ended, by_card):
    where = f"/{TOWN}/status/{ended.reference}/rate/"
    for score in ("1", "5"):
        by_card.send(to=where, score=score)
    assert [one.score for one in rating(ended)] == [1]
    by_card.open(f"status/{ended.reference}/")
    assert "ありがとうございました" in by_card.text
    later = MONDAY + timedelta(days=7)
    actions.reopen(ended.id, by=staff("chief", "manager"), as_of=later, reason="新しい証明書")
    by_card.open(f"status/{ended.reference}/")
    assert "この手続はいかがでしたか" not in by_card.text, "it has not ended again"
    actions.withdraw(ended.id, by=KATO, as_of=later)
    by_card.open(f"status/{ended.reference}/")
    assert "この手続はいかがでしたか" in by_card.text
    by_card.send(to=where, score="4")
    assert [one.score for one in rating(ended)] == [1, 4]


def test_nothing_is_asked_before_the_end_and_of_nobody_else(apply, taro, ended, by_card):
    running = apply(UNSURE, applicant=taro.id)
    by_card.open(f"status/{running.reference}/")
    assert "いかがでしたか" not in by_card.text
    page = by_card.client.post(f"/{TOWN}/status/{running.reference}/rate/", {"score": "5"})
    assert page.status_code == 403
    stranger = Client().post(f"/{TOWN}/status/{ended.reference}/rate/", {"score": "5"})
    assert stranger.status_code == 302
    assert rating(running) == rating(ended) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "満足度が選ばれていません"),
        ({"score": "6"}, "満足度が選ばれていません"),
        ({"score": "5", "part": "no-such-step"}, "この手続にありません"),
        ({"score": "5", "comment": "あ" * 1001}, "1,000"),
    ],
)
def test_a_wrong_answer_says_how_to_mend_it_and_loses_nothing(ended, by_card, typed, words):
    page = by_card.client.post(f"/{TOWN}/status/{ended.reference}/rate/", {"comment": "残る", **typed})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert typed.get("comment", "残る") in page.content.decode()
    assert rating(ended) == []


def test_a_clerk_writes_down_what_was_said_by_telephone_and_must_say_how(ended, desk):
    clerk = desk("clerk")
    where = f"/{TOWN}/status/{ended.reference}/rate/"
    assert where in clerk.get(f"/{TOWN}/staff/case/{ended.id}/").content.decode()
    assert "どのように聞いたか" in clerk.post(where, {"score": "4"}).content.decode()
    clerk.post(where, {"score": "4", "how": "phone"})
    assert [(one.score, one.how) for one in rating(ended)] == [(4, "phone")]


def test_a_name_and_an_illness_in_a_comment_are_seen_by_the_clerk_of_the_case_and_masked_for_others(
    ended, by_card, desk
):
    by_card.send(to=f"/{TOWN}/status/{ended.reference}/rate/", score="1", comment=SECRET)
    browser, where = desk("clerk", login="tanabe"), f"/{TOWN}/staff/case/{ended.id}/"
    other = browser.get(where).content.decode()
    for secret in ("田中", "花子の", "糖尿病", "090-1234-5678"):
        assert secret not in other
    assert "［健康］のことを大きな声で聞かれた" in other
    actions.note(ended.id, "担当します", by=Staff.objects.get(login="tanabe").worker(), as_of=MONDAY)
    assert SECRET in browser.get(where).content.decode()
