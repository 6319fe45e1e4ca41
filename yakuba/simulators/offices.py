"""What other offices and residents leave for the town hall, to practise with: tax data as a file, papers by mail."""

from __future__ import annotations

import csv
import io
import mailbox
from collections.abc import Iterable
from datetime import date
from email.message import EmailMessage
from pathlib import Path

from PIL import Image, ImageDraw

ENCODING = "cp932"
HEADS = ("氏名カナ", "生年月日", "所得年", "合計所得金額", "扶養親族等の数")
TaxRow = tuple[str, date, int, int, int]
"""Kana, birth date, the income's year, total income in JPY, dependants."""


def leave_tax_data(folder: Path, on: date, rows: Iterable[TaxRow]) -> Path:
    """The tax office's file of the night before `on`; whoever looks meanwhile sees no half of it."""
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(HEADS)
    lines.writerows((kana, f"{born:%Y/%m/%d}", *rest) for kana, born, *rest in rows)
    file = folder / f"課税データ{on:%Y%m%d}.csv"
    arriving = file.with_suffix(".part")
    arriving.write_bytes(written.getvalue().encode(ENCODING))
    return arriving.rename(file)


def deliver(box: Path, *, sender: str, subject: str, text: str, paper: str, number: str) -> None:
    """A mail with a photographed paper that says `paper`, as the mail server puts it into the town's Maildir. `number`: the
    same mail has the same one, and arrives as the same bytes."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "madoguchi@town.example.jp", subject
    message["Message-ID"] = f"<{number}@mail.example.jp>"
    message.set_content(text)
    message.add_attachment(_photo(paper), maintype="image", subtype="png", filename="photo.png")
    message.set_boundary(f"=={number}==")
    mailbox.Maildir(box, create=True).add(message.as_bytes())


def _photo(paper: str) -> bytes:
    picture = Image.new("RGB", (480, 320), "white")
    ImageDraw.Draw(picture).multiline_text((24, 24), paper, fill="black")
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
