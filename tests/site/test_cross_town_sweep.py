"""Nobody of one town reaches anything of another: every table is tried, and every address, by whoever is signed in.

The other town has a row in every table, and a mark in whatever can hold one. What is added later is tried without being
named here; only a new kind of number in an address must be given one of the other town's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from psycopg import sql

from tests.access.people import make_staff
from tests.access.people import sign_in as sign_in_staff
from tests.access.test_web import views
from tests.cases.conftest import ACCOUNT, GOOD, MONDAY, SMALL, UNSURE
from tests.channels.conftest import person
from tests.channels.conftest import sign_in as sign_in_resident
from tests.conftest import OTHER_TOWN, TOWN
from tests.money.payments import register_town
from tests.site.filling import every_table, fill
from yakuba.access import SYSTEM, towns
from yakuba.access import actions as access
from yakuba.access.towns import TownOwned
from yakuba.access.worker import ROLES
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases.models import Case, Document
from yakuba.register.models import Household, Person, Town
from yakuba.site import migrate
from yakuba.site.moving_town import tables

MARK = "B7SECRET"
HALL = "900001"
"""A partner's hall."""
WITHOUT_A_TOWN = {
    "register_town": "the list of towns itself: names and offices, which everybody may know",
    "django_migrations": "which version the tables are of",
    "django_content_type": "the names of the models",
    "procrastinate_jobs": "wake-ups: a task's name, the town, an id; no page shows them, and no view reads them",
    "procrastinate_events": "when a wake-up began and ended",
    "procrastinate_periodic_defers": "when the clock last woke somebody",
    "procrastinate_workers": "which worker processes live",
}
"""Tables in which the rows of all halls lie together, and why."""
DEFINERS = {
    "register_gather_statistics": "counts rows for the planner; returns nothing",
    "records_gather_statistics": "counts rows for the planner; returns nothing",
}
"""Functions that work as the owner of the tables, and what they give away."""


@dataclass
class Halls:
    """Two towns and a partner's hall, who is signed in where, and what the other town's addresses are made of."""

    owner: psycopg.Connection[Any]
    browsers: dict[str, Client] = field(default_factory=dict)
    ids: dict[str, list[Any]] = field(default_factory=dict)

    def one(self, table: str, column: str = "id") -> Any:
        query = sql.SQL("select {} from {} where town = %s order by 1").format(
            sql.Identifier(column), sql.Identifier(table)
        )
        return self.owner.execute(query, [OTHER_TOWN]).fetchone()[0]

    def rows(self, *besides: str) -> dict[str, set[str]]:
        """A digest of every row of the other town, by table, but for some tables."""
        query = "select md5(t::text) from {} t where town = %s"
        return {
            one.name: {
                row
                for (row,) in self.owner.execute(
                    sql.SQL(query).format(sql.Identifier(one.name)), [OTHER_TOWN]
                )
            }
            for one in owned()
            if one.name not in besides
        }


@pytest.fixture(scope="module")
def halls(transactional_db: None) -> Iterator[Halls]:
    """Both towns at work, the other one with a row in every table."""
    with (
        pytest.MonkeyPatch.context() as patch,
        psycopg.connect(autocommit=True, **migrate.owner(connection)) as owner,
    ):
        patch.setattr(settings, "YAKUBA_SERVICES", SMALL)
        catalogue.forget()
        made = Halls(owner)
        for code, name in ((TOWN, "山あい町"), (OTHER_TOWN, "潮見町"), (HALL, "見本の会社")):
            Town.objects.create(
                code=code, name=name, prefecture="", mayor_title="", contact="", synthetic=True
            )
        _work_in(TOWN, "山田")
        with towns.inside(OTHER_TOWN):
            register_town()
        _work_in(OTHER_TOWN, MARK)
        fill(owner, OTHER_TOWN, MARK)
        fill(owner, TOWN, "ours")
        _sign_in(made)
        made.ids = _ids(made)
        yield made
        catalogue.forget()


def _work_in(town: str, name: str) -> None:
    """A household, an account of its resident, cases that wait for people, a file."""
    with towns.inside(town):
        home = Household.objects.create(town=town, number=1)
        taro = person(home, f"{name} 太郎", f"{name} タロウ", MONDAY.date(), relation="head")
        paper = Document.objects.create(
            town=town, sha256="0" * 64, name=f"{name}.pdf", media_type="application/pdf", size=8, content=name.encode(),
            stored_at=MONDAY, origin="clerk",
        )  # fmt: skip
        for number, facts in enumerate((GOOD, UNSURE)):
            theirs = {
                **facts, "applicant": {**facts["applicant"], "name": f"{name} 太郎"}, "account": {**ACCOUNT, "holder": "ヤマダ"},
            }  # fmt: skip
            cases.open_case(
                catalogue.service("heating"), theirs, channel="web", by=SYSTEM(town), as_of=MONDAY, key=f"sweep:{number}",
                applicant=taro.id, identified=True, documents=[(paper.id, "tax_paper")],
            )  # fmt: skip
    jobs.drain(town, as_of=MONDAY)


