"""A clerk looks at what was read unsurely: one answer after another as a picture beside what may stand there, by keyboard
alone; amounts and accounts are keyed in twice and never shown."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.assistant import readings
from yakuba.cases import catalogue
from yakuba.channels import acting, answers, paper_reading
from yakuba.channels.forms import Field
from yakuba.channels.models import Draft
from yakuba.channels.paper_reading import Asked
from yakuba.channels.web import is_own
from yakuba.declare import Question
from yakuba.words import ui_text

if TYPE_CHECKING:
    from yakuba.assistant.models import ReadField

View = Callable[..., HttpResponse]


def _with_own_draft(view: View) -> View:
    """The view works on a draft that this browser began and that was not sent."""

    @wraps(view)
    def own(request: Request, town: str, draft: uuid.UUID, **more: Any) -> HttpResponse:
        drafts = Draft.objects.select_for_update() if request.method == "POST" else Draft.objects
        found = (
            drafts.filter(id=draft, channel="paper", case=None).first() if is_own(request, draft) else None
        )
        if found is None or found.service not in catalogue.offered():
            raise Http404
        return view(request, found, **more)

    return own


@require_http_methods(["GET", "POST"])
@asks("register.search")
@_with_own_draft
def review(request: Request, draft: Draft) -> HttpResponse:
    """The next answer that nobody has looked at; when there is none, on with the draft."""
    open_ = readings.waiting(draft.id)
    asked = paper_reading.question_of(draft, open_[0].name) if open_ else None
    if not open_ or asked is None:
        return redirect("channels:resume_at", town=draft.town, draft=draft.id)
    reading, field = open_[0], _field(open_[0], asked)
    is_answer = request.method == "POST" and request.POST.get("reading") == str(reading.id)
    if is_answer and _answered(request, draft, reading, asked, field):
        return redirect("desk:review", town=draft.town, draft=draft.id)
    done, of = readings.counted(draft.id)
    shown = {
        "draft": draft,
        "service": catalogue.service(draft.service),
        "reading": reading,
        "field": field,
        "twice": paper_reading.needs_twice(asked),
        "item": None if asked.position is None else asked.position + 1,
        "number": done + 1,
        "of": of,
        "filled_in": readings.filled_in(draft.id),
        "said": acting.warned(request),
    }
    return render(request, "channels/desk/review.html", shown, status=422 if field.error else 200)


def _field(reading: ReadField, asked: Asked) -> Field:
    """The question with what was read in it, but for what is keyed in twice."""
    field = Field(asked.name, Question(fact=asked.name), asked.fact, asked.label, asked.label, focused=True)
    if not paper_reading.needs_twice(asked):
        field.value = paper_reading.understood(asked, reading.value)
        if field.value is None and asked.fact.type == "text":
            field.value = reading.value
    return field


def _answered(request: Request, draft: Draft, reading: ReadField, asked: Asked, field: Field) -> bool:
    """Take what was keyed in; False where it must be looked at again (`field.error`) or keyed in once more."""
    now = clock.now()
    if "nothing" in request.POST:
        paper_reading.answer(draft, reading.id, reading.value, asked, None, as_of=now)
        return True
    field.raw = _raw(request.POST, asked.name)
    try:
        value = answers.read(asked.fact, field.raw, asked.label)
    except answers.Wrong as wrong:
        field.error = wrong.text
        return False
    if value is None:
        field.error = ui_text("reading.key_or_nothing")
        return False
    if not paper_reading.needs_twice(asked):
        paper_reading.answer(draft, reading.id, reading.value, asked, value, as_of=now)
        return True
    field.raw = {"": ""}
    if not reading.keyed:
        readings.keyed_once(reading.id, value.isoformat() if isinstance(value, date) else str(value))
        reading.keyed = "1"
        return False
    if paper_reading.understood(asked, reading.keyed) == value:
        paper_reading.answer(draft, reading.id, reading.value, asked, value, as_of=now)
        return True
    readings.keyed_once(reading.id, "")
    reading.keyed = ""
    field.error = ui_text("reading.differs")
    return False


def _raw(post: Mapping[str, str], name: str) -> dict[str, str]:
    return {"": post.get(name, "")} | {part: post.get(f"{name}.{part}", "") for part in answers.PARTS}


@require_GET
@asks("register.search")
@_with_own_draft
def picture(request: Request, draft: Draft, reading: int) -> HttpResponse:
    """The part of the paper on which an answer stands."""
    found = readings.picture(draft.id, reading)
    if not found:
        raise Http404
    answer = HttpResponse(found, content_type="image/png")
    answer["Cache-Control"] = "private, no-store"
    return answer
