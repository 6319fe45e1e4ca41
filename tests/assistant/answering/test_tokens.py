from hypothesis import given
from hypothesis import strategies as st

from yakuba.assistant.answering.tokens import LONGEST, Cut, plain, respelled


def test_a_compound_is_found_by_its_parts_and_by_itself() -> None:
    assert {"国民", "健康", "保険", "国民健康保険"} <= set(Cut.of("国民健康保険について").compounds)


def test_words_that_any_question_has_say_nothing() -> None:
    assert Cut.of("どのようにすればいいですか").words == Cut.of("どのようにしたらいいですか").words
    assert "事" not in Cut.of("ごみのことを知りたい").words


def test_synonyms_share_a_concept() -> None:
    def groups(text: str) -> set[str]:
        return {concept for concept in Cut.of(text).concepts if concept.startswith("#")}

    assert groups("引っ越し") & groups("転居")
    assert groups("婚姻届") & groups("結婚届")
    assert not groups("婚姻届") & groups("転居")


def test_half_width_pictures_and_capitals_do_not_matter() -> None:
    assert Cut.of("ｺﾞﾐの日🗑️ＡＢＣ").words == Cut.of("ゴミの日 abc").words


def test_kana_sound_like_the_kanji() -> None:
    assert Cut.of("図書館の場所").sounds == Cut.of("としょかんのばしょ").sounds


def test_the_gist_leaves_out_how_it_is_asked() -> None:
    assert Cut.of("粗大ごみの出し方を教えてください。").gist == Cut.of("粗大ごみの出し方を知りたい").gist
    assert Cut.of("？？").gist == "??"


@given(st.text(max_size=60))
def test_any_text_can_be_cut(text: str) -> None:
    cut = Cut.of(text)
    assert set(cut.words) <= set(cut.compounds) <= set(cut.concepts)


@given(st.text())
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_a_very_long_text_is_cut_off() -> None:
    assert len(plain("あ" * 100_000)) == LONGEST


def test_a_question_in_kana_gets_the_kanji_of_known_words() -> None:
    known = {"ジュウミンヒョウ": "住民票", "ジュウミン": "住民", "シタイ": "死体"}
    assert respelled("じゅうみんひょうがほしい", known) == "住民票がほしい"
    assert respelled("ｼﾞｭｳﾐﾝﾋｮｳ ﾄﾘｶﾀ", known) == "住民票 トリカタ"
    assert respelled("とうろくしたい", known) == "とうろくしたい"
    assert respelled("印鑑を じゅうみん", known) == "印鑑を じゅうみん"
