"""A request that somebody began and left is removed when its service says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cases.conftest import GOOD, MONDAY
from tests.channels import files
from yakuba.access import PUBLIC
from yakuba.cases import catalogue, retention
from yakuba.cases.models import Document
from yakuba.channels import actions
from yakuba.channels.models import Draft

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=31)


@pytest.fixture
def draft(small, household) -> Draft:
    """Begun on Monday, with a photo."""
    heating = catalogue.service("heating")
    begun = actions.begin(heating, channel="web", language="ja", as_of=MONDAY)
    question = next(one for page in heating.pages for one in page.questions if one.file)
    actions.add_file(begun, question, files.photo("税.jpg"), as_of=MONDAY)
    actions.keep(begun, GOOD, as_of=MONDAY)
    return begun


def test_a_draft_that_was_left_is_removed_with_its_photo(draft, in_town):
    assert retention.survey(in_town, as_of=LATER).abandoned == {"drafts": 1}
    assert retention.run(in_town, as_of=LATER).abandoned == {"drafts": 1}
    assert not Draft.objects.exists()
    assert not Document.objects.exists()


def test_a_draft_that_somebody_went_on_with_is_kept(draft, in_town):
    actions.keep(draft, {}, as_of=MONDAY + timedelta(days=2))
    assert retention.run(in_town, as_of=LATER).abandoned == {}


def test_a_draft_that_was_sent_is_kept_as_long_as_its_case(draft, in_town):
    case = actions.submit(draft, by=PUBLIC(in_town), as_of=MONDAY)
    assert retention.run(in_town, as_of=LATER).abandoned == {}
    retention.anonymise([case.id], as_of=LATER)
    assert not Draft.objects.exists()
