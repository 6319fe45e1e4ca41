"""A resident sees who looked at what concerns them, and nobody else's."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from tests.cases.conftest import GOOD, KATO, MONDAY, apply, small
from tests.channels.conftest import desk, household, person, sign_in, taro
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import PUBLIC, SYSTEM, Denied, Resource, Worker, log, looking
from yakuba.access.models import AccessEvent
from yakuba.audit import disclosure, looks
from yakuba.cases import actions
from yakuba.cases.models import Case

__all__ = ["apply", "desk", "household", "small", "taro"]
pytestmark = pytest.mark.django_db


def resident(who) -> Worker:
    return Worker("resident", "resident:1", TOWN, strength=2, person=str(who.id))


def look(
    worker: Worker, action: str, type: str, id: object, outcome: str = log.ALLOWED, **ago: float
) -> None:
    log.record(worker, action, Resource(type, str(id), TOWN), outcome, as_of=clock.now() - timedelta(**ago))


@pytest.fixture
def case(apply, taro) -> Case:
    """A request of 山田 太郎 with a paper, on which a clerk wrote a note."""
    made = apply({**GOOD, "account": {}}, applicant=taro.id, worked=False)
    paper = actions.store_evidence(b"x", name="a.txt", as_of=MONDAY)
    actions.attach(made.id, paper, purpose="counter", by=SYSTEM(TOWN), as_of=MONDAY)
    actions.note(made.id, "電話", by=KATO, as_of=MONDAY)
    look(KATO, "register.read", "Person", taro.id, hours=1)
    look(KATO, "case.read", "Case", made.id, minutes=50)
    look(KATO, "case.read", "Case", made.id, minutes=49)
    look(KATO, "document.read", "Document", paper.id, minutes=40)
    return made


def listed(who, **more) -> list[tuple[str, str, int]]:
    found, _ = looks.of_person(who.id, by=resident(who), **more)
    return [(one.what.en, one.reference, one.count) for one in found]


def test_looks_at_the_register_the_case_and_its_papers_are_there_with_what_was_done(case, taro):
    assert listed(taro) == [
        ("Opened a paper of yours", case.reference, 1),
        ("Looked at your request", case.reference, 2),
        ("Looked at your entry in the register (address, household and so on)", "", 1),
        ("Note", case.reference, 1),
    ]


def test_what_concerns_nobody_else_and_what_was_refused_is_not_there(case, taro, household):
    other = person(household, "別の 人", "ベツノ ヒト", MONDAY.date())
    before = listed(taro)
    look(KATO, "register.read", "Person", other.id)
    look(KATO, "case.read", "Case", uuid.uuid4())
    look(KATO, "case.read", "Case", case.id, log.DENIED)
    look(resident(taro), "case.read", "Case", case.id)
    look(SYSTEM(TOWN), "case.read", "Case", case.id)
    assert listed(taro) == before
    assert [what for what, *_ in listed(other)] == [before[2][0]]


def test_it_is_told_for_which_case_and_why_and_in_which_role_but_not_by_whom(case, taro):
    found, _ = looks.of_person(taro.id, by=resident(taro))
    assert all("kato" not in str(looks.said(one, lang)) for one in found for lang in ("ja", "easy", "en"))
    assert {one.service and one.service.ja for one in found[:2]} == {found[0].service.ja}
    assert found[0].why.en.startswith("For: ")


def test_the_role_and_the_place_are_those_that_the_log_says(case, taro):
    row = {
        "town": TOWN,
        "at": clock.now(),
        "worker_kind": "staff",
        "worker_id": "staff:x",
        "action": "case.read",
    }
    at = [("home", True, False), ("disaster", False, True), ("counter", False, False)]
    for zone, _, _ in at:
        question = {"roles": ["reviewer"], "circumstances": {"zone": zone, "granted": zone == "disaster"}}
        AccessEvent.objects.create(
            **row, resource_type="Case", resource_id=str(case.id), outcome="allowed", question=question
        )
    found, _ = looks.of_person(taro.id, by=resident(taro))
    told = {one.zone: (one.outside, one.disaster) for one in found if one.worker == "staff:x"}
    assert told == {zone: (outside, disaster) for zone, outside, disaster in at}
    assert [one.zone for one in found if one.glass] == ["disaster"]
    assert {one.who.en for one in found if one.worker == "staff:x"} == {"reviewer"}


@pytest.mark.parametrize("question", [None, {}, [], [1], {"circumstances": 3, "roles": 3}, '"x"'])
def test_a_row_that_says_nothing_of_its_circumstances_is_shown_all_the_same(question):
    assert looking.around(question) == ((), "", False)


def test_a_page_at_a_time_and_between_two_days(case, taro):
    first, more = looks.of_person(taro.id, by=resident(taro), size=3)
    rest, end = looks.of_person(taro.id, by=resident(taro), size=3, page=2)
    assert (len(first), more, len(rest), end) == (3, True, 1, False)
    assert listed(taro, until=MONDAY + timedelta(days=1)) == [("Note", case.reference, 1)]


@pytest.mark.parametrize(
    "who",
    [
        PUBLIC(TOWN),
        Worker("resident", "resident:2", TOWN, strength=2, person=str(uuid.uuid4())),
        Worker("resident", "resident:2", TOWN, strength=1),
        Worker("staff", "staff:m", TOWN, roles=frozenset({"manager", "admin", "accountant"}), strength=2),
        Worker("staff", "staff:c", TOWN, roles=frozenset({"clerk"}), strength=1),
    ],
    ids=["public", "another", "reference", "manager", "password"],
)
def test_nobody_else_is_told(taro, who):
    with pytest.raises(Denied):
        looks.of_person(taro.id, by=who)


# -- on the page -----------------------------------------------------------------------------------
def test_the_page_shows_it_to_who_is_signed_in_with_the_card_only(case, taro, household):
    mine = sign_in(Client(), taro).get(f"/{TOWN}/mine/looked/?lang=en").content.decode()
    assert "Looked at your request" in mine
    assert case.reference in mine
    assert "kato" not in mine
    other = person(household, "別の 人", "ベツノ ヒト", MONDAY.date())
    theirs = sign_in(Client(), other).get(f"/{TOWN}/mine/looked/?lang=en").content.decode()
    assert "Nobody has looked" in theirs
    stranger = Client().get(f"/{TOWN}/mine/looked/")
    assert stranger.status_code == 302
    assert "sign-in" in stranger["Location"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "³", ""])
def test_a_page_number_that_is_none_shows_a_page(taro, page):
    assert sign_in(Client(), taro).get(f"/{TOWN}/mine/looked/?page={page}").status_code == 200


# -- disclosure ------------------------------------------------------------------------------------
def test_the_list_is_a_paper_and_a_table(case, taro):
    made = disclosure.pdf(taro.id, by=SYSTEM(TOWN), as_of=clock.now())
    assert made.startswith(b"%PDF")
    rows = disclosure.table(taro.id, by=SYSTEM(TOWN)).decode("utf-8-sig").splitlines()
    assert (len(rows), case.reference in rows[1]) == (5, True)
    with pytest.raises(disclosure.Nobody):
        disclosure.table(uuid.uuid4(), by=SYSTEM(TOWN))


def test_a_cell_that_a_spreadsheet_would_run_is_text():
    said = disclosure.written([["=1+1", "@x", "-A2", "＝1", "-2", "ok"]]).decode("utf-8-sig")
    assert said == "'=1+1,'@x,'-A2,'＝1,-2,ok\r\n"


def test_a_disclosure_is_itself_a_look_that_the_resident_sees(case, taro):
    clerk = Worker("staff", "staff:c", TOWN, roles=frozenset({"clerk"}), strength=2)
    looks.trace(taro.id, by=clerk, as_of=clock.now())
    assert listed(taro)[0][0] == "Made the list of these looks"
