import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.money.payments import (
    AT,
    MIZUHO,
    PAYDAY,
    YUCHO,
    approve_twice,
    export,
    grant,
    make_run,
    sent_file,
    staff,
    system,
    work,
)
from yakuba.access import Denied
from yakuba.cases import actions as cases
from yakuba.cases import jobs
from yakuba.cases import queries as case_queries
from yakuba.money import actions, queries
from yakuba.money.check import check_file
from yakuba.money.errors import (
    Contradiction,
    NeverSent,
    NoLongerGranted,
    NoOriginator,
    NotABankDay,
    NothingToPay,
    OverLimit,
    OwnAccounts,
    SecondPerson,
    TooFarAhead,
    UnknownTransfers,
    WrongAmounts,
    WrongState,
)
from yakuba.money.models import Payment, Transfer, TransferRun
from yakuba.money.results import BadResult
from yakuba.simulators.bank import answer

YUCHO_CLOSED = {"9900-058-1234567": "3"}


def steps(case: uuid.UUID) -> dict[str, tuple[str, str | None]]:
    """The newest attempt at each step: its status and outcome."""
    return {
        task.step: (task.status, task.outcome)
        for task in sorted(case_queries.tasks_of(case), key=lambda t: t.attempt)
    }


def reasons(case: uuid.UUID) -> list[str]:
    return [
        happened.event.reason
        for happened in case_queries.history(case)
        if happened.event.kind == "step_failed"
    ]


def read(data: bytes) -> actions.Reading:
    return actions.read_result(data, by=system(), as_of=AT)


def mend(case: uuid.UUID, account: dict[str, str]) -> None:
    task = next(t for t in case_queries.tasks_of(case) if t.step == "fix-account" and t.status == "open")
    cases.finish(task.id, by=staff("clerk", "clerk"), as_of=AT, facts={"account": account})


# -- ordering ------------------------------------------------------------------------------------
def test_a_granted_case_waits_with_its_pay_step_held_until_the_bank_has_answered(gift):
    case = grant(gift)
    held = next(task for task in case_queries.tasks_of(case) if task.step == "pay")
    assert (held.status, held.holder) == ("open", "money")
    assert jobs.work_waiting(held.town, gift.id, "pay", as_of=AT) == 0
    assert [(p.state, p.amount) for p in queries.payments_of(case)] == [("waiting", 10_000)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"branch": "057"}, "支店コード「057」"),
        ({"number": "12a"}, "口座番号"),
        ({"holder": "山田花子"}, "「山」"),
        ({"type": "7"}, "預金種目"),
    ],
)
def test_an_account_that_cannot_be_right_never_reaches_a_run_and_says_why(gift, wrong, said):
    case = grant(gift, {**YUCHO, **wrong})
    assert steps(case)["fix-account"] == ("open", None)
    assert said in reasons(case)[0]
    with pytest.raises(NothingToPay):
        make_run()


def test_a_case_without_an_account_asks_for_one(gift):
    assert steps(grant(gift, {}))["fix-account"] == ("open", None)


def test_an_amount_over_the_services_limit_is_not_ordered(gift):
    case = grant(gift, amount=1_000_001)
    assert "上限" in reasons(case)[0]
    assert not queries.payments_of(case)


def test_two_cases_of_one_person_about_the_same_thing_are_paid_once(gift):
    person = uuid.uuid4()
    first, second = grant(gift, applicant=person), grant(gift, applicant=person)
    assert make_run().count == 1
    assert steps(first)["pay"][0] == "open"
    assert steps(second)["pay"] == ("done", "paid_elsewhere")


def test_a_second_case_is_paid_when_the_first_was_withdrawn_before_its_money_left(gift):
    person = uuid.uuid4()
    first = grant(gift, applicant=person)
    cases.withdraw(first, by=system(), as_of=AT)
    second = grant(gift, applicant=person)
    assert steps(second)["pay"][0] == "open"
    assert [p.case for p in Payment.objects.filter(transfers__run=make_run())] == [second]


def test_the_database_refuses_a_second_payment_for_a_period(gift):
    payment = queries.payments_of(grant(gift))[0]
    payment.pk = None
    with pytest.raises(IntegrityError, match="one_payment_per_period"), transaction.atomic():
        payment.save(force_insert=True)


