"""A sheet is laid flat from however it was scanned or photographed."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from yakuba.assistant.reading import align, pictures, practice
from yakuba.assistant.reading.layout import MARK, MARKS, QR

CODE = "YAKUBA:394262:CHILD-ALLOWANCE:7873D3538E7DFBB4:JA:1:N3:F2CDB6"
DOT = (60.0, 150.0)
"""A dot somewhere on the sheet, mm: where it is found again tells how well the sheet lies."""


def sheet(*marks: tuple[float, float]) -> pictures.Picture:
    """A page with squares in its corners, the QR picture, and a dot."""
    page = np.full((align.SIZE[1], align.SIZE[0], 3), 250, np.uint8)
    for x, y in marks:
        (x0, y0), (x1, y1) = (((x + d) * align.SCALE, (y + d) * align.SCALE) for d in (-MARK / 2, MARK / 2))
        cv2.rectangle(page, (round(x0), round(y0)), (round(x1), round(y1)), (0, 0, 0), cv2.FILLED)
    code = zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = np.pad(np.asarray(code.to_image(scale=1, add_quiet_zones=False)), 1, constant_values=255)
    side = round(QR[2] * align.SCALE)
    left, top = round(QR[0] * align.SCALE), round(QR[1] * align.SCALE)
    page[top : top + side, left : left + side] = cv2.resize(
        drawn, (side, side), interpolation=cv2.INTER_NEAREST
    )[..., None]
    cv2.circle(page, tuple(round(one * align.SCALE) for one in DOT), 6, (0, 0, 0), cv2.FILLED)
    return page


def dot(flat: pictures.Plane) -> np.ndarray:
    """Where the dot lies, mm."""
    x, y = (round(one * align.SCALE) for one in DOT)
    around = 255 - flat[y - 40 : y + 40, x - 40 : x + 40].astype(float)
    around[around < 100] = 0
    rows, columns = np.mgrid[-40:40, -40:40]
    return np.array([(columns * around).sum(), (rows * around).sum()]) / around.sum() / align.SCALE


@given(st.integers(0, 10**6), st.sampled_from(sorted(practice.WAYS)), st.integers(0, 3))
@settings(max_examples=3, deadline=None, derandomize=True)
def test_a_sheet_lies_flat_within_two_millimetres_from_any_scan_or_photo_and_any_way_round(seed, way, turns):
    picture = np.ascontiguousarray(np.rot90(practice.WAYS[way](sheet(*MARKS), Random(seed)), turns))
    grey = pictures.without_red(picture)
    (code,) = align.codes(grey)
    assert code.text == CODE
    assert np.abs(dot(align.flat(grey, code))).max() < align.SHIFT


def test_a_sheet_with_one_corner_cut_off_is_laid_flat_all_the_same():
    grey = pictures.without_red(sheet(*MARKS[1:]))
    (code,) = align.codes(grey)
    assert np.abs(dot(align.flat(grey, code))).max() < align.SHIFT


def test_a_sheet_without_its_corners_is_not_guessed_at():
    grey = pictures.without_red(sheet(*MARKS[2:]))
    (code,) = align.codes(grey)
    with pytest.raises(align.NotAligned):
        align.flat(grey, code)


def test_the_red_ink_of_a_stamp_is_as_light_as_paper_and_a_blue_pen_stays_dark():
    page = np.full((400, 400, 3), 245, np.uint8)
    page[50:150, 50:150] = practice.RED
    page[200:230, 200:230] = (20, 30, 95)
    dark = pictures.darkness(pictures.without_red(page))
    assert dark[60:140, 60:140].max() < 60
    assert dark[205:225, 205:225].min() > 150
