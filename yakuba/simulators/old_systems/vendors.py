"""How each of the three vendors writes what the standard says: its heads, codes, dates and characters. None of them exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from yakuba.clock import era_of, era_year
from yakuba.records.values.characters import to_wide
from yakuba.simulators.old_systems.files import Column, OldFile, Writing
from yakuba.simulators.old_systems.town import NAME, NATIONS, TOWNS, VARIANT, Record, Town
from yakuba.words import halfwidth

OWN_CHARACTERS = {"𠮷": "\ue000", VARIANT: "\ue001"}
"""What CP932 lacks has a place of its own in あおば: F040 and F041."""
_ERA_DIGITS = {"M": "1", "T": "2", "S": "3", "H": "4", "R": "5"}
_LAND = {code: name for name, code in NATIONS.items()}
_QUARTER = {code: name for name, code in TOWNS.items()}
_AREA = {code: f"{number:02}" for number, code in enumerate(TOWNS.values(), start=1)}
_PARTS = ("高知県", "高知市", "見本町")
"""Where a child lives that lives apart, as かえで parts it."""
Write = Callable[[Record], str]


# -- how a day is written --------------------------------------------------------------------------
def era_letter(iso: str) -> str:
    """S55.01.02, as あおば has days.

    >>> era_letter("1980-01-02")
    'S55.01.02'
    """
    day = date.fromisoformat(iso)
    return f"{era_of(day).letter}{era_year(day):02}.{day.month:02}.{day.day:02}"


def slashes(iso: str) -> str:
    """1980/1/2, as かえで has days."""
    day = date.fromisoformat(iso)
    return f"{day.year}/{day.month}/{day.day}"


def era_digits(iso: str) -> str:
    """3550102, as すぎ has days."""
    letter, rest = era_letter(iso)[0], era_letter(iso)[1:]
    return _ERA_DIGITS[letter] + rest.replace(".", "")


def _said(item: str, write: Callable[[str], str], empty: str = "") -> Write:
    return lambda row: write(row[item]) if row.get(item) else empty


def _same(item: str) -> Write:
    return _said(item, str)


def _coded(item: str, codes: Mapping[str, str]) -> Write:
    return _said(item, codes.__getitem__)


def _wide(text: str) -> str:
    return to_wide(text).value or ""


# -- あおば ----------------------------------------------------------------------------------------
def own_characters(text: str) -> str:
    """With あおば's own characters for what CP932 lacks."""
    for official, own in OWN_CHARACTERS.items():
        text = text.replace(official, own)
    return text


def _address(row: Record) -> str:
    return NAME + _QUARTER[row["jusho_choazakodo"]] + halfwidth(row["jusho_banchigohyoki"])


