"""Tasks of MiniWoB++ as robots: how a request is read, and the steps that do it.

Each kind is what a robot's file would say (`do:`), with the values that a person would take from the request; the
screens are those of the package `miniwob` (MIT), served from disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yakuba.robots.player import Item, Played, Player

Values = Mapping[str, str]


@dataclass(frozen=True)
class Kind:
    """One kind of task: a pattern whose groups are the values, or a function; and the robot's steps."""

    task: str
    reads: str | Callable[[str], Values]
    do: list[dict[str, Any]]

    def values(self, request: str) -> Values:
        """What the request asks for."""
        if callable(self.reads):
            return self.reads(request)
        found = re.search(self.reads, request, re.DOTALL)
        assert found, f"{self.task}: cannot read {request!r}"
        return found.groupdict()


def listed(request: str) -> Values:
    """`Select a, b and click Submit.`: the choices, in order; none for `nothing`."""
    names = re.search(r"[Ss]elect (.*?) (?:and|from)\b.*?[Ss]ubmit", request)
    assert names
    chosen = [] if names[1] == "nothing" else names[1].split(", ")
    return {f"choice{number}": name for number, name in enumerate(chosen)}


def american_date(request: str) -> Values:
    """03/14/2012 as the browser's date field wants it."""
    found = re.search(r"\d\d/\d\d/\d{4}", request)
    assert found
    return {"date": datetime.strptime(found[0], "%m/%d/%Y").date().isoformat()}


def time_of_day(request: str) -> Values:
    """9:05 as the browser's time field wants it."""
    found = re.search(r"\d+:\d\d", request)
    assert found
    return {"time": f"{found[0]:0>5}"}


def place(request: str) -> Values:
    """`the 2nd input textbox`: its number."""
    found = re.search(r"(\d)(?:st|nd|rd|th)", request)
    assert found
    return {"place": found[1]}


def changed_case(request: str) -> Values:
    """`Type "Abc" in all upper case letters`: as it is to be typed."""
    found = re.search(r'[Tt]ype "(.*?)" in all (upper|lower) case', request)
    assert found
    return {"text": found[1].upper() if found[2] == "upper" else found[1].lower()}


def dialog_button(request: str) -> Values:
    """The button of a dialog: its x is called Close."""
    found = re.search(r'labeled "(.*)"', request)
    assert found
    return {"name": {"x": "Close"}.get(found[1], found[1])}


def film(request: str) -> Values:
    """Genre, director and year, however the sentence goes."""
    year = re.search(r"\b(?:19|20)\d\d\b", request)
    director = re.search(r"(?:by|director) ([A-Z][\w'-]*)", request)
    genre = re.search(r"(\w+(?: fiction)?) (?:movies|films)", request)
    assert year
    assert director
    assert genre
    return {"genre": genre[1].capitalize(), "year": year[0], "director": director[1]}


