"""Other systems are told how the requests that they handed in stand: signed messages (webhooks), until they are taken.

A message says how the case stands now, not what happened: whoever was away for two days gets the newest and has missed
nothing. Signed as the Standard Webhooks specification 1.0.0 has it; a message that is sent again has the same id.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from standardwebhooks.webhooks import Webhook

from yakuba import clock
from yakuba.access import actions as accounts
from yakuba.access import queries as clients
from yakuba.access import towns
from yakuba.cases import queries as case_queries
from yakuba.cases.state import ANSWER
from yakuba.channels import outward
from yakuba.channels.models import ApiRequest
from yakuba.channels.status import step_name

if TYPE_CHECKING:
    from yakuba.cases.models import Case

PATIENCE = 10
"""Seconds that a system may take to answer."""
AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
"""After how long a message that was not taken is sent again; from then on every twelve hours, as long as the system is
let in."""
HELD = timedelta(minutes=2)
"""So long a message belongs to the worker that sends it; if it dies another sends it again."""

logger = logging.getLogger(__name__)


def status_of(case: Case) -> dict[str, Any]:
    """How a case stands, as other systems are told."""
    state, service = case_queries.state(case), case_queries.service_of(case)
    waiting = [step for step in service.steps if state.steps[step.id].status == "open"]
    return {
        "reference": case.reference,
        "service": case.service,
        "state": case.state,
        "outcome": case.outcome,
        "amount": case.amount,
        "opened_at": clock.in_tokyo(case.opened_at),
        "closed_at": case.closed_at and clock.in_tokyo(case.closed_at),
        "due_at": case.norm_due and clock.in_tokyo(case.norm_due),
        "steps": [step_name(step).en for step in waiting],
        "asks": state.asks if ANSWER in state.steps else [],
        "message": state.message,
        "sequence": case.seq,
    }


@dataclass(frozen=True, slots=True)
class _Message:
    """What is to be sent: for which request, up to which event, where to and with which secret."""

    request: uuid.UUID
    sequence: int
    url: str
    secret: str
    body: bytes

    @property
    def id(self) -> str:
        """The same each time it is sent."""
        return f"{self.request}.{self.sequence}"


def tell_all(town: str, *, as_of: datetime) -> int:
    """Send what is to be said to other systems of a town now; returns how many were taken. The database is not held while
    a system takes its time."""
    with towns.inside(town):
        messages = _take(as_of)
    taken = 0
    for message in messages:
        answered = _send(message, as_of)
        with towns.inside(town):
            _note(message, answered, as_of)
        taken += answered
    return taken


def _take(as_of: datetime) -> list[_Message]:
    """The requests whose case has moved on since their system was told."""
    listening = {str(one.id): one for one in clients.clients() if one.is_active and one.webhook}
    moved = ApiRequest.objects.filter(client__in=listening, told__lt=case_queries.sequence_of("case"))
    waiting = list(moved.exclude(next_try_at__gt=as_of).select_for_update(skip_locked=True))
    cases = case_queries.some([one.case for one in waiting])
    found = []
    for one in waiting:
        client, case = listening[str(one.client)], cases[one.case]
        said = {"type": "request.changed", "timestamp": as_of, "data": status_of(case)}
        secret = accounts.signing_secret(client)
        found.append(_Message(one.id, case.seq, client.webhook, secret, orjson.dumps(said)))
    ApiRequest.objects.filter(id__in=[one.id for one in waiting]).update(next_try_at=as_of + HELD)
    return found


def _send(message: _Message, as_of: datetime) -> bool:
    """Whether it was taken."""
    import httpx

    signature = Webhook(message.secret).sign(message.id, as_of.astimezone(UTC), message.body.decode())
    headers = {
        "content-type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(as_of.timestamp())),
        "webhook-signature": signature,
    }
    try:
        answered = outward.post(message.url, message.body, headers, patience=PATIENCE)
    except (httpx.HTTPError, outward.NotOutside) as error:
        logger.warning("a system could not be told (%s)", type(error).__name__)
        return False
    return answered.is_success


def _note(message: _Message, taken: bool, as_of: datetime) -> None:
    one = ApiRequest.objects.select_for_update().get(id=message.request)
    if taken:
        one.told, one.tries, one.next_try_at = max(one.told, message.sequence), 0, None
    else:
        one.next_try_at = as_of + AGAIN[min(one.tries, len(AGAIN) - 1)]
        one.tries += 1
    one.save(update_fields=["told", "tries", "next_try_at"])
