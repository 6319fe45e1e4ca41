"""Dictating at the desk: a recording becomes a text, the text a note of the case after a clerk's yes, and the recording goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.assistant.voice.recordings import silence, tone
from tests.cases.conftest import UNSURE
from tests.channels.test_desk import DESK, text
from yakuba import clock
from yakuba.assistant import dictating
from yakuba.assistant.voice import listening
from yakuba.assistant.voice.heard import Heard, Segment
from yakuba.assistant.voice.repair import Change
from yakuba.cases import queries
from yakuba.words import ui

SAID = "児童手当の現況届を受け取った。手数料は300円。"
HEARD = Heard(
    SAID,
    (
        Segment(
            0.0, 4.0, SAID, SAID.replace("児童手当", "自動手当て"), 0.8,
            (Change("自動手当て", "児童手当", 0, "ジドウテアテ", "じどうてあて", 2.0),), ("300",),
        ),
    ),
    0.8,
    4.0,
)  # fmt: skip


@pytest.fixture
def clerk(desk):
    return desk("clerk")


@pytest.fixture
def case(apply):
    return apply(UNSURE)


@pytest.fixture
def heard(monkeypatch):
    """What the engine hears, without the engine."""
    monkeypatch.setattr(listening, "hear", lambda *_, **__: HEARD)


def page(client, case) -> str:
    return text(client.get(f"{DESK}case/{case.id}/dictate/"))


def send(client, case, sound: bytes | None = None, name: str = "dictated") -> str:
    """Send a recording as the form and the script do."""
    file = {} if sound is None else {"sound": SimpleUploadedFile(name, sound)}
    return text(client.post(f"{DESK}case/{case.id}/dictate/record/", file, follow=True))


def written_down(client, case) -> dictating.Dictated:
    """A recording that was sent, and heard by the job."""
    send(client, case, tone())
    [kept] = dictating.waiting(case.id)
    dictating.hear(kept.id)
    return kept


def act(client, case, kept, what: str, **typed) -> str:
    return text(client.post(f"{DESK}case/{case.id}/dictate/{kept.id}/{what}/", typed, follow=True))


def notes(case) -> list[str]:
    return [one.event.text for one in queries.history(case.id) if one.event.kind == "noted"]


def test_the_case_leads_to_dictating_and_the_page_says_what_will_be_there(clerk, case):
    assert "/dictate/" in text(clerk.get(f"{DESK}case/{case.id}/"))
    assert ui("voice.none_yet", "ja") in page(clerk, case)


def test_the_microphone_is_open_on_this_page_alone(clerk, case):
    here = clerk.get(f"{DESK}case/{case.id}/dictate/").headers["Permissions-Policy"]
    there = clerk.get(f"{DESK}case/{case.id}/").headers["Permissions-Policy"]
    assert "microphone=(self)" in here
    assert "microphone=()" in there


def test_a_recording_waits_until_it_is_heard_and_the_page_looks_again(clerk, case):
    assert ui("voice.listening", "ja") in send(clerk, case, tone())
    assert clerk.get(f"{DESK}case/{case.id}/dictate/").headers["Refresh"] == "10"


def test_what_was_heard_is_marked_as_machine_made_with_what_was_put_right(clerk, case, heard):
    written_down(clerk, case)
    shown = page(clerk, case)
    assert SAID in shown
    assert ui("voice.machine_made", "ja") in shown
    assert "自動手当て" in shown
    assert ui("voice.numbers", "ja") in shown


def test_the_page_does_not_look_again_while_a_text_is_being_mended(clerk, case, heard):
    written_down(clerk, case)
    send(clerk, case, tone())
    assert "Refresh" not in clerk.get(f"{DESK}case/{case.id}/dictate/").headers


def test_nothing_is_a_note_before_the_clerk_says_yes(clerk, case, heard):
    written_down(clerk, case)
    assert notes(case) == []


def test_the_yes_makes_the_mended_text_the_note_and_removes_the_recording(clerk, case, heard):
    kept = written_down(clerk, case)
    act(clerk, case, kept, "keep", text="児童手当の現況届を受け取った。手数料は350円。")
    [note] = notes(case)
    assert note.endswith("手数料は350円。")
    assert note.startswith(ui("voice.note_mark", "ja"))
    assert dictating.sound_of(kept.id) is None


def test_a_second_yes_makes_no_second_note(clerk, case, heard):
    kept = written_down(clerk, case)
    act(clerk, case, kept, "keep", text=SAID)
    act(clerk, case, kept, "keep", text=SAID)
    assert len(notes(case)) == 1


def test_a_text_that_is_still_being_written_down_cannot_be_kept(clerk, case):
    send(clerk, case, tone())
    [kept] = dictating.waiting(case.id)
    assert ui("voice.still_listening", "ja") in act(clerk, case, kept, "keep", text="早すぎる")
    assert notes(case) == []


def test_the_no_removes_the_recording_and_its_text(clerk, case, heard):
    kept = written_down(clerk, case)
    assert ui("voice.discarded", "ja") in act(clerk, case, kept, "discard")
    assert dictating.sound_of(kept.id) is None
    assert notes(case) == []


def test_a_clerk_can_listen_to_what_was_recorded(clerk, case):
    send(clerk, case, tone())
    [kept] = dictating.waiting(case.id)
    answer = clerk.get(f"{DESK}case/{case.id}/dictate/{kept.id}/sound/")
    assert answer.headers["Content-Type"] == "audio/x-wav"
    assert answer.content == tone()


def test_a_recording_of_another_case_is_not_found_here(clerk, case, apply):
    send(clerk, case, tone())
    [kept] = dictating.waiting(case.id)
    other = apply(UNSURE)
    assert clerk.get(f"{DESK}case/{other.id}/dictate/{kept.id}/sound/").status_code == 404


def test_who_may_not_write_notes_may_not_dictate(desk, case):
    assert desk("auditor").get(f"{DESK}case/{case.id}/dictate/").status_code == 403


@pytest.mark.parametrize(
    ("sound", "said"),
    [(None, "voice.choose_file"), (b"", "voice.choose_file"), (b"<html>no sound</html>", "voice.not_audio")],
)
def test_what_is_no_recording_is_refused_and_said(clerk, case, sound, said):
    assert ui(said, "ja") in send(clerk, case, sound)
    assert dictating.waiting(case.id) == []


def test_what_only_begins_as_a_recording_is_refused_when_it_is_heard(clerk, case):
    send(clerk, case, tone()[:44] + b"")
    [kept] = dictating.waiting(case.id)
    dictating.hear(kept.id)
    assert ui("voice.empty", "ja") in page(clerk, case)


def test_silence_gives_a_clear_answer_and_no_text(clerk, case):
    send(clerk, case, silence(3))
    [kept] = dictating.waiting(case.id)
    dictating.hear(kept.id)
    assert ui("voice.nobody_spoke", "ja") in page(clerk, case)


def test_recordings_that_nobody_wanted_are_removed_after_a_day(clerk, case):
    send(clerk, case, tone())
    assert dictating.remove_old(as_of=clock.now() + timedelta(hours=23)) == 0
    assert dictating.remove_old(as_of=clock.now() + timedelta(hours=25)) == 1


def test_the_recordings_of_a_forgotten_case_are_forgotten(clerk, case):
    send(clerk, case, tone())
    dictating.forget([case.id])
    assert dictating.waiting(case.id) == []
