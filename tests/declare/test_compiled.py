"""A catalogue that was read once is the same when it is read again, and never older than its files."""

import pytest

from yakuba import declare
from yakuba.declare import load


@pytest.fixture
def reads(monkeypatch):
    """How often the text itself was read."""
    done, read = [], load._read

    def counted(root):
        done.append(root)
        return read(root)

    monkeypatch.setattr(load, "_read", counted)
    return done


def test_what_was_kept_is_the_whole_catalogue(tmp_path, reads):
    text, kept = (declare.load_catalogue(keep_in=tmp_path / "kept") for _ in range(2))
    assert len(reads) == 1
    assert {n: s.version for n, s in kept.services.items()} == {
        n: s.version for n, s in text.services.items()
    }
    assert (kept.examples, kept.vocabulary, kept.plan) == (text.examples, text.vocabulary, text.plan)
    assert (kept.systems, kept.robots) == (text.systems, text.robots)


def test_a_changed_file_is_read_anew(tmp_path, edited, reads):
    folder = edited()
    before = declare.load_catalogue(folder, keep_in=tmp_path / "kept").services["heating"]
    edited("冬の お金を 出します。", "冬の お金を 出しますよ。")
    after = declare.load_catalogue(folder, keep_in=tmp_path / "kept").services["heating"]
    assert before.version != after.version
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_what_a_town_lays_over_is_kept_as_well(tmp_path, edited):
    folder = edited("6000}, source", "6000}, set_by: town, source")
    (folder / "towns/394262").mkdir(parents=True)
    (folder / "towns/394262/heating.yaml").write_text(
        "overlay: heating\nbecause: 条例\nparams: {base: {values: {2025-04-01: 9000}, source: 条例}}\n"
    )
    for _ in range(2):
        town = declare.load_catalogue(folder, keep_in=tmp_path / "kept").of_town("394262")
        assert 9000 in town.services["heating"].params["base"].values.values()


def test_what_a_town_publishes_lies_over_a_kept_catalogue_without_the_text_being_read(
    tmp_path, edited, reads
):
    folder = edited("6000}, source", "6000}, set_by: town, source")
    declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    kept = declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    over = "overlay: heating\nbecause: 条例\nparams: {base: {values: {2025-04-01: 9000}, source: 条例}}\n"
    town = kept.with_texts("394262", {"towns/394262/heating.yaml": over}).of_town("394262")
    assert 9000 in town.services["heating"].params["base"].values.values()
    assert len(reads) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_a_kept_file_that_cannot_be_read_is_made_anew(tmp_path, edited, reads, content):
    folder = edited()
    declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_bytes(content)
    assert declare.load_catalogue(folder, keep_in=tmp_path / "kept").services
    assert len(reads) == 2


def test_faults_are_found_every_time_and_keep_nothing(tmp_path, edited):
    folder = edited("use: account", "use: acount")
    for _ in range(2):
        with pytest.raises(declare.Faults):
            declare.load_catalogue(folder, keep_in=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_where_nothing_can_be_kept_the_text_is_read(tmp_path, edited):
    (tmp_path / "file").write_text("no folder")
    assert declare.load_catalogue(edited(), keep_in=tmp_path / "file" / "kept").services
