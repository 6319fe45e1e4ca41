"""The access log (アクセス記録): who saw or tried what. Rows are only ever added.

Writing is one INSERT. `seals`, run by a job, binds the settled rows into a hash chain per town, so that
writers never wait for each other, and finds a changed or missing row.
Source: 個人情報の保護に関する法律 第66条第1項 (安全管理措置).
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from yakuba.access.models import AccessEvent
from yakuba.access.policy import Denied, Resource, acting_for, granted_by, question
from yakuba.access.worker import Worker

ALLOWED, DENIED, SIGNED_IN, FAILED, LOCKED = "allowed", "denied", "signed-in", "failed", "locked"
#: Before the id of a break-glass case, among the `policies` of what it let through.
BREAK_GLASS = "break-glass:"
#: What staff may look at only with a trace: a person's record and papers, whatever else shows their answers, or
#: takes them along (a list as a file), and payments with their accounts. To link a sign-in to a person is to open that person's requests to it.
TRACED = frozenset(
    {
        "register.read", "register.search", "document.read", "case.read", "case.answer", "status.read",
        "message.read", "entitled.read", "money.read", "money.run.export", "resident.link", "queue.export",
        "load.mend", "case.help", "helper.act", "log.export", "looks.disclose",
        "shelter.read", "break-glass.use", "break-glass.review", "offline.pack", "offline.merge",
    }
)  # fmt: skip


def record_asked(
    asked: Mapping[tuple[str, str, str, Worker], Resource], *, changing: bool, as_of: datetime
) -> None:
    """Add the rows of what staff were allowed in one request: what is TRACED, what a deputy did for somebody absent, and
    what break-glass access opened (`policies` then names its case), everything from a site of a disaster, and everything where
    the request was a `changing` one."""
    rows = []
    for (action, _, _, worker), resource in asked.items():
        absent, granted = acting_for(worker, action, resource), granted_by(worker, action, resource)
        if changing or absent or granted or action in TRACED or worker.where.zone == "disaster":
            by = [f"{BREAK_GLASS}{granted}"] if granted else []
            rows.append(_row(worker, action, resource, ALLOWED, as_of, by, acting_for=absent))
    AccessEvent.objects.bulk_create(rows)


def record(
    worker: Worker,
    action: str,
    resource: Resource,
    outcome: str,
    *,
    as_of: datetime,
    policies: Iterable[str] = (),
    acting_for: Iterable[str] = (),
) -> None:
    """Add one row. `acting_for`: the absent colleagues in whose place a deputy did it. Must run inside of the worker's
    town."""
    _row(worker, action, resource, outcome, as_of, policies, acting_for).save(force_insert=True)


def _row(
    worker: Worker,
    action: str,
    resource: Resource,
    outcome: str,
    as_of: datetime,
    policies: Iterable[str] = (),
    acting_for: Iterable[str] = (),
) -> AccessEvent:
    known, around = question(worker, resource)
    return AccessEvent(
        town=worker.town,
        at=as_of,
        worker_kind=worker.kind,
        worker_id=worker.id,
        action=action,
        resource_type=resource.type,
        resource_id=resource.id[:100],
        outcome=outcome,
        policies=list(policies),
        acting_for=list(acting_for),
        question=_plain(worker, resource.town, known, around) if worker.kind == "staff" else None,
    )


def _plain(
    worker: Worker, town: str, attributes: Mapping[str, Any], circumstances: Mapping[str, Any]
) -> dict[str, Any]:
    """A question as it is kept, in what JSON can say, so that it can be asked again under other policies."""
    said = {
        "roles": sorted(worker.acts_in),
        "strength": worker.strength,
        "town": town,
        "attributes": attributes,
        "circumstances": circumstances,
    }
    kept: dict[str, Any] = orjson.loads(orjson.dumps(said, default=str))
    return kept


def record_denied(denied: Denied, *, as_of: datetime) -> None:
    """Add the row of a refused question, with the policies that refused it."""
    record(
        denied.worker,
        denied.action,
        denied.resource,
        DENIED,
        as_of=as_of,
        policies=[policy.id for policy in denied.policies],
    )


def uses_of(grants: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How often each break-glass case let something through, in one query."""
    marks = {f"{BREAK_GLASS}{case}": case for case in grants}
    found = Counter[uuid.UUID]()
    rows = AccessEvent.objects.filter(policies__overlap=list(marks)) if marks else AccessEvent.objects.none()
    for policies in rows.values_list("policies", flat=True):
        found.update(marks[one] for one in policies if one in marks)
    return dict(found)


def chained(previous: str, rows: Iterable[AccessEvent]) -> str:
    """The hash of a link that says nothing of its rows one by one: as it was made before `seals`."""
    digest = hashlib.sha256(previous.encode())
    for row in rows:
        digest.update(
            orjson.dumps(
                [
                    row.id,
                    row.town,
                    row.at.timestamp(),
                    row.worker_kind,
                    row.worker_id,
                    row.action,
                    row.resource_type,
                    row.resource_id,
                    row.outcome,
                    row.policies,
                    # what older rows do not have is left out, so that their links hold as they are
                    *([row.acting_for] if row.acting_for or row.question else []),
                    *([row.question] if row.question else []),
                ],
                option=orjson.OPT_SORT_KEYS,
            )
        )
    return digest.hexdigest()
