"""Whatever another system sends, the API answers as its description says: schemathesis, against the real server."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import openapi

from tests.channels.test_api import BASE, System

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
]


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


def test_every_operation_is_tried(described):
    found = {(one.ok().method.upper(), one.ok().path) for one in described.get_all_operations()}
    assert found == {(method, BASE + path) for method, path in OPERATIONS}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(described, token, method, path):
    @FEW
    @given(case=described[BASE + path][method].as_strategy())
    def answers_as_described(case):
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, timeout=300)

    answers_as_described()
