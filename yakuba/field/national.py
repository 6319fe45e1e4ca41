"""A day of a nationwide partner, played: 12 bases, customers in four towns and two companies. Everything is synthetic.

Yesterday's devices are at their users; today some fail. Requests come in, the day is planned, technicians go, one falls
ill, one finds nobody, units are exchanged, an order is kitted. All of it through the actions that pages use, at the times
of a played clock, so that the log reads like that of a real day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from yakuba.access import SYSTEM, Worker, towns
from yakuba.access import actions as access
from yakuba.access import queries as staff
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.clock import TOKYO, in_tokyo
from yakuba.field import (
    actions,
    customers,
    dispatching,
    onsite,
    queries,
    rehearsal,
    services,
    support,
    visits,
)
from yakuba.field.contract import Terms
from yakuba.field.dispatch.travel import Place
from yakuba.field.kitting import profile as profiles
from yakuba.field.kitting import simulated
from yakuba.field.kitting.device import Recipient

BASES = {
    "札幌": (43.06, 141.35), "仙台": (38.27, 140.87), "新潟": (37.91, 139.04), "東京": (35.69, 139.69),
    "横浜": (35.45, 139.64), "静岡": (34.98, 138.38), "名古屋": (35.18, 136.91), "大阪": (34.69, 135.50),
    "広島": (34.39, 132.46), "高松": (34.34, 134.04), "福岡": (33.59, 130.40), "那覇": (26.21, 127.68),
}  # fmt: skip
"""Where the partner's technicians leave from: cities, by degrees (WGS 84)."""
NAME = "デモ保守（架空）"
DEPOTS = ("札幌", "東京", "大阪", "福岡")
"""Bases that keep spares."""
CUSTOMERS = (
    ("394262", "山あい町（架空）"), ("394297", "潮見町（架空）"), ("T-003", "北野町（架空）"), ("T-004", "南浜町（架空）"),
    ("C-001", "見本商事（架空）"), ("C-002", "見本学園（架空）"),
)  # fmt: skip
PRICES = {
    "install": 6500, "configure": 5000, "lecture": 8000, "collect": 3500, "exchange": 12000, "repair": 9000, "remote": 2500,
}  # fmt: skip
LEVELS = {"respond": "1 hours", "arrive": "4 hours", "restore": "8 hours"}
ISLAND, CUT_OFF = "見本島", "離れ見本島"
"""One with a ferry, one without."""
KITTED, FAILING, PHONED, ASKED = 24, 3, 2, 60
"""Devices of the day before, of them that fail, troubles that are put right by phone, visits asked for."""
PEOPLE = {"agent": "受付 九郎", "dispatcher": "配車 十和", "kitter": "端末 千歳", "manager": "所長 百合"}
Say = Callable[[str], None]


@dataclass
class _Crew:
    """Who works: by role, and the technicians by worker id."""

    by_role: dict[str, Worker]
    technicians: dict[str, Worker]


def play(hall: str, on: date, *, say: Say = lambda text: None, seconds: float = 4.0) -> None:
    """Play the day `on` in a partner's hall, once: played again it changes nothing."""
    with towns.inside(hall):
        if case_queries.happened(f"national:{on}:worked:0"):
            return
    _Day(hall, on, say, seconds).run()


def latest(now: datetime) -> date:
    """The last day that is over: the one before today, in Japan."""
    return in_tokyo(now).date() - timedelta(days=1)


def ask_for_more(hall: str, on: date, count: int, *, as_of: datetime, seconds: float = 3.0) -> None:
    """Visits that are asked for on a day that has not come, planned; once. For whoever wants to move them about."""
    day = _Day(hall, on, lambda text: None, seconds)
    with towns.inside(hall):
        if case_queries.happened(f"national:{on}:coming:0"):
            return
        day.open(count, as_of, "coming")
        dispatching.plan(on, by=SYSTEM(hall), as_of=as_of, seconds=seconds)


