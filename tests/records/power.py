"""Taking in and cutting over, killed (SIGKILL) at random moments.

Run by `test_power_cut.py` in a process of its own, on a database of its own: nothing here is undone at the end of a test, as
nothing is after a power cut.

    python -m tests.records.power SEED FOLDER
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

import django

from tests.money.power import child, cut

TOWN = "394262"
ROWS, HELD, ROUNDS = 3000, 200, 5
"""Rows of a load, how many of them are held, and loads."""


def folder(base: Path, turn: int) -> Path:
    from tests.records import loads

    rows = [loads.home(n, setaiinsu=str(1 + (n + turn) % 7)) for n in range(turn, ROWS + turn)]
    bad = [loads.held(n, "setaiseiritsunengappi", "？") for n in range(ROWS + 100, ROWS + 100 + HELD)]
    return loads.write(base / str(turn), {loads.GROUP: [*rows, *bad]}, content=str(turn))


class Turn:
    """One load, taken in, its cases opened, cut over; each phase as somebody would take it up again."""

    def __init__(self, base: Path, turn: int):
        self.folder = folder(base, turn)

    def take_in(self) -> None:
        from tests.records.loads import AT
        from yakuba.access import SYSTEM, towns
        from yakuba.records import actions

        with towns.inside(TOWN):
            actions.take_in(self.folder, by=SYSTEM(TOWN), as_of=AT)

    def open_cases(self) -> None:
        from tests.records.loads import AT
        from yakuba.records import held

        held.open_all(TOWN, as_of=AT, batch=40)

    def cut_over(self) -> None:
        from tests.records.loads import AT
        from yakuba.access import SYSTEM, towns
        from yakuba.records import actions
        from yakuba.records.models import Load
        from yakuba.records.states import REHEARSAL

        with towns.inside(TOWN):
            for load in Load.objects.filter(state=REHEARSAL):
                actions.cut_over(load.id, by=SYSTEM(TOWN), as_of=AT, leave_held=True)


# -- what must be so at any moment ----------------------------------------------------------------
_NEVER = {
    "loads whose rows are not as many as counted": """
        select count(*) from records_load l where (select count(*) from records_loadedrow r where r.load_id = l.id)
        <> (select sum((c.value ->> 'in')::int) from jsonb_each(l.counts) c)""",
    "held rows with two cases": """
        select count(*) - count(distinct (c.status #>> '{facts,row,number}')) from cases_case c
        where c.service = 'held-row'""",
    "held rows whose case is not there": """
        select count(*) from records_loadedrow r where r."case" is not null
        and not exists (select from cases_case c where c.id = r."case")""",
    "current loads without a cut-over": """
        select count(*) from records_load l where l.state = 'current'
        and not exists (select from records_cutover c where c.load_id = l.id)""",
    "cut-overs whose counts are not what they began": """
        select count(*) from records_cutover c, lateral (
          select sum((g.value ->> 'new')::int + (g.value ->> 'changed')::int) as said,
          (select count(*) from records_record r where r.since_sequence = c.sequence) as began
          from jsonb_each(c.counts) g) x where said <> began""",
    "records current twice": """
        select count(*) - count(distinct key) from records_record where until_sequence is null""",
    "records of a number that nobody made": """
        select count(*) from records_record where since_sequence not in (select sequence from records_cutover)
        or until_sequence not in (select sequence from records_cutover)""",
}


def faults() -> list[str]:
    """Everything that is lost, double or half done."""
    from yakuba.access import towns

    with towns.inside(TOWN):
        return [f"{name}: {found}" for name, query in _NEVER.items() if (found := _count(query))]


def _count(query: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def trial(seed: int, base: Path) -> dict[str, object]:
    """Cut every phase at a random moment, look, take it up again, look again."""
    chance, found, struck = random.Random(seed), [], 0
    usual: dict[str, float] = {}
    for number in range(ROUNDS):
        turn = Turn(base, number)
        for phase in (turn.take_in, turn.open_cases, turn.cut_over):
            if number:
                struck += cut(phase, chance.uniform(0.2, 1.0) * usual[phase.__name__])
                found += faults()
            begin = time.perf_counter()
            _, status = os.waitpid(child(phase), 0)
            found += [f"{phase.__name__} could not be taken up again"] * (status != 0)
            usual.setdefault(phase.__name__, time.perf_counter() - begin)
            found += faults()
    return {"struck": struck, "faults": found, **standing()}


def standing() -> dict[str, int]:
    """What is there in the end."""
    from yakuba.access import towns

    with towns.inside(TOWN):
        return {
            "loads": _count("select count(*) from records_load where state = 'current'"),
            "current": _count("select count(*) from records_record where until_sequence is null"),
            "cutovers": _count("select count(*) from records_cutover"),
            "cases": _count("select count(*) from cases_case where service = 'held-row'"),
        }


def main() -> None:
    """Prepare the database, make the trial, print what came of it as JSON."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "yakuba.site.settings"
    django.setup()
    from tests.money.payments import register_town
    from yakuba.access import towns
    from yakuba.site import migrate

    migrate.bring_up_to_date()
    with towns.inside(TOWN):
        register_town()
    print(json.dumps(trial(int(sys.argv[1]), Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