OVERSEERS = ("admin", "auditor")


def _sign_in(made: Halls) -> None:
    """Staff in all working roles, those who oversee, a partner's staff, a resident, another system."""
    working = [role for role in ROLES if role not in OVERSEERS]
    for login, hall, roles in (
        ("worker", TOWN, working), ("overseer", TOWN, OVERSEERS), ("partner", HALL, working), ("theirs", OTHER_TOWN, working),
    ):  # fmt: skip
        make_staff(*roles, login=login, town=hall, name=MARK if hall == OTHER_TOWN else login)
        browser = Client(raise_request_exception=False)
        sign_in_staff(browser, login, town=hall)
        made.browsers[login] = browser
    resident = Client(raise_request_exception=False)
    with towns.inside(TOWN):
        sign_in_resident(resident, Person.objects.get(name="山田 太郎"))
        _, token, _ = access.add_client("電算", by=SYSTEM(TOWN))
    made.browsers["resident"] = resident
    headers = {"Authorization": f"Bearer {token}"}
    made.browsers["system"] = Client(raise_request_exception=False, headers=headers)


SAME = {
    "service": "heating", "page": 1, "key": "applicant", "part": "steps", "step": "review", "what": "propose", "dataset": "aed", "version": "1", "sheet": "apply",
    "name": "ask", "standard": MARK, "group": MARK, "year": 2026, "month": 12, "day": 5,
}  # fmt: skip
"""What stands in addresses and is the same in every town."""
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def _ids(made: Halls) -> dict[str, list[Any]]:
    """What stands in addresses, by its name there: of the other town, where it is somebody's. A name that is not here is
    that of a table."""
    with towns.inside(OTHER_TOWN):
        waiting = Case.objects.get(tasks__step="review", tasks__status="open")
        other = Case.objects.exclude(id=waiting.id).get()
    one = made.one
    known = {
        "case": [waiting.id], "campaign": [other.id], "reference": [waiting.reference], "run": [one("money_transferrun")],
        "file": [one("money_transferfile")], "reading": [one("assistant_readfield")], "order": [one("money_paymentorder")],
        "draft": [one("channels_draft")], "row": [one("records_loadedrow"), one("money_collectionrow")],
        "pack_id": [one("channels_offlinepack")], "number": [one("money_received", "number")], "code": [one("booking_round", "code")],
        **{name: [value] for name, value in SAME.items()},
    }  # fmt: skip
    for where, _ in views():
        for name in {*PARAMETER.findall(where)} - {*known, "town"}:
            called = [table.name for table in owned() if table.name.partition("_")[2] == name]
            assert called, f"{where}: say here which {name} the other town has"
            known[name] = [one(table) for table in called]
    return known


def owned() -> list[tables.Table]:
    """Every table in which each row is a town's."""
    return [table for table in every_table() if table.name != tables.TOWN]


