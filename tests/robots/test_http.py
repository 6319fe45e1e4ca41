"""What is sent over HTTP is, byte for byte, what a browser sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from yakuba.robots.http import HttpDriver, form_encoded
from yakuba.robots.screen import find_field, find_pressable

FORM = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"></head><body>
<form action="/sent" method="post"><input type="hidden" name="token" value="a~b*c">
<p>本文 <textarea name="text"></textarea></p><p><input type="submit" name="go" value="送信～"></p></form></body></html>"""
IN_CP932 = [
    character
    for character in map(chr, [*range(0x20, 0x7F), *range(0xA0, 0xD800), *range(0xE000, 0x10000)])
    if character in "¥‾−" or character.encode("cp932", "ignore")
]
"""All characters that Python writes in cp932, those of private use among them, and those that only browsers write."""


@pytest.fixture(scope="module")
def form() -> Iterator[str]:
    """The address of a form in Shift_JIS."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FORM.encode("cp932"))

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "text", [",".join(IN_CP932), "一行\n二行\r\n三行", "a b+c&d=e%~*-._'()!", "𠮷 は無い"]
)
def test_every_character_is_sent_as_a_browser_sends_it(form, window, text):
    sent = []
    for driver in (window, HttpDriver(wait=5)):
        driver.go(form)
        (screen,) = driver.screens()
        driver.put([(find_field([screen], "本文"), text)])
        sent.append(driver.would_send(find_pressable([screen], "送信～")))
    browser, plain = (dict(request.pairs)["text"].split("%2C") for request in sent)
    assert [pair for pair in zip(browser, plain, strict=True) if len(set(pair)) > 1] == []
    assert sent[0].same_as(sent[1])


def test_a_form_is_encoded_as_the_url_standard_says():
    assert form_encoded([("名", "床~*-._ é")], "cp932") == "%96%BC=%8F%B0%7E*-._+%26%23233%3B"
