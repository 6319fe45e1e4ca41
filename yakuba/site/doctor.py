"""Looks an installation over: each check says what it found, and where something is wrong, how to mend it.

Nothing is changed by looking: migrations are not applied. As for every command the embedded server is started where that is
used, and a new installation gets its keys.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from yakuba import clock
from yakuba.command_line import var_folder
from yakuba.site import database

OK, NOTE, WARN, BAD = "ok", "note", "look", "mend"
"""Well; well, and good to know; somebody should look at it; it must be mended."""
SIGNS = {OK: "✓", NOTE: "・", WARN: "!", BAD: "✗"}
GIGABYTE = 2**30
DRIFT, TOO_MUCH = timedelta(seconds=2), timedelta(seconds=30)
"""How far this machine's clock may be from the database's: codes for signing in are good for 30 s (RFC 6238)."""
DAY = timedelta(hours=26)
"""What is done each night is late after that."""
LINKS = 3
NEWEST = 50
"""Cases whose chains are looked at; `yakuba log verify` looks at all."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found, in both languages; `mend` is empty where nothing need be done."""

    check: str
    level: str
    ja: str
    en: str
    mend_ja: str = ""
    mend_en: str = ""


Look = Callable[[], Iterator[Found]]
CHECKS: dict[str, tuple[str, str, Look]] = {}
"""Each check with its name in Japanese and English, in the order in which they are made."""


def check(id: str, ja: str, en: str) -> Callable[[Look], Look]:
    """Register a check. Raises KeyError for an id that is there already."""

    def register(look: Look) -> Look:
        if id in CHECKS:
            raise KeyError(id)
        CHECKS[id] = (ja, en, look)
        return look

    return register


def look() -> list[Found]:
    """Make all checks; where the database does not answer, those that need none."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yakuba.site.settings")
    found: list[Found] = []
    try:
        os.environ["YAKUBA_DB_ADDRESS"] = database.url(var_folder())
    except database.DatabaseTrouble as trouble:
        what, _, mend = str(trouble).partition("\n")
        found.append(Found("database", BAD, what, what, mend, mend))
    import django

    django.setup()
    answers = not found
    for id, (_, _, each) in CHECKS.items():
        if answers or id in WITHOUT_DATABASE:
            found += _made(id, each)
    return found


def _made(id: str, each: Look) -> list[Found]:
    from django.db import connection

    try:
        return list(each())
    except Exception as error:
        connection.close()
        what = f"{type(error).__name__}"
        return [
            Found(
                id, BAD, f"調べられませんでした（{what}）", f"could not be looked at ({what})",
                "まずほかの項目を直し、yakuba migrate のあとにもう一度実行してください", "mend the others first, then run it again after yakuba migrate",
            )
        ]  # fmt: skip


def lines(found: list[Found], language: str) -> Iterator[str]:
    """As a person reads it."""
    ja = language == "ja"
    names = {id: in_ja if ja else in_en for id, (in_ja, in_en, _) in CHECKS.items()}
    width = max(map(_width, names.values()))
    yield f"{'役場（Yakuba）の点検' if ja else 'Yakuba, looked over'}  {clock.now():%Y-%m-%d %H:%M}"
    yield ""
    last, said = "", ""
    for one in found:
        name = names[one.check] if one.check != last else ""
        last = one.check
        yield f" {SIGNS[one.level]} {name}{' ' * (width - _width(name))}  {one.ja if ja else one.en}"
        mend = one.mend_ja if ja else one.mend_en
        if mend and mend != said:
            yield from (f"   {' ' * width}  → {line}" for line in mend.splitlines())
        said = mend
    yield ""
    counts = {level: sum(one.level == level for one in found) for level in SIGNS}
    if ja:
        yield f"直すもの {counts[BAD]}、見ておくもの {counts[WARN]}、よいもの {counts[OK] + counts[NOTE]}"
    else:
        yield f"{counts[BAD]} to be mended, {counts[WARN]} to be looked at, {counts[OK] + counts[NOTE]} well"


def _width(text: str) -> int:
    """Columns on a terminal: Japanese letters take two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _one(query: str, *values: Any) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
        return row[0] if row else None


def in_service() -> bool:
    """Whether this is no practice: people reach it over https, or a town of it is a real one."""
    from django.conf import settings

    return bool(settings.HTTPS)


