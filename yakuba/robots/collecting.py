"""Work that no resident asks for: a robot looks for it, and each piece of it becomes a case of the town's own service.

The function that a robot names under `collect` yields what it found; what was found before opens nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from yakuba.access import Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, documents
from yakuba.cases import queries as case_queries
from yakuba.robots import actions, queries
from yakuba.robots.driver import Picture
from yakuba.robots.python_steps import python_steps
from yakuba.robots.queries import Post


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of work: `key` says which it is, for ever; `facts` of the case; `evidence`: a file kept as it is, whatever
    it is; `files`: those that a person may open, checked as uploads are."""

    key: str
    facts: Mapping[str, Any]
    evidence: Picture | None = None
    files: Sequence[Picture] = ()


Collect = Callable[[str, datetime], Iterable[Found]]
"""Takes the address of the robot's system in this town, and the time."""


def collect(town: str, post: Post, *, as_of: datetime) -> int:
    """Open a case for everything new that the robot finds; returns how many. Raises NotNow, NoAccount."""
    if post.robot.collect is None:
        return 0
    with towns.inside(town):
        actions.check_open(post.service, post.robot.robot, post.system, as_of)
        address = queries.account(post.system).address
        functions = python_steps(catalogue.current().root, post.service, post.robot)
        look: Collect = functions[post.robot.collect]
        return sum(_opened(town, post, found, as_of) for found in look(address, as_of))


def _opened(town: str, post: Post, found: Found, as_of: datetime) -> bool:
    key = f"{post.service}:{found.key}"
    with transaction.atomic():
        if case_queries.happened(key):
            return False
        by = Worker("robot", f"robot:{post.service}/{post.robot.robot}", town, name=post.robot.robot)
        kept = [(one.id, purpose) for one, purpose in _stored(found, as_of)]
        service = catalogue.service(post.service)
        cases.open_case(service, found.facts, channel="robot", by=by, as_of=as_of, key=key, documents=kept)
    return True


def _stored(found: Found, as_of: datetime) -> list[tuple[cases.Document, str]]:
    """Files that cannot be taken are left out: they are in the evidence still."""
    stored = []
    if found.evidence:
        kept = cases.store_evidence(found.evidence.content, name=found.evidence.name, as_of=as_of)
        stored.append((kept, "original"))
    for file in found.files:
        try:
            kept = cases.store_document(file.content, name=file.name, origin="robot", as_of=as_of)
        except documents.Refused:
            continue
        stored.append((kept, "attachment"))
    return stored
