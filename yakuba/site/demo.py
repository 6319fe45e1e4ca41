"""The demo: two synthetic towns with staff, an account at a practice bank, and residents who can sign in."""

from __future__ import annotations

import json
import mailbox
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from yakuba.access import PUBLIC, SYSTEM, towns
from yakuba.access import actions as access
from yakuba.access import queries as staff_queries
from yakuba.assistant import talks
from yakuba.assistant import written as answers
from yakuba.assistant.knowledge.demonstration import demo_entries
from yakuba.booking import actions as booking
from yakuba.booking import queries as booking_queries
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, jobs
from yakuba.cases import queries as case_queries
from yakuba.clock import TOKYO, in_tokyo
from yakuba.field import actions as field
from yakuba.field import national, outsourcing, rehearsal
from yakuba.field import queries as field_queries
from yakuba.field.kitting import profile as device_profile
from yakuba.field.kitting.device import Recipient
from yakuba.money import actions as money
from yakuba.money import queries as money_queries
from yakuba.records import publishing
from yakuba.records.opendata.shelf import Shelf
from yakuba.register import actions as register_actions
from yakuba.register import queries as register
from yakuba.robots import actions as robots
from yakuba.robots import queries as robot_queries
from yakuba.robots.errors import NoAccount
from yakuba.simulators import legacy
from yakuba.words import Text

TOWN, NEIGHBOUR = "394262", "394297"
POPULATION = {TOWN: 4000, NEIGHBOUR: 600}
SEED = 1
PASSWORD = "yakuba-demo-only"
FOLDERS = MAILBOX, TAX_DROP = "mailbox", "tax-drop"
#: The same secret for every demo account, so that one authenticator entry serves all.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True, slots=True)
class Account:
    """A demo member of staff."""

    login: str
    name: str
    roles: tuple[str, ...]


STAFF = (
    Account("clerk", "窓口 花子", ("clerk",)),
    Account("reviewer", "審査 一郎", ("clerk", "reviewer")),
    Account("second", "審査 次郎", ("clerk", "reviewer")),
    Account("accountant", "会計 三枝", ("accountant",)),
    Account("approver", "決裁 四郎", ("approver",)),
    Account("manager", "課長 五月", ("manager", "approver")),
    Account("admin", "情報 六輔", ("admin", "auditor", "agent")),
    Account("kitter", "端末 七海", ("kitter",)),
)

DAMAGED = {
    "applicant": {
        "name": "見本 家子",
        "phone": "000-0000-0000",
        "birth_date": "1950-01-01",
        "address": "1番地",
    },
    "disaster": {"name": "見本の大雨", "kind": "flood", "date": "2026-10-03"},
    "house": {"in_town": True, "lived_in": True, "role": "resident", "address": "山あい町1番地（架空）"},
    "damage": {"minor_agreed": False},
}
"""A synthetic request whose house a partner surveys."""
COURSES = "course-application"
COURSE_NAMES = (
    Text(ja="スマートフォン教室（架空）", easy="スマホの 教室（架空）", en="Smartphone class (made up)"),
    Text(ja="減塩の料理講座（架空）", easy="料理の 教室（架空）", en="Cooking with little salt (made up)"),
    Text(
        ja="山あい町の歴史を歩く（架空）",
        easy="町を 歩く 日（架空）",
        en="A walk through the town's past (made up)",
    ),
)
OPEN_DATA = Path(__file__).with_name("open_data")
"""What the demo town keeps in files; all of it is made up."""
PARTNER = "900001"
FIELD_STAFF = (
    *(Account(role, name, (role,)) for role, name in national.PEOPLE.items()),
    Account("technician", "現地 札幌1", ("technician",)),
)
"""Who can sign in at the partner's; the rest of its technicians work as well, and nobody knows their passwords."""
COMING = 36
"""Visits of the coming day, for whoever wants to plan and move them."""


def make_towns(as_of: datetime) -> list[str]:
    """Make the towns that are not there yet; returns the codes of those that were made."""
    made = []
    for code, population in POPULATION.items():
        if code not in register.town_codes():
            register_actions.create_town(code, population, SEED, as_of=as_of.date())
            made.append(code)
        with towns.inside(code):
            _furnish(code, as_of)
    return made


def _furnish(code: str, as_of: datetime) -> None:
    """Staff and the town's own account, where they are missing."""
    _employ(code, STAFF)
    if money_queries.originator() is None:
        money.register_originator(
            code="0000394262",
            name="ヤマアイチヨウ",
            bank="0001",
            branch="001",
            type="1",
            number="1234567",
            per_transfer=1_000_000,
            per_run=100_000_000,
        )
    _connect_old_systems(code, as_of)
    for service in catalogue.current().services.values():
        catalogue.keep(code, service, as_of)
    if code == TOWN:
        answers.keep_entries(demo_entries(as_of=as_of.date()), by=SYSTEM(code), as_of=as_of)


