"""A gateway of texts (SMS) to practise with: speaks the protocol of docs/sms.md and keeps what would reach telephones.

python -m yakuba.simulators.sms --folder var/sms --port 8030

How it behaves hangs on the last four digits of the number, as `MOODS` says. With `--tell` and `--secret` it plays the telephone,
too: `{"from": "+8190…", "text": "…"}` posted to `/telephone` is handed to the town, signed.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from yakuba.simulators.signing import signed

LONGEST = 660
MOODS: Mapping[str, str] = {
    "0001": "refuse",  # no such number: 422
    "0002": "silent",  # takes it, and never says how it ended
    "0003": "late",  # delivers it after `late_seconds`
    "0004": "twice",  # delivers it, and says later that it did not
    "0005": "time_out",  # takes it, and does not answer in time; asked again it answers
    "0006": "busy",  # 503 until `busy` is false
    "0007": "fail",  # takes it, and cannot deliver it
    "0008": "garbled",  # answers what nobody can read
}


@dataclass
class Text:
    """A text that was taken: to whom, what it says, when, and how often it was handed over."""

    receipt: str
    to: str
    text: str
    until: str
    taken: float
    times: int = 1


@dataclass
class Gateway:
    """What was taken, by key, and the behaviour that tests change. `token`: which one is asked for; empty: any. `tell`: the town's
    address for what telephones send; `secret`: what signs it."""

    folder: Path | None = None
    token: str = ""
    tell: str = ""
    secret: str = ""
    late_seconds: float = 120.0
    time_out_seconds: float = 30.0
    busy: bool = True
    texts: dict[str, Text] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, to: str, text: str, until: str) -> tuple[Text, bool]:
        """The text under this key, and whether it is new: the same key again is the same text."""
        with self.lock:
            if known := self.texts.get(key):
                known.times += 1
                return known, False
            made = Text(f"sms-{len(self.texts) + 1:06d}", to, text, until, time.monotonic())
            self.texts[key] = made
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            kept = json.dumps({"to": to, "text": text, "until": until}, ensure_ascii=False)
            (self.folder / f"{time.time_ns()}.json").write_text(kept, "utf-8")
        return made, True

    def reports(self, receipt: str) -> list[dict[str, str]]:
        """How it ended, the first report first. Raises LookupError for a receipt that nobody has."""
        text = next((one for one in self.texts.values() if one.receipt == receipt), None)
        if text is None:
            raise LookupError(receipt)
        mood, delivered = mood_of(text.to), {"state": "delivered", "at": datetime.now(UTC).isoformat()}
        failed = {**delivered, "state": "failed", "reason": "the telephone was switched off"}
        waits = mood == "late" and time.monotonic() - text.taken < self.late_seconds
        if mood == "silent" or waits:
            return []
        return {"fail": [failed], "twice": [delivered, failed]}.get(mood, [delivered])


def hand_over(gateway: Gateway, sender: str, text: str, *, id: str = "") -> int:
    """A telephone has sent a text: it is handed to the town. Returns the status of the answer, 0 where there was none."""
    town = gateway.tell.rstrip("/").rsplit("/", 2)[-2]
    body = json.dumps({"town": town, "from": sender, "text": text}, ensure_ascii=False).encode()
    head = signed(body, id or str(uuid.uuid4()), gateway.secret, time.time())
    try:
        with urllib.request.urlopen(urllib.request.Request(gateway.tell, body, head), timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def mood_of(to: str) -> str:
    """How the gateway behaves with this number."""
    return MOODS.get(to[-4:], "well")


def serve(gateway: Gateway, port: int = 0) -> ThreadingHTTPServer:
    """A running gateway on 127.0.0.1 (port 0: any free one); `shutdown()` ends it."""

    class Window(_Window):
        behind = gateway

    server = ThreadingHTTPServer(("127.0.0.1", port), Window)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


class _Window(BaseHTTPRequestHandler):
    """The gateway on the network."""

    behind: Gateway

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/telephone" and self.behind.tell:
            self._hand_over(said)
        elif not self._is_known():
            self._say(401, {"error": "unknown token"})
        elif self.path != "/messages":
            self._say(404, {"error": "only /messages takes texts"})
        else:
            self._take(said)

    def _hand_over(self, content: bytes) -> None:
        try:
            said = json.loads(content)
            status = hand_over(self.behind, str(said["from"]), str(said["text"]), id=str(said.get("id", "")))
        except (ValueError, KeyError, TypeError):
            self._say(400, {"error": "from and text are needed"})
            return
        self._say(200, {"town": status})

    def _take(self, content: bytes) -> None:
        key = self.headers.get("Idempotency-Key", "")
        try:
            said = json.loads(content)
            to, text, until = str(said["to"]), str(said["text"]), str(said["until"])
        except (ValueError, KeyError, TypeError):
            self._say(400, {"error": "to, text and until are needed"})
            return
        mood = mood_of(to)
        if not key or not to.startswith("+81") or not 0 < len(text) <= LONGEST or mood == "refuse":
            self._say(422, {"error": "no text can be sent to this number"})
        elif mood == "busy" and self.behind.busy:
            self._say(503, {"error": "too much to do; try again later"})
        else:
            self._taken(mood, *self.behind.take(key, to, text, until))

    def _taken(self, mood: str, text: Text, new: bool) -> None:
        if mood == "time_out" and new:
            time.sleep(self.behind.time_out_seconds)
            self.close_connection = True
            return
        self._say(201 if new else 200, [] if mood == "garbled" else {"receipt": text.receipt})

    def do_GET(self) -> None:
        if not self._is_known():
            self._say(401, {"error": "unknown token"})
            return
        try:
            self._say(200, {"reports": self.behind.reports(self.path.removeprefix("/messages/"))})
        except LookupError:
            self._say(404, {"error": "no such receipt"})

    def _is_known(self) -> bool:
        token = self.behind.token
        return not token or self.headers.get("Authorization") == f"Bearer {token}"

    def _say(self, status: int, said: Any) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what was taken is in its folder."""


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Where texts are kept.")
@click.option("--port", type=int, default=8030, show_default=True)
@click.option("--tell", default="", help="Address of the town for what telephones send: …/CODE/sms/.")
@click.option("--secret", default="", help="What signs it: whsec_ and Base64.")
def main(folder: Path, port: int, tell: str, secret: str) -> None:
    """A gateway of texts to practise with."""
    server = serve(Gateway(folder, tell=tell, secret=secret), port)
    click.echo(f"The practice gateway of texts listens on http://127.0.0.1:{server.server_port}.")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
