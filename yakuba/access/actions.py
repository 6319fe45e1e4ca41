"""What can happen to accounts: the only writers of staff, passkeys, residents and their sessions."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import unicodedata
import uuid
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache

import pyotp
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password

from yakuba.access import limits, log, queries, towns, upward
from yakuba.access.errors import (
    AwayAlready,
    DaysOver,
    DaysTurned,
    DeputyAway,
    IsDeputy,
    NoSuchColleague,
    NotInForce,
    OwnDeputy,
    TooLong,
)
from yakuba.access.models import Absence, Client, Passkey, Resident, Session, Staff
from yakuba.access.oidc import Claims
from yakuba.access.policy import Resource, require
from yakuba.access.sealed import seal, unseal
from yakuba.access.worker import PUBLIC, ROLES, SUPPORTER, Worker
from yakuba.clock import in_tokyo, now

#: One clock step of a code: 30 seconds (RFC 6238, section 4.1); one step early or late is accepted (section 5.2).
STEP = 30
DRIFT = 1
#: Tries from one address, whichever accounts or reference numbers they are for.
ADDRESS_TRIES, REFERENCE_TRIES, ADDRESS_WINDOW = 30, 10, timedelta(minutes=10)
#: So long an address counts as one's own: wrong tries from elsewhere do not lock out whoever comes from there.
OWN_ADDRESS = timedelta(days=30)
#: Wrong tries that get a row each in the access log, within an hour: of one account, and of all that nobody has together.
#: Of more, every doubling gets one: who tries a million times makes twenty rows more, and fills no disk.
ROWS_OF_ONE, ROWS_OF_UNKNOWN, ROWS_WINDOW = 60, 300, timedelta(hours=1)
#: What a scope may be written with (RFC 6749, section 3.3).
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,400}")
#: A day beyond a year is a slip in the year's number.
MOST_ABSENCE = timedelta(days=366)


#: What the log calls a try for a login that nobody has.
UNKNOWN = "unknown"
PASSWORD_CHANGED, SESSIONS_ENDED = "password-changed", "sessions-ended"
PASSKEY_ADDED, PASSKEY_REMOVED = "passkey-added", "passkey-removed"

logger = logging.getLogger(__name__)


class WrongCredentials(Exception):
    """Login, password or code do not fit. Never says which."""


class AccountError(ValueError):
    """An account cannot be made or changed as asked; the message says why and how to mend it."""


class UnknownRole(AccountError):
    """A role that no policy knows."""


class LoginTaken(AccountError):
    """Another account of the town has this login."""


# -- staff accounts ------------------------------------------------------------------------------
def add_staff(login: str, name: str, roles: Iterable[str], password: str | None, *, by: Worker) -> Staff:
    """A new account in the worker's town. `password`: None for somebody who does not sign in here.

    Raises Denied, UnknownRole, LoginTaken, and django's ValidationError for a weak password.
    """
    require(by, "staff.manage", _town(by.town))
    if Staff.objects.filter(town=by.town, login=login).exists():
        raise LoginTaken(f"the login {login!r} is taken in {by.town}; choose another")
    staff = Staff(town=by.town, login=login, name=name, roles=_known(roles))
    if password is not None:
        validate_password(password, staff)
    staff.set_password(password)
    staff.save(force_insert=True)
    return staff


def change_roles(staff: Staff, roles: Iterable[str], *, by: Worker) -> None:
    """The new roles hold from the next request on. Raises UnknownRole, Denied."""
    require(by, "staff.manage", _town(staff.town))
    staff.roles = _known(roles)
    staff.save(update_fields=["roles"])


def close_staff(staff: Staff, *, by: Worker) -> None:
    """The account can no longer sign in, and is signed out everywhere. Raises Denied."""
    require(by, "staff.manage", _town(staff.town))
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    staff.sessions.all().delete()


def set_totp(staff: Staff, *, by: Worker, secret: str = "") -> str:
    """A new TOTP secret (base32), sealed at rest; returns the `otpauth://` address for the authenticator app.

    Raises Denied.
    """
    require(by, "staff.manage", _town(staff.town))
    secret = secret or pyotp.random_base32()
    staff.totp_secret, staff.totp_step = seal(secret), 0
    staff.save(update_fields=["totp_secret", "totp_step"])
    return pyotp.TOTP(secret).provisioning_uri(name=staff.login, issuer_name=f"Yakuba {staff.town}")


def _known(roles: Iterable[str]) -> list[str]:
    chosen = sorted(set(roles))
    if chosen == [SUPPORTER]:
        return chosen
    if SUPPORTER in chosen:
        raise UnknownRole(
            f"{SUPPORTER} stands alone: a supporter is no member of staff and has no role; make a second account for the other"
        )
    if unknown := [role for role in chosen if role not in ROLES]:
        raise UnknownRole(f"no such role: {', '.join(unknown)}; roles are {', '.join(ROLES)}")
    return chosen


def _town(town: str) -> Resource:
    return Resource("Town", town, town)


# -- absence and deputies ------------------------------------------------------------------------
def enter_absence(
    staff_id: str, deputy_id: str, first: date, last: date, *, by: Worker, as_of: datetime
) -> Absence:
    """Somebody is absent from `first` to `last`, and a deputy stands in for them (代決・代理); the ids are those of workers.

    Source: 地方自治法 第153条第1項; the towns' own rules on 代決. Raises Denied, NoSuchColleague, OwnDeputy, DaysTurned,
    DaysOver, TooLong, AwayAlready, DeputyAway, IsDeputy.
    """
    _check_days(first, last, as_of)
    towns.alone_with("absences")
    absent, deputy = _colleague(staff_id), _colleague(deputy_id)
    if absent.pk == deputy.pk:
        raise OwnDeputy
    require(by, "absence.enter", _absence(absent, deputy))
    _check_free(absent, deputy, first, last)
    return Absence.objects.create(
        town=absent.town,
        staff=absent,
        deputy=deputy,
        first=first,
        last=last,
        entered_by=by.id,
        entered_at=as_of,
    )


def end_absence(absence_id: uuid.UUID, *, by: Worker, as_of: datetime) -> None:
    """The person is back before the last day, or does not go. Raises Denied, NotInForce when it has ended already."""
    found = Absence.objects.select_for_update().filter(pk=absence_id, ended_at=None).first()
    if found is None or found.last < in_tokyo(as_of).date():
        raise NotInForce
    require(by, "absence.end", _absence(found.staff, found.deputy))
    found.ended_at, found.ended_by = as_of, by.id
    found.save(update_fields=["ended_at", "ended_by"])


def _check_days(first: date, last: date, as_of: datetime) -> None:
    if last < first:
        raise DaysTurned
    if last < in_tokyo(as_of).date():
        raise DaysOver
    if last - first > MOST_ABSENCE:
        raise TooLong(MOST_ABSENCE.days)


def _check_free(absent: Staff, deputy: Staff, first: date, last: date) -> None:
    """Nobody has two deputies on a day, and no deputy is absent: who would act then?"""
    there = Absence.objects.filter(first__lte=last, last__gte=first, ended_at=None)
    for one in there.select_related("staff", "deputy"):
        if one.staff_id == absent.pk:
            raise AwayAlready(absent.name, one.first, one.last)
        if one.staff_id == deputy.pk:
            raise DeputyAway(deputy.name, one.first, one.last)
        if one.deputy_id == absent.pk:
            raise IsDeputy(absent.name, one.staff.name, one.first, one.last)


def _colleague(worker: str) -> Staff:
    """An active member of staff of the present town, by worker id."""
    found = queries.colleague(worker)
    if found is None:
        raise NoSuchColleague
    return found


def _absence(absent: Staff, deputy: Staff) -> Resource:
    """What the policy may know about an absence."""
    return Resource(
        "Absence", str(absent.pk), absent.town, {"staff": absent.worker().id, "deputy": deputy.worker().id}
    )


# -- staff sign-in -------------------------------------------------------------------------------
def check_password_of(login: str, password: str, *, town: str, address: str, as_of: datetime) -> Staff:
    """The first factor. Takes as long and says the same for an unknown login, a closed account and a wrong
    password. Raises WrongCredentials, limits.TooMany.
    """
    try:
        limits.spend("sign-in-address", address, most=ADDRESS_TRIES, per=ADDRESS_WINDOW, as_of=as_of)
    except limits.TooMany:
        _write_down("", town, log.LOCKED, as_of)
        raise
    tried = _tried(login, address, as_of)
    _not_locked("sign-in", tried, login, town, as_of)
    staff = Staff.objects.filter(login=login, is_active=True).first()
    if check_password(password, staff.password if staff else _nobody()) and staff:
        return staff
    _failed("sign-in", tried, login, town, as_of)
    raise WrongCredentials


def check_code(staff: Staff, code: str, *, as_of: datetime) -> None:
    """The second factor, good once. Raises WrongCredentials, limits.TooMany."""
    _not_locked("sign-in-code", staff.login, staff.login, staff.town, as_of)
    step = _step_of(staff, code, as_of)
    # The comparison inside of the UPDATE lets one of two equal codes sent at once win.
    if step and Staff.objects.filter(pk=staff.pk, totp_step__lt=step).update(totp_step=step):
        return
    _failed("sign-in-code", staff.login, staff.login, staff.town, as_of)
    raise WrongCredentials


def signed_in(staff: Staff, *, as_of: datetime, address: str = "") -> None:
    """Both factors were shown: the failures are forgotten, the address is one's own, and the sign-in is recorded."""
    limits.clear("sign-in", staff.login)
    limits.clear("sign-in-code", staff.login)
    if address:
        limits.clear("sign-in", _from(staff.login, address))
        limits.remember("own-address", _from(staff.login, address), until=as_of + OWN_ADDRESS, as_of=as_of)
    Staff.objects.filter(pk=staff.pk).update(last_login=as_of)
    log.record(staff.worker(), "sign_in", _town(staff.town), log.SIGNED_IN, as_of=as_of)


