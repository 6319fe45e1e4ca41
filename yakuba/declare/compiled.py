"""A catalogue that was read once is kept as one file beside the data: reading a thousand services' YAML takes a minute,
reading this a second.

It is kept under the digest of everything it was read from, the reading code included, so it is never older than its
sources. Faults need the places of the text and are found by reading the text itself: what is kept has none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from yakuba.declare.model import Example, Plan, Vocabulary
from yakuba.declare.robot import RobotFile, SystemFile
from yakuba.declare.service import Service

Build = Callable[[str], Service]


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
    """Keep it in place of what was kept of that folder before. Whoever reads meanwhile finds the old or the new, never half of it; a
    folder that cannot be written to keeps nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{key.split('-')[0]}-*.json"):
            old.unlink(missing_ok=True)
        unfinished = folder / f"{key}.{os.getpid()}"
        unfinished.write_bytes(orjson.dumps(parts))
        unfinished.replace(folder / f"{key}.json")
    except OSError:
        return


def parts_of(catalogue: Any) -> dict[str, Any]:
    """A catalogue as plain data."""
    return {
        "services": {name: one.bundle for name, one in catalogue.services.items()},
        "examples": {name: [_plain(one) for one in some] for name, some in catalogue.examples.items()},
        "vocabulary": _plain(catalogue.vocabulary),
        "plan": _plain(catalogue.plan),
        "systems": {name: _plain(one) for name, one in catalogue.systems.items()},
        "robots": [[*names, _plain(one)] for names, one in catalogue.robots.items()],
        "laid": {
            town: {
                name: [one.service.bundle, [_plain(e) for e in one.examples]] for name, one in laid.items()
            }
            for town, laid in catalogue.laid.items()
        },
    }


def _plain(part: BaseModel) -> Any:
    return part.model_dump(mode="json", by_alias=True, exclude_unset=True)


def put_into(catalogue: Any, parts: Mapping[str, Any], build: Build, laid: Callable[..., Any]) -> None:
    """Fill a catalogue with what was kept. `build`: a service from its bundle; `laid`: one as it is in a town."""
    catalogue.services = {name: build(bundle) for name, bundle in parts["services"].items()}
    catalogue.examples = {name: _examples(some) for name, some in parts["examples"].items()}
    catalogue.vocabulary = Vocabulary.model_validate(parts["vocabulary"])
    catalogue.plan = Plan.model_validate(parts["plan"])
    catalogue.systems = {name: SystemFile.model_validate(one) for name, one in parts["systems"].items()}
    catalogue.robots = {(a, b): RobotFile.model_validate(one) for a, b, one in parts["robots"]}
    catalogue.laid = {
        town: {name: laid(build(bundle), _examples(some)) for name, (bundle, some) in services.items()}
        for town, services in parts["laid"].items()
    }


def _examples(some: Any) -> list[Example]:
    return [Example.model_validate(one) for one in some]