SUBMIT = {"click": "Submit"}
TICK = [{"fill": {f"{{choice{n}}}": "yes"}, "if": f"has_choice{n}"} for n in range(12)]
KINDS = [
    Kind("click-test", lambda r: {}, [{"click": "Click Me!"}]),
    Kind("click-test-2", lambda r: {}, [{"click": "ONE"}]),
    Kind("click-button", r'"(?P<name>.*)" button', [{"click": "{name}"}]),
    Kind("click-button-sequence", lambda r: {}, [{"click": "ONE"}, {"click": "TWO"}]),
    Kind("click-tab", r"Click on (?P<name>Tab #\d)", [{"click": "{name}"}]),
    Kind("click-dialog", lambda r: {}, [{"click": "Close"}]),
    Kind("click-dialog-2", dialog_button, [{"click": "{name}"}]),
    Kind("click-option", r"Select (?P<name>\S+) and", [{"fill": {"#1": "name"}}, SUBMIT]),
    Kind("click-checkboxes", listed, [*TICK, SUBMIT]),
    Kind("click-checkboxes-large", listed, [*TICK, SUBMIT]),
    Kind("click-checkboxes-transfer", listed, [*TICK, SUBMIT]),
    Kind("click-collapsible", lambda r: {}, [{"python": "open_section"}, SUBMIT]),
    Kind("enter-text", r'Enter "(?P<text>.*)" into', [{"fill": {"#1": "text"}}, SUBMIT]),
    Kind("enter-text-dynamic", r'Enter "(?P<text>.*)" into', [{"fill": {"#1": "text"}}, SUBMIT]),
    Kind("enter-text-2", changed_case, [{"fill": {"#1": "text"}}, SUBMIT]),
    Kind("enter-password", r'password "(?P<text>.*)" into', [{"fill": {"Password": "text", "Verify password": "text"}}, SUBMIT]),
    Kind("enter-date", american_date, [{"fill": {"#1": "date"}}, SUBMIT]),
    Kind("enter-time", time_of_day, [{"fill": {"#1": "time"}}, SUBMIT]),
    Kind("login-user", r'username "(?P<user>.*?)" and the password "(?P<password>.*?)"', [{"fill": {"Username": "user", "Password": "password"}}, {"click": "Login"}]),
    Kind("choose-list", r"Select (?P<name>.*) from the list", [{"fill": {"#1": "name"}}, SUBMIT]),
    Kind("multi-orderings", film, [{"fill": {"Genre": "genre", "Director": "director", "Year": "year"}}, SUBMIT]),
    Kind("read-table", r"value of (?P<label>.*) into", [{"read": {"{label}": "value"}}, {"fill": {"#1": "value"}}, SUBMIT]),
    Kind("text-transform", lambda r: {}, [{"python": "type_what_is_drawn"}, SUBMIT]),
    Kind("simple-arithmetic", lambda r: {}, [{"python": "work_out"}, SUBMIT]),
    Kind("simple-algebra", lambda r: {}, [{"python": "solve"}, SUBMIT]),
    Kind("find-word", place, [{"python": "nth_word"}, SUBMIT]),
    Kind("odd-or-even", lambda r: {}, [{"python": "odd_or_even"}, SUBMIT]),
]  # fmt: skip


# -- steps in Python ----------------------------------------------------------------------------------------
def type_what_is_drawn(player: Player, item: Item, played: Played) -> None:
    """Letters one by one, each turned by its style."""
    (box,) = player.screens()[0].root.xpath("//*[@id='captcha']")
    player.type({"#1": "".join(box.itertext()).strip()})


def work_out(player: Player, item: Item, played: Played) -> None:
    """`7 - 3 =`"""
    left, sign, right = player.screens()[0].fields[0].label.split()[:3]
    answer = {"+": int(left) + int(right), "-": int(left) - int(right), "x": int(left) * int(right)}[sign]
    player.type({"#1": str(answer)})


def solve(player: Player, item: Item, played: Played) -> None:
    """`x - 3 = 7`, `4 + x = 9`, `9 - x = 2`"""
    (line,) = player.screens()[0].root.xpath("//*[@id='math-problem']")
    left, sign, right, _, result = "".join(line.itertext()).split()
    if left == "x":
        answer = int(result) - int(right) if sign == "+" else int(result) + int(right)
    else:
        answer = int(result) - int(left) if sign == "+" else int(left) - int(result)
    player.type({"#1": str(answer)})


def nth_word(player: Player, item: Item, played: Played) -> None:
    """The n-th word of the paragraph, without comma and full stop."""
    words = player.screens()[0].fields[0].label.split()
    player.type({"#1": words[int(item.values["place"].text) - 1].strip(",.")})


def odd_or_even(player: Player, item: Item, played: Played) -> None:
    """For each number one of the two buttons of its row."""
    numbers = [int(one.text) for one in player.screens()[0].root.xpath("//*[@class='display-number']")]
    for row, number in enumerate(numbers):
        player.driver.press(player.screens()[0].pressables[2 * row + (number % 2 == 0)])


def open_section(player: Player, item: Item, played: Played) -> None:
    """The only section there is, by what it is called."""
    (head,) = player.screens()[0].root.xpath("//h3")
    player.press("".join(head.itertext()).strip())


STEPS = {
    step.__name__: step for step in (type_what_is_drawn, work_out, solve, nth_word, odd_or_even, open_section)
}
