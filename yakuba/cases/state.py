"""The state of a case is a fold of its events: pure, no database, no clock, no engine.

What the fold must ask the world when an event is recorded for the first time (does this
step's condition hold? when is it due?) goes through an `Oracle`. Its answers are kept in
the event under `then`, so a replay asks nobody and gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

from yakuba.cases import events as e
from yakuba.declare import Service, Step

WAITING, OPEN, DONE, SKIPPED, FAILED, CANCELLED = "waiting", "open", "done", "skipped", "failed", "cancelled"
CASE_OPEN, CASE_RETURNED, CASE_CLOSED = "open", "returned", "closed"
OVER = frozenset({DONE, SKIPPED})

ANSWER, OBJECTION, ATTEND = "answer", "objection", "attend"
RECEIPT, TELL_RETURNED = "tell-received", "tell-returned"
UNCONFIRMED = "unconfirmed"
"""Why the clocks of a pushed case stand still: it waits for the resident, not for the town."""
IMPLICIT = {
    ANSWER: Step(id=ANSWER, by="resident", do="work"),
    OBJECTION: Step(id=OBJECTION, by="staff", do="work", role="manager"),
    ATTEND: Step(id=ATTEND, by="staff", do="work", role="clerk"),
    RECEIPT: Step(id=RECEIPT, by="system", do="letter", letter="received"),
    TELL_RETURNED: Step(id=TELL_RETURNED, by="system", do="letter", letter="returned"),
}
"""Steps that every service has without declaring them: the applicant answers a return, a manager handles an
objection, a clerk attends to a step that failed for good, and people are told that their request has come in or
has come back. The last two hold nothing up."""


@dataclass(slots=True)
class StepState:
    """Where one step stands. Times are ISO 8601 with offset. `intended`: the key under which an effect outside was
    begun; `receipt`: what the system outside gave for it. `appointment`: of a visit, who comes, when, or why nobody does;
    `arrived_at`: when somebody was there."""

    status: str = WAITING
    attempt: int = 1
    opened_at: str | None = None
    due_at: str | None = None
    done_at: str | None = None
    holder: str | None = None
    outcome: str | None = None
    tries: int = 0
    proposal: dict[str, Any] | None = None
    intended: str | None = None
    receipt: str | None = None
    appointment: dict[str, Any] | None = None
    arrived_at: str | None = None

    def copy(self) -> StepState:
        """As it stands now. Every event of a batch asks for these: `dataclasses.replace` took four times as long."""
        return StepState(*_STEP[1](self))


@dataclass(slots=True)
class CaseState:
    """Everything about a case that follows from its events."""

    service: str = ""
    version: str = ""
    channel: str = ""
    language: str = "ja"
    reference: str = ""
    applicant: str | None = None
    identified: bool = False
    state: str = CASE_OPEN
    outcome: str | None = None
    decision: str | None = None
    amount: int | None = None
    opened_at: str | None = None
    closed_at: str | None = None
    legal_due: str | None = None
    norm_due: str | None = None
    paused: list[str] = field(default_factory=list)
    pauses: list[list[str | None]] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    message: str = ""
    returned_from: str | None = None
    anonymised: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, StepState] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the projection, without what stands as it did at the beginning: half of it, and then short
        enough that PostgreSQL does not compress it (its manual, 65.2 TOAST). `from_json` reads it back."""
        steps = {name: _moved(step, _STEP) for name, step in self.steps.items()}
        return {**_moved(self, _CASE), "facts": self.facts, "steps": steps}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CaseState:
        steps = {name: StepState(**step) for name, step in data["steps"].items()}
        return cls(**{**data, "steps": steps})

    def fact(self, name: str) -> Any:
        """A fact by its dotted name, or a group of them; None where it is not known."""
        return fact_of(self.facts, name)


def _moved(one: Any, beginning: tuple[tuple[str, ...], attrgetter[Any], tuple[Any, ...]]) -> dict[str, Any]:
    """The fields that do not stand as they did at the beginning."""
    names, values, first = beginning
    return {name: now for name, now, then in zip(names, values(one), first, strict=True) if now != then}


