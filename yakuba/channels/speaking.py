"""Answers read aloud: only what the site itself can show, by the id of an entry, never a text from outside."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from yakuba import clock
from yakuba.access import limits
from yakuba.access.request import Request
from yakuba.access.web import address, asks
from yakuba.assistant import library
from yakuba.assistant.voice import aloud
from yakuba.assistant.voice.errors import Unavailable

SPOKEN, WINDOW = 60, timedelta(minutes=10)
"""Answers read aloud for one network address in ten minutes."""


@require_GET
@asks("form.answer")
def speak(request: Request, town: str) -> HttpResponse:
    """The answer of an entry (`entry`) as sound, in `language` where it is written in it, else in Japanese. 503 where the
    installation has no voice."""
    limits.spend("speak", address(request), most=SPOKEN, per=WINDOW, as_of=clock.now())
    found = library.entry(request.GET.get("entry", ""), "public")
    if found is None:
        raise Http404
    easy = request.GET.get("language") == "easy" and "easy" in found.answer
    language = "easy" if easy else "ja"
    try:
        text = found.answer[language][: aloud.MOST_TEXT]
        sound = aloud.speak(text, language, keep_in=settings.YAKUBA_VAR / "assistant" / "voice" / "spoken")
    except Unavailable as missing:
        return HttpResponse(
            missing.text.get(request.language), status=503, content_type="text/plain; charset=utf-8"
        )
    return HttpResponse(sound, content_type="audio/wav")
