"""What the declared rule gives a granted case: on the day of the request, and for each month that is paid."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yakuba import declare
from yakuba.cases import catalogue, deciding
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CaseState


@dataclass(frozen=True, slots=True)
class Month:
    """One month of an entitlement that nothing was ordered for. `amount`: yen as decided; `fixed`: by a person."""

    entitlement: uuid.UUID
    key: str
    case: uuid.UUID
    period: str
    due: date
    month: date
    amount: int
    fixed: bool


def decide_each(asked: Sequence[tuple[CaseState, date]]) -> list[declare.Decision]:
    """Each case by the version of its service as of its day."""
    return deciding.decide_each([(state, catalogue.version(state.version), day) for state, day in asked])


def amounts(months: Sequence[Month]) -> list[int]:
    """Yen for each of the months: birthdays, ends of school years and new rates take effect in their month.

    Refused for a month: 0. Not known: what was decided. What a person set stays as it is.
    Source: 児童手当法 第9条 (増額は翌月から、減額・消滅は事由の生じた月の翌月から).
    """
    ruled = [each for each in months if not each.fixed]
    states = case_queries.states(list({each.case for each in ruled}))
    decisions = decide_each([(states[each.case], each.month) for each in ruled])
    by_rule: Mapping[tuple[uuid.UUID, date], int] = {
        (each.entitlement, each.month): _yen(decision, each.amount)
        for each, decision in zip(ruled, decisions, strict=True)
    }
    return [by_rule.get((each.entitlement, each.month), each.amount) for each in months]


def _yen(decision: declare.Decision, decided: int) -> int:
    if decision.outcome == "refused":
        return 0
    return decided if decision.amount is None else decision.amount
