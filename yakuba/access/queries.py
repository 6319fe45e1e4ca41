"""What can be asked about accounts."""

from __future__ import annotations

import hashlib

from yakuba.access.models import Client, Passkey, Resident, Staff


def staff(staff_id: str) -> Staff | None:
    """The active member of staff with this id, in the present town."""
    return Staff.objects.filter(pk=staff_id, is_active=True).first()


def staff_by_login(login: str) -> Staff | None:
    """The member of staff with this login, active or not, in the present town."""
    return Staff.objects.filter(login=login).first()


def all_staff() -> list[Staff]:
    """Everybody with an account in the present town, by login."""
    return list(Staff.objects.order_by("login"))


def staff_names() -> dict[str, str]:
    """What everybody with an account in the present town is called, by worker id."""
    return {one.worker().id: one.name for one in Staff.objects.all()}


def client_of(token: str) -> Client | None:
    """The system that this token belongs to, unless it was shut out."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    return Client.objects.filter(token=digest, is_active=True).first()


def clients() -> list[Client]:
    """All systems of this town that may hand requests in."""
    return list(Client.objects.order_by("name"))


def passkeys_of(staff: Staff) -> list[Passkey]:
    """The passkeys of one member of staff, oldest first."""
    return list(staff.passkeys.order_by("created_at"))


def passkey(credential_id: bytes) -> Passkey | None:
    """The passkey of an active member of staff with this credential id, with its owner."""
    return (
        Passkey.objects.select_related("staff")
        .filter(credential_id=credential_id, staff__is_active=True)
        .first()
    )


def unlinked_residents() -> list[Resident]:
    """Accounts that a clerk must still link to the register, oldest first."""
    return list(Resident.objects.filter(person=None).order_by("created_at"))
