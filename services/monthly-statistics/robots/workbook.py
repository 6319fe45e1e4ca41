"""The month before, counted from the case log into a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from yakuba import clock
from yakuba.cases import catalogue, figures
from yakuba.robots.collecting import Found
from yakuba.robots.driver import Picture
from yakuba.robots.player import Item, Played, Player
from yakuba.words import ui

WIDTH = 18


def months(address: str, as_of: datetime) -> Iterator[Found]:
    """The month before this one, once there were cases."""
    month = (clock.in_tokyo(as_of).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    if figures.any_until(month):
        yield Found(f"{month:%Y-%m}", {"period": {"month": f"{month:%Y-%m}"}})


def workbook(player: Player, item: Item, played: Played) -> None:
    """Keep the workbook with the case."""
    month = datetime.strptime(item.values["month"].text, "%Y-%m").date()
    found = figures.of_month(month, as_of=clock.now())
    book = Workbook()
    book.remove(book.active)
    _sheet(
        book,
        "受付",
        ("手続", "経路", "件数"),
        [(_service(s), ui(f"desk.channel_{channel}", "ja"), n) for s, channel, n in found.opened],
    )
    _sheet(
        book,
        "決定と日数",
        ("手続", "結果", "件数", "日数の中央値", "日数の95%点"),
        [(_service(s), *rest) for s, *rest in found.closed],
    )
    _sheet(
        book,
        "作業",
        (
            "手続",
            "作業",
            "担当",
            "終わった件数",
            "期限を過ぎて終わった件数",
            "いま残る件数",
            "いま期限を過ぎた件数",
        ),
        [(_service(s), _step(s, step), *rest) for s, step, *rest in found.tasks],
    )
    written = io.BytesIO()
    book.save(written)
    played.files.append(Picture(written.getvalue(), f"statistics-{month:%Y-%m}.xlsx"))


def _sheet(book: Workbook, title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet: Worksheet = book.create_sheet(title)
    sheet.append(heads)
    for row in rows:
        sheet.append(row)
    for number, cell in enumerate(sheet[1], start=1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    sheet.freeze_panes = "A2"


def _service(service: str) -> str:
    declared = catalogue.current().services.get(service)
    return declared.name.ja if declared else service


def _step(service: str, step: str) -> str:
    declared = catalogue.current().services.get(service)
    names = {one.id: one.name for one in declared.steps} if declared else {}
    name = names.get(step)
    return name.ja if name else step
