"""From the files of `services/` to services. Every fault is found at once, with its file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from yakuba.declare import compiled, life_events, model, plan, reception, robot, written
from yakuba.declare.faults import Fault, Faults
from yakuba.declare.life_events import LifeEvent, LifeEvents
from yakuba.declare.model import Example, Fact, Letter, ListOf, ServiceFile, Vocabulary
from yakuba.declare.overlay import TOWNS, Overlay, laid_over
from yakuba.declare.plan import PLAN, Plan, TownPlan
from yakuba.declare.reception import RECEPTION, Reception
from yakuba.declare.robot import RobotFile, SystemFile
from yakuba.declare.service import Service
from yakuba.declare.sharing import Shared, move
from yakuba.declare.undisturbed import undisturbed
from yakuba.declare.written import Path_, Places
from yakuba.words import LANGUAGES

ROOT = Path(__file__).resolve().parents[2] / "services"
SHARED = "shared"
_NAME = re.compile(r"[a-z_]+\.[a-z][a-z0-9_]*")
M = TypeVar("M", bound=BaseModel)
LARGEST = 1_000_000
"""Bytes in one declared file; the longest of a real service has about 30,000."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a catalogue. `texts`: what stands in the place of a file, by its path below the root; an empty one
    says that there is no such file."""

    root: Path
    texts: Mapping[str, str] = field(default_factory=dict)

    def has(self, where: str) -> bool:
        """Is there such a file?"""
        return bool(self.texts[where].strip()) if where in self.texts else (self.root / where).exists()

    def called(self, where: str) -> str:
        """What people call the file."""
        return f"{self.root.name}/{where}"

    def read(self, where: str) -> tuple[Any, Places]:
        """A file as plain data, and where its parts stand. Raises Faults."""
        name, path = self.called(where), self.root / where
        if where in self.texts:
            size = len(self.texts[where].encode())
        else:
            size = path.stat().st_size if path.is_file() else 0
        if size > LARGEST:
            raise Faults([Fault(name, 1, f"has more than {LARGEST:,} bytes.", "Is it the right file?")])
        if where in self.texts:
            return written.parsed(self.texts[where], name)
        return written.read(path, name)

    def text(self, where: str) -> str:
        """A file as it is written; empty where there is none. Raises Faults for what is not UTF-8."""
        if where in self.texts:
            return self.texts[where]
        path = self.root / where
        return written.text_of(path, self.called(where)) if path.is_file() else ""

    def of_service(self, service: str, town: str = "") -> dict[str, str]:
        """All files that a service is written in, with what its town lays over it."""
        names = {str(one.relative_to(self.root)) for one in (self.root / service).rglob("*.yaml")}
        names |= {name for name in self.texts if name.startswith(f"{service}/")}
        names |= {f"{TOWNS}/{town}/{service}.yaml"} if town else set()
        return {name: self.text(name) for name in sorted(names) if self.has(name)}


@dataclass(frozen=True, slots=True)
class Laid:
    """A service as it is in one town, the places of its parts, and the town's own worked examples."""

    service: Service
    places: Places
    examples: list[Example]


@dataclass
class Catalogue:
    """All declared services, the words they share, and where everything was written."""

    root: Path
    services: dict[str, Service]
    vocabulary: Vocabulary
    places: dict[str, Places]
    examples: dict[str, list[Example]]
    systems: dict[str, SystemFile] = field(default_factory=dict)
    robots: dict[tuple[str, str], RobotFile] = field(default_factory=dict)
    robot_places: dict[tuple[str, str], Places] = field(default_factory=dict)
    vocabulary_places: Places = field(default_factory=lambda: Places(f"{SHARED}/facts.yaml"))
    plan: Plan = field(default_factory=Plan)
    events: Mapping[str, LifeEvent] = field(default_factory=dict)
    event_places: Places = field(default_factory=lambda: Places(""))
    receptions: dict[str, Reception] = field(default_factory=dict)
    plan_places: Places = field(default_factory=lambda: Places(f"{SHARED}/{PLAN}.yaml"))
    town_plans: dict[str, TownPlan] = field(default_factory=dict)
    town_plan_places: dict[str, Places] = field(default_factory=dict)
    shared: Shared | None = None
    laid: dict[str, dict[str, Laid]] = field(default_factory=dict)

    @property
    def tree(self) -> Tree:
        """The files it was read from."""
        return Tree(self.root)

    def with_texts(self, town: str, texts: Mapping[str, str]) -> Catalogue:
        """The catalogue as it is when these texts stand in the place of files, by path below the root: services of the
        town, and what it lays over them. Only what they touch is read. A kept catalogue takes what lies over its services
        alone. Raises Faults."""
        return _with_texts(self, town, texts)

    def of_town(self, town: str) -> Catalogue:
        """The services as they are in that town: those that it has an overlay for, with it. `town`: 6-digit code."""
        laid = self.laid.get(town)
        if not laid:
            return self
        return replace(
            self,
            services=self.services | {name: one.service for name, one in laid.items()},
            places=self.places | {name: one.places for name, one in laid.items()},
            examples=self.examples | {name: one.examples for name, one in laid.items()},
        )

    def fulfilling(self, procedure: str) -> list[str]:
        """The services that fulfil a procedure of the plan."""
        return [name for name, one in self.services.items() if procedure in one.file.plan]

    def robots_of(self, service: str) -> dict[str, RobotFile]:
        """The robots that a service declares."""
        return {name: one for (owner, name), one in self.robots.items() if owner == service}


