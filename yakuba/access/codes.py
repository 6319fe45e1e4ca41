"""Codes of digits that open something on another device; only their digests are kept."""

from __future__ import annotations

import hashlib
import secrets

from yakuba.words import halfwidth

DIGITS = 16


def new(digits: int = DIGITS) -> str:
    """A code of so many digits, drawn by chance. Nobody can guess one of sixteen; a shorter one needs a limit of tries."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def grouped(code: str) -> str:
    """A code as it is shown, however it was typed: its digits in groups of four.

    >>> grouped("１２３４ 5678-90123456")
    '1234-5678-9012-3456'
    """
    digits = "".join(letter for letter in halfwidth(code) if letter.isdigit())
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def digest(code: str) -> str:
    """What is kept of a code, however it was typed: the SHA-256 of its digits; empty where it has none."""
    digits = grouped(code).replace("-", "")
    return hashlib.sha256(digits.encode()).hexdigest() if digits else ""
