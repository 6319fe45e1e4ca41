"""In which encoding a file is: as declared, or found by strict trial, and how that was decided.

A declared encoding is believed and read strictly. Only where none is declared the whole file is tried, strictly, in UTF-8,
EUC-JP and CP932; where two of them fit, the one counts whose characters are those of Japanese texts, and where none leads,
nobody guesses. Detectors of all the world's encodings were tried first: on short files of kana and names they answer Big5
or CP949, and on half-width kana nothing.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from yakuba.words import Text, ui_text

NAMES = {
    "utf-8": "UTF-8",
    "cp932": "CP932",
    "shift_jis": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "utf-16": "UTF-16",
    "iso2022_jp": "ISO-2022-JP",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
}
"""The codecs that files are read in, and what people call them."""
_OTHER_NAMES = {"windows-31j": "cp932"}
"""What Python does not know."""
GUESSED = ("utf-8", "euc_jp", "cp932")
"""What is tried where nothing is declared: CP932 holds all that Shift_JIS does."""
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CHUNK = 1 << 20
"""Bytes that are read at once."""
SAMPLE = 1 << 16
"""Characters at the beginning of a file that are looked at for evidence."""
LINE_LIMIT = 1 << 20
"""Bytes of the longest line that is read; a row of the standard has some thousands."""
NULS = 0.1
"""So much of a text in UTF-16 is NUL at least, where it has letters, digits or commas; no other text has any."""
LEAD = 0.1
"""So much more of a file's characters must be those of Japanese texts before one encoding is preferred to another."""
_SHOWN = 5

_NOT_CP932 = re.compile("[\x80\xa0\uf8f0-\uf8f3]")
"""What Python makes of the bytes 80, A0 and FD to FF, which no Japanese text has (Microsoft code page 932)."""
_JAPANESE = re.compile(r"[\u3000-\u3015ぁ-んァ-ヶー！-～]+|(?:[ｳｶ-ﾄﾊ-ﾎ]ﾞ|[ﾊ-ﾎ]ﾟ|[ｱ-ﾝｦ-ｯｰ]){2,}")
_SHIFTED = re.compile(r"\x1b[$(]")
"""How ISO-2022-JP changes to ideographs and back (RFC 1468); else it is made of ASCII."""
_FOREIGN = re.compile(r"[^\x00-\x7f]")


class Refused(Exception):
    """A file cannot be read. `text` says what is wrong, where, and how to mend it; `line` and `column` count from 1."""

    def __init__(self, text: Text, line: int | None = None, column: int | None = None):
        self.text, self.line, self.column = text, line, column
        super().__init__(text.en)


@dataclass(frozen=True, slots=True)
class Decision:
    """`encoding`: a key of NAMES, "" for a workbook; `why`: how it was decided; `sha256` and `size` (bytes) of the file it was
    decided for; `quoted`: whether a quotation mark is in it."""

    encoding: str
    declared: bool
    why: Text
    sha256: str
    size: int
    quoted: bool = True


@dataclass(slots=True)
class _Trial:
    """One encoding, tried piece by piece over the whole file."""

    encoding: str
    sample: str = ""
    failed: bool = False
    decoder: codecs.IncrementalDecoder = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder(self.encoding)()

    def feed(self, piece: bytes, *, final: bool = False) -> None:
        if self.failed:
            return
        try:
            text = self.decoder.decode(piece, final)
        except UnicodeDecodeError:
            self.failed = True
            return
        self.failed = self.encoding == "cp932" and bool(_NOT_CP932.search(text))
        self.sample += text[: SAMPLE - len(self.sample)]


def decide(path: Path, declared: str = "", *, line_limit: int | None = LINE_LIMIT) -> Decision:
    """In which encoding a file is, and its SHA-256, in one pass of bounded memory. `declared`: a name that Python knows.

    Raises Refused: an encoding that is not read, a mark (BOM) that says otherwise than was declared, no encoding that fits
    or no single one, several encodings in one file (with the lines), a line of more than `line_limit` bytes (None: no
    limit; it is not read to its end).
    """
    encoding = codec(declared) if declared else ""
    with path.open("rb") as file:
        mark = _mark(file.read(3))
    trials = [] if encoding or mark else [_Trial(candidate) for candidate in GUESSED]
    digest, size, quoted = hashlib.sha256(), 0, False
    for piece in pieces(path, line_limit):
        digest.update(piece)
        size += len(piece)
        quoted = quoted or b'"' in piece
        for trial in trials:
            trial.feed(piece)
    for trial in trials:
        trial.feed(b"", final=True)
    found, why = _declared(encoding, mark) if encoding else _guessed(path, mark, trials)
    return Decision(found, bool(encoding), why, digest.hexdigest(), size, quoted)


