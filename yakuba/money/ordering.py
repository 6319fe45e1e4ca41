"""From granted cases to payments that wait: set by set, one payment for each period of an entitlement.

Payments of one sum are ordered when the case is granted; the pay step stays with us until the bank has
answered. Payments of every few months are ordered when a run is made that they are due for, each month for
what the rule gives in that month; the pay step is done once the entitlement is kept, and a payment that
comes back later opens it again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.db import connection

from yakuba.access import SYSTEM, towns
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.actions import Entry, record_many
from yakuba.cases.deciding import requested_on
from yakuba.cases.work import Waiting, works
from yakuba.declare import Decision
from yakuba.declare.model import Pay, Schedule
from yakuba.money import banks, rules, schedule
from yakuba.money.account import Account, BadAccount, account
from yakuba.money.giving_back import take_from
from yakuba.money.kana import NotBankKana, TooLong
from yakuba.money.models import FAILED, HOLDER, IN_RUN, ONCE, PAID, WAITING, Payment
from yakuba.words import Text

BATCH = 5_000
"""Entitlements whose months are decided together: bounded memory, negligible fixed cost."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a granted case is to be paid. `first`, `pay_months`, `covers`: only where it is paid by the month.
    `fixed`: a person set another amount than the rule gives."""

    case: uuid.UUID
    step: str
    attempt: int
    key: str
    service: str
    beneficiary: str
    amount: int
    fixed: bool
    first: date | None
    pay_months: str | None
    covers: int | None
    bank: str
    branch: str
    type: str
    number: str
    holder: str


class Unpayable(Exception):
    """A granted case whose money cannot leave; `code` is kept in the log, `text` tells the clerk why."""

    def __init__(self, code: str, text: Text):
        self.code, self.text = code, text
        super().__init__(text.en)


@works("pay")
def order_payments(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Work `do: pay` steps: keep what each case is entitled to, and order what is paid once.

    A step is left open while the payment that stands for it is in a run for a case that is no longer granted: that
    run is either cancelled, and its payment taken over, or it pays.
    """
    entries, claims = [], {}
    ruled = _ruled([task for task in tasks if _monthly(task)])
    for task in tasks:
        try:
            claims[task.case] = (task, claim(task, ruled.get(task.case)))
        except Unpayable as reason:
            entries.append(_entry(task, _failed(task, reason)))
    changed = _changed_after_leaving([made for _, made in claims.values()])
    keys = keep([made for _, made in claims.values()])
    standing = order_once(
        {case: keys[case] for case, (_, made) in claims.items() if made.first is None}, as_of
    )
    for case, (task, made) in claims.items():
        if case in changed:
            entries.append(_entry(task, _failed(task, _other_amount(changed[case], made.amount))))
        elif made.first is not None:
            entries.append(_entry(task, _scheduled(task, made)))
        elif keys[case] in standing:
            entries.append(_entry(task, _ordered(task, *standing[keys[case]])))
    record_many(entries, by=SYSTEM(towns.current_town()), as_of=as_of, locked=[task.locked for task in tasks])


def _pay(task: Waiting) -> Pay:
    """What the service says about paying; the loader has seen that a service with a pay step says it."""
    assert task.service.pay is not None
    return task.service.pay


def _monthly(task: Waiting) -> Schedule | None:
    plan = _pay(task).schedule
    return plan if isinstance(plan, Schedule) else None


def _ruled(tasks: Sequence[Waiting]) -> dict[uuid.UUID, Decision]:
    """What the rule gave each case on the day of its request."""
    asked = [(task.state, requested_on(task.state)) for task in tasks]
    return dict(zip((task.case for task in tasks), rules.decide_each(asked), strict=True))


def claim(task: Waiting, ruled: Decision | None) -> Claim:
    """What the case is to be paid, by its decision and its service. `ruled`: what the rule gave, for what is paid
    by the month. Raises Unpayable: also for an applicant whom nobody found in the register, because who is paid
    only once must be known."""
    state, pay, monthly = task.state, _pay(task), _monthly(task)
    amount = state.amount
    if state.applicant is None:
        raise Unpayable("no-applicant", _NO_APPLICANT)
    if not amount or amount < 0:
        raise Unpayable("no-amount", _NO_AMOUNT)
    if pay.limit is not None and amount > pay.limit.each:
        raise Unpayable("over-limit", _OVER_LIMIT.format(amount=f"{amount:,}", limit=f"{pay.limit.each:,}"))
    to = payable_account(state.facts)
    return Claim(
        case=task.case,
        step=task.step.id,
        attempt=task.attempt,
        key=f"{pay.entitlement or task.service.id}:{state.applicant}",
        service=task.service.id,
        beneficiary=state.applicant,
        amount=amount,
        fixed=ruled is not None and ruled.amount != amount,
        first=first_month(monthly, ruled, requested_on(state)) if monthly and ruled else None,
        pay_months="{" + ",".join(map(str, monthly.months)) + "}" if monthly else None,
        covers=monthly.covers if monthly else None,
        bank=to.bank,
        branch=to.branch,
        type=to.type,
        number=to.number,
        holder=to.holder,
    )


