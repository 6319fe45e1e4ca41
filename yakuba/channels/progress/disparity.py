"""Disparity between localities, for everybody: the country, a prefecture, and a town among all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, open_to_all
from yakuba.channels.progress import disparity_map
from yakuba.progress import like
from yakuba.progress.disparity import mergers, table, written
from yakuba.progress.disparity.errors import DisparityError, NoTable
from yakuba.progress.disparity.peers import Compared
from yakuba.progress.disparity.report import Group, Report, report, size_of
from yakuba.progress.disparity.table import Indicator, Municipality, Table, indicators
from yakuba.progress.disparity.written import percent, points
from yakuba.progress.plan import seeing
from yakuba.words import Text, ui_text

FIRST = "online32"
"""What is shown to who has chosen nothing."""
ORDERS = ("code", "value", "population")
_PUBLISHED = "the table is published, names towns only, and is the same for everybody"
_FRESH = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. Texts are ready to show; `link`: the number of a prefecture."""

    name: Text
    group: Group
    link: str = ""

    @property
    def mean(self) -> int | None:
        """Whole percent."""
        return percent(self.group.mean)

    @property
    def spread(self) -> list[int | None]:
        """p10, p50 and p90 in whole percent."""
        return [percent(value) for value in (self.group.p10, self.group.p50, self.group.p90)]

    @property
    def lag(self) -> int | None:
        """Whole points."""
        return points(self.group.lag)


@dataclass(frozen=True, slots=True)
class Shown:
    """A municipality in a table. `value` in whole percent, None: unknown."""

    town: Municipality
    value: int | None
    done: bool
    kaso: Text | None

    @property
    def people(self) -> str:
        """The population with separators."""
        return f"{self.town.population:,}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the looked-at town stands in one indicator: its value, that of its band and of the country, in whole percent; and what
    runs here now, where something of it is seen from here."""

    name: Text
    is_ratio: bool
    own: int | None
    band: int | None
    country: int | None
    live: Text | None


# -- pages -------------------------------------------------------------------------------------------
@require_safe
@gzip_page
@open_to_all(_PUBLISHED)
def country(request: Request) -> HttpResponse:
    """All municipalities: map, bands, prefectures."""
    try:
        found = table.read()
    except DisparityError as error:
        return _without(request, error)
    return render(request, "channels/web/disparity.html", _country(request, report(found)))


@require_safe
@gzip_page
@open_to_all(_PUBLISHED)
def prefecture(request: Request, number: str) -> HttpResponse:
    """The municipalities of a prefecture: map and table."""
    try:
        found = table.read()
    except DisparityError as error:
        return _without(request, error)
    chosen = _chosen(request)
    towns = [one for one in found.towns if one.code.startswith(number)]
    drawn = disparity_map.prefecture(number, {one.code: one.values[chosen.id] for one in towns})
    if drawn is None or not towns:
        raise Http404
    order = request.GET.get("order", "")
    order = order if order in ORDERS else ORDERS[0]
    made = report(found).measured[chosen.id]
    names = {one.code: one for one in towns}
    return render(
        request,
        "channels/web/disparity_prefecture.html",
        {
            "name": towns[0].prefecture,
            "number": number,
            "group": _row(next(one for one in made.prefectures if one.id == towns[0].prefecture)),
            "measured": made,
            "chosen": chosen,
            "choices": list(indicators().values()),
            "order": order,
            "orders": ORDERS,
            "towns": _sorted(towns, chosen, order),
            "map": drawn,
            "titles": [
                (one, names.get(one.code), _value(names.get(one.code), chosen)) for one in drawn.areas
            ],
            "classes": _classes(chosen),
            "table": found,
        },
    )


@require_safe
@gzip_page
@asks("open-data.read")
def of_the_town(request: Request, town: str) -> HttpResponse:
    """The same as for the country, with the town marked: where it stands, and who is like it and ahead."""
    try:
        found = table.read()
    except DisparityError as error:
        return _without(request, error)
    row = found.town(town)
    peers = like.peers_of(found, town, as_of=clock.now())
    made = report(found)
    shown = _country(request, made, mergers.now(town)) | {
        "row": row,
        "standings": _standings(made, row, town),
        "peers": peers,
        "leads": _leads(peers),
        "change": mergers.changes().get(town),
    }
    return render(request, "channels/web/disparity.html", shown)


def _without(request: Request, error: DisparityError) -> HttpResponse:
    """The page when there is no table, or none that can be read: which places were looked at is nobody's business."""
    text = ui_text("disparity.page_no_table") if isinstance(error, NoTable) else error.text
    return render(request, "channels/web/disparity_none.html", {"text": text}, status=404)


def _country(request: Request, made: Report, mine: str = "") -> dict[str, Any]:
    chosen = _chosen(request)
    measured = made.measured[chosen.id]
    numbers = {one.prefecture: one.code[:2] for one in made.table.towns}
    prefectures = [_row(one, numbers[one.id]) for one in measured.prefectures]
    rows = {one.link: one for one in prefectures}
    drawn = disparity_map.country({one.code: one.values[chosen.id] for one in made.table.towns}, mine)
    return {
        "table": made.table,
        "chosen": chosen,
        "choices": list(indicators().values()),
        "measured": measured,
        "country": _row(measured.country),
        "gap": points(measured.gap),
        "between": f"{measured.theil.between:.3f}" if measured.theil else "",
        "within": f"{measured.theil.within:.3f}" if measured.theil else "",
        "sizes": [_row(one) for one in measured.sizes if one.towns],
        "kaso": [_row(one) for one in measured.kaso if one.towns],
        "prefectures": prefectures,
        "map": drawn,
        "links": [(one, rows[one.code]) for one in drawn.areas if one.code in rows],
        "classes": _classes(chosen),
        "count": f"{len(made.table.towns):,}",
        "use": {
            "offering": f"{made.use.offering:,}",
            "reporting": f"{made.use.reporting:,}",
            "zero": f"{made.use.at_zero:,}",
            "silent": f"{made.use.silent:,}",
        },
        "missing": measured.country.missing,
    }


