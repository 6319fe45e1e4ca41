"""A town, its small catalogue and browsers of its staff."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.access.conftest import quick_passwords
from tests.access.people import make_staff, sign_in
from tests.cases.conftest import apply, small

__all__ = ["apply", "desk", "quick_passwords", "small"]


@pytest.fixture
def desk(in_town, quick_passwords) -> Callable[..., Client]:
    """`desk("reviewer")`: the browser of a member of staff with these roles, signed in with both factors."""

    def open_desk(*roles: str, login: str = "") -> Client:
        client = Client()
        login = login or "-".join(roles)
        make_staff(*roles, login=login, name=f"職員 {login}")
        sign_in(client, login)
        return client

    return open_desk
