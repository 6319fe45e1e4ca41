"""A small hall that sends technicians: a few people, customers with a contract, visits that are asked for, spares."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from tests.field.conftest import Centre
from yakuba.access import SYSTEM, Worker
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.clock import TOKYO
from yakuba.field import actions, contract, dispatching, support, visits
from yakuba.field.dispatch.travel import Place
from yakuba.field.kitting import simulated
from yakuba.field.kitting.device import Recipient

DAY = date(2026, 11, 30)
EVENING = datetime(2026, 11, 29, 18, tzinfo=TOKYO)
"""The evening before, when visits are asked for and planned."""
KOCHI = Place(33.56, 133.53)
TERMS = contract.Terms(
    number="MC-1", customer="C-1", name="見本商事", since=date(2026, 1, 1),
    within={"respond": "1 hours", "arrive": "4 hours", "restore": "8 hours"},
    prices={"install": 6500, "repair": 9000, "exchange": 12000, "remote": 2500},
)  # fmt: skip


def at(hour: int, minute: int = 0) -> datetime:
    """A moment of the day."""
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=TOKYO)


class Hall:
    """The hall with few words."""

    def __init__(self, town: str, on: date = DAY, now: datetime = EVENING):
        self.town, self.on, self.now = town, on, now
        self.system = SYSTEM(town)
        self.dispatcher = self.person("dispatcher")
        self.agent = self.person("agent")
        self.kitter = self.person("kitter")

    def person(self, role: str, login: str = "") -> Worker:
        return Worker(
            "staff", f"staff:{login or role}", self.town, login or role, frozenset({role}), strength=2
        )

    def technician(
        self,
        name: str,
        *skills: str,
        base: Place = KOCHI,
        shift: tuple[int, int] | None = None,
        worker: Worker | None = None,
    ) -> Worker:
        """Somebody on the roster; `worker` for one with an account."""
        worker = worker or self.person("technician", name)
        more: dict[str, Any] = {"shift": shift} if shift else {}
        dispatching.enrol(worker.id, name, "高知", base, by=self.system, skills=skills, **more)
        return worker

    def ask(self, number: int = 0, *, lat: float = 33.57, lon: float = 133.54, **visit: Any) -> uuid.UUID:
        """A visit is asked for; returns its case."""
        site = {"name": f"拠点{number}", "address": "架空1番地", "latitude": lat, "longitude": lon}
        for key in ("island", "phone"):
            if key in visit:
                site[key] = visit.pop(key)
        customer = visit.pop("customer", "C-1")
        facts = {
            "customer": {"code": customer},
            "site": {name: value for name, value in site.items() if value is not None},
            "visit": {"kind": "install", "date": self.on.isoformat(), "earliest": "09:00", "latest": "16:00"}
            | visit,
        }
        case = cases.open_case(
            catalogue.service("device-visit"), facts, channel="phone", by=self.agent, as_of=self.now,
            key=f"test:{uuid.uuid4()}",
        )  # fmt: skip
        return case.id

    def plan(self, when: datetime | None = None) -> dispatching.Planned:
        return dispatching.plan(self.on, by=self.dispatcher, as_of=when or self.now, seconds=1)

    def visit(self, case: uuid.UUID) -> visits.Visit:
        """The visit of a case as it stands: the newest attempt."""
        tasks = [task for task in case_queries.tasks_of(case) if task.verb == visits.VISIT]
        found = visits.of_task(tasks[-1].id)
        assert found is not None
        return found

    # -- exchange ------------------------------------------------------------------------------------
    def installed(self, serial: str, centre: Centre) -> None:
        """A device that was kitted and brought to the customer C-1."""
        centre.order(f"K-{serial}")
        centre.up_to(serial, "ship", f"K-{serial}")
        done = centre.scan(serial, "ship", tracking=f"T-{serial}")
        actions.hand(
            serial, done.case, before=f"carrier:T-{serial}", holder="customer:C-1", place="拠点0", by=self.kitter,
            as_of=centre.later(),
        )  # fmt: skip

    def stock(self, centre: Centre, *serials: str, depot: str = "高知") -> None:
        people = [Recipient(f"{n}", f"SPARE-{n}", "", serial) for n, serial in enumerate(serials, 1)]
        order = actions.Order(f"POOL-{uuid.uuid4().hex[:6]}", centre.profile, "pool", people)
        support.stock(order, depot, by=self.kitter, as_of=centre.later())

    def call(self, serial: str, when: datetime, **visit: Any) -> uuid.UUID:
        facts = {
            "trouble": {"serial": serial, "symptom": "no_power", "told": "つかない"},
            "site": {"name": "拠点0", "address": "架空1番地", "latitude": 33.57, "longitude": 133.54},
            "visit": {"date": self.on.isoformat(), "latest": "17:00", **visit},
        }
        return support.take_in(facts, channel="phone", by=self.agent, as_of=when, key=f"test:{uuid.uuid4()}")

    def decide(self, case: uuid.UUID, route: str, when: datetime) -> support.Spare | None:
        task, _ = case_queries.waiting_step(case) or (case, "")
        return support.decide(task, route, by=self.agent, as_of=when)

    def set_up(self, centre: Centre, spare: support.Spare, when: datetime) -> None:
        """The spare goes along the line."""
        actions.receive(spare.serial, spare.order, spare.depot, by=self.kitter, as_of=when)
        for step in ("unbox", "set-up"):
            actions.scan(spare.serial, step, by=self.kitter, as_of=when)
        person = Recipient("1", "YKB-00001", "user0001")
        seen = simulated.sound(centre.profile, person, spare.serial)
        actions.read_file("x.json", simulated.as_file(seen), by=self.system, at=when + timedelta(minutes=1))
        jobs.drain(self.town, as_of=when + timedelta(minutes=2))
        for step in ("label", "pack", "ship"):
            tracking = "T-EX" if step == "ship" else ""
            actions.scan(
                spare.serial, step, by=self.kitter, as_of=when + timedelta(minutes=3), tracking=tracking
            )
