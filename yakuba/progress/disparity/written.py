"""A report and peers as JSON, and tables as CSV. Pure."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from yakuba.progress.disparity import mergers
from yakuba.progress.disparity.peers import Compared, Lead
from yakuba.progress.disparity.report import Group, Measured, Report
from yakuba.progress.disparity.table import Municipality, Table, columns, indicators

SOURCE = "デジタル庁「自治体DXの取組に関するダッシュボード」"
"""Who published the table."""


def percent(value: float | None) -> int | None:
    """A share as whole percent, a half rounded up.

    >>> percent(0.552), percent(0.065), percent(None)
    (55, 7, None)
    """
    return None if value is None else math.floor(value * 100 + 0.5 + 1e-9)


def points(value: float | None) -> int | None:
    """Whole percentage points."""
    return percent(value / 100) if value is not None else None


def written(report: Report) -> dict[str, Any]:
    """The report for programs: shares from 0 to 1 to four digits, gaps in percentage points to one; null is unknown."""
    table = report.table
    return {
        "source": SOURCE,
        "published": table.published,
        "depopulated_areas_as_of": table.kaso_as_of or None,
        "municipalities": len(table.towns),
        "unknown_columns": list(table.unknown),
        "merged": [asdict(one) for one in table.merged],
        "codes_newer_than_ours": list(table.new_codes),
        "headline": headline(report),
        "use_of_26_procedures": asdict(report.use),
        "indicators": {name: _measured(one) for name, one in report.measured.items()},
    }


def headline(report: Report) -> dict[str, Any]:
    """The figures that are quoted, rounded as people say them."""
    rpa, online = report.measured["rpa"], report.measured["online32"]
    return {
        "rpa": {
            "under_5000_percent": percent(rpa.sizes[0].mean),
            "over_200000_percent": percent(rpa.sizes[-1].mean),
            "gap_points": points(rpa.gap),
        },
        "online32": {
            "mean_percent": percent(online.country.mean),
            "gini": _round(online.gini, 3),
            "theil": _round(online.theil.total if online.theil else None, 3),
            "p10_percent": percent(online.country.p10),
            "p50_percent": percent(online.country.p50),
            "p90_percent": percent(online.country.p90),
        },
        "use26": {
            "all_online_and_use_reported": report.use.reporting,
            "of_them_0_on_all": report.use.at_zero,
        },
    }


def _measured(one: Measured) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": one.indicator.name.model_dump(),
        "column": one.indicator.column,
        "kind": one.indicator.kind,
        "country": _group(one.country),
        "gap_points": _round(one.gap, 1),
        "at_zero": one.none_at_all,
        "by_population": [_group(group) for group in one.sizes],
        "by_depopulated_area": [_group(group) for group in one.kaso],
        "by_prefecture": [_group(group) for group in one.prefectures],
    }
    if one.indicator.kind == "ratio":
        found["gini"] = _round(one.gini)
        found["theil"] = (
            {name: _round(value) for name, value in asdict(one.theil).items()} if one.theil else None
        )
    return found


def _group(group: Group) -> dict[str, Any]:
    found = {
        "id": group.id,
        "municipalities": group.towns,
        "known": group.known,
        "missing": group.missing,
        "mean": _round(group.mean),
        "p10": _round(group.p10),
        "p50": _round(group.p50),
        "p90": _round(group.p90),
        "lag_points": _round(group.lag, 1),
    }
    return {name: value for name, value in found.items() if value is not None or name == "mean"}


def _round(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def peers(code: str, found: Compared) -> dict[str, Any]:
    """A town beside its peers, for programs."""
    change = mergers.changes().get(code)
    return {
        "source": SOURCE,
        "town": code,
        "now": asdict(change) | {"day": change.day.isoformat()} if change else None,
        "name": found.town.name if found.town else None,
        "compared_by": list(found.by),
        "profile": asdict(found.profile),
        "peers": [
            {
                "code": one.town.code,
                "prefecture": one.town.prefecture,
                "name": one.town.name,
                "distance": _round(one.distance),
                "population": one.town.population,
                "aged65_percent": one.town.aged,
                "fiscal_index": one.town.money,
                "ahead_in": list(one.ahead),
            }
            for one in found.peers
        ],
        "ahead": [_lead(one) for one in found.leads],
        "ahead_in_use": [_lead(one) for one in found.use],
    }


def _lead(one: Lead) -> dict[str, Any]:
    return {
        "id": one.id,
        "own": one.own,
        "peers_ahead": len(one.towns),
        "peers_known": one.known,
        "towns": [town.code for town in one.towns],
    }


# -- files -------------------------------------------------------------------------------------------
def rows_csv(towns: Sequence[Municipality]) -> str:
    """Every town with every indicator, as it was published: an empty cell is unknown. UTF-8; the first row names columns."""
    out = io.StringIO()
    made = csv.writer(out, lineterminator="\r\n")
    made.writerow(
        ["全国地方公共団体コード", "都道府県", "市区町村", "人口", "65歳以上の割合", "財政力指数", "過疎"]
        + [one.column for one in columns().indicators]
    )
    for one in towns:
        made.writerow(
            [one.code, one.prefecture, one.name, one.population, _cell(one.aged), _cell(one.money), one.kaso]
            + [_cell(one.values[name]) for name in indicators()]
        )
    return out.getvalue()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def rows_json(table: Table) -> list[dict[str, Any]]:
    """Every town with every indicator and rate of use, for programs."""
    return [
        {
            "code": one.code,
            "prefecture": one.prefecture,
            "name": one.name,
            "population": one.population,
            "aged65_percent": one.aged,
            "fiscal_index": one.money,
            "depopulated_area": one.kaso,
            "indicators": dict(one.values),
            "online_use": {name: rate for name, rate in one.use.items() if rate is not None},
        }
        for one in table.towns
    ]
