"""A changed screen does not stop a robot, and never misleads it."""

from __future__ import annotations

import pytest

from tests.robots.conftest import item
from yakuba.robots.errors import Differs, NotOnScreen
from yakuba.robots.marks import Known, Mark, meant
from yakuba.robots.screen import Screen, find_field
from yakuba.simulators import legacy


def field_on(page: str, label: str) -> Mark:
    return Mark.of(find_field([Screen(page)], label))


BEFORE = "<p>番号 <input name=n></p><p>氏名 <input name=s></p><p>住所 <input name=j></p>"
NAME = field_on(BEFORE, "氏名")
OTHERS = {"番号", "住所"}


@pytest.mark.parametrize(
    ("page", "by"),
    [
        ("<p>住所 <input name=j></p><p>お名前 <input name=s></p><p>番号 <input name=n></p>", ("name",)),
        ("<p>番号 <input name=n></p><p>お名前 <input name=x></p><p>住所 <input name=j></p>", ("neighbours",)),
        (
            "<p>番号 <input name=n></p><p>お名前 <input name=s></p><p>住所 <input name=j></p>",
            ("name", "neighbours"),
        ),
    ],
)
def test_a_field_without_its_label_is_found_by_what_only_it_has(page, by):
    element, marks = meant(NAME, [Screen(page)], OTHERS)
    assert element.label == "お名前"
    assert marks == by


@pytest.mark.parametrize(
    "page",
    [
        "<p>番号 <input name=n></p><p>住所 <input name=j></p>",
        "<p>番号 <input name=n></p><p>住所 <input name=j></p><p>配偶者 <input name=h></p>",
        "<p>お名前 <input name=s></p><p>配偶者 <input name=s></p>",
        "<p>番号 <input name=n></p><p>配偶者 <input name=x></p><p>住所 <input name=j></p><p>本人 <input name=s></p>",
        "<p>番号 <input name=n></p><select name=s><option>1</select><p>住所 <input name=j></p>",
    ],
    ids=["gone", "a new one elsewhere", "two of the same name", "marks that disagree", "another kind"],
)
def test_what_is_not_certain_is_not_taken(page):
    assert meant(NAME, [Screen(page)], OTHERS) is None


def test_a_field_that_is_another_of_the_robots_fields_is_not_taken():
    page = "<p>番号 <input name=n></p><p>住所 <input name=s></p>"
    assert meant(NAME, [Screen(page)], OTHERS) is None


def test_marks_are_the_same_after_they_were_kept():
    assert Mark.from_json(NAME.to_json()) == NAME


@pytest.fixture
def known(player) -> dict:
    """What the robot knew of the screens as they were."""
    robot = player()
    robot.find(item(reference="learn"))
    robot.do(item(reference="learn"), lambda picture: None)
    robot.find(item(reference="learn"))
    robot.check(item(reference="learn"))
    return dict(robot.seen)


@pytest.mark.parametrize("number", range(1, len(legacy.LAYOUTS)), ids=lambda n: legacy.LAYOUTS[n].about)
def test_each_changed_layout_ends_with_the_right_row_or_with_none(number, player, welfare, known):
    welfare.legacy.mood.layout = number
    one = item(reference=f"layout-{number}")
    robot = player(marks=Known(known))
    try:
        robot.do(one, lambda picture: None)
    except NotOnScreen:
        assert welfare.legacy.found(one.key) == []
        return
    (row,) = welfare.legacy.found(one.key)
    assert (row["氏名"], row["生年月日"], row["手当月額"]) == ("山田 太郎", "H020401", "25000")


def test_what_was_healed_is_proposed_with_its_picture(player, welfare, known):
    welfare.legacy.mood.layout = 3
    marks = Known(known)
    player(marks=marks).do(item(reference="x"), lambda picture: None)
    (healed,) = marks.healed
    assert (healed.label, healed.now) == ("氏名", "受給者の氏名")
    assert "受給者の氏名".encode() in healed.picture.content


def test_a_commit_is_never_pressed_by_a_lower_mark(player, welfare, known, monkeypatch):
    changed = legacy.Layout("the last button", buttons={"登録": "実行"})
    monkeypatch.setattr(legacy.Legacy, "layout", property(lambda self: changed))
    with pytest.raises(NotOnScreen, match="登録"):
        player(marks=Known(known)).do(item(reference="x"), lambda picture: None)
    assert welfare.legacy.found("x") == []


def test_a_robot_that_reads_nothing_back_heals_nothing(player, welfare, known, monkeypatch):
    welfare.legacy.mood.layout = 3
    robot = player(marks=Known(known))
    monkeypatch.setattr(robot, "robot", robot.robot.model_copy(update={"check": []}))
    with pytest.raises(NotOnScreen):
        robot.do(item(reference="x"), lambda picture: None)


def test_a_field_that_was_replaced_by_another_is_caught_before_or_when_it_is_read_back(
    player, welfare, known, monkeypatch
):
    changed = legacy.Layout("a look-alike in its place", labels={"氏名": "配偶者名"})
    monkeypatch.setattr(legacy.Legacy, "layout", property(lambda self: changed))
    robot = player(marks=Known(known))
    one = item(reference="x")
    robot.do(one, lambda picture: None)
    for row in welfare.legacy.found("x"):
        row["氏名"], row["配偶者名"] = "", row["氏名"]
    assert robot.find(one)
    with pytest.raises(Differs, match="氏名"):
        robot.check(one)
