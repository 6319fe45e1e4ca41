"""Words, numbers and dates in the language of the page."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from yakuba import words
from yakuba.access import Resource, may
from yakuba.clock import TOKYO, say_date, say_datetime

register = template.Library()
_NUMBER = re.compile(r"\d+(?:-\d+)+")
DESK = (
    ("home", "staff.home"),
    ("queue", "queue.read"),
    ("people", "register.search"),
    ("reception", "reception.read"),
    ("talks", "answer.read"),
    ("paper", "register.search"),
    ("push", "push.read"),
    ("money", "money.read"),
    ("fees", "fee.read"),
    ("letters", "queue.read"),
    ("places", "booking.read"),
    ("helpers", "roster.read"),
    ("records", "load.list"),
    ("disaster", "emergency.read"),
    ("absences", "absence.read"),
    ("audit", "log.read"),
    ("chat", "helpdesk.ask"),
    ("workbench", "workbench.read"),
    ("robots", "robots.read"),
    ("line", "device.read"),
    ("errands", "errand.read"),
    ("calls", "call.read"),
    ("dispatch", "visit.roster"),
    ("visits", "visit.read"),
    ("depot", "device.observe"),
    ("customers", "customer.contract"),
)
"""The parts of the staff's desk, with what one must be allowed to do there."""


def _lang(context: Context) -> str:
    return context["page"].lang if "page" in context else "ja"


def _shown(text: str, lang: str) -> SafeString:
    """Escaped, with furigana in やさしい日本語, breaks between phrases in short Japanese; line breaks stay."""
    html = (
        words.ruby_html(text) if lang == "easy" else words.breaks_html(text) if lang == "ja" else escape(text)
    )
    return mark_safe(str(html).replace("\n", "<br>"))


@register.simple_tag(takes_context=True)
def word(context: Context, key: str, **values: Any) -> SafeString:
    """A phrase of the site's own words."""
    return _shown(words.ui(key, _lang(context), **values), _lang(context))


@register.simple_tag(takes_context=True)
def plain_word(context: Context, key: str, **values: Any) -> str:
    """The same without furigana, for attributes and titles."""
    return words.ui(key, _lang(context), **values)


@register.simple_tag(takes_context=True)
def say(context: Context, text: words.Text | str | None, **values: Any) -> SafeString:
    """A declared text in the language of the page."""
    if text is None:
        return SafeString("")
    lang = _lang(context)
    if isinstance(text, str):
        return _shown(text, lang)
    return _shown((text.format(**values) if values else text).get(lang), lang)


@register.simple_tag(takes_context=True)
def say_plain(context: Context, text: words.Text | str | None) -> str:
    """The same without furigana, for attributes and titles."""
    return "" if text is None else text if isinstance(text, str) else text.get(_lang(context))


@register.filter
def whole_numbers(text: str) -> SafeString:
    """Escaped, with telephone numbers that no line breaks at their hyphens."""
    return mark_safe(_NUMBER.sub(r'<span class="nowrap">\g<0></span>', escape(text)))


@register.simple_tag(takes_context=True)
def yen(context: Context, amount: int | None) -> str:
    """An amount of money; nothing where there is none."""
    return "" if amount is None else words.yen(amount, _lang(context))


@register.simple_tag(takes_context=True)
def day(context: Context, on: date | datetime | None) -> str:
    """A day as people of the page's language write it, in Tokyo time."""
    if on is None:
        return ""
    return say_date(on.astimezone(TOKYO).date() if isinstance(on, datetime) else on, _lang(context))


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | None) -> str:
    """A day with the time, in Tokyo time."""
    return "" if at is None else say_datetime(at, _lang(context))


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The page's query string with some parameters changed."""
    query = context["page"].request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()


@register.inclusion_tag("site/staff_nav.html", takes_context=True)
def staff_nav(context: Context) -> dict[str, Any]:
    """The parts of the desk that a member of staff may open; nothing for anybody else."""
    page = context["page"]
    worker, town = page.worker, page.town_code
    shown: list[dict[str, Any]] = []
    if worker and worker.kind == "staff" and town:
        about = Resource("Town", town, town)
        for name, action in DESK:
            if may(worker, action, about):
                address = reverse(f"desk:{name}", args=[town])
                here = page.request.path
                current = here == address if name == "home" else here.startswith(address)
                shown.append({"key": f"desk.nav_{name}", "address": address, "current": current})
    return {"parts": shown, "page": page}
