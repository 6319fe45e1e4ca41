"""Staff look after their own sign-in: password, passkeys, where they are signed in; administrators help out."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from django.conf import global_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher
from django.core.exceptions import ValidationError
from django.test import Client

from tests.access.people import PASSWORD, TOWN, code, make_staff, password, sign_in, signed_in
from yakuba.access import SYSTEM, actions, commands, queries, towns
from yakuba.access.models import AccessEvent, Session, Staff
from yakuba.register import actions as register
from yakuba.register.models import Town

pytestmark = pytest.mark.django_db
ACCOUNT = f"/{TOWN}/staff/account/"
NEW = "Mizu-to-Hikari-2026"


def change(client: Client, current: str = PASSWORD, new: str = NEW):
    """Send the form for a new password."""
    return client.post(f"{ACCOUNT}password/", {"current": current, "new": new})


def outcomes() -> list[str]:
    with towns.inside(TOWN):
        found = AccessEvent.objects.filter(action__in=["account.change", "staff.manage"])
        return list(found.exclude(outcome="allowed").order_by("id").values_list("outcome", flat=True))


def test_a_password_is_changed_with_the_present_one_and_other_sessions_end(client, time):
    make_staff()
    sign_in(client)
    elsewhere = Client()
    time.passes(minutes=1)
    sign_in(elsewhere)
    before = elsewhere.cookies["yakuba_session"].value
    assert change(elsewhere).status_code == 302
    assert signed_in(elsewhere)
    assert elsewhere.cookies["yakuba_session"].value != before
    assert not signed_in(client)
    assert password(Client()).status_code == 401
    assert password(Client(), secret=NEW).status_code == 302


def test_a_wrong_present_password_changes_nothing_and_guessing_is_ended(client, time):
    make_staff()
    sign_in(client)
    assert [change(client, current=f"guess {n}").status_code for n in range(6)] == [401] * 5 + [429]
    assert change(client).status_code == 429
    assert password(Client()).status_code == 302  # the old one still holds


@pytest.mark.parametrize(
    "leaked", ["password1234", "PASSWORD1234", "qwertyuiop12", "123456789012", "iloveyou1234"]
)
def test_a_password_that_leaked_is_refused(client, time, leaked):
    make_staff()
    sign_in(client)
    page = change(client, new=leaked)
    assert page.status_code == 400
    assert "漏れた" in page.content.decode()


@pytest.mark.parametrize(
    "known", ["yakuba-394262-2026", "Hanako-Hanako-1234", "town-clerk-admin", "役場394262394262"]
)
def test_a_password_made_of_what_everybody_here_knows_is_refused(in_town, known):
    with pytest.raises(ValidationError):
        actions.add_staff("hanako", "山本 花子", ["clerk"], known, by=SYSTEM(TOWN))


@pytest.mark.parametrize(
    "typed",
    [
        "839201746583",
        "    leading and trailing    ",
        "ねこがきのうねずみをとった",
        "x9" + "a b" * 40,
        "UPPER lower 🗝 ñ",
    ],
)
def test_a_password_may_be_long_and_of_any_characters(client, time, typed):
    """Digits alone, blanks at its ends, kana, 122 characters: it is taken exactly as typed, and no day ends it."""
    make_staff()
    sign_in(client)
    assert change(client, new=typed).status_code == 302
    assert password(Client(), secret=typed.strip() + "x").status_code == 401
    time.passes(days=3650)
    assert password(Client(), secret=typed).status_code == 302


def test_password_fields_are_masked_and_let_password_managers_work(client, time):
    make_staff()
    for page in (
        client.get(f"/{TOWN}/staff/sign-in/"),
        sign_in(client) and client.get(f"{ACCOUNT}password/"),
    ):
        text = page.content.decode()
        assert 'type="password"' in text
        assert 'autocomplete="current-password"' in text
        assert 'autocomplete="off"' not in text
        assert "maxlength" not in text
    assert 'autocomplete="new-password"' in text


def test_passwords_are_kept_by_a_slow_function(settings):
    """Yakuba sets no functions of its own: Django's are in force."""
    assert "PASSWORD_HASHERS" not in (settings.ROOT / "yakuba" / "site" / "settings.py").read_text("utf-8")
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    slow = get_hasher()
    assert isinstance(slow, PBKDF2PasswordHasher)
    assert (slow.algorithm, slow.iterations >= 600_000) == ("pbkdf2_sha256", True)


def test_a_session_key_has_more_than_128_bits(client, time):
    """32 characters of 36: 165 bits (`django.utils.crypto`, of the system's own source)."""
    make_staff()
    keys = set()
    for _ in range(3):
        time.passes(minutes=1)
        sign_in(client)
        keys.add(client.cookies["yakuba_session"].value)
    assert len(keys) == 3
    assert all(len(key) == 32 and key.isalnum() for key in keys)