RELATIONS = {"01": "世帯主", "02": "夫", "03": "妻", "04": "子", "09": "孫", "99": "子の妻", "10": "同居人"}
REASONS = {"01": "転入", "02": "国外転入", "03": "出生", "05": "転出", "08": "転居", "12": "職権修正"}
_STATUS = {"01": "永住者", "05": "技術・人文知識・国際業務", "06": "技能実習", "07": "特定技能"}
_SEX = {"1": "男", "2": "女"}
_AOBA = Writing("cp932")
_HOUSEHOLD = [
    Column("世帯番号", _same("setaibango")),
    Column("世帯主番号", _same("setainushi_atenabango")),
    Column("世帯区分", _coded("setaikubun", {"1": "日本人", "2": "外国人", "3": "混合"})),
    Column("員数", _same("setaiinsu")),
    Column("状態", _coded("setaijotai", {"1": "現存", "2": "消滅"})),
    Column("成立日", _said("setaiseiritsunengappi", era_letter)),
    Column("消滅日", _said("setaishometsunengappi", era_letter)),
    Column("備考", lambda row: ""),
]
_RESIDENT = [
    Column("住民番号", _same("atenabango")),
    Column("履歴", _same("rirekibango")),
    Column("世帯番号", _same("setaibango")),
    Column("マイナンバー", _same("kojinbango")),
    Column("住民票コード", _same("juminhyokodo")),
    Column("区分", _coded("juminkubun", {"1": "日本人", "2": "外国人"})),
    Column("状態", _coded("juminjotai", {"1": "現存", "2": "転出"})),
    Column("氏名漢字", _said("shimei", own_characters)),
    Column("カナ氏名", _said("shimei_yomigana", halfwidth)),
    Column("生年月日", _said("seinengappi", era_letter)),
    Column("性別", _coded("seibetsu", _SEX)),
    Column("旧姓", _same("kyushi")),
    Column("通称名", _said("tsusho", own_characters)),
    Column("続柄", _coded("tsuzukigara", RELATIONS)),
    Column("住民日", _said("juminninattanengappi", era_letter)),
    Column("住所", _address),
    Column("大字", _coded("jusho_choazakodo", _AREA)),
    Column("方書", _same("jusho_katagaki")),
    Column("住定日", _said("jushoosadametanengappi", era_letter)),
    Column("本籍地", _same("honseki")),
    Column("筆頭者", _said("hittoshashimei", own_characters)),
    Column("国籍", _coded("kokusekichiikikodo", _LAND)),
    Column("在留区分", _coded("gaikokujinjuminnokubun", {"1": "中長期"})),
    Column("在留資格", _coded("zairyushikaku", _STATUS)),
    Column("在留期限", _said("zairyukikanmanryobi", era_letter)),
    Column("カード番号", _same("zairyukadotobango")),
    Column("更新日", _said("sosanengappi", era_letter)),
    Column("更新時刻", _said("sosajikoku", lambda time: time.replace(":", ""))),
    Column("行政区", lambda row: ""),
]
_MOVE = [
    Column("住民番号", _same("atenabango")),
    Column("通番", _same("idotsuban")),
    Column("異動事由", _coded("idojiyu", REASONS)),
    Column("契機", _coded("idonokeiki", {"1": "届出", "3": "職権"})),
    Column("異動日", _said("idonengappi", era_letter)),
    Column("届出日", _said("todokedenengappi", era_letter)),
    Column("前住所", _same("idomaejusho")),
    Column("転出先", _same("idosakijusho")),
]


def aoba(town: Town) -> list[OldFile]:
    """住民記録「あおば」: CP932, short heads, half-width kana, days like S55.01.02, words for codes, one column for an address."""
    operation = "resident-register"
    homes = OldFile("aoba-setai.csv", operation, "世帯", _AOBA, _HOUSEHOLD)
    people = OldFile("aoba-jumin.csv", operation, "住民", _AOBA, _RESIDENT)
    moves = OldFile("aoba-ido.csv", operation, "異動履歴", _AOBA, _MOVE)
    for meant, home in town.households():
        homes.add(meant, home)
    for file, made in ((people, town.people()), (moves, town.moves())):
        for meant, one in made:
            file.add(meant, one)
    return [homes, people, moves]


# -- かえで ----------------------------------------------------------------------------------------
def _name(item: str, part: int) -> Write:
    return lambda row: row[item].partition("\u3000")[2 * part]


def _without_zeros(item: str) -> Write:
    """As a spreadsheet leaves a number that it has opened."""
    return _said(item, lambda number: number.lstrip("0"))


def _apart(part: int) -> Write:
    return _said("bekkyojidojusho", lambda _: _PARTS[part])


