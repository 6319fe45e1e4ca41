"""The services this installation runs, and the version that each case keeps.

What is installed are the files of `services/`. A town may have published more or other ones, which the workbench
keeps in the database (`lies_over`): they stand in the place of the files in that town, in every process, from the
transaction on that begins after they were published.

A new version needs no migration: the first case that begins with it stores its whole text
(`ServiceVersion`), and from then on that case is read with that text, whatever happens to
the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache

from django.conf import settings
from django.db import connection, transaction

from yakuba import declare
from yakuba.access import towns
from yakuba.declare import Catalogue, Service
from yakuba.words import Text

EDITION = "catalogue"
MOST_EDITIONS = 2000
"""Catalogues of towns that a process keeps ready; one that published nothing shares the national one."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a town has published of one service. `texts`: those that differ from the files, by path below `services/`;
    `bundle`: the service as it was made of them; `stopped`: why nobody can apply for it now, where nobody can."""

    service: str
    texts: Mapping[str, str]
    bundle: str
    stopped: Text | None

    @property
    def is_overlay(self) -> bool:
        """Does it say only what differs in the town?"""
        return bool(self.texts) and all(where.startswith("towns/") for where in self.texts)


@dataclass(frozen=True, slots=True)
class _Publications:
    """How one learns what the open town has published; set by the workbench, a room above."""

    edition: Callable[[], int]
    newest: Callable[[], Sequence[Published]]


_publications = _Publications(edition=lambda: 0, newest=tuple)


def lies_over(edition: Callable[[], int], newest: Callable[[], Sequence[Published]]) -> None:
    """What towns publish lies over the files. `edition`: a number that is another one after each publication of the
    open town, 0 before the first; `newest`: what is published in it."""
    global _publications
    _publications = _Publications(edition, newest)


@cache
def national() -> Catalogue:
    """The catalogue as the files stand when this process first asks; raises declare.Faults."""
    return declare.load_catalogue(settings.YAKUBA_SERVICES, keep_in=settings.YAKUBA_VAR / "catalogue")


@cache
def written() -> Catalogue:
    """The same with all that only whoever writes services needs: the place of each part, and what services share.

    The text itself is read, a minute for a thousand services: not for whoever only asks what is published.
    """
    return declare.load_catalogue(settings.YAKUBA_SERVICES)


class Offered(dict[str, Service]):
    """Services that residents can apply for, by id; the same object until something is published."""

    __hash__ = object.__hash__  # type: ignore[assignment]


class _Edition:
    """The catalogue of a town as it was published, the services that are stopped in it, and those that are offered: the
    same objects until something is published."""

    def __init__(self, catalogue: Catalogue, stopped: Mapping[str, Text]):
        self.catalogue, self.stopped = catalogue, stopped
        self.offered = Offered(
            {name: one for name, one in catalogue.services.items() if one.offered and name not in stopped}
        )


@lru_cache(maxsize=MOST_EDITIONS)
def _of_town(town: str, edition: int) -> _Edition:
    if not edition:
        return _Edition(national().of_town(town), {})
    published = _publications.newest()
    over: Catalogue = national().of_town(town)
    services = {one.service: _service(one, town) for one in published if one.bundle}
    stopped = {one.service: one.stopped for one in published if one.stopped}
    return _Edition(replace(over, services=over.services | services), stopped)


def _service(one: Published, town: str) -> Service:
    """As it was published. What a town lays over a national service lies over the newest one, as long as it fits."""
    if one.is_overlay:
        try:
            return national().with_texts(town, one.texts).of_town(town).services[one.service]
        except (declare.Faults, KeyError):
            pass  # the page of the workbench says so; until somebody mends it the town keeps what it has
    return declare.from_bundle(one.bundle)


@cache
def _national_edition() -> _Edition:
    return _Edition(national(), {})


def _edition() -> _Edition:
    town = towns.open_town()
    if town is None:
        return _national_edition()
    return _of_town(town, towns.once(EDITION, _publications.edition))


def current() -> Catalogue:
    """The catalogue of the open town: the files, what the town lays over them, and what it has published; outside of a
    town the national one."""
    return _edition().catalogue


def changed() -> None:
    """Something was published in the open town: whoever asks from now on is told the new one."""
    towns.ask_again(EDITION)


def forget() -> None:
    """Read the files anew when somebody asks next."""
    for read in (national, written, _national_edition, _of_town, version):
        read.cache_clear()


def service(service_id: str) -> Service:
    """The current version of a service; raises KeyError."""
    return current().services[service_id]


def name_of(service_id: str) -> Text:
    """What a service is called; its id where it is no longer in the catalogue."""
    known = current().services.get(service_id)
    return known.name if known else Text.same(service_id)


def offered() -> Offered:
    """The current services that residents can apply for."""
    return _edition().offered


def stopped() -> Mapping[str, Text]:
    """The services that this town has stopped for now, each with the reason that residents are told."""
    return _edition().stopped


@lru_cache(maxsize=512)
def version(version_id: str) -> Service:
    """The service as it was in a version that some case began with; raises LookupError when nobody kept it."""
    for candidate in current().services.values():
        if candidate.version == version_id:
            return candidate
    with connection.cursor() as cursor:
        cursor.execute("select bundle from cases_serviceversion where version = %s limit 1", [version_id])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"no text was kept of service version {version_id}")
    return declare.from_bundle(row[0])


_kept: set[tuple[str, str]] = set()
"""Towns and versions whose text this process has seen committed."""


def keep(town: str, kept: Service, as_of: datetime) -> None:
    """Store the text of the version once in this town, so that its cases can always be read."""
    if (town, kept.version) in _kept:
        return
    transaction.on_commit(lambda: _kept.add((town, kept.version)))
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into cases_serviceversion (town, service, version, bundle, first_used)
               values (%s, %s, %s, %s, %s) on conflict (town, version) do nothing""",
            [town, kept.id, kept.version, kept.bundle, as_of],
        )
