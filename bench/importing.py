"""An old system's file of 1,000,000 rows and 30 columns in CP932 brought in (decoded, put into the form of the standard, held to
it, written as CSV, every repair and every held row told in a report), beside a streaming Polars script that does the same and
tells nothing; and rows a second beside Frictionless, which only checks.

    python -m bench.run importing
"""

from __future__ import annotations

import codecs
import csv
import random
import resource
import shutil
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.server import VAR
from bench.standard import FAULTY, FEW, GROUP, ROUNDS, ROWS, compared, frictionless, wrong_in

SURNAMES = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "松本",
    "井上",
    "木村",
    "清水",
    "山崎",
    "池田",
    "橋本",
]
GIVEN = [
    "花子",
    "太郎",
    "一郎",
    "節子",
    "由美子",
    "大輔",
    "健太",
    "美咲",
    "陽葵",
    "蓮",
    "湊",
    "和子",
    "幸子",
    "進",
    "茂",
    "清",
    "誠",
    "隆",
    "浩一",
    "洋子",
]
HALF = [
    "ｻﾄｳ",
    "ｽｽﾞｷ",
    "ﾀｶﾊｼ",
    "ﾀﾅｶ",
    "ｲﾄｳ",
    "ﾔﾏﾓﾄ",
    "ﾅｶﾑﾗ",
    "ｺﾊﾞﾔｼ",
    "ｶﾄｳ",
    "ﾖｼﾀﾞ",
    "ﾔﾏﾀﾞ",
    "ﾏﾂﾓﾄ",
    "ｲﾉｳｴ",
    "ｷﾑﾗ",
    "ｼﾐｽﾞ",
    "ﾔﾏｻﾞｷ",
    "ｲｹﾀﾞ",
    "ﾊｼﾓﾄ",
]
HALF_GIVEN = [
    "ﾊﾅｺ",
    "ﾀﾛｳ",
    "ｲﾁﾛｳ",
    "ｾﾂｺ",
    "ﾕﾐｺ",
    "ﾀﾞｲｽｹ",
    "ｹﾝﾀ",
    "ﾐｻｷ",
    "ﾋﾏﾘ",
    "ﾚﾝ",
    "ﾐﾅﾄ",
    "ｶｽﾞｺ",
    "ｻﾁｺ",
    "ｽｽﾑ",
    "ｼｹﾞﾙ",
    "ｷﾖｼ",
    "ﾏｺﾄ",
    "ﾀｶｼ",
    "ｺｳｲﾁ",
    "ﾖｳｺ",
]
COLUMNS = {
    "atenabango": "宛名番号", "kojinbango": "個人番号", "shimei": "氏名", "uji_nihonjin": "氏", "na_nihonjin": "名",
    "shimei_gaikokujinarufuabetto": "英字氏名", "shimei_gaikokujinkanji": "漢字氏名", "shimei_yomigana": "カナ",
    "uji_nihonjin_yomigana": "カナ氏", "na_nihonjin_yomigana": "カナ名", "seibetsu": "性別", "seinengappi": "生年月日",
    "seinengappi_fushohyoki": "生年月日不詳", "jusho_shikuchosonkodo": "市町村コード", "jusho_choazakodo": "町字コード",
    "jusho_todofuken": "都道府県", "jusho_shikugunchosonmei": "市町村", "jusho_choaza": "町字",
    "jusho_banchigohyoki": "番地", "jusho_katagaki": "方書", "jusho_katagaki_furigana": "方書カナ",
    "jusho_yubinbango": "郵便番号", "gyomuid": "業務", "dokujishisakushisutemunadoid": "システム",
    "daihyoatenafuragu": "代表", "nayosesakiatenabango": "名寄先", "sosashaid": "操作者", "sosanengappi": "操作日",
    "sosajikoku": "操作時刻",
}  # fmt: skip
USUAL_DAY = r"[MTSHR]\d\d\.\d\d\.\d\d"
MAPPING = (
    f"""
source: bench
name: 見本
standard: non-resident-numbers
encoding: CP932
files:
  "importing-*.csv":
    group: {GROUP}
    items:
      seibetsu: {{from: 性別, codes: {{男: "1", 女: "2"}}}}
      seinengappi: {{from: 生年月日, usual: '{USUAL_DAY}'}}
      sosanengappi: {{from: 操作日, usual: '{USUAL_DAY}'}}
      jusho_yubinbango: {{from: 郵便番号, as: postal-code, usual: '\\d{{3}}-\\d{{4}}'}}
      sosajikoku: {{from: 操作時刻, usual: '\\d{{4}}'}}
      shimei_yomigana: {{from: カナ, usual: '[ｦ-ﾟ ]+'}}
      uji_nihonjin_yomigana: {{from: カナ氏, usual: '[ｦ-ﾟ ]+'}}
      na_nihonjin_yomigana: {{from: カナ名, usual: '[ｦ-ﾟ ]+'}}
"""
    + "".join(
        f"      {item}: {column}\n"
        for item, column in COLUMNS.items()
        if item not in ("seibetsu", "seinengappi", "sosanengappi", "jusho_yubinbango", "sosajikoku")
        and not item.endswith("_yomigana")
    )
    + "    dropped: {備考: 標準に項目がない}\n"
)
FAULTS = (
    {"操作時刻": "2460"},
    {"生年月日": "R01.02.30"},
    {"代表": "7"},
    {"操作者": ""},
    {"個人番号": "123456789012"},
)


