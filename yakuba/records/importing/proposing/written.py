"""A proposal as a mapping file for a person to finish, and as JSON."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import SingleQuotedScalarString

from yakuba.records.importing.proposing.choosing import Proposal, Proposed
from yakuba.words import ui


def as_json(proposal: Proposal, language: str) -> dict[str, Any]:
    """For programs."""
    return {
        "standard": proposal.definition.id,
        "group": proposal.group,
        "items": [
            {
                "item": one.item.romaji,
                "name": one.item.name,
                "from": list(one.source.columns),
                "confidence": one.confidence,
                "why": [text.get(language) for text in one.why],
                "options": dict(one.options),
                "open": list(one.open),
            }
            for one in proposal.items
        ],
        "dropped": list(proposal.dropped),
        "lacking": [{"item": one.romaji, "name": one.name} for one in proposal.lacking],
    }


def as_yaml(
    proposal: Proposal, file: str, encoding: str, language: str, layout: str | dict[str, Any] = "csv"
) -> str:
    """A mapping file that no import takes before a person has confirmed it, with what there is to say as comments."""
    items = CommentedMap()
    for one in proposal.items:
        items[one.item.romaji] = _made(one)
        items.yaml_set_comment_before_after_key(one.item.romaji, _comment(one, language), indent=6)
    old: dict[str, Any] = {"group": proposal.group, "items": items}
    if layout != "csv":
        old = {"group": proposal.group, "layout": layout, "items": items}
    if proposal.dropped:
        old["dropped"] = dict.fromkeys(proposal.dropped, "")
    whole = {
        "source": "name-of-the-old-system",
        "name": ui("proposals.name", language),
        "standard": proposal.definition.id,
        "encoding": encoding,
        "confirmed": False,
        "files": {file: CommentedMap(old)},
    }
    out = io.StringIO()
    writer = YAML()
    writer.width = 1_000
    writer.dump(CommentedMap(whole), out)
    lacking = [ui("proposals.lacking", language, item=one.romaji, name=one.name) for one in proposal.lacking]
    notes = [ui("proposals.read", language), *lacking]
    return "".join(f"# {line}\n" for note in notes for line in note.splitlines()) + out.getvalue()


def _made(one: Proposed) -> str | CommentedMap:
    """Short where nothing is to say but the column."""
    if not one.options and len(one.source.columns) == 1:
        return one.source.columns[0]
    columns = CommentedSeq(one.source.columns)
    columns.fa.set_flow_style()
    made = CommentedMap({"from": columns if len(one.source.columns) > 1 else one.source.columns[0]})
    for name, value in one.options.items():
        made[name] = CommentedMap(value) if isinstance(value, dict) else value
        if name in ("usual", "join"):
            made[name] = SingleQuotedScalarString(value)
        if isinstance(value, dict):
            made[name].fa.set_flow_style()
    made.fa.set_flow_style()
    return made


def _comment(one: Proposed, language: str) -> str:
    said = " ".join(text.get(language) for text in one.why)
    first = ui("proposals.item", language, name=one.item.name, confidence=f"{one.confidence:.2f}", why=said)
    if one.open:
        first += "\n" + ui("proposals.open", language, texts=", ".join(one.open))
    return first
