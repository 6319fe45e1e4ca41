"""Plays the steps of a robot on a driver: finds what each names, types, presses, reads. Stores nothing.

After everything that brings a new screen the player looks whether the old system says something: a message of its
error table, that the session is over, or something nobody declared.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urljoin

from yakuba import clock
from yakuba.access import Worker
from yakuba.declare import RobotFile, RobotStep, SystemFile
from yakuba.robots.driver import Driver, Picture, Request
from yakuba.robots.errors import (
    Differs,
    NotOnScreen,
    NotSaid,
    NotThere,
    RobotError,
    SignedOut,
    SystemSaid,
    UnknownMessage,
)
from yakuba.robots.marks import Mark, Marks, NoMarks
from yakuba.robots.screen import Element, Screen, find_field, find_pressable, plain, said
from yakuba.robots.written import Written

MASK = "••••"
LOOK_AGAIN = 0.05
"""Seconds until a screen is looked at again that does not show yet what a step names."""


@dataclass(slots=True)
class Item:
    """What one task gives the robot: the value that marks its work, the values it types, and for each list the values
    of its items."""

    key: str
    values: dict[str, Written]
    flags: Mapping[str, bool] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Mapping[str, Written]]] = field(default_factory=dict)

    def said(self, label: str | None) -> str:
        """A label with the values in it that stand there in braces."""
        return _IN_BRACES.sub(lambda found: self.values[found[1]].text, label or "")

    def named(self, labels: Mapping[str, str] | None) -> dict[str, str]:
        """Labels and the names of their values."""
        return {self.said(label): name for label, name in (labels or {}).items()}

    @property
    def covered(self) -> list[str]:
        """What no picture may show."""
        return [one.text for one in self.values.values() if one.masked and one.text]


@dataclass(slots=True)
class Played:
    """What came of playing steps: the receipt that was read, whether the work was found, how it looked before and
    after a commit, the files that were downloaded. `must_find`: what `found` names has to be there."""

    must_find: bool = False
    receipt: str | None = None
    found: bool = False
    committed: bool = False
    before: Picture | None = None
    after: Picture | None = None
    would_send: Request | None = None
    shown: tuple[str, ...] = ()
    files: list[Picture] = field(default_factory=list)


_IN_BRACES = re.compile(r"\{(\w+)\}")
Commit = Callable[[Picture], None]
R = TypeVar("R")


class Player:
    """Plays a robot. `secrets`: what signing in types; `draws`: labels of which a picture is wanted, which goes into
    `drawn`. `by`: the robot
    as a worker, for steps in Python. `before_commit`: called with a picture just before the one
    press that has an effect outside; what it raises keeps the press from happening."""

    def __init__(
        self,
        driver: Driver,
        robot: RobotFile,
        system: SystemFile,
        *,
        address: str,
        secrets: Mapping[str, str],
        marks: Marks | None = None,
        python: Mapping[str, Callable[..., Any]] | None = None,
    ):
        self.driver, self.robot, self.system = driver, robot, system
        self.address, self._secrets = address, secrets
        self.marks = marks or NoMarks()
        self._python = python or {}
        self.by: Worker | None = None
        self.signed_in = self.rehearses = False
        self.seen: dict[tuple[str, str], Mark] = {}
        self.draws: set[str] = set()
        self.drawn: dict[str, Picture] = {}
        self.trail: list[tuple[datetime, RobotStep]] = []
        self._private: list[str] = []
        self._covered: list[str] = []
        self._row: Mapping[str, str] | None = None

    # -- the parts of a robot ------------------------------------------------------------------------
    def sign_in(self) -> None:
        """Open the system and sign in, unless that was done."""
        if self.signed_in:
            return
        self.driver.go(self.address)
        values = {name: Written(value, masked=True) for name, value in self._secrets.items()}
        self._play(self.system.sign_in, Item("", values), Played(), None)
        self.signed_in = True

    def find(self, item: Item) -> bool:
        """Is the work there already? Ends on the screen that shows it."""
        played = Played()
        self._play(self.robot.find, item, played, None)
        return played.found

    def check(self, item: Item) -> Played:
        """Read back what `find` led to, with the receipt and a picture. Raises Differs."""
        played = Played()
        self._play(self.robot.check, item, played, None)
        played.after = self.driver.picture(item.covered)
        return played

    def do(self, item: Item, before_commit: Commit | None) -> Played:
        """Do the work. Without `before_commit` it stops just before the press that has an effect (a dry run)."""
        played = Played(must_find=True)
        try:
            self._play(self.robot.do, item, played, before_commit)
        except _Dry:
            pass
        except RobotError as error:
            error.files = played.files
            raise
        return played

    def trace(self) -> Picture:
        """The steps since the trail was cleared, in Tokyo time: what they looked for, never what was typed."""
        lines = [
            f"{clock.in_tokyo(when):%H:%M:%S.%f} {step.verb} {'、'.join(step.labels()) or step.python or step.each}"
            for when, step in self.trail
        ]
        return Picture("".join(f"{line}\n" for line in lines).encode(), "trace.txt")

    # -- steps -----------------------------------------------------------------------------------------
    def _play(
        self, steps: Iterable[RobotStep], item: Item, played: Played, before_commit: Commit | None
    ) -> None:
        self._private = [one.text for one in item.values.values() if one.text]
        self._covered = item.covered
        for step in steps:
            if step.if_ is None or item.flags.get(step.if_):
                self.trail.append((clock.now(), step))
                self._step(step, item, played, before_commit)

    def _step(self, step: RobotStep, item: Item, played: Played, before_commit: Commit | None) -> None:
        match step.verb:
            case "open":
                self._open(item.said(step.open))
            case "fill":
                self._fill(item.named(step.fill), item)
            case "click":
                self.press(item.said(step.click))
            case "expect":
                self._expect(item.said(step.expect))
            case "commit":
                self._commit(item.said(step.commit), item, played, before_commit)
            case "receipt":
                played.receipt = self._until(lambda: self._value(item.said(step.receipt)))
            case "found":
                played.found = self._found(item.named(step.found), item, must=played.must_find)
            case "verify":
                self._verify(item.named(step.verify), item)
            case "follow":
                self._follow(item.said(step.follow))
            case "read":
                self._read(item.named(step.read), item)
            case "download":
                self._download(item.said(step.download), played)
            case "keep":
                self._keep(item.said(step.keep), played)
            case "each":
                for one in item.lists[step.each or ""]:
                    inner = Item(item.key, {**item.values, **one}, item.flags, item.lists)
                    self._play(step.do, inner, played, before_commit)
            case "python":
                self._python[step.python or ""](self, item, played)

    def _open(self, where: str) -> None:
        if where.startswith("/"):
            self.driver.go(urljoin(self.address, where))
            self._row = None
            self._look_for_messages()
        else:
            self.press(where)

    def _fill(self, fields: Mapping[str, str], item: Item) -> None:
        self.type({label: item.values[name].text for label, name in fields.items()})

    @property
    def worker(self) -> Worker:
        """The robot in the queue and the log. Raises RuntimeError where the robot is only tried out."""
        if self.by is None:
            raise RuntimeError("this robot works for nobody")
        return self.by

    # -- for steps in Python too --------------------------------------------------------------------------
    def screens(self) -> Sequence[Screen]:
        """What is shown now."""
        return self.driver.screens()

    def type(self, fields: Mapping[str, str]) -> None:
        """Type texts into fields by their labels. Raises Differs where a field then holds something else."""
        typed = [(self._until(partial(self._field, label)), text) for label, text in fields.items()]
        held = self.driver.put(typed)
        self._see_pop_ups()
        lost = [
            self._difference(label, text, there)
            for label, (_, text), there in zip(fields, typed, held, strict=True)
            if there != text
        ]
        if lost:
            raise Differs(lost)

    def _read(self, labels: Mapping[str, str], item: Item) -> None:
        """Take over what is shown beside labels, as values of this item."""
        for label, name in labels.items():
            item.values[name] = Written(self._until(partial(self._value, label)))

    def _download(self, label: str, played: Played) -> None:
        """Keep the file that a link or button gives."""
        played.files.append(self.driver.download(self._until(lambda: self._pressable(label))))

    def press(self, label: str) -> None:
        """Press what says this, and hear what the system says then."""
        self.driver.press(self._until(lambda: self._pressable(label)))
        self._row = None
        self._look_for_messages()

    def _keep(self, name: str, played: Played) -> None:
        """Keep the row that was found, as a table of its own."""
        if self._row is None:
            raise NotSaid(name, " / ".join(screen.text for screen in self.screens()))
        written = io.StringIO(newline="")
        csv.writer(written).writerows([list(self._row), list(self._row.values())])
        played.files.append(Picture(written.getvalue().encode("utf-8-sig"), name))

    def _commit(self, label: str, item: Item, played: Played, before_commit: Commit | None) -> None:
        element = self._until(lambda: find_pressable(self.screens(), label))  # never by a lower mark
        played.before = self.driver.picture(item.covered)
        if before_commit is None:
            played.shown = tuple(screen.text for screen in self.screens())
            played.would_send = self.driver.would_send(element) if self.rehearses else None
            raise _Dry
        before_commit(played.before)
        played.committed = True
        self.driver.commits()
        self.driver.press(element)
        self._row = None
        self._look_for_messages()
        played.after = self.driver.picture(item.covered)

    def _expect(self, text: str) -> None:
        self._until(lambda: self._says(text))

    def _found(self, wanted: Mapping[str, str], item: Item, *, must: bool) -> bool:
        """Is there a row, or a pair of label and value, with all that is wanted? Two rows are one too many. Raises
        NotThere, where it `must` be there."""
        self._row = None
        texts = {plain(label): said(item.values[name].text) for label, name in wanted.items()}
        rows = [row for screen in self.screens() for row in screen.matching(texts)]
        if len(rows) > 1:
            label, name = next(iter(wanted.items()))
            raise Differs([self._difference(label, item.values[name].text, f"{len(rows)}件")])
        self._row = rows[0] if rows else None
        found = bool(rows) or all(self._cell(label) == text for label, text in texts.items())
        if must and not found:
            named = [(label, item.values[name].text) for label, name in wanted.items()]
            raise NotThere(named, " / ".join(screen.text for screen in self.screens()))
        return found

    def _follow(self, column: str) -> None:
        """Follow the link in a column of the row that was found."""
        if self._row is None:
            raise NotSaid(column, " / ".join(screen.text for screen in self.screens()))
        self.press(self._row[plain(column)])

    def _verify(self, wanted: Mapping[str, str], item: Item) -> None:
        shown = {label: self._cell(label) for label in wanted}
        differences = [
            self._difference(label, item.values[name].text, shown[label] or "")
            for label, name in wanted.items()
            if said(item.values[name].text) != shown[label]
        ]
        if differences:
            raise Differs(differences)

    def _difference(self, label: str, ours: str, theirs: str) -> tuple[str, str, str]:
        """What differs, for everybody who may read the case: a masked value is shown neither as it is nor as it was said."""
        return (label, MASK, MASK) if ours in self._covered else (label, ours, theirs)

    # -- what is shown -----------------------------------------------------------------------------------
    def _says(self, text: str) -> bool:
        if any(screen.says(text) for screen in self.screens()):
            return True
        raise NotSaid(text, " / ".join(screen.text for screen in self.screens()))

    def _value(self, label: str) -> str:
        value = self._cell(label)
        if value is None:
            raise NotSaid(label, " / ".join(screen.text for screen in self.screens()))
        return value

    def _cell(self, label: str) -> str | None:
        """What is shown beside a label; in the row that was found, as long as that is shown."""
        if self._row is not None and plain(label) in self._row:
            return self._row[plain(label)]
        return next((v for screen in self.screens() if (v := screen.value_of(label)) is not None), None)

    def _field(self, label: str) -> Element:
        return self._by_label(find_field, label)

    def _pressable(self, label: str) -> Element:
        return self._by_label(find_pressable, label)

    def _by_label(self, find: Callable[[Sequence[Screen], str], Element], label: str) -> Element:
        """By its label, and its marks are remembered; else by the marks that were remembered, where what was done is
        read back afterwards."""
        try:
            found = find(self.screens(), label)
        except NotOnScreen as missing:
            if not self.robot.check:
                raise
            return self.marks.heal(self.driver, missing, self._private)
        self.seen[found.kind, label] = Mark.of(found)
        if label in self.draws:
            self.draws.remove(label)
            self.drawn[label] = self.driver.picture(self._private)
        return found

    def _until(self, look: Callable[[], R]) -> R:
        """Look until it is there, or the system's time to wait is over."""
        return until(look, self.driver, self.system.wait)

    # -- what the system says -----------------------------------------------------------------------------
    def _look_for_messages(self) -> None:
        self._see_pop_ups()
        for screen in self.screens():
            self._hear(screen)

    def _hear(self, screen: Screen) -> None:
        text = screen.text
        if self.signed_in and self.system.signed_out and self.system.signed_out in text:
            self.signed_in = False
            raise SignedOut
        for error in self.system.errors:
            if error.says in text:
                raise SystemSaid(error.code, error.kind == "business", error.meaning)
        if self.system.error_mark and self.system.error_mark in (screen.title or text):
            raise UnknownMessage(text)

    def _see_pop_ups(self) -> None:
        for message in self.driver.pop_ups():
            if not any(allowed in message for allowed in self.system.pop_ups):
                raise UnknownMessage(message)


class _Dry(Exception):
    """A dry run ends here."""


def until(look: Callable[[], R], driver: Driver, wait: float) -> R:
    """Look until it is there, for at most `wait` seconds. Raises what the last look raised."""
    end = time.monotonic() + wait
    while True:
        try:
            return look()
        except RobotError:
            if not driver.may_change or time.monotonic() > end:
                raise
        time.sleep(LOOK_AGAIN)
        driver.look_again()