def test_the_database_refuses_a_second_live_transfer_for_a_payment(gift):
    grant(gift)
    transfer = Transfer.objects.get(run=make_run())
    transfer.pk = None
    with pytest.raises(IntegrityError, match="one_live_transfer_per_payment"), transaction.atomic():
        transfer.save(force_insert=True)


# -- runs ----------------------------------------------------------------------------------------
def test_a_run_leaves_only_after_two_different_people_approved_it(gift):
    grant(gift)
    run = make_run()
    actions.approve(run.id, by=staff("kato", "approver"), as_of=AT)
    with pytest.raises(WrongState):
        actions.export(run.id, by=system(), as_of=AT)
    with pytest.raises(SecondPerson):
        actions.approve(run.id, by=staff("kato", "approver"), as_of=AT)
    assert actions.approve(run.id, by=staff("sato", "approver"), as_of=AT).state == "approved"
    assert check_file(bytes(export(run).content), as_of=PAYDAY).ok


def test_whoever_made_a_run_may_not_approve_it(gift):
    grant(gift)
    maker = staff("ito", "accountant", "approver")
    run = actions.create_run(PAYDAY, by=maker, as_of=AT)
    with pytest.raises(Denied):
        actions.approve(run.id, by=maker, as_of=AT)


@pytest.mark.parametrize("wrong", [date(2125, 3, 10), date.max, AT.date() + timedelta(days=124)])
def test_a_run_for_a_day_that_nobody_can_mean_is_not_made(wrong, gift):
    grant(gift)
    with pytest.raises(TooFarAhead, match="up to 2026-03-28"):
        actions.create_run(wrong, by=system(), as_of=AT)
    assert not TransferRun.objects.exists()


def test_who_put_an_account_right_does_not_approve_the_run_that_first_pays_to_it(gift):
    case = grant(gift, {})
    mend(case, MIZUHO)
    work(gift)
    run = make_run()
    both = staff("clerk", "clerk", "approver")
    with pytest.raises(OwnAccounts, match=case_queries.one(case).reference):
        actions.approve(run.id, by=both, as_of=AT)
    assert approve_twice(run).state == "approved"


def test_an_account_that_money_has_reached_is_approved_by_whoever_put_it_right(allowance):
    case = grant(allowance, {})
    mend(case, MIZUHO)
    work(allowance)
    read(answer(sent_file(date(2026, 2, 10)), {}))
    run = make_run(date(2026, 4, 10))
    assert actions.approve(run.id, by=staff("clerk", "clerk", "approver"), as_of=AT).state == "draft"


def test_a_clerk_may_neither_make_nor_approve_a_run(gift):
    grant(gift)
    with pytest.raises(Denied):
        actions.create_run(PAYDAY, by=staff("abe", "clerk"), as_of=AT)
    with pytest.raises(Denied):
        actions.approve(make_run().id, by=staff("abe", "clerk"), as_of=AT)


def test_the_same_run_written_again_gives_the_same_bytes(gift):
    grant(gift)
    run = approve_twice(make_run())
    assert bytes(export(run).content) == bytes(export(run).content)
    assert queries.files(run.id).count() == 1


def test_a_run_is_written_to_as_many_files_as_the_bank_wants(gift):
    for number in range(5):
        grant(gift, {**MIZUHO, "number": str(number + 1)})
    actions.register_originator(
        code="123456",
        name="アオゾラチョウ",
        bank="0001",
        branch="001",
        type="1",
        number="12345",
        per_transfer=10**6,
        per_run=10**9,
        per_file=2,
    )
    run = approve_twice(make_run())
    files = actions.export(run.id, by=system(), as_of=AT)
    assert [file.count for file in files] == [2, 2, 1]
    assert all(check_file(bytes(file.content), as_of=PAYDAY).ok for file in files)
    for file in files:
        assert queries.run(run.id).state == "exported"
        read(answer(bytes(file.content), {}))
    assert queries.run(run.id).state == "settled"


def test_a_cancelled_run_gives_its_payments_back(gift):
    case = grant(gift)
    run = make_run()
    actions.cancel(run.id, by=staff("ito", "accountant"))
    assert [p.state for p in queries.payments_of(case)] == ["waiting"]
    assert make_run().count == 1


def test_a_run_that_was_written_cannot_be_cancelled(gift):
    grant(gift)
    run = approve_twice(make_run())
    export(run)
    with pytest.raises(WrongState):
        actions.cancel(run.id, by=staff("ito", "accountant"))


