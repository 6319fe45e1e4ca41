"""What says who somebody is, taken out of a text before it leaves, is logged, or is kept.

A My Number is masked however it was typed: in any width, in kanji, with anything between its digits (番号法 第12条,
第20条). Everything else is found by how such things are written in Japan; a name that was not given and that nobody
introduces or addresses is not found. Masking is the second line: the first is the town's policy, by which nothing leaves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import Literal

from stdnum.exceptions import ValidationError
from stdnum.jp import cn, in_

from yakuba.words.kana import fold_variants
from yakuba.words.ruby import tokenizer

Kind = Literal["my_number", "bank", "phone", "mail", "postal_code", "address", "birth_date", "name", "health"]
"""What a masked piece was."""

MARKS: dict[Kind, str] = {
    "my_number": "［マイナンバー］",
    "bank": "［口座番号］",
    "phone": "［電話番号］",
    "mail": "［メールアドレス］",
    "postal_code": "［郵便番号］",
    "address": "［住所］",
    "birth_date": "［生年月日］",
    "name": "［氏名］",
    "health": "［健康］",
}
"""What stands in the place of a piece."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without what was masked, and which kinds of things that was."""

    text: str
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a text that is masked: where it begins, where it ends, what it is."""

    start: int
    end: int
    kind: Kind


def masked(
    text: str, *, names: Iterable[str] = (), allowed: Iterable[str] = (), keep: Iterable[Kind] = ()
) -> Masked:
    """The text with a mark in the place of each thing that says who somebody is.

    `names`: those known of the case, kanji or kana, in full; also found without blanks, in other forms of a character,
    and by their parts of two characters and more. `allowed`: what may stay, such as the town hall's number or a
    reference number. `keep`: kinds that stay; a My Number stays only where it is `allowed`.

    >>> masked("マイナンバーは１２３４　５６７８　９０１８です").text
    'マイナンバーは［マイナンバー］です'
    >>> masked("私は山田太郎です。手数料は1,000円ですか").text
    '私は［氏名］です。手数料は1,000円ですか'
    """
    plain = _plain(text)
    stays = {_bare(one) for one in allowed}
    keeping = set(keep) - {"my_number"}
    finders: list[Callable[[], Iterator[_Piece]]] = [
        lambda: _my_numbers(text),
        lambda: _by_names(plain, names),
        lambda: _introduced(plain),
        *(lambda kind=kind, form=form: _by_form(plain, kind, form) for kind, form in _FORMS),
    ]
    found = [piece for finder in finders for piece in finder() if piece.kind not in keeping]
    return _cut(text, [one for one in found if _bare(text[one.start : one.end]) not in stays])


def has_my_number(text: str) -> bool:
    """Whether a My Number stands in the text, in any width, in kanji, with anything between its digits."""
    return any(True for _ in _my_numbers(text))


def _cut(text: str, pieces: list[_Piece]) -> Masked:
    """The text with marks; where two pieces overlap, the one that was looked for first gives its name to both."""
    kept: list[_Piece] = []
    for piece in pieces:
        over = [one for one in kept if one.start < piece.end and piece.start < one.end]
        for one in over:
            kept.remove(one)
        whole = [*over, piece]
        kept.append(_Piece(min(p.start for p in whole), max(p.end for p in whole), whole[0].kind))
    written, at = [], 0
    for piece in sorted(kept, key=lambda one: one.start):
        written += [text[at : piece.start], MARKS[piece.kind]]
        at = piece.end
    return Masked("".join([*written, text[at:]]), frozenset(piece.kind for piece in kept))


def _plain(text: str) -> str:
    """The text in half width, character by character, so that places stay where they are."""
    return "".join(_plain_character(one) for one in text)


@cache
def _plain_character(one: str) -> str:
    digit = unicodedata.digit(one, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(one) == "Pd" or one in "−ｰ":
        return "-"
    half = unicodedata.normalize("NFKC", one)
    return half if len(half) == 1 else one


def _bare(text: str) -> str:
    """What is compared with what may stay: letters and digits alone."""
    return "".join(one for one in _plain(text) if one.isalnum())


# -- My Numbers -----------------------------------------------------------------------------------
_KANJI = {one: str(value) for value, one in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_MOST_BETWEEN = 3
_NAMED = re.compile(r"マイナンバー|個人番号|my ?number|individual number", re.IGNORECASE)
_NEAR = 24
_LENGTH = 12


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits that stand together: where they begin and end, and what they are."""

    start: int
    end: int
    digits: str
    amount: bool = False
    """Written with commas by thousands."""