def undecided(path: Path) -> Decision:
    """SHA-256 and size of a file that is no text, such as a workbook, which says itself how it is encoded."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Decision("", False, ui_text("records.encoding.workbook"), digest, path.stat().st_size)


def codec(name: str) -> str:
    """The key of NAMES for what people and Python call an encoding. Raises Refused.

    >>> codec("Windows-31J"), codec("sjis"), codec("EUC-JP"), codec("UTF-8-SIG")
    ('cp932', 'shift_jis', 'euc_jp', 'utf-8')
    """
    try:
        known = codecs.lookup(_OTHER_NAMES.get(name.lower(), name)).name.removesuffix("-sig")
    except LookupError:
        known = ""
    if known not in NAMES:
        raise Refused(ui_text("records.file.encoding").format(name=name, known=", ".join(NAMES.values())))
    return known


def decode(line: bytes, encoding: str) -> str:
    """The text of a line, strictly. Raises UnicodeDecodeError with the place of the first byte that is wrong."""
    text = line.decode(encoding)
    if encoding == "cp932" and (strange := _NOT_CP932.search(text)):
        start = len(text[: strange.start()].encode("cp932"))
        raise UnicodeDecodeError(encoding, line, start, start + 1, "no character of code page 932")
    return text


def _fits(line: bytes, encoding: str) -> bool:
    try:
        return bool(decode(line, encoding)) or not line
    except UnicodeDecodeError:
        return False


def _mark(beginning: bytes) -> str:
    return next((encoding for mark, encoding in MARKS.items() if beginning.startswith(mark)), "")


def pieces(path: Path, line_limit: int | None) -> Iterator[bytes]:
    """A file in pieces of bounded size. Raises Refused once a line has more than `line_limit` bytes (None: no limit)."""
    line, length = 1, 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece
            first, last = piece.find(b"\n"), piece.rfind(b"\n")
            longest = length + (len(piece) if first < 0 else first)
            if line_limit is not None and longest > line_limit:
                raise Refused(too_long(line, line_limit), line)
            line += piece.count(b"\n")
            length = longest if first < 0 else len(piece) - last - 1


def too_long(line: int, limit: int) -> Text:
    """What is said of a line that is not read to its end."""
    return ui_text("records.file.line_too_long").format(line=line, limit=f"{limit:,}")


def _declared(encoding: str, mark: str) -> tuple[str, Text]:
    if mark and not encoding.startswith(mark):
        raise Refused(
            ui_text("records.file.mark_differs").format(declared=NAMES[encoding], mark=NAMES[mark]), 1
        )
    if encoding == "utf-16" and not mark:
        raise Refused(ui_text("records.file.no_mark"), 1)
    return mark or encoding, ui_text("records.encoding.declared").format(encoding=NAMES[encoding])


def _guessed(path: Path, mark: str, trials: list[_Trial]) -> tuple[str, Text]:
    if mark:
        return mark, ui_text("records.encoding.mark").format(encoding=NAMES[mark])
    left = {trial.encoding: _japanese(trial.sample) for trial in trials if not trial.failed}
    if any(trial.sample.count("\0") > NULS * len(trial.sample) for trial in trials):
        raise Refused(ui_text("records.file.no_mark"), 1)
    if not left:
        raise _several(path)
    if any(_SHIFTED.search(trial.sample) for trial in trials):
        return "iso2022_jp", ui_text("records.encoding.shifted")
    if len(left) == 3 and all(trial.sample.isascii() for trial in trials):
        return "utf-8", ui_text("records.encoding.ascii")
    if "utf-8" in left:
        return "utf-8", ui_text("records.encoding.utf8")
    (best, share), *others = sorted(left.items(), key=lambda one: -one[1])
    if not others:
        return best, ui_text("records.encoding.only").format(encoding=NAMES[best])
    second, other = others[0]
    if share - other < LEAD:
        raise Refused(ui_text("records.encoding.undecided").format(first=NAMES[best], second=NAMES[second]))
    return best, ui_text("records.encoding.likely").format(
        encoding=NAMES[best], share=f"{share:.0%}", second=NAMES[second], other=f"{other:.0%}"
    )


def _japanese(sample: str) -> float:
    """Which part of the characters beyond ASCII are kana, ideographs of JIS level 1 and full-width signs."""
    foreign = len(_FOREIGN.findall(sample))
    common = sum(len(run) for run in _JAPANESE.findall(sample))
    return (common + sum(map(_level_1, sample))) / foreign if foreign else 1.0


def _level_1(char: str) -> bool:
    """An ideograph of JIS X 0208 rows 16 to 47: the common ones."""
    return "\u4e00" <= char <= "\u9fff" and b"\xb0" <= char.encode("euc_jp", "replace")[:1] <= b"\xcf"


def _several(path: Path) -> Refused:
    """Why no encoding fits the whole file: which lines are in which, or which line is in none."""
    runs = _runs(path)
    nowhere = next((first for encoding, first, _ in runs if not encoding), None)
    if nowhere is not None:
        return Refused(ui_text("records.file.no_encoding").format(line=nowhere), nowhere)
    said = ", ".join(f"{first}–{last} {NAMES[encoding]}" for encoding, first, last in runs)
    return Refused(ui_text("records.file.several_encodings").format(lines=said), runs[-1][1])


def _runs(path: Path) -> list[tuple[str, int, int]]:
    """The first lines of a file by their encoding ("" for none): encoding, first and last line; ASCII lines are in any."""
    runs: list[tuple[str, int, int]] = []
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LINE_LIMIT), b""), start=1):
            if line.isascii():
                continue
            before, since = (runs[-1][0], runs[-1][1]) if runs else ("", number)
            encoding = likeliest(line, before)
            if runs and encoding == before:
                runs[-1] = (encoding, since, number)
            elif len(runs) == _SHOWN:
                break
            else:
                runs.append((encoding, number, number))
    return runs


def likeliest(line: bytes, before: str = "") -> str:
    """In which of GUESSED a line is: that of the line before it where it can be; "" where it is in none."""
    fitting = [encoding for encoding in GUESSED if _fits(line, encoding)]
    if before in fitting:
        return before
    return max(fitting, key=lambda encoding: _japanese(decode(line, encoding)), default="")


def utf8_instead(line: bytes, text: str) -> bool:
    """Was a line written in UTF-8, though it could be read, as `text`, in the encoding of its file? 氏名 in UTF-8 is 豌丞錐
    in CP932."""
    if line.isascii() or not _fits(line, "utf-8"):
        return False
    return _japanese(line.decode("utf-8")) > _japanese(text) + LEAD