def measure() -> list[dict[str, Any]]:
    """The ratio of the two times, the peak of memory of our run, and the ratio of the two rates."""
    many, few = _written(ROWS), _written(FEW)
    _ours(few), _polars(few)  # modules and words are read once in a process
    ours = polars = float("inf")
    memory = 0.0
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        held = _ours(many)
        ours = min(ours, time.perf_counter() - begin)
        memory = memory or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        begin = time.perf_counter()
        wrong = _polars(many)
        polars = min(polars, time.perf_counter() - begin)
        if not held == wrong == ROWS // FAULTY:
            raise RuntimeError(f"the two do not hold the same rows: {held} and {wrong}")
    rate = _frictionless_rate(few)
    return compared("importing.file", ours, polars, memory, rate, "python -m bench.run importing")


# -- the file --------------------------------------------------------------------------------------
def _written(rows: int) -> Path:
    path = VAR / f"importing-{rows}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    some = random.Random(7)
    with path.open("w", encoding="cp932", newline="") as file:
        out = csv.DictWriter(file, [*COLUMNS.values(), "備考"], restval="")
        out.writeheader()
        for number in range(rows):
            fault = FAULTS[number // FAULTY % len(FAULTS)] if number % FAULTY == 0 else {}
            out.writerow({**_person(number, some), **fault})
    return path


def _person(number: int, some: random.Random) -> dict[str, str]:
    """Different names, days and addresses: nothing of it can be read once for all."""
    family, first = some.randrange(len(SURNAMES)), some.randrange(len(GIVEN))
    second = some.randrange(len(GIVEN))
    born = date(1926, 12, 25) + timedelta(days=some.randrange(36_000))
    return {
        "宛名番号": f"{number:015}", "個人番号": "123456789018", "氏名": f"{SURNAMES[family]}　{GIVEN[first]}{GIVEN[second]}",
        "氏": SURNAMES[family], "名": GIVEN[first] + GIVEN[second],
        "カナ": f"{HALF[family]} {HALF_GIVEN[first]}{HALF_GIVEN[second]}", "カナ氏": HALF[family],
        "カナ名": HALF_GIVEN[first] + HALF_GIVEN[second], "性別": "男女"[number % 2], "生年月日": _era(born),
        "市町村コード": "131016", "都道府県": "東京都", "市町村": "千代田区", "町字": "霞が関二丁目",
        "番地": f"{some.randrange(1, 999)}番{some.randrange(1, 99)}号".translate(WIDE), "郵便番号": f"100-{number % 10_000:04}",
        "業務": "001", "システム": "A01", "代表": "0", "操作者": "sato", "操作日": "R08.11.29",
        "操作時刻": f"{number % 24:02}{number % 60:02}",
    }  # fmt: skip


WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _era(day: date) -> str:
    for letter, first in (("R", date(2019, 5, 1)), ("H", date(1989, 1, 8)), ("S", date(1926, 12, 25))):
        if day >= first:
            return f"{letter}{day.year - first.year + 1:02}.{day:%m.%d}"
    raise ValueError(day)


# -- ours ------------------------------------------------------------------------------------------
def _ours(path: Path) -> int:
    from yakuba.records.importing import writing
    from yakuba.records.importing.bring import bring_in
    from yakuba.records.importing.mapping import mappings
    from yakuba.records.standards import definition

    mapping = VAR / "importing.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    out = VAR / "importing-out"
    shutil.rmtree(out, ignore_errors=True)
    brought = bring_in([path], mappings([mapping], definition), definition, as_of=date(2026, 11, 29))
    try:
        writing.write(brought, out, rows=False)
        return brought.files[0].held
    finally:
        brought.close()


# -- the peers -------------------------------------------------------------------------------------
def _polars(path: Path) -> int:
    """Decode, put into form, check and write the good rows; how many rows are wrong."""
    import polars as pl

    from yakuba.records.standards import ROOT, load

    definition = load(ROOT / "non-resident-numbers" / "2026-08")
    plain = VAR / "importing-polars-utf8.csv"
    with path.open("rb") as read, plain.open("w", encoding="utf-8", newline="") as write:
        decoder = codecs.getincrementaldecoder("cp932")()
        while piece := read.read(1 << 22):
            write.write(decoder.decode(piece))
    rows = pl.scan_csv(plain, infer_schema=False).drop("備考")
    rows = rows.rename({column: item for item, column in COLUMNS.items()}).with_columns(_formed(pl))
    rows = rows.with_columns(
        pl.any_horizontal(wrong_in(pl, definition)).fill_null(value=False).alias("wrong")
    )
    wanted = [
        rows.select(pl.col("wrong").sum(), twice=pl.len() - pl.col("atenabango").n_unique()),
        rows.filter(~pl.col("wrong")).drop("wrong").sink_csv(VAR / "importing-polars.csv", lazy=True),
    ]
    counted, _ = pl.collect_all(wanted, engine="streaming")
    plain.unlink()
    return int(counted["wrong"].item() + counted["twice"].item())


def _formed(pl: Any) -> list[Any]:
    kana = _kana_table()
    forms = [
        pl.col(name).str.replace_many(list(kana), list(kana.values()), leftmost=True)
        for name in ("shimei_yomigana", "uji_nihonjin_yomigana", "na_nihonjin_yomigana")
    ]
    forms.append(pl.col("seibetsu").replace_strict({"男": "1", "女": "2"}, default=None))
    forms.append(pl.col("jusho_yubinbango").str.replace("-", "", literal=True))
    clock = pl.col("sosajikoku")
    forms.append(
        pl.concat_str([clock.str.slice(0, 2), pl.lit(":"), clock.str.slice(2, 2)]).alias("sosajikoku")
    )
    for name in ("seinengappi", "sosanengappi"):
        day = pl.col(name)
        base = day.str.slice(0, 1).replace_strict(
            {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}, default=None
        )
        year = (base.cast(pl.Int32) + day.str.slice(1, 2).cast(pl.Int32, strict=False)).cast(pl.String)
        forms.append(
            pl.concat_str([year, pl.lit("-"), day.str.slice(4, 2), pl.lit("-"), day.str.slice(7, 2)]).alias(
                name
            )
        )
    return forms


def _kana_table() -> dict[str, str]:
    import unicodedata

    letters = [chr(code) for code in range(0xFF66, 0xFF9E)]
    voiced = [letter + mark for letter in letters for mark in "ﾞﾟ"]
    table = {
        text: unicodedata.normalize("NFKC", text)
        for text in voiced
        if len(unicodedata.normalize("NFKC", text)) == 1
    }
    return table | {letter: unicodedata.normalize("NFKC", letter) for letter in letters} | {" ": "\u3000"}


def _frictionless_rate(old: Path) -> float:
    """Rows a second of the same checks, on what we made of a small file: it puts nothing into form."""
    from yakuba.records.standards import ROOT, load

    _ours(old)
    made = VAR / "importing-out" / "non-resident-numbers" / f"{GROUP}.csv"
    begin = time.perf_counter()
    frictionless(made, load(ROOT / "non-resident-numbers" / "2026-08"))
    return (FEW - FEW // FAULTY) / (time.perf_counter() - begin)
