"""Which form a scan or a photo shows, by the QR picture on it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import zxingcpp
from PIL import Image, UnidentifiedImageError

MOST_PAGES = 20
"""Pages of a PDF that are looked through: no form has more than ten."""
LARGEST = 40_000_000
"""Pixels of a picture that is looked at: an A4 page at 600 dots an inch has 35 million."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the QR picture of a form says: of which town and service, the beginning of its version, the language; which page
    it is, and what its layout hangs on (`Form.look`, `Layout.design`), which forms printed earlier do not say."""

    town: str
    service: str
    version: str
    language: str
    page: int = 1
    look: str = ""
    design: str = ""


def look(content: bytes) -> Seen | None:
    """The form that a scan shows; None where no form of ours is to be seen."""
    return form_of(codes(content))


def form_of(codes: Iterable[str]) -> Seen | None:
    """The form that one of these codes names; None where none does."""
    return next((seen for code in codes if (seen := read(code))), None)


def codes(content: bytes) -> Iterator[str]:
    """What the QR pictures and bar codes on a scan say, whoever made them."""
    for picture in _pictures(content):
        for found in zxingcpp.read_barcodes(picture):
            yield found.text


def pages(content: bytes) -> int:
    """How many pictures a scan has."""
    return sum(1 for _ in _pictures(content))


def page_count(content: bytes) -> int:
    """How many pages a scan has, pictures on them or not: one of a picture, and of a PDF that cannot be read."""
    if not content.startswith(b"%PDF"):
        return 1
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return len(PdfReader(io.BytesIO(content)).pages)
    except (PyPdfError, ValueError, KeyError):
        return 1


def is_too_long(content: bytes) -> bool:
    """Does a PDF have more pages than are looked through? A stack of papers belongs into a file for each request."""
    return page_count(content) > MOST_PAGES


def page(content: bytes, number: int) -> bytes | None:
    """One of its pictures as PNG, counted from 1; None where there is none."""
    for at, picture in enumerate(_pictures(content), start=1):
        if at == number:
            made = io.BytesIO()
            picture.save(made, "PNG")
            return made.getvalue()
    return None


def read(code: str) -> Seen | None:
    """What a code says, if it is one of a form.

    >>> read("yakuba:394262:move-in:0123456789abcdef:easy")
    Seen(town='394262', service='move-in', version='0123456789abcdef', language='easy', page=1, look='', design='')
    >>> read("YAKUBA:394262:MOVE-IN:0123456789ABCDEF:EASY:2:N3:3F09A1").page
    2
    >>> read("https://example.org/") is None
    True
    """
    name, *parts = code.lower().split(":")
    if name != "yakuba" or len(parts) not in (4, 7):
        return None
    town, service, version, language = parts[:4]
    if len(parts) == 4:
        return Seen(town, service, version, language)
    page, look, design = parts[4:]
    return (
        Seen(town, service, version, language, int(page), look.upper(), design) if page.isdecimal() else None
    )


def _pictures(content: bytes) -> Iterator[Image.Image]:
    """The pictures of a file; what cannot be read has none."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if content.startswith(b"%PDF"):
        try:
            for page in PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]:
                for image in page.images:
                    yield from _picture(image.data)
        except (PyPdfError, ValueError, KeyError) as error:
            logger.info("a scan cannot be read: %s", error)
        return
    yield from _picture(content)


def _picture(content: bytes) -> Iterator[Image.Image]:
    try:
        picture = Image.open(io.BytesIO(content))
        if picture.width * picture.height <= LARGEST:
            yield picture.convert("L")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        logger.info("a picture cannot be read: %s", error)
