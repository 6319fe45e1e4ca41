"""Papers of others, such as invoices and certificates: labels and what stands beside or below them, by the layout of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from yakuba.assistant.reading import checks
from yakuba.assistant.reading.engine import Line
from yakuba.assistant.reading.prior import folded
from yakuba.clock import NotADate, parse_date
from yakuba.words import halfwidth

LABELS: Mapping[str, str] = {
    "total": r"合計(金額)?|(ご)?請求(金)?額|総額|お支払金額|税込合計|領収金額",
    "subtotal": r"小計|税抜(合計|金額)|本体価格",
    "tax": r"(内)?消費税(額|等)?(合計)?|税額",
    "date": r"(請求|発行|交付|作成|領収|証明)(年月)?日|日付",
    "due": r"(お)?支払(い)?期限|振込期限|納期限",
    "number": r"(請求書|証明|領収書|伝票|発行)?(番号|No\.?|NO\.?)",
    "issuer": r"発行(者|元)|請求元|会社名|事業者名",
    "name": r"(お)?名前|氏名|宛名",
}
"""What labels are called, by what stands beside them."""
AMOUNTS = ("total", "subtotal", "tax")
_AMOUNT = re.compile(r"[¥￥\\]?\s*(\d{1,3}(?:[,.]\d{3})+|\d+)\s*円?")


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and what belongs to it. `sure`: a check digit or a sum says that it was read right; nothing else does."""

    name: str
    value: str
    confidence: float
    sure: bool = False
    box: tuple[float, float, float, float] = (0, 0, 0, 0)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "kind": "amount" if self.name in AMOUNTS else self.name,
            "value": self.value,
            "confidence": round(self.confidence, 4),
            "sure": self.sure,
            "box": [round(one) for one in self.box],
        }


def pairs(lines: Sequence[Line]) -> list[Pair]:
    """What could be found on a paper; each is unsure unless its own check agrees."""
    found = {one.name: one for one in _labelled(lines)}
    for line in lines:
        if number := checks.invoice_number(halfwidth(line.text)):
            found["registration"] = Pair("registration", number, line.score, True, line.box)
        elif line.text.startswith(("株式会社", "有限会社")) or line.text.endswith(("株式会社", "有限会社")):
            found.setdefault("issuer", Pair("issuer", line.text, line.score * 0.8, False, line.box))
    return list(_with_sum(found).values())


def _with_sum(found: dict[str, Pair]) -> dict[str, Pair]:
    """Subtotal and tax make the total: then all three were read right."""
    if not all(name in found for name in AMOUNTS):
        return found
    total, subtotal, tax = (int(found[name].value) for name in AMOUNTS)
    if total != subtotal + tax:
        return found
    return found | {name: replace(found[name], sure=True) for name in AMOUNTS}


def _labelled(lines: Sequence[Line]) -> Iterator[Pair]:
    for line in lines:
        text = folded(line.text)
        for name, label in LABELS.items():
            match = re.match(rf"(?:{label})[:：]?", text)
            if match is None:
                continue
            rest = text[match.end() :]
            if value := _value(name, rest):
                yield Pair(name, value, line.score, False, line.box)
            elif (
                not rest and (beside := _beside(line, lines)) and (value := _value(name, folded(beside.text)))
            ):
                yield Pair(name, value, min(line.score, beside.score), False, beside.box)
            break


def _value(name: str, text: str) -> str:
    if name in AMOUNTS:
        match = _AMOUNT.search(text)
        return re.sub(r"[,.]", "", match[1]) if match else ""
    if name in ("date", "due"):
        try:
            return parse_date(text).isoformat()
        except NotADate:
            return ""
    return text


def _beside(label: Line, lines: Sequence[Line]) -> Line | None:
    """The nearest line to the right in the same row; else the one right below."""
    x0, y0, x1, y1 = label.box
    height = y1 - y0
    right = [
        one
        for one in lines
        if one.box[0] >= x1 - height / 2 and abs((one.box[1] + one.box[3]) / 2 - (y0 + y1) / 2) < height * 0.6
    ]
    if right:
        return min(right, key=lambda one: one.box[0])
    below = [
        one
        for one in lines
        if 0 < one.box[1] - y0 < 3 * height and one.box[0] < x1 and one.box[2] > x0 and one is not label
    ]
    return min(below, key=lambda one: one.box[1], default=None)
