"""Reading a catalogue: every fault at once, each with its file, its line and how to mend it."""

from __future__ import annotations

import pytest

from yakuba import declare


def faults(folder) -> list[declare.Fault]:
    with pytest.raises(declare.Faults) as found:
        declare.load_catalogue(folder)
    return found.value.faults


def line_of(folder, text: str, file: str = "heating/service.yaml") -> int:
    lines = (folder / file).read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_a_service_knows_its_pages_with_the_parts_put_in(heating):
    assert [page.page for page in heating.pages] == ["you", "members", "papers", "account"]


def test_a_service_has_only_those_shared_facts_that_it_uses(edited):
    folder = edited(
        "facts:\n",
        "facts:\n  pet.name: {type: text, label: {ja: 犬, easy: 犬, en: Dog}}\n",
        "shared/facts.yaml",
    )
    assert "pet.name" not in declare.load_catalogue(folder).services["heating"].facts


def test_a_word_nobody_uses_changes_no_version(edited, heating):
    folder = edited(
        "facts:\n",
        "facts:\n  pet.name: {type: text, label: {ja: 犬, easy: 犬, en: Dog}}\n",
        "shared/facts.yaml",
    )
    assert declare.load_catalogue(folder).services["heating"].version == heating.version


@pytest.mark.parametrize(
    ("old", "new", "file"),
    [
        ("6000", "7000", "heating/service.yaml"),
        ("支給します", "お支払いします", "heating/letters/granted.yaml"),
        ("ja: 町民,", "ja: 町の住民,", "shared/facts.yaml"),
        ("ja: あなた,", "ja: 申請する方,", "shared/parts.yaml"),
    ],
)
def test_whatever_a_case_is_worked_by_changes_the_version(edited, heating, old, new, file):
    assert declare.load_catalogue(edited(old, new, file)).services["heating"].version != heating.version


def test_the_kept_text_of_a_version_is_the_same_service_again(heating):
    again = declare.from_bundle(heating.bundle)
    assert again.version == heating.version
    assert again.rules == heating.rules
    assert again.letters == heating.letters
    assert again.dated_params == heating.dated_params


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(edited):
    folder = edited("because:", "becuase:")
    found = faults(folder)
    assert any("becuase" in f.what and "because" in f.mend for f in found)
    assert {f.line for f in found if "becuase" in f.what} == {line_of(folder, "becuase")}


def test_a_missing_translation_is_a_fault_at_its_line(edited):
    folder = edited(
        "because: {ja: 65歳以上であること, easy: 65さい 以上で あること, en: Is 65 or older}",
        "because: {ja: 65歳以上であること, en: Is 65 or older}",
    )
    (fault,) = faults(folder)
    assert "translation" in fault.what
    assert fault.line == line_of(folder, "65歳以上であること")


def test_an_empty_translation_is_as_bad_as_a_missing_one(edited):
    folder = edited("easy: 冬の お金を 出します。", "easy: ''")
    assert any("easy" in fault.what for fault in faults(folder))


def test_a_part_that_nobody_wrote_is_named(edited):
    folder = edited("use: account", "use: acount")
    (fault,) = faults(folder)
    assert "acount" in fault.what
    assert "account" in fault.mend
    assert fault.line == line_of(folder, "use: acount")


def test_a_fault_inside_a_part_points_into_the_parts_file(edited):
    folder = edited(
        "title: {ja: 口座, easy: 口座, en: Account}",
        "titel: {ja: 口座, easy: 口座, en: Account}",
        "shared/parts.yaml",
    )
    found = faults(folder)
    assert {fault.file for fault in found} == {"services/shared/parts.yaml"}


def test_a_letter_that_is_named_and_not_there_is_a_fault(edited):
    folder = edited("refused: refused", "refused: sorry")
    (fault,) = faults(folder)
    assert fault.file.endswith("letters/sorry.yaml")


def test_broken_yaml_names_the_line_where_it_broke(edited):
    folder = edited("topics: [welfare]", "topics: [welfare")
    (fault,) = faults(folder)
    assert "YAML" in fault.what
    assert fault.line > 1


def test_faults_of_all_files_are_found_at_once(edited):
    edited("because:", "becuase:")
    folder = edited("use: account", "use: acount")
    assert len({fault.line for fault in faults(folder)}) >= 2


def test_a_service_is_named_like_its_folder(edited):
    (fault,) = faults(edited("service: heating", "service: cooling"))
    assert "cooling" in fault.what


def test_a_folder_without_services_is_an_error(tmp_path):
    (tmp_path / "shared").mkdir()
    for name in ("facts", "parts"):
        (tmp_path / "shared" / f"{name}.yaml").write_text("{}")
    assert "no service" in faults(tmp_path)[0].what
