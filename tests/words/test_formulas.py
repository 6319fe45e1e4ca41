import pytest

from yakuba.words.formulas import guarded, like_formula


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "＝1", "－A1"])
def test_what_a_spreadsheet_would_compute_is_written_as_a_text(text: str) -> None:
    assert like_formula(text)
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "山田", "-1,200", "+5", "-0.5", "1=1"])
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text
