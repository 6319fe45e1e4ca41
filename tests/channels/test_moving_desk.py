"""A manager looks at what a new version does to running cases, and moves them; nobody else can."""

from __future__ import annotations

import re

import pytest

from tests.cases.conftest import GOOD, MONDAY, apply
from tests.workbench.conftest import installed
from yakuba.cases import catalogue, jobs
from yakuba.cases.models import Case

__all__ = ["apply", "installed"]
pytestmark = pytest.mark.django_db
HOME = "/394262/staff/workbench/heating/cases/"


@pytest.fixture
def refused(apply, installed, in_town) -> Case:
    """Refused by a rule with a mistake in it; the mistake is mended now."""
    installed(
        "age: {type: int, unit: years, values: {2024-04-01: 65}",
        "age: {type: int, unit: years, values: {2024-04-01: 90}",
    )
    case = apply(GOOD)
    jobs.drain(in_town, as_of=MONDAY)
    installed("values: {2024-04-01: 90}", "values: {2024-04-01: 65}")
    return case


def test_what_was_decided_by_a_mistake_is_shown_and_decided_anew(desk, refused):
    boss = desk("manager")
    page = boss.get(HOME, {"correct": "on"}).content.decode()
    assert refused.reference in page
    typed = {
        "checksum": re.search(r'name="checksum" value="(\w+)"', page)[1],
        "correct": "1",
        "reason": "年齢の誤り",
    }
    said = boss.post(f"{HOME}move/", typed, follow=True).content.decode()
    assert "1件の決定をやり直しました" in said
    assert Case.objects.get(id=refused.id).version == catalogue.service("heating").version


def test_what_has_changed_since_it_was_shown_is_not_done(desk, refused):
    typed = {"checksum": "0" * 16, "correct": "1", "reason": "年齢の誤り"}
    said = desk("manager").post(f"{HOME}move/", typed, follow=True).content.decode()
    assert "まだ何も変えていません" in said
    assert Case.objects.get(id=refused.id).version != catalogue.service("heating").version


def test_without_a_reason_nothing_is_moved(desk, refused):
    said = desk("manager").post(f"{HOME}move/", {"checksum": ""}, follow=True).content.decode()
    assert "理由" in said


def test_clerks_do_not_move_cases(desk, refused):
    assert desk("clerk").get(HOME).status_code == 403
