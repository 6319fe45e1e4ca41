"""Both logs, what is removed from them, and who looked, on the command line."""

from __future__ import annotations

import json
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yakuba.command_line import needs_django

if TYPE_CHECKING:
    from yakuba.cases import retention
    from yakuba.cases.verify import Verified

A_DAY = click.DateTime(formats=["%Y-%m-%d"])
town_argument = click.argument("code", required=False)
town_option = click.option("--town", help="Only this town (6-digit code); the same as CODE.")


def _towns(code: str | None, town: str | None) -> list[str]:
    """The towns that are meant: one, or all that are served here."""
    from yakuba.register import queries as register

    wanted = code or town
    if wanted is None:
        return list(register.town_codes())
    if register.town(wanted) is None:
        raise click.ClickException(f"there is no town {wanted!r} here; see: yakuba town list")
    return [wanted]


@click.group()
def log() -> None:
    """The case log and the access log: prove them, sign checkpoints, rebuild what is derived."""


@log.command()
@town_argument
@town_option
@click.option(
    "--against",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept outside, or a certificate; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True)
@needs_django
def verify(code: str | None, town: str | None, files: tuple[Path, ...], as_json: bool) -> None:
    """Check both logs: every hash and link, every checkpoint and certificate, and all that is derived; name what was changed,
    removed or put in. With --against: that they still contain all that these files bound."""
    from yakuba.cases import outside
    from yakuba.cases import verify as proof

    results = [proof.whole(one) for one in _towns(code, town)]
    by_town = {one.town: one for one in results}
    for path in files:
        try:
            file = outside.read(path)
        except outside.NotACheckpoint as error:
            raise click.ClickException(str(error)) from error
        of = code or town or file["says"]["town"]
        if of not in by_town:
            by_town[of] = proof.Verified(of)
            results.append(by_town[of])
        try:
            by_town[of].findings += outside.against(of, file)
        except outside.NotACheckpoint as error:
            raise click.ClickException(f"{path}: {error}") from error
    click.echo(json.dumps(_as_json(results), ensure_ascii=False)) if as_json else _say(results, len(files))
    sys.exit(1 if any(one.findings for one in results) else 0)


def _as_json(results: list[Verified]) -> dict[str, Any]:
    def told(kind: str) -> list[dict[str, Any]]:
        return [
            {"town": one.town, "case": str(f.case) if f.case else None, "seq": f.seq, "what": f.what}
            for one in results
            for f in getattr(one, kind)
        ]

    counted = {
        one.town: {
            "cases": one.cases,
            "events": one.events,
            "looks": one.looks,
            "unsealed": one.unsealed,
            "checkpoints": one.checkpoints,
            "certificates": one.certificates,
        }
        for one in results
    }
    return {"towns": counted, "findings": told("findings"), "clocks": told("clocks")}


def _say(results: list[Verified], files: int) -> None:
    for one in results:
        click.echo(
            f"{one.town}: {one.cases} cases, {one.events} events, {one.looks} looks ({one.unsealed} not sealed yet), "
            f"{one.checkpoints} checkpoints, {one.certificates} certificates: {len(one.findings)} findings"
        )
    for one in results:
        for finding in one.findings:
            place = f"case {finding.case}: " if finding.case else ""
            click.echo(f"{one.town} {place}{finding.what}")
        for finding in one.clocks:
            place = f"case {finding.case}: " if finding.case else ""
            click.echo(f"{one.town} clock: {place}{finding.what}")
    if any(one.findings for one in results):
        return
    click.echo(
        "Both logs are whole: every hash follows from the one before it, and every case and task from its events."
    )
    if files:
        click.echo("They contain all that the files kept outside have bound.")
    else:
        click.echo(
            "Only a checkpoint that was kept outside shows logs that were replaced whole: yakuba log verify CODE --against FILE"
        )


@log.command()
@town_option
@needs_django
def rebuild(town: str | None) -> None:
    """Make cases and tasks anew from their events."""
    from yakuba.cases import replay

    for code in _towns(None, town):
        cases, tasks = replay.rebuild(code)
        click.echo(f"{code}: {cases} cases and {tasks} tasks made anew")


@log.command()
@town_argument
@town_option
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where to write the file that is kept outside (JSON)."
)
@needs_django
def checkpoint(code: str | None, town: str | None, out: Path | None) -> None:
    """Sign the heads of all cases and of the access log; print what can be compared, and write a file to be kept outside."""
    from yakuba import clock
    from yakuba.cases import outside

    codes = _towns(code, town)
    if out and len(codes) != 1 and not out.is_dir():
        raise click.UsageError("a file is of one town: say which (CODE), or give a folder with --out.")
    for one in codes:
        file = outside.make(one, as_of=clock.now())
        says = file["says"]
        click.echo(
            f"{one} {says['at']} cases {says['cases']['digest']} access {says['access']['hash']} signed {file['signature']}"
        )
        if out:
            path = out / outside.name(file) if out.is_dir() else out
            outside.write(file, path)
            click.echo(f"written: {path} ({path.stat().st_size:,} bytes, key {file['fingerprint']})")


