"""A robot plays its steps in a browser and over HTTP, and stops where it must."""

from __future__ import annotations

import pytest

from tests.robots.conftest import ROBOT, SYSTEM_FILE, item
from yakuba.declare import RobotStep
from yakuba.robots.errors import (
    Differs,
    NeedsBrowser,
    NoAnswer,
    NotOnScreen,
    SignedOut,
    SystemSaid,
    UnknownMessage,
)
from yakuba.robots.http import HttpDriver
from yakuba.robots.player import Played

pytestmark = pytest.mark.long


def yes(picture) -> None:
    """Let it commit."""


@pytest.fixture(params=["http", "browser"])
def robot(request, player):
    """The robot, in either way."""
    return player(None if request.param == "http" else request.getfixturevalue("window"))


def test_the_work_is_done_found_again_and_compared(robot, welfare):
    one = item()
    assert not robot.find(one)
    played = robot.do(one, yes)
    assert played.receipt == "W-000001"
    assert robot.find(one)
    assert robot.check(one).receipt == "W-000001"
    (row,) = welfare.legacy.found(one.key)
    assert row["フリガナ"] == "ﾔﾏﾀﾞ ﾀﾛｳ"
    assert row["生年月日"] == "H020401"


def test_what_is_shown_is_read_and_what_is_offered_is_downloaded(robot, welfare):
    one = item()
    robot.do(one, yes)
    robot.find(one)
    robot._row = {"登録番号": "W-000001"}
    steps = [
        RobotStep(follow="登録番号"),
        RobotStep(read={"手当月額": "amount_there"}),
        RobotStep(download="CSV出力"),
    ]
    played = Played()
    robot._play(steps, one, played, None)
    assert one.values["amount_there"].text == "25000"
    (file,) = played.files
    assert file.name == "W-000001.csv"
    assert "山田 太郎" in file.content.decode("cp932")


def test_a_dry_run_stops_before_the_press_that_has_an_effect(robot, welfare):
    played = robot.do(item(), None)
    assert not played.committed
    assert played.before is not None
    assert welfare.legacy.found(item().key) == []


def test_what_is_raised_before_the_press_keeps_it_from_happening(robot, welfare):
    def stop(picture) -> None:
        raise RuntimeError("withdrawn")

    with pytest.raises(RuntimeError, match="withdrawn"):
        robot.do(item(), stop)
    assert welfare.legacy.found(item().key) == []


def test_a_name_that_the_browser_would_change_is_never_sent(robot, welfare):
    one = item(name="𠮷田　太郎")
    robot.do(one, yes)
    (row,) = welfare.legacy.found(one.key)
    assert row["氏名"] == "吉田　太郎"


def test_another_value_in_the_old_system_is_named(robot, welfare):
    robot.do(item(amount=10000), yes)
    assert robot.find(item())
    with pytest.raises(Differs, match=r"手当月額.*25000.*10000"):
        robot.check(item())


def test_two_rows_under_one_key_are_one_too_many(robot, welfare):
    robot.do(item(), yes)
    robot.do(item(), yes)
    with pytest.raises(Differs):
        robot.find(item())


def test_an_error_with_status_200_is_heard(robot, welfare):
    welfare.legacy.mood.fail_commit = 1
    with pytest.raises(SystemSaid) as error:
        robot.do(item(), yes)
    assert (error.value.code, error.value.business) == ("E910", False)


def test_an_error_that_nobody_declared_stops_the_robot(robot, welfare, monkeypatch):
    monkeypatch.setattr(robot, "system", SYSTEM_FILE.model_copy(update={"errors": []}))
    welfare.legacy.mood.fail_commit = 1
    with pytest.raises(UnknownMessage, match="E910"):
        robot.do(item(), yes)


def test_data_that_the_screen_rejects_is_a_matter_for_a_person(robot):
    one = item()
    one.values["children"] = one.values["name"]
    with pytest.raises((SystemSaid, Differs)):
        robot.do(one, yes)


def test_what_the_field_cuts_off_is_noticed_before_it_is_sent(robot, welfare):
    one = item()
    one.values["birth_date"] = one.values["kana"]
    with pytest.raises(Differs, match="生年月日"):
        robot.do(one, yes)
    assert welfare.legacy.found(one.key) == []


def test_a_session_that_is_lost_at_the_confirm_page_is_said_and_nothing_is_registered(robot, welfare):
    welfare.legacy.mood.expire_at_confirm = 1
    with pytest.raises(SignedOut):
        robot.do(item(), yes)
    assert welfare.legacy.found(item().key) == []
    robot.sign_in()
    assert robot.do(item(), yes).receipt == "W-000001"


def test_a_system_that_is_closed_says_so(robot, welfare):
    welfare.legacy.mood.closed = True
    with pytest.raises(SystemSaid) as error:
        robot.find(item())
    assert error.value.code == "closed"


def test_an_answer_that_gets_lost_is_no_answer(player, welfare):
    welfare.legacy.mood.lose_commit = 1
    with pytest.raises(NoAnswer):
        player().do(item(), yes)
    assert len(welfare.legacy.found(item().key)) == 1


def test_a_pop_up_that_nobody_has_seen_stops_the_robot(player, window, welfare):
    robot = player(window)
    welfare.legacy.mood.strange_pop_up = 1
    with pytest.raises(UnknownMessage, match="お知らせ"):
        robot._open("/top")


def test_values_that_are_masked_are_in_no_picture(player, welfare):
    one = item()
    one.values["name"] = type(one.values["name"])(one.values["name"].text, (), True)
    played = player().do(one, yes)
    assert "山田".encode() not in played.before.content
    assert "山田".encode() not in played.after.content


def test_a_screen_that_is_another_one_is_said(player, welfare):
    welfare.legacy.mood.layout = 3
    with pytest.raises(NotOnScreen, match="氏名"):
        player().do(item(), yes)


def test_a_screen_that_was_not_proven_needs_the_browser(player, welfare):
    with pytest.raises(NeedsBrowser):
        player(HttpDriver(allowed=frozenset())).do(item(), yes)


def test_steps_that_depend_on_a_value_are_left_out_when_it_is_no(player, welfare):
    robot = player()
    steps = [ROBOT.do[0].model_copy(update={"if_": "wanted"})]
    one = item()
    for wanted in (True, False):
        one.flags = {"wanted": wanted}
        robot.driver.go(welfare.address)
        robot._play(steps, one, object(), None)
        assert any("台帳 1" in screen.text for screen in robot.driver.screens()) is wanted
