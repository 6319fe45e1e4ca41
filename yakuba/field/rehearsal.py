"""A synthetic order taken along the line, device by device, with faults that are known: to see that each is found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from yakuba.access import SYSTEM, Worker, towns
from yakuba.cases import jobs
from yakuba.field import actions, queries, services
from yakuba.field.kitting import simulated
from yakuba.field.kitting.profile import Profile

AT_A_TIME = 50
"""Devices that are compared together, as on a rack."""


class Rehearsed(Exception):
    """This synthetic order was taken along the line before."""

    def __init__(self, number: str):
        super().__init__(f"{number} was rehearsed before. Choose another --seed.")


@dataclass(frozen=True, slots=True)
class Figures:
    """What came out. `missed`: faulty devices that were let through; `held_for_nothing`: good ones that were not."""

    order: str
    devices: int
    faulty: int
    kinds: int
    found: int
    missed: int
    held_for_nothing: int
    shipped: int
    first_pass: float | None
    scans: int
    seconds: float

    @property
    def scans_a_second(self) -> float:
        """How fast the server took them."""
        return self.scans / self.seconds


def rehearsed(
    town: str,
    profile: Profile,
    count: int,
    *,
    share: float,
    seed: int,
    as_of: datetime,
    say: Callable[[str], None] = lambda text: None,
) -> Figures:
    """Take `count` simulated devices, `share` of them with a fault, from the carton to the carrier.

    Nobody opens a faulty one by hand: it is mended (the fault taken away) and read again. Raises Rehearsed.
    """
    number = f"SIM-{as_of:%Y%m%d}-{seed}"
    kitter = Worker("staff", "staff:rehearsal", town, "見本", frozenset({"kitter"}), strength=2)
    prefix = f"SIM{as_of:%y%m%d}{seed:02d}-"
    devices = simulated.batch(profile, count, share=share, seed=seed, prefix=prefix)
    serials = [simulated.serial_of(seen) for _, seen, _ in devices]
    clock = _Clock(as_of)
    scans, begun = 0, time.perf_counter()
    with towns.inside(town):
        if queries.line(as_of, number).devices:
            raise Rehearsed(number)
        order = actions.Order(number, profile, f"town-{town}", [one for one, _, _ in devices])
        actions.enter_order(order, by=SYSTEM(town), as_of=clock.later())
    for serial in serials:
        with towns.inside(town):
            actions.receive(serial, number, "rehearsal", by=kitter, as_of=clock.later())
    scans += count
    line = services.kitting()
    for step in services.before_reading(line):
        scans += _scan_all(serials, step.id, town, kitter, clock)
        say(f"{step.id}: {count} of {count}")
    for start in range(0, count, AT_A_TIME):
        _read([seen for _, seen, _ in devices[start : start + AT_A_TIME]], town, clock)
    with towns.inside(town):
        held = set(queries.faults(number))
    say(f"compared: {len(held)} of {count} held")
    faulty = {simulated.serial_of(seen): fault for _, seen, fault in devices if fault}
    scans += _scan_all(sorted(held), services.mending(line).id, town, kitter, clock)
    people = {simulated.serial_of(seen): person for person, seen, _ in devices}
    _read([simulated.sound(profile, people[name], name) for name in sorted(held)], town, clock)
    for step in services.after_reading(line):
        scans += _scan_all(serials, step.id, town, kitter, clock)
        say(f"{step.id}: {count} of {count}")
    with towns.inside(town):
        board = queries.line(clock.now, number)
    return Figures(
        number,
        count,
        len(faulty),
        len(set(faulty.values())),
        len(held & faulty.keys()),
        len(faulty.keys() - held),
        len(held - faulty.keys()),
        board.shipped,
        board.first_pass,
        scans,
        round(time.perf_counter() - begun, 2),
    )


class _Clock:
    """A second passes with everything that is done."""

    def __init__(self, now: datetime):
        self.now = now

    def later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def _scan_all(serials: list[str], step: str, town: str, by: Worker, clock: _Clock) -> int:
    """Each in a transaction of its own, as a scanner does it."""
    for number, one in enumerate(serials, 1):
        with towns.inside(town):
            actions.scan(one, step, by=by, as_of=clock.later(), tracking=f"SIM{number:09d}")
    return len(serials)


def _read(seen: list[simulated.Seen], town: str, clock: _Clock) -> None:
    """The collector's files come in together, and are compared together."""
    for one in seen:
        content = simulated.as_file(one)
        with towns.inside(town):
            actions.read_file("rehearsal", content, by=SYSTEM(town), at=clock.later())
    jobs.work_waiting(town, services.KITTING, services.comparing(services.kitting()).id, as_of=clock.later())
