"""What can happen to money: runs are made, approved, written to files, sent, and answered. The only writers."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from yakuba.access import Resource, Worker, require, towns
from yakuba.cases import queries as case_queries
from yakuba.money import account as accounts
from yakuba.money import banks, zengin
from yakuba.money.bank_days import bank_day_on_or_after, is_bank_day
from yakuba.money.check import check_file
from yakuba.money.errors import (
    FileFailsCheck,
    NoLongerGranted,
    NoOriginator,
    NoSuchRun,
    NotABankDay,
    NothingToPay,
    OverLimit,
    OwnAccounts,
    SecondPerson,
    TooFarAhead,
    WrongState,
)
from yakuba.money.kana import bank_kana
from yakuba.money.models import (
    APPROVED,
    CANCELLED,
    DRAFT,
    EXPORTED,
    IN_RUN,
    PAID,
    SENT,
    SETTLED,
    WAITING,
    Approval,
    Originator,
    Payment,
    Transfer,
    TransferFile,
    TransferRun,
)
from yakuba.money.ordering import ONCE, order_due, order_payments
from yakuba.money.queries import resource
from yakuba.money.settling import Reading, read_result

__all__ = [
    "Reading",
    "approve",
    "cancel",
    "create_run",
    "export",
    "mark_sent",
    "order_due",
    "order_payments",
    "read_result",
    "register_originator",
]

APPROVALS = 2
"""Different people who must approve a run before it may leave (地方自治法 第232条の4: 命令と支払の分離)."""
MOST_AHEAD = timedelta(days=123)
"""How long before its value date a run may be made. Money for two months is paid after them (児童手当法 第8条第4項),
at most 102 days after the claim; a day beyond four months is a slip, would order months that nobody decided on yet,
and the file could not say it: it carries month and day, and no year (総合振込 ヘッダー 取組日)."""
ACCOUNT = ("bank", "branch", "type", "number", "holder")
NAME_LENGTH = 40
"""Characters of the town's own name in the file (総合振込 ヘッダー 項番5)."""


def register_originator(
    *,
    code: str,
    name: str,
    bank: str,
    branch: str,
    type: str,
    number: str,
    per_transfer: int,
    per_run: int,
    per_file: int = zengin.MAX_COUNT,
    crlf: bool = True,
) -> Originator:
    """Say how the bank knows the town, and its limits in yen; a second call corrects the first.

    `code`: ten digits (委託者コード); `name`: in kana. Raises banks.NoSuchBank, banks.NoSuchBranch,
    kana.NotBankKana, kana.TooLong, account.BadAccount.
    """
    banks.branch(bank, branch)
    written = {
        "code": code.zfill(10),
        "name": bank_kana(name, limit=NAME_LENGTH),
        "bank": bank,
        "branch": branch,
        "type": type,
        "number": accounts.account_number(number),
        "per_transfer": per_transfer,
        "per_run": per_run,
        "per_file": per_file,
        "crlf": crlf,
    }
    return Originator.objects.update_or_create(town=towns.current_town(), defaults=written)[0]


def create_run(value_date: date, *, by: Worker, as_of: datetime, services: Sequence[str] = ()) -> TransferRun:
    """Put every payment that is due by the value date into one run; it waits for two approvals.

    Payments over the limit per transfer, and those whose case is no longer granted, are left waiting
    (`queries.held_back`). `services`: only these.

    Raises Denied, NoOriginator, NotABankDay, TooFarAhead, NothingToPay, OverLimit.
    """
    town = towns.current_town()
    require(by, "money.run.create", Resource("Town", town, town, {}))
    with transaction.atomic():
        towns.alone_with("money.run")  # the second run finds only what the first left
        originator = _originator()
        if value_date > as_of.date() + MOST_AHEAD:
            raise TooFarAhead(value_date, as_of.date() + MOST_AHEAD)
        if value_date < as_of.date() or not is_bank_day(value_date):
            raise NotABankDay(value_date, bank_day_on_or_after(max(value_date, as_of.date())))
        order_due(until=value_date, as_of=as_of)
        run = TransferRun.objects.create(
            town=town,
            value_date=value_date,
            state=DRAFT,
            count=0,
            total=0,
            created_by=by.id,
            created_by_name=by.name,
            created_at=as_of,
        )
        run.count, run.total = _fill(run, originator, services)
        if not run.count:
            raise NothingToPay(value_date)
        if run.total > originator.per_run:
            raise OverLimit(run.total, originator.per_run)
        run.save(update_fields=["count", "total"])
    return run


