"""The old systems of a town to practise with, of one make: Shift_JIS pages in frames, a session that runs out, a search screen, a
confirm page with a pop-up, errors with status 200, and fields that silently keep what a browser made of a character.

It keeps a ledger, one JSON line a registration, and lets the same request be registered twice, as its like do.

    python -m yakuba.simulators.legacy --folder var/legacy --port 8795
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click

ENCODING = "cp932"
USER, PASSWORD = "yakuba", "robot-demo-only"
KEY = "受付番号"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: its label, its name in the page, how many bytes it has room for, whether only digits go."""

    label: str
    name: str
    room: int = 40
    digits: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """What the system keeps a ledger of: the fields of its screens one after another; the first is the key."""

    title: str
    screens: tuple[tuple[Field, ...], ...]

    @property
    def fields(self) -> list[Field]:
        return [one for screen in self.screens for one in screen]


CHILD_ALLOWANCE = Book(
    "児童手当受給者台帳",
    (
        (
            Field(KEY, "uketsuke", 20),
            Field("氏名", "shimei", 40),
            Field("フリガナ", "kana", 30),
            Field("生年月日", "seinengappi", 7),
        ),
        (
            Field("児童数", "jidosu", 2, digits=True),
            Field("手当月額", "getsugaku", 8, digits=True),
            Field("支給開始年月", "kaishi", 6),
            Field("振込方法", "hoho", 1, choices=(("口座振込", "1"), ("窓口払", "2"))),
        ),
    ),
)  # fmt: skip


RESIDENT_TAX = Book(
    "住民税課税台帳",
    (
        (
            Field(KEY, "uketsuke", 20),
            Field("氏名", "shimei"),
            Field("フリガナ", "kana", 30),
            Field("生年月日", "umare", 7),
        ),
        (Field("住所", "jusho", 60), Field("前住所", "maejusho", 60), Field("転入日", "tennyu", 7)),
    ),
)
HEALTH_INSURANCE = Book(
    "国民健康保険資格台帳",
    (
        (Field(KEY, "uketsuke", 20), Field("世帯主", "setainushi"), Field("フリガナ", "kana", 30)),
        (
            Field("加入人数", "ninzu", 2, digits=True),
            Field("資格取得日", "shutoku", 7),
            Field("住所", "jusho", 60),
        ),
    ),
)
WATER = Book(
    "水道使用者台帳",
    (
        (Field(KEY, "uketsuke", 20), Field("使用者", "shiyosha"), Field("使用場所", "basho", 60)),
        (Field("使用開始日", "kaishi", 8, digits=True), Field("電話番号", "denwa", 15)),
    ),
)  # fmt: skip
BOOKS = {"welfare": CHILD_ALLOWANCE, "tax": RESIDENT_TAX, "health": HEALTH_INSURANCE, "water": WATER}
"""The systems of a demo town by their names, on one port after another."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the screens look: what was changed since the robot was made."""

    about: str = "as it was"
    labels: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    buttons: Mapping[str, str] = field(default_factory=dict)
    turned: bool = False
    above: bool = False
    more: tuple[Field, ...] = ()
    without: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()


LAYOUTS = (
    Layout(),
    Layout("fields in another order", turned=True),
    Layout("labels above the fields", above=True),
    Layout("a label reworded", labels={"氏名": "受給者の氏名"}),
    Layout("a label reworded and moved", labels={"フリガナ": "シメイ（カナ）"}, turned=True),
    Layout("all names in the page changed", names={"shimei": "f1", "kana": "f2", "jidosu": "f3", "getsugaku": "f4"}),
    Layout("a label taken away", unlabelled=("生年月日",)),
    Layout("a button that says something else", buttons={"次へ": "進む"}),
    Layout(
        "label and name changed, and a look-alike beside it",
        labels={"氏名": "申請者名"}, names={"shimei": "f1"}, more=(Field("配偶者名", "f9"),),
    ),
)  # fmt: skip
"""The first is what robots are made for; the eight others are what they meet later."""


@dataclass(slots=True)
class Mood:
    """How the system behaves; each `fail_*` counts down, one request each. `slow`: seconds that a page takes."""

    slow: float = 0.0
    closed: bool = False
    fail_commit: int = 0
    lose_commit: int = 0
    expire_at_confirm: int = 0
    strange_pop_up: int = 0
    layout: int = 0


@dataclass(slots=True)
class _Session:
    last: float
    typed: dict[str, str] = field(default_factory=dict)
    token: str = ""


