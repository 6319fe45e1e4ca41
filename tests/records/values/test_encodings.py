import hashlib
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yakuba.records.values.encodings import Refused, codec, decide

NAMES = "番号,氏名,ｶﾅ\r\n1,髙橋　一郎,ﾀｶﾊｼ ｲﾁﾛｳ\r\n2,山田　花子,ﾔﾏﾀﾞ ﾊﾅｺ\r\n"
PLAIN = NAMES.replace("髙", "高")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "old.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
def test_an_encoding_that_nobody_declared_is_found_and_the_reason_told(file: Path, encoding: str) -> None:
    file.write_bytes(PLAIN.encode(encoding))
    decision = decide(file)
    assert (decision.encoding, decision.declared) == (encoding, False)
    assert decision.why.ja


HALF = ["1,ﾔﾏﾀﾞ\n" * 200, "1,ｽｽﾞｷ ﾊﾅｺ\n2,ﾏﾂﾓﾄ\n"]


@pytest.mark.parametrize("text", HALF)
def test_files_of_half_width_kana_are_known_but_in_euc_jp_where_nobody_guesses(file: Path, text: str) -> None:
    for encoding in ("utf-8", "cp932"):
        file.write_bytes(text.encode(encoding))
        assert decide(file).encoding == encoding
    file.write_bytes(text.encode("euc_jp"))  # each of them is a common ideograph in CP932
    with pytest.raises(Refused, match="EUC-JP"):
        decide(file)


@pytest.mark.parametrize("text", ["山田,高知県\n", "やまだ,たろう\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
def test_short_files_of_names_and_kana_are_told_apart(file: Path, text: str, encoding: str) -> None:
    file.write_bytes(text.encode(encoding))
    assert decide(file).encoding == encoding


@pytest.mark.parametrize(("encoding", "found"), [("utf-8-sig", "utf-8"), ("utf-16", "utf-16")])
def test_a_mark_at_the_beginning_decides(file: Path, encoding: str, found: str) -> None:
    file.write_bytes(NAMES.encode(encoding))
    assert decide(file).encoding == found
    assert "BOM" in decide(file).why.ja


def test_big_endian_utf16_is_known_by_its_mark(file: Path) -> None:
    file.write_bytes(b"\xfe\xff" + NAMES.encode("utf-16-be"))
    assert decide(file).encoding == "utf-16"


def test_letters_and_digits_are_in_any_encoding(file: Path) -> None:
    file.write_text("id,name\n1,Yamada\n")
    assert "どの文字コードでも同じ" in decide(file).why.ja


def test_the_jis_code_of_mail_is_known_by_its_signs(file: Path) -> None:
    file.write_bytes(PLAIN.replace("ｶﾅ", "カナ").splitlines()[0].encode("iso2022_jp"))
    assert decide(file).encoding == "iso2022_jp"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_that_nobody_declared_and_nothing_marks_is_not_taken_for_something_else(
    file: Path, encoding: str
) -> None:
    file.write_bytes("id,name\n1,Yamada\n".encode(encoding))
    with pytest.raises(Refused, match="UTF-16LE or UTF-16BE"):
        decide(file)
    file.write_bytes(NAMES.encode(encoding))
    with pytest.raises(Refused):
        decide(file)


def test_what_could_be_two_encodings_is_not_guessed(file: Path) -> None:
    file.write_bytes("ｻｳﾅﾄ\n".encode("cp932"))  # the same bytes are 山田 in EUC-JP
    with pytest.raises(Refused, match="neither is likelier"):
        decide(file)
    assert decide(file, "cp932").encoding == "cp932"


def test_several_encodings_in_one_file_are_told_with_their_lines(file: Path) -> None:
    lines = ["9,山田太郎\n".encode()] * 3 + ["9,髙橋太郎\n".encode("cp932")] * 2
    file.write_bytes(b"".join(lines))
    with pytest.raises(Refused) as refused:
        decide(file)
    assert "1–3 UTF-8, 4–5 CP932" in refused.value.text.ja
    assert refused.value.line == 4


def test_a_file_that_is_no_text_is_refused_with_the_line(file: Path) -> None:
    file.write_bytes(b"id\n1\n\xff\xff\x80\n")
    with pytest.raises(Refused) as refused:
        decide(file)
    assert refused.value.line == 3


def test_a_mark_that_says_otherwise_than_was_declared_is_refused(file: Path) -> None:
    file.write_bytes(NAMES.encode("utf-8-sig"))
    with pytest.raises(Refused, match="Declare UTF-8"):
        decide(file, "cp932")


def test_utf16_without_its_mark_must_be_declared_exactly(file: Path) -> None:
    file.write_bytes(NAMES.encode("utf-16-le"))
    with pytest.raises(Refused, match="UTF-16LE"):
        decide(file, "utf-16")
    assert decide(file, "utf-16-le").encoding == "utf-16-le"


@pytest.mark.parametrize("name", ["ebcdic-jef", "latin-1", ""])
def test_an_encoding_that_is_not_read_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(Refused, match="CP932"):
        codec(name)


def test_the_sha256_is_that_of_the_file(file: Path) -> None:
    file.write_bytes(NAMES.encode("cp932"))
    decision = decide(file)
    assert decision.sha256 == hashlib.sha256(NAMES.encode("cp932")).hexdigest()
    assert decision.size == len(NAMES.encode("cp932"))


def test_two_gigabytes_of_one_line_are_refused_without_reading_them(file: Path) -> None:
    file.touch()
    os.truncate(file, 2 << 30)
    with pytest.raises(Refused) as refused:
        decide(file)
    assert refused.value.line == 1


def test_a_line_that_is_too_long_is_told_with_its_number(file: Path) -> None:
    file.write_bytes(b"id\n" * 5 + b"x" * 3_000_000)
    with pytest.raises(Refused) as refused:
        decide(file, "utf-8")
    assert refused.value.line == 6


SAME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAME
@given(st.binary(max_size=60))
def test_any_bytes_are_decided_or_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with suppress(Refused):
        assert decide(file).encoding


@SAME
@given(
    st.text(st.sampled_from("aｱあア山髙～\n,"), max_size=40), st.sampled_from(["utf-8", "cp932", "euc_jp"])
)
def test_a_declared_encoding_gives_back_what_was_written(file: Path, text: str, encoding: str) -> None:
    content = text.encode(encoding, "ignore")
    file.write_bytes(content)
    assert content.decode(decide(file, encoding).encoding) == content.decode(encoding)
