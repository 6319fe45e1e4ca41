"""What was read, as JSON and as lines for a person at a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yakuba.assistant.reading import foreign
from yakuba.assistant.reading.fields import Field
from yakuba.assistant.reading.reader import Outcome, Page

HELD = "held for a person"


def page(one: Page) -> dict[str, Any]:
    """One page of a file."""
    said: dict[str, Any] = {"page": one.number, "outcome": str(one.outcome)}
    if one.code:
        said["code"] = one.code
    if one.outcome == Outcome.FORM and one.known is not None:
        form = {
            "service": one.known.service,
            "version": one.known.version,
            "page": one.known.page,
            "pages": one.known.pages,
        }
        return said | {"form": form, "fields": [field(each) for each in one.fields]}
    if one.outcome == Outcome.FOREIGN:
        return said | {
            "fields": [found.told() for found in foreign.pairs(one.lines)],
            "lines": [{"text": line.text, "score": round(line.score, 4)} for line in one.lines],
        }
    return said | {"hold": HELD}


def field(one: Field) -> dict[str, Any]:
    """One answer."""
    said: dict[str, Any] = {
        "name": one.name,
        "kind": one.kind,
        "value": one.value,
        "written": one.written,
        "confidence": one.confidence,
        "sure": one.sure,
        "box_mm": [
            one.box.page,
            round(one.box.x, 1),
            round(one.box.y, 1),
            round(one.box.width, 1),
            round(one.box.height, 1),
        ],
    }
    if one.others:
        said["others"] = list(one.others)
    if one.trouble:
        said["trouble"] = one.trouble
    return said


def lines(said: Mapping[str, Any]) -> list[str]:
    """What was read of one file, in words."""
    if error := said.get("error"):
        return [f"{said['file']}: {error} ({HELD})"]
    shown = []
    for each in said["pages"]:
        form = each.get("form")
        what = f"{form['service']} page {form['page']} of {form['pages']}" if form else each.get("hold", "")
        shown.append(f"{said['file']} page {each['page']}: {each['outcome']} {what}".rstrip())
        for one in each.get("fields", ()):
            mark = "sure" if one["sure"] else "look"
            shown.append(f"  {mark}  {one['confidence']:.3f}  {one['name']}: {one['value']}")
    return shown