def _my_numbers(text: str) -> Iterator[_Piece]:
    """Twelve digits with a right check digit, whole groups of them or within a longer one, several amounts in a row
    excepted; where the text speaks of a My Number beside them, twelve digits with a wrong one too: somebody mistyped."""
    for chain in _chains(text):
        yield from _in_groups(text, chain)
        for run in chain:
            yield from _within(run)


def _in_groups(text: str, chain: list[_Run]) -> Iterator[_Piece]:
    for first in range(len(chain)):
        lengths = accumulate(len(run.digits) for run in chain[first:])
        runs = chain[first : first + sum(1 for length in lengths if length <= _LENGTH)]
        digits = "".join(run.digits for run in runs)
        if len(digits) != _LENGTH or (len(runs) > 1 and all(run.amount for run in runs)):
            continue
        if in_.is_valid(digits) or _spoken_of(text, runs[0].start, runs[-1].end):
            yield _Piece(runs[0].start, runs[-1].end, "my_number")


def _spoken_of(text: str, start: int, end: int) -> bool:
    """Whether the words beside a number call it a My Number."""
    beside = f"{text[max(0, start - _NEAR) : start]}\n{text[end : end + _NEAR]}"
    return bool(_NAMED.search(unicodedata.normalize("NFKC", beside)))


def _within(run: _Run) -> Iterator[_Piece]:
    """A My Number that something was typed on to; a corporate number (法人番号) is one of its own."""
    if len(run.digits) <= _LENGTH or run.end - run.start != len(run.digits) or _is_corporate(run.digits):
        return
    for at in range(len(run.digits) - _LENGTH + 1):
        if in_.is_valid(run.digits[at : at + _LENGTH]):
            yield _Piece(run.start + at, run.start + at + _LENGTH, "my_number")


def _is_corporate(digits: str) -> bool:
    try:
        return bool(cn.validate(digits))
    except ValidationError:
        return False


def _chains(text: str) -> Iterator[list[_Run]]:
    """Runs of digits that nothing but a few blanks or marks keep apart."""
    runs = list(_runs(text))
    chain = runs[:1]
    for before, run in pairwise(runs):
        between = text[before.end : run.start]
        if len(between) > _MOST_BETWEEN or not all(_parts(one) for one in between):
            yield chain
            chain = []
        chain.append(run)
    if chain:
        yield chain


def _runs(text: str) -> Iterator[_Run]:
    """Digits side by side, also in kanji; thousands with their commas are one run."""
    digits = [_digit(one) for one in text]
    at = 0
    while at < len(text):
        if digits[at] is None:
            at += 1
            continue
        start = at
        while at < len(text) and (digits[at] is not None or _thousands(digits, text, start, at)):
            at += 1
        said = "".join(one for one in digits[start:at] if one is not None)
        yield _Run(start, at, said, amount=len(said) < at - start)


def _thousands(digits: list[str | None], text: str, start: int, at: int) -> bool:
    """Whether a comma here parts thousands: one to three digits before it, or a comma three before; three after it."""
    after = digits[at + 1 : at + 4]
    if (
        text[at] not in ",，"
        or len(after) < 3
        or None in after
        or digits[at + 4 : at + 5] not in ([], [None])
    ):
        return False
    return at - start <= 3 or text[at - 4] in ",，"


@cache
def _digit(one: str) -> str | None:
    """The digit that a character is, in any width or script, or in kanji."""
    value = unicodedata.digit(one, None)
    return str(value) if value is not None else _KANJI.get(one)


@cache
def _parts(one: str) -> bool:
    """Whether a character only parts digits: blanks, dashes, invisible characters, dots, and の as it is said."""
    return one in "の・.．,，、/／_＿ー~〜～|｜:：" or unicodedata.category(one) in (
        "Zs", "Zl", "Zp", "Cc", "Cf", "Pd", "Mn", "Me", "Sm",
    )  # fmt: skip


