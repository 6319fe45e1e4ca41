"""Paying online: an order of ours at the provider, whatever is not known is asked again, and nobody pays twice.

An order is kept before the provider hears of it, so that whatever happens in between leaves an order of which it can be
asked. What the provider tells is a notice; what counts is the order's number, under which money is received once.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from yakuba.access import SYSTEM, Worker, towns
from yakuba.clock import in_tokyo
from yakuba.money.fees import provider as providers
from yakuba.money.fees import queries
from yakuba.money.fees.charging import alone, ask, assess, receive
from yakuba.money.fees.provider import Provider, Said
from yakuba.money.models import LEFT, NEW, ONLINE, OPEN, OVER, PAID, PaymentNotice, PaymentOrder

AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
"""After how long the provider is asked again about an order that is not over; from then on every six hours."""
LATER = timedelta(hours=6)
GONE = timedelta(hours=1)
"""An order of which the provider knows nothing after so long never arrived there."""
KEPT_ASKING = timedelta(days=30)
"""So long an order is asked after; the books of a day (`books.differences`) find what comes later than that."""

logger = logging.getLogger(__name__)


def order(case: uuid.UUID, *, by: Worker, as_of: datetime) -> PaymentOrder:
    """Begin to pay online: the order that is still to be paid, or a new one. Nothing has been sent to the provider yet.

    Raises Denied, NothingOwed.
    """
    with transaction.atomic():
        alone()
        bill = ask(case, "fee.pay", by)
        fee = assess(bill)
        live = PaymentOrder.objects.filter(fee=fee, state__in=[NEW, OPEN]).first()
        if live is not None and live.amount == bill.due:
            return live
        if live is not None:
            live.state, live.next_ask_at = LEFT, as_of
            live.save(update_fields=["state", "next_ask_at"])
        return PaymentOrder.objects.create(
            town=fee.town, fee=fee, amount=bill.due, state=NEW, made_at=as_of, next_ask_at=as_of + AGAIN[0]
        )


def open_page(
    wanted: PaymentOrder, provider: Provider, *, what: str, back: str, tell: str, as_of: datetime
) -> PaymentOrder:
    """Have the provider take the order; its page is then where the resident pays. Raises provider.Silent, Refused."""
    said = provider.order(providers.Wanted(wanted.id, wanted.town, wanted.amount, what, back, tell))
    return learn(wanted.id, said, as_of=as_of)


def refused(order_id: uuid.UUID) -> None:
    """The provider will not take the order: the resident may begin another, or pay in another way."""
    alone()
    PaymentOrder.objects.filter(id=order_id, state=NEW).update(state=OVER, next_ask_at=None)


def look(order_id: uuid.UUID, provider: Provider, *, as_of: datetime) -> PaymentOrder | None:
    """Ask the provider how an order stands. Raises provider.Silent, Refused."""
    said = provider.ask(order_id)
    return learn(order_id, said, as_of=as_of) if said else queries.order(order_id)


def learn(order_id: uuid.UUID, said: Said, *, as_of: datetime) -> PaymentOrder:
    """What the provider says of an order counts: money is received once, however often and by whatever way it is said."""
    with transaction.atomic():
        alone()
        known = PaymentOrder.objects.get(id=order_id)
        if known.state == PAID:
            return known
        if said.state == "paid":
            known.state, known.next_ask_at = PAID, None
        elif said.state == "over":
            known.state, known.next_ask_at = OVER, None
        elif known.state == NEW:
            known.state = OPEN
        known.page = said.page or known.page
        known.save(update_fields=["state", "page", "next_ask_at"])
        if said.state == "paid":
            receive(
                known.fee,
                ONLINE,
                said.amount,
                on=said.on or in_tokyo(as_of).date(),
                key=f"order:{known.id}",
                by=SYSTEM(known.town),
                as_of=as_of,
                order=known,
            )
    return known


def notified(body: bytes, headers: Mapping[str, str], *, as_of: datetime) -> None:
    """The provider tells of an order: the notice is kept as it came, each time that it comes. One about an order that
    this town never made is kept, and changes nothing. Raises provider.Forged."""
    notice = providers.read_notice(body, headers, as_of=as_of)
    with transaction.atomic():
        known = queries.order(notice.order)
        PaymentNotice.objects.create(
            town=towns.current_town(),
            number=notice.number,
            order=notice.order,
            body=body,
            signature=headers.get("webhook-signature", "")[:200],
            at=as_of,
        )
        if known is None:
            logger.warning("a notice about order %s, which this town never made", notice.order)
        else:
            learn(notice.order, notice.said, as_of=as_of)


# -- what is not known is asked -----------------------------------------------------------------------------
def ask_all(town: str, provider: Provider, *, as_of: datetime) -> int:
    """Ask the provider about every order that is due to be asked after; tell it of those that nobody wants any more.
    Returns how many were settled. The database is not held meanwhile."""
    with towns.inside(town):
        waiting = [(number, queries.order(number)) for number in queries.orders_to_ask(as_of)]
    settled = 0
    for number, known in waiting:
        assert known is not None
        try:
            said = provider.cancel(number) if known.state == LEFT else provider.ask(number)
        except (providers.Silent, providers.Refused) as error:
            logger.warning("the payment provider said nothing of order %s (%s)", number, error)
            said = None
            answered = False
        else:
            answered = True
        with towns.inside(town):
            if said:
                learn(number, said, as_of=as_of)
            settled += _asked(number, answered and said is None, as_of)
    return settled


def _asked(number: uuid.UUID, unknown: bool, as_of: datetime) -> bool:
    """When an order is asked after again; whether it need not be any more."""
    alone()
    known = PaymentOrder.objects.get(id=number)
    if known.state in (PAID, OVER):
        return True
    old = as_of - known.made_at
    if (unknown and old >= GONE) or old >= KEPT_ASKING:
        known.state, known.next_ask_at = OVER, None
    else:
        known.next_ask_at = as_of + (AGAIN[known.tries] if known.tries < len(AGAIN) else LATER)
        known.tries += 1
    known.save(update_fields=["state", "next_ask_at", "tries"])
    return known.state == OVER
