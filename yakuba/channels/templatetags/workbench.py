"""What the pages of the workbench have in common: words in three languages, and what is wrong beside its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.template import Context

from yakuba.words import LANGUAGE_LABELS, LANGUAGES, Text, ui_text

register = template.Library()


@register.inclusion_tag("channels/desk/workbench/_three.html", takes_context=True)
def three(
    context: Context, name: str, text: Text | None, label: str, at: str, rows: int = 1, needed: bool = True
) -> dict[str, Any]:
    """Fields for the same words in three languages. `label`: key of what they are; `at`: what makes the ids of the
    fields their own on the page."""
    fields = [
        (
            f"{name}.{one}",
            f"{at}-{name}-{one}",
            LANGUAGE_LABELS[one],
            "en" if one == "en" else "ja",
            text.get(one) if text else "",
        )
        for one in LANGUAGES
    ]
    return {
        "label": ui_text(label),
        "fields": fields,
        "rows": rows,
        "needed": needed,
        "page": context["page"],
    }


@register.filter
def of(parts: Mapping[str, Any], key: str) -> Any:
    """One of several parts by its name."""
    return parts.get(key)
