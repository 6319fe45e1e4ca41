"""What sign-in must ask of rooms above it, which it may not import: two functions named in the settings."""

from __future__ import annotations

from collections.abc import Sequence
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
