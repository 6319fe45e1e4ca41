"""People are told: by mail through a real server, by letter always."""

from __future__ import annotations

import io
import socket
from datetime import timedelta

import pypdf
import pytest
from django.db import OperationalError
from procrastinate.jobs import Job

from tests.cases.conftest import GOOD, KATO, MONDAY, SATO, UNSURE, apply, open_task, small
from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.cases import actions as cases
from yakuba.cases import jobs as case_jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case, Document
from yakuba.messages import actions, queries
from yakuba.messages.compose import placeholders
from yakuba.messages.jobs import send_message
from yakuba.messages.models import Message
from yakuba.simulators import mail as practice

__all__ = ["apply", "small"]
pytestmark = pytest.mark.django_db


def with_mail(address: str) -> dict:
    return {**GOOD, "applicant": {**GOOD["applicant"], "email": address}}


@pytest.fixture
def server(tmp_path, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = practice.serve(tmp_path, port)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield running.handler
    running.stop()


def read(document) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(bytes(document.content))).pages)


def pay(case: Case, town: str) -> Case:
    """The pay step, done as money would do it."""
    case_jobs.drain(town, as_of=MONDAY)
    return Case.objects.get(id=case.id)


def test_who_gave_no_mail_address_gets_a_letter_with_the_decision(apply, in_town):
    case = apply()
    (message,) = queries.of_case(case.id)
    assert (message.carrier, message.state, message.template) == ("letter", "made", "granted")
    letter = read(Document.objects.get(id=message.document)).replace(" ", "")
    assert "支給します" in letter
    assert "7,000円" in letter
    assert "山田" in letter


def test_the_address_in_the_window_has_a_postal_code_as_the_post_writes_it(apply):
    moved = {**GOOD, "applicant": {**GOOD["applicant"], "postal_code": "7899906", "address": "山あい町1番地"}}
    (message,) = queries.of_case(apply(moved).id)
    assert "〒789-9906" in read(Document.objects.get(id=message.document)).replace(" ", "")


def test_a_refusal_says_why_and_what_can_be_done(apply):
    young = {**GOOD, "applicant": {**GOOD["applicant"], "birth_date": "1990-01-01"}}
    (message,) = queries.of_case(apply(young).id)
    assert "「65歳以上であること」に当てはまりません（暖房費助成要綱 第2条）。" in message.body
    assert "65歳になったら申請してください。" in message.body


def test_a_refusal_by_people_gives_the_reason_that_they_wrote(apply):
    case = apply(UNSURE)
    task = open_task(case, "review")
    for clerk in (KATO, SATO):
        cases.take(task, by=clerk, as_of=MONDAY)
        cases.decide(task, by=clerk, as_of=MONDAY, outcome="refused", reason="世帯に課税の方がいます。")
    case_jobs.drain(KATO.town, as_of=MONDAY)
    (message,) = queries.of_case(case.id)
    assert "・世帯に課税の方がいます。" in message.body


def test_the_letter_speaks_the_language_of_the_applicant(apply):
    (message,) = queries.of_case(apply(language="en").id)
    assert message.subject == "Granted"


def test_the_letter_is_one_of_the_papers_of_the_case(apply):
    papers = case_queries.documents_of(apply().id)
    assert [attached.purpose for attached, _ in papers] == ["letter:granted"]


def test_mail_goes_out_at_once_and_ends_the_step(apply, server, in_town):
    case = apply(with_mail("taro@example.jp"))
    for message in queries.of_case(case.id):
        actions.send_now(message.id, as_of=MONDAY)
    assert {m["To"] for m in server.messages()} == {"taro@example.jp"}
    assert {m.state for m in queries.of_case(case.id)} == {"sent"}
    assert case.tasks.get(step="tell").status == "done"


def test_a_busy_server_is_tried_again_every_300_seconds(apply, server):
    case = apply(with_mail("busy@example.jp"))
    message = queries.of_case(case.id)[0]
    assert actions.send_now(message.id, as_of=MONDAY) == MONDAY + timedelta(seconds=300)
    message.refresh_from_db()
    assert (message.state, message.tries) == ("queued", 1)
    assert "451" in message.error


@pytest.mark.parametrize(
    "address",
    ["taro@example.jp\nBcc: jiro@example.jp", "太郎@example.jp", '"taro@example.jp', "taro(y@example.jp"],
)
def test_an_address_that_no_mail_can_carry_is_a_letter_at_once(address, apply, server):
    case = apply(with_mail(address))
    for message in queries.of_case(case.id):
        actions.send_now(message.id, as_of=MONDAY)
    assert server.messages() == []
    assert {(m.carrier, m.state) for m in queries.of_case(case.id)} >= {
        ("mail", "failed"),
        ("letter", "made"),
    }


