"""Reads 120-byte bank records: what stands where, and what is wrong with it.

The reading side only, written from the published layout with its byte positions, as banks print it;
the writing side (`zengin`) has its own table of lengths. A slip in one is found by the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yakuba.words import Text

RECORD = 120


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a bank file: which record (from 1), which byte of it (from 1), what, and how to mend it.

    Record and position are 0 where the fault is not in one place.
    """

    record: int
    position: int
    field: str
    what: Text
    mend: Text

    def line(self, language: str) -> str:
        """The fault in one line."""
        place = {"en": "record {}, byte {}"}.get(language, "{}件目のレコード {}桁目").format(
            self.record, self.position
        )
        return f"{place} {self.field}: {self.what.get(language)} {self.mend.get(language)}"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field may hold: a pattern over its bytes, and what to say when it does not fit."""

    pattern: re.Pattern[bytes]
    what: Text
    mend: Text


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: bytes `first` to `last`, counted from 1, both included."""

    id: str
    ja: str
    first: int
    last: int
    kind: Kind

    def of(self, record: bytes) -> bytes:
        """The field's bytes."""
        return record[self.first - 1 : self.last]


Layout = Mapping[bytes, tuple[Field, ...]]
"""The fields of each kind of record by its first byte."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was read: its number from 1, its first byte, and the text of each field, ends stripped."""

    number: int
    kind: bytes
    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def number_of(self, name: str) -> int:
        """The field as an integer; 0 where it is not one (which is a fault of its own)."""
        text = self.values[name]
        return int(text) if text.isascii() and text.isdigit() else 0


@dataclass(slots=True)
class Reading:
    """The records of a file and everything wrong with their form."""

    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, record: Record, where: Field, what: Text, mend: Text) -> None:
        """Note what is wrong with a field."""
        self.faults.append(Fault(record.number, where.first, where.ja, what, mend))


def read(data: bytes, layout: Layout) -> Reading:
    """Cut a file into records and check their bytes, their order and each field's characters. Never raises."""
    reading = Reading()
    for number, raw in enumerate(_cut(data, reading), start=1):
        fields = layout.get(raw[:1])
        if fields is None:
            reading.faults.append(
                Fault(number, 1, "データ区分", _UNKNOWN_KIND.format(found=shown(raw[:1])), _SEE_KIND)
            )
            continue
        line = text(raw)
        values = {each.id: line[each.first - 1 : each.last].rstrip(" ") for each in fields}
        record = Record(number, raw[:1], values)
        reading.records.append(record)
        for each in fields:
            value = each.of(raw)
            if not each.kind.pattern.fullmatch(value):
                reading.fault(record, each, each.kind.what.format(found=shown(value)), each.kind.mend)
    _check_order(reading)
    return reading


_NO_LETTER = "\ufffd"
_LETTERS = {
    b: bytes([b]).decode("cp932") if 0x20 <= b <= 0x7E or 0xA1 <= b <= 0xDF else _NO_LETTER
    for b in range(256)
}
"""The letter of each byte in JIS X 0201."""


def text(value: bytes) -> str:
    """Bytes of JIS X 0201 as text, a character for each."""
    return value.decode("latin-1").translate(_LETTERS)


def shown(value: bytes) -> str:
    """Bytes as they can be printed: what is no character of the standard as <hex>."""
    return "".join(
        f"<{b:02X}>" if letter == _NO_LETTER else letter for b, letter in zip(value, text(value), strict=True)
    )


def _cut(data: bytes, reading: Reading) -> Iterator[bytes]:
    step = RECORD + 2 if b"\r\n" in data else RECORD
    if not data:
        reading.faults.append(Fault(0, 0, "ファイル", _EMPTY, _SEND_AGAIN))
    elif len(data) % step:
        reading.faults.append(Fault(0, 0, "ファイル", _LENGTH.format(size=len(data), step=step), _SEND_AGAIN))
    for number, start in enumerate(range(0, len(data) - RECORD + 1, step), start=1):
        end = data[start + RECORD : start + step]
        if step > RECORD and end != b"\r\n":
            reading.faults.append(
                Fault(number, RECORD + 1, "改行", _LINE_END.format(found=shown(end)), _SEND_AGAIN)
            )
        yield data[start : start + RECORD]


_NEXT = {b"": b"1", b"1": b"2", b"2": b"28", b"8": b"9", b"9": b""}
"""Which kinds of record may follow which: header, data …, trailer, end, and nothing more."""


def _check_order(reading: Reading) -> None:
    before = b""
    for record in reading.records:
        if record.kind not in _NEXT[before]:
            what = _ORDER.format(kind=record.kind.decode(), before=before.decode() or "—")
            reading.faults.append(Fault(record.number, 1, "データ区分", what, _SEE_ORDER))
        before = record.kind
    if before not in (b"", b"9"):
        reading.faults.append(Fault(len(reading.records), 1, "データ区分", _NO_END, _SEND_AGAIN))


# -- what fields may hold ------------------------------------------------------------------------
_LETTER = rb"[0-9A-Z\xb1-\xdd]|[\xb3\xb6-\xc4\xca-\xce]\xde|[\xca-\xce]\xdf"
"""Digits, capitals, kana without small letters, ｦ and ｰ, and marks after the kana that take them (付録1)."""


def _kind(pattern: bytes, ja: str, easy: str, en: str, mend_ja: str, mend_easy: str, mend_en: str) -> Kind:
    return Kind(
        re.compile(pattern), Text(ja=ja, easy=easy, en=en), Text(ja=mend_ja, easy=mend_easy, en=mend_en)
    )


