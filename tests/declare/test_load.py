"""Reading a catalogue: every fault at once, each with its file, its line and how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

import yakuba
from yakuba import declare
from yakuba.access import ROLES
from yakuba.declare.model import Role, Topic
from yakuba.words import ui_words


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


BOMB = "a: &a [x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
BROKEN = {
    "Shift_JIS": ("service: heating\nname: 暖房".encode("cp932"), 2, "UTF-8"),
    "UTF-16": ("service: heating".encode("utf-16"), 1, "UTF-8"),
    "a character of no text": (b"service: heating\nname: a\0b", 2, "character"),
    "nothing": (b"", 1, "empty"),
    "comments only": (b"# later\n", 1, "empty"),
    "a list": (b"- a\n", 1, "no parts"),
    "a text": (b"heating\n", 1, "no parts"),
    "a tab": (b"service: heating\nname:\n\tja: x\n", 3, "tab"),
    "a key twice": (b"service: heating\nlaw: [a]\nlaw: [b]\n", 3, '"law" twice'),
    "a date twice in two ways": (b"a:\n  2024-04-01: 1\n  '2024-04-01': 2\n", 3, '"2024-04-01" twice'),
    "two documents": (b"service: heating\n---\na: b\n", 2, "another document"),
    "an alias bomb": (BOMB.encode(), 1, "& and *"),
    "an alias of itself": (b"service: heating\nnote: &n [*n]\n", 2, "& and *"),
    "a tag": (b"law: !!python/object/apply:os.system [true]\n", 1, "tag"),
    "brackets without end": (b"service: x\nnote: " + b"[" * 3000, 2, "nested"),
    "ten million letters": (b"# " + b"x" * 10_000_000, 1, "1,000,000 bytes"),
}


@pytest.mark.parametrize("broken", list(BROKEN), ids=str)
def test_a_file_that_is_no_plain_yaml_is_told_with_its_line(edited, broken):
    written, line, said = BROKEN[broken]
    folder = edited()
    (folder / "heating/service.yaml").write_bytes(written)
    found = [f for f in faults(folder) if f.file == "services/heating/service.yaml"]
    assert any(said in fault.what and fault.line == line and fault.mend for fault in found), found


SLIPS = {
    "a 13th month": ("2024-04-01: 5000", "2024-13-01: 5000", "is not a date"),
    "a date that is a year": ("2024-04-01: 5000", "2024: 5000", "is not a date"),
    "a yes that is none": ("four_eyes: true", "four_eyes: maybe", "is not a yes or no"),
    "a number in words": ("manual_minutes: 20", "manual_minutes: twenty", "is not a whole number"),
    "no number at all": ("manual_minutes: 20", "manual_minutes: .nan", "is not a whole number"),
    "5,000 digits": ("manual_minutes: 20", f"manual_minutes: {'9' * 5000}", "manual_minutes"),
    "a condition without quotes": ("if: applicant.resident\n", "if: true\n", "is not a text"),
    "a worker there is not": ("by: system, do: decide", "by: sytem, do: decide", "'system'"),
    "a role there is not": ("role: reviewer", "role: reveiwer", "'reviewer'"),
    "a topic there is not": ("topics: [welfare]", "topics: [welfair]", "'welfare'"),
    "a pause there is not": ("pause: [returned]", "pause: [returnd]", "'returned'"),
    "a receiver there is not": ("{partner: [", "{partnr: [", "'partner'"),
    "a time without unit": ("within: 5 business days", "within: 5", "not a duration"),
    "a decision by staff": ("by: system, do: decide", "by: staff, do: decide, role: clerk", "done by: system"),
    "a review by the system": ("by: staff, do: review, role: reviewer", "by: system, do: review", "for a person"),
    "a letter without a text": ("letter: decision, after", "after", "letter: NAME"),
    "a month there is not": ("schedule: once", "schedule: {months: [2, 13], covers: 2}", "12"),
    "a part by a list": ("- use: applicant", "- use: [applicant]", "which nobody wrote"),
}  # fmt: skip


@pytest.mark.parametrize("slip", list(SLIPS), ids=str)
def test_a_slip_is_told_in_words_and_at_its_line(edited, slip):
    old, new, said = SLIPS[slip]
    folder = edited(old, new)
    lines = (folder / "heating/service.yaml").read_text().splitlines()
    found = faults(folder)
    assert any(said in f"{f.what} {f.mend}" for f in found), [str(f) for f in found]
    assert any(new.split("\n")[0] in lines[f.line - 1] for f in found), [str(f) for f in found]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{type: bool, class: sensitive", "{type: choice, class: sensitive", "has at least one"),
        ("answer: name", "answer: past_date", "gives date, not text"),
    ],
)
def test_a_fact_whose_parts_do_not_go_together_is_told(edited, old, new, said):
    assert any(said in fault.what for fault in faults(edited(old, new, "shared/facts.yaml")))


def test_two_examples_of_one_name_are_told(edited):
    folder = edited("id: taxed", "id: on-the-65th-birthday", "heating/examples.yaml")
    (fault,) = faults(folder)
    assert "two examples" in fault.what


def test_examples_are_a_list(edited):
    folder = edited()
    (folder / "heating/examples.yaml").write_text("a: 1\n")
    (fault,) = faults(folder)
    assert "not a list" in fault.what


def test_the_roles_of_a_file_are_those_that_staff_can_have():
    assert get_args(Role) == ROLES


@pytest.mark.parametrize("topic", get_args(Topic))
def test_every_topic_has_a_name_and_a_picture_on_the_page_of_the_catalogue(topic):
    assert f"apply.topic_{topic}" in ui_words()
    assert (Path(yakuba.__file__).parent / f"site/static/site/topics/{topic}.svg").exists()


# ---------------------------------------------------------------- what services share

STEPS = """
told:
  - {id: decide, by: system, do: decide}
  - {id: tell, by: system, do: letter, letter: decision}
