"""Other systems hand requests in: once, readable errors, nothing of anybody else's."""

from __future__ import annotations

from base64 import b64encode

import orjson
import pytest
from django.test import Client as Browser

from tests.cases.conftest import SATO, open_task
from tests.conftest import OTHER_TOWN, TOWN
from yakuba.access import SYSTEM, actions, towns
from yakuba.access.models import Client
from yakuba.cases import actions as cases
from yakuba.cases import jobs
from yakuba.cases.models import Case
from yakuba.channels.models import ApiRequest
from yakuba.clock import now

BASE = f"/{TOWN}/api/v1/"
FACTS = {
    "applicant": {
        "name": "山田 太郎", "birth_date": "昭和25年1月1日", "address": "1番地", "postal_code": "999-0001", "resident": True,
    },
    "members": [{"birth_date": "1950-01-01", "taxed": False}],
    "account": {"bank": "0001", "branch": "001", "type": "1", "number": "1234567", "holder": "ヤマダ タロウ"},
}  # fmt: skip


class System:
    """Another system with its token."""

    def __init__(self, name: str, *, town: str = TOWN, webhook: str = ""):
        with towns.inside(town):
            self.client, self.token, self.signing = actions.add_client(name, webhook=webhook, by=SYSTEM(town))
        self.browser = Browser()

    def get(self, where: str, **more):
        return self.browser.get(BASE + where, headers=self.headers(**more))

    def post(self, where: str, body=None, **more):
        content = orjson.dumps(body or {})
        return self.browser.post(
            BASE + where, content, content_type="application/json", headers=self.headers(**more)
        )

    def headers(self, **more) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} | {n.replace("_", "-"): v for n, v in more.items()}

    def hand_in(self, facts=FACTS, key: str = "one", service: str = "heating", **more):
        body = {"facts": facts, "language": "en"} | more
        return self.post(f"services/{service}/requests", body, idempotency_key=key, accept_language="en")


@pytest.fixture
def system(small, in_town) -> System:
    return System("school system")


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Bearer "])
def test_without_a_token_nothing_is_said(small, in_town, token):
    answer = Browser().get(BASE + "services", headers={"authorization": token})
    assert answer.status_code == 401


