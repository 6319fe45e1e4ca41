"""A robot's file that says something wrong is refused with its place and how to mend it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from yakuba.declare import Faults, lint, load_catalogue
from yakuba.declare.load import ROOT


@pytest.fixture
def catalogue(tmp_path: Path):
    """`catalogue("ledger", old, new)`: what `yakuba check` says when that text of a file is another one."""
    root = tmp_path / "services"
    for name in ("shared", "child-allowance"):
        shutil.copytree(ROOT / name, root / name)
    (root / "shared/life-events.yaml").unlink()  # it names services that are not here

    def check(file: str, old: str, new: str) -> list[str]:
        places = {"ledger": "child-allowance/robots/ledger.yaml", "welfare": "shared/systems/welfare.yaml"}
        path = root / places.get(file, "child-allowance/service.yaml")
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        try:
            return [str(fault) for fault in lint.check(load_catalogue(root))]
        except Faults as found:
            return [str(fault) for fault in found.faults]

    return check


def test_the_robot_as_it_is_has_no_faults(catalogue):
    assert catalogue("ledger", "robot: ledger", "robot: ledger") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("ledger", "system: welfare", "system: welfar", 'ledger.yaml:4 — names the system "welfar"'),
        ("ledger", "key: reference", "key: number", 'names the value "number"'),
        ("ledger", "reference: case.reference", "reference: case.referense", 'value "reference"'),
        ("ledger", "氏名: name, フリガナ", "氏名: nam, フリガナ", 'names the value "nam"'),
        ("ledger", "  - receipt: 登録番号\ncheck", "check", "reads no receipt after its commit"),
        ("ledger", "  - click: 次へ", "  - commit: 次へ", "commits more than once"),
        ("ledger", "  - found: {受付番号: reference}\n", "", "never says whether the work is there"),
        ("ledger", "  - click: 検索", "  - press: 検索", '"find.2.press" is not a key'),
        ("ledger", "  - click: 検索", "  - {click: 検索, expect: 検索}", "a step has exactly one of"),
        ("ledger", "as: half_kana", "as: halfkana", "It must be"),
        ("ledger", "reference: case.reference", "reference: account.number", "shows account.number in pictures"),
        ("ledger", "robot: ledger", "robot: other", 'is called "other" in the file "ledger.yaml"'),
        ("ledger", "- open: 新規登録", "- {open: 新規登録, if: amount}", '"amount" is no yes or no'),
        ("welfare", "encoding: cp932", "encoding: cp923", "nobody knows the encoding"),
        ("welfare", "sessions: 4", "sessions: 0", "greater than or equal to 1"),
        ("welfare", "kind: business", "kind: busines", "It must be"),
        ("service", "run: ledger", "run: leger", 'names the robot "leger"'),
        ("service", "settles: [by_hand, not_needed]", "settles: [byhand]", 'names the outcome "byhand"'),
    ],
)  # fmt: skip
def test_each_slip_is_named_with_its_place(catalogue, file, old, new, says):
    found = catalogue(file, old, new)
    assert any(says in fault for fault in found), found
    assert all(":" in fault.split(" — ")[0] for fault in found)
