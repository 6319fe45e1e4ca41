"""Names as banks write them: half-width kana of JIS X 0201, by the rules of the bank file standard.

The permitted characters of a party's name are katakana without small letters, the voiced and
semi-voiced marks as characters of their own, capital letters, digits, the space and `( ) - .`
(全国銀行協会「全銀協標準通信プロトコル 適用業務およびレコード・フォーマット」令和元年12月, 付録1 注2).
The standard was revised to permit ヲ in names; banks still publish the older, narrower rule, so ヲ is
written ｵ here: what the narrow rule accepts, every bank accepts.
"""

from __future__ import annotations

import re
import unicodedata

from yakuba.words import Text

HOLDER_LENGTH = 30
"""Characters of a payee's name in the file, voiced marks counted on their own."""

_SMALL = dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
_NO_HALF_WIDTH = {"ヰ": "イ", "ヱ": "エ", "ヲ": "オ"}
"""JIS X 0201 has no ヰ and ヱ, so no bank can have written them; for ヲ see the module's docstring."""
_LONG = dict.fromkeys("ー‐‑‒–—―−", "-")
"""The long vowel mark, and the dashes that people type in its place, are written as a hyphen."""
_DOT = {"・": " "}
"""The middle dot is not permitted; banks ask for a space in its place (e.g. 京葉銀行 入力できる文字)."""
_TO_PERMITTED = str.maketrans({**_SMALL, **_NO_HALF_WIDTH, **_LONG, **_DOT})

_FULL = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309a"
)
_HALF = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ"
_NARROW = str.maketrans(_FULL, _HALF)
_HIRAGANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}

_PERMITTED = re.compile(
    r"(?: [0-9A-Z ()\-.] | [ｱ-ﾜﾝ] | [ｳｶ-ﾄﾊ-ﾎ]ﾞ | [ﾊ-ﾎ]ﾟ )*",
    re.VERBOSE,
)

ABBREVIATIONS = {
    "ｶ": ("株式会社", "カブシキガイシャ", "カブシキカイシャ", "(株)"),
    "ﾕ": ("有限会社", "ユウゲンガイシャ", "ユウゲンカイシャ", "(有)"),
    "ﾒ": ("合名会社", "ゴウメイガイシャ", "ゴウメイカイシャ", "(名)"),
    "ｼ": ("合資会社", "ゴウシガイシャ", "ゴウシカイシャ", "(資)"),
    "ﾄﾞ": ("合同会社", "ゴウドウガイシャ", "ゴウドウカイシャ", "(同)"),
    "ｲ": (
        "医療法人社団",
        "医療法人財団",
        "社会医療法人",
        "医療法人",
        "イリョウホウジンシャダン",
        "イリョウホウジンザイダン",
        "シャカイイリョウホウジン",
        "イリョウホウジン",
    ),
    "ｻﾞｲ": (
        "一般財団法人",
        "公益財団法人",
        "財団法人",
        "イッパンザイダンホウジン",
        "コウエキザイダンホウジン",
        "ザイダンホウジン",
    ),
    "ｼﾔ": (
        "一般社団法人",
        "公益社団法人",
        "社団法人",
        "イッパンシャダンホウジン",
        "コウエキシャダンホウジン",
        "シャダンホウジン",
    ),
    "ｼﾕｳ": ("宗教法人", "シュウキョウホウジン"),
    "ｶﾞｸ": ("学校法人", "ガッコウホウジン"),
    "ﾌｸ": ("社会福祉法人", "シャカイフクシホウジン"),
    "ﾎｺﾞ": ("更生保護法人", "コウセイホゴホウジン"),
    "ｿ": ("相互会社", "ソウゴガイシャ", "ソウゴカイシャ"),
    "ﾄｸﾋ": ("特定非営利活動法人", "トクテイヒエイリカツドウホウジン"),
    "ﾁﾄﾞｸ": ("地方独立行政法人", "チホウドクリツギョウセイホウジン"),
    "ﾄﾞｸ": ("独立行政法人", "ドクリツギョウセイホウジン"),
    "ﾁﾕｳ": ("有限責任中間法人", "無限責任中間法人"),
    "ﾍﾞﾝ": ("弁護士法人", "ベンゴシホウジン"),
    "ｷﾞﾖ": ("行政書士法人", "ギョウセイショシホウジン"),
    "ｼﾎｳ": ("司法書士法人", "シホウショシホウジン"),
    "ｾﾞｲ": ("税理士法人", "ゼイリシホウジン"),
    "ﾛｳﾑ": ("社会保険労務士法人", "シャカイホケンロウムシホウジン"),
    "ﾀﾞｲ": ("国立大学法人", "公立大学法人", "コクリツダイガクホウジン", "コウリツダイガクホウジン"),
    "ﾉｳ": ("農事組合法人", "ノウジクミアイホウジン"),
    "ｶﾝﾘ": ("管理組合法人", "カンリクミアイホウジン"),
    "ｴｲ": ("営業所", "エイギョウショ"),
    "ｼﾕﾂ": ("出張所", "シュッチョウジョ"),
}
"""Kinds of corporations and offices and how banks abbreviate them (全銀協 法人略語・営業所略語)."""

