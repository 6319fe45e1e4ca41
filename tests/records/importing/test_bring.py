"""Old files brought in: every row is accepted, repaired or held, and none is lost."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from yakuba.records.importing import writing
from yakuba.records.importing.bring import Brought, bring_in
from yakuba.records.importing.mapping import FaultyMapping, mappings
from yakuba.records.importing.planted import against
from yakuba.records.standards import definition

MAPPING = """
source: sample
name: 見本
standard: resident-register
encoding: CP932
files:
  "setai*.csv":
    group: 世帯
    items:
      setaibango: {from: 番号, as: digits, digits: 4, lost_zeros: true}
      setainushi_atenabango: 主
      setaijotai: {from: 状態, codes: {現存: "1", 消滅: "2"}}
      setaiseiritsunengappi: {from: 成立, usual: '[SHR]\\d\\d\\.\\d\\d\\.\\d\\d'}
      setaishometsunengappi: 消滅日
  "ido*.csv":
    group: 異動履歴
    items:
      atenabango: 番号
      idotsuban: 通番
      idojiyu: {from: 事由, codes: {出生: "03"}}
      idonokeiki: {constant: "3"}
      idonengappi: 日
"""
HEADS = "番号,主,状態,成立,消滅日"
GOOD = "0001,A1,現存,H30.04.01,"
AS_OF = date(2026, 11, 29)


@pytest.fixture
def brought(tmp_path: Path) -> Iterator[Callable[..., Brought]]:
    """Bring files in, given by name with their lines; in CP932."""
    opened: list[Brought] = []

    def bring(mapping: str = MAPPING, language: str = "ja", **files: list[str]) -> Brought:
        path = tmp_path / "sample.yaml"
        path.write_text(mapping)
        paths = []
        for name, lines in files.items():
            paths.append(tmp_path / f"{name}.csv")
            paths[-1].write_bytes("\r\n".join([*lines, ""]).encode("cp932"))
        opened.append(
            bring_in(paths, mappings([path], definition), definition, as_of=AS_OF, language=language)
        )
        return opened[-1]

    yield bring
    for one in opened:
        one.close()


def counts(found: Brought, number: int = 0) -> tuple[int, int, int, int]:
    file = found.files[number]
    return file.rows, file.accepted, file.repaired, file.held


def told(found: Brought, group: str = "世帯") -> list[tuple[int, str, str, str | None, str | None]]:
    one = found.groups[f"resident-register/{group}"]
    return found.con.execute(
        f"select _line, item, kind, given, value from {one.told} join outcomes using (_told) join {one.table} using (_row) "
        "order by _line, item, kind"
    ).fetchall()


def test_a_row_that_stands_as_the_old_system_writes_it_is_accepted(brought: Callable[..., Brought]) -> None:
    found = brought(setai=[HEADS, GOOD])
    assert counts(found) == (1, 1, 0, 0)
    assert told(found) == []


def test_a_row_of_which_something_is_put_right_is_repaired_and_told(brought: Callable[..., Brought]) -> None:
    found = brought(setai=[HEADS, "1,A1,現存,平成30年4月1日,"])
    assert counts(found) == (1, 0, 1, 0)
    assert told(found) == [
        (2, "setaibango", "zeros", "1", "0001"),
        (2, "setaiseiritsunengappi", "form", "平成30年4月1日", "2018-04-01"),
    ]


def test_a_row_that_cannot_be_taken_is_held_with_every_reason(brought: Callable[..., Brought]) -> None:
    found = brought(setai=[HEADS, "0001,,消滅,H30.02.30,"])
    assert counts(found) == (1, 0, 0, 1)
    assert [(item, kind) for _, item, kind, _, _ in told(found)] == [
        ("setainushi_atenabango", "required"), ("setaiseiritsunengappi", "value"), ("setaishometsunengappi", "conditional"),
    ]  # fmt: skip


def test_a_text_that_cannot_be_read_is_not_called_missing_as_well(brought: Callable[..., Brought]) -> None:
    found = brought(setai=[HEADS, "0001,A1,生存,H30.04.01,"])
    assert [(item, kind) for _, item, kind, _, _ in told(found)] == [("setaijotai", "value")]


def test_rows_with_one_key_are_all_held(brought: Callable[..., Brought]) -> None:
    found = brought(setai=[HEADS, GOOD, GOOD.replace("A1", "A2"), GOOD.replace("0001", "0002")])
    assert counts(found) == (3, 1, 0, 2)


def test_files_of_one_group_are_one_table_with_counts_for_each(brought: Callable[..., Brought]) -> None:
    found = brought(setai_1=[HEADS, GOOD], setai_2=[HEADS, GOOD, "0002,A2,現存,H30.4.1,"])
    assert counts(found, 0) == (1, 0, 0, 1)
    assert counts(found, 1) == (2, 0, 1, 1)


def test_a_refused_file_leaves_nothing_behind(brought: Callable[..., Brought], tmp_path: Path) -> None:
    found = brought(setai_1=[HEADS, GOOD], setai_2=[HEADS.replace("状態", "じょうたい"), GOOD], other=["x"])
    assert counts(found) == (1, 1, 0, 0)
    assert [bool(one.refused) for one in found.files] == [False, True, True]
    assert counts(found, 1) == (0, 0, 0, 0)
    refused = found.files[1].refused
    assert refused is not None
    assert "状態" in refused.ja


def test_a_line_without_end_is_refused_after_rows_were_read(
    brought: Callable[..., Brought], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yakuba.records.importing.blocks.SIZE", 30)
    long = "0002,A2,現存,H30.04.01," + "x" * (1 << 20)
    found = brought(setai=[HEADS, GOOD, long])
    assert found.files[0].refused is not None
    assert counts(found) == (0, 0, 0, 0)


def test_a_heading_of_two_lines_is_held_as_a_row_and_refused_where_it_names_nothing(
    brought: Callable[..., Brought],
) -> None:
    found = brought(setai_1=["世帯,,,,", HEADS, GOOD], setai_2=[HEADS, HEADS, GOOD])
    assert found.files[0].refused is not None
    assert counts(found, 1) == (2, 1, 0, 1)


def test_a_file_that_two_mappings_want_is_refused(brought: Callable[..., Brought], tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(MAPPING.replace("source: sample", "source: other"))
    (tmp_path / "sample.yaml").write_text(MAPPING)
    path = tmp_path / "setai.csv"
    path.write_text(HEADS, "cp932")
    known = mappings([tmp_path], definition)
    found = bring_in([path], known, definition, as_of=AS_OF)
    refused = found.files[0].refused
    found.close()
    assert refused is not None
    assert "sample" in refused.en
    assert "other" in refused.en


@pytest.mark.parametrize("table", ["characters", "addresses"])
def test_a_table_that_is_not_there_is_said_before_anything_is_read(
    brought: Callable[..., Brought], table: str
) -> None:
    with pytest.raises(FaultyMapping, match=r"nowhere\.txt"):
        brought(MAPPING.replace("encoding:", f"{table}: nowhere.txt\nencoding:"), setai=[HEADS, GOOD])


# -- what is written -----------------------------------------------------------------------------------
def parquet(folder: Path, group: str) -> list[dict[str, Any]]:
    with duckdb.connect(":memory:") as con:
        rows = con.sql(
            f"select * from '{folder}/resident-register/{group}.parquet' order by _row"
        ).to_arrow_table()
    found: list[dict[str, Any]] = rows.to_pylist()
    return found


def test_files_of_an_import_for_systems_people_and_the_store(
    brought: Callable[..., Brought], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    found = brought(setai=[HEADS, GOOD, "0002,A2,現存,H30.4.1,", "0003,=1+1,生存,,", "cut"])
    writing.write(found, out)
    assert (out / "resident-register" / "世帯.csv").read_text().splitlines() == [
        "setaibango,setainushi_atenabango,setaikubun,setaiinsu,setaijotai,setaiseiritsunengappi,setaishometsunengappi",
        '"0001","A1",,,"1","2018-04-01",', '"0002","A2",,,"1","2018-04-01",',
    ]  # fmt: skip
    rows = parquet(out, "世帯")
    assert [row["_state"] for row in rows] == ["accepted", "repaired", "held", "held"]
    assert orjson.loads(rows[2]["_given"])["主"] == "=1+1"
    assert orjson.loads(rows[3]["_given"]) == {"": "cut"}
    assert rows[0]["_given"] is None
    outcome = orjson.loads((out / "resident-register" / "outcome.json").read_bytes())
    assert outcome["groups"]["世帯"] == {"in": 4, "accepted": 1, "repaired": 1, "held": 2}
    assert outcome["files"][0]["sha256"]
    report = (out / "report.csv").read_text()
    assert "'=1+1" in report
    assert ",=1+1" not in report


def test_a_my_number_stands_in_no_report(brought: Callable[..., Brought], tmp_path: Path) -> None:
    mapping = (
        MAPPING
        + """
  "jumin*.csv":
    group: 住民
    items: {atenabango: a, kojinbango: n, rirekibango: {constant: "1"}, setaibango: {constant: "1"}, juminhyokodo: {constant: "1"},
      juminkubun: {constant: "1"}, juminjotai: {constant: "1"}, shimei: {constant: 見本}, seinengappi: {constant: "1980-01-02"},
      tsuzukigara: {constant: "01"}, juminninattanengappi: {constant: "1980-01-02"}, jusho_shikuchosonkodo: {constant: "394262"},
      sosashaid: {constant: x}, sosanengappi: {constant: "2026-11-29"}, sosajikoku: {constant: "09:00"}}
