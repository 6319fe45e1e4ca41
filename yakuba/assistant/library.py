"""What the assistant of a town knows now, ready to be searched: the same for every process, and live from the moment on that
something is written.

Rooms above give what they know of (`@knows`): what is declared, what a town wrote, what it published.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock

from yakuba import clock
from yakuba.access import towns
from yakuba.assistant import written
from yakuba.assistant.answering import Searcher
from yakuba.assistant.knowledge import Audience, Entry, services, shared, urgent
from yakuba.assistant.replying import Replier
from yakuba.cases import catalogue

MOST_TOWNS = 64
"""Towns whose library a process keeps ready."""


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
        self.searcher = Searcher([])

    def brought_up_to_date(self) -> Library:
        """With what was written or published meanwhile: only that is read and indexed again."""
        with self._lock:
            changed = False
            for name, shelf in _SHELVES.items():
                edition = shelf.edition()
                if self._editions.get(name) != edition:
                    self._of_shelf[name] = {entry.id: entry for entry in shelf.entries()}
                    self._editions[name], changed = edition, True
            if changed:
                self._index()
        return self

    def _index(self) -> None:
        """What a town wrote takes the place of what it replaces."""
        every = {id: entry for shelf in self._of_shelf.values() for id, entry in shelf.items()}
        replaced = {entry.replaces for entry in every.values() if entry.replaces}
        now = {id: entry for id, entry in every.items() if id not in replaced | written.off().keys()}
        for id in self.entries.keys() - now.keys():
            self.searcher.drop(id)
        self.searcher.put_many(entry for id, entry in now.items() if self.entries.get(id) != entry)
        self.entries = now


@lru_cache(maxsize=MOST_TOWNS)
def _of(town: str) -> Library:
    return Library()


def of_town() -> Library:
    """The library of the open town, up to date."""
    return _of(towns.current_town()).brought_up_to_date()


def entry(id: str, audience: Audience) -> Entry | None:
    """An entry that may be given to them; None where there is none."""
    found = of_town().entries.get(id)
    return found if found and (found.audience == "public" or audience == "staff") else None


def replier() -> Replier:
    """Who replies to questions in the open town."""
    library = of_town()
    return Replier(library.searcher, partial(urgent.urgent), can_be_tried)


def can_be_tried(service: str) -> bool:
    """Whether residents can apply for the service here and it declares conditions that decide."""
    offered = catalogue.offered().get(service)
    return offered is not None and bool(offered.conditions)


def _today() -> Hashable:
    return (clock.now().date(), id(catalogue.offered()))


knows(
    "services",
    Shelf(_today, lambda: services.entries(catalogue.offered().values(), as_of=clock.now().date(), town=towns.current_town())),
)
knows("shared", Shelf(lambda: "", shared.entries))
knows("written", Shelf(written.edition, written.entries))
