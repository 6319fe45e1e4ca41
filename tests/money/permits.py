"""Cases that owe a fee, the people who handle it, and a provider, for the tests of fees; in few words."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from tests.money.payments import TOWN, staff
from yakuba.access import SYSTEM
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.clock import now
from yakuba.money.fees import actions, queries
from yakuba.money.models import Received, Refund
from yakuba.simulators.payments import Provider as Shop

KEY, SECRET = "yakuba-local-only", "whsec_eWFrdWJhLWxvY2FsLW9ubHk="


def today() -> date:
    return now().date()


def clerk() -> Any:
    return staff("kato", "clerk")


def permit(copies: int = 2, *, at: datetime | None = None, **more: Any) -> Any:
    """A permit that is granted and waits for its fee: 300 yen for each copy."""
    when = at or now()
    case = cases.open_case(
        catalogue.service("permit"),
        {
            "applicant": {"name": "山田 太郎", "resident": True, "birth_date": "1950-01-01"},
            "permit": {"copies": copies},
        },
        channel="web", by=SYSTEM(TOWN), as_of=when, key=f"permit:{uuid.uuid4()}", identified=True, **more,
    )  # fmt: skip
    jobs.drain(TOWN, as_of=when)
    return case_queries.one(case.id)


def waits_for(case: uuid.UUID) -> list[str]:
    """The steps that are open."""
    return [task.step for task in case_queries.tasks_of(case) if task.status == "open"]


def cash(case: uuid.UUID, tendered: int = 1000, by: Any = None) -> Received:
    """What is owed, taken by a clerk."""
    bill = queries.bill(case)
    assert bill is not None
    return actions.take_cash(case, tendered, shown=bill.due, by=by or clerk(), as_of=now())[0]


def ask_anew(case: uuid.UUID, copies: int) -> None:
    """A paid case is returned while its permit is made, answered with another number of copies, and decided anew."""
    task = next(task for task in case_queries.tasks_of(case) if task.status == "open")
    cases.return_for_correction(task.id, by=clerk(), as_of=now(), message="枚数は？", asks=["permit.copies"])
    cases.answer(case, {"permit": {"copies": copies}}, by=clerk(), as_of=now())
    jobs.drain(TOWN, as_of=now())
    actions.assess_waiting(as_of=now())


def kept(case: uuid.UUID) -> list[tuple[str, int]]:
    """Every sum that came in for a case, in order: way, yen."""
    return [(one.way, one.amount) for one in Received.objects.filter(fee__case=case).order_by("id")]


def going_back(case: uuid.UUID) -> list[tuple[str, int, str]]:
    """Every refund of a case: why, yen, how it stands."""
    found = Refund.objects.filter(received__fee__case=case).order_by("asked_at", "amount")
    return [(one.why, one.amount, one.state) for one in found]


def collection(rows: Iterable[tuple[Any, Any, Any, Any]], encoding: str = "utf-8") -> bytes:
    """A file of the collecting bank."""
    lines = ["納付書番号,金額,収納日,取扱番号", *(",".join(map(str, row)) for row in rows)]
    return "\r\n".join(lines).encode(encoding)


def shop(**more: Any) -> Shop:
    return Shop(KEY, SECRET, **more)
