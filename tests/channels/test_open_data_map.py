"""A map of places without tiles: everything is inside, north is up, and distances are right."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from yakuba.channels.open_data_map import DEGREE, Place, draw

places = st.lists(
    st.tuples(st.floats(24, 45.5), st.floats(123, 146)).map(lambda at: Place(1, "x", *at)),
    min_size=1,
    max_size=9,
)


@given(places)
def test_every_place_is_inside_of_the_map(found: list[Place]) -> None:
    drawn = draw(found)
    assert drawn is not None
    assert all(0 < one.x < drawn.width and 0 < one.y < drawn.height for one in drawn.marks)
    assert 2 <= len(drawn.across) <= 40


def test_north_is_up_and_the_scale_is_as_long_as_it_says() -> None:
    south, north = Place(1, "南", 34.0, 134.0), Place(2, "北", 34.1, 134.0)
    drawn = draw([south, north])
    assert drawn is not None
    below, above = drawn.marks
    assert above.y < below.y
    kilometres = (below.y - above.y) / drawn.bar * drawn.step
    assert math.isclose(kilometres, 0.1 * DEGREE, rel_tol=0.01)


def test_one_place_alone_stands_in_the_middle_and_no_place_has_no_map() -> None:
    drawn = draw([Place(1, "役場", 34.2, 134.0)])
    assert drawn is not None
    assert (drawn.marks[0].x, drawn.marks[0].y) == (drawn.width / 2, drawn.height / 2)
    assert drawn.distance == "200 m"
    assert draw([]) is None
