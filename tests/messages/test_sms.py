"""People are told by text where they want it: through a real gateway that fails in every way, and once."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.cases.conftest import GOOD, MONDAY, apply, small
from yakuba.access import SYSTEM
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Event
from yakuba.messages import actions, queries, sms
from yakuba.messages.errors import TryAgain, Undeliverable
from yakuba.messages.models import Message
from yakuba.simulators import sms as practice

__all__ = ["apply", "small"]
FIVE_MINUTES = timedelta(minutes=5)


def wants_texts(phone: str = "090-1234-5678", **more: str) -> dict:
    return {**GOOD, "applicant": {**GOOD["applicant"], "contact": "sms", "phone": phone, **more}}


@pytest.fixture
def gateway(settings, monkeypatch):
    """A practice gateway that answers on a port of this machine."""
    behind = practice.Gateway(token="secret", time_out_seconds=0.3)
    server = practice.serve(behind)
    settings.YAKUBA_SMS_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.YAKUBA_SMS_TOKEN = "secret"
    yield behind
    server.shutdown()
    server.server_close()


@pytest.fixture
def told(apply, gateway):
    """`told("090-…")`: the text about the decision on a request with this number, handed over once."""

    def tell(phone: str = "090-1234-5678") -> Message:
        case = apply(wants_texts(phone))
        message = next(one for one in queries.of_case(case.id) if one.template == "granted")
        actions.send_now(message.id, as_of=MONDAY)
        message.refresh_from_db()
        return message

    return tell


def hear(message: Message, at=MONDAY) -> Message:
    actions.hear_of(message.id, as_of=at)
    message.refresh_from_db()
    return message


def carriers(message: Message) -> list[tuple[str, str]]:
    return [(one.carrier, one.state) for one in queries.of_case(message.case) if one.template == "granted"]


def step(message: Message) -> tuple[str, str | None]:
    task = case_queries.task(message.task)
    done = Event.objects.filter(case=message.case, kind="step_done", body__step="tell").first()
    return task.status, done and done.body["outcome"]


# ---------------------------------------------------------------- who gets one, and what it says


def test_a_text_says_who_writes_what_happened_under_which_number_and_where_more_stands(told, gateway):
    message = told()
    (sent,) = gateway.texts.values()
    reference = case_queries.one(message.case).reference
    assert sent.to == "+819012345678"
    assert sent.text == message.short
    assert sent.text.startswith("【山あい町】")
    assert f"受付番号 {reference} http://" in sent.text
    assert sent.text.endswith(f"/394262/status/?reference={reference}")


def test_no_fact_of_the_case_stands_in_a_text_nor_how_it_was_decided(told):
    message = told()
    said = [value for group in case_queries.state(case_queries.one(message.case)).facts.values()
            if isinstance(group, dict) for value in group.values() if len(str(value)) > 4]  # fmt: skip
    assert said
    assert [value for value in said if str(value) in message.short] == []
    assert "7,000円" in message.body
    assert "7,000円" not in message.short


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
@pytest.mark.parametrize("letter", ["received", "granted", "refused", "returned", "not-reached"])
def test_a_text_never_has_more_than_two_segments_whatever_a_service_is_called(language, letter):
    page = "https://www.town.example.lg.jp/394262/status/?reference=1234-5678-9012"
    for service in ("転入", "特別児童扶養手当" * 20):
        said = sms.text("山あい町", service, letter, "1234-5678-9012", page, language)
        assert sms.segments(said) <= sms.OURS
        assert "1234-5678-9012" in said


@pytest.mark.parametrize(
    "applicant",
    [{"contact": "letter"}, {"contact": "sms", "phone": "0880-22-1234"}, {"phone": "090-1234-5678"}],
    ids=["wants letters", "has no mobile telephone", "did not say"],
)
def test_nobody_else_gets_a_text(applicant, apply, gateway):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], **applicant}})
    assert {message.carrier for message in queries.of_case(case.id)} == {"letter"}


def test_without_a_gateway_nobody_is_offered_a_text_or_sent_one(apply, settings):
    assert not settings.YAKUBA_SMS_URL
    assert "sms" not in queries.carriers()
    case = apply(wants_texts(email="taro@example.jp"))
    assert {message.carrier for message in queries.of_case(case.id)} == {"mail"}


def test_who_wants_texts_is_told_at_once_that_the_request_came_in(apply, gateway):
    case = apply(wants_texts())
    assert [one.carrier for one in queries.of_case(case.id) if one.template == "received"] == ["sms"]


# ---------------------------------------------------------------- how it ends


def test_the_step_is_done_when_the_text_was_delivered_and_not_before(told):
    message = told()
    assert (message.state, step(message)) == ("accepted", ("open", None))
    hear(message)
    assert (message.state, step(message)) == ("sent", ("done", "sms"))
    assert message.delivered_at is not None
    assert carriers(message) == [("sms", "sent")]


def test_a_number_that_is_refused_is_a_letter_at_once(told):
    message = told("090-0000-0001")
    assert carriers(message) == [("sms", "failed"), ("letter", "made")]
    assert step(message) == ("done", "letter")
    assert message in queries.failed()


def test_a_text_that_could_not_be_delivered_becomes_a_letter_with_all_that_the_text_left_out(told):
    message = hear(told("090-0000-0007"))
    assert carriers(message) == [("sms", "failed"), ("letter", "made")]
    assert "switched off" in message.error
    assert {one.body for one in queries.of_case(message.case) if one.template == "granted"} == {message.body}


def test_a_text_of_which_nothing_is_heard_becomes_a_letter_once_it_can_no_longer_arrive(told):
    message = told("090-0000-0002")
    at = MONDAY
    while at <= MONDAY + sms.VALID:
        assert hear(message, at).state == "accepted"
        at += timedelta(hours=4)
    hear(message, at)
    assert carriers(message) == [("sms", "failed"), ("letter", "made")]


def test_a_text_that_arrives_late_is_no_letter(told, gateway):
    message = told("090-0000-0003")
    assert hear(message).next_try_at == MONDAY + FIVE_MINUTES
    gateway.late_seconds = 0
    assert hear(message, MONDAY + timedelta(minutes=1)).state == "accepted"  # not asked before it is due
    hear(message, MONDAY + FIVE_MINUTES)
    assert carriers(message) == [("sms", "sent")]


def test_of_two_reports_the_first_one_counts(told):
    message = hear(told("090-0000-0004"))
    hear(message, MONDAY + timedelta(days=2))
    assert carriers(message) == [("sms", "sent")]


def test_a_gateway_that_took_it_and_did_not_answer_in_time_is_asked_again_and_sends_it_once(
    told, gateway, monkeypatch
):
    monkeypatch.setattr(sms, "PATIENCE", 0.1)
    message = told("090-0000-0005")
    assert (message.state, message.tries) == ("queued", 1)
    actions.send_now(message.id, as_of=MONDAY + FIVE_MINUTES)
    (sent,) = gateway.texts.values()
    assert sent.times == 2
    assert hear(message, MONDAY + FIVE_MINUTES).state == "sent"


def test_a_worker_killed_after_the_gateway_took_it_sends_nothing_twice(apply, gateway):
    case = apply(wants_texts())
    message = next(one for one in queries.of_case(case.id) if one.template == "granted")
    # what the killed one did outside of the database, before its transaction was lost
    actions._gateway().send(message.short, message.to_phone, key=str(message.id), until=MONDAY + sms.VALID)
    actions.send_now(message.id, as_of=MONDAY)
    assert [one.times for one in gateway.texts.values()] == [2]


@pytest.mark.parametrize("phone", ["090-0000-0006", "090-0000-0008"], ids=["busy", "garbled"])
def test_a_gateway_that_cannot_take_it_is_tried_every_300_seconds_and_then_it_is_a_letter(phone, told):
    message = told(phone)
    assert message.next_try_at == MONDAY + FIVE_MINUTES
    again, tries = MONDAY + FIVE_MINUTES, 1
    while again:
        again, tries = actions.send_now(message.id, as_of=again), tries + 1
    assert tries == actions.MAX_TRIES
    assert carriers(message) == [("sms", "failed"), ("letter", "made")]


def test_a_busy_gateway_that_has_room_again_takes_it(told, gateway):
    message = told("090-0000-0006")
    gateway.busy = False
    actions.send_now(message.id, as_of=MONDAY + FIVE_MINUTES)
    assert hear(message, MONDAY + FIVE_MINUTES).state == "sent"


def test_a_gateway_that_is_taken_away_loses_nothing(told, settings):
    message = told()
    settings.YAKUBA_SMS_URL = ""
    assert hear(message).state == "accepted"
    hear(message, MONDAY + sms.VALID + FIVE_MINUTES)
    assert carriers(message) == [("sms", "failed"), ("letter", "made")]


def test_a_case_that_went_another_way_is_not_told_by_letter_what_is_no_longer_so(told, in_town):
    message = told("090-0000-0007")
    cases.withdraw(message.case, by=SYSTEM(in_town), as_of=MONDAY)
    hear(message)
    assert carriers(message) == [("sms", "dropped")]


def test_a_text_that_failed_can_be_sent_as_a_mail(told, in_town):
    message = told("090-0000-0001")
    again = actions.resend(message.id, "taro@example.jp", by=SYSTEM(in_town), as_of=MONDAY)
    assert (again.carrier, again.body) == ("mail", message.body)


# ---------------------------------------------------------------- the gateway


def test_a_wrong_token_is_our_fault_and_loses_no_text(gateway, settings):
    settings.YAKUBA_SMS_TOKEN = "another"
    with pytest.raises(TryAgain, match="401"):
        sms.gateway().send("…", "+819012345678", key="k", until=MONDAY)


def test_a_text_longer_than_carriers_take_is_not_handed_over(gateway):
    with pytest.raises(Undeliverable):
        sms.gateway().send("あ" * 661, "+819012345678", key="k", until=MONDAY)
    assert gateway.texts == {}


def test_a_gateway_that_is_not_there_is_tried_again(settings):
    settings.YAKUBA_SMS_URL = "http://127.0.0.1:1"
    with pytest.raises(TryAgain, match=httpx.ConnectError.__name__):
        sms.gateway().send("…", "+819012345678", key="k", until=MONDAY)
    with pytest.raises(TryAgain):
        sms.gateway().report("sms-000001")