def first_month(plan: Schedule, ruled: Decision, requested: date) -> date:
    """The first month that is paid for: that of the request, the one after it, or that of a date which the
    service computes. Raises Unpayable when that date is not known."""
    if plan.from_ in schedule.FROM:
        return schedule.month(requested, schedule.FROM[plan.from_])
    day = ruled.values.get(plan.from_)
    if day is None:
        raise Unpayable("no-first-month", _NO_FIRST_MONTH.format(name=ruled.service.label(plan.from_).ja))
    return schedule.month(day)


def payable_account(facts: Mapping[str, Any]) -> Account:
    """The account that the case names, checked. Raises Unpayable."""
    named = facts.get("account") or {}
    try:
        return account(
            str(named.get("bank") or ""),
            str(named.get("branch") or ""),
            str(named.get("type") or ""),
            str(named.get("number") or ""),
            str(named.get("holder") or ""),
        )
    except (BadAccount, NotBankKana, TooLong, banks.NoSuchBank, banks.NoSuchBranch) as error:
        raise Unpayable("bad-account", error.text) from error


_CLAIM_TYPES = {
    "case": "uuid",
    "step": "text",
    "attempt": "int",
    "key": "text",
    "service": "text",
    "beneficiary": "uuid",
    "amount": "bigint",
    "fixed": "boolean",
    "first": "date",
    "pay_months": "text",
    "covers": "int",
    "bank": "text",
    "branch": "text",
    "type": "text",
    "number": "text",
    "holder": "text",
}
_CLAIMS = "json_to_recordset(%s::json) as claim({})".format(
    ", ".join(f'"{name}" {kind}' for name, kind in _CLAIM_TYPES.items())
)
_KEEP = f"""
insert into money_entitlement (id, town, "case", step, attempt, key, service, beneficiary, amount, fixed, first,
                               pay_months, covers, bank, branch, type, number, holder)
select gen_random_uuid(), %s, "case", step, attempt, key, service, beneficiary, amount, fixed, first,
       pay_months::int[], covers, bank, branch, type, number, holder
from {_CLAIMS}
on conflict (town, "case") do update set step = excluded.step, attempt = excluded.attempt,
  amount = excluded.amount, fixed = excluded.fixed, bank = excluded.bank, branch = excluded.branch,
  type = excluded.type, number = excluded.number, holder = excluded.holder
returning "case", key, xmax = 0 as added"""

_SUPERSEDE = """
update money_entitlement old set last = least(old.last, ended.month)
from (
  select old.id, (min(new.first) - interval '1 month')::date as month
  from money_entitlement old join money_entitlement new on new.town = old.town and new.key = old.key
  where new."case" = any(%(added)s) and old."case" <> new."case" and old.first is not null
    and (old."case" <> all(%(added)s) or (old.first, old."case") < (new.first, new."case"))
  group by old.id
) ended
where ended.id = old.id"""

_TRY_AGAIN = f"""
update money_payment p set state = '{WAITING}',
  amount = case when p.period = '{ONCE}' then e.amount else p.amount end
from money_entitlement e
where e.id = p.entitlement_id and e."case" = any(%s) and p.state in ('{WAITING}', '{FAILED}')"""


_CHANGED = f"""
select e."case", p.amount from {_CLAIMS}
join money_entitlement e on e."case" = claim."case" and e.amount <> claim.amount
join money_payment p on p.entitlement_id = e.id and p.period = '{ONCE}' and p.state in ('{IN_RUN}', '{PAID}')"""


