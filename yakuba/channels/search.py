"""Looking a service up by what people call it: kanji, kana or English, in full or half width."""

from __future__ import annotations

from collections.abc import Iterable

from yakuba.declare import Service
from yakuba.words import LANGUAGES, ruby_segments, search_key, ui_text

_looked_at: dict[str, tuple[str, str]] = {}
"""By version, what a service's name and what the rest of its words are, ready to be searched."""


def find(query: str, services: Iterable[Service]) -> list[Service]:
    """The services in whose words every word of the query occurs, those that are called so first.

    >>> find("", [])
    []
    """
    wanted = [key for word in query.split() if (key := search_key(word))]
    if not wanted:
        return []
    named, others = list[Service](), list[Service]()
    for service in services:
        name, rest = _words(service)
        if all(word in name for word in wanted):
            named.append(service)
        elif all(word in name or word in rest for word in wanted):
            others.append(service)
    return named + others


def _words(service: Service) -> tuple[str, str]:
    if service.version not in _looked_at:
        _looked_at[service.version] = _all_words(service)
    return _looked_at[service.version]


def _all_words(service: Service) -> tuple[str, str]:
    """The name, as it is written and as it is read; and the summary, the laws and the topics."""
    read = "".join(reading or base for base, reading in ruby_segments(service.name.ja))
    names = [read, *(service.name.get(language) for language in LANGUAGES)]
    topics = [ui_text(f"apply.topic_{topic}").get(lang) for topic in service.topics for lang in LANGUAGES]
    rest = [*(service.summary.get(language) for language in LANGUAGES), *service.law, *topics]
    return "\n".join(map(search_key, names)), "\n".join(map(search_key, rest))
