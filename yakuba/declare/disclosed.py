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

KEPT = ("id", "name", "do", "within", "record", "outcomes", "visit", "on_failure")
"""What of the step is the same at the partner. Who mends its failures comes along: the town need not know of them."""


class NotOutsourced(ValueError):
    """The service does not let a partner do this step."""


def disclosed(service: Service, step_id: str) -> Service:
    """The service that a partner works: `service--step`. Raises NotOutsourced."""
    step = next((one for one in service.steps if one.id == step_id and one.outsource), None)
    if step is None:
        raise NotOutsourced(f"{service.id}: step {step_id} is not declared outsource: true")
    whole = orjson.loads(service.bundle)
    written: dict[str, dict[str, Any]] = {one["id"]: one for one in whole["service"]["steps"]}
    own, menders = written[step_id], [written[step.on_failure]] if step.on_failure else []
    kept = {key: own[key] for key in KEPT if key in own}
    recorded = service.named(
        [*step.record, *(name for mender in menders for name in mender.get("record", ()))]
    )
    names = {*service.file.disclose.get("partner", []), *recorded}
    facts = {name: fact for name, fact in whole["facts"].items() if name in names} | _ORIGIN
    document = {
        "service": f"{service.id}{MARK}{step_id}",
        "audience": "town",
        "name": own.get("name", whole["service"]["name"]),
        "summary": whole["service"]["summary"],
        "versions": whole["service"]["versions"],
        "sign_in": "none",
        "steps": [{**kept, "by": "staff", "role": ROLE}, *menders],
        "keep": {"closed": "30 days", "abandoned": "30 days"},
    }
    return from_bundle(
        orjson.dumps({"service": document, "facts": facts, "lists": {}, "letters": {}}).decode()
    )
