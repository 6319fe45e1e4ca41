"""Device work on the command line."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from yakuba.command_line import needs_django

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def field() -> None:
    """Outsourced device work: plan technicians' days, check plans, choose how many spares are kept."""


@field.command()
@click.argument("file", type=_FILE)
@click.option(
    "--seconds", type=click.FloatRange(1, 3600), default=10.0, help="How long to look for a better plan."
)
@click.option("--cores", type=click.IntRange(1), default=min(2, os.cpu_count() or 1), help="Cores to use.")
@click.option("--seed", type=int, default=0)
@click.option("--json", "as_json", is_flag=True, help="Print the plan, as `field check` reads it.")
def plan(file: Path, seconds: float, cores: int, seed: int, as_json: bool) -> None:
    """Plan a day: FILE is a VRPLIB instance (.vrp) or a day in JSON. Exit 1 when customers of a .vrp are left out."""
    from yakuba.field.dispatch import planning, vrplib, written
    from yakuba.field.dispatch.check import faults
    from yakuba.field.dispatch.day import Map

    instance = file.suffix == ".vrp"
    day = vrplib.read(file) if instance else written.read_day(file.read_text("utf-8"))
    whole = Map(day)
    found = planning.planned(whole, seconds=seconds, seed=seed, cores=cores)
    result = written.written(day, found, faults(whole, found))
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        click.echo(
            f"cost {result['cost']}, feasible {str(result['feasible']).lower()}, "
            f"{len(result['routes'])} routes, {len(found.unserved)} of {len(day.jobs)} jobs not served"
        )
        for who, jobs in result["routes"].items():
            click.echo(f"{who}: {' '.join(jobs)}")
        for name, reason in found.unserved.items():
            click.echo(f"not served: {name} ({reason})")
    sys.exit(1 if instance and found.unserved else 0)


@field.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True)
def check(file: Path, as_json: bool) -> None:
    """Check a plan that `field plan --json` printed, without any engine; exit 1 when it has faults."""
    from yakuba.field.dispatch import written

    found = written.check(file.read_text("utf-8"))
    if as_json:
        click.echo(
            json.dumps({"feasible": not found, "faults": [str(fault) for fault in found]}, ensure_ascii=False)
        )
    else:
        click.echo("\n".join(str(fault) for fault in found) or "No faults: the plan can be kept.")
    sys.exit(1 if found else 0)


@field.command()
@click.argument("file", type=_FILE)
@click.option("--most", type=click.IntRange(1, 500), default=20, help="Units of a kind that are looked at.")
@click.option("--simulate", type=click.FloatRange(1), help="Also simulate so many years, demand by demand.")
@click.option("--seed", type=int, default=1)
@click.option("--json", "as_json", is_flag=True)
def spares(file: Path, most: int, simulate: float | None, seed: int, as_json: bool) -> None:
    """Who waits with the spares that FILE says are kept, the chance of having none, and what to buy next."""
    from yakuba.field import spares, spares_file

    kept = spares_file.read(file)
    found = [
        {
            "item": item.name,
            "depot": stock.depot,
            "waiting": round(spares.waiting(item, stock), 4),
            "metric": round(spares.waiting(item, stock, "metric"), 4),
            "simulated": simulate and round(sum(spares.simulated(item, stock, years=simulate, seed=seed)), 4),
            "bases": [asdict(base) for base in spares.outlook(item, stock)],
        }
        for item, stock in kept
    ]
    steps = spares.choices([item for item, _ in kept], most)
    if as_json:
        click.echo(
            json.dumps({"items": found, "choices": [asdict(step) for step in steps]}, ensure_ascii=False)
        )
        return
    for (item, stock), one in zip(kept, found, strict=True):
        seen = f", simulated {one['simulated']}" if simulate else ""
        click.echo(f"{item.name}: {stock.depot} at the depot; {one['waiting']} wait on average{seen}")
        for base in spares.outlook(item, stock):
            click.echo(
                f"  {base.base}: {base.stock} kept, {base.waiting:.4f} wait, "
                f"none left {base.none:.1%} of the time, {base.wait_hours:.1f} h on average"
            )
    click.echo("The best stocks, each one purchase further (yen, who waits, depot + bases):")
    for step in steps:
        each = "; ".join(f"{name} {stock.depot} + {list(stock.bases)}" for name, stock in step.stocks.items())
        click.echo(f"  {step.yen:>12,}  {step.waiting:.4f}  {each}")


