"""Passkeys of staff (WebAuthn Level 2): the questions put to the browser, and the proof of its answers.

User verification is required, so that a passkey alone is two factors (something held, and a PIN or a finger).
No list of credentials is sent, so that nobody learns which accounts exist.
"""

from __future__ import annotations

import json
from datetime import datetime

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from yakuba.access import actions, queries
from yakuba.access.models import Passkey, Staff
from yakuba.access.request import Request


class NotProven(Exception):
    """The browser's answer proves nothing: wrong challenge, site, key or counter."""


def ask_for_new(request: Request, staff: Staff) -> str:
    """The JSON question that makes a passkey; its challenge is kept in the session."""
    options = generate_registration_options(
        rp_id=_site(request),
        rp_name=f"Yakuba {staff.town}",
        user_id=staff.id.bytes,
        user_name=staff.login,
        user_display_name=staff.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=bytes(passkey.credential_id))
            for passkey in queries.passkeys_of(staff)
        ],
    )
    request.session["challenge"] = bytes_to_base64url(options.challenge)
    return options_to_json(options)


def add(request: Request, staff: Staff, answer: str, name: str) -> Passkey:
    """Check the new passkey and keep its public key. Raises NotProven."""
    try:
        proven = verify_registration_response(
            credential=answer,
            expected_challenge=_challenge(request),
            expected_rp_id=_site(request),
            expected_origin=_origin(request),
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise NotProven(str(error)) from error
    return actions.add_passkey(
        staff, proven.credential_id, proven.credential_public_key, proven.sign_count, name
    )


def ask_for_known(request: Request) -> str:
    """The JSON question to any passkey of this site; its challenge is kept in the session."""
    options = generate_authentication_options(
        rp_id=_site(request), user_verification=UserVerificationRequirement.REQUIRED
    )
    request.session["challenge"] = bytes_to_base64url(options.challenge)
    return options_to_json(options)


def prove(request: Request, answer: str, *, as_of: datetime) -> Staff:
    """Whose passkey it is. Raises NotProven."""
    challenge = _challenge(request)
    try:
        passkey = queries.passkey(base64url_to_bytes(json.loads(answer)["id"]))
        if passkey is None:
            raise NotProven("no account has this passkey")
        proven = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_site(request),
            expected_origin=_origin(request),
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise NotProven(str(error)) from error
    actions.passkey_used(passkey, proven.new_sign_count, as_of=as_of)
    return passkey.staff


def _challenge(request: Request) -> bytes:
    """The challenge of this session, good for one answer."""
    kept = request.session.pop("challenge", None)
    if kept is None:
        raise NotProven("no question was asked, or it was answered already")
    return base64url_to_bytes(kept)


def _site(request: Request) -> str:
    return request.get_host().split(":")[0]


def _origin(request: Request) -> str:
    return f"{request.scheme}://{request.get_host()}"
