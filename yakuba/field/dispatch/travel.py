"""How long it takes from place to place: known without internet, or asked of a town's own routing server.

Offline it is the great circle × DETOUR at SPEED, with FERRY tables between islands. The two constants are provisional:
a town or company with measured roads uses `Server`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

UNREACHABLE = 10**7
"""Seconds that stand for "no way today": more than any day holds, small enough to be added up."""
EARTH = 6_371_008.8
"""Mean radius of the earth in metres (IUGG)."""
DETOUR = 1.4
"""Roads ÷ great circle. Provisional: to be replaced by what is measured."""
SPEED = 40 / 3.6
"""Metres a second on the road, stops included. Provisional as well."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point: degrees (WGS 84) on real days, plain lengths in VRPLIB files. `island` is empty on the main land."""

    lat: float
    lon: float
    island: str = ""


@dataclass(frozen=True, slots=True)
class GreatCircle:
    """Travel without any map. `ferries` says how many seconds an island is away, boarding included, from any other
    land; an island that is not in it cannot be reached today.
    """

    kind: Literal["great_circle"] = "great_circle"
    detour: float = DETOUR
    speed: float = SPEED
    ferries: dict[str, int] = field(default_factory=dict)

    def matrix(self, places: Sequence[Place]) -> np.ndarray:
        """Haversine distances × detour ÷ speed, plus the ferries that lie between; int32 seconds."""
        lat = np.radians([place.lat for place in places])
        lon = np.radians([place.lon for place in places])
        result = np.empty((len(places), len(places)), dtype=np.int32)
        for row in range(len(places)):  # row by row: the whole in floats would be many times as large
            half = np.sin((lat[row] - lat) / 2) ** 2
            half += np.cos(lat[row]) * np.cos(lat) * np.sin((lon[row] - lon) / 2) ** 2
            metres = 2 * EARTH * np.arcsin(np.sqrt(np.minimum(half, 1)))
            result[row] = np.rint(metres * self.detour / self.speed)
        if any(place.island for place in places):
            self._cross(places, result)
        return result

    def _cross(self, places: Sequence[Place], result: np.ndarray) -> None:
        """Add the ferries between lands that are not the same."""
        names = np.array([place.island for place in places])
        wait = np.array(
            [self.ferries.get(place.island, UNREACHABLE) if place.island else 0 for place in places]
        )
        for row, place in enumerate(places):
            other = names != place.island
            result[row, other] = np.minimum(result[row, other] + wait[row] + wait[other], UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Tenths:
    """Straight lines to one decimal, truncated, in tenths: what the Solomon instances' best known costs are in."""

    kind: Literal["tenths"] = "tenths"

    def matrix(self, places: Sequence[Place]) -> np.ndarray:
        """⌊10 × Euclidean distance⌋ as int32 (12th DIMACS Implementation Challenge, VRPTW track)."""
        points = np.array([(place.lat, place.lon) for place in places])
        away = points[:, None] - points
        return np.floor(10 * np.hypot(away[..., 0], away[..., 1])).astype(np.int32)


class NoRoads(Exception):
    """The routing server did not say how long the ways take."""


@dataclass(frozen=True, slots=True)
class Server:
    """Travel times of a routing server: `kind` "osrm" (/table) or "valhalla" (/sources_to_targets)."""

    kind: Literal["osrm", "valhalla"]
    url: str
    timeout: float = 30.0

    def matrix(self, places: Sequence[Place]) -> np.ndarray:
        """The server's durations in whole seconds; UNREACHABLE where it knows no way.

        Raises NoRoads when it does not answer, or answers something else.
        """
        import httpx

        try:
            rows = self._osrm(places) if self.kind == "osrm" else self._valhalla(places)
            table = np.array([[UNREACHABLE if s is None else s for s in row] for row in rows], dtype=float)
        except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
            raise NoRoads(f"{self.url}: {error}") from error
        if table.shape != (len(places), len(places)):
            raise NoRoads(f"{self.url}: {len(places)} places were asked for, {table.shape} answered")
        return np.rint(table).astype(np.int32)

    def _osrm(self, places: Sequence[Place]) -> list[list[float | None]]:
        import httpx

        points = ";".join(f"{place.lon:.6f},{place.lat:.6f}" for place in places)
        answer = httpx.get(f"{self.url}/table/v1/driving/{points}", timeout=self.timeout)
        return answer.raise_for_status().json()["durations"]

    def _valhalla(self, places: Sequence[Place]) -> list[list[float | None]]:
        import httpx

        points = [{"lat": place.lat, "lon": place.lon} for place in places]
        asked = {"sources": points, "targets": points, "costing": "auto"}
        answer = httpx.post(f"{self.url}/sources_to_targets", json=asked, timeout=self.timeout)
        rows = answer.raise_for_status().json()["sources_to_targets"]
        return [[cell["time"] for cell in row] for row in rows]


Travel = Annotated[GreatCircle | Tenths | Server, Field(discriminator="kind")]
"""What makes a matrix from places."""
