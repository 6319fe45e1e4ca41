"""Dictating at the counter and on the telephone: a recording about a case is written down by a machine, read and mended by a
clerk, and becomes the note of the case with their yes."""

from __future__ import annotations

import uuid
from typing import Any

import filetype
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks_within
from yakuba.assistant import dictating
from yakuba.assistant.voice.audio import LARGEST
from yakuba.assistant.voice.errors import TooLong
from yakuba.channels import acting, casework
from yakuba.words import ui

MOST_TEXT = 8000
"""Characters of a note that was dictated: ten minutes of speech have about 4,000."""
AGAIN_AFTER = 10
"""Seconds after which the page looks again, while something is being written down and nothing is there to be mended."""
MAY_RECORD = "camera=(), geolocation=(), microphone=(self)"
"""On this page alone may the microphone be used (Permissions Policy); every other page says no."""


@require_GET
@asks_within("case.note")
def dictate(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Record or send a file; what was heard so far, to be read and mended."""
    found = casework.opened(request, case)
    recordings = [_shown(one, request.language) for one in dictating.waiting(found.id)]
    shown = {
        "case": found,
        "recordings": recordings,
        "said": acting.said(request),
        "most": MOST_TEXT,
    }
    response = render(request, "channels/desk/dictate.html", shown)
    response.headers["Permissions-Policy"] = MAY_RECORD
    if any(one["listening"] for one in recordings) and not any(one["text"] for one in recordings):
        response.headers["Refresh"] = str(AGAIN_AFTER)
    return response


def _shown(recording: dictating.Dictated, language: str) -> dict[str, Any]:
    """A recording as the page has it."""
    heard, refused = recording.heard, recording.refused
    segments = heard.segments if heard else ()
    return {
        "id": recording.id,
        "at": recording.recorded_at,
        "listening": heard is None and refused is None,
        "refused": refused.get(language) if refused else "",
        "silent": heard is not None and not heard.text,
        "text": heard.text if heard else "",
        "changes": [change for segment in segments for change in segment.changes],
        "numbers": sorted({number for segment in segments for number in segment.numbers}),
    }


@require_POST
@asks_within("case.note")
def record(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A recording came in, from the microphone or as a file."""
    found = casework.opened(request, case)

    def keep() -> None:
        upload = request.FILES.get("sound")
        if upload is None:
            raise acting.Incomplete("voice.choose_file")
        if (upload.size or 0) > LARGEST:  # before it is read into memory
            raise TooLong("voice.too_large", most=LARGEST // 1024 // 1024)
        dictating.keep(found.id, upload.read(), by=request.worker, as_of=clock.now())
        acting.say(request, "ok", ui("voice.listening", request.language))

    return acting.act(request, keep, reverse("desk:dictate", args=[town, case]))


@require_POST
@asks_within("case.note")
def keep(request: Request, town: str, case: uuid.UUID, recording: uuid.UUID) -> HttpResponse:
    """The clerk's yes."""
    _of_case(request, case, recording)

    def take() -> str:
        text = acting.text_of(request, "text", needed="desk.text_needed", most=MOST_TEXT)
        dictating.take_as_note(recording, text, by=request.worker, as_of=clock.now())
        acting.say(request, "ok", ui("voice.kept", request.language))
        return reverse("desk:case", args=[town, case])

    return acting.act(request, take, reverse("desk:dictate", args=[town, case]))


@require_POST
@asks_within("case.note")
def discard(request: Request, town: str, case: uuid.UUID, recording: uuid.UUID) -> HttpResponse:
    """The clerk's no."""
    _of_case(request, case, recording)

    def throw_away() -> None:
        dictating.throw_away(recording)
        acting.say(request, "ok", ui("voice.discarded", request.language))

    return acting.act(request, throw_away, reverse("desk:dictate", args=[town, case]))


@require_GET
@asks_within("case.note")
def sound(request: Request, town: str, case: uuid.UUID, recording: uuid.UUID) -> HttpResponse:
    """The recording itself, to be heard while the text is mended."""
    _of_case(request, case, recording)
    content = dictating.sound_of(recording)
    if content is None:
        raise Http404(ui("voice.gone", request.language))
    kind = filetype.guess(content)
    mime = kind.mime.replace("video/", "audio/") if kind else "application/octet-stream"
    return HttpResponse(content, content_type=mime, headers={"X-Content-Type-Options": "nosniff"})


def _of_case(request: Request, case: uuid.UUID, recording: uuid.UUID) -> None:
    """Ask the policy about the case. Raises Http404 for a recording of another one; one that is gone is nobody's."""
    casework.opened(request, case)
    if dictating.case_of(recording) not in (case, None):
        raise Http404
