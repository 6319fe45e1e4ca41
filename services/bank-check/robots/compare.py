"""Cross-check (照合): a result file of the bank, as it came, beside the decisions, the accounts and the log of the cases."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from yakuba.cases import queries as cases
from yakuba.cases.state import CaseState
from yakuba.money import queries as money
from yakuba.money.account import account
from yakuba.money.records import Record, read
from yakuba.money.results import PAID, RESULTS
from yakuba.robots.collecting import Found
from yakuba.robots.driver import Picture
from yakuba.robots.errors import Differs
from yakuba.robots.player import Item, Played, Player

HEADS = ("振込番号", "受付番号", "結果コード", "銀行の金額", "決定の金額", "照合")
SHOWN = 5
"""Differences that the reason names; all are in the table."""


def results(address: str, as_of: datetime) -> Iterator[Found]:
    """Every result file that was read."""
    for one in money.results_read():
        lines = _lines(bytes(one.content))
        total = sum(line.number_of("amount") for line in lines)
        yield Found(one.sha256, {"result": {"file": one.sha256, "count": len(lines), "total": total}})


def compare(player: Player, item: Item, played: Played) -> None:
    """Compare line by line and keep the table. Raises Differs."""
    lines = _lines(money.result_content(item.values["file"].text))
    numbers = [line.number_of("customer2") for line in lines]
    ordered = {one.transfer: one for one in money.ordered(numbers)}
    known = list({one.case for one in ordered.values()})
    states, references = cases.states(known), cases.references(known)
    said = cases.kinds([f"transfer:{number}" for number in numbers])
    rows: list[tuple[Any, ...]] = []
    differences: list[tuple[str, str, str]] = []
    for number, line in zip(numbers, lines, strict=True):
        order = ordered.get(number)
        state = states.get(order.case) if order else None
        wrong = list(_wrong(line, order, state, said.get(f"transfer:{number}")))
        reference = references.get(order.case, "") if order else ""
        decided = _decided(order, state)
        rows.append(
            (number, reference, line["result"], line.number_of("amount"), decided, "・".join(wrong) or "一致")
        )
        differences += [(f"振込{number} {reference}", "", one) for one in wrong]
    played.files.append(Picture(_table(rows), "cross-check.csv"))
    if differences:
        raise Differs(differences[:SHOWN])


def _lines(content: bytes) -> list[Record]:
    return [record for record in read(content, RESULTS).records if record.kind == b"2"]


def _decided(order: money.Ordered | None, state: CaseState | None) -> int | None:
    """What one payment was to be: the amount decided where it is paid once, the sum of its months where monthly."""
    if order is None or state is None:
        return None
    return order.amount if order.monthly else state.amount


def _wrong(
    line: Record, order: money.Ordered | None, state: CaseState | None, kind: str | None
) -> Iterator[str]:
    if order is None or state is None:
        yield "町が頼んでいない振込"
        return
    paid, amount = line["result"] == PAID, line.number_of("amount")
    if amount != _decided(order, state):
        yield "金額が決定と違う"
    if paid and state.decision != "granted":
        yield "支給の決定がない"
    if paid and not _same_account(line, state.facts.get("account") or {}):
        yield "口座が届出と違う"
    if kind is None:
        yield "案件の記録に結果がない"
    elif (kind == "step_failed") == paid:
        yield "案件の記録と結果が違う"


def _same_account(line: Record, told: Mapping[str, Any]) -> bool:
    """The account that was paid is the one that the case has."""
    try:
        ours = account(*(str(told[name]) for name in ("bank", "branch", "type", "number", "holder")))
    except (KeyError, ValueError):
        return False
    return (ours.bank, ours.branch, ours.type, ours.number) == tuple(
        line[name] for name in ("bank", "branch", "type", "number")
    )


def _table(rows: Sequence[Sequence[Any]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([HEADS, *rows])
    return written.getvalue().encode("utf-8-sig")
