"""The glossary gives each term one English name, and the services use it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.server import VAR
from yakuba import declare

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
][1:]
NAMES = {row[0]: row[2] for row in ROWS}


def test_no_two_terms_of_giving_back_have_the_same_english_name():
    assert NAMES["返戻"] != NAMES["補正"]


def test_no_term_stands_twice():
    assert [term for term, count in Counter(row[0] for row in ROWS).items() if count > 1] == []


@pytest.mark.parametrize(
    "file", sorted((ROOT / "services/disaster-certificate").rglob("*.yaml")), ids=lambda f: f.name
)
def test_the_certificate_after_a_disaster_has_one_name_in_its_letters(file):
    text = file.read_text(encoding="utf-8")
    assert "り災" not in text
    assert "damage certificate" not in text


def test_the_certificate_after_a_disaster_is_named_as_in_the_glossary():
    service = declare.load_catalogue(keep_in=VAR / "catalogue").services["disaster-certificate"]
    assert NAMES["罹災証明書"] == service.name.en.lower()
