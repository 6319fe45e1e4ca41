"""A vendor's robots of Robot Framework take tasks from the same queue."""
# ruff: noqa: F401, F811  (fixtures of another folder are named where they are used)

from __future__ import annotations

import io

import pytest
from PIL import Image
from robot import run as run_robot

from tests.robots.conftest import ROBOT, SYSTEM_FILE, queue, welfare  # fixtures
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case, Task
from yakuba.robots import queries
from yakuba.site.robot_framework import NothingInHand, Queue

SUITE = """
*** 設定 ***
ライブラリ    yakuba.site.robot_framework.Queue    394262    child-allowance    ledger

*** テスト ケース ***
登録する
    WHILE    True    limit=20
        ${案件}=    次の案件
        IF    not $案件    BREAK
        証跡    {picture}
        完了    R-${案件}[reference]
    END
"""


@pytest.fixture(autouse=True)
def declared(monkeypatch) -> None:
    """The robot of the demo, as one of Robot Framework; the database is the test's."""
    robot = ROBOT.model_copy(update={"driver": "framework", "find": [], "check": [], "do": []})
    real = queries.posts
    monkeypatch.setattr(
        queries, "posts", lambda *a: [queries.Post(p.service, p.step, robot, SYSTEM_FILE) for p in real(*a)]
    )
    monkeypatch.setattr("yakuba.site.cli.prepare", lambda: None)


@pytest.fixture
def vendor(queue, in_town):
    """The library as Robot Framework makes it."""
    made = Queue(in_town, "child-allowance", "ledger", 60)
    yield made
    made._close()


def ledger() -> Task:
    return Task.objects.filter(step="ledger").latest("attempt")


def test_a_suite_with_japanese_headers_works_the_queue(queue, in_town, tmp_path):
    queue(3)
    picture = tmp_path / "証跡.png"
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    picture.write_bytes(buffer.getvalue())
    suite = tmp_path / "登録.robot"
    suite.write_text("Language: Japanese\n" + SUITE.replace("{picture}", str(picture)), encoding="utf-8")
    said = io.StringIO()
    code = run_robot(str(suite), outputdir=str(tmp_path), output=None, log=None, report=None, stdout=said)
    assert code == 0, said.getvalue()
    for case in Case.objects.all():
        (acted,) = [one.event for one in case_queries.history(case.id) if one.event.kind == "acted"]
        assert acted.receipt == f"R-{case.reference}"
        assert [a.purpose for a, _ in case_queries.documents_of(case.id)] == ["robot.fetched"]
    assert set(Task.objects.filter(step="ledger").values_list("status", flat=True)) == {"done"}


def test_the_values_are_those_of_the_robots_file(queue, vendor):
    queue(1)
    values = vendor.次の案件()
    assert values["kana"] == "ﾐﾎﾝ ｵﾔ"
    assert values["reference"] == Case.objects.get().reference


def test_an_empty_queue_gives_nothing(vendor):
    assert vendor.次の案件() is None


def test_a_business_exception_goes_to_a_person_with_code_and_reason(queue, vendor):
    queue(1)
    vendor.次の案件()
    vendor.業務例外("E77", "対象者が見つかりません")
    (failed,) = [
        one.event for one in case_queries.history(Case.objects.get().id) if one.event.kind == "step_failed"
    ]
    assert (failed.code, failed.reason, failed.final) == ("E77", "対象者が見つかりません", True)
    assert vendor.次の案件() is None


def test_what_was_begun_by_a_robot_that_died_is_in_doubt(queue, vendor, in_town):
    queue(1)
    vendor.次の案件()
    vendor._close()
    other = Queue(in_town, "child-allowance", "ledger", 60)
    assert other.次の案件() is None
    other._close()
    assert ledger().outcome == "in_doubt"


@pytest.mark.parametrize("keyword", ["完了", "証跡"])
def test_a_keyword_without_a_task_says_what_to_do(vendor, keyword):
    with pytest.raises(NothingInHand, match="次の案件"):
        getattr(vendor, keyword)("x")
