"""The CSV file that places are taken in from: one row a place, each with its round.

Columns: round, round_name_ja, round_name_easy, round_name_en, opens, closes (may be empty), code, name_ja, name_easy,
name_en, kind (may be empty), starts, ends (may be empty), capacity. Times as 2026-12-01 09:00, Asia/Tokyo. UTF-8, with
its mark or without, or CP932 as Excel writes it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from yakuba.booking.actions import NewPlace
from yakuba.booking.errors import Unreadable
from yakuba.clock import TOKYO
from yakuba.register.tables import UnreadableTable, decoded
from yakuba.words import Text
from yakuba.words.text import Words

MOST = 20
"""So many wrong rows are said; who mends these sees the others next."""


def _moment(said: Any) -> datetime | None:
    text = str(said or "").strip()
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO) if text else None


Moment = Annotated[datetime, BeforeValidator(_moment)]
MaybeMoment = Annotated[datetime | None, BeforeValidator(_moment)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")]


class Row(BaseModel):
    """One row of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    round: Code
    round_name_ja: Words
    round_name_easy: Words
    round_name_en: Words
    opens: Moment
    closes: MaybeMoment = None
    code: Code
    name_ja: Words
    name_easy: Words
    name_en: Words
    kind: str = ""
    starts: MaybeMoment = None
    ends: MaybeMoment = None
    capacity: Annotated[int, Field(ge=1, le=100_000)]

    @property
    def round_name(self) -> Text:
        return Text(ja=self.round_name_ja, easy=self.round_name_easy, en=self.round_name_en)

    @property
    def place(self) -> NewPlace:
        name = Text(ja=self.name_ja, easy=self.name_easy, en=self.name_en)
        return NewPlace(self.code, name, self.capacity, self.kind, self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class FileRound:
    """One round of the file with its places."""

    code: str
    name: Text
    opens: datetime
    closes: datetime | None
    places: Sequence[NewPlace]


def read(content: bytes) -> list[FileRound]:
    """The rounds of a file. Raises Unreadable with every row that is wrong; then nothing is taken in."""
    try:
        text = decoded(content)
    except UnreadableTable as error:
        raise Unreadable([f"{error.line}: UTF-8? CP932?"]) from error
    rows, wrong = list[Row](), list[str]()
    for number, said in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        try:
            rows.append(_row(said))
        except ValidationError as error:
            first = error.errors()[0]
            wrong.append(f"{number}: {'.'.join(map(str, first['loc']))} — {first['msg']}")
    wrong += [f"{code}: 2 ×" for code in _twice([row.code for row in rows])]
    if wrong or not rows:
        raise Unreadable(wrong[:MOST] or ["0"])
    rounds: dict[str, list[Row]] = {}
    for row in rows:
        rounds.setdefault(row.round, []).append(row)
    return [
        FileRound(code, of[0].round_name, of[0].opens, of[0].closes, [row.place for row in of])
        for code, of in rounds.items()
    ]


def _row(said: Mapping[Any, Any]) -> Row:
    return Row.model_validate({str(name): value for name, value in said.items()})


def _twice(codes: Sequence[str]) -> list[str]:
    return sorted({code for code in codes if codes.count(code) > 1})
