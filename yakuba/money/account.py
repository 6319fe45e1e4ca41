"""Is this a bank account that money can be sent to? The checks that need no bank to answer.

ゆうちょ銀行 prints a symbol and a number (記号・番号) in its passbooks; transfers need a branch
and a seven-digit account number. The conversion is the bank's published one
(ゆうちょ銀行「記号番号から振込用の店名・預金種目・口座番号を調べる」).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from yakuba.money import banks
from yakuba.money.kana import HOLDER_LENGTH, bank_kana
from yakuba.words import Text

YUCHO = "9900"
"""Bank code of ゆうちょ銀行."""
ORDINARY, CURRENT, SAVINGS, OTHER = "1", "2", "4", "9"
"""Account types (預金種目) that a bulk transfer may name: 普通, 当座, 貯蓄, その他 (総合振込 データ・レコード 項番7)."""
TYPES = {ORDINARY: "普通", CURRENT: "当座", SAVINGS: "貯蓄", OTHER: "その他"}


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account as a transfer names it: codes and number are digits as text, `holder` half-width kana."""

    bank: str
    branch: str
    type: str
    number: str
    holder: str


class BadAccount(ValueError):
    """The account cannot be right. `field`: type, number, symbol; `text` says what is wrong and what to do."""

    def __init__(self, field: str, text: Text):
        self.field, self.text = field, text
        super().__init__(text.en)


def account(bank: str, branch: str, type: str, number: str, holder: str) -> Account:
    """A checked account: the bank and branch exist, the number has seven digits, the holder is bank kana.

    Shorter numbers are filled with zeros on the left, as banks print them.
    Raises BadAccount, banks.NoSuchBank, banks.NoSuchBranch, kana.NotBankKana, kana.TooLong.
    """
    bank, branch = _digits(bank), _digits(branch)
    banks.branch(bank, branch)
    if type not in TYPES:
        raise BadAccount("type", _unknown_type(type))
    return Account(bank, branch, type, account_number(number), bank_kana(holder, limit=HOLDER_LENGTH))


def account_number(number: str) -> str:
    """The number in seven digits. Raises BadAccount."""
    digits = _digits(number)
    if not re.fullmatch(r"\d{1,7}", digits) or not int(digits):
        raise BadAccount("number", _bad_number(number))
    return digits.zfill(7)


def from_yucho(symbol: str, number: str, holder: str) -> Account:
    """The account of a ゆうちょ passbook's symbol (記号, 5 digits) and number (番号).

    Symbols that begin with 1 are 通常貯金 (branch: 2nd and 3rd digit and 8; the number without its
    closing 1), those that begin with 0 are 振替口座 (branch: 2nd and 3rd digit and 9; the number as it is).
    Raises BadAccount, banks.NoSuchBranch, kana.NotBankKana, kana.TooLong.

    >>> from_yucho("10530", "12345671", "ヤマダ ハナコ")
    Account(bank='9900', branch='058', type='1', number='1234567', holder='ﾔﾏﾀﾞ ﾊﾅｺ')
    """
    symbol, number = _digits(symbol), _digits(number)
    if not re.fullmatch(r"[01]\d{3}0", symbol):
        raise BadAccount("symbol", _bad_symbol(symbol))
    if symbol[0] == "1":
        if not re.fullmatch(r"\d{1,7}1", number):
            raise BadAccount("number", _bad_yucho_number(number))
        return account(YUCHO, f"{symbol[1:3]}8", ORDINARY, number[:-1], holder)
    if not re.fullmatch(r"\d{1,6}", number):
        raise BadAccount("number", _bad_giro_number(number))
    return account(YUCHO, f"{symbol[1:3]}9", CURRENT, number, holder)


def _digits(text: str) -> str:
    """What was typed, in plain digits: full-width digits, spaces and hyphens are no mistake."""
    return re.sub(r"[\s\-‐ー－]", "", unicodedata.normalize("NFKC", text))


def _unknown_type(given: str) -> Text:
    return Text(
        ja=f"預金種目「{given}」では振り込めません。普通（1）、当座（2）、貯蓄（4）から選んでください。",
        easy=f"「{given}」は 使えません。普通（1）・当座（2）・貯蓄（4）から えらんでください。",
        en=f"Account type “{given}” cannot receive a transfer. Choose ordinary (1), current (2) or savings (4).",
    )


def _bad_number(given: str) -> Text:
    return Text(
        ja=f"口座番号「{given}」は7桁までの数字ではありません。通帳の口座番号（7桁）を入れてください。",
        easy=f"口座番号「{given}」が ちがいます。通帳の 7つの 数字を 書いてください。",
        en=f"Account number “{given}” is not a number of up to seven digits. Enter the seven digits from the passbook.",
    )


def _bad_symbol(given: str) -> Text:
    return Text(
        ja=f"ゆうちょ銀行の記号「{given}」が正しくありません。通帳の、1か0で始まり0で終わる5桁の数字を入れてください。",
        easy=f"ゆうちょ銀行の 記号「{given}」が ちがいます。通帳の 5つの 数字（さいごは 0）を 書いてください。",
        en=f"“{given}” is not a Japan Post Bank symbol. Enter the five digits from the passbook: they begin with 1 or 0 and end with 0.",
    )


def _bad_yucho_number(given: str) -> Text:
    return Text(
        ja=f"ゆうちょ銀行の番号「{given}」が正しくありません。通帳の、最後が1の8桁までの数字を入れてください。",
        easy=f"ゆうちょ銀行の 番号「{given}」が ちがいます。通帳の さいごが 1の 数字を 書いてください。",
        en=f"“{given}” is not a Japan Post Bank number. Enter the digits from the passbook: at most eight, ending with 1.",
    )


def _bad_giro_number(given: str) -> Text:
    return Text(
        ja=f"ゆうちょ銀行の振替口座の番号「{given}」は6桁までの数字です。払込取扱票などの番号を確かめてください。",
        easy=f"振替口座の 番号「{given}」が ちがいます。6つまでの 数字を 書いてください。",
        en=f"A Japan Post Bank transfer account has at most six digits, not “{given}”. Check the number on its slip.",
    )
