"""Fields as widgets, the same on every page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from yakuba.channels.answers import ERAS
from yakuba.channels.forms import Field
from yakuba.declare import Fact
from yakuba.words import Text, ui_text

register = template.Library()
_AUTOFILL = {
    "applicant.name": "name",
    "applicant.postal_code": "postal-code",
    "applicant.address": "street-address",
    "applicant.phone": "tel",
    "applicant.email": "email",
}
"""What a browser may fill in by itself (WCAG 2.2, success criterion 1.3.5)."""
_SUFFIXES = {"pdf": ".pdf", "jpeg": ".jpg,.jpeg", "png": ".png"}
_NUMBERS = ("yen", "count", "branch", "account_number", "postal_code")


@register.simple_tag(takes_context=True)
def field_of(context: Context, field: Field, prefix: str = "") -> SafeString:
    """The widget of a field. `prefix`: what its name begins with on a page that holds several screens."""
    id_ = f"{prefix}{field.name}"
    hint = _hint(field)
    said = (("hint", field.help or hint), ("wrong", field.error), ("notice", field.notice))
    known = {
        "field": field,
        "id": id_,
        "hint": hint,
        "described": " ".join(f"{id_}-{part}" for part, text in said if text),
        "eras": ERAS,
        "parts": (("year", 4), ("month", 2), ("day", 2)),
        "page": context["page"],
    }
    return render_to_string("channels/web/_field.html", known)


def _hint(field: Field) -> Text | None:
    """What helps with every answer of this kind."""
    if field.kind == "file":
        return ui_text("apply.file_hint").format(max_mb=field.question.max_mb)
    return ui_text("apply.date_example") if field.kind in ("date", "past_date") else None


@register.filter
def fact(facts: Mapping[str, Fact], name: str) -> Text | None:
    """What a fact of a service is called; nothing where the service does not have it."""
    found = facts.get(name)
    return found.label if found else None


@register.filter
def wrong(fields: Iterable[Field]) -> list[Field]:
    """The fields with something wrong."""
    return [field for field in fields if field.error]


@register.filter
def written(rows: Iterable[Mapping[str, object]]) -> int:
    """How many of these answers a helper wrote."""
    return sum(1 for row in rows if row["by"])


@register.filter
def part(parts: Mapping[str, str], name: str) -> str:
    """What stands in one part of a date."""
    return parts.get(name, "")


@register.filter
def suffixes(accept: Iterable[str]) -> str:
    """Kinds of file as a browser's file chooser wants them."""
    return ",".join(_SUFFIXES[kind] for kind in accept)


@register.filter
def is_number(kind: str) -> bool:
    """Does a phone show its number keys for this kind of answer?"""
    return kind in _NUMBERS


@register.filter
def autofill(name: str) -> str:
    """The browser's name for an answer about the person themselves."""
    return _AUTOFILL.get(name, "")