def _beginning(
    kind: type[StepState] | type[CaseState], *besides: str
) -> tuple[tuple[str, ...], Any, tuple[Any, ...]]:
    """The names of the fields, what reads them, and how they stand at the beginning."""
    names = tuple(each.name for each in fields(kind) if each.name not in besides)
    values = attrgetter(*names)
    return names, values, values(kind())


_STEP, _CASE = _beginning(StepState), _beginning(CaseState, "facts", "steps")


class Oracle(Protocol):
    """What the fold asks when an event is first recorded; `Recalled` answers from the log instead."""

    def guard(self, step: Step, state: CaseState) -> bool | None:
        """Does the step's `if` hold? None: not known, and then the step is done, for unknown is not No."""

    def due(self, name: str, duration: Any, start: str, pauses: list[list[str | None]]) -> str | None:
        """When `duration` from `start`, less the pauses, is over."""


class Recalled:
    """The oracle of a replay: the answers that were kept in the event."""

    def __init__(self, then: Mapping[str, Any]):
        self._guards, self._due = then.get("guards", {}), then.get("due", {})

    def guard(self, step: Step, state: CaseState) -> bool | None:
        return self._guards.get(step.id)  # a log of before says nothing of a fee that nobody asked about

    def due(self, name: str, duration: Any, start: str, pauses: list[list[str | None]]) -> str | None:
        return self._due.get(name)


def _has_condition(step: Step) -> bool:
    """A step may be skipped by its `if`, and one that takes a fee where nothing is owed."""
    return step.condition is not None or step.do == "charge"


def step_of(service: Service, step_id: str) -> Step:
    """A step of the service, or one that every service has. Raises declare.UnknownStep."""
    return IMPLICIT.get(step_id) or service.step(step_id)


