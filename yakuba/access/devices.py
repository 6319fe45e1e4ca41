"""Devices, networks and hours that a town lets its staff work with outside of the hall: the only writers of them.

A device becomes known in two halves: an administrator issues a code, and whoever the device is for types it there once,
signed in; from then on the device keeps a secret of its own in a cookie.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from yakuba.access import codes, limits, log
from yakuba.access.circumstances import Profile, Zone
from yakuba.access.errors import (
    HoursTurned,
    Nameless,
    NoSuchDevice,
    NotACertificate,
    NotANetwork,
    TooWide,
    WrongCode,
)
from yakuba.access.models import Device, Network, Posture, Staff
from yakuba.access.policy import Resource, require
from yakuba.access.worker import Worker

CODE_LIFE = timedelta(hours=24)
"""How long a code waits to be typed on its device."""
CODE_TRIES, CODE_WINDOW = 5, timedelta(minutes=10)
"""Codes that one person may try in ten minutes."""
COOKIE_LIFE = timedelta(days=400)
"""The longest that browsers keep a cookie (RFC 6265bis, section 5.5)."""
NARROWEST = {4: 8, 6: 32}
"""The widest network that may be declared, by IP version, as a prefix length: 10.0.0.0/8 is the widest of one's own
(RFC 1918, section 3), and a site has a /48 of IPv6, its provider a /32 (RFC 6177, RIPE-738)."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


def _town(by: Worker) -> Resource:
    return Resource("Town", by.town, by.town)


def issue(
    name: str,
    staff: Staff | None,
    *,
    managed: bool = False,
    for_emergency: bool = False,
    certificate: str = "",
    ends_at: datetime | None = None,
    by: Worker,
    as_of: datetime,
) -> tuple[Device, str]:
    """A new device and its code, which is shown once. `staff` None: for whoever of the staff signs in on it; `certificate`:
    SHA-256 of its client certificate. Raises access.Denied, NotACertificate, Nameless."""
    require(by, "network.manage", _town(by))
    name = name.strip()[:100]
    if not name:
        raise Nameless
    code = codes.new()
    made = Device.objects.create(
        town=by.town,
        name=name,
        staff=staff,
        managed=managed,
        for_emergency=for_emergency,
        certificate=_fingerprint(certificate),
        code=codes.digest(code),
        code_until=as_of + CODE_LIFE,
        issued_by=by.id,
        issued_at=as_of,
        ends_at=ends_at,
    )
    return made, codes.grouped(code)


def _fingerprint(given: str) -> str:
    plain = re.sub(r"[\s:]", "", given).lower()
    if plain and not _SHA256.fullmatch(plain):
        raise NotACertificate
    return plain


def register(code: str, staff: Staff, *, by: Worker, as_of: datetime) -> str:
    """The code was typed on the device: from now on it is known by the secret that comes back, for its cookie.

    Raises access.Denied, WrongCode, limits.TooMany.
    """
    require(by, "device.register", _town(by))
    limits.spend("device-code", by.id, most=CODE_TRIES, per=CODE_WINDOW, as_of=as_of)
    waiting = Device.objects.select_for_update().filter(
        code=codes.digest(code), code_until__gt=as_of, registered_at=None, revoked_at=None
    )
    device = waiting.exclude(code="").first()
    if device is None or device.staff_id not in (None, staff.pk):
        raise WrongCode
    secret = secrets.token_urlsafe(32)
    device.secret, device.code = hashlib.sha256(secret.encode()).hexdigest(), ""
    device.registered_at = as_of
    device.save(update_fields=["secret", "code", "registered_at"])
    log.record(by, "device.register", _device(device), log.ALLOWED, as_of=as_of)
    return secret


def revoke(device_id: uuid.UUID, *, by: Worker, as_of: datetime) -> None:
    """The device counts no more, from the next request on. Raises access.Denied, NoSuchDevice."""
    require(by, "network.manage", _town(by))
    device = Device.objects.select_for_update().filter(pk=device_id, revoked_at=None).first()
    if device is None:
        raise NoSuchDevice
    device.revoked_at, device.revoked_by = as_of, by.id
    device.save(update_fields=["revoked_at", "revoked_by"])
    log.record(by, "network.manage", _device(device), log.ALLOWED, as_of=as_of)


def _device(device: Device) -> Resource:
    """As the log names it."""
    return Resource("Town", f"device:{device.pk}", device.town)


def declare_network(zone: Zone, cidr: str, note: str = "", *, by: Worker, as_of: datetime) -> Network:
    """Whoever comes from these addresses works in the zone. Said again, it takes the new zone. Raises access.Denied,
    NotANetwork, TooWide."""
    require(by, "network.manage", _town(by))
    try:
        network = ipaddress.ip_network(cidr.strip(), strict=False)
    except ValueError as error:
        raise NotANetwork(cidr) from error
    if network.prefixlen < NARROWEST[network.version]:
        raise TooWide(cidr, NARROWEST[network.version])
    said = {"zone": zone, "note": note[:200], "added_by": by.id, "added_at": as_of}
    made, _ = Network.objects.update_or_create(town=by.town, cidr=str(network), defaults=said)
    log.record(
        by, "network.manage", Resource("Town", f"network:{network}", by.town), log.ALLOWED, as_of=as_of
    )
    return made


def forget_network(network_id: int, *, by: Worker, as_of: datetime) -> None:
    """These addresses count as any others again. Raises access.Denied."""
    require(by, "network.manage", _town(by))
    for network in Network.objects.filter(pk=network_id):
        network.delete()
        about = Resource("Town", f"network:{network.cidr}", by.town)
        log.record(by, "network.manage", about, log.ALLOWED, as_of=as_of)


def set_posture(
    profile: Profile, outside_from: time, outside_until: time, *, by: Worker, as_of: datetime
) -> None:
    """Which model the town's networks follow, and between which times of the day (Asia/Tokyo) staff may work outside on days
    on which the hall is open. Raises access.Denied, HoursTurned."""
    require(by, "network.manage", _town(by))
    if outside_from >= outside_until:
        raise HoursTurned
    said = {
        "profile": profile,
        "outside_from": outside_from,
        "outside_until": outside_until,
        "set_by": by.id,
        "set_at": as_of,
    }
    Posture.objects.update_or_create(town=by.town, defaults=said)
    about = Resource("Town", f"model:{profile}", by.town)
    log.record(by, "network.manage", about, log.ALLOWED, as_of=as_of)


# -- what is declared ------------------------------------------------------------------------------
def devices() -> Sequence[Device]:
    """All devices of the present town, those that count first."""
    return list(Device.objects.select_related("staff").order_by("revoked_at", "-issued_at"))


def networks() -> Sequence[Network]:
    """All networks of the present town."""
    return list(Network.objects.order_by("zone", "cidr"))


def posture() -> Posture:
    """What the present town said of its model and hours; what holds where it said nothing."""
    return Posture.objects.first() or Posture()