"""
    )
    found = brought(mapping, jumin=["a,n", "1,1234 5678 9018", "2,123456789012", "3,123456789012,cut"])
    writing.write(found, tmp_path / "out")
    assert "1234" not in (tmp_path / "out" / "report.csv").read_text()
    assert counts(found) == (3, 0, 0, 3)


def test_the_language_of_the_reader(brought: Callable[..., Brought], tmp_path: Path) -> None:
    found = brought(language="en", setai=[HEADS, GOOD.replace("A1", "")])
    [(say,)] = found.con.execute("select say from outcomes").fetchall()
    assert say.isascii()


def test_planted_errors_are_found_and_clean_rows_that_were_held_are_told(
    brought: Callable[..., Brought], tmp_path: Path
) -> None:
    found = brought(setai=[HEADS, GOOD, "0002,A2,生存,H30.04.01,", "0003,A3,現存,H30.04.01,"])
    truth = tmp_path / "planted.json"
    planted = [{"file": "setai.csv", "line": line, "kind": "code", "expect": "held"} for line in (3, 4)]
    truth.write_bytes(orjson.dumps({"planted": planted}))
    compared = against(found, truth)
    assert compared["counts"] == {"kinds": 1, "planted": 2, "found": 1, "clean_held": 0}
    assert [one["line"] for one in compared["missed"]] == [4]
    truth.write_bytes(orjson.dumps({"planted": planted[1:]}))
    assert against(found, truth)["clean_held"] == [{"file": "setai.csv", "line": 3}]
