"""How a value is written for an old system, and whether the system can keep it. Pure.

Before anything is typed every character must survive the system's encoding: a browser sends what a form's encoding
lacks as `&#134071;` (WHATWG Encoding, 'html' error mode; URL Standard, 1.3), and the old system keeps that as a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import jaconv

from yakuba.clock import era_of, era_year
from yakuba.declare import Shown, SystemFile
from yakuba.robots.errors import CannotBeWritten, NotKnown
from yakuba.words import Text
from yakuba.words.encoding import survives


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it is typed; `replaced`: characters that the system lacks, and what stands for each."""

    text: str
    replaced: tuple[tuple[str, str], ...] = ()
    masked: bool = False


def write(label: Text, value: object, shown: Shown, system: SystemFile) -> Written:
    """The value that people call by this label, as it is typed. Raises NotKnown where the case has none, CannotBeWritten where the system cannot keep it
    as it is or has too little room."""
    if value is None:
        raise NotKnown(label)
    text, replaced = _survives(label, _formed(value, shown), system)
    if shown.max is not None and (size := len(text.encode(system.encoding))) > shown.max:
        raise CannotBeWritten(
            text,
            Text(
                ja=f"{label.ja}は{size} バイトで、欄は {shown.max} バイトまでです。",
                easy="長すぎます。",
                en=f"{label.en} has {size} bytes, the field has room for {shown.max}.",
            ),
        )
    return Written(text, replaced, shown.masked)


def _formed(value: object, shown: Shown) -> str:
    day = _day(value)
    match shown.as_:
        case "full_width":
            return jaconv.h2z(str(value), ascii=True, digit=True)
        case "half_kana":
            return jaconv.z2h(
                jaconv.hira2kata(unicodedata.normalize("NFKC", str(value))), ascii=True, digit=True
            )
        case "date" if day:
            return f"{day:%Y/%m/%d}"
        case "date_digits" if day:
            return f"{day:%Y%m%d}"
        case "month" if day:
            return f"{day:%Y%m}"
        case "era_date" if day:
            return f"{era_of(day).letter}{era_year(day):02}{day:%m%d}"
        case "era_month" if day:
            return f"{era_of(day).letter}{era_year(day):02}{day:%m}"
    if isinstance(value, bool):
        return "1" if value else "0"
    return unicodedata.normalize("NFC", str(value))


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def _survives(label: Text, text: str, system: SystemFile) -> tuple[str, tuple[tuple[str, str], ...]]:
    replaced: list[tuple[str, str]] = []
    kept = "".join(_kept(part, system.encoding, system.fallback, replaced) for part in _characters(text))
    lost = [part for part in _characters(kept) if not survives(part, system.encoding)]
    if lost:
        raise CannotBeWritten(
            text,
            Text(
                ja=f"{label.ja}の「{'」「'.join(lost)}」は {system.name.ja} に無い文字です。"
                "システムのファイルの fallback に代わりの字を決めるか、手で登録してください。",
                easy=f"「{'」「'.join(lost)}」は 古い システムに ない 字です。",
                en=f"{system.name.en} does not have the character(s) {' '.join(lost)} of {label.en}. "
                "Declare what stands for each under fallback of the system's file, or enter it by hand.",
            ),
        )
    return kept, tuple(replaced)


def _characters(text: str) -> list[str]:
    """Characters with the variation selectors and marks that belong to them."""
    parts: list[str] = []
    for char in text:
        selects = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
        if parts and (selects or unicodedata.combining(char)):
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _kept(part: str, encoding: str, fallback: Mapping[str, str], replaced: list[tuple[str, str]]) -> str:
    if survives(part, encoding):
        return part
    instead = fallback.get(part)
    if instead is None:
        return part
    replaced.append((part, instead))
    return instead
