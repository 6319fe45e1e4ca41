"""What can happen to devices. The only writers of this room; all that happens stands in the log of a case."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from yakuba import access
from yakuba.access import Worker, sealed, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.jobs import wake
from yakuba.cases.state import DONE
from yakuba.declare import Step
from yakuba.field import services
from yakuba.field.errors import (
    Finished,
    NoLineLeft,
    NoSuchDevice,
    NoTracking,
    NotTheHolder,
    OfAnotherOrder,
    OrderExists,
    OutOfTurn,
)
from yakuba.field.kitting import observe
from yakuba.field.kitting.device import Observation as Seen
from yakuba.field.kitting.device import Recipient
from yakuba.field.kitting.profile import Profile
from yakuba.field.models import Custody, Device, DeviceProfile, Observation, OrderLine, Secret

SUPPLIER = "supplier"


@dataclass(frozen=True, slots=True)
class Order:
    """A kitting order: a number, the profile that all its devices are set up by, and who each is for."""

    number: str
    profile: Profile
    ship_to: str
    recipients: Sequence[Recipient]


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan did. `again`: it had been done before, by whom and when stands in the log; nothing happened now.
    `next`: the id of the step that waits now, "" when there is none."""

    serial: str
    case: uuid.UUID
    step: str
    again: bool
    next: str


# -- orders ------------------------------------------------------------------------------------
def enter_order(order: Order, *, by: Worker, as_of: datetime) -> list[uuid.UUID]:
    """Open a case for every device of an order; the order keeps the profile's text as it is now.

    The same order again opens nothing. Returns the cases by position. Raises OrderExists, access.Denied.
    """
    town = towns.current_town()
    access.require(by, "device.order", access.Resource("Town", town, town))
    digest = _keep(order.profile, as_of)
    service = services.kitting()
    facts = [_facts(order, position, one) for position, one in enumerate(order.recipients, 1)]
    with transaction.atomic():
        before = list(OrderLine.objects.filter(order=order.number).order_by("position"))
        if before:
            _check_same(order, before, facts, digest)
            return [line.case for line in before]
        wanted = [
            (
                service,
                cases.opening(service, one, channel="api", key=f"kitting:{order.number}:{position}"),
                (),
            )
            for position, one in enumerate(facts, 1)
        ]
        opened = cases.open_cases(wanted, by=access.SYSTEM(town), as_of=as_of)
        OrderLine.objects.bulk_create(
            OrderLine(
                town=town,
                order=order.number,
                position=position,
                case=case,
                profile=order.profile.profile,
                digest=digest,
                serial=recipient.serial or None,
            )
            for position, (case, recipient) in enumerate(zip(opened, order.recipients, strict=True), 1)
        )
    return opened


def _check_same(order: Order, before: Sequence[OrderLine], facts: Sequence[dict], digest: str) -> None:
    """Raises OrderExists when what was entered under this number was another profile or other recipients."""
    states = case_queries.states([line.case for line in before])
    entered = [states[line.case].facts["order"] for line in before]
    if {line.digest for line in before} != {digest} or entered != [one["order"] for one in facts]:
        raise OrderExists(order.number)


def _facts(order: Order, position: int, recipient: Recipient) -> dict[str, object]:
    named = {"serial": recipient.serial} if recipient.serial else {}
    return {
        "order": {
            "number": order.number,
            "position": f"{position}",
            "profile": f"{order.profile.profile} {order.profile.version}",
            "hostname": recipient.hostname,
            "account": recipient.account,
            "ship_to": order.ship_to,
        },
        "device": named,
    }


def _keep(profile: Profile, as_of: datetime) -> str:
    """Store the profile's text once; returns its hash."""
    body = profile.model_dump_json(by_alias=True)
    digest = hashlib.sha256(body.encode()).hexdigest()
    DeviceProfile.objects.get_or_create(
        town=towns.current_town(),
        digest=digest,
        defaults={"profile": profile.profile, "body": body, "first_used": as_of},
    )
    return digest


