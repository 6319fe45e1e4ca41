"""Forms of the small catalogue, filled in by a made-up hand and brought in as a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping
from random import Random

import numpy as np
from PIL import Image

from tests.conftest import TOWN
from yakuba.assistant.reading import align, practice
from yakuba.assistant.reading.practice import Hand, Writer
from yakuba.channels import paper
from yakuba.channels.paper import printed, trial
from yakuba.declare import Service

Said = Mapping[str, str]
"""By name of the answer: the text, each sign of it in a box of its own; or the choice that is ticked."""


def page(
    service: Service, number: int, said: Said, *, hand: Hand | None = None, language: str = "ja"
) -> np.ndarray:
    """A page of the form, counted from 1, with this written on it; dates as `era year month day`."""
    form = paper.Form(service, TOWN, "山あい町", language)
    empty = np.asarray(Image.open(io.BytesIO(printed.pictures(form, align.DOTS)[number - 1])).convert("RGB"))
    writer = Writer(empty, align.SCALE, hand or trial.hands()[1][0], Random(7))
    for place in printed.layout_of(form).on(number):
        if place.name not in said:
            continue
        text = said[place.name]
        if place.kind in ("date", "past_date"):
            era, year, month, day = text.split()
            signs = [*year.rjust(4), *month.rjust(2), *day.rjust(2)]
            writer.fill(place, signs, place.choices.index(era))
        elif place.choices:
            writer.fill(place, [], place.choices.index(text))
        else:
            writer.fill(place, [text] if place.kind in practice.LINES else list(text))
    return writer.page


def packed(*pages: np.ndarray, kind: str = "PNG") -> bytes:
    """Pages as one file."""
    first, *rest = [Image.fromarray(one) for one in pages]
    made = io.BytesIO()
    more = {"save_all": True, "append_images": rest} if kind == "PDF" else {}
    first.save(made, kind, **more)
    return made.getvalue()


def page_of(service: Service, name: str) -> int:
    """On which page of the form an answer stands."""
    places = printed.layout_of(paper.Form(service, TOWN, "", "ja")).places
    return next(one.page for one in places if one.name == name)
