"""Staff sign in with password and code; wrong tries cost time and tell nothing."""

import re

import pyotp
import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.access.people import (
    OTHER_TOWN,
    PASSWORD,
    SECRET,
    TOWN,
    code,
    make_staff,
    password,
    sign_in,
    signed_in,
)
from yakuba.access import SYSTEM, Denied, Worker, actions, limits, queries, towns
from yakuba.access.models import AccessEvent, Limit, Staff
from yakuba.access.sealed import SealBroken, unseal

pytestmark = pytest.mark.django_db


def outcomes() -> list[str]:
    with towns.inside(TOWN):
        return list(
            AccessEvent.objects.filter(action="sign_in").order_by("id").values_list("outcome", flat=True)
        )


def test_password_and_code_open_the_staff_pages(client, time):
    make_staff()
    assert not signed_in(client)
    assert sign_in(client).url == f"/{TOWN}/staff/"
    assert signed_in(client)
    assert outcomes() == ["signed-in"]


def test_the_password_alone_opens_nothing(client, time):
    make_staff()
    assert password(client).status_code == 302
    assert not signed_in(client)


def test_the_code_page_without_a_password_begins_again(client, time):
    make_staff()
    assert client.post(f"/{TOWN}/staff/sign-in/code/", {"code": code()}).status_code == 401
    assert not signed_in(client)


def test_five_minutes_after_the_password_it_begins_again(client, time):
    make_staff()
    password(client)
    time.passes(minutes=6)
    assert client.post(f"/{TOWN}/staff/sign-in/code/", {"code": code()}).status_code == 401


def test_a_code_works_once(client, time):
    make_staff()
    sign_in(client)
    thief = Client()
    password(thief)
    assert thief.post(f"/{TOWN}/staff/sign-in/code/", {"code": code()}).status_code == 401
    assert not signed_in(thief)


def test_an_older_code_does_not_work_after_a_newer_one(client, time):
    staff = make_staff()
    with towns.inside(TOWN):
        old = code()
        time.passes(seconds=30)
        actions.check_code(staff, code(), as_of=time())
        with pytest.raises(actions.WrongCredentials):
            actions.check_code(staff, old, as_of=time())


@pytest.mark.parametrize("drift", [-30, 0, 30])
def test_a_phone_whose_clock_is_half_a_minute_off_still_signs_in(time, drift):
    staff = make_staff()
    with towns.inside(TOWN):
        actions.check_code(staff, pyotp.TOTP(SECRET).at(time(), counter_offset=drift // 30), as_of=time())


def test_a_code_typed_in_full_width_digits_with_a_blank_is_read(time):
    staff = make_staff()
    wide = code().translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    with towns.inside(TOWN):
        actions.check_code(staff, f"{wide[:3]} {wide[3:]}", as_of=time())


@pytest.mark.parametrize("wrong", ["", "000000", "abcdef", "１２", "🗝"])
def test_a_wrong_code_is_refused_whatever_is_typed(client, time, wrong):
    make_staff()
    password(client)
    assert client.post(f"/{TOWN}/staff/sign-in/code/", {"code": wrong}).status_code == 401
    assert outcomes() == ["failed"]


def test_an_unknown_login_and_a_wrong_password_read_the_same(client, time):
    make_staff()
    unknown, wrong = password(client, login="nobody1"), password(client, secret="not the password")
    assert unknown.status_code == wrong.status_code == 401
    assert _without_what_was_typed(unknown, "nobody1") == _without_what_was_typed(wrong, "hanako")


def _without_what_was_typed(page, login: str) -> str:
    shown = page.content.decode().replace(f'value="{login}"', "")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", shown)


def test_an_unknown_login_is_hashed_too_so_that_time_tells_nothing(time, monkeypatch):
    """Counted, not timed: both ways check exactly one password hash."""
    make_staff()
    checked = []
    real = actions.check_password
    monkeypatch.setattr(actions, "check_password", lambda *a: checked.append(a) or real(*a))
    for login in ("nobody", "hanako"):
        with towns.inside(TOWN), pytest.raises(actions.WrongCredentials):
            actions.check_password_of(login, "wrong", town=TOWN, address="192.0.2.1", as_of=time())
    assert len(checked) == 2


@pytest.mark.parametrize("login", ["hanako", "nobody"])
def test_five_wrong_tries_lock_the_login_and_say_until_when(client, time, login):
    make_staff()
    for _ in range(5):
        assert password(client, login=login, secret="wrong").status_code == 401
    locked = password(client, login=login)
    assert locked.status_code == 429
    assert 0 < int(locked["Retry-After"]) <= 30
    assert "までお待ちください" in locked.content.decode()
    assert outcomes() == ["failed"] * 5 + ["locked"]


def test_after_the_wait_the_right_password_opens_again_and_the_count_begins_anew(client, time):
    make_staff()
    for _ in range(5):
        password(client, secret="wrong")
    time.passes(seconds=31)
    assert sign_in(client).status_code == 302
    assert signed_in(client)
    assert password(client, secret="wrong").status_code == 401


def test_wrong_codes_lock_too(client, time):
    make_staff()
    password(client)
    for _ in range(5):
        client.post(f"/{TOWN}/staff/sign-in/code/", {"code": "000000"})
    assert client.post(f"/{TOWN}/staff/sign-in/code/", {"code": code()}).status_code == 429


def test_one_address_cannot_try_many_logins(client, time):
    answers = [password(client, login=f"guess{n}", secret="wrong").status_code for n in range(31)]
    assert answers == [401] * 30 + [429]


def test_a_closed_account_cannot_sign_in_and_is_signed_out(client, time):
    staff = make_staff()
    sign_in(client)
    with towns.inside(TOWN):
        actions.close_staff(staff, by=SYSTEM(TOWN))
    assert not signed_in(client)
    assert password(client).status_code == 401


def test_changed_roles_hold_from_the_next_request(client, time):
    staff = make_staff("clerk")
    sign_in(client)
    with towns.inside(TOWN):
        actions.change_roles(staff, ["auditor"], by=SYSTEM(TOWN))
    assert client.get(f"/{TOWN}/staff/account/").wsgi_request.worker.roles == {"auditor"}


def test_an_account_of_one_town_does_not_open_another(client, time):
    make_staff(town=TOWN)
    assert password(client, town=OTHER_TOWN).status_code == 401


def test_signing_out_ends_the_session_on_the_server(client, time):
    make_staff()
    sign_in(client)
    stolen = client.cookies["yakuba_session"].value
    client.post(f"/{TOWN}/sign-out/")
    client.cookies["yakuba_session"] = stolen
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        (f"/{TOWN}/staff/queue/", f"/{TOWN}/staff/queue/"),
        (f"/{OTHER_TOWN}/staff/", f"/{TOWN}/staff/"),
        ("https://evil.example/", f"/{TOWN}/staff/"),
        ("//evil.example/", f"/{TOWN}/staff/"),
        (f"/{TOWN}/../{OTHER_TOWN}/", f"/{TOWN}/staff/"),
    ],
)
def test_after_signing_in_one_lands_on_a_page_of_the_same_town(client, time, wanted, goes):
    make_staff()
    client.post(f"/{TOWN}/staff/sign-in/", {"login": "hanako", "password": PASSWORD, "next": wanted})
    assert client.post(f"/{TOWN}/staff/sign-in/code/", {"code": code()}).url == goes