def _changed_after_leaving(claims: Sequence[Claim]) -> dict[uuid.UUID, int]:
    """Cases that were decided anew with another amount after their single payment left, and what left, in yen."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [orjson.dumps(claims).decode()])
        return dict(cursor.fetchall())


def keep(claims: Sequence[Claim]) -> dict[uuid.UUID, str]:
    """Keep the entitlements; a new one for the same key ends those that were there from its first month on, and
    payments of these cases that came back wait again, for the account that is known now.

    Returns the key of each case: the one that it was first kept under.
    """
    if not claims:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [towns.current_town(), orjson.dumps(claims).decode()])
        kept = {case: (key, new) for case, key, new in cursor.fetchall()}
        added = [made.case for made in claims if made.first is not None and kept[made.case][1]]
        known = [case for case, (_, new) in kept.items() if not new]
        if added:
            cursor.execute(_SUPERSEDE, {"added": added})
        if known:
            cursor.execute(_TRY_AGAIN, [known])
    return {case: key for case, (key, _) in kept.items()}


_ORDER_ONCE = f"""
insert into money_payment (town, entitlement_id, "case", key, period, amount, due, state, ordered_at)
select town, id, "case", key, '{ONCE}', amount, %s, '{WAITING}', %s
from money_entitlement where "case" = any(%s)
on conflict (town, key, period) do nothing"""

_TAKE_OVER = f"""
update money_payment p set entitlement_id = e.id, "case" = e."case", amount = e.amount, state = '{WAITING}'
from money_entitlement e
where e."case" = any(%s) and p.key = e.key and p.period = '{ONCE}' and p."case" <> e."case"
  and p.state in ('{WAITING}', '{FAILED}') and p."case" = any(%s)"""


def order_once(keys: Mapping[uuid.UUID, str], as_of: datetime) -> dict[str, tuple[uuid.UUID, str]]:
    """Order the single payments of these cases; returns, by key, the case that is paid for it and how that
    payment stands.

    A payment that another case ordered and that has not left is taken over when that case is no longer granted. Keys
    whose payment is in a run for such a case are left out.
    """
    cases = list(keys)
    with connection.cursor() as cursor:
        cursor.execute(_ORDER_ONCE, [as_of.date(), as_of, cases])
    standing = _standing(keys.values())
    others = {case for case, _ in standing.values()} - keys.keys()
    fallen = others - case_queries.granted(others)
    if fallen:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_OVER, [cases, list(fallen)])
        standing = _standing(keys.values())
    return {
        key: (case, state) for key, (case, state) in standing.items() if case not in fallen or state != IN_RUN
    }


def _standing(keys: Iterable[str]) -> dict[str, tuple[uuid.UUID, str]]:
    rows = Payment.objects.filter(key__in=set(keys), period=ONCE).values_list("key", "case", "state")
    return {key: (case, state) for key, case, state in rows}


_PLANS = """
select pay_months, covers, min(coalesce(ordered_until + interval '1 month', first))::date
from money_entitlement where first is not null group by 1, 2"""

_KEYS = """
select distinct key from money_entitlement
where pay_months = %s::int[] and covers = %s and key > %s and coalesce(last, 'infinity') > coalesce(ordered_until, '-infinity')
order by key limit %s"""

_MONTHS = """
select distinct on (e.key, month) e.id, e.key, e."case", period.name, period.due, month::date, e.amount, e.fixed
from money_entitlement e
join unnest(%s::text[], %s::date[], %s::timestamp[], %s::timestamp[]) as period(name, due, starts, ends) on true
cross join lateral generate_series(period.starts, period.ends, interval '1 month') as month
where e.pay_months = %s::int[] and e.covers = %s and e.key = any(%s)
  and month >= e.first and month <= coalesce(e.last, 'infinity') and month > coalesce(e.ordered_until, '-infinity')
order by e.key, month, e.first desc, e.id"""

_ORDER_MONTHS = f"""
insert into money_payment (town, entitlement_id, "case", key, period, amount, due, state, ordered_at)
select e.town, (array_agg(e.id order by m.month desc))[1], (array_agg(e."case" order by m.month desc))[1],
       e.key, m.period, sum(m.amount), m.due, '{WAITING}', %s
from unnest(%s::uuid[], %s::text[], %s::date[], %s::date[], %s::bigint[])
  as m(entitlement, period, due, month, amount)
join money_entitlement e on e.id = m.entitlement
group by e.town, e.key, m.period, m.due having sum(m.amount) > 0
on conflict (town, key, period) do nothing
returning id, key, period, amount"""

_ORDERED_UNTIL = """
update money_entitlement e set ordered_until = done.month
from (select entitlement, max(month) as month from unnest(%s::uuid[], %s::date[]) as m(entitlement, month) group by 1) done
where e.id = done.entitlement"""


def order_due(*, until: date, as_of: datetime) -> int:
    """Order every payment of monthly money that is due up to `until` and was not ordered yet, late ones included.

    Source: 児童手当法 第8条第4項 (what was not paid in its month is paid at any time). Returns how many.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PLANS)
        plans = cursor.fetchall()
    return sum(_order_plan(months, covers, since, until, as_of) for months, covers, since in plans)


