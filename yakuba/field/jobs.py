"""What runs later: devices are compared with their profiles as soon as something was read from them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from procrastinate.contrib.django import app

from yakuba import clock
from yakuba.access import SYSTEM, towns
from yakuba.cases import events as e
from yakuba.cases.log import Entry, record_many
from yakuba.cases.state import CaseState
from yakuba.cases.work import Waiting, works
from yakuba.clock import in_tokyo
from yakuba.field import dispatching, outsourcing
from yakuba.field.kitting.device import Observation as Seen
from yakuba.field.kitting.device import Recipient
from yakuba.field.kitting.profile import Finding, Profile, verified
from yakuba.field.models import DeviceProfile, Observation, OrderLine, Technician
from yakuba.register import queries as register


@app.periodic(cron="* * * * *")
@app.task(name="exchange_with_partners", queue="steps", queueing_lock="exchange_with_partners")
def exchange_with_partners(timestamp: int) -> None:
    """Every minute: what is under contract goes to the partners, what they did comes back."""
    for town in register.town_codes():
        outsourcing.exchange(town, as_of=clock.now())


@app.periodic(cron="0 9 * * *")
@app.task(name="plan_tomorrow", queue="steps", queueing_lock="plan_tomorrow")
def plan_tomorrow(timestamp: int) -> None:
    """Every evening (18:00 in Japan): each hall that sends technicians has the next day planned, around what dispatchers
    appointed by hand. They plan it anew whenever they like."""
    now = clock.now()
    for hall in register.town_codes():
        with towns.inside(hall):
            if Technician.objects.exists():
                on = in_tokyo(now).date() + timedelta(days=1)
                dispatching.plan(on, by=SYSTEM(hall), as_of=now, seconds=NIGHT)


NIGHT = 60.0
"""Seconds that engines have for a hall's next day."""
NOT_AS_PROFILE = "not_as_profile"
"""The code of a failed comparison in the log."""


@works("observe")
def compare(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Compare devices with the profiles of their orders by what was read last; all of a profile in one query.

    A device that nothing new was read from waits. One that is not as it must be, or of which something is not known,
    fails for good: a person mends it, and it is read again.
    """
    lines = {line.case: line for line in OrderLine.objects.filter(case__in=[task.case for task in tasks])}
    rows = _new_readings({line.serial for line in lines.values() if line.serial})
    read = {row.serial: row for row in rows}  # the last one counts
    together: dict[str, list[tuple[Waiting, OrderLine, Observation]]] = defaultdict(list)
    for task in tasks:
        line = lines.get(task.case)
        if line and line.serial in read:
            together[line.digest].append((task, line, read[line.serial]))
    entries: list[Entry] = []
    for digest, devices in together.items():
        profile = profile_of(digest)
        pairs = [(_seen(observation), recipient(task.state, line)) for task, line, observation in devices]
        found = verified(profile, pairs, as_of=in_tokyo(as_of).date())
        entries += [
            _entry(task, profile, findings) for (task, _, _), findings in zip(devices, found, strict=True)
        ]
    record_many(entries, by=SYSTEM(towns.current_town()), as_of=as_of, locked=[task.locked for task in tasks])
    compared = {line.serial: task.id for devices in together.values() for task, line, _ in devices}
    for row in rows:
        row.task = compared.get(row.serial)
    Observation.objects.bulk_update(rows, ["task"])


@cache
def profile_of(digest: str) -> Profile:
    """The profile as an order keeps it; its text never changes."""
    body = DeviceProfile.objects.values_list("body", flat=True).get(digest=digest)
    return Profile.model_validate_json(body)


def _new_readings(serials: set[str]) -> list[Observation]:
    """What was read of some devices and not compared yet, oldest first."""
    return list(Observation.objects.filter(serial__in=serials, task=None).order_by("at"))


def _seen(row: Observation) -> Seen:
    return Seen(row.serial, row.at, row.source, row.facts)


def recipient(state: CaseState, line: OrderLine) -> Recipient:
    """Who or what the device of a line is for, as its case knows it."""
    order = state.facts["order"]
    return Recipient(str(line.position), order["hostname"], order["account"] or "", line.serial or "")


def _entry(task: Waiting, profile: Profile, findings: list[Finding]) -> Entry:
    step, attempt = task.step.id, task.attempt
    if not findings:
        return Entry(task.case, e.StepDone(step=step, attempt=attempt), f"done:{task.id}")
    failed = e.StepFailed(
        step=step, attempt=attempt, final=True, code=NOT_AS_PROFILE, reason=said(profile, findings)
    )
    return Entry(task.case, failed, f"failed:{task.id}:{uuid.uuid4()}")


def said(profile: Profile, findings: list[Finding]) -> str:
    """What is not as it must be, for whoever mends it: the demand, and what was read."""
    return "；".join(
        f"{profile.checks[one.check].because.ja}"
        f"（{'、'.join(f'{name}={_shown(value)}' for name, value in one.seen.items()) or '一覧にありません'}）"
        for one in findings
    )


def _shown(value: object) -> str:
    return {None: "読み取れません", True: "はい", False: "いいえ"}.get(value, str(value))  # type: ignore[call-overload]
