"""`yakuba access …`: who may do what and why, what another policy would change, from where staff may work, and the evidence."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from yakuba import clock
from yakuba.access.circumstances import (
    DATA_CLASSES,
    LONG_AGO,
    OUTSIDE_FROM,
    OUTSIDE_UNTIL,
    PROFILES,
    ZONES,
)
from yakuba.audit.commands import disclose
from yakuba.channels.disaster.commands import emergency
from yakuba.command_line import needs_django

if TYPE_CHECKING:
    from yakuba.access import Resource, Worker
    from yakuba.access.explaining import Explanation
    from yakuba.access.simulating import Answer

town_option = click.option("--town", required=True, help="6-digit code of the town.")
as_json = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
month_option = click.option(
    "--month", required=True, metavar="YYYY-MM", help="The month that is looked at, Asia/Tokyo."
)


@click.group()
def access() -> None:
    """Who may do what, from where and why; what another policy would change; devices, networks, evidence."""


# -- why -----------------------------------------------------------------------------------------------
@access.command()
@click.argument("user")
@click.argument("action")
@click.argument("case")
@click.option("--town", help="6-digit code; not needed where login and case are found in one town alone.")
@click.option("--zone", type=click.Choice(ZONES), default="counter", show_default=True)
@click.option(
    "--device",
    type=click.Choice(("none", "registered", "managed", "certificate")),
    help="`certificate`: managed, and it shows its certificate. Fits the zone where not given.",
)
@click.option(
    "--proven", type=int, default=0, show_default=True, help="Minutes since both factors were shown."
)
@click.option(
    "--strength",
    type=click.IntRange(0, 2),
    default=2,
    show_default=True,
    help="How sure we are of who it is.",
)
@click.option("--at", "at", metavar="TIME", help="When, as 2026-11-29T22:00; now where not given.")
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="The model of the networks; the town's own where not given.",
)
@click.option(
    "--emergency/--no-emergency", default=None, help="Whether disaster mode is on; as it is where not given."
)
@click.option("--data", type=click.Choice(DATA_CLASSES), help="The class of what is shown.")
@as_json
@needs_django
def explain(user: str, action: str, case: str, town: str | None, as_json: bool, **how: Any) -> None:
    """Whether USER (a login, or a worker id) may do ACTION to CASE (a reference number, an id, or `town`): which policy decided,
    and what would change the answer."""
    from yakuba.access import explaining, towns

    for code in [town] if town else _towns():
        with towns.inside(code):
            worker, resource = _worker(user, how), _resource(action, case, code, how["data"])
            if worker and resource:
                _show(worker, action, resource, explaining.explain(worker, action, resource), as_json)
                return
    raise click.ClickException(
        f"no town has both a member of staff {user!r} and a case {case!r}.\n"
        "Logins: yakuba staff list --town CODE. The case is a reference number (1234-5678-9012), its id, or the word town."
    )


def _towns() -> list[str]:
    from yakuba.register import queries as register

    return register.town_codes()


def _worker(user: str, how: dict[str, Any]) -> Worker | None:
    """The member of staff under the circumstances that were given; the town's own where none were."""
    from yakuba.access import queries
    from yakuba.access.situation import Seen

    account = queries.staff_by_login(user) or queries.colleague(user)
    if account is None or not account.is_active:
        return None
    now = clock.now() if how["at"] is None else _moment(how["at"])
    found = queries.signed_in(account.pk, Seen(None), now, as_of=now)
    assert found is not None
    own = found[1].where
    device = how["device"] or {"home": "registered", "internet": "none"}.get(how["zone"], "managed")
    where = replace(
        own,
        zone=how["zone"],
        device="managed" if device == "certificate" else device,  # type: ignore[arg-type]  # as the option lets it be
        certificate=device == "certificate" or (how["device"] is None and device == "managed"),
        proven_minutes=min(how["proven"], LONG_AGO),
        profile=how["profile"] or own.profile,
        emergency=own.emergency if how["emergency"] is None else how["emergency"],
    )
    return replace(found[1], where=where, strength=how["strength"])


