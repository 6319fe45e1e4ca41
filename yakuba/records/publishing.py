"""What a town publishes as open data: counted from its register and its cases, made by the rooms above, or handed in as files.
Every dataset is held to its definition before it is shown, and every count is protected (`opendata.disclosure`)."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from yakuba.access import SYSTEM, Resource, require, towns
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.clock import in_tokyo
from yakuba.command_line import var_folder
from yakuba.records.checking import Report
from yakuba.records.opendata import Column, Dataset, Version, datasets, population
from yakuba.records.opendata.checks import check
from yakuba.records.opendata.dataset import SUPPRESSED
from yakuba.records.opendata.disclosure import SMALLEST, Counts, Proof, Safe, Sum, Unsafe, protect
from yakuba.records.opendata.metadata import Publisher
from yakuba.records.opendata.shelf import Row, Shelf, csv_bytes
from yakuba.records.values.encodings import decide
from yakuba.register import queries as register
from yakuba.words import Text, ui_text

LICENCE = "CC-BY-4.0"
FOLDER = "open-data"


@dataclass(frozen=True, slots=True)
class Made:
    """The rows of a dataset before they are published. `source`: whence; `columns`: those of an edition of its definition."""

    rows: Sequence[Row]
    source: str
    edition: Version
    columns: Sequence[Column]
    proof: Proof[Any] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a dataset: `published`, `unchanged`, `refused` (for `why`, or as `report` says) or `nothing`: there is
    nothing to make it from. What is published already stays."""

    dataset: Dataset
    state: str
    version: str = ""
    rows: int = 0
    why: Text | None = None
    report: Report | None = None
    proof: Mapping[str, Any] | None = None


class Unusable(Exception):
    """A dataset cannot be made."""

    def __init__(self, why: Text, report: Report | None = None):
        self.why, self.report = why, report
        super().__init__(why.en)


def folder(town: str) -> Path:
    """Where a town's published data lie."""
    return var_folder() / FOLDER / town


def publisher(town: str) -> Publisher:
    """The town as catalogues name it. Raises LookupError."""
    found = register.town(town)
    if found is None or register.is_partner(town):
        raise LookupError(f"There is no town {town} here.")
    home = f"{settings.YAKUBA_BASE_URL}/{town}/open-data/"
    return Publisher(town, found.name, found.contact, home, found.synthetic)


def publish(
    town: str,
    shelf: Shelf,
    *,
    given: Path | None = None,
    licence: str = LICENCE,
    threshold: int = SMALLEST,
    as_of: datetime,
) -> list[Outcome]:
    """Make every dataset from what the town has and publish what changed. `given`: a folder with files ID.csv that the town hands
    in; a file comes before what could be counted. `threshold`: counts below it are kept back. Raises LookupError, Denied."""
    with towns.inside(town):
        by = publisher(town)
        require(SYSTEM(town), "open-data.publish", Resource("Town", town, town))
        towns.alone_with(FOLDER)  # two runs at once would give one version two contents
        maker = _Maker(by, given, threshold, in_tokyo(as_of).date())
        outcomes = [_publish(one, maker, shelf, licence, as_of) for one in datasets().values()]
        shelf.list_all(by)
    return outcomes


def _publish(dataset: Dataset, maker: _Maker, shelf: Shelf, licence: str, as_of: datetime) -> Outcome:
    try:
        made = maker.made(dataset)
        if made is None:
            return Outcome(dataset, "nothing")
        _held_to(dataset, made)
    except Unusable as error:
        return Outcome(dataset, "refused", why=error.why, report=error.report)
    proof = asdict(made.proof) if made.proof else None
    about = {
        "edition": made.edition.id,
        "specification": made.edition.source,
        "provisional": made.edition.provisional,
        "source": made.source,
        "proof": proof,
    }
    kept = shelf.put(dataset.id, made.columns, made.rows, maker.by, about=about, licence=licence, as_of=as_of)
    version = kept or shelf.versions(dataset.id)[0]
    state = "published" if kept else "unchanged"
    return Outcome(dataset, state, version.version, version.rows, proof=proof)


