"""The town asks first (プッシュ型給付): everybody entitled to a benefit gets a case that is filled in, and a letter that asks
them to confirm it.

One asking of one service by the register of one day is a campaign, and a campaign is a case of the town's own
(services/benefit-campaign). The cases that it opens came in at the very moment at which it did, under keys that name
service, day and person: run again, also after it was killed, it opens what is missing and nothing twice.
"""

from __future__ import annotations

import hashlib
import time as stopwatch
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from yakuba import access
from yakuba.access import SYSTEM, Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.actions import Entry
from yakuba.cases.errors import OtherThanSeen
from yakuba.cases.state import CASE_CLOSED, CASE_OPEN, OPEN, CaseState, merge
from yakuba.channels import actions, answers
from yakuba.channels.entitled import Judged, Row
from yakuba.clock import TOKYO, due, in_tokyo, say_date
from yakuba.declare import NotInForce, Service, decide_many, pushing, undisturbed
from yakuba.declare.model import Push
from yakuba.messages import actions as messages
from yakuba.money import banks
from yakuba.money import queries as money
from yakuba.register import queries as register
from yakuba.words import Text, ui, ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Case

CAMPAIGN, ASK, CLOSE = "benefit-campaign", "ask", "close"
"""The town's own service of which each campaign is a case, and its steps."""
BATCH = 1000
"""Cases that are opened and told in one transaction: enough that a statement's fixed cost vanishes, few enough for a small
computer's memory."""
EVIDENCE = "住民登録の住所に送った確認書"
NINE = time(9)