def test_after_an_hour_of_tries_it_is_a_letter_and_somebody_sees_that_the_mail_failed(apply, server):
    case = apply(with_mail("busy@example.jp"))
    message = next(m for m in queries.of_case(case.id) if m.template == "granted")
    again, tries = MONDAY, 0
    while again:
        again, tries = actions.send_now(message.id, as_of=again), tries + 1
    assert tries == 13
    assert message in queries.failed()
    assert queries.of_case(case.id)[-1].carrier == "letter"
    assert case.tasks.get(step="tell").status == "done"


def test_an_address_that_does_not_exist_is_not_tried_again(apply, server):
    case = apply(with_mail("nobody@example.jp"))
    message = queries.of_case(case.id)[0]
    assert actions.send_now(message.id, as_of=MONDAY) is None
    message.refresh_from_db()
    assert (message.state, message.tries) == ("failed", 1)


def test_a_server_that_is_not_there_loses_nothing(apply, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    message = queries.of_case(apply(with_mail("taro@example.jp")).id)[0]
    assert actions.send_now(message.id, as_of=MONDAY) == MONDAY + timedelta(seconds=300)


def test_a_mail_that_was_sent_is_not_sent_again(apply, server):
    message = queries.of_case(apply(with_mail("taro@example.jp")).id)[0]
    actions.send_now(message.id, as_of=MONDAY)
    actions.send_now(message.id, as_of=MONDAY)
    assert len(server.messages()) == 1


def test_a_mail_for_a_case_that_went_another_way_is_dropped_and_never_sent_again_and_again(
    apply, server, in_town
):
    case = apply(with_mail("taro@example.jp"))
    cases.withdraw(case.id, by=SYSTEM(in_town), as_of=MONDAY)
    for message in queries.of_case(case.id):
        assert actions.send_now(message.id, as_of=MONDAY) is None
    assert {message.state for message in queries.of_case(case.id)} == {"dropped"}
    assert server.messages() == []


def test_a_second_wake_up_does_not_hurry_the_tries(apply, server):
    case = apply(with_mail("busy@example.jp"))
    message = queries.of_case(case.id)[0]
    for _ in range(3):
        actions.send_now(message.id, as_of=MONDAY)
    message.refresh_from_db()
    assert message.tries == 1


def test_a_failed_mail_can_be_sent_to_a_corrected_address(apply, server):
    message = queries.of_case(apply(with_mail("nobody@example.jp")).id)[0]
    actions.send_now(message.id, as_of=MONDAY)
    again = actions.resend(message.id, "taro@example.jp", by=KATO, as_of=MONDAY)
    actions.send_now(again.id, as_of=MONDAY)
    assert server.messages()[-1]["To"] == "taro@example.jp"
    assert message not in queries.failed()


def test_a_returned_request_is_told_with_the_words_of_the_clerk(apply, in_town):
    case = apply(UNSURE)
    cases.return_for_correction(
        open_task(case, "review"),
        by=KATO,
        as_of=MONDAY,
        message="課税証明書を付けてください",
        asks=["members"],
    )
    case_jobs.drain(in_town, as_of=MONDAY)
    body = queries.of_case(case.id)[-1].body
    assert "課税証明書を付けてください" in body
    assert "世帯員" in body


def test_letters_to_post_can_be_printed_together_and_marked(apply, in_town):
    apply()
    apply()
    waiting = list(queries.letters_to_post())
    pages = pypdf.PdfReader(io.BytesIO(queries.printable(waiting, "http://127.0.0.1:8000"))).pages
    assert len(pages) == 2
    assert actions.posted([m.id for m in waiting], by=KATO, as_of=MONDAY) == 2
    assert list(queries.letters_to_post()) == []


def test_no_town_sees_the_messages_of_another(apply, other_town):
    apply()
    with other_town:
        assert Message.objects.count() == 0
    assert towns.current_town() == "394262"


@pytest.mark.parametrize("address", ["0880-22-1234", "2024-02-30 の家", "2024-01-01番地"])
def test_an_answer_that_looks_like_a_date_goes_into_a_letter_as_it_was_typed(address, apply):
    applicant = {**GOOD["applicant"], "address": address}
    case = apply({**GOOD, "applicant": applicant})
    said = placeholders(case_queries.service_of(case), case_queries.state(case), case_queries.Grounds({}, ""),
                        actions.town_sender(), "ja")  # fmt: skip
    assert said["applicant.address"] == address


@pytest.mark.parametrize(("attempts", "again"), [(1, True), (2, True), (3, False)])
def test_a_mail_whose_database_died_under_it_is_tried_again_at_once_and_then_left_to_the_sweep(
    attempts, again
):
    job = Job(queue="messages", lock=None, queueing_lock=None, task_name=send_message.name, attempts=attempts)
    retry = send_message.get_retry_exception(OperationalError(), job)
    assert (retry is not None) == again
    assert not again or retry.retry_decision.retry_at <= clock.now()
