"""What can happen to a case (出来事). One frozen dataclass per kind of event.

An event has a public part (`body`), which stays for ever, and a private part (personal
data and free text), which retention may remove: the hash chain covers only the digest of
the private part, so the chain still verifies afterwards (see `chain`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Literal

Json = Any
Channel = Literal["web", "counter", "phone", "paper", "chat", "voice", "api", "robot", "push", "sms"]
"""How a request came in. `push`: nobody asked; the town filled it in, and waits for the resident to confirm it."""
Asked = Literal["web", "phone", "counter", "paper", "sms"]
"""How somebody said how content they were: themselves on a page or by a text, or to staff, who wrote it down."""
REQUEST = "received"
"""What is rated where the request itself was hard: what was asked, before any step."""
CONFIRMED, CHANGED, WRONG, DECLINED = "confirmed", "changed", "wrong", "declined"
"""What a resident says to what the town filled in: that it is right; so, but for another account; that something is
wrong; that they do not want it (辞退)."""
GRANTED, REFUSED, UNKNOWN = "granted", "refused", "unknown"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. `action` is what the policy is asked; `personal` names the private fields."""

    kind: ClassVar[str]
    action: ClassVar[str]
    personal: ClassVar[frozenset[str]] = frozenset()

    def body(self) -> dict[str, Json]:
        """The part of the event that is kept for ever and is not personal."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in self.personal}

    def private(self) -> dict[str, Json] | None:
        """The personal part, or None where the kind has none."""
        if not self.personal:
            return None
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name in self.personal}


KINDS: dict[str, type[Event]] = {}


def _kind(name: str, action: str, *personal: str):
    """Register an event class under its stable name; a duplicate name is a programming error."""

    def register(cls: type[Event]) -> type[Event]:
        if name in KINDS:
            raise ValueError(f"event kind {name!r} is declared twice")
        cls.kind, cls.action, cls.personal = name, action, frozenset(personal)
        KINDS[name] = cls
        return cls

    return register


def read(kind: str, body: Mapping[str, Json], private: Mapping[str, Json] | None) -> Event:
    """The event as it was recorded; fields whose private part was removed come back as their defaults."""
    cls = KINDS[kind]
    known = {f.name for f in fields(cls)}
    return cls(**{k: v for k, v in {**body, **(private or {})}.items() if k in known})


@_kind("opened", "case.open", "facts", "applicant", "helper")
@dataclass(frozen=True, kw_only=True)
class Opened(Event):
    """A request came in (受付). `evidence`: by what the applicant was identified, and who looked at it;
    `receipt`: the applicant is told so by mail or by a text; `helper`, `helper_kind`: who helped with it, by name, and whether a
    relative, a supporter or somebody else."""

    service: str
    version: str
    channel: Channel
    language: str
    reference: str
    applicant: str | None = None
    identified: bool = False
    evidence: str = ""
    receipt: bool = False
    helper_kind: str = ""
    helper: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)


@_kind("identified", "case.identify", "applicant")
@dataclass(frozen=True, kw_only=True)
class Identified(Event):
    """A clerk found who the applicant is in the register (本人確認)."""

    applicant: str = ""
    evidence: str


@_kind("task_taken", "task.take")
@dataclass(frozen=True, kw_only=True)
class TaskTaken(Event):
    """Somebody holds the task now; nobody else may finish it."""

    step: str
    attempt: int
    holder: str


@_kind("task_released", "task.release")
@dataclass(frozen=True, kw_only=True)
class TaskReleased(Event):
    """The holder gave the task back to the queue."""

    step: str
    attempt: int


@_kind("proposed", "case.decide", "reason")
@dataclass(frozen=True, kw_only=True)
class Proposed(Event):
    """The first of four eyes: a decision that a second person must confirm (決裁前)."""

    step: str
    attempt: int
    outcome: str
    amount: int | None
    proposer: str
    reason: str = ""


@_kind("decided", "case.decide", "reason", "values", "items", "missing")
@dataclass(frozen=True, kw_only=True)
class Decided(Event):
    """The decision: granted, refused, or unknown (a person must decide).

    `conditions` are the values of the service's conditions; with the facts, the service
    version and `decided_on` they can be computed again by an auditor.
    """

    step: str
    attempt: int
    outcome: str
    amount: int | None
    decided_on: str
    conditions: Mapping[str, bool | None] = field(default_factory=dict)
    proposer: str | None = None
    reason: str = ""
    values: Mapping[str, Json] = field(default_factory=dict)
    items: Mapping[str, Json] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


@_kind("proposal_dropped", "case.decide", "reason")
@dataclass(frozen=True, kw_only=True)
class ProposalDropped(Event):
    """The second pair of eyes did not agree (差戻し); the task is open again for everybody."""

    step: str
    attempt: int
    reason: str = ""


@_kind("step_done", "task.finish", "facts", "note")
@dataclass(frozen=True, kw_only=True)
class StepDone(Event):
    """A step is done, with what was found out on the way."""

    step: str
    attempt: int
    outcome: str = "done"
    facts: Mapping[str, Json] = field(default_factory=dict)
    note: str = ""


@_kind("step_failed", "task.fail", "reason")
@dataclass(frozen=True, kw_only=True)
class StepFailed(Event):
    """A step did not work. Not `final`: it will be tried again; `final`: a person takes over."""

    step: str
    attempt: int
    final: bool
    code: str = ""
    reason: str = ""


@_kind("intended", "task.finish", "typed")
@dataclass(frozen=True, kw_only=True)
class Intended(Event):
    """A step is about to have an effect outside, under `key` in the system of that name; `typed` is what it will
    enter. Written before the effect: whoever finds it without `acted` looks outside before doing anything."""

    step: str
    attempt: int
    system: str
    key: str
    replaced: list[list[str]] = field(default_factory=list)
    typed: Mapping[str, Json] = field(default_factory=dict)


@_kind("acted", "task.finish")
@dataclass(frozen=True, kw_only=True)
class Acted(Event):
    """The effect is there, with the receipt of the system. `found`: it was there already, nothing was entered."""

    step: str
    attempt: int
    receipt: str
    found: bool = False


@_kind("appointed", "visit.plan")
@dataclass(frozen=True, kw_only=True)
class Appointed(Event):
    """A visit is planned: who comes (ids of workers), from when until when (ISO 8601). With nobody: it is not, `why` as
    a code of `field.dispatch.reasons`."""

    step: str
    attempt: int
    who: list[str] = field(default_factory=list)
    begins: str = ""
    ends: str = ""
    why: str = ""


@_kind("arrived", "task.take")
@dataclass(frozen=True, kw_only=True)
class Arrived(Event):
    """Somebody is there and begins (到着・作業開始)."""

    step: str
    attempt: int


@_kind("disclosed", "task.take")
@dataclass(frozen=True, kw_only=True)
class Disclosed(Event):
    """A partner was shown these facts of the case, for this step, and nothing else (個人情報保護法 第66条, 委託)."""

    step: str
    attempt: int
    partner: str
    names: list[str] = field(default_factory=list)


@_kind("handed", "device.hand")
@dataclass(frozen=True, kw_only=True)
class Handed(Event):
    """A device passed from one holder to another (引渡し). Holders are codes: `supplier`, `depot:…`, `carrier:…`,
    `customer:…`, `staff:…`; `before` is empty for a device that was not known yet."""

    serial: str
    before: str
    holder: str
    place: str = ""


@_kind("noted", "case.note", "text")
@dataclass(frozen=True, kw_only=True)
class Noted(Event):
    """A remark for colleagues."""

    text: str = ""


@_kind("said", "case.say", "text", "quotes")
@dataclass(frozen=True, kw_only=True)
class Said(Event):
    """Somebody said something in a talk: the person, the assistant or a clerk (`who`). `how`: in what way the assistant
    replied; `entries`: ids of the answers that it showed, and `quotes` those answers word for word; `service`: the one whose
    conditions were offered to be tried. `sureness`: from 0 to 1."""

    who: Literal["person", "assistant", "staff"]
    how: str = ""
    entries: list[str] = field(default_factory=list)
    service: str = ""
    sureness: float | None = None
    text: str = ""
    quotes: list[Json] = field(default_factory=list)


@_kind("attached", "case.attach", "name")
@dataclass(frozen=True, kw_only=True)
class Attached(Event):
    """A file belongs to the case now; `sha256` binds its content to the log."""

    document: str
    sha256: str
    purpose: str
    name: str = ""


@_kind("returned", "case.return", "message", "asks")
@dataclass(frozen=True, kw_only=True)
class Returned(Event):
    """Given back to the applicant with what must be mended (補正, 行政手続法 第7条); declared clocks pause."""

    step: str
    attempt: int
    message: str = ""
    asks: list[str] = field(default_factory=list)


@_kind("answered", "case.answer", "facts", "helper")
@dataclass(frozen=True, kw_only=True)
class Answered(Event):
    """The applicant mended the request; the clocks run on and the case is decided anew. `helper`, `helper_kind`: as in Opened."""

    helper_kind: str = ""
    helper: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)


@_kind("confirmed", "case.confirm", "facts", "note")
@dataclass(frozen=True, kw_only=True)
class Confirmed(Event):
    """The resident said what they have to say to what the town filled in (確認・辞退). `how`: the channel it came by."""

    step: str
    attempt: int
    outcome: str
    how: Channel = "web"
    facts: Mapping[str, Json] = field(default_factory=dict)
    note: str = ""


@_kind("unanswered", "task.fail")
@dataclass(frozen=True, kw_only=True)
class Unanswered(Event):
    """Nobody has answered in time: they are asked once more (`opens` is empty), or somebody looks after it, in the step
    that `opens`."""

    step: str
    attempt: int
    opens: str = ""


@_kind("withdrawn", "case.withdraw", "reason")
@dataclass(frozen=True, kw_only=True)
class Withdrawn(Event):
    """The applicant takes the request back (取下げ)."""

    reason: str = ""


@_kind("objected", "case.object", "text")
@dataclass(frozen=True, kw_only=True)
class Objected(Event):
    """The applicant asks for a review of the decision (審査請求, 行政不服審査法 第2条)."""

    text: str = ""


@_kind("reopened", "case.reopen", "reason")
@dataclass(frozen=True, kw_only=True)
class Reopened(Event):
    """A closed case is taken up again by a person (再開, 職権取消)."""

    reason: str = ""


@_kind("extended", "case.extend", "reason")
@dataclass(frozen=True, kw_only=True)
class Extended(Event):
    """A due time was moved. `deadline`: legal or norm; `to`: the new due time."""

    deadline: str
    to: datetime | str
    reason: str = ""


@_kind("paused", "case.pause", "reason")
@dataclass(frozen=True, kw_only=True)
class Paused(Event):
    """The clocks of the case stand still for a declared reason."""

    cause: str
    reason: str = ""


@_kind("resumed", "case.pause")
@dataclass(frozen=True, kw_only=True)
class Resumed(Event):
    """The clocks of the case run on."""

    cause: str


@_kind("rated", "case.rate", "comment")
@dataclass(frozen=True, kw_only=True)
class Rated(Event):
    """How content somebody was, asked once the case is closed (満足度). `score`: from 1, not at all, to 5, very; `how`: the way
    the answer came; `step`: what was hard (a step, or `received` for the request itself), with the attempt of it."""

    score: int
    how: Asked = "web"
    step: str = ""
    attempt: int = 1
    comment: str = ""


@_kind("anonymised", "case.anonymise")
@dataclass(frozen=True, kw_only=True)
class Anonymised(Event):
    """The time for which the case is kept is over (保存期間の満了): whom it was about, what was said and its files were
    removed, and only now may the private parts of its events be missing. `documents`, `size`: how many files, and their bytes."""

    documents: int = 0
    size: int = 0


@_kind("migrated", "case.migrate", "reason")
@dataclass(frozen=True, kw_only=True)
class Migrated(Event):
    """The case goes on by another version of its service. `renewed`: open steps that somebody else does from now on;
    `anew`: it is decided again, because the rule that decided it was wrong (職権取消・変更)."""

    version: str
    before: str
    renewed: list[str] = field(default_factory=list)
    anew: bool = False
    reason: str = ""
