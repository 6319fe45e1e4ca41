"""What the money room stores: who is entitled to what, each payment once, every attempt to pay it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yakuba.access.towns import TownOwned

WAITING, IN_RUN, PAID, FAILED = "waiting", "in_run", "paid", "failed"
"""States of a payment; of a transfer: IN_RUN, PAID, FAILED, CANCELLED."""
ONCE = "once"
"""The period of a payment that is made a single time."""
HOLDER = "money"
"""Who holds a step of a case while its money is on the way, there or back."""
DRAFT, APPROVED, EXPORTED, SENT, SETTLED, CANCELLED = (
    "draft",
    "approved",
    "exported",
    "sent",
    "settled",
    "cancelled",
)
"""States of a run."""


class Originator(TownOwned):
    """The town as its bank knows it (委託者), the account that payments leave from, and the bank's limits."""

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=40)
    bank = models.CharField(max_length=4)
    branch = models.CharField(max_length=3)
    type = models.CharField(max_length=1)
    number = models.CharField(max_length=7)
    per_transfer = models.BigIntegerField()
    per_run = models.BigIntegerField()
    per_file = models.IntegerField()
    crlf = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town"], name="one_originator_per_town")]


class Entitlement(TownOwned):
    """What a granted case entitles somebody to: one sum, or so much a month from `first` until `last`.

    `key` says who is entitled to what (entitlement and beneficiary): two cases about the same thing share it.
    `fixed`: a person set the amount, and no month's rule changes it. `ordered_until`: the last month that was
    ordered, or found to be worth nothing.
    `step`, `attempt`: the pay step of the case that the bank's answer goes back to. The account is the one
    that was confirmed last.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.UUIDField()
    step = models.CharField(max_length=64)
    attempt = models.IntegerField()
    key = models.CharField(max_length=160)
    service = models.CharField(max_length=64)
    beneficiary = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    fixed = models.BooleanField()
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    ordered_until = models.DateField(null=True)
    pay_months = ArrayField(models.IntegerField(), null=True)
    covers = models.IntegerField(null=True)
    bank = models.CharField(max_length=4)
    branch = models.CharField(max_length=3)
    type = models.CharField(max_length=1)
    number = models.CharField(max_length=7)
    holder = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "case"], name="one_entitlement_per_case")]
        indexes = [models.Index(fields=["town", "key"])]


class Payment(TownOwned):
    """One sum for one period of an entitlement. The database holds it to be the only one: never twice."""

    id = models.BigAutoField(primary_key=True)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="payments")
    case = models.UUIDField()
    key = models.CharField(max_length=160)
    period = models.CharField(max_length=7)
    amount = models.BigIntegerField()
    due = models.DateField()
    state = models.CharField(max_length=8)
    ordered_at = models.DateTimeField()
    paid_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "key", "period"], name="one_payment_per_period"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
        ]
        indexes = [
            models.Index(fields=["town", "due"], name="payments_waiting", condition=Q(state=WAITING)),
            models.Index(fields=["town", "case"]),
        ]


class TransferRun(TownOwned):
    """Transfers of one value date that are approved and leave together (振込のまとまり)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    value_date = models.DateField()
    state = models.CharField(max_length=9)
    count = models.IntegerField()
    total = models.BigIntegerField()
    created_by = models.CharField(max_length=80)
    created_by_name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    exported_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["town", "state"])]


class Approval(TownOwned):
    """One person's word that a run may leave; a run needs two different people."""

    run = models.ForeignKey(TransferRun, on_delete=models.CASCADE, related_name="approvals")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "by"], name="one_approval_per_person")]


