"""Files for systems that cannot hold all characters, and back again."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from yakuba.records.commands import records
from yakuba.records.shrinking import restore_file, shrink_file
from yakuba.records.values.characters import NotTheText
from yakuba.records.values.encodings import Refused

ROWS = 'bango,shimei,kyushi\n"1","𠮷田　花子",\n"2","髙橋　一郎","渡邉"\n"3","丂山",""\n'


def test_what_a_system_cannot_hold_is_replaced_and_told(tmp_path: Path) -> None:
    file, out, changes = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    file.write_text(ROWS, "utf-8")
    found = shrink_file(file, out, changes, "cp932")
    assert (found.rows, found.texts, found.unknown) == (3, 2, 1)
    assert "吉田" in out.read_bytes().decode("cp932")
    assert changes.read_text("utf-8").splitlines() == [
        "row,item,position,old,new,known", "1,shimei,0,𠮷,吉,1", "3,shimei,0,丂,〓,0",
    ]  # fmt: skip


def test_the_file_is_given_all_its_characters_back(tmp_path: Path) -> None:
    file, out, changes, back = (tmp_path / name for name in "abcd")
    file.write_text(ROWS, "utf-8")
    shrink_file(file, out, changes, "shift_jis")
    assert restore_file(out, changes, back, "shift_jis") == 3
    assert back.read_text("utf-8") == ROWS


def test_a_file_that_was_changed_since_is_not_guessed_at(tmp_path: Path) -> None:
    file, out, changes = (tmp_path / name for name in "abc")
    file.write_text(ROWS, "utf-8")
    shrink_file(file, out, changes, "cp932")
    out.write_bytes(out.read_bytes().replace("吉田".encode("cp932"), "山田".encode("cp932")))
    with pytest.raises(NotTheText):
        restore_file(out, changes, tmp_path / "d", "cp932")


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"a,b\n1\n")
    with pytest.raises(Refused):
        shrink_file(file, tmp_path / "b", tmp_path / "c", "cp932")


@given(st.lists(st.text(st.sampled_from('山𠮷髙葛\U000e0100〜〓,"\n a'), max_size=6), min_size=1, max_size=5))
def test_nothing_is_lost_on_the_way_there_and_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("way")
    file, out, changes, back = (folder / name for name in "abcd")
    quoted = [f'"{number}","{text.replace(chr(34), chr(34) * 2)}"\n' for number, text in enumerate(texts)]
    file.write_text("".join(["bango,shimei\n", *quoted]), "utf-8", newline="")
    shrink_file(file, out, changes, "cp932")
    restore_file(out, changes, back, "cp932")
    assert back.read_bytes() == file.read_bytes()


def test_the_commands_there_and_back(tmp_path: Path) -> None:
    file, out, back = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    file.write_text(ROWS, "utf-8")
    done = CliRunner().invoke(
        records, ["shrink-characters", str(file), "--encoding", "CP932", "--out", str(out)]
    )
    assert done.exit_code == 1, done.output
    assert "〓" in done.output
    done = CliRunner().invoke(
        records, ["restore-characters", str(out), "--encoding", "CP932", "--out", str(back)]
    )
    assert done.exit_code == 0, done.output
    assert back.read_text("utf-8") == ROWS
