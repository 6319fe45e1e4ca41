"""A file of the standard is held to its definition: each row is accepted or held, and each fault says what, where and how to
mend it."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.records import checking, checks, telling
from yakuba.records.standards import ROOT, Definition, load
from yakuba.records.values.codes import to_my_number

DAY = date(2026, 11, 29)
GROUP = "住登外者宛名基本情報"
OFFICIAL = ROOT / "non-resident-numbers" / "2026-08"
RIGHT = {
    "atenabango": "000000000000001",
    "shimei": "見本　花子",
    "gyomuid": "001",
    "dokujishisakushisutemunadoid": "A01",
    "daihyoatenafuragu": "0",
    "jusho_todofuken": "東京都",
    "sosashaid": "sato",
    "sosanengappi": "2026-11-29",
    "sosajikoku": "09:00:00",
}


@pytest.fixture(scope="module")
def definition() -> Definition:
    return load(OFFICIAL)


@pytest.fixture
def written(tmp_path: Path, definition: Definition) -> Callable[..., Path]:
    """`written({"shimei": "x"}, {})`: a file with a row each, right but for what is given; numbers follow one another."""

    def write(*rows: dict[str, str]) -> Path:
        path = tmp_path / f"{GROUP}.csv"
        names = [item.romaji for item in definition.items]
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, names, restval="")
            out.writeheader()
            for number, row in enumerate(rows, start=1):
                out.writerow({**RIGHT, "atenabango": f"{number:015}", **row})
        return path

    return write


def faults(path: Path, definition: Definition) -> list[tuple[int, str, str]]:
    report = checking.check(path, definition, GROUP, as_of=DAY)
    assert report.refused is None, report.refused
    assert report.rows == report.accepted + report.held
    assert report.held == len({one.row for one in report.findings})
    return [(one.row, one.item.romaji, one.kind) for one in report.findings]


def refused(path: Path, definition: Definition) -> str:
    report = checking.check(path, definition, GROUP, as_of=DAY)
    assert report.refused
    assert not report.conforms
    return report.refused.ja


def test_a_file_that_is_right_is_accepted_as_a_whole(written, definition) -> None:
    path = written({}, {"kojinbango": "123456789018", "seinengappi": "1964-00-00"})
    report = checking.check(path, definition, GROUP, as_of=DAY)
    assert report.conforms
    assert (report.rows, report.accepted, report.held) == (2, 2, 0)
    assert report.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("sosashaid", "", "required"),
        ("sosashaid", "佐藤", "X"),
        ("shimei", "Sato", "N"),
        ("shimei", "ｻﾄｳ", "N"),
        ("jusho_todofuken", "神奈川県横浜", "digits"),
        ("daihyoatenafuragu", "０", "9"),
        ("daihyoatenafuragu", "3", "code"),
        ("seibetsu", "9", "code"),
        ("seinengappi", "2026-02-30", "DATE"),
        ("seinengappi", "令和元年5月1日", "DATE"),
        ("sosanengappi", "2026-11-00", "DATE"),
        ("sosanengappi", "0000-05-05", "DATE"),
        ("sosanengappi", "20260-11-01", "DATE"),
        ("sosanengappi", "2026-1-01", "DATE"),
        ("seinengappi", "2025-02-29", "DATE"),
        ("sosajikoku", "25:00:00", "TIME"),
        ("kojinbango", "123456789012", "number"),
        ("kojinbango", "12345678901a", "number"),
        ("kojinbango", "1234", "number"),
        ("gyomuid", "0001", "digits"),
    ],
)
def test_each_fault_of_a_cell_is_found_where_it_is(
    written, definition, name: str, value: str, kind: str
) -> None:
    assert (2, name, kind) in faults(written({}, {name: value}, {}), definition)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sosanengappi", "0000-01-01"),
        ("sosanengappi", "9999-12-31"),
        ("sosanengappi", "2024-02-29"),
        ("sosajikoku", "09:00"),
        ("shimei", "髙橋　𠮷子"),
        ("jusho_katagaki", "あ" * 300),
        ("dokujishisakushisutemunadoid", "ZZZ"),
    ],
)
def test_what_the_standard_allows_is_not_found(written, definition, name: str, value: str) -> None:
    assert faults(written({name: value}), definition) == []


def test_what_is_needed_by_a_condition_over_the_row_is_found(written, definition) -> None:
    path = written({"daihyoatenafuragu": "1"}, {"gyomuid": "", "dokujishisakushisutemunadoid": ""})
    assert faults(path, definition) == [
        (1, "nayosesakiatenabango", "conditional"),
        (2, "dokujishisakushisutemunadoid", "conditional"),
        (2, "gyomuid", "conditional"),
    ]


def test_rows_with_the_same_key_are_all_found(written, definition) -> None:
    path = written({}, {"atenabango": "7"}, {"atenabango": "7"})
    assert faults(path, definition) == [(2, "atenabango", "twice"), (3, "atenabango", "twice")]


def test_rows_that_lie_in_a_connection_already_are_looked_at_there(definition) -> None:
    names = [item.romaji for item in definition.items]
    columns = ", ".join(
        f'{f"$${RIGHT[name]}$$" if name in RIGHT else "null::varchar"} as "{name}"' for name in names
    )
    with duckdb.connect(":memory:") as con:
        con.execute(f"create table came as select 5 as _row, {columns} union all select 7, {columns}")
        con.execute("update came set sosajikoku = '9' where _row = 7")
        checking.look_at(con, checks.plan(definition, GROUP, as_of=DAY), "came", "wrong")
        found = con.execute("select * from wrong order by _row, item").fetchall()
    twice, name = "twice", "atenabango"
    same = RIGHT[name]
    assert found == [(5, name, twice, same), (7, name, twice, same), (7, "sosajikoku", "TIME", "9")]


def test_a_key_that_is_empty_is_no_key(written, definition) -> None:
    path = written({"atenabango": ""}, {"atenabango": ""})
    assert faults(path, definition) == [(1, "atenabango", "required"), (2, "atenabango", "required")]


def test_a_fault_says_how_to_mend_it_and_never_shows_a_my_number(written, definition) -> None:
    report = checking.check(
        written({"kojinbango": "123456789012", "sosajikoku": "9時"}), definition, GROUP, as_of=DAY
    )
    said = {one.item.romaji: (one.value, one.text.ja) for one in report.findings}
    assert said["sosajikoku"] == ("9時", "24時間の HH:MM:SS で書いてください。")
    assert said["kojinbango"] == (None, "検査数字が合いません。番号を確かめてください。")


def test_all_faults_are_counted_where_only_some_are_listed(written, definition) -> None:
    path = written(*({"sosajikoku": "9"} for _ in range(30)))
    report = checking.check(path, definition, GROUP, as_of=DAY, most=5)
    assert (len(report.findings), report.kinds, report.held) == (5, {"TIME": 30}, 30)


def test_a_group_may_come_in_parts_and_each_fault_says_in_which(written, definition, tmp_path) -> None:
    first = written({}, {"sosajikoku": "9"}).rename(tmp_path / "1.csv")
    second = written({"atenabango": "5"}, {"atenabango": "000000000000001"}).rename(tmp_path / "2.csv")
    report = checking.check([first, second], definition, GROUP, as_of=DAY)
    assert [(one.file, one.row, one.kind) for one in report.findings] == [
        ("1.csv", 1, "twice"),
        ("1.csv", 2, "TIME"),
        ("2.csv", 2, "twice"),
    ]
    assert (report.rows, report.held, [part.rows for part in report.parts]) == (4, 3, [2, 2])
    assert [part.sha256 for part in report.parts] == [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)
    ]


def test_a_part_that_cannot_be_read_is_named_and_nothing_is_said_of_the_others(
    written, definition, tmp_path
) -> None:
    first = written({"sosajikoku": "9"}).rename(tmp_path / "1.csv")
    second = tmp_path / "2.csv"
    second.write_bytes(b"")
    report = checking.check([first, second], definition, GROUP, as_of=DAY)
    assert (report.file, report.rows, report.findings) == ("2.csv", 0, [])
    assert report.refused


def test_headings_may_be_the_japanese_names_and_say_which_items_are_absent(written, definition) -> None:
    path = written({})
    names = {item.romaji: item.name for item in definition.items}
    head, *rows = path.read_text("utf-8").splitlines()
    head = ",".join(names[one] for one in head.split(","))
    path.write_text("\n".join([head, *rows]), "utf-8-sig")
    assert faults(path, definition) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda content: b"", "見出しの行がありません"),
        (lambda content: content[:-25], "行目を CSV として読めません"),
        (lambda content: content.replace(b"sato", b"\x8d\xb2", 1), "行目が UTF-8 ではありません"),
        (lambda content: content.replace(b"sato", b"sa\0to", 1), "2行目に、文字でないもの（NUL）があります"),
        (lambda content: content.replace(b"sato", b"s" * 2_000_001, 1), "2行目が2,000,000バイトより長い"),
        (
            lambda content: content.replace(b"sosashaid", b"tantosha", 1),
            "列「tantosha」は、この標準にありません",
        ),
        (lambda content: content.replace(b",seibetsu", b",atenabango", 1), "列「atenabango」が2回あります"),
    ],
)
def test_a_file_that_cannot_be_looked_at_is_refused_as_a_whole(written, definition, spoil, said: str) -> None:
    path = written({}, {})
    path.write_bytes(spoil(path.read_bytes()))
    assert said in refused(path, definition)


def test_a_column_that_every_system_must_have_is_missed(written, definition) -> None:
    path = written({})
    lines = [line.rsplit(",", 1)[0] for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(lines), "utf-8")
    assert "列「操作時刻」がありません" in refused(path, definition)


# -- what a vendor delivers ------------------------------------------------------------------------
@pytest.fixture
def two_groups(tmp_path: Path) -> Definition:
    """The official items, and a second group whose rows name rows of the first."""
    folder = Path(shutil.copytree(OFFICIAL, tmp_path / "numbers" / "1"))
    sheet = folder / "items.csv"
    line = ",031,{},{},{},連絡先,{},{},,,,X,15,,,必須,,,,○,,,"
    more = [
        line.format(30, "連絡先番号", "renrakusakibango", "○", ""),
        line.format(31, "宛名番号", "atenabango", "", "○"),
    ]
    kept = sheet.read_text("utf-8").rstrip("\n").split("\n")
    sheet.write_text("\n".join([*kept[:-1], *more]), "utf-8")
    return load(folder)


def test_a_delivery_is_held_to_its_operation_keys_between_files_too(written, two_groups, tmp_path) -> None:
    folder = written({}).parent
    (folder / "連絡先.csv").write_text("renrakusakibango,atenabango\n1,000000000000001\n2,5\n", "utf-8")
    found = checking.conform(folder, two_groups, as_of=DAY)
    assert not found.conforms
    assert found.reports[GROUP].conforms
    (fault,) = found.reports["連絡先"].findings
    assert (fault.row, fault.kind, fault.value) == (2, "nowhere", "5")
    assert fault.text.ja == f"「{GROUP}」に、この番号の行がありません。"


def test_a_delivery_that_lacks_a_file_does_not_conform(written, two_groups) -> None:
    found = checking.conform(written({}).parent, two_groups, as_of=DAY)
    refused = found.reports["連絡先"].refused
    assert refused
    assert refused.ja == "ファイルがありません。"
    assert not found.conforms


PROVISIONAL = [load(folder) for folder in sorted(ROOT.glob("*/provisional"))]


@pytest.mark.parametrize("definition", PROVISIONAL, ids=lambda one: one.id)
def test_the_samples_of_a_provisional_definition_are_as_it_asks(
    definition: Definition, tmp_path: Path
) -> None:
    for group, items in definition.groups().items():
        with (tmp_path / f"{group}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[one.romaji for one in items], [one.sample for one in items]])
    found = checking.conform(tmp_path, definition, as_of=DAY)
    assert [
        f"{one.item.name}: {one.value} {one.text.ja}" for r in found.reports.values() for one in r.findings
    ] == []
    assert found.conforms


def test_all_20_standard_operations_have_a_definition() -> None:
    assert len({one.operation for one in PROVISIONAL}) == 20
    assert all(one.provisional and one.operation.startswith("9") for one in PROVISIONAL)


@given(st.text("0123456789", min_size=12, max_size=12))
def test_the_check_digit_of_a_my_number_is_judged_as_by_itself(number: str) -> None:
    fits = duckdb.execute(
        f"select {checks.my_number_fits('n')} from (select ?::bigint as n)", [number]
    ).fetchall()
    assert fits == [(to_my_number(number).held is None,)]


def test_a_report_prints_some_faults_and_says_how_many_more_there_are(written, definition) -> None:
    report = checking.check(written(*({"sosajikoku": "9"} for _ in range(60))), definition, GROUP, as_of=DAY)
    head, *lines = telling.report_text(report, "en").splitlines()
    assert head.endswith("60 rows = 0 accepted + 60 held")
    assert lines[-1] == "  10 more (--json)"
    assert len(telling.report_json(report, "en")["findings"]) == 60
