"""Calls to addresses that other people named: never into the town hall's own networks, unless those are meant to be told.

The name is looked up once, every address it has is checked, and the call goes to the address that was checked: a name that
answers otherwise a moment later leads nowhere else (server-side request forgery, CWE-918).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    import httpx

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotOutside(Exception):
    """The address is none on the web, or lies in a network that nobody outside may have called from here."""


def post(url: str, content: bytes, headers: Mapping[str, str], *, patience: float) -> httpx.Response:
    """Send it there and nowhere else: no redirect is followed. Raises NotOutside, httpx.HTTPError."""
    import httpx

    try:
        asked = urlsplit(url)
        address = _checked(url)
    except ValueError as error:
        raise NotOutside(str(error)) from error
    netloc = f"[{address}]" if address.version == 6 else str(address)
    there = asked._replace(netloc=f"{netloc}:{asked.port}" if asked.port else netloc)
    with httpx.Client(timeout=patience, follow_redirects=False) as client:
        return client.post(
            there.geturl(),
            content=content,
            headers={**headers, "host": asked.netloc.rpartition("@")[2]},
            extensions={"sni_hostname": asked.hostname},
        )


def _checked(url: str) -> Address:
    """The first address of the host, all of which may be called."""
    asked = urlsplit(url)
    if not asked.hostname or asked.scheme not in ("https", "http"):
        raise NotOutside(f"{asked.scheme}: is not called")
    found = [ipaddress.ip_address(one) for one in _looked_up(asked.hostname, asked.port or 443)]
    for address in found:
        inside = any(address in network for network in _networks())
        if not inside and (not _is_outside(address) or asked.scheme != "https"):
            raise NotOutside(f"{asked.scheme}: in a network of our own, or without TLS")
    if not found:
        raise NotOutside("the name has no address")
    return found[0]


def _is_outside(address: Address) -> bool:
    """On the public net; an IPv6 address that only wraps an IPv4 address is refused (RFC 4291, 3056, 4380, 6052)."""
    if isinstance(address, ipaddress.IPv6Address):
        wraps = address.ipv4_mapped or address.sixtofour or address.teredo or address in _NAT64
        if wraps:
            return False
    return address.is_global and not address.is_multicast


def _looked_up(host: str, port: int) -> list[str]:
    import httpx

    try:
        return list(
            dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        )
    except OSError as error:
        raise httpx.ConnectError(str(error)) from error


def _networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(one) for one in settings.YAKUBA_WEBHOOK_NETWORKS]
