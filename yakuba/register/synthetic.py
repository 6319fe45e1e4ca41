"""A made-up town: pure, and the same for the same code, population and seed.

Ages, households and names follow the shape of a small ageing town (about four in ten people are 65 or older), not
any real place; surnames and given names are common ones put together at random.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from yakuba.clock import age
from yakuba.words import search_key


def _named(pairs: str) -> tuple[tuple[str, str], ...]:
    """Names with their kana from "正タダシ 勇イサム": the kana begins where katakana does."""
    return tuple((kanji, kana) for kanji, kana in re.findall(r"([^ァ-ー ]+)([ァ-ー]+)", pairs))


SPACE = uuid.UUID("6f1f3b9e-6d0c-4f0e-9c6d-0a5c3a1b8e10")
#: Surname, kana, weight. Old and rare characters stand beside the plain ones, as in any real register.
SURNAMES = (
    ("佐藤", "サトウ", 50), ("鈴木", "スズキ", 40), ("高橋", "タカハシ", 30), ("髙橋", "タカハシ", 6),
    ("田中", "タナカ", 35), ("伊藤", "イトウ", 25), ("渡辺", "ワタナベ", 20), ("渡邊", "ワタナベ", 5),
    ("渡邉", "ワタナベ", 4), ("山本", "ヤマモト", 30), ("中村", "ナカムラ", 28), ("小林", "コバヤシ", 26),
    ("加藤", "カトウ", 22), ("吉田", "ヨシダ", 20), ("𠮷田", "ヨシダ", 3), ("山田", "ヤマダ", 22),
    ("斎藤", "サイトウ", 10), ("齋藤", "サイトウ", 5), ("齊藤", "サイトウ", 4), ("松本", "マツモト", 16),
    ("井上", "イノウエ", 16), ("木村", "キムラ", 15), ("林", "ハヤシ", 14), ("清水", "シミズ", 14),
    ("山崎", "ヤマサキ", 9), ("山﨑", "ヤマサキ", 4), ("森", "モリ", 13), ("池田", "イケダ", 12),
    ("橋本", "ハシモト", 12), ("岡﨑", "オカザキ", 3), ("岡崎", "オカザキ", 6), ("濱田", "ハマダ", 4),
    ("浜田", "ハマダ", 8), ("德永", "トクナガ", 2), ("片岡", "カタオカ", 8), ("西森", "ニシモリ", 7),
    ("小松", "コマツ", 10), ("岡林", "オカバヤシ", 7), ("楠瀬", "クスノセ", 4), ("宮﨑", "ミヤザキ", 3),
)  # fmt: skip
#: Given names and kana by sex and the year of birth up to which they were common.
GIVEN = {
    "male": (
        (1955, _named("正タダシ 勇イサム 清キヨシ 茂シゲル 昭アキラ 進ススム 實ミノル 弘ヒロシ 三郎サブロウ 義雄ヨシオ 正雄マサオ 勝マサル 武タケシ 忠タダシ 一男カズオ 幸雄ユキオ")),
        (1975, _named("誠マコト 隆タカシ 浩一コウイチ 和彦カズヒコ 健二ケンジ 修オサム 浩ヒロシ 博之ヒロユキ 哲也テツヤ 豊ユタカ 剛ツヨシ 秀樹ヒデキ 直人ナオト 学マナブ 聡サトシ")),
        (1995, _named("大輔ダイスケ 健太ケンタ 拓也タクヤ 翔太ショウタ 亮リョウ 直樹ナオキ 達也タツヤ 大樹ダイキ 翔ショウ 健太郎ケンタロウ 雄太ユウタ 和也カズヤ 祐介ユウスケ 駿シュン")),
        (2100, _named("蓮レン 湊ミナト 陽翔ハルト 悠真ユウマ 大和ヤマト 颯ハヤテ 律リツ 樹イツキ 朝陽アサヒ 新アラタ 碧アオ 蒼アオイ 大翔ヒロト 悠人ユウト 結翔ユイト 晴ハル")),
    ),
    "female": (
        (1955, _named("和子カズコ 幸子サチコ 節子セツコ 千代チヨ 文子フミコ 静子シズコ 美代子ミヨコ 久子ヒサコ 富子トミコ 清子キヨコ 芳子ヨシコ 光子ミツコ 照子テルコ 君子キミコ")),
        (1975, _named("由美子ユミコ 久美子クミコ 真由美マユミ 恵子ケイコ 洋子ヨウコ 直美ナオミ 明美アケミ 裕子ユウコ 智子トモコ 陽子ヨウコ 純子ジュンコ 美穂ミホ 香織カオリ")),
        (1995, _named("愛アイ 美咲ミサキ 彩アヤ 麻衣マイ 優子ユウコ 絵美エミ 舞マイ 恵メグミ 千尋チヒロ 沙織サオリ 瞳ヒトミ 遥ハルカ 萌モエ 友美トモミ 葵アオイ")),
        (2100, _named("陽葵ヒマリ 凛リン 結菜ユイナ 咲良サクラ 紬ツムギ 葵アオイ 澪ミオ 結愛ユア 莉子リコ 芽依メイ 杏アン 心春コハル 美月ミツキ 花ハナ 詩ウタ 琴音コトネ")),
    ),
}  # fmt: skip
#: People of other countries: nationality, surnames, given names by sex, each as written on the card and as read.
FOREIGN = (
    ("ベトナム", ("NGUYEN グエン", "TRAN チャン", "LE レ"), {"female": ("THI HOA ティ ホア", "THI LAN ティ ラン"), "male": ("VAN MINH ヴァン ミン", "DUC ANH ドゥック アイン")}),
    ("フィリピン", ("SANTOS サントス", "REYES レイエス"), {"female": ("MARIA CRUZ マリア クルス", "ANA ROSE アナ ローズ"), "male": ("JOSE MARK ホセ マーク",)}),
    ("ネパール", ("THAPA タパ", "GURUNG グルン"), {"female": ("SITA シタ",), "male": ("BISHNU ビシュヌ", "RAMESH ラメシュ")}),
    ("中国", ("LI リ", "WANG ワン"), {"female": ("NA ナ", "FANG ファン"), "male": ("WEI ウェイ", "JUN ジュン")}),
    ("インドネシア", ("PUTRA プトラ", "WIJAYA ウィジャヤ"), {"female": ("DEWI デウィ",), "male": ("ANDI アンディ", "BUDI ブディ")}),
)  # fmt: skip
#: Made up: every quarter has a postal code of its own, counted from this one.
POSTAL_CODES_FROM = 7899901
QUARTERS = ("上山", "中山", "下山", "川口", "谷内", "日浦", "桑ノ川", "大平", "城ノ下", "寺野", "浜", "新町")
#: Bank, branches: real ones, since payment files are checked against the real master.
BANKS = (("9900", ("058", "059", "038")), ("0175", ("051", "101", "102")), ("0578", ("001", "002", "003")), ("0001", ("001",)))  # fmt: skip
#: Households: kind and weight. The mix was chosen so that about four in ten people are 65 or older.
KINDS = (
    ("old_alone", 26), ("old_couple", 26), ("couple", 14), ("family", 12), ("single_parent", 3),
    ("three_generations", 4), ("alone", 14), ("old_and_child", 9),
)  # fmt: skip


@dataclass(slots=True)
class MadePerson:
    """One synthetic person; ids of parents where they live here."""

    id: uuid.UUID
    household: uuid.UUID
    relation: str
    name: str
    kana: str
    birth_date: date
    sex: str
    nationality: str = "日本"
    mother: uuid.UUID | None = None
    father: uuid.UUID | None = None
    moved_in: date = date(2000, 4, 1)
    account: tuple[str, str, str, str, str] | None = None
    income: int = 0
    taxed: bool = False

    @property
    def search(self) -> str:
        """What the name and its kana are found by."""
        return f"{search_key(self.name)} {search_key(self.kana)}"


@dataclass(slots=True)
class MadeHousehold:
    """One synthetic household."""

    id: uuid.UUID
    number: int
    postal_code: str
    line: str
    people: list[MadePerson] = field(default_factory=list)


class Maker:
    """Makes households one after another."""

    def __init__(self, code: str, seed: int, as_of: date, town: str):
        self._random, self._as_of, self._town = Random(f"{code}:{seed}"), as_of, town
        self._space = uuid.uuid5(SPACE, f"{code}:{seed}")
        self._count = 0

    def households(self, population: int) -> Iterator[MadeHousehold]:
        """Households of `population` people together."""
        number, left = 0, population
        while left > 0:
            number += 1
            made = self._household(number)
            made.people = made.people[:left]
            left -= len(made.people)
            yield made

    def _household(self, number: int) -> MadeHousehold:
        r = self._random
        quarter = r.randrange(len(QUARTERS))
        lot = f"{r.randint(1, 980)}番地" + (str(r.randint(1, 12)) if r.random() < 0.5 else "")
        home = MadeHousehold(
            self._id("h"), number, str(POSTAL_CODES_FROM + quarter), f"{self._town}{QUARTERS[quarter]}{lot}"
        )
        kind = r.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
        getattr(self, f"_{kind}")(home)
        if kind in ("alone", "family") and r.random() < 0.1:
            self._make_foreign(home)
        return home

    # -- kinds of households ----------------------------------------------------------------------
    def _old_alone(self, home: MadeHousehold) -> None:
        self._add(
            home, "head", self._random.randint(66, 97), self._random.choices(["female", "male"], [7, 3])[0]
        )

    def _old_couple(self, home: MadeHousehold) -> None:
        years = self._random.randint(66, 90)
        self._add(home, "head", years, "male")
        self._add(home, "spouse", max(62, years - self._random.randint(0, 6)), "female")

    def _couple(self, home: MadeHousehold) -> None:
        years = self._random.randint(42, 66)
        self._add(home, "head", years, "male")
        self._add(home, "spouse", years - self._random.randint(0, 5), "female")

    def _family(self, home: MadeHousehold) -> None:
        mother_age = self._random.randint(26, 54)
        father = self._add(home, "head", mother_age + self._random.randint(0, 6), "male")
        mother = self._add(home, "spouse", mother_age, "female")
        self._children(home, mother, father)

    def _single_parent(self, home: MadeHousehold) -> None:
        mother = self._add(home, "head", self._random.randint(24, 52), "female")
        self._children(home, mother, None)

    def _three_generations(self, home: MadeHousehold) -> None:
        mother_age = self._random.randint(28, 45)
        grandmother_age = mother_age + self._random.randint(23, 32)
        if self._random.random() < 0.6:
            self._add(home, "head", grandmother_age + self._random.randint(0, 5), "male")
        grandmother = self._add(home, "parent" if home.people else "head", grandmother_age, "female")
        father = self._add(home, "child", mother_age + self._random.randint(0, 4), "male")
        father.mother = grandmother.id
        mother = self._add(home, "child_spouse", mother_age, "female")
        self._children(home, mother, father)

    def _alone(self, home: MadeHousehold) -> None:
        self._add(home, "head", self._random.randint(19, 64), self._random.choice(["male", "female"]))

    def _old_and_child(self, home: MadeHousehold) -> None:
        years = self._random.randint(72, 95)
        mother = self._add(home, "head", years, "female")
        child = self._add(
            home, "child", years - self._random.randint(22, 35), self._random.choice(["male", "female"])
        )
        child.mother = mother.id

    # -- people ------------------------------------------------------------------------------------
    def _children(self, home: MadeHousehold, mother: MadePerson, father: MadePerson | None) -> None:
        """Children still at home, the eldest first; their mother was at most 44 and two or more years lie between."""
        mother_age = age(mother.birth_date, self._as_of)
        mother_was = self._random.randint(20, min(34, mother_age))
        for _ in range(self._random.choices([1, 2, 3, 4], [34, 43, 19, 4])[0]):
            years = mother_age - mother_was
            if years < 0 or mother_was > 44:
                break
            if years < 22:
                child = self._add(home, "child", years, self._random.choice(["male", "female"]))
                child.mother, child.father = mother.id, father.id if father else None
            mother_was += self._random.randint(2, 4)

    def _add(self, home: MadeHousehold, relation: str, years: int, sex: str) -> MadePerson:
        r = self._random
        birth = self._birth(years)
        surname, surname_kana = self._surname(home)
        given, given_kana = self._given(home, sex, birth.year)
        made = MadePerson(
            self._id("p"),
            home.id,
            relation,
            f"{surname}　{given}",
            f"{surname_kana}　{given_kana}",
            birth,
            sex,
        )
        made.moved_in = min(max(birth, self._as_of - timedelta(days=r.randint(30, 12000))), self._as_of)
        if years >= 18:
            self._give_money(made, years)
        home.people.append(made)
        return made

    def _birth(self, years: int) -> date:
        """A birthday on which the person is that old now: any day of the year, 29 February among them."""
        latest = self._as_of.replace(year=self._as_of.year - years, day=min(self._as_of.day, 28))
        return latest - timedelta(days=self._random.randint(1, 360))

    def _surname(self, home: MadeHousehold) -> tuple[str, str]:
        if home.people:
            surname, kana = home.people[0].name.split("　")[0], home.people[0].kana.split("　")[0]
            return surname, kana
        name, kana, _ = self._random.choices(SURNAMES, [weight for *_, weight in SURNAMES])[0]
        return name, kana

    def _given(self, home: MadeHousehold, sex: str, year: int) -> tuple[str, str]:
        """A name of that time that nobody in the household has."""
        taken = {one.name.split("　")[-1] for one in home.people}
        names = next(names for until, names in GIVEN[sex] if year <= until)
        return self._random.choice([name for name in names if name[0] not in taken] or list(names))

    def _make_foreign(self, home: MadeHousehold) -> None:
        """Everyone in the household: one nationality and surname, written in letters and read in katakana."""
        r = self._random
        nationality, surnames, given = r.choice(FOREIGN)
        surname, surname_kana = r.choice(surnames).split(" ")
        for one in home.people:
            words = r.choice(given[one.sex]).split(" ")
            half = len(words) // 2
            one.name = " ".join((surname, *words[:half]))
            one.kana = "　".join((surname_kana, *words[half:]))
            one.nationality = nationality
            if one.account:
                one.account = (*one.account[:4], one.kana)

    def _give_money(self, one: MadePerson, years: int) -> None:
        r = self._random
        one.income = max(0, int(r.gauss(900_000, 500_000) if years >= 65 else r.gauss(2_600_000, 1_500_000)))
        one.taxed = one.income > 380_000 + (1_100_000 if years >= 65 else 650_000)
        if r.random() < 0.6:
            bank, branches = r.choice(BANKS)
            one.account = (bank, r.choice(branches), "1", f"{r.randint(0, 9_999_999):07d}", one.kana)

    def _id(self, kind: str) -> uuid.UUID:
        self._count += 1
        return uuid.uuid5(self._space, f"{kind}:{self._count}")
