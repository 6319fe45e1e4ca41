"""LINE to practise with: takes replies and pushes as the Messaging API does, and can be told to fail.

python -m yakuba.simulators.line --port 8031
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click


@dataclass
class Messenger:
    """What was sent, the newest last. `mood`: ok, fail (500), refuse (400); `spent`: reply tokens that were used or are too
    late; `token`: which one is asked for, empty: any."""

    token: str = ""
    mood: str = "ok"
    spent: set[str] = field(default_factory=set)
    sent: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, kind: str, said: dict[str, Any], key: str) -> int:
        """The status that the real one would answer with."""
        if self.mood != "ok":
            return 500 if self.mood == "fail" else 400
        with self.lock:
            once = said.get("replyToken") if kind == "reply" else key
            known = self.spent if kind == "reply" else self.keys
            if once and once in known:
                return 400 if kind == "reply" else 409
            known.add(str(once))
            self.sent.append({"kind": kind, **said})
        return 200


class _Window(BaseHTTPRequestHandler):
    behind: Messenger

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        kind = self.path.rpartition("/")[2]
        known = not self.behind.token or self.headers.get("Authorization") == f"Bearer {self.behind.token}"
        status = self.behind.take(kind, said, self.headers.get("X-Line-Retry-Key", "")) if known else 401
        body = b"{}"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what was sent is in `sent`."""


def serve(messenger: Messenger, port: int = 0) -> ThreadingHTTPServer:
    """Serve on a port of this machine (0: any), in the background."""
    window = type("Window", (_Window,), {"behind": messenger})
    server = ThreadingHTTPServer(("127.0.0.1", port), window)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@click.command()
@click.option("--port", type=int, default=8031, show_default=True)
def main(port: int) -> None:
    """LINE to practise with."""
    server = serve(Messenger(), port)
    click.echo(f"The practice LINE listens on http://127.0.0.1:{server.server_port}.")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
