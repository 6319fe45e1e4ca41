"""Numbers and codes: digits alone, and their check digits where they have one.

A My Number is never repeated in a text: texts go to logs and screens of people who may not see it (番号法 第12条).
"""

from __future__ import annotations

import re
import unicodedata

from stdnum.exceptions import ValidationError
from stdnum.jp import cn, in_

from yakuba.records.values.characters import HYPHENS
from yakuba.records.values.outcome import Outcome, Repair, accepted, held
from yakuba.register import codes

_APART = re.compile(r"[\s\-().〒]")
_PHONE = re.compile(r"0[1-9][0-9]{8}|0[5789]0[0-9]{8}|0800[0-9]{7}")
"""Ten digits; eleven for mobile and IP telephones (050, 070, 080, 090) and 0800 (電気通信番号計画 令和元年総務省告示第6号)."""


def to_digits(text: str, length: int, *, lost_zeros: bool = False) -> Outcome:
    """Exactly `length` digits, without what parts them. `lost_zeros`: shorter ones get the zeros that a spreadsheet took.

    >>> to_digits("１２-３", 3).value, to_digits("7", 3, lost_zeros=True).value, to_digits("7", 3).value
    ('123', '007', None)
    """
    digits = _digits(text)
    if not digits:
        return Outcome("")
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) > length:
        return held("code.digits", given=text, digits=length)
    if len(digits) < length:
        filled = accepted(text, digits.zfill(length), "zeros")
        return filled if lost_zeros else held("code.digits", given=text, digits=length)
    return accepted(text, digits, "digits")


def to_my_number(text: str) -> Outcome:
    """An individual number (個人番号): 12 digits with a right check digit.

    Source: 平成26年総務省令第85号（通知カード及び個人番号カード並びに情報提供ネットワークシステムによる特定個人情報の提供等に関する省令）
    第5条, as python-stdnum computes it.

    >>> to_my_number("1234 5678 9018").value, to_my_number("123456789012").value
    ('123456789018', None)
    """
    digits = _digits(text)
    if not digits:
        return Outcome("")
    if not re.fullmatch(r"[0-9]{12}", digits):
        return held("code.my_number_digits")
    if not in_.is_valid(digits):
        return held("code.my_number")
    return Outcome(digits) if digits == text else Outcome(digits, (Repair("my_number"),))


def to_corporate_number(text: str) -> Outcome:
    """A corporate number (法人番号): 13 digits, the first of which checks the others.

    Source: 法人番号の指定等に関する省令（平成26年財務省令第70号）第2条, as python-stdnum computes it.

    >>> to_corporate_number("７000012050002").value, to_corporate_number("8000012050002").value
    ('7000012050002', None)
    """
    found = to_digits(text, 13)
    if not found.value:
        return found
    try:
        cn.validate(found.value)
    except ValidationError:
        return held("code.check_digit", given=text)
    return found


def to_municipality(text: str) -> Outcome:
    """A municipality's code (全国地方公共団体コード): six digits; five get their check digit, which is told.

    Source: `register.codes.check_digit`.

    >>> to_municipality("39426").value, to_municipality("394263").value
    ('394262', None)
    """
    digits = _digits(text)
    if re.fullmatch(r"[0-9]{5}", digits):
        found = accepted(text, digits + codes.check_digit(digits), "check_digit")
    else:
        found = to_digits(text, 6)
    if not found.value:
        return found
    try:
        codes.prefecture_of(codes.checked(found.value))
    except codes.BadCode:
        known = codes.check_digit(found.value) == found.value[5]
        return held("code.prefecture" if known else "code.check_digit", given=text)
    return found


def to_postal_code(text: str) -> Outcome:
    """A postal code: seven digits (郵便番号), without 〒 and hyphen.

    >>> to_postal_code("〒789－9901").value
    '7899901'
    """
    return to_digits(text, 7)


def to_phone(text: str) -> Outcome:
    """A telephone number in Japan: its digits with the area code; +81 becomes 0.

    >>> to_phone("(0880)22ー1234").value, to_phone("+81 90-1234-5678").value, to_phone("22-1234").value
    ('0880221234', '09012345678', None)
    """
    digits = _digits(text)
    if not digits:
        return Outcome("")
    local = re.sub(r"^\+810?", "0", digits)
    return accepted(text, local, "phone") if _PHONE.fullmatch(local) else held("code.phone", given=text)


def _digits(text: str) -> str:
    """In half width, without blanks, brackets and hyphens; what is no digit stays, to be refused."""
    return _APART.sub("", unicodedata.normalize("NFKC", text).translate(HYPHENS))
