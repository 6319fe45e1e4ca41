"""The screens over plain HTTP: forms are sent as a browser would send them, nothing is drawn, no script runs.

Only for flows that were proven to be plain forms (`robots compile`): a script may change what is sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes, urljoin, urlsplit

import httpx
from lxml import html
from lxml.html import HtmlElement

from yakuba.robots.driver import Picture, Request
from yakuba.robots.errors import NeedsBrowser, NoAnswer, NotOnScreen
from yakuba.robots.screen import Element, Screen
from yakuba.words.encoding import browser_bytes

_CHARSET = re.compile(rb"""charset=["']?([\w-]+)""", re.IGNORECASE)
_WEB_NAMES = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "sjis": "cp932",
}
"""Browsers read all these names as Windows-31J (WHATWG Encoding, 4.2)."""


@dataclass(slots=True)
class _Page:
    """A page or a frame with what was typed into it. `typed`: values by the path of their field."""

    name: str
    url: str
    source: str
    encoding: str
    screen: Screen
    frames: list[_Page] = field(default_factory=list)
    typed: dict[str, list[str]] = field(default_factory=dict)

    def leaves(self) -> Iterator[_Page]:
        if not self.frames:
            yield self
        for frame in self.frames:
            yield from frame.leaves()


_FILE_NAME = re.compile(r"""filename="?([^";]+)""")
_SCRIPTED = ("onsubmit", "onclick", "onload", "onchange", "onblur")


class HttpDriver:
    """Screens of a system over HTTP. `wait`: seconds until an answer must be there."""

    may_change = False

    def __init__(self, *, wait: float = 10.0, allowed: Collection[str] | None = None):
        """`allowed`: shapes of the screens that were proven; another one raises NeedsBrowser. None: all."""
        self._client = httpx.Client(follow_redirects=True, timeout=wait)
        self._page: _Page | None = None
        self._allowed = allowed
        self._committing = self.learns = False
        self.shapes: set[str] = set()
        self.sent: list[Request] = []

    def go(self, address: str) -> None:
        self._page = self._load(Request("GET", address, ""), "")

    def screens(self) -> Sequence[Screen]:
        return [leaf.screen for leaf in self._leaves()]

    def put(self, typed: Sequence[tuple[Element, str]]) -> list[str]:
        return [self._put(element, value) for element, value in typed]

    def _put(self, element: Element, value: str) -> str:
        page = self._leaves()[element.screen]
        if element.options:
            path, chosen = _chosen(element, value)
            for other in element.paths:
                page.typed.pop(other, None)
            page.typed[path] = [chosen]
            return value
        room = page.screen.at(element.path).get("maxlength")
        kept = value[: int(room)] if room and room.isdigit() else value
        page.typed[element.path] = [kept]
        return kept

    def press(self, element: Element) -> None:
        page = self._leaves()[element.screen]
        pressed = page.screen.at(element.path)
        self._send(page, pressed, self._request(page, pressed))

    def would_send(self, element: Element) -> Request:
        page = self._leaves()[element.screen]
        return self._request(page, page.screen.at(element.path))

    def download(self, element: Element) -> Picture:
        request = self.would_send(element)
        answer = self._ask(request)
        named = _FILE_NAME.search(answer.headers.get("content-disposition", ""))
        name = named[1] if named else urlsplit(request.url).path.rsplit("/", 1)[-1]
        return Picture(answer.content, name or "file")

    def commits(self) -> None:
        self._committing = True

    def pop_ups(self) -> list[str]:
        return []

    def picture(self, covered: Sequence[str]) -> Picture:
        shown = "\n<hr>\n".join(leaf.source for leaf in self._leaves())
        for text in covered:
            shown = shown.replace(text, "■" * len(text)) if text else shown
        return Picture(shown.encode(), "screen.html")

    def look_again(self) -> None:
        """What was answered stays as it is."""

    def close(self) -> None:
        self._client.close()

    # -- pages -----------------------------------------------------------------------------------------
    def _leaves(self) -> list[_Page]:
        return list(self._page.leaves()) if self._page else []

    def _request(self, page: _Page, pressed: HtmlElement) -> Request:
        """What pressing it sends. Raises NeedsBrowser where only a script knows."""
        if pressed.tag == "a":
            href = pressed.get("href") or ""
            if href.startswith("javascript:") or (pressed.get("onclick") and href in ("", "#")):
                raise NeedsBrowser(f"a link with a script: {href or pressed.get('onclick')}")
            return Request("GET", urljoin(page.url, href), "")
        form = next(pressed.iterancestors("form"), None)
        if form is None or pressed.tag not in ("input", "button"):
            raise NeedsBrowser("something that only a script answers")
        sent = form_encoded(_controls(page, form, pressed), page.encoding)
        url = urljoin(page.url, pressed.get("formaction") or form.get("action") or page.url)
        hidden = frozenset(one.get("name") or "" for one in form.iter("input") if one.get("type") == "hidden")
        if (form.get("method") or "get").lower() == "post":
            return Request("POST", url, sent, hidden)
        return Request("GET", url.partition("?")[0] + "?" + sent, "", hidden)

    def _send(self, page: _Page, pressed: HtmlElement, request: Request) -> None:
        form = next(pressed.iterancestors("form"), None)
        target = pressed.get("target") or pressed.get("formtarget") or ""
        if pressed.tag != "a" and form is not None:
            target = target or form.get("target") or ""
        self._show(page, target, self._load(request, page.name))

    def _show(self, where: _Page, target: str, new: _Page) -> None:
        """Put a page where its link says: the frame of that name, the whole window, or where it was asked for."""
        if target in ("", "_self"):
            target_page: _Page | None = where
        elif target in ("_top", "_parent", "_blank"):
            target_page = None
        else:
            target_page = next((p for p in self._leaves() if p.name == target), None)
        if target_page is None or target_page is self._page or self._page is None:
            self._page = new
            return
        new.name = target_page.name
        _replace(self._page, target_page, new)
        for number, leaf in enumerate(self._leaves()):
            leaf.screen.stands(number)

    def _ask(self, request: Request) -> httpx.Response:
        """Raises NoAnswer."""
        posts = request.method == "POST"
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if posts else None
        try:
            answer = self._client.request(
                request.method,
                request.url,
                content=request.body.encode("ascii") if posts else None,
                headers=headers,
            )
        except httpx.TimeoutException as error:
            raise NoAnswer("time-out") from error
        except httpx.HTTPError as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        if answer.status_code >= 500:
            raise NoAnswer(f"HTTP {answer.status_code}")
        self.sent.append(request)
        return answer

    def _load(self, request: Request, name: str) -> _Page:
        answer = self._ask(request)
        encoding = _encoding(answer)
        source = answer.content.decode(encoding, "replace")
        page = _Page(name, str(answer.url), source, encoding, Screen(source, str(answer.url)))
        self._prove(request, page)
        for frame in page.screen.root.iter("frame", "iframe"):
            if source_of := frame.get("src"):
                framed = Request("GET", urljoin(page.url, source_of), "")
                page.frames.append(self._load(framed, frame.get("name") or ""))
        if not name:
            for number, leaf in enumerate(page.leaves()):
                leaf.screen.stands(number)
        return page

    def _prove(self, request: Request, page: _Page) -> None:
        """Is this one of the screens that were proven? What a commit brings was never seen, and a page without
        scripts that is only looked at can do no harm. Raises NeedsBrowser."""
        committed, self._committing = self._committing, False
        if self._allowed is None and not self.learns:
            return
        shape = _shape(request, page.screen)
        self.shapes.add(shape)
        harmless = request.method == "GET" and not _scripts(page.screen)
        if self._allowed is not None and not (committed or harmless or shape in self._allowed):
            raise NeedsBrowser("a screen that was not there when the robot was compiled")


