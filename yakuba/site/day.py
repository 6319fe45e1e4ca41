"""A day's work in the demo town, played through the same actions as on the pages, at the times of a played clock.

Residents apply by web and at the counter, the system decides, people review, payments leave as bank files and come
back with rejects, everyone is told. The same day played again finds its own keys and changes nothing.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from yakuba.access import PUBLIC, Worker, towns
from yakuba.access import queries as staff_queries
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.cases.errors import CaseError
from yakuba.cases.state import CaseState
from yakuba.channels import actions as channels
from yakuba.clock import TOKYO
from yakuba.messages import queries as messages
from yakuba.money import actions as money
from yakuba.money import queries as money_queries
from yakuba.money.bank_days import bank_day_on_or_after
from yakuba.money.errors import NothingToPay
from yakuba.money.fees import actions
from yakuba.money.fees import queries as fees
from yakuba.register import queries as register
from yakuba.simulators import offices
from yakuba.simulators.bank import Bank, read
from yakuba.site import demo
from yakuba.site.visitors import Visitor

if TYPE_CHECKING:
    from yakuba.cases.models import Case, Task
    from yakuba.register.models import Person

#: How many apply on the day, by service; and how many had applied weeks before, for the next monthly payment.
ARRIVALS = {
    "one-off-benefit": 34,
    "child-allowance": 12,
    "child-allowance-change": 4,
    "child-rearing-allowance": 3,
    "resident-record": 9,
    "dog-registration": 4,
    "disaster-certificate": 3,
    "move-in": 4,
}
EARLIER = {"child-allowance": 66}
BY_HAND = 12
"""So many of these were registered in the old system by a clerk, in the days before the robot."""
OTHERS_TAXED = 300
COUNTER_SHARE, SIGNED_IN_SHARE, MAIL_SHARE = 0.3, 0.7, 0.5
REJECTS = ("1", "2", "8")
"""Result codes with which the practice bank sends payments back: no such account, another name, other."""
Say = Callable[[str], None]


def play(on: date, *, now: datetime, say: Say = lambda line: None) -> None:
    """Play the day in the demo town unless it was played to its end. `on`: any day; work is done on the next opening
    day where the town hall is closed. `now`: what the bank would answer later than this stays open, but for what is
    paid once: a day of today is played to its end, a few days ahead of the clock."""
    town = demo.TOWN
    on = register.calendar(town).on_or_after(on)
    with towns.inside(town):
        played = case_queries.happened(f"day:{on}:last:0")
    if not played:
        _Day(town, on, max(now, _answered(on)), say).run()
    with towns.inside(town):
        demo.write_people(settings.YAKUBA_VAR / "identity.json", _card_holders(town))


def latest(now: datetime) -> date:
    """The last opening day whose payments the bank has answered by `now`: a day that can be played to its end."""
    calendar = register.calendar(demo.TOWN)
    on = now.date()
    while not calendar.is_open(on) or _answered(on) >= now:
        on -= timedelta(days=1)
    return on


def _soon(on: date) -> date:
    """When what is paid once is paid: at the latest three bank days after the file."""
    return bank_day_on_or_after(on + timedelta(days=3))


def _answered(on: date) -> datetime:
    """When the last that belongs to a day is done: what came back was mended."""
    return datetime.combine(_soon(on), time(15), TOKYO)


def report(on: date) -> dict[str, Any]:
    """What happened on the day that was played for `on`."""
    with towns.inside(demo.TOWN):
        return count(register.calendar(demo.TOWN).on_or_after(on))


class _Day:
    """The day being played."""

    def __init__(self, town: str, on: date, until: datetime, say: Say):
        self.town, self.on, self.until, self.say = town, on, until, say
        self.random = Random(f"{town}:{on}")
        self.taken: set[Any] = set()
        with towns.inside(town):
            people = staff_queries.all_staff()
        self.staff = {one.login: replace(one.worker(), strength=2) for one in people}

    def at(self, hour: int, minute: int = 0, day: date | None = None) -> datetime:
        return datetime.combine(day or self.on, time(hour, minute), TOKYO)

    def run(self) -> None:
        self._earlier()
        self.say(f"{self.on}: residents apply by web and at the counter …")
        arrivals = self._arrivals()
        for hour in (9, 11, 13, 15):
            for number, when, service, person in arrivals:
                if when <= self.at(hour) and number not in self.taken:
                    self.taken.add(number)
                    self._apply(service, person, when, f"day:{self.on}:{number}")
            jobs.drain(self.town, as_of=self.at(hour))
            self._review(self.at(hour, 30))
            jobs.drain(self.town, as_of=self.at(hour, 45))
        self.say("two people approve the payments, and the bank gets its files …")
        files = self._pay()
        self.say("the bank answers; what came back is mended …")
        self._results(files)
        self._mend()
        self._offices()
        self._last()

    # -- residents ------------------------------------------------------------------------------
    def _earlier(self) -> None:
        """Requests of the weeks before, so that the next monthly payment has something to pay."""
        asked = [
            (self.at(10, day=self.on - timedelta(days=self.random.randint(36, 50))), service, count, person)
            for service, number in EARLIER.items()
            for count, person in enumerate(self._people(service, number))
        ]
        for when, of_the_day in groupby(sorted(asked, key=itemgetter(0)), key=itemgetter(0)):
            for _, service, count, person in of_the_day:
                self._apply(service, person, when, f"day:{self.on}:before:{service}:{count}")
            jobs.drain(self.town, as_of=when + timedelta(hours=1))
        for step in range(2):
            self._review(self.at(10, step, day=self.on - timedelta(days=30)))
        jobs.drain(self.town, as_of=self.at(11, day=self.on - timedelta(days=30)))
        self._register_by_hand()

    def _register_by_hand(self) -> None:
        """What the town did before it had a robot; how long that took is measured from the log."""
        clerk, when = self.staff["clerk"], self.at(13, day=self.on - timedelta(days=29))
        with towns.inside(self.town):
            for task in list(case_queries.queue(by="robot", service="child-allowance"))[:BY_HAND]:
                why = "ロボットの導入前（見本）"
                cases.hand_over(task.id, by=clerk, as_of=when, reason=why)
            for task in list(case_queries.queue(step="ledger-by-hand")):
                cases.take(task.id, by=clerk, as_of=when)
                when += timedelta(seconds=self.random.randint(300, 840))
                cases.finish(task.id, by=clerk, as_of=when, outcome="by_hand", note="見本")
                when += timedelta(minutes=2)

    def _arrivals(self) -> list[tuple[int, datetime, str, Person]]:
        wanted = [(name, one) for name, n in ARRIVALS.items() for one in self._people(name, n)]
        self.random.shuffle(wanted)
        times = sorted(
            self.at(self.random.choice((0, 7, 8, 9, 10, 11, 12, 13, 14)), self.random.randint(0, 59))
            for _ in wanted
        )
        return [(n, when, name, one) for n, (when, (name, one)) in enumerate(zip(times, wanted, strict=True))]

    def _people(self, service: str, number: int) -> list[Person]:
        """Adults whom the service may be for."""
        with towns.inside(self.town):
            found = register.born_before(self.on - timedelta(days=20 * 366))
            if "children" in catalogue.service(service).lists:
                young = self.on - timedelta(days=15 * 365)
                found = found.filter(id__in=register.mothers(of_children_born_after=young).values("id"))
            if service == "one-off-benefit":
                found = found.filter(relation="head", taxations__levied=False)
            some = [one for one in found.distinct() if one.id not in self.taken]
        chosen = self.random.sample(some, min(number, len(some)))
        self.taken |= {one.id for one in chosen}
        return chosen

    def _apply(self, service: str, person: Person, when: datetime, key: str) -> None:
        declared = catalogue.service(service)
        counter = self.random.random() < COUNTER_SHARE and when.hour >= 9
        known_at_once = counter or self.random.random() < SIGNED_IN_SHARE
        with towns.inside(self.town):
            known = channels.from_register(declared, person.id, when.date())
            visitor = Visitor(self.random, known, when.date(), mail=self.random.random() < MAIL_SHARE)
            papers = {
                purpose: [_kept(content, f"{purpose}.jpg", when)]
                for purpose, content in visitor.papers(declared).items()
            }
            channels.intake(
                declared,
                visitor.fill_in(declared, papers),
                files=papers,
                channel="counter" if counter else "web",
                by=self.staff["clerk"] if counter else PUBLIC(self.town),
                applicant=person.id if known_at_once else None,
                identified=known_at_once,
                as_of=when,
                key=key,
            )

    # -- staff ----------------------------------------------------------------------------------
    def _review(self, when: datetime) -> None:
        """Everything that waits for people, looked at by one and confirmed by another."""
        with towns.inside(self.town):
            for task in case_queries.queue():
                self._work(task, when)

    def _work(self, task: Task, when: datetime) -> None:
        clerk = self.staff["clerk"]
        if task.verb == "charge":
            self._take_fee(task, clerk, when)
            return
        if task.verb != "review":
            if task.step != "fix-account":
                self._finish(task, clerk, when)
            return
        state = case_queries.state(task.case)
        if not state.identified:
            self._identify(task.case_id, state, clerk, when)
        outcome = task.case.decision or "refused"
        if task.case.decision is None and self.random.random() < 0.5:
            decision = case_queries.last_decision(task.case_id)
            missing = {name.split("[")[0] for name in decision.missing} if decision else set()
            asks = [name for name in case_queries.service_of(task.case).askable if name in missing][:3]
            message = "次のことを教えてください（見本）。"
            cases.return_for_correction(
                task.id, by=self.staff["reviewer"], as_of=when, message=message, asks=asks
            )
            return
        for who in ("reviewer", "second"):
            reason = "条件を確かめた（見本）" if outcome == "granted" else "条件に当てはまらない（見本）"
            amount = state.amount if outcome == "granted" else None
            try:
                cases.decide(
                    task.id, by=self.staff[who], as_of=when, outcome=outcome, amount=amount, reason=reason
                )
            except CaseError:
                return

    def _take_fee(self, task: Task, clerk: Worker, when: datetime) -> None:
        """Whoever owes a fee pays it at the counter with bank notes, and gets the change."""
        bill = fees.bill(task.case_id)
        if bill and bill.due:
            tendered = -(-bill.due // 1000) * 1000
            actions.take_cash(task.case_id, tendered, shown=bill.due, by=clerk, as_of=when)

    def _identify(self, case: UUID, state: CaseState, clerk: Worker, when: datetime) -> None:
        """A clerk finds the applicant in the register and telephones."""
        said = state.facts["applicant"]
        for person in register.same_person(said["name"], date.fromisoformat(said["birth_date"]))[:1]:
            cases.identify(case, person.id, evidence="電話で本人に確かめた（見本）", by=clerk, as_of=when)

    def _finish(self, task: Task, clerk: Worker, when: datetime) -> None:
        service = case_queries.service_of(task.case)
        facts: dict[str, Any] = {}
        for name in service.step(task.step).record if task.step in [s.id for s in service.steps] else []:
            fact = service.facts.get(name)
            if fact is not None and fact.type in ("bool", "int", "number"):
                group, key = name.split(".")
                facts.setdefault(group, {})[key] = {"bool": name != "record.protected"}.get(fact.type, 15)
        cases.finish(task.id, by=clerk, as_of=when, facts=facts, note="見本")

    # -- money ----------------------------------------------------------------------------------
    def _pay(self) -> list[tuple[Any, bytes, date]]:
        """Two runs: what is paid once, in three bank days; the monthly benefits, on their next payment day."""
        files = []
        for value_date, services in (
            (_soon(self.on), ()),
            (_payment_day(self.on), ("child-allowance", "child-allowance-change")),
        ):
            with towns.inside(self.town):
                try:
                    run = money.create_run(
                        value_date, by=self.staff["accountant"], as_of=self.at(16), services=services
                    )
                except NothingToPay:
                    continue
                for who in ("approver", "manager"):
                    money.approve(run.id, by=self.staff[who], as_of=self.at(16, 20))
                for file in money.export(run.id, by=self.staff["accountant"], as_of=self.at(16, 30)):
                    files.append((run.id, bytes(file.content), value_date))
                money.mark_sent(run.id, by=self.staff["accountant"], as_of=self.at(16, 40))
        return files

    def _results(self, files: Sequence[tuple[Any, bytes, date]]) -> None:
        """The bank takes the files and answers; a few accounts do not exist."""
        folder = Path(settings.YAKUBA_VAR) / "bank"
        for number, (_, content, value_date) in enumerate(files):
            bank = Bank(folder, self._rejects(content))
            (folder / f"transfer-{self.on:%Y%m%d}-{number + 1}.txt").write_bytes(content)
            if self.at(11, day=value_date) > self.until:
                continue  # the bank has it, and will answer when the payment day has come
            answer = bank.result(bank.accept(content).number)
            with towns.inside(self.town):
                money.read_result(answer, by=self.staff["accountant"], as_of=self.at(10, day=value_date))
            jobs.drain(self.town, as_of=self.at(11, day=value_date))

    def _rejects(self, content: bytes) -> dict[str, str]:
        accounts = sorted({f"{line.bank}-{line.branch}-{line.number}" for line in read(content)})
        chosen = self.random.sample(accounts, min(2, len(accounts)))
        return {account: self.random.choice(REJECTS) for account in chosen}

    def _mend(self) -> None:
        """A clerk asks for the right account for one payment that came back; the other is left in the queue."""
        when = self.at(14, day=_soon(self.on))
        with towns.inside(self.town):
            for task in list(case_queries.queue(step="fix-account"))[:1]:
                account = {"bank": "0175", "branch": "051", "type": "1", "number": "7654321"}
                cases.finish(
                    task.id, by=self.staff["clerk"], as_of=when, facts={"account": account}, note="見本"
                )
        jobs.drain(self.town, as_of=when)

    # -- other offices ---------------------------------------------------------------------------
    def _offices(self) -> None:
        """In the night the tax office leaves its data: of the first who asked for the allowance as they said, of the second
        something else, of the others nothing. Two papers come by mail, one of them without a reference number."""
        with towns.inside(self.town):
            begun = case_queries.begun_with(f"day:{self.on}:").order_by("opened_at")
            asked = [
                case_queries.state(case).facts for case in begun.filter(service="child-rearing-allowance")
            ]
            rows = list(self._tax_rows(asked[:2]))
            offices.leave_tax_data(demo.folder(self.town, demo.TAX_DROP), self.on, rows)
            waiting = [task.case for task in case_queries.queue()]
            known = next((case for case in [*waiting, *begun] if _mail_of(case)), None)
        if known is None:
            return
        for number, subject in enumerate((f"書類を送ります {known.reference}", "書類です")):
            offices.deliver(
                demo.folder(self.town, demo.MAILBOX),
                sender=_mail_of(known),
                subject=subject,
                text="申請の書類を写真で送ります。（見本）",
                paper="PAPER BY MAIL (SYNTHETIC)",
                number=f"{self.on:%Y%m%d}-{number}",
            )

    def _tax_rows(self, asked: Sequence[Mapping[str, Any]]) -> Iterator[offices.TaxRow]:
        for one in register.heads_born_before(date(1990, 1, 1))[:OTHERS_TAXED]:
            yield one.kana, one.birth_date, self.on.year - 1, self.random.randrange(0, 6_000_000, 1000), 0
        for number, facts in enumerate(asked):
            who, income = facts["applicant"], facts["income"]
            born = date.fromisoformat(who["birth_date"])
            total = income["total"] + number * 300_000
            yield who["kana"], born, income["year"], total, income["dependants"]

    def _last(self) -> None:
        """Two requests came in last and wait for people: something to do for whoever looks at the demo."""
        for number, person in enumerate(self._people("child-allowance", 2)):
            self._apply("child-allowance", person, self.at(17), f"day:{self.on}:last:{number}")
        jobs.drain(self.town, as_of=self.at(17, 5))


@dataclass(frozen=True, slots=True)
class _Paper:
    """A file as a channel hands it in."""

    document: UUID
    name: str


def _kept(content: bytes, name: str, when: datetime) -> _Paper:
    return _Paper(cases.store_document(content, name=name, origin="upload", as_of=when).id, name)


def _mail_of(case: Case) -> str:
    """Where the applicant of an open case gets mail; empty for none."""
    return "" if case.closed_at else case_queries.state(case).facts["applicant"].get("email", "")


def _payment_day(on: date) -> date:
    """The 10th of the next even month (児童手当法 第8条第4項: 偶数月), or the bank day after."""
    month = on.month + 1 if on.month % 2 else on.month + 2
    year, month = on.year + (month - 1) // 12, (month - 1) % 12 + 1
    return bank_day_on_or_after(date(year, month, 10))


# -- counting ------------------------------------------------------------------------------------------
def count(on: date) -> dict[str, Any]:
    """What happened to the requests of the day (and of the weeks before it that were played with it)."""
    played = case_queries.begun_with(f"day:{on}:")
    rows = list(played.values("id", "channel", "outcome", "decision", "state", "service", "opened_at"))
    files = money_queries.file_times([row["id"] for row in rows])
    waited = {
        kind: [
            (files[row["id"]] - row["opened_at"]).total_seconds() / 3600
            for row in rows
            if row["id"] in files and _is_monthly(row["service"]) == monthly
        ]
        for kind, monthly in (("paid_once", False), ("paid_by_the_month", True))
    }
    letters = messages.counts([row["id"] for row in rows])
    return {
        "town": demo.TOWN,
        "date": on.isoformat(),
        "clock": "played",
        "synthetic": True,
        "cases": len(rows),
        "by_channel": dict(Counter(row["channel"] for row in rows)),
        "by_outcome": dict(Counter(row["outcome"] or row["decision"] or row["state"] for row in rows)),
        "by_service": dict(Counter(row["service"] for row in rows)),
        "waiting_for_staff": case_queries.queue().count(),
        "hours_from_application_to_transfer_file": {
            **_spread([hours for each in waited.values() for hours in each]),
            **{kind: _spread(hours) for kind, hours in waited.items()},
        },
        "payments": money_queries.payment_counts([row["id"] for row in rows]),
        "letters": {f"{carrier}:{state}": number for (carrier, state), number in sorted(letters.items())},
    }


def _is_monthly(service: str) -> bool:
    """Whether money leaves on the payment days of the law, whenever it was granted."""
    pay = catalogue.service(service).pay
    return pay is not None and pay.schedule != "once"


def _spread(found: Sequence[float]) -> dict[str, Any]:
    hours = sorted(found)
    if not hours:
        return {"count": 0, "median": None, "p95": None}
    p95 = hours[min(len(hours) - 1, int(len(hours) * 0.95))]
    return {"count": len(hours), "median": round(statistics.median(hours), 2), "p95": round(p95, 2)}


def _card_holders(town: str) -> list[dict[str, str]]:
    """Residents for the practice identity provider: parents first, then old people who live alone."""
    old = register.heads_born_before(date(1950, 1, 1))
    return list(_people_of(town, [*register.mothers()[:8], *old[:4]]))


def _people_of(town: str, people: Sequence[Person]) -> Iterator[dict[str, str]]:
    for one in people:
        yield {
            "id": str(one.id),
            "town": town,
            "name": one.name,
            "kana": one.kana,
            "birth_date": one.birth_date.isoformat(),
            "address": register.address_of(one.id)[1],
            "gender": one.sex,
        }