_BY_FORM = {form: short for short, forms in ABBREVIATIONS.items() for form in forms}
_FORMS = "|".join(re.escape(form) for form in sorted(_BY_FORM, key=len, reverse=True))


class NotBankKana(ValueError):
    """A character that no rule maps to what a bank permits. `text` says which one and what to do."""

    def __init__(self, name: str, character: str, place: int):
        self.name, self.character, self.place = name, character, place
        self.text = Text(
            ja=f"口座名義「{name}」の{place}文字目「{character}」は銀行の振込で使えない文字です。通帳に書かれているカナのとおりに入れてください。",
            easy=f"「{name}」の {place}ばんめの「{character}」は 使えません。通帳の カタカナを 見て、同じように 書いてください。",
            en=f"Account holder “{name}”: character {place}, “{character}”, cannot be written in a bank transfer. Enter the kana exactly as in the passbook.",
        )
        super().__init__(self.text.en)


class TooLong(ValueError):
    """The name does not fit the file; it is never cut silently."""

    def __init__(self, name: str, written: str, limit: int):
        self.name, self.written, self.limit = name, written, limit
        self.text = Text(
            ja=f"口座名義「{name}」は銀行のカナで{len(written)}文字になり、{limit}文字を超えます（濁点・半濁点も1文字です）。通帳に書かれている{limit}文字までのカナを入れてください。",
            easy=f"「{name}」は 長すぎます（{len(written)}文字）。通帳の カタカナを {limit}文字まで 書いてください。",
            en=f"Account holder “{name}” takes {len(written)} characters in bank kana, more than {limit} (voiced marks count). Enter the kana as printed in the passbook, at most {limit}.",
        )
        super().__init__(self.text.en)


def bank_kana(name: str, *, limit: int = HOLDER_LENGTH) -> str:
    """The name as a bank file writes it; half-width, at most `limit` characters.

    Raises NotBankKana for a character that no rule maps, TooLong beyond the limit.

    >>> bank_kana("ヤマダ　ショウコ")
    'ﾔﾏﾀﾞ ｼﾖｳｺ'
    >>> bank_kana("カブシキガイシャ　コーヒー")
    'ｶ)ｺ-ﾋ-'
    """
    wide = re.sub(r"\s+", " ", _full_width(name)).strip()
    written = _narrow(_abbreviate(wide))
    if not _PERMITTED.fullmatch(written):
        raise NotBankKana(name, *_first_refused(name))
    if len(written) > limit:
        raise TooLong(name, written, limit)
    return written


def _full_width(text: str) -> str:
    """Katakana, capital letters and plain symbols, whatever width or script they were typed in."""
    return unicodedata.normalize("NFKC", text).translate(_HIRAGANA).upper()


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFD", text.translate(_TO_PERMITTED)).translate(_NARROW)


def _abbreviate(name: str) -> str:
    """`ｶ)` in front, `(ｶ` at the end, `(ｶ)` in between, as the place in the name asks for."""
    name = re.sub(rf"^(?:{_FORMS}) ?(?=.)", lambda m: f"{_short(m)})", name, count=1)
    name = re.sub(rf" (?:{_FORMS}) ", lambda m: f"({_short(m)})", name)
    return re.sub(rf"(?<=.) ?(?:{_FORMS})$", lambda m: f"({_short(m)}", name, count=1)


def _short(match: re.Match[str]) -> str:
    return _BY_FORM[match.group().strip()]


def _first_refused(name: str) -> tuple[str, int]:
    """The first character that alone, or after the one before it, is not permitted; its place from 1."""
    for place in range(1, len(name) + 1):
        if not _PERMITTED.fullmatch(_narrow(_full_width(name[:place]))):
            return name[place - 1], place
    return name[-1], len(name)
