"""The 25 kinds of errors, as they are known from migrations, and how each is planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import cycle, islice
from random import Random

import jaconv

from yakuba.clock import on_day_of_month, to_wareki
from yakuba.simulators.old_systems.files import OldFile, Row
from yakuba.simulators.old_systems.planting import Place, Planted, Planting, person_of
from yakuba.simulators.old_systems.town import Family, Record
from yakuba.simulators.old_systems.vendors import era_digits, era_letter, own_characters, slashes
from yakuba.words import halfwidth

SHARE = 20
"""One row in so many is faulty."""
_GROWN_UP = range(1963, 2003)
"""Born in these years: too old for an allowance, too young for long-term care."""
_NEXT_PAYMENT, _LEFT_LONG_AGO = date(2026, 10, 15), date(2026, 8, 1)
"""Is due for August and September."""
UNKNOWN = chr(0xE060)
"""A vendor's own character (F0A1 in CP932) that the vendor's table lacks."""
FORMULAS = ("=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", '=HYPERLINK("https://example.invalid/")')


# -- rows ------------------------------------------------------------------------------------------
def spare(row: Row) -> bool:
    """One on whom no row of another system hangs, and no household: no head and no parent, and either gone or not of an age
    for an allowance or for long-term care."""
    one = person_of(row)
    is_parent = any(one.person.id in (other.person.mother, other.person.father) for other in one.home.people)
    return (
        not one.is_head
        and not is_parent
        and (one.left is not None or one.person.birth_date.year in _GROWN_UP)
    )


def loose(row: Row) -> bool:
    """A row of history that nobody's state follows from."""
    return row.meant["idojiyu"] not in ("05", "08")


def lapsed(row: Row) -> bool:
    """One whose insurance ended: nothing else is kept of them there."""
    return row.meant["shikakusoshitsunengappi"] != ""


def known(item: str) -> Callable[[Row], bool]:
    return lambda row: row.meant.get(item, "") != ""


def _loose_and(item: str) -> Callable[[Row], bool]:
    return lambda row: loose(row) and row.meant[item] != ""


_MOVE = Place("aoba-ido", "異動事由", loose)
_MOVE_DAY = Place("aoba-ido", "異動日", loose)
_TOLD_DAY = Place("aoba-ido", "届出日", _loose_and("todokedenengappi"))
_PAYMENT_DAY = Place("kaede-shiharai", "支払年月日")
_AMOUNT = Place("kaede-shiharai", "支払金額")
_PREMIUM = Place("sugi-fuka", "年額")
_STEP = Place("sugi-fuka", "段階")
_ASKED_DAY = Place("sugi-nintei", "申請日")
_LAPSED = Place("sugi-hihokensha", "SHIMEI", lapsed)
_SPARE = Place("aoba-jumin", "氏名漢字", spare)


def _in_turn(planting: Planting, count: int, *places: Place) -> Iterator[Place]:
    """The places one after another, passing over those that have no row left."""
    given = 0
    for place in cycle(places):
        if given == count:
            return
        if any(not row.used and place.which(row) for row in planting.files[place.file].rows):
            given += 1
            yield place
        elif not any(
            not row.used and other.which(row) for other in places for row in planting.files[other.file].rows
        ):
            raise ValueError("There are too few people for so many errors; make a larger town.")


# -- the kinds: what a row of text cannot be ---------------------------------------------------------
def nul_byte(planting: Planting, kind: str, count: int) -> None:
    for place in _in_turn(planting, count, _MOVE, _AMOUNT, _PREMIUM, _LAPSED):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        cell = row.cells[file.place(place.column)]
        if file.writing.widths:
            cell = cell[:-1]
        planting.rewrite(kind, "held", file, row, place.column, f"{cell[:1]}\0{cell[1:]}", "NUL")


