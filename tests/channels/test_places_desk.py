"""Places on the desk: what is offered, a file with its mistakes, the draw and what comes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.booking.conftest import ask, offer
from tests.channels.test_desk import DESK, text
from tests.channels.test_queue_desk import queries_of
from yakuba import clock
from yakuba.booking.models import Place, Round
from yakuba.booking.ranking import commitment

__all__ = ["ask", "offer"]
HEAD = "round,round_name_ja,round_name_easy,round_name_en,opens,closes,code,name_ja,name_easy,name_en,kind,starts,ends,capacity"
ROW = "autumn,秋,あき,Autumn,2026-10-05 09:00,2026-10-09 17:00,{code},講座,こうざ,Course,,2099-11-02 10:00,,{room}"
COURSES = "course-application"
ROUND = f"{DESK}places/{COURSES}/autumn/"


def upload(client, *rows: str, service: str = COURSES) -> str:
    file = SimpleUploadedFile("places.csv", "\n".join([HEAD, *rows]).encode())
    return text(client.post(f"{DESK}places/offer/", {"service": service, "places": file}, follow=True))


def test_places_of_a_file_are_offered_and_shown_with_what_is_free(desk, in_town):
    clerk = desk("clerk")
    page = upload(clerk, ROW.format(code="a", room=3), ROW.format(code="b", room=2))
    assert "1つの募集に2の枠を取り込みました" in page
    assert 'data-label="定員">5</td>' in page
    assert 'data-label="空き">5</td>' in page
    shown = text(clerk.get(ROUND))
    assert commitment(bytes(Round.objects.get().seed)) in shown
    assert bytes(Round.objects.get().seed).hex() not in shown


def test_each_wrong_row_of_a_file_is_named_and_nothing_is_taken_in(desk, in_town):
    page = upload(desk("clerk"), ROW.format(code="a", room=3), ROW.format(code="b", room=0))
    assert "枠のファイルに誤りがあります" in page
    assert "<li>3: capacity" in page
    assert not Place.objects.exists()


def test_a_file_without_a_file_or_for_a_service_without_places_is_said_to_be_so(desk, in_town):
    clerk = desk("clerk")
    answer = clerk.post(f"{DESK}places/offer/", {"service": COURSES}, follow=True)
    assert "枠のファイルを選んでください" in text(answer)
    assert "手続を選んでください" in upload(clerk, ROW.format(code="a", room=3), service="child-allowance")


def test_a_round_is_drawn_once_by_a_manager_and_shows_its_seed(desk, offer, ask):
    offer(COURSES, {"a": 1})
    asked = [ask(COURSES, "a") for _ in range(3)]
    manager = desk("manager")
    page = text(manager.post(f"{ROUND}draw/", follow=True))
    drawn = Round.objects.get()
    assert "申込3件のうち1件に枠が決まり、2件が待ちます" in page
    assert bytes(drawn.seed).hex() in page
    assert all(case.reference in page for case in asked)
    assert "見本 0" not in page
    page = text(manager.post(f"{ROUND}draw/", follow=True))
    assert "抽選済みです。結果は変わりません" in page
    assert Round.objects.get().result == drawn.result


def test_a_round_that_people_may_still_ask_for_is_not_drawn(desk, offer, ask):
    offer(COURSES, {"a": 1}, closes=clock.now() + timedelta(days=1))
    page = text(desk("manager").post(f"{ROUND}draw/", follow=True))
    assert "まだ申込を受け付けています" in page
    assert Round.objects.get().drawn_at is None


def test_who_asked_first_stands_first_where_nothing_is_drawn(desk, offer, ask):
    later = clock.now() + timedelta(days=30)
    offer("facility-reservation", {"hall": 1}, code="hall", starts=later, closes=None)
    first, second = ask("facility-reservation", "hall"), ask("facility-reservation", "hall")
    page = text(desk("clerk").get(f"{DESK}places/facility-reservation/hall/"))
    assert page.index(first.reference) < page.index(second.reference)
    assert "空きを待っている" in page
    assert "SHA-256" not in page


@pytest.mark.parametrize(
    ("role", "sees", "draws"), [("clerk", 200, 403), ("manager", 200, 200), ("auditor", 403, 403)]
)
def test_who_may_see_and_who_may_draw(role, sees, draws, desk, offer):
    offer(COURSES, {"a": 1})
    client = desk(role)
    assert client.get(f"{DESK}places/").status_code == sees
    assert client.get(ROUND).status_code == sees
    assert client.post(f"{ROUND}draw/", follow=True).status_code == draws


def test_a_round_that_is_not_there_is_not_found(desk, in_town):
    assert desk("manager").get(f"{DESK}places/{COURSES}/none/").status_code == 404


def test_the_pages_make_as_many_queries_for_many_who_ask_as_for_one(desk, offer, ask):
    offer(COURSES, {"a": 2})
    clerk = desk("clerk")
    ask(COURSES, "a")
    before = [[queries_of(clerk, path) for path in (f"{DESK}places/", ROUND)] for _ in range(2)][1]
    offer(COURSES, {"b": 2, "c": 2}, code="spring")
    for _ in range(4):
        ask(COURSES, "a")
    assert [queries_of(clerk, path) for path in (f"{DESK}places/", ROUND)] == before
    assert max(before) <= 15
