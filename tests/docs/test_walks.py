"""The walks of docs/architecture.md are the ways that the code goes: each is played here, and its functions are called in
the order in which the page names them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

import pytest
from django.test import Client

from tests.channels.browser import Visitor, day
from tests.channels.conftest import desk, household, person
from tests.channels.family import PARENT
from tests.docs.rooms import PAGE, ROOT
from tests.field.conftest import centre, hall
from tests.field.hall import EVENING, at
from tests.field.test_support import exchanged
from tests.money.payments import register_town, staff
from tests.robots.conftest import queue, shift, welfare
from yakuba import clock
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as cases
from yakuba.cases.models import Case
from yakuba.channels import actions as channels
from yakuba.channels.models import Draft
from yakuba.field import support
from yakuba.money import actions as money
from yakuba.money.bank_days import bank_day_on_or_after
from yakuba.money.settling import read_result
from yakuba.robots.worker import Shift
from yakuba.simulators.bank import Bank

__all__ = ["centre", "desk", "hall", "household", "queue", "shift", "welfare"]


def walk(title: str) -> list[str]:
    """The functions of a walk, in order: what its numbered lines name before their colon."""
    part = re.search(rf"^### {title}\n(.*?)(?=^#)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert part, f"{PAGE.name} has no walk {title!r}"
    heads = [line.split(":")[0] for line in re.findall(r"^\d+\. (.+)$", part[1], re.MULTILINE)]
    return [name for head in heads for name in re.findall(r"`([\w.]+)`", head)]


@cache
def named(code: CodeType) -> str:
    """A function of ours as the page names it; "" for others'."""
    ours = ROOT / "yakuba"
    if not code.co_filename.startswith(str(ours)):
        return ""
    return ".".join([*Path(code.co_filename).relative_to(ours).with_suffix("").parts, code.co_qualname])


@contextmanager
def followed() -> Iterator[list[str]]:
    """The functions of ours that are called meanwhile, in order, as the page names them."""
    called: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and (name := named(frame.f_code)):
            called.append(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)


def first_missed(names: Iterable[str], called: Iterable[str]) -> str:
    """The first of the names that is not called after those before it; "" when all are."""
    rest = iter(called)
    return next((name for name in names if name not in rest), "")


@pytest.mark.parametrize(
    ("names", "missed"), [(["a", "c"], ""), (["a", "a"], "a"), (["c", "a"], "a"), (["a", "d"], "d"), ([], "")]
)
def test_a_walk_is_missed_where_the_order_is_another(names, missed):
    assert first_missed(names, ["a", "b", "c"]) == missed


def test_a_claim_goes_its_walk(in_town: str, household, desk: Callable[..., Client], tmp_path: Path) -> None:
    register_town()
    catalogue.current()  # all services are read before anything is followed: that alone would take a minute
    said = PARENT["applicant"]
    person(household, said["name"], said["kana"], date.fromisoformat(said["birth_date"]))
    visitor, reviewers = Visitor(Client()), [desk("reviewer"), desk("reviewer", login="second")]
    typed = {f"applicant.{name}": said[name] for name in ("name", "kana", "address", "postal_code", "phone")}
    with followed() as called:
        visitor.start("child-allowance")
        visitor.send(**typed, **day("applicant.birth_date", "western", "1990", "4", "1"))
        draft = Draft.objects.get()
        assert draft.facts["applicant"]["name"] == said["name"]
        channels.keep(draft, PARENT, as_of=clock.now())  # the other screens
        visitor.send(to=f"/{in_town}/draft/{draft.id}/send/")
        jobs.drain(in_town, as_of=clock.now())
        (case,) = Case.objects.all()
        for browser in reviewers:
            (task,) = [one for one in cases.tasks_of(case.id) if one.step == "review"]
            chosen = {"task": task.id, "outcome": "granted", "amount": "20000", "reason": "書類を見た"}
            browser.post(f"/{in_town}/staff/case/{case.id}/decide/", chosen)
        jobs.drain(in_town, as_of=clock.now())
        pay(tmp_path)
    assert {name: step.status for name, step in cases.state(cases.one(case.id)).steps.items()} == {
        "decide": "done", "review": "done", "pay": "done", "tell": "done", "ledger": "open",
        "fix-account": "waiting", "ledger-by-hand": "waiting",
    }  # fmt: skip
    assert first_missed(walk("A claim"), called) == ""


def pay(folder: Path) -> None:
    """The first payday, to the bank and back."""
    then = clock.now() + timedelta(days=120)
    on = bank_day_on_or_after(then.date() + timedelta(days=3))
    run = money.create_run(on, by=staff("a", "accountant"), as_of=then)
    for approver in ("b", "c"):
        money.approve(run.id, by=staff(approver, "approver"), as_of=then)
    (file,) = money.export(run.id, by=staff("a", "accountant"), as_of=then)
    money.mark_sent(run.id, by=staff("a", "accountant"), as_of=then)
    bank = Bank(folder)
    answer = bank.result(bank.accept(bytes(file.content)).number)
    read_result(answer, by=staff("a", "accountant"), as_of=then + timedelta(days=4))


def test_a_robots_item_goes_its_walk(queue, shift: Callable[..., Shift], in_town: str) -> None:
    queue(1)
    jobs.drain(in_town, as_of=clock.now())
    with followed() as called:
        robot = shift()
        assert robot.work().done == 1
        robot.close()
    assert cases.state(Case.objects.get()).steps["ledger"].status == "done"
    assert first_missed(walk("A robot's item"), called) == ""


def test_a_device_goes_its_walk(hall, centre) -> None:
    centre.now = EVENING - timedelta(days=2)
    hall.installed("S-1", centre)
    hall.technician("kita")
    with followed() as called:
        hall.stock(centre, "SP-1")
        case, _ = exchanged(hall, centre, "S-1")
        support.take_back("S-1", "高知", by=hall.kitter, as_of=at(17))
        support.erased("S-1", "purge", "ER-1", by=hall.kitter, as_of=at(17, 30))
        support.mended("S-1", by=hall.kitter, as_of=at(18))
    assert cases.one(case).state == "closed"
    assert first_missed(walk("A device"), called) == ""
