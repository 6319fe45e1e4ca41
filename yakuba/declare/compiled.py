"""A catalogue that was read once is kept as one file beside the data: reading a thousand services' YAML takes a minute,
reading this a second.

It is kept under the digest of everything it was read from, the reading code included, so it is never older than its
sources. Faults need the places of the text and are found by reading the text itself: what is kept has none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson


def digest(root: Path) -> str:
    """Of all declared files below `root` with their names, and of the code that reads them; after the folder's own."""
    seen = hashlib.sha256(_code())
    for path in sorted(root.rglob("*.yaml")):
        content = path.read_bytes()
        seen.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
        seen.update(content)
    return f"{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:8]}-{seen.hexdigest()}"


@cache
def _code() -> bytes:
    """The digest of this package and of the conditions it compiles."""
    here = Path(__file__).parent
    files = sorted([*here.glob("*.py"), *(here.parent / "conditions").glob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).digest()


def kept(folder: Path, key: str) -> Mapping[str, Any] | None:
    """What was kept under the digest; None where nothing was, or it cannot be read."""
    try:
        return orjson.loads((folder / f"{key}.json").read_bytes())
    except (OSError, ValueError):
        return None


def keep(folder: Path, key: str, parts: Mapping[str, Any]) -> None:
    """Keep it in place of what was kept of that folder before. Whoever reads meanwhile finds the old or the new, never half
    of it; a folder that cannot be written to keeps nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{key.split('-')[0]}-*.json"):
            old.unlink(missing_ok=True)
        unfinished = folder / f"{key}.{os.getpid()}"
        unfinished.write_bytes(orjson.dumps(parts))
        unfinished.replace(folder / f"{key}.json")
    except OSError:
        return
