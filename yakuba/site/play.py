"""One case of any service, driven from intake to close: with the facts of the service's first worked example, through
the channel that is asked for, by the same actions as on the pages, at the times of a played clock.

What comes in is typed as a person types it and read by the one form engine; what the example does not say is answered as a
made-up resident would (`site.visitors`).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Literal, get_args

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from yakuba import declare
from yakuba.access import PUBLIC, SYSTEM, Worker, towns
from yakuba.access import actions as accounts
from yakuba.access import queries as staff_queries
from yakuba.access.worker import PROVEN
from yakuba.booking import actions as booking
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CASE_CLOSED, merge, step_of
from yakuba.channels import actions as channels
from yakuba.channels import answers, api
from yakuba.channels.forms import Field, Form, Screen
from yakuba.clock import TOKYO
from yakuba.declare import Example, Service
from yakuba.money import actions as money
from yakuba.money import queries as money_queries
from yakuba.money.bank_days import bank_day_on_or_after
from yakuba.money.fees import actions
from yakuba.money.fees import queries as fees
from yakuba.register import queries as register
from yakuba.simulators.bank import Bank
from yakuba.site.visitors import Visitor
from yakuba.words import Text

if TYPE_CHECKING:
    from yakuba.cases.models import Case, Task
    from yakuba.channels.models import Draft

Channel = Literal["web", "counter", "phone", "paper", "api"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
TURNS = 60
"""More turns than any service has steps: who is not done by then never will be."""
ROUND = "play"
SYSTEM_NAME = "見本のシステム"
NINE = time(9)


class Stuck(RuntimeError):
    """The case cannot go on; says where and why."""


@dataclass(slots=True)
class Played:
    """What happened: `steps` in order, each with when, who, what, and how it ended."""

    service: str
    channel: str
    example: str
    reference: str = ""
    outcome: str | None = None
    closed: bool = False
    steps: list[dict[str, str]] = field(default_factory=list)


def play(service: str, channel: Channel) -> Played:
    """Drive one case of a service in the open town from intake to close, beginning at nine on the day of the example.

    Raises KeyError for a service that residents cannot apply for, Stuck.
    """
    declared = catalogue.offered()[service]
    example = catalogue.current().examples[service][0]
    return _Play(declared, example, channel, datetime.combine(example.as_of, NINE, TOKYO)).run()


class _Play:
    """The case being played."""

    def __init__(self, service: Service, example: Example, channel: Channel, as_of: datetime):
        self.service, self.example, self.channel, self.now = service, example, channel, as_of
        self.town = towns.current_town()
        self.random = Random(f"{service.id}:{channel}")
        self.staff = [one.worker() for one in staff_queries.all_staff()]
        self.played = Played(service.id, channel, example.id)
        self.person = register.heads_born_before(as_of.date() - timedelta(days=20 * 366))[0]

    def run(self) -> Played:
        self._offer()
        case = self._take_in()
        self.played.reference = case.reference
        for _ in range(TURNS):
            jobs.drain(self.town, as_of=self.now)
            case = case_queries.one(case.id)
            if case.state == CASE_CLOSED:
                break
            self._work(case)
            self.now += timedelta(hours=1)
        self.played.outcome, self.played.closed = case.outcome, case.state == CASE_CLOSED
        self.played.steps = [self._told(one) for one in case_queries.history(case.id)]
        if not self.played.closed:
            open_ = [task.step for task in case_queries.tasks_of(case.id) if task.status == "open"]
            raise Stuck(f"{self.service.id} by {self.channel}: waits for {', '.join(open_)}")
        return self.played

    def _told(self, one: case_queries.Happened) -> dict[str, str]:
        event = one.event
        return {
            "at": one.at.astimezone(TOKYO).isoformat(timespec="minutes"),
            "by": one.by_kind,
            "event": event.kind,
            "step": getattr(event, "step", ""),
            "outcome": getattr(event, "outcome", None) or "",
        }

    # -- the request ---------------------------------------------------------------------------------
    def _offer(self) -> None:
        """A place to ask for, where the service gives places out: next week, for one, drawn tomorrow."""
        book = self.service.book
        if book is None:
            return
        decided = declare.decide(self.service, self.example.facts, as_of=self.example.as_of)
        kind = str(decided.values.get(book.kind) or "") if book.kind else ""
        self.place = f"{ROUND}-{self.service.id}-{self.channel}"
        starts = datetime.combine(self.now.date() + timedelta(days=7), time(10), TOKYO)
        words = Text(ja="見本の枠", easy="見本の ところ", en="Sample place")
        booking.set_up(
            self.service.id,
            self.place,
            words,
            [booking.NewPlace(self.place, words, 1000, kind, starts, starts + timedelta(hours=1))],
            opens=self.now - timedelta(minutes=1),
            closes=None if book.order == "received" else self.now + timedelta(days=1),
            by=self._who("clerk"),
        )

    def _take_in(self) -> Case:
        if self.channel == "api":
            return self._by_another_system()
        draft = channels.begin(
            self.service,
            channel=self.channel,
            language="ja",
            as_of=self.now,
            person=self.person.id if self.channel in ("web", "counter") else None,
            identified=self.channel in ("web", "counter"),
            evidence="見本" if self.channel in ("web", "counter") else "",
        )
        # the example's word counts, also where the register knows something else
        channels.keep(draft, answers.fitting(self.service, self._known()), as_of=self.now)
        self._fill_in(draft)
        by = PUBLIC(self.town) if self.channel == "web" else self._who("clerk")
        return channels.submit(draft, by=by, as_of=self.now)

    def _by_another_system(self) -> Case:
        """The same answers, as another system sends them."""
        client = next((one for one in staff_queries.clients() if one.name == SYSTEM_NAME), None)
        if client is None:
            client, _, _ = accounts.add_client(SYSTEM_NAME, by=SYSTEM(self.town))
        visitor = Visitor(self.random, self._known(), self.example.as_of, mail=False)
        papers = visitor.papers(self.service)
        files = {purpose: [purpose] for purpose in papers}
        facts = answers.fitting(self.service, self._known())
        for _ in range(TURNS * 5):
            form = Form(self.service, facts, as_of=self.now.date(), files=files, at=self.now)
            screen = form.screen(form.first_open() or "")
            if screen is None:
                break
            self._answer(form, screen, None, visitor)
            facts = form.facts
        sent = [
            api.PaperIn(purpose=purpose, name=f"{purpose}.jpg", content=b64encode(content).decode())
            for purpose, content in papers.items()
        ]
        body = api.RequestIn(facts=form.answered(), papers=tuple(sent))
        key = f"{self.service.id}:{self.now.isoformat()}"
        taken = api.take_in(self.service, body, by=client.worker(), key=key[:100], digest=key, as_of=self.now)
        return case_queries.one(taken.case)

    def _known(self) -> dict[str, Any]:
        """What the applicant can say: who they are, as the register has it, and what the example says."""
        known = channels.from_register(self.service, self.person.id, self.now.date())
        return cases.plain(merge(known, {k: v for k, v in self.example.facts.items() if k != "case"}))

    def _fill_in(self, draft: Draft) -> None:
        """Screen by screen, typed as people type, until nothing is open."""
        visitor = Visitor(self.random, self._known(), self.example.as_of, mail=False)
        for _ in range(TURNS * 5):
            form = Form(
                self.service,
                draft.facts,
                as_of=self.now.date(),
                files=channels.files_of(draft),
                at=self.now,
                keyed=self.channel == "paper",
            )
            key = form.first_open()
            screen = form.screen(key) if key else None
            if screen is None:
                return
            self._answer(form, screen, draft, visitor)
            channels.keep(draft, form.facts, as_of=self.now)
        raise Stuck(f"{self.service.id}: the form never ends; it asks {key} again and again")

    def _answer(self, form: Form, screen: Screen, draft: Draft | None, visitor: Visitor) -> None:
        if screen.overview:
            form.close_list(screen.list)
            return
        typed: dict[str, str] = {}
        for one in screen.fields:
            if one.fact is not None and (one.required or one.value is not None):
                said = self.place if one.kind == "place" else one.value
                typed |= as_typed(one, visitor.said(one) if said is None else said)
                typed |= {f"{one.name}.again": typed[one.name]} if one.twice else {}
            elif draft and one.fact is None and one.required and not one.files:
                for purpose, content in visitor.papers(self.service).items():
                    if purpose == one.name:
                        upload = SimpleUploadedFile(f"{purpose}.jpg", content, "image/jpeg")
                        channels.add_file(draft, one.question, upload, as_of=self.now)
        form.read(screen, typed)
        if wrong := [f"{one.name}: {one.error.en}" for one in screen.fields if one.error]:
            raise Stuck(f"{self.service.id}, screen {screen.key}: {'; '.join(wrong)} ({typed})")

    # -- the work -----------------------------------------------------------------------------------------
    def _who(self, role: str, besides: str = "") -> Worker:
        """Somebody of this role."""
        found = [one for one in self.staff if one.has(role) and one.id != besides]
        if not found:
            raise Stuck(f"nobody in {self.town} has the role {role}")
        return found[0]

    def _work(self, case: Case) -> None:
        """Do what waits for people, and let the time pass that the system waits for."""
        tasks = [task for task in case_queries.tasks_of(case.id) if task.status == "open"]
        for task in tasks:
            if task.by == "robot":
                why = "見本: 人が登録する"
                cases.hand_over(task.id, by=self._who("clerk"), as_of=self.now, reason=why)
            elif task.verb == "pay":
                self._pay(case)
            elif task.verb == "charge":
                self._take_fee(case)
            elif task.verb in ("allot", "wait"):
                self._let_it_close()
            elif task.by == "staff":
                self._do(task, case)
            elif task.by in ("supporter", "resident") and task.verb == "work":
                self._by_others(task)

    def _by_others(self, task: Task) -> None:
        """What somebody outside of the hall does: a supporter to whom it was given, or a resident, for whom the system writes it."""
        worker = SYSTEM(self.town)
        if task.by == "supporter":
            worker = Worker(
                "supporter", "supporter:practice", self.town, name="見本の支援員", strength=PROVEN
            )
            cases.assign(task.id, worker.id, by=self._who("clerk"), as_of=self.now)
        outcome = next(iter(step_of(self.service, task.step).outcomes), "done")
        cases.finish(task.id, by=worker, as_of=self.now, outcome=outcome)

    def _do(self, task: Task, case: Case) -> None:
        if not case.identified and task.verb == "review":
            evidence = "見本: 電話で確かめた"
            cases.identify(case.id, self.person.id, evidence=evidence, by=self._who("clerk"), as_of=self.now)
        step = step_of(self.service, task.step)
        role = step.role or "clerk"
        if task.verb != "review":
            outcome = next(iter(step.settles or step.outcomes), "done")
            facts = self._found_out(step.record, case)
            cases.finish(task.id, by=self._who(role), as_of=self.now, outcome=outcome, facts=facts)
            return
        state = case_queries.state(case)
        outcome = state.decision or self.example.expect.outcome
        amount = (state.amount or self.example.expect.amount) if outcome == "granted" else None
        first = self._who(role)
        people = [first, self._who(role, besides=first.id)] if step.four_eyes else [first]
        for who in people:
            cases.decide(
                task.id, by=who, as_of=self.now, outcome=outcome, amount=amount, reason="見本: 確かめた"
            )

    def _found_out(self, names: Sequence[str], case: Case) -> dict[str, Any]:
        """What a step records: as the example has it, else as it was said, else what usually comes out."""
        known = merge(case_queries.state(case).facts, self.example.facts)
        visitor = Visitor(self.random, known, self.example.as_of, mail=False)
        found: dict[str, Any] = {}
        for name in self.service.named(names):
            group, _, key = name.partition(".")
            value = (known.get(group) or {}).get(key)
            fact = self.service.facts[name]
            asked = Field(name, declare.Question(fact=name), fact, fact.label, fact.label)
            found.setdefault(group, {})[key] = visitor.said(asked) if value is None else value
        return cases.plain(found)

    def _let_it_close(self) -> None:
        """The round closes; one that is ranked by points is drawn by a manager."""
        self.now += timedelta(days=2)
        book = self.service.book
        if book and book.order == "points":
            booking.draw(self.service.id, self.place, by=self._who("manager"), as_of=self.now)

    def _take_fee(self, case: Case) -> None:
        """Whoever asked pays at the counter, with the exact sum."""
        bill = fees.bill(case.id)
        assert bill is not None
        actions.take_cash(case.id, bill.due, shown=bill.due, by=self._who("clerk"), as_of=self.now)

    def _pay(self, case: Case) -> None:
        """Two people approve the payment, the bank gets its file and answers."""
        due = max((one.due for one in money_queries.payments_of(case.id)), default=self.now.date())
        value_date = bank_day_on_or_after(max(due, self.now.date() + timedelta(days=3)))
        accountant, first = self._who("accountant"), self._who("approver")
        run = money.create_run(value_date, by=accountant, as_of=self.now, services=(self.service.id,))
        for who in (first, self._who("approver", besides=first.id)):
            money.approve(run.id, by=who, as_of=self.now)
        bank = Bank(settings.YAKUBA_VAR / "bank", {})
        contents = [bytes(file.content) for file in money.export(run.id, by=accountant, as_of=self.now)]
        money.mark_sent(run.id, by=accountant, as_of=self.now)
        self.now = datetime.combine(value_date, time(10), TOKYO)
        for content in contents:
            money.read_result(bank.result(bank.accept(content).number), by=accountant, as_of=self.now)


def as_typed(one: Field, value: Any) -> dict[str, str]:
    """An answer as it is typed into the field of a form: the inverse of `channels.answers.read`."""
    if one.fact is not None and one.fact.type == "date":
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return {f"{one.name}.{part}": said for part, said in answers.parts_of(day).items()}
    return {
        one.name: {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    }


def lines(played: Played) -> list[str]:
    """For a person."""
    head = f"{played.service} by {played.channel}: {played.reference} {played.outcome or 'open'}"
    rows = (f"  {s['at']}  {s['by']:8} {s['event']:12} {s['step']} {s['outcome']}" for s in played.steps)
    return [head, *(row.rstrip() for row in rows)]
