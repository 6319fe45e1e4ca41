"""What each item of the plan looks like from here: a reader for each item of which something is recorded.

A reader asks the rooms in which the work is done, and nobody's opinion. An item without a reader, such as the town's ordinances, is
`unseen`. "Of late" are the last twelve months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from yakuba.access import devices
from yakuba.access import queries as staff
from yakuba.access.circumstances import NO_MODEL
from yakuba.assistant import figures as talks
from yakuba.cases import catalogue, figures
from yakuba.cases import events as e
from yakuba.cases import queries as cases
from yakuba.cases.figures import Came, Logged
from yakuba.clock import in_tokyo
from yakuba.declare import Catalogue
from yakuba.declare.plan import TownPlan
from yakuba.money.fees import queries as fees
from yakuba.progress.brought import projection
from yakuba.progress.plan import procedures
from yakuba.progress.plan.procedures import BY_HAND, ONLINE, ProcedureState
from yakuba.progress.plan.state import Evidence, State
from yakuba.records import publishing
from yakuba.records import queries as records
from yakuba.records.opendata.shelf import Shelf
from yakuba.workbench import queries as workbench

OF_LATE = timedelta(days=365)
SIGNED = timedelta(days=7)
"""A checkpoint that is older was forgotten: one is made each night."""
HELPED = ("lesson", "home-visit-lesson", "supporter-registration", "helper-consent")
"""Services of supporters and of those they help."""
BY_ROBOT, BY_RESIDENT = (e.StepDone.kind, "robot"), (e.Opened.kind, "resident")


@dataclass(frozen=True)
class Sight:
    """The open town at one moment, as the readers see it; each thing is asked once."""

    town: str
    as_of: datetime

    @property
    def since(self) -> datetime:
        """From when on something is of late."""
        return self.as_of - OF_LATE

    @property
    def today(self) -> date:
        """The day in Japan."""
        return in_tokyo(self.as_of).date()

    @cached_property
    def catalogue(self) -> Catalogue:
        """What is declared here."""
        return catalogue.current()

    @cached_property
    def own(self) -> TownPlan | None:
        """The town's own plan."""
        return self.catalogue.town_plans.get(self.town)

    @cached_property
    def came(self) -> list[Came]:
        """How cases came in."""
        return figures.came(self.since, as_of=self.as_of)

    @cached_property
    def logged(self) -> Mapping[tuple[str, str], Logged]:
        """What stands in the log."""
        return figures.logged((BY_ROBOT, BY_RESIDENT), self.since, as_of=self.as_of)

    @cached_property
    def procedures(self) -> list[ProcedureState]:
        """How the procedures stand."""
        return procedures.procedures(self.catalogue, self.came, catalogue.stopped())

    def of_services(self, services: Sequence[str]) -> Came:
        """Cases of some services together."""
        rows = [row for row in self.came if row.service in services]
        return Came(
            "", "", sum(r.completed for r in rows),
            min((r.first for r in rows if r.first), default=None), max((r.last for r in rows if r.last), default=None),
            sum(r.of_late for r in rows), sum(r.completed_of_late for r in rows),
        )  # fmt: skip


Reader = Callable[[Sight], State]


def states(sight: Sight) -> dict[str, State]:
    """How each item of the plan stands in the open town."""
    return {item: state(item, sight) for item in sight.catalogue.plan.items}


def state(item: str, sight: Sight) -> State:
    """How one item stands."""
    return READERS.get(item, _unseen)(sight)


def _unseen(sight: Sight) -> State:
    return State("unseen")


def _day(moment: datetime | None) -> date | None:
    return in_tokyo(moment).date() if moment else None


def _counted(what: str, found: Logged | Came, count: int, of_late: int) -> State:
    """Something that is counted: it runs while there is any of late."""
    if not count:
        return State("not_yet")
    evidence = Evidence(what, count, _day(found.first), _day(found.last), (("of_late", of_late),))
    return State("runs" if of_late else "stopped", [evidence], count)


# -- made ready --------------------------------------------------------------------------------------
def organisation(sight: Sight) -> State:
    """Who answers for it only the town can say: its own plan names them."""
    if sight.own is None:
        return State("not_yet")
    return State("declared", [Evidence("lead", 1, sight.own.from_, more=(("lead", sight.own.lead),))])


def own_plan(sight: Sight) -> State:
    """A plan that holds today, with goals."""
    own = sight.own
    if own is None:
        return State("not_yet")
    evidence = [Evidence("own_plan", len(own.goals), own.from_, own.until)]
    return State("runs" if own.from_ <= sight.today <= own.until else "stopped", evidence)


# -- priority items ----------------------------------------------------------------------------------
def front(sight: Sight) -> State:
    """Requests that ended of late, by the way in which they came: online and by hand, and visits at the counter without writing."""
    ended = {
        name: sum(row.completed_of_late for row in sight.came if row.channel in channels and _for_residents(sight, row))
        for name, channels in (("online", ONLINE), ("hand", BY_HAND))
    }  # fmt: skip
    visits = sight.of_services(("counter-visit",))
    evidence = [
        Evidence("front", ended["online"] + ended["hand"], more=(("online", ended["online"]), ("hand", ended["hand"])))
    ]  # fmt: skip
    if visits.completed:
        evidence.append(Evidence("visits", visits.completed, _day(visits.first), _day(visits.last)))
    if visits.completed_of_late and ended["online"]:
        return State("runs", evidence)
    return State("part" if visits.completed or ended["online"] else "not_yet", evidence)