def load_catalogue(root: Path | None = None, *, keep_in: Path | None = None) -> Catalogue:
    """Read all services below `root` (default: the project's `services/`). Raises Faults with everything found.

    `keep_in`: a folder in which what was read is kept for whoever reads next; then the catalogue has no `places` and
    nothing `shared`, which only whoever writes services needs.
    """
    root = Path(root or ROOT)
    if keep_in is None:
        return _read(root)
    key = compiled.digest(root)
    parts = compiled.kept(keep_in, key)
    if parts is None:
        parts = _parts(_read(root))
        compiled.keep(keep_in, key, parts)
    with undisturbed():
        return _from_parts(root, parts)


def _read(root: Path) -> Catalogue:
    tree = Tree(root)
    faults: list[Fault] = []
    vocabulary, where = _vocabulary(tree, faults)
    shared = Shared(*(_if_there(tree, f"{SHARED}/{file}", faults) for file in Shared.FILES))
    loaded = Catalogue(root, {}, vocabulary, {}, {}, vocabulary_places=where, shared=shared)
    _plans(tree, loaded, faults)
    for folder in sorted(p.parent for p in root.glob("*/service.yaml")):
        if folder.name not in (SHARED, TOWNS):
            _load(tree, folder.name, loaded, shared, faults)
    _life_events(tree, loaded, faults)
    _overlays(tree, loaded, faults)
    _systems(tree, loaded, faults)
    _robots(tree, loaded, faults)
    if not loaded.services and not faults:
        faults.append(Fault(str(root), 1, "holds no service.", "Name the folder that has NAME/service.yaml."))
    if faults:
        raise Faults(faults)
    return loaded


def _with_texts(known: Catalogue, town: str, texts: Mapping[str, str]) -> Catalogue:
    tree, faults = Tree(known.root, texts), list[Fault]()
    into = replace(
        known, services=dict(known.services), places=dict(known.places), examples=dict(known.examples)
    )
    laid = dict(known.laid.get(town, {}))
    for service, own in _touched(texts).items():
        laid.pop(service, None)
        if own:
            assert known.shared is not None, "only a catalogue that was read as text has what services share"
            _load(tree, service, into, known.shared, faults)
        if not faults and tree.has(over := f"{TOWNS}/{town}/{service}.yaml"):
            _overlay(tree, over, into, laid, faults)
    if faults:
        raise Faults(faults)
    return replace(into, laid=known.laid | {town: laid})


def _touched(texts: Mapping[str, str]) -> dict[str, bool]:
    """The services whose files are among these, and whether more than a town's overlay is."""
    touched: dict[str, bool] = {}
    for where in texts:
        first, *_, last = where.split("/")
        service = last.removesuffix(".yaml") if first == TOWNS else first
        touched[service] = touched.get(service, False) or first != TOWNS
    return touched


def from_bundle(bundle: str) -> Service:
    """A service from the text that a running case keeps (`Service.bundle`)."""
    parts = orjson.loads(bundle)
    return _service(parts, ServiceFile.model_validate(parts["service"]))


