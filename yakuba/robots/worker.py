"""A robot at work: it takes tasks from the queue, does each exactly once, and says in the log what it did.

Every effect outside goes the same way: look whether the work is there (`find`); say in the log what will be entered;
press; say in the log which receipt came back; look again and compare every field. A robot that dies anywhere on the
way leaves a task that another one takes: that one looks first. Where a system cannot be asked, what was begun and not
recorded is in doubt, and a person looks.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.db import DatabaseError, connection

from yakuba import clock
from yakuba.access import Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, documents
from yakuba.cases.errors import CaseError
from yakuba.cases.work import Waiting
from yakuba.declare import Fact, RobotFile, Service
from yakuba.robots import actions, queries
from yakuba.robots.browser import Browser, shows_windows
from yakuba.robots.driver import Driver, NoScreens, Picture
from yakuba.robots.errors import (
    Declined,
    Differs,
    EvidenceNotKept,
    InDoubt,
    LeaseLost,
    NeedsBrowser,
    NoAnswer,
    NotAFact,
    NotNow,
    NotOnScreen,
    NotSaid,
    RobotError,
    SignedOut,
    StepFailed,
    SystemSaid,
)
from yakuba.robots.files import FilesDriver
from yakuba.robots.http import HttpDriver
from yakuba.robots.marks import Known, Mark
from yakuba.robots.models import Run
from yakuba.robots.player import MASK, Item, Played, Player
from yakuba.robots.python_steps import Step, python_steps
from yakuba.robots.queries import Post
from yakuba.robots.screen import plain
from yakuba.robots.values import Prepared, prepare

LEASE, LEASE_HARMLESS = 20, 100
"""Tasks that a robot takes at once: few enough that what a dead one held is soon done by others; more where nothing is
changed outside."""
MAX_TRIES = 5
"""After so many failures of the technical kind a person takes over."""
WAIT_FIRST = 1.0
"""Seconds until what failed for a technical reason is tried again; doubled each time."""
KEPT = ("pdf", "jpeg", "png", "xlsx", "csv")
"""Kinds of files that a robot may bring."""
TELLING = 4
"""Characters from which on a value may tell who it is about."""
_NOT_OF_A_NUMBER = re.compile(r"[,円¥]")
NEVER = float("inf")
BEFORE, AFTER, SEEN, TRACE = "robot.before", "robot.after", "robot.seen", "robot.trace"
FETCHED = "robot.fetched"
"""What files are for: pictures just before the effect, after it, and of what the robot saw when it stopped; its steps
until then; and what it downloaded."""

logger = logging.getLogger(__name__)
Say = Callable[[str], None]
Ask = Callable[[Item], bool]


@dataclass(slots=True)
class Report:
    """What a run did: tasks `done`; `held` for a person, with the reasons; `failed` for now; `gone`: withdrawn, or taken
    by somebody else, before anything was entered."""

    done: int = 0
    held: int = 0
    failed: int = 0
    gone: int = 0
    found: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def count(self, code: str) -> None:
        """One more that stopped for this reason."""
        self.reasons[code] = self.reasons.get(code, 0) + 1


class _Heart:
    """Says in a thread of its own that the run lives, as long as the item at hand does not take too long."""

    def __init__(self, run: Run, most: float):
        self.lost = threading.Event()
        self.item_since = time.monotonic()
        self._run, self._most, self._over = run, most, threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="heart")
        self._thread.start()

    def _beat(self) -> None:
        try:
            while not self._over.wait(self._run.beat_seconds):
                if time.monotonic() - self.item_since > self._most:
                    continue  # it hangs: whoever looks after the queue may give its tasks to others
                with suppress(DatabaseError), towns.inside(self._run.town):
                    if not actions.beat(self._run):
                        self.lost.set()
                        return
        finally:
            connection.close()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=10)


MOST_PER_ITEM = 600.0
"""Seconds after which a robot that is still at the same item counts as hanging."""
SCREENS = ("browser", "http")
"""Drivers that show the screens of a system, where a robot must sign in."""


class Shift:
    """One robot working in one town, from its first task to its last. `beat`: seconds between signs of life; `ask`: a
    clerk at whose screen it works, who says before each effect whether it is to be."""

    def __init__(
        self,
        town: str,
        post: Post,
        *,
        driver: str = "",
        dry_run: bool = False,
        beat: float = actions.BEAT,
        ask: Ask | None = None,
    ):
        self.town, self.post, self.dry_run, self._ask = town, post, dry_run, ask
        self.driver_name = driver or ("browser" if ask else post.robot.driver)
        self._shapes: Collection[str] | None = None
        self.report = Report()
        self._drawn: dict[str, Picture] = {}
        self._learned: dict[tuple[str, str], Mark] = {}
        self._finished: list[uuid.UUID] = []
        self._later: dict[uuid.UUID, float] = {}
        self._passed_over: list[uuid.UUID] = []
        self._browser: Browser | None = None
        self._player: Player | None = None
        with towns.inside(town):
            self._account = queries.account(post.system)
            where = post.service, post.robot.robot
            self._undrawn = _labels(post.robot) - set(queries.pictures(*where))
            self._marks = Known(queries.marks(*where), refused=queries.refused_marks(*where))
            if not driver and not ask and (shapes := queries.compiled(post)) is not None:
                self.driver_name, self._shapes = "http", shapes
            self.run = actions.begin(
                post.service, post.robot, post.system, driver=self.driver_name, as_of=clock.now(), beat=beat
            )
        self.worker: Worker = actions.worker(self.run)
        self._heart = _Heart(self.run, MOST_PER_ITEM)

    # -- the queue -------------------------------------------------------------------------------------
    def work(
        self,
        *,
        limit: int | None = None,
        say: Say = lambda line: None,
        told: Callable[[], bool] = lambda: False,
    ) -> Report:
        """Do what waits until nothing is left that can be done now, at most `limit` tasks, or until somebody `told` it
        to end: the item at hand is finished, the others go back. Raises LeaseLost."""
        left, lease = limit, LEASE if self.post.robot.commits else LEASE_HARMLESS
        while left is None or left > 0:
            batch = self.take(min(lease, left or lease))
            if not batch:
                if not self._wait_for_later():
                    break
                continue
            for one in batch:
                if told():
                    break
                self.one_task(one)
            self._finish()
            if told():
                break
            if batch:
                say(f"{self.report.done} done, {self.report.held} held, {self.report.failed} failed")
            left = None if left is None else left - len(batch)
        return self.report

    def take(self, most: int) -> list[Prepared]:
        """Tasks that are ours now, with what is to be typed; none while we may not work."""
        self._passed_over = []
        with towns.inside(self.town):
            try:
                actions.check_open(self.post.service, self.post.robot.robot, self.post.system, clock.now())
            except NotNow:
                return []
            now = time.monotonic()
            self._passed_over = [task for task, when in self._later.items() if when > now]
            waiting = cases.take_waiting(
                self.post.service,
                self.post.step,
                most,
                by=self.worker,
                as_of=clock.now(),
                besides=self._passed_over,
            )
            return prepare(waiting, self.post.robot, self.post.system)

    def _wait_for_later(self) -> bool:
        """Wait for what was passed over because it is to be tried again later; False when there was nothing."""
        due = [self._later[task] for task in self._passed_over if self._later[task] < NEVER]
        if not due:
            return False
        time.sleep(max(0.0, min(due) - time.monotonic()))
        return True

    # -- one task ----------------------------------------------------------------------------------------
    def one_task(self, one: Prepared) -> None:
        if self._heart.lost.is_set():
            raise LeaseLost
        self._heart.item_since = time.monotonic()
        task = one.task
        if self._player is not None:
            self._player.trail.clear()
        try:
            if isinstance(one.item, RobotError):
                raise one.item
            self._do(task, one.item)
        except RobotError as error:
            self.stopped(task, error, [] if isinstance(one.item, RobotError) else one.item.covered)
        except CaseError:  # withdrawn, or given to somebody else, before anything was entered
            self.report.gone += 1

    def _do(self, task: Waiting, item: Item) -> None:
        """Do it; once more where the session was over, and in the browser where the compiled robot meets what it was
        not proven for."""
        signed_out = False
        while True:
            try:
                return self._exactly_once(task, item)
            except SignedOut:
                if signed_out:
                    raise
                signed_out = True
            except (NeedsBrowser, NotOnScreen, NotSaid, SystemSaid):
                if self._shapes is None:
                    raise
                self._fall_back()

    def _fall_back(self) -> None:
        """From here on in the browser; the robot is to be compiled anew."""
        logger.warning("robot %s of %s falls back to the browser", self.post.robot.robot, self.post.service)
        self._begin_anew()
        self.driver_name, self._shapes = "browser", None
        with towns.inside(self.town):
            actions.forget_compiled(self.post.service, self.post.robot.robot)

    def _exactly_once(self, task: Waiting, item: Item) -> None:
        robot, begun = self.post.robot, task.state.steps[task.step.id]
        if not any(robot.steps()):
            return self.done(task)
        player = self._signed_in()
        if robot.find and player.find(item):
            checked = player.check(item)
            if not self.dry_run and begun.receipt is None:
                self.record(task, checked, found=begun.intended is None)
            return self.done(task)
        if begun.receipt is not None and not robot.find:
            return self.done(task)
        if begun.intended is not None and not robot.find and robot.commits:
            raise InDoubt
        played = player.do(item, None if self.dry_run else lambda picture: self.intend(task, item, picture))
        if self.dry_run:
            return self.done(task)
        self._keep_files(task, played.files)
        if played.committed:
            self.record(task, played)
            if robot.find and not player.find(item):
                raise Differs([(robot.key, item.key, "")])
            player.check(item)
        self._learned |= player.seen
        self._drawn |= player.drawn
        self.done(task, facts=_facts(task.service, robot, item))

    def intend(self, task: Waiting, item: Item, picture: Picture | None) -> None:
        if self._heart.lost.is_set():
            raise LeaseLost
        if self._ask is not None and not self._ask(item):
            raise Declined
        task.state.steps[task.step.id].intended = item.key
        with towns.inside(self.town):
            cases.intend(
                task.id,
                by=self.worker,
                as_of=clock.now(),
                system=self.post.system.system,
                mark=item.key,
                typed={name: one.text for name, one in item.values.items()},
                replaced=sorted({pair for one in item.values.values() for pair in one.replaced}),
                papers=[(self._kept(picture), BEFORE)] if picture else [],
            )

    def record(self, task: Waiting, played: Played, *, found: bool = False) -> None:
        self.report.found += found
        with towns.inside(self.town):
            papers = [(self._kept(played.after), AFTER)] if played.after else []
            cases.acted(
                task.id,
                by=self.worker,
                as_of=clock.now(),
                receipt=played.receipt or "",
                found=found,
                papers=papers,
            )
        task.state.steps[task.step.id].receipt = played.receipt or ""

    def _keep_files(self, task: Waiting, files: Sequence[Picture]) -> None:
        """What was fetched belongs to the case."""
        for file in files:
            self.keep_file(task, file.name, file.content)

    def keep_file(self, task: Waiting, name: str, content: bytes) -> None:
        """A file belongs to the case from now on. Raises cases.documents.Refused."""
        with towns.inside(self.town):
            kept = cases.store_document(content, name=name, origin="robot", as_of=clock.now(), accept=KEPT)
            cases.attach(task.case, kept, purpose=FETCHED, by=self.worker, as_of=clock.now())

    def done(self, task: Waiting, facts: Mapping[str, object] | None = None) -> None:
        with towns.inside(self.town):
            if self.dry_run:
                cases.release(task.id, by=self.worker, as_of=clock.now())
                self._later[task.id] = NEVER
            elif self.post.robot.commits or facts:
                cases.finish(task.id, by=self.worker, as_of=clock.now(), facts=facts)
            else:
                self._finished.append(task.id)
        self.report.done += 1

    def _finish(self) -> None:
        """Say of a whole batch that it is done, where a robot changes nothing outside and may do it again."""
        if self._finished:
            with towns.inside(self.town):
                cases.finish_many(self._finished, by=self.worker, as_of=clock.now())
            self._finished = []

    @staticmethod
    def _kept(picture: Picture) -> cases.Document:
        """Raises EvidenceNotKept: what cannot be shown afterwards is not entered."""
        try:
            return cases.store_evidence(picture.content, name=picture.name, as_of=clock.now())
        except DatabaseError as error:
            raise EvidenceNotKept(str(error)) from error

    # -- when something is in the way -----------------------------------------------------------------------
    def stopped(self, task: Waiting, error: RobotError, covered: Sequence[str]) -> None:
        begun = task.state.steps[task.step.id]
        final = error.final or begun.tries + 1 >= MAX_TRIES
        refused = (
            isinstance(error, SystemSaid) and error.business
        )  # then it is known that nothing was entered
        if begun.intended is not None and begun.receipt is None and not self.post.robot.find and not refused:
            error, final = InDoubt(), True
        self.report.count(error.code)
        seen = self._seen(covered)
        self._begin_anew()
        with suppress(CaseError, EvidenceNotKept), towns.inside(self.town):
            for purpose, paper in seen.items():
                kept = self._kept(paper)
                cases.attach(task.case, kept, purpose=purpose, by=self.worker, as_of=clock.now())
        if final:
            with suppress(EvidenceNotKept, CaseError, documents.Refused):
                self._keep_files(task, error.files)
        with towns.inside(self.town), suppress(CaseError):
            cases.fail(
                task.id,
                by=self.worker,
                as_of=clock.now(),
                reason=_without(covered, error.message.ja),
                final=final,
                code=error.code,
            )
        if final:
            self.report.held += 1
        else:
            self.report.failed += 1
            self._later[task.id] = time.monotonic() + WAIT_FIRST * 2**begun.tries

    def _seen(self, covered: Sequence[str]) -> dict[str, Picture]:
        """What the robot did so far, and what it sees, where it still sees something."""
        if self._player is None:
            return {}
        seen = {TRACE: self._player.trace()}
        with suppress(RobotError):
            seen[SEEN] = self._player.driver.picture(covered)
        return {purpose: one for purpose, one in seen.items() if one.content}

    # -- the screens -------------------------------------------------------------------------------------------
    def _signed_in(self) -> Player:
        if self._player is None:
            self._player = Player(
                self._driver(),
                self.post.robot,
                self.post.system,
                address=self._account.address,
                secrets=self._account.secrets,
                marks=self._marks,
                python=self._python(),
            )
            self._player.draws = self._undrawn
            self._player.by = self.worker
        if self._account.address and self.driver_name != "none":
            self._player.sign_in()
        return self._player

    def _driver(self) -> Driver:
        if self.driver_name == "files":
            return FilesDriver(self.post.system.encoding)
        if self.driver_name not in SCREENS:
            return NoScreens()
        if self.driver_name == "http":
            return HttpDriver(wait=self.post.system.wait, allowed=self._shapes)
        if self._browser is None:
            self._browser = Browser(visible=self._ask is not None and shows_windows())
        return self._browser.window(wait=self.post.system.wait, pop_ups=self.post.system.pop_ups)

    def _python(self) -> dict[str, Step]:
        """The robot's steps in Python. Where there are no screens each works on what the town holds: all of it or nothing."""
        steps = python_steps(catalogue.current().root, self.post.service, self.post.robot)
        return {name: self._guarded(name, step) for name, step in steps.items()}

    def _guarded(self, name: str, step: Step) -> Step:
        """The step, in its town; a slip in it stops this item only."""

        @wraps(step)
        def call(*given: Any) -> Any:
            holds = towns.inside(self.town) if self.post.robot.driver == "none" else nullcontext()
            try:
                with holds:
                    return step(*given)
            except (RobotError, CaseError, LeaseLost):
                raise
            except Exception as error:
                logger.exception("step %s of robot %s failed", name, self.post.robot.robot)
                raise StepFailed(name, error) from error

        return call

    def _begin_anew(self) -> None:
        """Let go of the window: whatever is shown there now, the next item begins at the beginning."""
        if self._player is not None:
            with suppress(NoAnswer):
                self._player.driver.close()
            self._player = None

    def close(self) -> None:
        """End the run: what is still held goes back, what was learned of the screens is kept, the windows are closed."""
        self._heart.stop()
        with suppress(DatabaseError), towns.inside(self.town):
            report = self.report
            healed, drawn = self._marks.healed, self._drawn
            actions.learn(self.post, self._learned, drawn, healed, as_of=clock.now())
            actions.end(self.run, as_of=clock.now(), done=report.done, held=report.held, failed=report.failed)
        self._begin_anew()
        if self._browser is not None:
            self._browser.close()


