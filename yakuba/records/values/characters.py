"""Characters: widths, kana, marks, blanks, and what a system cannot hold. Nothing is changed without a report.

Names keep their characters. What an old system cannot hold is shrunk for it (`shrink`) and comes back exactly (`restore`);
a vendor's own characters (外字) go through that vendor's table (`resolve`).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import jaconv

from yakuba.records.values.outcome import Outcome, accepted, held
from yakuba.words import Text, fold_variants, halfwidth, kana_name, ui_text
from yakuba.words.encoding import survives

_DASHES = "‐‑‒–—―−－﹣⁃⁻─━ー"
HYPHENS = str.maketrans(dict.fromkeys(_DASHES, "-"))
"""What people type for a hyphen in numbers. Not for names: the long vowel mark is among them."""
_ALONE = str.maketrans(" ﾞﾟ", "\u3000゛゜")
"""What stands for itself in half width: a blank, and marks that no letter stands before."""
GETA = "〓"
"""Stands where a system has no character (下駄記号, JIS X 0208 02-14)."""

_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNIT = re.compile(rf".[{_SELECTORS}\u0300-\u036f\u3099\u309a]*", re.DOTALL)
"""A character with its variation selectors (IVS, Unicode UTS #37) and combining marks."""
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_KANA_BEFORE_DASH = re.compile(rf"(?<=[ァ-ヴー])[{_DASHES}-]")
_COUSINS = dict(zip("〜−—‖¢£¬～－―∥￠￡￢", "～－―∥￠￡￢〜−—‖¢£¬", strict=True))
"""One character of JIS X 0208, read two ways: as JIS reads it, and as Windows does (WHATWG Encoding, index jis0208)."""


@dataclass(frozen=True, slots=True)
class Change:
    """`old` became `new`, which begins at `position` (from 0, in characters) of the changed text."""

    position: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A text with every change that made it; `unknown`: those changes, or places, for which no rule or table has a
    character."""

    text: str
    changes: tuple[Change, ...] = ()
    unknown: tuple[Change, ...] = ()


class NotTheText(ValueError):
    """The text is not the one that the changes made, so it cannot be given its characters back."""


class FaultyTable(ValueError):
    """A town's or a vendor's table of characters is not as it must be; `text` says where and how to mend it."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


# -- one value ------------------------------------------------------------------------------------
def tidy(text: str) -> Outcome:
    """Without control and invisible characters, with marks joined to their letters and one blank between words.

    Ideographs stay as they are, variation selectors too.

    >>> tidy("か\\u3099\\u200bき　 く").value
    'がき　く'
    """
    seen = _INVISIBLE.sub("", text)
    joined = _UNIT.sub(lambda unit: _composed(unit.group()), seen)
    spaced = re.sub(r"\s+", lambda blanks: "\u3000" if "\u3000" in blanks.group() else " ", joined).strip()
    return accepted(text, spaced, "tidied" if seen == text else "invisible")


def to_wide(text: str) -> Outcome:
    """Full width, as data type N (全角文字列) wants it: half-width kana with their marks, letters, digits and blanks too.

    Source: デジタル庁 項目定義書「凡例）データ型」 2.

    >>> to_wide("ﾔﾏﾀﾞ 1-2").value
    'ヤマダ　１－２'
    """
    tidied = tidy(text)
    wide = jaconv.h2z(tidied.value or "", kana=True, ascii=True, digit=True).translate(_ALONE)
    return _then(tidied, accepted(tidied.value or "", wide, "wide"))


def to_narrow(text: str) -> Outcome:
    """Half width, as data type X (半角文字列) wants it. Held where a character has no half width.

    Source: デジタル庁 項目定義書「凡例）データ型」 1.

    >>> to_narrow("Ａ－１２").value, to_narrow("山").value
    ('A-12', None)
    """
    tidied = tidy(text)
    narrow = halfwidth((tidied.value or "").replace("−", "-"))
    if wide := next((char for char in narrow if not (" " <= char <= "~" or "｡" <= char <= "ﾟ")), None):
        return held("characters.no_half_width", given=text, character=wide)
    return _then(tidied, accepted(tidied.value or "", narrow, "narrow"))


def to_kana(text: str, *, small: bool = True) -> Outcome:
    """A name's kana in full-width katakana, a full-width blank between its parts; with `small=False` without small kana, as
    many old systems hold it. A dash after kana is a long vowel mark. Held where something is no kana.

    >>> to_kana("ﾔﾏﾀﾞ ｼｮｰｺ").value, to_kana("キョウコ", small=False).value, to_kana("山田").value
    ('ヤマダ　ショーコ', 'キヨウコ', None)
    """
    tidied = tidy(text)
    kana = _KANA_BEFORE_DASH.sub("ー", kana_name(tidied.value or ""))
    if strange := re.sub(r"[ァ-ヺーヽヾ・ ]", "", kana):
        return held("characters.no_kana", given=text, character=strange[0])
    kana = kana if small else jaconv.enlarge_smallkana(kana)
    return _then(tidied, accepted(tidied.value or "", kana.replace(" ", "\u3000"), "kana"))


def _composed(unit: str) -> str:
    """Letters and kana with their marks as one character; an ideograph would be changed into another one by it."""
    marked = len(unit) > 1 and not re.search(f"[{_SELECTORS}]", unit)
    return unicodedata.normalize("NFC", unit) if marked else unit


def _then(first: Outcome, second: Outcome) -> Outcome:
    return Outcome(second.value, first.repairs + second.repairs)


# -- what a system cannot hold --------------------------------------------------------------------
def shrink(text: str, encoding: str, table: Mapping[str, str] | None = None) -> Changed:
    """The text for a system that holds only `encoding` (a Python codec, such as cp932, shift_jis, euc_jp).

    In the place of what it cannot hold stands, in this order: what the town's own `table` says (`read_map`), the same
    character without its variation selector, the common form (`words/variants.yaml`), the compatible one (Unicode NFKC),
    else 〓, which is `unknown`. Each change is told; `restore` undoes them all. Raises LookupError for no encoding.

    >>> shrink("𠮷田", "cp932").text, shrink("髙橋", "cp932").text, shrink("髙橋", "shift_jis").text
    ('吉田', '髙橋', '高橋')
    """
    "".encode(encoding)  # an unknown encoding is nobody's character
    return _changed(text, lambda unit: _shrunk(unit, encoding, table or {}))


def restore(text: str, changes: Iterable[Change]) -> str:
    """The text as it was before the changes. Raises NotTheText where it is not the text that they made.

    >>> small = shrink("𠮷田", "cp932")
    >>> restore(small.text, small.changes)
    '𠮷田'
    """
    for change in reversed(tuple(changes)):
        end = change.position + len(change.new)
        if text[change.position : end] != change.new:
            raise NotTheText(f"at {change.position} is not “{change.new}”: the text was changed since")
        text = text[: change.position] + change.old + text[end:]
    return text


def _shrunk(unit: str, encoding: str, table: Mapping[str, str]) -> str | None:
    if survives(unit, encoding):
        return unit
    bare = re.sub(f"[{_SELECTORS}]", "", unit)
    tried = (
        table.get(unit, ""),
        table.get(bare, ""),
        bare,
        _COUSINS.get(bare, ""),
        unicodedata.normalize("NFC", bare),
        fold_variants(bare),
        unicodedata.normalize("NFKC", bare),
        fold_variants(unicodedata.normalize("NFKC", bare)),
    )
    return next((one for one in tried if one and survives(one, encoding)), None)


def _changed(text: str, change: Callable[[str], str | None]) -> Changed:
    """The text unit by unit; where `change` knows none, 〓."""
    parts: list[str] = []
    changes: list[Change] = []
    unknown: list[Change] = []
    position = 0
    for match in _UNIT.finditer(text):
        old, new = match.group(), change(match.group())
        made = Change(position, old, GETA if new is None else new)
        if new is None:
            unknown.append(made)
        if made.new != old:
            changes.append(made)
        parts.append(made.new)
        position += len(made.new)
    return Changed("".join(parts), tuple(changes), tuple(unknown))


# -- a vendor's own characters --------------------------------------------------------------------
def resolve(text: str, table: Mapping[str, str]) -> Changed:
    """A vendor's own characters (外字: private use code points) by that vendor's table (`read_map`). One that the table
    lacks is `unknown` and stays.

    >>> resolve("\\ue000田", {"\\ue000": "𠮷"}).text
    '𠮷田'
    """
    found = _changed(text, lambda unit: table.get(unit) or "".join(table.get(char, char) for char in unit))
    left = (Change(match.start(), match.group(), match.group()) for match in _PRIVATE.finditer(found.text))
    return Changed(found.text, found.changes, tuple(left))


def code_of(character: str) -> str:
    """How a private use character is named in a report: its code point, and its CP932 code where it has one.

    >>> code_of("\\ue000"), code_of("\\ue757")
    ('U+E000 (F040)', 'U+E757 (F9FC)')
    """
    point = f"U+{ord(character):04X}"
    place = ord(character) - 0xE000
    if not 0 <= place < 10 * 188:
        return point
    lead, trail = divmod(place, 188)
    return f"{point} ({0xF0 + lead:02X}{0x40 + trail + (trail > 0x3E):02X})"


def read_map(lines: Iterable[str]) -> dict[str, str]:
    """A CSV table of characters that a town loads: a vendor's 外字, or the MJ shrink map. Two columns, without a heading: the
    character, and what stands for it.

    Each is a character, code points (`U+845B U+E0100`, with a variation selector too), or, on the left, a code of CP932's
    user area F040 to F9FC (Microsoft code page 932: U+E000 to U+E757). Lines that begin with `#` are left out.
    Raises FaultyTable with the line.

    >>> read_map(["F040,U+20BB7", "葛󠄀,葛"]) == {"\\ue000": "𠮷", "葛\\U000E0100": "葛"}
    True
    """
    table: dict[str, str] = {}
    for number, row in enumerate(csv.reader(lines), start=1):
        if not row or row[0].startswith("#"):
            continue
        cells = [_character(cell.strip()) for cell in row[:2]]
        if len(cells) < 2 or not all(cells):
            raise FaultyTable(ui_text("records.characters.table").format(line=number, row=",".join(row)))
        if cells[0] in table:
            raise FaultyTable(ui_text("records.characters.twice").format(line=number, code=row[0]))
        table[cells[0]] = cells[1]
    return table


def _character(cell: str) -> str:
    """The character that a cell names; empty where it names none."""
    if re.fullmatch(r"F[0-9][4-9A-F][0-9A-F]", cell, re.IGNORECASE):
        lead, trail = divmod(int(cell, 16), 256)
        ok = trail not in (0x7F, 0xFD, 0xFE, 0xFF)
        return chr(0xE000 + (lead - 0xF0) * 188 + trail - 0x40 - (trail > 0x7F)) if ok else ""
    if re.fullmatch(r"(U\+[0-9A-F]{4,6}\s*)+", cell, re.IGNORECASE):
        points = [int(point, 16) for point in re.findall(r"[0-9A-F]{4,6}", cell.upper().replace("U+", " "))]
        return "".join(map(chr, points)) if max(points) <= 0x10FFFF else ""
    return cell if len(_UNIT.findall(cell)) == 1 else ""
