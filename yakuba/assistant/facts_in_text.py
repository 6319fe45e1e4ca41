"""The facts that a text states, and whether they stand in its sources: nothing is shown that no source says.

`verified(text, sources)` is asked about every rephrasing, and can be asked about any text. It looks at what can be wrong in a
way that costs somebody money or a deadline: numbers with their units and bounds, amounts, dates, times, telephone numbers,
links, names in quotation marks, names of papers, articles of law, and words that stand for a number (無料, 翌日). The
same fact may be written in another way: 1,000円 = 千円 = 1,000 yen; 令和8年 = 2026年; 午後5時15分 = 17:15.

It does not judge the sense of a sentence: a rephrasing is shown beside what it rephrases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, Literal

from yakuba.assistant.knowledge.entry import Entry
from yakuba.clock.wareki import ERAS

Kind = Literal["number", "date", "time", "phone", "link", "quoted", "paper", "law", "word"]
Key = tuple[Any, ...]
ANY = "*"
"""In the place of a unit: whatever it is."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact of a text: what kind it is, how it is written there; `needs`: one of these must be offered by a source;
    `offers`: what it offers where it stands in a source."""

    kind: Kind
    said: str
    needs: frozenset[Key] = field(repr=False)
    offers: frozenset[Key] = field(repr=False)


def verified(text: str, sources: Iterable[str], *, longest: int | None = None) -> bool:
    """Whether every fact of `text` stands in one of the sources, and the text is no longer than `longest` characters
    (three times the sources and 200 where it is not given: easy Japanese and English need more room).

    >>> verified("手数料は千円です。令和8年4月1日から。", ["手数料 1,000円（2026年4月1日から）"])
    True
    >>> verified("手数料は300円です。", ["手数料 1,000円"])
    False
    """
    sources = list(sources)
    most = 3 * sum(map(len, sources)) + 200 if longest is None else longest
    return len(text) <= most and not unfounded(text, sources)


def unfounded(text: str, sources: Iterable[str]) -> list[Claim]:
    """The facts of the text that stand in none of the sources, in the order of the kinds in `Kind`."""
    sources = list(sources)
    offered = {key for source in sources for claim in claims(source) for key in claim.offers}
    whole = [_compact(source) for source in sources]
    return [
        claim
        for claim in claims(text)
        if not (
            claim.needs & offered
            or any(key[1] in one for key in claim.needs if key[0] == "text" for one in whole)
        )
    ]


def texts_of(entry: Entry) -> list[str]:
    """What an entry says, in all languages, with its source: what an answer that quotes it is verified against."""
    source = entry.source
    as_of = [source.as_of.isoformat()] if source.as_of else []
    said = [*entry.question.values(), *entry.answer.values(), *entry.others, *entry.aspects.values()]
    return [*said, source.title, source.link, source.office, *as_of]


@lru_cache(maxsize=4096)
def claims(text: str) -> tuple[Claim, ...]:
    """The facts that a text states."""
    plain = _plain(text)
    found: list[Claim] = []
    for take in (_links, _phones, _laws, _dates, _times, _ratios, _codes, _numbers):
        plain = _taken(plain, take, found)
    for look in (_quoted, _papers, _words):
        found += look(_plain(text))
    return tuple(found)


Finder = Callable[[str], Iterator[tuple[re.Match[str], Claim]]]


def _taken(plain: str, find: Finder, found: list[Claim]) -> str:
    """Adds what is found, and gives the text with a gap in the place of it, so that nothing is read twice."""
    for match, claim in list(find(plain)):
        found.append(claim)
        plain = plain[: match.start()] + "\x00" * (match.end() - match.start()) + plain[match.end() :]
    return plain


def _claim(kind: Kind, said: str, needs: Iterable[Key], offers: Iterable[Key] | None = None) -> Claim:
    wanted = frozenset(needs)
    return Claim(kind, said, wanted, wanted if offers is None else frozenset(offers))


# -- one way of writing ---------------------------------------------------------------------------
_DAIJI = str.maketrans("零壱壹弐貳参參拾萬", "〇一一二二三三十万")
_DASHES = "‐‑‒–—―−"


def _plain(text: str) -> str:
    """Half width, one kind of dash, digits of any script as ours, nothing invisible."""
    half = unicodedata.normalize("NFKC", text).translate(_DAIJI)
    return "".join(_character(one) for one in half)


@lru_cache(maxsize=8192)
def _character(one: str) -> str:
    if one in _DASHES:
        return "-"
    if unicodedata.category(one) in ("Cf", "Mn", "Me", "Cc") and one not in "\n\t\u3099\u309a":
        return ""
    value = unicodedata.digit(one, None)
    return one if value is None else str(value)


def _compact(text: str) -> str:
    """What two ways of writing a name have in common."""
    return re.sub(r"[\s・,、。「」『』\"'“”‘’()（）]", "", _plain(text)).casefold()


_FLAGS = re.IGNORECASE | re.ASCII
"""ASCII: an English word ends where Japanese begins."""


# -- numbers --------------------------------------------------------------------------------------
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_FIGURES = "〇一二三四五六七八九"
_ARABIC = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_NUMERAL = rf"(?:{_ARABIC}[十百千万億兆]*|[〇一二三四五六七八九十百千万億兆]+)+"
_PIECE = re.compile(rf"{_ARABIC}|[{_FIGURES}]+|[十百千万億兆]")


MOST_FIGURES = 40
"""Of one number; nobody reads more."""
NO_NUMBER = Fraction(-1)
"""What 百百 is: written as a number, and none."""


def value_of(numeral: str) -> Fraction:
    """The number that digits, kanji, or both together write; as a fraction, so that nothing is rounded.

    >>> [int(value_of(one)) for one in ("1,000", "千", "1万5千", "一万五千", "1.5万", "二〇二六")]
    [1000, 1000, 15000, 15000, 15000, 2026]
    """
    whole = part = Fraction(0)
    figures, smallest = "", 10_000  # figures side by side in two scripts are one number: 5〇 is 50
    for piece in _PIECE.findall(numeral):
        if piece in _LARGE:
            whole += (part + Fraction(figures or 0) if part or figures else 1) * _LARGE[piece]
            part, figures, smallest = Fraction(0), "", 10_000
        elif piece in _SMALL:
            if _SMALL[piece] >= smallest:
                return NO_NUMBER
            smallest = _SMALL[piece]
            part += Fraction(figures or 1) * smallest
            figures = ""
        else:
            figures += "".join(
                str(_FIGURES.index(one)) if one in _FIGURES else one for one in piece if one != ","
            )
            if figures.count(".") > 1 or len(figures) > MOST_FIGURES:
                return NO_NUMBER
    return whole + part + Fraction(figures or 0)


_UNITS: list[tuple[str, str]] = [
    ("円", r"円|yen\b|JPY\b"),
    ("%", r"%|パーセント|per ?cent\b"),
    ("割", r"割(?!合|増|引き?込)"),
    ("週", r"週間?|weeks?\b"),
    ("月", r"(?:か|カ|ヶ|ケ|ヵ|箇|ヵ)月間?|months?\b"),
    ("時間", r"時間|hours?\b"),
    ("分", r"分間?|minutes?\b"),
    ("秒", r"秒間?|seconds?\b"),
    ("歳", r"歳|才|(?:years? old\b|years? of age\b)"),
    ("年", r"年間?|years?\b"),
    ("日", r"(?:(?:開庁|営業|平)日間?|日間?)|(?:(?:business|working|calendar) )?days?\b"),
    ("人", r"人|名(?!前|義|称|字)|people\b|persons?\b|child(?:ren)?\b"),
    ("回", r"回|度目|times?\b"),
    ("件", r"件|cases?\b"),
    ("通", r"通(?!り|帳|知|学|常|院|勤|話)|部(?!分|屋|門|署)|枚|cop(?:y|ies)\b|sheets?\b"),
    ("つ", r"つ"),
    ("個", r"個(?!人)|items?\b"),
    ("階", r"階|(?:st|nd|rd|th)? floors?\b"),
    ("番", r"番(?!地|号)"),
    ("番地", r"番地"),
    ("号", r"号"),
    ("世帯", r"世帯|households?\b"),
    ("台", r"台(?!帳|所)"),
    ("袋", r"袋|bags?\b"),
    ("本", r"本(?!人|籍|庁|町|市|日)"),
    ("点", r"点|points?\b"),
    ("kg", r"kg\b|キロ(?:グラム)?"),
    ("km", r"km\b|キロメートル"),
    ("m", r"m\b|メートル"),
    ("cm", r"cm\b|センチ(?:メートル)?"),
    ("l", r"[lL]\b|リットル|lit(?:re|er)s?\b"),
    ("平方メートル", r"m2|平方メートル|㎡"),
    ("子", r"子"),
    ("期", r"期"),
    ("級", r"級"),
]
_UNIT = "|".join(f"(?P<u{number}>{form})" for number, (_, form) in enumerate(_UNITS))
_BOUNDS: list[tuple[str, str]] = [
    ("≤", r"以内|以下|まで"),
    ("<", r"未満"),
    ("≥", r"以上"),
    (">", r"を?超"),
    ("before", r"前"),
    ("after", r"後|経過|過ぎ"),
    ("≤", r" or (?:less|fewer|younger|under)"),
    ("≥", r" or (?:more|over|older|above)"),
    ("before", r" (?:before|prior)"),
    ("after", r" after"),
]
_AFTER = "|".join(f"(?P<b{number}>{form})" for number, (_, form) in enumerate(_BOUNDS))
_ENGLISH_BOUNDS = [
    ("≤", r"within|at most|up to|no more than|not more than"),
    ("<", r"less than|fewer than|under|younger than|below"),
    ("≥", r"at least|no less than"),
    (">", r"more than|over|older than|above"),
]
_BEFORE = "|".join(f"(?P<e{number}>{form})" for number, (_, form) in enumerate(_ENGLISH_BOUNDS))
_ENGLISH = {
    word: value
    for value, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ],
        start=1,
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100, "thousand": 1000}
_NUMBER = re.compile(
    rf"(?:(?:{_BEFORE})(?: the age of)? )?(?P<sign>[¥￥])?"
    rf"(?:(?P<it>{_NUMERAL})|(?P<english>\b(?:{'|'.join(_ENGLISH)})\b))"
    rf"(?P<thousand> thousand| million)?[ -]?(?:{_UNIT})?(?P<yen>円)?(?:の)?(?:{_AFTER})?",
    _FLAGS,
)
_NOT_NUMBERS = re.compile(
    rf"(?<![0-9{_FIGURES}十百千万億兆])(?:"
    r"一[部般時定緒度番方覧切応括致律旦言斉概層連式体面次]|第一(?![条項号子種類期次級])|[同統唯均逐単]一|万が?一|[二三四]次|十分|千葉|三重県?|四国|九州|八王子|七夕|五輪"
    r"|三角|四角|四季|百貨店|一人ひとり|一人一人|世界一|十字|三日月|八百屋|二重|三者|四半期"
    r"|[一二三四五六七八九十百千]+(?=[郎朗子美代彦雄之助夫男]))"
)
_KANA = {
    "いち": "一", "に": "二", "さん": "三", "よん": "四", "ご": "五", "ろっ": "六", "ろく": "六", "なな": "七", "はっ": "八",
    "はち": "八", "きゅう": "九", "じゅう": "十", "ひゃく": "百", "びゃく": "百", "ぴゃく": "百", "せん": "千", "ぜん": "千",
    "まん": "万",
}  # fmt: skip
_KANA_YEN = re.compile(
    rf"(?P<it>(?:{'|'.join(_KANA)}){{0,8}}?(?:じゅう|[ひびぴ]ゃく|[せぜ]ん|まん)(?:{'|'.join(_KANA)}){{0,8}})[ ]?えん(?![ぁ-ん])"
)


def _numbers(plain: str) -> Iterator[tuple[re.Match[str], Claim]]:
    for match in _KANA_YEN.finditer(plain):
        kanji = "".join(_KANA[one] for one in re.findall("|".join(_KANA), match["it"]))
        if match["it"] != "まん":
            yield match, _number(match[0], value_of(kanji), "円", "")
    apart = _NOT_NUMBERS.sub(lambda match: "\x00" * len(match[0]), plain)
    for match in _NUMBER.finditer(apart):
        unit, bound = (
            _named(match, "u", _UNITS),
            _named(match, "b", _BOUNDS) or _named(match, "e", _ENGLISH_BOUNDS),
        )
        unit = "円" if match["sign"] or match["yen"] else unit
        written = match["it"]
        if not unit and (written is None or not re.search(r"[0-9]", written)):
            continue  # 千 and one without a unit are words as often as numbers
        value = value_of(written) if written else Fraction(_ENGLISH[match["english"].lower()])
        value *= {" thousand": 1000, " million": 10**6}.get((match["thousand"] or "").lower(), 1)
        yield (
            match,
            _number(match[0], value * 10 if unit == "割" else value, "%" if unit == "割" else unit, bound),
        )


def _named(match: re.Match[str], letter: str, named: list[tuple[str, str]]) -> str:
    return next((name for number, (name, _) in enumerate(named) if match[f"{letter}{number}"]), "")


def _number(said: str, value: Fraction, unit: str, bound: str) -> Claim:
    """A number without a unit stands for any; with one it needs the same, or a table's bare number; a bound is needed
    where it is said."""
    offers = {("n", value, unit, bound), ("n", value, unit, ""), ("n", value, ANY, "")}
    if not unit:
        return _claim("number", said, {("n", value, ANY, "")}, {*offers, ("n", value, "bare", "")})
    return _claim("number", said, {("n", value, unit, bound), ("n", value, "bare", "")}, offers)


_RATIO = re.compile(
    r"(?P<below>[0-9一二三四五六七八九十百千]+)分の(?P<above>[0-9一二三四五六七八九十百千]+)|(?<![0-9/])(?P<over>[0-9]{1,3})/(?P<under>[0-9]{1,4})(?![0-9/])"
)


def _ratios(plain: str) -> Iterator[tuple[re.Match[str], Claim]]:
    """2分の1, 1/2; the second may be a day of a month, or two numbers beside each other."""
    for match in _RATIO.finditer(plain):
        above, below = value_of(match["above"] or match["over"]), value_of(match["below"] or match["under"])
        keys: set[Key] = {("n", above / below * 100, "%", "")} if below else set()
        if match["over"]:
            keys |= {("date", None, int(above), int(below))}
        beside = {("n", one, ANY, "") for one in (above, below)} if match["over"] else set()
        yield match, _claim("number", match[0], keys, keys | beside)


_CODE = re.compile(r"(?<![0-9A-Za-z-])[0-9]+(?:-[0-9]+)+(?![0-9A-Za-z-])")


def _codes(plain: str) -> Iterator[tuple[re.Match[str], Claim]]:
    """Numbers that dashes join: postal codes, blocks of an address, reference numbers; 3-5日 as well."""
    for match in _CODE.finditer(plain):
        parts = {("n", value_of(one), ANY, "") for one in match[0].split("-")}
        yield match, _claim("number", match[0], {("code", match[0])}, {("code", match[0]), *parts})


# -- dates and times ------------------------------------------------------------------------------
_ERA_NAMES = {name: era for era in ERAS for name in (era.kanji, era.english.casefold())} | {
    era.letter.casefold(): era for era in ERAS
}
_ERA = (
    r"(?P<era>"
    + "|".join(
        [era.kanji for era in ERAS]
        + [era.english for era in ERAS]
        + [rf"(?<![A-Za-z]){era.letter}(?=[0-9])" for era in ERAS]
    )
    + ")"
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTH = "|".join(f"{one}|{one[:3]}" for one in _MONTHS)
_N = r"(?:[0-9]{1,4}|[〇一二三四五六七八九十]{1,4})"
_DATES = [
    re.compile(rf"(?:{_ERA} ?(?P<ey>{_N}|元)|(?P<y>{_N}))年度?[ ]?(?:(?P<m>{_N})月(?:[ ]?(?P<d>{_N})日)?)?(?!間)", _FLAGS),
    re.compile(rf"(?P<m>{_N})月(?:[ ]?(?P<d>{_N})日(?!間|以内))?"),
    re.compile(rf"(?:{_ERA}(?P<ey>[0-9]{{1,2}})|(?<![0-9])(?P<y>[0-9]{{4}}))(?P<sep>[-./])(?P<m>[0-9]{{1,2}})(?:(?P=sep)(?P<d>[0-9]{{1,2}}))?(?![0-9])"),
    re.compile(rf"(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH})\b\.?(?:,? (?P<y>[0-9]{{4}}))?", _FLAGS),
    re.compile(rf"\b(?P<month>{_MONTH})\.? (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y>[0-9]{{4}}))?", _FLAGS),
    re.compile(rf"\b(?P<month>{_MONTH}),? (?P<y>[0-9]{{4}})\b", _FLAGS),
    re.compile(r"\b(?P<month>(?:January|February|April|June|July|August|September|October|November|December)|(?<=in )(?:March|May)|(?<=of )(?:March|May)|(?<=every )(?:March|May)|(?<=by )(?:March|May)|(?<=until )(?:March|May)|(?<=from )(?:March|May))\b", re.ASCII),
    re.compile(rf"{_ERA} ?(?P<ey>[0-9]{{1,2}}|元)(?=[ 年,.)]|$)", _FLAGS),
    re.compile(r"(?:\b(?:in|of|year|fiscal year|FY|since|until|by) ?)(?P<y>(?:19|20)[0-9]{2})\b", _FLAGS),
]  # fmt: skip
_OLDEST_YEAR = 1868


def _dates(plain: str) -> Iterator[tuple[re.Match[str], Claim]]:
    """Dates, whole or in part, of the western calendar or of an era."""
    taken: list[tuple[int, int]] = []
    for form in _DATES:
        for match in form.finditer(plain):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            year, month, day = _day_of(match)
            if year is None and month is None:
                continue  # 3年: how long, not when
            taken.append(match.span())
            yield match, _date(match[0], year, month, day)


def _day_of(match: re.Match[str]) -> tuple[int | None, int | None, int | None]:
    part = {name: said for name, said in match.groupdict().items() if said}
    year = int(value_of(part["y"])) if "y" in part else None
    if "ey" in part:
        era = _ERA_NAMES[part["era"].casefold()]
        year = era.western_year(1 if part["ey"] == "元" else int(value_of(part["ey"])))
    if year is not None and year < _OLDEST_YEAR:
        return None, None, None
    month = int(value_of(part["m"])) if "m" in part else None
    if "month" in part:
        month = next(number for number, one in enumerate(_MONTHS, 1) if one[:3] == part["month"][:3].title())
    return year, month, int(value_of(part["d"])) if "d" in part else None


def _date(said: str, year: int | None, month: int | None, day: int | None) -> Claim:
    offers: set[Key] = {("date", y, m, d) for y in (year, None) for m in (month, None) for d in (day, None)}
    plain_year: set[Key] = {("n", Fraction(year), ANY, "")} if year else set()
    needs: set[Key] = {("date", year, month, day)}
    bare: set[Key] = {("n", Fraction(year), "bare", "")} if year and month is None else set()
    return _claim("date", said, needs | bare, offers | plain_year | _weekday_of(year, month, day))


def _weekday_of(year: int | None, month: int | None, day: int | None) -> set[Key]:
    """The day of the week that a whole date says without naming it."""
    try:
        return {("word", list(_DAYS.values())[date(year or 0, month or 0, day or 0).weekday()])}
    except ValueError:
        return set()


_TIMES = re.compile(
    rf"(?P<half>午前|午後|夜|朝|正午)?(?:の)?(?P<h>{_N})時(?!間|点|期|々|代|刻)(?:(?P<min>{_N})分|(?P<past>半))?"
    r"|(?P<before>午前|午後)?(?<![0-9:])(?P<hh>[0-2]?[0-9]):(?P<mm>[0-5][0-9])(?![0-9])(?:\s?(?P<pm>[ap])\.?m\b\.?)?"
    r"|(?<![0-9:])(?P<bare>1?[0-9])\s?(?P<ampm>[ap])\.?m\b\.?"
    r"|(?P<noon>正午|\bnoon\b)",
    _FLAGS,
)
_NOON = 12


def _times(plain: str) -> Iterator[tuple[re.Match[str], Claim]]:
    """Times of the day, of 24 hours or of twice twelve."""
    for match in _TIMES.finditer(plain):
        if match[0] == "一時":
            continue  # 一時: for a while
        hour = _NOON if match["noon"] else int(value_of(match["h"] or match["hh"] or match["bare"]))
        minute = 30 if match["past"] else int(value_of(match["min"] or match["mm"] or "0"))
        half = (match["pm"] or match["ampm"] or "").lower()
        later = half == "p" or (match["half"] or match["before"]) in ("午後", "夜")
        if later and hour < _NOON:
            hour += _NOON
        yield match, _claim("time", match[0], {("time", hour, minute)})


# -- telephone numbers, links ---------------------------------------------------------------------
_PHONE = re.compile(
    r"(?<![0-9-])(?:\+81[- ]?(?:\(0\))?|\(?0)[0-9]{1,4}\)?[- ]?\(?[0-9]{1,4}\)?[- ]?[0-9]{3,4}(?![0-9-])|#[0-9]{4}\b"
)
_SHORTEST_PHONE = 10


def _phones(plain: str) -> Iterator[tuple[re.Match[str], Claim]]:
    for match in _PHONE.finditer(plain):
        digits = "".join(one for one in match[0].replace("+81", "0").replace("(0)", "") if one.isdigit())
        if match[0].startswith("#") or len(digits) >= _SHORTEST_PHONE:
            yield match, _claim("phone", match[0], {("phone", digits)})


_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'()\[\]、。「」（）\x00]+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
    r"|(?<=\]\()[^)\s]+|(?<=href=[\"'])[^\"']+"
    r"|\b[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:jp|com|net|org|info|biz|io|dev|go|gov|me|co|app|site|xyz)\b(?:/[^\s<>\"'()、。「」]*)?"
    r"|(?<![A-Za-z0-9/.<])/[A-Za-z][A-Za-z0-9_-]*(?:/[A-Za-z0-9_.~-]*)+",
    _FLAGS,
)


def _links(plain: str) -> Iterator[tuple[re.Match[str], Claim]]:
    """Addresses of pages and of mail, whole; paths of this site."""
    for match in _LINK.finditer(plain):
        address = match[0].rstrip(".,;:!?/").casefold()
        yield (
            match,
            _claim("link", match[0], {("link", address), ("link", re.sub("^https?://", "", address))}),
        )


# -- law, names -----------------------------------------------------------------------------------
_LAW = re.compile(
    rf"(?P<name>(?:[一-龠々ァ-ヶー]|の(?=[一-龠])|に関する|及び|等){{0,40}}(?:法律?|令|条例|規則|規程|要綱))?"
    rf"[ (（]*(?:(?:平成|昭和|令和|大正|明治)[^)）]{{0,24}}[)）])?[ ]*第?(?P<article>{_N})条(?:の(?P<branch>{_N}))?"
    rf"(?:[ ]?第?(?P<paragraph>{_N})項)?(?:[ ]?第?(?P<item>{_N})号)?"
    r"|\bArticle (?P<english>[0-9]+)(?:-(?P<sub>[0-9]+))?(?:,? [Pp]aragraph (?P<para>[0-9]+))?(?:,? [Ii]tem (?P<it>[0-9]+))?",
    re.ASCII,
)
_LAW_NAME = re.compile(
    r"(?:[一-龠々ァ-ヶー]|に関する|及び|の(?=[一-龠]{2})){1,40}(?:法律?|条例|施行令|施行規則|規程|要綱)(?![一-龠])"
)
_NO_LAW = ("方法", "手法", "用法", "作法", "療法", "司法", "立法", "文法", "寸法", "無法", "合法", "違法", "適法", "不法", "便法", "製法")  # fmt: skip


def _laws(plain: str) -> Iterator[tuple[re.Match[str], Claim]]:
    """Articles: with the name of their law where it is said; a text that says less than its source is right."""
    for match in _LAW.finditer(plain):
        part = match.groupdict()
        names = ("article", "branch", "paragraph", "item"), ("english", "sub", "para", "it")
        places = [int(value_of(part[one] or part[other] or "0")) for one, other in zip(*names, strict=True)]
        name = _compact(part["name"] or "")
        offers = {
            ("law", called, *places[:2], *place)
            for called in (name, "")
            for place in ((0, 0), (places[2], 0), (places[2], places[3]))
        }
        yield match, _claim("law", match[0], {("law", name, *places)}, offers)


_QUOTED = re.compile(r"「([^「」]{2,}?)」|『([^『』]{2,}?)』|“([^“”]{2,}?)”|\"([^\"\n]{2,80}?)\"")
_PAPER = re.compile(
    r"(?:[一-龠々ァ-ヶー]|[A-Za-z0-9]){0,24}?"
    r"(?:証明書|申請書|請求書|届出書|届書|申告書|同意書|承諾書|委任状|誓約書|通知書|通知カード|領収書|領収証|診断書|意見書|計算書|明細書|契約書"
    r"|調査書|申立書|報告書|納付書|謄本|抄本|通帳|手帳|免許証|保険証|受給者証|資格確認書|会員証|学生証|在留カード|マイナンバーカード|住民票|戸籍|印鑑"
    r"|源泉徴収票|パスポート|旅券|母子手帳|年金手帳)"
)


def _quoted(plain: str) -> Iterator[Claim]:
    """What stands in quotation marks must stand so in a source, which need not quote it."""
    for match in _QUOTED.finditer(plain):
        said = next(filter(None, match.groups()))
        yield _claim("quoted", match[0], {("text", _compact(said))}, ())


def _papers(plain: str) -> Iterator[Claim]:
    """Papers that somebody is to bring, and laws by their names: called as a source calls them."""
    for match in _PAPER.finditer(plain):
        yield _claim("paper", match[0], {("text", _compact(match[0]))}, ())
    for match in _LAW_NAME.finditer(plain):
        if not match[0].endswith(_NO_LAW):
            yield _claim("law", match[0], {("text", _compact(match[0]))}, ())


_CONCEPTS: dict[str, str] = {
    "free": r"無料|無償|ただで|お金は かかりません|お金はかかりません|手数料は(?:不要|かかりません)|\bfree(?: of charge)?\b(?! to)|no (?:charge|fee|cost)",
    "half": r"半額|半分|\bhalf\b",
    "double": r"[2二]倍|\b(?:double|twice)\b",
    "today": r"本日|今日|即日|当日|same day|\btoday\b",
    "tomorrow": r"明日|\btomorrow\b",
    "next day": r"翌日|次の日|(?:following|next) day|day after",
    "next week": r"来週|翌週|(?:following|next) week",
    "next month": r"来月|翌月|次の月|(?:following|next) month|month after",
    "next year": r"来年|翌年|次の年|(?:following|next) year",
    "end of month": r"月末|末日|月の(?:終わり|最後)|(?:end|last day) of (?:the |each |every )?month",
    "weekdays": r"平日|月[曜日]*(?:から|[~〜～-])金|\bweekdays?\b|monday (?:to|through) friday",
    "weekend": r"土日|土・日|土曜日?(?:と|、|・)日曜|週末|\bweekends?\b|saturdays? and sundays?",
    "holidays": r"祝日|祝祭日|休日|(?:national|public) holidays?",
    "new year": r"年末年始|new year|year-end",
    "urgent": r"至急|直ちに|ただちに|\bimmediately\b|at once",
    "licence": r"免許|\blicen[cs]e\b",
    "passport": r"旅券|パスポート|\bpassport\b",
    "seal": r"印鑑|はんこ|押印|\bseal\b",
    "bankbook": r"通帳|\b(?:bankbook|passbook)\b",
    "certificate": r"証明|証書|証(?=[をのが、。・\s]|$)|票|\bcertificates?\b",
    "card": r"カード|\bcards?\b",
    "photo": r"写真|\bphoto(?:graph)?s?\b",
}  # fmt: skip
_DAYS = dict(
    zip(
        "月火水木金土日",
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        strict=True,
    )
)
_SPAN = r"(?:曜日?)?(?:から|[~〜～・,、-])"
_CONCEPTS |= {
    english: rf"{kanji}曜|\({kanji}(?:[・、,~〜～-].)*\)|\b{english}s?\b|(?<![0-9一-龠]){kanji}{_SPAN}(?=[月火水木金土日](?:曜|[^一-龠]|$))"
    rf"|(?<=[月火水木金土日][~〜～・、,-]){kanji}(?![一-龠])|(?<=[月火水木金土日]から){kanji}(?![一-龠])"
    for kanji, english in _DAYS.items()
}


@cache
def _word_forms() -> list[tuple[str, re.Pattern[str]]]:
    """Compiled when a text is first looked at: it takes a tenth of a second, which no other command has to wait for."""
    return [(name, re.compile(form, _FLAGS)) for name, form in _CONCEPTS.items()]


_FREE: frozenset[Key] = frozenset({("word", "free"), ("n", Fraction(0), "円", "")})


def _words(plain: str) -> Iterator[Claim]:
    """Words that stand for a number, a day or a paper, in either language. 無料 is 0円; 平日 offers each of its five days."""
    for name, form in _word_forms():
        if match := form.search(plain):
            days = list(_DAYS.values())[:5] if name == "weekdays" else []
            same = _FREE if name == "free" else {("word", name)}
            yield _claim("word", match[0], same, same | {("word", day) for day in days})
