"""What can be asked of the case room."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.db import connection
from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, Replace

from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases.errors import NoSuchCase
from yakuba.cases.models import Case, Checkpoint, Document, Event, Task
from yakuba.cases.state import CASE_CLOSED, DONE, FAILED, OPEN, CaseState, step_of
from yakuba.declare import Service, Step
from yakuba.words import halfwidth, katakana


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of a case's history as a page shows it."""

    seq: int
    at: datetime
    by_kind: str
    by_id: str
    event: e.Event
    acting_for: Sequence[str] = ()
    """The absent colleagues (worker ids) in whose place a deputy did it."""


def one(case: uuid.UUID) -> Case:
    """Raises NoSuchCase."""
    found = Case.objects.filter(id=case).first()
    if found is None:
        raise NoSuchCase(case)
    return found


def by_reference(reference: str) -> Case | None:
    """The case with this reference number of 12 digits, however they were grouped."""
    digits = "".join(c for c in reference if c.isdigit())
    if len(digits) != 12:  # a digit too many must not be another way to write the same number
        return None
    return Case.objects.filter(reference="-".join(digits[i : i + 4] for i in (0, 4, 8))).first()


def state(case: Case) -> CaseState:
    """Where the case stands, with its facts."""
    return CaseState.from_json(case.status)


def service_of(case: Case) -> Service:
    """The service in the version that the case keeps."""
    return catalogue.version(case.version)


def history(case: uuid.UUID) -> list[Happened]:
    """Everything that happened, oldest first."""
    rows = Event.objects.filter(case_id=case).order_by("seq")
    return [
        Happened(
            row.seq,
            row.at,
            row.by_kind,
            row.by_id,
            e.read(row.kind, row.body, row.private),
            row.body.get("acting_for", ()),
        )
        for row in rows
    ]


def last_decision(case: uuid.UUID) -> e.Decided | None:
    """The newest decision, by the system or a person."""
    row = Event.objects.filter(case_id=case, kind=e.Decided.kind).order_by("-seq").first()
    found = e.read(row.kind, row.body, row.private) if row else None
    return found if isinstance(found, e.Decided) else None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a decision rests on: the named values that the system computed, and what the person who decided wrote."""

    values: Mapping[str, Any]
    reason: str


def grounds(cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, Grounds]:
    """Of each decided case: the values of the system's newest decision, the reason of the newest; in one query."""
    rows = Event.objects.filter(case_id__in=cases, kind=e.Decided.kind).order_by("seq")
    found: dict[uuid.UUID, Grounds] = {}
    for row in rows:
        event = e.read(row.kind, row.body, row.private)
        if isinstance(event, e.Decided):
            before = found.get(row.case_id)
            found[row.case_id] = Grounds(event.values or (before.values if before else {}), event.reason)
    return found


ENTERING = [e.Opened.kind, e.StepDone.kind, e.Answered.kind, e.Confirmed.kind]
"""Events by which facts come into a case."""


