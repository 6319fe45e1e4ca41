"""Looking a service up by what people call it: kanji, kana or English, in full or half width."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from yakuba.cases.catalogue import Offered
from yakuba.declare import Service
from yakuba.words import LANGUAGES, ruby_segments, search_key, ui_text


def find(query: str, services: Offered) -> list[Service]:
    """The services in whose words every word of the query occurs, those that are called so first."""
    wanted = [key for word in query.split() if (key := search_key(word))]
    if not wanted:
        return []
    known = _read(services)
    names = [known.names.with_(word) for word in wanted]
    named = set.intersection(*names)
    others = set.intersection(
        *(some | known.rest.with_(word) for some, word in zip(names, wanted, strict=True))
    )
    return [known.services[n] for n in [*sorted(named), *sorted(others - named)]]


class _Texts:
    """Many texts, and in which of them each letter and each pair of letters occurs: Japanese has no spaces to find
    words by."""

    def __init__(self, texts: Iterable[str]):
        self._texts = list(texts)
        self._with: dict[str, set[int]] = defaultdict(set)
        for number, text in enumerate(self._texts):
            for part in {*text, *map("".join, pairwise(text))}:
                self._with[part].add(number)

    def with_(self, word: str) -> set[int]:
        """The numbers of the texts in which the word occurs."""
        parts = [*map("".join, pairwise(word))] or [word]
        fewest, *others = sorted((self._with.get(part, set()) for part in parts), key=len)
        return {number for number in fewest.intersection(*others) if word in self._texts[number]}


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