def _labels(robot: RobotFile) -> set[str]:
    """What the robot looks for, where it is the same for all items."""
    return {label for step in robot.steps() for label in step.labels() if "{" not in label}


def _facts(service: Service, robot: RobotFile, item: Item) -> dict[str, object]:
    """What the robot read, as facts of the case. Raises NotAFact."""
    facts: dict[str, dict[str, object]] = {}
    for fact, name in robot.gives.items():
        group, key = fact.split(".")
        facts.setdefault(group, {})[key] = _typed(service.facts[fact], fact, item.values[name].text)
    return dict(facts)


def _typed(fact: Fact, name: str, text: str) -> object:
    """A text of a screen as a fact: numbers without commas and 円, dates of any era. Raises NotAFact."""
    try:
        if fact.type in ("int", "number"):
            return {"int": int, "number": float}[fact.type](_NOT_OF_A_NUMBER.sub("", plain(text)))
        return clock.parse_date(text).isoformat() if fact.type == "date" else text
    except ValueError as error:
        raise NotAFact(name, text) from error


def _without(covered: Sequence[str], text: str) -> str:
    """A text for everybody who may read the case: without masked values, but for those so short that they say nothing."""
    for value in covered:
        text = text.replace(value, MASK) if len(value) >= TELLING else text
    return text


@contextmanager
def shift(town: str, post: Post, **chosen: object) -> Iterator[Shift]:
    """A run of a robot that is ended whatever happens. Raises NotNow, NoAccount."""
    working = Shift(town, post, **chosen)  # type: ignore[arg-type]
    try:
        yield working
    finally:
        working.close()
