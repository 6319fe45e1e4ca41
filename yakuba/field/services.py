"""The services that this room works for. Their steps are found by what they declare, never by their names: whoever puts a
step more on the kitting line, or calls one otherwise, changes the service's file and nothing here."""

from __future__ import annotations

from yakuba.cases import catalogue
from yakuba.declare import MARK, Service, Step

KITTING = "device-kitting"
ON_SITE = "device-visit"
SUPPORT = "device-support"
HANDED_ON = f"{ON_SITE}{MARK}visit"
"""A visit that another hall handed on."""
FOR_CUSTOMERS = (ON_SITE, HANDED_ON, SUPPORT)
"""Services whose cases are done for customers."""

SERIAL, PARCEL, SPARE = "device.serial", "parcel.number", "spare.serial"
"""What a step records tells what it is: a device is received, leaves with a parcel, is reserved as a spare."""


class NoSuchStep(LookupError):
    """A service lacks a step that this room cannot do without."""


def kitting() -> Service:
    """The kitting line as it is now."""
    return catalogue.service(KITTING)


def recording(service: Service, fact: str) -> Step:
    """The step that records a fact. Raises NoSuchStep."""
    found = next((step for step in service.steps if fact in step.record), None)
    return _found(found, service, f"record: [{fact}]")


def comparing(service: Service) -> Step:
    """The step in which a device is compared with its profile. Raises NoSuchStep."""
    return _found(
        next((step for step in service.steps if step.do == "observe"), None), service, "do: observe"
    )


def mending(service: Service) -> Step:
    """The step that puts right what the comparison found. Raises NoSuchStep."""
    mender = comparing(service).on_failure
    return _found(service.step(mender) if mender else None, service, "do: observe and on_failure: …")


def stations(service: Service) -> list[Step]:
    """The steps of the line that people do by scanning, in order."""
    return [step for step in service.steps if step.by == "staff"]


def before_reading(service: Service) -> list[Step]:
    """What is scanned between receiving a device and reading it."""
    received = service.steps.index(recording(service, SERIAL))
    return [step for step in service.steps[received + 1 : _compared(service)] if step.by == "staff"]


def after_reading(service: Service) -> list[Step]:
    """What is scanned once a device is as its profile says."""
    later = service.steps[_compared(service) + 1 :]
    return [step for step in later if step.by == "staff" and not step.only_on_failure]


def _compared(service: Service) -> int:
    return service.steps.index(comparing(service))


def _found(step: Step | None, service: Service, wanted: str) -> Step:
    if step is None:
        raise NoSuchStep(f"services/{service.id}/service.yaml has no step with {wanted}; the code needs it")
    return step
