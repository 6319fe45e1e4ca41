"""Makes the outlines in `yakuba/channels/progress/areas`: every municipality on a map of the country, and on one of its prefecture.

    python data/japan/build_municipalities.py ja_municipality_area.topojson.json yakuba/channels/progress/areas

The file is the TopoJSON of 国土数値情報（行政区域データ） that DATA.md names. Neighbours are simplified together (shapely's
`coverage_simplify`), so that no gap opens between them. Far islands are drawn nearer, in frames of their own; islets are left out,
but the largest island of a municipality never: where it is too small to be seen it becomes a square.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from itertools import accumulate, pairwise
from pathlib import Path

import shapely
from shapely import LineString, MultiPolygon, Polygon, affinity

DEGREE = 111.32
"""Kilometres of a degree of latitude."""
Point = tuple[float, float]
Frame = Callable[[Polygon], Polygon]


def main(source: Path, target: Path) -> None:
    """Read, simplify, write: `country.json` and one file a prefecture."""
    target.mkdir(parents=True, exist_ok=True)
    areas = _areas(json.loads(source.read_text("utf-8")))
    country = _drawn(areas, middle=37.0, frame=_country, tall=1000, tolerance=2.4, islet=12.0, least=4)
    prefectures: dict[str, dict[str, Polygon]] = defaultdict(dict)
    for code, shape in areas.items():
        prefectures[code[:2]][code] = shape
    _write(target / "country.json", country)
    for number, own in prefectures.items():
        _, south, _, north = shapely.total_bounds(list(own.values()))
        middle = float(south + north) / 2
        frame = {"13": _tokyo, "47": _okinawa}.get(number, _as_it_is)
        _write(
            target / f"{number}.json",
            _drawn(own, middle=middle, frame=frame, tall=900, tolerance=3.0, islet=40.0, least=9),
        )


def _areas(data: dict) -> dict[str, MultiPolygon]:
    """Polygons in degrees by the code of six digits."""
    (sx, sy), (tx, ty) = data["transform"]["scale"], data["transform"]["translate"]
    arcs = []
    for arc in data["arcs"]:
        xs, ys = accumulate(p[0] for p in arc), accumulate(p[1] for p in arc)
        arcs.append([(x * sx + tx, y * sy + ty) for x, y in zip(xs, ys, strict=True)])

    def ring(numbers: list[int]) -> list[Point]:
        found: list[Point] = []
        for n in numbers:
            points = arcs[n] if n >= 0 else arcs[~n][::-1]
            found += points[1:] if found else points
        return found

    parts: dict[str, list[Polygon]] = defaultdict(list)
    for shape in next(iter(data["objects"].values()))["geometries"]:
        if not shape.get("arcs"):
            continue
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        for polygon in polygons:
            outer, *holes = [ring(one) for one in polygon]
            if len(outer) > 3:
                parts[shape["properties"]["lg_code"]].append(
                    Polygon(outer, [one for one in holes if len(one) > 3])
                )
    return {code: MultiPolygon(found) for code, found in sorted(parts.items())}


# -- frames: where an island lies, in degrees, once far ones are drawn nearer ------------------------
def _as_it_is(shape: Polygon) -> Polygon:
    return shape


def _country(shape: Polygon) -> Polygon:
    """沖縄, 奄美 and トカラ to the upper left, 小笠原 to the south of 伊豆."""
    at = shape.centroid
    if at.y < 30.1 and at.x < 132:
        return affinity.translate(shape, 6.5, 13.0)
    if at.y < 29 and at.x > 139:
        return affinity.translate(shape, -1.5, 4.5)
    return shape


def _tokyo(shape: Polygon) -> Polygon:
    """The islands below the town, nearer to each other than they are, each larger than it is."""
    at = shape.centroid
    if at.y > 35:
        return shape
    x, y = (
        (139.78, 35.26 + (at.y - 27) * 0.05)
        if at.y < 29
        else (138.95 + (at.x - 139) * 0.45, 35.36 + (at.y - 34.8) * 0.1)
    )
    return affinity.scale(affinity.translate(shape, x - at.x, y - at.y), 0.4, 0.4)


def _okinawa(shape: Polygon) -> Polygon:
    """Islands far from the main one at half of their distance."""
    east, north = shape.centroid.x - 127.95, shape.centroid.y - 26.5
    near = math.hypot(east, north) < 0.8
    return shape if near else affinity.translate(shape, -east * 0.5, -north * 0.5)


LINE = [(128.8, 36.7), (136, 37.4), (138.6, 39.2), (138.6, 43.4)]
"""What parts 沖縄 in its place on the country's map from the rest."""


