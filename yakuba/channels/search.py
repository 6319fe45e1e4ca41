"""Looking a service up by what people call it: kanji, kana or English, in full or half width."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from yakuba.cases.catalogue import Offered
from yakuba.declare import Service
from yakuba.words import LANGUAGES, ruby_segments, search_key, ui_text


def find(query: str, services: Offered) -> list[Service]:
    """The services in whose words every word of the query occurs, those that are called so first."""
    wanted = [key for word in query.split() if (key := search_key(word))]
    if not wanted:
        return []
    known = _read(services)
    named = set.intersection(*(known.names.with_(word) for word in wanted))
    others = set.intersection(*(known.names.with_(word) | known.rest.with_(word) for word in wanted))
    return [known.services[n] for n in [*sorted(named), *sorted(others - named)]]


class _Texts:
    """Many texts as one, so that all of them are searched in one go."""

    def __init__(self, texts: Iterable[str]):
        parts, self._begins, length = list[str](), list[int](), 0
        for text in texts:
            self._begins.append(length)
            parts.append(text + "\0")
            length += len(text) + 1
        self._whole = "".join(parts)

    def with_(self, word: str) -> set[int]:
        """The numbers of the texts in which the word occurs."""
        found = set[int]()
        at = self._whole.find(word)
        while at >= 0:
            number = bisect_right(self._begins, at) - 1
            found.add(number)
            following = self._begins[number + 1] if number + 1 < len(self._begins) else len(self._whole)
            at = self._whole.find(word, following)
        return found


@dataclass(frozen=True, slots=True)
class _Known:
    """The services with what they are called, as it is written and as it is read, and with their other words."""

    services: list[Service]
    names: _Texts
    rest: _Texts


@lru_cache(maxsize=64)
def _read(services: Offered) -> _Known:
    some = list(services.values())
    return _Known(some, _Texts(map(_name, some)), _Texts(map(_rest, some)))


def _name(service: Service) -> str:
    read = "".join(reading or base for base, reading in ruby_segments(service.name.ja))
    return "\n".join(map(search_key, [read, *(service.name.get(language) for language in LANGUAGES)]))


def _rest(service: Service) -> str:
    topics = [ui_text(f"apply.topic_{topic}").get(lang) for topic in service.topics for lang in LANGUAGES]
    said = [*(service.summary.get(language) for language in LANGUAGES), *service.law, *topics]
    return "\n".join(map(search_key, said))
