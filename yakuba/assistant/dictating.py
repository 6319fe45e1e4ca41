"""Recordings of the counter and the telephone: heard later, read and mended by a clerk, then the note of a case.

A recording is kept until its transcript has become a note or was thrown away, and `KEPT` at the longest; the note is what stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import filetype
from django.conf import settings
from django.db import transaction

from yakuba import clock
from yakuba.access import Worker, towns
from yakuba.assistant import library, written
from yakuba.assistant.errors import NothingHeard, StillListening
from yakuba.assistant.knowledge import shared_entries
from yakuba.assistant.models import Recording
from yakuba.assistant.spoken_words import WORDS_FILE, town_words
from yakuba.assistant.voice import listening
from yakuba.assistant.voice.audio import LARGEST
from yakuba.assistant.voice.errors import NotAudio, TooLong, VoiceError
from yakuba.assistant.voice.heard import Heard, heard_in
from yakuba.assistant.voice.vocabulary import TownWords
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases.retention import forgets
from yakuba.words import Text, ui_text

KEPT = timedelta(hours=24)
"""How long a recording is there for a clerk who has not said yes or no."""
TURN_WITHIN = 45.0
"""Seconds that somebody on the telephone may have to wait for what they said to be understood."""
MOST_TOWNS = 64


def keep(case: uuid.UUID, sound: bytes, *, by: Worker, as_of: datetime) -> uuid.UUID:
    """Keep a recording about a case; it is heard by a job. Returns its id. Raises NotAudio, TooLong."""
    from yakuba.assistant.jobs import hear_recording

    if not sound:
        raise NotAudio("voice.empty")
    if len(sound) > LARGEST:
        raise TooLong("voice.too_large", most=LARGEST // 1024 // 1024)
    if not sounds_like_audio(sound):
        raise NotAudio("voice.not_audio")
    with transaction.atomic():
        kept = Recording.objects.create(
            town=towns.current_town(), case=case, by=by.id, sound=sound, recorded_at=as_of
        )
        hear_recording.defer(town=kept.town, recording=str(kept.id))
    return kept.id


def sounds_like_audio(content: bytes) -> bool:
    """Whether a file begins as a recording does; what really is in it, the process that hears it finds out."""
    kind = filetype.guess(content)
    return kind is not None and kind.mime.split("/")[0] in ("audio", "video")


def hear(recording: uuid.UUID) -> None:
    """Have a recording heard, or keep why it cannot be. One that is gone, or was heard, is left alone."""
    found = Recording.objects.filter(id=recording, heard__isnull=True, refused__isnull=True).first()
    if found is None:
        return
    try:
        found.heard = _hear(bytes(found.sound), listening.WITHIN).json()
    except VoiceError as refused:
        found.refused = refused.text.model_dump()
    # what was thrown away meanwhile stays away
    Recording.objects.filter(id=recording).update(heard=found.heard, refused=found.refused)


def turn(sound: bytes) -> str:
    """What somebody said on the telephone to the open town, as text; empty where nobody spoke. Raises NotAudio, TooLong,
    Unavailable."""
    return _hear(sound, TURN_WITHIN).text


def _hear(sound: bytes, within: float) -> Heard:
    own = Path(settings.YAKUBA_VOICE_MODEL) if settings.YAKUBA_VOICE_MODEL else None
    return listening.hear(sound, words(), own_model=own, within=within)


def take_as_note(recording: uuid.UUID, text: str, *, by: Worker, as_of: datetime) -> None:
    """The clerk's yes: the text as they mended it becomes the note of the case, marked as made by a machine and read by a
    person, and the recording is removed. Said twice, there is one note. Raises StillListening, NothingHeard, CaseError."""
    with transaction.atomic():
        found = Recording.objects.select_for_update().filter(id=recording).first()
        if found is None:
            return
        if found.heard is None:
            raise NothingHeard() if found.refused else StillListening()
        mark = ui_text("voice.note_mark").ja
        cases.note(found.case, f"{mark}\n{text}", by=by, as_of=as_of)
        found.delete()


def throw_away(recording: uuid.UUID) -> None:
    """The clerk's no: the recording and what was heard are removed."""
    Recording.objects.filter(id=recording).delete()


@dataclass(frozen=True, slots=True)
class Dictated:
    """A recording that waits for a clerk's yes or no. `heard`: what is said in it, `refused`: why that cannot be written down;
    both None while it is being listened to."""

    id: uuid.UUID
    recorded_at: datetime
    heard: Heard | None
    refused: Text | None


def waiting(case: uuid.UUID) -> list[Dictated]:
    """The recordings of a case that nobody has said yes or no to, the newest first."""
    rows = Recording.objects.defer("sound").filter(case=case).order_by("-recorded_at")
    return [
        Dictated(
            row.id,
            row.recorded_at,
            heard_in(row.heard) if row.heard else None,
            Text(**row.refused) if row.refused else None,
        )
        for row in rows
    ]


def case_of(recording: uuid.UUID) -> uuid.UUID | None:
    """The case that it is about; None when it is gone."""
    return Recording.objects.filter(id=recording).values_list("case", flat=True).first()


def sound_of(recording: uuid.UUID) -> bytes | None:
    """The recording itself; None when it is gone."""
    found = Recording.objects.filter(id=recording).values_list("sound", flat=True).first()
    return bytes(found) if found is not None else None


def remove_old(*, as_of: datetime) -> int:
    """Remove recordings of the open town that nobody said yes or no to in time."""
    return Recording.objects.filter(recorded_at__lt=as_of - KEPT).delete()[0]


@forgets
def forget(of: Collection[uuid.UUID]) -> None:
    """The recordings of cases that are forgotten."""
    Recording.objects.filter(case__in=of).delete()


# -- the words of the town --------------------------------------------------------------------------
def words() -> TownWords:
    """The words of the open town, as it is today."""
    return _words_of(towns.current_town(), id(catalogue.offered()), written.edition(), clock.now().date())


@lru_cache(maxsize=MOST_TOWNS)
def _words_of(town: str, *_edition: object) -> TownWords:
    known = library.the_town()
    entries = [*shared_entries(known, keep_in=settings.YAKUBA_VAR / "assistant"), *written.entries()]
    own = settings.YAKUBA_ANSWERS / town / WORDS_FILE
    return town_words(catalogue.offered().values(), entries, known, own)