_FILL = f"""
with taken as (
  update money_payment set state = '{IN_RUN}'
  where state = '{WAITING}' and due <= %s and amount <= %s and "case" = any(string_to_array(%s, ',')::uuid[])
  returning id, entitlement_id, amount
), made as (
  insert into money_transfer (town, payment_id, run_id, state, amount, bank, branch, type, number, holder, code)
  select e.town, taken.id, %s, '{IN_RUN}', taken.amount, e.bank, e.branch, e.type, e.number, e.holder, ''
  from taken join money_entitlement e on e.id = taken.entitlement_id order by taken.id
  returning amount
)
select count(*), coalesce(sum(amount), 0) from made"""


def _fill(run: TransferRun, originator: Originator, services: Sequence[str]) -> tuple[int, int]:
    """Move waiting payments into the run; returns how many, and yen."""
    waiting = Payment.objects.filter(state=WAITING, due__lte=run.value_date)
    if services:
        waiting = waiting.filter(entitlement__service__in=services)
    granted = case_queries.granted(waiting.values_list("case", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [run.value_date, originator.per_transfer, ",".join(map(str, granted)), run.id])
        count, total = cursor.fetchone()
    return count, int(total)


def approve(run_id: uuid.UUID, *, by: Worker, as_of: datetime) -> TransferRun:
    """One person's approval; the second different person's makes the run approved.

    Raises Denied (also for the person who made the run), WrongState, SecondPerson, OwnAccounts.
    """
    with transaction.atomic():
        run = _locked(run_id)
        require(by, "money.run.approve", resource(run))
        _must_be(run, DRAFT)
        if Approval.objects.filter(run=run, by=by.id).exists():
            raise SecondPerson
        _check_accounts_are_not_of(run, by)
        Approval.objects.create(town=run.town, run=run, by=by.id, by_name=by.name, at=as_of)
        if Approval.objects.filter(run=run).count() >= APPROVALS:
            run.state = APPROVED
            run.save(update_fields=["state"])
    return run


def _check_accounts_are_not_of(run: TransferRun, by: Worker) -> None:
    """Nobody sends money to an account that they entered, and that none of the case's money has reached before.

    Source: 地方公共団体における内部統制制度の導入・実施ガイドライン（総務省）（職務の分離・相互牽制).
    """
    same = {name: OuterRef(name) for name in ("payment__case", *ACCOUNT)}
    known = Transfer.objects.filter(state=PAID, **same)
    first = Transfer.objects.filter(~Exists(known), run=run).values_list("payment__case", flat=True)
    if own := case_queries.entered_by(by.id, "account", first):
        raise OwnAccounts(len(own), _references(own))


def _references(of: Collection[uuid.UUID]) -> str:
    """The reference numbers of a few of the cases."""
    return ", ".join(case_queries.references(sorted(of)[:5]).values())


_GIVE_BACK = f"""
update money_payment p set state = '{WAITING}',
  amount = case when p.period = '{ONCE}' then e.amount else p.amount end
from money_entitlement e, money_transfer t
where e.id = p.entitlement_id and t.payment_id = p.id and t.run_id = %s and t.state = '{IN_RUN}'"""


def cancel(run_id: uuid.UUID, *, by: Worker) -> TransferRun:
    """Take a run back that has not become a file; its payments wait for another run, single ones
    for what is decided now. Raises Denied, WrongState."""
    with transaction.atomic():
        run = _locked(run_id)
        require(by, "money.run.cancel", resource(run))
        _must_be(run, DRAFT, APPROVED)
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [run.id])
        Transfer.objects.filter(run=run).update(state=CANCELLED)
        run.state = CANCELLED
        run.save(update_fields=["state"])
    return run


