"""A made-up resident register in which some people stand twice, and others only look so. Pure, and the same for the same seed.

People and households are those of the made-up town; most get names put together from parts, so that a large register does not
have the same few names. What is planted is known: the pairs and of which kind each is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random

from yakuba.register.synthetic import MadeHousehold, Maker

AS_OF = date(2026, 11, 29)
TWICE = 0.01
"""One person in a hundred stands twice."""
KINDS = {"moved": 3, "kana": 2, "characters": 2, "married": 1, "birth": 2}
"""What makes a second row, and how often: moved out and in again under a new number; kana misheard; old characters; another
surname by marriage; a birth date off by one digit."""
MOVED_TOO = 0.25
"""Of the others, those who live elsewhere on the second row."""
ALIKE = 0.004
"""Of families, those with twins, and those where a son has his father's name."""
WITH_NUMBER = 0.3
"""Second rows with the same My Number; the others have none."""
SURNAME = (
    "山ヤマ 川カワ 田タ 中ナカ 西ニシ 東ヒガシ 北キタ 大オオ 小コ 高タカ 松マツ 石イシ 森モリ 岡オカ 浜ハマ 沢サワ 渡ワタ 宮ミヤ 桑クワ 斎サイ",
    "本モト 村ムラ 野ノ 崎サキ 原ハラ 沢ザワ 井イ 島シマ 部ベ 口グチ 岸ギシ 辺ナベ 藤トウ 橋ハシ 浜ハマ",
)  # fmt: skip
GIVEN = {
    "male": (
        "健ケン 大ダイ 雄ユウ 直ナオ 和カズ 智トモ 正マサ 義ヨシ 隆タカ 秀ヒデ 光ミツ 信ノブ 宏ヒロ 康ヤス 俊トシ 広ヒロ",
        "太タ 介スケ 也ヤ 樹キ 人ト 夫オ 彦ヒコ 之ユキ 一イチ 司ジ 郎ロウ 明アキ 恵ヨシ",
    ),
    "female": (
        "美ミ 恵エ 由ユ 真マ 千チ 奈ナ 亜ア 紗サ 佳カ 久ク 和カズ 幸サチ 友トモ 裕ユウ 陽ヨウ 桜サクラ",
        "子コ 美ミ 香カ 代ヨ 江エ 奈ナ 里リ 穂ホ 恵エ 実ミ 紀キ 乃ノ",
    ),
}  # fmt: skip
OLD = {
    "高": "髙",
    "斎": "齋",
    "崎": "﨑",
    "辺": "邊",
    "沢": "澤",
    "浜": "濱",
    "島": "嶋",
    "広": "廣",
    "桜": "櫻",
    "恵": "惠",
    "真": "眞",
}
"""Forms that one clerk writes and another does not."""
MISHEARD = {
    "ガ": "カ",
    "ギ": "キ",
    "グ": "ク",
    "ザ": "サ",
    "ジ": "シ",
    "ダ": "タ",
    "ベ": "ヘ",
    "オ": "ウ",
    "エ": "ヘ",
    "ユ": "ヨ",
    "ヒ": "シ",
    "ン": "ム",
}
Row = dict[str, str]


@dataclass
class Planted:
    """Rows of resident-register/住民, and the pairs of their places (from 1) that are one person, each with its kind."""

    rows: list[Row] = field(default_factory=list)
    twice: dict[tuple[int, int], str] = field(default_factory=dict)


def planted(people: int, seed: int) -> Planted:
    """A register of so many people, some of them twice."""
    r, made = Random(seed), Planted()
    for home in Maker("999990", seed, AS_OF, "見本町").households(people):
        made.rows += _family(home, r, len(made.rows))
    for first in sorted(r.sample(range(len(made.rows)), round(len(made.rows) * TWICE))):
        kind = r.choices(list(KINDS), list(KINDS.values()))[0]
        elsewhere = kind == "moved" or r.random() < MOVED_TOO
        made.rows.append(_again(made.rows[first], kind, elsewhere, r, len(made.rows)))
        made.twice[first + 1, len(made.rows)] = kind if kind == "moved" or not elsewhere else f"{kind}, moved"
    return made


# -- those who stand once ------------------------------------------------------------------------------
def _family(home: MadeHousehold, r: Random, before: int) -> list[Row]:
    surname = _joined(SURNAME, r) if r.random() < 0.6 and home.people[0].nationality == "日本" else None
    rows = [_row(home, number, r, before, surname) for number in range(len(home.people))]
    if len(rows) > 2 and r.random() < ALIKE * 10:
        rows += _twin(rows[-1], r, before + len(rows))
    if len(rows) > 1 and r.random() < ALIKE * 10 and home.people[-1].relation == "child":
        rows[-1] |= {one: rows[0][one] for one in ("shimei", "shimei_yomigana", "seibetsu")}
    return rows


