"""A town hall as an earlier program left it, in the middle of its work, and how its cases go on after an upgrade.

`earlier.dump` was made by the program of 29 November 2026 (access at its migration 0006) with
`python -m tests.site.earlier fill`, then `pg_dump --format=custom --no-owner --compress=9`. It is not made anew when a
migration is added: what an older program wrote is what has to go on.

    python -m tests.site.earlier fill | go-on      # prints what is there as JSON
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

TOWN = "394262"
DUMP = Path(__file__).with_name("earlier.dump")
EACH = 4


def fill() -> dict[str, Any]:
    """Cases that are decided and wait for payment, that wait for a reviewer, and that nobody has looked at; a log of looks."""
    from tests.cases.conftest import GOOD, KATO, MONDAY, UNSURE
    from tests.money.payments import register_town
    from yakuba import clock
    from yakuba.access import SYSTEM, log, seals, towns
    from yakuba.access.policy import Resource
    from yakuba.cases import actions, catalogue, jobs
    from yakuba.register.models import Town
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    with towns.inside(TOWN):
        Town.objects.create(
            code=TOWN,
            name="山あい町",
            prefecture="高知県",
            mayor_title="町長",
            contact="住民課",
            synthetic=True,
        )
        register_town()

    def apply(facts: Any, number: int) -> None:
        with towns.inside(TOWN):
            actions.open_case(
                catalogue.service("heating"), facts, channel="web", by=SYSTEM(TOWN), as_of=MONDAY,
                key=f"earlier:{number}", applicant=uuid.uuid5(uuid.NAMESPACE_OID, str(number)), identified=True,
            )  # fmt: skip

    for number in range(EACH):
        apply(GOOD, number)
        apply(UNSURE, EACH + number)
    jobs.drain(TOWN, as_of=MONDAY)
    for number in range(EACH):
        apply(GOOD, 2 * EACH + number)
    with towns.inside(TOWN):
        for number in range(EACH):
            log.record(KATO, "case.read", Resource("Case", str(number), TOWN), log.ALLOWED, as_of=MONDAY)
        seals.seal(TOWN, as_of=clock.now() + timedelta(hours=1))
    return there()


def there() -> dict[str, Any]:
    """What is there, and whether it is whole."""
    from django.db import connection

    from yakuba.access import seals, towns
    from yakuba.cases import verify

    cases, events, findings = verify.verify(TOWN)
    with towns.inside(TOWN), connection.cursor() as cursor:
        breaks = seals.verify(TOWN).breaks
        cursor.execute("select key from cases_event")
        keys = Counter(key for (key,) in cursor.fetchall())
        cursor.execute("select step, count(*) from cases_task where status = 'open' group by 1 order by 1")
        waiting = dict(cursor.fetchall())
        cursor.execute('select count(*), count(distinct "case") from money_payment')
        payments = list(cursor.fetchone())
    return {
        "cases": cases,
        "events": events,
        "findings": [one.what for one in findings] + [one.what for one in breaks],
        "twice": [key for key, count in keys.items() if count > 1],
        "waiting": waiting,
        "payments": payments,
    }


def go_on() -> dict[str, Any]:
    """The system does its steps, a reviewer decides what waits, new requests come in beside the old ones."""
    from tests.cases.conftest import GOOD, KATO, MONDAY, SATO
    from yakuba import clock
    from yakuba.access import SYSTEM, log, seals, towns
    from yakuba.access.policy import Resource
    from yakuba.cases import actions, catalogue, jobs
    from yakuba.cases.models import Task

    before, later = there(), MONDAY + timedelta(days=1)
    jobs.drain(TOWN, as_of=later)
    with towns.inside(TOWN):
        reviews = list(Task.objects.filter(step="review", status="open").values_list("id", flat=True))
    for task in reviews:
        for by in (KATO, SATO):
            with towns.inside(TOWN):
                actions.decide(task, by=by, as_of=later, outcome="granted", amount=7000, reason="確かめた")
    with towns.inside(TOWN):
        actions.open_case(
            catalogue.service("heating"),
            GOOD,
            channel="web",
            by=SYSTEM(TOWN),
            as_of=later,
            key="new",
            applicant=uuid.uuid4(),
            identified=True,
        )
        log.record(KATO, "case.read", Resource("Case", "new", TOWN), log.ALLOWED, as_of=later)
        seals.seal(TOWN, as_of=clock.now() + timedelta(hours=1))
    jobs.drain(TOWN, as_of=later)
    return {"before": before, "reviewed": len(reviews), "after": there()}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    django.setup()
    print(json.dumps({"fill": fill, "go-on": go_on}[sys.argv[1]]()))