_KAEDE = Writing("utf-8", always=True, mark=b"\xef\xbb\xbf")
_RECIPIENT = [
    Column("受給者宛名番号", _without_zeros("atenabango")),
    Column("認定番号", _same("ninteibango")),
    Column("受給者個人番号", _same("kojinbango")),
    Column("受給者氏名（姓）", _name("shimei", 0)),
    Column("受給者氏名（名）", _name("shimei", 1)),
    Column("受給者フリガナ（セイ）", _name("shimei_yomigana", 0)),
    Column("受給者フリガナ（メイ）", _name("shimei_yomigana", 1)),
    Column("受給者生年月日（西暦）", _said("seinengappi", slashes)),
    Column("受給者性別コード", _same("seibetsu")),
    Column("受給資格区分コード", _same("jukyushikakunokubun")),
    Column("加入年金種別コード", _same("kanyunenkinnoshurui")),
    Column("配偶者宛名番号", _without_zeros("haigusha_atenabango")),
    Column("認定請求年月日", _said("seikyunengappi", slashes)),
    Column("認定年月日", _said("ninteinengappi", slashes)),
    Column(
        "支給開始年月", _said("shikyukaishinengetsu", lambda month: slashes(f"{month}-01").removesuffix("/1"))
    ),
    Column("受給状態コード", _same("jukyunojotai")),
    Column("現況届提出年月日", _said("genkyotodoketeishutsunengappi", slashes)),
    Column("受給資格消滅年月日", _said("shometsunengappi", slashes)),
    Column("受給資格消滅事由コード", _same("shometsujiyu")),
    Column("支払方法コード", _same("shiharaihoho")),
    Column("振込先金融機関コード", _same("kinyukikankodo")),
    Column("振込先支店コード", _same("shitenkodo")),
    Column("振込先口座種別コード", _same("kozashubetsu")),
    Column("振込先口座番号", _same("kozabango")),
    Column("振込先口座名義人カナ", _same("kozameiginin")),
    Column("最終更新者", _same("sosashaid")),
    Column("最終更新年月日", _said("sosanengappi", slashes)),
    Column("最終更新時刻", _same("sosajikoku")),
    Column("担当課メモ", lambda row: "連絡は午後" if row["atenabango"].endswith("7") else ""),
]
_CHILD = [
    Column("認定番号", _same("ninteibango")),
    Column("児童宛名番号", _without_zeros("jido_atenabango")),
    Column("児童氏名（姓）", _name("jidoshimei", 0)),
    Column("児童氏名（名）", _name("jidoshimei", 1)),
    Column("児童生年月日（西暦）", _said("jidoseinengappi", slashes)),
    Column("受給者との関係", _coded("jidotonokankei", {"1": "子"})),
    Column("児童区分", _coded("jidonokubun", {"1": "３歳未満", "2": "３歳以上", "3": "算定児童"})),
    Column("出生順位", _same("dainanshi")),
    Column("同居別居区分", _coded("dokyobekkyonobetsu", {"1": "同居", "2": "別居"})),
    Column("別居先都道府県", _apart(0)),
    Column("別居先市区町村", _apart(1)),
    Column("別居先町域", _apart(2)),
    Column("別居先番地", _said("bekkyojidojusho", lambda text: text.removeprefix("".join(_PARTS)))),
    Column("海外留学フラグ", _same("kaigairyugakufuragu")),
    Column("対象外年月日", _said("taishogainengappi", slashes)),
    Column("対象外理由コード", _same("taishogaitonattariyu")),
]
_PAYMENT = [
    Column("認定番号", _same("ninteibango")),
    Column("支払番号", _same("shiharaibango")),
    Column("支払種別", _coded("shiharainoshurui", {"1": "定時払"})),
    Column("支払年月日", _said("shiharainengappi", slashes)),
    Column("支払金額", _same("shiharaigaku")),
    Column("支払状況", _coded("shiharainojotai", {"1": "予定", "2": "支払済"})),
]


def kaede(town: Town) -> list[OldFile]:
    """児童手当「かえで」: UTF-8 with its mark, every cell quoted, long heads, days like 1980/1/2, names and addresses in parts,
    and numbers whose zeros a spreadsheet took."""
    operation = "child-allowance"
    recipients = OldFile("kaede-jukyusha.csv", operation, "受給者", _KAEDE, _RECIPIENT)
    children = OldFile("kaede-jido.csv", operation, "支給対象児童", _KAEDE, _CHILD)
    payments = OldFile("kaede-shiharai.csv", operation, "支払", _KAEDE, _PAYMENT)
    for family in town.families():
        recipients.add(family.record(), family.recipient)
        for meant, one in family.child_records():
            children.add(meant, one)
        for meant in family.payments():
            payments.add(meant, family.recipient)
    return [recipients, children, payments]


