"""From the files of `services/` to services. Every fault is found at once, with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from yakuba.declare import model
from yakuba.declare.faults import Fault, Faults
from yakuba.declare.model import Example, Fact, Letter, ListOf, ServiceFile, Vocabulary
from yakuba.declare.service import Service

ROOT = Path(__file__).resolve().parents[2] / "services"
SHARED = "shared"
_NAME = re.compile(r"[a-z_]+\.[a-z][a-z0-9_]*")
M = TypeVar("M", bound=BaseModel)
Path_ = tuple[str | int, ...]


@dataclass
class Places:
    """Where each part of an expanded document was written: path → (file, line)."""

    file: str
    at: dict[Path_, tuple[str, int]] = field(default_factory=dict)

    def find(self, path: Path_) -> tuple[str, int]:
        """File and line of a part, or of the nearest part around it."""
        while path and path not in self.at:
            path = path[:-1]
        return self.at.get(path, (self.file, 1))

    def fault(self, path: Path_, what: str, mend: str) -> Fault:
        """A fault at that part."""
        file, line = self.find(path)
        return Fault(file, line, what, mend)


@dataclass
class Catalogue:
    """All declared services, the words they share, and where everything was written."""

    root: Path
    services: dict[str, Service]
    vocabulary: Vocabulary
    places: dict[str, Places]
    examples: dict[str, list[Example]]


def load_catalogue(root: Path | None = None) -> Catalogue:
    """Read all services below `root` (default: the project's `services/`). Raises Faults with everything found."""
    root = Path(root or ROOT)
    faults: list[Fault] = []
    vocabulary = _vocabulary(root, faults)
    parts, part_places = _document(root / SHARED / "parts.yaml", faults, root)
    loaded = Catalogue(root, {}, vocabulary, {}, {})
    for folder in sorted(p.parent for p in root.glob("*/service.yaml")):
        if folder.name != SHARED:
            _load(folder, loaded, (parts, part_places), faults)
    if not loaded.services and not faults:
        faults.append(Fault(str(root), 1, "holds no service.", "Name the folder that has NAME/service.yaml."))
    if faults:
        raise Faults(faults)
    return loaded


def from_bundle(bundle: str) -> Service:
    """A service from the text that a running case keeps (`Service.bundle`)."""
    parts = orjson.loads(bundle)
    return _service(parts, ServiceFile.model_validate(parts["service"]))


def _service(bundle: Mapping[str, Any], file: ServiceFile) -> Service:
    facts = {name: Fact.model_validate(fact) for name, fact in bundle["facts"].items()}
    lists = {name: ListOf.model_validate(one) for name, one in bundle["lists"].items()}
    letters = {name: Letter.model_validate(one) for name, one in bundle["letters"].items()}
    return Service(file, facts, lists, letters, bundle)


# -- one service ---------------------------------------------------------------------------------
def _load(folder: Path, into: Catalogue, parts: tuple[Any, Places], faults: list[Fault]) -> None:
    before = len(faults)
    document, places = _document(folder / "service.yaml", faults, into.root)
    _put_parts_in(document, places, parts, faults)
    file = _validated(ServiceFile, document, places, faults)
    letters = _letters(folder, into.root, file, faults)
    examples = _examples(folder, into.root, places, faults)
    if file is None or len(faults) > before:
        return
    if file.service != folder.name:
        faults.append(
            places.fault(
                ("service",), f'is called "{file.service}" in the folder "{folder.name}".', "Use one name."
            )
        )
        return
    bundle = _bundle(document, file, letters, into.vocabulary)
    into.services[file.service] = _service(bundle, file)
    into.places[file.service] = places
    into.examples[file.service] = examples


def _put_parts_in(document: Any, places: Places, parts: tuple[Any, Places], faults: list[Fault]) -> None:
    """`- use: applicant` becomes the pages of that part; they keep the place where they were written."""
    if not isinstance(document, dict) or not isinstance(document.get("ask"), list):
        return
    known, part_places = parts[0] or {}, parts[1]
    pages: list[Any] = []
    moved: dict[Path_, tuple[str, int]] = {}
    for number, page in enumerate(document["ask"]):
        if not (isinstance(page, dict) and set(page) == {"use"}):
            _move(places, ("ask", number), moved, ("ask", len(pages)))
            pages.append(page)
            continue
        if page["use"] not in known:
            near = ", ".join(known) or "none"
            faults.append(
                places.fault(
                    ("ask", number), f'uses the part "{page["use"]}", which nobody wrote.', f"Parts: {near}."
                )
            )
            continue
        for place, part in enumerate(known[page["use"]]):
            _move(part_places, (page["use"], place), moved, ("ask", len(pages)))
            pages.append(part)
    document["ask"] = pages
    places.at = {path: at for path, at in places.at.items() if path[:1] != ("ask",) or len(path) == 1} | moved


def _move(source: Places, old: Path_, moved: dict[Path_, tuple[str, int]], new: Path_) -> None:
    for path, at in source.at.items():
        if path[: len(old)] == old:
            moved[new + path[len(old) :]] = at


def _bundle(
    document: dict[str, Any], file: ServiceFile, letters: Mapping[str, Any], vocabulary: Vocabulary
) -> dict[str, Any]:
    """Everything a case needs to be worked as it began: the file, the shared words it uses, its letters."""
    used = set(_NAME.findall(orjson.dumps([document, letters]).decode()))
    whole = {f"{name}." for step in file.steps for name in step.record} | {f"{n}." for n in file.decide.need}
    facts = {
        name: fact
        for name, fact in vocabulary.facts.items()
        if name in used or any(name.startswith(prefix) for prefix in whole)
    }
    lists = {}
    for name, own in file.lists.items():
        if own is None and name in vocabulary.lists:
            shared = vocabulary.lists[name]
            kept = {key: fact for key, fact in shared.facts.items() if f"{shared.item}.{key}" in used}
            lists[name] = shared.model_copy(update={"facts": kept})
        elif own is not None:
            lists[name] = own
    return {
        "service": document,
        "facts": {name: _plain(fact) for name, fact in {**facts, **file.facts}.items()},
        "lists": {name: _plain(one) for name, one in lists.items()},
        "letters": letters,
    }


def _plain(part: BaseModel) -> Any:
    return part.model_dump(mode="json", by_alias=True, exclude_unset=True)


# -- files ------------------------------------------------------------------------------------------
def _vocabulary(root: Path, faults: list[Fault]) -> Vocabulary:
    document, places = _document(root / SHARED / "facts.yaml", faults, root)
    return _validated(Vocabulary, document, places, faults) or Vocabulary()


def _letters(folder: Path, root: Path, file: ServiceFile | None, faults: list[Fault]) -> dict[str, Any]:
    """The letters that the service names, its own before the shared ones."""
    if file is None:
        return {}
    named = {*file.letters.values(), *(step.letter for step in file.steps if step.letter)} - {"decision"}
    letters = {}
    for name in sorted(named):
        own = folder / "letters" / f"{name}.yaml"
        path = own if own.exists() else root / SHARED / "letters" / f"{name}.yaml"
        document, places = _document(path, faults, root)
        if _validated(Letter, document, places, faults):
            letters[name] = document
    return letters


def _examples(folder: Path, root: Path, places: Places, faults: list[Fault]) -> list[Example]:
    """The worked examples, with their places under ("examples", id)."""
    path = folder / "examples.yaml"
    if not path.exists():
        return []
    document, written = _document(path, faults, root)
    examples = []
    for number, one in enumerate(document if isinstance(document, list) else []):
        if example := _validated(Example, one, written, faults, (number,)):
            examples.append(example)
            places.at["examples", example.id] = written.find((number,))
    return examples


def _document(path: Path, faults: list[Fault], root: Path) -> tuple[Any, Places]:
    """A file as plain data, and where its parts stand; None when it cannot be read, which is a fault already."""
    name = str(path.relative_to(root.parent))
    places = Places(name)
    try:
        written = YAML(typ="rt").load(path)
    except FileNotFoundError:
        faults.append(Fault(name, 1, "is not there.", "Write it, or take its name out of the service."))
        return None, places
    except MarkedYAMLError as error:
        mark = error.problem_mark
        faults.append(
            Fault(
                name,
                mark.line + 1 if mark else 1,
                f"is not YAML: {error.problem}.",
                "Check colons, quotes and indents here.",
            )
        )
        return None, places
    places.at = {path_: (name, line) for path_, line in _walk(written, (), 1)}
    # through JSON, so that a file read today and a stored version are the same thing
    return orjson.loads(orjson.dumps(_json(written), option=orjson.OPT_NON_STR_KEYS)), places


def _json(node: Any) -> Any:
    if isinstance(node, dict):
        return {_key(key): _json(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_json(value) for value in node]
    if isinstance(node, str):
        return str(node)
    if isinstance(node, float):
        return float(node)
    return node


def _key(key: Any) -> str:
    return key if type(key) is str else str(key)


def _walk(node: Any, path: Path_, line: int) -> Iterator[tuple[Path_, int]]:
    yield path, line
    if isinstance(node, dict):
        for key, value in node.items():
            at = node.lc.key(key)[0] + 1 if hasattr(node, "lc") else line
            yield from _walk(value, (*path, _key(key)), at)
    elif isinstance(node, list):
        for position, value in enumerate(node):
            at = node.lc.item(position)[0] + 1 if hasattr(node, "lc") else line
            yield from _walk(value, (*path, position), at)


# -- faults -----------------------------------------------------------------------------------------
def _validated(
    kind: type[M], document: Any, places: Places, faults: list[Fault], path: Path_ = ()
) -> M | None:
    if document is None:
        return None
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        faults += [_fault(places, path, one) for one in error.errors()]
        return None


def _fault(places: Places, path: Path_, error: Any) -> Fault:
    where = (*path, *error["loc"])
    name = ".".join(str(part) for part in error["loc"])
    last = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        near = get_close_matches(last, _keys(), n=3, cutoff=0.6)
        hint = f"Nearest: {', '.join(near)}." if near else "See docs/service-file.md for what may stand here."
        return places.fault(where, f'"{name}" is not a key that is known here.', hint)
    if error["type"] == "missing" and last in ("ja", "easy", "en"):
        return places.fault(where, f'"{name}": a translation is missing.', "Write ja, easy and en.")
    if error["type"] == "missing":
        return places.fault(where, f'"{name}" is missing.', "Add it; docs/service-file.md says what it is.")
    return places.fault(where, f'"{name}": {error["msg"]}.', f"It is {error['input']!r} now.")


@cache
def _keys() -> tuple[str, ...]:
    """All keys that some part of a file may have."""
    kinds = [k for k in vars(model).values() if isinstance(k, type) and issubclass(k, BaseModel)]
    return tuple({(f.alias or name) for kind in kinds for name, f in kind.model_fields.items()})
