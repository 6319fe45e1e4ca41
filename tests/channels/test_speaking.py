"""Answers read aloud: what the site shows, and nothing else."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.assistant.conftest import DOG, entry
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import SYSTEM
from yakuba.assistant import written
from yakuba.assistant.voice import aloud, errors
from yakuba.channels import speaking

SECRET = entry("manual:keys", "金庫の鍵はどこですか", "課長が持っています。", audience="staff")
SOUND = b"RIFF....WAVE"


@pytest.fixture
def said(in_town, monkeypatch) -> list[tuple[str, str]]:
    """What the voice was given to say; the town knows an answer, and one for its staff."""
    written.keep_entries([DOG, SECRET], by=SYSTEM(TOWN), as_of=clock.now())
    given: list[tuple[str, str]] = []
    monkeypatch.setattr(aloud, "speak", lambda text, language, **_: given.append((text, language)) or SOUND)
    return given


def ask(id: str, language: str = "ja"):
    return Client().get(f"/{TOWN}/speak/", {"entry": id, "language": language})


def test_an_answer_of_the_site_is_read_aloud(said):
    answer = ask(DOG.id)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert said == [(DOG.answer["ja"], "ja")]


def test_an_answer_that_is_not_written_in_a_language_is_read_in_japanese(said):
    ask(DOG.id, "en")
    assert said == [(DOG.answer["ja"], "ja")]


@pytest.mark.parametrize("id", [SECRET.id, "nothing", "", "<script>"])
def test_what_a_resident_cannot_see_is_not_read_to_them(said, id):
    assert ask(id).status_code == 404
    assert said == []


def test_an_installation_without_a_voice_says_so(said, monkeypatch):
    def missing(*_, **__):
        raise errors.Unavailable("voice.not_installed", package="pyopenjtalk-plus")

    monkeypatch.setattr(aloud, "speak", missing)
    answer = ask(DOG.id)
    assert answer.status_code == 503
    assert "pyopenjtalk-plus" in answer.content.decode()


def test_nobody_has_the_site_speak_without_an_end(said, monkeypatch):
    monkeypatch.setattr(speaking, "SPOKEN", 2)
    assert [ask(DOG.id).status_code for _ in range(3)] == [200, 200, 429]
