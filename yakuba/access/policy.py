"""The one question every view and action asks: may this worker do this to that?

The answer comes from the Cedar policies in `policies/`: nothing is allowed that no policy permits, and
a `forbid` beats every `permit`. Policies are parsed once, and sliced by action, since a policy whose
scope names other actions cannot change the answer. A decision depends on the attributes alone (policies
never name an entity's id), so equal questions are answered from memory.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import cedarpy
import orjson

from yakuba.access.circumstances import DataClass
from yakuba.access.worker import Worker
from yakuba.words import Text

FOLDER = Path(__file__).resolve().parents[2] / "policies"
SCHEMA = "schema.cedarschema"
#: Cedar entity type of each kind of worker.
TYPES = MappingProxyType(
    {
        kind: kind.capitalize()
        for kind in (
            "staff",
            "system",
            "robot",
            "assistant",
            "partner",
            "supporter",
            "resident",
            "client",
            "public",
        )
    }
)
REFUSAL = Text(
    ja="この操作（{action}）はできません。",
    easy="これは できません（{action}）。",
    en="This is not allowed ({action}).",
)
#: Answers kept in memory per process; about 1 kB each.
REMEMBERED = 20_000
#: Askers with what they asked about, lately, kept parsed; some 10 kB each.
LATELY = 500


@dataclass(frozen=True, slots=True)
class Resource:
    """What is asked about: a Cedar entity type of `policies/schema.cedarschema`, its id, town and attributes.

    Attributes that are None are left out: the policy then finds them absent. `data`: the highest class of what is shown or changed.
    """

    type: str
    id: str
    town: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    data: DataClass = "personal"


@dataclass(frozen=True, slots=True)
class Policy:
    """One Cedar policy as the auditor reads it: its id, its scope, its three sentences, and the clauses of the guidelines
    (`policies/guidelines.yaml`) that it fulfils."""

    id: str
    effect: Literal["permit", "forbid"]
    principal: str | None
    actions: frozenset[str] | None
    text: Text
    law: str
    clauses: tuple[str, ...]
    file: str


class Denied(Exception):
    """The policy does not allow it. `message(language)` says so in the reader's language, `policies` are
    the ones that forbid it or, where none does, those that would allow it to somebody."""

    def __init__(self, worker: Worker, action: str, resource: Resource, policies: tuple[Policy, ...]):
        self.worker, self.action, self.resource, self.policies = worker, action, resource, policies
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """What was refused, why, and the policy that would allow it, in one of ja, easy, en."""
        rules = " ".join(f"{policy.text.get(language)}［{policy.id}］" for policy in self.policies)
        return f"{REFUSAL.format(action=self.action).get(language)} {rules}".strip()


class UnknownAction(LookupError):
    """The action is not in `policies/schema.cedarschema`: a slip in the calling code, never a refusal."""


class BadResource(ValueError):
    """The resource's type or attributes do not fit the schema: a slip in the calling code, never a refusal."""


