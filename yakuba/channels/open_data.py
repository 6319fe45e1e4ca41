"""Open data for everybody: the catalogue, a page for each dataset, files and an API at addresses that stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import condition, require_safe

from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.channels import open_data_map
from yakuba.records import publishing
from yakuba.records.opendata import Dataset, datasets
from yakuba.records.opendata.metadata import FORMATS, LICENCES
from yakuba.records.opendata.shelf import CATALOGUES, METADATA, Kept, Shelf
from yakuba.records.opendata.telling import proof_text
from yakuba.words import Text

PAGE = 50
"""Rows on a page for people."""
MOST = 1000
"""Rows of one answer of the API."""
NAMES = {"CC-BY-4.0": "CC BY 4.0", "CC0-1.0": "CC0 1.0", "PDL-1.0": "公共データ利用規約（PDL 1.0）"}
"""Licences as people know them."""
_TITLES = ("名称", "イベント名", "地域名", "手続名")
"""The column by which a row is known."""
_EVERYWHERE = ("全国地方公共団体コード", "地方公共団体名", "ID", "地域コード", "手続ID")
"""Columns for programs, which the table for people leaves out; the files have them."""
_NUMBERS = frozenset({"integer", "number", "count"})
_FRESH = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Listed:
    """A published dataset as pages show it."""

    dataset: Dataset
    kept: Kept

    @property
    def licence(self) -> str:
        """Its name."""
        return NAMES[self.kept.licence]

    @property
    def terms(self) -> str:
        """The address of its licence."""
        return LICENCES[self.kept.licence]

    @property
    def proof(self) -> Text | None:
        """How counts were protected."""
        return proof_text(self.kept.proof) if self.kept.proof else None

    @property
    def smallest(self) -> int:
        """Smaller counts are not shown."""
        return int(self.kept.proof["threshold"]) if self.kept.proof else 0


def _shelf(town: str) -> Shelf:
    return Shelf(publishing.folder(town))


def _found(town: str, dataset: str) -> Listed:
    kept = _shelf(town).newest().get(dataset)
    if kept is None:
        raise Http404
    return Listed(datasets()[dataset], kept)


# -- pages -------------------------------------------------------------------------------------------
@require_safe
@asks("open-data.read")
def catalogue(request: Request, town: str) -> HttpResponse:
    """Every dataset that is published, with its licence, when it changed, and its files."""
    listed = [Listed(datasets()[name], kept) for name, kept in _shelf(town).newest().items()]
    listed.sort(key=lambda one: one.dataset.name.get(request.language))
    return render(request, "channels/web/open_data.html", {"listed": listed, "catalogues": CATALOGUES})


@require_safe
@asks("open-data.read")
def page(request: Request, town: str, dataset: str) -> HttpResponse:
    """A dataset: what it is, a map where it has places, its rows, its files and versions."""
    found, shelf = _found(town, dataset), _shelf(town)
    records = shelf.records(dataset, found.kept)
    page_of = Paginator(records, PAGE).get_page(request.GET.get("page"))
    first = (page_of.number - 1) * PAGE + 1
    rows = list(enumerate(page_of.object_list, start=first))
    columns = _columns(found.kept, records)
    shown = {
        "found": found,
        "versions": shelf.versions(dataset),
        "columns": columns,
        "rows": [
            (number, [_cell(found.kept, row, name, kind) for name, kind in columns]) for number, row in rows
        ],
        "page_of": page_of,
        "map": open_data_map.draw(_places(rows)) if found.kept.places else None,
        "home": request.build_absolute_uri(reverse("channels:open_data", args=[town])),
    }
    return render(request, "channels/web/open_data_set.html", shown)


def _columns(kept: Kept, records: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The columns in which anything stands, the one by which rows are known first."""
    filled = [
        (name, kind)
        for name, kind in kept.columns
        if name not in _EVERYWHERE and (kind == "count" or any(row.get(name) is not None for row in records))
    ]
    return sorted(filled, key=lambda one: one[0] not in _TITLES)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table. `hidden`: a count that is kept back; `link`: it is an address."""

    text: str
    number: bool
    hidden: bool = False
    link: bool = False


def _cell(kept: Kept, row: Mapping[str, Any], name: str, kind: str) -> Cell:
    value = row.get(name)
    if value is None:
        return Cell("X", True, hidden=True) if kind == "count" and kept.proof else Cell("", False)
    if kind in ("integer", "count"):
        return Cell(f"{value:,}", True)
    return Cell(str(value), kind in _NUMBERS, link=kind == "url")


def _places(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> list[open_data_map.Place]:
    """The places of the rows that have one."""
    return [
        open_data_map.Place(number, str(_title(row)), row["緯度"], row["経度"])
        for number, row in rows
        if row.get("緯度") is not None and row.get("経度") is not None
    ]


def _title(row: Mapping[str, Any]) -> Any:
    return next((row[name] for name in _TITLES if row.get(name)), "")


# -- files and the API -------------------------------------------------------------------------------
def _etag(request: Request, town: str, dataset: str, kind: str = "json", version: str = "") -> str | None:
    kept = _version(town, dataset, version)
    query = f"-{request.GET.urlencode()}" if kind == "json" and not version else ""
    return f'"{kept.version}-{kept.sums.get(kind, kept.sums["csv"])[:32]}{query}"' if kept else None


def _changed(
    request: Request, town: str, dataset: str, kind: str = "json", version: str = ""
) -> datetime | None:
    kept = _version(town, dataset, version)
    return kept.modified.replace(microsecond=0) if kept else None


def _version(town: str, dataset: str, version: str) -> Kept | None:
    """The version of that name; without one the newest."""
    versions = _shelf(town).versions(dataset)
    return next((one for one in versions if not version or one.version == version), None)


@require_safe
@asks("open-data.read")
@condition(_etag, _changed)
def file(request: Request, town: str, dataset: str, kind: str, version: str = "") -> HttpResponse:
    """A file of a dataset: CSV, its metadata, or JSON with all rows of a version."""
    kept = _version(town, dataset, version)
    if kept is None or dataset not in datasets():
        raise Http404
    content = _shelf(town).file(dataset, kept, kind).read_bytes()
    types = {**FORMATS, "csv": "text/csv; charset=utf-8; header=present", METADATA: "application/csvm+json"}
    answer = _for_all(HttpResponse(content, content_type=types[kind]))
    if kind == "csv":
        name = f"{town}_{dataset.replace('-', '_')}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        address = reverse("channels:open_data_metadata", args=[town, dataset])
        answer["Link"] = f'<{address}>; rel="describedby"; type="application/csvm+json"'
    return answer


@require_safe
@asks("open-data.read")
@condition(_etag, _changed)
def rows(request: Request, town: str, dataset: str) -> HttpResponse:
    """The API: rows as JSON, `?page=` from 1 and `?size=` up to 1000."""
    found = _found(town, dataset)
    size = request.GET.get("size", "")
    records = _shelf(town).records(dataset, found.kept)
    pages = Paginator(records, min(MOST, max(1, int(size))) if size.isascii() and size.isdigit() else MOST)
    page_of = pages.get_page(request.GET.get("page"))
    following = _following(request, page_of)
    answer = {
        "dataset": dataset,
        "name": _said(found.dataset.name),
        "version": found.kept.version,
        "modified": found.kept.modified.isoformat(timespec="seconds"),
        "licence": found.terms,
        "source": found.kept.source,
        "total": pages.count,
        "page": page_of.number,
        "pages": pages.num_pages,
        "next": following,
        "records": list(page_of.object_list),
    }
    made = _for_all(JsonResponse(answer, json_dumps_params={"ensure_ascii": False}))
    if following:
        made["Link"] = f'<{following}>; rel="next"'
    return made


def _following(request: Request, page_of: Any) -> str | None:
    """The address of the next page."""
    if not page_of.has_next():
        return None
    query = request.GET.copy()
    query["page"] = str(page_of.next_page_number())
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _said(name: Text) -> dict[str, str]:
    return {"ja": name.ja, "easy": name.easy, "en": name.en}


def _listed_at(request: Request, town: str, kind: str) -> datetime | None:
    kept = _shelf(town).newest().values()
    return max((one.modified.replace(microsecond=0) for one in kept), default=None)


@require_safe
@asks("open-data.read")
@condition(last_modified_func=_listed_at)
def dcat(request: Request, town: str, kind: str) -> HttpResponse:
    """The catalogue for other catalogues (DCAT)."""
    path = _shelf(town).catalogue(kind)
    if not path.exists():
        raise Http404
    return _for_all(HttpResponse(path.read_bytes(), content_type=CATALOGUES[kind]))


def _for_all(answer: HttpResponse) -> HttpResponse:
    """Scripts of any site may read it (Fetch Standard, CORS), and it may be kept for some minutes."""
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link"
    answer["Cache-Control"] = _FRESH
    return answer
