"""Two installations on one server, each with a database, a folder and keys of its own; run by `test_moving_town.py` in a
process for each, since a process serves one installation.

    python -m tests.site.moving leave | arrive FILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TOWN, NEIGHBOUR = "394262", "394297"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SEALED = {"webhook": "opens\tand \\ closes", "robot": '{"password": "合言葉"}', "field": "line one\nline two"}
"""Secrets with everything in them that a line of a table could be broken by."""
OVERLAY = """overlay: heating
because: 見本町暖房費助成要綱 第3条
deadlines: {norm: 9 business days}
"""
SIGNED = ("access_accesscut", "cases_certificate")
"""Tables of which a made-up row is found out at once, and which a young town does not fill."""


def fill(town: str = TOWN) -> dict[str, Any]:
    """A town in the middle of its work: cases that ended, one that waits for a clerk, one that nobody has looked at."""
    import yakuba.field.models as field
    import yakuba.robots.models as robots
    from tests.cases.conftest import GOOD, MONDAY, UNSURE
    from tests.site.filling import fill as fill_rest
    from yakuba import clock
    from yakuba.access import PUBLIC, SYSTEM, Resource, log, sealed, seals, towns
    from yakuba.access import actions as access
    from yakuba.access.models import Client
    from yakuba.assistant import line_account
    from yakuba.cases import actions, catalogue, jobs
    from yakuba.cases import verify as proof
    from yakuba.register import actions as register

    register.create_town(town, 30, 1, as_of=MONDAY.date())
    system = SYSTEM(town)

    def apply(facts: Any, key: str) -> str:
        with towns.inside(town):
            case = actions.open_case(
                catalogue.service("heating"), facts, channel="web", by=system, as_of=MONDAY, key=key, identified=True
            )  # fmt: skip
        return str(case.id)

    apply(GOOD, "moving:1")
    waits = apply(UNSURE, "moving:2")
    jobs.drain(town, as_of=MONDAY)
    with towns.inside(town):
        staff = access.add_staff("hanako", "山本 花子", ("clerk", "reviewer"), "Kaze-to-Nami-2026", by=system)
        access.set_totp(staff, by=system, secret=SECRET)
        Client.objects.create(
            town=town, name="電算", token="x", webhook_secret=sealed.seal(SEALED["webhook"])
        )
        kept = {"town": town, "changed_at": MONDAY, "changed_by": "x"}
        robots.Account.objects.create(system="juki", address="", sealed=sealed.seal(SEALED["robot"]), **kept)
        field.Secret.objects.create(name="wlan", sealed=sealed.seal(SEALED["field"]), **kept)
        line_account.set_up("secret", "token", as_of=MONDAY)
        for n in range(3):
            log.record(PUBLIC(town), "case.read", Resource("Case", str(n), town), log.DENIED, as_of=MONDAY)
        seals.seal(town, as_of=clock.now() + 2 * seals.SETTLED)
        log.record(PUBLIC(town), "case.read", Resource("Case", "late", town), log.DENIED, as_of=MONDAY)
    proof.checkpoint(town, as_of=MONDAY)
    fresh = apply(GOOD, "moving:3")
    with _owner() as owner:
        filled = fill_rest(owner, town, "とくべつ\t\\N\n", besides=SIGNED)
    _folders(town)
    return {"waits": waits, "fresh": fresh, "filled": filled, "sealed": SEALED, "signed": SIGNED}


def _folders(town: str) -> None:
    from yakuba.site.moving_town import folders

    for name, place in folders.of_town(town).items():
        if name == "services":
            place.mkdir(parents=True)
            (place / "heating.yaml").write_text(OVERLAY)
            (place / "heating.yaml").chmod(0o600)
            continue
        (place / "below").mkdir(parents=True)
        (place / "below" / "file.txt").write_text(f"{name} of {town}")
        (place / "below" / "file.txt").chmod(0o600)
        (place / ".lock").write_text("")


def _owner() -> Any:
    import psycopg
    from django.db import connection

    from yakuba.site import migrate

    return psycopg.connect(autocommit=True, **migrate.owner(connection))


def work() -> dict[str, Any]:
    """What waited is worked to its end: by the jobs that came along, and by a clerk."""
    from tests.cases.conftest import KATO, SATO, open_task
    from yakuba import clock
    from yakuba.access import towns
    from yakuba.cases import actions
    from yakuba.cases.models import Case
    from yakuba.site import worker

    worker.do_what_waits()
    with towns.inside(TOWN):
        case = Case.objects.get(state="open", tasks__step="review", tasks__status="open")
        for who in (KATO, SATO):
            actions.decide(
                open_task(case, "review"), by=who, as_of=clock.now(), outcome="refused", reason="課税"
            )
    worker.do_what_waits()
    with towns.inside(TOWN):
        return {str(case.id): [case.state, case.outcome] for case in Case.objects.all()}


def look() -> dict[str, Any]:
    """What can be opened here, and what the two logs say."""
    import yakuba.field.models as field
    import yakuba.robots.models as robots
    from yakuba.access import sealed, towns
    from yakuba.access.models import AccessEvent, Client, Staff
    from yakuba.assistant import line_account
    from yakuba.cases import verify as proof

    found = proof.whole(TOWN)
    with towns.inside(TOWN):
        return {
            "totp": sealed.unseal(Staff.objects.get(login="hanako").totp_secret),
            "webhook": sealed.unseal(Client.objects.get(name="電算").webhook_secret),
            "robot": sealed.unseal(robots.Account.objects.get(system="juki").sealed),
            "field": sealed.unseal(field.Secret.objects.get(name="wlan").sealed),
            "line": line_account.account().token,
            "findings": [one.what for one in found.findings],
            "cases": found.cases,
            "events": found.events,
            "looks": list(AccessEvent.objects.order_by("id").values_list("id", flat=True)),
        }


PASSPHRASE = "correct horse battery staple"


def leave(file: str) -> dict[str, Any]:
    """The town is filled, and leaves."""
    filled = fill()
    return {**filled, **said("town", "export", TOWN, "--out", file, "--passphrase-file", "-", "--json")}


def said(*words: str) -> Any:
    """What a command says, in JSON."""
    from click.testing import CliRunner

    from yakuba.site.cli import yakuba

    done = CliRunner().invoke(yakuba, words, input=f"{PASSPHRASE}\n", catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def arrive(file: str) -> dict[str, Any]:
    """Where another town works under the same numbers, archives that are wrong are refused, and the right one is taken in;
    then its work goes on."""
    from tests.site import forging
    from yakuba.site.moving_town import errors

    fill(NEIGHBOUR)
    before = _everything()
    refused = {
        what: forging.refusal(Path(file), what, PASSPHRASE) for what in (*forging.DAMAGES, *forging.FORGERIES)
    }
    if taken := [what for what, said_ in refused.items() if not said_]:
        raise AssertionError(f"taken in: {taken}")
    untouched = _everything() == before
    manifest = said("town", "import", file, "--passphrase-file", "-", "--json")
    seen, again = look(), forging.refusal(Path(file), "as it is", PASSPHRASE)
    worked = work()
    return {
        "refused": refused, "untouched": untouched, "manifest": manifest, "seen": seen, "again": again, "worked": worked,
        "after": look(), "listed": said("town", "list", "--json"), "neighbour": _rows_of(NEIGHBOUR),
        "files": _files(), "left": said("town", "export", TOWN, "--out", f"{file}.2", "--passphrase-file", "-", "--json"),
        "errors": sorted(vars(errors)),
    }  # fmt: skip


def _everything() -> list[Any]:
    """Every row and every file of this installation, but for what a sequence is at."""
    return [
        _rows_of(NEIGHBOUR),
        _rows_of(TOWN),
        sorted(str(one) for one in _var().rglob("*") if "ostgres" not in str(one)),
    ]


def _rows_of(town: str) -> dict[str, Any]:
    from yakuba.access import towns
    from yakuba.site.moving_town import tables

    found = {}
    with towns.inside(town):
        tables.write_plainly()
        for table in tables.of_a_town():
            told = tables.Told()
            for _ in told.hears(tables.rows(table, town)):
                pass
            found[table.name] = told.said
    return found


def _var() -> Path:
    from django.conf import settings

    return Path(settings.YAKUBA_VAR)


def _files() -> dict[str, list[Any]]:
    from yakuba.site.moving_town import folders

    return {
        name: [[one.relative_to(place).as_posix(), one.read_text(), one.stat().st_mode & 0o777] for one in folders.files(place)]
        for name, place in folders.of_town(TOWN).items()
    }  # fmt: skip


PARTS = {"leave": leave, "arrive": arrive}


def main() -> None:
    from yakuba.site.cli import prepare

    prepare()
    print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:])))


if __name__ == "__main__":
    main()
