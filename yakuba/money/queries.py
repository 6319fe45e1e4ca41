"""What can be asked of the money room."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Min, Q, QuerySet, Sum

from yakuba.access import Resource
from yakuba.money import banks
from yakuba.money.account import TYPES
from yakuba.money.models import (
    APPROVED,
    DRAFT,
    EXPORTED,
    FAILED,
    IN_RUN,
    PAID,
    SENT,
    WAITING,
    Approval,
    Entitlement,
    Originator,
    Payment,
    ResultRead,
    Transfer,
    TransferFile,
    TransferRun,
)
from yakuba.money.results import CODES
from yakuba.words import Text


@dataclass(frozen=True, slots=True)
class Counted:
    """How many, and how many yen."""

    count: int
    total: int


def originator() -> Originator | None:
    """How the bank knows the town, once that was registered."""
    return Originator.objects.first()


def receiving(entitlement: str, on: date) -> list[uuid.UUID]:
    """Who gets this money by the month on that day."""
    month = on.replace(day=1)
    running = Entitlement.objects.filter(
        Q(last=None) | Q(last__gte=month), key__startswith=f"{entitlement}:", first__lte=month
    )
    people = running.values_list("beneficiary", flat=True).distinct()
    return [person for person in people if person is not None]


def runs() -> QuerySet[TransferRun]:
    """All runs, newest first; page through them."""
    return TransferRun.objects.prefetch_related("approvals").order_by("-created_at", "-id")


def runs_waiting() -> int:
    """Runs that somebody has to approve, write, send, or read the answer of."""
    return TransferRun.objects.filter(state__in=[DRAFT, APPROVED, EXPORTED, SENT]).count()


def run(run_id: uuid.UUID) -> TransferRun | None:
    """One run with its approvals."""
    return TransferRun.objects.prefetch_related("approvals").filter(id=run_id).first()


def resource(run: TransferRun) -> Resource:
    """What the policy may know about a run. `approved_by`: the last person who approved it."""
    last = Approval.objects.filter(run=run).order_by("-at", "-id").values_list("by", flat=True).first()
    attributes = {"created_by": run.created_by, "approved_by": last, "state": run.state}
    return Resource("Run", str(run.id), run.town, attributes)


def files(run_id: uuid.UUID) -> QuerySet[TransferFile]:
    """The files of a run, without their contents."""
    return TransferFile.objects.defer("content").filter(run=run_id).order_by("id")


def file_content(file_id: int) -> TransferFile | None:
    """A file with its content, to be given to the bank."""
    return TransferFile.objects.select_related("run").filter(id=file_id).first()


def transfers(run_id: uuid.UUID) -> QuerySet[Transfer]:
    """The transfers of a run in the order of the file; page through them."""
    return Transfer.objects.filter(run=run_id).select_related("payment").order_by("id")


def by_state(run_id: uuid.UUID) -> dict[str, Counted]:
    """How many transfers of the run are in each state, and yen."""
    rows = Transfer.objects.filter(run=run_id).values("state").annotate(n=Count("id"), yen=Sum("amount"))
    return {row["state"]: Counted(row["n"], row["yen"]) for row in rows}


def failed_transfers() -> QuerySet[Transfer]:
    """Transfers that came back and whose payment was not made otherwise since, newest first."""
    failed = Transfer.objects.filter(state=FAILED, payment__state__in=[FAILED, WAITING])
    return failed.select_related("payment", "run").order_by("-id")


def reason(transfer: Transfer) -> Text | None:
    """Why the bank sent a transfer back; None where it did not."""
    return CODES.get(transfer.code) if transfer.state == FAILED else None


def account_line(transfer: Transfer) -> str:
    """The account in one line, with the names of bank and branch: as a clerk compares it with a passbook."""
    bank, branch = banks.bank(transfer.bank), banks.branch(transfer.bank, transfer.branch)
    kind = TYPES[transfer.type]
    return (
        f"{bank.name} {branch.name}（{bank.code}-{branch.code}） {kind} {transfer.number} {transfer.holder}"
    )


def waiting(until: date) -> list[dict[str, object]]:
    """Payments that wait for a run, by service: count and yen. Monthly money is ordered when a run is made."""
    rows = Payment.objects.filter(state=WAITING, due__lte=until).values("entitlement__service")
    return [
        {"service": row["entitlement__service"], "count": row["n"], "total": row["yen"]}
        for row in rows.annotate(n=Count("id"), yen=Sum("amount")).order_by("entitlement__service")
    ]


def held_back() -> QuerySet[Payment]:
    """Waiting payments over the limit per transfer: no run takes them until the limit or the decision changes."""
    limit = Originator.objects.values("per_transfer")[:1]
    return Payment.objects.filter(state=WAITING, amount__gt=limit).order_by("due", "id")


def payments_of(case: uuid.UUID) -> QuerySet[Payment]:
    """Every payment of a case, oldest first."""
    return Payment.objects.filter(case=case).order_by("due", "id")


def runs_of(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The runs (ids) that pay, or were to pay, some cases, each with one of them."""
    return dict(Transfer.objects.filter(payment__case__in=cases).values_list("run", "payment__case"))


