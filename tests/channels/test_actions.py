"""One intake for every channel, drafts that outlive a device, and a request that becomes a case exactly once."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cases.conftest import ACCOUNT, GOOD, MONDAY
from tests.channels import files
from yakuba.access import PUBLIC, SYSTEM, towns
from yakuba.cases import catalogue, documents
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Document, Event
from yakuba.channels import actions, jobs
from yakuba.channels.models import Draft
from yakuba.register.models import Town


@pytest.fixture
def heating(small, household):
    return catalogue.service("heating")


def intake(heating, answers=GOOD, **more) -> Case:
    more = {"channel": "web", "by": PUBLIC("394262"), "as_of": MONDAY, "key": "test:1", **more}
    return actions.intake(heating, answers, **more)


def draft(heating, facts=GOOD, **more) -> Draft:
    begun = actions.begin(heating, channel="web", language="ja", as_of=MONDAY, **more)
    actions.keep(begun, facts, as_of=MONDAY)
    return begun


def submit(one: Draft) -> Case:
    return actions.submit(one, by=PUBLIC(one.town), as_of=MONDAY)


# -- intake ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("channel", ["web", "counter", "phone", "paper", "api"])
def test_the_same_answers_make_the_same_case_whatever_the_channel(heating, channel):
    case = intake(heating, channel=channel)
    assert (case.channel, case.service, case.state) == (channel, "heating", "open")
    assert cases.state(case).facts["account"] == ACCOUNT


def test_an_incomplete_request_says_where_it_is_incomplete(heating):
    with pytest.raises(actions.Incomplete, match="account") as incomplete:
        intake(heating, {**GOOD, "account": {}})
    assert [screen.key for screen in incomplete.value.screens] == ["account"]
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": {**ACCOUNT, "branch": "999"}},
        {"account": {**ACCOUNT, "bank": 1}},
        {"applicant": {**GOOD["applicant"], "birth_date": "2031-01-01"}},
        {"applicant": {**GOOD["applicant"], "birth_date": "soon"}},
        {"members": "nobody"},
    ],
)
def test_answers_that_no_screen_would_take_are_not_taken_in_by_any_channel(heating, wrong):
    with pytest.raises(actions.Incomplete):
        intake(heating, {**GOOD, **wrong})


def test_the_same_key_twice_is_one_case(heating):
    assert intake(heating).id == intake(heating).id
    assert Case.objects.count() == 1


def test_somebody_known_by_name_and_birth_date_is_looked_up_and_stays_unidentified(heating, taro):
    case = intake(heating)
    assert (case.applicant, case.identified) == (taro.id, False)
    assert cases.state(case).facts["applicant"]["resident"] is True


def test_nobody_is_guessed_when_two_people_have_the_same_name_and_birthday(heating, taro, household):
    from tests.channels.conftest import person

    person(household, "山田太郎", "ヤマダ タロウ", taro.birth_date, relation="child")
    assert intake(heating).applicant is None


def test_what_was_said_counts_over_what_the_register_has_and_the_rest_is_added(heating, taro):
    said = {**GOOD, "applicant": {**GOOD["applicant"], "address": "2番地"}}
    facts = cases.state(intake(heating, said, applicant=taro.id, identified=True)).facts
    assert (facts["applicant"]["address"], facts["applicant"]["resident"]) == ("2番地", True)


# -- drafts ------------------------------------------------------------------------------------------
def test_a_known_persons_draft_is_filled_in_with_household_and_account(heating, taro):
    begun = actions.begin(heating, channel="web", language="ja", as_of=MONDAY, person=taro.id)
    assert begun.facts["applicant"]["birth_date"] == "1950-01-01"
    assert [member["birth_date"] for member in begun.facts["members"]] == ["1950-01-01", "1952-02-02"]
    assert begun.facts["account"]["number"] == "7654321"
    assert "sex" not in str(begun.facts)  # nothing that the service has no use for


def test_what_was_said_in_the_finder_is_not_asked_again_and_the_register_knows_better(heating, taro):
    said = {"applicant": {"name": "太郎", "birth_date": "1951-01-01"}, "children": [{}]}
    assert draft_facts(heating, said=said)["applicant"]["birth_date"] == "1951-01-01"
    assert draft_facts(heating, said=said, person=taro.id)["applicant"]["birth_date"] == "1950-01-01"
    assert "children" not in draft_facts(heating, said=said)


def draft_facts(heating, **more):
    return actions.begin(heating, channel="web", language="ja", as_of=MONDAY, **more).facts


def test_a_code_opens_the_draft_however_it_is_typed_and_only_its_digest_is_kept(heating):
    one = draft(heating)
    code = actions.resume_code(one)
    digits = code.replace("-", "")
    assert len(digits) == 16
    wide = "".join(chr(ord(d) + 0xFEE0) for d in digits)
    assert {actions.resumed(typed).id for typed in (code, digits, f" {code} ", wide)} == {one.id}
    assert digits not in Draft.objects.get().code


@pytest.mark.parametrize("code", ["", "0000-0000-0000-0000", "abc", "1234"])
def test_a_wrong_code_opens_nothing(heating, code):
    actions.resume_code(draft(heating))
    assert actions.resumed(code) is None


def test_a_code_opens_nothing_once_the_request_was_sent(heating):
    one = draft(heating)
    code = actions.resume_code(one)
    submit(one)
    assert actions.resumed(code) is None


def test_a_code_opens_nothing_in_another_town(heating, other_town):
    code = actions.resume_code(draft(heating))
    with other_town:
        assert actions.resumed(code) is None


# -- files -------------------------------------------------------------------------------------------
def paper(heating, **more):
    question = next(q for page in heating.pages for q in page.questions if q.file)
    return question.model_copy(update=more)


def test_a_photo_is_kept_with_the_draft_and_comes_along_with_the_case(heating):
    one = draft(heating)
    actions.add_file(one, paper(heating), files.photo("税.jpg"), as_of=MONDAY)
    case = submit(one)
    [(attached, document)] = cases.documents_of(case.id)
    assert (attached.purpose, document.name, document.media_type) == ("tax_paper", "税.jpg", "image/jpeg")


def test_where_one_file_is_asked_for_the_next_takes_its_place(heating):
    one = draft(heating)
    for name in ("old.jpg", "new.jpg"):
        actions.add_file(one, paper(heating), files.photo(name), as_of=MONDAY)
    assert [file.name for file in actions.files_of(one)["tax_paper"]] == ["new.jpg"]


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: files.photo("big.jpg", padded_to=20 * 2**20), "20.0 MB"),
        (files.program, "受け付けられる種類ではありません"),
        (lambda: SimpleUploadedFile("empty.pdf", b""), "空です"),
        (files.bomb, "small.png"),
        (lambda: SimpleUploadedFile("broken.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF"), "開けませんでした"),
        (lambda: SimpleUploadedFile("broken.pdf", b"%PDF-1.7 nothing"), "開けませんでした"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_what_to_do(heating, upload, words):
    with pytest.raises(documents.Refused) as refused:
        actions.add_file(draft(heating), paper(heating), upload(), as_of=MONDAY)
    assert words in refused.value.text.ja
    assert not Document.objects.exists()


def test_the_files_of_one_request_have_an_end(heating, monkeypatch):
    monkeypatch.setattr(actions, "MOST_BYTES", 1)
    with pytest.raises(documents.Refused, match="All files together"):
        actions.add_file(draft(heating), paper(heating), files.photo("a.jpg"), as_of=MONDAY)
    assert not Document.objects.exists()


def test_a_file_larger_than_the_service_allows_is_refused_unread(heating):
    upload = SimpleNamespace(
        name="a.jpg", size=2 * 2**20, read=lambda: pytest.fail("it was read into memory")
    )
    with pytest.raises(documents.Refused, match="at most 1 MB"):
        actions.add_file(draft(heating), paper(heating, max_mb=1), upload, as_of=MONDAY)


# -- sending -----------------------------------------------------------------------------------------
def test_a_draft_sent_again_is_the_same_case(heating):
    one = draft(heating)
    assert submit(one).id == submit(one).id
    assert Case.objects.count() == 1


@pytest.mark.parametrize("left", ["nothing", "draft"])
def test_a_request_that_is_gone_or_whose_service_ended_is_not_sent(heating, left):
    one = draft(heating)
    Draft.objects.filter(id=one.id).update(service="ended")
    if left == "nothing":
        Draft.objects.filter(id=one.id).delete()
    with pytest.raises(actions.Gone):
        submit(one)


def test_many_are_sent_in_as_many_statements_as_one(heating):
    def statements(count: int) -> int:
        sent = [actions.Sent(draft(heating).id, PUBLIC("394262"), MONDAY) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            actions.submit_many(sent)
        return len(queries)

    statements(1)
    assert statements(1) == statements(7)


def test_a_double_click_is_one_case(small, transactional_db):
    """Two requests of one browser reach two processes at the same time."""
    Town.objects.create(
        code="394262", name="町", prefecture="県", mayor_title="町長", contact="課", synthetic=True
    )
    with towns.inside("394262"):
        one = draft(catalogue.service("heating"))
    found: list[uuid.UUID] = []
    together = threading.Barrier(2)

    def click() -> None:
        together.wait()
        try:
            with towns.inside("394262"):
                found.append(submit(one).id)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert len(found) == 2
    assert len(set(found)) == 1


def test_a_request_that_waited_is_opened_by_the_job_as_of_when_it_was_sent(heating):
    one = draft(heating)
    actions.want(one.id, as_of=MONDAY)
    jobs.open_wanted(one.town)
    case = cases.one(Draft.objects.get().case)
    assert case.opened_at == MONDAY
    jobs.open_wanted(one.town)
    assert Event.objects.filter(kind="opened").count() == 1


def test_who_sends_again_while_the_request_waits_keeps_their_place(heating):
    one = draft(heating)
    actions.want(one.id, as_of=MONDAY)
    actions.want(one.id, as_of=MONDAY + timedelta(minutes=5))
    assert Draft.objects.get().wanted_at == MONDAY


def test_a_waiting_request_that_the_changed_service_cannot_take_is_given_back_and_holds_nobody_up(heating):
    stuck, fine, ended = draft(heating, {"applicant": {"name": "山田"}}), draft(heating), draft(heating)
    Draft.objects.filter(id=ended.id).update(service="ended")
    for one in (stuck, ended, fine):
        actions.want(one.id, as_of=MONDAY)
    jobs.open_wanted(fine.town)
    waiting = {d.id: (d.case is not None, d.wanted_at) for d in Draft.objects.all()}
    assert waiting[fine.id] == (True, None)
    assert waiting[stuck.id] == waiting[ended.id] == (False, None)


def test_an_answered_draft_of_a_changed_service_sends_what_is_asked_now(heating):
    """The file was changed underneath: an answer to a question that is gone is left out."""
    one = draft(heating, {**GOOD, "applicant": {**GOOD["applicant"], "shoe_size": 42}})
    assert "shoe_size" not in cases.state(submit(one)).facts["applicant"]


def test_a_case_that_came_in_by_a_draft_is_worked_like_any_other(heating, taro):
    from yakuba.cases import jobs as case_jobs

    one = draft(heating, person=taro.id, identified=True)
    case = actions.submit(one, by=SYSTEM(one.town), as_of=MONDAY)
    case_jobs.drain(one.town, as_of=MONDAY)
    assert Case.objects.get(id=case.id).decision == "granted"
