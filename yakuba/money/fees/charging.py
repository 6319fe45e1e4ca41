"""What is owed becomes money received: each sum once, the step of the case ended once, and what is too much asked back."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from stdnum import luhn

from yakuba.access import SYSTEM, Worker, require, towns
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import NotOpen
from yakuba.cases.log import case_resource
from yakuba.clock import fiscal_year, in_tokyo
from yakuba.money.fees import queries
from yakuba.money.fees.errors import AnotherAmount, NothingOwed, TooLittle
from yakuba.money.fees.queries import Bill
from yakuba.money.fees.refunds import ask_back
from yakuba.money.models import (
    COUNTER,
    ENDED,
    LEFT,
    LOWERED,
    NEW,
    ONLINE,
    OPEN,
    SLIP,
    TWICE,
    WRONG_AMOUNT,
    Fee,
    PaymentOrder,
    Received,
    Slip,
)

SLIP_DAYS = timedelta(days=14)
"""How long a slip can be used: its last day stands on it (納期限; 地方自治法施行令 第154条第3項, a period of the town's own)."""
WAYS = {ONLINE: "オンライン", COUNTER: "窓口（現金）", SLIP: "納付書"}


def alone() -> None:
    """Until this transaction ends nobody else of the town writes about fees. The first thing that every writer does: so
    none waits for another that waits for it, and the numbers of receipts and slips have no gap."""
    towns.alone_with("money.fees")


def ask(case: uuid.UUID, action: str, by: Worker) -> Bill:
    """The bill of a case that owes something, after the policy was asked. Raises Denied, NothingOwed."""
    bill = queries.bill(case)
    if bill is None:
        raise NothingOwed
    require(by, action, case_resource(case, bill.state, towns.current_town()))
    if not bill.due:
        raise NothingOwed
    return bill


def assess(bill: Bill) -> Fee:
    """Keep what a case owes (調定), since the step opened. Computed anew when it opens anew; what was paid before counts.

    Raises NothingOwed. Source: 地方自治法 第231条.
    """
    if bill.task is None or not bill.target:
        raise NothingOwed
    town = towns.current_town()
    new = {
        "task": bill.task,
        "service": bill.service.id,
        "amount": bill.target,
        "since": bill.since,
    }
    fee, made = Fee.objects.get_or_create(town=town, case=bill.case, defaults=new)
    if not made and (fee.task, fee.amount) != (bill.task, bill.target):
        fee.task, fee.amount = bill.task, bill.target
        fee.save(update_fields=["task", "amount"])
    return fee


def assess_waiting(*, as_of: datetime) -> int:
    """Keep what is owed for every step that waits for its fee; what was paid already ends it. Returns how many are new."""
    new = list(case_queries.open_of_verb("charge").exclude(id__in=Fee.objects.values("task")))
    for task in new:
        with transaction.atomic():
            alone()
            bill = queries.bill(task.case_id)
            if bill and bill.task and bill.target:
                settle(assess(bill), by=SYSTEM(task.town), as_of=as_of)
    return len(new)


# -- money comes in ---------------------------------------------------------------------------------------
def take_cash(
    case: uuid.UUID, tendered: int, *, shown: int, by: Worker, as_of: datetime
) -> tuple[Received, int]:
    """A clerk took cash at the counter. `shown`: the fee that stood on their page. Returns what was received, and the
    change to give back. Pressed once more it is no more money.

    Raises Denied, NothingOwed, TooLittle, AnotherAmount, cases.NotYours.
    """
    with transaction.atomic():
        alone()
        bill = ask(case, "fee.take", by)
        if bill.due != shown:
            raise AnotherAmount(shown, bill.due)
        if tendered < bill.due:
            raise TooLittle(tendered, bill.due)
        fee = assess(bill)
        money = receive(
            fee,
            COUNTER,
            bill.due,
            on=in_tokyo(as_of).date(),
            key=f"cash:{bill.task}",
            by=by,
            as_of=as_of,
            tendered=tendered,
        )
    return money, (money.tendered or money.amount) - money.amount


def receive(
    fee: Fee,
    way: str,
    amount: int,
    *,
    on: date,
    key: str,
    by: Worker,
    as_of: datetime,
    tendered: int | None = None,
    order: PaymentOrder | None = None,
    slip: Slip | None = None,
) -> Received:
    """Money has come in for a fee: kept once under its key, with the next number of a receipt, whatever became of the
    case. It ends the step that waited for it; what is too much is asked back."""
    with transaction.atomic():
        alone()
        before = Received.objects.filter(key=key).first()
        if before is not None:
            return before
        bill = queries.bill(fee.case)
        year = fiscal_year(in_tokyo(as_of).date())
        last = Received.objects.filter(fiscal_year=year).aggregate(last=Max("number"))["last"] or 0
        money = Received.objects.create(
            town=fee.town,
            fee=fee,
            way=way,
            amount=amount,
            on=on,
            key=key,
            tendered=tendered,
            order=order,
            slip=slip,
            fiscal_year=year,
            number=last + 1,
            by=by.id,
            by_name=by.name if by.kind == "staff" else "",
            at=as_of,
        )
        if bill and bill.due and amount != bill.due:
            ask_back(money, amount, WRONG_AMOUNT, as_of=as_of)
        settle(fee, by=by, as_of=as_of)
    return money


def settle(fee: Fee, *, by: Worker, as_of: datetime) -> None:
    """What was received and what is owed come together: the step ends when it is paid, what is too much goes back."""
    bill = queries.bill(fee.case)
    if bill is None or bill.target is None:
        return
    if bill.task and bill.target and bill.kept >= bill.target:
        try:
            with transaction.atomic():
                cases.paid(bill.task, by=by, as_of=as_of, note=_note(bill))
        except NotOpen:  # the case ended while we looked: what came in goes back
            return settle(fee, by=by, as_of=as_of)
    if bill.kept > bill.target:
        _ask_excess_back(bill, as_of=as_of)
    if not bill.due or bill.kept >= bill.target:
        _leave_orders(fee, as_of)


def _note(bill: Bill) -> str:
    """What the log says of the payment."""
    paid = [f"{WAYS[one.way]} {one.amount:,}円（領収書 {receipt_number(one)}）" for one in bill.received]
    return f"{bill.service.fee_name.ja} {bill.target:,}円 の支払いを確かめました：{'、'.join(paid)}"


def _ask_excess_back(bill: Bill, *, as_of: datetime) -> None:
    """The newest money goes back first. Of a case without its service, all of it."""
    excess = bill.kept - (bill.target or 0)
    gone = {one.id: 0 for one in bill.received}
    for refund in bill.refunds:
        gone[refund.received_id] += refund.amount
    for money in reversed(bill.received):
        part = min(excess, money.amount - gone[money.id])
        if part > 0:
            whole = part == money.amount and len(bill.received) > 1
            why = (TWICE if whole else LOWERED) if bill.target else ENDED
            ask_back(money, part, why, as_of=as_of)
            excess -= part


def _leave_orders(fee: Fee, as_of: datetime) -> None:
    """Nobody is to pay at the provider any more what is paid or not owed."""
    PaymentOrder.objects.filter(fee=fee, state__in=[NEW, OPEN]).update(state=LEFT, next_ask_at=as_of)


def settle_ended(*, as_of: datetime) -> int:
    """Money for cases that were withdrawn or refused meanwhile is asked back; returns for how many."""
    alone()
    ended = queries.ended_with_money()
    for fee in ended:
        settle(fee, by=SYSTEM(fee.town), as_of=as_of)
    return len(ended)


# -- slips and receipts -----------------------------------------------------------------------------------
def issue_slip(case: uuid.UUID, *, by: Worker, as_of: datetime) -> Slip:
    """The slip for what a case owes; asked again it is the same one. Raises Denied, NothingOwed."""
    with transaction.atomic():
        alone()
        bill = ask(case, "fee.pay", by)
        fee = assess(bill)
        found = Slip.objects.filter(fee=fee, amount=bill.due).first()
        if found is None:
            number = slip_number(fee.town, Slip.objects.count() + 1)
            found = Slip.objects.create(
                town=fee.town,
                number=number,
                fee=fee,
                amount=bill.due,
                issued_at=as_of,
                until=in_tokyo(as_of).date() + SLIP_DAYS,
            )
    return found


def slip_number(town: str, count: int) -> str:
    """The number of a town's slip: six digits of the town, nine that count on, one that shows a slip of the pen.

    >>> slip_number("394262", 1)
    '3942620000000014'
    """
    digits = f"{town}{count:09}"
    return digits + luhn.calc_check_digit(digits)


def receipt_number(money: Received) -> str:
    """The number of a receipt as it is written: the fiscal year in the Japanese era, then one after the other."""
    return f"令和{money.fiscal_year - 2018}年度 第{money.number}号"


def printed(money: Received, *, as_of: datetime) -> bool:
    """A receipt is made; whether one was made before, so that this one is marked 再発行."""
    first = Received.objects.filter(id=money.id, printed_at=None).update(printed_at=as_of)
    return not first
