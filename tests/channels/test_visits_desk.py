"""A technician's page without JavaScript, and as its script sees it: what is sent, kept, refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.access.people import make_staff, sign_in
from tests.channels.test_dispatch_desk import hall, said, text
from tests.field.hall import Hall
from tests.field.test_onsite import photo
from yakuba.cases import queries as case_queries
from yakuba.field import dispatching, visits

__all__ = ["hall"]
VISITS = "/394262/staff/visits/"
JSON = {"HTTP_ACCEPT": "application/json"}
FOUND = {
    "visit.finding": "設置した",
    "visit.signed_by": "担当 見本",
    "visit.satisfaction": "5",
    "checked": ["power", "tidy"],
}


@pytest.fixture
def kita(hall: Hall, client):
    """The browser of a technician who has a visit tomorrow; `hall.visit(kita.case)` is it."""
    staff = make_staff("technician", login="kita", name="北 一")
    sign_in(client, "kita")
    hall.technician("北 一", worker=staff.worker())
    client.case = hall.ask()
    hall.plan()
    return client


def send(client, hall: Hall, act: str, **more) -> dict:
    sent = {"task": hall.visit(client.case).job, "act": act} | more
    answer = client.post(f"{VISITS}act/", sent, **JSON)
    assert answer.status_code == 200
    return answer.json()


def test_a_technician_sees_their_own_visits_and_no_others(hall: Hall, kita) -> None:
    hall.technician("南 二")
    other = hall.ask(7)
    one = hall.visit(other)
    dispatching.move(one.task, "staff:南 二", 0, one.mark(), by=hall.dispatcher, as_of=hall.now, do=True)
    page = text(kita.get(VISITS))
    assert "拠点0" in page
    assert "拠点7" not in page
    assert "電源と通信がつながることを確かめた" in page


def test_the_forms_work_without_a_script(hall: Hall, kita) -> None:
    one = hall.visit(kita.case)
    page = text(kita.post(f"{VISITS}act/", {"task": one.job, "act": "arrive"}, follow=True))
    assert "開始を記録しました" in said(page)
    picture = SimpleUploadedFile("after.png", photo(), "image/png")
    sent = {"task": one.job, "act": "finish", "photo": picture} | FOUND
    page = text(kita.post(f"{VISITS}act/", sent, follow=True))
    assert "作業の終了を記録しました" in said(page)
    facts = hall.visit(kita.case).state.facts["visit"]
    assert (facts["checked"], facts["satisfaction"]) == ("power、tidy", 5)
    assert [paper.purpose for paper, _ in case_queries.documents_of(kita.case)] == ["photo"]


def test_what_a_script_sends_twice_happens_once(hall: Hall, kita) -> None:
    assert send(kita, hall, "finish", **FOUND)["kind"] == "ok"
    again = send(kita, hall, "finish", **FOUND)
    assert (again["kind"], "もう記録してあります" in again["text"]) == ("ok", True)


def test_what_comes_after_the_visit_was_given_to_somebody_else_is_kept(hall: Hall, kita) -> None:
    other = make_staff("technician", login="minami", name="南 二").worker()
    hall.technician("南 二", worker=other)
    one = hall.visit(kita.case)
    dispatching.move(one.task, other.id, 0, one.mark(), by=hall.dispatcher, as_of=hall.now, do=True)
    answer = send(kita, hall, "finish", **FOUND)
    assert answer["kind"] == "kept"
    assert "南 二" in answer["text"]
    assert "noted" in [one.event.kind for one in case_queries.history(kita.case)]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"visit.finding": ""}, "作業の結果を書いてください"),
        ({"visit.finding": "x", "visit.satisfaction": "9"}, "1から5まで"),
        ({"visit.finding": "x" * 2001}, "1000"),
        ({"act": "dance"}, "読み直して"),
        ({"task": "nothing"}, "もう一度選んで"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_recorded(hall: Hall, kita, more: dict, says: str) -> None:
    answer = send(kita, hall, **({"act": "finish"} | more))
    assert answer["kind"] == "wrong"
    assert says in answer["text"]
    assert hall.visit(kita.case).progress.status == "open"


def test_a_file_that_is_no_picture_is_refused(hall: Hall, kita) -> None:
    bad = SimpleUploadedFile("after.png", b"<script>", "image/png")
    assert send(kita, hall, "finish", photo=bad, **FOUND)["kind"] == "wrong"
    assert case_queries.documents_of(kita.case) == []


def test_nobody_at_home_needs_a_word_about_it(hall: Hall, kita) -> None:
    assert send(kita, hall, "absent", reason="")["kind"] == "wrong"
    assert send(kita, hall, "absent", reason="呼び鈴に答えない")["kind"] == "ok"
    assert (case_queries.waiting_step(kita.case) or ("", ""))[1] == "rebook"


def test_the_phones_time_counts_where_it_can_be_believed(hall: Hall, kita) -> None:
    said_at = (hall.now + timedelta(microseconds=1)).isoformat()
    send(kita, hall, "arrive", at=said_at)
    assert hall.visit(kita.case).progress.arrived_at == said_at
    for nonsense in ("yesterday", "2000-01-01T00:00:00Z", "2999-01-01T00:00:00"):
        assert send(kita, hall, "arrive", at=nonsense)["kind"] in ("ok", "wrong")


def test_the_label_of_a_device_may_be_scanned_in_place_of_its_serial_number(hall: Hall, kita) -> None:
    send(kita, hall, "finish", **FOUND | {"visit.installed": "YKB1/K-1/YKB-00001/S-1"})
    assert hall.visit(kita.case).state.facts["visit"]["installed"] == "S-1"


def test_the_worker_and_the_manifest_are_for_technicians(hall: Hall, kita, desk) -> None:
    answer = kita.get(f"{VISITS}worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert kita.get(f"{VISITS}manifest.webmanifest").json()["scope"] == VISITS
    for role in ("clerk", "dispatcher", "kitter"):
        browser = desk(role)
        assert browser.get(VISITS).status_code == 403
        assert browser.post(f"{VISITS}act/", {}).status_code == 403


def test_tomorrow_and_the_day_after_are_shown_and_later_days_are_not(hall: Hall, kita) -> None:
    from yakuba.cases import actions as cases

    send(kita, hall, "absent", reason="不在")
    task, _ = case_queries.waiting_step(kita.case) or (kita.case, "")
    later = {"visit": {"date": (hall.on + timedelta(days=5)).isoformat()}}
    cases.finish(task, by=hall.dispatcher, as_of=hall.now, facts=later)
    assert "訪問の予定はありません" in text(kita.get(VISITS))
    assert visits.of_day(hall.on + timedelta(days=5)) != []
