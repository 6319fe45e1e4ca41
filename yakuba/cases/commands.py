"""Cases on the command line."""

from __future__ import annotations

import json

import click

from yakuba.command_line import needs_django


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


commands = [migrate_cases]
