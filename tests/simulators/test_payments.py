"""The practice payment provider tells as it was told to: once, twice, late, never, or with a wrong signature."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from yakuba.simulators.payments import Mood, Order, Provider, Refused

SECRET = "whsec_eWFrdWJhLWxvY2FsLW9ubHk="


ASKED: dict[str, Any] = {
    "order": "a1",
    "town": "394262",
    "amount": 300,
    "what": "犬の登録",
    "back": "/",
    "tell": "",
}


class Hall(ThreadingHTTPServer):
    """A town hall that takes every notice and keeps it: headers, body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.heard: list[tuple[dict[str, str], bytes]] = []


class _Door(BaseHTTPRequestHandler):
    server: Hall

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def hall() -> Iterator[Hall]:
    server = Hall()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def paid(provider: Provider, hall: Hall, mood: Mood) -> Order:
    provider.take({**ASKED, "tell": f"http://127.0.0.1:{hall.server_port}/"})
    order = provider.orders["a1"]
    provider.pay(order, mood)
    return order


@pytest.mark.parametrize(
    ("mood", "times"),
    [(Mood.WELL, 1), (Mood.TELL_TWICE, 2), (Mood.TELL_NEVER, 0), (Mood.TELL_LATE, 0)],
)
def test_it_tells_as_often_as_it_was_told_to(hall, mood, times):
    provider = Provider("key", SECRET)
    paid(provider, hall, mood)
    assert len(hall.heard) == times
    for headers, body in hall.heard:
        assert Webhook(SECRET).verify(body.decode(), headers)["state"] == "paid"


def test_late_notices_come_when_they_are_sent(hall):
    provider = Provider("key", SECRET)
    paid(provider, hall, Mood.TELL_LATE)
    provider.tell_late()
    provider.tell_late()
    assert len(hall.heard) == 1


def test_a_forged_notice_does_not_verify(hall):
    paid(Provider("key", SECRET), hall, Mood.TELL_FORGED)
    ((headers, body),) = hall.heard
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.decode(), headers)


def test_what_is_paid_is_paid_once_and_not_paid_back_twice(hall):
    provider = Provider("key", SECRET)
    order = paid(provider, hall, Mood.TELL_NEVER)
    with pytest.raises(Refused):
        provider.pay(order)
    provider.refund(order, "r1", 200)
    assert provider.refund(order, "r1", 200)["done_on"]
    with pytest.raises(Refused):
        provider.refund(order, "r2", 200)
    assert (provider.charged, order.refunds) == ({"a1": 300}, {"r1": 200})


def test_another_amount_under_a_number_is_refused():
    provider = Provider("key", SECRET)
    provider.take(ASKED)
    with pytest.raises(Refused):
        provider.take({**ASKED, "amount": 1})
