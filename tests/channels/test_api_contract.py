"""Whatever another system sends, the API answers as its description says: schemathesis, against the real server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import openapi

from tests.channels.test_api import BASE, System
from tests.channels.test_records_api import Reader
from tests.conftest import TOWN
from tests.records.conftest import Old
from tests.records.loads import home
from yakuba.access import towns

FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [
    ("GET", "services"),
    ("GET", "services/{service}"),
    ("POST", "services/{service}/requests"),
    ("GET", "requests"),
    ("GET", "requests/{reference}"),
    ("POST", "requests/{reference}/answer"),
    ("POST", "requests/{reference}/withdraw"),
    ("GET", "talks/{name}"),
    ("POST", "talks/{name}"),
]
READING = [("GET", "records"), ("GET", "records/{standard}/{group}")]


@pytest.fixture(scope="module")
def described(served):
    """The description as the server gives it; so many wrong tokens are tried that nobody would be let in any more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yakuba.channels.api.WRONG_TOKENS", 10**6)
        yield from _described(served)


def _described(served):
    yield openapi.from_url(f"{served}/api/v1/openapi.json")


@pytest.fixture(scope="module")
def token(served):
    return System("fuzzer").token


@pytest.fixture(scope="module")
def reading(served, tmp_path_factory):
    """A token for standard data, and some that is current. It holds as long as the tests take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yakuba.access.client_tokens.LIFE", timedelta(days=1))
        patch.setattr("yakuba.channels.records_api.MOST_READS", 10**6)
        with towns.inside(TOWN):
            Old(tmp_path_factory.mktemp("old")).cut_over([home(1), home(2)])
        yield Reader("records:resident-register").ask().json()["access_token"]


def test_every_operation_is_tried(described):
    found = {(one.ok().method.upper(), one.ok().path) for one in described.get_all_operations()}
    assert found == {(method, BASE + path) for method, path in OPERATIONS + READING}


@pytest.mark.parametrize(("method", "path"), READING)
def test_every_answer_about_standard_data_is_as_described(described, reading, method, path):
    @FEW
    @given(case=described[BASE + path][method].as_strategy())
    def answers_as_described(case):
        if "group" in case.path_parameters and case.path_parameters["group"][:1] < "m":
            case.path_parameters.update(
                standard="resident-register", group="世帯"
            )  # what is there, now and then
        case.call_and_validate(headers={"Authorization": f"Bearer {reading}"}, timeout=300)

    answers_as_described()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(described, token, method, path):
    @FEW
    @given(case=described[BASE + path][method].as_strategy())
    def answers_as_described(case):
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, timeout=300)

    answers_as_described()
