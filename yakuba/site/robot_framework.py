"""Keywords by which robots of Robot Framework take tasks from the queue: 次の案件, 完了, 業務例外, 証跡.

    *** 設定 ***
    ライブラリ    yakuba.site.robot_framework.Queue    394262    child-allowance    ledger

What a vendor's robot does outside cannot be looked up from here. So a task is said in the log to be begun before its
values are given out, and one that was begun and not ended is in doubt and goes to a person.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yakuba.robots.values import Prepared
    from yakuba.robots.worker import Shift


class NothingInHand(RuntimeError):
    """A keyword about a task was used while none is held."""

    def __init__(self) -> None:
        super().__init__(
            "「次の案件」で案件を受け取ってから使ってください。 / Take a task with 次の案件 first."
        )


class Queue:
    """A run of one robot in one town. Made by Robot Framework when the library is imported."""

    ROBOT_LIBRARY_SCOPE = "SUITE"
    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, town: str, service: str, robot: str, beat: float = 5.0):
        from yakuba.site.cli import prepare

        self.ROBOT_LIBRARY_LISTENER = self
        prepare()
        self._chosen = (town, service, robot, float(beat))
        self._working: Shift | None = None
        self._held: Prepared | None = None

    def _shift(self) -> Shift:
        """The run; it begins with the first task."""
        if self._working is None:
            from yakuba.access import towns
            from yakuba.robots import queries
            from yakuba.robots.worker import Shift

            town, service, robot, beat = self._chosen
            with towns.inside(town):
                (post,) = queries.posts(service, robot)
            self._working = Shift(town, post, beat=beat)
        return self._working

    # -- keywords ------------------------------------------------------------------------------------------
    def 次の案件(self) -> dict[str, str] | None:
        """The values of the next task, which is ours from now on; nothing when none waits."""
        from yakuba.robots.errors import InDoubt, RobotError

        working = self._shift()
        while batch := working.take(1):
            (one,) = batch
            begun = one.task.state.steps[one.task.step.id]
            if isinstance(one.item, RobotError):
                working.stopped(one.task, one.item, [])
            elif begun.intended is not None and begun.receipt is None:
                working.stopped(one.task, InDoubt(), [])
            else:
                working.intend(one.task, one.item, None)
                self._held = one
                return {name: value.text for name, value in one.item.values.items()}
        return None

    def 完了(self, receipt: str = "") -> None:
        """The task in hand is done; `receipt`: what the old system gave for it."""
        from yakuba.robots.player import Played

        one, working = self._in_hand(), self._shift()
        working.record(one.task, Played(receipt=receipt))
        working.done(one.task)
        self._held = None

    def 業務例外(self, code: str, reason: str) -> None:
        """A person takes the task over, and gets the reason."""
        from yakuba.robots.errors import SystemSaid
        from yakuba.words import Text

        one = self._in_hand()
        self._shift().stopped(one.task, SystemSaid(code, True, Text.same(reason)), [])
        self._held = None

    def 証跡(self, file: str) -> None:
        """Keep a picture (PNG or JPEG) with the case of the task in hand."""
        one = self._in_hand()
        self._shift().keep_file(one.task, Path(file).name, Path(file).read_bytes())

    def _in_hand(self) -> Prepared:
        if self._held is None:
            raise NothingInHand
        return self._held

    def _close(self) -> None:
        """Robot Framework calls this at the end of the suite."""
        if self._working is not None:
            self._working.close()

    def end_suite(self, data: Any, result: Any) -> None:
        """The suite is over: what is still held goes back, and is in doubt for whoever takes it."""
        self._close()