def _scripts(screen: Screen) -> list[str]:
    """All scripts of a page, and all attributes that run some."""
    written = [one.text or one.get("src") or "" for one in screen.root.iter("script")]
    return written + [
        value for one in screen.root.iter("*") for name in _SCRIPTED if (value := one.get(name))
    ]


def _shape(request: Request, screen: Screen) -> str:
    """What a screen is whatever data it shows: how it was asked for, its fields, its scripts."""
    asked = (request.method, urlsplit(request.url).path, sorted(name for name, _ in request.pairs))
    shown = [(field.name, field.role) for field in screen.fields]
    return hashlib.sha256(repr((asked, shown, _scripts(screen))).encode()).hexdigest()[:16]


def _replace(inside: _Page, old: _Page, new: _Page) -> None:
    inside.frames = [new if frame is old else frame for frame in inside.frames]
    for frame in inside.frames:
        _replace(frame, old, new)


def _encoding(answer: httpx.Response) -> str:
    declared = answer.charset_encoding
    if declared is None and (found := _CHARSET.search(answer.content[:1024])):
        declared = found[1].decode()
    name = (declared or "utf-8").lower()
    return _WEB_NAMES.get(name, name)


def _chosen(element: Element, value: str) -> tuple[str, str]:
    """The path to choose at, and the value that is sent. Raises NotOnScreen for a choice that is not there."""
    for number, (label, sent) in enumerate(element.options):
        if value in (label, sent):
            return (element.paths[number] if element.paths else element.path), sent
    raise NotOnScreen("choice", value, [label for label, _ in element.options], 0)


def form_encoded(pairs: Iterable[tuple[str, str]], encoding: str) -> str:
    """Names and values as a browser sends them (URL Standard, 5.2; line ends: HTML Standard, 4.10.22.4): Python's
    `urlencode` differs in `~` and `*`, and so in every character of Shift_JIS that ends in the byte 7E."""

    def encoded(text: str) -> str:
        lines = "\r\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        sent = quote_from_bytes(browser_bytes(lines, encoding), safe=" *")
        return sent.replace(" ", "+").replace("~", "%7E")

    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in pairs)


def _controls(page: _Page, form: HtmlElement, button: HtmlElement) -> Iterator[tuple[str, str]]:
    """What the form sends, in the order of the page (HTML Standard, 4.10.22.4)."""
    for control in form.iter("input", "select", "textarea", "button"):
        name = control.get("name")
        if not name or control.get("disabled") is not None:
            continue
        path = page.screen.tree.getpath(control)
        if control.tag == "button" or (control.get("type") or "").lower() in (
            "submit",
            "button",
            "reset",
            "image",
        ):
            if control is button:
                yield name, control.get("value") or ""
            continue
        yield from ((name, value) for value in _values(page.typed, path, control, form, page))


def _values(
    typed: Mapping[str, list[str]], path: str, control: HtmlElement, form: HtmlElement, page: _Page
) -> list[str]:
    kind = (control.get("type") or "").lower()
    if kind in ("radio", "checkbox"):
        group = [
            page.screen.tree.getpath(c) for c in form.iter("input") if c.get("name") == control.get("name")
        ]
        if kind == "radio" and any(one in typed for one in group):
            return typed.get(path, [])
        if path in typed:
            return typed[path] if typed[path] != [""] else []
        return [control.get("value") or "on"] if control.get("checked") is not None else []
    if path in typed:
        return typed[path]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [one for one in options if one.get("selected") is not None] or options[:1]
        return [
            one.get("value", html.tostring(one, method="text", encoding="unicode").strip()) for one in chosen
        ]
    return [control.text or ""] if control.tag == "textarea" else [control.get("value") or ""]
