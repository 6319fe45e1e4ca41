"""Labels for devices and boxes: a QR code, a Code 128 bar code, and the same in letters; read back before they count.

A label carries the number of the order, the asset tag, the serial number and the profile's name, and nothing else:
no network, no account, no person.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import segno
import zxingcpp
from barcode.codex import Code128
from PIL import Image, ImageDraw, ImageFont

DOTS = 203 / 25.4
"""Dots a millimetre of the usual label printers (203 dpi)."""
WIDTH, HEIGHT = round(62 * DOTS), round(29 * DOTS)
"""62 × 29 mm, a common size of continuous label rolls."""
QUIET = 10
"""Modules that must stay white beside a Code 128 (ISO/IEC 15417)."""
FONT = Path(__file__).parents[2] / "messages/letter/fonts/BIZUDPGothic-Regular.ttf"


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label. `serial` is in both codes."""

    order: str
    tag: str
    serial: str
    profile: str

    @property
    def code(self) -> str:
        """The QR code's text: fields that a hand scanner types in one go."""
        return f"YKB1/{self.order}/{self.tag}/{self.serial}"


class Unprintable(Exception):
    """A label cannot be made so that it can be read back; says whose and why."""


def serial_in(code: str) -> str:
    """The serial number in what a scanner typed: a label's QR code, or the serial number itself."""
    parts = code.split("/")
    return parts[3] if len(parts) == 4 and parts[0] == "YKB1" else code


def printed(label: Label) -> Image.Image:
    """The label in black and white, ready for a printer of 203 dpi, read back with another library.

    Raises Unprintable when a value does not fit, holds what a bar code cannot, or cannot be read back.
    """
    if not label.serial.isascii() or not label.serial.isprintable() or "/" in label.code.replace("/", "", 3):
        raise Unprintable(f"{label.serial!r}: a serial number is ASCII without a slash")
    picture = Image.new("1", (WIDTH, HEIGHT), 1)
    draw = ImageDraw.Draw(picture)
    left = _put_qr(picture, label)
    texts = [(label.tag, 34), (label.profile, 20), (label.order, 20)]
    top = 8
    for text, size in texts:
        draw.text((left, top), text, font=_font(size), fill=0)
        if draw.textlength(text, font=_font(size)) > WIDTH - left - 4:
            raise Unprintable(f"{label.serial}: {text!r} is too long for the label")
        top += size + 6
    _put_bars(picture, draw, label, left, top)
    if missing := {label.code, label.serial} - set(read_back(picture)):
        raise Unprintable(f"{label.serial}: {', '.join(sorted(missing))} cannot be read back")
    return picture


def read_back(picture: Image.Image) -> list[str]:
    """What a scanner reads in a picture."""
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]


def sheet(pictures: Sequence[Image.Image]) -> bytes:
    """The labels as a PDF, one a page, in their real size. Needs at least one."""
    out = io.BytesIO()
    pictures[0].save(out, "PDF", resolution=203, save_all=True, append_images=pictures[1:])
    return out.getvalue()


def _put_qr(picture: Image.Image, label: Label) -> int:
    """Puts the QR code at the left; returns where the rest begins."""
    code = segno.make(label.code, micro=False, error="m")
    scale = max(1, HEIGHT // (code.symbol_size(border=4)[0]))
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, border=4)
    made = Image.open(out).convert("1")
    picture.paste(made, (0, (HEIGHT - made.height) // 2))
    return made.width


def _put_bars(picture: Image.Image, draw: ImageDraw.ImageDraw, label: Label, left: int, top: int) -> None:
    modules = _Bars(label.serial).build()[0]
    room = WIDTH - left
    wide = room // (len(modules) + 2 * QUIET)
    if wide < 1:
        raise Unprintable(f"{label.serial}: too long for a bar code of {room / DOTS:.0f} mm")
    at = left + QUIET * wide
    bottom = HEIGHT - 26
    for number, module in enumerate(modules):
        if module == "1":
            draw.rectangle((at + number * wide, top, at + (number + 1) * wide - 1, bottom), fill=0)
    draw.text((at, bottom + 2), label.serial, font=_font(20), fill=0)


class _Bars(Code128):
    """Code 128. python-barcode 0.16 takes 99 at the beginning of a number for a change of the code set, and drops it."""

    def _try_to_optimize(self, encoded: list[int]) -> list[int]:
        return encoded if self.code[0].isdigit() else super()._try_to_optimize(encoded)


@cache
def _font(size: int) -> Any:
    return ImageFont.truetype(FONT, size)