def test_a_payment_over_the_limit_stays_behind_and_is_shown(gift):
    grant(gift, amount=900_000)
    small = grant(gift, amount=10_000)
    actions.register_originator(
        code="123456",
        name="アオゾラチョウ",
        bank="0001",
        branch="001",
        type="1",
        number="12345",
        per_transfer=500_000,
        per_run=10**9,
    )
    run = make_run()
    assert (run.count, run.total) == (1, 10_000)
    assert [p.case for p in Payment.objects.filter(transfers__run=run)] == [small]
    assert [p.amount for p in queries.held_back()] == [900_000]


def test_a_run_over_the_towns_limit_is_not_made_and_leaves_everything_waiting(gift):
    cases_ = [grant(gift, amount=600_000) for _ in range(2)]
    actions.register_originator(
        code="123456",
        name="アオゾラチョウ",
        bank="0001",
        branch="001",
        type="1",
        number="12345",
        per_transfer=10**6,
        per_run=10**6,
    )
    with pytest.raises(OverLimit, match="1,200,000"), transaction.atomic():
        make_run()
    assert all(p.state == "waiting" for case in cases_ for p in queries.payments_of(case))
    assert not queries.runs()


@pytest.mark.parametrize("day", [date(2025, 12, 13), date(2025, 12, 31), date(2025, 11, 21)])
def test_a_value_date_on_which_banks_are_closed_or_which_is_past_is_refused(gift, day):
    grant(gift)
    with pytest.raises(NotABankDay):
        actions.create_run(day, by=system(), as_of=AT)


def test_a_town_without_an_account_is_told_so(gift):
    grant(gift)
    queries.originator().delete()
    with pytest.raises(NoOriginator):
        make_run()


def test_a_run_may_hold_only_some_services(gift, allowance):
    grant(gift)
    with pytest.raises(NothingToPay), transaction.atomic():
        make_run(services=[allowance.id])
    assert make_run(services=[gift.id]).count == 1


def test_a_case_withdrawn_before_the_run_is_not_paid(gift):
    cases.withdraw(grant(gift), by=system(), as_of=AT)
    with pytest.raises(NothingToPay):
        make_run()


def test_a_case_withdrawn_after_the_run_was_made_stops_it_before_the_file(gift):
    case = grant(gift)
    run = approve_twice(make_run())
    cases.withdraw(case, by=system(), as_of=AT)
    with pytest.raises(NoLongerGranted) as stopped:
        export(run)
    assert case_queries.one(case).reference in stopped.value.text.ja


# -- results -------------------------------------------------------------------------------------
def test_what_was_paid_ends_the_pay_step_and_closes_the_case(gift):
    case = grant(gift)
    assert read(answer(sent_file(), {})).paid == 1
    assert steps(case)["pay"] == ("done", "paid")
    assert case_queries.one(case).state == "closed"
    assert queries.runs()[0].state == "settled"


def test_what_comes_back_opens_the_declared_step_with_the_reason_and_is_paid_to_the_mended_account(gift):
    case, other = grant(gift, YUCHO), grant(gift, MIZUHO)
    reading = read(answer(sent_file(), YUCHO_CLOSED))
    assert (reading.paid, reading.failed) == (1, 1)
    assert steps(other)["pay"] == ("done", "paid")
    assert steps(case)["pay"] == ("failed", "bank-3")
    assert "口座が解約されています" in reasons(case)[0]
    assert [queries.reason(t).en for t in queries.failed_transfers()] == ["The account was closed"]

    mend(case, MIZUHO)
    work(gift)
    second = sent_file(date(2025, 12, 15))
    assert b"7654321" in second
    assert b"1234567" not in second
    read(answer(second, {}))
    assert steps(case)["pay"] == ("done", "paid")
    assert [(p.state, p.amount) for p in queries.payments_of(case)] == [("paid", 10_000)]
    assert not queries.failed_transfers()


def test_the_same_result_twice_changes_nothing(gift):
    case = grant(gift, YUCHO)
    told = answer(sent_file(), YUCHO_CLOSED)
    first, again = read(told), read(told)
    assert (first.again, again.again) == (False, True)
    assert (first.paid, first.failed) == (again.paid, again.failed)
    assert len(reasons(case)) == 1