def _row(home: MadeHousehold, number: int, r: Random, before: int, surname: tuple[str, str] | None) -> Row:
    one = home.people[number]
    name, kana = one.name.replace(" ", "　").split("　", 1), one.kana.split("　", 1)
    if surname:
        name[0], kana[0] = surname
    if one.nationality == "日本" and r.random() < 0.85:
        name[1], kana[1] = _joined(GIVEN[one.sex], r)
    birth = one.birth_date.isoformat()
    if r.random() < 0.002:
        birth = f"{birth[:8]}00"
    return {
        "rirekibango": "1",
        "setaibango": f"{home.number:015}",
        "shimei": "　".join(name),
        "shimei_yomigana": "　".join(kana),
        "seinengappi": birth,
        "seibetsu": "1" if one.sex == "male" else "2",
        **_numbers(before + number, r),
        **_place(home, r),
    }


def _numbers(place: int, r: Random) -> Row:
    return {
        "atenabango": f"{place + 1:015}",
        "kojinbango": f"{r.randrange(10**12):012}" if r.random() < 0.95 else "",
        "juminhyokodo": f"{r.randrange(10**11):011}",
    }


def _place(home: MadeHousehold, r: Random) -> Row:
    town, lot = int(home.postal_code[-2:]), "".join(one for one in home.line[4:] if one.isdigit())
    return {
        "jusho_shikuchosonkodo": "999990",
        "jusho_choazakodo": f"{town:04}001",
        "jusho_banchigohyoki": f"{lot}番地{home.number % 40 + 1}",
    }


def _joined(parts: tuple[str, str], r: Random) -> tuple[str, str]:
    """A name of two parts and how it is read."""
    chosen = [r.choice(one.split()) for one in parts]
    return "".join(one[0] for one in chosen), "".join(one[1:] for one in chosen)


def _twin(row: Row, r: Random, before: int) -> Iterator[Row]:
    sex = "male" if row["seibetsu"] == "1" else "female"
    given, kana = _joined(GIVEN[sex], r)
    if not row["shimei"].endswith(given) and "　" in row["shimei"]:
        surname, read = row["shimei"].split("　")[0], row["shimei_yomigana"].split("　")[0]
        yield (
            row
            | _numbers(before, r)
            | {"shimei": f"{surname}　{given}", "shimei_yomigana": f"{read}　{kana}"}
        )


# -- those who stand twice -----------------------------------------------------------------------------
def _again(row: Row, kind: str, elsewhere: bool, r: Random, before: int) -> Row:
    """The person's second row."""
    second = row | _numbers(before, r)
    second["kojinbango"] = row["kojinbango"] if r.random() < WITH_NUMBER else ""
    if elsewhere:
        second["jusho_choazakodo"] = f"{r.randint(1, 12):04}001"
        second["jusho_banchigohyoki"] = f"{r.randint(1, 980)}番地{r.randint(1, 12)}"
    return second | _CHANGES[kind](second, r)


def _kana(row: Row, r: Random) -> Row:
    """One kana is another, or the last one is lost."""
    kana = row["shimei_yomigana"]
    places = [n for n, one in enumerate(kana) if one in MISHEARD]
    if not places:
        return {"shimei_yomigana": kana[:-1]}
    at = r.choice(places)
    return {"shimei_yomigana": kana[:at] + MISHEARD[kana[at]] + kana[at + 1 :]}


def _characters(row: Row, r: Random) -> Row:
    """Old forms for the usual ones, and the other way round where there are some."""
    forms = OLD | {old: new for new, old in OLD.items()}
    return {"shimei": "".join(forms.get(one, one) for one in row["shimei"])}


def _married(row: Row, r: Random) -> Row:
    surname, kana = _joined(SURNAME, r)
    given, read = row["shimei"].split("　", 1)[1], row["shimei_yomigana"].split("　", 1)[1]
    return {"shimei": f"{surname}　{given}", "shimei_yomigana": f"{kana}　{read}"}


def _birth(row: Row, r: Random) -> Row:
    """One digit is another, and the day exists."""
    birth = row["seinengappi"]
    near = [
        f"{birth[:at]}{digit}{birth[at + 1 :]}"
        for at in (3, 6, 8, 9)
        for digit in "0123456789"
        if digit != birth[at]
    ]
    return {"seinengappi": r.choice([one for one in near if _is_day(one)] or [birth])}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) < AS_OF
    except ValueError:
        return False


_CHANGES = {
    "moved": lambda row, r: {},
    "kana": _kana,
    "characters": _characters,
    "married": _married,
    "birth": _birth,
}
