import pytest

from yakuba.money import banks


def test_the_master_has_every_branch_of_a_listed_bank_and_no_other():
    listed = list(banks.all_banks())
    assert len(listed) == 1146
    assert sum(len(banks.branches(bank.code)) for bank in listed) == 28_934


def test_every_bank_and_branch_name_fits_a_bank_file():
    for bank in banks.all_banks():
        names = [bank.file_kana, *(branch.file_kana for branch in banks.branches(bank.code))]
        assert all(len(name.encode("cp932")) <= banks.NAME_LENGTH for name in names)


def test_a_branch_is_known_by_its_codes():
    assert banks.bank("9900").name == "ゆうちょ"
    assert banks.branch("9900", "058").kana == "ゼロゴハチ"


def test_a_branch_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(banks.NoSuchBranch) as missing:
        banks.branch("9900", "057")
    assert "058" in missing.value.text.ja
    assert "ゆうちょ" in missing.value.text.ja


def test_a_bank_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(banks.NoSuchBank) as missing:
        banks.branch("9901", "058")
    assert "9900" in missing.value.text.en


def test_a_bank_is_found_by_the_beginning_of_its_name_or_reading():
    assert banks.find_banks("ミズホ")[0].code == "0001"
    assert banks.find_branches("9900", "ゼロゴ")[0].code == "058"