def _from(login: str, address: str) -> str:
    return f"{login}\n{address}"


def _tried(login: str, address: str, as_of: datetime) -> str:
    """Under what wrong tries are counted: the login, and where its owner signed in from before, the two together. So
    nobody locks out a colleague by trying their login from elsewhere."""
    own = _from(login, address)
    return own if limits.is_remembered("own-address", own, as_of=as_of) else login


def _step_of(staff: Staff, code: str, as_of: datetime) -> int | None:
    """The clock step whose code this is."""
    if not staff.totp_secret:
        return None
    typed = "".join(unicodedata.normalize("NFKC", code).split()).encode()
    totp = pyotp.TOTP(unseal(staff.totp_secret), interval=STEP)
    now = int(as_of.timestamp()) // STEP
    steps = (now + drift for drift in range(-DRIFT, DRIFT + 1))
    return next(
        (step for step in steps if secrets.compare_digest(totp.generate_otp(step).encode(), typed)), None
    )


@cache
def _nobody() -> str:
    """A password hash that nobody has, so that an unknown login costs the same time."""
    return make_password(secrets.token_urlsafe())


def _not_locked(purpose: str, key: str, login: str, town: str, as_of: datetime) -> None:
    try:
        limits.check(purpose, key, as_of=as_of)
    except limits.TooMany:
        _write_down(login, town, log.LOCKED, as_of)
        raise


