"""What can be asked of the field room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yakuba.access import queries as staff
from yakuba.access import sealed
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.state import DONE, CaseState
from yakuba.clock import in_tokyo
from yakuba.field import customers, services
from yakuba.field.jobs import NOT_AS_PROFILE, profile_of, recipient
from yakuba.field.kitting import artefacts
from yakuba.field.kitting import papers as papers_
from yakuba.field.kitting.device import Recipient
from yakuba.field.kitting.labels import Label
from yakuba.field.models import Contract, Custody, Device, Observation, OrderLine, Outsourced, Secret


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody had a device from `since` to `until` (None: still), in the case with this reference. `name`: the holder's
    in the words of people, where it is known."""

    holder: str
    place: str
    since: datetime
    until: datetime | None
    reference: str
    by: str
    name: str = ""


def custody(serial: str) -> list[Held]:
    """A device's whole life, oldest first; empty when it is not known."""
    rows = list(Custody.objects.filter(device__serial=serial).order_by("held"))
    references = cases.references([row.case for row in rows])
    names = staff.staff_names() | {
        f"{customers.CUSTOMER}{one.customer}": one.name for one in customers.all_contracts()
    }
    return [
        Held(
            row.holder,
            row.place,
            row.held.lower,
            row.held.upper,
            references.get(row.case, ""),
            names.get(row.by, row.by),
            names.get(row.holder, ""),
        )
        for row in rows
    ]


def device(serial: str) -> Device | None:
    """Where a device is now."""
    return Device.objects.filter(serial=serial).first()


def wanted() -> list[tuple[str, str, str, Recipient]]:
    """Spares that were reserved and are to be set up: serial number, order, depot, and for whom."""
    rows = list(OrderLine.objects.filter(wanted_by__isnull=False).order_by("id"))
    states = cases.states([row.case for row in rows])
    place = dict(
        Device.objects.filter(serial__in=[row.serial for row in rows]).values_list("serial", "place")
    )
    return [
        (str(row.serial), row.order, place[str(row.serial)], recipient(states[row.case], row))
        for row in rows
        if not _has_left(states[row.case])
    ]


def _has_left(state: CaseState) -> bool:
    leaving = services.recording(catalogue.version(state.version), services.PARCEL)
    return state.steps[leaving.id].status == DONE


@dataclass(frozen=True, slots=True)
class Station:
    """One step of the line: how many devices wait there, and how many were done in the last hour."""

    step: str
    waiting: int
    last_hour: int


@dataclass(frozen=True, slots=True)
class Line:
    """The line as its board shows it. `first_pass`: share of compared devices that were right at once, or None."""

    stations: tuple[Station, ...]
    devices: int
    shipped: int
    compared: int
    first_pass: float | None


def line(as_of: datetime, order: str = "") -> Line:
    """The line now: of one order, or of all devices that are on it or left it today (Japan's day).

    A handful of queries however many devices there are.
    """
    midnight = in_tokyo(as_of).replace(hour=0, minute=0, second=0, microsecond=0)
    where = (
        list(OrderLine.objects.filter(order=order).values_list("case", flat=True))
        if order
        else cases.active(services.KITTING, midnight)
    )
    flow = cases.step_flow(where, as_of - timedelta(hours=1))
    declared = services.kitting()
    compared, failed = cases.first_pass(where, services.comparing(declared).id, NOT_AS_PROFILE)
    none = cases.StepFlow(0, 0)
    flows = [(step.id, flow.get(step.id, none)) for step in declared.steps]
    return Line(
        tuple(Station(step, now.waiting, now.done) for step, now in flows),
        len(where),
        Device.objects.filter(case__in=where, holder__startswith="carrier:").count(),
        compared,
        (compared - failed) / compared if compared else None,
    )


def faults(order: str) -> dict[str, str]:
    """Devices of an order that wait for somebody to mend them, with what was found."""
    serials = dict(OrderLine.objects.filter(order=order).values_list("case", "serial"))
    mender = services.mending(services.kitting()).id
    return {str(serials[case]): why for case, why in cases.last_failures(serials.keys(), mender).items()}


