"""The file that `yakuba field spares` reads: kinds of units, their bases, and what is kept now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from yakuba.declare import yaml_files
from yakuba.field.spares import Base, Item, Stock

YEAR = 365.25
"""Days of a year."""
_Positive = Annotated[float, Field(ge=0)]


class Unreadable(Exception):
    """The file does not say what it must; says where."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Base(_Model):
    name: str
    demands: _Positive
    own_share: Annotated[float, Field(ge=0, le=1)] = 0
    own_repair: _Positive = 0
    order_and_ship: _Positive


class _Stock(_Model):
    depot: Annotated[int, Field(ge=0)]
    bases: tuple[Annotated[int, Field(ge=0)], ...]


class _Item(_Model):
    name: str
    price: Annotated[int, Field(gt=0)]
    depot_repair: _Positive
    bases: Annotated[tuple[_Base, ...], Field(min_length=1)]
    stock: _Stock

    @model_validator(mode="after")
    def _as_many_stocks_as_bases(self) -> _Item:
        if len(self.stock.bases) != len(self.bases):
            raise ValueError(f"stock.bases has {len(self.stock.bases)} numbers for {len(self.bases)} bases")
        return self


class _File(_Model):
    items: Annotated[tuple[_Item, ...], Field(min_length=1)]


def read(path: Path) -> list[tuple[Item, Stock]]:
    """Each kind of unit with what is kept of it. Raises Unreadable with the place of what is wrong."""
    found = yaml_files.read(path, _File, Unreadable)
    return [(_item(one), Stock(one.stock.depot, one.stock.bases)) for one in found.items]


def _item(one: _Item) -> Item:
    bases = tuple(
        Base(base.name, base.demands, base.own_share, base.own_repair / YEAR, base.order_and_ship / YEAR)
        for base in one.bases
    )
    return Item(one.name, bases, one.depot_repair / YEAR, one.price)