def _moment(given: str) -> datetime:
    try:
        return datetime.fromisoformat(given).replace(tzinfo=clock.TOKYO)
    except ValueError as error:
        raise click.ClickException(f"--at {given!r} is no time; write it like 2026-11-29T22:00") from error


def _resource(action: str, case: str, town: str, data: str | None) -> Resource | None:
    """What the action is about: the town, the case, or the person whose case it is."""
    from yakuba.access import Resource
    from yakuba.access.policy import UnknownAction, book

    about = book().abouts.get(action)
    if about is None:
        raise UnknownAction(
            f"no action {action!r} in policies/schema.cedarschema; known: {', '.join(book().actions)}"
        )
    if case == "town":
        return _classed(Resource("Town", town, town), data) if "Town" in about else None
    found = _case(case)
    if found is None:
        return None
    if "Person" in about:
        return _classed(Resource("Person", str(found.applicant or found.id), town), data)
    return _classed(_of_case(found, action, town), data)


def _case(case: str) -> Any:
    from yakuba.cases import queries as cases
    from yakuba.cases.errors import NoSuchCase

    try:
        return cases.one(uuid.UUID(case))
    except NoSuchCase:
        return None
    except ValueError:
        return cases.by_reference(case)


def _of_case(found: Any, action: str, town: str) -> Resource:
    """The case as the policy sees it, with the role of its first open task where the action is about a task."""
    from yakuba.cases import queries as cases
    from yakuba.cases.log import case_resource

    state = cases.state(found)
    role = None
    if action.startswith("task."):
        waiting = [task for task in cases.tasks_of(found.id) if task.status == "open" and task.by == "staff"]
        role = waiting[0].role if waiting else None
    return case_resource(found.id, state, town, role=role)


def _classed(resource: Resource, data: str | None) -> Resource:
    return replace(resource, data=data) if data else resource  # type: ignore[arg-type]  # one of DATA_CLASSES


def _show(worker: Worker, action: str, resource: Resource, said: Explanation, as_json: bool) -> None:
    where = worker.where.context(resource.data)
    if as_json:
        answer = {
            "allowed": said.allowed,
            "worker": worker.id,
            "name": worker.name,
            "roles": sorted(worker.acts_in),
            "action": action,
            "resource": [resource.type, resource.id],
            "circumstances": where,
            "policies": [_policy(one) for one in said.policies],
            "would_change_it": [list(one) for one in said.changes],
        }
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
        return
    verdict = "ALLOWED" if said.allowed else "REFUSED"
    click.echo(
        f"{verdict}: {worker.name} ({', '.join(sorted(worker.acts_in))}) {action} {resource.type} {resource.id}"
    )
    click.echo("  " + ", ".join(f"{name}={value}" for name, value in where.items()))
    decided = all(one.effect == ("permit" if said.allowed else "forbid") for one in said.policies)
    click.echo("decided by:" if decided else "no policy permits it; these would, to somebody else:")
    for one in said.policies:
        click.echo(f"  {one.id} ({one.effect}, policies/{one.file})\n    {one.text.ja}\n    {one.law}")
        click.echo(f"    {' '.join(one.clauses)}")
    click.echo("what would change it:")
    for change in said.changes:
        click.echo(f"  {' + '.join(change)}")
    if not said.changes:
        click.echo(
            "  nothing that was tried (roles, devices, places, a fresh proof, hours, an emergency; one or two at once)"
        )


def _policy(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "effect": one.effect,
        "says": one.text.ja,
        "law": one.law,
        "clauses": list(one.clauses),
        "file": f"policies/{one.file}",
    }


# -- what if -------------------------------------------------------------------------------------------
@access.command()
@click.option(
    "--policies",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The changed policies: a folder like policies/, whole. A schema of its own is not needed.",
)
@month_option
@click.option("--town", help="6-digit code; all towns where not given.")
@as_json
@needs_django
def simulate(folder: Path, month: str, town: str | None, as_json: bool) -> None:
    """Ask a month of the access log again under changed policies, and list what would differ. Nothing is changed."""
    from yakuba.access.policy import PolicyBook

    since, until = month_of(month)
    try:
        changed = PolicyBook(folder)
    except ValueError as error:
        raise click.ClickException(f"{folder}: {error}") from error
    found = [_simulated(code, changed, since, until) for code in ([town] if town else _towns())]
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
        return
    for one in found:
        _show_simulated(one)


