"""What was paid and is no longer due (過払い): found by comparing every payment with what the rules give for its months now,
and asked back by a case of `overpayment`.

    a case ends or changes what is paid, for months that were paid already
    → find: a case of `overpayment`, and a `Correction` for each payment: the same yen are never asked back twice
    → `money.giving_back`: it is set off against later payments, or paid back in instalments
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from yakuba.access import SYSTEM, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CaseState
from yakuba.money import rules
from yakuba.money.models import ONCE, PAID, Correction, Entitlement, Payment

OVERPAYMENT = "overpayment"
"""The service of such cases; a town whose catalogue has none finds nothing."""
BATCH = 2_000
"""Keys that are compared together."""


@dataclass(frozen=True, slots=True)
class Period:
    """A payment that was too much. Yen: `paid` less what was asked back before, and what is `due` for it now."""

    key: str
    period: str
    paid: int
    due: int

    @property
    def over(self) -> int:
        return self.paid - self.due


# -- finding -----------------------------------------------------------------------------------------
def find(town: str, *, as_of: datetime) -> list[uuid.UUID]:
    """Look for payments that are no longer due, and open a case for whoever got them. Run again it finds nothing new.
    Returns the new cases."""
    with towns.inside(town):
        if OVERPAYMENT not in catalogue.current().services:
            return []
        keys = [*_monthly_keys(), *_single_keys()]
    opened = []
    for start in range(0, len(keys), BATCH):
        with towns.inside(town):
            towns.alone_with("overpaid")
            opened += _open(compare(keys[start : start + BATCH]), as_of)
    return opened


_MONTHLY_KEYS = f"""
select distinct p.key from money_payment p join money_entitlement e on e.town = p.town and e.key = p.key
where p.state = '{PAID}' and e.first is not null and e.last < to_date(p.period, 'YYYY-MM') - interval '1 month'
order by 1"""


def _monthly_keys() -> list[str]:
    """Keys of which something ended, or was taken over, before the last month of a payment that has arrived."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHLY_KEYS)
        return [key for (key,) in cursor.fetchall()]


def _single_keys() -> list[str]:
    """Keys of single payments that have arrived for a case that is decided otherwise now."""
    paid = Payment.objects.filter(state=PAID, entitlement__first=None)
    rows = list(paid.values_list("key", "case", "amount", "entitlement__amount").iterator())
    standing = _standing({case for _, case, _, _ in rows})
    return sorted({key for key, case, amount, now in rows if case not in standing or now < amount})


def _standing(cases: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Cases that are paid for as far as anybody knows: granted, or being decided anew."""
    return case_queries.granted(cases) | case_queries.being_decided(cases)


def compare(keys: Collection[str]) -> list[Period]:
    """The payments of these keys that were more than is due now."""
    paid = {
        (key, period): amount
        for key, period, amount in Payment.objects.filter(key__in=keys, state=PAID).values_list(
            "key", "period", "amount"
        )
    }
    before = Correction.objects.filter(key__in=keys).values_list("key", "period").annotate(Sum("amount"))
    for key, period, amount in before:
        paid[key, period] -= amount
    due = _due(keys)
    found = [Period(*place, amount, due.get(place, 0)) for place, amount in paid.items()]
    return sorted((one for one in found if one.over > 0), key=lambda one: (one.key, one.period))


_MONTHS = f"""
select distinct on (p.key, month) e.id, e.key, e."case", p.period, p.due, month::date, e.amount, e.fixed
from money_payment p join money_entitlement e on e.town = p.town and e.key = p.key and e.first is not null
cross join lateral generate_series(
  to_date(p.period, 'YYYY-MM') - make_interval(months => e.covers), to_date(p.period, 'YYYY-MM') - interval '1 month',
  interval '1 month') as month
where p.state = '{PAID}' and p.key = any(%s) and month >= e.first and month <= coalesce(e.last, 'infinity')
order by p.key, month, e.first desc, e.id"""


def _due(keys: Collection[str]) -> Mapping[tuple[str, str], int]:
    """What is due for each payment by the rules and the facts of now, in yen; what is not there is not due."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, [list(keys)])
        found = [rules.Month(*row) for row in cursor.fetchall()]
    once = Entitlement.objects.filter(key__in=keys, first=None).values_list("key", "case", "amount")
    standing = _standing({*(each.case for each in found), *(case for _, case, _ in once)})
    months = [each for each in found if each.case in standing]
    due: dict[tuple[str, str], int] = defaultdict(int)
    for each, yen in zip(months, rules.amounts(months), strict=True):
        due[each.key, each.period] += yen
    for key, case, amount in once:
        if case in standing:
            due[key, ONCE] = max(due[key, ONCE], amount)
    return due


def _open(found: Sequence[Period], as_of: datetime) -> list[uuid.UUID]:
    """One case for each key, and the corrections that keep its yen from being asked back twice."""
    by_key: dict[str, list[Period]] = defaultdict(list)
    for one in found:
        by_key[one.key].append(one)
    paid_for = _cases_of(by_key)
    states = case_queries.states(list(paid_for.values()))
    service, opened, corrections = catalogue.service(OVERPAYMENT), [], []
    for key, periods in by_key.items():
        state = states[paid_for[key]]
        entry = cases.opening(
            service,
            _facts(state, periods),
            channel="robot",
            key=_case_key(key, periods),
            applicant=uuid.UUID(state.applicant) if state.applicant else None,
            identified=True,
            language=state.language,
        )
        opened.append((service, entry, ()))
        corrections += [
            Correction(
                town=towns.current_town(), key=key, period=one.period, amount=one.over, case=entry.case
            )
            for one in periods
        ]
    ids = cases.open_cases(opened, by=SYSTEM(towns.current_town()), as_of=as_of)
    Correction.objects.bulk_create(corrections)
    return ids


def _cases_of(keys: Collection[str]) -> dict[str, uuid.UUID]:
    """The case whose payment each key had last."""
    rows = Payment.objects.filter(key__in=list(keys), state=PAID).order_by("due", "id")
    return dict(rows.values_list("key", "case"))


def _case_key(key: str, periods: Sequence[Period]) -> str:
    said = " ".join(f"{one.period}:{one.paid}:{one.due}" for one in periods)
    return f"overpaid:{hashlib.sha256(f'{key} {said}'.encode()).hexdigest()[:32]}"


def _facts(state: CaseState, periods: Sequence[Period]) -> dict[str, Any]:
    """Who it is, and what was too much."""
    name = catalogue.version(state.version).name.get(state.language)
    lines = [f"{one.period}: {one.paid:,} → {one.due:,}" for one in periods]
    return {
        "applicant": dict(state.facts.get("applicant") or {}),
        "overpaid": {
            "benefit": name,
            "reference": state.reference,
            "amount": sum(one.over for one in periods),
            "periods": "; ".join(lines),
        },
    }
