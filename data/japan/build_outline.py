"""Makes `yakuba/channels/static/desk/japan.svg`, the outline behind the dispatchers' map, from the prefectures' polygons.

    python data/japan/build_outline.py ja_prefecture_area.topojson.json yakuba/channels/static/desk/japan.svg

The file is the TopoJSON of 国土数値情報（行政区域データ） that DATA.md names. Small islands are left out below AREA.
"""

from __future__ import annotations

import json
import sys
from itertools import accumulate, pairwise
from pathlib import Path

WEST, NORTH, EAST, SOUTH = 122.0, 46.0, 149.0, 24.0
"""The corners of the picture in degrees (WGS 84); `channels.dispatch_map` places points by the same."""
ACROSS, DOWN = 81, 100
"""Units of the picture for one degree of longitude (at 36°) and of latitude."""
AREA, NEAR = 40.0, 5.0
"""Square units below which an island is left out, and how near in units a point is to the last for being left out."""


def main(source: Path, target: Path) -> None:
    """Read, thin, write."""
    data = json.loads(source.read_text("utf-8"))
    (sx, sy), (tx, ty) = data["transform"]["scale"], data["transform"]["translate"]
    arcs = []
    for arc in data["arcs"]:
        xs, ys = accumulate(p[0] for p in arc), accumulate(p[1] for p in arc)
        arcs.append([_point(x * sx + tx, y * sy + ty) for x, y in zip(xs, ys, strict=True)])
    shapes = next(iter(data["objects"].values()))["geometries"]
    paths = [path for shape in shapes for ring in _rings(shape) if (path := _path(ring, arcs))]
    width, height = (EAST - WEST) * ACROSS, (NORTH - SOUTH) * DOWN
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">'
        f'<path fill="#f2f2f2" stroke="#949494" stroke-width="0.6" d="{"".join(paths)}"/></svg>\n'
    )


def _point(lon: float, lat: float) -> tuple[float, float]:
    return (lon - WEST) * ACROSS, (NORTH - lat) * DOWN


def _rings(shape: dict) -> list[list[int]]:
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    return [polygon[0] for polygon in polygons]


def _path(ring: list[int], arcs: list[list[tuple[float, float]]]) -> str:
    points = [p for n in ring for p in (arcs[n] if n >= 0 else arcs[~n][::-1])]
    area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points))) / 2
    if area < AREA:
        return ""
    kept = [points[0]]
    for x, y in points[1:]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= NEAR:
            kept.append((x, y))
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in kept) + "Z"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
