"""What can be asked about accounts."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import orjson
from django.db.models import Count

from yakuba.access.circumstances import INSIDE
from yakuba.access.log import ALLOWED
from yakuba.access.models import Absence, AccessEvent, Client, Passkey, Resident, Staff
from yakuba.access.situation import Known, Seen, circumstances
from yakuba.access.worker import DELEGABLE, Delegation, Worker
from yakuba.clock import TOKYO, in_tokyo

_SIGNED_IN = """
select s.*, json_build_object(
  'lent', coalesce((select json_agg(json_build_array(o.id, o.roles) order by a.first, o.id)
    from access_absence a join access_staff o on o.id = a.staff_id and o.is_active
    where a.deputy_id = s.id and a.ended_at is null and %(on)s between a.first and a.last), '[]'),
  'networks', coalesce((select json_agg(json_build_array(n.zone, n.cidr)) from access_network n), '[]'),
  'device', (select json_build_object('managed', d.managed, 'certificate', d.certificate, 'for_emergency', d.for_emergency)
    from access_device d where (d.secret = %(device)s and d.secret <> '' or d.certificate = %(certificate)s and d.certificate <> '')
    and (d.staff_id = s.id or d.staff_id is null) and d.registered_at is not null and d.revoked_at is null
    and (d.ends_at is null or d.ends_at > %(now)s) order by d.managed desc limit 1),
  'posture', (select json_build_array(p.profile, p.outside_from, p.outside_until) from access_posture p),
  'emergency', exists (select from access_emergency e where e.begins <= %(now)s and e.ends > %(now)s and e.ended_at is null),
  'services', coalesce((select json_agg(distinct one) from access_emergency e, unnest(e.services) one
    where e.begins <= %(now)s and e.ends > %(now)s and e.ended_at is null), '[]'),
  'granted', coalesce((select json_agg(json_build_array(one, g.case)) from access_accessgrant g, unnest(g.opens) one
    where g.staff_id = s.id and g.begins <= %(now)s and g.ends > %(now)s and g.ended_at is null), '[]')
)::text as known
from access_staff s where s.id = %(staff)s"""


def staff(staff_id: str) -> Staff | None:
    """The active member of staff with this id, in the present town."""
    return Staff.objects.filter(pk=staff_id, is_active=True).first()


def colleague(worker: str) -> Staff | None:
    """The active member of staff with this worker id, in the present town; nobody who has an account and is no staff."""
    account = _staff_id(worker)
    found = staff(str(account)) if account else None
    return found if found and found.worker().id == worker else None


def colleagues() -> list[Staff]:
    """The active members of staff of the present town, by login: who can be absent, stand in, or have a device of the town."""
    return [one for one in all_staff() if one.is_active and one.worker().kind == "staff"]


def signed_in(
    staff_id: uuid.UUID | str, seen: Seen, proven: datetime | None, *, as_of: datetime
) -> tuple[Staff, Worker] | None:
    """Whose session it is, and as whom they act now: themselves, the deputy of who is absent, from where and with what
    they ask. `proven`: when they showed both factors last. In one query."""
    asked = {
        "staff": staff_id,
        "on": in_tokyo(as_of).date(),
        "now": as_of,
        "device": seen.device,
        "certificate": seen.certificate,
    }
    for found in Staff.objects.raw(_SIGNED_IN, asked):
        known = orjson.loads(found.known)  # type: ignore[attr-defined]  # a column of the statement
        lent = known.pop("lent")
        delegations = [Delegation(f"staff:{of}", DELEGABLE.intersection(roles)) for of, roles in lent]
        where = circumstances(seen, Known(**known), proven, as_of=as_of)
        return found, replace(found.worker(delegations), where=where)
    return None


def staff_by_login(login: str) -> Staff | None:
    """The member of staff with this login, active or not, in the present town."""
    return Staff.objects.filter(login=login).first()


def all_staff() -> list[Staff]:
    """Everybody with an account in the present town, by login."""
    return list(Staff.objects.order_by("login"))


def staff_names() -> dict[str, str]:
    """What everybody with an account in the present town is called, by worker id."""
    return {one.worker().id: one.name for one in Staff.objects.all()}


# -- who is absent ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Away:
    """An absence as pages show it, with worker ids and names. `roles`: those in which the deputy acts."""

    id: uuid.UUID
    staff: str
    name: str
    deputy: str
    deputy_name: str
    first: date
    last: date
    roles: Sequence[str]
    entered_by: str

    def holds_on(self, day: date) -> bool:
        """Whether the person is absent on that day."""
        return self.first <= day <= self.last


def absences(since: date) -> list[Away]:
    """Who is absent on that day or will be later, the nearest first."""
    found = Absence.objects.filter(last__gte=since, ended_at=None, staff__is_active=True)
    return [_away(one) for one in found.select_related("staff", "deputy").order_by("first", "last", "id")]


def absence(absence_id: uuid.UUID) -> Away | None:
    """One absence that was not ended."""
    found = Absence.objects.filter(pk=absence_id, ended_at=None).select_related("staff", "deputy").first()
    return _away(found) if found else None


def away(worker: str, on: date) -> Away | None:
    """The absence of a worker (id) on a day; None when they are there."""
    absent = _staff_id(worker)
    if absent is None:
        return None
    found = Absence.objects.filter(staff=absent, first__lte=on, last__gte=on, ended_at=None)
    one = found.select_related("staff", "deputy").first()
    return _away(one) if one else None


def _away(one: Absence) -> Away:
    absent, deputy = one.staff, one.deputy
    roles = sorted(DELEGABLE.intersection(absent.roles))
    return Away(
        one.id,
        absent.worker().id,
        absent.name,
        deputy.worker().id,
        deputy.name,
        one.first,
        one.last,
        roles,
        one.entered_by,
    )


def _staff_id(worker: str) -> uuid.UUID | None:
    """The account of a worker of staff, by worker id."""
    kind, _, account = worker.partition(":")
    try:
        return uuid.UUID(account) if kind == "staff" else None
    except ValueError:
        return None


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


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which somebody is signed in: `key` as it is stored (it opens nothing), when it began and was used last,
    whether outside of the hall."""

    key: str
    began: datetime
    seen: datetime
    away: bool