def entitlement_of(case: uuid.UUID) -> Entitlement | None:
    """What the case entitles to."""
    return Entitlement.objects.filter(case=case).first()


def counts() -> dict[str, int]:
    """Payments by state, for the figures of a day."""
    rows = Payment.objects.aggregate(
        waiting=Count("id", filter=Q(state=WAITING)),
        in_run=Count("id", filter=Q(state=IN_RUN)),
        paid=Count("id", filter=Q(state=PAID)),
        failed=Count("id", filter=Q(state=FAILED)),
    )
    return {name: int(number) for name, number in rows.items()}


def file_times(cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When the first transfer of each case was written to a bank file."""
    rows = Transfer.objects.filter(payment__case__in=cases, run__exported_at__isnull=False)
    first = rows.values("payment__case").annotate(at=Min("run__exported_at"))
    return {row["payment__case"]: row["at"] for row in first}


def first_paid(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, date]:
    """On which day the first payment of each case reached its account."""
    rows = Payment.objects.filter(case__in=cases, state=PAID).values("case").annotate(on=Min("paid_on"))
    return {row["case"]: row["on"] for row in rows if row["on"]}


def transfer_counts(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many transfers each case took, those that came back among them."""
    rows = Transfer.objects.filter(payment__case__in=cases).values("payment__case").annotate(n=Count("id"))
    return {row["payment__case"]: row["n"] for row in rows}


def payment_counts(cases: Sequence[uuid.UUID]) -> dict[str, int]:
    """Payments and yen of these cases, transfers that came back among them."""
    payments = Payment.objects.filter(case__in=cases)
    back = Transfer.objects.filter(payment__case__in=cases, state=FAILED)
    paid = payments.filter(state=PAID).aggregate(n=Count("id"), yen=Sum("amount"))
    return {
        "ordered": payments.count(),
        "paid": paid["n"],
        "yen_paid": paid["yen"] or 0,
        "rejects": back.count(),
    }


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the town ordered: one transfer, the case it is for, yen, and whether it is one of several months."""

    transfer: int
    case: uuid.UUID
    amount: int
    monthly: bool


def results_read() -> QuerySet[ResultRead]:
    """Every result file of the bank that was read, the oldest first."""
    return ResultRead.objects.order_by("read_at", "id")


def result_content(sha256: str) -> bytes:
    """A result file as it came. Raises ResultRead.DoesNotExist."""
    return bytes(ResultRead.objects.get(sha256=sha256).content)


def ordered(transfers: Sequence[int]) -> list[Ordered]:
    """What was ordered under these numbers; a number that the town never gave is left out."""
    rows = Transfer.objects.filter(id__in=transfers).values_list(
        "id", "payment__case", "payment__amount", "payment__entitlement__pay_months"
    )
    return [Ordered(number, case, amount, months is not None) for number, case, amount, months in rows]
