"""Each month the robot counts the month before into a workbook, once."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from openpyxl import load_workbook

from yakuba import clock
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Document
from yakuba.clock import TOKYO
from yakuba.robots import queries
from yakuba.robots.collecting import collect
from yakuba.robots.worker import shift
from yakuba.site import rehearsal

OCTOBER = datetime(2026, 10, 20, 9, tzinfo=TOKYO)
NOVEMBER = datetime(2026, 11, 1, 0, 5, tzinfo=TOKYO)


@pytest.fixture
def post(in_town) -> queries.Post:
    (found,) = queries.posts("monthly-statistics")
    return found


def test_the_month_before_is_counted_once(in_town, post):
    rehearsal.fill_queue(in_town, 3, name="october", as_of=OCTOBER)
    assert collect(in_town, post, as_of=NOVEMBER) == 1
    assert collect(in_town, post, as_of=NOVEMBER) == 0
    with shift(in_town, post) as working:
        assert working.work().done == 1
    case = Case.objects.get(service="monthly-statistics")
    ((attached, paper),) = cases.documents_of(case.id)
    assert (attached.purpose, paper.name) == ("robot.fetched", "statistics-2026-10.xlsx")
    book = load_workbook(io.BytesIO(Document.objects.get(id=paper.id).content))
    assert list(book["受付"].values) == [("手続", "経路", "件数"), ("児童手当の認定請求", "窓口", 3)]
    work = {(row[1], row[2]): row[3:] for row in book["作業"].values}
    assert work["福祉システムに登録する", "robot"][2] == 3
    assert [task.status for task in cases.tasks_of(case.id) if task.step == "check"] == ["open"]


def test_a_town_that_had_no_case_yet_gets_no_statistics(in_town, post):
    assert collect(in_town, post, as_of=NOVEMBER) == 0
    assert not Case.objects.filter(service="monthly-statistics").exists()


def test_a_request_at_midnight_belongs_to_the_month_of_japan(in_town, post):
    rehearsal.fill_queue(in_town, 1, name="last", as_of=datetime(2026, 10, 31, 23, 59, tzinfo=TOKYO))
    rehearsal.fill_queue(in_town, 1, name="first", as_of=datetime(2026, 11, 1, 0, 0, tzinfo=TOKYO))
    collect(in_town, post, as_of=clock.now().replace(year=2026, month=12, day=1))
    with shift(in_town, post) as working:
        working.work()
    ((_, paper),) = cases.documents_of(Case.objects.get(service="monthly-statistics").id)
    book = load_workbook(io.BytesIO(Document.objects.get(id=paper.id).content))
    assert [row[2] for row in book["受付"].values] == ["件数", 1]
