"""A clerk dictates into a real Chromium's microphone, mends what the machine wrote, and it becomes the note of the case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.access.people import make_staff
from tests.assistant.voice.recordings import tone
from tests.channels.conftest import QUIET
from tests.channels.family import PARENT
from tests.channels.looks import DESK, follow, signed_in, too_wide, violations
from tests.channels.test_desk_in_a_browser import session_of
from tests.channels.test_voice_desk import HEARD, SAID, notes
from tests.conftest import TOWN
from yakuba import clock
from yakuba.access import PUBLIC, towns
from yakuba.assistant import dictating
from yakuba.assistant.voice import audio, listening
from yakuba.cases import catalogue
from yakuba.cases.models import Case
from yakuba.channels import actions as channels
from yakuba.robots.browser import chromium as where_chromium_is
from yakuba.words import ui

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def case(served) -> Case:
    with towns.inside(TOWN):
        claim = catalogue.service("child-allowance")
        return channels.intake(
            claim, PARENT, channel="web", by=PUBLIC(TOWN), as_of=clock.now(), key="test:dictated"
        )


@pytest.fixture(scope="module")
def page(served, case, tmp_path_factory) -> Iterator[Page]:
    """The page of dictating, in a browser whose microphone hears a whistle."""
    sound = tmp_path_factory.mktemp("microphone") / "whistle.wav"
    sound.write_bytes(tone(5))
    microphone = (
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={sound}",
    )  # fmt: skip
    with towns.inside(TOWN):
        session = session_of(make_staff("clerk", login="dictating"))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=where_chromium_is(), args=[*QUIET, *microphone])
        with signed_in(browser, served, {"clerk": session}) as pages:
            pages["clerk"].goto(f"{served}/staff/case/{case.id}/dictate/?lang=ja")
            yield pages["clerk"]
        browser.close()


def test_a_clerk_dictates_mends_and_keeps_a_note(page, case, monkeypatch):
    page.set_viewport_size(DESK)
    page.get_by_role("button", name=ui("voice.record", "ja")).click()
    expect(page.locator("#state")).to_have_text(ui("voice.recording", "ja"))
    page.wait_for_timeout(600)
    with page.expect_navigation():
        page.get_by_role("button", name=ui("voice.stop", "ja")).click()
    with towns.inside(TOWN):
        [kept] = dictating.waiting(case.id)
        assert len(audio.samples_of(dictating.sound_of(kept.id))) > 0.3 * audio.RATE
        monkeypatch.setattr(listening, "hear", lambda *_, **__: HEARD)
        dictating.hear(kept.id)
    page.reload()
    text = page.get_by_label(ui("voice.text", "ja"))
    assert text.input_value() == SAID
    found = violations(page, "dictated") + too_wide(page, "dictated")
    assert not found, "\n".join(found)
    page.set_viewport_size(DESK)
    page.get_by_role("button", name=ui("voice.take_back", "ja")).click()
    assert text.input_value() == SAID.replace("児童手当", "自動手当て")
    text.fill("児童手当の現況届を受け取った。")
    follow(page.get_by_role("button", name=ui("voice.keep", "ja")))
    with towns.inside(TOWN):
        assert notes(case)[-1].endswith("児童手当の現況届を受け取った。")
        assert dictating.waiting(case.id) == []
