"""What an outside worker gets of a service: one step of it, and the facts that it discloses, as a service of its own.

What is not disclosed is not in it: not in its questions, not in its vocabulary, and so in no case of it.
"""

from __future__ import annotations

from typing import Any

import orjson

from yakuba.declare.load import from_bundle
from yakuba.declare.service import Service

ROLE = "technician"
"""Who does outside work at a partner."""
MARK = "--"
"""Stands between a service's id and the step that was handed on; no service of the catalogue has it in its id."""

_ORIGIN: dict[str, dict[str, Any]] = {
    "errand.town": {
        "type": "text",
        "class": "public",
        "label": {"ja": "依頼元", "easy": "たのんだ 町", "en": "Asked by"},
    },
    "errand.code": {
        "type": "text",
        "class": "public",
        "label": {"ja": "依頼元の団体コード", "easy": "たのんだ 町の 番号", "en": "Code of who asks"},
    },
    "errand.reference": {
        "type": "text",
        "class": "public",
        "label": {"ja": "依頼元の受付番号", "easy": "町の 番号", "en": "Reference number there"},
    },
}
"""Who asks; under which number, where the service discloses `case.reference`."""

KEPT = ("id", "name", "do", "within", "record", "outcomes", "visit")
"""What of the step is the same at the partner."""
REBOOK: dict[str, Any] = {
    "id": "rebook",
    "name": {"ja": "訪問日を決めなおす", "easy": "行く 日を もう一度 きめる", "en": "Agree on another day"},
    "by": "staff",
    "do": "work",
    "role": "dispatcher",
    "only_on_failure": True,
    "record": ["visit.date", "visit.earliest", "visit.latest"],
}
"""Nobody was at home: the partner agrees on another day. The town need not know."""


class NotOutsourced(ValueError):
    """The service does not let a partner do this step."""


def disclosed(service: Service, step_id: str) -> Service:
    """The service that a partner works: `service--step`. Raises NotOutsourced."""
    step = next((one for one in service.steps if one.id == step_id and one.outsource), None)
    if step is None:
        raise NotOutsourced(f"{service.id}: step {step_id} is not declared outsource: true")
    whole = orjson.loads(service.bundle)
    names = {*service.file.disclose.get("partner", []), *service.named(step.record)}
    own: dict[str, Any] = next(one for one in whole["service"]["steps"] if one["id"] == step_id)
    kept: dict[str, Any] = {key: own[key] for key in KEPT if key in own}
    steps = [{**kept, "by": "staff", "role": ROLE}]
    if own["do"] == "visit":
        steps = [{**steps[0], "on_failure": REBOOK["id"]}, REBOOK]
        names |= set(REBOOK["record"])
    facts = {name: fact for name, fact in whole["facts"].items() if name in names} | _ORIGIN
    document = {
        "service": f"{service.id}{MARK}{step_id}",
        "audience": "town",
        "name": own.get("name", whole["service"]["name"]),
        "summary": whole["service"]["summary"],
        "versions": whole["service"]["versions"],
        "sign_in": "none",
        "steps": steps,
        "keep": {"closed": "30 days", "abandoned": "30 days", "then": "delete"},
    }
    return from_bundle(
        orjson.dumps({"service": document, "facts": facts, "lists": {}, "letters": {}}).decode()
    )