def cut_off(planting: Planting, kind: str, count: int) -> None:
    """The line ends in the middle, within a cell or behind one."""
    for place in _in_turn(planting, count, _MOVE, _SPARE, _AMOUNT, _PREMIUM, _LAPSED):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        whole = file.writing.line(row.cells)
        kept = len(file.writing.line(row.cells[:3])) if not file.writing.widths else len(whole) // 2
        row.spoilt = whole[: kept - 2].rstrip(b'"') + b"\r\n"
        planting.tell(Planted(kind, "held", file, row, "", "", "the end of the line is missing"))


def too_many_cells(planting: Planting, kind: str, count: int) -> None:
    """The delimiter stands within a value that is not quoted."""
    came = Place("aoba-ido", "前住所", _loose_and("idomaejusho"))
    for place in _in_turn(planting, count, came, _SPARE, _PREMIUM):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        at, cut = file.place(place.column), file.writing.delimiter
        cells = [*row.cells]
        cells[at] = f"{cells[at][:2]}{cut}{cells[at][2:]}"
        row.spoilt = (cut.join(cells) + "\r\n").encode(file.writing.encoding)
        planting.tell(Planted(kind, "held", file, row, place.column, cells[at], "a delimiter without quotes"))


def heads_again(planting: Planting, kind: str, count: int) -> None:
    """Two downloads were put together."""
    with_heads = [file for file in planting.files.values() if not file.writing.widths]
    for file in islice(cycle(with_heads), count):
        row = Row([*file.heads], {})
        planting.insert(file, row, planting.random.randint(1, len(file.rows)))
        planting.tell(Planted(kind, "held", file, row, "", "", "the heads stand there again"))


def other_encoding(planting: Planting, kind: str, count: int) -> None:
    others = {"cp932": "utf-8", "utf-8": "cp932", "euc_jp": "cp932"}
    for place in _in_turn(planting, count, _MOVE, _SPARE, _AMOUNT, _LAPSED, Place("sugi-nintei", "状況")):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        other = others[file.writing.encoding]
        row.spoilt = file.writing.line(row.cells).decode(file.writing.encoding).encode(other, "replace")
        planting.tell(Planted(kind, "held", file, row, "", "", f"this line is {other}"))


