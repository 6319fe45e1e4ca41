"""A device fails: the call, what is done about it, and what becomes of the unit that failed.

The exchange is one act: when an agent decides it, a spare of the same profile leaves the pool, gets an order of its own
that names it and sets it up for the same user, and the visit waits until it is ready. No spare, and nothing happened.

    customer ── failed unit ── technician ── depot ── data erased ── repaired: the pool; or scrapped
    pool ── spare ── set up as the old one ── technician ── customer
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from yakuba.access import SYSTEM, Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.state import fact_of
from yakuba.clock import in_tokyo
from yakuba.field import actions, customers, services
from yakuba.field.dispatch.travel import UNREACHABLE, GreatCircle, Place
from yakuba.field.errors import NoSpare, NoSuchDevice, OutOfTurn
from yakuba.field.jobs import profile_of
from yakuba.field.kitting.device import Recipient
from yakuba.field.models import Device, OrderLine, Technician
from yakuba.words import Text

POOL = "POOL-"
"""Orders of spares begin so; their devices are received and wait to be unboxed."""
EXCHANGE = "EX-"
SCRAPPED = "scrapped"


@dataclass(frozen=True, slots=True)
class Spare:
    """A spare that was reserved: its serial number, the order that sets it up, and the depot that has it."""

    serial: str
    order: str
    depot: str


def take_in(
    facts: Mapping[str, Any], *, channel: e.Channel, by: Worker, as_of: datetime, key: str
) -> uuid.UUID:
    """A call, mail or message becomes a case, with the customer and contract of the device where they are known. A call
    without a contract is kept as any other. Returns the case. Raises access.Denied."""
    known = dict(facts)
    serial = fact_of(facts, "trouble.serial") or ""
    customer = fact_of(facts, "customer.code") or customers.customer_of(serial)
    if customer:
        known["customer"] = customers.named(customer, in_tokyo(as_of).date())
    known["visit"] = {
        "date": in_tokyo(as_of).date().isoformat(),
        "kind": "repair",
        **(facts.get("visit") or {}),
    }
    opened = cases.open_case(
        catalogue.service(services.SUPPORT), known, channel=channel, by=by, as_of=as_of, key=key
    )
    return opened.id


def decide(task: uuid.UUID, route: str, *, by: Worker, as_of: datetime) -> Spare | None:
    """What is done about it: remote, visit or exchange; an exchange reserves its spare at the same moment, or nothing
    happens. Raises NoSpare, NotOpen, NotYours, access.Denied."""
    with transaction.atomic():
        found = case_queries.task(task)
        facts: dict[str, Any] = {"trouble": {"route": route}}
        if route == "exchange":
            facts["visit"] = {"kind": "exchange"}
        cases.finish(task, by=by, as_of=as_of, facts=facts)
        assert found is not None  # `finish` refuses an unknown one
        return _reserve(found.case, as_of) if route == "exchange" else None


def _reserve(case: Any, as_of: datetime) -> Spare:
    """A spare leaves the pool and is to be set up as the failed unit was. Raises NoSpare."""
    town, state = towns.current_town(), case_queries.state(case_queries.one(case.id))
    serial = state.fact("trouble.serial") or ""
    old = OrderLine.objects.filter(serial=serial).exclude(order__startswith=POOL).order_by("-id").first()
    if old is None:
        raise NoSpare("–")
    spare = _free(old.profile, state.fact("site") or {})
    before = Device.objects.get(serial=spare.serial)
    reason = f"交換 {case.reference} のために予備から出した"
    cases.withdraw(spare.case, by=SYSTEM(town), as_of=as_of, reason=reason)
    user = case_queries.states([old.case])[old.case].facts["order"]
    person = Recipient("1", user["hostname"], user["account"] or "", str(spare.serial))
    number = f"{EXCHANGE}{case.reference}"
    customer = state.fact("customer.code") or ""
    order = actions.Order(number, profile_of(old.digest), f"{customers.CUSTOMER}{customer}", [person])
    actions.enter_order(order, by=SYSTEM(town), as_of=as_of)
    OrderLine.objects.filter(order=number).update(wanted_by=case.id)
    return Spare(str(spare.serial), number, before.place)


def _free(profile: str, site: Mapping[str, Any]) -> OrderLine:
    """A spare of the pool that nobody has reserved, of the depot that is nearest to the site, locked. Raises NoSpare."""
    lines = OrderLine.objects.select_for_update(skip_locked=True)
    waiting = list(lines.filter(order__startswith=POOL, profile=profile, serial__isnull=False).order_by("id"))
    held = Device.objects.filter(case__in=[line.case for line in waiting], holder__startswith="depot:")
    place = dict(held.values_list("case", "place"))
    still = case_queries.still_open(list(place))
    free = [line for line in waiting if line.case in still]
    if not free:
        raise NoSpare(profile)
    away = _away(site, {place[line.case] for line in free})
    return min(free, key=lambda line: (away.get(place[line.case], UNREACHABLE), line.id))


def _away(site: Mapping[str, Any], depots: set[str]) -> dict[str, int]:
    """Seconds from a site to the depots that are a base of technicians; nothing where the site has no place."""
    if site.get("latitude") is None or site.get("longitude") is None:
        return {}
    bases = list(Technician.objects.filter(base__in=depots).values_list("base", "latitude", "longitude"))
    points = [Place(site["latitude"], site["longitude"]), *(Place(lat, lon) for _, lat, lon in bases)]
    ways = GreatCircle().matrix(points)[0]
    return {base: int(way) for (base, _, _), way in zip(bases, ways[1:], strict=True)}


# -- what becomes of the failed unit -----------------------------------------------------------------
def take_back(serial: str, place: str, *, by: Worker, as_of: datetime) -> None:
    """The failed unit is at the depot. Raises NoSuchDevice, OutOfTurn, access.Denied."""
    with transaction.atomic():
        device, task = _failed(serial, "take-back")
        cases.finish(task, by=by, as_of=as_of)
        holder = f"depot:{place}"
        actions.hand(
            serial, device.case, before=device.holder, holder=holder, place=place, by=by, as_of=as_of
        )


def erased(serial: str, method: str, certificate: str, *, by: Worker, as_of: datetime) -> None:
    """Its data are erased: by which method (NIST SP 800-88: clear, purge, destroy), under which certificate.

    Raises NoSuchDevice, OutOfTurn, access.Denied.
    """
    _, task = _failed(serial, "erase")
    cases.finish(task, by=by, as_of=as_of, facts={"erasure": {"method": method, "certificate": certificate}})


def mended(serial: str, *, by: Worker, as_of: datetime) -> str:
    """It is repaired and a spare again: a new order of the pool has it, by the profile as it was. Returns that order.

    Raises NoSuchDevice, OutOfTurn, access.Denied.
    """
    with transaction.atomic():
        device, task = _failed(serial, "repair")
        cases.finish(task, by=by, as_of=as_of, outcome="repaired")
        old = OrderLine.objects.filter(serial=serial).order_by("-id").first()
        assert old is not None, f"{serial} was exchanged, so it had an order"
        number = f"{POOL}{case_queries.references([device.case])[device.case]}"
        person = Recipient("1", serial[-15:], "", serial)
        order = actions.Order(number, profile_of(old.digest), "pool", [person])
        actions.enter_order(order, by=SYSTEM(towns.current_town()), as_of=as_of)
        actions.receive(serial, number, device.place, by=by, as_of=as_of)
        return number


def scrapped(serial: str, *, by: Worker, as_of: datetime) -> None:
    """It is not worth repairing: it leaves the stock for good. Raises NoSuchDevice, OutOfTurn, access.Denied."""
    with transaction.atomic():
        device, task = _failed(serial, "repair")
        cases.finish(task, by=by, as_of=as_of, outcome="scrapped")
        actions.hand(serial, device.case, before=device.holder, holder=SCRAPPED, place="", by=by, as_of=as_of)


def _failed(serial: str, step: str) -> tuple[Device, uuid.UUID]:
    """The failed unit and the task of its case that waits. Raises NoSuchDevice, OutOfTurn."""
    device = Device.objects.select_for_update().filter(serial=serial).first()
    if device is None:
        raise NoSuchDevice(serial)
    task, waits = case_queries.waiting_step(device.case) or (device.case, "")
    if waits != step:
        raise OutOfTurn(serial, _name(device.case, waits))
    return device, task


def _name(case: uuid.UUID, step: str) -> Text:
    """What the step that waits is called; "nothing" when none does."""
    service = case_queries.service_of(case_queries.one(case))
    declared = next((one for one in service.steps if one.id == step), None)
    return declared.name if declared and declared.name else Text.same("–")


# -- the pool ------------------------------------------------------------------------------------------
def stock(order: actions.Order, depot: str, *, by: Worker, as_of: datetime) -> int:
    """New spares come in: each is received and waits in the pool. The order's number begins with POOL. Returns how many.

    Raises ValueError for another number, what `enter_order` and `receive` raise.
    """
    if not order.number.startswith(POOL):
        raise ValueError(f"an order of spares is numbered {POOL}…, not {order.number}")
    actions.enter_order(replace(order, ship_to="pool"), by=SYSTEM(towns.current_town()), as_of=as_of)
    for person in order.recipients:
        actions.receive(person.serial, order.number, depot, by=by, as_of=as_of)
    return len(order.recipients)