class TransferFile(TownOwned):
    """A bank file as it was made, byte for byte; its id travels in the file and comes back in the result."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(TransferRun, on_delete=models.PROTECT, related_name="files")
    count = models.IntegerField()
    total = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    receipt = models.CharField(max_length=80, blank=True)


class Transfer(TownOwned):
    """One attempt to pay a payment. The database allows one at a time, and none after one that was paid."""

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="transfers")
    run = models.ForeignKey(TransferRun, on_delete=models.PROTECT, db_index=False, related_name="transfers")
    file = models.ForeignKey(
        TransferFile, on_delete=models.PROTECT, null=True, db_index=False, related_name="transfers"
    )
    state = models.CharField(max_length=9)
    amount = models.BigIntegerField()
    bank = models.CharField(max_length=4)
    branch = models.CharField(max_length=3)
    type = models.CharField(max_length=1)
    number = models.CharField(max_length=7)
    holder = models.CharField(max_length=30)
    code = models.CharField(max_length=1, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "payment"],
                name="one_live_transfer_per_payment",
                condition=Q(state__in=[IN_RUN, PAID]),
            )
        ]
        indexes = [models.Index(fields=["run", "id"]), models.Index(fields=["file", "id"])]


class ResultRead(TownOwned):
    """A result file of the bank that was read; the same content again changes nothing."""

    sha256 = models.CharField(max_length=64)
    file = models.ForeignKey(TransferFile, on_delete=models.PROTECT, related_name="results")
    content = models.BinaryField()
    paid = models.IntegerField()
    failed = models.IntegerField()
    read_by = models.CharField(max_length=80)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "sha256"], name="one_reading_per_result")]


# -- what comes back of what was overpaid ------------------------------------------------------------
class Correction(TownOwned):
    """Yen of a payment that are asked back, by a case of `overpayment`: what is asked once is not asked again."""

    key = models.CharField(max_length=160)
    period = models.CharField(max_length=7)
    amount = models.BigIntegerField()
    case = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "period"], name="one_correction_per_payment"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="correction_is_positive"),
        ]
        indexes = [models.Index(fields=["town", "key"])]


class SetOff(TownOwned):
    """Yen that are taken from later payments of a key (内払調整) for this step of a case: `amount` in all, `left` of it still
    to be taken. One that was decided anew stands in a row of its own, and counts what was taken before."""

    case = models.UUIDField()
    step = models.CharField(max_length=64)
    attempt = models.IntegerField()
    key = models.CharField(max_length=160)
    amount = models.BigIntegerField()
    left = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "attempt"], name="one_set_off_per_attempt"),
            models.CheckConstraint(condition=Q(left__gte=0), name="set_off_is_not_negative"),
        ]
        indexes = [
            models.Index(fields=["town", "key"], name="open_set_offs", condition=Q(left__gt=0)),
        ]


# -- fees: what comes in ---------------------------------------------------------------------------------
ONLINE, COUNTER, SLIP = "online", "counter", "slip"
"""How a fee is paid: at the payment provider, in cash at the counter, with a slip (納付書) at a bank or shop."""
NEW, OPEN, LEFT, OVER = "new", "open", "left", "over"
"""States of an order at the provider, besides PAID. `new`: it is not known whether the provider has it; `open`: it can
be paid there; `left`: nobody wants it any more, and the provider is still to be told; `over`: it was not paid, and
cannot be."""
ASKED, SENDING, NOT_SENT, DONE, DECLINED = "asked", "sending", "not_sent", "done", "declined"
"""States of a refund, besides APPROVED. `sending`: the provider is at it; `not_sent`: it would not, and a person pays
it out."""
TWICE, ENDED, LOWERED, WRONG_AMOUNT = "twice", "ended", "lowered", "wrong_amount"
"""Why money goes back: paid twice; the case was withdrawn or refused; the fee is less than it was; another amount than
the slip says."""
MATCHED, UNKNOWN, REFUNDED, UNREADABLE, AGAIN = "matched", "unknown", "refunded", "unreadable", "again"
"""What a row of the collecting bank is, besides TWICE, ENDED and WRONG_AMOUNT. `again`: it was read with an earlier
file."""


class Fee(TownOwned):
    """What the resident of a case owes (調定): the amount by the rules of its service, and since when.

    Source: 地方自治法 第231条 (歳入の収入の方法).
    """

    case = models.UUIDField()
    task = models.UUIDField()
    service = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    since = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "case"], name="one_fee_per_case"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="fee_is_positive"),
        ]
        indexes = [models.Index(fields=["town", "since"])]


class PaymentOrder(TownOwned):
    """One attempt to pay a fee at the provider, under a number of ours. The database allows one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="orders")
    amount = models.BigIntegerField()
    state = models.CharField(max_length=8)
    page = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    next_ask_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "fee"], name="one_live_order_per_fee", condition=Q(state__in=[NEW, OPEN])
            )
        ]
        indexes = [
            models.Index(
                fields=["town", "next_ask_at"], name="orders_to_ask", condition=Q(next_ask_at__isnull=False)
            )
        ]


