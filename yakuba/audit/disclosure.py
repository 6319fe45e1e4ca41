"""The list that somebody gets who asks who looked at their data (開示): as a letter's PDF, or as a table (CSV).

Source: 個人情報の保護に関する法律 第76条 (開示請求権)、第78条 (保有個人情報の開示義務)、第87条 (開示の実施).
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Sequence
from datetime import datetime

from yakuba.access import Worker
from yakuba.audit import looks, papers
from yakuba.clock import in_tokyo, say_date, say_datetime
from yakuba.messages.actions import town_sender
from yakuba.register import queries as register
from yakuba.words import ui
from yakuba.words.formulas import guarded

COLUMNS = ("when", "who", "what", "case", "why", "where")
WIDTHS = (0, 3, 4, 0, 4, 2)


class Nobody(LookupError):
    """The register does not know the person."""

    def __init__(self, person: str):
        super().__init__(f"the register of this town knows nobody of the id {person}")


def pdf(
    person: uuid.UUID,
    *,
    by: Worker,
    as_of: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    language: str = "ja",
) -> bytes:
    """The list as a paper of the town. Raises access.Denied, Nobody, looks.TooMuch."""
    found = register.person(person)
    if found is None:
        raise Nobody(str(person))
    entries = looks.every(person, by=by, since=since, until=until)
    heads, *rows = _table(entries, language)
    span = ui(
        "looks.span",
        language,
        since=say_date(in_tokyo(since).date(), language)
        if since
        else ui("looks.from_the_beginning", language),
        until=say_datetime(until or as_of, language),
    )
    made = papers.Paper(
        language=language,
        title=ui("looks.paper_title", language),
        on=in_tokyo(as_of).date(),
        name=ui("looks.paper_name", language, name=found.name),
        lead=[ui("looks.paper_lead", language), span],
        heads=heads,
        widths=WIDTHS,
        rows=rows,
        none=ui("looks.none", language),
        after=[ui("looks.not_in_it", language), ui("looks.names", language)],
        wide=True,
    )
    return papers.pdf(made, town_sender())


def table(
    person: uuid.UUID,
    *,
    by: Worker,
    since: datetime | None = None,
    until: datetime | None = None,
    language: str = "ja",
) -> bytes:
    """The list as CSV, in UTF-8 with the mark by which spreadsheets know it. Raises access.Denied, Nobody, looks.TooMuch."""
    if register.person(person) is None:
        raise Nobody(str(person))
    entries = looks.every(person, by=by, since=since, until=until)
    return written(_table(entries, language))


def _table(entries: Sequence[looks.Entry], language: str) -> list[list[str]]:
    heads = [ui(f"looks.column_{column}", language) for column in COLUMNS]
    return [heads, *(looks.said(entry, language) for entry in entries)]


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as CSV. A cell that a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    csv.writer(out).writerows([[guarded(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")