def _for_residents(sight: Sight, row: Came) -> bool:
    service = sight.catalogue.services.get(row.service)
    return service is not None and service.offered


def online(sight: Sight) -> State:
    """The procedures that the plan counts, by requests that ended."""
    return procedures.online(sight.procedures, sight.catalogue.plan.counted)


def standard(sight: Sight) -> State:
    """Standard operations whose data the town works with."""
    found = records.operations_cut_over()
    if not found:
        return State("not_yet")
    held = sum(rows for _, rows in found.values())
    firsts = [since for since, _ in found.values()]
    wanted = _at_least(sight, "standard")
    evidence = [
        Evidence("standard", len(found), _day(min(firsts)), _day(max(firsts)), (("of", wanted), ("held", held)))
    ]  # fmt: skip
    return State("runs" if len(found) >= wanted else "part", evidence, len(found))


def _at_least(sight: Sight, item: str) -> int:
    """What counts as all of it."""
    return max((one.at_least or 0 for one in sight.catalogue.plan.items[item].targets), default=0)


def eltax(sight: Sight) -> State:
    """Fees that were paid online are near it, and not it: nothing here speaks with eLTAX."""
    paid = fees.paid_online(in_tokyo(sight.since).date(), sight.today)
    return State("unseen", [Evidence("online_fees", paid)] if paid else [])


def card(sight: Sight) -> State:
    """Requests of people who signed in with the card."""
    found = sight.logged[BY_RESIDENT]
    return _counted("card", found, found.count, found.of_late)


def security(sight: Sight) -> State:
    """What is in force: the hall's networks, the model of its networks, the log signed of late."""
    networks, model, signed = devices.networks(), devices.posture().profile, cases.last_checkpoint()
    fresh = signed is not None and sight.as_of - signed[0] <= SIGNED
    evidence = [Evidence("networks", len(networks))]
    if signed is not None:
        evidence.append(Evidence("signed", 1, last=_day(signed[0])))
    parts = [bool(networks), model != NO_MODEL, fresh]
    return State("runs" if all(parts) else "part" if any(parts) else "not_yet", evidence)


def ai(sight: Sight) -> State:
    """Questions of residents that were answered of late."""
    found = talks.figures(sight.since, sight.as_of)
    if not found.asked:
        return State("not_yet")
    more = (("asked", found.asked), ("helped", found.helped))
    return State(
        "runs" if found.answered else "part", [Evidence("ai", found.answered, more=more)], found.answered
    )


def rpa(sight: Sight) -> State:
    """Tasks that robots finished, and the hours that they saved where these were measured."""
    found = sight.logged[BY_ROBOT]
    state = _counted("rpa", found, found.count, found.of_late)
    hours = [one.hours(one.whole) for one in projection.kept()] if found.count else []
    measured = [one[0] for one in hours if one]
    if not measured:
        return state
    saved = Evidence(
        "rpa_hours", len(measured), more=(("hours", round(sum(measured), 1)), ("of", len(hours)))
    )
    return State(state.standing, [*state.evidence, saved], state.reached)


def telework(sight: Sight) -> State:
    """Work that was finished outside of the hall of late."""
    rows = staff.work_outside(sight.since, sight.as_of)
    people, acts = len({worker for worker, _, _ in rows}), sum(count for *_, count in rows)
    if acts:
        return State("runs", [Evidence("telework", acts, more=(("people", people),))], people)
    known = sum(1 for one in devices.devices() if one.registered_at and not one.revoked_at)
    return State("part", [Evidence("devices", known)]) if known else State("not_yet")


# -- beside and more ---------------------------------------------------------------------------------
def divide(sight: Sight) -> State:
    """Lessons, visits and help by supporters."""
    found = sight.of_services(HELPED)
    return _counted("divide", found, found.completed, found.completed_of_late)


def bpr(sight: Sight) -> State:
    """Services that the town changed and published itself of late."""
    count, last = workbench.published_since(sight.since)
    return State("runs", [Evidence("bpr", count, last=_day(last))], count) if count else State("not_yet")


def opendata(sight: Sight) -> State:
    """Datasets that are published now."""
    kept = Shelf(publishing.folder(sight.town)).newest()
    if not kept:
        return State("not_yet")
    last = max(_day(one.modified) or date.min for one in kept.values())
    return State("runs", [Evidence("opendata", len(kept), last=last)], len(kept))


READERS: Mapping[str, Reader] = {
    "organisation": organisation,
    "own-plan": own_plan,
    "front": front,
    "online": online,
    "standard": standard,
    "eltax": eltax,
    "card": card,
    "security": security,
    "ai": ai,
    "rpa": rpa,
    "telework": telework,
    "divide": divide,
    "bpr": bpr,
    "opendata": opendata,
}
"""By item of `services/shared/plan.yaml`."""