def _order_plan(pay_months: list[int], covers: int, since: date, until: date, as_of: datetime) -> int:
    """Order what is paid in these months, a batch of whole keys at a time."""
    due = schedule.periods(pay_months, covers, since=since, until=until)
    columns = [[getattr(each, name) for each in due] for name in ("name", "due", "start", "end")]
    ordered, last = 0, ""
    while due:
        with connection.cursor() as cursor:
            cursor.execute(_KEYS, [pay_months, covers, last, BATCH])
            keys = [key for (key,) in cursor.fetchall()]
            cursor.execute(_MONTHS, [*columns, pay_months, covers, keys])
            months = [rules.Month(*row) for row in cursor.fetchall()]
        ordered += _order_months(months, as_of)
        if len(keys) < BATCH:
            break
        last = keys[-1]
    return ordered


def _order_months(found: Sequence[rules.Month], as_of: datetime) -> int:
    """One payment for each key and period; a period that is worth nothing is not asked about again."""
    granted = case_queries.granted({each.case for each in found})
    months = [each for each in found if each.case in granted]
    columns = [[getattr(each, name) for each in months] for name in ("entitlement", "period", "due", "month")]
    with connection.cursor() as cursor:
        cursor.execute(_ORDER_MONTHS, [as_of, *columns, rules.amounts(months)])
        ordered = cursor.fetchall()
        cursor.execute(_ORDERED_UNTIL, [columns[0], columns[3]])
    return len(ordered) - take_from(ordered, as_of)


def _entry(task: Waiting, event: e.Event) -> Entry:
    return Entry(task.case, event, f"pay:{event.kind}:{task.id}")


def _failed(task: Waiting, reason: Unpayable) -> e.StepFailed:
    return e.StepFailed(
        step=task.step.id, attempt=task.attempt, final=True, code=reason.code, reason=reason.text.ja
    )


def _scheduled(task: Waiting, made: Claim) -> e.StepDone:
    note = f"{made.first:%Y年%-m月}分から、月額 {made.amount:,}円 を支払月ごとに振り込みます。"
    return e.StepDone(step=task.step.id, attempt=task.attempt, outcome="scheduled", note=note)


def _ordered(task: Waiting, case: uuid.UUID, state: str) -> e.Event:
    """What the case's log says of a single payment that stands for `case`: paid already, or on the way."""
    place: dict[str, Any] = {"step": task.step.id, "attempt": task.attempt}
    if case != task.case:
        return e.StepDone(
            **place, outcome="paid_elsewhere", note="同じ人へのこの給付は、別の案件で支払われます。"
        )
    if state == PAID:
        return e.StepDone(**place, outcome="paid", note="この支払は済んでいます。")
    return e.TaskTaken(**place, holder=HOLDER)


def _other_amount(left: int, decided: int) -> Unpayable:
    return Unpayable("other-amount", _OTHER_AMOUNT.format(left=f"{left:,}", decided=f"{decided:,}"))


_NO_AMOUNT = Text(
    ja="支給決定に金額がないため、支払えません。決定の内容を確かめてください。",
    easy="お金の 額が 決まっていません。",
    en="The decision names no amount, so nothing can be paid. Check the decision.",
)
_NO_APPLICANT = Text(
    ja="申請者が台帳のどなたか確かめられていないため、支払えません。本人を確かめて台帳と結び付け、この作業を終えてください。",
    easy="申請した 人が だれか、まだ たしかめて いません。",
    en="Nobody has found the applicant in the register, so nothing can be paid. Identify the applicant, then finish this task.",
)
_OTHER_AMOUNT = Text(
    ja="この案件の {left}円 はもう振込に出しています。新しい決定は {decided}円 です。差額の支払か返還を済ませてから、この作業を終えてください。もう一度の振込はしません。",
    easy="もう {left}円を はらいました。あたらしい 決定は {decided}円です。ちがいを たしかめてください。",
    en="{left} yen have left for this case already; the new decision is {decided} yen. Settle the difference, then finish this task. No second transfer is made.",
)
_NO_FIRST_MONTH = Text(
    ja="「{name}」が分からないため、何月分から支払うかが決まりません。足りない内容を案件に加えてください。",
    easy="何月から 払うか、まだ わかりません。",
    en="{name} is not known, so the first month to pay for is open. Add what is missing to the case.",
)
_OVER_LIMIT = Text(
    ja="決定額 {amount}円 が、この手続の1件の上限 {limit}円 を超えています。決定の内容を確かめてください。",
    easy="お金（{amount}円）が 多すぎます。{limit}円までです。",
    en="The decided {amount} yen are over this service's limit of {limit} yen per payment. Check the decision.",
)