class _Day:
    """The day being played."""

    def __init__(self, hall: str, on: date, say: Say, seconds: float):
        self.hall, self.on, self.say, self.seconds = hall, on, say, seconds
        self.random = Random(f"{hall}:{on}")
        with towns.inside(hall):
            self.crew = _crew(hall)

    def at(self, hour: int, minute: int = 0, before: int = 0) -> datetime:
        return datetime.combine(self.on - timedelta(days=before), time(hour, minute), TOKYO)

    def run(self) -> None:
        self.say(
            f"{self.on}: contracts, {len(BASES)} bases, {len(self.crew.technicians)} technicians, spares …"
        )
        profile = profiles.read(profiles.EXAMPLE)
        with towns.inside(self.hall):
            self._agree()
            self._stock(profile)
        self.say(f"the kitting line: {KITTED} devices …")
        figures = rehearsal.rehearsed(
            self.hall, profile, KITTED, share=0.1, seed=1, as_of=self.at(13, before=1)
        )
        serials = self._installed(figures.order)
        self.say(f"{ASKED} visits are asked for and planned …")
        with towns.inside(self.hall):
            self.open(ASKED, self.at(17, before=1), "worked")
            dispatching.plan(self.on, by=SYSTEM(self.hall), as_of=self.at(18, before=1), seconds=self.seconds)
        self.say("devices fail; spares are set up; technicians go …")
        self._calls(serials)
        self._spares_are_set_up(profile)
        with towns.inside(self.hall):
            again = self.at(9, 45)
            dispatching.plan(
                self.on, by=self.crew.by_role["dispatcher"], as_of=again, seconds=self.seconds / 2
            )
        self._work(self.at(11))
        self._illness()
        self._work(self.at(18))
        self._afterwards(serials)
        rehearsal.rehearsed(self.hall, profile, KITTED, share=0.1, seed=2, as_of=self.at(14))

    # -- before the day ------------------------------------------------------------------------------
    def _agree(self) -> None:
        for number, (code, name) in enumerate(CUSTOMERS, 1):
            terms = Terms(
                number=f"MC-{number:02d}", customer=code, name=name, since=self.on.replace(month=1, day=1),
                within=LEVELS, prices=PRICES,
            )  # fmt: skip
            customers.agree(terms, by=SYSTEM(self.hall))
        dispatching.ferry(ISLAND, 5400, by=SYSTEM(self.hall))

    def _stock(self, profile: profiles.Profile) -> None:
        for number, depot in enumerate(DEPOTS):
            people = [
                Recipient(f"{n}", f"SPARE-{number}{n}", "", f"SP{self.on:%m%d}{number}{n:02d}")
                for n in range(1, 5)
            ]
            order = actions.Order(f"{support.POOL}{self.on:%Y%m%d}-{number}", profile, "pool", people)
            support.stock(order, depot, by=self.crew.by_role["kitter"], as_of=self.at(9, before=1))

    def _installed(self, order: str) -> list[str]:
        """The devices of the day before are at their users: a technician brought them."""
        brought = next(iter(self.crew.technicians.values()))
        with towns.inside(self.hall):
            serials = [label.serial for label in queries.labels(order)]
            for number, serial in enumerate(serials):
                code, name = CUSTOMERS[number % len(CUSTOMERS)]
                case = _device(serial).case
                before = _device(serial).holder
                actions.hand(
                    serial, case, before=before, holder=f"{customers.CUSTOMER}{code}", place=name, by=brought,
                    as_of=self.at(16, before=1) + timedelta(minutes=number),
                )  # fmt: skip
        return serials

    def open(self, count: int, as_of: datetime, why: str) -> None:
        """Visits that are asked for, near the bases: some need two people, a skill, an island's ferry, an order. `why`:
        coming or worked; a day that came is worked with what was asked for before."""
        service, wanted = catalogue.service(services.ON_SITE), []
        for number in range(count):
            facts = self._facts(number)
            key = f"national:{self.on}:{why}:{number}"
            wanted.append((service, cases.opening(service, facts, channel="phone", key=key), ()))
        cases.open_cases(wanted, by=self.crew.by_role["agent"], as_of=as_of)

    def _facts(self, number: int) -> dict[str, Any]:
        base = list(BASES)[number % len(BASES)]
        code, name = CUSTOMERS[number % len(CUSTOMERS)]
        kind = ("install", "configure", "lecture", "collect", "repair")[number % 5]
        opens = self.random.choice(("09:00", "09:00", "13:00", "10:30"))
        visit: dict[str, Any] = {
            "kind": kind,
            "date": self.on.isoformat(),
            "earliest": opens,
            "latest": {"09:00": "12:00", "10:30": "15:00", "13:00": "16:30"}[opens],
            "minutes": self.random.choice((30, 45, 60, 90)),
        }
        if number in (5, 29):
            visit["people"] = 2
        if number % 7 == 3:
            visit["skill"] = "network"
        if number == 41:
            visit["order"] = "K-NOT-HERE"
        return {"customer": {"code": code}, "site": self._site(base, number, name), "visit": visit}

    def _site(self, base: str, number: int, name: str) -> dict[str, Any]:
        lat, lon = BASES[base]
        island = {17: ISLAND, 53: CUT_OFF}.get(number, "")
        return {
            "name": f"{name} 第{number + 1}拠点",
            "address": f"{base}近郊 {number + 1}番地（架空）",
            "latitude": round(lat + self.random.uniform(-0.12, 0.12), 4),
            "longitude": round(lon + self.random.uniform(-0.12, 0.12), 4),
            "contact": "担当 見本",
            "phone": "000-0000-0000",
            **({"island": island} if island else {}),
        }

    # -- the day ---------------------------------------------------------------------------------------
    def _calls(self, serials: Sequence[str]) -> None:
        """The call centre: units that are exchanged, and troubles that are put right at once."""
        agent = self.crew.by_role["agent"]
        with towns.inside(self.hall):
            for number in range(FAILING + PHONED):
                when = self.at(8, 5 + 4 * number)
                serial, exchange = serials[3 * number], number < FAILING
                site = self._site(DEPOTS[number % len(DEPOTS)], 100 + number, "故障の連絡")
                facts = {
                    "trouble": {
                        "serial": serial,
                        "symptom": "no_power" if exchange else "sign_in",
                        "told": "見本",
                    },
                    "site": site,
                    "visit": {"date": self.on.isoformat(), "urgent": exchange, "latest": "17:00"},
                }
                key = f"national:{self.on}:call:{number}"
                case = support.take_in(facts, channel="phone", by=agent, as_of=when, key=key)
                task, _ = case_queries.waiting_step(case) or (case, "")
                route = "exchange" if exchange else "remote"
                support.decide(task, route, by=agent, as_of=when + timedelta(minutes=6))
                if not exchange:
                    task, _ = case_queries.waiting_step(case) or (case, "")
                    facts = {"trouble": {"answer": "パスワードを再設定した（見本）"}}
                    cases.finish(task, by=agent, as_of=when + timedelta(minutes=20), facts=facts)

    def _spares_are_set_up(self, profile: profiles.Profile) -> None:
        """At the depots: what was reserved goes along the line, read like any other device."""
        kitter = self.crew.by_role["kitter"]
        with towns.inside(self.hall):
            lines = queries.wanted()
            compared = services.comparing(services.kitting()).id
        for number, (serial, order, place, person) in enumerate(lines):
            when = self.at(8, 40) + timedelta(minutes=3 * number)
            with towns.inside(self.hall):
                actions.receive(serial, order, place, by=kitter, as_of=when)
                for step in services.before_reading(services.kitting()):
                    actions.scan(serial, step.id, by=kitter, as_of=when)
                content = simulated.as_file(simulated.sound(profile, person, serial))
                actions.read_file("national", content, by=SYSTEM(self.hall), at=when + timedelta(minutes=20))
            jobs.work_waiting(self.hall, services.KITTING, compared, as_of=when + timedelta(minutes=21))
            with towns.inside(self.hall):
                for step in services.after_reading(services.kitting()):
                    actions.scan(
                        serial,
                        step.id,
                        by=kitter,
                        as_of=when + timedelta(minutes=30),
                        tracking=f"NAT{number:06d}",
                    )

    def _work(self, until: datetime) -> None:
        """Technicians arrive and finish as it was planned; the seventh visit of the day finds nobody."""
        with towns.inside(self.hall):
            found = [one for one in visits.of_day(self.on) if one.begins and not one.begun]
            for number, one in enumerate(sorted(found, key=lambda one: (one.begins, one.job))):
                if one.begins and one.begins < until:
                    self._visit(one, one.begins, missed=until.hour < 12 and number == 6)

    def _visit(self, one: visits.Visit, begins: datetime, *, missed: bool) -> None:
        who = self.crew.technicians[one.who[0]]
        if missed:
            onsite.nobody_there(one.task, "不在だった（見本）", by=who, as_of=begins)
            return
        onsite.arrive(one.task, by=who, as_of=begins)
        minutes = int(one.fact("visit", "minutes") or 45)
        found: dict[str, Any] = {
            "checked": "、".join(one.step.visit.checklist if one.step.visit else ()),
            "finding": "予定どおり終えた（見本）",
            "signed_by": "担当 見本",
            "satisfaction": self.random.choice((3, 4, 4, 5, 5, 5)),
        }
        if one.fact("trouble", "route") == "exchange":
            found |= {"installed": one.fact("spare", "serial"), "removed": one.fact("trouble", "serial")}
        onsite.finish(one.task, {"visit": found}, [], by=who, as_of=begins + timedelta(minutes=minutes))

    def _illness(self) -> None:
        """Somebody falls ill: what they had is given to others."""
        by = self.crew.by_role["dispatcher"]
        with towns.inside(self.hall):
            found = [one for one in visits.of_day(self.on) if one.who and not one.begun]
            if found:
                ill = max(found, key=lambda one: one.job).who[0]
                dispatching.cannot_come(ill, self.on, by=by, since=11 * 3600)
                dispatching.plan(self.on, by=by, as_of=self.at(11), seconds=self.seconds / 2)

    def _afterwards(self, serials: Sequence[str]) -> None:
        """The failed units are back: their data are erased, the first is repaired, the rest are on the bench."""
        kitter = self.crew.by_role["kitter"]
        with towns.inside(self.hall):
            for number in range(FAILING):
                serial, when = serials[3 * number], self.at(19, 10 * number)
                if not _device(serial).holder.startswith("staff:"):
                    continue
                support.take_back(serial, DEPOTS[number % len(DEPOTS)], by=kitter, as_of=when)
                support.erased(serial, "purge", f"ER-{self.on:%Y%m%d}-{number}", by=kitter, as_of=when)
                if number == 0:
                    support.mended(serial, by=kitter, as_of=when + timedelta(minutes=5))


# -- who works ---------------------------------------------------------------------------------------
def _crew(hall: str) -> _Crew:
    """The people of the demo, made where they are missing (nobody can sign in as those), and their roster."""
    by = SYSTEM(hall)
    known = {one.login: one for one in staff.all_staff()}

    def worker(login: str, name: str, role: str) -> Worker:
        if login not in known:
            known[login] = access.add_staff(login, name, [role], None, by=by)
        return replace(known[login].worker(), strength=2)

    by_role = {role: worker(role, name, role) for role, name in PEOPLE.items()}
    technicians = {}
    for number in range(2 * len(BASES)):
        base = list(BASES)[number // 2]
        login = "technician" if number == 0 else f"technician{number + 1}"
        one = worker(login, f"現地 {base}{number % 2 + 1}", "technician")
        technicians[one.id] = one
        skills = ["network"] if number % 2 == 0 else []
        dispatching.enrol(one.id, one.name, base, Place(*BASES[base]), by=by, skills=skills)
    return _Crew(by_role, technicians)


def _device(serial: str) -> Any:
    found = queries.device(serial)
    assert found is not None, f"{serial} was received"
    return found
