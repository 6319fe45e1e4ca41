"""The banks and branches of Japan: do these codes exist, and what are they called?

The table (`banks.tsv`, made by `data/zengin/build_banks.py`) is read on first use, in a few
milliseconds; a bank's branches are taken apart only when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from yakuba.money.kana import bank_kana
from yakuba.words import Text

NAME_LENGTH = 15
"""Characters of a bank's or branch's name in a bank file."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch (支店): three-digit code, name and reading."""

    code: str
    name: str
    kana: str

    @property
    def file_kana(self) -> str:
        """The name as bank files write it."""
        return bank_kana(self.kana, limit=NAME_LENGTH)


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank (金融機関): four-digit code, name and reading."""

    code: str
    name: str
    kana: str

    @property
    def file_kana(self) -> str:
        """The name as bank files write it."""
        return bank_kana(self.kana, limit=NAME_LENGTH)


class NoSuchBank(LookupError):
    """No bank has this code. `text` says so and names the nearest."""

    def __init__(self, code: str, nearest: list[Bank]):
        self.code, self.nearest = code, nearest
        hints = _listed([f"{bank.code} {bank.name}" for bank in nearest])
        self.text = Text(
            ja=f"金融機関コード「{code}」は存在しません。近いもの：{hints}。通帳かキャッシュカードで確かめてください。",
            easy=f"銀行の番号「{code}」は ありません。通帳を 見てください。にている 番号：{hints}",
            en=f"No bank has the code “{code}”. Nearest: {hints}. Check the passbook or cash card.",
        )
        super().__init__(self.text.en)


class NoSuchBranch(LookupError):
    """The bank has no branch with this code. `text` says so and names the nearest."""

    def __init__(self, bank: Bank, code: str, nearest: list[Branch]):
        self.bank, self.code, self.nearest = bank, code, nearest
        hints = _listed([f"{branch.code} {branch.name}" for branch in nearest])
        self.text = Text(
            ja=f"{bank.name}に支店コード「{code}」はありません。近いもの：{hints}。統廃合で変わっていることもあるので、通帳か銀行で確かめてください。",
            easy=f"{bank.name}に 支店の番号「{code}」は ありません。通帳を 見てください。にている 番号：{hints}",
            en=f"{bank.name} ({bank.code}) has no branch “{code}”. Nearest: {hints}. Branches merge: check the passbook or ask the bank.",
        )
        super().__init__(self.text.en)


def bank(code: str) -> Bank:
    """The bank with this four-digit code. Raises NoSuchBank."""
    row = _rows().get(code)
    if row is None:
        raise NoSuchBank(code, nearest_banks(code))
    return Bank(code, *row.split("\t", 2)[:2])


def branch(bank_code: str, code: str) -> Branch:
    """The branch with this three-digit code. Raises NoSuchBank, NoSuchBranch."""
    found = _branches(bank_code).get(code)
    if found is None:
        raise NoSuchBranch(bank(bank_code), code, nearest_branches(bank_code, code))
    return found


def branches(bank_code: str) -> list[Branch]:
    """All branches of a bank by code. Raises NoSuchBank."""
    return list(_branches(bank_code).values())


def all_banks() -> Iterator[Bank]:
    """Every bank by code."""
    return (bank(code) for code in _rows())


def find_banks(words: str, *, limit: int = 10) -> list[Bank]:
    """Banks whose name or reading begins with or contains the words; those that begin with them first."""
    return _find(list(all_banks()), words, limit)


def find_branches(bank_code: str, words: str, *, limit: int = 10) -> list[Branch]:
    """Branches of the bank whose name or reading begins with or contains the words. Raises NoSuchBank."""
    return _find(branches(bank_code), words, limit)


def nearest_banks(code: str) -> list[Bank]:
    """Up to three banks with the most similar codes."""
    return [bank(near) for near in _nearest(code, _rows())]


def nearest_branches(bank_code: str, code: str) -> list[Branch]:
    """Up to three branches of the bank with the most similar codes. Raises NoSuchBank."""
    known = _branches(bank_code)
    return [known[near] for near in _nearest(code, known)]


def _nearest(code: str, known: Iterable[str]) -> list[str]:
    """The three codes that differ in the fewest digits, and among those the closest numbers."""

    def distance(other: str) -> tuple[int, int]:
        differing = sum(a != b for a, b in zip(code.ljust(len(other)), other, strict=False))
        return differing, abs(int(code) - int(other)) if code.isdecimal() else 0

    return sorted(known, key=distance)[:3]


def _find(places: list, words: str, limit: int) -> list:
    def fits(place: Bank | Branch) -> bool:
        return words in place.name or words in place.kana

    def first(place: Bank | Branch) -> bool:
        return not (place.name.startswith(words) or place.kana.startswith(words))

    return sorted(filter(fits, places), key=first)[:limit]


def _listed(names: list[str]) -> str:
    return "、".join(names) or "—"


@cache
def _rows() -> dict[str, str]:
    """The rest of each bank's line by its code."""
    text = resources.files("yakuba.money").joinpath("banks.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t", 1) for line in text.splitlines())


@lru_cache(maxsize=2048)
def _branches(bank_code: str) -> dict[str, Branch]:
    cells = _rows().get(bank_code)
    if cells is None:
        raise NoSuchBank(bank_code, nearest_banks(bank_code))
    made = (Branch(*cell.split("|")) for cell in cells.split("\t")[2:])
    return {place.code: place for place in made}
