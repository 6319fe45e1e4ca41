"""What can happen to a case. The only writers; everything goes through `log.record_many`."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import transaction

from yakuba.access import SYSTEM, Worker, towns
from yakuba.access import queries as staff
from yakuba.cases import catalogue, documents, store, work
from yakuba.cases import events as e
from yakuba.cases.chain import canonical
from yakuba.cases.errors import (
    AlreadyClosed,
    AlreadyIdentified,
    AlreadyPaid,
    CaseError,
    FourEyes,
    NeedsDecision,
    NeedsPayment,
    NoAmount,
    NoSuchCase,
    NoSuchOutcome,
    NotAnExtension,
    NotAScore,
    NotAskable,
    NotByHand,
    NothingToDecide,
    NotOfThisCase,
    NotOpen,
    NotOver,
    NotThere,
    NotYours,
)
from yakuba.cases.log import Entry, Recorded, lock_waiting, record, record_many
from yakuba.cases.models import Case, Document, Event, Task
from yakuba.cases.references import new_reference
from yakuba.cases.rows import task_id
from yakuba.cases.state import CASE_CLOSED, DONE, OPEN, CaseState, StepState, merge, step_of
from yakuba.clock import in_tokyo
from yakuba.declare import Service, Step, pushing, undisturbed

__all__ = ["Entry", "Recorded", "record", "record_many"]


AT_A_TIME = 1000
"""Cases of a bulk decision that are read and written in one go: enough that a statement's fixed cost vanishes, few
enough for a small computer's memory (40 kB each)."""
SCORES = range(1, 6)
"""How content somebody may be: from 1, not at all, to 5, very."""
FEE_PAID = "fee_paid"
"""How a step ends that takes a fee."""
JPEG = b"\xff\xd8\xff"
"""How a picture of a screen begins (ITU-T T.81, B.1.1.3)."""
MOST_EXTENSION = timedelta(days=366)
"""By how much a due time is moved at once. No law says how far; a day beyond a year is a slip in the year's number,
and would keep the case off the list of late ones until then."""


