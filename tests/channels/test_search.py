"""Services are found by what people call them."""

import pytest

from tests.conftest import TOWN
from tests.server import VAR
from yakuba import declare
from yakuba.cases.catalogue import Offered
from yakuba.channels.search import find


@pytest.fixture(scope="module")
def services():
    return Offered(declare.load_catalogue(keep_in=VAR / "catalogue").services)


@pytest.mark.parametrize(
    "query",
    [
        "児童手当",
        "じどうてあて",
        "ジドウテアテ",
        "ｼﾞﾄﾞｳﾃｱﾃ",
        "child allowance",
        "CHILD  Allowance",
        "認定 児童",
    ],
)
def test_child_allowance_is_found_however_it_is_written(services, query):
    assert "child-allowance" in [one.id for one in find(query, services)]


def test_who_is_called_so_comes_before_who_only_says_so(services):
    found = [one.id for one in find("犬", services)]
    assert set(found[:2]) == {"dog-registration", "dog-death"}


@pytest.mark.parametrize("query", ["", "   ", "ヱヱヱヱ", "児童手当 ヱヱヱヱ"])
def test_nothing_is_found_where_there_is_nothing(services, query):
    assert find(query, services) == []


def test_a_page_of_what_was_found_leads_to_the_service(client, small, in_town):
    page = client.get(
        f"/{TOWN}/services/", {"q": "heating"}, headers={"accept-language": "en"}
    ).content.decode()
    assert f"/{TOWN}/services/heating/" in page
    assert "1 found." in page


def test_what_is_not_found_leads_to_the_finder(client, small, in_town):
    page = client.get(f"/{TOWN}/services/", {"q": "<script>"}).content.decode()
    assert f"/{TOWN}/finder/" in page
    assert "<script>" not in page


def test_a_topic_has_a_page_of_all_its_services(client, small, in_town):
    page = client.get(f"/{TOWN}/services/", {"topic": "welfare"}).content.decode()
    assert f"/{TOWN}/services/heating/" in page
    assert "heating" not in client.get(f"/{TOWN}/services/", {"topic": "pet"}).content.decode()