def _simulated(town: str, changed: Any, since: datetime, until: datetime) -> dict[str, Any]:
    from yakuba.access import simulating, towns

    with towns.inside(town):
        answers = [simulating.answer(changed, asked, town) for asked in simulating.questions(since, until)]
        unasked = simulating.unasked(since, until)
    return {
        "town": town,
        "questions": len(answers),
        "asked": sum(one.asked.times for one in answers),
        "not_kept": unasked,
        "differences": [_difference(one) for one in answers if one.differs or one.wrong],
    }


def _difference(one: Answer) -> dict[str, Any]:
    return {
        "worker": one.asked.worker,
        "roles": one.asked.question["roles"],
        "action": one.asked.action,
        "about": one.asked.resource_type,
        "circumstances": one.asked.question["circumstances"],
        "times": one.asked.times,
        "was": "allowed" if one.asked.allowed else "refused",
        "would_be": "allowed" if one.allowed else "refused",
        "policies": list(one.policies),
        "wrong": one.wrong,
    }


def _show_simulated(one: dict[str, Any]) -> None:
    click.echo(
        f"{one['town']}: {one['asked']} questions ({one['questions']} different ones), "
        f"{len(one['differences'])} would be answered otherwise"
        + (f"; {one['not_kept']} older rows keep no question" if one["not_kept"] else "")
    )
    for row in one["differences"]:
        around = row["circumstances"]
        click.echo(
            f"  {row['times']} x {row['action']} by {row['worker']} ({', '.join(row['roles'])}) from {around['zone']}: "
            f"{row['was']} -> {row['would_be']} {row['wrong'] or ' '.join(row['policies'])}"
        )


def month_of(month: str) -> tuple[datetime, datetime]:
    """From its first moment to the first of the next one (Asia/Tokyo). Raises ClickException."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=clock.TOKYO)
    except ValueError as error:
        raise click.ClickException(f"--month {month!r} is no month; write it like 2026-10") from error
    return first, (first + timedelta(days=32)).replace(day=1)


# -- evidence ------------------------------------------------------------------------------------------
@access.command()
@month_option
@click.option("--town", help="6-digit code; all towns served here where not given, one after the other.")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A file .pdf or .csv."
)
@needs_django
def evidence(month: str, town: str | None, out: Path) -> None:
    """The month's report of evidence, clause by clause of the guidelines: what fulfils each, and what the logs show of it."""
    from yakuba.register import queries as register
    from yakuba.site import evidence as report

    since, until = month_of(month)
    if out.suffix not in (".pdf", ".csv"):
        raise click.ClickException(f"--out {out}: give it the ending .pdf or .csv")
    codes = [town] if town else [one.code for one in register.towns()]
    if not codes:
        raise click.ClickException("no town is served here; see: yakuba town create")
    made = [report.gather(code, since, until) for code in codes]
    out.write_bytes(report.pdf(made) if out.suffix == ".pdf" else report.csv_file(made))
    for one in made:
        click.echo(f"{out}: {len(one.clauses)} clauses, {one.decisions} decisions of {month} in {one.code}.")


# -- networks, devices, the model ----------------------------------------------------------------------
@access.group()
def network() -> None:
    """Networks that count as the hall, or as a site of a disaster."""


@network.command(name="add")
@town_option
@click.argument("zone", type=click.Choice(("counter", "lgwan", "disaster")))
@click.argument("cidr")
@click.option("--note", default="")
@needs_django
def add_network(town: str, zone: Any, cidr: str, note: str) -> None:
    """Whoever comes from CIDR works in ZONE, from the next request on."""
    from yakuba.access import SYSTEM, devices, towns

    with towns.inside(town):
        made = devices.declare_network(zone, cidr, note, by=SYSTEM(town), as_of=clock.now())
    click.echo(f"{made.cidr} counts as {made.zone}.")


