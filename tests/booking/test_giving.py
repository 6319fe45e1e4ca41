"""Places given in the order of asking, by lot and by points; waiting lists; and nothing given twice."""

from datetime import timedelta

import pytest

from tests.booking.conftest import FRIDAY, GOOD, LATER, MONDAY, outcome, told
from tests.cases.conftest import staff
from yakuba.access import Denied
from yakuba.booking import actions, queries
from yakuba.booking.errors import NoSuchRound, NotClosed, NothingToDraw, NotPlaces
from yakuba.booking.models import Allotment
from yakuba.booking.ranking import lot
from yakuba.cases import actions as cases
from yakuba.cases import jobs
from yakuba.cases.models import Case
from yakuba.words import Text

BOOKS, COURSES, NURSERY = "library-reservation", "course-application", "nursery-admission"
BOSS = staff("boss", "manager")


def later(town, days=0):
    jobs.drain(town, as_of=LATER + timedelta(days=days))


# ---------------------------------------------------------------- in the order of asking


def test_who_asks_first_gets_the_place_and_its_number(offer, ask):
    offer(BOOKS, {"book": 2}, closes=None)
    first, second = ask(BOOKS, "book"), ask(BOOKS, "book")
    assert [told(one)["number"] for one in (first, second)] == [1, 2]
    assert told(first)["name"] == "Place book"
    assert outcome(first) == "placed"


def test_who_asks_when_it_is_full_waits_and_is_told_their_turn(offer, ask):
    offer(BOOKS, {"book": 1}, closes=None)
    ask(BOOKS, "book")
    second, third = ask(BOOKS, "book"), ask(BOOKS, "book")
    assert [(outcome(one), told(one)["rank"], told(one)["of"]) for one in (second, third)] == [
        ("waiting", 1, 1),
        ("waiting", 2, 2),
    ]
    assert Case.objects.get(id=third.id).state == "open"


def test_a_place_that_becomes_free_goes_to_whoever_has_waited_longest(offer, ask, in_town):
    offer(BOOKS, {"book": 1}, closes=None)
    first, second, third = (ask(BOOKS, "book") for _ in range(3))
    cases.withdraw(first.id, by=staff("kato"), as_of=LATER)
    fourth = ask(BOOKS, "book", at=LATER)
    assert outcome(second, "wait") == "placed"
    assert outcome(third, "wait") is None
    assert outcome(fourth) == "waiting"
    assert told(second)["number"] == 2


def test_the_second_wish_counts_when_the_first_is_full(offer, ask):
    offer("facility-reservation", {"hall": 1, "gym": 1}, closes=None)
    ask("facility-reservation", "hall")
    assert told(ask("facility-reservation", "hall", "gym"))["code"] == "gym"


def test_who_waits_for_something_that_is_over_is_told_so(offer, ask, in_town):
    offer("facility-reservation", {"hall": 1}, closes=None, starts=FRIDAY)
    ask("facility-reservation", "hall")
    second = ask("facility-reservation", "hall")
    assert outcome(second, "wait") is None
    later(in_town)
    assert outcome(second, "wait") == "over"
    assert Case.objects.get(id=second.id).state == "closed"


def test_the_letter_says_which_place_when_and_its_number(offer, ask, in_town):
    from yakuba.messages.models import Message

    offer("facility-reservation", {"hall": 1}, closes=None, starts=FRIDAY)
    one = ask("facility-reservation", "hall", language="en")
    body = Message.objects.get(case=one.id, template="placed").body
    assert "Place hall" in body
    assert "9 October 2026 (Fri) 09:00" in body
    assert "Number: 1" in body


# ---------------------------------------------------------------- by lot


def test_a_lottery_waits_until_it_has_closed_and_is_then_drawn_by_itself(offer, ask, in_town):
    offer(COURSES, {"course": 2})
    asked = [ask(COURSES, "course") for _ in range(5)]
    assert {outcome(one) for one in asked} == {None}
    later(in_town)
    assert sorted(outcome(one) for one in asked) == ["placed"] * 2 + ["waiting"] * 3


def test_the_draw_follows_from_the_seed_and_the_reference_numbers(offer, ask, in_town):
    found = offer(COURSES, {"course": 2})
    asked = [ask(COURSES, "course") for _ in range(5)]
    later(in_town)
    by_lot = sorted(asked, key=lambda one: lot(bytes(found.seed), one.reference))
    assert [outcome(one) for one in by_lot] == ["placed"] * 2 + ["waiting"] * 3


def test_who_waits_after_the_draw_comes_in_the_order_of_the_draw(offer, ask, in_town):
    found = offer(COURSES, {"course": 1})
    asked = [ask(COURSES, "course") for _ in range(4)]
    later(in_town)
    winner, second, *_ = sorted(asked, key=lambda one: lot(bytes(found.seed), one.reference))
    cases.withdraw(winner.id, by=staff("kato"), as_of=LATER)
    later(in_town, days=1)
    assert outcome(second, "wait") == "placed"