def towns() -> list[str]:
    from yakuba.register import queries as register

    return register.town_codes()


# -- the database ----------------------------------------------------------------------------------
@check("database", "データベース", "Database")
def _database() -> Iterator[Found]:
    version, where = _one("show server_version"), database.where(os.environ["YAKUBA_DB_ADDRESS"])
    said = f"PostgreSQL {version.split()[0]} ({where})"
    yield Found("database", OK, said, said)


@check("role", "データベースの役割", "Database role")
def _role() -> Iterator[Found]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin,
                      (select count(*) from pg_class where relowner = r.oid), has_schema_privilege(r.oid, 'public', 'create')
               from pg_roles r where rolname in (current_user, 'yakuba_app', 'yakuba_archivist')"""
        )
        roles = cursor.fetchall()
    wrong = [
        (name, ja, en)
        for name, superuser, bypasses, makes, signs_in, owns, creates in roles
        for is_so, ja, en in (
            (superuser, "superuser である", "is a superuser"),
            (bypasses, "行単位の制限を素通りする（bypassrls）", "bypasses row security"),
            (makes, "役割を作れる", "may make roles"),
            (signs_in, "ログインできる", "may sign in"),
            (owns, "表を所有している", "owns tables"),
            (creates, "表を作れる", "may make tables"),
        )
        if is_so
    ]
    for name, ja, en in wrong:
        yield Found(
            "role", BAD, f"{name}: {ja}", f"{name} {en}",
            f"所有者の接続で: alter role {name} nosuperuser nobypassrls nocreaterole nologin、所有の表は reassign owned、"
            "revoke create on schema public", 
            f"as the owner: alter role {name} nosuperuser nobypassrls nocreaterole nologin; reassign owned; "
            "revoke create on schema public",
        )  # fmt: skip
    if not wrong:
        yield Found(
            "role",
            OK,
            "アプリケーションの役割は何も所有せず、制限を越えられない",
            "the application's roles own nothing and bypass nothing",
        )


@check("rows", "町ごとの行の分離", "Towns kept apart")
def _rows() -> Iterator[Found]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'town'
               where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not a.attisdropped
               and not (c.relrowsecurity and c.relforcerowsecurity
                        and exists (select 1 from pg_policy p where p.polrelid = c.oid))
               order by 1"""
        )
        open_tables = [name for (name,) in cursor.fetchall()]
    count = _one(
        "select count(*) from pg_class where relforcerowsecurity and relnamespace = 'public'::regnamespace"
    )
    if open_tables:
        named = ", ".join(open_tables)
        yield Found(
            "rows", BAD, f"行単位の制限がかかっていない表: {named}", f"tables without forced row security: {named}",
            "誰かが変えたものです。記録を確かめ、所有者で alter table … force row level security", "somebody changed it: look into the logs; as the owner: alter table … force row level security",
        )  # fmt: skip
    else:
        yield Found("rows", OK, f"{count} の表すべてにかかっている", f"forced on all {count} tables")


@check("migrations", "データベースの版", "Migrations")
def _migrations() -> Iterator[Found]:
    from django.db import connection

    from yakuba.site import migrate

    waiting, strange = migrate.waiting(connection), migrate.unknown(connection)
    if waiting:
        names = ", ".join(waiting[:3])
        yield Found(
            "migrations",
            BAD,
            f"未適用 {len(waiting)} 件（{names}）",
            f"{len(waiting)} not applied ({names})",
            "yakuba migrate",
            "yakuba migrate",
        )
    if strange:
        names = ", ".join(strange[:3])
        yield Found(
            "migrations", BAD, f"このプログラムより新しい版で動いていた（{names}）", f"the database was run by a newer program ({names})",
            "新しい版のプログラムに戻してください", "use the newer program again",
        )  # fmt: skip
    if not waiting and not strange:
        yield Found("migrations", OK, "最新", "up to date")