class Legacy:
    """The system: its ledger in `folder`. `session_seconds`: how long a session lives without a click."""

    def __init__(self, folder: Path, book: Book = CHILD_ALLOWANCE, *, session_seconds: float = 600.0):
        self.folder, self.book, self.session_seconds = folder, book, session_seconds
        self.mood = Mood()
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._rows: list[dict[str, str]] = read_ledger(folder)
        self._by_key: dict[str, list[dict[str, str]]] = {}
        for row in self._rows:
            self._by_key.setdefault(row[KEY], []).append(row)

    # -- the ledger ------------------------------------------------------------------------------------
    def register(self, typed: Mapping[str, str]) -> str:
        """Keep what was typed, on disk before anybody is told; returns the registration number."""
        with self._lock:
            number = f"W-{len(self._rows) + 1:06}"
            row = {"登録番号": number, **{one.label: typed.get(one.label, "") for one in self.book.fields}}
            line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
            with open(self.folder / "ledger.jsonl", "ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            self._rows.append(row)
            self._by_key.setdefault(row[KEY], []).append(row)
            return number

    def found(self, key: str) -> list[dict[str, str]]:
        """The registrations with this key."""
        return list(self._by_key.get(key, ()))

    def numbered(self, number: str) -> dict[str, str] | None:
        """One registration."""
        place = number.removeprefix("W-")
        return self._rows[int(place) - 1] if place.isdigit() and 0 < int(place) <= len(self._rows) else None

    # -- sessions --------------------------------------------------------------------------------------
    def sign_in(self, user: str, password: str) -> str | None:
        """The id of a new session; None for a wrong password."""
        if (user, password) != (USER, PASSWORD):
            return None
        made = secrets.token_hex(16)
        self._sessions[made] = _Session(time.monotonic())
        return made

    def session(self, known: str) -> _Session | None:
        """The session, while it lives."""
        session = self._sessions.get(known)
        if session is None or time.monotonic() - session.last > self.session_seconds:
            self._sessions.pop(known, None)
            return None
        session.last = time.monotonic()
        return session

    def end(self, known: str) -> None:
        """Forget a session."""
        self._sessions.pop(known, None)

    def once(self, name: str) -> bool:
        """Whether a fault that was asked for is due; it then counts as done."""
        with self._lock:
            left = getattr(self.mood, name)
            if left:
                setattr(self.mood, name, left - 1)
            return bool(left)

    @property
    def layout(self) -> Layout:
        return LAYOUTS[self.mood.layout]


def read_ledger(folder: Path) -> list[dict[str, str]]:
    """All registrations, in their order."""
    file = folder / "ledger.jsonl"
    return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []


# -- pages ---------------------------------------------------------------------------------------------
def _page(title: str, body: str, script: str = "") -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"><title>{title}</title>'
    return f'<html><head>{meta}{script}</head><body bgcolor="#ffffff">{body}</body></html>'


def _error(code: str, message: str) -> str:
    return _page(
        "エラー",
        f'<font color="red"><b>エラー</b></font><p>{code} {escape(message)}</p><a href="/top">戻る</a>',
    )


_FRAMES = (
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"><title>業務システム</title>'
    '</head><frameset cols="160,*"><frame name="menu" src="/menu"><frame name="main" src="/top"></frameset></html>'
)
_SIGN_IN = (
    '<form method="post" action="/login"><table><tr><td>利用者ID</td><td><input name="user"></td></tr>'
    '<tr><td>パスワード</td><td><input type="password" name="pass"></td></tr></table>'
    '<input type="submit" value="ログイン"></form>'
)
_MENU = (
    '<a href="/new" target="main">新規登録</a><br><a href="/search" target="main">照会</a><br>'
    '<a href="/logout" target="_top">ログアウト</a>'
)


def _form(legacy: Legacy, number: int, token: str) -> str:
    layout = legacy.layout
    fields = [one for one in legacy.book.screens[number] if one.label not in layout.without]
    fields = [*(reversed(fields) if layout.turned else fields), *(layout.more if number == 0 else ())]
    last = number + 1 == len(legacy.book.screens)
    says = "確認" if last else "次へ"
    rows = "".join(_row(layout, one) for one in fields)
    hidden = f'<input type="hidden" name="token" value="{token}">'
    button = f'<input type="submit" value="{layout.buttons.get(says, says)}">'
    body = f'<table border="1">{rows}</table>{hidden}{button}'
    return _page(
        legacy.book.title,
        f'<h3>{legacy.book.title} {number + 1}</h3><form method="post" action="/new/{number + 1}">{body}</form>',
    )


def _row(layout: Layout, one: Field) -> str:
    label = "" if one.label in layout.unlabelled else layout.labels.get(one.label, one.label)
    name = layout.names.get(one.name, one.name)
    if one.choices:
        options = "".join(f'<option value="{value}">{shown}</option>' for shown, value in one.choices)
        box = f'<select name="{name}"><option value=""></option>{options}</select>'
    else:
        box = f'<input type="text" name="{name}" size="30" maxlength="{one.room}">'
    if layout.above:
        return f"<tr><td><b>{label}</b><br>{box}</td></tr>"
    return f"<tr><td>{label}</td><td>{box}</td></tr>"


def _shown(row: Mapping[str, str]) -> str:
    cells = "".join(f"<tr><td>{label}</td><td>{escape(value)}</td></tr>" for label, value in row.items())
    return f'<table border="1">{cells}</table>'


_SURE = "<script>function sure() { return confirm('登録します。よろしいですか？'); }</script>"


def _confirm(legacy: Legacy, session: _Session) -> str:
    says = legacy.layout.buttons.get("登録", "登録")
    form = (
        f'<form method="post" action="/commit" onsubmit="return sure()"><input type="hidden" name="token" '
        f'value="{session.token}"><input type="submit" value="{says}"></form>'
    )
    return _page("確認", f"<h3>登録内容の確認</h3>{_shown(session.typed)}{form}", _SURE)


def _found(rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return _page("照会結果", "<h3>照会結果</h3><p>該当するデータはありません。</p>")
    second = list(rows[0])[2]  # after its number and the key: whom it is about
    heads = f"<tr><th>登録番号</th><th>{KEY}</th><th>{second}</th></tr>"
    lines = "".join(
        f'<tr><td><a href="/detail?no={row["登録番号"]}">{row["登録番号"]}</a></td>'
        f"<td>{escape(row[KEY])}</td><td>{escape(row[second])}</td></tr>"
        for row in rows
    )
    return _page("照会結果", f'<h3>照会結果</h3><p>{len(rows)}件</p><table border="1">{heads}{lines}</table>')


_SEARCH = _page(
    "照会",
    f'<h3>照会</h3><form method="post" action="/search">{KEY} <input name="uketsuke"> <input type="submit" value="検索"></form>',
)
_NOTICE = (
    "<script>window.onload = function () { alert('お知らせ：今夜22時からシステムを止めます。'); }</script>"
)


class _Window(BaseHTTPRequestHandler):
    """The system's screens."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    behind: Legacy

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        typed = parse_qs(data.decode("ascii", "replace"), keep_blank_values=True, encoding=ENCODING)
        self._answer({name: values[0] for name, values in typed.items()})

    def _answer(self, typed: dict[str, str]) -> None:
        legacy = self.behind
        if legacy.mood.slow:
            time.sleep(legacy.mood.slow)
        path = urlsplit(self.path)
        if legacy.mood.closed:
            return self._send(_page("時間外", "<p>ただいまの時間は利用できません。</p>"))
        if path.path == "/login":
            return self._sign_in(typed)
        session = legacy.session(self._cookie())
        if session is None:
            again = "<p>時間が過ぎたため、もう一度ログインしてください。</p>" if self._cookie() else ""
            return self._send(_page("ログイン", f"<h3>業務システム</h3>{again}{_SIGN_IN}"))
        page = _PAGES.get(path.path, _top)(self, session, typed)
        if page is not None:
            self._send(page)

    def _sign_in(self, typed: Mapping[str, str]) -> None:
        made = self.behind.sign_in(typed.get("user", ""), typed.get("pass", ""))
        if made is None:
            return self._send(_page("ログイン", f"<p>E001 利用者IDかパスワードが違います。</p>{_SIGN_IN}"))
        self._send("", 302, {"Location": "/", "Set-Cookie": f"JSESSIONID={made}; Path=/"})

    def _cookie(self) -> str:
        return self.headers.get("Cookie", "").partition("JSESSIONID=")[2].partition(";")[0]

    def _send(self, page: str, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        body = page.encode(ENCODING, "xmlcharrefreplace")
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=Shift_JIS", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what was registered is in the ledger."""


Page = Callable[[_Window, _Session, Mapping[str, str]], "str | None"]


def _top(window: _Window, session: _Session, typed: Mapping[str, str]) -> str:
    script = _NOTICE if window.behind.once("strange_pop_up") else ""
    return _page("トップ", f"<h3>業務システム</h3><p>{window.behind.book.title}</p>", script)


def _frames(window: _Window, session: _Session, typed: Mapping[str, str]) -> str:
    return _FRAMES


def _menu(window: _Window, session: _Session, typed: Mapping[str, str]) -> str:
    return _page("メニュー", _MENU)


def _sign_out(window: _Window, session: _Session, typed: Mapping[str, str]) -> str:
    window.behind.end(window._cookie())
    return _page("ログイン", f"<h3>業務システム</h3>{_SIGN_IN}")


def _new(window: _Window, session: _Session, typed: Mapping[str, str]) -> str:
    session.typed, session.token = {}, secrets.token_hex(8)
    return _form(window.behind, 0, session.token)


def _typed(number: int) -> Page:
    def page(window: _Window, session: _Session, typed: Mapping[str, str]) -> str:
        legacy = window.behind
        if typed.get("token") != session.token:
            return _error("E900", "画面の順序が違います。")
        names = legacy.layout.names
        for one in legacy.book.screens[number]:
            value = typed.get(names.get(one.name, one.name), "")
            if wrong := _wrong(one, value):
                return _error(*wrong)
            session.typed[one.label] = value
        if number + 1 < len(legacy.book.screens):
            return _form(legacy, number + 1, session.token)
        if legacy.once("expire_at_confirm"):
            legacy.end(window._cookie())
        return _confirm(legacy, session)

    return page


def _wrong(one: Field, value: str) -> tuple[str, str] | None:
    if not value.strip():
        return "E101", f"{one.label}を入力してください。"
    if len(value.encode(ENCODING, "xmlcharrefreplace")) > one.room:
        return "E103", f"{one.label}が長すぎます。"
    if one.digits and not value.isdigit():
        return "E104", f"{one.label}は数字で入力してください。"
    return None


def _commit(window: _Window, session: _Session, typed: Mapping[str, str]) -> str | None:
    legacy = window.behind
    if not session.token or typed.get("token") != session.token:
        return _error("E900", "画面の順序が違います。")
    if legacy.once("fail_commit"):
        return _error("E910", "データベースに接続できません。")
    number = legacy.register(session.typed)
    session.typed, session.token = {}, ""
    if legacy.once("lose_commit"):
        window.close_connection = True
        return None
    return _page("登録完了", f"<h3>登録しました</h3><p>登録番号：{number}</p>")


def _search(window: _Window, session: _Session, typed: Mapping[str, str]) -> str:
    return _found(window.behind.found(typed["uketsuke"])) if "uketsuke" in typed else _SEARCH


def _detail(window: _Window, session: _Session, typed: Mapping[str, str]) -> str:
    asked = parse_qs(urlsplit(window.path).query).get("no", [""])[0]
    row = window.behind.numbered(asked)
    if row is None:
        return _error("E201", "データがありません。")
    return _page("詳細", f'<h3>登録内容</h3>{_shown(row)}<a href="/csv?no={asked}">CSV出力</a>')


def _csv(window: _Window, session: _Session, typed: Mapping[str, str]) -> str | None:
    asked = parse_qs(urlsplit(window.path).query).get("no", [""])[0]
    row = window.behind.numbered(asked) or {}
    content = ",".join(row) + "\r\n" + ",".join(row.values()) + "\r\n"
    window._send(
        content,
        headers={
            "Content-Type": "text/csv; charset=Shift_JIS",
            "Content-Disposition": f"attachment; filename={asked}.csv",
        },
    )
    return None


_PAGES: dict[str, Page] = {
    "/": _frames,
    "/top": _top,
    "/menu": _menu,
    "/new": _new,
    "/new/1": _typed(0),
    "/new/2": _typed(1),
    "/commit": _commit,
    "/search": _search,
    "/detail": _detail,
    "/csv": _csv,
    "/logout": _sign_out,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """Quiet: whoever asked went away."""


def serve(legacy: Legacy, port: int = 0) -> ThreadingHTTPServer:
    """A running server on 127.0.0.1 (port 0: any free one); `shutdown()` ends it."""

    class Window(_Window):
        behind = legacy

    server = _Server(("127.0.0.1", port), Window)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), required=True, help="Where the systems keep their ledgers."
)
@click.option("--port", type=int, default=8795, show_default=True, help="Of the first; the others follow.")
@click.option("--only", type=click.Choice(list(BOOKS)), multiple=True, help="Only these systems.")
@click.option("--slow", type=float, default=0.0, help="Seconds that a page takes.")
@click.option("--session-seconds", type=float, default=600.0, show_default=True)
def main(folder: Path, port: int, only: tuple[str, ...], slow: float, session_seconds: float) -> None:
    """Old systems to practise with: welfare, resident tax, health insurance, water."""
    for number, name in enumerate(only or BOOKS):
        legacy = Legacy(folder / name, BOOKS[name], session_seconds=session_seconds)
        legacy.mood.slow = slow
        serve(legacy, port + number)
    click.echo(
        f"The practice systems {', '.join(only or BOOKS)} listen from http://127.0.0.1:{port} on (user {USER})."
    )
    threading.Event().wait()


if __name__ == "__main__":
    main()
