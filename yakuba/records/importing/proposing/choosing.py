"""Which column for which item: what the head and the content say, and one column for one item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from yakuba.records.importing.proposing.codes import table_for
from yakuba.records.importing.proposing.contents import MOST, Content, Sort
from yakuba.records.importing.proposing.heads import Words, alike, known_words
from yakuba.records.standards import Definition, Item
from yakuba.words import Text, ui_text

SURE = 0.9
"""From here on a proposal is said to be sure; a person confirms it all the same."""
LEAST = 0.4
"""What is less likely is not proposed."""
_CLOSE = 0.08
"""Where two would do about as well, neither is sure."""
_DOUBTFUL, _BY_HEAD = 0.75, 0.85
"""At most so sure where another would do as well, and where nothing stands in the column."""
_NAME_PARTS = ("姓 名", "氏 名", "セイ メイ", "せい めい", "姓カナ 名カナ")
_ADDRESS_PARTS = ("都道府県", "市区町村", "町域", "町字", "大字", "字", "番地", "番地号", "方書")
_DIGITS = re.compile(r"\d{2,}")


@dataclass(frozen=True)
class Source:
    """One column, or several that belong together and are joined."""

    columns: tuple[str, ...]
    content: Content
    join: str = ""
    head: str = ""


@dataclass(frozen=True)
class Proposed:
    """One item made from columns. `options`: what the mapping file is to say besides; `open`: texts of a column of codes for
    which a person has to write the code."""

    item: Item
    source: Source
    confidence: float
    why: tuple[Text, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    open: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """For one file. `dropped`: columns for which there is no item; `lacking`: items that must be there and have no column."""

    definition: Definition
    group: str
    items: tuple[Proposed, ...]
    dropped: tuple[str, ...]
    lacking: tuple[Item, ...]


@dataclass(frozen=True)
class _Wanted:
    """What an item wants to find in its column: a sort, or a table of codes. `alone`: how sure it makes where one column
    alone has it."""

    alone: float
    sort: Sort | None = None
    kind: str = ""


def propose(
    columns: Mapping[str, Sequence[str]], definition: Definition, group: str, words: Words | None = None
) -> Proposal:
    """The likeliest mapping of the columns of a file (texts by head) to the items of a group."""
    sources = _sources(columns)
    items = definition.groups()[group]
    found = [
        made
        for item in items
        for source in sources
        if (made := _likely(item, source, sources, items, definition, words or known_words()))
    ]
    chosen = {one.item.romaji: one for one in _one_to_one(found)}
    used = {column for one in chosen.values() for column in one.source.columns}
    return Proposal(
        definition,
        group,
        tuple(chosen[item.romaji] for item in items if item.romaji in chosen),
        tuple(head for head in columns if head not in used),
        tuple(item for item in items if item.output == "required" and item.romaji not in chosen),
    )


# -- columns that belong together ----------------------------------------------------------------------
def _sources(columns: Mapping[str, Sequence[str]]) -> list[Source]:
    """The columns, with the parts of a name or an address put together."""
    together = [*_names(columns), *_addresses(columns)]
    parts = {column for one in together for column in one.columns}
    alone = [
        Source((head,), Content.of(texts), head=head) for head, texts in columns.items() if head not in parts
    ]
    return alone + together


def _names(columns: Mapping[str, Sequence[str]]) -> Iterable[Source]:
    """Two columns whose heads differ in surname and given name only."""
    for first, second in combinations(columns, 2):
        for pair in _NAME_PARTS:
            surname, given = pair.split()
            rest = _without(first, surname)
            if rest is not None and rest == _without(second, given):
                texts = _joined((columns[first], columns[second]), "\u3000")
                whole = rest if rest else "氏名"
                yield Source((first, second), Content.of(texts), "\u3000", whole)
                break


def _without(head: str, part: str) -> str | None:
    """The head without a part in brackets, or at its end."""
    bare = re.sub(rf"[（(]{part}[）)]$", "", head)
    if bare != head:
        return bare
    return "" if head == part else None


def _addresses(columns: Mapping[str, Sequence[str]]) -> Iterable[Source]:
    """Columns with the same beginning whose ends are the parts of an address, from the prefecture to the lot."""
    by_start: dict[str, list[str]] = {}
    for head in columns:
        end = next((one for one in sorted(_ADDRESS_PARTS, key=len, reverse=True) if head.endswith(one)), None)
        if end:
            by_start.setdefault(head.removesuffix(end), []).append(head)
    for start, heads in by_start.items():
        if len(heads) >= 3:
            texts = _joined([columns[head] for head in heads], "")
            yield Source(tuple(heads), Content.of(texts), "", f"{start.removesuffix('先')}住所")


def _joined(columns: Sequence[Sequence[str]], between: str) -> list[str]:
    return [between.join(filter(None, cells)) for cells in zip(*columns, strict=True)]


# -- how likely ----------------------------------------------------------------------------------------
def _likely(
    item: Item, source: Source, sources: Sequence[Source], items: Sequence[Item], definition: Definition, words: Words
) -> Proposed | None:  # fmt: skip
    """The item from these columns, where that is likely at all."""
    head = alike(source.head, item, words)
    seen = _seen(item, source, sources, items, definition)
    if seen is None:
        return None
    fits, alone, why = seen
    confidence = fits * (1 - (1 - head.score) * (1 - alone))
    if not source.content.texts:
        confidence = min(confidence, _BY_HEAD)
    if other := _other_length(item, source.content):
        confidence = min(confidence, _DOUBTFUL)
        said_of_length = ui_text("proposals.why.length").format(digits=other, wanted=len(item.sample))
        why = (*why, said_of_length)
    if confidence < LEAST:
        return None
    said = [ui_text(f"proposals.why.{head.why}").format(head=source.head, item=item.name)] if head.why else []
    options, open_ = _options(item, source, definition)
    return Proposed(item, source, round(confidence, 2), (*said, *why), options, open_)


def _other_length(item: Item, content: Content) -> int:
    """How many digits all numbers of the column have, where that is not what the standard shows for the item and no zeros can
    have been lost; else 0."""
    if _wanted(item).kind != "digits" or content.share(lambda text: text[0] in "0０") < 0.5:
        return 0
    length = content.longest
    return (
        length
        if length != len(item.sample) and content.share(lambda text: len(text) == length) >= MOST
        else 0
    )


def _seen(
    item: Item, source: Source, sources: Sequence[Source], items: Sequence[Item], definition: Definition
) -> tuple[float, float, tuple[Text, ...]] | None:
    """How well the content fits, how sure it makes by itself, and what is to say of it. None where it does not fit."""
    content = source.content
    if not content.texts:
        return 1, 0, (ui_text("proposals.why.empty").format(),)
    wanted = _wanted(item)
    if listed := definition.codes.get(item.code or ""):
        table = table_for(content, listed)
        if table is None:
            return None
        said = ui_text("proposals.why.codes").format(share=_percent(table.share), list=listed.name)
        return (
            (0.6 + 0.4 * table.share),
            0.6 * table.share / _rivals(item, items),
            (said,) * bool(table.share),
        )
    if _is_too_long(item, wanted, content):
        # Of few different texts a person may write what each stands for.
        return (0.9, 0, ()) if content.is_few else None
    if wanted.sort is None:
        return 1, 0, ()
    share = content.shares[wanted.sort]
    if share < 0.5:
        return None
    rivals = sum(one.content.shares[wanted.sort] >= MOST for one in sources)
    said = ui_text(f"proposals.why.sort.{wanted.sort}").format(share=_percent(share))
    alone = wanted.alone / max(1, rivals, sum(_wanted(one) == wanted for one in items))
    if item.key and content.is_distinct and sum(one.key for one in items) == 1:
        return share, max(alone, 0.2), (said, ui_text("proposals.why.key").format())
    return share, alone, (said,)


def _is_too_long(item: Item, wanted: _Wanted, content: Content) -> bool:
    if item.digits is None or wanted.sort in ("date", "month", "time", "address"):
        return False
    return content.longest > item.digits.whole


def _wanted(item: Item) -> _Wanted:
    """By type, name and sample of the item."""
    name = item.romaji
    if item.is_my_number:
        return _Wanted(0.9, "my-number", "my-number")
    if item.type in ("DATE", "YEAR", "TIME"):
        return {
            "DATE": _Wanted(0.6, "date", "date"), "YEAR": _Wanted(0.5, "year", "year"), "TIME": _Wanted(0.7, "time", "time"),
        }[item.type]  # fmt: skip
    if name.endswith("nengetsu"):
        return _Wanted(0.6, "month", "month")
    if name.endswith(("yomigana", "meiginin")):
        return _Wanted(0.8, "kana", "kana")
    if name.endswith("shikuchosonkodo"):
        return _Wanted(0.6, "address", "address.municipality")
    if name.endswith("banchigohyoki"):
        return _Wanted(0.6, "address", "address.block")
    if item.type == "N" and item.name.endswith(("住所", "本籍")):
        return _Wanted(0.4, "address")
    if item.type == "N" and item.name.endswith("氏名"):
        return _Wanted(0.6, "name")
    if item.type in ("9", "S9", "9V"):
        return _Wanted(0.2, "number", "number")
    if item.type == "X" and _DIGITS.fullmatch(item.sample):
        return _Wanted(0.3, "digits", "digits")
    return _Wanted(0.0)


def _rivals(item: Item, items: Sequence[Item]) -> int:
    """Items that take the same codes."""
    return sum(one.code == item.code for one in items)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


# -- one for one ---------------------------------------------------------------------------------------
def _one_to_one(found: Sequence[Proposed]) -> list[Proposed]:
    """The likeliest first; a column goes to one item, but an address that stands in one column to one for each of its parts.
    Where another would do about as well, it is not sure."""
    chosen: dict[str, Proposed] = {}
    taken: dict[tuple[str, ...], set[str]] = {}
    for one in sorted(found, key=lambda one: -one.confidence):
        columns, part = _place(one)
        parts = taken.setdefault(columns, set())
        if one.item.romaji not in chosen and (not parts or (part and part not in parts and "" not in parts)):
            parts.add(part)
            chosen[one.item.romaji] = _doubted(one, found)
    return list(chosen.values())


def _place(one: Proposed) -> tuple[tuple[str, ...], str]:
    """The columns, and which part of the address in them; "" for the whole of what stands there."""
    kind = str(one.options.get("as", ""))
    return one.source.columns, kind if kind.startswith("address.") else ""


def _doubted(one: Proposed, found: Sequence[Proposed]) -> Proposed:
    others = [
        other
        for other in found
        if other is not one
        and other.confidence > one.confidence - _CLOSE
        and (other.item is one.item or _place(other) == _place(one))
    ]
    if not others:
        return one
    rivals = ", ".join(
        "+".join(other.source.columns) if other.item is one.item else other.item.name for other in others
    )
    said = ui_text("proposals.why.rivals").format(rivals=rivals)
    return replace(one, confidence=min(one.confidence, _DOUBTFUL), why=(*one.why, said))


# -- options -------------------------------------------------------------------------------------------
def _options(item: Item, source: Source, definition: Definition) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the mapping file says besides the columns, and the codes that are open."""
    content, kind = source.content, _wanted(item).kind
    options: dict[str, Any] = {}
    if source.join or len(source.columns) > 1:
        options["join"] = source.join
    if (listed := definition.codes.get(item.code or "")) and content.texts:
        table = table_for(content, listed)
        if table and not table.is_plain:
            return options | {"codes": dict(table.codes)}, table.open
        return options, table.open if table else ()
    if _is_too_long(item, _wanted(item), content):
        return options, tuple(sorted(content.often))
    if kind == "digits":
        options |= _lengths(content, len(item.sample))
    elif kind and kind != "number":
        options["as"] = kind
    if kind == "date" and content.share(lambda text: bool(re.fullmatch("0+", text))):
        options["zeros"] = "empty"
    if (
        content.usual
        and kind not in ("", "my-number")
        and ("lost_zeros" in options or not _is_standard(kind, content))
    ):
        options["usual"] = content.usual
    return options, ()


