"""Who goes first and who gets which place."""

from hypothesis import given
from hypothesis import strategies as st

from yakuba.booking.ranking import Entrant, commitment, give_out, lot, ranked

PLACES = ("sakura", "momiji", "ume")
wishes = st.lists(st.sampled_from(PLACES), unique=True, max_size=3).map(tuple)
entrants = st.lists(
    st.builds(
        Entrant,
        case=st.uuids().map(str),
        wishes=wishes,
        points=st.integers(0, 3),
        ties=st.tuples(st.integers(-2, 2)),
        lot=st.text("0123", min_size=4, max_size=4),
    ),
    unique_by=lambda one: one.case,
    max_size=12,
)
capacity = st.fixed_dictionaries({place: st.integers(0, 3) for place in PLACES})


@given(entrants, capacity)
def test_no_place_takes_more_than_it_has_room_for(asked, free):
    given_out = give_out(ranked(asked), free)
    for place, room in free.items():
        assert sum(one.place == place for one in given_out.values()) <= room


@given(entrants, capacity)
def test_nobody_prefers_a_place_that_somebody_behind_them_has(asked, free):
    in_order = ranked(asked)
    result = give_out(in_order, free)
    for ahead, one in enumerate(in_order):
        got = result[one.case].place
        better = one.wishes[: one.wishes.index(got)] if got else one.wishes
        assert not any(result[behind.case].place in better for behind in in_order[ahead + 1 :])


@given(entrants, capacity)
def test_nobody_goes_without_while_a_place_they_wish_for_is_free(asked, free):
    result = give_out(ranked(asked), free)
    left = {place: free[place] - sum(one.place == place for one in result.values()) for place in PLACES}
    for one in asked:
        if result[one.case].place is None:
            assert not any(left[wish] for wish in one.wishes)


@given(entrants, capacity, st.randoms())
def test_the_order_in_which_requests_are_read_changes_nothing(asked, free, chance):
    shuffled = list(asked)
    chance.shuffle(shuffled)
    assert give_out(ranked(shuffled), free) == give_out(ranked(asked), free)


def test_more_points_come_first_then_the_tie_then_the_lot():
    few, many = Entrant("a", (), 1, (9,), "0"), Entrant("b", (), 2, (0,), "9")
    tie_high, tie_low = Entrant("c", (), 1, (5,), "9"), Entrant("d", (), 1, (5,), "1")
    assert [one.case for one in ranked([tie_high, few, tie_low, many])] == ["b", "a", "d", "c"]


def test_the_lot_can_be_computed_again_by_whoever_is_shown_the_seed():
    seed = bytes(range(32))
    assert lot(seed, "1234-5678-9012") == lot(seed, "1234-5678-9012") != lot(seed, "1234-5678-9013")
    assert commitment(seed) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