def test_a_result_for_a_file_that_was_never_sent_is_refused(gift):
    grant(gift)
    told = answer(sent_file(), {})
    other = told[: 122 + 91] + b"0099999999" + told[122 + 101 :]
    with pytest.raises(NeverSent) as refused:
        read(other)
    assert "99999999" in refused.value.text.ja


def test_a_result_with_another_amount_is_refused_as_a_whole(gift):
    case = grant(gift)
    content = sent_file().replace(b"0000010000", b"0000010001", 1)
    told = answer(content.replace(b"000000010000", b"000000010001"), {})
    with pytest.raises(WrongAmounts, match="ordered 10,000 yen, result 10,001 yen"):
        read(told)
    assert steps(case)["pay"][0] == "open"


def test_a_result_about_a_transfer_that_the_file_did_not_hold_is_refused(gift):
    grant(gift)
    told = answer(sent_file(), {})
    with pytest.raises(UnknownTransfers):
        read(told[: 122 + 101] + b"0099999999" + told[122 + 111 :])


def test_a_result_that_contradicts_an_earlier_one_is_refused(gift):
    case = grant(gift, YUCHO)
    content = sent_file()
    read(answer(content, {}))
    with pytest.raises(Contradiction):
        read(answer(content, YUCHO_CLOSED))
    assert steps(case)["pay"] == ("done", "paid")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda told: "受付番号,結果\r\n1,振込済み\r\n".encode("cp932"), id="another kind of file"
        ),
        pytest.param(lambda told: told[:-122], id="cut at a record"),
        pytest.param(lambda told: told[:-57], id="cut in a record"),
        pytest.param(lambda told: told[:122] + told[122:244] * 2 + told[244:], id="a transfer twice"),
        pytest.param(lambda told: b"", id="empty"),
    ],
)
def test_a_spoiled_result_is_refused_as_a_whole_and_the_right_one_is_read_afterwards(gift, spoil):
    case = grant(gift)
    told = answer(sent_file(), {})
    with pytest.raises(BadResult):
        read(spoil(told))
    assert steps(case)["pay"][0] == "open"
    assert read(told).paid == 1


# -- what changes under way -------------------------------------------------------------------------
def take_up_again(case: uuid.UUID, amount: int) -> None:
    """A person reopens the case and grants another amount."""
    cases.reopen(case, by=staff("mori", "manager"), as_of=AT, reason="再調査")
    review = next(t for t in case_queries.tasks_of(case) if t.step == "review" and t.status == "open")
    cases.decide(review.id, by=staff("kato", "reviewer"), as_of=AT, outcome="granted", amount=amount)


def paid_out(case: uuid.UUID) -> int:
    """Yen that left for the case."""
    return sum(t.amount for t in Transfer.objects.filter(payment__case=case, state="paid"))


def test_another_amount_after_the_money_left_goes_to_a_person_and_is_never_paid_again(gift):
    case = grant(gift)
    read(answer(sent_file(), {}))
    take_up_again(case, 15_000)
    work(gift)
    assert "10,000円" in reasons(case)[0]
    assert "15,000円" in reasons(case)[0]
    mend(case, MIZUHO)  # the clerk has settled the difference
    work(gift)
    assert steps(case)["pay"] == ("done", "paid")
    assert case_queries.one(case).state == "closed"
    assert paid_out(case) == 10_000


def test_the_same_amount_granted_again_after_it_was_paid_is_not_paid_again(gift):
    case = grant(gift)
    read(answer(sent_file(), {}))
    take_up_again(case, 10_000)
    work(gift)
    assert steps(case)["pay"] == ("done", "paid")
    assert paid_out(case) == 10_000
    with pytest.raises(NothingToPay):
        make_run()


def test_money_that_arrives_for_a_case_withdrawn_on_the_way_is_shown_to_a_person(gift):
    case = grant(gift)
    told = answer(sent_file(), {})
    cases.withdraw(case, by=system(), as_of=AT)
    read(told)
    assert case_queries.one(case).state == "open"
    assert steps(case)["review"] == ("open", None)
    assert "10,000円 を振り込みました" in case_queries.history(case)[-1].event.reason