def _employ(code: str, staff: Sequence[Account]) -> None:
    """Accounts that are missing in a hall."""
    by = SYSTEM(code)
    known = {account.login for account in staff_queries.all_staff()}
    for account in staff:
        if account.login not in known:
            with transaction.atomic():
                made = access.add_staff(account.login, account.name, account.roles, None, by=by)
                made.password = _hashed()
                made.save(update_fields=["password"])
                access.set_totp(made, by=by, secret=TOTP_SECRET)


@cache
def _hashed() -> str:
    """The password that all accounts of the demo share, hashed once: it takes half a second each time, on purpose."""
    return make_password(PASSWORD)


def make_partner(as_of: datetime, say: Callable[[str], None]) -> None:
    """A nationwide partner: the town hands its surveys and visits on to it; a day of it that is over, and one that comes."""
    if register.town(PARTNER) is None:
        register_actions.add_partner(PARTNER, national.NAME, "電話 000-0000-0000", synthetic=True)
        with towns.inside(TOWN):
            for service in ("disaster-certificate", "device-visit"):
                outsourcing.agree(PARTNER, service, "visit", since=in_tokyo(as_of).date(), by=SYSTEM(TOWN))
            damaged = catalogue.service("disaster-certificate")
            cases.open_case(damaged, DAMAGED, channel="web", by=PUBLIC(TOWN), as_of=as_of, key="demo:damaged")
        jobs.drain(TOWN, as_of=as_of)
    with towns.inside(PARTNER):
        _employ(PARTNER, FIELD_STAFF)
    national.play(PARTNER, national.latest(as_of), say=say)
    _ask_for_a_visit(coming_day(as_of), as_of)
    outsourcing.exchange(TOWN, as_of=as_of)
    national.ask_for_more(PARTNER, coming_day(as_of), COMING, as_of=as_of)


def coming_day(now: datetime) -> date:
    """The day whose visits lie ahead: today until noon (Japan), then tomorrow."""
    here = in_tokyo(now)
    return here.date() if here.hour < 12 else here.date() + timedelta(days=1)


def _ask_for_a_visit(on: date, as_of: datetime) -> None:
    """The town asks for a visit of its own, which goes to the partner as any step that is handed on."""
    facts = {
        "customer": {"code": TOWN},
        "site": {
            "name": "山あい町役場（架空）",
            "address": "山あい町本町1番地（架空）",
            "latitude": 34.2,
            "longitude": 134.0,
            "contact": "情報 六輔",
            "phone": "000-0000-0000",
        },
        "visit": {
            "kind": "lecture",
            "date": on.isoformat(),
            "earliest": "13:00",
            "latest": "16:00",
            "minutes": 60,
        },
    }
    with towns.inside(TOWN):
        service = catalogue.service("device-visit")
        key = f"demo:visit:{on}"
        cases.open_case(service, facts, channel="counter", by=SYSTEM(TOWN), as_of=as_of, key=key)


def _connect_old_systems(code: str, as_of: datetime) -> None:
    """The robots know where the practice systems are today, and the folders that other offices write into."""
    first = int(os.environ.get("YAKUBA_OLD_SYSTEMS_PORT", "8795"))
    secrets = {"user": legacy.USER, "password": legacy.PASSWORD}
    for number, name in enumerate(legacy.BOOKS):
        _connect(code, name, f"http://127.0.0.1:{first + number}/", secrets, as_of)
    for name in FOLDERS:
        _connect(code, name, str(folder(code, name)), {}, as_of)


def _connect(code: str, name: str, address: str, secrets: dict[str, str], as_of: datetime) -> None:
    try:
        known = robot_queries.account(catalogue.current().systems[name]).address
    except NoAccount:
        known = ""
    if known != address:
        robots.set_account(name, address, secrets, by=SYSTEM(code), as_of=as_of)


def folder(code: str, system: str) -> Path:
    """Where other offices leave files for a town; a mailbox is a Maildir."""
    path = Path(settings.YAKUBA_VAR) / "offices" / code / system
    path.parent.mkdir(parents=True, exist_ok=True)
    if system == MAILBOX:
        mailbox.Maildir(path, create=True)
    path.mkdir(exist_ok=True)
    return path


def fill_line(as_of: datetime) -> None:
    """A synthetic order that went along the kitting line, and one whose devices wait to be received; once."""
    profile = device_profile.read(device_profile.EXAMPLE)
    with towns.inside(TOWN):
        if field_queries.line(as_of, "DEMO-1").devices:
            return
    rehearsal.rehearsed(TOWN, profile, 12, share=0.25, seed=1, as_of=as_of - timedelta(hours=1))
    people = [Recipient(f"{n:04d}", f"YKB-1{n:04d}", f"user1{n:04d}") for n in range(1, 7)]
    with towns.inside(TOWN):
        order = field.Order("DEMO-1", profile, f"town-{TOWN}", people)
        field.enter_order(order, by=SYSTEM(TOWN), as_of=as_of)


