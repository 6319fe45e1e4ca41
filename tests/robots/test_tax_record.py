"""The tax office leaves a file; the robot finds the applicant's row, keeps it, and compares it with what was said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from yakuba import clock
from yakuba.access import SYSTEM
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Document
from yakuba.robots import actions, queries
from yakuba.robots.worker import Report, shift

HEADS = "氏名カナ,生年月日,所得年,合計所得金額,扶養親族等の数"
HERS = "ミホン ハナコ,1990/04/01,2024,1200000,1"
FACTS = {
    "applicant": {"name": "見本　花子", "kana": "ミホン ハナコ", "birth_date": "1990-04-01", "resident": True},
    "income": {"year": 2024, "total": 1_200_000, "dependants": 1},
}  # fmt: skip


@pytest.fixture
def drop(tmp_path, in_town) -> Path:
    """The folder that the tax office writes into."""
    folder = tmp_path / "tax"
    folder.mkdir()
    actions.set_account("tax-drop", str(folder), {}, by=SYSTEM(in_town), as_of=clock.now())
    return folder


@pytest.fixture
def case(in_town) -> Case:
    service = catalogue.service("child-rearing-allowance")
    made = case_actions.open_case(
        service, FACTS, channel="counter", by=SYSTEM(in_town), as_of=clock.now(), key="hers"
    )
    jobs.work_waiting(in_town, service.id, "decide", as_of=clock.now())
    return made


@pytest.fixture
def work(in_town, drop, case):
    """`work()`: the robot does what waits."""

    def working() -> Report:
        (post,) = queries.posts("child-rearing-allowance", "tax-record")
        with shift(in_town, post) as robot:
            return robot.work()

    return working


def leave(drop: Path, *rows: str, name: str = "課税データ20261101.csv", encoding: str = "cp932") -> None:
    (drop / name).write_bytes("\r\n".join([HEADS, *rows, ""]).encode(encoding))


def kept(case: Case) -> list[str]:
    found = [paper for attached, paper in cases.documents_of(case.id) if attached.purpose == "robot.fetched"]
    return [bytes(Document.objects.get(id=one.id).content).decode("utf-8-sig") for one in found]


def open_steps(case: Case) -> set[str]:
    return {task.step for task in cases.tasks_of(case.id) if task.status == "open"}


@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig"])
def test_the_row_is_kept_with_the_case(drop, case, work, encoding):
    leave(drop, "ミホン タロウ,1990/04/01,2024,9,9", HERS, encoding=encoding)
    assert work().done == 1
    assert kept(case) == [f"{HEADS}\r\n{HERS}\r\n"]
    assert open_steps(case) == {"review"}


def test_a_difference_goes_to_a_person_with_the_row_and_no_word_of_the_income_itself(drop, case, work):
    leave(drop, HERS.replace("1200000", "3400000"))
    assert work().reasons == {"read_back_differs": 1}
    reason = next(one.event.reason for one in cases.history(case.id) if one.event.kind == "step_failed")
    assert "合計所得金額: 案件「••••」 相手「••••」" in reason
    assert not {"1200000", "3400000"} & set(re.findall(r"\d+", reason))
    assert len(kept(case)) == 1
    assert open_steps(case) == {"review", "tax-by-hand"}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([HERS.replace("2024", "2023")], "not_there"),
        ([], "not_there"),
        ([HERS, HERS], "read_back_differs"),
        (["ミホン ハナコ,1990/04/01"], "unreadable_file"),
        (['"ミホン'], "unreadable_file"),
    ],
)
def test_a_row_that_is_not_there_once_goes_to_a_person(drop, case, work, rows, code):
    leave(drop, *rows)
    assert work().reasons == {code: 1}
    assert open_steps(case) == {"review", "tax-by-hand"}


def test_the_newest_file_counts(drop, case, work):
    leave(drop, HERS.replace("1200000", "1"), name="課税データ20261101.csv")
    leave(drop, HERS, name="課税データ20261102.csv")
    assert work().done == 1


def test_bytes_that_are_not_of_the_encoding_are_named_with_their_line(drop, case, work):
    (drop / "課税データ.csv").write_bytes(f"{HEADS}\r\n".encode("cp932") + b"\x81\xff\r\n")
    work()
    reason = next(one.event.reason for one in cases.history(case.id) if one.event.kind == "step_failed")
    assert "2行目" in reason