# -- a request comes in ------------------------------------------------------------------------
def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they are kept: JSON, with dates as ISO 8601 text."""
    return orjson.loads(canonical(facts))


def opening(
    service: Service,
    facts: Mapping[str, Any],
    *,
    channel: e.Channel,
    key: str,
    applicant: uuid.UUID | None = None,
    identified: bool = False,
    evidence: str = "",
    language: str = "ja",
    helper: tuple[str, str] = ("", ""),
) -> Entry:
    """The entry that opens a new case, for `record_many`; `open_case` records a single one. `helper`: kind and name of who helped
    with the request."""
    person = facts.get("applicant") or {}
    told_at_once = person.get("email") or person.get("contact") == "sms"
    event = e.Opened(
        service=service.id,
        version=service.version,
        channel=channel,
        language=language,
        reference=new_reference(),
        applicant=None if applicant is None else str(applicant),
        identified=identified,
        evidence=evidence,
        receipt=bool(told_at_once) and "received" in service.letters,
        helper_kind=helper[0],
        helper=helper[1],
        facts=plain(facts),
    )
    return Entry(uuid.uuid4(), event, key)


def open_case(
    service: Service,
    facts: Mapping[str, Any],
    *,
    channel: e.Channel,
    by: Worker,
    as_of: datetime,
    key: str,
    applicant: uuid.UUID | None = None,
    identified: bool = False,
    evidence: str = "",
    language: str = "ja",
    documents: Sequence[tuple[uuid.UUID, str]] = (),
) -> Case:
    """Open a case. The same `key` again gives the case that is there already.

    `evidence`: by what the applicant was identified. `documents`: (id, purpose) of files stored before.
    Raises access.Denied.
    """
    entry = opening(
        service,
        facts,
        channel=channel,
        key=key,
        applicant=applicant,
        identified=identified,
        evidence=evidence,
        language=language,
    )
    with transaction.atomic():
        (case,) = open_cases([(service, entry, documents)], by=by, as_of=as_of)
    return Case.objects.get(id=case)


def open_cases(
    wanted: Sequence[tuple[Service, Entry, Sequence[tuple[uuid.UUID, str]]]], *, by: Worker, as_of: datetime
) -> list[uuid.UUID]:
    """Open many cases in one go: (service, its `opening`, documents). Returns their ids; of a key that was used
    before, the case that is there already. Raises access.Denied."""
    town = towns.current_town()
    for service in {service.version: service for service, _, _ in wanted}.values():
        catalogue.keep(town, service, as_of)
    recorded = record_many([entry for _, entry, _ in wanted], by=by, as_of=as_of)
    before = [one.key for one in recorded if not one.new]
    there = dict(Event.objects.filter(key__in=before).values_list("key", "case_id")) if before else {}
    # what came along with a request is attached by the town: a visitor may hand in, and then touch nothing
    papers = [
        replace(paper, at=entry.at)
        for one, (_, entry, documents) in zip(recorded, wanted, strict=True)
        if one.new
        for paper in _attachments(entry.case, documents, entry.key)
    ]
    record_many(papers, by=SYSTEM(town), as_of=as_of)
    return [there.get(one.key, one.case) for one in recorded]


def _attachments(case: uuid.UUID, files: Sequence[tuple[uuid.UUID, str]], key: str) -> list[Entry]:
    if not files:
        return []
    stored = {d.id: d for d in Document.objects.defer("content").filter(id__in=[f for f, _ in files])}
    return [
        Entry(case, _attached(stored[document], purpose), f"{key}:{document}") for document, purpose in files
    ]


def _attached(document: Document, purpose: str) -> e.Attached:
    return e.Attached(document=str(document.id), sha256=document.sha256, purpose=purpose, name=document.name)


def store_document(
    content: bytes, *, name: str, origin: str, as_of: datetime, accept: Sequence[str] = documents.ACCEPTED
) -> Document:
    """Keep a file that came in or was made. `origin`: upload, scan, system, bank, robot.

    Raises documents.Refused when the file is too large, is not what its name says, cannot be opened, or came from outside and
    holds a virus.
    """
    media_type = documents.check(content, name, accept)
    if origin != "system":
        documents.scan(content, name)
    return Document.objects.create(
        town=towns.current_town(),
        sha256=documents.sha256(content),
        name=documents.named(name, media_type),
        media_type=media_type,
        size=len(content),
        content=content,
        stored_at=as_of,
        origin=origin,
    )


def store_evidence(content: bytes, *, name: str, as_of: datetime, origin: str = "robot") -> Document:
    """Keep what came in or was seen as it was, whatever it is: never shown as a page of ours."""
    media_type = "image/jpeg" if content.startswith(JPEG) else "text/plain"
    return Document.objects.create(
        town=towns.current_town(),
        sha256=documents.sha256(content),
        name=documents.named(name, media_type),
        media_type=media_type,
        size=len(content),
        content=content,
        stored_at=as_of,
        origin=origin,
    )


def discard_documents(documents: Sequence[uuid.UUID]) -> None:
    """Remove files that belong to no case (yet): nobody wants them kept. Those of a case stay with its log."""
    names = [str(document) for document in documents]
    kept = Event.objects.filter(kind=e.Attached.kind, body__document__in=names)
    used = set(kept.values_list("body__document", flat=True))
    Document.objects.filter(id__in=[name for name in names if name not in used]).delete()


def attach(case: uuid.UUID, document: Document, *, purpose: str, by: Worker, as_of: datetime) -> Recorded:
    """A stored file becomes part of the case."""
    return record(
        case, _attached(document, purpose), by=by, as_of=as_of, key=f"attached:{case}:{document.id}"
    )


@dataclass(frozen=True, slots=True)
class Paper:
    """A file with its content, as it came: what it is for, its name."""

    purpose: str
    name: str
    content: bytes


def hand_in(case: uuid.UUID, papers: Sequence[Paper], *, origin: str, by: Worker, as_of: datetime) -> None:
    """Files are kept and become part of the case. Raises documents.Refused for one that cannot be taken."""
    for paper in papers:
        stored = store_document(paper.content, name=paper.name, origin=origin, as_of=as_of)
        attach(case, stored, purpose=paper.purpose, by=by, as_of=as_of)


def identify(
    case: uuid.UUID, applicant: uuid.UUID, *, evidence: str, by: Worker, as_of: datetime
) -> Recorded:
    """A clerk found the applicant in the register. `evidence`: what was looked at (運転免許証 …).

    Raises AlreadyIdentified for another person than the one whom the case is known to be of: who is paid, and who may
    read the case, hangs on it.
    """
    with transaction.atomic():
        state = _locked(case)
        if state.identified and state.applicant not in (None, str(applicant)):
            raise AlreadyIdentified
        event = e.Identified(applicant=str(applicant), evidence=evidence)
        return record(case, event, by=by, as_of=as_of, key=f"identified:{case}:{applicant}")


def note(case: uuid.UUID, text: str, *, by: Worker, as_of: datetime) -> Recorded:
    """A remark for colleagues."""
    return record(case, e.Noted(text=text), by=by, as_of=as_of, key=f"noted:{uuid.uuid4()}")


# -- tasks -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Held:
    """An open task whose case is locked by the surrounding transaction."""

    id: uuid.UUID
    case: uuid.UUID
    step: str
    attempt: int
    locked: store.LockedCase

    @property
    def state(self) -> CaseState:
        return self.locked.state

    @property
    def progress(self) -> StepState:
        return self.state.steps[self.step]

    @property
    def place(self) -> dict[str, Any]:
        return {"step": self.step, "attempt": self.attempt}

    @property
    def declared(self) -> Step:
        return step_of(catalogue.version(self.state.version), self.step)

    def check_open(self) -> None:
        """Raises NotOpen when it was done meanwhile."""
        if self.progress.attempt != self.attempt or self.progress.status != OPEN:
            raise NotOpen(self.step)

    def check(self, by: Worker) -> None:
        """Raises NotOpen when it was done meanwhile, NotYours when somebody else holds it, NotByHand when it is
        for another kind of worker."""
        self.check_open()
        if self.progress.holder not in (None, by.id) and not by.stands_in_for(self.progress.holder):
            holder = self.progress.holder or ""
            raise NotYours(towns.once("staff_names", staff.staff_names).get(holder, holder))
        outside = by.kind == "partner" and self.declared.outsource
        if by.kind not in ("system", self.declared.by) and not outside:
            raise NotByHand(self.step)


def _lock_tasks(tasks: Sequence[uuid.UUID]) -> list[_Held]:
    """The tasks with their cases locked, in the order asked. Raises NotOpen for one that does not exist."""
    rows = {
        row[0]: row
        for row in Task.objects.filter(id__in=tasks).values_list("id", "case_id", "step", "attempt")
    }
    for task in tasks:
        if task not in rows:
            raise NotOpen(str(task))
    cases = {case.id: case for case in store.lock_cases(sorted({row[1] for row in rows.values()}))}
    return [_Held(*rows[task], cases[rows[task][1]]) for task in tasks]


def _hold(task: uuid.UUID, by: Worker) -> _Held:
    held = _lock_tasks([task])[0]
    held.check(by)
    return held


def take(task: uuid.UUID, *, by: Worker, as_of: datetime) -> Recorded:
    """Hold a task, so that nobody else does it at the same time. Raises NotOpen, NotYours."""
    with transaction.atomic():
        held = _hold(task, by)
        event = e.TaskTaken(**held.place, holder=by.id)
        return record(held.case, event, by=by, as_of=as_of, key=f"taken:{task}:{by.id}:{as_of.isoformat()}")


def take_waiting(
    service: str, step: str, limit: int, *, by: Worker, as_of: datetime, besides: Collection[uuid.UUID] = ()
) -> list[work.Waiting]:
    """Hold up to `limit` tasks of a step that wait and that nobody holds, the oldest first; not those of `besides`."""
    with transaction.atomic():
        waiting = lock_waiting(service, step, limit, besides=besides)
        when = as_of.isoformat()
        entries = [
            Entry(
                one.case,
                e.TaskTaken(step=step, attempt=one.attempt, holder=by.id),
                f"taken:{one.id}:{by.id}:{when}",
            )
            for one in waiting
        ]
        record_many(entries, by=by, as_of=as_of, locked=[one.locked for one in waiting])
        return waiting


def release(task: uuid.UUID, *, by: Worker, as_of: datetime) -> Recorded:
    """Give a task back to the queue. Raises NotOpen, NotYours."""
    with transaction.atomic():
        held = _hold(task, by)
        event = e.TaskReleased(**held.place)
        return record(held.case, event, by=by, as_of=as_of, key=f"released:{task}:{as_of.isoformat()}")


def release_all(holder: str, *, by: Worker, as_of: datetime) -> int:
    """Give back everything that somebody holds who is no longer there; returns how many tasks."""
    with transaction.atomic():
        tasks = list(Task.objects.filter(status=OPEN, holder=holder).values_list("id", flat=True))
        held = [one for one in _lock_tasks(tasks) if one.progress.holder == holder]
        entries = [
            Entry(one.case, e.TaskReleased(**one.place), f"released:{one.id}:{holder}:{as_of.isoformat()}")
            for one in held
        ]
        record_many(entries, by=by, as_of=as_of, locked=[one.locked for one in held])
        return len(held)


def assign(task: uuid.UUID, to: str, *, by: Worker, as_of: datetime) -> Recorded:
    """Give a task to somebody, whoever holds it now (a manager's act). Raises NotOpen, and NotThere for who is absent on
    that day."""
    if absent := staff.away(to, in_tokyo(as_of).date()):
        raise NotThere(absent.name, absent.deputy_name, absent.last)
    with transaction.atomic():
        held = _lock_tasks([task])[0]
        held.check_open()
        event = e.TaskTaken(**held.place, holder=to)
        return record(held.case, event, by=by, as_of=as_of, key=f"assigned:{task}:{to}:{as_of.isoformat()}")


def finish(
    task: uuid.UUID,
    *,
    by: Worker,
    as_of: datetime,
    outcome: str = "",
    facts: Mapping[str, Any] | None = None,
    note: str = "",
) -> Recorded:
    """A task is done, with what was found out on the way. `outcome`: one that the step declares, and need not be said
    where it declares only one; the system says by itself how its steps ended.

    Raises NotOpen, NotYours, NotByHand, NoSuchOutcome, NeedsDecision for a review: that one ends with `decide`,
    under four eyes; and NeedsPayment for a fee: that one ends with `paid`.
    """
    return finish_many([task], by=by, as_of=as_of, outcome=outcome, facts=facts, note=note)[0]


def finish_many(
    tasks: Sequence[uuid.UUID],
    *,
    by: Worker,
    as_of: datetime,
    outcome: str = "",
    facts: Mapping[str, Any] | None = None,
    note: str = "",
) -> list[Recorded]:
    """Several tasks are done in the same way, all or none. Raises what `finish` raises."""
    with transaction.atomic():
        locked, entries = _lock_tasks(tasks), []
        for held in locked:
            held.check(by)
            if held.declared.do == "review":
                raise NeedsDecision(held.step)
            if held.declared.do == "charge" and catalogue.version(held.state.version).fee:
                raise NeedsPayment(held.step)
            chosen = outcome or _only_outcome(held.declared)
            if by.kind != "system" and chosen not in (held.declared.outcomes or ["done"]):
                raise NoSuchOutcome(held.step)
            event = e.StepDone(**held.place, outcome=chosen, facts=plain(facts or {}), note=note)
            entries.append(Entry(held.case, event, f"done:{held.id}"))
        return record_many(entries, by=by, as_of=as_of, locked=[held.locked for held in locked])


def paid(task: uuid.UUID, *, by: Worker, as_of: datetime, note: str) -> Recorded:
    """The fee that a step waits for is paid, in whatever way; `by`: who took the money, or the system that heard of it,
    whoever holds the task. The money room says this, which keeps the money's own books.

    Raises NotOpen when the case went on or ended meanwhile, NotYours, NotByHand.
    """
    with transaction.atomic():
        (held,) = _lock_tasks([task])
        held.check_open()
        if by.kind != "system":
            held.check(by)
        event = e.StepDone(**held.place, outcome=FEE_PAID, note=note)
        return record(held.case, event, by=by, as_of=as_of, key=f"done:{held.id}")


def _only_outcome(step: Step) -> str:
    """How a step ends where nobody says how: in the only way that it declares."""
    return next(iter(step.outcomes)) if len(step.outcomes) == 1 else "done"


def intend(
    task: uuid.UUID,
    *,
    by: Worker,
    as_of: datetime,
    system: str,
    mark: str,
    typed: Mapping[str, str],
    replaced: Sequence[tuple[str, str]] = (),
    papers: Sequence[tuple[Document, str]] = (),
) -> None:
    """Say what is about to be entered into a system outside, under its `mark`, before it is. `papers`: documents that
    show it, with their purposes. Raises NotOpen when the task ended meanwhile, NotYours when it is not held by this worker."""
    with transaction.atomic():
        held = _hold(task, by)
        if held.progress.holder != by.id:  # it was given back: the next one looks before it does anything
            raise NotYours(held.progress.holder or "")
        event = e.Intended(
            **held.place, system=system, key=mark, replaced=[list(one) for one in replaced], typed=dict(typed)
        )
        key = f"intended:{task}:{as_of.isoformat()}"
        record_many([Entry(held.case, event, key), *_evidence(held.case, papers)], by=by, as_of=as_of)


def acted(
    task: uuid.UUID,
    *,
    by: Worker,
    as_of: datetime,
    receipt: str,
    found: bool = False,
    papers: Sequence[tuple[Document, str]] = (),
) -> None:
    """The effect outside is there, with this receipt; whatever became of the task meanwhile. `found`: it was there
    before."""
    with transaction.atomic():
        (held,) = _lock_tasks([task])
        event = e.Acted(**held.place, receipt=receipt, found=found)
        entries = [Entry(held.case, event, f"acted:{task}:{receipt}"), *_evidence(held.case, papers)]
        record_many(entries, by=by, as_of=as_of)


def _evidence(case: uuid.UUID, papers: Sequence[tuple[Document, str]]) -> list[Entry]:
    return [
        Entry(case, _attached(paper, purpose), f"attached:{case}:{paper.id}") for paper, purpose in papers
    ]


def fail(
    task: uuid.UUID, *, by: Worker, as_of: datetime, reason: str, final: bool, code: str = ""
) -> Recorded:
    """A task did not work. Not final: it will be tried again; final: the declared mender, or a clerk, takes over."""
    with transaction.atomic():
        held = _hold(task, by)
        event = e.StepFailed(**held.place, final=final, code=code, reason=reason)
        key = f"failed:{task}:{held.progress.tries + 1}"
        return record(held.case, event, by=by, as_of=as_of, key=key)


def hand_over(task: uuid.UUID, *, by: Worker, as_of: datetime, reason: str) -> Recorded:
    """A task of a robot or of a supporter is taken from them: the step that mends its failures opens for people.

    Raises NotOpen, NotYours while a robot is at it, NotByHand for a task of anybody else, access.Denied.
    """
    with transaction.atomic():
        (held,) = _lock_tasks([task])
        held.check_open()
        if held.declared.by not in ("robot", "supporter"):
            raise NotByHand(held.step)
        if held.declared.by == "robot" and held.progress.holder is not None:
            raise NotYours(held.progress.holder)
        event = e.StepFailed(**held.place, final=True, code="handed_over", reason=reason)
        return record(held.case, event, by=by, as_of=as_of, key=f"failed:{task}:{held.progress.tries + 1}")


# -- decisions ---------------------------------------------------------------------------------
def decide(
    task: uuid.UUID, *, by: Worker, as_of: datetime, outcome: str, amount: int | None = None, reason: str = ""
) -> Recorded:
    """A person decides. Where the step asks for four eyes the first decision is a proposal, and the same
    decision by another person makes it final; a differing one sends it back.

    `amount`: yen, or None. Raises NotOpen, NotYours, NotByHand, NothingToDecide, FourEyes.
    """
    with transaction.atomic():
        entry = _decision(_hold(task, by), by, as_of, outcome, amount, reason)
        return record_many([entry], by=by, as_of=as_of)[0]


@dataclass(slots=True)
class Together:
    """What came of deciding a list: tasks that are decided, that wait for a second person, whose proposal went back, and
    those that are as they were, with the reason."""

    decided: list[uuid.UUID] = field(default_factory=list)
    proposed: list[uuid.UUID] = field(default_factory=list)
    sent_back: list[uuid.UUID] = field(default_factory=list)
    left: list[tuple[uuid.UUID, CaseError]] = field(default_factory=list)

    def add(self, task: uuid.UUID, event: e.Event) -> None:
        """What a decision meant for this task."""
        ways = {e.Decided: self.decided, e.Proposed: self.proposed, e.ProposalDropped: self.sent_back}
        ways[type(event)].append(task)

    @property
    def done(self) -> list[uuid.UUID]:
        """All for which something was recorded."""
        return [*self.decided, *self.proposed, *self.sent_back]


def bulk_decide(
    tasks: Sequence[uuid.UUID], *, by: Worker, as_of: datetime, outcome: str, reason: str
) -> Together:
    """One decision with one reason for a filtered list; the amount of each is what was proposed for it, or what its rule
    computed. What could not be decided stays as it was. Raises NotOpen for a task that does not exist, access.Denied."""
    together = Together()
    with undisturbed(), transaction.atomic():
        ordered = _in_order_of_cases(tasks)
        for start in range(0, len(ordered), AT_A_TIME):
            locked, entries = _lock_tasks(ordered[start : start + AT_A_TIME]), []
            for held in locked:
                try:
                    held.check(by)
                    entry = _decision(held, by, as_of, outcome, _amount_for_all(held, outcome), reason)
                except CaseError as error:
                    together.left.append((held.id, error))
                else:
                    entries.append(entry)
                    together.add(held.id, entry.event)
            record_many(entries, by=by, as_of=as_of, locked=[held.locked for held in locked])
    return together


def _amount_for_all(held: _Held, outcome: str) -> int | None:
    """The yen of one among many that are decided with the same words. Raises NoAmount where it is not known."""
    if outcome != e.GRANTED:
        return None
    proposal = held.progress.proposal
    amount: int | None = proposal["amount"] if proposal else held.state.amount
    if amount is None and catalogue.version(held.state.version).decide.amount and not proposal:
        raise NoAmount
    return amount


def _in_order_of_cases(tasks: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Locked piece by piece in this order, two lists cannot wait for each other. Raises NotOpen for a task that does
    not exist."""
    found = list(Task.objects.filter(id__in=tasks).order_by("case_id", "id").values_list("id", flat=True))
    if missing := set(tasks) - set(found):
        raise NotOpen(str(min(missing)))
    return found


def _decision(
    held: _Held, by: Worker, as_of: datetime, outcome: str, amount: int | None, reason: str
) -> Entry:
    """What a person's decision means for this task: final, a proposal, or a disagreement. Raises FourEyes,
    NothingToDecide."""
    step = held.declared
    if step.do != "review":
        raise NothingToDecide(held.step)
    proposal = held.progress.proposal
    if step.four_eyes and proposal is None:
        proposed = e.Proposed(**held.place, outcome=outcome, amount=amount, proposer=by.id, reason=reason)
        return Entry(held.case, proposed, f"proposed:{held.id}:{as_of.isoformat()}")
    if proposal and proposal["by"] == by.id:
        raise FourEyes
    if proposal and (proposal["outcome"], proposal["amount"]) != (outcome, amount):
        dropped = e.ProposalDropped(**held.place, reason=reason)
        return Entry(held.case, dropped, f"dropped:{held.id}:{as_of.isoformat()}")
    decided = e.Decided(
        **held.place,
        outcome=outcome,
        amount=amount,
        decided_on=as_of.date().isoformat(),
        proposer=proposal["by"] if proposal else None,
        reason=reason or (proposal["reason"] if proposal else ""),
    )
    return Entry(held.case, decided, f"decided:{held.id}")


# -- the life of a case ------------------------------------------------------------------------
def return_for_correction(
    task: uuid.UUID, *, by: Worker, as_of: datetime, message: str, asks: Sequence[str]
) -> Recorded:
    """Give the case back to the applicant with what must be mended; the declared clocks pause.

    `asks`: what is to be mended, of what the service's form asks (`Service.askable`). Raises NotOpen, NotYours,
    NotByHand, NotAskable, and AlreadyClosed for an objection to a case that has ended: that one is reopened first.
    Source: 行政手続法 第7条 (補正).
    """
    with transaction.atomic():
        held = _hold(task, by)
        if held.state.state == CASE_CLOSED:
            raise AlreadyClosed
        if unknown := sorted(set(asks) - set(catalogue.version(held.state.version).askable)):
            raise NotAskable(unknown)
        event = e.Returned(**held.place, message=message, asks=list(asks))
        return record(held.case, event, by=by, as_of=as_of, key=f"returned:{task}")


def answer(
    case: uuid.UUID,
    facts: Mapping[str, Any],
    *,
    by: Worker,
    as_of: datetime,
    files: Sequence[tuple[uuid.UUID, str]] = (),
) -> Recorded:
    """The applicant mends a returned request; it is decided anew. Raises NotOpen when nothing was asked."""
    with transaction.atomic():
        state = _locked(case)
        progress = state.steps.get("answer")
        if progress is None or progress.status != OPEN:
            raise NotOpen("answer")
        key = f"answered:{task_id(case, 'answer', progress.attempt)}"
        answered = record(case, e.Answered(facts=plain(facts)), by=by, as_of=as_of, key=key)
        record_many(_attachments(case, files, key), by=SYSTEM(towns.current_town()), as_of=as_of)
        return answered


def confirm(
    case: uuid.UUID,
    outcome: str,
    *,
    by: Worker,
    as_of: datetime,
    how: e.Channel = "web",
    facts: Mapping[str, Any] | None = None,
    note: str = "",
) -> Recorded:
    """The resident says what they have to say to a case that the town has filled in; with `facts`, such as another
    account. `how`: the channel it came by, for staff who record it.

    `outcome`: events.CONFIRMED, CHANGED, WRONG or DECLINED. Raises NotOpen when nothing is to be confirmed, or it was
    before; NoSuchOutcome, access.Denied.
    """
    with transaction.atomic():
        state = _locked(case)
        service = catalogue.version(state.version)
        step = service.confirmation()
        if step is None or state.steps[step.id].status != OPEN or state.state == CASE_CLOSED:
            raise NotOpen(step.id if step else "confirm")
        if outcome not in (e.CONFIRMED, e.CHANGED, e.WRONG, e.DECLINED):
            raise NoSuchOutcome(step.id)
        said: dict[str, Any] = {}
        if outcome != e.DECLINED:
            said = merge(pushing.said(service, state.facts, wrong=outcome == e.WRONG), facts or {})
        attempt = state.steps[step.id].attempt
        event = e.Confirmed(
            step=step.id, attempt=attempt, outcome=outcome, how=how, facts=plain(said), note=note
        )
        return record(case, event, by=by, as_of=as_of, key=f"confirmed:{task_id(case, step.id, attempt)}")


def unanswered(
    tasks: Sequence[uuid.UUID], *, opens: str = "", by: Worker, as_of: datetime
) -> list[uuid.UUID]:
    """Nobody has answered these in time; `opens`: the step in which somebody looks after it. Returns the cases of those
    for which this is new: what was answered meanwhile is left alone."""
    with transaction.atomic():
        held = [one for one in _lock_tasks(tasks) if one.progress.status == OPEN]
        entries = [
            Entry(one.case, e.Unanswered(**one.place, opens=opens), f"unanswered:{one.id}:{opens}")
            for one in held
        ]
        recorded = record_many(entries, by=by, as_of=as_of, locked=[one.locked for one in held])
        return [one.case for one in recorded if one.new]


def withdraw(case: uuid.UUID, *, by: Worker, as_of: datetime, reason: str = "") -> Recorded:
    """The applicant takes the request back. Raises AlreadyClosed, AlreadyPaid."""
    with transaction.atomic():
        state = _locked(case)
        if state.state == CASE_CLOSED:
            raise AlreadyClosed
        kept = catalogue.version(state.version)
        if any(step.do == "pay" and state.steps[step.id].status == DONE for step in kept.steps):
            raise AlreadyPaid
        return record(case, e.Withdrawn(reason=reason), by=by, as_of=as_of, key=f"withdrawn:{case}")


def object_to(case: uuid.UUID, text: str, *, by: Worker, as_of: datetime) -> Recorded:
    """Note the applicant's request for administrative review; a manager's task opens.

    Source: 行政不服審査法 第2条, 第18条 (three months from knowing the decision).
    """
    return record(case, e.Objected(text=text), by=by, as_of=as_of, key=f"objected:{case}:{as_of.isoformat()}")


def rate(
    case: uuid.UUID,
    score: int,
    *,
    by: Worker,
    as_of: datetime,
    how: e.Asked = "web",
    step: str = "",
    comment: str = "",
) -> Recorded:
    """Somebody says how content they are with a closed case: `score` from 1 (not at all) to 5 (very). `step`: what was hard, a
    step that was done or events.REQUEST. Once for each time that the case was closed; a second answer changes nothing.

    Raises NotOver, NotAScore, NotOfThisCase, access.Denied.
    """
    with transaction.atomic():
        state = _locked(case)
        if state.state != CASE_CLOSED:
            raise NotOver
        if score not in SCORES:
            raise NotAScore
        if step and step != e.REQUEST and step not in state.steps:
            raise NotOfThisCase(step)
        attempt = state.steps[step].attempt if step in state.steps else 1
        event = e.Rated(score=score, how=how, step=step, attempt=attempt, comment=comment)
        return record(case, event, by=by, as_of=as_of, key=rating_key(case, state.closed_at))


def rating_key(case: uuid.UUID, closed_at: str | datetime | None) -> str:
    """The key of what somebody says of a case that was closed then: one answer for each time that it was."""
    at = closed_at if isinstance(closed_at, datetime) else datetime.fromisoformat(closed_at or "")
    return f"rated:{case}:{in_tokyo(at).isoformat()}"


def reopen(case: uuid.UUID, *, by: Worker, as_of: datetime, reason: str) -> Recorded:
    """Take a closed case up again; a person reviews it. Raises NotOpen when it is not closed."""
    with transaction.atomic():
        if _locked(case).state != CASE_CLOSED:
            raise NotOpen("reopen")
        return record(
            case, e.Reopened(reason=reason), by=by, as_of=as_of, key=f"reopened:{case}:{as_of.isoformat()}"
        )


def extend(
    case: uuid.UUID, deadline: str, to: datetime, *, by: Worker, as_of: datetime, reason: str
) -> Recorded:
    """Move a due time (`legal` or `norm`) to a later one, with the reason that the applicant is told.

    Raises NotAnExtension for a day that is over, before the present one, or more than MOST_EXTENSION after it.
    """
    with transaction.atomic():
        state = _locked(case)
        due = state.legal_due if deadline == "legal" else state.norm_due
        first = in_tokyo(max(as_of, datetime.fromisoformat(due)) if due else as_of).date()
        if not first <= in_tokyo(to).date() <= first + MOST_EXTENSION:
            raise NotAnExtension(first, first + MOST_EXTENSION)
        event = e.Extended(deadline=deadline, to=to.isoformat(), reason=reason)
        return record(case, event, by=by, as_of=as_of, key=f"extended:{case}:{deadline}:{to.isoformat()}")


def pause(case: uuid.UUID, cause: str, *, by: Worker, as_of: datetime, reason: str = "") -> Recorded:
    """Stop the clocks of a case for a cause that the service declares."""
    event = e.Paused(cause=cause, reason=reason)
    return record(case, event, by=by, as_of=as_of, key=f"paused:{case}:{cause}:{as_of.isoformat()}")


def resume(case: uuid.UUID, cause: str, *, by: Worker, as_of: datetime) -> Recorded:
    """Let the clocks run on; due times move by the time they stood still."""
    return record(
        case, e.Resumed(cause=cause), by=by, as_of=as_of, key=f"resumed:{case}:{cause}:{as_of.isoformat()}"
    )


def _locked(case: uuid.UUID) -> CaseState:
    locked = store.lock_cases([case])
    if not locked:
        raise NoSuchCase(case)
    return locked[0].state
