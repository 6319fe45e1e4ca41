"""What technicians say from the field: once or twice, in time or days later."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from tests.field.hall import EVENING, Hall, at
from yakuba import access
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases.documents import Refused
from yakuba.field import actions, dispatching, onsite, queries, visits
from yakuba.field.errors import NotTheHolder, NotYourVisit


def photo() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(kept, "PNG")
    return kept.getvalue()


PHOTO = cases.Paper("photo", "after.png", photo())
SIGNATURE = cases.Paper("signature", "signature.png", photo())
FOUND = {"visit": {"finding": "設置した", "signed_by": "担当 見本", "satisfaction": 5}}


@pytest.fixture
def one(hall: Hall) -> visits.Visit:
    """A visit that kita has."""
    hall.technician("kita")
    case = hall.ask()
    hall.plan()
    return hall.visit(case)


@pytest.fixture
def kita(hall: Hall):
    return hall.person("technician", "kita")


def papers(case) -> list[str]:
    return [attached.purpose for attached, _ in case_queries.documents_of(case)]


def test_a_visit_begins_and_ends_with_photos_and_a_signature(hall: Hall, one, kita) -> None:
    assert onsite.arrive(one.task, by=kita, as_of=at(9, 5))
    assert onsite.finish(one.task, FOUND, [PHOTO, SIGNATURE], by=kita, as_of=at(10))
    done = hall.visit(one.case)
    assert (done.progress.status, done.progress.arrived_at) == ("done", at(9, 5).isoformat())
    assert papers(one.case) == ["photo", "signature"]
    assert case_queries.one(one.case).state == "closed"  # signed on site: accepted


def test_sent_twice_everything_is_there_once(hall: Hall, one, kita) -> None:
    onsite.arrive(one.task, by=kita, as_of=at(9, 5))
    assert not onsite.arrive(one.task, by=kita, as_of=at(9, 6))
    onsite.finish(one.task, FOUND, [PHOTO], by=kita, as_of=at(10))
    before = len(case_queries.history(one.case))
    assert not onsite.finish(one.task, FOUND, [PHOTO], by=kita, as_of=at(11))
    assert len(case_queries.history(one.case)) == before
    assert papers(one.case) == ["photo"]


def test_what_a_phone_sends_after_the_visit_was_given_to_somebody_else_is_kept_and_does_not_count(
    hall: Hall, one, kita
) -> None:
    hall.technician("minami")
    dispatching.move(one.task, "staff:minami", 0, one.mark(), by=hall.dispatcher, as_of=EVENING, do=True)
    for _ in range(2):
        with pytest.raises(NotYourVisit):
            onsite.finish(one.task, FOUND, [PHOTO], by=kita, as_of=at(10))
    assert hall.visit(one.case).progress.status == "open"
    assert papers(one.case) == ["photo"]
    (note,) = [h.event for h in case_queries.history(one.case) if h.event.kind == "noted"]
    assert "設置した" in note.text
    assert onsite.finish(one.task, FOUND, [], by=hall.person("technician", "minami"), as_of=at(11))


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_half_done(hall: Hall, one, kita) -> None:
    bad = cases.Paper("photo", "after.png", b"<svg onload=alert(1)>")
    with pytest.raises(Refused):
        onsite.finish(one.task, FOUND, [PHOTO, bad], by=kita, as_of=at(10))
    assert hall.visit(one.case).progress.status == "open"
    assert papers(one.case) == []


def test_without_a_signature_somebody_has_to_accept_the_work(hall: Hall, one, kita) -> None:
    onsite.finish(one.task, {"visit": {"finding": "設置した"}}, [], by=kita, as_of=at(10))
    assert (case_queries.waiting_step(one.case) or ("", ""))[1] == "accept"


def test_nobody_at_home_leads_to_another_day_and_another_visit(hall: Hall, one, kita) -> None:
    onsite.nobody_there(one.task, "呼び鈴に答えない", by=kita, as_of=at(9, 10))
    task, step = case_queries.waiting_step(one.case) or (one.case, "")
    assert step == "rebook"
    facts = {"visit": {"date": "2026-12-01", "earliest": "10:00", "latest": "11:00"}}
    cases.finish(task, by=hall.dispatcher, as_of=at(9, 30), facts=facts)
    again = hall.visit(one.case)
    assert (again.progress.attempt, again.who, again.fact("visit", "date")) == (2, [], "2026-12-01")


def test_each_of_two_who_come_may_end_the_visit(hall: Hall) -> None:
    people = [hall.technician("kita"), hall.technician("minami")]
    case = hall.ask(people=2)
    hall.plan()
    one = hall.visit(case)
    (second,) = [who for who in people if who.id != one.who[0]]
    assert onsite.finish(one.task, FOUND, [], by=second, as_of=at(10))


def test_a_device_that_is_somebody_elses_is_not_installed_and_the_visit_goes_on(
    hall: Hall, centre, one, kita
) -> None:
    centre.now = EVENING - timedelta(days=1)
    hall.installed("S-9", centre)
    case = hall.ask(5, customer="C-2")
    hall.plan()
    theirs = hall.visit(case)
    found = {"visit": FOUND["visit"] | {"installed": "S-9"}}
    with pytest.raises(NotTheHolder, match="C-1"):
        onsite.finish(theirs.task, found, [PHOTO], by=kita, as_of=at(10))
    assert hall.visit(case).progress.status == "open"
    device = queries.device("S-9")
    assert device is not None
    assert device.holder == "customer:C-1"


def test_a_kitted_device_that_is_installed_is_the_customers_from_then_on(
    hall: Hall, centre, one, kita
) -> None:
    centre.now = EVENING - timedelta(days=1)
    centre.order("K-8")
    centre.up_to("S-8", "ship", "K-8")
    centre.scan("S-8", "ship", tracking="T-8")
    found = {"visit": FOUND["visit"] | {"installed": "S-8", "removed": "OLD-1"}}
    onsite.finish(one.task, found, [], by=kita, as_of=at(10))
    assert [held.holder for held in queries.custody("S-8")] == [
        "depot:chiba-3",
        "carrier:T-8",
        "customer:C-1",
    ]
    assert [held.holder for held in queries.custody("OLD-1")] == [kita.id]
    actions.rebuild()
    assert [held.holder for held in queries.custody("S-8")][-1] == "customer:C-1"


def test_only_whoever_has_the_visit_says_that_it_began(hall: Hall, one) -> None:
    hall.technician("minami")
    with pytest.raises(NotYourVisit):
        onsite.arrive(one.task, by=hall.person("technician", "minami"), as_of=at(9))
    with pytest.raises(NotYourVisit):
        onsite.nobody_there(one.task, "…", by=hall.person("technician", "minami"), as_of=at(9))


def test_a_clerk_cannot_end_a_technicians_visit(hall: Hall, one) -> None:
    with pytest.raises((access.Denied, cases.NotYours)):
        cases.finish(one.task, by=hall.person("clerk", "kita"), as_of=at(9))


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        (at(9), at(9)),
        (None, at(12)),
        (at(13), at(12)),
        (EVENING - timedelta(days=30), at(12)),
    ],
)
def test_a_phones_clock_is_believed_between_the_request_and_now(said, counts) -> None:
    assert onsite.happened_at(said, at(12), EVENING) == counts