def test_ones_sessions_are_shown_and_ended(client, time):
    make_staff()
    make_staff(login="jiro")
    browsers = [client, Client(), Client()]
    for browser in browsers:
        time.passes(minutes=1)
        sign_in(browser)
    stranger = Client()
    sign_in(stranger, "jiro")
    page = client.get(f"{ACCOUNT}sessions/").content.decode()
    assert page.count('name="session"') == 2
    assert "この端末" in page
    with towns.inside(TOWN):
        theirs = Session.objects.get(staff__login="jiro").session_key
    client.post(f"{ACCOUNT}sessions/end/", {"session": theirs})  # of a colleague: nothing happens
    assert [signed_in(one) for one in (*browsers, stranger)] == [True] * 4
    one = page.split('name="session" value="')[1].split('"')[0]
    client.post(f"{ACCOUNT}sessions/end/", {"session": one})
    assert sorted(signed_in(one) for one in browsers) == [False, True, True]
    client.post(f"{ACCOUNT}sessions/end/")
    assert [signed_in(one) for one in browsers] == [True, False, False]
    assert signed_in(stranger)


def test_changing_a_factor_needs_both_factors_a_moment_ago(client, time):
    make_staff()
    sign_in(client)
    time.passes(minutes=14)
    assert client.get(f"{ACCOUNT}password/").status_code == 200
    time.passes(minutes=6)
    for address in ("password/", "sessions/end/", "passkey/question/", "passkey/", "passkey/1/remove/"):
        refused = client.post(f"{ACCOUNT}{address}")
        assert refused.status_code == 403, address
    assert "もう一度の本人確認" in client.get(ACCOUNT).content.decode()
    assert change(client).status_code == 403
    client.post(f"/{TOWN}/staff/step-up/", {"code": code()})
    assert change(client).status_code == 302


def test_changes_of_ones_sign_in_are_in_the_access_log(client, time):
    staff = make_staff()
    sign_in(client)
    change(client)
    with towns.inside(TOWN):
        made = actions.add_passkey(staff, b"id", b"key", 0, "phone")
        actions.remove_passkey(staff, made.pk)
        actions.reset_password(staff, "Ame-to-Niji-2026", by=SYSTEM(TOWN), as_of=time())
    assert [one for one in outcomes() if one != "sessions-ended"] == [
        "password-changed", "passkey-added", "passkey-removed", "password-changed"
    ]  # fmt: skip


def test_every_page_of_the_desk_lets_one_sign_out(client, time):
    make_staff("clerk", "manager", "admin")
    sign_in(client)
    for page in ("", "queue/", "account/", "account/password/", "account/sessions/", "absences/", "devices/"):
        assert f'action="/{TOWN}/sign-out/"' in client.get(f"/{TOWN}/staff/{page}").content.decode(), page


def test_signing_out_clears_what_the_browser_kept(client, time):
    make_staff()
    sign_in(client)
    assert client.post(f"/{TOWN}/sign-out/")["Clear-Site-Data"] == '"cache"'


def run(*arguments: str, typed: str = "") -> str:
    done = CliRunner().invoke(commands.staff, arguments, input=typed, obj=lambda: None)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_administrator_ends_sessions_and_sets_a_password_and_the_second_factor_stays(client, time):
    make_staff()
    sign_in(client)
    assert "Ended: 1" in run("sign-out", "--town", TOWN, "hanako")
    assert not signed_in(client)
    time.passes(minutes=1)
    sign_in(client)
    assert "Ended: 1" in run("sign-out", "--town", TOWN, "--all")
    assert not signed_in(client)
    time.passes(minutes=1)
    sign_in(client)
    run("password", "--town", TOWN, "hanako", typed=f"{NEW}\n{NEW}\n")
    assert not signed_in(client)
    assert password(client, secret=NEW).status_code == 302
    assert not signed_in(client)
    assert client.post(f"/{TOWN}/staff/sign-in/code/", {"code": "000000"}).status_code == 401
    with towns.inside(TOWN):
        assert Staff.objects.get().totp_secret


def test_what_begins_a_sign_in_is_pressed(client, in_town):
    for address in ("sign-in/start/", "staff/sign-in/passkey/", "sign-out/"):
        assert client.get(f"/{TOWN}/{address}").status_code == 405


def test_a_new_town_has_no_account(db):
    Town.objects.all().delete()
    register.add_partner("900001", "委託先", "")
    with towns.inside("900001"):
        assert queries.all_staff() == []
