"""An old file: its columns, its rows, and how the vendor's system puts them into bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from yakuba.simulators.old_systems.town import Home, Record, Resident

Of = Resident | Home | None


@dataclass(frozen=True, slots=True)
class Column:
    """`write` gives the cell of a row of the standard."""

    head: str
    write: Callable[[Record], str]


@dataclass(slots=True, eq=False)
class Row:
    """One line of a file. `meant`: what it is in the items of the standard; `of`: whose it is.

    `spoilt`: bytes that stand there in the place of what the cells would give. `used`: an error is planted in it, or beside.
    """

    cells: list[str]
    meant: Record
    of: Of = None
    used: bool = False
    spoilt: bytes | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """How a system writes: `encoding`, and between cells `delimiter`; quoted `always` or only where it must be; `widths` in
    bytes where columns have no delimiter, and no heads then."""

    encoding: str
    delimiter: str = ","
    always: bool = False
    mark: bytes = b""
    widths: Sequence[int] = ()

    def line(self, cells: Sequence[str]) -> bytes:
        if self.widths:
            padded = [self._padded(cell, width) for cell, width in zip(cells, self.widths, strict=True)]
            return b"".join(padded) + b"\r\n"
        return (self.delimiter.join(map(self._quoted, cells)) + "\r\n").encode(self.encoding)

    def _padded(self, cell: str, width: int) -> bytes:
        written = cell.encode(self.encoding)
        if len(written) > width:
            raise ValueError(f"{cell} has {len(written)} bytes and no room in {width}")
        return written.ljust(width)

    def _quoted(self, cell: str) -> str:
        needed = self.always or any(one in cell for one in (self.delimiter, '"', "\r", "\n"))
        return '"' + cell.replace('"', '""') + '"' if needed else cell


@dataclass(slots=True)
class OldFile:
    """One file of a vendor, for one group of an operation."""

    name: str
    operation: str
    group: str
    writing: Writing
    columns: Sequence[Column]
    rows: list[Row] = field(default_factory=list)

    def add(self, meant: Record, of: Of) -> None:
        """A row that is as it should be."""
        self.rows.append(Row([column.write(meant) for column in self.columns], meant, of))

    @property
    def heads(self) -> list[str]:
        return [column.head for column in self.columns]

    def place(self, head: str) -> int:
        return self.heads.index(head)

    def lines(self) -> Iterator[tuple[Row, int]]:
        """Each row with the line on which it stands, from 1."""
        return ((row, line) for line, row in enumerate(self.rows, start=1 if self.writing.widths else 2))

    def content(self) -> bytes:
        lines = (self.writing.line(row.cells) if row.spoilt is None else row.spoilt for row in self.rows)
        return self.writing.mark + b"".join([*self._head_line(), *lines])

    def _head_line(self) -> Iterable[bytes]:
        return [] if self.writing.widths else [self.writing.line(self.heads)]
