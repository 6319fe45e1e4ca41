"""Pictures of paper as arrays: how dark each point is, whatever the light was, and without what is red."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

Picture = NDArray[Any]
"""Rows, columns, and red, green, blue; 8 bits each."""
Plane = NDArray[Any]
"""Rows and columns; 8 bits, 0 is black."""
MOST_PAGES = 20
"""Pages of one file that are read: a form has at most ten, and a stack of many belongs into several files."""
LARGEST = 40_000_000
"""Pixels of a picture that is looked at: an A4 page at 600 dots an inch has 35 million."""
SMALLEST = 400
"""Pixels of the longer side below which nothing can be read."""


class NotAPicture(ValueError):
    """Nothing to look at. `why`: `broken`, `too_many_pages`, `too_large`, `too_small`, `no_picture`."""

    def __init__(self, why: str):
        self.why = why
        super().__init__(why)


def pictures(content: bytes) -> Iterator[Picture]:
    """The pages of a file as pictures. Raises NotAPicture."""
    if content.startswith(b"%PDF"):
        yield from _pages(content)
    else:
        yield _picture(content)


def _pages(content: bytes) -> Iterator[Picture]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        pages = PdfReader(io.BytesIO(content)).pages
        if len(pages) > MOST_PAGES:
            raise NotAPicture("too_many_pages")
        found = [image.data for page in pages for image in page.images]
    except (PyPdfError, KeyError, OSError, RecursionError, TypeError, AttributeError) as error:
        raise NotAPicture("broken") from error
    if not found:
        raise NotAPicture("no_picture")
    for data in found[:MOST_PAGES]:
        yield _picture(data)


def _picture(content: bytes) -> Picture:
    try:
        opened = Image.open(io.BytesIO(content))
        if opened.width * opened.height > LARGEST:
            raise NotAPicture("too_large")
        if max(opened.size) < SMALLEST:
            raise NotAPicture("too_small")
        # a phone writes into the file how it was held
        return np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPicture("broken") from error


def without_red(picture: Picture) -> Plane:
    """Grey, where the red ink of stamps is as light as paper, and black and blue ink stay dark."""
    red = picture[:, :, 0]
    more = cv2.subtract(red, cv2.max(picture[:, :, 1], picture[:, :, 2]))
    return cv2.addWeighted(red, 1.0, more, 0.6, 0)


def darkness(grey: Plane) -> Plane:
    """0 for paper, 255 for ink, whatever light and shadow lie on the sheet."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 21)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    light = cv2.divide(grey, paper, scale=255)
    ink = 255 - light
    full = max(60.0, float(np.percentile(ink[::4, ::4], 99.5)))
    return cv2.convertScaleAbs(np.maximum(ink.astype(np.int16) - 12, 0), alpha=255 / (full - 12))
