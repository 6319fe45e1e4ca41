"""How what is wrong is counted."""

from __future__ import annotations

import pytest

from yakuba.assistant.voice import measuring


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1万5,000円", "１５０００円"),
        ("6万8千円です。", "68000円です"),
        ("1,234", "1234"),
        ("3億円", "300000000円"),
    ],
)
def test_the_same_number_written_otherwise_is_no_error(one, other):
    assert measuring.plain(one) == measuring.plain(other)


def test_another_number_is_an_error():
    assert measuring.errors(measuring.plain("1,500円"), measuring.plain("1,600円")) == 1


@pytest.mark.parametrize(
    ("said", "heard", "wrong"),
    [("児童手当", "自動手当て", 3), ("", "あ", 1), ("あい", "あい", 0), ("あい", "", 2)],
)
def test_errors_are_exchanges_and_what_is_left_out_or_put_in(said, heard, wrong):
    assert measuring.errors(said, heard) == wrong


def test_in_kana_what_sounds_alike_is_the_same():
    assert measuring.in_kana("児童の申請") == measuring.in_kana("自動の真正")


def test_what_is_measured_is_none_of_what_was_tuned_on():
    tuned, measured = measuring.sentences("tune"), measuring.sentences("measure")
    assert (len(tuned), len(set(measured))) == (40, 100)
    assert not {*tuned} & {*measured}
