"""The pages of the reception: the list, handing over, printing, the display, the hall on wheels."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM
from yakuba.access.models import AccessEvent
from yakuba.booking import actions as booking
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case
from yakuba.channels import actions as intake
from yakuba.channels.forms import Form
from yakuba.channels.models import Draft, OfflinePack
from yakuba.channels.reception import mobile, places, visits
from yakuba.words import Text

DESK = f"/{TOWN}/staff/reception/"


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def serving(desk, reception, *services):
    """A clerk at the second desk who has called somebody whom nobody knows, and the visit; these services were chosen."""
    clerk = desk("clerk", login="san")
    clerk.post(f"{DESK}desk/", {"desk": places.desks()[1].id})
    case = reception.came()
    clerk.post(f"{DESK}{case.id}/do/", {"what": "call"})
    clerk.post(f"{DESK}{case.id}/person/", {"person": ""})
    clerk.post(f"{DESK}{case.id}/choose/", {"service": list(services)})
    return clerk, case


def test_only_clerks_serve_and_an_auditor_sees_nothing_of_it(desk):
    assert desk("auditor").get(DESK).status_code == 403
    assert desk("manager").get(DESK).status_code == 200
    assert desk("reviewer").post(f"{DESK}ticket/", {"event": "moving-in"}).status_code == 403


def test_who_has_no_desk_is_told_to_choose_one_before_calling(desk, reception):
    case, clerk = reception.came(), desk("clerk")
    page = text(clerk.post(f"{DESK}{case.id}/do/", {"what": "call"}, follow=True))
    assert "先に、あなたの窓口を選んでください" in page
    assert visits.visit(case.id).waits


def test_a_colleague_sees_that_a_visit_is_at_another_desk_and_cannot_write_in_it(desk, reception):
    case, other = reception.called(), desk("clerk")
    assert "ほかの窓口で対応中" in text(other.get(f"{DESK}{case.id}/"))
    assert "ほかの窓口で対応中" in text(other.get(f"{DESK}{case.id}/choose/", follow=True))


def test_a_visit_with_requests_that_were_not_taken_in_is_not_finished_by_mistake(desk, reception):
    other, case = serving(desk, reception, "water-use", "")
    page = text(other.post(f"{DESK}{case.id}/do/", {"what": "finished"}, follow=True))
    assert "聞き取り中の手続が1件あります" in page
    assert visits.visit(case.id) is not None


def test_all_forms_of_a_visit_are_one_pdf(desk, reception):
    whole = reception.asked("water-use", "dog-registration")
    clerk = desk("clerk")
    made = clerk.get(f"{DESK}{whole.visit.id}/forms.pdf")
    assert made["Content-Type"] == "application/pdf"
    written = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)
    assert "水道の使用開始・中止の届出" in written
    assert "犬の登録" in written


def looks_at(person) -> int:
    return AccessEvent.objects.filter(action="register.read", resource_id=str(person)).count()


def test_who_prints_the_forms_of_a_visit_leaves_a_look_in_the_log(desk, reception, taro):
    whole = reception.asked("water-use", "dog-registration", person=taro.id)
    assert desk("clerk").get(f"{DESK}{whole.visit.id}/forms.pdf").status_code == 200
    assert looks_at(taro.id) == 1


def test_who_goes_on_with_a_visit_that_was_handed_over_leaves_a_look_in_the_log(desk, reception, taro, clerk):
    whole = reception.asked("water-use", person=taro.id)
    visits.hand_over(whole.visit.id, reception.desk(2), "", by=clerk, as_of=reception.after(5))
    other = desk("clerk", login="san")
    other.post(f"{DESK}desk/", {"desk": places.desks()[1].id})
    other.post(f"{DESK}{whole.visit.id}/do/", {"what": "call"})
    assert not visits.visit(whole.visit.id).waits
    assert looks_at(taro.id) == 1


def test_the_forms_of_a_visit_are_printed_without_a_service_that_the_town_offers_no_more(
    desk, reception, monkeypatch
):
    whole = reception.asked("water-use", "dog-registration")
    left = {name: one for name, one in catalogue.offered().items() if name != "dog-registration"}
    monkeypatch.setattr(catalogue, "offered", lambda: catalogue.Offered(left))
    made = desk("clerk").get(f"{DESK}{whole.visit.id}/forms.pdf")
    assert made.status_code == 200


def test_who_may_only_look_on_is_told_who_serves(desk, reception):
    case, manager = reception.called(), desk("manager")
    assert "窓口担当が行います" in text(manager.get(DESK))
    assert "窓口担当が行います" in text(manager.get(f"{DESK}{case.id}/"))


def test_a_wrong_answer_on_a_screen_that_is_asked_no_more_is_said_and_breaks_nothing(
    desk, reception, monkeypatch
):
    me, case = serving(desk, reception, "water-use", "dog-registration")
    draft = Draft.objects.get(service="dog-registration")
    Draft.objects.filter(visit=case.id).update(
        facts={"applicant": {"name": "森 さくら", "kana": "モリ サクラ"}}
    )

    def declared(form, one, screen):
        wrong = form.service.id == draft.service and one.name == "applicant.name"
        return Text.same("合いません") if wrong else None

    monkeypatch.setattr(Form, "_declared", declared)
    to = f"{DESK}{case.id}/ask/dog-registration/name/"
    assert "合いません" in me.get(to).content.decode()
    page = me.post(to, {"applicant.name": "森 桜"})
    assert page.status_code == 422
    assert "合いません" in page.content.decode()


def test_the_display_shows_numbers_and_desks_to_everybody_and_renews_itself(client, reception):
    reception.called()
    reception.came()
    shown = client.get(f"/{TOWN}/tickets/")
    assert "1番窓口" in text(shown)
    assert "1人が待っています" in text(shown)
    assert "引っ越し" not in text(shown)  # what somebody came for is nobody's business
    assert shown["Refresh"].startswith("15;")
    assert "Refresh" not in client.get(f"/{TOWN}/tickets/?still=1")


@pytest.fixture
def booked(in_town):
    """Somebody has booked a time at the van on Saturday."""
    now = clock.now()
    starts = now + timedelta(days=5)
    service = catalogue.service(mobile.SERVICE)
    booking.set_up(
        mobile.SERVICE, "dec", Text.same("12月"), [booking.NewPlace("oku-1", Text.same("奥の沢 集会所"), 2, starts=starts)],
        opens=now - timedelta(days=1), by=SYSTEM(TOWN),
    )  # fmt: skip
    said = {
        "applicant": {"name": "山田 太郎", "birth_date": "1950-01-01", "phone": "0889000000", "address": "奥の沢1番地"},
        "mobile": {"about": "犬の登録", "comes": False}, "wish": {"first": "oku-1"},
    }  # fmt: skip
    case = intake.intake(service, said, channel="phone", by=SYSTEM(TOWN), as_of=now, key="van")
    jobs.drain(TOWN, as_of=now)
    return clock.in_tokyo(starts).date(), case


def test_the_agenda_of_the_van_says_who_is_visited_where_and_what_for(booked, desk):
    day, case = booked
    assert Case.objects.get(id=case.id).decision == "granted"
    clerk = desk("clerk")
    assert "奥の沢 集会所" in text(clerk.get(f"{DESK}mobile/"))
    page = text(clerk.get(f"{DESK}mobile/{day.year}/{day.month}/{day.day}/"))
    for said in ("山田 太郎", "犬の登録", "お宅に伺う", "奥の沢1番地"):
        assert said in page
    assert clerk.get(f"{DESK}mobile/2020/1/1/").status_code == 404
    assert clerk.get(f"{DESK}mobile/2026/13/1/").status_code == 404


def test_the_pack_of_a_day_reads_no_case_but_those_of_its_agenda(booked, desk, monkeypatch):
    day, _ = booked
    monkeypatch.delattr(case_queries, "open_of")
    page = text(desk("clerk").post(f"{DESK}mobile/{day.year}/{day.month}/{day.day}/pack/"))
    assert "1件の予定が入ったパック" in page


def test_the_pack_of_a_day_holds_its_agenda_and_the_forms_that_need_no_line(booked, desk):
    day, _ = booked
    page = text(desk("clerk").post(f"{DESK}mobile/{day.year}/{day.month}/{day.day}/pack/"))
    assert "1件の予定が入ったパック" in page
    kept = OfflinePack.objects.get()
    assert {mobile.SERVICE, "dog-registration"} <= set(kept.services)
    assert "奥の沢" in kept.shelter
