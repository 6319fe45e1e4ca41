"""What the money room needs of a closed case, and what it removes when the case is anonymised."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime

from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from yakuba.cases import queries as case_queries
from yakuba.cases.retention import forgets, holds
from yakuba.clock import in_tokyo
from yakuba.money.models import (
    APPROVED,
    ASKED,
    FAILED,
    IN_RUN,
    NOT_SENT,
    PAID,
    SENDING,
    WAITING,
    Correction,
    Entitlement,
    Payment,
    Received,
    ResultRead,
    SetOff,
    Transfer,
    TransferFile,
)

CLAIM_YEARS = 5
"""So long money can be claimed from a town, or back by it (地方自治法 第236条第1項)."""


@holds("money")
def needed(cases: Collection[uuid.UUID], as_of: datetime) -> set[uuid.UUID]:
    """Cases by whose facts money is still paid, whose payments have not all arrived, or whose money, there or back, can
    still be claimed."""
    today = in_tokyo(as_of).date()
    ends = date(today.year - CLAIM_YEARS, today.month, min(today.day, 28))
    standing = case_queries.granted(cases)  # nothing is paid any more for what is not granted
    monthly = Entitlement.objects.filter(case__in=standing, first__isnull=False).filter(
        Q(last=None)
        | Q(last__gte=today.replace(day=1))
        | Q(ordered_until=None, last__gte=F("first"))
        | Q(last__gt=F("ordered_until"))
    )
    payments = Payment.objects.filter(
        Q(case__in=cases, state=IN_RUN)
        | Q(case__in=cases, state=PAID, paid_on__gt=ends)
        | Q(case__in=standing, state__in=[WAITING, FAILED])
    )
    fees = Received.objects.filter(fee__case__in=cases).filter(
        Q(on__gt=ends) | Q(refunds__state__in=[ASKED, APPROVED, SENDING, NOT_SENT])
    )
    return {
        *monthly.values_list("case", flat=True),
        *payments.values_list("case", flat=True),
        *fees.values_list("fee__case", flat=True),
    }


_NO_ACCOUNT = {"bank": "", "branch": "", "type": "", "number": "", "holder": ""}


@forgets
def forget(cases: Collection[uuid.UUID]) -> None:
    """Sums and days stay for the accounts of the town; who got them, and where, does not."""
    # the key names the person: one that names the entitlement keeps every payment the only one of its period
    nameless = Concat(Value("anonymised:"), Cast("entitlement", CharField()))
    Payment.objects.filter(case__in=cases).update(key=nameless)
    mine = Entitlement.objects.filter(case__in=cases)
    mine.update(key=Concat(Value("anonymised:"), Cast("id", CharField())), beneficiary=None, **_NO_ACCOUNT)
    for model in (Correction, SetOff):
        model.objects.filter(case__in=cases).update(key=Concat(Value("anonymised:"), Cast("id", CharField())))
    transfers = Transfer.objects.filter(payment__case__in=cases)
    files = set(transfers.filter(file__isnull=False).values_list("file", flat=True))
    transfers.update(**_NO_ACCOUNT)
    _empty(files)


def _empty(files: Collection[int]) -> None:
    """A bank's file has the accounts of many; it is emptied with the last of them."""
    named = Transfer.objects.filter(file=OuterRef("pk")).exclude(number="")
    gone = TransferFile.objects.filter(~Exists(named), id__in=files)
    ResultRead.objects.filter(file__in=gone).update(content=b"")
    gone.update(content=b"")