def entered_by(worker: str, group: str, cases: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the cases in which this worker (by id) entered facts of a group, such as `account`: with the request,
    by a task, as the answer to a correction, or with a confirmation."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct case_id from cases_event
               where by_id = %s and kind = any(%s) and private -> 'facts' ? %s
               and case_id = any(string_to_array(%s, ',')::uuid[])""",
            [worker, ENTERING, group, ",".join(map(str, cases))],
        )
        return {case for (case,) in cursor.fetchall()}


def tasks_of(case: uuid.UUID) -> list[Task]:
    """All tasks of the case, in the order in which they were opened."""
    return list(Task.objects.filter(case_id=case).order_by("opened_at", "step"))


def open_task(case: uuid.UUID, step: str) -> Task | None:
    """The task of a step that waits to be done, the oldest when there are several; None when none does."""
    return Task.objects.filter(case_id=case, step=step, status=OPEN).order_by("opened_at").first()


def waiting_step(case: uuid.UUID) -> tuple[uuid.UUID, str] | None:
    """The open task of a case and its step, the oldest when there are several; None when nothing waits."""
    return (
        Task.objects.filter(case_id=case, status=OPEN)
        .order_by("opened_at", "step")
        .values_list("id", "step")
        .first()
    )


def waiting(case: uuid.UUID) -> tuple[uuid.UUID, Step] | None:
    """The same with the step as the case's version declares it."""
    found = (
        Task.objects.filter(case_id=case, status=OPEN)
        .order_by("opened_at", "step")
        .values_list("id", "step", "case__version")
        .first()
    )
    return (found[0], step_of(catalogue.version(found[2]), found[1])) if found else None


def tasks(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Task]:
    """Several tasks by their ids, in one query."""
    return {task.id: task for task in Task.objects.filter(id__in=ids)}


def opened_under(keys: Collection[str]) -> dict[str, uuid.UUID]:
    """The cases that were opened under these keys, in one query; a key under which none was is not in it."""
    return dict(Event.objects.filter(key__in=keys, kind=e.Opened.kind).values_list("key", "case_id"))


def cases_under(keys: Collection[str]) -> dict[str, uuid.UUID]:
    """The cases in which something was recorded under these keys, in one query; a key under which nothing was is not in it."""
    return dict(Event.objects.filter(key__in=keys).values_list("key", "case_id"))


def steps_of(tasks: Collection[uuid.UUID]) -> dict[tuple[str, str], int]:
    """Of which (service, step) some tasks are, and how many of each."""
    rows = Task.objects.filter(id__in=tasks).values_list("service", "step").annotate(Count("id")).order_by()
    return {(service, step): count for service, step, count in rows}


def open_tasks(tasks: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the tasks that still wait to be done, in cases that have not ended."""
    found = Task.objects.filter(id__in=tasks, status=OPEN).exclude(case__state=CASE_CLOSED)
    return set(found.values_list("id", flat=True))


def open_of_verb(verb: str) -> QuerySet[Task]:
    """Every task of a kind that waits to be done, the oldest first."""
    return Task.objects.filter(verb=verb, status=OPEN).order_by("opened_at", "id")


def ended_with(outcomes: Collection[str]) -> QuerySet[Case, uuid.UUID]:
    """The cases that ended in one of these ways, by their ids: for a query of another room over rows that name a case."""
    return Case.objects.filter(state=CASE_CLOSED, outcome__in=outcomes).values_list("id", flat=True)


def still_open(cases: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the cases that have not ended."""
    return set(Case.objects.filter(id__in=cases).exclude(state=CASE_CLOSED).values_list("id", flat=True))


def active(service: str, since: datetime) -> list[uuid.UUID]:
    """The cases of a service that are open, or were closed since then."""
    found = Case.objects.filter(Q(closed_at=None) | Q(closed_at__gte=since), service=service)
    return list(found.values_list("id", flat=True))


@dataclass(frozen=True, slots=True)
class StepFlow:
    """How many tasks of a step wait, and how many were done since a moment."""

    waiting: int
    done: int


def step_flow(cases: Collection[uuid.UUID], since: datetime) -> dict[str, StepFlow]:
    """What waits and what was done since then, by step, in some cases."""
    rows = Task.objects.filter(case__in=cases).values("step")
    counted = rows.annotate(
        waiting=Count("id", filter=Q(status=OPEN)), done=Count("id", filter=Q(done_at__gt=since))
    )
    return {row["step"]: StepFlow(row["waiting"], row["done"]) for row in counted.order_by()}


def first_pass(cases: Collection[uuid.UUID], step: str, code: str) -> tuple[int, int]:
    """Of some cases, how many came through or failed a step at least once, and how many failed it with this code."""
    ends = Event.objects.filter(
        case__in=cases, kind__in=[e.StepDone.kind, e.StepFailed.kind], body__step=step
    )
    counted = ends.aggregate(
        all=Count("case", distinct=True),
        failed=Count("case", distinct=True, filter=Q(kind=e.StepFailed.kind, body__code=code)),
    )
    return counted["all"], counted["failed"]


def last_failures(cases: Collection[uuid.UUID], mender: str) -> dict[uuid.UUID, str]:
    """Why each of some cases waits for its mender: the reason of its last failure, case by case."""
    waiting = Task.objects.filter(case__in=cases, step=mender, status=OPEN).values("case")
    failed = Event.objects.filter(case__in=waiting, kind=e.StepFailed.kind).order_by("id")
    return {event.case_id: (event.private or {}).get("reason", "") for event in failed}


def task(task: uuid.UUID) -> Task | None:
    """One task with its case."""
    return Task.objects.filter(id=task).select_related("case").first()


def some(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, Case]:
    """Several cases by their ids, in one query."""
    return Case.objects.in_bulk(cases)


def sequence_of(field: str) -> Subquery:
    """For a query of another room over rows that name a case in this field: the number of the case's newest event."""
    return Subquery(Case.objects.filter(id=OuterRef(field)).values("seq"))


def not_yet_in(rows: QuerySet[Any], most: int) -> list[uuid.UUID]:
    """For a room that keeps a row about each case, with the `case` and the `seq` of its newest event: the cases that have none, or
    to which something has happened since. At most so many, the oldest first."""
    there = rows.filter(case=OuterRef("id"), seq=OuterRef("seq"))
    return list(Case.objects.filter(~Exists(there)).order_by("opened_at").values_list("id", flat=True)[:most])


def closed_at(cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime | None]:
    """When several cases ended (None: they have not), in one query."""
    return dict(Case.objects.filter(id__in=cases).values_list("id", "closed_at"))


def services(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, Service]:
    """The service of each case, in the version that it keeps."""
    rows = Case.objects.filter(id__in=cases).values_list("id", "version")
    return {case: catalogue.version(version) for case, version in rows}


def references(cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The reference numbers of several cases, in one query."""
    return dict(Case.objects.filter(id__in=cases).values_list("id", "reference"))


def references_of(tasks: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The reference numbers of the cases of several tasks, by task, in one query."""
    return dict(Task.objects.filter(id__in=tasks).values_list("id", "case__reference"))


def happened(key: str) -> bool:
    """Whether something of this key stands in the log of the town."""
    return Event.objects.filter(key=key).exists()


def kinds(keys: Sequence[str]) -> dict[str, str]:
    """What kind of event stands in the log under each key, where one does."""
    return dict(Event.objects.filter(key__in=keys).values_list("key", "kind"))


def happened_of_kind(kind: str) -> QuerySet[Event]:
    """All events of a kind in this town, in the order in which they were recorded."""
    return Event.objects.filter(kind=kind).order_by("id")


def begun_with(key: str) -> QuerySet[Case]:
    """Cases that were opened with a key that begins so."""
    return Case.objects.filter(events__key__startswith=key, events__seq=1)


def of_applicant(person: uuid.UUID) -> list[Case]:
    """The person's cases, newest first."""
    return list(Case.objects.filter(applicant=person).order_by("-opened_at"))


def applied(service: str, since: datetime | None = None) -> list[uuid.UUID]:
    """People with a case in this service that is open or was granted; `since`: of those that came in from then on."""
    rows = Case.objects.filter(service=service).filter(~Q(state=CASE_CLOSED) | Q(outcome="granted"))
    rows = rows.filter(opened_at__gte=since) if since else rows
    applicants = rows.values_list("applicant", flat=True).distinct()
    return [applicant for applicant in applicants if applicant is not None]


# -- what the town asked first ---------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Answers:
    """What came of asking everybody entitled: `campaign` is the case of the town's own that stands for it, `facts` its
    facts. `silent`: those who have not answered, `visits` those of them whom somebody looks after now."""

    campaign: uuid.UUID
    at: datetime
    state: str
    facts: Mapping[str, Any]
    asked: int
    confirmed: int
    changed: int
    wrong: int
    declined: int
    reminded: int
    visits: int
    silent: int
    granted: int
    paid: int


_ANSWERS = """
select k.id, k.opened_at, k.state, k.status -> 'facts', n.*
from cases_case k left join lateral (
  select count(*) filter (where confirm) as asked,
         count(*) filter (where confirm and t.outcome = 'confirmed') as confirmed,
         count(*) filter (where confirm and t.outcome = 'changed') as changed,
         count(*) filter (where confirm and t.outcome = 'wrong') as wrong,
         count(*) filter (where confirm and t.outcome = 'declined') as declined,
         count(*) filter (where confirm and t.tries > 0) as reminded,
         count(*) filter (where t.step = any(%(menders)s) and t.status = 'open') as visits,
         count(*) filter (where confirm and t.outcome is null) as silent,
         count(*) filter (where confirm and c.decision = 'granted' and c.outcome is distinct from 'withdrawn') as granted,
         count(*) filter (where t.verb = 'pay' and t.outcome = 'paid') as paid
  from cases_case c join cases_task t on t.case_id = c.id cross join lateral (select t.verb = 'confirm' as confirm) as is_
  where c.service = k.status #>> '{facts,push,service}' and c.opened_at = k.opened_at and c.channel = 'push'
) n on true
where k.service = %(service)s and k.id = any(coalesce(%(campaigns)s::uuid[], array[k.id])) order by k.opened_at desc"""


def answers(
    service: str, menders: Collection[str], campaigns: Sequence[uuid.UUID] | None = None
) -> list[Answers]:
    """What came of every campaign (case of `service`), the newest first, in one query: the cases of one came in at the
    moment at which it was opened. `menders`: steps in which somebody looks after who has not answered; `campaigns`: only
    these."""
    bound = {
        "service": service,
        "menders": list(menders),
        "campaigns": None if campaigns is None else list(campaigns),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, bound)
        return [
            Answers(campaign, at, state, _plain(facts), *counts)
            for campaign, at, state, facts, *counts in cursor.fetchall()
        ]


def _plain(value: Any) -> Any:
    """A value of a jsonb column, however the driver hands it out."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def unconfirmed(service: str, at: datetime, tries: int, most: int) -> list[uuid.UUID]:
    """Up to `most` tasks in which residents have not yet confirmed a case that was opened for them at that moment, and
    that was called unanswered so often."""
    found = Task.objects.filter(
        service=service, verb="confirm", status=OPEN, tries=tries, case__opened_at=at, case__channel="push"
    )
    return list(found.order_by("id").values_list("id", flat=True)[:most])


def pushed(service: str, at: datetime) -> QuerySet[Case]:
    """The cases that were opened at that moment for everybody entitled."""
    return Case.objects.filter(service=service, opened_at=at, channel="push")


@dataclass(frozen=True, slots=True)
class Known:
    """How somebody was told of things, by the newest case of theirs: its language, their mail address, and what they
    prefer (`mail`, `letter`)."""

    language: str
    email: str
    prefers: str


def told_so_far(people: Sequence[uuid.UUID]) -> dict[uuid.UUID, Known]:
    """How each of these people wanted to be told last, in one query; who never applied for anything is not in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct on (applicant) applicant, language, status #>> '{facts,applicant,email}',
                      status #>> '{facts,applicant,contact}'
               from cases_case where applicant = any(%s) and identified and channel <> 'push'
               order by applicant, opened_at desc""",
            [list(people)],
        )
        return {
            person: Known(language, email or "", prefers or "") for person, language, email, prefers in cursor
        }


def with_version(service: str, version: str, most: int) -> list[Case]:
    """Cases that began with this version of a service, the newest first."""
    return list(Case.objects.filter(service=service, version=version).order_by("-opened_at")[:most])


def counted_by_version(service: str) -> dict[str, int]:
    """How many cases began with each version of a service."""
    rows = Case.objects.filter(service=service).values_list("version").annotate(count=Count("id"))
    return dict(rows.values_list("version", "count"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open tasks somebody wants to see; what is not said leaves none out.

    `holders`: held by one of these (worker ids), or by nobody where it is empty; `late_at`: due before that time;
    `since`, `until`: the case came in from then to before then; `least`, `most`: yen, of the proposal where there is one;
    `proposed`: by `somebody`, by `nobody`, by `me` or by `another` than `me` (a worker id); `identified`: how it is known
    who applies, one of IDENTIFIED; `text`: in the applicant's name or kana, or digits of the reference number.
    """

    service: str = ""
    step: str = ""
    verb: str = ""
    channel: str = ""
    holders: tuple[str, ...] | None = None
    late_at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    least: int | None = None
    most: int | None = None
    proposed: str = ""
    me: str = ""
    identified: str = ""
    text: str = ""

    def as_q(self) -> Q:
        """The condition on tasks that have the columns of `queue`."""
        plain = {
            "service": self.service,
            "step": self.step,
            "verb": self.verb,
            "case__channel": self.channel,
            "due_at__lt": self.late_at,
            "case__opened_at__gte": self.since,
            "case__opened_at__lt": self.until,
        }
        found = Q(**{name: value for name, value in plain.items() if value})
        if self.holders is not None:
            found &= Q(holder__in=self.holders) if self.holders else Q(holder=None)
        if self.least is not None:
            found &= Q(yen__gte=self.least)
        if self.most is not None:
            found &= Q(yen__lte=self.most)
        return found & self._proposed() & self._identified() & self._text()

    def _proposed(self) -> Q:
        somebody = Q(proposer__isnull=False)
        ways = {
            "somebody": somebody,
            "nobody": ~somebody,
            "me": Q(proposer=self.me),
            "another": somebody & ~Q(proposer=self.me),
        }
        return ways.get(self.proposed, Q())

    def _identified(self) -> Q:
        by_clerk = Exists(_SEEN_BY_CLERK)
        ways = {
            "no": Q(case__identified=False),
            "clerk": Q(case__identified=True) & Q(by_clerk),
            "sign_in": Q(case__identified=True) & ~Q(by_clerk),
        }
        return ways.get(self.identified, Q())

    def _text(self) -> Q:
        digits = halfwidth(self.text).replace("-", "").replace(" ", "")
        if not self.text:
            return Q()
        if digits.isascii() and digits.isdigit():
            return Q(digits__contains=digits)
        bare = "".join(self.text.split())
        return Q(applicant_name__icontains=bare) | Q(applicant_kana__icontains=katakana(bare))


IDENTIFIED = ("no", "clerk", "sign_in")
"""How it is known who applies: it is not; a clerk looked at something, or found them in the register; they signed in."""
PROPOSED = ("nobody", "somebody", "another", "me")
_SEEN_BY_CLERK = Event.objects.filter(
    Q(kind=e.Identified.kind) | Q(kind=e.Opened.kind, body__has_key="evidence") & ~Q(body__evidence=""),
    case=OuterRef("case"),
)


def _inside(*path: str | F, output_field: Any = None) -> Func:
    """A value inside of the state of a task's case, as text."""
    steps = [one if isinstance(one, F) else Value(one) for one in path]
    return Func(
        F("case__status"),
        *steps,
        function="jsonb_extract_path_text",
        output_field=output_field or TextField(),
    )


def _bare(text: Any) -> Func:
    """Without blanks, which people write into names or do not."""
    return Func(text, Value(" 　"), Value(""), function="translate", output_field=TextField())


def queue(
    wanted: Wanted | None = None,
    *,
    by: str = "staff",
    roles: Sequence[str] = (),
    service: str = "",
    step: str = "",
) -> QuerySet[Task]:
    """Open tasks with their cases, the most urgent first; each with `proposer` (worker id) and `yen`, what is proposed or
    was computed. `service`, `step`: for who wants these and nothing more particular."""
    wanted = wanted or Wanted(service=service, step=step)
    tasks = _waiting(by)
    if roles:
        tasks = tasks.filter(Q(role__in=roles) | Q(role__isnull=True))
    return tasks.filter(wanted.as_q()).select_related("case").order_by("due_at", "opened_at", "id")


def _in_hand() -> QuerySet[Task]:
    """Open tasks, of cases that were not given back: those are few, and found without a look at the case of each task."""
    return Task.objects.filter(status=OPEN).exclude(case__in=Case.objects.filter(state="returned"))


def _waiting(by: str) -> QuerySet[Task]:
    """Open tasks, of cases that were not given back, with the columns that `Wanted` speaks of."""
    proposed = ("steps", F("step"), "proposal")
    return (
        _in_hand()
        .filter(by=by)
        .alias(
            applicant_name=_bare(_inside("facts", "applicant", "name")),
            applicant_kana=_bare(_inside("facts", "applicant", "kana")),
            digits=Replace("case__reference", Value("-"), Value("")),
        )
        .annotate(
            proposer=_inside(*proposed, "by"),
            yen=Coalesce(Cast(_inside(*proposed, "amount"), BigIntegerField()), "case__amount"),
        )
    )


def counted(wanted: Sequence[Wanted]) -> list[int]:
    """How many open tasks of staff each of these finds, in one query."""
    if not wanted:
        return []
    counts = {f"n{number}": Count("id", filter=one.as_q()) for number, one in enumerate(wanted)}
    found = _waiting("staff").aggregate(**counts)
    return [found[name] for name in counts]


@dataclass(frozen=True, slots=True)
class Summed:
    """Tasks of one service in a list: how many, how many yen in all, and of how many no amount is known."""

    service: str
    count: int
    yen: int
    without: int


def summed(tasks: QuerySet[Task]) -> list[Summed]:
    """What a list of `queue` comes to, for each service, in one query."""
    rows = tasks.order_by("service").values("service")
    counted = rows.annotate(
        count=Count("id"), total=Coalesce(Sum("yen"), 0), without=Count("id", filter=Q(yen=None))
    )
    return [Summed(r["service"], r["count"], int(r["total"]), r["without"]) for r in counted]


def checksum(tasks: QuerySet[Task]) -> tuple[list[uuid.UUID], str]:
    """The tasks of a list of `queue` by their ids, and what it was when somebody looked: SHA-256 over each task with what
    is proposed for it and the amount."""
    rows = sorted(tasks.order_by().values_list("id", F("proposer"), F("yen")))
    seen = "\n".join(f"{task} {proposer or '-'} {yen}" for task, proposer, yen in rows)
    return [task for task, _, _ in rows], hashlib.sha256(seen.encode()).hexdigest()


def open_tasks_by_holder() -> dict[str, int]:
    """How many open tasks each worker (by id) holds in the present town."""
    held = Task.objects.filter(status=OPEN).exclude(holder=None).exclude(case__state=CASE_CLOSED)
    return dict(held.values_list("holder").annotate(Count("id")).order_by())


def held_by(holder: str, verb: str) -> list[Task]:
    """The open tasks with this verb that somebody holds, with their cases, the oldest first."""
    found = Task.objects.filter(status=OPEN, holder=holder, verb=verb).exclude(case__state=CASE_CLOSED)
    return list(found.select_related("case").order_by("opened_at", "id"))


def handed_on(mark: str, role: str) -> list[Task]:
    """Open tasks of a role in services that another hall handed on (their ids have `mark`), the most urgent first; not
    those that are planned, as visits are."""
    return list(queue(roles=(role,)).filter(service__contains=mark, verb="work"))


def of_day(verb: str, fact: str, on: date, since: datetime, who: str = "") -> list[Task]:
    """Tasks with this verb of cases in which a fact is this day: open ones, and those done since then. `who`: only those
    for which this worker is appointed."""
    asked = Task.objects.filter(verb=verb, **{_among_facts(fact): on.isoformat()})
    found = asked.filter(Q(status=OPEN) | Q(status=DONE, done_at__gte=since)).select_related("case")
    if who:
        path = "$.steps.*.appointment.who[*] ? (@ == $who)"
        appointed = RawSQL(
            "jsonb_path_exists(cases_case.status, %s, jsonb_build_object('who', %s::text))", [path, who]
        )
        found = found.annotate(appointed=appointed).filter(appointed=True)
    return list(found.exclude(case__state="returned").order_by("opened_at", "id"))


def undated(verb: str, fact: str) -> list[Task]:
    """Open tasks with this verb of cases in which a fact, a day, is not known."""
    found = Task.objects.filter(verb=verb, status=OPEN, **{_among_facts(fact): None})
    return list(found.select_related("case").order_by("opened_at", "id"))


def _among_facts(fact: str) -> str:
    """How a task's query names a fact of its case."""
    return f"case__status__facts__{fact.replace('.', '__')}"


def done_between(
    services: Collection[str], since: datetime, until: datetime, steps: Collection[str]
) -> list[Task]:
    """Tasks of some services' steps that were done from `since` to before `until`, the oldest first."""
    found = Task.objects.filter(service__in=services, step__in=steps, status=DONE)
    return list(
        found.filter(done_at__gte=since, done_at__lt=until).select_related("case").order_by("done_at", "id")
    )


def failed_between(verb: str, code: str, since: datetime, until: datetime) -> list[Task]:
    """Tasks with this verb that failed for good with this code, from `since` to before `until`."""
    found = Task.objects.filter(verb=verb, status=FAILED, outcome=code)
    return list(found.filter(done_at__gte=since, done_at__lt=until).order_by("done_at", "id"))


def closed_between(service: str, since: datetime, until: datetime) -> list[uuid.UUID]:
    """Cases of a service that were completed from `since` to before `until`."""
    found = Case.objects.filter(
        service=service, outcome="completed", closed_at__gte=since, closed_at__lt=until
    )
    return list(found.values_list("id", flat=True))


def with_fact(group: str, name: str, value: str, services: Collection[str], most: int) -> list[Case]:
    """Cases of some services in which a fact has this value, the newest first."""
    found = Case.objects.filter(service__in=services, **{f"status__facts__{group}__{name}": value})
    return list(found.order_by("-opened_at")[:most])


def open_with_verb(service: str, verbs: Collection[str]) -> list[Task]:
    """Open tasks of a service with one of these verbs and with their cases, in the order in which the cases came in; not
    those of cases that were given back."""
    found = Task.objects.filter(service=service, verb__in=verbs, status=OPEN).exclude(case__state="returned")
    return list(found.select_related("case").order_by("case__opened_at", "case_id"))


def open_of(service: str) -> list[Case]:
    """The cases of a service that have not ended, in the order in which they came in."""
    return list(Case.objects.filter(service=service).exclude(state=CASE_CLOSED).order_by("opened_at", "id"))


def open_among(cases: Collection[uuid.UUID]) -> list[Case]:
    """Those of the cases that have not ended, in the order in which they came in."""
    return list(Case.objects.filter(id__in=cases).exclude(state=CASE_CLOSED).order_by("opened_at", "id"))


def opened_since(service: str, since: datetime) -> int:
    """How many cases of a service came in since then."""
    return Case.objects.filter(service=service, opened_at__gte=since).count()


@dataclass(frozen=True, slots=True)
class Took:
    """A task that was done: of which case and step, from when it waited until when it was done, how it ended."""

    case: uuid.UUID
    step: str
    opened_at: datetime
    done_at: datetime
    outcome: str


def took(service: str, since: datetime, until: datetime) -> list[Took]:
    """The tasks that were done before `until` (aware) in the cases of a service that came in from `since` on, the first one
    first."""
    done = Task.objects.filter(
        case__service=service,
        case__opened_at__gte=since,
        case__opened_at__lt=until,
        status=DONE,
        done_at__lt=until,
    )
    rows = done.order_by("done_at", "id").values_list("case_id", "step", "opened_at", "done_at", "outcome")
    return [
        Took(case, step, opened, at, outcome or "")
        for case, step, opened, at, outcome in rows
        if opened and at
    ]


@dataclass(frozen=True, slots=True)
class Next:
    """Somebody's next request after a step of another one: by which channel it came, and whether somebody helped with it."""

    channel: str
    helped: bool


_NEXT = """
with done as (
  select c.applicant, min(e.at) as at from cases_event e join cases_case c on c.id = e.case_id
  where c.service = %(service)s and c.applicant is not null and e.kind = 'step_done'
    and e.body->>'step' = %(step)s and e.body->>'outcome' = %(outcome)s and e.at <= %(until)s group by 1)
select n.channel, n.helped from done left join lateral (
  select c.channel, coalesce(e.body->>'helper_kind', '') <> '' as helped
  from cases_case c join cases_event e on e.case_id = c.id and e.kind = 'opened'
  where c.applicant = done.applicant and c.opened_at > done.at and c.opened_at <= %(until)s
    and c.service <> all(%(besides)s) order by c.opened_at, c.id limit 1) n on true"""


def next_after(
    service: str, step: str, outcome: str, *, besides: Collection[str], until: datetime
) -> list[Next | None]:
    """Of each person in whose case of the service the step ended so: their next request until that moment (aware), of a service
    that is not one of `besides`; None where there is none."""
    asked: dict[str, Any] = {
        "service": service, "step": step, "outcome": outcome, "besides": list(besides), "until": until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, asked)
        return [None if channel is None else Next(channel, helped) for channel, helped in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Health:
    """How the work of a town stands: cases that are not closed, those past what the town promises and past the law's time,
    tasks of the system that have waited for an hour, and when the log was last signed."""

    cases: int
    open: int
    late: int
    unlawful: int
    stuck: int
    checkpoint: datetime | None


def health(now: datetime) -> Health:
    """How the work of the open town stands."""
    running = Case.objects.exclude(state=CASE_CLOSED)
    counted = running.aggregate(
        open=Count("id"),
        late=Count("id", filter=Q(norm_due__lt=now, paused=False)),
        unlawful=Count("id", filter=Q(legal_due__lt=now, paused=False)),
    )
    waits = Task.objects.filter(status=OPEN, by="system", holder=None, opened_at__lt=now - timedelta(hours=1))
    return Health(
        cases=Case.objects.count(),
        stuck=waits.filter(case__state="open").count(),
        checkpoint=Checkpoint.objects.aggregate(last=Max("at"))["last"],
        **counted,
    )


def waiting_counts(by: str = "staff") -> list[dict[str, Any]]:
    """Open tasks per service and step."""
    waiting = _in_hand().filter(by=by).values("service", "step")
    counted = waiting.annotate(count=Count("id")).order_by("service", "step")
    return [dict(row) for row in counted]


def entered(system: str, service: str, most: int) -> list[tuple[str, Mapping[str, str]]]:
    """What was entered into a system outside for a service, (mark, values), the newest first; not what was removed
    since."""
    rows = Event.objects.filter(kind=e.Intended.kind, body__system=system, case__service=service)
    kept = rows.filter(private__isnull=False).order_by("-id").values_list("body", "private")[:most]
    return [(body["key"], private["typed"]) for body, private in kept if private]


def entered_references(service: str, step: str) -> set[str]:
    """Reference numbers of the cases of which the log says that this step entered them into a system outside."""
    entered = Case.objects.filter(service=service, events__kind=e.Acted.kind, events__body__step=step)
    return set(entered.values_list("reference", flat=True))


def step_count(service: str, step: str, status: str) -> int:
    """How many tasks of a step are in this status."""
    return Task.objects.filter(service=service, step=step, status=status).count()


@dataclass(frozen=True, slots=True)
class WorkedSpan:
    """How long a member of staff was at a task that they took and finished on one day. `failed_by`: which kind of
    worker had handed it over; None for a task that nobody else had begun."""

    minutes: float
    month: str
    failed_by: str | None


def worked_spans(service: str, step: str, mender: str | None) -> list[WorkedSpan]:
    """What people did of a step, or in its place as its mender: from taking to finishing. Months are Japan's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select extract(epoch from d.at - t.at)::float / 60, to_char(d.at at time zone 'Asia/Tokyo', 'YYYY-MM'),
                      f.by_kind
               from cases_event d join cases_case c on c.id = d.case_id
               join lateral (select max(e.at) as at from cases_event e
                             where e.case_id = d.case_id and e.kind = %s and e.by_kind = 'staff' and e.seq < d.seq
                             and e.body ->> 'step' = d.body ->> 'step'
                             and e.body ->> 'attempt' = d.body ->> 'attempt') t on t.at is not null
               left join lateral (select e.by_kind from cases_event e
                                  where e.case_id = d.case_id and e.kind = %s and e.body ->> 'step' = %s
                                  and e.seq < d.seq order by e.seq desc limit 1) f on true
               where d.kind = %s and d.by_kind = 'staff' and c.service = %s and d.body ->> 'step' = any(%s)
               and (d.at at time zone 'Asia/Tokyo')::date = (t.at at time zone 'Asia/Tokyo')::date""",
            [e.TaskTaken.kind, e.StepFailed.kind, step, e.StepDone.kind, service, [step, mender or step]],
        )
        return [WorkedSpan(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Worked:
    """One thing that was done in a case by somebody, in the order of the log. `final`, `score`, `how`: of a failure, of a rating."""

    case: uuid.UUID
    kind: str
    by_kind: str
    by_id: str
    at: datetime
    step: str
    attempt: int
    final: bool
    score: int | None
    how: str


_WORKED = """
select case_id, kind, by_kind, by_id, at, coalesce(body ->> 'step', ''), coalesce((body ->> 'attempt')::int, 1),
       coalesce((body ->> 'final')::boolean, false), (body ->> 'score')::int, coalesce(body ->> 'how', '')
from cases_event where case_id = any(%s) and kind = any(%s) order by case_id, seq"""


def worked(cases: Collection[uuid.UUID]) -> list[Worked]:
    """Who took and finished what in some cases, what was returned or failed, and how it was rated: case by case, in order."""
    kinds = (e.TaskTaken, e.StepDone, e.Decided, e.Proposed, e.Returned, e.StepFailed, e.Rated)
    with connection.cursor() as cursor:
        cursor.execute(_WORKED, [list(cases), [one.kind for one in kinds]])
        return [Worked(*row) for row in cursor.fetchall()]


def comments(cases: Collection[uuid.UUID], most: int) -> list[tuple[uuid.UUID, datetime, str]]:
    """What was written with the ratings of some cases, as it was written, the newest first: case, when, text."""
    rows = Event.objects.filter(case_id__in=cases, kind=e.Rated.kind).exclude(private=None)
    found = rows.exclude(private__comment="").order_by("-at").values_list("case_id", "at", "private__comment")
    return list(found[:most])


def done_late(cases: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, str]]:
    """Case and step of what was done after its due time in some cases; not of what stood still before that time because the case
    was given back."""
    given_back = Event.objects.filter(
        case=OuterRef("case"), kind=e.Returned.kind, at__gt=OuterRef("opened_at"), at__lte=OuterRef("due_at")
    )
    late = Task.objects.filter(~Exists(given_back), case_id__in=cases, status=DONE, done_at__gt=F("due_at"))
    return list(late.values_list("case_id", "step"))


def late_now(as_of: datetime) -> dict[tuple[str, str], int]:
    """By service and step: how many open tasks are past their due time, of cases that were not given back."""
    rows = _in_hand().filter(due_at__lt=as_of).values("service", "step")
    return {(row["service"], row["step"]): row["n"] for row in rows.annotate(n=Count("id"))}


def done_by_month(service: str, step: str, by_kind: str) -> dict[str, int]:
    """How many tasks of a step were done by workers of a kind, by Japan's month."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select to_char(d.at at time zone 'Asia/Tokyo', 'YYYY-MM'), count(*)
               from cases_event d join cases_case c on c.id = d.case_id
               where d.kind = %s and d.by_kind = %s and c.service = %s and d.body ->> 'step' = %s group by 1""",
            [e.StepDone.kind, by_kind, service, step],
        )
        return dict(cursor.fetchall())


def opened_by_month(before: date) -> list[tuple[str, str, int]]:
    """How many cases of each service came in, by Japan's month (`2026-04`), before that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select to_char(opened_at at time zone 'Asia/Tokyo', 'YYYY-MM'), service, count(*) from cases_case
               where (opened_at at time zone 'Asia/Tokyo')::date < %s group by 1, 2 order by 1, 2""",
            [before],
        )
        return cursor.fetchall()


def attached_as(purpose: str, cases: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[uuid.UUID, str]]:
    """The first file with this purpose of each of some cases: its id, and the SHA-256 of its content."""
    found = Event.objects.filter(case_id__in=cases, kind=e.Attached.kind, body__purpose=purpose)
    rows = found.order_by("-seq").values_list("case_id", "body__document", "body__sha256")
    return {case: (uuid.UUID(document), digest) for case, document, digest in rows}


def files_with(digests: Collection[str]) -> dict[uuid.UUID, str]:
    """The stored files that have one of these contents (SHA-256), each with which."""
    return dict(Document.objects.filter(sha256__in=digests).values_list("id", "sha256"))


def same_file(document: Document, among: Iterable[uuid.UUID]) -> uuid.UUID | None:
    """Which of some stored files has the same content; None where none has."""
    found = Document.objects.filter(id__in=list(among), sha256=document.sha256).exclude(id=document.id)
    return found.values_list("id", flat=True).first()


def happened_count(kind: str, by_kind: str) -> int:
    """How many events of a kind were recorded by workers of a kind."""
    return Event.objects.filter(kind=kind, by_kind=by_kind).count()


def documents_of(case: uuid.UUID) -> list[tuple[e.Attached, Document]]:
    """The files of a case with what each is for; their contents are not read."""
    return documents_in(history(case))


def documents_in(happened: Sequence[Happened]) -> list[tuple[e.Attached, Document]]:
    """The files that were attached in a history."""
    attached = [one.event for one in happened if isinstance(one.event, e.Attached)]
    stored = {
        str(d.id): d for d in Document.objects.defer("content").filter(id__in=[a.document for a in attached])
    }
    return [(a, stored[a.document]) for a in attached if a.document in stored]


def document(document: uuid.UUID) -> Document | None:
    """A file with its content."""
    return Document.objects.filter(id=document).first()


def case_of_document(document: uuid.UUID) -> uuid.UUID | None:
    """The case that a file belongs to."""
    return (
        Event.objects.filter(kind=e.Attached.kind, body__document=str(document))
        .values_list("case_id", flat=True)
        .first()
    )


def attached_to(cases: Collection[uuid.UUID]) -> dict[str, uuid.UUID]:
    """The files (ids) that belong to some cases, each with its case."""
    rows = Event.objects.filter(case_id__in=cases, kind=e.Attached.kind)
    return {str(document): case for document, case in rows.values_list("body__document", "case_id")}


def applicants(cases: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID | None]:
    """Whom some cases are about (register ids), as far as that is known."""
    return dict(Case.objects.filter(id__in=cases).values_list("id", "applicant"))


_WHOM = """
select coalesce(c.applicant::text, c.id::text) from cases_case c where c.id = any(%(cases)s::uuid[])
union select coalesce(c.applicant::text, c.id::text) from cases_event e join cases_case c on c.id = e.case_id
  where e.kind = %(attached)s and e.body->>'document' = any(%(documents)s)"""


def whom(seen: Mapping[str, Collection[str]]) -> set[str]:
    """Whom cases and documents (ids, by type) are about, as register ids; a case whose applicant nobody knows stands for
    itself."""
    ids = {type: [one for one in some if len(one) == 36] for type, some in seen.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            _WHOM,
            {
                "cases": ids.get("Case", []),
                "documents": ids.get("Document", []),
                "attached": e.Attached.kind,
            },
        )
        return {row[0] for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Touched:
    """Somebody other than the applicant and the machine did something with a case. `names`: the facts that a partner was
    shown by it."""

    at: datetime
    case: uuid.UUID
    by_kind: str
    by_id: str
    kind: str
    names: Sequence[str] = ()
    acting_for: Sequence[str] = ()


def touched(
    cases: Collection[uuid.UUID], *, since: datetime | None, until: datetime | None, limit: int
) -> list[Touched]:
    """What others did with some cases, the newest first."""
    rows = Event.objects.filter(case_id__in=cases).exclude(by_kind__in=["system", "resident", "public"])
    if since:
        rows = rows.filter(at__gte=since)
    if until:
        rows = rows.filter(at__lt=until)
    shown = rows.order_by("-at", "-id").values_list("at", "case_id", "by_kind", "by_id", "kind", "body")
    return [
        Touched(at, case, by_kind, by_id, kind, body.get("names", ()), body.get("acting_for", ()))
        for at, case, by_kind, by_id, kind, body in shown[:limit]
    ]


def states(cases: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, CaseState]:
    """Where several cases stand, in one query."""
    rows = Case.objects.filter(id__in=cases).values_list("id", "status")
    return {case: CaseState.from_json(status) for case, status in rows}


def being_decided(cases: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the cases in which nothing is decided now, such as one that was taken up again; not what was withdrawn."""
    waiting = Case.objects.filter(id__in=cases, decision=None).exclude(state=CASE_CLOSED)
    return set(waiting.values_list("id", flat=True))


def granted(cases: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the cases whose grant stands: decided so, not taken up again, not withdrawn."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select id from cases_case where decision = %s and outcome is distinct from 'withdrawn'
               and id = any(string_to_array(%s, ',')::uuid[])""",
            [e.GRANTED, ",".join(map(str, cases))],
        )
        return {case for (case,) in cursor.fetchall()}


# -- what the log says of itself -------------------------------------------------------------------
def last_event_at() -> datetime | None:
    """When something last happened in the open town."""
    return Event.objects.aggregate(last=Max("at"))["last"]


def last_checkpoint() -> tuple[datetime, bytes] | None:
    """The moment and the digest of the newest signed checkpoint."""
    row = Checkpoint.objects.order_by("-at").first()
    return (row.at, bytes(row.digest)) if row else None


def checkpoint_digest(at: datetime) -> bytes | None:
    """The digest of the checkpoint of that moment; None when there is none."""
    row = Checkpoint.objects.filter(at=at).first()
    return bytes(row.digest) if row else None


# -- how much waits --------------------------------------------------------------------------------
def waiting_by_kind(as_of: datetime) -> list[tuple[str, int, int]]:
    """Of each kind of worker that something waits for: how many open tasks, and how many of them are past their time.

    A case that was given back waits for nobody here.
    """
    overdue = Count("id", filter=Q(due_at__lt=as_of))
    rows = _in_hand().values("by").annotate(count=Count("id"), overdue=overdue).order_by("by")
    return [(row["by"], row["count"], row["overdue"]) for row in rows]


def past_deadline(as_of: datetime) -> int:
    """How many open cases are past their legal deadline."""
    return Case.objects.filter(closed_at=None, paused=False, legal_due__lt=as_of).count()


def open_count(service: str) -> int:
    """How many cases of a service are not closed."""
    return Case.objects.filter(service=service, closed_at=None).count()