def _held_to(dataset: Dataset, made: Made) -> None:
    """What we made is held to the definition as anything that is handed in. Raises Unusable."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"{dataset.id}.csv"
        path.write_bytes(csv_bytes(made.columns, made.rows))
        _, report = check(path, dataset, encoding="UTF-8")
    if not report.conforms:
        raise Unusable(ui_text("opendata.not_as_defined"), report)


# -- making ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the datasets of the open town. `on`: the day in Japan."""

    by: Publisher
    given: Path | None
    threshold: int
    on: date

    def made(self, dataset: Dataset) -> Made | None:
        """The rows of a dataset; None where there is nothing to make it from. Raises Unusable."""
        path = self.given / f"{dataset.id}.csv" if self.given else None
        if path is not None and path.is_file():
            return self._from_file(dataset, path)
        own: Mapping[str, Callable[[Dataset], Made | None]] = {
            "population": self._population,
            "procedures": self._procedures,
        }
        if dataset.id in own:
            return own[dataset.id](dataset)
        rows = import_string(settings.YAKUBA_OPEN_DATA)(dataset.id, self.on)
        return self._of(dataset, rows, "町の業務システムから作成") if rows else None

    def _of(
        self, dataset: Dataset, rows: Sequence[Row], source: str, proof: Proof[Any] | None = None
    ) -> Made:
        """Rows of ours, with what every row of the town has."""
        head = {"全国地方公共団体コード": self.by.code, "地方公共団体名": self.by.name}
        note = {"備考": "架空の町のデータ"} if self.by.synthetic else {}
        filled = [{**head, **note, **row} for row in rows]
        return Made(filled, source, dataset.current, dataset.current.columns, proof)

    def _from_file(self, dataset: Dataset, path: Path) -> Made:
        """A file of the town. Columns that the dataset does not have are not published: nobody looked at what is in them."""
        version, report = check(path, dataset)
        if not report.conforms:
            raise Unusable(report.refused or ui_text("opendata.not_as_defined"), report)
        encoding = "utf-8-sig" if (found := decide(path).encoding) == "utf-8" else found
        with path.open(encoding=encoding, newline="") as file:
            heads, *cells = csv.reader(file)
        rows: list[Row] = [dict(zip(map(str.strip, heads), line, strict=True)) for line in cells if line]
        columns = [one for one in version.columns if one.name not in report.absent]
        made = Made(rows, f"町が提出したファイル {path.name}", version, columns)
        return self._protected(made) if dataset.id == "population" else made

    # -- people --------------------------------------------------------------------------------------
    def _population(self, dataset: Dataset) -> Made | None:
        """From the register, as of the first day of the month: what did not change in a month is not published anew."""
        first = self.on.replace(day=1)
        counted = _districts(first)
        if not counted:
            return None
        safe = self._safe(counted)
        cells = population.rows(safe, list(counted))
        rows = [
            {"調査年月日": first.isoformat(), "地域名": name, **row} for name, row in sorted(cells.items())
        ]
        return self._of(dataset, rows, "住民基本台帳から集計", safe.proof)

    def _protected(self, made: Made) -> Made:
        """A file of counts that the town handed in, protected as our own."""
        try:
            counts = {row["地域名"]: _counted(row) for row in made.rows}
        except ValueError as error:
            raise Unusable(ui_text("opendata.counts_kept_back")) from error
        if len(counts) != len(made.rows):
            raise Unusable(ui_text("opendata.several_days"))
        safe = self._safe(counts)
        cells = population.rows(safe, list(counts))
        names = {one.name for one in made.columns}
        rows = [
            {**row, **{name: cell for name, cell in cells[row["地域名"]].items() if name in names}}
            for row in made.rows
        ]
        return Made(rows, made.source, made.edition, made.columns, safe.proof)

    def _safe(self, counted: Mapping[str, Mapping[str, int]]) -> Safe[population.Cell]:
        try:
            return population.safe(counted, self.threshold)
        except Unsafe as error:
            raise Unusable(ui_text("opendata.unsafe")) from error
        except ValueError as error:
            raise Unusable(ui_text("opendata.sums_differ").format(why=str(error))) from error

    # -- cases ---------------------------------------------------------------------------------------
    def _procedures(self, dataset: Dataset) -> Made | None:
        """How many cases of each service came in, in each month that is over. There is no sum over months: it would grow with
        every month, and the newest month would be what it grew by."""
        months: dict[str, dict[str, int]] = {}
        for month, service, count in cases.opened_by_month(self.on.replace(day=1)):
            months.setdefault(month, {})[service] = count
        if not months:
            return None
        safe = self._safe_months(months)
        names = {one.id: one.name.ja for one in catalogue.current().services.values()} | {
            _ALL: "すべての手続"
        }
        rows = [
            {"年月": month, "手続ID": service, "手続名": names.get(service, service), "件数": _written(safe, month, service)}
            for month, services in months.items()
            for service in (*sorted(services), _ALL)
        ]  # fmt: skip
        return self._of(dataset, rows, "町の案件から集計", safe.proof)

    def _safe_months(self, months: Mapping[str, Mapping[str, int]]) -> Safe[tuple[str, str]]:
        values = {(month, service): n for month, counts in months.items() for service, n in counts.items()}
        values |= {(month, _ALL): sum(counts.values()) for month, counts in months.items()}
        sums = [
            Sum((month, _ALL), tuple((month, service) for service in counts))
            for month, counts in months.items()
        ]
        try:
            return protect(Counts(values, sums), over=("年月", "手続"), threshold=self.threshold)
        except Unsafe as error:
            raise Unusable(ui_text("opendata.unsafe")) from error


_ALL = "all"
"""All services of a month together."""


def _written(safe: Safe[tuple[str, str]], month: str, service: str) -> str:
    count = safe.shown((month, service))
    return SUPPRESSED if count is None else str(count)


def _districts(on: date) -> dict[str, dict[str, int]]:
    """By district the columns of the dataset, counted in the register."""
    found: dict[str, dict[str, int]] = {}
    for one in register.population(as_of=on, bands=len(population.BANDS)):
        row = found.setdefault(one.district or "その他", dict.fromkeys(population.COLUMNS, 0))
        row[population.ALL] += one.people
        if one.sex in population.SEXES:
            row[population.SEXES[one.sex]] += one.people
            row[population.column(one.sex, one.band)] += one.people
    for district, count in register.households_by_district(as_of=on).items():
        found[district or "その他"][population.HOUSEHOLDS] = count
    return found


def _counted(row: Row) -> dict[str, int]:
    """The counts of a row. Raises ValueError: one is kept back already."""
    names = (*population.COLUMNS, population.HOUSEHOLDS)
    return {name: int(row[name]) for name in names if row.get(name)}
