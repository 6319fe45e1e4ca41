"""A small payment provider (決済事業者) to practise with: takes orders, shows the page where they are paid, tells the town
hall with signed notices, and pays back. Its protocol is the one of docs/fees.md, written here anew.

Its books are in memory. It can be told to misbehave, as a whole or (the resident chooses on its page) for one payment.

    python -m yakuba.simulators.payments --port 8792 --key yakuba-local-only --secret whsec_...
"""

from __future__ import annotations

import html
import json
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click

from yakuba.simulators.signing import signed

TOKYO = timezone(timedelta(hours=9))


class Mood(StrEnum):
    """How the provider behaves. It does what it is asked before it times out; a slow refund is done when it is asked for
    the second time."""

    WELL = "well"
    FAIL = "fail"
    TIME_OUT = "time_out"
    REFUSE = "refuse"
    TELL_TWICE = "tell_twice"
    TELL_LATE = "tell_late"
    TELL_NEVER = "tell_never"
    TELL_FORGED = "tell_forged"
    REFUND_SLOWLY = "refund_slowly"
    REFUSE_REFUND = "refuse_refund"


class Refused(ValueError):
    """The provider does not do it; the message says why."""


@dataclass(slots=True)
class Order:
    """One order as it was sent; `state`: open, paid, over. `refunds`: yen by the refund's number, and the day of it."""

    sent: dict[str, Any]
    state: str = "open"
    paid_on: str | None = None
    refunds: dict[str, int] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)

    @property
    def number(self) -> str:
        return str(self.sent["order"])


