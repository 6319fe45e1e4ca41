"""What people type is understood however they type it, and what cannot be taken is said so that it can be mended."""

from datetime import date

import pytest

from yakuba import declare
from yakuba.channels import answers
from yakuba.channels.answers import Wrong, read
from yakuba.declare.model import Fact
from yakuba.words import Text

LABEL = Text(ja="項目", easy="こと", en="item")


def fact(type_: str = "text", answer: str | None = None, **more) -> Fact:
    return Fact(type=type_, answer=answer, label=LABEL, **more)


def typed(one: Fact, text: str):
    return read(one, {"": text}, LABEL)


def dated(era: str, year: str, month: str, day: str):
    raw = {"": "", "era": era, "year": year, "month": month, "day": day}
    return read(fact("date", "past_date"), raw, LABEL)


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        (fact(answer="name"), " 山田　太郎 ", "山田　太郎"),
        (fact(answer="kana"), "やまだ たろう", "ヤマダ タロウ"),
        (fact(answer="kana"), "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        (fact(answer="phone"), "０９０-1234-5678", "09012345678"),
        (fact(answer="postal_code"), "〒781－1234", "7811234"),
        (fact(answer="email"), "ｈａｎａｋｏ@example.jp", "hanako@example.jp"),
        (
            fact(answer="email"),
            "hanako..y.@docomo.ne.jp",
            "hanako..y.@docomo.ne.jp",
        ),  # as carriers gave them out
        (fact(answer="email"), "hanako@役場.jp", "hanako@役場.jp"),
        (fact(answer="bank"), "１", "0001"),
        (fact(answer="bank"), "みずほ銀行", "0001"),
        (fact(answer="bank"), "ゆうちょ", "9900"),
        (fact(answer="bank"), "三菱UFJ銀行", "0005"),
        (fact(answer="bank"), "高知", "0578"),  # a bank of that very name, not the credit union beside it
        (fact(answer="branch"), "1", "001"),
        (fact(answer="account_number"), "１２３４５６７", "1234567"),
        (fact("int"), "１，２３４円", 1234),
        (fact("bool"), "no", False),
        (fact("choice", choices={"a": LABEL}), "a", "a"),
        (fact(), "字\x00と\x1b字", "字と字"),
        (fact(), "   ", None),
    ],
)
def test_an_answer_is_understood_in_any_width_kana_or_punctuation(kind, text, answer):
    assert typed(kind, text) == answer


@pytest.mark.parametrize(
    ("parts", "understood"),
    [
        (("showa", "25", "1", "1"), date(1950, 1, 1)),
        (("western", "1950", "01", "01"), date(1950, 1, 1)),
        (("heisei", "１", "１", "８"), date(1989, 1, 8)),
        (("reiwa", "元", "5", "1"), date(2019, 5, 1)),
        (("showa", "1950", "1", "1"), date(1950, 1, 1)),
    ],
)
def test_a_date_is_read_in_an_era_or_in_western_years(parts, understood):
    assert dated(*parts) == understood


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (("showa", "65", "1", "1"), "平成2年1月1日のことですか"),
        (("western", "25", "1", "1"), "元号"),
        (("western", "2025", "2", "29"), "28日まで"),
        (("western", "2025", "13", "1"), "13月はありません"),
        (("western", "2025", "", "1"), "日付として読めません"),
    ],
)
def test_a_day_that_never_was_is_refused_with_what_may_be_meant(parts, words):
    with pytest.raises(Wrong) as wrong:
        dated(*parts)
    assert words in wrong.value.text.ja


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (fact(answer="kana"), "山田", "カタカナで"),
        (fact(answer="phone"), "12", "電話番号は数字で"),
        (fact(answer="postal_code"), "781", "7桁"),
        (fact(answer="email"), "hanako", "hanako@example.jp"),
        (fact(answer="email"), "花子@example.jp", "半角の英字"),
        (fact(answer="email"), '"hanako@example.jp', "半角の英字"),
        (fact(answer="email"), "hanako(y@example.jp", "半角の英字"),
        (fact(answer="email"), "hanako@example.jp,jiro@example.jp", "半角の英字"),
        (fact(answer="email"), f"hanako@{'x' * 64}.jp", "半角の英字"),
        (fact(answer="bank"), "9999", "9999"),
        (fact(answer="bank"), "どこか銀行", "どこか銀行"),
        (fact(answer="account_number"), "12a", ""),
        (fact("int"), "たくさん", "数字で"),
        (fact("int"), "-1", "0以上"),
        (fact("int"), "9" * 13, "以下"),
        (fact("bool"), "maybe", "選んで"),
        (fact("choice", choices={"a": LABEL}), "b", "選んで"),
        (fact(max_length=3), "長い文字", "3文字まで"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_said_in_three_languages(kind, text, words):
    with pytest.raises(Wrong) as wrong:
        typed(kind, text)
    assert words in wrong.value.text.ja
    assert wrong.value.text.easy
    assert wrong.value.text.en


def test_several_banks_that_begin_alike_are_named_with_their_codes():
    with pytest.raises(Wrong) as wrong:
        typed(fact(answer="bank"), "三菱")
    assert "0005" in wrong.value.text.ja


def test_a_branch_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(Wrong, match="no branch"):
        answers.check_branch("0001", "999")


def test_a_holder_that_no_bank_file_can_carry_is_refused():
    with pytest.raises(Wrong):
        answers.check_holder("山田")


@pytest.mark.parametrize(
    ("kind", "value", "language", "said"),
    [
        (fact("bool"), True, "en", "Yes"),
        (fact("choice", choices={"a": LABEL}), "a", "easy", "こと"),
        (fact("date"), "1950-01-01", "ja", "昭和25年1月1日"),
        (fact("int", unit="JPY/year"), 1000, "ja", "1,000円"),
        (fact(answer="bank"), "9900", "ja", "9900 ゆうちょ"),
        (fact(answer="postal_code"), "7899906", "ja", "789-9906"),
        (fact(), None, "ja", ""),
    ],
)
def test_an_answer_is_said_back_as_people_say_it(kind, value, language, said):
    assert answers.say(kind, value, language).startswith(said)


def test_kept_answers_that_no_longer_fit_the_service_are_left_out(settings):
    from tests.cases.conftest import SMALL

    service = declare.load_catalogue(SMALL).services["heating"]
    kept = {
        "applicant": {"name": "山田", "birth_date": "nonsense", "resident": "yes", "gone": 1},
        "members": [{"birth_date": "1950-01-01", "taxed": "maybe", "gone": 1}, "nobody"],
        "account": "none",
        "other": {"fact": 1},
    }
    assert answers.fitting(service, kept) == {
        "applicant": {"name": "山田"},
        "members": [{"birth_date": "1950-01-01"}],
    }


@pytest.mark.parametrize("text", ["9" * 5000, "-" + "9" * 5000, "፩", "1" * 13])
def test_a_number_that_no_answer_can_have_is_said_to_be_wrong(text):
    with pytest.raises(Wrong):
        typed(fact("int"), text)