def _chosen(request: Request) -> Indicator:
    return indicators().get(request.GET.get("measure", ""), indicators()[FIRST])


def _row(group: Group, link: str = "") -> Row:
    return Row(_named(group.id), group, link)


def _named(group: str) -> Text:
    """The name of a group: a band, a kind of depopulated area, or a prefecture as it is called."""
    if group in ("all", "part", "deemed", "none"):
        return ui_text(f"disparity.kaso_{group}")
    if group.startswith("under_"):
        return ui_text("disparity.size_under").format(people=f"{int(group[6:]):,}")
    if group.startswith("over_"):
        return ui_text("disparity.size_over").format(people=f"{int(group[5:]):,}")
    low, joint, high = group.partition("_to_")
    if joint:
        return ui_text("disparity.size_between").format(low=f"{int(low):,}", high=f"{int(high):,}")
    return Text.same(group)


def _classes(chosen: Indicator) -> list[tuple[str, Text]]:
    """The legend: each class with what it means."""
    if chosen.kind == "yes_no":
        known = [("0", ui_text("disparity.not_done")), ("4", ui_text("disparity.done"))]
    else:
        edges = [0, *(round(100 * one) for one in disparity_map.STEPS), 100]
        known = [
            (name, ui_text("disparity.class").format(low=low, high=high))
            for name, low, high in zip(disparity_map.CLASSES, edges, edges[1:], strict=False)
        ]
    return [*known, (disparity_map.UNKNOWN, ui_text("disparity.unknown"))]


# -- a prefecture ------------------------------------------------------------------------------------
def _sorted(towns: Sequence[Municipality], chosen: Indicator, order: str) -> list[Shown]:
    """In the order of codes, or the highest first; what is unknown comes last."""

    def key(one: Municipality) -> tuple[bool, float, str]:
        value = {"value": one.values[chosen.id], "population": float(one.population)}.get(order, 0.0)
        return value is None, -(value or 0.0), one.code

    return [_shown(one, chosen) for one in sorted(towns, key=key)]


def _shown(one: Municipality, chosen: Indicator) -> Shown:
    value = one.values[chosen.id]
    kaso = ui_text(f"disparity.kaso_{one.kaso}") if one.kaso and one.kaso != "none" else None
    return Shown(one, percent(value), bool(value), kaso)


def _value(one: Municipality | None, chosen: Indicator) -> Text:
    """What the map says of a municipality; of islands that the table does not have (北方領土), that it is unknown."""
    value = one.values[chosen.id] if one else None
    if value is None:
        return ui_text("disparity.unknown")
    if chosen.kind == "yes_no":
        return ui_text("disparity.done" if value else "disparity.not_done")
    return Text.same(f"{percent(value)} %")


# -- a town ------------------------------------------------------------------------------------------
def _standings(made: Report, row: Municipality | None, town: str) -> list[Standing]:
    """Every indicator of a town of the table; of another town, those of which something is seen from here."""
    band = size_of(row.population) if row else ""
    sight = seeing.Sight(town, clock.now())
    found = []
    for name, one in made.measured.items():
        standing = seeing.state(one.indicator.item, sight).standing
        live = ui_text(f"plan.standing_{standing}") if standing != "unseen" else None
        if row or live:
            found.append(
                Standing(
                    name=one.indicator.name,
                    is_ratio=one.indicator.kind == "ratio",
                    own=percent(row.values[name]) if row else None,
                    band=percent(next((group.mean for group in one.sizes if group.id == band), None)),
                    country=percent(one.country.mean),
                    live=live,
                )
            )
    return found


def _leads(peers: Compared | None) -> list[tuple[Text, int, int, str]]:
    """What peers have or do: its name, how many of how many, and who."""
    if peers is None:
        return []
    return [
        (
            indicators()[one.id].name,
            len(one.towns),
            one.known,
            "、".join(f"{town.prefecture}{town.name}" for town in one.towns[:3]),
        )
        for one in peers.leads
    ]


# -- files -------------------------------------------------------------------------------------------
@require_safe
@gzip_page
@open_to_all(_PUBLISHED)
def rows_csv(request: Request) -> HttpResponse:
    """Every municipality with every indicator."""
    found = _table_or_404()
    answer = HttpResponse("\ufeff" + written.rows_csv(found.towns), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="disparity_{found.published}.csv"'
    answer["Cache-Control"] = _FRESH
    return answer


@require_safe
@gzip_page
@open_to_all(_PUBLISHED)
def rows_json(request: Request) -> HttpResponse:
    """The same for programs, with the online use of every procedure."""
    found = _table_or_404()
    answer = {
        "source": written.SOURCE,
        "published": found.published,
        "municipalities": written.rows_json(found),
    }
    return _json(answer)


@require_safe
@gzip_page
@open_to_all(_PUBLISHED)
def report_json(request: Request) -> HttpResponse:
    """All figures for programs, as `yakuba progress disparity --json` prints them."""
    return _json(written.written(report(_table_or_404())))


def _json(answer: dict[str, Any]) -> HttpResponse:
    made = JsonResponse(answer, json_dumps_params={"ensure_ascii": False})
    made["Cache-Control"] = _FRESH
    return made


def _table_or_404() -> Table:
    try:
        return table.read()
    except DisparityError as error:
        raise Http404 from error
