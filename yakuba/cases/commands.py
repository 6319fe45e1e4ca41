"""The log and the workers on the command line."""

from __future__ import annotations

import json
import sys

import click

from yakuba.command_line import needs_django


@click.group()
def log() -> None:
    """The case log: verify its hash chains, sign checkpoints, rebuild what is derived."""


@log.command()
@click.option("--town", help="Only this town (6-digit code).")
@click.option("--json", "as_json", is_flag=True)
@needs_django
def verify(town: str | None, as_json: bool) -> None:
    """Check every hash of the log, every checkpoint, and all that is derived; name what was changed."""
    from yakuba.cases import verify as proof
    from yakuba.register import queries as register

    towns = [town] if town else list(register.town_codes())
    results = {code: proof.verify(code) for code in towns}
    findings = [(code, finding) for code, (_, _, found) in results.items() for finding in found]
    if as_json:
        click.echo(
            json.dumps(
                {
                    "towns": {code: {"cases": c, "events": n} for code, (c, n, _) in results.items()},
                    "findings": [
                        {"town": code, "case": str(f.case), "seq": f.seq, "what": f.what}
                        for code, f in findings
                    ],
                },
                ensure_ascii=False,
            )
        )
    else:
        for code, (cases, events, found) in results.items():
            click.echo(f"{code}: {cases} cases, {events} events, {len(found)} findings")
        for code, finding in findings:
            click.echo(f"{code} case {finding.case}: {finding.what}")
        if not findings:
            click.echo(
                "The log is whole: every hash follows from the one before it, and every case and task from its events."
            )
    sys.exit(1 if findings else 0)


@log.command()
@click.option("--town", help="Only this town (6-digit code).")
@needs_django
def rebuild(town: str | None) -> None:
    """Make cases and tasks anew from their events."""
    from yakuba.cases import replay
    from yakuba.register import queries as register

    for code in [town] if town else list(register.town_codes()):
        cases, tasks = replay.rebuild(code)
        click.echo(f"{code}: {cases} cases and {tasks} tasks made anew")


@log.command()
@click.option("--town", help="Only this town (6-digit code).")
@needs_django
def checkpoint(town: str | None) -> None:
    """Sign the heads of all cases; print digest and signature to be kept outside."""
    from yakuba import clock
    from yakuba.cases import verify as proof
    from yakuba.register import queries as register

    for code in [town] if town else list(register.town_codes()):
        made = proof.checkpoint(code, as_of=clock.now())
        click.echo(f"{code} {made.at.isoformat()} {made.digest.hex()} {made.signature.hex()}")


@click.command()
@click.option("--town", help="Only this town (6-digit code).")
@click.option(
    "--dry-run", is_flag=True, help="Only say what is past its keeping time, and what is still needed."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def retain(town: str | None, dry_run: bool, as_json: bool) -> None:
    """Anonymise closed cases that are past their keeping time, and remove drafts that were abandoned, as each service
    declares under `keep`. Each night the system does the same."""
    from yakuba import clock
    from yakuba.cases import retention
    from yakuba.register import queries as register

    act = retention.survey if dry_run else retention.run
    done = [act(code, as_of=clock.now()) for code in ([town] if town else register.town_codes())]
    if as_json:
        click.echo(json.dumps([report.to_json() for report in done], ensure_ascii=False, indent=2))
        return
    for report in done:
        counted = ", ".join(f"{name}: {count}" for name, count in report.due.items()) or "none"
        held = ", ".join(f"{count} by {room}" for room, count in report.held.items()) or "none"
        left = ", ".join(f"{count} {what}" for what, count in report.abandoned.items()) or "none"
        click.echo(
            f"{report.town}: past their time: {counted} ({report.documents} files, {report.bytes:,} bytes); "
            f"still needed: {held}; abandoned: {left}"
        )
    if dry_run:
        click.echo("Nothing was changed: run it without --dry-run to remove them.")


@click.command("migrate-cases")
@click.argument("service")
@click.option("--town", help="Only this town (6-digit code).")
@click.option(
    "--correct", is_flag=True, help="Decide anew what the older rule decided otherwise, ended cases too."
)
@click.option("--reason", default="", help="Why; it is kept in each case. Needed unless --dry-run.")
@click.option(
    "--checksum", default="", help="What the dry run printed: move them only if it would be the same."
)
@click.option(
    "--dry-run", is_flag=True, help="Only say what would happen to which cases, and which cannot follow."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def migrate_cases(
    service: str,
    town: str | None,
    correct: bool,
    reason: str,
    checksum: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Move running cases of SERVICE to the version that counts now. Those that were decided by the older rule keep their
    decision unless --correct is given."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.cases import catalogue, moving
    from yakuba.register import queries as register

    if not (dry_run or reason):
        raise click.UsageError("say with --reason why the cases are moved, or look first with --dry-run.")
    done = []
    for code in [town] if town else register.town_codes():
        with towns.inside(code):
            current = catalogue.current().services.get(service)
            if current is None:
                raise click.BadParameter(f"there is no service {service!r} in {code}.")
            looked = moving.survey(current, correct=correct) if dry_run else None
        done.append(
            looked
            or moving.run(
                code,
                current,
                by=SYSTEM(code),
                as_of=clock.now(),
                reason=reason,
                correct=correct,
                seen=checksum,
            )
        )
    if as_json:
        click.echo(json.dumps([report.to_json() for report in done], ensure_ascii=False, indent=2))
        return
    for report in done:
        seen = f" (checksum {report.checksum})" if dry_run else ""
        click.echo(
            f"{report.town}: {report.moves} go on by {report.version[:12]}, {report.anew} are decided anew, "
            f"{len(report.differs)} are decided otherwise by the new rule{seen}"
        )
        for one in report.differs:
            who = ", by a person: look at it" if one.by_person else ""
            click.echo(
                f"  {one.reference}: {one.before} {one.before_amount} -> {one.after} {one.after_amount}{who}"
            )
        for why, references in report.blocked.items():
            click.echo(f"  cannot follow ({why}): {' '.join(references)}")


commands = [log, migrate_cases, retain]