def test_drawn_again_it_is_what_it_was(offer, ask, in_town):
    offer(COURSES, {"course": 1})
    asked = [ask(COURSES, "course") for _ in range(3)]
    first = actions.draw(COURSES, "autumn", by=BOSS, as_of=LATER)
    later(in_town)
    told_before = [told(one) for one in asked]
    again = actions.draw(COURSES, "autumn", by=BOSS, as_of=LATER + timedelta(days=1))
    later(in_town, days=1)
    assert (again.result, again.drawn_at) == (first.result, first.drawn_at)
    assert [told(one) for one in asked] == told_before
    assert Allotment.objects.count() == 1


def test_who_asks_after_the_draw_comes_after_all_who_were_drawn(offer, ask, in_town):
    offer(COURSES, {"course": 3})
    asked = [ask(COURSES, "course") for _ in range(2)]
    late = ask(COURSES, "course", at=LATER)
    assert {outcome(one) for one in [*asked, late]} == {"placed"}
    assert told(late)["number"] == 3


@pytest.mark.parametrize(
    ("service", "code", "wrong"),
    [(COURSES, "autumn", NotClosed), (COURSES, "spring", NoSuchRound), (BOOKS, "autumn", NothingToDraw)],
)
def test_what_cannot_be_drawn_is_said_and_nothing_is_drawn(offer, service, code, wrong):
    offer(COURSES, {"course": 1})
    with pytest.raises(wrong) as found:
        actions.draw(service, code, by=BOSS, as_of=MONDAY)
    assert all(found.value.text.get(language) for language in ("ja", "easy", "en"))
    assert queries.round_of(COURSES, "autumn").drawn_at is None


def test_only_a_manager_draws_and_only_staff_offers_places(offer, in_town):
    offer(COURSES, {"course": 1})
    with pytest.raises(Denied):
        actions.draw(COURSES, "autumn", by=staff("kato"), as_of=LATER)
    with pytest.raises(Denied):
        actions.set_up(COURSES, "x", Text.same("x"), [], opens=MONDAY, by=staff("kai", "kitter"))


def test_a_service_without_places_cannot_be_given_any(in_town):
    with pytest.raises(NotPlaces, match="dog-registration"):
        actions.set_up("dog-registration", "x", Text.same("x"), [], opens=MONDAY, by=BOSS)


# ---------------------------------------------------------------- by points


def admitted(ask, in_town, offer):
    offer(NURSERY, {"sakura": 1}, kind="2")
    low = ask(NURSERY, "sakura", parents={"first": "seeking", "alone": False, "second": "work_120"})
    high = ask(NURSERY, "sakura")
    review(in_town)
    actions.draw(NURSERY, "autumn", by=BOSS, as_of=LATER)
    later(in_town)
    return low, high


def review(in_town):
    """A clerk has looked at the certificates of everybody."""
    from yakuba.cases import queries as case_queries

    for task in case_queries.queue(step="papers"):
        cases.finish(task.id, by=staff("kato"), as_of=MONDAY)
    jobs.drain(in_town, as_of=MONDAY)


def test_who_needs_it_most_gets_the_place_though_they_asked_later(offer, ask, in_town):
    low, high = admitted(ask, in_town, offer)
    assert (outcome(high), outcome(low)) == ("placed", "waiting")
    result = queries.round_of(NURSERY, "autumn").result
    assert (result[str(high.id)]["points"], result[str(low.id)]["points"]) == (20, 13)


def test_the_points_of_a_case_explain_themselves(offer, ask, in_town):
    low, _ = admitted(ask, in_town, offer)
    found = queries.points_of(Case.objects.get(id=low.id))
    assert [(one.label.en, one.points) for one in found if one.points] == [
        ("First parent's need", 3),
        ("Second parent's need (10 for who is alone)", 10),
    ]
    assert all(one.law for one in found)


def test_of_equals_the_lower_income_comes_first(offer, ask, in_town):
    offer(NURSERY, {"sakura": 1}, kind="2")
    rich, poor = (
        ask(NURSERY, "sakura", family={**GOOD[NURSERY]["family"], "income_tax": tax}) for tax in (90_000, 10)
    )
    review(in_town)
    actions.draw(NURSERY, "autumn", by=BOSS, as_of=LATER)
    later(in_town)
    assert (outcome(poor), outcome(rich)) == ("placed", "waiting")


# ---------------------------------------------------------------- what is offered


def test_only_what_is_open_now_and_of_the_right_kind_is_offered(offer):
    offer(NURSERY, {"sakura-1": 1}, kind="1", code="one")
    offer(NURSERY, {"sakura-2": 1}, kind="2", code="two")
    codes = lambda **more: [one.place.code for one in queries.offers(NURSERY, **more)]  # noqa: E731
    assert codes(as_of=MONDAY) == ["sakura-1", "sakura-2"]
    assert codes(as_of=MONDAY, kind="2") == ["sakura-2"]
    assert codes(as_of=MONDAY - timedelta(days=1)) == []
    assert codes(as_of=LATER) == []


def test_a_place_offered_again_is_changed_and_keeps_who_has_it(offer, ask):
    offer(BOOKS, {"book": 1}, closes=None)
    one = ask(BOOKS, "book")
    offer(BOOKS, {"book": 5}, closes=None)
    (offered,) = queries.offers(BOOKS, as_of=MONDAY)
    assert (offered.place.capacity, offered.free) == (5, 4)
    assert queries.given_to(one.id).place_id == offered.place.id