"""
WORDS = """
next: {ja: 調べます。, easy: しらべます。, en: We check it.}
letters: {received: received, granted: granted}
appeals:
  mayor: {ja: 町長に, easy: 町長に, en: 'To the mayor of {town.name}.'}
"""


@pytest.fixture
def sharing(edited):
    """`sharing(old, new)`: the small catalogue with shared steps and words, and one text of its service replaced."""

    def edit(old="", new=""):
        folder = edited(old, new)
        (folder / "shared/steps.yaml").write_text(STEPS)
        (folder / "shared/words.yaml").write_text(WORDS)
        return folder

    return edit


def test_shared_steps_stand_where_a_service_uses_them(sharing, heating):
    written = "  - {id: decide, by: system, do: decide}\n"
    folder = sharing(written, "  - use: told\n")
    steps = declare.load_catalogue(folder).services["heating"].steps
    assert [step.id for step in steps] == [
        "decide",
        "tell",
        *(s.id for s in heating.steps if s.id != "decide"),
    ]


def test_a_fault_in_a_shared_step_points_into_the_file_of_the_steps(sharing):
    folder = sharing("  - {id: decide, by: system, do: decide}\n", "  - use: told\n")
    (folder / "shared/steps.yaml").write_text(STEPS.replace("do: decide", "do: decode"))
    (fault,) = faults(folder)
    assert (fault.file, fault.line) == ("services/shared/steps.yaml", 3)


def test_a_remedy_is_named_and_its_words_are_the_shared_ones(sharing):
    folder = sharing("appeal: none", "appeal: mayor")
    assert declare.load_catalogue(folder).services["heating"].file.appeal.en == "To the mayor of {town.name}."


def test_a_remedy_that_nobody_wrote_is_named_with_those_there_are(sharing):
    (fault,) = faults(folder := sharing("appeal: none", "appeal: king"))
    assert fault.line == line_of(folder, "appeal: king")
    assert "king" in fault.what
    assert "mayor" in fault.mend


def test_what_a_service_does_not_say_itself_is_the_usual(sharing):
    service = declare.load_catalogue(sharing()).services["heating"]
    assert service.file.next.en == "We check it."
    assert service.file.letters["refused"] == "refused"


def test_a_service_says_what_happens_next_in_its_own_words(sharing):
    folder = sharing("appeal: none", "next: {ja: 来て, easy: きて, en: Come.}\nappeal: none")
    assert declare.load_catalogue(folder).services["heating"].file.next.en == "Come."


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
