"""What the bank says it paid is compared, line by line, with decisions, accounts and the log."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection

from tests.money.payments import AT, MIZUHO, YUCHO, grant, register_town, sent_file, system
from yakuba.access import towns
from yakuba.cases import actions as cases_actions
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Document
from yakuba.money import actions
from yakuba.money.models import Transfer
from yakuba.robots import queries, worker
from yakuba.robots.collecting import collect
from yakuba.robots.worker import shift
from yakuba.simulators.bank import answer


@pytest.fixture
def paid(in_town):
    """Two sums were ordered; the bank paid the first, and sent the second back."""
    register_town()
    service = catalogue.service("one-off-benefit")
    found = [
        grant(service, account, amount=amount) for account, amount in ((MIZUHO, 10_000), (YUCHO, 20_000))
    ]
    actions.read_result(answer(sent_file(), {"9900-058-1234567": "3"}), by=system(), as_of=AT)
    return found


@pytest.fixture
def check(in_town):
    """`check()`: the robot looks for result files, and compares them; gives its case, report and table."""
    (post,) = queries.posts("bank-check")

    def compare():
        collect(in_town, post, as_of=AT)
        with shift(in_town, post) as working:
            report = working.work()
        case = Case.objects.get(service="bank-check")
        ((_, paper),) = [one for one in cases.documents_of(case.id) if one[1].name == "cross-check.csv"]
        text = bytes(Document.objects.get(id=paper.id).content).decode("utf-8-sig")
        return case, report, list(csv.DictReader(io.StringIO(text)))

    return compare


def test_all_lines_agree(paid, check):
    case, report, rows = check()
    assert (report.done, report.held) == (1, 0)
    assert cases.state(case).facts["result"]["count"] == 2
    assert cases.state(case).facts["result"]["total"] == 30_000
    assert [(row["銀行の金額"], row["決定の金額"], row["結果コード"], row["照合"]) for row in rows] == [
        ("10000", "10000", "0", "一致"),
        ("20000", "20000", "3", "一致"),
    ]
    assert case.state == "closed"


def test_the_same_file_is_compared_once(paid, check, in_town):
    check()
    (post,) = queries.posts("bank-check")
    assert collect(in_town, post, as_of=AT) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": 10_001}, "金額が決定と違う"),
        ({"decision": "refused"}, "支給の決定がない"),
        ({"facts": {"account": {**MIZUHO, "number": "1111111"}}}, "口座が届出と違う"),
        ({"facts": {}}, "口座が届出と違う"),
    ],
)
def test_a_line_that_does_not_agree_goes_to_a_person_with_the_table(paid, check, change, said):
    case = Case.objects.get(id=paid[0])
    Case.objects.filter(id=case.id).update(status={**case.status, **change})
    found, report, rows = check()
    assert (report.done, report.held, report.reasons) == (0, 1, {"read_back_differs": 1})
    assert [row["照合"] for row in rows] == [said, "一致"]
    assert [(task.step, task.role) for task in cases.tasks_of(found.id) if task.status == "open"] == [
        ("compare-by-hand", "accountant")
    ]


def test_a_result_that_the_log_of_the_case_does_not_know_is_found(paid, check, monkeypatch):
    number = Transfer.objects.get(payment__case=paid[1]).id
    known = cases.kinds
    monkeypatch.setattr(
        cases, "kinds", lambda keys: known([key for key in keys if key != f"transfer:{number}"])
    )
    _, _, rows = check()
    assert [row["照合"] for row in rows] == ["一致", "案件の記録に結果がない"]


@pytest.fixture
def waiting(in_town):
    """A result file that waits to be compared."""
    service, facts = catalogue.service("bank-check"), {"result": {"file": "none", "count": 0, "total": 0}}
    return cases_actions.open_case(service, facts, channel="robot", by=system(), as_of=AT, key="waiting")


@pytest.fixture
def plays(in_town, monkeypatch):
    """`plays(function)`: the robot does what waits with another step in Python."""
    (post,) = queries.posts("bank-check")

    def play(function):
        monkeypatch.setattr(worker, "python_steps", lambda *_: {"compare": function})
        monkeypatch.setattr(worker, "WAIT_FIRST", 0)
        with worker.shift(in_town, post) as working:
            return working.work()

    return play


def test_a_step_in_python_that_has_no_screens_opens_the_town_for_itself(waiting, plays, in_town, monkeypatch):
    found = []
    monkeypatch.setattr(connection, "yakuba_town", None)
    report = plays(lambda *_: found.append(towns.current_town()))
    assert (found, report.done) == ([in_town], 1)


def test_a_slip_in_a_step_in_python_goes_to_a_person_in_the_end_and_nothing_else_stops(waiting, plays):
    def slip(*_):
        raise KeyError("amount")

    report = plays(slip)
    assert (report.done, report.held, report.reasons) == (0, 1, {"step_failed": worker.MAX_TRIES})
    assert cases.state(Case.objects.get(id=waiting.id)).steps["compare-by-hand"].status == "open"
