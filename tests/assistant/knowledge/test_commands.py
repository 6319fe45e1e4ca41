"""`yakuba assistant import` keeps what it reads for the town; `check` looks through what all towns share."""

import pytest
from click.testing import CliRunner

from yakuba.access import towns
from yakuba.assistant import written
from yakuba.assistant.knowledge import DEMO
from yakuba.site.cli import yakuba

ROWS = "質問,回答\nごみの日は？,月曜です。\n鍵はどこですか,棚です。\n"


def run(*arguments):
    return CliRunner().invoke(yakuba, ["assistant", *map(str, arguments)], obj=lambda: None)


def test_what_is_imported_is_known_at_once_and_not_written_twice(in_town, tmp_path):
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    for _ in range(2):
        assert run("import", tmp_path / "a.csv", "--town", in_town, "--as", "manual").exit_code == 0
    assert {one.question["ja"]: one.audience for one in written.entries()} == {
        "ごみの日は？": "staff",
        "鍵はどこですか": "staff",
    }
    assert len(written.versions(written.entries()[0].id)) == 1


def test_a_town_that_is_not_served_is_refused(in_town, tmp_path):
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    assert "no town '999999'" in run("import", tmp_path / "a.csv", "--town", "999999", "--as", "faq").output
    assert towns.current_town() == in_town
    assert written.entries() == []


def test_what_all_towns_share_is_all_right_and_says_that_nobody_approved_it():
    done = run("check", "--town-file", DEMO / "town.yaml")
    assert done.exit_code == 0, done.output
    assert "all right" in done.output
    assert "not approved" in done.output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code: "394262"', 'code: "39"', "code"),
        ("phone: 000-0000-0000", "phone: 電話", "phone"),
        ("offices:", "off: [shared:waste:no]\noffices:", "no shared entry"),
    ],
)
def test_a_slip_in_a_towns_file_is_told(tmp_path, old, new, said):
    text = (DEMO / "town.yaml").read_text("utf-8")
    (tmp_path / "town.yaml").write_text(text.replace(old, new, 1), "utf-8")
    done = run("check", "--town-file", tmp_path / "town.yaml")
    assert done.exit_code == 1
    assert said in done.output
