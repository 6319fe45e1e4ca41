"""Other systems read standard data: what their scopes say, page by page as one state, and what changed since."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

import pytest
from django.test import Client as Browser

from tests.conftest import OTHER_TOWN, TOWN
from tests.records.conftest import Old
from tests.records.loads import GROUP, STANDARD, home
from tests.records.test_held import held_person
from yakuba.access import SYSTEM, actions, client_tokens, towns
from yakuba.access.models import AccessEvent, Client
from yakuba.records.giving import scope

WHOLE = f"records:{STANDARD}"
OTHER_GROUP = "住民"


@pytest.fixture
def old(in_town, tmp_path) -> Old:
    return Old(tmp_path)


class Reader:
    """Another system with scopes, that gets a token and reads."""

    def __init__(self, *scopes: str, name: str = "tax system"):
        with towns.inside(TOWN):
            self.client, self.secret, _ = actions.add_client(name, scopes=scopes, by=SYSTEM(TOWN))
        self.browser, self.token = Browser(), ""

    def ask(self, *, secret: str = "", town: str = TOWN, **form: str):
        pair = b64encode(f"{self.client.id}:{secret or self.secret}".encode()).decode()
        return self.browser.post(
            f"/{town}/api/oauth/token",
            {"grant_type": "client_credentials", **form},
            headers={"authorization": f"Basic {pair}"},
        )

    def get(self, where: str = f"/{STANDARD}/{GROUP}", town: str = TOWN, headers=None, **query):
        self.token = self.token or self.ask().json()["access_token"]
        given = {"authorization": f"Bearer {self.token}", "accept-language": "en"} | (headers or {})
        return self.browser.get(f"/{town}/api/v1/records{where}", query, headers=given)

    def numbers(self, **query) -> list[tuple[int, str | None]]:
        return [(int(one["key"][0]), one["change"]) for one in self.get(**query).json()["records"]]


# ---------------------------------------------------------------- tokens


def test_a_system_gets_a_short_lived_token_for_its_credentials(in_town):
    answer = Reader(WHOLE).ask()
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 600, WHOLE)
    assert answer["Cache-Control"] == "no-store"


def test_credentials_may_stand_in_the_form_and_never_in_the_address(in_town):
    reader = Reader(WHOLE)
    both = {"client_id": str(reader.client.id), "client_secret": reader.secret}
    form = {"grant_type": "client_credentials", **both}
    assert reader.browser.post(f"/{TOWN}/api/oauth/token", form).status_code == 200
    in_address = f"/{TOWN}/api/oauth/token?client_id={reader.client.id}&client_secret={reader.secret}"
    assert reader.browser.post(in_address, {"grant_type": "client_credentials"}).status_code == 401
    assert reader.browser.get(in_address).status_code == 405


@pytest.mark.parametrize(
    ("form", "secret", "error"),
    [
        ({}, "wrong", "invalid_client"),
        ({"grant_type": "password"}, "", "unsupported_grant_type"),
        ({"scope": f"{WHOLE} records:residence-tax"}, "", "invalid_scope"),
        ({"scope": "disclose:my-number"}, "", "invalid_scope"),
    ],
)
def test_what_is_wrong_is_said_as_the_rfc_says_it(in_town, form, secret, error):
    answer = Reader(WHOLE).ask(secret=secret, **form)
    assert (answer.status_code, answer.json()["error"]) in [(400, error), (401, error)]


def test_a_system_may_ask_for_less_than_it_has(in_town):
    reader = Reader(WHOLE, "disclose:bank")
    assert reader.ask(scope=WHOLE).json()["scope"] == WHOLE


def test_who_tries_many_secrets_has_to_wait(in_town):
    reader = Reader(WHOLE)
    assert [reader.ask(secret="wrong").status_code for _ in range(31)][-1] == 429


def test_a_token_ends_after_ten_minutes(old, monkeypatch):
    old.cut_over([home(1)])
    reader = Reader(WHOLE)
    assert reader.get().status_code == 200
    monkeypatch.setattr(client_tokens, "LIFE", timedelta(seconds=-1))
    answer = reader.get()
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_system_that_was_shut_out_reads_nothing_more(old):
    old.cut_over([home(1)])
    reader = Reader(WHOLE)
    assert reader.get().status_code == 200
    actions.close_client(reader.client, by=SYSTEM(TOWN))
    assert reader.get().status_code == 401
    assert reader.ask().status_code == 401


def test_a_token_of_one_town_opens_nothing_in_another(old, other_town):
    reader = Reader(WHOLE)
    reader.get()
    with other_town:
        assert reader.get(town=OTHER_TOWN).status_code == 401
        assert reader.ask(town=OTHER_TOWN).status_code == 401


def test_the_lasting_token_of_a_system_reads_no_standard_data(old):
    old.cut_over([home(1)])
    reader = Reader(WHOLE)
    reader.token = reader.secret
    assert reader.get().status_code == 401


def test_nothing_that_opens_anything_is_stored(in_town):
    reader = Reader(WHOLE)
    token = reader.ask().json()["access_token"]
    kept = Client.objects.filter(id=reader.client.id).values().get()
    assert reader.secret not in str(kept)
    assert token not in str(kept)


# ---------------------------------------------------------------- reading


def test_records_come_with_the_item_names_of_the_definition(old):
    old.cut_over([home(1, setaiinsu="2")])
    said = Reader(WHOLE).get().json()
    assert (said["standard"], said["group"], said["sequence"], said["next"]) == (STANDARD, GROUP, 1, None)
    (record,) = said["records"]
    assert record["key"] == ["000000000000001"]
    assert record["values"]["setaiinsu"] == "2"
    assert "setaishometsunengappi" not in record["values"]


def test_pages_show_one_state_though_something_changes_between_them(old):
    old.cut_over([home(1), home(2), home(3)])
    reader = Reader(WHOLE)
    first = reader.get(limit=2).json()
    old.cut_over([home(9)])
    second = reader.get(limit=2, cursor=first["next"]).json()
    assert [one["key"][0][-1] for one in first["records"] + second["records"]] == ["1", "2", "3"]
    assert (second["next"], second["sequence"]) == (None, 1)


def test_changes_since_a_number_are_new_changed_and_gone(old):
    old.cut_over([home(1), home(2)])
    old.cut_over([home(2, setaiinsu="2"), home(3)])
    reader = Reader(WHOLE)
    assert reader.numbers(since=1) == [(1, "gone"), (2, "changed"), (3, "new")]
    assert reader.numbers(since=2) == []
    pages, cursor = [], ""
    while cursor is not None:
        said = reader.get(since=1, limit=1, cursor=cursor).json()
        pages, cursor = pages + said["records"], said["next"]
    assert [one["change"] for one in pages] == ["gone", "changed", "new"]
    assert pages[0]["values"] is None


def test_what_did_not_change_is_not_sent_again(old):
    old.cut_over([home(1)])
    reader = Reader(WHOLE)
    tag = reader.get()["ETag"]
    assert reader.get(headers={"if-none-match": tag}).status_code == 304
    old.cut_over([home(2)])
    assert reader.get(headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_between_one_and_a_thousand_records(old, limit):
    old.cut_over([home(1)])
    answer = Reader(WHOLE).get(limit=limit)
    assert answer.status_code == 422
    assert "limit" in str(answer.json()["fields"])


@pytest.mark.parametrize(("query", "said"), [({"since": 9}, "last number"), ({"cursor": "forged"}, "cursor")])
def test_a_number_or_a_cursor_that_is_none_of_this_town_says_to_begin_anew(old, query, said):
    old.cut_over([home(1)])
    answer = Reader(WHOLE).get(**query)
    assert answer.status_code == 409
    assert said in answer.json()["title"]


def test_a_cursor_of_another_list_is_refused(old):
    old.cut_over([home(1), home(2)])
    reader = Reader(WHOLE)
    cursor = reader.get(limit=1).json()["next"]
    assert reader.get(cursor=cursor, since=0).status_code == 409


# ---------------------------------------------------------------- who reads what


def test_a_scope_of_one_group_opens_no_other(old):
    old.cut_over({GROUP: [home(1)], OTHER_GROUP: [{**held_person(), "state": "accepted"}]})
    reader = Reader(scope(STANDARD, GROUP))
    assert reader.get().status_code == 200
    assert reader.get(f"/{STANDARD}/{OTHER_GROUP}").status_code == 403
    assert [one["group"] for one in reader.get("").json()] == [GROUP]


def test_without_a_scope_nothing_is_read(old):
    old.cut_over([home(1)])
    reader = Reader()
    assert reader.get("").json() == []
    assert reader.get().status_code == 403


def test_guarded_items_are_left_out_unless_a_scope_discloses_them(old):
    person = held_person()
    person["values"]["kojinbango"] = "123456789018"
    old.cut_over({OTHER_GROUP: [{**person, "state": "accepted"}]})
    where = f"/{STANDARD}/{OTHER_GROUP}"
    said = Reader(WHOLE).get(where).json()
    assert said["left_out"] == ["kojinbango"]
    assert "123456789018" not in str(said)
    told = Reader(WHOLE, "disclose:my-number", name="other").get(where).json()
    assert told["left_out"] == []
    assert told["records"][0]["values"]["kojinbango"] == "123456789018"


def test_what_is_not_there_is_not_found(old):
    old.cut_over([home(1)])
    reader = Reader(WHOLE, "records:residence-tax")
    assert reader.get(f"/{STANDARD}/世帯主").status_code == 404
    assert reader.get("/residence-tax/賦課").status_code == 404


def test_every_look_stands_in_the_access_log(old):
    old.cut_over([home(1)])
    reader = Reader(WHOLE)
    reader.get()
    event = AccessEvent.objects.get(action="record.read")
    assert (event.worker_id, event.resource_id) == (f"client:{reader.client.id}", f"{STANDARD}/{GROUP}")


def test_a_system_that_reads_without_end_has_to_wait(old, monkeypatch):
    monkeypatch.setattr("yakuba.channels.records_api.MOST_READS", 2)
    old.cut_over([home(1)])
    reader = Reader(WHOLE)
    assert [reader.get().status_code for _ in range(3)] == [200, 200, 429]


def test_a_page_takes_a_few_queries_however_many_records_it_has(old, django_assert_max_num_queries):
    old.cut_over([home(number) for number in range(50)])
    reader = Reader(WHOLE)
    reader.get()
    with django_assert_max_num_queries(14):
        reader.get()
