"""A town whose assistant knows three answers, and one for its staff."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from yakuba.access import PUBLIC
from yakuba.assistant import library
from yakuba.assistant.knowledge import Entry, Source
from yakuba.clock import TOKYO

NOON = datetime(2026, 11, 27, 12, tzinfo=TOKYO)


def entry(id: str, question: str, answer: str, **more) -> Entry:
    """An answer of the town's own; in Japanese only, where nothing else is given."""
    source = Source("faq", question, "/394262/", date(2026, 4, 1), "住民課")
    return Entry(id, {"ja": question}, {"ja": answer}, source, **more)


WASTE = entry(
    "faq:waste",
    "粗大ごみはどうやって出しますか",
    "電話で申し込み、1個500円のシールを貼って出します。",
    others=("粗大ごみの出し方",),
)
DOG = entry("faq:dog", "犬を飼ったらどうしますか", "30日以内に登録してください。")
ALLOWANCE = entry(
    "faq:allowance",
    "児童手当とは何ですか",
    "高校生年代までの子どもを育てる人に払われます。",
    service="child-allowance",
    others=("児童手当はもらえますか",),
)
PRINTER = entry("manual:printer", "複合機の紙詰まりの直し方", "右のふたを開けます。", audience="staff")
KNOWN = (WASTE, DOG, ALLOWANCE, PRINTER)


@pytest.fixture
def shelf(in_town, monkeypatch: pytest.MonkeyPatch):
    """The assistant of the town knows `KNOWN`, what the town writes, and nothing else."""
    shelves = {"known": library.Shelf(lambda: "", lambda: KNOWN), "written": library._SHELVES["written"]}
    monkeypatch.setattr(library, "_SHELVES", shelves)
    library._of.cache_clear()
    yield
    library._of.cache_clear()


@pytest.fixture
def somebody(in_town):
    """A visitor who has not said who they are."""
    return PUBLIC(in_town)
