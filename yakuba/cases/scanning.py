"""Files that come in are looked over by the town's virus scanner, where it has one: clamd's INSTREAM (clamd(8)).

Without `settings.YAKUBA_VIRUS_SCANNER` nothing is scanned, and the files rest on what `documents` checks. Where one is set
and does not answer, no file is taken: whoever sends it is asked to try again.
"""

from __future__ import annotations

import logging
import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings

#: Seconds that the scanner may take for each step of one file.
PATIENCE = 20
PIECE = 64 * 1024
MOST_SAID = 4096

logger = logging.getLogger(__name__)


class NotScanned(Exception):
    """The scanner that the town has set up does not answer, or not as clamd does."""


def clean(content: bytes) -> bool:
    """Whether the scanner finds nothing in the file; True where the town has none. Raises NotScanned."""
    address = settings.YAKUBA_VIRUS_SCANNER
    if not address:
        return True
    try:
        with _connected(address) as line:
            said = _ask(line, content)
    except OSError as error:
        logger.error("the virus scanner does not answer (%s)", type(error).__name__)
        raise NotScanned(str(error)) from error
    if said == "stream: OK":
        return True
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        logger.warning("a file was refused: the virus scanner found something")
        return False
    logger.error("the virus scanner could not look at a file of %d bytes", len(content))
    raise NotScanned(said)


def _connected(address: str) -> socket.socket:
    """`unix:/run/clamav/clamd.ctl` or `tcp://HOST:PORT`."""
    parts = urlsplit(address)
    if parts.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(PATIENCE)
        line.connect(parts.path)
        return line
    return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=PATIENCE)


def _ask(line: socket.socket, content: bytes) -> str:
    line.sendall(b"zINSTREAM\0")
    for at in range(0, len(content), PIECE):
        piece = content[at : at + PIECE]
        line.sendall(struct.pack(">I", len(piece)) + piece)
    line.sendall(struct.pack(">I", 0))
    said = b""
    while not said.endswith(b"\0") and len(said) < MOST_SAID:
        more = line.recv(MOST_SAID)
        if not more:
            break
        said += more
    return said.rstrip(b"\0\n").decode(errors="replace")
