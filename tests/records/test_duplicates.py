"""One person under two numbers is found with the reasons; twins, and a son with his father's name, are not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bench.duplicates import LEAST, looked_for, quality, recall_of_one
from bench.twice import planted
from yakuba.records import duplicates
from yakuba.records.commands import records
from yakuba.records.standards import Definition, definition

SEED, PEOPLE = 20261129, 20_000
TOWN = planted(1_500, 11).rows
"""Who else lives there: how much a name says depends on how many have it."""
HANAKO = {
    "shimei": "髙沢　桜穂", "shimei_yomigana": "タカサワ　サクラホ", "seinengappi": "1985-06-15", "seibetsu": "2",
    "kojinbango": "", "juminhyokodo": "", "jusho_shikuchosonkodo": "999990", "jusho_choazakodo": "0003001",
    "jusho_banchigohyoki": "７２番地３",
}  # fmt: skip
ELSEWHERE = {"jusho_choazakodo": "0009001", "jusho_banchigohyoki": "５番地"}
Row = Mapping[str, str]


@pytest.fixture(scope="module")
def register() -> Definition:
    return definition("resident-register")


@pytest.fixture
def pairs() -> Callable[..., list[duplicates.Pair]]:
    """`pairs({…}, {…})`: what is found among people who are Hanako but for what is given, in a town of others."""

    def look(*given: Row, threshold: float | None = None) -> list[duplicates.Pair]:
        own = [
            HANAKO | {"atenabango": f"9{number:014}", "rirekibango": "1"} | dict(row)
            for number, row in enumerate(given)
        ]
        rows = [*TOWN, *own]
        columns = {name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in own[0]}
        with duckdb.connect(":memory:") as con:
            con.register("rows", pa.table({"_row": pa.array(range(1, len(rows) + 1), pa.int64()), **columns}))
            before = con.execute("show all tables").fetchall()
            found = duplicates.find(con, "rows", columns, ["atenabango", "rirekibango"], threshold=threshold)
            assert con.execute("show all tables").fetchall() == before
        return [pair for pair in found.pairs if pair.rows[0] > len(TOWN)]

    return look


def test_most_who_stand_twice_are_found_and_few_others_in_a_made_up_town() -> None:
    made = planted(PEOPLE, SEED)
    found = looked_for(made)
    precision, recall, kinds = quality(made, found)
    assert precision >= LEAST, kinds
    assert recall >= LEAST, kinds
    assert recall_of_one(made, found) >= 0.99, kinds


@pytest.mark.parametrize(
    ("second", "level"),
    [
        (ELSEWHERE, ("home", "same-surname")),
        ({"shimei": "高澤　櫻穂"}, ("home", "same-home")),
        ({"shimei_yomigana": "タカザワ　サクラボ"}, ("given", "other-reading")),
        ({"shimei": "石井　桜穂", "shimei_yomigana": "イシイ　サクラホ"}, ("home", "same-address")),
        ({"shimei": "髙沢　咲良穂"}, ("given", "same-reading")),
        ({"seinengappi": "1985-06-25"}, ("birth", "one-digit")),
        ({"seinengappi": "1985-06-51"}, ("birth", "one-digit")),
        ({"seinengappi": "1985-06-00"}, ("birth", "uncertain")),
        ({"seinengappi": "1985-00-00"}, ("birth", "uncertain")),
        ({"jusho_banchigohyoki": "72－3"}, ("home", "same-home")),
        ({"seibetsu": "0"}, ("home", "same-home")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_second_row_in_which_one_thing_is_otherwise_is_found_and_says_so(
    pairs, second: Row, level: tuple[str, str]
) -> None:
    (pair,) = pairs({}, second)
    assert level in {(reason.comparison, reason.level) for reason in pair.reasons}
    assert pair.probability >= 0.95
    assert not pair.certain


@pytest.mark.parametrize(
    "other",
    [
        {"shimei": "髙沢　美穂", "shimei_yomigana": "タカサワ　ミホ"},
        {"shimei": "髙沢　桜子", "shimei_yomigana": "タカサワ　サクラコ"},
        {"seinengappi": "1958-02-03"},
        {"seinengappi": "1958-02-03", "seibetsu": "1"},
        {
            "shimei": "石井　桜穂",
            "shimei_yomigana": "イシイ　サクラホ",
            "seinengappi": "1990-01-01",
            **ELSEWHERE,
        },
    ],
    ids=["twin", "twin-with-a-like-name", "mother-of-the-same-name", "father-of-the-same-name", "namesake"],
)
def test_people_who_only_look_alike_are_not_called_one(pairs, other: Row) -> None:
    assert pairs({}, other) == []


def test_twins_are_two_people_in_a_file_of_two_rows() -> None:
    rows = [
        HANAKO | {"atenabango": "1"},
        HANAKO | {"atenabango": "2", "shimei": "髙沢　美穂", "shimei_yomigana": "タカサワ　ミホ"},
    ]
    columns = {name: [row[name] or None for row in rows] for name in rows[0]}
    with duckdb.connect(":memory:") as con:
        con.register("rows", pa.table({"_row": [1, 2], **columns}))
        assert duplicates.find(con, "rows", columns, ["atenabango"]).pairs == []


@pytest.mark.parametrize("number", ["kojinbango", "juminhyokodo"])
def test_one_number_on_two_rows_is_certain_whatever_else_differs_and_is_never_shown(
    pairs, number: str
) -> None:
    same = {number: "123456789018"}
    other = {
        "shimei": "石井　太郎",
        "shimei_yomigana": "イシイ　タロウ",
        "seinengappi": "1930-01-01",
        "seibetsu": "1",
    }
    (pair,) = pairs(same, same | other | ELSEWHERE)
    assert pair.certain
    assert "123456789018" not in str(pair)


def test_versions_of_one_person_are_one_and_only_the_latest_counts(pairs) -> None:
    first = {"atenabango": "7", "shimei": "石井　桜穂", "shimei_yomigana": "イシイ　サクラホ"}
    now = {"atenabango": "7", "rirekibango": "2"}
    assert pairs(first, now) == []
    (pair,) = pairs(first, now, {})
    assert pair.numbers == ("7", "900000000000002")


def test_the_weights_of_the_reasons_and_the_rarity_of_duplicates_make_the_weight(pairs) -> None:
    (pair,) = pairs({}, ELSEWHERE)
    rarity = 2 * duplicates.model().share / duplicates.model().town
    assert pair.weight == pytest.approx(
        sum(reason.weight for reason in pair.reasons) + _bits(rarity), abs=0.01
    )
    assert pair.reasons[0].comparison == "birth"
    assert pair.reasons[0].values == (("1985-06-15", "1985-06-15"),)


def _bits(probability: float) -> float:
    from math import log2

    return log2(probability / (1 - probability))


def test_the_same_file_gives_the_same_pairs_again() -> None:
    made = planted(3_000, 5)
    assert looked_for(made).pairs == looked_for(made).pairs


def test_a_group_without_people_is_said(register: Definition) -> None:
    with duckdb.connect(":memory:") as con, pytest.raises(duplicates.NoPeople):
        duplicates.find(con, "rows", ["setaibango"], ["setaibango"])


def test_the_shares_of_each_comparison_make_one() -> None:
    for name, comparison in duplicates.model().comparisons.items():
        shares = [level.m for level in comparison.levels.values()]
        assert sum(shares) == pytest.approx(1, abs=0.005), name


@given(st.integers(1, 999), st.integers(1, 99))
def test_an_address_is_the_same_however_its_numbers_are_written(lot: int, house: int) -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    ways = [f"{lot}番地{house}", f"{lot}-{house}", f"{lot}番{house}号".translate(wide), f"{lot}－{house}"]
    assert len({tuple(duplicates._address(f"999990|0001001|{one}")) for one in ways}) == 1


# -- the command -----------------------------------------------------------------------------------
@pytest.fixture
def file(tmp_path: Path, register: Definition) -> Path:
    heads = [item.romaji for item in register.groups()["住民"]]
    rows = [
        *TOWN,
        HANAKO | {"atenabango": "91", "rirekibango": "1"},
        HANAKO | ELSEWHERE | {"atenabango": "92", "rirekibango": "1"},
    ]
    path = tmp_path / "住民.csv"
    with path.open("w", encoding="utf-8", newline="") as written:
        out = csv.DictWriter(written, heads, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


def run(*words: str):
    return CliRunner().invoke(records, words)


def test_the_command_tells_each_pair_and_why_and_ends_with_1(file: Path) -> None:
    answer = run("duplicates", str(file), "--as", "resident-register/住民", "--language", "en")
    assert answer.exit_code == 1
    assert "(91) and " in answer.output
    assert "same birth date +" in answer.output
    few = run("duplicates", str(file), "--as", "resident-register/住民", "--threshold", "1")
    assert few.exit_code in (0, 1)


def test_a_file_in_which_nobody_stands_twice_ends_with_0_and_a_group_without_people_is_said(
    file: Path, register: Definition, tmp_path: Path
) -> None:
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([lines[0], *lines[1:20]]), "utf-8")
    assert run("duplicates", str(file), "--as", "resident-register/住民").exit_code == 0
    households = tmp_path / "世帯.csv"
    households.write_text(",".join(item.romaji for item in register.groups()["世帯"]), "utf-8")
    answer = run("duplicates", str(households), "--as", "resident-register/世帯")
    assert answer.exit_code == 1
    assert "宛名番号、氏名、生年月日がそろっていません" in answer.output
