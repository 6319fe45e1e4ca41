"""A folder in which other offices leave files, as screens: the folder lists its files, a table shows its rows.

CSV (in the system's encoding, or UTF-8 with its mark), Excel workbooks (the first sheet) and the text of PDF.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property
from html import escape
from pathlib import Path

from yakuba.register import tables
from yakuba.robots.driver import Picture, Still
from yakuba.robots.errors import NoAnswer, NotOnScreen, UnreadableFile
from yakuba.robots.screen import LINK, Element, Screen, plain, said


class Folder(Screen):
    """The names of the files, to be opened; a pattern (`課税*.csv`) means the newest that it fits."""

    def __init__(self, path: Path):
        super().__init__("")
        self.path = path

    @cached_property
    def pressables(self) -> list[Element]:
        return [Element(0, name, LINK, "file", name, leads_on=True) for name in self._names()]

    def saying(self, label: str) -> list[Element]:
        fitting = [one for one in self.pressables if fnmatchcase(one.label, label)]
        newest = sorted(fitting, key=lambda one: ((self.path / one.path).stat().st_mtime_ns, one.path))
        return [replace(one, label=label) for one in newest[-1:]]

    def _names(self) -> list[str]:
        try:
            return sorted(one.name for one in self.path.iterdir() if one.is_file())
        except OSError as error:
            raise NoAnswer(f"{self.path}: {error.strerror}") from error


class Table(Screen):
    """Rows under heads. Looking for a row costs the same however many there are."""

    def __init__(self, name: str, heads: Sequence[str], body: Sequence[Sequence[str]]):
        super().__init__(f"<html><title>{escape(name)}</title></html>")
        self.heads = [plain(head) for head in heads]
        self._body = body
        self._found: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = {}

    @cached_property
    def text(self) -> str:
        return " ".join([self.title, *self.heads, f"{len(self._body)}件"])

    def rows(self) -> Iterator[dict[str, str]]:
        return (self._row(number) for number in range(len(self._body)))

    def matching(self, wanted: Mapping[str, str]) -> list[dict[str, str]]:
        """Raises NotOnScreen for a column that is not there."""
        labels = tuple(wanted)
        if labels not in self._found:
            columns = [self._column(label) for label in labels]
            index: dict[tuple[str, ...], list[int]] = {}
            for number, row in enumerate(self._body):
                index.setdefault(tuple(row[column] for column in columns), []).append(number)
            self._found[labels] = index
        return [self._row(number) for number in self._found[labels].get(tuple(wanted.values()), [])]

    def _column(self, label: str) -> int:
        if label not in self.heads:
            raise NotOnScreen("column", label, self.heads, 0)
        return self.heads.index(label)

    def _row(self, number: int) -> dict[str, str]:
        return dict(zip(self.heads, self._body[number], strict=True))


class FilesDriver(Still):
    """A folder of files. What is read is kept until the file changes."""

    def __init__(self, encoding: str):
        self._encoding = encoding
        self._folder = Path()
        self._shown: Screen | None = None
        self._read: dict[Path, tuple[int, Screen]] = {}

    def go(self, address: str) -> None:
        self._folder, self._shown = Path(address), None

    def screens(self) -> Sequence[Screen]:
        return [Folder(self._folder), *([self._shown] if self._shown else [])]

    def press(self, element: Element) -> None:
        path = self._folder / element.path
        try:
            changed = path.stat().st_mtime_ns
            if self._read.get(path, (None,))[0] != changed:
                self._read[path] = changed, read(path, self._encoding)
        except OSError as error:
            raise NoAnswer(f"{path.name}: {error.strerror}") from error
        self._shown = self._read[path][1]

    def download(self, element: Element) -> Picture:
        path = self._folder / element.path
        return Picture(path.read_bytes(), path.name)

    put = would_send = Still._none

    def picture(self, covered: Sequence[str]) -> Picture:
        shown = (
            self._shown.text
            if self._shown
            else " ".join(one.label for one in Folder(self._folder).pressables)
        )
        return Picture(shown.encode(), "screen.txt")


def read(path: Path, encoding: str) -> Screen:
    """A file as a screen. Raises UnreadableFile, OSError."""
    content = path.read_bytes()
    readers: Mapping[str, Callable[[], Screen]] = {
        ".csv": lambda: _shown(path.name, lambda: tables.read_csv(content, encoding)),
        ".xlsx": lambda: _shown(path.name, lambda: tables.read_workbook(content)),
        ".pdf": lambda: _pdf(path.name, content),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFile(path.name, f"CSV・Excel（xlsx）・PDF ではありません（{path.suffix or 'なし'}）")
    return reader()


def _shown(name: str, read: Callable[[], tables.Table]) -> Table:
    try:
        table = read()
    except tables.UnreadableTable as error:
        raise UnreadableFile(name, error.reason) from error
    return Table(name, table.heads, [[said(value) for value in row] for row in table.rows])


def _pdf(name: str, content: bytes) -> Screen:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    except (PyPdfError, ValueError, KeyError) as error:
        raise UnreadableFile(name, "PDF として開けません") from error
    text = "\n".join(pages)
    return Screen(f"<html><title>{escape(name)}</title><body><pre>{escape(text)}</pre></body></html>")
