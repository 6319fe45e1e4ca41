"""The rooms and what they import, drawn from the code into docs/architecture.md.

.venv/bin/python -m tests.docs.rooms
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
FROM, TO = "<!-- drawn by tests/docs/rooms.py -->", "<!-- end of the drawing -->"
Imports = dict[str, set[str]]


@cache
def imports() -> Imports:
    """Of each room, from the uppermost down: the rooms that its modules import."""
    graph = grimp.build_graph("yakuba", cache_dir=None)
    rooms = {one.parent.name for one in (ROOT / "yakuba").glob("*/__init__.py")}
    found: Imports = {room: set() for room in rooms}
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            room, theirs = (name.partition(".")[2].split(".")[0] for name in (module, other))
            if room in rooms and theirs in rooms and room != theirs:
                found[room].add(theirs)
    return {room: found[room] for room in sorted(rooms, key=lambda room: (-_depth(room, found), room))}


def _depth(room: str, found: Imports) -> int:
    """How many rooms stand below one another beneath a room. Raises RecursionError where they go in a circle."""
    return 1 + max((_depth(other, found) for other in found[room]), default=-1)


def _below(room: str) -> set[str]:
    """Everything that a room imports, itself or by others."""
    direct = imports()[room]
    return direct.union(*(_below(other) for other in direct))


def arrows() -> list[tuple[str, str]]:
    """The imports from which all others follow: without those that a room has by another that it imports."""
    return [
        (room, other)
        for room, theirs in imports().items()
        for other in imports()
        if other in theirs and not any(other in _below(between) for between in theirs)
    ]


def drawn() -> str:
    """The drawing: a graph of what follows from nothing else, and a table of all imports."""
    graph = ["```mermaid", "flowchart TD", *(f"  {room} --> {other}" for room, other in arrows()), "```"]
    rooms = list(imports())
    columns = [room for room in rooms if any(room in theirs for theirs in imports().values())]
    table = [
        f"| imports | {' | '.join(columns)} |",
        f"|---|{':-:|' * len(columns)}",
        *(
            f"| **{room}** | {' | '.join('●' if other in imports()[room] else '' for other in columns)} |"
            for room in rooms
        ),
    ]
    return "\n".join([*graph, "", *table])


def kept() -> str:
    """The drawing that the page has now."""
    return PAGE.read_text("utf-8").split(FROM)[1].split(TO)[0].strip()


def draw() -> None:
    """Put the drawing into the page."""
    page = PAGE.read_text("utf-8")
    PAGE.write_text(re.sub(f"{FROM}.*{TO}", lambda _: f"{FROM}\n{drawn()}\n{TO}", page, flags=re.DOTALL))


if __name__ == "__main__":
    draw()
