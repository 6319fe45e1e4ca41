from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from yakuba.money.bank_days import bank_day_on_or_after, bank_day_on_or_before, is_bank_day
from yakuba.money.schedule import FROM, month, periods

EVEN = (2, 4, 6, 8, 10, 12)
ODD = (1, 3, 5, 7, 9, 11)


def test_entitlement_begins_in_the_month_of_the_claim_or_the_one_after():
    assert month(date(2025, 11, 1), FROM["next month"]) == date(2025, 12, 1)
    assert month(date(2025, 12, 31), FROM["next month"]) == date(2026, 1, 1)
    assert month(date(2025, 12, 31), FROM["this month"]) == date(2025, 12, 1)


def test_child_allowance_is_paid_in_even_months_for_the_two_months_before():
    found = periods(EVEN, 2, since=date(2025, 12, 1), until=date(2026, 4, 10))
    assert [(p.name, p.start, p.end) for p in found] == [
        ("2026-02", date(2025, 12, 1), date(2026, 1, 1)),
        ("2026-04", date(2026, 2, 1), date(2026, 3, 1)),
    ]


def test_who_begins_in_the_second_of_two_months_is_paid_the_month_after():
    assert [p.name for p in periods(EVEN, 2, since=date(2026, 1, 1), until=date(2026, 2, 1))] == ["2026-02"]


def test_nothing_is_due_before_the_first_payment_month():
    assert periods(EVEN, 2, since=date(2025, 12, 1), until=date(2026, 1, 31)) == []


@given(
    st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    st.integers(0, 36),
    st.sampled_from([(EVEN, 2), (ODD, 2), ((4, 8, 12), 4), (tuple(range(1, 13)), 1)]),
)
def test_every_month_is_covered_by_exactly_one_period(start, length, plan):
    since, until = month(start), month(start, length + 4)
    found = periods(*plan, since=since, until=until)
    covered = [month(p.start, n) for p in found for n in range(plan[1])]
    wanted = [month(since, n) for n in range(length)]
    assert [each for each in covered if since <= each < month(since, length)] == wanted


def test_banks_are_closed_from_the_last_of_december_to_the_third_of_january():
    assert is_bank_day(date(2025, 12, 30))
    assert bank_day_on_or_after(date(2025, 12, 31)) == date(2026, 1, 5)
    assert bank_day_on_or_before(date(2026, 1, 4)) == date(2025, 12, 30)
    assert not is_bank_day(date(2025, 11, 24))
