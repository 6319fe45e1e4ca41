"""What programs read of published datasets: CSV on the Web metadata beside each CSV file, and what catalogues say of one.

Source: W3C Metadata Vocabulary for Tabular Data (2015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from yakuba.records.opendata.dataset import SUPPRESSED, Column, Kind
from yakuba.words import Text

LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDL-1.0": "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
}
"""Licences that a town may choose, by SPDX id (公共データ利用規約 has none), with their addresses."""
FORMATS = {"csv": "text/csv", "json": "application/json"}
_TYPES: Mapping[Kind, Any] = {
    "integer": {"base": "integer", "minimum": "0"},
    "count": {"base": "integer", "minimum": "0"},
    "number": "decimal",
    "latitude": {"base": "decimal", "minimum": "-90", "maximum": "90"},
    "longitude": {"base": "decimal", "minimum": "-180", "maximum": "180"},
    "date": {"base": "date", "format": "yyyy-MM-dd"},
    "month": "gYearMonth",
    "url": "anyURI",
}


@dataclass(frozen=True, slots=True)
class Publisher:
    """The town as catalogues name it. `home`: the address of its catalogue, ending with a slash."""

    code: str
    name: str
    contact: str
    home: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Edition:
    """A published version of a dataset. `version` names it; `modified`: when it was published; `sizes` and `sums` (SHA-256) of
    its files by format."""

    dataset: str
    name: Text
    theme: str
    version: str
    modified: datetime
    issued: datetime
    licence: str
    source: str
    specification: str
    rows: int
    sizes: Mapping[str, int]
    sums: Mapping[str, str]


def csvw(edition: Edition, columns: Sequence[Column], publisher: Publisher) -> dict[str, Any]:
    """Metadata of the CSV file, to be served as `ID.csv-metadata.json` beside it."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "ja"}],
        "@id": f"{publisher.home}{edition.dataset}.csv",
        "url": f"{edition.dataset}.csv",
        "dc:title": edition.name.ja,
        "dc:publisher": publisher.name,
        "dc:license": {"@id": LICENCES[edition.licence]},
        "dc:modified": {"@value": edition.modified.date().isoformat(), "@type": "xsd:date"},
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n", "\n"]},
        "tableSchema": {
            "columns": [_column(one) for one in columns],
            "primaryKey": [_name(one.name) for one in columns if one.key and one.required],
        },
    }


def _column(one: Column) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": _name(one.name),
        "titles": one.name,
        "datatype": _TYPES.get(one.kind, "string"),
    }
    if one.kind == "count":
        found["null"] = ["", SUPPRESSED]
    elif one.required:
        found["required"] = True
    return found


def _name(title: str) -> str:
    """The name that the standard derives from a title: percent-encoded."""
    return quote(title, safe="").replace("-", "%2D").replace("~", "%7E")
