"""A draft looked at as `yakuba check` would: what is wrong with it, and the service it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yakuba.access import towns
from yakuba.cases import catalogue
from yakuba.declare import Catalogue, Example, Fault, Faults, Service, lint
from yakuba.workbench.files import over


@dataclass(frozen=True, slots=True)
class Checked:
    """`service`: as it is in the town; None when its files cannot be read. `catalogue`: the one with it."""

    faults: list[Fault]
    service: Service | None
    catalogue: Catalogue | None

    @property
    def examples(self) -> list[Example]:
        """The worked examples, the town's own among them."""
        if self.catalogue is None or self.service is None:
            return []
        own = self.catalogue.of_town(towns.current_town()).examples.get(self.service.id, [])
        plain = self.catalogue.examples.get(self.service.id, [])
        return [*plain, *(one for one in own if one not in plain)]


def checked(service: str, files: Mapping[str, str]) -> Checked:
    """Read and check the files of a service over what is installed."""
    town = towns.current_town()
    try:
        made = catalogue.written().with_texts(town, over(service, files))
    except Faults as found:
        return Checked(found.faults, None, None)
    of_town = made.of_town(town).services.get(service)
    return Checked(lint.check(made, [service], towns=[town]), of_town, made)


def outcome_of(example: Example, looked: Checked) -> list[Fault]:
    """What comes out of a worked example otherwise than it says; nothing when it comes out right."""
    assert looked.catalogue is not None
    assert looked.service is not None
    name = looked.service.id
    national = looked.catalogue.services[name]
    service = national if example in looked.catalogue.examples.get(name, []) else looked.service
    return list(lint.examples_that_fail(service, [example], looked.catalogue.places[name]))