def _lengths(content: Content, length: int) -> dict[str, Any]:
    """Of a number with a fixed count of digits; shorter ones of many lengths have lost the zeros before them."""
    lengths = {len(text) for text in content.sample}
    if lengths == {length} or content.share(lambda text: len(text) == length) >= MOST:
        return {"as": "digits", "digits": length}
    begins_with_zero = content.share(lambda text: text[0] in "0０")
    if lengths and max(lengths) < length and not begins_with_zero:
        return {"as": "digits", "digits": length, "lost_zeros": True}
    most = max(sorted(lengths), key=lambda one: content.share(lambda text: len(text) == one), default=length)
    return {"as": "digits", "digits": most} if begins_with_zero else {}


_STANDARD = {
    "date": r"\d{4}-\d{2}-\d{2}", "month": r"\d{4}-\d{2}", "year": r"\d{4}", "time": r"\d{2}:\d{2}(:\d{2})?",
    "kana": "[ァ-ヺー]+(\u3000[ァ-ヺー]+)*", "number": r"0|[1-9]\d*", "digits": r"\d+",
}  # fmt: skip


def _is_standard(kind: str, content: Content) -> bool:
    """Is it written as the standard writes it, so that nothing is to be told?"""
    pattern = _STANDARD.get(kind, "")
    return bool(pattern) and content.share(lambda text: bool(re.fullmatch(pattern, text))) >= MOST
