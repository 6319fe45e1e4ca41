"""Fields as widgets, the same on every page."""

from __future__ import annotations

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from yakuba.cases import catalogue
from yakuba.channels.answers import ERAS
from yakuba.channels.forms import Field
from yakuba.declare import Question

register = template.Library()
_AUTOFILL = {
    "applicant.name": "name",
    "applicant.postal_code": "postal-code",
    "applicant.address": "street-address",
    "applicant.phone": "tel",
    "applicant.email": "email",
}
"""What a browser may fill in by itself (WCAG 2.2, success criterion 1.3.5)."""
_NUMBERS = ("yen", "count", "bank", "branch", "account_number", "postal_code")


def _drawn(context: Context, field: Field, prefix: str) -> SafeString:
    known = {"field": field, "prefix": prefix, "eras": ERAS, "page": context["page"]}
    return render_to_string("channels/web/_field.html", known)


@register.simple_tag(takes_context=True)
def field_of(context: Context, field: Field, prefix: str) -> SafeString:
    """The widget of a field."""
    return _drawn(context, field, prefix)


@register.simple_tag(takes_context=True)
def prefixed_field(context: Context, field: Field, key: str) -> SafeString:
    """The widget of a field on a page that holds several screens."""
    return _drawn(context, field, f"{key}/")


@register.simple_tag(takes_context=True)
def child_field(context: Context, place: int) -> SafeString:
    """The birth date of one child in the finder."""
    lists = (s.lists["children"] for s in catalogue.current().services.values() if "children" in s.lists)
    fact = next(lists).facts["birth_date"]
    question = Question(fact="child.birth_date", required=False)
    return _drawn(
        context, Field(f"child{place}", question, fact, fact.label, fact.question or fact.label), ""
    )


@register.filter
def is_number(kind: str) -> bool:
    """Does a phone show its number keys for this kind of answer?"""
    return kind in _NUMBERS


@register.filter
def autofill(name: str) -> str:
    """The browser's name for an answer about the person themselves."""
    return _AUTOFILL.get(name, "")


@register.filter
def era_key(era: str) -> str:
    """The words for an era."""
    return f"apply.era_{era}"


@register.filter
def topic_key(topic: str) -> str:
    """The words for a topic."""
    return f"apply.topic_{topic}"


@register.filter
def finder_key(answer: str) -> str:
    """The words for what the finder found."""
    return f"finder.{answer}"


@register.filter
def outcome_key(outcome: str) -> str:
    """The words for how a case ended."""
    return f"outcome.{outcome}"


@register.filter
def state_key(state: str) -> str:
    """The words for how a case stands."""
    return f"state.{state}"
