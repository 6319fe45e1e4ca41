"""What is written for the eye is written for the ear before it is spoken, and no number changes."""

from __future__ import annotations

import io
import re
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.assistant.voice import aloud
from yakuba.assistant.voice.errors import TooLong, VoiceError
from yakuba.words import katakana, known_readings


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("手数料は1,500円です。", "手数料は1500円です。"),
        ("令和8年11月24日（火）14時5分", "令和8年11月24日、火曜日、14時5分"),
        ("8:30〜17:15", "8時30分から17時15分"),
        ("9:00に", "9時に"),
        ("2026-12-01まで", "2026年12月1日まで"),
        ("〒789-0001", "郵便番号789-0001"),
        ("請求（せいきゅう）する", "請求する"),
        ("{大歩危|おおぼけ}", "おおぼけ"),
        ("https://example.jp/a を見る", "、リンク先、を見る"),
        ("3～5日", "3から5日"),
        ("１００㎡", "100平方メートル"),
        ("※申請\n・住民票", "申請。・住民票"),
        ("町字", "まちあざ"),
    ],
)  # fmt: skip
def test_what_is_written_is_said_as_a_person_would(written, said):
    assert aloud.as_said(written).replace(" ", "") == said


@given(st.lists(st.integers(0, 10**9), max_size=4))
def test_no_amount_changes_on_the_way_to_the_ear(amounts):
    text = "と".join(f"{amount:,}円" for amount in amounts)
    assert [int(one) for one in re.findall(r"\d+", aloud.as_said(text))] == amounts


@given(st.text(max_size=60))
def test_any_text_can_be_made_ready(text):
    aloud.as_said(text)


@pytest.mark.parametrize(
    ("text", "language", "error"),
    [
        ("あ" * 2001, "ja", TooLong),
        ("hello", "en", VoiceError),
        ("※※", "ja", VoiceError),
        ("", "ja", VoiceError),
    ],
)
def test_what_cannot_be_said_is_refused(tmp_path, text, language, error):
    with pytest.raises(error):
        aloud.speak(text, language, keep_in=tmp_path)


def test_a_text_is_spoken_once_and_kept(tmp_path, monkeypatch):
    first = aloud.speak("はい。", "ja", keep_in=tmp_path)
    with wave.open(io.BytesIO(first)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert 0.2 < file.getnframes() / 24_000 < 3
    monkeypatch.setattr(aloud, "_spoken", lambda *_, **__: pytest.fail("spoken twice"))
    assert aloud.speak("はい。", "ja", keep_in=tmp_path) == first


def test_the_texts_asked_for_longest_ago_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(aloud, "_spoken", lambda said, **_: said.encode())
    monkeypatch.setattr(aloud, "MOST_KEPT", 2)
    for text in ("一", "二", "三"):
        aloud.speak(text, "ja", keep_in=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_our_readings_are_those_of_the_voice_but_for_the_words_that_we_know_of():
    import pyopenjtalk

    def read(text: str) -> str:
        return katakana(pyopenjtalk.g2p(text, kana=True, use_read_as_pron=True)).replace("ー", "")

    other = {
        word for word, kana in known_readings().items() if read(word) != katakana(kana).replace("ー", "")
    }
    assert other == {*aloud._MISREAD, "方", "間", "行", "園", "何分"}