# -- すぎ ------------------------------------------------------------------------------------------
_HOST = Writing("euc_jp", delimiter="\t")
_NO_DAY = "0000000"
_INSURED_WIDTHS = (15, 5, 20, 12, 40, 60, 7, 1, 1, 7, 2, 7, 2, 1, 40, 7, 4)
_INSURED = [
    Column("ATENA-NO", _same("atenabango")),
    Column("RIREKI", _said("rirekibango", lambda number: number.zfill(5))),
    Column("HIHO-NO", _said("hihokenshabango", _wide)),
    Column("KOJIN-NO", _same("kojinbango")),
    Column("SHIMEI", _same("shimei")),
    Column("KANA", _same("shimei_yomigana")),
    Column("UMARE", _said("seinengappi", era_digits)),
    Column("SEI", _coded("seibetsu", {"1": "M", "2": "F"})),
    Column("HIHO-KBN", _same("hihokenshakubun")),
    Column("SHUTOKU-YMD", _said("shikakushutokunengappi", era_digits)),
    Column("SHUTOKU-JIYU", _coded("shikakushutokujiyu", {"01": "A1", "02": "A2"})),
    Column("SOSHITSU-YMD", _said("shikakusoshitsunengappi", era_digits, _NO_DAY)),
    Column("SOSHITSU-JIYU", _coded("shikakusoshitsujiyu", {"01": "Z1"})),
    Column("TOKUREI", _same("jushochitokureifuragu")),
    Column("SHISETSU", _same("shisetsumeisho")),
    Column("KOSHIN-YMD", _said("sosanengappi", era_digits)),
    Column("KOSHIN-HM", _said("sosajikoku", lambda time: time.replace(":", ""))),
]
_ASSESSED = [
    Column("宛名コード", _same("atenabango")),
    Column("申請番号", _same("shinseibango")),
    Column("申請種別", _coded("shinseikubun", {"1": "新規", "2": "更新"})),
    Column("申請日", _said("shinseinengappi", era_digits)),
    Column("特定疾病", _same("tokuteishippei")),
    Column("調査日", _said("ninteichosanengappi", era_digits, _NO_DAY)),
    Column("意見書受領日", _said("shujiiikenshojuryonengappi", era_digits, _NO_DAY)),
    Column("一次判定", _same("ichijihanteikekka")),
    Column("審査会日", _said("shinsakaikaisainengappi", era_digits, _NO_DAY)),
    Column("状況", _coded("ninteinojokyo", {"1": "調査", "3": "決定"})),
    Column("要介護度", _same("yokaigojotaikubun")),
    Column("認定日", _said("ninteinengappi", era_digits, _NO_DAY)),
    Column("有効開始", _said("ninteiyukokikan_kaishinengappi", era_digits, _NO_DAY)),
    Column("有効終了", _said("ninteiyukokikan_shuryonengappi", era_digits, _NO_DAY)),
]
_PREMIUM = [
    Column("宛名コード", _same("atenabango")),
    Column("年度", _said("fukanendo", lambda year: era_digits(f"{year}-12-31")[:3])),
    Column("段階", _said("shotokudankai", _wide)),
    Column("年額", _said("nenkanhokenryogaku", _wide)),
    Column("徴収区分", _coded("choshuhoho", {"1": "特徴", "2": "普徴"})),
]


def sugi(town: Town) -> list[OldFile]:
    """介護保険「すぎ」, a host: EUC-JP, one file of fixed width and two with tabs, days like 3550102, 0000000 for none, digits in
    full width, only the characters of JIS X 0208."""
    operation = "long-term-care-insurance"
    fixed = Writing("euc_jp", widths=_INSURED_WIDTHS)
    insured = OldFile("sugi-hihokensha.csv", operation, "被保険者", fixed, _INSURED)
    assessed = OldFile("sugi-nintei.csv", operation, "要介護認定", _HOST, _ASSESSED)
    premiums = OldFile("sugi-fuka.csv", operation, "保険料賦課", _HOST, _PREMIUM)
    for file, made in (
        (insured, town.insured()),
        (assessed, town.assessments()),
        (premiums, town.premiums()),
    ):
        for meant, one in made:
            file.add(meant, one)
    return [insured, assessed, premiums]
