"""SMS as a carrier: short texts through a gateway, as `YAKUBA_SMS_URL` says.

The protocol is ours (docs/sms.md): one request hands a text over, one asks what became of it. Who sends texts for a
town speaks a protocol of their own: what translates is a class like `HttpGateway`, and `gateway` the one place that
chooses it. Reports are asked for, because nobody outside reaches into a town hall's network.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

from django.conf import settings

from yakuba import words
from yakuba.access import signed
from yakuba.access.signed import Forged
from yakuba.messages.errors import TryAgain, Undeliverable
from yakuba.words import halfwidth

ALONE, JOINED = 70, 67
"""UTF-16 units of a message that stands alone, and of one that is joined with others: 140 bytes, less the 6 that say
how they belong together (3GPP TS 23.040 §9.2.3.24.1, TS 23.038 §6.2.3)."""
LONGEST = 660
"""Full-width characters (UTF-16 units) that mobile carriers in Japan take as one text."""
OURS = 2
"""Segments that a text of the town may have: each one is paid for."""
VALID = timedelta(hours=24)
"""So long the gateway may try to deliver; then the text must not arrive any more, because a letter is made."""
PATIENCE = 10.0
"""Seconds that the gateway may take to answer."""
_MOBILE = re.compile(r"0[789]0[0-9]{8}")
"""Numbers of mobile telephones: 070, 080, 090 and eight digits (電気通信番号計画 令和元年総務省告示第6号)."""


def mobile(phone: str) -> str:
    """The number of a mobile telephone in Japan as gateways take it (E.164); empty for any other number.

    >>> mobile("090-1234-5678"), mobile("+81 80 1234 5678"), mobile("0880-22-1234")
    ('+819012345678', '+818012345678', '')
    """
    digits = re.sub(r"[-() ]", "", halfwidth(phone))
    digits = f"0{digits[3:].removeprefix('0')}" if digits.startswith("+81") else digits
    return f"+81{digits[1:]}" if _MOBILE.fullmatch(digits) else ""


def segments(text: str) -> int:
    """How many messages a text goes out as. Raises Undeliverable for one that no carrier takes.

    >>> segments("あ" * 70), segments("あ" * 71), segments("あ" * 134), segments("あ" * 135)
    (1, 2, 2, 3)
    """
    length = units(text)
    if length > LONGEST:
        raise Undeliverable(f"a text has {LONGEST} characters at most, this one {length}")
    return 1 if length <= ALONE else math.ceil(length / JOINED)


def units(text: str) -> int:
    """How long carriers take a text to be: in UTF-16 units, of which an emoji or a rare kanji has two."""
    return len(text.encode("utf-16-le")) // 2


# -- the words -------------------------------------------------------------------------------------
_SAYS: Mapping[str, str] = MappingProxyType(
    {
        "received": "received",
        **dict.fromkeys(("granted", "refused", "paid", "issued", "placed", "not-placed"), "decided"),
        **dict.fromkeys(("returned", "asked", "reminded"), "asked"),
    }
)
"""What a text says of a letter: that it came in, that it is decided (never how), or that something is asked."""


def text(town: str, service: str, letter: str, reference: str, page: str, language: str) -> str:
    """What a text says: who writes, what happened, under which number, and where more stands, in OURS segments.

    No fact of the case stands in it: a telephone shows its texts to whoever holds it.
    """

    def said(called: str, where: str) -> str:
        what = words.ui(f"messages.sms_{_SAYS.get(letter, 'news')}", language)
        filled = words.ui(
            "messages.sms", language, town=town, service=called, what=what, reference=reference, page=where
        )
        return words.plain(filled).strip()

    short = words.ui("messages.sms_service", language)
    tries = [said(service, page), said(short, page), said(service, ""), said(short, "")]
    return next((one for one in tries if segments(one) <= OURS), tries[-1])


# -- the gateway -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Report:
    """How it ended with a text: delivered or not, when, and why not."""

    delivered: bool
    at: datetime
    reason: str = ""


class Gateway(Protocol):
    """Who sends texts for the town."""

    def send(self, text: str, to: str, *, key: str, until: datetime) -> str:
        """Hand a text over, to be delivered until then; the same `key` again is the same text. Returns its receipt.

        Raises TryAgain, Undeliverable.
        """

    def report(self, receipt: str) -> Report | None:
        """How it ended; None while it is on its way. What is said first counts. Raises TryAgain."""


def gateway() -> Gateway | None:
    """The gateway of this installation; None where texts are not sent."""
    url = settings.YAKUBA_SMS_URL
    return HttpGateway(url.rstrip("/"), settings.YAKUBA_SMS_TOKEN) if url else None


def offered() -> bool:
    """Can texts be sent at all?"""
    return bool(settings.YAKUBA_SMS_URL)


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """A gateway that speaks the protocol of docs/sms.md."""

    url: str
    token: str

    def send(self, text: str, to: str, *, key: str, until: datetime) -> str:
        segments(text)  # what no carrier takes is not handed over
        said = {"to": to, "text": text, "until": until.isoformat()}
        answer = self._ask("POST", "messages", json=said, headers={"Idempotency-Key": key})
        receipt = answer.get("receipt")
        if not isinstance(receipt, str) or not 0 < len(receipt) <= 100:
            raise TryAgain("the gateway gave no receipt")
        return receipt

    def report(self, receipt: str) -> Report | None:
        try:
            answer = self._ask("GET", f"messages/{receipt}")
            first = next(iter(answer.get("reports") or []), None)
            if first is None:
                return None
            at = datetime.fromisoformat(first["at"])
            return Report(first["state"] == "delivered", at, str(first.get("reason", "")))
        except (Undeliverable, KeyError, TypeError, ValueError, AttributeError) as error:
            raise TryAgain(f"the gateway's report cannot be read: {error}") from error

    def _ask(self, method: str, where: str, **more: Any) -> dict[str, Any]:
        """One request. 429, 5xx and a wrong token pass; whatever else is refused will be refused again."""
        import httpx

        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        try:
            answer = httpx.request(method, f"{self.url}/{where}", headers=headers, timeout=PATIENCE, **more)
            said = answer.json() if answer.is_success else {}
        except (httpx.HTTPError, ValueError) as error:
            raise TryAgain(f"{type(error).__name__}: {error}") from error
        if answer.is_success and isinstance(said, dict):
            return said
        final = 400 <= answer.status_code < 500 and answer.status_code not in (401, 403, 408, 425, 429)
        raise (Undeliverable if final else TryAgain)(f"{answer.status_code} {answer.text[:300]}")


# -- what people send ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Incoming:
    """A text that somebody sent to the town. `id`: the gateway's; `number`: E.164."""

    id: str
    number: str
    text: str


def read_incoming(body: bytes, headers: Mapping[str, str], *, town: str, as_of: datetime) -> Incoming:
    """What the gateway hands over, signed as docs/sms.md says (Standard Webhooks 1.0.0, the town in what is signed). Raises Forged."""
    number, said = signed.opened(body, headers, settings.YAKUBA_SMS_SECRET, as_of=as_of)
    try:
        sender, text = mobile(str(said["from"])), str(said["text"])
        meant = said["town"] == town
    except (KeyError, TypeError) as error:
        raise Forged("it cannot be read") from error
    if not meant or not sender:
        raise Forged("it is for another town, or from no mobile telephone")
    return Incoming(number, sender, text[:LONGEST].replace("\0", ""))
