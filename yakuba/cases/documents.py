"""Files that come in are checked by what they are, not by what they are called."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import filetype
from PIL import Image

from yakuba.cases import scanning
from yakuba.register.tables import UnreadableTable, decoded
from yakuba.words import Text, ui_text

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_BYTES = 10 * 1024 * 1024
"""10 MB: a phone's photo at full size is 3 to 6 MB; a service may ask for less."""
MAX_PIXELS = 60_000_000
"""A picture of more than 60 megapixels is refused unopened: it could fill the memory when unpacked."""

ACCEPTED = ("pdf", "jpeg", "png")
_MEDIA = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}

_ENDINGS = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "text/plain": ("txt", "json", "csv", "tsv", "log", "eml"),
    "text/csv": ("csv",),
}
"""How a file of a kind may be called; the first is what it is called where its name says something else."""
_ACTIVE_KEYS = frozenset({"/JavaScript", "/JS", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"})
_ACTIVE_KINDS = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/RichMedia", "/EmbeddedFile"}
)
"""What makes a PDF do something, or carries another file into the town hall (ISO 32000-2, 12.6.4, 7.11.4, 12.7.8)."""
MOST_OBJECTS = 20_000
"""Of a PDF that are looked at; a scan of 100 pages has some 500. One of more is refused."""


class Refused(Exception):
    """The file cannot be taken; `text` says why and what to do, in ja / easy / en."""

    def __init__(self, text: Text):
        self.text = text
        super().__init__(text.en)


def sha256(content: bytes) -> str:
    """Hex digest that binds the content to the log."""
    return hashlib.sha256(content).hexdigest()


def safe_name(name: str) -> str:
    """The name without folders and control characters, at most 200 characters."""
    return re.sub(r"[\x00-\x1f\x7f]", "", name.replace("\\", "/").rsplit("/", 1)[-1])[-200:] or "file"


def named(name: str, media_type: str) -> str:
    """The safe name of a file, with an ending that says what it is: a picture that is kept as `form.html` would be a page to
    whoever saves and opens it.

    >>> named("C:/scan.HTML", "image/jpeg"), named("税.JPG", "image/jpeg"), named("note", "text/plain")
    ('scan.HTML.jpg', '税.JPG', 'note.txt')
    """
    safe, endings = safe_name(name), _ENDINGS.get(media_type, ())
    if not endings or safe.lower().endswith(tuple(f".{one}" for one in endings)):
        return safe
    return f"{safe[:195]}.{endings[0]}"


def check(content: bytes, name: str, accept: Sequence[str] = ACCEPTED, max_bytes: int = MAX_BYTES) -> str:
    """The media type of the file by its content. Raises Refused."""
    check_size(name, len(content), max_bytes)
    guessed = filetype.guess(content)
    media_type = guessed.mime if guessed else _MEDIA["csv"] if _is_csv(content, name) else None
    if media_type not in {_MEDIA[kind] for kind in accept}:
        raise Refused(_wrong_type(name, accept))
    if media_type == "application/pdf":
        _check_pdf(content, name)
    elif (media_type or "").startswith("image/"):
        _check_picture(content, name)
    return media_type or ""


def scan(content: bytes, name: str) -> None:
    """Does the town's virus scanner find nothing in what came in? Raises Refused, also where it does not answer."""
    try:
        clean = scanning.clean(content)
    except scanning.NotScanned as error:
        raise Refused(ui_text("upload.not_scanned").format(name=name)) from error
    if not clean:
        raise Refused(ui_text("upload.virus").format(name=name))


def check_size(name: str, size: int, max_bytes: int = MAX_BYTES) -> None:
    """Can a file of so many bytes be taken? To be asked before it is read. Raises Refused."""
    if not size:
        raise Refused(_empty(name))
    if size > max_bytes:
        raise Refused(_too_large(name, size, max_bytes))


def _is_csv(content: bytes, name: str) -> bool:
    """Lines of text in an encoding that Japanese offices use."""
    if not name.lower().endswith(".csv"):
        return False
    try:
        decoded(content)
    except UnreadableTable:
        return False
    return True


def _check_picture(content: bytes, name: str) -> None:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused(_too_large(name, len(content), MAX_BYTES))
            picture.verify()
    except Refused:
        raise
    except Exception as error:
        raise Refused(broken(name)) from error


def _check_pdf(content: bytes, name: str) -> None:
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(content))
        len(reader.pages)
        active = any(map(_is_active, _objects(reader)))
    except Exception as error:
        raise Refused(broken(name)) from error
    if active:
        raise Refused(ui_text("upload.active").format(name=name))


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Every object of a PDF, the packed ones too. Raises ValueError where there are more than anybody needs."""
    from pypdf.generic import IndirectObject

    numbers = {(n, generation) for generation, table in reader.xref.items() for n in table}
    numbers |= {(n, 0) for n in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise ValueError(f"more than {MOST_OBJECTS} objects")
    for number, generation in numbers:
        yield reader.get_object(IndirectObject(number, generation, reader))
    yield reader.trailer


def _is_active(found: Any) -> bool:
    """Whether an object would run something, or holds another file."""
    from pypdf.generic import DictionaryObject

    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            if not _ACTIVE_KEYS.isdisjoint(one):
                return True
            kinds = {str(one.raw_get(key)) for key in ("/S", "/Type", "/Subtype") if key in one}
            if not _ACTIVE_KINDS.isdisjoint(kinds):
                return True
            waiting.extend(dict.values(one))
        elif isinstance(one, list):
            waiting.extend(list.__iter__(one))
    return False


def _too_large(name: str, size: int, limit: int) -> Text:
    has, may = f"{size / 1048576:.1f}", f"{limit // 1048576}"
    return Text(
        ja=f"「{name}」は {has} MB あります。{may} MB までのファイルにしてください（写真の大きさを「中」にすると小さくなります）。",
        easy=f"「{name}」は 大きすぎます（{has} MB）。{may} MB までに してください。",
        en=f"“{name}” is {has} MB. Send a file of at most {may} MB; a photo of medium size will do.",
    )


def _wrong_type(name: str, accept: Sequence[str]) -> Text:
    kinds = " / ".join(kind.upper() for kind in accept)
    return Text(
        ja=f"「{name}」の中身は受け付けられる種類ではありません。{kinds} のどれかにしてください。書類はスマートフォンで撮った写真でもかまいません。",
        easy=f"「{name}」は 使えません。{kinds} に してください。写真でも いいです。",
        en=f"“{name}” is not a kind of file that can be taken. Use {kinds}; a photo of the paper will do.",
    )


def broken(name: str) -> Text:
    """What is said of a file that cannot be opened."""
    return Text(
        ja=f"「{name}」を開けませんでした。壊れているかもしれません。もう一度撮影するか、保存し直して送ってください。",
        easy=f"「{name}」を ひらけませんでした。もう一度 写真を とってください。",
        en=f"“{name}” could not be opened; it may be damaged. Take the photo again or save the file anew.",
    )


def _empty(name: str) -> Text:
    return Text(
        ja=f"「{name}」は空です。もう一度選んでください。",
        easy=f"「{name}」は 空です。もう一度 えらんでください。",
        en=f"“{name}” is empty. Choose the file again.",
    )
