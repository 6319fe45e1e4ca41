"""Why an answer is as it is, what would change it, and what a month of the log would have been under other policies."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.access.people import TOWN, make_staff, sign_in
from yakuba import clock
from yakuba.access import Resource, Worker, evidence, log, may, simulating, towns
from yakuba.access.circumstances import Circumstances
from yakuba.access.explaining import UNDOING, WAYS, explain, helps, helps_with
from yakuba.access.policy import FOLDER, Denied, PolicyBook, book, require
from yakuba.access.worker import PROVEN

CASE = Resource("Case", "c1", TOWN, {"applicant": "p1"})
PERSON = Resource("Person", "p1", TOWN, {"person": "p1"})
HOME = Circumstances(zone="home", device="registered", certificate=False, proven_minutes=30)


def staff(*roles: str, where: Circumstances = HOME) -> Worker:
    return Worker("staff", "staff:me", TOWN, roles=frozenset(roles), strength=PROVEN, where=where)


def test_a_refusal_names_the_policy_and_the_smallest_changes_that_turn_it():
    said = explain(staff("reviewer"), "case.decide", CASE)
    assert not said.allowed
    assert [policy.id for policy in said.policies] == ["outside-prove-again"]
    assert ("step-up",) in said.changes
    assert ("at-the-counter",) in said.changes
    assert not any(len(change) > 1 and "step-up" in change for change in said.changes)


def test_two_things_may_have_to_change_at_once():
    said = explain(staff("clerk"), "case.decide", CASE)
    assert ("step-up", "role:reviewer") in said.changes
    assert all(len(change) == 2 for change in said.changes)


def test_what_is_allowed_says_what_would_take_it_away():
    said = explain(staff("reviewer", where=Circumstances()), "case.decide", CASE)
    assert said.allowed
    assert [policy.id for policy in said.policies] == ["staff-decide"]
    assert {("without-role:reviewer",), ("unknown-device",), ("one-factor",)} <= set(said.changes)


@pytest.mark.parametrize("way", [*WAYS, *UNDOING])
def test_each_way_is_tried_by_asking_the_policies_and_not_by_guessing(way):
    changed = (WAYS | UNDOING)[way](staff("reviewer"))
    assert changed != staff("reviewer") or way in (
        "two-factors",
        "registered-device",
        "office-hours",
        "from-home",
    )


def test_every_change_that_is_named_does_turn_the_answer():
    for worker in (staff("clerk"), staff("reviewer"), staff("reviewer", where=Circumstances())):
        said = explain(worker, "register.read", PERSON)
        for change in said.changes:
            other = worker
            for name in change:
                kind, _, role = name.partition(":")
                if kind == "role":
                    other = replace(other, roles=other.roles | {role})
                elif kind == "without-role":
                    other = replace(other, roles=other.roles - {role})
                else:
                    other = (WAYS | UNDOING)[name](other)
            assert may(other, "register.read", PERSON) != said.allowed, change


def test_a_refused_person_is_told_what_helps():
    with pytest.raises(Denied) as refused:
        require(staff("reviewer"), "register.read", PERSON)
    assert helps(refused.value) == (("step-up",), ("at-the-counter",))
    assert helps_with(staff("reviewer"), "register.read", PERSON, "step-up")
    assert not helps_with(staff("auditor"), "register.read", PERSON, "step-up")


# -- asked again ---------------------------------------------------------------------------------------
@pytest.fixture
def month(db, client, time):
    """Some questions of a day: (since, until)."""
    make_staff("clerk")
    sign_in(client)
    client.get(f"/{TOWN}/staff/devices/")  # refused: an administrator's
    client.post(f"/{TOWN}/staff/this-device/", {"code": "1"})
    now = clock.now()
    with towns.inside(TOWN):
        log.record(staff("reviewer"), "register.read", PERSON, log.ALLOWED, as_of=now)
        log.record(staff("reviewer"), "register.read", PERSON, log.ALLOWED, as_of=now)
        yield now - timedelta(hours=1), now + timedelta(hours=1)


def changed(tmp_path, was: str, becomes: str) -> PolicyBook:
    for file in FOLDER.glob("*.cedar"):
        shutil.copy(file, tmp_path)
    text = (tmp_path / "telework.cedar").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "telework.cedar").write_text(text.replace(was, becomes), encoding="utf-8")
    return PolicyBook(tmp_path)


def test_equal_questions_are_asked_again_once_and_counted(month):
    asked = {(one.action, one.allowed): one for one in simulating.questions(*month)}
    assert asked["register.read", True].times == 2
    assert asked["network.manage", False].times == 1
    assert simulating.unasked(*month) == 0


def test_the_policies_in_force_answer_as_the_log_has_it_where_nothing_was_written_by_hand(month):
    for asked in simulating.questions(*month):
        if asked.action != "register.read":  # those two were, and would be refused: their proof is too old
            assert not simulating.answer(book(), asked, TOWN).differs


def test_another_limit_shows_what_would_be_otherwise_and_by_which_policy(month, tmp_path):
    looser = changed(tmp_path, "context.proven_minutes >= 15", "context.proven_minutes >= 45")
    answers = [simulating.answer(looser, asked, TOWN) for asked in simulating.questions(*month)]
    look = next(one for one in answers if one.asked.action == "register.read")
    assert look.allowed
    assert look.policies == ("staff-register",)
    strict = [simulating.answer(book(), asked, TOWN) for asked in simulating.questions(*month)]
    assert [one.asked.action for one in strict if one.differs] == ["register.read"]


def test_an_action_that_is_gone_is_named_and_not_counted_as_a_refusal_without_reason(month, tmp_path):
    asked = next(iter(simulating.questions(*month)))
    gone = replace(asked, action="case.raed")
    assert "case.raed" in simulating.answer(book(), gone, TOWN).wrong


def test_the_figures_of_the_evidence_count_what_the_log_holds(month):
    known = evidence.figures(TOWN, *month)
    assert known.policies["outside-prove-again"].refused == 2
    assert known.outcomes["signed-in"] == 1
    assert (known.broken, known.not_kept) == ("", 0)