DIGITS = _kind(
    rb"[0-9]+",
    "「{found}」は数字だけではありません。",
    "「{found}」は 数字では ありません。",
    "“{found}” is not all digits.",
    "数字を右詰めにし、左を0で埋めてください。",
    "数字だけに してください。",
    "Write digits, on the right, filled with zeros on the left.",
)
DIGITS_OR_BLANK = Kind(re.compile(rb"[0-9]+| +"), DIGITS.what, DIGITS.mend)
EDI_OR_DIGITS = _kind(
    rb"(?:" + _LETTER + rb"|[ ().,\-/\\])*",
    "「{found}」に使えない文字があります。",
    "「{found}」に 使えない 文字が あります。",
    "“{found}” holds a character that is not permitted.",
    "数字（識別表示がYのときはカナ・英大文字・数字）だけにしてください。",
    "数字だけに してください。",
    "Write digits only (kana, capitals and digits where field 15 is Y).",
)
NAME = _kind(
    rb"(?:" + _LETTER + rb"|[().\-])(?:" + _LETTER + rb"|[ ().\-])*",
    "「{found}」に使えない文字があるか、左詰めになっていません。",
    "「{found}」に 使えない 文字が あります。",
    "“{found}” holds a character that is not permitted, or does not begin at the left.",
    "半角のカナ（小文字・ヲ・長音を除く）、英大文字、数字、( ) - . と空白だけを、左詰めで書いてください。",
    "半角の カタカナの 大きい字・英語の 大文字・数字を 使ってください。",
    "Use half-width kana without small letters, capitals, digits, ( ) - . and spaces, from the left.",
)
BANK_NAME = Kind(re.compile(NAME.pattern.pattern + rb"| +"), NAME.what, NAME.mend)
BLANK = _kind(
    rb" *",
    "空白のはずの所に「{found}」があります。",
    "ここは 空白です。「{found}」は 消してください。",
    "“{found}” stands where only spaces may be.",
    "空白にしてください。桁がずれていないか、前の項目も確かめてください。",
    "空白に してください。",
    "Fill it with spaces, and look whether the fields before it are shifted.",
)


def one_of(*values: str) -> Kind:
    """A field that holds one of a few values."""
    listed = " / ".join(value.replace(" ", "空白") for value in values)
    return Kind(
        re.compile(b"|".join(re.escape(value.encode("ascii")) for value in values)),
        Text(
            ja=f"「{{found}}」ではなく {listed} です。",
            easy=f"「{{found}}」では ありません。{listed} です。",
            en=f"“{{found}}” must be {listed.replace('空白', 'space')}.",
        ),
        Text(
            ja="仕様書の値に直してください。桁がずれていないかも確かめてください。",
            easy="正しい 数字に してください。",
            en="Correct the value, and look whether the fields before it are shifted.",
        ),
    )


def table(*rows: tuple[str, str, int, int, Kind]) -> tuple[Field, ...]:
    """Fields in order; raises ValueError when they leave a gap, overlap or do not end at byte 120."""
    fields: Sequence[Field] = [Field(*row) for row in rows]
    expected = 1
    for each in fields:
        if each.first != expected:
            raise ValueError(f"{each.ja} begins at byte {each.first}, expected {expected}")
        expected = each.last + 1
    if expected != RECORD + 1:
        raise ValueError(f"the record ends at byte {expected - 1}, not {RECORD}")
    return tuple(fields)


_EMPTY = Text(ja="ファイルが空です。", easy="ファイルが 空です。", en="The file is empty.")
_LENGTH = Text(
    ja="大きさ {size} バイトは、1件 {step} バイトの倍数ではありません。途中で切れたか、文字が増えています。",
    easy="ファイルの 長さ（{size}バイト）が ちがいます。",
    en="Its {size} bytes are no multiple of a record's {step}: it was cut off, or something was added.",
)
_LINE_END = Text(
    ja="レコードの終わりが改行（CR LF）ではなく「{found}」です。",
    easy="行の おわりが ちがいます（{found}）。",
    en="The record ends with “{found}”, not with CR LF.",
)
_SEND_AGAIN = Text(
    ja="ファイルを作り直すか、バイナリのままもう一度受け渡してください。",
    easy="もう一度 ファイルを つくってください。",
    en="Make the file again, or transfer it anew in binary mode.",
)
_UNKNOWN_KIND = Text(
    ja="データ区分「{found}」はありません。",
    easy="「{found}」は まちがいです。",
    en="There is no record type “{found}”.",
)
_SEE_KIND = Text(
    ja="1（ヘッダー）・2（データ）・8（トレーラー）・9（エンド）のどれかです。桁がずれていないか確かめてください。",
    easy="1・2・8・9の どれかです。",
    en="It is 1 (header), 2 (data), 8 (trailer) or 9 (end). Look whether the bytes are shifted.",
)
_ORDER = Text(
    ja="データ区分「{before}」の次に「{kind}」は来ません。",
    easy="「{before}」の つぎに「{kind}」は きません。",
    en="A record of type {kind} cannot follow one of type {before}.",
)
_SEE_ORDER = Text(
    ja="ヘッダー（1）、データ（2）が1件以上、トレーラー（8）、エンド（9）の順に1つずつ並べてください。",
    easy="1、2、8、9の じゅんに してください。",
    en="Write one header (1), one or more data records (2), one trailer (8), one end record (9).",
)
_NO_END = Text(
    ja="エンド・レコード（9）がありません。ファイルが途中で切れています。",
    easy="さいごの 行が ありません。",
    en="The end record (9) is missing: the file was cut off.",
)
