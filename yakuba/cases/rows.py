"""Task rows that follow from a change of a case's steps: pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yakuba.cases.state import CANCELLED, OPEN, WAITING, CaseState, StepState, step_of
from yakuba.declare import Service


def task_id(case: uuid.UUID, step: str, attempt: int) -> uuid.UUID:
    """The id of a task: the same for the same case, step and attempt, so a replay makes the same rows."""
    return uuid.uuid5(case, f"{step}:{attempt}")


def task_rows(
    case: uuid.UUID, before: Mapping[str, StepState], after: CaseState, service: Service, at: datetime
) -> list[dict[str, Any]]:
    """Rows of the tasks that the event opened, changed or ended."""
    rows = []
    for step_id, now in after.steps.items():
        old = before.get(step_id)
        if old is not None and old.attempt != now.attempt and old.status == OPEN:
            rows.append(_row(case, step_id, old, service) | {"status": CANCELLED, "done_at": at.isoformat()})
        if now != old and now.status != WAITING:
            rows.append(_row(case, step_id, now, service))
    return rows


def _row(case: uuid.UUID, step_id: str, progress: StepState, service: Service) -> dict[str, Any]:
    step = step_of(service, step_id)
    return {
        "id": task_id(case, step_id, progress.attempt),
        "step": step_id,
        "attempt": progress.attempt,
        "by": step.by,
        "role": step.role,
        "verb": step.do,
        "status": progress.status,
        "opened_at": progress.opened_at,
        "due_at": progress.due_at,
        "done_at": progress.done_at,
        "holder": progress.holder,
        "outcome": progress.outcome,
        "tries": progress.tries,
    }