@field.command()
@click.argument("serial")
@click.option("--town", default="394262", show_default=True, help="Whose devices (6-digit code).")
@click.option("--json", "as_json", is_flag=True)
@needs_django
def custody(serial: str, town: str, as_json: bool) -> None:
    """A device's whole life: who held it from when until when, and in which case; exit 1 when it is not known."""
    from yakuba.access import SYSTEM, Resource, require, towns
    from yakuba.clock import in_tokyo
    from yakuba.field import queries

    with towns.inside(town):
        require(SYSTEM(town), "device.read", Resource("Town", town, town))
        life = queries.custody(serial)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in life], default=str, ensure_ascii=False))
    else:
        for one in life:
            until = f"{in_tokyo(one.until):%Y-%m-%d %H:%M}" if one.until else "now"
            where = f" {one.name}" if one.name else ""
            where += f" at {one.place}" if one.place else ""
            click.echo(
                f"{in_tokyo(one.since):%Y-%m-%d %H:%M} - {until}  {one.holder}{where}  case {one.reference}, by {one.by}"
            )
        if not life:
            click.echo(f"No device {serial} is known in {town}.", err=True)
    sys.exit(0 if life else 1)


@field.command()
@click.option("--devices", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option(
    "--faults", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Share of faulty ones."
)
@click.option(
    "--profile", "file", type=_FILE, help="A device profile [default: the example of the documentation]."
)
@click.option("--town", default="394262", show_default=True, help="Whose line (6-digit code).")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@needs_django
def kit(devices: int, faults: float, file: Path | None, town: str, seed: int, as_json: bool) -> None:
    """Take a synthetic order along the line and count which known faults were found; exit 1 when one was missed."""
    from yakuba import clock
    from yakuba.field import rehearsal
    from yakuba.field.kitting import profile

    chosen = profile.read(file or profile.EXAMPLE)
    figures = rehearsal.rehearsed(
        town,
        chosen,
        devices,
        share=faults,
        seed=seed,
        as_of=clock.now(),
        say=lambda text: click.echo(text, err=True),
    )
    if as_json:
        click.echo(json.dumps(asdict(figures) | {"scans_a_second": round(figures.scans_a_second, 1)}))
    else:
        click.echo(
            f"{figures.order}: {figures.devices} devices, {figures.faulty} faulty of {figures.kinds} kinds; "
            f"{figures.found} found, {figures.missed} missed, {figures.held_for_nothing} held for nothing; "
            f"{figures.shipped} shipped; {figures.scans_a_second:.0f} scans a second (all synthetic)"
        )
    sys.exit(1 if figures.missed or figures.held_for_nothing else 0)


@field.command()
@click.argument("file", type=_FILE)
@click.option("--number", required=True, help="The order's number.")
@click.option(
    "--profile", "profile_file", type=_FILE, required=True, help="The device profile that is kept with it."
)
@click.option("--ship-to", required=True, help="Code of the destination.")
@click.option("--town", required=True, help="Whose line (6-digit code).")
@click.option("--encoding", default="cp932", show_default=True, help="Of a .csv without UTF-8's mark.")
@needs_django
def order(file: Path, number: str, profile_file: Path, ship_to: str, town: str, encoding: str) -> None:
    """Enter a kitting order: FILE (.csv, .xlsx) has a row for every device. All rows are right, or none is entered."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.field import actions, recipients
    from yakuba.field.kitting import profile

    chosen, people = profile.read(profile_file), recipients.read(file, encoding)
    with towns.inside(town):
        opened = actions.enter_order(
            actions.Order(number, chosen, ship_to, people), by=SYSTEM(town), as_of=clock.now()
        )
    click.echo(
        f"Order {number}: {len(opened)} devices by {chosen.profile} {chosen.version} wait to be received."
    )


@field.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--town", required=True, help="Whose devices (6-digit code).")
@click.option("--watch", type=click.FloatRange(1), help="Go on, and look again every so many seconds.")
@needs_django
def read(folder: Path, town: str, watch: float | None) -> None:
    """Take in what collectors left in FOLDER. Files go to `done` or `unreadable` beside them; exit 1 for the latter."""
    import time

    from yakuba.field import inbox

    while True:
        results = inbox.taken_in(folder, town)
        for one in results:
            click.echo(f"{one.name}: {one.serial or one.trouble}", err=not one.serial)
        if watch is None:
            sys.exit(1 if any(one.trouble for one in results) else 0)
        time.sleep(watch)


@field.command()
@click.argument("order")
@click.option("--town", required=True, help="Whose order (6-digit code).")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF to write."
)
@needs_django
def labels(order: str, town: str, out: Path) -> None:
    """Print labels of all devices of ORDER that were received, one a page, each read back; nothing when one cannot be."""
    from yakuba.access import SYSTEM, Resource, require, towns
    from yakuba.field import queries
    from yakuba.field.kitting.labels import printed, sheet

    with towns.inside(town):
        require(SYSTEM(town), "device.read", Resource("Town", town, town))
        wanted = queries.labels(order)
    if not wanted:
        raise click.ClickException(f"No device of order {order} was received in {town} yet.")
    out.write_bytes(sheet([printed(label) for label in wanted]))
    click.echo(f"{len(wanted)} labels in {out}")


@field.command()
@click.argument("order")
@click.option("--town", required=True, help="Whose order (6-digit code).")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write into."
)
@click.option("--to", required=True, help="To whom it is delivered, as it stands on the papers.")
@needs_django
def papers(order: str, town: str, out: Path, to: str) -> None:
    """Print the packing list and the delivery note of ORDER as PDF."""
    from yakuba import clock
    from yakuba.access import SYSTEM, Resource, require, towns
    from yakuba.field import queries
    from yakuba.field.kitting import papers as paper
    from yakuba.register import queries as register

    with towns.inside(town):
        require(SYSTEM(town), "device.read", Resource("Town", town, town))
        rows = queries.papers(order)
    found = register.town(town)
    if not rows or found is None:
        raise click.ClickException(f"No device of order {order} was received in {town} yet.")
    out.mkdir(parents=True, exist_ok=True)
    today = clock.in_tokyo(clock.now()).date()
    for kind in paper.TITLES:
        content = paper.made(kind, order, to, found.name, rows, today, synthetic=found.synthetic)  # type: ignore[arg-type]
        (out / f"{order}-{kind}.pdf").write_bytes(content)
    click.echo(f"{len(rows)} devices on the packing list and the delivery note in {out}")


@field.command()
@click.argument("order")
@click.option("--town", required=True, help="Whose order (6-digit code).")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The CSV to write."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    help="For a portal: its column and a field that was read, such as modemid=imei, or a fixed value after two signs: "
    "modemtype==IMEI. Without any: the list for Windows Autopilot.",
)
@needs_django
def enrol(order: str, town: str, out: Path, columns: tuple[str, ...]) -> None:
    """Write the list that registers the devices of ORDER with Windows Autopilot, Android zero-touch or a maker's portal."""
    from yakuba.access import SYSTEM, Resource, require, towns
    from yakuba.field import queries

    wanted = dict(column.split("=", 1) for column in columns if "=" in column)
    if len(wanted) != len(columns):
        raise click.ClickException("Write each --column as COLUMN=FIELD or COLUMN==VALUE.")
    with towns.inside(town):
        require(SYSTEM(town), "device.read", Resource("Town", town, town))
        content = queries.portal(order, wanted) if wanted else queries.autopilot(order)
    if not content:
        raise click.ClickException(f"No device of order {order} was received in {town} yet.")
    out.write_bytes(content)
    click.echo(f"{len(content.splitlines()) - 1} devices in {out}")


@field.command()
@click.argument("name")
@click.option("--town", required=True, help="Whose devices (6-digit code).")
@needs_django
def secret(name: str, town: str) -> None:
    """Keep the secret that profiles call NAME (wifi/…, admin/…); it is asked for, sealed, and never shown."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.field import actions

    value = click.prompt("Secret", hide_input=True, confirmation_prompt=True)
    with towns.inside(town):
        actions.set_secret(name, value, by=SYSTEM(town), as_of=clock.now())
    click.echo(f"{name} is kept for devices of {town}.")


@field.command()
@click.argument("order")
@click.option("--town", required=True, help="Whose order (6-digit code).")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A folder that is made."
)
@needs_django
def files(order: str, town: str, out: Path) -> None:
    """Write the file that sets up each device of ORDER (unattend.xml, mobileconfig, QR code, user data), with secrets.

    Only you can read the folder. All files can be made, or none is written.
    """
    from yakuba.access import SYSTEM, Resource, require, towns
    from yakuba.field import queries

    with towns.inside(town):
        require(SYSTEM(town), "device.secret", Resource("Town", town, town))
        made = queries.set_up_files(order)
    if not made:
        raise click.ClickException(f"There is no order {order} in {town}.")
    out.mkdir(mode=0o700, parents=True, exist_ok=False)
    for name, content in made:
        (out / name).touch(mode=0o600)
        (out / name).write_bytes(content)
    click.echo(f"{len(made)} files in {out}. They hold secrets: delete them when the devices are set up.")


@field.command()
@click.option("--hall", default="900001", show_default=True, help="Whose day (6-digit code).")
@click.option("--date", "on", help="The day; the last one that was worked when not given.")
@click.option("--json", "as_json", is_flag=True)
@needs_django
def day(hall: str, on: str | None, as_json: bool) -> None:
    """A day of device work in figures: visits, service levels, kitting, exchanges, spares.

    Where no partner is here yet, a synthetic day of a nationwide one is played first (12 bases, 4 towns, 2 companies).
    """
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.field import figures, national
    from yakuba.register import actions as register_actions
    from yakuba.register import queries as register

    now = clock.now()
    if register.town(hall) is None:
        click.echo(f"No partner {hall} is here: a synthetic one is made, and its day is played.", err=True)
        register_actions.add_partner(hall, national.NAME, "電話 000-0000-0000", synthetic=True)
        national.play(hall, national.latest(now), say=lambda text: click.echo(text, err=True))
    chosen = clock.parse_date(on) if on else national.latest(now)
    with towns.inside(hall):
        found = figures.of_day(chosen, now)
    said = asdict(found) | {"hall": hall, "synthetic": register.town(hall).synthetic}  # type: ignore[union-attr]
    if as_json:
        click.echo(json.dumps(said, default=str, ensure_ascii=False))
    else:
        for name, value in said.items():
            click.echo(f"{name}: {value}")


@field.command()
@click.argument("code")
@click.option("--name", required=True)
@click.option("--contact", default="", help="Who is called, and where.")
@needs_django
def partner(code: str, name: str, contact: str) -> None:
    """Give a partner a hall of its own under CODE (6 digits, the first a 9). Its staff: yakuba staff add --town CODE."""
    from yakuba.register import actions

    actions.add_partner(code, name, contact)
    click.echo(f"{name} has its hall: /{code}/staff/")


@field.command()
@click.option("--town", required=True, help="Who hands on (6-digit code).")
@click.option("--partner", "code", required=True, help="Who does it (6-digit code).")
@click.option("--service", required=True)
@click.option("--step", required=True, help="One that the service declares outsource: true.")
@click.option("--since", required=True, help="First day, such as 2026-12-01.")
@click.option("--until", help="Last day; open when not given.")
@needs_django
def contract(town: str, code: str, service: str, step: str, since: str, until: str | None) -> None:
    """A town lets a partner do a step from a day on: what waits is handed on within a minute, with what is disclosed."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import catalogue
    from yakuba.field import outsourcing

    if service not in catalogue.current().services:
        raise click.ClickException(
            f"There is no service {service}. There are: {', '.join(sorted(catalogue.current().services))}"
        )
    with towns.inside(town):
        outsourcing.agree(
            code,
            service,
            step,
            since=clock.parse_date(since),
            until=clock.parse_date(until) if until else None,
            by=SYSTEM(town),
        )
    shown = ", ".join(catalogue.service(service).file.disclose.get("partner", []))
    click.echo(f"{code} does {service}/{step} for {town} from {since}. It is shown: {shown}")


@field.command(name="end-contract")
@click.option("--town", required=True, help="Who handed on (6-digit code).")
@click.option("--partner", "code", required=True, help="Who does it no longer (6-digit code).")
@click.option("--service", required=True)
@click.option("--step", required=True)
@click.option("--last", required=True, help="Last day, such as 2027-03-31.")
@needs_django
def end_contract(town: str, code: str, service: str, step: str, last: str) -> None:
    """A contract ends with a day: what the partner has not done by then waits in the town again, and is shown there no more."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.field import outsourcing

    with towns.inside(town):
        ended = outsourcing.end(code, service, step, last=clock.parse_date(last), by=SYSTEM(town))
    click.echo(f"Contracts that end on {last}: {ended}")


@field.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--town", required=True, help="Whose customers write (6-digit code).")
@click.option("--watch", type=click.FloatRange(1), help="Go on, and look again every so many seconds.")
@needs_django
def mail(folder: Path, town: str, watch: float | None) -> None:
    """Take in troubles that came by mail: each new message of the Maildir FOLDER becomes a case of support, once."""
    import time

    from yakuba import clock
    from yakuba.field import support_mail

    while True:
        for one in support_mail.taken_in(folder, town, as_of=clock.now()):
            click.echo(f"{one.subject}: {one.case or 'sent by a machine, left alone'}")
        if watch is None:
            return
        time.sleep(watch)


@field.command()
@click.argument("file", type=_FILE)
@click.option("--town", required=True, help="Whose contract (6-digit code).")
@needs_django
def agreement(file: Path, town: str) -> None:
    """Keep a contract with a customer: prices of units of work, service levels. FILE: docs/examples/customer-contract.yaml."""
    from yakuba.access import SYSTEM, towns
    from yakuba.field import contract as contracts
    from yakuba.field import customers

    terms = contracts.read(file)
    with towns.inside(town):
        customers.agree(terms, by=SYSTEM(town))
    click.echo(
        f"Contract {terms.number} with {terms.name} is kept, from {terms.since} to {terms.until or 'further notice'}."
    )


@field.command()
@click.argument("number")
@click.option("--town", required=True, help="Whose contract (6-digit code).")
@click.option("--month", required=True, help="Such as 2026-11.")
@click.option("--json", "as_json", is_flag=True)
@needs_django
def statement(number: str, town: str, month: str, as_json: bool) -> None:
    """A month of a contract, from the log: what was accepted, at which price, service levels, satisfaction."""
    from yakuba import clock
    from yakuba.access import SYSTEM, Resource, require, towns
    from yakuba.field import customers

    with towns.inside(town):
        require(SYSTEM(town), "customer.read", Resource("Town", town, town))
        found = customers.statement(number, clock.parse_date(f"{month}-01"), clock.now())
    if found is None:
        raise click.ClickException(f"There is no contract {number} in {town}.")
    if as_json:
        click.echo(json.dumps(asdict(found), default=str, ensure_ascii=False))
        return
    for line in found.lines:
        price = "no price agreed" if line.price is None else f"{line.price:,} yen"
        click.echo(f"{line.work:<10} {line.count:>5} x {price:>15} = {line.yen:>12,} yen")
    click.echo(
        f"{found.name}, {found.month:%Y-%m}: {found.yen:,} yen without tax; {len(found.waiting)} not accepted yet"
    )
    for level, (kept, asked) in found.levels.items():
        click.echo(f"{level}: {kept} of {asked} kept")


@field.command()
@click.argument("file", type=_FILE)
@click.option("--town", required=True, help="Whose technicians (6-digit code).")
@needs_django
def roster(file: Path, town: str) -> None:
    """Enter technicians with base, skills, shift and break, and ferries. FILE: docs/examples/roster.yaml."""
    from yakuba.access import SYSTEM, towns
    from yakuba.field import roster_file

    with towns.inside(town):
        people, ferries = roster_file.enter(roster_file.read(file), by=SYSTEM(town))
    click.echo(f"{people} technicians and {ferries} ferries are on the roster of {town}.")


@field.command()
@click.argument("file", type=_FILE)
@click.option("--number", required=True, help="The order's number; it begins with POOL-.")
@click.option(
    "--profile", "profile_file", type=_FILE, required=True, help="The device profile of these spares."
)
@click.option("--depot", required=True, help="Where they are kept.")
@click.option("--town", required=True, help="Whose spares (6-digit code).")
@click.option("--encoding", default="cp932", show_default=True, help="Of a .csv without UTF-8's mark.")
@needs_django
def stock(file: Path, number: str, profile_file: Path, depot: str, town: str, encoding: str) -> None:
    """Put spares into the pool: FILE (.csv, .xlsx) has a row for every device, with its serial number."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.field import actions, recipients, support
    from yakuba.field.kitting import profile

    chosen, people = profile.read(profile_file), recipients.read(file, encoding)
    with towns.inside(town):
        count = support.stock(
            actions.Order(number, chosen, "pool", people), depot, by=SYSTEM(town), as_of=clock.now()
        )
    click.echo(f"{count} spares by {chosen.profile} {chosen.version} are at {depot}.")


commands = [field]
