"""Files as people and others send them."""

from __future__ import annotations

import io
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def photo(name: str = "photo.jpg", *, padded_to: int = 0) -> SimpleUploadedFile:
    """A small photo; `padded_to` bytes long."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#888").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue().ljust(padded_to, b"\0"), "image/jpeg")


def program(name: str = "tax.pdf") -> SimpleUploadedFile:
    """A Windows program that says that it is a PDF."""
    return SimpleUploadedFile(name, b"MZ\x90\x00" + b"\0" * 600, "application/pdf")


def bomb(name: str = "small.png") -> SimpleUploadedFile:
    """A few hundred bytes that would unpack to 10 gigapixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = [_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(b"\0" * 100)), _chunk(b"IEND", b"")]
    return SimpleUploadedFile(name, b"\x89PNG\r\n\x1a\n" + b"".join(chunks), "image/png")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) & 0xFFFFFFFF)
    )
