"""What can happen to a case, seen through its log, its tasks and its clocks."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from tests.cases.conftest import ACCOUNT, GOOD, KATO, MONDAY, SATO, UNSURE, open_task, staff
from yakuba.access import PUBLIC, SYSTEM, Denied
from yakuba.cases import actions, catalogue, jobs, queries, references
from yakuba.cases import events as e
from yakuba.cases.errors import (
    AlreadyClosed,
    FourEyes,
    NeedsDecision,
    NotAnExtension,
    NotByHand,
    NothingToDecide,
    NotOpen,
    NotYours,
)
from yakuba.cases.models import Case, Event
from yakuba.clock import TOKYO

pytestmark = pytest.mark.django_db


def kinds(case: Case) -> list[str]:
    return [happened.event.kind for happened in queries.history(case.id)]


def fresh(case: Case) -> Case:
    return Case.objects.get(id=case.id)


# -- coming in -----------------------------------------------------------------------------------
def test_a_request_gets_a_reference_that_can_be_said_on_the_phone(apply):
    case = apply(worked=False)
    assert len(case.reference) == 14
    assert queries.by_reference(case.reference.replace("-", " ")) == case


def test_two_requests_that_drew_the_same_reference_get_different_ones(apply, monkeypatch):
    drawn = iter(["1111-1111-1111", "1111-1111-1111", "2222-2222-2222"])
    for place in (actions, references):
        monkeypatch.setattr(place, "new_reference", lambda: next(drawn))
    assert [apply(worked=False).reference for _ in range(2)] == ["1111-1111-1111", "2222-2222-2222"]


def test_requests_that_drew_the_same_reference_in_one_batch_get_different_ones(small, in_town, monkeypatch):
    monkeypatch.setattr(actions, "new_reference", lambda: "1111-1111-1111")
    service = catalogue.service("heating")
    wanted = [
        (service, actions.opening(service, GOOD, channel="web", key=f"draft:{n}"), ()) for n in range(3)
    ]
    actions.open_cases(wanted, by=SYSTEM(in_town), as_of=MONDAY)
    assert len(set(Case.objects.values_list("reference", flat=True))) == 3


def test_the_same_application_sent_twice_is_one_case(apply):
    first, second = apply(key="draft:1"), apply(key="draft:1")
    assert first == second
    assert Case.objects.count() == 1


def test_a_case_that_fulfils_every_condition_is_granted_without_a_person(apply):
    case = apply()
    assert (case.decision, case.amount) == ("granted", 7000)
    assert case.tasks.get(step="review").status == "skipped"


def test_what_cannot_be_decided_waits_for_a_person_with_a_due_time(apply):
    case = apply(UNSURE)
    review = case.tasks.get(step="review")
    assert (case.decision, review.status, review.role) == (None, "open", "reviewer")
    assert review.due_at == datetime(2025, 5, 19, 23, 59, 59, tzinfo=TOKYO)


def test_an_applicant_who_was_not_identified_is_looked_at_by_a_person(apply):
    case = apply(identified=False)
    assert case.decision == "granted"
    assert case.tasks.get(step="review").status == "open"


def test_the_decision_keeps_each_condition_with_its_value(apply):
    decision = queries.last_decision(apply(UNSURE).id)
    assert decision.conditions == {"resident": True, "old": True, "untaxed": None}
    assert decision.missing == ["members[0].taxed"]


def test_the_law_of_the_day_of_the_request_counts_not_that_of_the_day_it_is_worked(apply, in_town):
    case = apply(as_of=datetime(2025, 3, 31, 16, tzinfo=TOKYO), worked=False)
    jobs.drain(in_town, as_of=MONDAY)
    assert fresh(case).amount == 6000


def test_an_applicant_with_mail_is_told_that_it_came_in(apply):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], "email": "taro@example.jp"}}, worked=False)
    assert case.tasks.get(step="tell-received").status == "open"


# -- people decide ---------------------------------------------------------------------------------
def test_the_first_of_four_eyes_only_proposes(apply):
    case = apply(UNSURE)
    actions.decide(open_task(case, "review"), by=KATO, as_of=MONDAY, outcome="granted", amount=7000)
    assert fresh(case).decision is None
    assert queries.state(fresh(case)).steps["review"].proposal["by"] == KATO.id


def test_the_second_person_makes_it_final(apply):
    case = apply(UNSURE)
    for who in (KATO, SATO):
        actions.decide(open_task(case, "review"), by=who, as_of=MONDAY, outcome="granted", amount=7000)
    assert (fresh(case).decision, fresh(case).amount) == ("granted", 7000)


def test_nobody_confirms_their_own_proposal(apply):
    case = apply(UNSURE)
    actions.decide(open_task(case, "review"), by=KATO, as_of=MONDAY, outcome="granted", amount=7000)
    with pytest.raises(FourEyes):
        actions.decide(open_task(case, "review"), by=KATO, as_of=MONDAY, outcome="granted", amount=7000)


def test_a_differing_second_opinion_sends_the_proposal_back(apply):
    case = apply(UNSURE)
    actions.decide(open_task(case, "review"), by=KATO, as_of=MONDAY, outcome="granted", amount=7000)
    actions.decide(
        open_task(case, "review"), by=SATO, as_of=MONDAY, outcome="refused", reason="課税されている"
    )
    state = queries.state(fresh(case))
    assert (state.decision, state.steps["review"].proposal) == (None, None)


def test_a_clerk_without_the_role_may_not_decide(apply):
    case = apply(UNSURE)
    with pytest.raises(Denied):
        actions.decide(
            open_task(case, "review"), by=staff("ito", "auditor"), as_of=MONDAY, outcome="granted", amount=1
        )


def test_a_task_that_somebody_holds_is_left_to_them(apply):
    task = open_task(apply(UNSURE), "review")
    actions.take(task, by=KATO, as_of=MONDAY)
    with pytest.raises(NotYours, match="kato"):
        actions.decide(task, by=SATO, as_of=MONDAY, outcome="refused", reason="x")
    actions.release(task, by=KATO, as_of=MONDAY)
    actions.take(task, by=SATO, as_of=MONDAY)


def test_many_are_decided_with_one_reason_each_with_the_amount_of_its_rule(apply):
    cases = [apply({**GOOD, "members": [*GOOD["members"]] * n}, identified=False) for n in (1, 2, 3)]
    tasks = [open_task(case, "review") for case in cases]
    for who in (KATO, SATO):
        together = actions.bulk_decide(tasks, by=who, as_of=MONDAY, outcome="granted", reason="本人確認済み")
        assert (len(together.done), together.left) == (3, [])
    assert sorted(fresh(case).amount for case in cases) == [7000, 8000, 9000]


def test_a_bulk_decision_leaves_alone_what_it_may_not_touch(apply):
    mine, theirs = apply(UNSURE), apply(UNSURE)
    actions.take(open_task(theirs, "review"), by=SATO, as_of=MONDAY)
    tasks = [open_task(mine, "review"), open_task(theirs, "review")]
    together = actions.bulk_decide(tasks, by=KATO, as_of=MONDAY, outcome="refused", reason="対象外")
    assert len(together.done) == 1
    assert [(task, type(error)) for task, error in together.left] == [(tasks[1], NotYours)]


def test_a_list_decided_in_pieces_is_decided_whole_and_what_may_not_be_touched_is_left(apply, monkeypatch):
    monkeypatch.setattr(actions, "AT_A_TIME", 2)
    tasks = [open_task(apply(UNSURE), "review") for _ in range(5)]
    theirs = sorted(tasks[:2])
    for task in theirs:
        actions.take(task, by=SATO, as_of=MONDAY)
    together = actions.bulk_decide(tasks, by=KATO, as_of=MONDAY, outcome="refused", reason="対象外")
    assert len(together.done) == 3
    assert sorted(task for task, _ in together.left) == theirs


def test_a_list_with_a_task_that_is_not_there_changes_nothing(apply, monkeypatch):
    monkeypatch.setattr(actions, "AT_A_TIME", 2)
    tasks = [open_task(apply(UNSURE), "review") for _ in range(3)]
    before = Event.objects.count()
    with pytest.raises(NotOpen):
        actions.bulk_decide([*tasks, uuid.uuid4()], by=KATO, as_of=MONDAY, outcome="refused", reason="対象外")
    assert Event.objects.count() == before


def test_a_review_cannot_be_ended_without_a_decision(apply):
    case = apply(UNSURE)
    with pytest.raises(NeedsDecision):
        actions.finish(open_task(case, "review"), by=KATO, as_of=MONDAY)
    assert fresh(case).decision is None


def test_nothing_is_decided_in_a_task_that_is_not_a_review(apply):
    case = apply({**GOOD, "account": {**ACCOUNT, "branch": "998"}})
    with pytest.raises(NothingToDecide):
        actions.decide(
            open_task(case, "fix-account"), by=KATO, as_of=MONDAY, outcome="granted", amount=9_999_999
        )
    assert fresh(case).amount == 7000


def test_what_the_system_does_cannot_be_ended_by_hand(apply):
    case = apply(worked=False)
    with pytest.raises(NotByHand):
        actions.finish(open_task(case, "decide"), by=KATO, as_of=MONDAY)


# -- back and forth -----------------------------------------------------------------------------------
def returned(apply) -> Case:
    case = apply(UNSURE)
    actions.return_for_correction(
        open_task(case, "review"),
        by=KATO,
        as_of=MONDAY,
        message="課税証明書を付けてください",
        asks=["members"],
    )
    return fresh(case)


def test_a_returned_case_waits_for_the_applicant_and_its_clock_stands_still(apply):
    case = returned(apply)
    assert (case.state, case.paused) == ("returned", True)
    assert case.tasks.get(step="answer").by == "resident"


def test_the_applicant_is_told_what_to_mend(apply):
    case = returned(apply)
    assert case.tasks.get(step="tell-returned").status == "open"
    assert queries.state(case).message == "課税証明書を付けてください"


def test_an_answer_lets_the_case_be_decided_anew_and_the_due_time_moves_by_the_pause(apply, in_town):
    case = returned(apply)
    before, later = case.legal_due, MONDAY + timedelta(days=7)
    actions.answer(case.id, {"members": GOOD["members"]}, by=SATO, as_of=later)
    jobs.drain(in_town, as_of=later)
    assert (fresh(case).decision, fresh(case).paused) == ("granted", False)
    assert fresh(case).legal_due - before == timedelta(days=7)


def test_nobody_answers_what_was_not_asked(apply):
    with pytest.raises(NotOpen):
        actions.answer(apply(UNSURE).id, {}, by=KATO, as_of=MONDAY)


def test_a_withdrawn_case_is_closed_and_leaves_no_open_task(apply, in_town):
    case = apply(UNSURE)
    actions.withdraw(case.id, by=SYSTEM(in_town), as_of=MONDAY, reason="気が変わった")
    assert (fresh(case).state, fresh(case).outcome) == ("closed", "withdrawn")
    assert not case.tasks.filter(status="open").exists()
    with pytest.raises(AlreadyClosed):
        actions.withdraw(case.id, by=SYSTEM(in_town), as_of=MONDAY)


def test_an_objection_opens_a_managers_task_even_on_a_closed_case(apply, in_town):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], "resident": False}})
    actions.object_to(case.id, "納得できません", by=KATO, as_of=MONDAY)
    assert case.tasks.get(step="objection").role == "manager"


def test_a_reopened_case_goes_to_a_person(apply, in_town):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], "resident": False}})
    assert fresh(case).state == "closed"
    actions.reopen(case.id, by=staff("goto", "manager"), as_of=MONDAY, reason="住民登録を確認した")
    assert fresh(case).state == "open"
    assert case.tasks.filter(step="review", status="open").exists()


def test_a_case_withdrawn_before_its_decision_and_taken_up_again_is_decided_and_ends(apply, in_town):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], "resident": False}}, worked=False)
    actions.withdraw(case.id, by=SYSTEM(in_town), as_of=MONDAY)
    actions.reopen(case.id, by=staff("goto", "manager"), as_of=MONDAY, reason="取下げの取消し")
    jobs.drain(in_town, as_of=MONDAY)
    assert (fresh(case).state, fresh(case).outcome) == ("closed", "refused")


def test_a_case_withdrawn_while_it_was_returned_counts_its_time_again_once_it_is_taken_up(apply, in_town):
    case = returned(apply)
    actions.withdraw(case.id, by=SYSTEM(in_town), as_of=MONDAY)
    actions.reopen(case.id, by=staff("goto", "manager"), as_of=MONDAY, reason="取下げの取消し")
    assert (fresh(case).state, fresh(case).paused) == ("open", False)
    assert case.tasks.filter(step="review", status="open").exists()


def test_a_closed_case_is_reopened_before_anybody_asks_for_corrections(apply, in_town):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], "resident": False}})
    actions.object_to(case.id, "納得できません", by=KATO, as_of=MONDAY)
    with pytest.raises(AlreadyClosed):
        actions.return_for_correction(
            open_task(case, "objection"), by=staff("goto", "manager"), as_of=MONDAY, message="x", asks=[]
        )


def test_one_clerk_attends_to_all_that_failed_and_all_of_it_is_tried_again(apply, in_town):
    case = apply({**GOOD, "applicant": {**GOOD["applicant"], "email": "taro@example.jp"}}, worked=False)
    for step in ("decide", "tell-received"):
        actions.fail(open_task(case, step), by=SYSTEM(in_town), as_of=MONDAY, reason="壊れた", final=True)
    assert case.tasks.filter(step="attend", status="open").count() == 1
    actions.finish(open_task(case, "attend"), by=KATO, as_of=MONDAY)
    open_steps = set(case.tasks.filter(status="open").values_list("step", flat=True))
    assert open_steps == {"decide", "tell-received"}


def test_a_clerk_who_mends_an_account_goes_on_when_a_second_payment_comes_back(apply, in_town):
    case = apply({**GOOD, "account": {**ACCOUNT, "branch": "998"}})
    fix = open_task(case, "fix-account")
    actions.take(fix, by=KATO, as_of=MONDAY)
    again = e.StepFailed(step="pay", attempt=1, final=True, code="bank-1", reason="口座なし")
    actions.record(case.id, again, by=SYSTEM(in_town), as_of=MONDAY, key="again")
    assert case.tasks.get(step="fix-account", status="open").holder == KATO.id


def test_an_extended_due_time_stays_where_it_was_put(apply):
    case = apply(UNSURE)
    to = MONDAY + timedelta(days=60)
    actions.extend(
        case.id, "legal", to, by=staff("goto", "manager"), as_of=MONDAY, reason="調査に時間がかかる"
    )
    assert fresh(case).legal_due == to


@pytest.mark.parametrize("days", [-1, 29, 30 + 367, 365 * 7000])
def test_a_due_time_is_not_moved_into_the_past_nor_nearer_nor_by_more_than_a_year(days, apply):
    case = apply(UNSURE)
    due = fresh(case).legal_due
    with pytest.raises(NotAnExtension, match=r"from 11 June 2025 .* to 12 June 2026"):
        actions.extend(case.id, "legal", MONDAY + timedelta(days=days), by=SATO, as_of=MONDAY, reason="調査")
    assert fresh(case).legal_due == due


def test_a_step_that_failed_for_good_opens_its_mender_and_is_tried_again_when_that_is_done(apply, in_town):
    case = apply({**GOOD, "account": {**ACCOUNT, "branch": "998"}})
    assert fresh(case).tasks.get(step="pay").status == "failed"
    fix = open_task(case, "fix-account")
    actions.finish(fix, by=KATO, as_of=MONDAY, facts={"account": ACCOUNT})
    assert case.tasks.get(step="pay", attempt=2).status == "open"


def test_the_log_knows_who_entered_which_facts(apply):
    mended, answered = apply({**GOOD, "account": {**ACCOUNT, "branch": "998"}}), apply(UNSURE)
    actions.finish(open_task(mended, "fix-account"), by=KATO, as_of=MONDAY, facts={"account": ACCOUNT})
    actions.return_for_correction(
        open_task(answered, "review"), by=SATO, as_of=MONDAY, message="口座は", asks=["account.number"]
    )
    actions.answer(answered.id, {"account": ACCOUNT}, by=KATO, as_of=MONDAY)
    typed = actions.open_case(
        catalogue.service("heating"),
        GOOD,
        channel="counter",
        by=KATO,
        as_of=MONDAY,
        key="typed",
        identified=True,
    )
    entered = {mended.id, answered.id, typed.id}
    assert queries.entered_by(KATO.id, "account", [*entered, apply().id]) == entered
    assert queries.entered_by(KATO.id, "account", [mended.id]) == {mended.id}
    assert queries.entered_by(KATO.id, "members", entered) == {typed.id}
    assert not queries.entered_by(SATO.id, "account", entered)


# -- the log ---------------------------------------------------------------------------------------------
def test_every_event_says_who_and_when(apply):
    rows = queries.history(apply().id)
    assert {(row.by_kind, row.by_id) for row in rows} == {("system", "system")}
    assert all(row.at == MONDAY for row in rows)


def test_personal_facts_are_kept_apart_from_the_public_part_of_an_event(apply):
    row = Event.objects.get(case=apply(worked=False), kind="opened")
    assert "山田" not in str(row.body)
    assert row.private["facts"]["applicant"]["name"] == "山田 太郎"


def test_the_public_cannot_open_a_case_for_somebody_elses_town(apply, small):
    with pytest.raises(Denied):
        actions.open_case(
            queries.catalogue.service("heating"),
            GOOD,
            channel="web",
            by=PUBLIC("394271"),
            as_of=MONDAY,
            key="x",
        )
