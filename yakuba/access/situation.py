"""What is known of where a request comes from and with what device: from its address, its cookies, its certificate.

A town declares its networks (`Network`), devices (`Device`) and model (`Posture`); what the session knows of the last proof
and the clock do the rest. A device that was revoked a minute ago counts no more, since every request asks anew.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.conf import settings

from yakuba.access.circumstances import (
    NO_MODEL,
    OUTSIDE_FROM,
    OUTSIDE_UNTIL,
    Circumstances,
    DeviceKind,
    Zone,
    in_hours,
    minutes_since,
)
from yakuba.clock import BusinessCalendar

if TYPE_CHECKING:
    from yakuba.access.request import Request

COOKIE = "__Secure-yakuba_device" if settings.SESSION_COOKIE_SECURE else "yakuba_device"
HALL = BusinessCalendar()
"""The days of an ordinary town hall."""

_Net = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Seen:
    """What a request shows of itself. `address`: None where it cannot be known; `device`: digest of the device's cookie;
    `certificate`: SHA-256 of the client certificate that our own proxy checked (hexadecimal); both may be empty."""

    address: _Net | None
    device: str = ""
    certificate: str = ""


def seen(request: Request) -> Seen:
    """What this request shows. Behind a proxy that nobody declared (`settings.TRUSTED_PROXIES`) the address is unknown."""
    cookie = request.COOKIES.get(COOKIE, "")
    return Seen(
        address=_address(request),
        device=hashlib.sha256(cookie.encode()).hexdigest() if cookie else "",
        certificate=_certificate(request) if settings.TRUSTED_PROXIES else "",
    )


def _address(request: Request) -> _Net | None:
    from yakuba.access.web import address

    if not settings.TRUSTED_PROXIES and "HTTP_X_FORWARDED_FOR" in request.META:
        return None
    try:
        return ipaddress.ip_network(address(request), strict=False)
    except ValueError:
        return None


def _certificate(request: Request) -> str:
    shown = request.headers.get(settings.YAKUBA_CERTIFICATE_HEADER, "")
    return shown.replace(":", "").lower() if len(shown) <= 95 else ""  # 32 bytes, with colons between


@dataclass(frozen=True, slots=True)
class Known:
    """What a town has declared that bears on one member of staff: the queries' answer (`queries.signed_in`)."""

    networks: Sequence[tuple[str, str]]
    device: dict[str, Any] | None
    posture: Sequence[str] | None
    emergency: bool
    services: Sequence[str] = ()
    granted: Sequence[Sequence[str]] = ()


def circumstances(seen: Seen, known: Known, proven: datetime | None, *, as_of: datetime) -> Circumstances:
    """What surrounds what a member of staff asks. `proven`: when they showed both factors last."""
    device: DeviceKind = "none"
    if known.device:
        device = "managed" if known.device["managed"] else "registered"
    certificate = bool(known.device and seen.certificate and known.device["certificate"] == seen.certificate)
    profile, *hours = known.posture or (NO_MODEL, str(OUTSIDE_FROM), str(OUTSIDE_UNTIL))
    begins, ends = map(time.fromisoformat, hours)
    return Circumstances(
        zone=_zone(seen.address, known),
        device=device,
        certificate=certificate,
        proven_minutes=minutes_since(proven, as_of),
        office_hours=in_hours(as_of, begins, ends, HALL),
        emergency=known.emergency,
        profile=profile,  # type: ignore[arg-type]  # the model holds PROFILES alone
        services=tuple(known.services),
        granted=tuple((opens, case) for opens, case in known.granted),
    )


def _zone(address: _Net | None, known: Known) -> Zone:
    networks = known.networks or settings.YAKUBA_NETWORKS
    found = _narrowest(address, networks) if address else None
    if found and (found != "disaster" or known.emergency):
        return found
    if known.device is None:
        return "internet"
    return "disaster" if known.device["for_emergency"] and known.emergency else "home"


def _narrowest(address: _Net, networks: Iterable[tuple[str, str]]) -> Zone | None:
    """The zone of the smallest declared network that holds the address."""
    holding = [
        (network.prefixlen, zone)
        for zone, cidr in networks
        if (network := ipaddress.ip_network(cidr)).version == address.version and address.subnet_of(network)  # type: ignore[arg-type]  # both are of one version
    ]
    return max(holding)[1] if holding else None  # type: ignore[return-value]  # the model holds zones alone
