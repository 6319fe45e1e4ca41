"""An answer as it is shown and kept: word for word, with its source."""

from __future__ import annotations

from typing import Any

from yakuba.assistant.knowledge import Entry


def quoted(entry: Entry) -> dict[str, Any]:
    """The answer as JSON, as `Said.quotes` of the case log has it."""
    source = entry.source
    return {
        "id": entry.id,
        "question": dict(entry.question),
        "answer": dict(entry.answer),
        "kind": source.kind,
        "title": source.title,
        "link": source.link,
        "as_of": source.as_of.isoformat() if source.as_of else "",
        "office": source.office,
        "service": entry.service or "",
    }