class PaymentNotice(TownOwned):
    """What the provider told the town, word by word, with its signature; only ever added."""

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=80)
    order = models.UUIDField(null=True)
    body = models.BinaryField()
    signature = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["town", "order"])]


class Slip(TownOwned):
    """A slip with which a fee is paid at a bank or shop (納付書), known by its number of 16 digits."""

    number = models.CharField(max_length=16)
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="slips")
    amount = models.BigIntegerField()
    issued_at = models.DateTimeField()
    until = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "number"], name="one_slip_per_number"),
            models.UniqueConstraint(fields=["town", "fee", "amount"], name="one_slip_per_amount"),
        ]


class Received(TownOwned):
    """Money that came in (収納), with the number of its receipt (領収書): consecutive in a fiscal year (会計年度).

    `key` says which money it is: the same again is the same row. `printed_at`: when the receipt was first made.
    Source: 地方自治法施行令 第154条; 地方自治法 第208条 (会計年度).
    """

    id = models.BigAutoField(primary_key=True)
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="received")
    way = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    on = models.DateField()
    key = models.CharField(max_length=120)
    tendered = models.BigIntegerField(null=True)
    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, null=True, related_name="received")
    slip = models.ForeignKey(Slip, on_delete=models.PROTECT, null=True, related_name="received")
    fiscal_year = models.IntegerField()
    number = models.IntegerField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "key"], name="money_is_received_once"),
            models.UniqueConstraint(fields=["order"], name="one_payment_per_order"),
            models.UniqueConstraint(fields=["town", "fiscal_year", "number"], name="one_receipt_per_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="received_is_positive"),
        ]
        indexes = [models.Index(fields=["town", "on"])]


class CollectionFile(TownOwned):
    """A file of the collecting bank (収納データ) as it came; the same content again changes nothing."""

    id = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    rows = models.IntegerField()
    read_by = models.CharField(max_length=80)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "sha256"], name="one_reading_per_collection")]


class CollectionRow(TownOwned):
    """One row of such a file, and what became of it: none is lost. `told`: what a person found out about one that is held."""

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(CollectionFile, on_delete=models.PROTECT, related_name="lines")
    line = models.IntegerField()
    raw = models.TextField()
    slip = models.CharField(max_length=40, blank=True)
    amount = models.BigIntegerField(null=True)
    on = models.DateField(null=True)
    reference = models.CharField(max_length=40, blank=True)
    result = models.CharField(max_length=12)
    received = models.ForeignKey(Received, on_delete=models.PROTECT, null=True, related_name="rows")
    told = models.CharField(max_length=500, blank=True)
    told_by = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "file", "line"], name="one_row_per_line"),
            models.UniqueConstraint(
                fields=["town", "reference"],
                name="one_row_per_reference",
                condition=~Q(result__in=[AGAIN, UNREADABLE]),
            ),
        ]


class Refund(TownOwned):
    """Money that is to go back (還付): asked for by the system, approved by a person, done by the provider or by hand."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    received = models.ForeignKey(Received, on_delete=models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    why = models.CharField(max_length=12)
    state = models.CharField(max_length=8)
    asked_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True)
    approved_by_name = models.CharField(max_length=100, blank=True)
    approved_at = models.DateTimeField(null=True)
    done_on = models.DateField(null=True)
    done_by = models.CharField(max_length=80, blank=True)
    told = models.CharField(max_length=500, blank=True)
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_positive")]
        indexes = [models.Index(fields=["town", "state"])]