def _failed(purpose: str, key: str, login: str, town: str, as_of: datetime) -> None:
    limits.fail(purpose, key, as_of=as_of)
    _write_down(login, town, log.FAILED, as_of)


def _write_down(login: str, town: str, outcome: str, as_of: datetime) -> None:
    """A row of the access log for a try that failed, as long as they are few; of many, each doubling, and a word to
    whoever watches the server."""
    about = _login(login, town)
    most = ROWS_OF_UNKNOWN if about.id == UNKNOWN else ROWS_OF_ONE
    count = limits.tally("sign-in-rows", about.id, per=ROWS_WINDOW, as_of=as_of)
    if count <= most:
        log.record(PUBLIC(town), "sign_in", about, outcome, as_of=as_of)
    elif count & (count - 1) == 0:
        many = Resource(about.type, f"{about.id} ×{count}", town)
        log.record(PUBLIC(town), "sign_in", many, outcome, as_of=as_of)
        logger.warning("somebody tries out sign-ins in %s: %d tries within an hour", town, count)


def _login(login: str, town: str) -> Resource:
    """What the log shows of a try: the account where there is one; a mistyped name might be a password."""
    staff = Staff.objects.filter(login=login).only("id").first() if login else None
    return Resource("Staff", f"staff:{staff.id}" if staff else UNKNOWN, town)


