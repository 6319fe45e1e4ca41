"""A mail server to practise with: takes every message by SMTP and keeps it in a folder, or refuses on demand.

python -m yakuba.simulators.mail --folder var/mail --port 8025
"""

from __future__ import annotations

import time
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import click
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OK, NO_SUCH_USER, BUSY = "250 kept", "550 no such user here", "451 try again later"


class Sink:
    """Keeps messages as `NUMBER.eml`. An address that begins with `nobody` is refused for good, one that begins
    with `busy` for now; `answer` replaces the answer to all."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.answer = OK
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Say at once whether somebody of that name is here."""
        if address.startswith("nobody"):
            return NO_SUCH_USER
        if address.startswith("busy"):
            return BUSY
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message."""
        if self.answer == OK:
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            (self.folder / f"{time.time_ns()}.eml").write_bytes(content)
        return self.answer

    def messages(self) -> list[Message]:
        """What came in, oldest first."""
        return [message_from_bytes(path.read_bytes()) for path in sorted(self.folder.glob("*.eml"))]


def serve(folder: Path, port: int = 8025) -> Controller:
    """A running server on 127.0.0.1; `stop()` ends it, `.handler` is the Sink. Raises OSError on a taken port."""
    controller = Controller(Sink(folder), hostname="127.0.0.1", port=port)
    controller.start()
    return controller


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Where messages are kept.")
@click.option("--port", type=int, default=8025, show_default=True)
def main(folder: Path, port: int) -> None:
    """A mail server to practise with."""
    serve(folder, port)
    click.echo(f"The practice mail server listens on 127.0.0.1:{port} and keeps messages in {folder}.")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