@click.command()
@click.option("--town", help="Only this town (6-digit code).")
@click.option(
    "--dry-run", is_flag=True, help="Only say what is past its keeping time, and what is still needed."
)
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the certificate of what was removed (.pdf or .json); if nothing is, the last one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_django
def retain(town: str | None, dry_run: bool, certificate: Path | None, as_json: bool) -> None:
    """Anonymise closed cases that are past their keeping time, and remove drafts that were abandoned, as each service
    declares under `keep`; certify what was removed. Each night the system does the same."""
    from yakuba import clock
    from yakuba.cases import retention

    codes = _towns(None, town)
    if certificate:
        _check_certificate(certificate, codes, dry_run)
    act = retention.survey if dry_run else retention.run
    done = [act(code, as_of=clock.now()) for code in codes]
    if as_json:
        click.echo(json.dumps([report.to_json() for report in done], ensure_ascii=False, indent=2))
    else:
        for report in done:
            _tell(report)
        if dry_run:
            click.echo("Nothing was changed: run it without --dry-run to remove them.")
    if certificate:
        _write_certificate(codes[0], certificate)


def _check_certificate(path: Path, codes: list[str], dry_run: bool) -> None:
    if dry_run:
        raise click.UsageError("a dry run removes nothing: there is nothing to certify.")
    if len(codes) != 1:
        raise click.UsageError("a certificate is of one town: say which with --town.")
    if path.suffix not in (".pdf", ".json"):
        raise click.UsageError(f"{path.name}: a certificate is a .pdf or a .json.")


def _tell(report: retention.Report) -> None:
    counted = ", ".join(f"{name}: {count}" for name, count in report.due.items()) or "none"
    held = ", ".join(f"{count} by {room}" for room, count in report.held.items()) or "none"
    left = ", ".join(f"{count} {what}" for what, count in report.abandoned.items()) or "none"
    certified = f"; certificate {report.certificate}" if report.certificate else ""
    click.echo(
        f"{report.town}: past their time: {counted} ({report.documents} files, {report.bytes:,} bytes); "
        f"still needed: {held}; abandoned: {left}{certified}"
    )


def _write_certificate(town: str, path: Path) -> None:
    from yakuba.access import towns
    from yakuba.audit import certificates
    from yakuba.cases import erasure

    with towns.inside(town):
        last = next(iter(erasure.certificates()), None)
        if last is None:
            raise click.ClickException(f"nothing was ever removed in {town}: there is no certificate.")
        path.write_bytes(certificates.pdf(last) if path.suffix == ".pdf" else certificates.file(last))
    click.echo(f"written: {path} (certificate {last.number})", err=True)


@click.command()
@click.argument("code")
@click.argument("person")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help=".pdf or .csv")
@click.option("--since", type=A_DAY, help="Only from this day on (YYYY-MM-DD).")
@click.option("--until", type=A_DAY, help="Only before this day (YYYY-MM-DD).")
@click.option("--language", type=click.Choice(["ja", "easy", "en"]), default="ja")
@needs_django
def disclose(
    code: str, person: str, out: Path, since: datetime | None, until: datetime | None, language: str
) -> None:
    """Write who looked at the data of PERSON (an id of the register), for a disclosure (開示)."""
    from yakuba import clock
    from yakuba.access import SYSTEM, towns
    from yakuba.audit import disclosure, looks

    if out.suffix not in (".pdf", ".csv"):
        raise click.UsageError(f"{out.name}: a disclosure is a .pdf or a .csv.")
    try:
        who = uuid.UUID(person)
    except ValueError as error:
        raise click.BadParameter(f"{person!r} is no id of the register.") from error
    (code,) = _towns(code, None)
    span = {
        "since": since and since.replace(tzinfo=clock.TOKYO),
        "until": until and until.replace(tzinfo=clock.TOKYO),
    }
    by = SYSTEM(code)
    try:
        with towns.inside(code):
            made = (
                disclosure.pdf(who, by=by, as_of=clock.now(), language=language, **span)
                if out.suffix == ".pdf"
                else disclosure.table(who, by=by, language=language, **span)
            )
            looks.trace(who, by=by, as_of=clock.now())
    except (disclosure.Nobody, looks.TooMuch) as error:
        raise click.ClickException(str(error)) from error
    out.write_bytes(made)
    click.echo(f"written: {out} ({len(made):,} bytes)")


commands = [log, retain]
