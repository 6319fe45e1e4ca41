"""A town whose only service is the small one, and people who work there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from yakuba.access import SYSTEM, Worker
from yakuba.cases import actions, catalogue, jobs
from yakuba.cases.models import Case
from yakuba.clock import TOKYO

SMALL = Path(__file__).parents[1] / "small" / "services"
MONDAY = datetime(2025, 5, 12, 10, tzinfo=TOKYO)
ACCOUNT = {"bank": "0001", "branch": "001", "type": "1", "number": "1234567", "holder": "ヤマダ タロウ"}
GOOD = {
    "applicant": {
        "name": "山田 太郎",
        "resident": True,
        "birth_date": "1950-01-01",
        "address": "1番地",
        "postal_code": "9990001",
    },
    "members": [{"birth_date": "1950-01-01", "taxed": False}],
    "account": ACCOUNT,
}
UNSURE = {**GOOD, "members": [{"birth_date": "1950-01-01"}]}
Apply = Callable[..., Case]


@pytest.fixture
def small(settings) -> Iterator[None]:
    """The catalogue of this process is the small one."""
    settings.YAKUBA_SERVICES = SMALL
    catalogue.forget()
    yield
    catalogue.forget()


@pytest.fixture
def apply(small, in_town) -> Apply:
    """`apply(facts, worked=True)`: a case that came in over the web, and that the system has worked."""

    def open_one(
        facts=GOOD, *, worked: bool = True, identified: bool = True, as_of: datetime = MONDAY, **more
    ) -> Case:
        more.setdefault("key", f"test:{Case.objects.count()}")
        case = actions.open_case(
            catalogue.service("heating"),
            facts,
            channel="web",
            by=SYSTEM(in_town),
            as_of=as_of,
            identified=identified,
            **more,
        )
        if worked:
            jobs.drain(in_town, as_of=as_of)
        return Case.objects.get(id=case.id)

    return open_one


def staff(login: str, *roles: str, town: str = "394262") -> Worker:
    return Worker(
        "staff", f"staff:{login}", town, login, frozenset(roles or ("clerk", "reviewer")), strength=2
    )


KATO, SATO = staff("kato"), staff("sato")


def open_task(case: Case, step: str):
    return case.tasks.get(step=step, status="open").id


def tamper(sql: str, *values: object) -> None:
    """What somebody with the owner's password could do."""
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        cursor.execute(sql, values)
        cursor.execute("set role yakuba_app")
