"""A request that no page can take is answered with what to do, and nothing looks at it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.conftest import TOWN
from yakuba.site.edge import MOST_BYTES

SAYS = "送信された内容を読めませんでした"


@pytest.mark.parametrize("page", ["resume/", "staff/sign-in/", "sign-in/reference/"])
def test_a_character_that_the_database_cannot_hold_is_refused_in_a_form(page, db):
    typed = {"code": "1\0", "login": "a\0", "reference": "1\0", "birth_date": "2000-01-01"}
    answer = Client().post(f"/{TOWN}/{page}", typed)
    assert (answer.status_code, SAYS in answer.content.decode()) == (400, True)


@pytest.mark.parametrize("address", ["finder/?applicant.name=%00", "service/%00/", "finder/?%00=1"])
def test_a_character_that_the_database_cannot_hold_is_refused_in_an_address(address, db):
    answer = Client().get(f"/{TOWN}/{address}")
    assert (answer.status_code, SAYS in answer.content.decode()) == (400, True)


@pytest.mark.parametrize("stated", [str(MOST_BYTES + 1), "-1", "many"])
def test_a_request_that_says_it_is_larger_than_anybody_sends_is_not_read(stated, db):
    answer = Client().post(f"/{TOWN}/resume/", {"code": "1"}, CONTENT_LENGTH=stated)
    assert (answer.status_code, SAYS in answer.content.decode()) == (400, True)


def test_a_form_with_files_sent_to_what_reads_a_body_as_it_came_is_refused(db):
    answer = Client(raise_request_exception=False).post(f"/{TOWN}/payments/notice/", {"code": "1"})
    assert (answer.status_code, SAYS in answer.content.decode()) == (400, True)
