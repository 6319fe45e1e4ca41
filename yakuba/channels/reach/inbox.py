"""Fax and post: what a fax machine or a scanner puts into a folder becomes a case each, with the picture as it came.

    VAR/paper/CODE/fax/…    files of a fax server or a machine (PDF, TIFF), as they arrive
    VAR/paper/CODE/post/…   scans of letters

A file is taken once it has been left alone for `STILL`, and removed when its case is there; the same picture again is the same case
while that is open. One that cannot be opened is a case, too: somebody has sent it.
"""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from PIL import Image, ImageSequence

from yakuba.access import SYSTEM, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, documents, scanning
from yakuba.cases import queries as case_queries
from yakuba.channels import paper
from yakuba.command_line import var_folder

logger = logging.getLogger(__name__)
SERVICE, STEP = "paper-intake", "key-in"
PAPER, ORIGINAL = "paper", "original"
"""What the files of a case are for: what can be opened, and what came where that is something else."""
CAME_BY = ("fax", "post")
STILL = timedelta(seconds=20)
"""So long a file must have been left alone: until then a machine may still write it."""
MOST_PAGES = 100
"""Pages of one fax."""
LARGEST = 100 * 2**20
"""Bytes of a file that is read at all."""
TIFF = (b"II*\0", b"MM\0*")
_NUMBER = re.compile(r"(?<!\d)0\d{1,4}-?\d{1,4}-?\d{3,4}(?!\d)")
_REFERENCE = re.compile(r"(?<!\d)(\d{4}-\d{4}-\d{4})(?!\d)")


def folder() -> Path:
    """Where machines put what came by fax or post, by town and way."""
    return var_folder() / "paper"


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken in: its name, the case's reference number, and whether that is new."""

    file: str
    reference: str
    new: bool


def look_through(town: str, *, as_of: datetime) -> Iterator[Taken]:
    """Take in what lies in the folders of a town. A file that cannot be taken now stays where it is."""
    for came_by in CAME_BY:
        for file in _files(folder() / town / came_by):
            try:
                if _is_whole(file, as_of):
                    yield _taken(town, came_by, file, as_of)
            except (OSError, documents.Refused) as error:
                logger.warning("%s of %s stays in the folder: %s", file.name, town, error)
            except Exception:  # whatever is the matter with one paper, the others are taken in
                logger.exception("%s of %s stays in the folder", file.name, town)


def _files(where: Path) -> list[Path]:
    """What lies in a folder; nothing where there is none, or none that can be looked into."""
    try:
        return sorted(where.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        logger.warning("nothing is taken in from %s: %s", where, error)
        return []


def _is_whole(file: Path, as_of: datetime) -> bool:
    """Is it a paper that nobody writes any more? Raises OSError where it is gone meanwhile."""
    if file.is_symlink() or not file.is_file() or file.name.startswith("."):
        return False
    return as_of.timestamp() - file.stat().st_mtime >= STILL.total_seconds()


def _taken(town: str, came_by: str, file: Path, as_of: datetime) -> Taken:
    """One file. Raises OSError, documents.Refused where the virus scanner does not answer."""
    if file.stat().st_size > LARGEST:
        raise OSError(f"{file.name} is larger than {LARGEST // 2**20} MB")
    content = file.read_bytes()
    with towns.inside(town):
        taken = take_in(content, _text(file.name), came_by, as_of=as_of)
    file.unlink()
    return taken


def take_in(content: bytes, name: str, came_by: str, *, as_of: datetime) -> Taken:
    """A paper becomes a case, with a picture that can be opened and, where that is not what came, what came. The same content is the same
    case as long as that one is open: who was asked to send it again may send the same. Raises documents.Refused where the virus scanner does not answer."""
    key = f"{SERVICE}:{documents.sha256(content)}"
    town = towns.current_town()
    with transaction.atomic():
        before = case_queries.begun_with(key)
        if (known := before.filter(closed_at=None).first()) is not None:
            return Taken(name, known.reference, new=False)
        facts: dict[str, object] = {"came_by": came_by, "file": documents.safe_name(name)[:200]}
        if sender := _sender(name):
            facts["sender"] = sender
        kept = []
        try:
            shown, called = readable(content, name)
            kept.append((cases.store_document(shown, name=called, origin="scan", as_of=as_of).id, PAPER))
            facts |= _seen(shown, town)
        except documents.Refused as refused:
            if isinstance(refused.__cause__, scanning.NotScanned):
                raise
            facts["wrong"] = refused.text.ja[:1000]
        if not kept or shown is not content:
            kept.append((cases.store_evidence(content, name=name, as_of=as_of).id, ORIGINAL))
        case = cases.open_case(
            catalogue.service(SERVICE), {"paper": facts}, channel="paper", by=SYSTEM(town), as_of=as_of, key=f"{key}:{before.count()}", documents=kept
        )  # fmt: skip
    return Taken(name, case.reference, new=True)


def _text(name: str) -> str:
    """The name of a file that a machine may have written in another encoding, as one that can be kept."""
    return os.fsencode(name).decode(errors="replace")


def _sender(name: str) -> str:
    """The number that a fax machine has put into the name of its file; empty where there is none.

    >>> _sender("20261129-0880-22-1234.tif"), _sender("scan 0880221234 p1.pdf"), _sender("20261129.tif")
    ('0880221234', '0880221234', '')
    """
    found = (one[0].replace("-", "") for one in _NUMBER.finditer(name))
    return next((digits for digits in found if len(digits) in (10, 11)), "")


def _seen(content: bytes, town: str) -> dict[str, object]:
    """What the codes on a paper say: which form it is, and for which case."""
    codes = list(paper.codes(content))
    seen = paper.form_of(codes)
    found: dict[str, object] = {"pages": paper.page_count(content)}
    if seen is not None and seen.town == town and seen.service in catalogue.offered():
        found["form"] = seen.service
    named = {one[1] for code in codes if (one := _REFERENCE.search(code))}
    if len(named) == 1:
        found["reference"] = named.pop()
    return found


def readable(content: bytes, name: str) -> tuple[bytes, str]:
    """A file that browsers show, and its name: a fax in TIFF as PDF, its lines as wide as they are high (a fax has twice as many dots
    across as down: ITU-T T.4). Raises documents.Refused for a TIFF that cannot be opened."""
    if not content.startswith(TIFF):
        return content, name
    try:
        with Image.open(io.BytesIO(content)) as picture:
            pages = [
                _square(one)
                for one, _ in zip(ImageSequence.Iterator(picture), range(MOST_PAGES), strict=False)
            ]
        made = io.BytesIO()
        pages[0].save(made, "PDF", save_all=True, append_images=pages[1:], resolution=200.0)
    except Exception as error:
        raise documents.Refused(documents.broken(name)) from error
    return made.getvalue(), f"{name.rsplit('.', 1)[0]}.pdf"


def _square(page: Image.Image) -> Image.Image:
    if page.width * page.height > documents.MAX_PIXELS:
        raise ValueError("too large")
    across, down = (float(one) for one in page.info.get("dpi", (1, 1)))
    whole = page.convert("L")
    if down and across / down > 1.5:
        whole = whole.resize((whole.width, round(whole.height * across / down)))
    return whole.convert("1") if page.mode == "1" else whole
