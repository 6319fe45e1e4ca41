"""What a person reads when a form cannot be taken at all."""

import pytest
from django.test import Client

from tests.conftest import TOWN
from yakuba.register.models import Town

FORM = f"/{TOWN}/resume/"
NEW_TOWN = "393053"


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


@pytest.mark.parametrize(
    "page", ["", "finder/", "services/child-allowance/", "sign-in/", "resume/", "staff/", "staff/sign-in/"]
)
def test_a_town_that_is_not_served_here_has_no_pages_until_it_is(page, db):
    new = {"name": "川べり町", "prefecture": "高知県", "mayor_title": "川べり町長", "contact": "住民課"}
    assert Client().get(f"/{NEW_TOWN}/{page}").status_code == 404
    Town.objects.create(code=NEW_TOWN, synthetic=True, **new)
    assert Client().get(f"/{NEW_TOWN}/{page}").status_code != 404


def test_nothing_is_begun_in_a_town_that_is_not_served_here(db):
    assert Client().post(f"/{NEW_TOWN}/apply/child-allowance/").status_code == 404


def test_a_town_is_not_named_in_other_digits(db):
    assert Client().get("/３９４２６２/finder/").status_code == 404
