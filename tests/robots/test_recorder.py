"""Somebody shows how a case is entered, and a robot comes of it that enters the next ones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page
from ruamel.yaml import YAML

from tests.robots.conftest import SECRETS, SYSTEM_FILE
from yakuba.access import towns
from yakuba.cases import catalogue
from yakuba.cases.log import look_waiting
from yakuba.declare import RobotFile
from yakuba.robots import queries, recording
from yakuba.robots.drafting import Unfinished
from yakuba.robots.http import HttpDriver
from yakuba.robots.player import Player
from yakuba.robots.values import prepare
from yakuba.simulators import legacy

pytestmark = pytest.mark.long


class Clerk:
    """Somebody with a mouse and a keyboard at the window."""

    def __init__(self, page: Page):
        self.page = page

    def at(self, selector: str) -> Locator:
        """The one place, once it is there."""
        for _ in range(200):
            for frame in self.page.frames:
                if not frame.is_detached() and frame.locator(selector).count() == 1:
                    return frame.locator(selector)
            self.page.wait_for_timeout(20)
        raise AssertionError(selector)

    def types(self, name: str, text: str) -> None:
        self.at(f"input[name={name}]").click()
        self.page.keyboard.type(text)

    def presses(self, selector: str) -> None:
        self.at(selector).click()
        self.page.wait_for_timeout(150)

    def closes(self) -> None:
        """Close the window, after a look at what it shows."""
        self.page.wait_for_timeout(1000)
        self.page.close()

    def enters(self, values: dict[str, str]) -> None:
        """One granted claim, up to its receipt."""
        self.presses("text=新規登録")
        for name, value in (
            ("uketsuke", "reference"),
            ("shimei", "name"),
            ("kana", "kana"),
            ("seinengappi", "birth_date"),
        ):
            self.types(name, values[value])
        self.presses("input[value=次へ]")
        for name, value in (("jidosu", "children"), ("getsugaku", "amount"), ("kaishi", "first_month")):
            self.types(name, values[value])
        self.at("select[name=hoho]").select_option("1")
        self.presses("input[value=確認]")
        self.presses("input[value=登録]")

    def looks_it_up(self, values: dict[str, str]) -> None:
        """Search for it, with Enter, and open what is found."""
        self.presses("text=照会")
        self.types("uketsuke", values["reference"])
        self.page.keyboard.press("Enter")
        self.page.wait_for_timeout(300)
        self.presses("table a")


@pytest.fixture
def post(in_town) -> queries.Post:
    (found,) = queries.posts("child-allowance", "ledger")
    return queries.Post(found.service, found.step, found.robot, SYSTEM_FILE)


@pytest.fixture
def record(queue, post, in_town):
    """`record(looks_it_up=False)`: a clerk enters the first of two claims that wait; the draft that comes of it."""

    def watched(*, looks_it_up: bool = True, commit: str = ""):
        queue(2)
        with towns.inside(in_town):
            first = prepare(look_waiting(post.service, post.step, 2), post.robot, post.system)[0]
        values = {name: one.text for name, one in first.item.values.items()}

        def show(browser, window) -> None:
            clerk = Clerk(window.page)
            browser.run(clerk.enters, values)
            if looks_it_up:
                browser.run(clerk.looks_it_up, values)
            browser.run(clerk.closes)

        asked = recording.Asked(in_town, post.service, "shown", "welfare", values["reference"])
        return recording.record(asked, commit=commit, say=lambda line: None, show=show)

    return watched


def test_the_robot_that_was_shown_enters_the_next_case(record, post, in_town, welfare, monkeypatch):
    draft = record()
    robot = RobotFile.model_validate(YAML(typ="safe").load(draft.text))
    monkeypatch.setitem(catalogue.current().robots, ("child-allowance", "shown"), robot)
    (by_hand,) = legacy.read_ledger(welfare.folder)
    with towns.inside(in_town):
        waiting = prepare(look_waiting(post.service, post.step, 2), robot, post.system)
    (second,) = (one for one in waiting if one.item.key != by_hand["受付番号"])
    player = Player(HttpDriver(wait=2), robot, SYSTEM_FILE, address=welfare.address, secrets=SECRETS)
    player.sign_in()
    assert not player.find(second.item)
    played = player.do(second.item, lambda picture: None)
    assert player.find(second.item)
    assert player.check(second.item).receipt == played.receipt
    (_, by_robot) = legacy.read_ledger(welfare.folder)
    assert set(by_robot) == set(by_hand)
    assert by_robot["受付番号"] == second.item.key
    assert by_robot["フリガナ"] == "ﾐﾎﾝ ｵﾔ"


def test_what_was_typed_becomes_values_of_the_case_and_places_become_labels(record):
    draft = record()
    robot = draft.file
    assert {name: (one.is_, one.as_, one.max) for name, one in robot.values.items()} == {
        "reference": ("case.reference", "text", 20),
        "name": ("applicant.name", "text", 40),
        "kana": ("applicant.kana", "half_kana", 30),
        "birth_date": ("applicant.birth_date", "era_date", 7),
        "counted_children": ("counted_children", "text", 2),
        "amount": ("case.amount", "text", 8),
        "first_month": ("first_month", "era_month", 6),
        "hoho": ("'口座振込'", "text", None),
    }
    assert [step.verb for step in robot.do] == [
        "open", "fill", "click", "fill", "click", "expect", "commit", "receipt",
    ]  # fmt: skip
    assert [step.verb for step in [*robot.find, *robot.check]] == [
        "open", "fill", "click", "found", "follow", "receipt", "verify",
    ]  # fmt: skip
    assert any("which value of the case is 「口座振込」" in note for note in draft.notes)


def test_who_did_not_look_it_up_is_told_what_is_missing(record):
    draft = record(looks_it_up=False)
    assert (draft.file.find, draft.file.check) == ([], [])
    assert any("search for the key" in note for note in draft.notes)


def test_a_button_with_an_effect_that_nobody_pressed_is_named(record):
    with pytest.raises(Unfinished, match="完了する"):
        record(commit="完了する")


def test_all_marks_of_what_was_used_are_kept(record, in_town):
    record()
    with towns.inside(in_town):
        marks = queries.marks("child-allowance", "shown")
    assert marks["field", "氏名"].name == "shimei"
    assert marks["field", "氏名"].near == ("受付番号", "フリガナ")


def test_without_a_screen_nothing_can_be_shown(queue, in_town, monkeypatch):
    monkeypatch.setattr(recording, "shows_windows", lambda: False)
    asked = recording.Asked(in_town, "child-allowance", "shown", "welfare", "1111-2222-3333")
    with pytest.raises(Unfinished, match="screen"):
        recording.record(asked, say=lambda line: None)


@pytest.mark.parametrize(
    ("service", "system", "said"),
    [
        ("nothing", "welfare", "service"),
        ("child-allowance", "moon", "moon"),
        ("child-allowance", "welfare", "no case"),
    ],
)
def test_what_is_not_there_is_named(queue, in_town, service, system, said):
    asked = recording.Asked(in_town, service, "shown", system, "1111-2222-3333")
    with pytest.raises(Unfinished, match=said):
        recording.record(asked, say=lambda line: None, show=lambda browser, window: None)