# -- days ------------------------------------------------------------------------------------------
def no_such_day(planting: Planting, kind: str, count: int) -> None:
    """A day that never was, and the nines that stand for something else."""
    texts = {
        "aoba-ido": ("R01.02.30", "S70.04.01", "99999999"),
        "kaede-shiharai": ("2026/2/30", "2025/13/1", "9999/99/99"),
        "sugi-nintei": ("5080230", "3700401", "9999999"),
    }
    for number, place in enumerate(_in_turn(planting, count, _TOLD_DAY, _PAYMENT_DAY, _ASKED_DAY)):
        planting.write(kind, "held", place, texts[place.file][number // 3 % 3], "no such day")


def no_era(planting: Planting, kind: str, count: int) -> None:
    for place in _in_turn(planting, count, _MOVE_DAY, _PAYMENT_DAY, _ASKED_DAY):
        planting.write(kind, "held", place, "430102", "six digits without an era could be several days")


def other_form(planting: Planting, kind: str, count: int) -> None:
    """The same day in a form that this system does not write, some with a time of day."""
    birth = Place("aoba-jumin", "生年月日")
    items = {
        "aoba-jumin": "seinengappi",
        "kaede-shiharai": "shiharainengappi",
        "sugi-nintei": "shinseinengappi",
    }
    for number, place in enumerate(_in_turn(planting, count, birth, _PAYMENT_DAY, _ASKED_DAY)):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        iso = row.meant[items[place.file]]
        day = date.fromisoformat(iso)
        others = [to_wareki(day), f"{iso}T09:30:00", slashes(iso), era_letter(iso), era_digits(iso)]
        text = others[number % 2 if place.file == "kaede-shiharai" else number % 3]
        planting.rewrite(kind, "repaired", file, row, place.column, text, f"means {iso}")


# -- numbers and codes -----------------------------------------------------------------------------
def my_number(planting: Planting, kind: str, count: int) -> None:
    places = Place("aoba-jumin", "マイナンバー", spare), Place("sugi-hihokensha", "KOJIN-NO", lapsed)
    for place in _in_turn(planting, count, *places):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        right = row.meant["kojinbango"]
        wrong = right[:11] + str((int(right[11]) + 3) % 10)
        planting.rewrite(
            kind, "held", file, row, place.column, wrong, "the last digit does not check the others"
        )


def unknown_code(planting: Planting, kind: str, count: int) -> None:
    texts = {
        "異動事由": "転入等",
        "支払状況": "処理済",
        "徴収区分": "その他",
        "状況": "X",
        "SHUTOKU-JIYU": "Q9",
    }
    places = [
        _MOVE,
        Place("kaede-shiharai", "支払状況"),
        Place("sugi-fuka", "徴収区分"),
        Place("sugi-nintei", "状況"),
    ]
    for place in _in_turn(planting, count, *places, Place("sugi-hihokensha", "SHUTOKU-JIYU", lapsed)):
        planting.write(kind, "held", place, texts[place.column], "not in the table of codes")


def lost_zeros(planting: Planting, kind: str, count: int) -> None:
    places = (
        Place("aoba-ido", "住民番号", loose),
        Place("kaede-shiharai", "認定番号"),
        Place("sugi-fuka", "宛名コード"),
    )
    for place in _in_turn(planting, count, *places):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        text = row.cells[file.place(place.column)].lstrip("0")
        planting.rewrite(
            kind, "held", file, row, place.column, text, "the zeros are gone, which was not declared"
        )


# -- characters ------------------------------------------------------------------------------------
def kana(planting: Planting, kind: str, count: int) -> None:
    """Half of it in the other width, or a hyphen for the long vowel mark."""
    places = (
        Place("aoba-jumin", "カナ氏名"),
        Place("kaede-jukyusha", "受給者フリガナ（メイ）"),
        Place("sugi-hihokensha", "KANA"),
    )
    for number, place in enumerate(_in_turn(planting, count, *places)):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        cell = row.cells[file.place(place.column)]
        text = f"{cell}-" if number % 2 else _half_and_half(cell)
        planting.rewrite(kind, "repaired", file, row, place.column, text, "kana of mixed width, or a hyphen")


def _half_and_half(text: str) -> str:
    """The first letters in the other width."""
    middle = max(1, len(text) // 2)
    while text[middle : middle + 1] in ("ﾞ", "ﾟ"):
        middle += 1
    first = text[:middle]
    is_half = "\uff61" <= first[0] <= "\uff9f"
    return (jaconv.h2z(first) if is_half else halfwidth(first)) + text[middle:]


def invisible(planting: Planting, kind: str, count: int) -> None:
    marks = {"aoba-jumin": "\x7f", "kaede-jido": "\u200b", "sugi-hihokensha": "\x1f"}
    places = (
        Place("aoba-jumin", "氏名漢字"),
        Place("kaede-jido", "児童氏名（名）"),
        Place("sugi-hihokensha", "SHIMEI"),
    )
    for place in _in_turn(planting, count, *places):
        file, row = planting.files[place.file], planting.take(place.file, place.which)
        cell = row.cells[file.place(place.column)]
        text = cell[:1] + marks[place.file] + cell[1:]
        planting.rewrite(kind, "repaired", file, row, place.column, text, "a character that nobody sees")


def unknown_character(planting: Planting, kind: str, count: int) -> None:
    for _ in range(count):
        file, row = planting.files["aoba-jumin"], planting.take("aoba-jumin", spare)
        text = UNKNOWN + own_characters(row.meant["shimei"])[1:]
        planting.rewrite(kind, "held", file, row, "氏名漢字", text, "F0A1 is not in the vendor's table")


# -- what is missing, too long, there twice, dangerous ---------------------------------------------
def missing(planting: Planting, kind: str, count: int) -> None:
    for place in _in_turn(planting, count, _MOVE_DAY, _AMOUNT, _STEP, Place("sugi-nintei", "申請種別")):
        planting.write(kind, "held", place, "", "required")


def missing_here(planting: Planting, kind: str, count: int) -> None:
    places = (
        _TOLD_DAY,
        Place("kaede-jido", "別居先番地", known("bekkyojidojusho")),
        Place("sugi-nintei", "要介護度", known("ninteinengappi")),
        Place("aoba-jumin", "本籍地", lambda row: spare(row) and row.meant["juminkubun"] == "1"),
    )
    for place in _in_turn(planting, count, *places):
        planted = planting.write(kind, "held", place, "", "required where another item says so")
        if place.column == "別居先番地":
            planted.row.cells[9:13] = [""] * 4
            planting.touch("kaede-jukyusha", planting.recipient_of(planted.row), planted)


def too_long(planting: Planting, kind: str, count: int) -> None:
    places = Place("aoba-ido", "通番", loose), Place("kaede-shiharai", "支払番号"), _PREMIUM
    texts = {"通番": "100001", "支払番号": "10001", "年額": "７４４００００００"}
    for place in _in_turn(planting, count, *places):
        planting.write(kind, "held", place, texts[place.column], "more digits than the item has")


def key_twice(planting: Planting, kind: str, count: int) -> None:
    """The same key once more, with something else in another column."""
    others = {
        "aoba-ido": ("契機", "職権"),
        "kaede-shiharai": ("支払種別", "定時払"),
        "sugi-fuka": ("年額", "９９０００"),
    }
    for place in _in_turn(planting, count, Place("aoba-ido", "契機", loose), _PAYMENT_DAY, _PREMIUM):
        file, first = planting.files[place.file], planting.take(place.file, place.which)
        column, text = others[place.file]
        row = Row([*first.cells], first.meant, first.of)
        row.cells[file.place(column)] = text
        planting.insert(file, row, file.rows.index(first) + 1)
        planted = planting.tell(
            Planted(kind, "held", file, row, column, text, "the row before has the same key")
        )
        planting.touch(place.file, first, planted, "held")


def formula(planting: Planting, kind: str, count: int) -> None:
    came = Place("aoba-ido", "前住所", _loose_and("idomaejusho"))
    house = Place("aoba-jumin", "方書", spare)
    for number, place in enumerate(_in_turn(planting, count, came, house, Place("sugi-nintei", "特定疾病"))):
        text = FORMULAS[number % len(FORMULAS)]
        planting.write(kind, "held", place, text, "a spreadsheet would compute it")


# -- what one row alone cannot show ------------------------------------------------------------------
def no_town(planting: Planting, kind: str, count: int) -> None:
    for number in range(count):
        text = f"高知県山あい町西ノ沢{12 + number}番地3"
        planting.write(
            kind, "held", Place("aoba-jumin", "住所", spare), text, "the address base has no such town"
        )


def household_nowhere(planting: Planting, kind: str, count: int) -> None:
    for number in range(count):
        text = f"{900_000 + number:015}"
        planting.write(
            kind, "held", Place("aoba-jumin", "世帯番号", spare), text, "no household has this number"
        )


def no_head(planting: Planting, kind: str, count: int) -> None:
    """One who lives alone is not the head of the household, which is told of the household."""

    def alone(row: Row) -> bool:
        one = person_of(row)
        return one.left is None and len(one.home.people) == 1

    people, homes = planting.files["aoba-jumin"], planting.files["aoba-setai"]
    for _ in range(count):
        row = planting.take("aoba-jumin", alone)
        row.cells[people.place("続柄")], row.meant = "同居人", {**row.meant, "tsuzukigara": "10"}
        home = planting.home_of(row)
        number = home.meant["setaibango"]
        planted = planting.tell(
            Planted(kind, "rule", homes, home, "世帯番号", number, "nobody in it is its head")
        )
        planting.touch("aoba-jumin", row, planted)


def child_older(planting: Planting, kind: str, count: int) -> None:
    file = planting.files["aoba-jumin"]

    def grown_up(row: Row) -> bool:
        return spare(row) and person_of(row).left is None and row.meant["tsuzukigara"] == "04"

    for _ in range(count):
        row = planting.take("aoba-jumin", grown_up)
        head = person_of(row).home.people[0]
        day = head.person.birth_date - timedelta(days=planting.random.randint(400, 4000))
        text = era_letter(day.isoformat())
        planted = planting.rewrite(kind, "rule", file, row, "生年月日", text, "a child older than its parent")
        planting.touch("aoba-jumin", planting.row_of(head), planted)


def paid_after_leaving(planting: Planting, kind: str, count: int) -> None:
    """Payments to come for months after that of moving away (児童手当法 第8条第2項)."""
    file = planting.files["kaede-shiharai"]
    gone = [one for one in planting.families if one.recipient.left and one.recipient.left < _LEFT_LONG_AGO]
    paid = {family.number: len(list(family.payments())) for family in gone}
    for number, family in enumerate(islice(cycle(gone), count)):
        paid[family.number] += 1
        day = on_day_of_month(_NEXT_PAYMENT, 2 * (number // len(gone)))
        meant = family.payment(paid[family.number], day)
        meant = {**meant, "shiharainojotai": "1", "shiharaigaku": "20000"}
        row = Row([column.write(meant) for column in file.columns], meant, family.recipient)
        planting.insert(file, row, planting.random.randint(1, len(file.rows)))
        text, note = slashes(day.isoformat()), f"moved away on {family.recipient.left}"
        planting.tell(Planted(kind, "rule", file, row, "支払年月日", text, note))


def same_person(planting: Planting, kind: str, count: int) -> None:
    """Registered once more under a number of its own, some with a simpler character of the name."""
    file = planting.files["aoba-jumin"]
    for number in range(count):
        first = planting.take("aoba-jumin", lambda row: not person_of(row).is_head)
        meant = _again(first.meant, number)
        row = Row([column.write(meant) for column in file.columns], meant, first.of)
        planting.insert(file, row, planting.random.randint(1, len(file.rows)))
        planted = planting.tell(
            Planted(
                kind,
                "duplicate",
                file,
                row,
                "住民番号",
                meant["atenabango"],
                f"also {first.meant['atenabango']}",
            )
        )
        planting.touch("aoba-jumin", first, planted)


def _again(meant: Record, number: int) -> Record:
    simpler = (
        meant["shimei"].translate(str.maketrans("髙𠮷﨑邊邉齋濱", "高吉崎辺辺斎浜")).replace("\U000e0100", "")
    )
    return {
        **meant,
        "atenabango": f"{7_000_000 + number:015}",
        "kojinbango": "",
        "juminhyokodo": f"{7_000_000 + number:011}",
        "shimei": simpler,
    }


KINDS: dict[str, Callable[[Planting, str, int], None]] = {
    # Those with the fewest places come first.
    "no_head": no_head,
    "child_older": child_older,
    "unknown_character": unknown_character,
    "no_town": no_town,
    "household_nowhere": household_nowhere,
    "my_number": my_number,
    "same_person": same_person,
    "missing_where_needed": missing_here,
    "formula": formula,
    "cut_off": cut_off,
    "other_encoding": other_encoding,
    "too_many_cells": too_many_cells,
    "nul_byte": nul_byte,
    "unknown_code": unknown_code,
    "no_such_day": no_such_day,
    "no_era": no_era,
    "missing": missing,
    "lost_zeros": lost_zeros,
    "too_long": too_long,
    "key_twice": key_twice,
    "kana": kana,
    "invisible": invisible,
    "other_form": other_form,
    "paid_after_leaving": paid_after_leaving,
    "heads_again": heads_again,
}
"""The 25 kinds, and how each is planted."""
_ADDED = ("same_person", "key_twice", "paid_after_leaving", "heads_again")
"""Kinds that are a row more."""


def plant(files: Sequence[OldFile], families: Sequence[Family], random: Random) -> Planting:
    """Spoil one row in twenty, all kinds alike often."""
    planting = Planting({file.name.removesuffix(".csv"): file for file in files}, families, random)
    rows = sum(len(file.rows) for file in files)
    total = round(rows / (SHARE - len(_ADDED) / len(KINDS)))
    each, more = divmod(total, len(KINDS))
    for number, (kind, planted) in enumerate(KINDS.items()):
        planted(planting, kind, each + (number < more))
    return planting
