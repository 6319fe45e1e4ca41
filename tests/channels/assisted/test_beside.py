"""Two screens on one request: a helper sees the form without what is guarded, the resident sees all, confirms and alone sends."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from tests.channels.browser import Visitor
from tests.channels.conftest import sign_in
from tests.conftest import TOWN
from yakuba import clock
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Event
from yakuba.channels.assisted import consent
from yakuba.channels.models import Draft, Help

SERVICE = "high-care-cost"
CODE = re.compile(r'class="reference">(\d{4}-\d{4})<')


@pytest.fixture
def resident(taro) -> Visitor:
    """山田 太郎, signed in, with a request whose account the register filled in."""
    one = Visitor(sign_in(Client(), taro))
    one.start(SERVICE)
    return one


@pytest.fixture
def helper() -> Visitor:
    """A browser of somebody who is not signed in."""
    return Visitor(Client())


def draft_of(resident: Visitor) -> Draft:
    return Draft.objects.get()


def invite(resident: Visitor, **said: str) -> str:
    """The resident asks somebody to help; the code that they are told."""
    said = {"kind": "family", "name": "佐藤 葵", **said}
    resident.send(to=f"/{TOWN}/together/{draft_of(resident).id}/invite/", **said)
    found = CODE.search(resident.text)
    return found[1] if found else ""


def come(helper: Visitor, code: str) -> Visitor:
    helper.send(to=f"/{TOWN}/helper/", code=code)
    return helper


def screen(helper: Visitor, key: str) -> str:
    return f"/{TOWN}/helper/{Help.objects.get().id}/{key}/"


def test_a_helper_with_the_code_sees_the_form_and_neither_account_nor_health(resident, helper, taro):
    come(helper, invite(resident))
    assert "山田 太郎" in helper.text
    assert "ヤマダ タロウ" in helper.text, "the reading of the name is no secret"
    assert "7654321" not in helper.text
    page = helper.open(screen(helper, "account")).content.decode()
    assert "7654321" not in page
    assert 'name="account.number"' not in page


def test_what_the_resident_shows_is_seen_and_written_until_it_is_hidden_again(resident, helper, taro):
    come(helper, invite(resident))
    to = f"/{TOWN}/together/{draft_of(resident).id}/show/"
    resident.send(to=to, show="account.number")
    assert 'value="7654321"' in helper.open(screen(helper, "account")).content.decode()
    resident.send(to=to, hide="account.number")
    assert "7654321" not in helper.open(screen(helper, "account")).content.decode()


def test_what_the_resident_alone_may_answer_is_named_on_the_screen_and_holds_the_helper_up_nowhere(
    resident, helper, taro
):
    come(helper, invite(resident))
    page = helper.open(screen(helper, "month")).content.decode()
    assert "ご本人が自分の画面で答えます" in page
    assert "ご本人だけが書きます" in page
    helper.send(to=screen(helper, "month"), **{"high_care.all_paid": "yes"})
    assert helper.page.status_code == 200
    assert helper.key != "month", "the month is missing still, and is the resident's to say"
    assert draft_of(resident).facts["high_care"]["all_paid"] is True


def test_what_is_hidden_cannot_be_written_by_a_form_that_says_so_all_the_same(resident, helper, taro):
    come(helper, invite(resident))
    helper.send(to=screen(helper, "account"), **{"account.number": "1111111"})
    assert draft_of(resident).facts["account"]["number"] == "7654321"


def test_what_the_helper_wrote_is_marked_and_nothing_is_sent_before_the_resident_has_looked(
    resident, helper, taro
):
    filled(resident)
    come(helper, invite(resident))
    helper.send(to=screen(helper, "contact"), **{"applicant.phone": "0887-00-0000"})
    draft = draft_of(resident)
    assert draft.facts["applicant"]["phone"] == "0887000000"
    assert "佐藤 葵さんが書きました" in resident.open(f"together/{draft.id}/").content.decode()
    resident.send(to=f"/{TOWN}/draft/{draft.id}/send/")
    assert not Case.objects.filter(service=SERVICE).exists()
    assert f"/together/{draft.id}/" in resident.at
    resident.send(to=f"/{TOWN}/together/{draft.id}/confirm/")
    resident.send(to=f"/{TOWN}/draft/{draft.id}/send/")
    (case,) = Case.objects.filter(service=SERVICE)
    opened = Event.objects.get(case=case, kind="opened")
    assert opened.body["helper_kind"] == "family"
    assert opened.private["helper"] == "佐藤 葵"
    assert "佐藤" not in str(opened.body), "a name stands in the part that retention removes"


def test_an_answer_that_the_helper_changes_after_the_look_is_looked_over_again(resident, helper, taro):
    filled(resident)
    come(helper, invite(resident))
    draft = draft_of(resident)
    for phone in ("0887-00-0000", "0887-00-0001"):
        helper.send(to=screen(helper, "contact"), **{"applicant.phone": phone})
        assert Help.objects.get().waits
        resident.send(to=f"/{TOWN}/together/{draft.id}/confirm/")
        assert not Help.objects.get().waits


def test_a_helper_cannot_send(resident, helper, taro):
    filled(resident)
    come(helper, invite(resident))
    helper.send(to=f"/{TOWN}/helper/{Help.objects.get().id}/send/")
    helper.send(to=f"/{TOWN}/draft/{draft_of(resident).id}/send/")
    assert not Case.objects.filter(service=SERVICE).exists()


def test_a_consent_that_ends_during_the_session_stops_the_helper_at_once_and_the_draft_is_kept(
    resident, helper, taro
):
    come(helper, invite(resident))
    helper.send(to=screen(helper, "contact"), **{"applicant.phone": "0887-00-0000"})
    resident.send(to=f"/{TOWN}/together/{draft_of(resident).id}/end/")
    page = helper.send(to=screen(helper, "contact"), **{"applicant.phone": "0887-99-9999"})
    assert page.status_code == 403
    assert "ご本人が、手伝ってもらうのをやめました" in page.content.decode()
    assert "いま送った画面の内容は受け取っていません" in page.content.decode()
    assert draft_of(resident).facts["applicant"]["phone"] == "0887000000"
    assert consent.one(Help.objects.get().consent).ended == "resident"


def test_a_consent_holds_for_the_day_on_which_it_was_given(resident, helper, taro):
    come(helper, invite(resident))
    given = consent.one(Help.objects.get().consent)
    now = clock.now()
    assert given.standing(now) == ""
    assert given.standing(now + timedelta(days=1)) == "over"
    assert given.standing(now - timedelta(days=1)) == "not_yet"


def test_a_helper_who_has_finished_ends_the_consent_and_opens_the_request_no_more(resident, helper, taro):
    code = invite(resident)
    come(helper, code)
    to = f"/{TOWN}/helper/{Help.objects.get().id}/"
    helper.send(to=f"{to}leave/")
    assert consent.one(Help.objects.get().consent).ended == "helper"
    assert helper.open(to).request["PATH_INFO"] == f"/{TOWN}/helper/"
    assert "この番号では開けません" in come(helper, code).text


@pytest.mark.parametrize("code", ["", "0000-0000", "12345678901234567890", "あいう"])
def test_a_wrong_code_opens_nothing_and_says_how_to_go_on(resident, helper, taro, code):
    invite(resident)
    page = helper.send(to=f"/{TOWN}/helper/", code=code)
    assert page.status_code == 422
    assert "ご本人に新しい番号を出してもらってください" in page.content.decode()


def test_a_code_works_once_and_not_after_half_an_hour(resident, helper, taro, monkeypatch):
    code = invite(resident)
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "この番号では開けません" in come(helper, code).text
    monkeypatch.undo()
    come(helper, code)
    assert "この番号では開けません" in come(Visitor(Client()), code).text


def test_another_browser_that_knows_the_address_of_the_help_sees_nothing(resident, helper, taro):
    come(helper, invite(resident))
    page = Visitor(Client()).open(f"helper/{Help.objects.get().id}/")
    assert page.request["PATH_INFO"] == f"/{TOWN}/helper/"


def test_a_number_that_is_on_no_roster_is_refused_and_nothing_is_begun(resident, taro):
    assert invite(resident, kind="supporter", number="1234-5678-9012") == ""
    assert "この番号の支援員は名簿にいません" in resident.text
    assert not Help.objects.exists()
    assert not cases.open_of(consent.SERVICE)


def test_the_request_that_was_sent_ends_the_consent_for_it(resident, helper, taro):
    filled(resident)
    come(helper, invite(resident))
    resident.send(to=f"/{TOWN}/draft/{draft_of(resident).id}/send/")
    page = helper.open(f"helper/{Help.objects.get().id}/")
    assert "もう送られました" in page.content.decode()
    consent.tidy(as_of=clock.now())
    assert consent.one(Help.objects.get().consent).ended == "sent"


def test_a_town_without_the_consent_says_so_and_is_no_error_page(resident, taro, monkeypatch):
    left = {name: one for name, one in catalogue.current().services.items() if name != consent.SERVICE}
    small = replace(catalogue.current(), services=left)
    monkeypatch.setattr(catalogue, "current", lambda: small)
    assert invite(resident) == ""
    assert "この町では、手伝う人への同意をまだ受け付けていません" in resident.text


def filled(resident: Visitor) -> None:
    """Everything is answered but what the test changes."""
    draft = draft_of(resident)
    facts = draft.facts
    facts["applicant"] |= {
        "phone": "0887-11-1111",
        "kana": "ヤマダ タロウ",
        "postal_code": "9990001",
        "address": "1番地",
    }
    facts["person"] = {
        "relation": "self",
        "name": "山田 太郎",
        "kana": "ヤマダ タロウ",
        "birth_date": "1950-01-01",
    }
    facts["high_care"] = {"month": "2026-09-01", "all_paid": True, "others": False, "account_own": True}
    facts["consent"] = {"register": True}
    draft.facts = facts
    draft.save()
