"""Which declared service a question names: by its short name, by what else people call it, and by nothing less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from yakuba.assistant.knowledge.services import short_name, synonyms
from yakuba.declare import Service
from yakuba.words import LANGUAGES, search_key

SHORTEST = 3
"""Letters of a name that is looked for inside a sentence: a shorter one would be found in words that mean something else."""


def names_of(services: Iterable[Service]) -> dict[str, str]:
    """The names of services as they are looked for, each with the id of its service; a name that several have is left out."""
    found: dict[str, set[str]] = {}
    for service in services:
        called = [
            short_name(service.name.ja),
            *(service.name.get(language) for language in LANGUAGES),
            *synonyms().get(service.id, ()),
        ]
        for name in map(search_key, called):
            if len(name) >= SHORTEST:
                found.setdefault(name, set()).add(service.id)
    return {name: ids.pop() for name, ids in found.items() if len(ids) == 1}


def named(question: str, names: Mapping[str, str]) -> str | None:
    """The service whose name stands in the question, the longest name where there are several; None where there is none.

    >>> named("うちは児童手当をもらえますか", {"児童手当": "child-allowance", "手当": "another"})
    'child-allowance'
    """
    key = search_key(question)
    found = max((name for name in names if name in key), key=len, default=None)
    return names[found] if found else None