def set_secret(name: str, secret: str, *, by: Worker, as_of: datetime) -> None:
    """Keep a secret that profiles name, sealed; the one before is replaced. Raises access.Denied."""
    town = towns.current_town()
    access.require(by, "device.secret", access.Resource("Town", town, town))
    kept = {"sealed": sealed.seal(secret), "changed_at": as_of, "changed_by": by.id}
    Secret.objects.update_or_create(town=town, name=name, defaults=kept)


# -- the line ----------------------------------------------------------------------------------
def receive(serial: str, order: str, place: str, *, by: Worker, as_of: datetime) -> Scan:
    """A device of an order comes out of the carton: it gets the line that names it, or the first that names none.

    Scanned twice it is received once. Raises NoLineLeft, OfAnotherOrder, access.Denied.
    """
    with transaction.atomic():
        towns.alone_with(f"device:{serial}")
        known = Device.objects.filter(serial=serial).first()
        held = OrderLine.objects.filter(case=known.case).first() if known else None
        if known and held and held.order == order:
            received = services.recording(services.kitting(), services.SERIAL)
            return _scanned(serial, known.case, received.id, again=True)
        line = _line_for(serial, order)
        if known and line.serial != serial:  # it came before: only an order that names it may have it again
            raise NotTheHolder(serial, known.holder)
        waits = case_queries.waiting(line.case)
        if waits is None or services.SERIAL not in waits[1].record:
            raise NoLineLeft(order)
        task, step = waits
        line.serial = serial
        line.save(update_fields=["serial"])
        facts = {"device": {"serial": serial}}
        cases.finish(task, by=by, as_of=as_of, facts=facts)
        before = known.holder if known else ""
        hand(serial, line.case, before=before, holder=f"depot:{place}", place=place, by=by, as_of=as_of)
        return _scanned(serial, line.case, step.id, again=False)


def _line_for(serial: str, order: str) -> OrderLine:
    """The order's line for a device, locked. Raises OfAnotherOrder, NoLineLeft."""
    others = dict(OrderLine.objects.filter(serial=serial).exclude(order=order).values_list("case", "order"))
    if still := case_queries.still_open(list(others)):
        raise OfAnotherOrder(serial, others[min(still)])
    lines = OrderLine.objects.select_for_update(skip_locked=True).filter(order=order)
    line = lines.filter(serial=serial).first() or lines.filter(serial=None).order_by("position").first()
    if line is None:
        raise NoLineLeft(order)
    return line


def scan(serial: str, step: str, *, by: Worker, as_of: datetime, tracking: str = "") -> Scan:
    """A step of the line is done for a device. Scanned twice it is done once.

    What only a device itself can show (`do: observe`) is not done by scanning. Raises NoSuchDevice, OutOfTurn, Finished,
    NoTracking, access.Denied, and what `cases.actions.finish` raises.
    """
    with transaction.atomic():
        device = Device.objects.select_for_update().filter(serial=serial).first()
        if device is None:
            raise NoSuchDevice(serial)
        task, waits = case_queries.waiting(device.case) or (device.case, None)
        if waits is None or waits.id != step:
            return _not_now(device, step, waits)
        if services.PARCEL in waits.record:
            _ship(device, task, tracking, by, as_of)
        else:
            cases.finish(task, by=by, as_of=as_of)
        return _scanned(serial, device.case, step, again=False)


def _not_now(device: Device, step: str, waits: Step | None) -> Scan:
    """Done before, it is said so; otherwise it is not its turn. `waits`: the step that waits, None for none."""
    state = case_queries.states([device.case])[device.case]
    service = catalogue.version(state.version)
    if step not in {one.id for one in service.steps} or state.steps[step].status != DONE:
        if waits is None:
            raise Finished(device.serial)
        assert waits.name is not None, f"step {waits.id} has no name"
        raise OutOfTurn(device.serial, waits.name)
    return _scanned(device.serial, device.case, step, again=True)


def _ship(device: Device, task: uuid.UUID, tracking: str, by: Worker, as_of: datetime) -> None:
    if not tracking.strip():
        raise NoTracking(device.serial)
    cases.finish(task, by=by, as_of=as_of, facts={"parcel": {"number": tracking.strip()}})
    holder = f"carrier:{tracking.strip()}"
    hand(device.serial, device.case, before=device.holder, holder=holder, place="", by=by, as_of=as_of)
    line = OrderLine.objects.get(case=device.case)
    if line.wanted_by:
        _ready(line.wanted_by, device.serial, by, as_of)


