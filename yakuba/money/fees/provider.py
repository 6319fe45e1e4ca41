"""The payment provider (決済事業者) as this town hall sees it, and the client of the protocol in docs/fees.md.

Whatever is asked twice gives the same answer: an order and a refund are known by numbers of ours. Who does not answer in
time has said nothing; it is asked again later.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from django.conf import settings

from yakuba.access import signed
from yakuba.access.signed import Forged

PATIENCE = 5.0
"""Seconds that the provider may take to answer: a resident waits meanwhile."""
State = Literal["open", "paid", "over"]


class Silent(Exception):
    """The provider did not answer, or is out of order: whether it has done what it was asked is not known."""


class Refused(Exception):
    """The provider will not do it, and says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be paid. `number`: ours; `back`: where the resident goes afterwards; `tell`: where notices go."""

    number: uuid.UUID
    town: str
    amount: int
    what: str
    back: str
    tell: str


@dataclass(frozen=True, slots=True)
class Said:
    """How an order stands, in the provider's words. `on`: the day on which it was paid."""

    state: State
    amount: int
    page: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Paid:
    """One line of the provider's own list of a day: an order of ours, and yen (below nought where they went back)."""

    number: str
    amount: int


class Provider(Protocol):
    """What a payment provider must be able to do. Everything raises Silent and Refused."""

    def order(self, wanted: Wanted) -> Said:
        """Have something paid; the same number again is the same order."""

    def ask(self, number: uuid.UUID) -> Said | None:
        """How an order stands; None for one that never arrived there."""

    def cancel(self, number: uuid.UUID) -> Said | None:
        """Nobody is to pay it any more; one that was paid stays so."""

    def refund(self, number: uuid.UUID, refund: uuid.UUID, amount: int) -> date | None:
        """Give money back; the same refund again is the same. The day on which it was done; None: ask again."""

    def day(self, town: str, on: date) -> list[Paid]:
        """Everything that was paid and given back on a day."""


def configured() -> Provider | None:
    """The provider of this installation; None where residents cannot pay online."""
    chosen = settings.YAKUBA_PAYMENTS
    return Http(chosen["url"], chosen["key"]) if chosen["url"] else None


@dataclass(frozen=True, slots=True)
class Http:
    """The provider at an address, with the key that it gave to this installation."""

    url: str
    key: str
    patience: float = PATIENCE

    def order(self, wanted: Wanted) -> Said:
        sent = {
            "order": str(wanted.number),
            "town": wanted.town,
            "amount": wanted.amount,
            "what": wanted.what,
            "back": wanted.back,
            "tell": wanted.tell,
        }
        return _said(self._call("POST", "/orders", sent))

    def ask(self, number: uuid.UUID) -> Said | None:
        return self._known("GET", f"/orders/{number}")

    def cancel(self, number: uuid.UUID) -> Said | None:
        return self._known("POST", f"/orders/{number}/cancel")

    def refund(self, number: uuid.UUID, refund: uuid.UUID, amount: int) -> date | None:
        sent = {"refund": str(refund), "amount": amount}
        said = self._call("POST", f"/orders/{number}/refunds", sent)
        return date.fromisoformat(said["done_on"]) if said.get("done_on") else None

    def day(self, town: str, on: date) -> list[Paid]:
        said = self._call("GET", f"/days/{on}?town={town}")
        return [Paid(one["order"], one["amount"]) for one in said.get("lines", [])]

    def _known(self, method: str, path: str) -> Said | None:
        said = self._call(method, path)
        return _said(said) if said else None

    def _call(self, method: str, path: str, sent: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the provider answers; nothing for what it does not know (404)."""
        import httpx

        headers = {"authorization": f"Bearer {self.key}"}
        try:
            got = httpx.request(method, self.url + path, json=sent, headers=headers, timeout=self.patience)
        except httpx.HTTPError as error:
            raise Silent(type(error).__name__) from error
        if got.status_code >= 500:
            raise Silent(str(got.status_code))
        if got.status_code == 404:
            return {}
        if got.is_error:
            raise Refused(got.text[:300])
        try:
            return got.json()
        except ValueError as error:
            raise Silent("no JSON") from error


def _said(said: Mapping[str, Any]) -> Said:
    """Raises Silent for an answer that says nothing that we know."""
    try:
        on = date.fromisoformat(said["paid_on"]) if said.get("paid_on") else None
        state = said["state"]
        if state not in ("open", "paid", "over"):
            raise Silent(f"state {state!r}")
        return Said(state, int(said["amount"]), str(said.get("page") or ""), on)
    except (KeyError, TypeError, ValueError) as error:
        raise Silent("an answer without a state") from error


@dataclass(frozen=True, slots=True)
class Notice:
    """What the provider tells of itself: its number, about which order, and how that stands."""

    number: str
    order: uuid.UUID
    said: Said


def read_notice(body: bytes, headers: Mapping[str, str], *, as_of: datetime) -> Notice:
    """A notice that the provider signed, as `channels.telling` signs (Standard Webhooks 1.0.0). Raises Forged."""
    number, told = signed.opened(body, headers, settings.YAKUBA_PAYMENTS["secret"], as_of=as_of)
    try:
        return Notice(number, uuid.UUID(told["order"]), _said(told))
    except (ValueError, AttributeError, KeyError, TypeError, Silent) as error:
        raise Forged("it cannot be read") from error