def _service(bundle: Mapping[str, Any], file: ServiceFile) -> Service:
    facts = {name: Fact.model_validate(fact) for name, fact in bundle["facts"].items()}
    lists = {name: ListOf.model_validate(one) for name, one in bundle["lists"].items()}
    letters = {name: Letter.model_validate(one) for name, one in bundle["letters"].items()}
    return Service(file, facts, lists, letters, bundle)


# -- what is kept -----------------------------------------------------------------------------------
def _parts(catalogue: Catalogue) -> dict[str, Any]:
    """A catalogue as plain data."""
    return {
        "services": {name: one.bundle for name, one in catalogue.services.items()},
        "examples": {name: [_plain(one) for one in some] for name, some in catalogue.examples.items()},
        "vocabulary": _plain(catalogue.vocabulary),
        "plan": _plain(catalogue.plan),
        "events": {name: _plain(one) for name, one in catalogue.events.items()},
        "receptions": {town: _plain(one) for town, one in catalogue.receptions.items()},
        "town_plans": {town: _plain(one) for town, one in catalogue.town_plans.items()},
        "systems": {name: _plain(one) for name, one in catalogue.systems.items()},
        "robots": [[*names, _plain(one)] for names, one in catalogue.robots.items()],
        "laid": {
            town: {
                name: [one.service.bundle, [_plain(e) for e in one.examples]] for name, one in laid.items()
            }
            for town, laid in catalogue.laid.items()
        },
    }


def _from_parts(root: Path, parts: Mapping[str, Any]) -> Catalogue:
    """The catalogue that `_parts` made plain."""
    return Catalogue(
        root,
        {name: from_bundle(bundle) for name, bundle in parts["services"].items()},
        Vocabulary.model_validate(parts["vocabulary"]),
        {},
        {name: _kept_examples(some) for name, some in parts["examples"].items()},
        {name: SystemFile.model_validate(one) for name, one in parts["systems"].items()},
        {(service, robot): RobotFile.model_validate(one) for service, robot, one in parts["robots"]},
        plan=Plan.model_validate(parts["plan"]),
        events={name: LifeEvent.model_validate(one) for name, one in parts["events"].items()},
        receptions={town: Reception.model_validate(one) for town, one in parts["receptions"].items()},
        town_plans={town: TownPlan.model_validate(one) for town, one in parts["town_plans"].items()},
        laid={
            town: {
                name: Laid(from_bundle(bundle), Places(str(root)), _kept_examples(some))
                for name, (bundle, some) in services.items()
            }
            for town, services in parts["laid"].items()
        },
    )


def _kept_examples(some: list[Any]) -> list[Example]:
    return [Example.model_validate(one) for one in some]


# -- one service ---------------------------------------------------------------------------------
def _load(tree: Tree, folder: str, into: Catalogue, shared: Shared, faults: list[Fault]) -> None:
    before = len(faults)
    document, places = _document(tree, f"{folder}/service.yaml", faults)
    if isinstance(document, dict):
        shared.put_into(document, places, faults)
    file = _validated(ServiceFile, document, places, faults)
    letters = _letters(tree, folder, file, places, faults)
    examples = _examples(tree, folder, places, faults)
    if file is None or len(faults) > before:
        return
    if file.service != folder:
        what = f'is called "{file.service}" in the folder "{folder}".'
        faults.append(places.fault(("service",), what, "Use one name."))
        return
    bundle = _bundle(document, file, letters, into.vocabulary)
    into.services[file.service] = _service(bundle, file)
    into.places[file.service] = places
    into.examples[file.service] = examples


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


# -- towns ------------------------------------------------------------------------------------------
def _overlays(tree: Tree, into: Catalogue, faults: list[Fault]) -> None:
    """What each town lays over the services, checked against them."""
    for path in sorted((into.root / TOWNS).glob("*/*.yaml")):
        if path.stem == RECEPTION:
            _reception(tree, path.parent.name, into, faults)
        if path.stem in (PLAN, RECEPTION):
            continue
        laid = into.laid.setdefault(path.parent.name, {})
        _overlay(tree, str(path.relative_to(into.root)), into, laid, faults)


def _reception(tree: Tree, town: str, into: Catalogue, faults: list[Fault]) -> None:
    """Where a town receives people."""
    document, places = _document(tree, f"{TOWNS}/{town}/{RECEPTION}.yaml", faults)
    if found := _validated(Reception, document, places, faults):
        into.receptions[town] = found