@dataclass(slots=True)
class Provider:
    """The provider's books. `late`: notices that wait until they are told; `charged`: yen that cards were charged with, by
    order: more than the order's is what must never happen."""

    key: str
    secret: str
    mood: Mood = Mood.WELL
    time_out_seconds: float = 30.0
    address: str = ""
    today: Callable[[], str] = lambda: datetime.now(TOKYO).date().isoformat()
    orders: dict[str, Order] = field(default_factory=dict)
    charged: dict[str, int] = field(default_factory=dict)
    late: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Take an order; the same number again is the same order. Raises Refused for another amount under it."""
        if self.mood == Mood.REFUSE:
            raise Refused("this shop is closed")
        with self.lock:
            known = self.orders.setdefault(str(sent["order"]), Order(sent))
        if known.sent["amount"] != sent["amount"]:
            raise Refused("another amount stands under this number")
        return self.said(known)

    def said(self, order: Order) -> dict[str, Any]:
        """How an order stands."""
        return {
            "order": order.number,
            "state": order.state,
            "amount": order.sent["amount"],
            "page": f"{self.address}/pay/{order.number}",
            "paid_on": order.paid_on,
        }

    def cancel(self, order: Order) -> dict[str, Any]:
        """Nobody can pay it any more."""
        with self.lock:
            if order.state == "open":
                order.state = "over"
        return self.said(order)

    def pay(self, order: Order, mood: Mood | None = None) -> None:
        """The resident pays on the page. Raises Refused for an order that is not open. Tells the town by its mood."""
        with self.lock:
            if order.state != "open":
                raise Refused("it is paid, or cannot be paid any more")
            order.state, order.paid_on = "paid", self.today()
            self.charged[order.number] = self.charged.get(order.number, 0) + order.sent["amount"]
        self.tell(order, mood or self.mood)

    def tell(self, order: Order, mood: Mood) -> None:
        """Send the notice of an order, as often and as well as the mood has it."""
        told = {"sent_to": order.sent["tell"], "body": self.said(order)}
        if mood == Mood.TELL_NEVER:
            return
        if mood == Mood.TELL_LATE:
            self.late.append(told)
            return
        for _ in range(2 if mood == Mood.TELL_TWICE else 1):
            self.send(told, forged=mood == Mood.TELL_FORGED)

    def tell_late(self) -> None:
        """Now the late notices are sent."""
        while self.late:
            self.send(self.late.pop(0))

    def send(self, told: dict[str, Any], forged: bool = False) -> int:
        """Post one signed notice; returns the status of the answer, 0 where there was none."""
        body = json.dumps(told["body"]).encode()
        secret = "whsec_" + "A" * 24 if forged else self.secret
        headers = signed(body, told["body"]["order"], secret, time.time())
        request = urllib.request.Request(told["sent_to"], body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except OSError as error:
            return int(getattr(error, "code", 0))

    def refund(self, order: Order, number: str, amount: int) -> dict[str, Any]:
        """Pay back; the same refund again is the same. Raises Refused for more than was paid."""
        if self.mood == Mood.REFUSE_REFUND or order.state != "paid":
            raise Refused("this payment cannot be paid back any more")
        with self.lock:
            new = number not in order.refunds
            if new and sum(order.refunds.values()) + amount > order.sent["amount"]:
                raise Refused("more than was paid")
            order.refunds.setdefault(number, amount)
            if not (new and self.mood == Mood.REFUND_SLOWLY):
                order.done.setdefault(number, self.today())
        return {"refund": number, "done_on": order.done.get(number)}

    def day(self, town: str, on: str) -> dict[str, Any]:
        """The list of a day."""
        lines = []
        for order in self.orders.values():
            if order.sent["town"] != town:
                continue
            if order.paid_on == on:
                lines.append({"order": order.number, "amount": order.sent["amount"]})
            lines += [
                {"order": order.number, "amount": -order.refunds[number]}
                for number, day in order.done.items()
                if day == on
            ]
        return {"lines": lines}


def serve(provider: Provider, port: int = 0) -> ThreadingHTTPServer:
    """A running server on 127.0.0.1 (port 0: any free one); `shutdown()` ends it."""

    class Window(_Window):
        behind = provider

    server = ThreadingHTTPServer(("127.0.0.1", port), Window)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Window(BaseHTTPRequestHandler):
    """The provider on the network: the protocol for the town hall, and the page for residents."""

    behind: Provider

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length) if length else b""
        where = urlsplit(self.path)
        parts = where.path.strip("/").split("/")
        if parts[0] == "pay":
            self._page(parts, body)
        elif self.headers.get("Authorization") != f"Bearer {self.behind.key}":
            self._send(401, {"error": "the key is not ours"})
        elif self.behind.mood == Mood.FAIL:
            self._send(503, {"error": "closed for maintenance"})
        else:
            self._called(parts, parse_qs(where.query), body)

    def _called(self, parts: list[str], query: dict[str, list[str]], body: bytes) -> None:
        try:
            said = self._do(parts, query, json.loads(body or b"{}"))
        except Refused as refused:
            self._send(422, {"error": str(refused)})
            return
        if self.behind.mood == Mood.TIME_OUT:
            time.sleep(self.behind.time_out_seconds)
        self._send(200 if said else 404, said or {"error": "no such order"})

    def _do(self, parts: list[str], query: dict[str, list[str]], sent: dict[str, Any]) -> dict[str, Any]:
        if parts == ["orders"]:
            return self.behind.take(sent)
        if parts[0] == "days":
            return self.behind.day(query["town"][0], parts[1])
        order = self.behind.orders.get(parts[1])
        if order is None:
            return {}
        if parts[2:] == ["cancel"]:
            return self.behind.cancel(order)
        if parts[2:] == ["refunds"]:
            return self.behind.refund(order, str(sent["refund"]), int(sent["amount"]))
        return self.behind.said(order)

    def _page(self, parts: list[str], body: bytes) -> None:
        """The page where a resident pays, or goes back without."""
        order = self.behind.orders.get(parts[1])
        if order is None:
            self._send(404, {"error": "no such order"})
        elif self.command == "GET":
            self._show(_PAGE.format(**_shown(order)).encode())
        else:
            chosen = parse_qs(body.decode())
            mood = Mood(chosen.get("mood", [self.behind.mood.value])[0])
            try:
                if "pay" in chosen:
                    self.behind.pay(order, mood)
            except Refused:
                pass  # who presses twice pays once
            self.send_response(303)
            self.send_header("Location", order.sent["back"])
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _show(self, page: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def _send(self, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said, ensure_ascii=False).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # who asked has given up waiting

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


_FAULTS = {
    Mood.WELL: "正しく知らせる",
    Mood.TELL_TWICE: "2回知らせる",
    Mood.TELL_NEVER: "知らせない",
    Mood.TELL_FORGED: "違う署名で知らせる",
}


def _shown(order: Order) -> dict[str, str]:
    options = "".join(f'<option value="{mood.value}">{said}</option>' for mood, said in _FAULTS.items())
    return {
        "what": html.escape(str(order.sent["what"])),
        "amount": f"{order.sent['amount']:,}",
        "moods": options,
        "disabled": "" if order.state == "open" else " disabled",
    }


_PAGE = """<!doctype html><html lang="ja"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>練習用の決済</title><style>body{{font:1.1rem/1.7 sans-serif;max-width:30rem;margin:2rem auto;padding:0 1rem}}
button,select{{font:inherit;padding:.6rem 1rem;margin:.3rem 0;width:100%}}</style>
<h1>練習用の決済事業者</h1><p>本物のお金は動きません。</p><p>{what}<br><b>{amount}円</b></p>
<form method="post"><label>知らせ方 <select name="mood">{moods}</select></label>
<button name="pay" value="1"{disabled}>支払う</button><button name="leave" value="1">やめて戻る</button></form></html>"""


@click.command()
@click.option("--port", type=int, default=8792, show_default=True)
@click.option("--key", required=True, help="What the town hall must send as its key.")
@click.option("--secret", required=True, help="What signs the notices: whsec_ and Base64.")
@click.option("--mood", type=click.Choice([mood.value for mood in Mood]), default=Mood.WELL.value)
def main(port: int, key: str, secret: str, mood: str) -> None:
    """A payment provider to practise with, on http://127.0.0.1:PORT/."""
    server = serve(Provider(key, secret, Mood(mood)), port)
    click.echo(f"The practice payment provider listens on http://127.0.0.1:{server.server_port}.")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