def test_a_weak_password_is_refused_when_the_account_is_made(in_town):
    with pytest.raises(ValidationError):
        actions.add_staff("taro", "太郎", ["clerk"], "password", by=SYSTEM(TOWN))


@pytest.mark.parametrize("typed", ["", "!", PASSWORD])
def test_who_was_given_no_password_does_not_sign_in(client, time, in_town, typed):
    taro = actions.add_staff("taro", "太郎", ["clerk"], None, by=SYSTEM(TOWN))
    password(client, "taro", taro.password if typed == "!" else typed)
    assert client.post(f"/{TOWN}/staff/sign-in/code/", {"code": code()}).status_code == 401
    assert not signed_in(client)


def test_a_role_that_nobody_declared_is_refused_by_name(in_town):
    with pytest.raises(actions.UnknownRole, match="boss"):
        actions.add_staff("taro", "太郎", ["boss"], PASSWORD, by=SYSTEM(TOWN))


def test_two_accounts_cannot_share_a_login(in_town):
    make_staff()
    with pytest.raises(actions.LoginTaken, match="hanako"):
        make_staff()


def test_a_clerk_cannot_make_accounts(in_town):
    clerk = Worker("staff", "staff:x", TOWN, roles=frozenset({"clerk"}), strength=2)
    with pytest.raises(Denied):
        actions.add_staff("taro", "太郎", ["clerk"], PASSWORD, by=clerk)


def test_the_code_secret_is_sealed_at_rest_and_lost_with_its_key(in_town, settings):
    staff = make_staff()
    assert SECRET not in staff.totp_secret
    assert unseal(staff.totp_secret) == SECRET
    settings.YAKUBA_SEAL_KEYS = ["Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGw="]
    with pytest.raises(SealBroken, match="yakuba staff totp"):
        unseal(staff.totp_secret)


def test_limits_forget_what_is_over(in_town, time):
    limits.fail("sign-in", "hanako", as_of=time())
    time.passes(hours=25)
    assert limits.forget(as_of=time()) == 1


def test_the_wait_doubles_with_each_further_failure_up_to_an_hour(in_town, time):
    waits = []
    for _ in range(20):
        limits.fail("sign-in", "hanako", as_of=time())
        try:
            limits.check("sign-in", "hanako", as_of=time())
        except limits.TooMany as locked:
            waits.append((locked.until - time()).total_seconds())
    assert waits[:4] == [30, 60, 120, 240]
    assert waits[-1] == 3600


def test_keys_of_limits_are_kept_as_digests(in_town, time):
    limits.fail("sign-in", "hanako", as_of=time())
    assert "hanako" not in Limit.objects.get().key


def test_queries_list_the_staff_of_the_present_town_only():
    make_staff(login="a", town=TOWN)
    make_staff(login="b", town=OTHER_TOWN)
    with towns.inside(TOWN):
        assert [staff.login for staff in queries.all_staff()] == ["a"]
        assert not Staff.objects.filter(login="b").exists()


@pytest.mark.django_db
def test_an_address_that_is_ones_own_is_not_counted_as_locked(client, time):
    make_staff()
    sign_in(client)
    with towns.inside(TOWN):
        assert limits.locked(as_of=time()) == {}
