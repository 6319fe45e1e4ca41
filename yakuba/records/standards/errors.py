"""What is wrong with the files of a definition."""

from __future__ import annotations


class FaultyDefinition(Exception):
    """A definition cannot be used. `file`: which file; `line`: its line, from 1, where one is at fault."""

    def __init__(self, problem: str, file: str = "", line: int | None = None):
        self.file, self.line = file, line
        where = f"{file}, line {line}: " if line else f"{file}: " if file else ""
        super().__init__(f"{where}{problem}")