def publish_open_data(as_of: datetime) -> None:
    """The demo town offers courses of the coming month and publishes what it has, its files in `open_data/` with it; the
    neighbour what its register and its cases give."""
    with towns.inside(TOWN):
        _offer_courses(as_of)
    for code, given in ((TOWN, OPEN_DATA), (NEIGHBOUR, None)):
        publishing.publish(code, Shelf(publishing.folder(code)), given=given, as_of=as_of)


ASKED = (
    "転入届に必要なものは？",
    "児童手当はもらえますか",
    "粗大ごみの出し方",
    "ドローンを飛ばす許可は要りますか",
)
"""What residents of the demo town ask on a day."""


def ask_questions(as_of: datetime) -> None:
    """Residents ask, once a day; one of them wants a clerk."""
    with towns.inside(TOWN):
        if case_queries.opened_under([f"talk:demo:{as_of.date()}:0"]):
            return
        for number, question in enumerate(ASKED):
            key = f"demo:{as_of.date()}:{number}"
            case = talks.begin(channel="chat", language="ja", as_of=as_of, key=key, about=question)
            talks.ask(case, question, by=PUBLIC(TOWN), as_of=as_of, key=key)
        talks.hand_over(case, by=PUBLIC(TOWN), as_of=as_of, key=f"demo:{as_of.date()}:person")


def _offer_courses(as_of: datetime) -> None:
    """The same places all month long."""
    first = (in_tokyo(as_of).replace(day=1) + timedelta(days=32)).replace(day=1)
    round_ = f"demo-{first:%Y-%m}"
    if booking_queries.round_of(COURSES, round_) is None:
        places = [_course(round_, name, first, number) for number, name in enumerate(COURSE_NAMES, start=1)]
        words = Text(ja="見本の講座", easy="見本の 教室", en="Sample courses")
        opens = as_of - timedelta(minutes=1)
        closes = datetime.combine(first.date(), time(17), TOKYO) - timedelta(days=1)
        booking.set_up(COURSES, round_, words, places, opens=opens, closes=closes, by=SYSTEM(TOWN))


def _course(round_: str, name: Text, first: datetime, number: int) -> booking.NewPlace:
    starts = datetime.combine(first.date() + timedelta(days=6 * number), time(10), TOKYO)
    return booking.NewPlace(f"{round_}-{number}", name, 20, "", starts, starts + timedelta(hours=2))


def write_people(path: Path, people: list[dict[str, str]]) -> None:
    """The residents that the practice identity provider lets sign in."""
    oidc = settings.YAKUBA_OIDC
    client = {
        "client_id": oidc["client_id"],
        "client_secret": oidc["client_secret"],
        "redirect_uris": [f"{settings.YAKUBA_BASE_URL}/{code}/sign-in/callback/" for code in POPULATION],
    }
    path.write_text(json.dumps({"clients": [client], "people": people}, ensure_ascii=False, indent=1))


def guide(base: str, var: Path) -> str:
    """Where to look and how to sign in, once the demo is served."""
    logins = "\n".join(f"    {a.login:<11} {a.name}  ({', '.join(a.roles)})" for a in STAFF)
    return f"""
{base}/{TOWN}/          the town's page for residents (try it on a phone-sized window)
{base}/{TOWN}/finder/   what can I get?
{base}/{TOWN}/open-data/  open data: tables, a map, files, an API
{base}/{TOWN}/staff/    the staff's desk
{base}/{NEIGHBOUR}/          the neighbouring town: another register, another queue

Staff sign in with the password  {PASSWORD}
and the 6-digit code of an authenticator app with the secret  {TOTP_SECRET}
(or ask for the code of this moment:  .venv/bin/python -c "import pyotp; print(pyotp.TOTP('{TOTP_SECRET}').now())")
{logins}

A nationwide partner works for the town: {base}/{PARTNER}/staff/  Sign in there, with the same password and code, as
    dispatcher   {base}/{PARTNER}/staff/dispatch/   who visits when, on a map and as a timeline
    technician   {base}/{PARTNER}/staff/visits/     their phone, which works without a signal
    agent        {base}/{PARTNER}/staff/calls/      the call centre
    kitter       {base}/{PARTNER}/staff/depot/      spares and repair
    manager      {base}/{PARTNER}/staff/customers/  contracts, service levels, statements
Its customers' users report a device here: {base}/{PARTNER}/support/
Its day in figures:  .venv/bin/yakuba field day
Six devices of order DEMO-1 wait to be received by the kitter: {base}/{TOWN}/staff/line/?order=DEMO-1
Tasks wait for robots:  .venv/bin/yakuba robots run --once   (then compare: .venv/bin/yakuba robots verify)

Residents sign in with the practice card: choose anybody from the list.
Mail that was sent: {var / "mail"}    Texts: {var / "sms"}    The bank's books: {var / "bank"}
Everybody and everything in these towns is synthetic. Ctrl-C ends it.
"""
