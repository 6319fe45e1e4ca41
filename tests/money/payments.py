"""Granted cases, people and runs for the tests of this room, in few words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from yakuba.access import SYSTEM, Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import events as e
from yakuba.clock import TOKYO
from yakuba.money import actions
from yakuba.money.models import TransferFile, TransferRun

TOWN = "394262"
AT = datetime(2025, 11, 25, 10, tzinfo=TOKYO)
PAYDAY = date(2025, 12, 10)
YUCHO = {"bank": "9900", "branch": "058", "type": "1", "number": "1234567", "holder": "ヤマダ ハナコ"}
MIZUHO = {"bank": "0001", "branch": "001", "type": "1", "number": "7654321", "holder": "ヤマダ タロウ"}


def staff(name: str, *roles: str) -> Worker:
    return Worker("staff", f"staff:{name}", towns.current_town(), name, frozenset(roles), strength=2)


def system() -> Worker:
    return SYSTEM(towns.current_town())


def register_town(**limits: int) -> None:
    """The town's paying account, with wide limits where none are given."""
    wide = {"per_transfer": 1_000_000, "per_run": 1_000_000_000}
    actions.register_originator(
        code="123456",
        name="アオゾラチョウ",
        bank="0001",
        branch="001",
        type="1",
        number="0012345",
        **{**wide, **limits},
    )


def grant(
    service: Any,
    account: Mapping[str, str] = MIZUHO,
    *,
    applicant: uuid.UUID | None = None,
    found: bool = True,
    amount: int = 10_000,
    at: datetime = AT,
    facts: Mapping[str, Any] | None = None,
) -> uuid.UUID:
    """A case that was granted and whose pay step is worked, as far as it goes without the bank.
    `found`: somebody found the applicant in the register."""
    catalogue.keep(towns.current_town(), service, at)
    opened = cases.opening(
        service,
        {**(facts or {}), "account": dict(account)},
        channel="web",
        key=f"test:{uuid.uuid4()}",
        applicant=(applicant or uuid.uuid4()) if found else None,
        identified=True,
    )
    granted = e.Decided(
        step="decide", attempt=1, outcome="granted", amount=amount, decided_on=at.date().isoformat()
    )
    entries = [opened, cases.Entry(opened.case, granted, f"decided:{opened.case}")]
    cases.record_many(entries, by=system(), as_of=at)
    work(service, at=at)
    return opened.case


def work(service: Any, *, at: datetime = AT) -> None:
    """Let the system do the pay steps that wait."""
    jobs.work_waiting(towns.current_town(), service.id, "pay", as_of=at)


def make_run(value_date: date = PAYDAY, **chosen: Any) -> TransferRun:
    """A run that is made when its value date is near."""
    at = max(AT, datetime.combine(value_date - timedelta(days=15), AT.timetz()))
    return actions.create_run(value_date, by=system(), as_of=at, **chosen)


def approve_twice(run: TransferRun) -> TransferRun:
    actions.approve(run.id, by=staff("kato", "approver"), as_of=AT)
    return actions.approve(run.id, by=staff("sato", "approver"), as_of=AT)


def export(run: TransferRun) -> TransferFile:
    """The one file of an approved run."""
    return actions.export(run.id, by=system(), as_of=AT)[0]


def sent_file(value_date: date = PAYDAY) -> bytes:
    """Everything that is due, made into a file and sent."""
    run = make_run(value_date)
    approve_twice(run)
    content = bytes(export(run).content)
    actions.mark_sent(run.id, by=system(), as_of=AT)
    return content
