"""What the assistant of a town knows now, ready to be searched: the same for every process, and live from the moment on that
something is written.

Rooms above give what they know of (`knows`); here stand what is declared, what all towns share, and what the town wrote.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from threading import Lock, Thread

from django.conf import settings

from yakuba import clock
from yakuba.access import towns
from yakuba.assistant import written
from yakuba.assistant.answering.dense import E5, Kept, Unavailable
from yakuba.assistant.answering.searching import Searcher
from yakuba.assistant.knowledge import (
    DEMO,
    Audience,
    Entry,
    Town,
    of_services,
    read_town,
    shared_entries,
    urgent,
    urgent_entries,
)
from yakuba.assistant.naming import named, names_of
from yakuba.assistant.replying import Replier
from yakuba.cases import catalogue
from yakuba.processes import alone
from yakuba.register import queries as register
from yakuba.words import Text, search_key

logger = logging.getLogger(__name__)
MOST_TOWNS = 64
"""Towns whose library a process keeps ready."""
TOWN_FILE = "town.yaml"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some entries that change together. `edition`: another one whenever they may have changed, cheap to ask for."""

    edition: Callable[[], Hashable]
    entries: Callable[[], Iterable[Entry]]


_SHELVES: dict[str, Shelf] = {}


def knows(name: str, shelf: Shelf) -> None:
    """A room says what it knows that can be quoted. Raises ValueError for a second one of that name."""
    if name in _SHELVES:
        raise ValueError(f"{name!r} is known twice")
    _SHELVES[name] = shelf


class Library:
    """All entries of one town, in a searcher that is kept up with them."""

    def __init__(self) -> None:
        self._editions: dict[str, Hashable] = {}
        self._of_shelf: dict[str, dict[str, Entry]] = {}
        self._lock = Lock()
        self.entries: Mapping[str, Entry] = {}
        self._same: dict[str, list[Entry]] = {}
        self.searcher = Searcher()

    def brought_up_to_date(self) -> Library:
        """With what was written or published meanwhile: only that is read and indexed again."""
        with self._lock:
            now = {name: shelf.edition() for name, shelf in _SHELVES.items()}
            for name, edition in now.items():
                if self._editions.get(name) != edition:
                    self._of_shelf[name] = {entry.id: entry for entry in _SHELVES[name].entries()}
            if self._editions != now:
                self._editions = now
                self._index()
        return self

    def _index(self) -> None:
        """What a town wrote takes the place of what it replaces."""
        every = {id: entry for shelf in self._of_shelf.values() for id, entry in shelf.items()}
        away = {entry.replaces for entry in every.values() if entry.replaces} | written.off().keys()
        now = {id: entry for id, entry in every.items() if id not in away}
        if self.entries:
            self._change(now)
        else:
            self.searcher = Searcher(now.values(), _encoder(), _vectors())
            Thread(target=_embed, args=[self.searcher], daemon=True).start()
        self.entries, self._same = now, {}
        for entry in now.values():
            for text in {*map(search_key, [*entry.question.values(), *entry.others])}:
                self._same.setdefault(text, []).append(entry)

    def _change(self, now: Mapping[str, Entry]) -> None:
        """Only what differs is indexed again."""
        for id in self.entries.keys() - now.keys():
            self.searcher.drop(id)
        for id, entry in now.items():
            if self.entries.get(id) != entry:
                self.searcher.put(entry)

    def same(self, text: str, audience: Audience) -> Entry | None:
        """The entry that is asked for in these very words, where there is only one that they may be given."""
        found = [one for one in self._same.get(search_key(text), []) if _may_have(one, audience)]
        return found[0] if len(found) == 1 else None

    def who_gets(self, question: str) -> Entry | None:
        """Who gets the service that a question names."""
        service = named(question, _names(catalogue.offered()))
        return self.entries.get(f"service:{service}:who") if service else None


@lru_cache(maxsize=MOST_TOWNS)
def _names(services: catalogue.Offered) -> dict[str, str]:
    return names_of(services.values())


def _may_have(entry: Entry, audience: Audience) -> bool:
    return entry.audience == "public" or audience == "staff"


def _embed(searcher: Searcher) -> None:
    """Until all have their vectors, words alone are searched. One process makes them, the others find them."""
    try:
        with alone(settings.YAKUBA_VAR / "assistant" / "vectors"):
            searcher.embed()
    except Unavailable as why:
        logger.warning("answers are found by their words alone: %s", why)


@cache
def _encoder() -> E5 | None:
    """What knows texts by their meaning; one for each process. None where the installation does without."""
    return E5() if settings.YAKUBA_MEANING else None


@cache
def _vectors() -> Kept:
    """Where vectors are kept: made once, they are there for every process and every start."""
    return Kept(settings.YAKUBA_VAR / "assistant" / "vectors")


@lru_cache(maxsize=MOST_TOWNS)
def _of(town: str) -> Library:
    return Library()


def of_town() -> Library:
    """The library of the open town, up to date."""
    return _of(towns.current_town()).brought_up_to_date()


def entry(id: str, audience: Audience) -> Entry | None:
    """An entry that may be given to them; None where there is none."""
    found = of_town().entries.get(id)
    return found if found and _may_have(found, audience) else None


def replier() -> Replier:
    """Who replies to questions in the open town."""
    library = of_town()
    return Replier(
        library.searcher, partial(_urgent, town=the_town()), library.same, library.who_gets, can_be_tried
    )


def _urgent(question: str, town: Town) -> Entry | None:
    """What is said in danger, as the town has it: it may have written its own in the place of the declared one."""
    found = urgent(question, town)
    if found is None:
        return None
    own = (one for one in of_town().entries.values() if one.replaces == found.id)
    return next(own, found)


def can_be_tried(service: str) -> bool:
    """Whether residents can apply for the service here and it declares conditions that decide."""
    offered = catalogue.offered().get(service)
    return offered is not None and bool(offered.conditions)


# -- what stands on the shelves -----------------------------------------------------------------------
def the_town() -> Town:
    """The open town as answers need it: its file in `YAKUBA_ANSWERS/CODE`, or its name alone."""
    code = towns.current_town()
    known = register.town(code)
    return _town_of(code, known.name if known else code)


@lru_cache(maxsize=MOST_TOWNS)
def _town_of(code: str, name: str) -> Town:
    file = settings.YAKUBA_ANSWERS / code / TOWN_FILE
    if file.exists():
        return read_town(file)
    demo = read_town(DEMO / TOWN_FILE)
    return demo if demo.code == code else Town(code=code, name=Text.same(name))


def _services() -> list[Entry]:
    return of_services(catalogue.offered().values(), the_town(), as_of=clock.now().date())


def _shared() -> list[Entry]:
    kept = settings.YAKUBA_VAR / "assistant"
    return [*shared_entries(the_town(), keep_in=kept), *urgent_entries(the_town())]


knows("services", Shelf(lambda: (clock.now().date(), id(catalogue.offered())), _services))
knows("shared", Shelf(lambda: "", _shared))
knows("written", Shelf(written.edition, written.entries))
