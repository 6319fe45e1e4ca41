"""Accounts on the command line."""

import re

import pyotp
import pytest
from click.testing import CliRunner, Result

from tests.access.people import PASSWORD, TOWN
from yakuba.access import actions, commands, queries, towns
from yakuba.site import cli


@pytest.fixture(autouse=True)
def ready(monkeypatch):
    """The tests' database is up already."""
    monkeypatch.setattr(cli, "prepare", lambda: None)


def run(*words: str) -> Result:
    return CliRunner().invoke(commands.staff, [*words, "--town", TOWN])


def add(login: str = "hanako", *more: str) -> Result:
    return run("add", login, "--name", "山本 花子", "--role", "clerk", "--password", PASSWORD, *more)


@pytest.mark.django_db
def test_an_account_made_on_the_server_can_sign_in(time):
    shown = add("hanako", "--role", "reviewer").output
    secret = re.search(r"secret=([A-Z2-7]+)", shown)[1]
    with towns.inside(TOWN):
        staff = actions.check_password_of("hanako", PASSWORD, town=TOWN, address="192.0.2.1", as_of=time())
        actions.check_code(staff, pyotp.TOTP(secret).at(time()), as_of=time())
    assert staff.roles == ["clerk", "reviewer"]


@pytest.mark.django_db
def test_the_list_shows_login_roles_and_second_factor():
    add()
    assert re.search(r"hanako\t山本 花子\tclerk\tcode\tnever", run("list").output)


@pytest.mark.django_db
def test_a_new_secret_replaces_the_old_one():
    add()
    with towns.inside(TOWN):
        before = queries.staff_by_login("hanako").totp_secret
    assert "otpauth://" in run("totp", "hanako").output
    with towns.inside(TOWN):
        assert queries.staff_by_login("hanako").totp_secret != before


@pytest.mark.django_db
def test_closing_an_account_is_shown_in_the_list():
    add()
    assert run("close", "hanako").exit_code == 0
    assert "closed" in run("list").output


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("totp", "nobody"), "no account 'nobody'"),
        (("add", "x", "--name", "x", "--role", "boss", "--password", PASSWORD), "no such role: boss"),
        (
            ("add", "x", "--name", "x", "--role", "supporter", "--role", "clerk", "--password", PASSWORD),
            "supporter stands alone",
        ),
        (("add", "x", "--name", "x", "--role", "clerk", "--password", "short"), "too short"),
    ],
)
def test_a_slip_is_named_and_changes_nothing(words, said):
    result = run(*words)
    assert result.exit_code == 1
    assert said in result.output
    with towns.inside(TOWN):
        assert queries.all_staff() == []


def test_policies_are_listed_by_action():
    shown = CliRunner().invoke(commands.policies, ["--action", "money.run.approve"]).output
    assert "four-eyes-money" in shown
    assert "staff-register" not in shown