def _overlay(tree: Tree, where: str, into: Catalogue, laid: dict[str, Laid], faults: list[Fault]) -> None:
    """What one file of a town lays over a service."""
    document, at = _document(tree, where, faults)
    overlay = _validated(Overlay, document, at, faults)
    if overlay is None:
        return
    _is_called(where, overlay.overlay, "overlay", at, faults)
    if overlay.overlay in into.services:
        _lay(overlay, at, into, laid, faults)
    elif not faults:  # a service that could not be read has said why
        known = get_close_matches(overlay.overlay, into.services, n=3)
        what = f'is for the service "{overlay.overlay}", which is not there.'
        faults.append(at.fault(("overlay",), what, f"Nearest: {', '.join(known) or 'none'}."))


def _lay(overlay: Overlay, at: Places, into: Catalogue, laid: dict[str, Laid], faults: list[Fault]) -> None:
    national = into.services[overlay.overlay]
    parts = orjson.loads(national.bundle)
    document, places, found = laid_over(
        national.file, parts["service"], into.places.get(national.id, Places(str(into.root))), overlay, at
    )
    file = None if found else _validated(ServiceFile, document, places, found)
    faults += found
    if file is None:
        return
    service = _service(_bundle(document, file, parts["letters"], into.vocabulary), file)
    for number, example in enumerate(overlay.examples):
        places.at["examples", example.id] = at.find(("examples", number))
    laid[service.id] = Laid(service, places, list(overlay.examples))


# -- files ------------------------------------------------------------------------------------------
def _vocabulary(tree: Tree, faults: list[Fault]) -> tuple[Vocabulary, Places]:
    document, places = _document(tree, f"{SHARED}/facts.yaml", faults)
    return _validated(Vocabulary, document, places, faults) or Vocabulary(), places


def _plans(tree: Tree, into: Catalogue, faults: list[Fault]) -> None:
    """The national plan, and each town's own on it."""
    document, into.plan_places = _if_there(tree, f"{SHARED}/{PLAN}.yaml", faults)
    into.plan = (_validated(Plan, document, into.plan_places, faults) if document else None) or Plan()
    for path in sorted((into.root / TOWNS).glob(f"*/{PLAN}.yaml")):
        document, places = _document(tree, str(path.relative_to(into.root)), faults)
        if own := _validated(TownPlan, document, places, faults):
            into.town_plans[path.parent.name] = own
            into.town_plan_places[path.parent.name] = places


def _life_events(tree: Tree, into: Catalogue, faults: list[Fault]) -> None:
    where = f"{SHARED}/life-events.yaml"
    document, into.event_places = _if_there(tree, where, faults)
    found = _validated(LifeEvents, document, into.event_places, faults) if document else None
    into.events = found.root if found else {}


def _letters(
    tree: Tree, folder: str, file: ServiceFile | None, places: Places, faults: list[Fault]
) -> dict[str, Any]:
    """The letters that the service names, its own before the shared ones; their places under ("letter", name)."""
    if file is None:
        return {}
    named = {*file.letters.values(), *(step.letter for step in file.steps if step.letter)} - {"decision"}
    letters = {}
    for name in sorted(named):
        own = f"{folder}/letters/{name}.yaml"
        document, at = _document(tree, own if tree.has(own) else f"{SHARED}/letters/{name}.yaml", faults)
        if _validated(Letter, document, at, faults):
            letters[name] = document
            move(at, (), places.at, ("letter", name))
    return letters


def _examples(tree: Tree, folder: str, places: Places, faults: list[Fault]) -> list[Example]:
    """The worked examples, with their places under ("examples", id); none where nobody wrote any."""
    if not tree.has(f"{folder}/examples.yaml"):
        return []
    document, at = _document(tree, f"{folder}/examples.yaml", faults)
    if document is not None and not isinstance(document, list):
        faults.append(at.fault((), "is not a list of examples.", "Begin each with - id: NAME."))
        return []
    examples: list[Example] = []
    for number, one in enumerate(document or []):
        example = _validated(Example, one, at, faults, (number,))
        if example is None:
            continue
        if ("examples", example.id) in places.at:
            what = f'there are two examples "{example.id}".'
            faults.append(at.fault((number,), what, "Give each a name of its own."))
        examples.append(example)
        places.at["examples", example.id] = at.find((number,))
    return examples