# -- every table ------------------------------------------------------------------------------------
def query(text: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def test_a_table_without_a_town_is_one_of_those_whose_reason_is_written_here(halls):
    found = halls.owner.execute(
        """select relname from pg_class where relkind in ('r', 'p', 'f') and relnamespace = 'public'::regnamespace
           and not exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'town')"""
    )
    assert {name for (name,) in found} == set(WITHOUT_A_TOWN)


def test_every_table_with_a_town_is_known_and_forces_row_security_for_everything(halls):
    found = halls.owner.execute(
        """select relname, relrowsecurity and relforcerowsecurity,
                  array(select format('%s %s %s | %s', polcmd, polpermissive, pg_get_expr(polqual, polrelid),
                                      pg_get_expr(polwithcheck, polrelid)) from pg_policy where polrelid = pg_class.oid)
           from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
           and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'town')"""
    ).fetchall()
    rule = "((town)::text = current_setting('yakuba.town'::text, true))"
    assert {name for name, _, _ in found} == {table.name for table in owned()}
    assert [
        name for name, forced, policies in found if not forced or policies != [f"* t {rule} | {rule}"]
    ] == []


def test_a_number_is_a_rows_own_in_its_town_only_and_is_referred_to_with_the_town(halls):
    numbered = {table.name for table in every_table() if table.numbered}
    keys = halls.owner.execute(
        """select conrelid::regclass::text, array(select attname::text from unnest(conkey) with ordinality as k(n, o)
                  join pg_attribute on attrelid = conrelid and attnum = n order by o)
           from pg_constraint where contype = 'p' and connamespace = 'public'::regnamespace"""
    )
    assert {table for table, key in keys if key == ["town", "id"]} == numbered
    loose = halls.owner.execute(
        """select t.relname, i.relname from pg_index x join pg_class i on i.oid = indexrelid join pg_class t on t.oid = indrelid
           where indisunique and t.relname = any(%s) and not exists (
             select from pg_attribute a where a.attrelid = t.oid and a.attnum = any(indkey::int2[])
             and (a.attname = 'town' or a.atttypid = 'uuid'::regtype))""",
        [[table.name for table in owned() if table.name != "access_session"]],
    )
    assert loose.fetchall() == [], "unique in all towns together: begin it with the town"


def test_the_other_town_has_a_row_in_every_table(halls):
    models = [one for one in apps.get_models() if issubclass(one, TownOwned)]
    assert {one._meta.db_table for one in models} == {table.name for table in owned()}
    empty = [one._meta.db_table for one in models if not _their_rows(halls, one._meta.db_table)]
    assert empty == []


def _their_rows(halls: Halls, table: str) -> int:
    counted = sql.SQL("select count(*) from {} where town = %s").format(sql.Identifier(table))
    return halls.owner.execute(counted, [OTHER_TOWN]).fetchone()[0]


def test_no_row_of_another_town_is_read_changed_removed_added_or_taken_in_any_table(halls):
    before = halls.rows()
    reached = [f"{table.name}: {what}" for table in owned() for what in _tried(halls, table)]
    assert reached == []
    assert halls.rows() == before


def _tried(halls: Halls, table: tables.Table) -> list[str]:
    """What of the other town could be done in a table by the application at work in ours."""
    name, reached = table.name, list[str]()
    columns = [f'"{one}"' for one in table.columns]
    theirs = sql.SQL("select {} from {} where town = %s limit 1").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)), sql.Identifier(name)
    )
    row = halls.owner.execute(theirs, [OTHER_TOWN]).fetchone()
    written = f'insert into "{name}" ({", ".join(columns)}) values ({", ".join(["%s"] * len(columns))})'
    key = table.order[0]
    their_key = row[table.columns.index(key)]
    own_key = row[:0]
    tries = {
        "read": (f'select 1 from "{name}" where town = %s', [OTHER_TOWN]),
        "read by its key": (f'select 1 from "{name}" where "{key}" = %s and town <> %s', [their_key, TOWN]),
        "locked": (f'select 1 from "{name}" where town = %s for update', [OTHER_TOWN]),
        "changed": (f'update "{name}" set town = town where town = %s returning 1', [OTHER_TOWN]),
        "taken": (f'update "{name}" set town = %s where town = %s returning 1', [TOWN, OTHER_TOWN]),
        "removed": (f'delete from "{name}" where town = %s returning 1', [OTHER_TOWN]),
        "added": (f"{written} on conflict do nothing returning 1", list(row)),
        "overwritten": (f'{written} on conflict ("{key}") do update set town = excluded.town returning 1', list(row)),
        "given": (f'update "{name}" set town = %s returning 1', [OTHER_TOWN]),
        "emptied": (f'truncate "{name}" cascade', []),
        "counted without row security": (f'select 1 from "{name}" where town = %s', [OTHER_TOWN]),
    }  # fmt: skip
    assert own_key == ()
    for what, (text, values) in tries.items():
        try:
            with towns.inside(TOWN):
                if what == "counted without row security":
                    query("set local row_security = off")
                found = query(text, *map(_adapted, values))
                if found and found != [(0,)]:
                    reached.append(what)
                raise _Undone
        except _Undone:
            pass
        except Exception as error:
            refused = str(error)
            if not re.search(
                "row-level security|permission denied|no unique or exclusion constraint|row security policy",
                refused,
            ):
                reached.append(f"{what}: {refused.splitlines()[0]}")
    return reached


class _Undone(Exception):
    """So that what was tried is rolled back."""


def _adapted(value: Any) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value) if isinstance(value, dict) else value


def test_nothing_in_the_database_looks_past_row_security(halls):
    views_ = halls.owner.execute(
        """select relname from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace
           and not coalesce(reloptions @> '{security_invoker=true}', false)"""
    )
    assert views_.fetchall() == [], "a view shows what its owner sees: make it with (security_invoker = true)"
    definers = halls.owner.execute(
        """select proname from pg_proc where prosecdef and pronamespace not in
           ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"""
    )
    assert {name for (name,) in definers} == set(DEFINERS)
    returning = halls.owner.execute(
        "select proname from pg_proc where proname = any(%s) and prorettype <> 'void'::regtype",
        [list(DEFINERS)],
    )
    assert returning.fetchall() == []
    roles = halls.owner.execute(
        """select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolcanlogin
           from pg_roles where rolname in ('yakuba_app', 'yakuba_archivist')"""
    )
    assert sorted(roles) == [("yakuba_app", False), ("yakuba_archivist", False)]
    joined = halls.owner.execute(
        """select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member
           where a.rolname in ('yakuba_app', 'yakuba_archivist')"""
    )
    assert joined.fetchall() == [], "the application is a member of no other role"
    owns = halls.owner.execute(
        "select relname from pg_class where relowner in (select oid from pg_roles where rolname like 'yakuba%')"
    )
    assert owns.fetchall() == [], "who owns a table may switch its row security off"


