"""Published versions as files: `DATASET/VERSION/data.csv` and what belongs to it, and `manifest.json`, which says what is there.
A version is never changed; a reader sees the old manifest or the new one, and only files that are whole."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel

from yakuba.records.opendata.dataset import SUPPRESSED, Column, Kind, datasets
from yakuba.records.opendata.metadata import FORMATS, Edition, Publisher, csvw

Row = Mapping[str, str]
METADATA = "csv-metadata.json"
"""How CSV on the Web finds the metadata of a CSV file: the file's name with it."""
CATALOGUES = {"jsonld": "application/ld+json", "ttl": "text/turtle"}
_RDF = {"jsonld": "json-ld", "ttl": "turtle"}
_MANIFEST = "manifest.json"


class Kept(BaseModel):
    """A published version. `proof`: how counts were protected; None where a dataset has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    modified: datetime
    licence: str
    source: str
    edition: str
    specification: str
    provisional: bool
    columns: list[tuple[str, Kind]]
    rows: int
    sizes: dict[str, int]
    sums: dict[str, str]
    proof: dict[str, Any] | None

    @property
    def places(self) -> bool:
        """Has it places on a map?"""
        return {"緯度", "経度"} <= {name for name, _ in self.columns}


class _Manifest(RootModel[dict[str, list[Kept]]]):
    """By dataset its versions, the newest first."""


class Shelf:
    """The folder of a town's published data."""

    def __init__(self, folder: Path):
        self.folder = folder

    def versions(self, dataset: str) -> list[Kept]:
        """The versions of a dataset, the newest first."""
        return self._manifest().get(dataset, [])

    def newest(self) -> dict[str, Kept]:
        """What is published now, by dataset."""
        known = datasets()
        return {name: kept[0] for name, kept in self._manifest().items() if kept and name in known}

    def file(self, dataset: str, kept: Kept, kind: str) -> Path:
        """`csv`, `json` or `csv-metadata.json` of a version."""
        return self.folder / dataset / kept.version / f"data.{kind}"

    def records(self, dataset: str, kept: Kept) -> list[dict[str, Any]]:
        """The rows of a version, numbers as numbers, None where nothing stands or a count is kept back."""
        found: list[dict[str, Any]] = json.loads(self.file(dataset, kept, "json").read_text("utf-8"))
        return found

    def catalogue(self, kind: str) -> Path:
        """The DCAT catalogue: `jsonld` or `ttl`."""
        return self.folder / f"catalog.{kind}"

    # -- putting in ------------------------------------------------------------------------------------
    def put(
        self,
        dataset: str,
        columns: Sequence[Column],
        rows: Sequence[Row],
        publisher: Publisher,
        *,
        about: Mapping[str, Any],
        licence: str,
        as_of: datetime,
    ) -> Kept | None:
        """Publish the rows as a new version. None: they are those of the newest one. `about`: edition, specification,
        provisional, source and proof."""
        before = self.versions(dataset)
        files = {"csv": csv_bytes(columns, rows), "json": _json_bytes(columns, rows)}
        sums = {kind: hashlib.sha256(content).hexdigest() for kind, content in files.items()}
        if before and before[0].sums == sums and before[0].licence == licence:
            return None
        kept = Kept(
            version=_name(as_of.date(), [one.version for one in before]), modified=as_of, licence=licence,
            columns=[(one.name, one.kind) for one in columns], rows=len(rows), sums=sums,
            sizes={kind: len(content) for kind, content in files.items()}, **about,
        )  # fmt: skip
        edition = _edition(dataset, [kept, *before])
        files[METADATA] = _json(csvw(edition, columns, publisher))
        self._lay(dataset, kept.version, files)
        self._write({**self._manifest(), dataset: [kept, *before]})
        return kept

    def list_all(self, publisher: Publisher) -> None:
        """Write the catalogue anew."""
        from yakuba.records.opendata.dcat import catalogue

        versions = self._manifest()
        graph = catalogue(publisher, [_edition(name, versions[name]) for name in self.newest()])
        for kind, written in _RDF.items():
            text = graph.serialize(format=written)
            _replace(self.catalogue(kind), text.encode())

    def _manifest(self) -> dict[str, list[Kept]]:
        path = self.folder / _MANIFEST
        return _Manifest.model_validate_json(path.read_bytes()).root if path.exists() else {}

    def _write(self, versions: dict[str, list[Kept]]) -> None:
        _replace(self.folder / _MANIFEST, _Manifest(versions).model_dump_json(indent=1).encode())

    def _lay(self, dataset: str, version: str, files: Mapping[str, bytes]) -> None:
        """All files of a version appear at once. What an interrupted run left behind is no version: no manifest names it."""
        place = self.folder / dataset / version
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        making = Path(tempfile.mkdtemp(dir=place.parent, prefix=".making-"))
        for kind, content in files.items():
            (making / f"data.{kind}").write_bytes(content)
        making.chmod(0o755)
        making.rename(place)


def csv_bytes(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """The rows as CSV in UTF-8 with its mark (BOM), which spreadsheets need to read Japanese."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([one.name for one in columns])
    out.writerows([row.get(one.name, "") for one in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _json_bytes(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    return _json([{one.name: _value(one.kind, row.get(one.name, "")) for one in columns} for row in rows])


def _value(kind: Kind, cell: str) -> Any:
    if cell == "" or (kind == "count" and cell == SUPPRESSED):
        return None
    if kind in ("integer", "count"):
        return int(cell)
    return float(cell) if kind in ("number", "latitude", "longitude") else cell


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _edition(dataset: str, versions: Sequence[Kept]) -> Edition:
    found, kept = datasets()[dataset], versions[0]
    return Edition(
        dataset, found.name, found.theme, kept.version, kept.modified, versions[-1].modified, kept.licence, kept.source,
        kept.specification, kept.rows, kept.sizes, kept.sums,
    )  # fmt: skip


def _name(on: date, taken: Sequence[str]) -> str:
    """The day; with a number where the day has a version already."""
    number = sum(one == on.isoformat() or one.startswith(f"{on.isoformat()}.") for one in taken) + 1
    return on.isoformat() if number == 1 else f"{on.isoformat()}.{number}"


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(name, 0o644)
    os.replace(name, path)


__all__ = ["CATALOGUES", "FORMATS", "METADATA", "Kept", "Shelf", "csv_bytes"]
