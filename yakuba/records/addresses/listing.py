"""A list of addresses read and written: CSV with a column 住所, or one address a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from yakuba.records.addresses.agreement import COLUMNS, Agreement, Disagreement
from yakuba.records.addresses.gazetteer import Gazetteer
from yakuba.records.addresses.normalise import Address, normalise
from yakuba.records.addresses.postal import postal_base
from yakuba.records.addresses.registry import read_base
from yakuba.words.formulas import guarded

HEADS = (
    "住所", "郵便番号", "コード", "都道府県", "市区町村", "通り名", "町字", "丁目", "番地", "号", "その他", "レベル", "不明",
    "候補", "変更",
)  # fmt: skip


def gazetteer_of(folder: Path) -> Gazetteer:
    """By the base in a folder, or the one that comes with Yakuba when there is none. Raises FaultyBase."""
    return Gazetteer(read_base(folder) or postal_base())


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a list: of a CSV by its heads when 住所 is one of them, else each line as 住所."""
    lines = text.splitlines()
    heads = next(csv.reader(lines[:1]), [])
    if "住所" in heads:
        return list(csv.DictReader(io.StringIO(text), restval="", restkey="…"))
    return [{"住所": line} for line in lines]


def normalised(
    text: str, folder: Path, *, as_json: bool, only_disagreements: bool
) -> Iterator[tuple[str, bool]]:
    """Lines to print, each with whether it is a result; what is none tells about the whole. Raises FaultyBase."""
    rows = rows_of(text)
    gazetteer = gazetteer_of(folder)
    given = bool(rows) and all(name in rows[0] for name in COLUMNS)
    agreement = Agreement()
    if not (as_json or only_disagreements):
        yield _csv(HEADS), True
    for row in rows:
        found = normalise(row["住所"], gazetteer)
        differing = agreement.add(row, found) if given else []
        if only_disagreements:
            yield from ((_differing(one, as_json), True) for one in differing)
        else:
            yield (_json(found.parts()) if as_json else _csv(_cells(found))), True
    yield f"{len(rows):,} addresses by {gazetteer.base.source}", False
    if given:
        yield agreement.as_text(), False
        if as_json:
            yield _json({"agreement": agreement.as_json()}), True


def _cells(one: Address) -> Iterable[str]:
    chome = "" if one.chome is None else f"{one.chome}{one.unit}"
    changed = " ".join(f"{change.written}→{change.official}" for change in one.changed)
    return (one.written, one.postal, one.code, one.prefecture, one.municipality, one.street, one.town, chome, one.block,
            one.number, one.rest, one.level, one.unfound, " ".join(one.candidates), changed)  # fmt: skip


def _differing(one: Disagreement, as_json: bool) -> str:
    cells = (one.part, one.how, one.written, one.given, one.found)
    return _json(dict(zip(("part", "how", "written", "given", "found"), cells, strict=True))) if as_json else _csv(cells)  # fmt: skip


def _csv(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(guarded(cell) for cell in cells)
    return line.getvalue()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