class NotPushed(ValueError):
    """A service that cannot be pushed, or not on that day; `text` says why and how to mend it."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


# -- who would be asked ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Survey:
    """Who would be asked, and why the others are not. `checksum`: over service, day, people and amounts."""

    town: str
    service: str
    version: str
    base_date: date
    until: date | None
    looked_at: int
    sure: int
    perhaps: int
    applied: int
    accounts: int
    yen: int
    fails: dict[str, int]
    unknown: dict[str, int]
    checksum: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def survey(service: Service, *, as_of: date) -> Survey:
    """Look, and ask nobody. Raises NotPushed."""
    _push(service, as_of)
    judged, whom = _judged(service, as_of)
    rows = judged.rows(whom)
    possible = judged.count(judged.possible)
    return Survey(
        town=towns.current_town(),
        service=service.id,
        version=service.version,
        base_date=as_of,
        until=until(service, as_of),
        looked_at=judged.count("true"),
        sure=len(rows),
        perhaps=possible - len(rows),
        applied=judged.count("applied"),
        accounts=judged.known_accounts(whom),
        yen=sum(judged.amount_of(row) or 0 for row in rows),
        fails={name: count for name, count in judged.fails().items() if count},
        unknown={name: count for name, count in judged.unknown().items() if count},
        checksum=_checksum(judged, rows),
    )


def _judged(service: Service, base: date) -> tuple[Judged, str]:
    """Everybody by the register of a day, and which of them are asked (SQL): who is sure to be entitled; of a report, all
    who get the money and whom no condition rules out."""
    push = service.push
    assert push is not None
    if push.to is None:
        judged = Judged(service, as_of=base, assumed=pushing.assumed(push))
        return judged, judged.sure
    begins = datetime.combine(base, time(), TOKYO)
    among = money.receiving(push.to, base)
    judged = Judged(service, as_of=base, assumed=pushing.assumed(push), among=among, since=begins)
    return judged, judged.possible


def _checksum(judged: Judged, rows: Sequence[Row]) -> str:
    """Another version, day, person or amount gives another one."""
    digest = hashlib.sha256(f"{judged.service.version} {judged.as_of}\n".encode())
    for row in rows:
        digest.update(f"{row.person} {judged.amount_of(row)}\n".encode())
    return digest.hexdigest()[:16]


def _push(service: Service, as_of: date) -> Push:
    """What the service declares about pushing. Raises NotPushed."""
    if service.push is None or service.confirmation() is None:
        raise NotPushed(ui_text("push.not_declared").format(service=service.id))
    if not service.in_force(as_of):
        raise NotPushed(Text.same(str(NotInForce(service, as_of))))
    last = until(service, as_of)
    if last is not None and last < as_of:
        raise NotPushed(_dated("push.over", last))
    return service.push


def _dated(key: str, day: date) -> Text:
    """Words with a day, as each language writes it."""
    return Text(**{one: ui(key, one, day=say_date(day, one)) for one in ("ja", "easy", "en")})


def until(service: Service, as_of: date) -> date | None:
    """The last day on which an answer to what was asked that day counts."""
    last = service.param(service.push.until, as_of) if service.push else None
    return last if isinstance(last, date) else None


def waits(service: Service, state: CaseState) -> bool:
    """Is what the town filled in still to be confirmed?"""
    step = service.confirmation()
    return step is not None and state.state == CASE_OPEN and state.steps[step.id].status == OPEN


def last_day(service: Service, case: Case) -> date | None:
    """The last day on which an answer to this case counts."""
    return until(service, in_tokyo(case.opened_at).date())


def is_over(service: Service, case: Case, as_of: datetime) -> bool:
    """Is the last day for an answer to this case over?"""
    last = last_day(service, case)
    return last is not None and in_tokyo(as_of).date() > last


# -- asking ------------------------------------------------------------------------------------------
@dataclass
class Report:
    """What a run did. `opened`, `letters`, `mails`, `accounts`: in this run; `asked`: all of the campaign so far."""

    town: str
    service: str
    base_date: date
    until: date | None
    campaign: str
    reference: str
    asked: int = 0
    opened: int = 0
    letters: int = 0
    mails: int = 0
    accounts: int = 0
    files: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 1)}


def run(
    town: str,
    service: Service,
    *,
    base: date,
    by: Worker,
    as_of: datetime,
    seen: str = "",
    batch: int = BATCH,
) -> Report:
    """Ask everybody who is surely entitled by the register of the day `base`, batch by batch, each in a transaction of its
    own. Run again it goes on where it ended. `seen`: the checksum of the dry run, to be sure that this asks the same.

    Raises NotPushed, OtherThanSeen, access.Denied.
    """
    began = stopwatch.perf_counter()
    with towns.inside(town):
        access.require(by, "push.run", access.Resource("Town", town, town))
        _push(service, base)
        judged, whom = _judged(service, base)
        rows = judged.rows(whom)
        key = key_of(service.id, base)
        if seen and not case_queries.happened(key) and seen != _checksum(judged, rows):
            raise OtherThanSeen(ui_text("push.other_than_seen"))
        campaign = cases.open_case(
            catalogue.service(CAMPAIGN),
            {"push": {"service": service.id, "base_date": base, "until": until(service, base)}},
            channel="push",
            by=SYSTEM(town),
            as_of=as_of,
            key=key,
        )
        judged.con.close()
    report = Report(town, service.id, base, until(service, base), str(campaign.id), campaign.reference)
    asked = _Campaign(service, base, campaign.opened_at, as_of)
    while rows:
        with undisturbed(), towns.inside(town):
            towns.alone_with(key)
            asked.ask(rows[:batch], report)
        del rows[:batch]  # what was asked needs no memory any more
    with towns.inside(town):
        _finish(campaign.id, report, as_of)
    report.seconds = stopwatch.perf_counter() - began
    return report


def moment(base: date, now: datetime) -> datetime:
    """When a run for a base date happens: now; on another day, as in a played one, at nine."""
    return now if now.astimezone(TOKYO).date() == base else datetime.combine(base, NINE, TOKYO)


def key_of(service: str, base: date) -> str:
    """Under which key a campaign is opened; the keys of its cases and of their messages begin with it."""
    return f"push:{service}:{base.isoformat()}"


@dataclass
class _Campaign:
    """The asking of a service by the register of a day; its cases come in `at`, and are told of `now`."""

    service: Service
    base: date
    at: datetime
    now: datetime

    def ask(self, rows: Sequence[Row], report: Report) -> None:
        """Open the cases of some people and write to them."""
        people = [row.person for row in rows]
        known = register.facts_of_many(people, as_of=self.base)
        before = case_queries.told_so_far(people)
        wanted = []
        for row in rows:
            told = before.get(row.person)
            facts = self._facts(known.get(str(row.person), {}))
            wanted.append((self.service, self._entry(row.person, facts, told.language if told else "ja"), ()))
        town = towns.current_town()
        opened = cases.open_cases(wanted, by=SYSTEM(town), as_of=self.at)
        references = case_queries.references(opened)
        news = [
            self._news(row, case, entry, references[case], _address(before.get(row.person)))
            for row, case, (_, entry, _) in zip(rows, opened, wanted, strict=True)
        ]
        made = messages.ask_many(news, as_of=self.now)
        report.opened += sum(case == entry.case for case, (_, entry, _) in zip(opened, wanted, strict=True))
        report.letters += sum(one.carrier == "letter" for one in made)
        report.mails += sum(one.carrier == "mail" for one in made)
        report.accounts += sum("account" in entry.event.facts for _, entry, _ in wanted)  # type: ignore[attr-defined]

    def _facts(self, known: Mapping[str, Any]) -> dict[str, Any]:
        assert self.service.push is not None
        return pushing.filled_in(self.service.push, actions.of_use(self.service, known))

    def _entry(self, person: uuid.UUID, facts: Mapping[str, Any], language: str) -> Entry:
        return cases.opening(
            self.service,
            facts,
            channel="push",
            key=f"{key_of(self.service.id, self.base)}:{person}",
            applicant=person,
            identified=True,
            evidence=EVIDENCE,
            language=language,
        )

    def _news(self, row: Row, case: uuid.UUID, entry: Entry, reference: str, email: str) -> messages.News:
        event: Any = entry.event
        state = CaseState(
            service=self.service.id,
            language=event.language,
            reference=reference,
            facts=event.facts,
            opened_at=in_tokyo(self.at).isoformat(),
            amount=row.values.get(self.service.decide.amount or ""),
        )
        key = f"{key_of(self.service.id, self.base)}:asked:{row.person}"
        said = words_of(self.service, event.facts, until(self.service, self.base), event.language)
        return messages.News(case, key, self.service, "asked", state, row.values, said, email)


def _address(told: case_queries.Known | None) -> str:
    """Where to send a mail: to who gave an address before, and did not want letters."""
    return told.email if told and told.prefers != "letter" else ""


def words_of(service: Service, facts: Mapping[str, Any], last: date | None, language: str) -> dict[str, str]:
    """What a letter says beside what every letter says."""
    return {
        "case.account": account_line(facts, language),
        "case.until": say_date(last, language) if last else "",
        "case.says": "\n".join(f"・{line}" for line in statements(service, language)),
    }


@lru_cache(maxsize=64)
def statements(service: Service, language: str) -> list[str]:
    """What somebody says by confirming, one line each; the same for all, so that it is put into words once."""
    assert service.push is not None
    of_items = {
        f"{kind.item}.{key}": (kind.label, fact)
        for kind in service.lists.values()
        for key, fact in kind.facts.items()
    }
    lines = []
    for name, value in service.push.says.items():
        whose, fact = (None, service.facts[name]) if name in service.facts else of_items[name]
        label = f"{whose.get(language)} – {fact.label.get(language)}" if whose else fact.label.get(language)
        lines.append(f"{label}: {answers.say(fact, value, language)}")
    return lines


def account_line(facts: Mapping[str, Any], language: str) -> str:
    """The account with most of its number hidden; or that the town does not know one."""
    account = facts.get("account") or {}
    try:
        bank, branch = banks.bank(str(account["bank"])), banks.branch(account["bank"], account["branch"])
    except (KeyError, banks.NoSuchBank, banks.NoSuchBranch):
        return ui("push.no_account", language)
    return f"{bank.name} {branch.name} ••••{str(account.get('number', ''))[-3:]}"


def _finish(campaign: uuid.UUID, report: Report, as_of: datetime) -> None:
    """The letters of all are made: what the campaign asked is kept with its step, once."""
    (answers,) = case_queries.answers(CAMPAIGN, (), [campaign])
    report.asked = answers.asked
    waiting = case_queries.waiting_step(campaign)
    if waiting and waiting[1] == ASK:
        counted = {name: getattr(report, name) for name in ("asked", "letters", "mails", "accounts")}
        cases.finish(waiting[0], by=SYSTEM(report.town), as_of=as_of, facts={"push": counted})


# -- who does not answer -----------------------------------------------------------------------------
def chase(town: str, *, as_of: datetime, batch: int = BATCH) -> dict[str, int]:
    """Do what is due for who has not answered: remind them, have somebody call on them, end what a manager has closed.
    Returns how many of each."""
    done = {"reminded": 0, "called_on": 0, "ended": 0}
    with towns.inside(town):
        asked = case_queries.answers(CAMPAIGN, ())
    for one in asked:
        service = catalogue.current().services.get(str(one.facts["push"]["service"]))
        if service is None or service.push is None or not one.silent:
            continue
        steps = {"ended": _end} if one.state == CASE_CLOSED else _due(service, one.at, town, as_of)
        for name, act in steps.items():
            while count := _each(town, partial(act, service, one, as_of, batch)):
                done[name] += count
    return done


def _each(town: str, act: Callable[[], int]) -> int:
    """One batch, in a transaction of its own."""
    with towns.inside(town):
        return act()


def _due(service: Service, at: datetime, town: str, as_of: datetime) -> dict[str, Any]:
    """What is to be done now for who has not answered what was asked at that moment."""
    push, calendar = service.push, register.calendar(town)
    assert push is not None
    found: dict[str, Any] = {}
    if due(at, push.remind, calendar) <= as_of:
        found["reminded"] = _remind
    if push.visit and due(at, push.visit, calendar) <= as_of:
        found["called_on"] = _call_on
    return found


def _remind(service: Service, one: case_queries.Answers, as_of: datetime, most: int) -> int:
    """A second letter, always on paper: who gave an address and did not answer may not read it."""
    tasks = case_queries.unconfirmed(service.id, one.at, 0, most)
    late = cases.unanswered(tasks, by=SYSTEM(towns.current_town()), as_of=as_of)
    asked, states = one.facts["push"], case_queries.states(late)
    campaign = key_of(service.id, date.fromisoformat(asked["base_date"]))
    last = date.fromisoformat(asked["until"]) if asked.get("until") else None
    versions = {state.version for state in states.values()}
    for kept in map(catalogue.version, versions):
        some = {case: state for case, state in states.items() if state.version == kept.version}
        amounts = expected_of_many(
            kept, [state.facts for state in some.values()], one.at.astimezone(TOKYO).date()
        )
        news = []
        for (case, state), values in zip(some.items(), amounts, strict=True):
            state.amount = values.get(kept.decide.amount or "")
            key = f"{campaign}:reminded:{case}"
            said = words_of(kept, state.facts, last, state.language)
            news.append(messages.News(case, key, kept, "reminded", state, values, said))
        messages.ask_many(news, as_of=as_of)
    return len(tasks)


def expected(service: Service, facts: Mapping[str, Any], on: date) -> Mapping[str, Any]:
    """What the rules give somebody who confirms: the values of the case."""
    return expected_of_many(service, [facts], on)[0]


def expected_of_many(
    service: Service, each: Sequence[Mapping[str, Any]], on: date
) -> list[Mapping[str, Any]]:
    """The same of many, decided together."""
    confirmed = [merge(facts, pushing.said(service, facts)) for facts in each]
    return [decided.values for decided in decide_many(service, confirmed, as_of=on)]


def _call_on(service: Service, one: case_queries.Answers, as_of: datetime, most: int) -> int:
    """On the list of those who are called on."""
    tasks = case_queries.unconfirmed(service.id, one.at, 1, most)
    confirm = service.confirmation()
    opens = (confirm.on_failure if confirm else "") or ""
    cases.unanswered(tasks, opens=opens, by=SYSTEM(towns.current_town()), as_of=as_of)
    return len(tasks)


def _end(service: Service, one: case_queries.Answers, as_of: datetime, most: int) -> int:
    """The asking has ended: what nobody answered is taken back."""
    waiting = case_queries.pushed(service.id, one.at).filter(decision=None, state=CASE_OPEN, paused=True)
    chosen = list(waiting.order_by("id").values_list("id", flat=True)[:most])
    for case in chosen:
        cases.withdraw(case, by=SYSTEM(towns.current_town()), as_of=as_of, reason=ui("push.unanswered", "ja"))
    return len(chosen)


# -- letters -----------------------------------------------------------------------------------------
def campaigns(chosen: Sequence[uuid.UUID] | None = None) -> list[case_queries.Answers]:
    """Every campaign with what came of it, the newest first, in one query."""
    menders = {
        step.on_failure
        for service in catalogue.current().services.values()
        if (step := service.confirmation()) and step.on_failure
    }
    return case_queries.answers(CAMPAIGN, sorted(menders), chosen)
