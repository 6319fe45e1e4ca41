"""What a person reads when a form cannot be taken at all."""

import pytest
from django.test import Client

from tests.conftest import TOWN

FORM = f"/{TOWN}/resume/"


@pytest.mark.parametrize(("language", "says"), [("ja", "画面が古くなっています"), ("en", "out of date")])
def test_a_form_from_before_a_sign_in_says_what_to_do(language, says, db):
    page = Client(enforce_csrf_checks=True).post(f"{FORM}?lang={language}", {"code": "1"})
    assert page.status_code == 403
    assert says in page.content.decode()


@pytest.mark.parametrize("typed", [{f"field{n}": "1" for n in range(1200)}, {"code": "1" * 3_000_000}])
def test_a_form_of_more_than_anybody_types_is_not_read(typed, db):
    page = Client().post(FORM, typed)
    assert page.status_code == 400
    assert "送信された内容を読めませんでした" in page.content.decode()
