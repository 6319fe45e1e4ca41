"""Files that come in are checked by what they are, not by what they are called."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence

import filetype
from PIL import Image
from pypdf import PdfReader

from yakuba.register.tables import UnreadableTable, decoded
from yakuba.words import Text

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
        raise Refused(_broken(name)) from error


def _check_pdf(content: bytes, name: str) -> None:
    try:
        len(PdfReader(io.BytesIO(content)).pages)
    except Exception as error:
        raise Refused(_broken(name)) from error


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


def _broken(name: str) -> Text:
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
