"""A file that is changed part by part says what was meant, and differs nowhere else."""

from __future__ import annotations

import difflib
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from yakuba.declare import written
from yakuba.declare.load import ROOT
from yakuba.declare.sheet import NotHere, Sheet

pytestmark = pytest.mark.long
FILES = sorted(ROOT.rglob("*.yaml"))
#: All examples are written alike, and are the longest files by far.
CHANGED = [file for file in FILES if file.name != "examples.yaml" or file.parent.name == "child-allowance"]
SMALL = """\
# the head of the file

service: heating  # why it is called so
law: [第1条, "第2条"]
name: {ja: 暖房, easy: だんぼう, en: 'Heating: a benefit'}

facts:
  # how cold it is
  house.cold:
    type: bool
    label:
      ja: 寒い   # not too long
      en: Cold
  house.size: {type: int}
ask:
  - use: applicant
  # the page of the house
  - page: house
    questions:
      - {fact: house.cold}

      # only for large ones
      - fact: house.size
        if: "house.cold"
body: |
  one line

  and one more

end: >-
  folded
  text
empty:
"""


def paths(data, path=()):
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from paths(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from paths(value, (*path, number))


def changed_lines(old: str, new: str) -> list[str]:
    found = difflib.ndiff(old.splitlines(), new.splitlines())
    return [line for line in found if line[:2] in ("- ", "+ ")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_of_the_catalogue_is_read_and_written_as_it_was(file):
    text = file.read_text("utf-8")
    sheet = Sheet(text)
    assert sheet.text == text
    assert sheet.data == written.read(file, file.name)[0]


@pytest.mark.parametrize("file", CHANGED, ids=lambda file: str(file.relative_to(ROOT)))
def test_after_one_change_of_a_text_nothing_but_its_own_lines_differs(file):
    sheet = Sheet(file.read_text("utf-8"))
    before = sheet.text.splitlines()
    if file.name == "service.yaml":
        a_step_is_moved_and_moved_back(Sheet(sheet.text))
    places = [p for p in paths(sheet.data) if isinstance(sheet.get(p), str) and p]
    path = places[len(places) // 2]
    first, last = sheet.lines(path)
    sheet.put(path, "新しい: 言葉")
    assert sheet.get(path) == "新しい: 言葉"
    after = sheet.text.splitlines()
    assert before[: first - 1] == after[: first - 1]
    rest = len(before) - last
    assert before[last:] == after[len(after) - rest :]


def a_step_is_moved_and_moved_back(sheet: Sheet) -> None:
    """The file has the same lines as before: looked at here, for finding a file's parts takes longer than all else."""
    text, steps = sheet.text, sheet.get(("steps",))
    last = len(steps) - 1
    sheet.move(("steps", last), 0)
    assert sheet.get(("steps",)) == [steps[-1], *steps[:-1]]
    sheet.move(("steps", 0), last)
    assert sheet.data["steps"] == steps
    assert sorted(sheet.text.splitlines()) == sorted(text.splitlines())


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        (("name", "ja"), "暖房費", 2),
        (("service",), "fuel", 2),
        (("facts", "house.cold", "label", "ja"), "寒い家", 2),
        (("ask", 1, "questions", 1, "if"), "house.size > 3", 2),
        (("body",), "two\nlines\n", 5),
        (("end",), "short", 4),
        (("empty",), 3, 2),
        (("facts", "house.cold", "unit"), "JPY", 1),
        (("facts", "house.size", "unit"), "m2", 2),
        (("new",), {"ja": "a", "easy": "b", "en": "c"}, 1),
    ],
)
def test_only_the_lines_of_what_is_written_change(path, value, lines):
    sheet = Sheet(SMALL)
    sheet.put(path, value)
    assert sheet.get(path) == value
    assert len(changed_lines(SMALL, sheet.text)) == lines
    for comment in (
        "# the head",
        "# why it",
        "# how cold",
        "# not too long",
        "# the page",
        "# only for large",
    ):
        assert comment in sheet.text


@pytest.mark.parametrize("value", ["two\nlines\n", ["a\nb\n", "c"], {"a": "b\nc\n"}, [["a\n"]]])
@pytest.mark.parametrize("text", ["a: b  # why\n", "a:\n  - b  # why\n", "a:\n  -  # why\nc: 1\n"])
def test_a_comment_behind_a_part_stays_a_comment_whatever_is_written_before_it(text, value):
    path = ("a", 0) if "-" in text else ("a",)
    sheet = Sheet(text)
    sheet.put(path, value)
    assert Sheet(sheet.text).get(path) == value
    assert sheet.text.count("# why") == 1


def test_a_comment_goes_with_the_part_below_it():
    sheet = Sheet(SMALL)
    sheet.move(("ask", 1), 0)
    assert (
        sheet.text.index("# the page of the house")
        < sheet.text.index("- page: house")
        < sheet.text.index("- use: applicant")
    )
    sheet.remove(("ask", 0))
    assert "# the page of the house" not in sheet.text
    assert sheet.get(("ask",)) == [{"use": "applicant"}]


def test_what_is_taken_out_and_put_back_in_leaves_no_trace():
    sheet = Sheet(SMALL)
    sheet.insert(("law",), 1, "第1条の2")
    sheet.insert(("ask",), 1, {"use": "account"})
    sheet.insert(("ask", 2, "questions"), 0, {"fact": "house.size", "required": False})
    sheet.remove(("ask", 2, "questions", 0))
    sheet.remove(("ask", 1))
    sheet.remove(("law", 1))
    assert sheet.text == SMALL


def test_the_last_part_of_a_list_leaves_an_empty_one():
    sheet = Sheet("a:\n  - b: 1\nc: 2\n")
    sheet.remove(("a", 0))
    assert sheet.text == "a: []\nc: 2\n"
    sheet.insert(("a",), 0, {"b": 3})
    assert sheet.data == {"a": [{"b": 3}], "c": 2}


def test_what_is_not_there_is_told():
    for change in (
        lambda sheet: sheet.remove(("nothing",)),
        lambda sheet: sheet.move(("ask", 7), 0),
        lambda sheet: sheet.put(("ask", 7), 1),
    ):
        sheet = Sheet(SMALL)
        with pytest.raises(NotHere):
            change(sheet)
        assert sheet.text == SMALL


TEXTS = st.text(
    st.sampled_from(
        string.ascii_letters + string.digits + string.punctuation + " \n\t漢字かな　、。：「」éß😀\x85\u2028"
    ),
    max_size=30,
)
SCALARS = TEXTS | st.integers(-(10**6), 10**6) | st.booleans() | st.none() | st.dates().map(str)
KEYS = st.text("abc.-_", min_size=1, max_size=6).filter(lambda key: key[0].isalpha())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
PLACES = [path for path in paths(Sheet(SMALL).data) if path]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), VALUES)
@example(("service",), "two lines\n")
@example(("service",), ["two lines\n"])
@example(("facts", "house.cold", "label", "ja"), {"a": "two\nlines\n"})
def test_whatever_is_written_is_read_back_as_it_was_meant(path, value):
    sheet = Sheet(SMALL)
    sheet.put(path, value)
    again = Sheet(sheet.text)
    assert again.get(path) == value
    assert "# the head of the file" in sheet.text


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=5))
def test_moving_never_loses_a_line(moves):
    sheet = Sheet(
        "# h\nlist:\n  # one\n  - {a: 1}\n  - b: 2\n    c: 3\n  # three\n  - |\n    text\n  - last\nend: 1\n"
    )
    before = sorted(sheet.text.splitlines())
    for number, to in moves:
        sheet.move(("list", number), to)
        assert sorted(sheet.text.splitlines()) == before
        assert sheet.data["end"] == 1


def test_a_new_file_begins_with_what_is_put_into_it():
    sheet = Sheet("# a comment\n")
    sheet.put((), {"overlay": "heating", "because": "条例"})
    assert sheet.text == "# a comment\noverlay: heating\nbecause: 条例\n"
    sheet.put(("params", "fee"), {"values": {"2026-04-01": 350}})
    assert sheet.data == {
        "overlay": "heating",
        "because": "条例",
        "params": {"fee": {"values": {"2026-04-01": 350}}},
    }
