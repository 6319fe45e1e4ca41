import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yakuba.assistant.answering.lexical import Field

TEXTS = st.lists(st.lists(st.sampled_from("いろはにほ"), max_size=4), max_size=2)


def filled(rows: dict[int, list[list[str]]]) -> Field:
    field = Field(length=0.75)
    for row, texts in rows.items():
        field.put(row, texts)
    return field


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    field = filled({0: [["ごみ", "市"]], 1: [["市", "税"]], 2: [["市", "ごみ", "犬"]]})
    scores = field.scores(["犬", "市"], 3)
    assert scores[2] > scores[0] == scores[1] > 0


def test_the_best_way_of_asking_counts() -> None:
    field = filled({0: [["犬"], ["猫", "犬", "鳥", "魚"]], 1: [["猫", "犬", "鳥", "魚"]]})
    assert field.scores(["犬"], 2)[0] > field.scores(["犬"], 2)[1]


def test_an_unknown_word_finds_nothing_and_is_the_rarest() -> None:
    field = filled({0: [["犬"]]})
    assert not field.scores(["猫"], 1).any()
    assert field.rarity("猫") > field.rarity("犬")


@given(st.lists(st.tuples(st.integers(0, 3), st.none() | TEXTS), max_size=12))
def test_after_any_changes_it_scores_as_one_made_anew(
    changes: list[tuple[int, list[list[str]] | None]],
) -> None:
    field, stands = Field(length=0.75), {}
    for row, texts in changes:
        if texts is None:
            field.drop(row)
            stands.pop(row, None)
        else:
            field.put(row, texts)
            stands[row] = texts
    asked = list("いろ")
    np.testing.assert_allclose(field.scores(asked, 4), filled(stands).scores(asked, 4))