@network.command(name="list")
@town_option
@needs_django
def list_networks(town: str) -> None:
    """What the town declared; without any, YAKUBA_NETWORKS holds."""
    from yakuba.access import devices, towns

    with towns.inside(town):
        for one in devices.networks():
            click.echo("\t".join([one.zone, one.cidr, one.note]))


@network.command(name="remove")
@town_option
@click.argument("cidr")
@needs_django
def remove_network(town: str, cidr: str) -> None:
    """CIDR counts as any other addresses again."""
    from yakuba.access import SYSTEM, devices, towns

    with towns.inside(town):
        found = [one for one in devices.networks() if one.cidr == cidr]
        if not found:
            raise click.ClickException(
                f"{cidr} is not declared; see: yakuba access network list --town {town}"
            )
        devices.forget_network(found[0].pk, by=SYSTEM(town), as_of=clock.now())
    click.echo(f"{cidr} is removed.")


@access.group()
def device() -> None:
    """Devices that staff may work with outside of the hall."""


@device.command(name="issue")
@town_option
@click.argument("name")
@click.option("--for", "login", help="The login of who uses it; whoever signs in on it where not given.")
@click.option("--managed", is_flag=True, help="The town manages it.")
@click.option("--disaster", is_flag=True, help="It belongs to a site of a disaster.")
@click.option("--certificate", default="", help="SHA-256 of its client certificate, hexadecimal.")
@needs_django
def issue_device(
    town: str, name: str, login: str | None, managed: bool, disaster: bool, certificate: str
) -> None:
    """Print the code that is typed on the device within 24 hours; it is shown once."""
    from yakuba.access import SYSTEM, devices, queries, towns

    with towns.inside(town):
        staff = queries.staff_by_login(login) if login else None
        if login and staff is None:
            raise click.ClickException(
                f"no account {login!r} in this town; see: yakuba staff list --town {town}"
            )
        _, code = devices.issue(
            name,
            staff,
            managed=managed,
            for_emergency=disaster,
            certificate=certificate,
            by=SYSTEM(town),
            as_of=clock.now(),
        )
    click.echo(code)


@device.command(name="list")
@town_option
@needs_django
def list_devices(town: str) -> None:
    """Each device: id, name, whose, kind, state."""
    from yakuba.access import devices, towns

    with towns.inside(town):
        for one in devices.devices():
            state = "revoked" if one.revoked_at else "in use" if one.registered_at else "waits for its code"
            kind = "managed" if one.managed else "registered"
            click.echo("\t".join([str(one.pk), one.name, one.staff.login if one.staff else "-", kind, state]))


@device.command(name="revoke")
@town_option
@click.argument("device_id", type=click.UUID)
@needs_django
def revoke_device(town: str, device_id: uuid.UUID) -> None:
    """The device opens nothing any more, from the next request on."""
    from yakuba.access import SYSTEM, devices, towns

    with towns.inside(town):
        devices.revoke(device_id, by=SYSTEM(town), as_of=clock.now())
    click.echo("The device is revoked.")


@access.command()
@town_option
@click.argument("profile", type=click.Choice(PROFILES))
@click.option(
    "--from",
    "begins",
    default=f"{OUTSIDE_FROM:%H:%M}",
    show_default=True,
    help="Work outside from, on open days.",
)
@click.option("--until", "ends", default=f"{OUTSIDE_UNTIL:%H:%M}", show_default=True)
@needs_django
def model(town: str, profile: Any, begins: str, ends: str) -> None:
    """Set the model of the town's networks (三層の対策) and the hours for work outside."""
    from yakuba.access import SYSTEM, devices, towns

    try:
        hours = [time.fromisoformat(given) for given in (begins, ends)]
    except ValueError as error:
        raise click.ClickException(f"{begins} or {ends} is no time; write it like 08:30") from error
    with towns.inside(town):
        devices.set_posture(profile, *hours, by=SYSTEM(town), as_of=clock.now())
    click.echo(f"{town} works by {profile}; outside from {begins} until {ends}.")


access.add_command(disclose)
access.add_command(emergency)
commands: Sequence[click.Command] = [access]