# -- every address ----------------------------------------------------------------------------------
def addresses(town: str, ids: dict[str, list[Any]]) -> Iterator[tuple[str, bool]]:
    """Every address below a town, with every id that fits into it; and whether it holds an id of somebody's."""
    for where, _ in views():
        if ":town>" not in where:
            continue
        names = [name for name in PARAMETER.findall(where) if name != "town"]
        for turn in range(max([len(ids[name]) for name in names], default=1)):
            chosen = {name: ids[name][min(turn, len(ids[name]) - 1)] for name in names} | {"town": town}
            yield "/" + PARAMETER.sub(lambda m, c=chosen: str(c[m[1]]), where), bool({*names} - {*SAME})


REFUSED = {302, 400, 401, 403, 404, 405, 415, 422, 429}
PROVIDER_AWAY = 503
"""There is no identity provider in these tests; and no service for support, without which its page does not work."""
ENTRANCE = re.compile(r"/sign-in/|/resume/$|/helper/$|/done/$|/confirm/\?reference=")
"""Where somebody is sent who has not said who they are: the same for an id that nobody has."""


def typed(ids: dict[str, list[Any]]) -> dict[str, str]:
    """A form in which the other town's ids stand under every name that forms have."""
    said = {name: str(values[0]) for name, values in ids.items()}
    return said | {
        "id": said["case"], "task": said["case"], "tasks": said["case"], "staff": said["absence"], "deputy": said["absence"],
        "filter": said["draft"], "code": "A1", "outcome": "granted", "reason": "よい", "text": MARK.lower(), "q": said["reference"],
        "birth_date": "1950-01-01", "language": "ja",
    }  # fmt: skip


def ask(browser: Client, method: str, address: str, ids: dict[str, list[Any]]) -> HttpResponse:
    return browser.get(address, {"q": "7SECRE"}) if method == "get" else browser.post(address, typed(ids))


def holds_mark(response: HttpResponse) -> bool:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    said = content + repr(sorted(response.items())).encode()
    return MARK.encode() in said


def test_the_other_towns_own_staff_find_the_mark_so_that_others_could_miss_it(halls):
    shown = Counter[str]()
    for address, _ in addresses(OTHER_TOWN, halls.ids):
        shown[
            address.split("/")[2] + str(holds_mark(ask(halls.browsers["theirs"], "get", address, halls.ids)))
        ] += 1
    assert shown["staffTrue"] >= 20, shown


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("worker", (OTHER_TOWN, TOWN)),
        ("overseer", (TOWN,)),
        ("resident", (OTHER_TOWN, TOWN)),
        ("partner", (HALL,)),
        ("system", (OTHER_TOWN, TOWN)),
    ],
)
def test_no_address_gives_anybody_anything_of_another_town(halls, who, where):
    browser = halls.browsers[who]
    before = halls.rows(*FLEETING)
    wrong = [
        said
        for town in where
        for address, somebodys in addresses(town, halls.ids)
        if who != "system" or "/api/" in address
        for method in ("get", "post")
        if (said := _wrong(ask(browser, method, address, halls.ids), f"{method} {address}", somebodys))
    ]
    assert not wrong, "\n".join(wrong)
    after = halls.rows(*FLEETING)
    assert [name for name, rows in before.items() if not rows <= after[name]] == []
    assert {name for name, rows in before.items() if rows != after[name]} <= set(ADDED_TO)


def _wrong(answer: HttpResponse, asked: str, somebodys: bool) -> str:
    """What is wrong with an answer; of an address with somebody's id, that it is no refusal."""
    status, to = answer.status_code, answer.get("Location", "")
    if holds_mark(answer):
        return f"{asked}: {status}, with what is the other town's"
    if status >= 500 and status != PROVIDER_AWAY and "/support/" not in asked:
        return f"{asked}: {status}"
    if somebodys and (status not in REFUSED or (status == 302 and not ENTRANCE.search(to))):
        return f"{asked}: {status} {to}"
    return ""


FLEETING = ("access_session", "access_limit")
"""A stranger's browser has a session, too, and tries are counted."""
ADDED_TO = {
    "access_accessevent": "a refusal is written down",
    "channels_draft": "anybody may begin a request in any town",
}
"""What may be added in a town when somebody comes by who is not signed in there; what was there stays as it was."""