def _systems(tree: Tree, into: Catalogue, faults: list[Fault]) -> None:
    for path in sorted((into.root / SHARED / "systems").glob("*.yaml")):
        where = str(path.relative_to(into.root))
        document, places = _document(tree, where, faults)
        if system := _validated(SystemFile, document, places, faults):
            _is_called(where, system.system, "system", places, faults)
            into.systems[system.system] = system


def _robots(tree: Tree, into: Catalogue, faults: list[Fault]) -> None:
    """The robots of every service that could be read."""
    for service in into.services:
        for path in sorted((into.root / service / "robots").glob("*.yaml")):
            where = str(path.relative_to(into.root))
            document, places = _document(tree, where, faults)
            if found := _validated(RobotFile, document, places, faults):
                _is_called(where, found.robot, "robot", places, faults)
                into.robots[service, found.robot] = found
                into.robot_places[service, found.robot] = places


def _is_called(where: str, name: str, key: str, places: Places, faults: list[Fault]) -> None:
    file = where.rsplit("/", 1)[-1]
    if file != f"{name}.yaml":
        faults.append(places.fault((key,), f'is called "{name}" in the file "{file}".', "Use one name."))


def _if_there(tree: Tree, where: str, faults: list[Fault]) -> tuple[Mapping[str, Any], Places]:
    """The parts of a file that not every catalogue has; none where it is not there or cannot be read."""
    document, places = _document(tree, where, faults) if tree.has(where) else (None, Places(where))
    return document if isinstance(document, dict) else {}, places


def _document(tree: Tree, where: str, faults: list[Fault]) -> tuple[Any, Places]:
    """A file as plain data, and where its parts stand; None when it cannot be read, which is a fault already."""
    try:
        return tree.read(where)
    except Faults as found:
        faults += found.faults
        return None, Places(tree.called(where))


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


_WRONG_KINDS: Mapping[str, tuple[str, str]] = {
    "string": ("is not a text", "Put it in quotes."),
    "bool": ("is not a yes or no", "Write true or false."),
    "int": ("is not a whole number", "Write digits only."),
    "date": ("is not a date", "Write it like 2024-04-01."),
    "list": ("is not a list", "Write [a, b], or a line with - for each."),
    "model": ("has no parts", "Write its parts as key: value."),
    "dict": ("has no parts", "Write its parts as key: value."),
    "mapping": ("has no parts", "Write its parts as key: value."),
}
"""What pydantic calls an error, up to its first `_`, and how we say it."""


def _fault(places: Places, path: Path_, error: Any) -> Fault:
    loc = tuple(part for part in error["loc"] if part != "[key]")
    where = (*path, *loc)
    last = str(loc[-1]) if loc else ""
    name = f'"{".".join(str(part) for part in loc)}"' if loc else "all of it"
    kind = error["type"]
    if kind == "extra_forbidden":
        near = get_close_matches(last, keys_of_a_file(), n=3, cutoff=0.6)
        hint = f"Nearest: {', '.join(near)}." if near else "See docs/service-file.md for what may stand here."
        return places.fault(where, f"{name} is not a key that is known here.", hint)
    if kind == "missing" and last in LANGUAGES:
        return places.fault(where, f"{name}: a translation is missing.", "Write ja, easy and en.")
    if kind == "missing":
        return places.fault(where, f"{name} is missing.", "Add it; docs/service-file.md says what it is.")
    now = _shortened(error["input"])
    if kind == "literal_error":
        return places.fault(where, f"{name} is {now}.", f"It must be {error['ctx']['expected']}.")
    if kind.split("_")[0] in _WRONG_KINDS:
        wrong, mend = _WRONG_KINDS[kind.split("_")[0]]
        return places.fault(where, f"{name} {wrong}: {now}.", mend)
    said = error["msg"].removeprefix("Value error, ")
    return places.fault(where, f"{name}: {said.rstrip('.')}.", f"It is {now} now.")


def _shortened(value: Any) -> str:
    """A value as it was written, or its beginning."""
    said = "nothing" if value is None else repr(value)
    return said if len(said) <= 60 else f"{said[:60]}…"


@cache
def keys_of_a_file() -> tuple[str, ...]:
    """All keys that some part of a file may have."""
    files = (model, robot, plan, life_events, reception)
    parts = [part for file in files for part in vars(file).values()]
    kinds = [k for k in parts if isinstance(k, type) and issubclass(k, model.Model)]
    return tuple({(f.alias or name) for kind in kinds for name, f in kind.model_fields.items()})
