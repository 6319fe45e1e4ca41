"""Reference number and birth date show one case's progress, and cannot be guessed."""

import pytest
from django.test import Client

from tests.access.answers import REFERENCE
from tests.access.people import TOWN
from yakuba.access import towns
from yakuba.access.models import AccessEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_case(settings):
    settings.YAKUBA_REFERENCE = "tests.access.answers.one_case"


@pytest.fixture(autouse=True)
def status_page(settings):
    """The page that the right answer leads to belongs to the room above; here it only has to have an address."""
    from django.http import HttpResponse
    from django.urls import include, path

    from yakuba.access.web import asks_within
    from yakuba.site.urls import urlpatterns as real

    @asks_within("status.read")
    def status(request, town, reference):
        return HttpResponse(status=204)

    channels = ([path("status/<str:reference>/", status, name="status")], "channels")
    patterns = [path("<towncode:town>/", include(channels)), *real]
    settings.ROOT_URLCONF = type("Site", (), {"urlpatterns": patterns})


def ask(client: Client, reference: str = REFERENCE, born: str = "1990-04-01", **how):
    return client.post(f"/{TOWN}/sign-in/reference/", {"reference": reference, "born": born}, **how)


@pytest.mark.parametrize("born", ["1990-04-01", "平成2年4月1日", "1990年4月1日"])
@pytest.mark.parametrize("reference", [REFERENCE, "123456789012", "１２３４ ５６７８ ９０１２"])
def test_number_and_birth_date_lead_to_the_status_page(client, reference, born):
    assert ask(client, reference, born).url == f"/{TOWN}/status/{REFERENCE}/"
    me = client.get(f"/{TOWN}/sign-in/").wsgi_request.worker
    assert (me.kind, me.reference, me.strength, me.person) == ("resident", REFERENCE, 1, None)


def test_a_wrong_number_and_a_wrong_date_read_the_same(client):
    wrong_number, wrong_date = ask(client, "0000-0000-0000"), ask(client, born="1990-04-02")
    assert wrong_number.status_code == wrong_date.status_code == 401
    said = "受付番号と生年月日の組合せを確認できませんでした"
    assert said in wrong_number.content.decode()
    assert said in wrong_date.content.decode()


def test_a_birth_date_that_does_not_exist_is_said_to_be_so(client):
    page = ask(client, born="昭和65年1月1日")
    assert page.status_code == 400
    assert 'role="alert"' in page.content.decode()


def test_birth_dates_cannot_be_tried_one_after_another(client, time):
    tries = [ask(client, born=f"1990-03-{day:02}").status_code for day in range(1, 8)]
    assert tries == [401] * 5 + [429] * 2
    assert ask(client).status_code == 429


def test_changing_the_network_address_does_not_help_the_guesser(client, time, settings):
    for number in range(5):
        ask(client, born="1990-03-01", REMOTE_ADDR=f"192.0.2.{number}")
    assert ask(client, REMOTE_ADDR="192.0.2.99").status_code == 429


def test_one_address_cannot_try_many_numbers(client, time):
    tries = [ask(client, f"{number:012}").status_code for number in range(12)]
    assert tries == [401] * 10 + [429] * 2


def test_the_page_says_when_to_try_again_and_the_applicant_then_gets_in(client, time):
    for _ in range(5):
        ask(client, born="1990-03-01")
    locked = ask(client)
    assert "までお待ちください" in locked.content.decode()
    time.passes(seconds=int(locked["Retry-After"]) + 1)
    assert ask(client).status_code == 302


def test_failed_tries_are_in_the_access_log(client):
    ask(client, born="1990-03-01")
    with towns.inside(TOWN):
        event = AccessEvent.objects.get(action="status.read")
    assert (event.outcome, event.worker_id) == ("failed", "public")


def test_a_status_session_ends_after_fifteen_idle_minutes(client, time):
    ask(client)
    time.passes(minutes=16)
    assert client.get(f"/{TOWN}/sign-in/").wsgi_request.worker.kind == "public"
