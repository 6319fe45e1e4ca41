"""What sign-in and the access log must ask of rooms above them, which they may not import: functions named in the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings
from django.utils.module_loading import import_string

from yakuba.access.oidc import Claims


def people(claims: Claims) -> Sequence[str]:
    """Register ids of all living people whose name, birth date and address fit the claims
    (`settings.YAKUBA_PEOPLE`, a function of Claims)."""
    return import_string(settings.YAKUBA_PEOPLE)(claims)


def reference_of(digits: str, born: date) -> str | None:
    """The reference number of the case with these digits if its applicant was born on that day
    (`settings.YAKUBA_REFERENCE`, a function of digits and birth date)."""
    return import_string(settings.YAKUBA_REFERENCE)(digits, born)


def concerning(person: str) -> Mapping[tuple[str, str], str]:
    """What the access log may name that concerns a person (a register id): resource type and id, each with the case that it
    belongs to, or "" (`settings.YAKUBA_CONCERNING`, a function of the register id)."""
    return import_string(settings.YAKUBA_CONCERNING)(person)