def export(run_id: uuid.UUID, *, by: Worker, as_of: datetime) -> list[TransferFile]:
    """Write an approved run to bank files. Asked again, it gives the same files, byte for byte.

    Each file has passed the independent check. Raises Denied, WrongState, NoLongerGranted, FileFailsCheck.
    """
    with transaction.atomic():
        run = _locked(run_id)
        require(by, "money.run.export", resource(run))
        if run.state in (EXPORTED, SENT, SETTLED):
            return list(run.files.order_by("id"))
        _must_be(run, APPROVED)
        _check_still_granted(run)
        files = [
            _write(run, orders) for orders in zengin.split(_orders(run), max_count=_originator().per_file)
        ]
        run.state, run.exported_at = EXPORTED, as_of
        run.save(update_fields=["state", "exported_at"])
    return files


def mark_sent(run_id: uuid.UUID, *, by: Worker, as_of: datetime, receipt: str = "") -> TransferRun:
    """The files are with the bank. `receipt`: what it gave for them. Said again, it changes nothing.

    Raises Denied, WrongState.
    """
    with transaction.atomic():
        run = _locked(run_id)
        require(by, "money.run.export", resource(run))
        if run.state in (SENT, SETTLED):
            return run
        _must_be(run, EXPORTED)
        run.files.update(receipt=receipt)
        run.state, run.sent_at = SENT, as_of
        run.save(update_fields=["state", "sent_at"])
    return run


def _orders(run: TransferRun) -> Iterator[zengin.Order]:
    rows = Transfer.objects.filter(run=run).order_by("id")
    fields = ("id", *ACCOUNT, "amount")
    for number, bank, branch, type, digits, holder, amount in rows.values_list(*fields).iterator():
        yield zengin.Order(number, accounts.Account(bank, branch, type, digits, holder), amount)


def _write(run: TransferRun, orders: list[zengin.Order]) -> TransferFile:
    total = sum(order.amount for order in orders)
    file = TransferFile.objects.create(town=run.town, run=run, count=len(orders), total=total, content=b"")
    town = _originator()
    originator = zengin.Originator(town.code, town.name, town.bank, town.branch, town.type, town.number)
    batch = zengin.Batch(file.id, originator, run.value_date, orders)
    content = zengin.write(batch, line_end=zengin.CRLF if town.crlf else zengin.NO_LINE_END)
    _check_content(content, run, file)
    file.content, file.sha256 = content, hashlib.sha256(content).hexdigest()
    file.save(update_fields=["content", "sha256"])
    Transfer.objects.filter(run=run, id__range=(orders[0].number, orders[-1].number)).update(file=file)
    return file


def _check_content(content: bytes, run: TransferRun, file: TransferFile) -> None:
    """What leaves must pass the reader that the writer knows nothing of, and say what was approved."""
    report = check_file(content, as_of=run.value_date)
    if report.errors:
        raise FileFailsCheck(report.errors[0].line("ja"), len(report.errors))
    said = (report.transfers, report.total, report.value_date)
    if said != (file.count, file.total, run.value_date):
        raise FileFailsCheck(f"{said} ≠ {(file.count, file.total, run.value_date)}", 1)


def _check_still_granted(run: TransferRun) -> None:
    """Every case of the run is granted still, and for the amount that was approved."""
    fields = ("payment__case", "payment__period", "payment__amount", "payment__entitlement__amount")
    rows = list(Transfer.objects.filter(run=run).values_list(*fields))
    paid_for = {case for case, *_ in rows}
    changed = {case for case, period, ordered, decided in rows if period == ONCE and ordered != decided}
    fallen = (paid_for - case_queries.granted(paid_for)) | changed
    if fallen:
        raise NoLongerGranted(len(fallen), _references(fallen))


def _locked(run_id: uuid.UUID) -> TransferRun:
    run = TransferRun.objects.select_for_update().filter(id=run_id).first()
    if run is None:
        raise NoSuchRun
    return run


def _must_be(run: TransferRun, *states: str) -> None:
    if run.state not in states:
        raise WrongState(run.state, " / ".join(states))


def _originator() -> Originator:
    found = Originator.objects.first()
    if found is None:
        raise NoOriginator(towns.current_town())
    return found