@check("clock", "時計", "Clock")
def _clock() -> Iterator[Found]:
    from yakuba.access import towns as access
    from yakuba.cases import queries as cases

    before = clock.now()
    there = _one("select clock_timestamp()")
    away = abs(there - (before + (clock.now() - before) / 2))
    mend = (
        "時刻合わせ（NTP、chrony など）を動かしてください",
        "let NTP (chrony) set the clocks of all machines",
    )
    level = BAD if away > TOO_MUCH else WARN if away > DRIFT else OK
    said = f"{away.total_seconds():.1f}"
    yield Found(
        "clock",
        level,
        f"データベースとの差 {said} 秒",
        f"{said} s from the database's",
        *(mend if level != OK else ()),
    )
    newest: datetime | None = None
    for code in towns():
        with access.inside(code):
            last = cases.last_event_at()
        newest = max(filter(None, (newest, last)), default=None)
    if newest and newest > there + timedelta(minutes=1):
        at = f"{clock.in_tokyo(newest):%Y-%m-%d %H:%M}"
        yield Found(
            "clock", BAD, f"記録に未来の出来事がある（{at}）。時計が戻された", f"the log has an event of the future ({at}): the clock was set back",
            f"{mend[0]}。戻した人と理由を確かめてください", f"{mend[1]}; find out who set it back, and why",
        )  # fmt: skip


# -- this machine ----------------------------------------------------------------------------------
@check("disk", "ディスクの空き", "Disk space")
def _disk() -> Iterator[Found]:
    for place in {var_folder(), *([Path(kept)] if (kept := os.environ.get("YAKUBA_BACKUP")) else [])}:
        if not place.exists():
            continue
        usage = shutil.disk_usage(place)
        share, free = usage.free / usage.total, usage.free / GIGABYTE
        level = BAD if usage.free < GIGABYTE else WARN if share < 0.1 and free < 20 else OK
        yield Found(
            "disk", level, f"{place}: 空き {free:,.1f} GiB（{share:.0%}）", f"{place}: {free:,.1f} GiB free ({share:.0%})",
            *(("不要なものを消すか、ディスクを大きくしてください", "remove what is not needed, or give it a larger disk") if level != OK else ()),
        )  # fmt: skip


@check("keys", "鍵のファイル", "Key files")
def _keys() -> Iterator[Found]:
    from yakuba.site.backup.taking import key_files

    there = [file for file in key_files(var_folder()).values() if file.exists()]
    loose = [file for file in there if stat.S_IMODE(file.stat().st_mode) & 0o077]
    for file in loose:
        mode = f"{stat.S_IMODE(file.stat().st_mode):o}"
        yield Found(
            "keys",
            BAD,
            f"{file} をほかの人も読める（{mode}）",
            f"others may read {file} ({mode})",
            f"chmod 600 {file}",
            f"chmod 600 {file}",
        )
    if not loose:
        names = "、".join(file.name for file in there) or "なし"
        yield Found(
            "keys",
            OK,
            f"{names}: 持ち主だけが読める",
            f"{', '.join(file.name for file in there) or 'none'}: for their owner only",
        )


@check("secrets", "秘密の値", "Secrets")
def _secrets() -> Iterator[Found]:
    from django.conf import settings

    from yakuba.site.neighbours import PRACTICE_KEY, PRACTICE_SECRET

    level = BAD if in_service() else NOTE
    practice = {
        "YAKUBA_OIDC_CLIENT_SECRET": settings.YAKUBA_OIDC["client_secret"] == PRACTICE_KEY
        and not settings.YAKUBA_OIDC["private_key_file"],
        "YAKUBA_PAYMENTS_KEY": settings.YAKUBA_PAYMENTS["key"] == PRACTICE_KEY,
        "YAKUBA_PAYMENTS_SECRET": settings.YAKUBA_PAYMENTS["secret"] == PRACTICE_SECRET,
    }
    known = [name for name, is_practice in practice.items() if is_practice]
    for name in known:
        yield Found(
            "secrets",
            level,
            f"{name} が練習用のまま",
            f"{name} is the practice one",
            *((f"{name} を本物にしてください", f"set {name}") if level == BAD else ()),
        )
    if len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 10:
        yield Found(
            "secrets", BAD, "YAKUBA_SECRET_KEY が短い、または単純", "YAKUBA_SECRET_KEY is short or simple",
            "50 文字以上の無作為な値にしてください（設定しなければ自動で作られます）", "give it 50 random characters or more (unset it, and one is made)",
        )  # fmt: skip
    elif not known or level == NOTE:
        yield Found("secrets", OK, "十分に長い", "long and random")