def test_a_run_that_is_cancelled_gives_back_what_is_decided_now(gift):
    case = grant(gift)
    run = make_run()
    cases.withdraw(case, by=system(), as_of=AT)
    take_up_again(case, 15_000)
    work(gift)
    actions.cancel(run.id, by=staff("ito", "accountant"))
    mend(case, MIZUHO)
    work(gift)
    read(answer(sent_file(), {}))
    assert paid_out(case) == 15_000


def test_a_second_case_waits_for_the_run_that_holds_the_payment_of_a_withdrawn_one(gift):
    person = uuid.uuid4()
    first = grant(gift, applicant=person)
    run = make_run()
    cases.withdraw(first, by=system(), as_of=AT)
    second = grant(gift, applicant=person)
    assert steps(second)["pay"] == ("open", None)
    actions.cancel(run.id, by=staff("ito", "accountant"))
    work(gift)
    read(answer(sent_file(), {}))
    assert (paid_out(first), paid_out(second)) == (0, 10_000)


def test_a_payment_that_comes_back_while_the_case_is_reviewed_again_waits_for_the_decision(gift):
    case = grant(gift, YUCHO)
    told = answer(sent_file(), YUCHO_CLOSED)
    cases.withdraw(case, by=system(), as_of=AT)
    cases.reopen(case, by=staff("mori", "manager"), as_of=AT, reason="取下げの取消し")
    read(told)
    mend(case, MIZUHO)
    assert steps(case)["pay"] == ("failed", "bank-3")
    review = next(t for t in case_queries.tasks_of(case) if t.step == "review" and t.status == "open")
    cases.decide(review.id, by=staff("kato", "reviewer"), as_of=AT, outcome="granted", amount=10_000)
    work(gift)
    read(answer(sent_file(date(2025, 12, 15)), {}))
    assert (steps(case)["pay"], paid_out(case)) == (("done", "paid"), 10_000)


def test_nothing_is_paid_to_somebody_whom_nobody_found_in_the_register(gift):
    case = grant(gift, found=False)
    assert steps(case)["fix-account"] == ("open", None)
    assert "台帳" in reasons(case)[0]
    cases.identify(case, uuid.uuid4(), evidence="運転免許証", by=staff("clerk", "clerk"), as_of=AT)
    mend(case, MIZUHO)
    work(gift)
    assert make_run().count == 1


# -- by the month --------------------------------------------------------------------------------
def test_monthly_money_is_scheduled_and_paid_from_the_month_after_the_claim(allowance):
    case = grant(allowance)  # claimed in November
    assert steps(case)["pay"] == ("done", "scheduled")
    assert case_queries.one(case).state == "closed"
    with pytest.raises(NothingToPay), transaction.atomic():
        make_run(date(2025, 12, 10))
    assert make_run(date(2026, 2, 10)).total == 20_000
    assert [(p.period, p.amount) for p in queries.payments_of(case)] == [("2026-02", 20_000)]


def test_a_first_period_that_is_half_over_is_paid_in_half(allowance):
    case = grant(allowance, at=AT.replace(month=12))
    assert make_run(date(2026, 2, 10)).total == 10_000
    assert [p.period for p in queries.payments_of(case)] == ["2026-02"]


def test_what_is_late_is_paid_in_the_next_run_whatever_its_month(allowance):
    grant(
        allowance, at=AT.replace(year=2025, month=5)
    )  # entitled from June: August, October and December are due
    assert make_run(date(2025, 12, 10)).total == 60_000


def test_a_period_is_never_ordered_twice(allowance):
    case = grant(allowance)
    make_run(date(2026, 2, 10))
    with pytest.raises(NothingToPay), transaction.atomic():
        make_run(date(2026, 2, 12))
    make_run(date(2026, 4, 10))
    assert [p.period for p in queries.payments_of(case)] == ["2026-02", "2026-04"]


def test_a_later_decision_about_the_same_money_takes_over_from_its_first_month(allowance):
    person = uuid.uuid4()
    grant(allowance, applicant=person, amount=10_000)  # from December
    grant(allowance, applicant=person, amount=15_000, at=AT.replace(month=12))  # from January
    assert make_run(date(2026, 2, 10)).total == 25_000


def test_monthly_money_that_comes_back_opens_the_closed_case_again(allowance):
    case = grant(allowance, YUCHO)
    read(answer(sent_file(date(2026, 2, 10)), YUCHO_CLOSED))
    assert case_queries.one(case).state == "open"
    assert steps(case)["fix-account"] == ("open", None)
    mend(case, MIZUHO)
    work(allowance)
    assert case_queries.one(case).state == "closed"
    assert [t.number for t in queries.transfers(make_run(date(2026, 2, 12)).id)] == ["7654321"]


