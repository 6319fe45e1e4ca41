"""Money goes back (還付): the system asks, a person approves, and the provider or another person pays it out."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.db import transaction

from yakuba.access import SYSTEM, Worker, require, towns
from yakuba.cases import actions as cases
from yakuba.clock import in_tokyo
from yakuba.money.fees import provider as providers
from yakuba.money.fees import queries
from yakuba.money.fees.errors import NoSuchRefund
from yakuba.money.models import APPROVED, ASKED, DECLINED, DONE, NOT_SENT, SENDING, Received, Refund

AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""After how long the provider is asked again about a refund that it has not done; from then on every six hours."""
HELD = timedelta(minutes=2)
"""So long a refund belongs to the worker that sends it."""
WHY = {
    "twice": "二重の支払い",
    "ended": "取下げ・却下",
    "lowered": "手数料の減額",
    "wrong_amount": "金額の違う支払い",
}


def ask_back(money: Received, amount: int, why: str, *, as_of: datetime) -> Refund:
    """A sum is to go back; it waits for a person's approval, and the case says so."""
    refund = Refund.objects.create(
        town=money.town, received=money, amount=amount, why=why, state=ASKED, asked_at=as_of
    )
    _note(refund, f"還付が必要です：{amount:,}円（{WHY[why]}）。", as_of)
    return refund


def approve(refund_id: uuid.UUID, *, by: Worker, as_of: datetime) -> Refund:
    """A person agrees that the money goes back. What came in online, the provider then pays back by itself.

    Raises Denied (also for the person who took the money), NoSuchRefund. Source: 地方自治法施行令 第165条の7 (過誤納金の払戻し).
    """
    with transaction.atomic():
        refund = _locked(refund_id, "fee.refund.approve", by, ASKED)
        refund.state, refund.approved_at = APPROVED, as_of
        refund.approved_by, refund.approved_by_name = by.id, by.name
        refund.save(update_fields=["state", "approved_at", "approved_by", "approved_by_name"])
        _note(refund, f"{by.name} が {refund.amount:,}円 の還付を承認しました。", as_of)
    return refund


def decline(refund_id: uuid.UUID, why: str, *, by: Worker, as_of: datetime) -> Refund:
    """The money stays: the town had done what it was for. Raises Denied, NoSuchRefund."""
    with transaction.atomic():
        refund = _locked(refund_id, "fee.refund.approve", by, ASKED)
        refund.state, refund.told, refund.done_by = DECLINED, why, by.id
        refund.save(update_fields=["state", "told", "done_by"])
        _note(refund, f"{by.name} が {refund.amount:,}円 を還付しないことにしました：{why}", as_of)
    return refund


def pay_out(refund_id: uuid.UUID, how: str, *, by: Worker, as_of: datetime) -> Refund:
    """A person has paid the money out: in cash against a signature, or to an account. `how`: as the books say it.

    Not of what the provider is paying back. Raises Denied (also for who approved it), NoSuchRefund.
    """
    with transaction.atomic():
        refund = _locked(refund_id, "fee.refund.pay_out", by, APPROVED, NOT_SENT)
        if refund.received.order_id and refund.state != NOT_SENT:
            raise NoSuchRefund
        _done(refund, by, in_tokyo(as_of).date(), how, as_of)
    return refund


def _locked(refund_id: uuid.UUID, action: str, by: Worker, *states: str) -> Refund:
    rows = Refund.objects.select_for_update(of=("self",)).select_related("received__fee")
    found = rows.filter(id=refund_id).first()
    if found is None:
        raise NoSuchRefund
    require(by, action, queries.resource(found))
    if found.state not in states:
        raise NoSuchRefund
    return found


def _done(refund: Refund, by: Worker, on: date, how: str, as_of: datetime) -> None:
    refund.state, refund.done_on, refund.done_by = DONE, on, by.id
    refund.told, refund.next_try_at = how, None
    refund.save(update_fields=["state", "done_on", "done_by", "told", "next_try_at"])
    _note(refund, f"{refund.amount:,}円 を還付しました（{how}）。", as_of)


def _note(refund: Refund, text: str, as_of: datetime) -> None:
    """The case tells of it; whoever did it stands in the text."""
    cases.note(refund.received.fee.case, text, by=SYSTEM(refund.town), as_of=as_of)


def send_all(town: str, provider: providers.Provider, *, as_of: datetime) -> int:
    """Have the provider pay back what was approved; returns how many are done. The database is not held meanwhile, and a
    refund that is sent again is the same refund there."""
    with towns.inside(town):
        waiting = queries.refunds_to_send(as_of)
        ids = [one.id for one in waiting]
        Refund.objects.filter(id__in=ids).update(state=SENDING, next_try_at=as_of + HELD)
    done = 0
    for one in waiting:
        assert one.received.order_id is not None
        try:
            on, refused = provider.refund(one.received.order_id, one.id, one.amount), ""
        except providers.Silent:
            on, refused = None, ""
        except providers.Refused as error:
            on, refused = None, str(error) or "no reason"
        with towns.inside(town):
            _sent(one.id, on, refused, as_of)
        done += on is not None
    return done


def _sent(refund_id: uuid.UUID, on: date | None, refused: str, as_of: datetime) -> None:
    """What became of a refund that the provider was told of."""
    refund = Refund.objects.select_for_update(of=("self",)).select_related("received__fee").get(id=refund_id)
    if refund.state != SENDING:
        return
    if on is not None:
        _done(refund, SYSTEM(refund.town), on, "オンライン決済の返金", as_of)
    elif refused:
        refund.state, refund.told, refund.next_try_at = NOT_SENT, refused[:500], None
        refund.save(update_fields=["state", "told", "next_try_at"])
        _note(
            refund,
            f"決済事業者が {refund.amount:,}円 の返金を断りました。窓口か振込で還付してください。",
            as_of,
        )
    else:
        refund.next_try_at = as_of + AGAIN[min(refund.tries, len(AGAIN) - 1)]
        refund.tries += 1
        refund.save(update_fields=["next_try_at", "tries"])