# -- what has a form of its own -------------------------------------------------------------------
_DASH = r"[-ー]"
_BLANK = r"[ \u3000]?"
_N = r"[0-9〇一二三四五六七八九十百]+"
_FIRST = rf"(?:{_N}丁目|{_N}番地|{_N}番(?![窓線目まで])|{_N}(?:{_DASH}{_N})+)"
_BLOCK = rf"(?:{_FIRST}|{_N}号(?![室線]))"
_PLACE = r"[一-龠々ヶケノツ㐀-䶿ァ-ヺーぁ-ん]"
_DATE = (
    r"(?:(?:明治|大正|昭和|平成|令和|[MTSHR])" + _BLANK + r"(?:[0-9]{1,2}|元)|(?:19|20)[0-9]{2})"
    r"(?:年|[-./])" + _BLANK + r"[0-9]{1,2}(?:月|[-./])" + _BLANK + r"[0-9]{1,2}日?"
    r"|(?:19|20)[0-9]{6}"
)
_ILL = (
    "癌|がん(?!ば)|ガン(?!ダ)|糖尿病|高血圧|うつ病|鬱病|統合失調症|双極性障害|認知症|アルツハイマー|パーキンソン病?|HIV|エイズ"
    "|白血病|てんかん|発達障害|自閉症|ADHD|知的障害|精神障害|脳梗塞|脳卒中|心筋梗塞|肝炎|結核|腎不全|人工透析|透析|依存症"
    "|ダウン症|リウマチ|難病|流産|死産|中絶|妊娠中毒症|不妊症?(?!治療)|新型コロナ|cancer|diabetes|depression|dementia|epilepsy"
)
_SERVED = r"(?!検診|健診|予防|対策|教室|相談|サポーター|カフェ|手帳)"
"""What the town offers about an illness says nothing about a person."""
_FORMS: list[tuple[Kind, re.Pattern[str]]] = [
    ("mail", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    (
        "bank",
        re.compile(
            r"(?:口座番号?|普通預?金?|当座預?金?|貯蓄預?金?|通帳番号|account(?: (?:number|no\.?))?)"
            r"[^0-9\n。]{0,8}?(?P<it>[0-9]{5}[- ]?[0-9]{0,1}[- ]?[0-9]{6,8}|[0-9](?:[- ]?[0-9]){5,7})(?![0-9円,])",
            re.IGNORECASE,
        ),
    ),
    ("bank", re.compile(r"記号[^0-9\n。]{0,4}(?P<it>[0-9]{5})(?=[^0-9\n]{0,8}番号)")),
    ("bank", re.compile(r"記号[^\n。]{0,14}番号[^0-9\n。]{0,4}(?P<it>[0-9]{6,8})(?![0-9])")),
    (
        "phone",
        re.compile(
            r"(?<![0-9-])(?:\+81[- ]?[1-9][0-9]{0,3}|\(?0[0-9]{1,4}\)?)(?:[- ()]{0,2}[0-9]{1,4}){2}(?![0-9-])(?<=[0-9]{3})"
        ),
    ),
    ("phone", re.compile(r"(?<![0-9,.-])0[1-9][0-9]{8,9}(?![0-9,.-])")),
    ("address", re.compile(rf"{_PLACE}{{1,14}}[都道府県市区町村郡字]{_PLACE}{{0,12}}{_FIRST}(?:{_BLANK}の?{_BLOCK}|{_DASH}{_N})*(?:{_BLANK}[0-9]+号室)?")),
    ("address", re.compile(rf"{_PLACE}{{1,12}}(?:{_N}丁目|{_N}番地)(?:{_BLANK}の?{_BLOCK}|{_DASH}{_N}|の{_N})*(?:{_BLANK}[0-9]+号室)?")),
    ("postal_code", re.compile(r"〒?(?<![0-9-])[0-9]{3}-[0-9]{4}(?![0-9-])|〒[0-9]{7}(?![0-9])")),
    ("birth_date", re.compile(rf"(?:生年月日|誕生日|出生(?:年月)?日|birth ?(?:date|day)|date of birth|born)[^0-9\n。明大昭平令MTSHR]{{0,8}}(?P<it>{_DATE})", re.IGNORECASE)),
    ("birth_date", re.compile(rf"(?P<it>{_DATE})(?={_BLANK}(?:に)?{_BLANK}(?:生まれ|うまれ|生れ|出生|生(?:まれ)?(?:の|$|[、。 )])))")),
    ("health", re.compile(f"(?:{_ILL}){_SERVED}", re.IGNORECASE)),
]  # fmt: skip


def _by_form(plain: str, kind: Kind, form: re.Pattern[str]) -> Iterator[_Piece]:
    for match in form.finditer(plain):
        start, end = match.span("it") if "it" in form.groupindex else match.span()
        if kind != "phone" or 10 <= sum(one.isdigit() for one in plain[start:end]) <= 12:
            yield _Piece(start, end, kind)


# -- names ----------------------------------------------------------------------------------------
_SHORTEST_PART = 2


def _by_names(plain: str, names: Iterable[str]) -> Iterator[_Piece]:
    """The given names, wherever they stand; the blank between family name and given name makes no difference."""
    folded = fold_variants(plain)
    for name in names:
        parts = fold_variants(_plain(name)).split()
        wanted = ["".join(parts), *(part for part in parts if len(part) >= _SHORTEST_PART)]
        for one in filter(None, wanted):
            form = r"[\s・]*".join(re.escape(character) for character in one)
            for match in re.finditer(form, folded, re.IGNORECASE):
                yield _Piece(*match.span(), "name")


_LETTERS = r"[一-龠々ヶ㐀-䶿ァ-ヺーぁ-ん]"
_KANJI_OR_KANA = r"(?:[一-龠々ヶ㐀-䶿]{1,4}[ \u3000]?[一-龠々ヶ㐀-䶿ぁ-んァ-ヺー]{1,4}|[ァ-ヺー]{2,6}[ \u3000・]?[ァ-ヺー]{2,6})"
_INTRODUCED = re.compile(
    rf"(?:私|わたし|わたくし|僕|ぼく|俺|本人|申請者|世帯主|父|母|夫|妻|子|息子|娘|名前|氏名)(?:の名前)?(?:は|、)[ \u3000]?(?P<it>{_KANJI_OR_KANA})"
    r"(?=です|と申し|といい|と言い|と言う|という|だ(?:けど|が)|でござい)"
    rf"|(?:氏名|名前|フリガナ|ふりがな)[ \u3000]?:[ \u3000]?(?P<called>{_KANJI_OR_KANA})(?=です|[、。,\s]|$)"
    rf"|(?:^|[、。\s])(?P<said>{_KANJI_OR_KANA})(?=と申します|といいます|と言います)"
    r"|(?:[Mm]y name is|I am|I'm) (?P<english>[A-Z][a-z]+(?: [A-Z][A-Za-z]+){1,2})",
    re.MULTILINE,
)
_ADDRESSED = re.compile(rf"(?P<it>{_LETTERS}{{1,8}}?)(?:さん|様|氏|ちゃん|くん)(?![子さ])")


def _introduced(plain: str) -> Iterator[_Piece]:
    """Names that somebody says or is addressed by, where the dictionary knows them as names of people."""
    for match in _INTRODUCED.finditer(plain):
        group = next(name for name, said in match.groupdict().items() if said)
        if group in ("called", "english") or _is_name(match[group], whole=True):
            yield _Piece(*match.span(group), "name")
    for match in _ADDRESSED.finditer(plain):
        if said := _is_name(match["it"], whole=False):
            yield _Piece(match.end("it") - said, match.end("it"), "name")


def _is_name(text: str, *, whole: bool) -> int:
    """How many characters at the end of the text are a person's name, as the dictionary has it; `whole`: all or none."""
    length = 0
    for word in reversed(list(tokenizer().tokenize(text))):
        part = word.part_of_speech()
        if part[1] != "固有名詞" or part[2] not in ("人名", "地名", "一般"):
            break
        length += len(word.surface())
    return 0 if whole and length < len(text.replace(" ", "")) and not _family_first(text) else length


def _family_first(text: str) -> bool:
    """Whether a text begins with a family name: what follows it then is a given name that no dictionary has."""
    first = next(iter(tokenizer().tokenize(text)))
    return first.part_of_speech()[2:4] == ("人名", "姓") and len(text) > len(first.surface())