# -- one's own sign-in ---------------------------------------------------------------------------
def change_password(
    staff: Staff, current: str, new: str, *, keep: Session | None = None, as_of: datetime
) -> None:
    """A new password for oneself; every session but `keep` ends.

    Raises WrongCredentials where `current` is not the present one, limits.TooMany, and django's ValidationError for a new one
    that is weak.
    """
    _not_locked("own-password", staff.login, staff.login, staff.town, as_of)
    if not check_password(current, staff.password):
        _failed("own-password", staff.login, staff.login, staff.town, as_of)
        raise WrongCredentials
    limits.clear("own-password", staff.login)
    validate_password(new, staff)
    _set_password(staff, new)
    end_sessions(staff, keep=keep, as_of=as_of)
    log.record(staff.worker(), "account.change", _own(staff), PASSWORD_CHANGED, as_of=as_of)


def reset_password(staff: Staff, new: str, *, by: Worker, as_of: datetime) -> None:
    """A new password for somebody who forgot theirs; they are signed out everywhere, and the second factor stays.

    Raises Denied, and django's ValidationError for a weak one.
    """
    require(by, "staff.manage", _town(staff.town))
    validate_password(new, staff)
    _set_password(staff, new)
    end_sessions(staff, as_of=as_of)
    log.record(by, "staff.manage", _own(staff), PASSWORD_CHANGED, as_of=as_of)


def end_sessions(staff: Staff, *, keep: Session | None = None, only: str = "", as_of: datetime) -> int:
    """Sign out: everywhere but where `keep` is, or `only` in one session (by its stored key); how many ended."""
    found = staff.sessions.exclude(pk=keep.pk) if keep else staff.sessions.all()
    ended, _ = (found.filter(session_key=only) if only else found).delete()
    if ended:
        log.record(staff.worker(), "account.change", _own(staff), SESSIONS_ENDED, as_of=as_of)
    return ended


def sign_out_everybody(*, by: Worker, as_of: datetime) -> int:
    """End every session of staff of the worker's town; how many. Raises Denied."""
    require(by, "staff.manage", _town(by.town))
    ended, _ = Session.objects.exclude(staff=None).delete()
    log.record(by, "staff.manage", _town(by.town), SESSIONS_ENDED, as_of=as_of)
    return ended


def sign_out_staff(staff: Staff, *, by: Worker, as_of: datetime) -> int:
    """End every session of one member of staff; how many. Raises Denied."""
    require(by, "staff.manage", _town(staff.town))
    return end_sessions(staff, as_of=as_of)


def _set_password(staff: Staff, new: str) -> None:
    staff.set_password(new)
    staff.save(update_fields=["password"])


def _own(staff: Staff) -> Resource:
    return Resource("Staff", staff.worker().id, staff.town)


# -- passkeys ------------------------------------------------------------------------------------
def add_passkey(staff: Staff, credential_id: bytes, public_key: bytes, sign_count: int, name: str) -> Passkey:
    """A passkey that the staff member has just proven to hold."""
    made = Passkey.objects.create(
        town=staff.town,
        staff=staff,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        name=name,
    )
    log.record(staff.worker(), "account.change", _own(staff), PASSKEY_ADDED, as_of=made.created_at)
    return made


def passkey_used(passkey: Passkey, sign_count: int, *, as_of: datetime) -> None:
    """Remember the use; the counter shows a copied key."""
    Passkey.objects.filter(pk=passkey.pk).update(sign_count=sign_count, used_at=as_of)


def passkey_failed(town: str, *, as_of: datetime) -> None:
    """Somebody showed a passkey that proves nothing."""
    log.record(PUBLIC(town), "sign_in", _login("", town), log.FAILED, as_of=as_of)


def remove_passkey(staff: Staff, passkey_id: int) -> None:
    """The owner gives up one of their passkeys."""
    gone, _ = Passkey.objects.filter(staff=staff, pk=passkey_id).delete()
    if gone:
        log.record(staff.worker(), "account.change", _own(staff), PASSKEY_REMOVED, as_of=now())