class PolicyBook:
    """All policies of a folder, parsed once."""

    def __init__(self, folder: Path = FOLDER):
        file = folder / SCHEMA
        self.schema = cedarpy.Schema.from_str(
            (file if file.exists() else FOLDER / SCHEMA).read_text(encoding="utf-8")
        )
        self._parsed: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, Policy] = {}
        for file in sorted(folder.glob("*.cedar")):
            parsed = json.loads(cedarpy.policies_to_json_str(file.read_text(encoding="utf-8")))
            for body in parsed["staticPolicies"].values():
                policy = _policy(body, file.name)
                if policy.id in self.policies:
                    raise ValueError(f"{file}: the policy id {policy.id!r} is used twice; give it another")
                self.policies[policy.id], self._parsed[policy.id] = policy, body
        #: What each action may be about: types of resources.
        self.abouts = _abouts(self.schema)
        self.actions = sorted(self.abouts)
        self._slices = {action: self._slice(action) for action in self.actions}
        self._entities = lru_cache(maxsize=LATELY)(self._checked)

    def about(self, action: str) -> list[Policy]:
        """The policies whose scope covers the action."""
        return [p for p in self.policies.values() if p.actions is None or action in p.actions]

    def _slice(self, action: str) -> cedarpy.PolicySet:
        chosen = {policy.id: self._parsed[policy.id] for policy in self.about(action)}
        return cedarpy.PolicySet.from_json_str(
            json.dumps({"staticPolicies": chosen, "templates": {}, "templateLinks": []})
        )

    def decide(
        self, worker: Worker, action: str, type: str, town: str, rest: bytes
    ) -> tuple[bool, list[str]]:
        """Ask Cedar. `rest` is the JSON of the resource's attributes and the circumstances.

        Returns whether it is allowed and the ids of the policies that settled it.
        Raises UnknownAction, BadResource; an error inside a policy counts as a refusal.
        """
        if action not in self._slices:
            raise UnknownAction(f"no action {action!r} in policies/schema.cedarschema; known: {self.actions}")
        attributes, context = orjson.loads(rest)
        try:
            entities = self._entities(worker, type, town, orjson.dumps(attributes))
        except ValueError as error:
            raise BadResource(
                f"{action} asked about {type} {attributes}: {error}; policies/schema.cedarschema says what may be asked"
            ) from error
        request = {
            "principal": {"type": TYPES[worker.kind], "id": "me"},
            "action": {"type": "Action", "id": action},
            "resource": {"type": type, "id": "it"},
            "context": orjson.dumps(context).decode(),
        }
        answer = cedarpy.is_authorized(request, self._slices[action], entities)
        return answer.allowed and not answer.diagnostics.errors, answer.diagnostics.reasons

    def _checked(self, worker: Worker, type: str, town: str, attributes: bytes) -> cedarpy.Entities:
        """Who asks and what about, checked against the schema; a page asks many questions about the same two. Raises
        ValueError."""
        entities = [
            {
                "uid": {"type": TYPES[worker.kind], "id": "me"},
                "attrs": _attributes(worker),
                "parents": _roles(worker),
            },
            {
                "uid": {"type": type, "id": "it"},
                "attrs": {**orjson.loads(attributes), "town": town},
                "parents": [],
            },
        ]
        return cedarpy.Entities.from_json_str(orjson.dumps(entities).decode(), self.schema)


def _policy(body: Mapping[str, Any], file: str) -> Policy:
    notes = body["annotations"]
    missing = [name for name in ("id", "because", "easy", "en", "law", "clause") if not notes.get(name)]
    if missing:
        raise ValueError(f"policies/{file}: policy {notes.get('id', '?')!r} lacks @{', @'.join(missing)}")
    return Policy(
        id=notes["id"],
        effect=body["effect"],
        principal=body["principal"].get("entity_type"),
        actions=_scope(body["action"]),
        text=Text(ja=notes["because"], easy=notes["easy"], en=notes["en"]),
        law=notes["law"],
        clauses=tuple(notes["clause"].split()),
        file=file,
    )


def _scope(action: Mapping[str, Any]) -> frozenset[str] | None:
    """The action ids that a policy's scope names, None for all."""
    if action["op"] == "All":
        return None
    named = action["entities"] if "entities" in action else [action["entity"]]
    return frozenset(entity["id"] for entity in named)


def _abouts(schema: cedarpy.Schema) -> dict[str, frozenset[str]]:
    """Every action that the schema declares, and what it may be about. The schema renders each one as
    `action "name" appliesTo { … resource: [Types], … };`."""
    found = re.findall(r'action "([^"]+)" appliesTo \{.*?resource: (\[[^\]]*\]|\w+)', str(schema), re.S)
    return {name: frozenset(re.findall(r"\w+", types)) for name, types in found}


def _attributes(worker: Worker) -> dict[str, Any]:
    known = {"id": worker.id, "town": worker.town, "strength": worker.strength}
    if worker.kind in ("resident", "client"):
        known |= {"reference": worker.reference}
    if worker.kind == "resident":
        known |= {"person": worker.person}
    if worker.kind == "client":
        known |= {"scopes": sorted(worker.scopes)}
    return {name: value for name, value in known.items() if value is not None}


def _roles(worker: Worker) -> list[dict[str, str]]:
    """Roles are for staff; whatever else a worker carries opens nothing."""
    return [{"type": "Role", "id": role} for role in worker.acts_in] if worker.kind == "staff" else []


@cache
def book() -> PolicyBook:
    """The policies in force, read once per process."""
    return PolicyBook()


@lru_cache(maxsize=REMEMBERED)
def _decide(worker: Worker, action: str, type: str, town: str, rest: bytes) -> tuple[bool, tuple[str, ...]]:
    allowed, reasons = book().decide(worker, action, type, town, rest)
    return allowed, tuple(reasons)