def labels(order: str) -> list[Label]:
    """What stands on the labels of an order's devices that were received, by position."""
    rows = list(OrderLine.objects.filter(order=order, serial__isnull=False).order_by("position"))
    states = cases.states([row.case for row in rows])
    return [
        Label(order, states[row.case].fact("order.hostname"), str(row.serial), row.profile) for row in rows
    ]


def papers(order: str) -> list[papers_.Row]:
    """An order's devices that were received, as they stand on its papers, by position."""
    rows = list(OrderLine.objects.filter(order=order, serial__isnull=False).order_by("position"))
    states = cases.states([row.case for row in rows])
    boxes = {row.digest: "、".join(profile_of(row.digest).accessories) for row in rows}
    return [
        papers_.Row(
            row.position,
            states[row.case].fact("order.hostname"),
            str(row.serial),
            boxes[row.digest],
            states[row.case].fact("parcel.number") or "",
        )
        for row in rows
    ]


def autopilot(order: str) -> bytes:
    """The list that registers an order's PCs with Windows Autopilot, by the hardware hash that was read from each last.

    Raises artefacts.Unfit where one was not read.
    """
    rows, seen = _read_of(order)
    states = cases.states([row.case for row in rows])
    devices = []
    for row in rows:
        hash_ = seen[row.serial].get("hardware_hash")
        if not hash_:
            raise artefacts.Unfit(f"{row.serial}: its hardware hash was not read")
        devices.append((artefacts.Hardware(str(row.serial), hash_), recipient(states[row.case], row)))
    return artefacts.autopilot_csv(profile_of(rows[0].digest), devices) if rows else b""


def portal(order: str, columns: Mapping[str, str]) -> bytes:
    """A list of an order's devices for Android zero-touch or a maker's portal, by a template {column: field or "=fixed"};
    fields are those that were read (imei, serial, model, maker, ...). Raises artefacts.Unfit."""
    rows, seen = _read_of(order)
    return artefacts.zero_touch_csv(columns, [seen[row.serial] for row in rows]) if rows else b""


def _read_of(order: str) -> tuple[list[OrderLine], dict[str | None, dict[str, str]]]:
    """The received devices of an order, and what was read of each last as text. Two queries."""
    rows = list(OrderLine.objects.filter(order=order, serial__isnull=False).order_by("position"))
    found: dict[str | None, dict[str, str]] = {row.serial: {} for row in rows}
    readings = Observation.objects.filter(serial__in=list(found)).order_by("at")
    for serial, facts in readings.values_list("serial", "facts"):
        found[serial] = {name: str(value) for name, value in (facts.get("device") or {}).items()}
    return rows, found


def set_up_files(order: str) -> list[tuple[str, bytes]]:
    """The file that sets each device of an order up, with its secrets: (name, content), by position.

    Raises artefacts.Unfit when one cannot be made, access.sealed.SealBroken.
    """
    rows = list(OrderLine.objects.filter(order=order).order_by("position"))
    states = cases.states([row.case for row in rows])
    secrets = {one.name: sealed.unseal(one.sealed) for one in Secret.objects.all()}
    return [artefacts.made(profile_of(row.digest), recipient(states[row.case], row), secrets) for row in rows]


# -- partners --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class WithPartner:
    """A step that a town lets a partner do: since when, and how many of its tasks partners were given."""

    partner: str
    service: str
    step: str
    since: date
    given: int


def with_partners(on: date) -> list[WithPartner]:
    """The contracts of the open town that hold on a day."""
    given = cases.steps_of(Outsourced.objects.values_list("task", flat=True))
    found = Contract.objects.filter(since__lte=on).exclude(until__lt=on).order_by("service", "step")
    return [
        WithPartner(c.partner, c.service, c.step, c.since, given.get((c.service, c.step), 0)) for c in found
    ]