def sessions_of(staff: Staff, *, as_of: datetime) -> list[OpenSession]:
    """Where somebody is signed in now, the newest use first."""
    found = []
    for row in staff.sessions.filter(expire_date__gt=as_of):
        said = row.get_decoded()
        began, used = (datetime.fromtimestamp(said.get(name, 0), TOKYO) for name in ("began", "seen"))
        found.append(OpenSession(row.session_key, began, used, bool(said.get("away"))))
    return sorted(found, key=lambda one: one.seen, reverse=True)


def passkey(credential_id: bytes) -> Passkey | None:
    """The passkey of an active member of staff with this credential id, with its owner."""
    return (
        Passkey.objects.select_related("staff")
        .filter(credential_id=credential_id, staff__is_active=True)
        .first()
    )


def resident_of(worker: Worker) -> Resident | None:
    """The account of a resident who signed in with their card; None for anybody else."""
    kind, _, account = worker.id.partition(":")
    return Resident.objects.filter(pk=account).first() if kind == "resident" else None


def unlinked_residents() -> list[Resident]:
    """Accounts that a clerk must still link to the register, oldest first."""
    return list(Resident.objects.filter(person=None).order_by("created_at"))


# -- work outside of the hall ----------------------------------------------------------------------
#: What counts as work done, as a manager sees it: never how long or how often somebody looked.
WORK = (
    "task.finish",
    "case.decide",
    "case.bulk_decide",
    "case.open",
    "case.note",
    "case.return",
    "case.answer",
)


def work_outside(since: datetime, until: datetime) -> list[tuple[str, str, int]]:
    """What staff of the present town did outside of the hall from `since` to before `until` (aware): worker id, action, how
    many of it; by worker and action."""
    done = AccessEvent.objects.filter(at__gte=since, at__lt=until, action__in=WORK, outcome=ALLOWED)
    outside = done.exclude(question=None).exclude(question__circumstances__zone__in=sorted(INSIDE))
    counted = outside.values_list("worker_id", "action").annotate(Count("id"))
    return [(worker, action, count) for worker, action, count in counted.order_by("worker_id", "action")]