# -- residents -----------------------------------------------------------------------------------
def resident_signed_in(claims: Claims, *, town: str, as_of: datetime) -> Resident:
    """The account of who the provider vouches for, made at the first sign-in.

    While nobody in the register is linked, each sign-in looks again: exactly one match identifies; none or
    several leave it to a clerk (`link_resident`), who sees the four items kept for that purpose.
    """
    account, _ = Resident.objects.get_or_create(
        town=town, issuer=claims.issuer, subject=claims.subject, defaults={"created_at": as_of}
    )
    account.name = claims.name
    if account.person is None:
        account.birth_date, account.address, account.gender = claims.birth_date, claims.address, claims.gender
        candidates = upward.people(claims)
        if len(candidates) == 1:
            _link(account, candidates[0], "matched")
    account.save()
    log.record(account.worker(), "sign_in", _town(town), log.SIGNED_IN, as_of=as_of)
    return account


# -- other systems -------------------------------------------------------------------------------
def add_client(
    name: str, *, webhook: str = "", scopes: Sequence[str] = (), by: Worker
) -> tuple[Client, str, str]:
    """Another system may hand requests in from now on, and read what its `scopes` say; its token and, with a `webhook` (an
    https address), the secret that signs what it is told are given once. Raises Denied, AccountError."""
    require(by, "client.manage", _town(by.town))
    if webhook and not webhook.startswith("https://"):
        raise AccountError(f"the webhook {webhook!r} must begin with https://")
    if Client.objects.filter(town=by.town, name=name).exists():
        raise LoginTaken(f"there is a system {name!r} in {by.town}; choose another name")
    if wrong := [one for one in scopes if not SCOPE.fullmatch(one)]:
        raise AccountError(f"the scope {wrong[0]!r} must be ASCII without blanks; write others as %XX")
    token, signing = secrets.token_urlsafe(32), "whsec_" + b64encode(secrets.token_bytes(24)).decode()
    made = Client.objects.create(
        town=by.town,
        name=name,
        token=hashlib.sha256(token.encode()).hexdigest(),
        scopes=sorted(set(scopes)),
        webhook=webhook,
        webhook_secret=seal(signing) if webhook else "",
    )
    return made, token, signing if webhook else ""


def close_client(client: Client, *, by: Worker) -> None:
    """Its token opens nothing any more, and it is told nothing. Raises Denied."""
    require(by, "client.manage", _town(client.town))
    client.is_active = False
    client.save(update_fields=["is_active"])


def signing_secret(client: Client) -> str:
    """What signs the messages to a system. Raises sealed.SealBroken."""
    return unseal(client.webhook_secret)


def link_resident(account: Resident, person: str, *, by: Worker) -> None:
    """A clerk found who the account's owner is (本人確認). `person` is a register id. Raises Denied."""
    require(by, "resident.link", Resource("Person", person, account.town))
    _link(account, person, by.id)
    account.save()


def _link(account: Resident, person: str, linked_by: str) -> None:
    """What the register knows is not kept twice."""
    account.person, account.linked_by = person, linked_by
    account.birth_date, account.address, account.gender = None, "", ""


def check_reference(
    reference: str, born: date, *, town: str, address: str, as_of: datetime, most: int = REFERENCE_TRIES
) -> str:
    """The reference number, in the form the case has it, of the case whose applicant was born on that day.

    One answer for every mismatch. Raises WrongCredentials, limits.TooMany: `most` tries in ten minutes from one
    address, and a growing wait per reference number, whoever tries it.
    """
    digits = "".join(
        character for character in unicodedata.normalize("NFKC", reference) if character.isdigit()
    )[:20]
    limits.spend(f"status-address-{most}", address, most=most, per=ADDRESS_WINDOW, as_of=as_of)
    limits.check("status", digits, as_of=as_of)
    if found := upward.reference_of(digits, born):
        limits.clear("status", digits)
        return found
    limits.fail("status", digits, as_of=as_of)
    log.record(PUBLIC(town), "status.read", Resource("Case", digits, town), log.FAILED, as_of=as_of)
    raise WrongCredentials