def fact_of(facts: Mapping[str, Any], name: str) -> Any:
    """The value of a dotted name among nested facts; None where it is not known."""
    value: Any = facts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def merge(facts: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Nested facts with newer ones laid over them; a list is replaced as a whole."""
    merged = dict(facts)
    for name, value in more.items():
        old = merged.get(name)
        merged[name] = merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def fold(state: CaseState, event: e.Event, at: datetime, service: Service, oracle: Oracle) -> CaseState:
    """Apply one event that happened `at` (aware) to the state, in place, and return it."""
    _APPLY[type(event)](_Fold(state, at.isoformat(), service, oracle), event)
    return state


@dataclass(slots=True)
class _Fold:
    """One event being applied: the state, when, and whom to ask."""

    state: CaseState
    at: str
    service: Service
    oracle: Oracle

    # -- steps -------------------------------------------------------------------------------
    def open(self, step: Step) -> None:
        progress = self.state.steps[step.id]
        progress.status, progress.opened_at = OPEN, self.at
        progress.due_at = self.due(step.id, step.within) if step.within else None

    def due(self, name: str, duration: Any, start: str | None = None) -> str | None:
        return self.oracle.due(name, duration, start or self.at, self.state.pauses if start else [])

    def close_step(self, step_id: str, status: str, outcome: str | None = None) -> None:
        progress = self.state.steps[step_id]
        progress.status, progress.done_at, progress.outcome = status, self.at, outcome
        progress.proposal = None

    def again(self, step_id: str) -> None:
        """Back to waiting, as a new attempt where it had been begun."""
        old = self.state.steps[step_id]
        begun = old.status != WAITING
        self.state.steps[step_id] = StepState(attempt=old.attempt + 1 if begun else old.attempt)

    def again_from(self, step_id: str) -> None:
        """The step and everything after it has to be done anew."""
        self.again(step_id)
        for later in self.service.steps_after(step_id):
            self.again(later.id)

    def open_implicit(self, step_id: str) -> None:
        attempt = self.state.steps[step_id].attempt + 1 if step_id in self.state.steps else 1
        self.state.steps[step_id] = StepState(
            status=OPEN, attempt=attempt, opened_at=self.at, due_at=self.due(step_id, None)
        )

    def try_again(self, step_id: str) -> None:
        """A step that failed waits for its turn as any other; one that has no turn is opened at once."""
        step = step_of(self.service, step_id)
        self.again(step_id)
        if step_id in IMPLICIT or step.only_on_failure:
            self.open(step)

    def open_mender(self, failed: str) -> None:
        """Somebody has to look after a step that failed for good; who does so already goes on."""
        mender = step_of(self.service, failed).on_failure or ATTEND
        if mender in self.state.steps and self.state.steps[mender].status == OPEN:
            return
        if mender == ATTEND:
            self.open_implicit(ATTEND)
        else:
            self.again(mender)
            self.open(self.service.step(mender))

    def advance(self) -> None:
        """Open what is ready, skip what its condition rules out, close the case when nothing is left."""
        if self.state.state != CASE_OPEN:
            return
        while self._open_ready():
            pass
        if all(s.status in OVER for s in self._begun()) and self.state.steps:
            self.state.state, self.state.closed_at = CASE_CLOSED, self.at
            self.state.outcome = self.state.decision or "completed"

    def _open_ready(self) -> bool:
        moved = False
        for step in self.service.steps:
            if self.state.steps[step.id].status == WAITING and self._is_ready(step):
                if _has_condition(step) and self.oracle.guard(step, self.state) is False:
                    self.close_step(step.id, SKIPPED)
                else:
                    self.open(step)
                moved = True
        return moved

    def _is_ready(self, step: Step) -> bool:
        if step.only_on_failure:
            return False
        return all(self.state.steps[name].status in OVER for name in step.after)

    def _begun(self) -> Iterator[StepState]:
        """All steps that count for closing: one that mends failures counts only once it was needed."""
        for step in self.service.steps:
            progress = self.state.steps[step.id]
            if not (step.only_on_failure and progress.status == WAITING):
                yield progress
        for name in (ATTEND, ANSWER):
            if name in self.state.steps and self.state.steps[name].status == OPEN:
                yield self.state.steps[name]

    def end(self, outcome: str) -> None:
        """The case is closed as it stands; what was still to be done is not."""
        for progress in self.state.steps.values():
            if progress.status in (OPEN, WAITING, FAILED):
                progress.status, progress.done_at = CANCELLED, self.at
        self.state.state, self.state.outcome, self.state.closed_at = CASE_CLOSED, outcome, self.at

    def decide_again(self, besides: str | None = None) -> None:
        """Nothing is decided any more: the step that decides, and all that follows it, is done anew. `besides`: from
        where, in a service in which the system decides nothing."""
        if self.state.state == CASE_CLOSED:
            self.state.state, self.state.outcome, self.state.closed_at = CASE_OPEN, None, None
        self.state.decision, self.state.amount = None, None
        first = self.service.first_decision()
        self.again_from(first.id if first else besides or self.service.steps[0].id)

    def no_longer_returned(self) -> None:
        """The case is with the office again, and its clock runs on."""
        self.state.state, self.state.asks, self.state.message = CASE_OPEN, [], ""
        self.resume("returned")

    # -- clocks ------------------------------------------------------------------------------
    def pause(self, cause: str) -> None:
        if cause in self.state.paused:
            return
        if not self.state.paused:
            self.state.pauses.append([self.at, None])
        self.state.paused.append(cause)

    def resume(self, cause: str) -> None:
        if cause not in self.state.paused:
            return
        self.state.paused.remove(cause)
        if not self.state.paused:
            self.state.pauses[-1][1] = self.at
            self.set_deadlines()

    def set_deadlines(self) -> None:
        deadlines = self.service.deadlines
        if deadlines is None:
            return
        start = self.state.opened_at
        if deadlines.legal and "legal" not in self.state.extended:
            self.state.legal_due = self.due("legal", deadlines.legal, start)
        if deadlines.norm and "norm" not in self.state.extended:
            self.state.norm_due = self.due("norm", deadlines.norm, start)


# -- one function per kind of event ---------------------------------------------------------------
def _opened(f: _Fold, event: e.Opened) -> None:
    state = f.state
    state.service, state.version = event.service, event.version
    state.channel, state.language, state.reference = event.channel, event.language, event.reference
    state.applicant, state.identified = event.applicant, event.identified
    state.facts, state.opened_at = dict(event.facts), f.at
    state.steps = {step.id: StepState() for step in f.service.steps}
    f.set_deadlines()
    if event.channel == "push":
        f.pause(UNCONFIRMED)
    if event.receipt:
        f.open_implicit(RECEIPT)
    f.advance()


def _identified(f: _Fold, event: e.Identified) -> None:
    f.state.applicant, f.state.identified = event.applicant, True


def _taken(f: _Fold, event: e.TaskTaken) -> None:
    f.state.steps[event.step].holder = event.holder


def _released(f: _Fold, event: e.TaskReleased) -> None:
    progress = f.state.steps[event.step]
    progress.holder, progress.appointment = None, None


def _appointed(f: _Fold, event: e.Appointed) -> None:
    """The first of those who come holds the task."""
    progress = f.state.steps[event.step]
    progress.holder = event.who[0] if event.who else None
    said = {"who": event.who, "begins": event.begins, "ends": event.ends, "why": event.why}
    progress.appointment = {name: value for name, value in said.items() if value}


def _arrived(f: _Fold, event: e.Arrived) -> None:
    f.state.steps[event.step].arrived_at = f.at


def _proposed(f: _Fold, event: e.Proposed) -> None:
    progress = f.state.steps[event.step]
    progress.holder = None
    progress.proposal = {
        "outcome": event.outcome,
        "amount": event.amount,
        "by": event.proposer,
        "reason": event.reason,
    }


def _proposal_dropped(f: _Fold, event: e.ProposalDropped) -> None:
    progress = f.state.steps[event.step]
    progress.proposal, progress.holder = None, None


def _decided(f: _Fold, event: e.Decided) -> None:
    f.state.decision = event.outcome if event.outcome != e.UNKNOWN else None
    f.state.amount = event.amount
    f.close_step(event.step, DONE, event.outcome)
    f.advance()


def _step_done(f: _Fold, event: e.StepDone) -> None:
    f.state.facts = merge(f.state.facts, event.facts)
    f.close_step(event.step, DONE, event.outcome)
    settled = event.outcome in step_of(f.service, event.step).settles
    for step_id, progress in f.state.steps.items():
        if progress.status == FAILED and _mended_by(f, step_id, event.step):
            if settled:
                f.close_step(step_id, DONE, event.outcome)
            else:
                f.try_again(step_id)
    f.advance()


def _mended_by(f: _Fold, failed: str, done: str) -> bool:
    return (step_of(f.service, failed).on_failure or ATTEND) == done


def _step_failed(f: _Fold, event: e.StepFailed) -> None:
    progress = f.state.steps[event.step]
    progress.tries += 1
    progress.holder = None
    if not event.final:
        return
    f.close_step(event.step, FAILED, event.code or "failed")
    if f.state.state == CASE_CLOSED:  # a payment that comes back after the case was done
        f.state.state, f.state.outcome, f.state.closed_at = CASE_OPEN, None, None
    f.open_mender(event.step)


def _intended(f: _Fold, event: e.Intended) -> None:
    f.state.steps[event.step].intended = event.key


def _acted(f: _Fold, event: e.Acted) -> None:
    """Where the case was withdrawn meanwhile, a person has to undo what was done outside."""
    progress = f.state.steps[event.step]
    progress.receipt = event.receipt
    if progress.status != OPEN:
        f.open_implicit(ATTEND)


def _returned(f: _Fold, event: e.Returned) -> None:
    f.state.state, f.state.returned_from = CASE_RETURNED, event.step
    f.state.asks, f.state.message = list(event.asks), event.message
    f.again(event.step)
    f.open_implicit(ANSWER)
    if "returned" in f.service.letters:
        f.open_implicit(TELL_RETURNED)
    if f.service.deadlines and "returned" in f.service.deadlines.pause:
        f.pause("returned")


def _answered(f: _Fold, event: e.Answered) -> None:
    f.state.facts = merge(f.state.facts, event.facts)
    f.no_longer_returned()
    if ANSWER in f.state.steps:
        f.close_step(ANSWER, DONE, "answered")
    f.decide_again(f.state.returned_from)
    f.advance()


def _confirmed(f: _Fold, event: e.Confirmed) -> None:
    """The town's clocks run from now on; nobody has to look after it any more. Who declines ends it."""
    f.state.facts = merge(f.state.facts, event.facts)
    f.close_step(event.step, DONE, event.outcome)
    f.resume(UNCONFIRMED)
    if event.outcome == e.DECLINED:
        f.end("withdrawn")
        return
    after = step_of(f.service, event.step).on_failure
    if after and f.state.steps[after].status == OPEN:
        f.close_step(after, SKIPPED)
    f.advance()


def _unanswered(f: _Fold, event: e.Unanswered) -> None:
    """How often nobody answered is kept with the step."""
    f.state.steps[event.step].tries += 1
    if event.opens:
        f.again(event.opens)
        f.open(step_of(f.service, event.opens))


def _withdrawn(f: _Fold, event: e.Withdrawn) -> None:
    f.end("withdrawn")


def _objected(f: _Fold, event: e.Objected) -> None:
    f.open_implicit(OBJECTION)


def _reopened(f: _Fold, event: e.Reopened) -> None:
    """A person decides anew. A case that was withdrawn before anything was decided begins where it stopped."""
    f.no_longer_returned()
    f.state.outcome, f.state.closed_at = None, None
    f.state.decision, f.state.amount = None, None
    for step in f.service.steps:
        if f.state.steps[step.id].status not in OVER:
            f.again(step.id)
    review = f.service.first_review() or f.service.steps[0]
    if all(f.state.steps[name].status in OVER for name in review.after):
        f.again_from(review.id)
        f.open(review)
    f.advance()


def _extended(f: _Fold, event: e.Extended) -> None:
    to = event.to if isinstance(event.to, str) else event.to.isoformat()
    f.state.extended.append(event.deadline)
    if event.deadline == "legal":
        f.state.legal_due = to
    else:
        f.state.norm_due = to


def _migrated(f: _Fold, event: e.Migrated) -> None:
    """What was done stays done; a step that is new is opened when it is its turn, one that is gone is not looked at."""
    steps = f.state.steps
    f.state.version = event.version
    f.state.steps = {step.id: steps.get(step.id) or StepState() for step in f.service.steps}
    f.state.steps |= {name: steps[name] for name in IMPLICIT if name in steps}
    for step_id in event.renewed:
        f.again(step_id)
        f.open(f.service.step(step_id))
    if event.anew:
        f.decide_again()
    if f.state.state != CASE_CLOSED:
        f.set_deadlines()
        f.advance()


def _anonymised(f: _Fold, event: e.Anonymised) -> None:
    """What was personal is gone, wherever it stood."""
    f.state.applicant, f.state.facts, f.state.anonymised = None, {}, True
    f.state.asks, f.state.message = [], ""
    for progress in f.state.steps.values():
        progress.proposal = None


_APPLY: dict[type[e.Event], Callable[[_Fold, Any], None]] = {
    e.Opened: _opened,
    e.Identified: _identified,
    e.TaskTaken: _taken,
    e.TaskReleased: _released,
    e.Appointed: _appointed,
    e.Arrived: _arrived,
    e.Proposed: _proposed,
    e.ProposalDropped: _proposal_dropped,
    e.Decided: _decided,
    e.StepDone: _step_done,
    e.StepFailed: _step_failed,
    e.Intended: _intended,
    e.Acted: _acted,
    e.Disclosed: lambda f, event: None,
    e.Handed: lambda f, event: None,
    e.Noted: lambda f, event: None,
    e.Said: lambda f, event: None,
    e.Attached: lambda f, event: None,
    e.Returned: _returned,
    e.Answered: _answered,
    e.Confirmed: _confirmed,
    e.Unanswered: _unanswered,
    e.Withdrawn: _withdrawn,
    e.Objected: _objected,
    e.Reopened: _reopened,
    e.Extended: _extended,
    e.Rated: lambda f, event: None,
    e.Paused: lambda f, event: f.pause(event.cause),
    e.Resumed: lambda f, event: f.resume(event.cause),
    e.Migrated: _migrated,
    e.Anonymised: _anonymised,
}