# -- how people reach it ---------------------------------------------------------------------------
@check("address", "サイトのアドレス", "Address of the site")
def _address() -> Iterator[Found]:
    from django.conf import settings

    parts, hosts = urlsplit(settings.YAKUBA_BASE_URL), settings.ALLOWED_HOSTS
    near = parts.hostname in ("127.0.0.1", "localhost", "::1")
    wrong = False
    if parts.scheme != "https" and not near:
        wrong = True
        yield Found(
            "address",
            BAD,
            f"{settings.YAKUBA_BASE_URL} は https でない",
            f"{settings.YAKUBA_BASE_URL} is not https",
            "TLS を受ける proxy を前に置き、YAKUBA_BASE_URL=https://… に",
            "put a proxy with TLS in front, and set YAKUBA_BASE_URL=https://…",
        )
    if "*" in hosts or not any(
        host == parts.hostname or (host[:1] == "." and str(parts.hostname).endswith(host)) for host in hosts
    ):
        wrong = True
        shown = " ".join(hosts)
        yield Found(
            "address",
            BAD,
            f"YAKUBA_ALLOWED_HOSTS（{shown}）が {parts.hostname} と合わない",
            f"YAKUBA_ALLOWED_HOSTS ({shown}) does not fit {parts.hostname}",
            f"YAKUBA_ALLOWED_HOSTS={parts.hostname}",
            f"YAKUBA_ALLOWED_HOSTS={parts.hostname}",
        )
    if not wrong:
        yield Found(
            "address",
            NOTE if near else OK,
            settings.YAKUBA_BASE_URL + ("（この計算機だけの練習）" if near else ""),
            settings.YAKUBA_BASE_URL + (" (practice, on this computer alone)" if near else ""),
        )


@check("proxies", "前に立つ proxy", "Proxies in front")
def _proxies() -> Iterator[Found]:
    from django.conf import settings

    count = settings.TRUSTED_PROXIES
    if settings.HTTPS and not count:
        yield Found(
            "proxies", BAD, "https なのに YAKUBA_TRUSTED_PROXIES=0: だれもが proxy のアドレスに見え、回数制限が全員にかかる", "https, but YAKUBA_TRUSTED_PROXIES=0: all visitors seem to come from the proxy, and are limited together",
            "自分の proxy の数を YAKUBA_TRUSTED_PROXIES に（ふつうは 1）", "set YAKUBA_TRUSTED_PROXIES to the number of your proxies (mostly 1)",
        )  # fmt: skip
    elif count and not settings.HTTPS:
        yield Found(
            "proxies", BAD, f"YAKUBA_TRUSTED_PROXIES={count} だが https でない: だれでも好きなアドレスを名乗れるおそれ", f"YAKUBA_TRUSTED_PROXIES={count}, but no https: whoever comes past the proxy may claim any address",
            "proxy がなければ 0 に", "set it to 0 where there is no proxy",
        )  # fmt: skip
    else:
        yield Found("proxies", OK, str(count), str(count))


@check("practice", "練習用の相手", "Practice neighbours")
def _practice() -> Iterator[Found]:
    from django.conf import settings

    named = {
        "YAKUBA_OIDC_ISSUER": settings.YAKUBA_OIDC["issuer"],
        "YAKUBA_SMTP_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        if settings.EMAIL_PORT == 8025
        else "",
        "YAKUBA_PAYMENTS_URL": settings.YAKUBA_PAYMENTS["url"],
        "YAKUBA_SMS_URL": settings.YAKUBA_SMS_URL,
    }
    local = [
        name for name, url in named.items() if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    ]
    listening = [port for port in (8010, 8025, 8030, 8790, 8792) if _listens(port)]
    if in_service() and (local or listening):
        names = ", ".join([*local, *(f"127.0.0.1:{port}" for port in listening)])
        yield Found(
            "practice",
            BAD,
            f"本番なのに練習用の相手がいる: {names}",
            f"in service, but practice neighbours are there: {names}",
            "本物の相手を設定し、yakuba run の相手は止めてください",
            "set the real ones, and end those of `yakuba run`",
        )
    else:
        yield Found(
            "practice",
            OK,
            "なし" if not local else "練習用（本番ではない）",
            "none" if not local else "practice ones (not in service)",
        )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@check("mail", "メールサーバー", "Mail server")
