"""Text is written for old systems as browsers and Windows write it."""

from __future__ import annotations

import pytest

from yakuba.words.encoding import browser_bytes, survives


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("髙﨑", b"\xfb\xfc\xfa\xb1"),
        ("ⅰ№∵", b"\xfa\x40\x87\x82\x81\xe6"),
        ("床", b"\x8f\xb0"),
        ("¢𠮷", b"&#162;&#134071;"),
        ("¥−", b"\x5c\x81\x7c"),
    ],
)
def test_shift_jis_is_written_as_browsers_write_it(text, written):
    assert browser_bytes(text, "cp932") == written


@pytest.mark.parametrize(("text", "encoding"), [("山田 髙¥", "utf-8"), ("山田", "euc_jp")])
def test_other_encodings_are_as_python_has_them(text, encoding):
    assert browser_bytes(text, encoding) == text.encode(encoding)


@pytest.mark.parametrize("text", ["〜", "−", "¢", "¥", "𠮷", "\ue000", "葛\U000e0100"])
def test_what_becomes_another_character_does_not_survive(text):
    assert not survives(text, "cp932")


@pytest.mark.parametrize("text", ["髙﨑", "～－", "山田 太郎", "ﾔﾏﾀﾞ", "①㈱"])
def test_what_windows_has_survives(text):
    assert survives(text, "cp932")
