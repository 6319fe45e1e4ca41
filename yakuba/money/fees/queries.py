"""What can be asked about fees."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from yakuba.access import Resource
from yakuba.cases import queries as case_queries
from yakuba.cases.deciding import requested_on
from yakuba.cases.oracle import guard_facts
from yakuba.cases.rows import task_id
from yakuba.cases.state import DONE as STEP_DONE
from yakuba.cases.state import OPEN as STEP_OPEN
from yakuba.cases.state import WAITING, CaseState
from yakuba.clock import in_tokyo
from yakuba.declare import Service
from yakuba.money.models import (
    AGAIN,
    APPROVED,
    ASKED,
    DONE,
    MATCHED,
    NEW,
    NOT_SENT,
    ONLINE,
    OPEN,
    SENDING,
    CollectionRow,
    Fee,
    PaymentOrder,
    Received,
    Refund,
    Slip,
)

WITHOUT = ("withdrawn", "refused")
"""Outcomes of a case for which nothing is owed."""
NOT_HELD = Q(result__in=[MATCHED, AGAIN])


@dataclass(frozen=True, slots=True)
class Bill:
    """The fee of one case. `target`: yen that the town is to keep; None while the case is being decided anew.
    `kept`: what it has, less what goes back; `task`: the open one that waits for the money."""

    case: uuid.UUID
    service: Service
    state: CaseState
    task: uuid.UUID | None
    target: int | None
    kept: int
    received: Sequence[Received]
    refunds: Sequence[Refund]
    order: PaymentOrder | None
    slip: Slip | None

    @property
    def since(self) -> date:
        """The day on which the step opened that takes the fee."""
        charge = self.service.charge()
        opened = self.state.steps[charge.id].opened_at if charge else None
        return in_tokyo(datetime.fromisoformat(opened or "")).date()

    @property
    def due(self) -> int:
        """Yen that can be paid now."""
        return max(0, (self.target or 0) - self.kept) if self.task else 0


def bill(case: uuid.UUID) -> Bill | None:
    """What a case owes and what was paid. None where it has no fee, or it is not yet known to be owed."""
    found = case_queries.one(case)
    return bill_of(case, case_queries.service_of(found), case_queries.state(found))


def bill_of(case: uuid.UUID, service: Service, state: CaseState) -> Bill | None:
    """The same of a case that was read before."""
    charge = service.charge()
    if service.fee is None or charge is None:
        return None
    fee = Fee.objects.filter(case=case).first()
    progress = state.steps[charge.id]
    if fee is None and progress.status != STEP_OPEN:
        return None
    received = list(Received.objects.filter(fee=fee).order_by("id")) if fee else []
    refunds = list(Refund.objects.filter(received__in=received).order_by("asked_at", "id"))
    back = sum(one.amount for one in refunds)  # of one that was declined, too: it pays for nothing else
    target = _target(service, state, progress.status, fee)
    return Bill(
        case=case,
        service=service,
        state=state,
        task=task_id(case, charge.id, progress.attempt) if progress.status == STEP_OPEN else None,
        target=target,
        kept=sum(one.amount for one in received) - back,
        received=received,
        refunds=refunds,
        order=PaymentOrder.objects.filter(fee=fee, state__in=[NEW, OPEN]).first() if fee else None,
        slip=Slip.objects.filter(fee=fee, amount=target).first() if fee and target else None,
    )


def _target(service: Service, state: CaseState, status: str, fee: Fee | None) -> int | None:
    """Yen that the town is to keep as the case stands."""
    if state.outcome in WITHOUT:
        return 0
    if status == STEP_OPEN:
        return service.fee_of(guard_facts(state), as_of=requested_on(state))
    if status == STEP_DONE:
        return fee.amount if fee else 0
    return None if status == WAITING else 0


def resource(refund: Refund) -> Resource:
    """What the policy may know about a refund: who took the money, and who approved that it goes back."""
    attributes = {
        "taken_by": refund.received.by,
        "approved_by": refund.approved_by or None,
        "state": refund.state,
    }
    return Resource("Refund", str(refund.id), refund.town, attributes)


def refund(refund_id: uuid.UUID) -> Refund | None:
    """One refund with the money that it is about."""
    return Refund.objects.select_related("received__fee").filter(id=refund_id).first()


def refunds_waiting() -> QuerySet[Refund]:
    """Refunds that a person has to approve or pay out, or that the provider is at; the oldest first."""
    states = [ASKED, APPROVED, SENDING, NOT_SENT]
    return Refund.objects.select_related("received__fee").filter(state__in=states).order_by("asked_at", "id")


def rows_held() -> QuerySet[CollectionRow]:
    """Rows of the collecting bank that could not be matched and that nobody has explained; the oldest first."""
    rows = CollectionRow.objects.select_related("received__fee", "file").exclude(NOT_HELD)
    return rows.filter(told_at=None).order_by("id")


def received(number: int) -> Received | None:
    """One sum that came in, by its id."""
    return Received.objects.select_related("fee").filter(id=number).first()


def slip(number: str) -> Slip | None:
    """The slip of this number."""
    return Slip.objects.select_related("fee").filter(number=number).first()


def order(number: uuid.UUID) -> PaymentOrder | None:
    """One attempt to pay online, with its fee."""
    return PaymentOrder.objects.select_related("fee").filter(id=number).first()


def orders_to_ask(as_of: datetime) -> list[uuid.UUID]:
    """Orders of which it is time to ask the provider how they stand."""
    waiting = PaymentOrder.objects.filter(next_ask_at__lte=as_of).order_by("next_ask_at")
    return list(waiting.values_list("id", flat=True))


def refunds_to_send(as_of: datetime) -> list[Refund]:
    """Approved refunds of money that came in online, of which it is time to tell the provider."""
    waiting = Refund.objects.filter(
        Q(next_try_at=None) | Q(next_try_at__lte=as_of),
        state__in=[APPROVED, SENDING],
        received__order__isnull=False,
    )
    return list(waiting.select_related("received").order_by("approved_at"))


def ended_with_money() -> list[Fee]:
    """Fees of cases that ended without their service although money for them is still here."""
    ended = case_queries.ended_with(WITHOUT)
    kept = Received.objects.filter(fee__case__in=ended).annotate(back=Coalesce(Sum("refunds__amount"), 0))
    return list(Fee.objects.filter(id__in=kept.filter(amount__gt=F("back")).values("fee")))


def counts() -> dict[str, int]:
    """What waits for the people who handle fees."""
    return {
        "refunds": Refund.objects.filter(state__in=[ASKED, APPROVED, NOT_SENT]).count(),
        "held": rows_held().count(),
    }


# -- the books of some days -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Day:
    """What came in and went back on one day in one way: how many, yen."""

    on: date
    way: str
    count: int
    received: int
    refunded: int

    @property
    def net(self) -> int:
        return self.received - self.refunded


def days(since: date, until: date) -> list[Day]:
    """Money that came in or went back, by day and way; a day and a way without any are left out."""
    rows: dict[tuple[date, str], list[int]] = {}
    came = Received.objects.filter(on__range=(since, until)).values("on", "way")
    for row in came.annotate(n=Count("id"), yen=Sum("amount")).order_by():
        rows[row["on"], row["way"]] = [row["n"], row["yen"], 0]
    back = Refund.objects.filter(state=DONE, done_on__range=(since, until)).values("done_on", "received__way")
    for on, way, yen in (
        back.annotate(yen=Sum("amount")).order_by().values_list("done_on", "received__way", "yen")
    ):
        assert on is not None
        rows.setdefault((on, way), [0, 0, 0])[2] = yen
    return [Day(on, way, *sums) for (on, way), sums in sorted(rows.items())]


def paid_online(since: date, until: date) -> int:
    """How many payments came in online, both days included."""
    return Received.objects.filter(on__range=(since, until), way=ONLINE).count()


def owed(since: date, until: date) -> dict[date, tuple[int, int]]:
    """Fees that came to be owed on each day (調定): how many, yen."""
    rows = Fee.objects.filter(since__range=(since, until)).values("since")
    return {row["since"]: (row["n"], row["yen"]) for row in rows.annotate(n=Count("id"), yen=Sum("amount"))}


def open_fees() -> tuple[int, int]:
    """Fees that wait to be paid now: how many, yen."""
    waiting = case_queries.open_of_verb("charge")
    found = Fee.objects.filter(task__in=waiting).aggregate(n=Count("id"), yen=Sum("amount"))
    return found["n"], found["yen"] or 0


def collected(since: date, until: date) -> dict[date, dict[str, int]]:
    """Yen of the collecting bank's rows by the day of payment: in all, those that became money received, and those of an
    unknown number."""
    rows = CollectionRow.objects.filter(on__range=(since, until), amount__isnull=False).exclude(result=AGAIN)
    found = rows.values("on").annotate(
        yen=Sum("amount"), kept=Sum("amount", filter=Q(received__isnull=False))
    )
    return {
        row["on"]: {
            "rows": row["yen"],
            "received": row["kept"] or 0,
            "unknown": row["yen"] - (row["kept"] or 0),
        }
        for row in found.order_by()
        if row["on"]
    }


def provider_lines(since: date, until: date) -> dict[date, dict[str, int]]:
    """What we have of the provider's money on each day: yen by order, less what went back."""
    lines: dict[date, dict[str, int]] = {}
    for one in Received.objects.filter(on__range=(since, until), order__isnull=False):
        day = lines.setdefault(one.on, {})
        day[str(one.order_id)] = day.get(str(one.order_id), 0) + one.amount
    back = Refund.objects.filter(state=DONE, done_on__range=(since, until), received__order__isnull=False)
    for gone in back.exclude(done_by__startswith="staff").select_related("received"):
        assert gone.done_on is not None
        day = lines.setdefault(gone.done_on, {})
        number = str(gone.received.order_id)
        day[number] = day.get(number, 0) - gone.amount
    return lines
