"""How a file is laid out is found out in pieces, and is what a reader that goes through it byte by byte says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yakuba.records import sound
from yakuba.records.sound import Lines, lines_of
from yakuba.records.values.encodings import Refused


def byte_by_byte(content: bytes) -> tuple[int, int, bool]:
    filled = blank = 0
    broken = inside = False
    line = b""
    for at, byte in enumerate(content):
        one = bytes([byte])
        inside ^= one == b'"'
        broken |= inside and one in b"\r\n"
        if one == b"\n" and not inside:
            end = line.removesuffix(b"\r") if at else line
            filled, blank = (filled + 1, blank) if end else (filled, blank + 1)
            line = b""
        else:
            line += one
    return filled + (content[-1:] not in (b"", b"\n", b"\r")), blank, broken


@given(
    st.lists(st.sampled_from([b'"', b'""', b",", b"\n", b"\r\n", b"a", "あ".encode()]), max_size=40).map(
        b"".join
    ),
    st.integers(1, 9),
)
def test_lines_are_counted_whatever_the_pieces(tmp_path_factory, content: bytes, chunk: int) -> None:
    path = tmp_path_factory.mktemp("lines") / "file.csv"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sound, "CHUNK", chunk)
        found = lines_of(path)
    assert (found.filled, found.blank, found.broken) == byte_by_byte(content)


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        (b'a,b\n"1","x, ""y"""\n"",\n', True),
        (b'"a","b"\r\n"1","2"\r\n', True),
        (b'a\n"1"', True),
        (b'a,b\n1, "x"\n', False),
        (b'a,b\n1,"x" \n', False),
        (b'a,b\n1,x"y\n', False),
        (b'a,b\n1,"x\n', False),
    ],
)
def test_quotes_stand_around_whole_cells_or_the_file_is_not_plain(
    tmp_path: Path, content: bytes, plain: bool
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    for chunk in (1, 2, 3, 1_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sound, "CHUNK", chunk)
            assert lines_of(path).plain is plain


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"")
    assert lines_of(path) == Lines(0, 0, broken=False, plain=True)


@given(st.binary(max_size=60), st.integers(1, 9))
def test_text_is_what_python_reads_as_utf8_without_nul(tmp_path_factory, content: bytes, chunk: int) -> None:
    path = tmp_path_factory.mktemp("text") / "file.csv"
    path.write_bytes(content)
    try:
        is_text = "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        is_text = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sound, "CHUNK", chunk)
        if is_text:
            assert len(sound.sha256_of(path)) == 64
        else:
            with pytest.raises(Refused):
                sound.sha256_of(path)
