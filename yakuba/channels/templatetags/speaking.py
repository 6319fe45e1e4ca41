"""`{% aloud quote %}`: an answer's sound beside its words, where the installation has a voice."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("channels/web/_aloud.html", takes_context=True)
def aloud(context: Mapping[str, Any], quote: Mapping[str, Any]) -> dict[str, Any]:
    """Only what everybody may see has a sound, and only Japanese."""
    spoken = has_voice() and quote["kind"] != "manual" and quote["language"] != "en"
    return {"page": context["page"], "quote": quote, "spoken": spoken}


@cache
def has_voice() -> bool:
    """Whether the extra `voice` is installed."""
    return find_spec("pyopenjtalk") is not None
