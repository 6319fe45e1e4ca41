"""A text read aloud: written so that a voice reads it as a person would, spoken by Open JTalk in a process of its own, and kept.

The voice is Mei (Nagoya Institute of Technology, CC BY 3.0), which the package `pyopenjtalk-plus` ships, as its dictionary.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

from yakuba.assistant.voice.errors import TooLong, Unavailable, VoiceError
from yakuba.words import known_readings

MOST_TEXT = 2000
"""Characters of a text that is read aloud: about six minutes."""
MOST_KEPT = 500
"""Texts that are kept spoken; the ones asked for longest ago go first."""
WITHIN = 60.0
"""Seconds that speaking may take; the longest text takes about a tenth."""
SPOKEN_LANGUAGES = ("ja", "easy")
_EDITION = "1"
"""Another one whenever a text would be spoken in another way: what was kept before is then made again."""
_WEEKDAYS = {one: f"{one}曜日" for one in "月火水木金土日"}
_MISREAD = ("保留の行", "町字", "後縦靱帯骨化症")
"""Words of `readings.yaml` that the voice's own dictionary reads in another way (`tests/assistant/voice`); 方, 間, 行, 園 and
何分, which have two readings each, are left to it."""
_SAID: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"https?://[^\s、。」）]+", "、リンク先、"),
        (r"(\d{4})-(0?\d|1[0-2])-([0-2]?\d|3[01])(?!\d)", r"\1年\2月\3日"),
        (r"(?<!\d)([01]?\d|2[0-3]):00(?!\d)", r"\1時"),
        (r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?!\d)", r"\1時\2分"),
        (r"(?<=[月時日])0(?=\d)", ""),
        (r"(?<=年)0(?=\d月)", ""),
        (r"〒\s*(?=\d)", "郵便番号"),
        (r"\b(?:TEL|Tel)\b[.:]?\s*", "電話"),
        (r"\bFAX\b[.:]?\s*", "ファックス"),
        (r"\bDX\b", "ディーエックス"),
        (r"(?<=\d)\s*(?:m2|㎡)", "平方メートル"),
        (r"(?<=\d)(?:kg|㎏)", "キログラム"),
        (r"(?<=[\d円日月時分年])\s*[~〜～]\s*(?=\d)", "から"),
        (r"(?<!\d)(\d{1,2})/(\d{1,2})(?![\d/])", r"\1の\2"),
        (r"[※*#]+", ""),
        (r"[・/](?=\d)", "、"),
        (r"^[\s・●○■□◆\-]+", ""),
    )
)
_AT_WEEKDAY = re.compile(r"[（(]([月火水木金土日])[）)]")
_LINES = re.compile(r"\s*\n+\s*")


def as_said(text: str) -> str:
    """A text as it is given to the voice: what is written for the eye is written for the ear; no number changes.

    >>> as_said("11月24日（火）8:30～17:15")
    '11月24日、火曜日、8時30分から17時15分'
    >>> as_said("{大歩危|おおぼけ}は〒778-0105です")
    'おおぼけは郵便番号778-0105です'
    """
    said = unicodedata.normalize("NFKC", _authored(text).replace("㎡", "平方メートル")).replace(",", "")
    said = _AT_WEEKDAY.sub(lambda found: f"、{_WEEKDAYS[found[1]]}、", said)
    for pattern, instead in _SAID:
        said = pattern.sub(instead, said)
    for word in _MISREAD:
        said = said.replace(word, known_readings()[word])
    said = _LINES.sub("。", said.strip())
    return re.sub(r"、(?=[、。]|$)", "", re.sub("。+", "。", said))


_AUTHORED = re.compile(r"\{(?P<base>[^{}|]+)\|(?P<reading>[ぁ-ゖー]+)\}|(?P<run>[一-鿿々ヶ]+)（[ぁ-ゖー]+）")


def _authored(text: str) -> str:
    """{大歩危|おおぼけ} as it is read; 請求（せいきゅう） said once."""
    return _AUTHORED.sub(lambda found: found["reading"] or found["run"], text)


def speak(text: str, language: str, *, keep_in: Path) -> bytes:
    """The text as sound: WAV, 16 bits, one channel, 24 kHz; the same text is spoken once and kept below `keep_in`. Raises
    TooLong, Unavailable, and VoiceError for a language that the voice cannot speak or where nothing is to be said."""
    if language not in SPOKEN_LANGUAGES:
        raise VoiceError("voice.only_japanese")
    if len(text) > MOST_TEXT:
        raise TooLong("voice.too_much_text", most=f"{MOST_TEXT:,}")
    said = as_said(text if language == "ja" else re.sub(r"(?<=[^\x00-~])[ 　](?=[^\x00-~])", "", text))
    if not re.search(r"\w", said):
        raise VoiceError("voice.nothing_to_say")
    digest = hashlib.sha256("\n".join((_EDITION, language, said)).encode()).hexdigest()
    kept = keep_in / f"{digest}.wav"
    if kept.exists():
        kept.touch()
        return kept.read_bytes()
    sound = _spoken(said, slowly=language == "easy")
    keep_in.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(sound)
    fresh.replace(kept)
    _tidy(keep_in)
    return sound


def _spoken(said: str, *, slowly: bool) -> bytes:
    command = [sys.executable, "-m", "yakuba.assistant.voice.speaker", *(["slowly"] if slowly else [])]
    try:
        done = subprocess.run(command, input=said.encode(), capture_output=True, timeout=WITHIN, check=True)
    except subprocess.TimeoutExpired as slow:
        raise Unavailable("voice.took_too_long") from slow
    except subprocess.CalledProcessError as broken:
        said_last = broken.stderr.decode(errors="replace").strip().splitlines()
        if said_last and "pyopenjtalk" in said_last[-1]:
            raise Unavailable("voice.not_installed", package="pyopenjtalk-plus") from broken
        raise Unavailable("voice.failed", why=said_last[-1] if said_last else broken.returncode) from broken
    return done.stdout


def _tidy(folder: Path) -> None:
    kept = sorted(folder.glob("*.wav"), key=lambda file: file.stat().st_mtime)
    for file in kept[:-MOST_KEPT]:
        file.unlink(missing_ok=True)