def _ready(case: uuid.UUID, serial: str, by: Worker, as_of: datetime) -> None:
    """The spare that a case of support waits for is on its way. Nothing to do where the case ended meanwhile."""
    waits = case_queries.waiting(case)
    if waits and services.SPARE in waits[1].record:
        cases.finish(waits[0], by=by, as_of=as_of, facts={"spare": {"serial": serial}})


def _scanned(serial: str, case: uuid.UUID, step: str, *, again: bool) -> Scan:
    _, waits = case_queries.waiting_step(case) or (case, "")
    return Scan(serial, case, step, again, waits)


# -- custody -----------------------------------------------------------------------------------
def hand(
    serial: str, case: uuid.UUID, *, before: str, holder: str, place: str, by: Worker, as_of: datetime
) -> None:
    """A device passes from `before` ("" when it is new here) to `holder`; the database lets nobody else hold it.

    Raises NotTheHolder when somebody else holds it than `before`, access.Denied.
    """
    town = towns.current_town()
    with transaction.atomic():
        device = Device.objects.select_for_update().filter(serial=serial).first()
        if (device.holder if device else "") != before:
            raise NotTheHolder(serial, device.holder if device else SUPPLIER)
        event = e.Handed(serial=serial, before=before, holder=holder, place=place)
        cases.record(case, event, by=by, as_of=as_of, key=f"handed:{serial}:{uuid.uuid4()}")
        if device is None:
            device = Device(town=town, serial=serial)
        device.case, device.holder, device.place = case, holder, place
        device.save()
        _close(device, as_of)
        _held(device, as_of, by.id).save()


def _held(device: Device, since: datetime, by: str) -> Custody:
    """The period that begins for whoever holds the device now."""
    return Custody(
        town=device.town,
        device=device,
        holder=device.holder,
        place=device.place,
        held=DateTimeTZRange(since, None),
        case=device.case,
        by=by,
    )


def _close(device: Device, as_of: datetime) -> None:
    """End the period of whoever held it until now."""
    for custody in Custody.objects.filter(device=device, held__upper_inf=True):
        custody.held = DateTimeTZRange(custody.held.lower, as_of)
        custody.save(update_fields=["held"])


def rebuild() -> int:
    """Make the devices and their custody anew from the log of this town; returns how many hand-overs there were."""
    town = towns.current_town()
    with transaction.atomic():
        Device.objects.all().delete()
        devices: dict[str, Device] = {}
        last: dict[str, Custody] = {}
        rows: list[Custody] = []
        for event in case_queries.happened_of_kind(e.Handed.kind):
            body = event.body
            device = devices.setdefault(body["serial"], Device(town=town, serial=body["serial"]))
            device.case, device.holder, device.place = event.case_id, body["holder"], body["place"]
            if earlier := last.get(body["serial"]):
                earlier.held = DateTimeTZRange(earlier.held.lower, event.at)
            last[body["serial"]] = _held(device, event.at, event.by_id)
            rows.append(last[body["serial"]])
        Device.objects.bulk_create(devices.values())
        Custody.objects.bulk_create(rows)
    return len(rows)


# -- observations ------------------------------------------------------------------------------
def take_in(seen: Seen, *, by: Worker) -> bool:
    """Keep what was read from a device; whoever compares is woken. Returns False for what is known already.

    A device that is not on the line is kept all the same: it may be read before it is received. Raises access.Denied.
    """
    town = towns.current_town()
    access.require(by, "device.observe", access.Resource("Town", town, town))
    _, new = Observation.objects.get_or_create(
        town=town,
        serial=seen.serial,
        at=seen.at,
        defaults={"source": seen.source, "facts": cases.plain(seen.facts)},
    )
    if new:
        wake(town, services.KITTING, services.comparing(services.kitting()).id)
    return new


def read_file(name: str, content: bytes, *, by: Worker, at: datetime) -> Seen:
    """Read a collector's file, written `at`, and take it in. Raises observe.Unreadable, access.Denied."""
    seen = observe.read(name, content, at)
    take_in(seen, by=by)
    return seen
