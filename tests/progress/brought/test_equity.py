"""Nobody can be found in what is shown, and whoever waits longer by another way in is noticed."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest

from yakuba.access import Denied, Worker
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Task
from yakuba.clock import TOKYO
from yakuba.progress.brought import alarm, comments, summary
from yakuba.progress.brought.equity import shown
from yakuba.progress.brought.period import Period
from yakuba.records.opendata.disclosure import Unsafe

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 29, 12, tzinfo=TOKYO)
TOWN = "394262"


def parts(found) -> dict[str, dict[str, int | None]]:
    return {part: {row.key: row.ended for row in rows} for part, rows in found.parts.items()}


@pytest.fixture
def real(settings, in_town):
    """The services as they are shipped."""
    catalogue.forget()


@pytest.mark.usefixtures("small")
def test_a_small_group_is_kept_back_and_another_with_it_so_that_no_sum_gives_it_away(serve):
    serve(30, age_band="30-49")
    serve(25, age_band="50-64")
    serve(4, age_band="75-")
    found = shown(summary(2026, LATER))
    assert found.total.ended == 59
    ages = parts(found)["age_band"]
    assert ages == {"30-49": 30, "50-64": None, "75-": None}
    assert parts(found)["service"] == {"heating": 59}
    assert found.kept_back == 2


@pytest.mark.usefixtures("small")
def test_where_no_table_is_safe_nothing_is_shown_at_all(serve, monkeypatch):
    def no_way(*_: object, **more: object) -> None:
        raise Unsafe

    serve(59, age_band="30-49")
    monkeypatch.setattr("yakuba.progress.brought.equity.protect", no_way)
    found = shown(summary(2026, LATER))
    assert (found.total.ended, found.total.days) == (None, None)
    assert not any(found.parts.values())


@pytest.mark.usefixtures("small")
def test_nothing_of_a_group_that_is_kept_back_is_told(serve):
    serve(20, channel="web", days=2)
    serve(3, channel="paper", days=40, score=1)
    found = shown(summary(2026, LATER))
    paper = next(row for row in found.parts["channel"] if row.key == "paper")
    assert (paper.ended, paper.days, paper.completion, paper.score) == (None, None, None, None)
    rows = list(csv.DictReader(io.StringIO(found.csv())))
    assert {row["ended"] for row in rows if row["group"] == "paper"} == {"X"}
    assert {row["median_days"] for row in rows if row["group"] == "paper"} == {"X"}


@pytest.mark.usefixtures("small")
def test_fewer_than_ten_in_all_are_no_table_and_few_answers_no_satisfaction(serve):
    serve(9, score=5)
    few = shown(summary(2026, LATER))
    assert few.total.ended is None
    assert not any(few.parts.values())
    serve(20)
    total = shown(summary(2026, LATER)).total
    assert (total.ended, total.score) == (29, None)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("granted", "withdrawn", "percent"),
    [
        (97, 3, 95),
        (92, 7, 90),
        (43, 7, 90),
        (40, 9, 75),
        (17, 3, 75),
        (16, 4, 75),
        (14, 5, 50),
        (9, 1, 100),
        (7, 3, 50),
    ],
)
def test_a_step_of_a_share_holds_five_people_so_that_no_few_can_be_counted_from_it(
    serve, granted, withdrawn, percent
):
    serve(granted, score=5)
    serve(withdrawn, outcome="withdrawn", score=1)
    total = shown(summary(2026, LATER)).total
    assert (total.completion, total.satisfied) == (percent, percent)
    assert total.ended == granted + withdrawn


def slow_paper(serve, *, paper: float, count: int = 12) -> None:
    serve(40, channel="web", days=4, service="child-allowance")
    serve(count, channel="paper", days=paper, service="child-allowance")


def test_a_way_in_that_takes_half_as_long_again_as_the_web_opens_a_case_once_a_month(real, serve):
    slow_paper(serve, paper=6.1)
    assert alarm.look(TOWN, as_of=LATER) == 2
    assert alarm.look(TOWN, as_of=LATER) == 0
    told = [cases.state(case).facts["review"] for case in Case.objects.all()]
    assert {
        "cause": "slow-channel",
        "service": "child-allowance",
        "channel": "紙",
        "days": "6.1",
        "web_days": "4.0",
        "cases": 12,
    } in told
    assert set(Task.objects.values_list("step", "role")) == {("look", "manager")}


@pytest.mark.parametrize(("paper", "count"), [(6.0, 12), (60, 9)])
def test_neither_half_as_long_again_exactly_nor_a_handful_of_requests_is_an_alarm(real, serve, paper, count):
    slow_paper(serve, paper=paper, count=count)
    assert alarm.look(TOWN, as_of=LATER) == 0


def test_a_slow_service_that_is_asked_for_on_paper_does_not_make_paper_slow(real, serve):
    serve(40, channel="web", days=1, service="child-allowance")
    serve(40, channel="web", days=30, service="move-in")
    serve(40, channel="paper", days=31, service="move-in")
    assert alarm.slow(1.5, as_of=LATER) == []


def test_a_manager_has_a_step_looked_into_and_a_clerk_of_money_may_not(real, serve):
    manager = Worker("staff", "staff:m", TOWN, roles=frozenset({"manager"}), strength=2)
    assert alarm.review_of("child-allowance", "review", "長い", by=manager, as_of=LATER)
    assert not alarm.review_of("child-allowance", "review", "長い", by=manager, as_of=LATER)
    assert list(alarm.open_reviews()) == [("child-allowance", "review")]
    other = Worker("staff", "staff:a", TOWN, roles=frozenset({"accountant"}), strength=2)
    with pytest.raises(Denied):
        alarm.review_of("child-allowance", "pay", "長い", by=other, as_of=LATER)


def test_comments_are_masked_also_where_the_name_is_only_in_the_case():
    facts = {
        "applicant": {"name": "鈴木 一郎"},
        "children": [{"name": "鈴木 蛍"}],
        "account": {"holder": "スズキ イチロウ"},
    }
    told = comments.without_persons("一郎の癌と、蛍のてんかんを、何度も聞かれました。", facts)
    assert told == "［氏名］の［健康］と、［氏名］の［健康］を、何度も聞かれました。"
    assert comments.without_persons("蛍光灯が暗い", facts) == "蛍光灯が暗い"


def test_comments_about_nothing_are_none(real, serve):
    serve(2, score=1, hard="review", service="child-allowance")
    assert comments.about("child-allowance", "review", Period.of(2026, LATER), 10) == []