def test_who_tries_many_tokens_has_to_wait(small, in_town):
    answers = [
        Browser().get(BASE + "services", headers={"authorization": f"Bearer {number}"})
        for number in range(31)
    ]
    assert [answers[0].status_code, answers[-1].status_code] == [401, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_system_that_was_shut_out_gets_in_no_more(system):
    actions.close_client(system.client, by=SYSTEM(TOWN))
    assert system.get("services").status_code == 401


def test_a_token_of_one_town_opens_nothing_in_another(system, other_town):
    with other_town:
        answer = system.browser.get(f"/{OTHER_TOWN}/api/v1/services", headers=system.headers())
    assert answer.status_code == 401


def test_the_token_itself_is_not_stored(system):
    kept = Client.objects.get(id=system.client.id)
    assert system.token not in (kept.token, kept.webhook_secret)


# ---------------------------------------------------------------- the catalogue


def test_a_service_says_everything_that_it_asks(system):
    assert "heating" in [one["id"] for one in system.get("services").json()]
    detail = system.get("services/heating").json()
    asked = {question["name"]: question for question in detail["questions"]}
    assert asked["applicant.name"]["required"]
    assert asked["member.birth_date"]["each"] == "members"
    assert set(asked["applicant.name"]["label"]) == {"ja", "easy", "en"}
    assert [paper["purpose"] for paper in detail["papers"]] == ["tax_paper"]


def test_the_description_is_openapi_with_the_addresses_of_the_town(system):
    described = system.browser.get(BASE + "openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert f"{BASE}services/{{service}}/requests" in described["paths"]


# ---------------------------------------------------------------- handing in


def test_a_request_becomes_a_case_like_any_other(system, in_town):
    answer = system.hand_in()
    assert answer.status_code == 201, answer.content
    case = Case.objects.get(reference=answer.json()["reference"])
    assert (case.channel, case.language, case.identified) == ("api", "en", False)
    assert case.status["facts"]["applicant"]["birth_date"] == "1950-01-01"
    assert case.status["facts"]["applicant"]["postal_code"] == "9990001"
    jobs.drain(in_town, as_of=now())
    assert system.get(f"requests/{case.reference}").json()["state"] == "open"


def test_sent_again_with_the_same_key_it_is_the_same_request(system):
    first, again = system.hand_in(), system.hand_in()
    assert first.json()["reference"] == again.json()["reference"]
    assert Case.objects.count() == 1


def test_the_same_key_for_something_else_is_refused(system):
    system.hand_in()
    other = system.hand_in({**FACTS, "members": []})
    assert other.status_code == 409
    assert "new key" in other.json()["title"]
    assert Case.objects.count() == 1


def test_two_systems_may_use_the_same_key(system):
    assert system.hand_in().json()["reference"] != System("other").hand_in().json()["reference"]


@pytest.mark.parametrize("key", ["", "x" * 101])
def test_a_request_without_a_usable_key_is_refused(system, key):
    assert system.hand_in(key=key).status_code == 400


WRONG = {
    "applicant.birth_date": {"applicant": {**FACTS["applicant"], "birth_date": "昭和65年1月1日"}},
    "applicant.name": {"applicant": {k: v for k, v in FACTS["applicant"].items() if k != "name"}},
    "applicant.colour": {"applicant": {**FACTS["applicant"], "colour": "red"}},
    "members[0].taxed": {"members": [{"birth_date": "1950-01-01", "taxed": "no"}]},
    "members": {"members": "nobody"},
    "account.branch": {"account": {**FACTS["account"], "branch": "999"}},
    "dog": {"dog": 1},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_and_nothing_is_taken_in(system, name):
    answer = system.hand_in({**FACTS, **WRONG[name]})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert name in answer.json()["fields"]
    assert Case.objects.count() == ApiRequest.objects.count() == 0


def test_after_it_was_mended_the_same_key_may_be_used(system):
    system.hand_in({**FACTS, **WRONG["applicant.name"]})
    assert system.hand_in().status_code == 201


def test_errors_are_said_in_the_language_of_the_caller(system):
    answer = system.post("services/heating/requests", {"facts": {}}, accept_language="ja")
    assert "Idempotency-Key" in answer.json()["title"]
    assert "付けて" in answer.json()["title"]


def test_a_body_that_is_not_as_described_is_refused(system):
    answer = system.post("services/heating/requests", {"fact": {}}, idempotency_key="k")
    assert answer.status_code == 422
    assert any("facts" in name for name in answer.json()["fields"])


def test_a_service_that_is_not_offered_is_named(system):
    assert system.hand_in(service="cooling").status_code == 404


def test_papers_come_with_the_request_and_are_checked(system):
    picture = b64encode(bytes.fromhex("89504e470d0a1a0a") + b"0" * 10).decode()
    for content, purpose, wrong in (("%%%", "tax_paper", "base64"), (picture, "holiday_photo", "asks for")):
        paper = {"purpose": purpose, "name": "a.png", "content": content}
        answer = system.hand_in(papers=[paper])
        assert answer.status_code == 422
        assert wrong in answer.json()["fields"]["papers[0]"]


# ---------------------------------------------------------------- afterwards


def test_a_system_sees_its_own_requests_and_no_others(system):
    reference = system.hand_in().json()["reference"]
    other = System("other")
    assert other.get(f"requests/{reference}").status_code == 404
    assert other.post(f"requests/{reference}/withdraw").status_code == 404
    assert other.get("requests").json() == []
    assert [one["reference"] for one in system.get("requests").json()] == [reference]


def test_requests_are_listed_page_by_page(system):
    references = [system.hand_in(key=f"k{number}").json()["reference"] for number in range(3)]
    first = system.get("requests?limit=2").json()
    rest = system.get(f"requests?limit=2&after={first[-1]['reference']}").json()
    assert [one["reference"] for one in [*first, *rest]] == references


def test_what_was_asked_for_is_answered_and_a_request_is_taken_back(system, in_town):
    reference = system.hand_in({**FACTS, "members": [{"birth_date": "1950-01-01"}]}).json()
    assert "reference" not in reference  # the form needs it
    reference = system.hand_in().json()["reference"]
    jobs.drain(in_town, as_of=now())
    case = Case.objects.get(reference=reference)
    task = open_task(case, "review")
    cases.return_for_correction(task, by=SATO, as_of=now(), message="?", asks=["members"])
    assert system.get(f"requests/{reference}").json()["asks"] == ["members"]
    answered = system.post(
        f"requests/{reference}/answer", {"facts": {"members": [{"birth_date": "1949-01-01", "taxed": False}]}}
    )
    assert answered.status_code == 200, answered.content
    assert Case.objects.get(id=case.id).status["facts"]["members"][0]["birth_date"] == "1949-01-01"
    assert system.post(f"requests/{reference}/withdraw").json()["outcome"] == "withdrawn"
    assert system.post(f"requests/{reference}/withdraw").status_code == 409
