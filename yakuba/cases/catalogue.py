"""The services this installation runs, and the version that each case keeps.

A new version needs no migration: the first case that begins with it stores its whole text
(`ServiceVersion`), and from then on that case is read with that text, whatever happens to
the files.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache

from django.conf import settings
from django.db import connection, transaction

from yakuba import declare
from yakuba.access import towns
from yakuba.declare import Catalogue, Service


@cache
def national() -> Catalogue:
    """The catalogue as the files stand when this process first asks; raises declare.Faults."""
    return declare.load_catalogue(settings.YAKUBA_SERVICES, keep_in=settings.YAKUBA_VAR / "catalogue")


@cache
def _of_town(town: str) -> Catalogue:
    return national().of_town(town)


def current() -> Catalogue:
    """The catalogue with what the open town lays over it; outside of a town the national one."""
    town = towns.open_town()
    return _of_town(town) if town else national()


def forget() -> None:
    """Read the files anew when somebody asks next."""
    for read in (national, _of_town, _offered_in, version):
        read.cache_clear()


def service(service_id: str) -> Service:
    """The current version of a service; raises KeyError."""
    return current().services[service_id]


class Offered(dict[str, Service]):
    """Services that residents can apply for, by id; the same object until the files are read anew."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def offered() -> Offered:
    """The current services that residents can apply for."""
    return _offered_in(towns.open_town())


@cache
def _offered_in(town: str | None) -> Offered:
    known = _of_town(town) if town else national()
    return Offered({name: one for name, one in known.services.items() if one.offered})


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