def _mail() -> Iterator[Found]:
    from django.conf import settings

    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
    try:
        with kind(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=5) as server:
            if settings.EMAIL_USE_TLS:
                server.starttls()
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        level, what = (BAD if in_service() else NOTE), type(error).__name__
        yield Found(
            "mail",
            level,
            f"{where} が答えない（{what}）",
            f"{where} does not answer ({what})",
            *(
                (
                    "YAKUBA_SMTP_URL と経路を確かめてください。メールは待ち、失われません",
                    "check YAKUBA_SMTP_URL and the way there; mail waits and is not lost",
                )
                if level == BAD
                else ()
            ),
        )
        return
    plain = in_service() and not (settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS)
    yield Found(
        "mail",
        WARN if plain else OK,
        where + ("（暗号化なし）" if plain else ""),
        where + (" (not encrypted)" if plain else ""),
        *(("smtp+tls:// か smtps:// に", "use smtp+tls:// or smtps://") if plain else ()),
    )


# -- what is installed -----------------------------------------------------------------------------
@check("fonts", "書体", "Fonts")
def _fonts() -> Iterator[Found]:
    from yakuba.messages import letter

    there = sorted(one.name for one in (Path(next(iter(letter.__path__))) / "fonts").glob("*.[to]tf"))
    if len(there) >= 2:
        yield Found("fonts", OK, "、".join(there), ", ".join(there))
    else:
        yield Found(
            "fonts",
            BAD,
            "通知書の書体がない",
            "the fonts of letters are missing",
            "このプログラムを入れ直してください",
            "install this program anew",
        )


@check("chromium", "Chromium", "Chromium")
def _chromium() -> Iterator[Found]:
    from yakuba.robots import browser

    try:
        where = browser.chromium()
        yield Found("chromium", OK, where, where)
    except browser.NoChromium:
        yield Found(
            "chromium",
            NOTE,
            "なし（ロボットがブラウザーで働くときだけ必要）",
            "none (needed only where robots work in a browser)",
        )


@check("tesseract", "Tesseract", "Tesseract")
def _tesseract() -> Iterator[Found]:
    where = shutil.which("tesseract")
    yield Found(
        "tesseract",
        OK if where else NOTE,
        where or "なし（比べるときだけ使う）",
        where or "none (only for comparing)",
    )


# -- work ------------------------------------------------------------------------------------------
@check("workers", "働き手", "Workers")
def _workers() -> Iterator[Found]:
    from yakuba.site.telemetry.figures import workers_alive

    if alive := workers_alive():
        yield Found("workers", OK, f"{alive} 動いている", f"{alive} alive")
    else:
        yield Found(
            "workers",
            BAD if in_service() else WARN,
            "1 分以内に動いたものがない",
            "none was heard of within a minute",
            "yakuba work を動かし、systemd などで続けて動くように",
            "run `yakuba work`, and let systemd start it again when it ends",
        )


@check("jobs", "処理待ち", "Jobs")
def _jobs() -> Iterator[Found]:
    from yakuba.site.telemetry import figures

    found = {(one.name, *one.labels): one.value for one in figures.of_jobs()}
    failed = int(
        sum(
            value
            for (name, *labels), value in found.items()
            if name == "yakuba_jobs" and labels[-1] == "failed"
        )
    )
    oldest = max(
        (value for (name, *_), value in found.items() if name == "yakuba_job_oldest_seconds"), default=0
    )
    if failed:
        yield Found(
            "jobs",
            WARN,
            f"失敗した処理 {failed} 件",
            f"{failed} failed",
            "記録（ログ）で原因を見てください。案件の処理は別に続いています",
            "see the log for why; steps of cases go on by themselves",
        )
    if oldest > 600:
        yield Found(
            "jobs",
            BAD,
            f"いちばん古いものが {oldest / 60:,.0f} 分待っている",
            f"the oldest has waited {oldest / 60:,.0f} min",
            "yakuba work を増やすか、動いているか確かめてください",
            "run more of `yakuba work`, or see that it runs",
        )
    if not failed and oldest <= 600:
        yield Found("jobs", OK, "滞りなし", "none waits long, none failed")