def test_monthly_money_that_was_paid_is_noted_in_its_case(allowance):
    case = grant(allowance)
    read(answer(sent_file(date(2026, 2, 10)), {}))
    last = case_queries.history(case)[-1].event
    assert "20,000円 を振り込みました" in last.text


def raise_(allowance, *births: date, amount: int, at=AT, applicant=None, **more) -> uuid.UUID:
    """A granted case about children born on these days."""
    facts = {"applicant": {"resident": True}, "members": [{"birth_date": day} for day in births], **more}
    return grant(allowance, amount=amount, at=at, applicant=applicant, facts=facts)


def monthly(case: uuid.UUID) -> dict[str, int]:
    return {payment.period: payment.amount for payment in queries.payments_of(case)}


def test_a_third_birthday_changes_the_amount_from_the_next_month(allowance):
    case = raise_(allowance, date(2023, 1, 20), amount=15_000)  # paid from December, three in January
    make_run(date(2026, 4, 10))
    assert monthly(case) == {"2026-02": 15_000 + 15_000, "2026-04": 10_000 + 10_000}


def test_who_is_born_on_the_first_is_three_in_that_very_month(allowance):
    case = raise_(allowance, date(2023, 1, 1), amount=15_000)
    make_run(date(2026, 2, 10))
    assert monthly(case) == {"2026-02": 15_000 + 10_000}


def test_a_new_rate_holds_from_its_month(allowance):
    case = raise_(allowance, date(2015, 6, 1), amount=10_000)
    make_run(date(2026, 6, 10))
    assert monthly(case) == {"2026-02": 20_000, "2026-04": 20_000, "2026-06": 22_000}


def test_money_ends_with_the_school_year_of_turning_18_and_nothing_is_ordered_afterwards(allowance):
    case = raise_(allowance, date(2007, 4, 2), date(1980, 5, 5), amount=10_000)
    make_run(date(2026, 4, 10))
    with pytest.raises(NothingToPay), transaction.atomic():
        make_run(date(2026, 8, 10))
    assert monthly(case) == {"2026-02": 20_000, "2026-04": 20_000}


def test_two_children_change_each_in_their_own_month(allowance):
    case = raise_(allowance, date(2023, 1, 1), date(2007, 5, 5), amount=25_000)
    make_run(date(2026, 6, 10))
    assert monthly(case) == {
        "2026-02": 25_000 + 20_000,
        "2026-04": 20_000 + 20_000,
        "2026-06": 11_000 + 11_000,
    }


def test_an_amount_that_a_person_set_stays_whatever_the_rule_says(allowance):
    case = raise_(allowance, date(2023, 1, 1), amount=12_345)
    make_run(date(2026, 4, 10))
    assert monthly(case) == {"2026-02": 24_690, "2026-04": 24_690}


def test_services_that_name_the_same_entitlement_share_its_payments(allowance):
    assert queries.entitlement_of(grant(allowance)).key.startswith("raising:")


def test_a_case_taken_up_again_gets_nothing_until_it_is_granted_again(allowance):
    case = grant(allowance)
    cases.reopen(case, by=staff("mori", "manager"), as_of=AT, reason="届出があったため")
    with pytest.raises(NothingToPay), transaction.atomic():
        make_run(date(2026, 2, 10))
    assert not monthly(case)


def test_many_cases_by_the_month_are_decided_together(allowance, django_assert_max_num_queries):
    for _ in range(12):
        raise_(allowance, date(2023, 1, 1), amount=15_000)
    with django_assert_max_num_queries(25):
        assert make_run(date(2026, 4, 10)).count == 24


# -- towns ---------------------------------------------------------------------------------------
def test_what_the_pages_ask_for_takes_one_query_however_many_rows(gift, django_assert_num_queries):
    for number in range(5):
        grant(gift, {**MIZUHO, "number": str(number + 1)})
    run = make_run()
    with django_assert_num_queries(1):
        assert len([(t.payment.period, queries.account_line(t)) for t in queries.transfers(run.id)[:50]]) == 5
    with django_assert_num_queries(2):
        assert [len(run.approvals.all()) for run in queries.runs()[:50]] == [0]
