"""A declared letter and a case become words for one person."""

from datetime import date

import pytest

from tests.server import VAR
from yakuba import declare
from yakuba.cases.queries import Grounds
from yakuba.cases.state import CaseState
from yakuba.messages.compose import NoSuchLetter, compose
from yakuba.messages.sender import Sender

SENDER = Sender("見本町", "見本県", "見本町長", "役場 0123-45-6789", True)


@pytest.fixture(scope="module")
def catalogue():
    return declare.load_catalogue(keep_in=VAR / "catalogue")


def told(service, letter, language="ja", facts=None):
    facts = facts or {"applicant": {"name": "見本 花子"}, "record": {"copies": 2}}
    opened = f"{date(2026, 4, 1)}T09:00:00+09:00"
    state = CaseState(
        service.id, service.version, language=language, reference="AB12", facts=facts, opened_at=opened
    )
    return compose(service, letter, state, Grounds({}, "書類が足りない"), SENDER).body


@pytest.mark.parametrize(
    ("service", "whom"), [("dog-registration", "見本町長に対して"), ("child-allowance", "見本県知事に対して")]
)
def test_a_refusal_names_the_remedy_that_the_service_declares(catalogue, service, whom):
    assert whom in told(catalogue.services[service], "refused")


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_where_there_is_no_remedy_the_letter_has_no_gap_for_it(catalogue, language):
    body = told(catalogue.services["one-off-benefit"], "received", language)
    assert "\n\n\n" not in body
    assert "－" not in body


def test_a_receipt_says_what_this_service_does_next(catalogue):
    assert "手数料をお支払いいただいたら" in told(catalogue.services["resident-record"], "received")
    assert "結果をお知らせします" in told(catalogue.services["child-allowance"], "received")


def test_a_choice_stands_in_a_letter_by_its_words_and_not_by_its_id(catalogue):
    service = catalogue.services["disaster-certificate"]
    wanted = service.letters["granted"].body.model_copy(update={"en": "You chose {disaster.kind}."})
    letter = service.letters["granted"].model_copy(update={"body": wanted})
    told_so = declare.Service(
        service.file, service.facts, service.lists, {**service.letters, "granted": letter}, {}
    )
    assert (
        told(told_so, "granted", "en", facts={"disaster": {"kind": "flood"}})
        == "You chose Flood or landslide."
    )


def test_a_figure_of_the_law_stands_in_a_letter_as_it_was_on_the_day_of_the_request(catalogue):
    assert "90日以内" in told(catalogue.services["disaster-certificate"], "granted")


def test_what_is_not_known_is_shown_as_a_dash(catalogue):
    assert "手数料など　－円" in told(catalogue.services["resident-record"], "granted")


def test_a_letter_that_the_service_does_not_have_is_named(catalogue):
    with pytest.raises(NoSuchLetter, match="farewell"):
        told(catalogue.services["resident-record"], "farewell")