# -- what must not be lost or changed --------------------------------------------------------------
@check("backup", "バックアップ", "Backup")
def _backup() -> Iterator[Found]:
    from yakuba.site.backup.commands import TOO_OLD
    from yakuba.site.telemetry.figures import last_backup

    last, now = last_backup(), clock.now()
    if "base" not in last:
        yield Found(
            "backup",
            BAD if in_service() else WARN,
            "まだない",
            "none was made yet",
            "yakuba backup --to 別のディスク、続けて yakuba backup follow",
            "yakuba backup --to ANOTHER_DISK, and keep `yakuba backup follow` running",
        )
        return
    base, behind = last["base"], now - last.get("until", last["base"])
    if now - base > timedelta(days=8):
        yield Found(
            "backup",
            WARN,
            f"基本バックアップが {(now - base).days} 日前",
            f"the base backup is {(now - base).days} days old",
            "毎週 yakuba backup を",
            "run `yakuba backup` each week",
        )
    if behind > TOO_OLD:
        minutes = behind.total_seconds() / 60
        yield Found(
            "backup",
            BAD,
            f"変更の記録が {minutes:,.0f} 分遅れている",
            f"the fetched log is {minutes:,.0f} min behind",
            "yakuba backup follow が動いているか確かめてください",
            "see that `yakuba backup follow` runs",
        )
    else:
        yield Found(
            "backup",
            OK,
            f"{clock.in_tokyo(base):%Y-%m-%d %H:%M}、変更は {behind.total_seconds():,.0f} 秒前まで",
            f"{clock.in_tokyo(base):%Y-%m-%d %H:%M}, the log up to {behind.total_seconds():,.0f} s ago",
        )


@check("signed", "署名と封", "Checkpoints and seals")
def _signed() -> Iterator[Found]:
    from yakuba.access import seals
    from yakuba.access import towns as opened
    from yakuba.cases import queries as cases

    now, late = clock.now(), dict[str, list[str]]()
    for code in towns():
        with opened.inside(code):
            signed, sealed = cases.last_checkpoint(), seals.last_seal(code)
        if signed is None or now - signed[0] > DAY:
            late.setdefault("checkpoint", []).append(code)
        if sealed is None or now - sealed.sealed_at > DAY:
            late.setdefault("seal", []).append(code)
    if "checkpoint" in late:
        codes = ", ".join(late["checkpoint"][:5])
        yield Found(
            "signed",
            WARN,
            f"案件の記録に 1 日以上署名がない: {codes}",
            f"the case log was not signed for a day: {codes}",
            "yakuba work が動いているか確かめてください（毎晩 3:10 に署名）。控えは YAKUBA_CHECKPOINT_FOLDER で外に",
            "see that `yakuba work` runs (it signs at 3:10 each night); YAKUBA_CHECKPOINT_FOLDER keeps a copy outside",
        )
    if "seal" in late:
        codes = ", ".join(late["seal"][:5])
        yield Found(
            "signed",
            WARN,
            f"アクセス記録に 1 日以上封がない: {codes}",
            f"the access log was not sealed for a day: {codes}",
            "yakuba work が動いているか確かめてください",
            "see that `yakuba work` runs",
        )
    if not late:
        yield Found("signed", OK, "1 日以内", "within a day")


@check("chains", "記録の連なり", "Log chains")
def _chains() -> Iterator[Found]:
    from yakuba.access import seals
    from yakuba.access import towns as opened
    from yakuba.cases import verify

    broken = False
    for code in towns():
        what = [one.what for one in verify.verify_newest(code, NEWEST)]
        with opened.inside(code):
            newest = seals.verify(code, after=seals.some_before(code, LINKS))
            what += [f"access log, {one.what}" for one in newest.breaks]
        for one in what[:5]:
            broken = True
            yield Found(
                "chains",
                BAD,
                f"{code}: {one}",
                f"{code}: {one}",
                "だれかが記録を書き換えました。yakuba log verify で全体を調べ、証拠を残し、バックアップと比べてください",
                "somebody rewrote the log: look at all of it with `yakuba log verify`, keep the evidence, compare with the backup",
            )
    if not broken:
        yield Found(
            "chains",
            OK,
            f"新しい {NEWEST} 件は正しい（全部は yakuba log verify）",
            f"whole in the newest {NEWEST} cases (all: yakuba log verify)",
        )


WITHOUT_DATABASE = frozenset(
    {"disk", "keys", "secrets", "address", "proxies", "practice", "mail", "fonts", "chromium", "tesseract"}
)