# -- drawing -----------------------------------------------------------------------------------------
def _drawn(
    areas: dict[str, MultiPolygon],
    *,
    middle: float,
    frame: Frame,
    tall: float,
    tolerance: float,
    islet: float,
    least: int,
) -> dict:
    """Paths by code in whole units; `tolerance` in units, `islet`: square units below which an island is left out."""
    narrow = math.cos(math.radians(middle))

    def flat(shape):  # type: ignore[no-untyped-def]
        return shapely.transform(shape, lambda found: found * (narrow * DEGREE, -DEGREE))

    shapes = {code: flat(MultiPolygon([frame(one) for one in shape.geoms])) for code, shape in areas.items()}
    large = [one for shape in shapes.values() for one in shape.geoms if one.area > 60] or list(
        shapes.values()
    )
    west, north, east, south = shapely.total_bounds(large)
    unit = tall / max(east - west, south - north)

    def measured(shape):  # type: ignore[no-untyped-def]
        return shapely.transform(shape, lambda found: (found - (west, north)) * unit)

    wholes = {code: measured(shape) for code, shape in shapes.items()}
    thin = dict(zip(wholes, shapely.coverage_simplify(list(wholes.values()), tolerance), strict=True))
    made = {"areas": {code: _path(shape, wholes[code], islet, least) for code, shape in thin.items()}}
    if frame is _country:
        by_prefecture = defaultdict(list)
        for code, shape in thin.items():
            by_prefecture[code[:2]].append(shape)
        unions = {
            number: shapely.union_all(shapely.make_valid(found)) for number, found in by_prefecture.items()
        }
        made["prefectures"] = {number: _path(one, one, 40.0, least) for number, one in unions.items()}
        line = measured(flat(LineString(LINE)))
        made["line"] = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in line.coords)
    corners = [corner for path in made["areas"].values() for corner in _corners(path)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    west, north, east, south = min(xs), min(ys), max(xs), max(ys)
    return {"box": f"{west - 6} {north - 6} {east - west + 12} {south - north + 12}", **made}


def _path(shape: MultiPolygon, whole: MultiPolygon, islet: float, least: int) -> str:
    """Rings as relative moves in whole units, the largest first."""
    parts = sorted(getattr(shape, "geoms", [shape]), key=lambda one: -one.area)
    found = []
    for part in parts:
        if found and part.area < islet:
            break
        for n, ring in enumerate([part.exterior, *part.interiors]):
            if n and Polygon(ring).area < islet:
                continue
            if moved := _ring(list(ring.coords)):
                found.append(moved)
    if not found:
        largest = max(getattr(whole, "geoms", [whole]), key=lambda one: one.area).centroid
        found = [f"M{round(largest.x - least / 2)} {round(largest.y - least / 2)}h{least}v{least}h-{least}z"]
    return "".join(found)


def _ring(points: list[Point]) -> str:
    """A closed ring; nothing where fewer than three corners are left."""
    rounded = [(round(x), round(y)) for x, y in points[:-1]]
    kept = [p for n, p in enumerate(rounded) if p != rounded[n - 1]]
    kept = [
        p
        for n, p in enumerate(kept)
        if (kept[n - 1][0] - p[0]) * (kept[(n + 1) % len(kept)][1] - p[1])
        != (kept[n - 1][1] - p[1]) * (kept[(n + 1) % len(kept)][0] - p[0])
    ]
    if len(kept) < 3:
        return ""
    text = f"M{kept[0][0]} {kept[0][1]}l"
    moves = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(kept)]
    written = " ".join(f"{dx} {dy}" for dx, dy in moves)
    return text + written.replace(" -", "-") + "z"


def _corners(path: str) -> list[tuple[int, int]]:
    """Every corner of a path that `_path` has written."""
    found = []
    for ring in path.split("z")[:-1]:
        start, _, moves = ring[1:].partition("l")
        x, y = (int(one) for one in re.findall(r"-?\d+", start)[:2])
        found.append((x, y))
        steps = [int(one) for one in re.findall(r"-?\d+", moves)]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def _write(file: Path, made: dict) -> None:
    file.write_text(json.dumps(made, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