def _ask(worker: Worker, action: str, resource: Resource) -> tuple[bool, tuple[str, ...]]:
    rest = orjson.dumps(question(worker, resource), option=orjson.OPT_SORT_KEYS, default=str)
    return _decide(worker, action, resource.type, resource.town, rest)


def question(worker: Worker, resource: Resource) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Cedar is told beside who asks and for what: the resource's attributes, and what surrounds the question."""
    known = {name: value for name, value in resource.attributes.items() if value is not None}
    return known, worker.where.context(resource.data, names_of(resource), known.get("service"))


def names_of(resource: Resource) -> tuple[str, ...]:
    """What a break-glass grant may call a resource by: its id; what belongs to a case, by the case's reference number."""
    reference = resource.attributes.get("reference")
    return (resource.id, reference) if reference else (resource.id,)


def granted_by(worker: Worker, action: str, resource: Resource) -> str | None:
    """The break-glass case without which the worker may not do this; None where they may anyway. Raises UnknownAction,
    BadResource."""
    case = worker.where.grant(names_of(resource))
    if case is None or may(replace(worker, where=replace(worker.where, granted=())), action, resource):
        return None
    return case


def may(worker: Worker, action: str, resource: Resource) -> bool:
    """Whether the policies allow `worker` to do `action` to `resource`. Raises UnknownAction, BadResource."""
    return _ask(worker, action, resource)[0]


_DECIDED: deque[tuple[str, bool]] = deque(maxlen=10_000)
"""Answers that nobody has counted yet: adding one takes no lock."""


def take_decided() -> Iterator[tuple[str, bool]]:
    """The answers since it was last asked for, as action and whether it was allowed; each is given once."""
    with suppress(IndexError):
        while True:
            yield _DECIDED.popleft()


def require(worker: Worker, action: str, resource: Resource) -> None:
    """Raise Denied unless the policies allow `worker` to do `action` to `resource`. Raises UnknownAction, BadResource."""
    allowed, reasons = _ask(worker, action, resource)
    _DECIDED.append((action, allowed))
    if not allowed:
        raise Denied(worker, action, resource, _explain(worker, action, reasons))
    if worker.kind in ("staff", "supporter") and (asked := _ASKED.get()) is not None:
        asked[action, resource.type, resource.id, worker] = resource


def decided_by(worker: Worker, action: str, resource: Resource) -> tuple[bool, tuple[Policy, ...]]:
    """Whether it is allowed, and the policies that settled it; where none permits, those that would permit it to somebody.
    Raises UnknownAction, BadResource."""
    allowed, reasons = _ask(worker, action, resource)
    settled = tuple(book().policies[reason] for reason in reasons)
    return allowed, settled if allowed else _explain(worker, action, reasons)


_ASKED: ContextVar[dict[tuple[str, str, str, Worker], Resource] | None] = ContextVar("asked", default=None)


@contextmanager
def remembering() -> Iterator[dict[tuple[str, str, str, Worker], Resource]]:
    """What staff and supporters are allowed meanwhile, each question once: by action, type and id of the resource, and worker."""
    asked: dict[tuple[str, str, str, Worker], Resource] = {}
    token = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(token)


def acting_for(worker: Worker, action: str, resource: Resource) -> tuple[str, ...]:
    """In whose place (worker ids) a deputy does what they may do as a deputy only; empty where their own roles allow
    it. Raises UnknownAction, BadResource."""
    if not worker.delegations or may(replace(worker, delegations=()), action, resource):
        return ()
    return tuple(
        one.of for one in worker.delegations if may(replace(worker, delegations=(one,)), action, resource)
    )


def _explain(worker: Worker, action: str, reasons: Iterable[str]) -> tuple[Policy, ...]:
    """The policies that forbade it; else those that would permit it to the worker's kind, else
    to a resident, else to anybody but the machine."""
    forbidding = tuple(
        book().policies[reason] for reason in reasons if book().policies[reason].effect == "forbid"
    )
    if forbidding:
        return forbidding
    permitting = [
        policy
        for policy in book().about(action)
        if policy.effect == "permit" and policy.principal != "System"
    ]
    for kind in (TYPES[worker.kind], "Resident"):
        if same := tuple(policy for policy in permitting if policy.principal == kind):
            return same
    return tuple(permitting)
