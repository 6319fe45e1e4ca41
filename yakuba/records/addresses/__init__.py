"""Addresses as people write them, and the parts that an address base knows. Pure: no database, no clock of its own."""

from yakuba.records.addresses.agreement import Agreement
from yakuba.records.addresses.base import Base, FaultyBase, Municipality, Town
from yakuba.records.addresses.gazetteer import Gazetteer
from yakuba.records.addresses.normalise import Address, Change, normalise
from yakuba.records.addresses.postal import postal_base
from yakuba.records.addresses.registry import read_base, read_registry, write_base

__all__ = [
    "Address",
    "Agreement",
    "Base",
    "Change",
    "FaultyBase",
    "Gazetteer",
    "Municipality",
    "Town",
    "normalise",
    "postal_base",
    "read_base",
    "read_registry",
    "write_base",
]
