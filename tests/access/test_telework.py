"""Working outside of the hall, through the pages: devices, networks, proving again who one is, stolen sessions."""

import re
from datetime import timedelta

import pytest

from tests.access.people import TOWN, code, make_staff, password, sign_in
from yakuba import clock
from yakuba.access import SYSTEM, devices, towns
from yakuba.access.errors import HoursTurned, Nameless, NotACertificate, NotANetwork, TooWide
from yakuba.access.models import AccessEvent, Device, Session, Staff
from yakuba.access.situation import COOKIE

pytestmark = pytest.mark.django_db
OUTSIDE = {"REMOTE_ADDR": "198.51.100.7"}
HOME, ACCOUNT = f"/{TOWN}/staff/", f"/{TOWN}/staff/account/"
DEVICE, STEP_UP = f"/{TOWN}/staff/this-device/", f"/{TOWN}/staff/step-up/"


@pytest.fixture(autouse=True)
def always_open(db):
    """The hours for work outside are another test's matter."""
    from yakuba.access import situation

    class Open:
        def is_open(self, day):
            return True

    before, situation.HALL = situation.HALL, Open()
    with towns.inside(TOWN):
        from datetime import time

        devices.set_posture("none", time(0), time(23, 59), by=SYSTEM(TOWN), as_of=clock.now())
    yield
    situation.HALL = before


def issued(staff: Staff | None, **how) -> tuple[Device, str]:
    with towns.inside(TOWN):
        return devices.issue("laptop 7", staff, by=SYSTEM(TOWN), as_of=clock.now(), **how)


def at_home(client, time, staff: Staff, **how) -> Device:
    """Signed in on a registered device outside of the hall."""
    device, number = issued(staff, **how)
    client.defaults.update(OUTSIDE)
    sign_in(client, staff.login)
    assert client.post(DEVICE, {"code": number}).status_code == 302
    return device


def events(**which) -> list[AccessEvent]:
    with towns.inside(TOWN):
        return list(AccessEvent.objects.filter(**which).order_by("id"))


def test_an_unknown_device_outside_is_refused_and_told_how_to_be_known(client, time):
    make_staff("clerk")
    client.defaults.update(OUTSIDE)
    sign_in(client)
    page = client.get(HOME)
    assert page.status_code == 403
    assert "outside-known-device" in page.content.decode() or "登録されていない端末" in page.content.decode()
    assert DEVICE in page.content.decode()
    [denied] = events(outcome="denied")
    assert denied.policies == ["outside-known-device"]
    assert denied.question["circumstances"]["zone"] == "internet"


def test_a_code_makes_the_device_known_and_the_work_opens(client, time):
    staff = make_staff("clerk")
    at_home(client, time, staff)
    assert client.get(HOME).status_code == 200
    assert client.cookies[COOKIE]["httponly"]


def test_a_code_works_once_for_its_person_and_for_a_day(client, time):
    mine, other = make_staff("clerk"), make_staff("clerk", login="taro", name="太郎")
    _, number = issued(other)
    client.defaults.update(OUTSIDE)
    sign_in(client)
    assert client.post(DEVICE, {"code": number}).status_code == 400
    _, number = issued(mine)
    time.passes(hours=24, seconds=1)
    sign_in(client)
    assert client.post(DEVICE, {"code": number}).status_code == 400
    _, number = issued(mine)
    assert client.post(DEVICE, {"code": number}).status_code == 302
    del client.cookies[COOKIE]
    assert client.post(DEVICE, {"code": number}).status_code == 400


def test_codes_cannot_be_guessed_one_after_the_other(client, time):
    make_staff("clerk")
    client.defaults.update(OUTSIDE)
    sign_in(client)
    answers = [client.post(DEVICE, {"code": str(n) * 16}).status_code for n in range(8)]
    assert answers[:5] == [400] * 5
    assert set(answers[5:]) == {429}


def test_a_device_that_was_revoked_a_moment_ago_opens_nothing(client, time):
    staff = make_staff("clerk")
    device = at_home(client, time, staff)
    with towns.inside(TOWN):
        devices.revoke(device.pk, by=SYSTEM(TOWN), as_of=clock.now())
    assert client.get(HOME).status_code == 403


def test_a_device_of_a_colleague_is_an_unknown_one(client, time):
    at_home(client, time, make_staff("clerk"))
    make_staff("clerk", login="taro", name="太郎")
    client.post(f"/{TOWN}/sign-out/")
    sign_in(client, "taro")
    assert client.get(HOME).status_code == 403


def test_a_certificate_counts_only_when_our_own_proxy_says_so(client, time, settings):
    staff = make_staff("clerk")
    print_ = "ab" * 32
    at_home(client, time, staff, managed=True, certificate=print_)
    shown = {"X-Client-Certificate-SHA256": print_.upper()}
    assert "（証明書あり）" not in client.get(DEVICE, headers=shown).content.decode()
    settings.TRUSTED_PROXIES = 1
    behind = {**shown, "X-Forwarded-For": "198.51.100.7"}
    assert "（証明書あり）" in client.get(DEVICE, headers=behind).content.decode()


def test_an_undeclared_proxy_makes_nobody_seem_inside_of_the_hall(client, time):
    make_staff("clerk")
    client.defaults.update({"HTTP_X_FORWARDED_FOR": "203.0.113.9"})  # from 127.0.0.1, where a proxy runs
    sign_in(client)
    assert client.get(HOME).status_code == 403


def test_a_declared_network_is_the_hall_and_the_narrowest_one_counts(client, time):
    make_staff("clerk")
    with towns.inside(TOWN):
        for zone, cidr in [("counter", "198.51.0.0/16"), ("disaster", "198.51.100.0/24")]:
            devices.declare_network(zone, cidr, by=SYSTEM(TOWN), as_of=clock.now())
    for address, status in [("198.51.7.7", 200), ("198.51.100.7", 403), ("127.0.0.1", 403)]:
        client.defaults["REMOTE_ADDR"] = address
        sign_in(client)
        assert client.get(HOME).status_code == status, address


def test_a_session_of_the_hall_that_is_shown_from_outside_is_nobodys(client, time):
    staff = make_staff("clerk")
    at_home(client, time, staff)
    client.defaults["REMOTE_ADDR"] = "127.0.0.1"
    sign_in(client)
    assert client.get(HOME).status_code == 200
    stolen = client.get(HOME, REMOTE_ADDR="198.51.100.7")
    assert stolen.status_code == 302
    assert "/staff/sign-in/" in stolen.url


def test_a_session_outside_is_short(client, time):
    at_home(client, time, make_staff("clerk"))
    time.passes(minutes=14)
    assert client.get(HOME).status_code == 200
    time.passes(minutes=16)
    assert client.get(HOME).status_code == 302
    sign_in(client)
    for _ in range(24):
        time.passes(minutes=10)
        last = client.get(HOME).status_code
    assert last == 302


def test_an_old_proof_is_renewed_with_a_code_and_leads_back(client, time):
    make_staff("clerk", "admin")
    with towns.inside(TOWN):
        staff = Staff.objects.get()
    at_home(client, time, staff)
    declared = f"/{TOWN}/staff/devices/"
    assert client.get(declared).status_code == 200
    for _ in range(2):
        time.passes(minutes=10)
        client.get(HOME)
    page = client.get(declared)
    assert page.status_code == 403
    assert f"{STEP_UP}?next=" in page.content.decode()
    key = client.cookies["yakuba_session"].value
    answer = client.post(STEP_UP, {"code": code(), "next": declared})
    assert (answer.status_code, answer.url) == (302, declared)
    assert client.cookies["yakuba_session"].value != key
    assert client.get(declared).status_code == 200
    assert events(action="step_up", outcome="signed-in")


def test_a_code_that_proved_it_once_proves_nothing_again(client, time):
    make_staff("clerk")
    sign_in(client)
    time.passes(seconds=60)
    shown = code()
    assert client.post(STEP_UP, {"code": shown}).status_code == 302
    assert client.post(STEP_UP, {"code": shown}).status_code == 401


def test_a_wrong_code_again_and_again_locks_the_account(client, time):
    make_staff("clerk")
    sign_in(client)
    answers = [client.post(STEP_UP, {"code": "000000"}).status_code for _ in range(8)]
    assert 429 in answers
    assert password(client).status_code == 302  # another factor, and counted apart
    assert client.post(f"/{TOWN}/staff/sign-in/code/", {"code": code()}).status_code == 429


def test_where_to_go_after_the_proof_stays_in_this_town(client, time):
    make_staff("clerk")
    sign_in(client)
    time.passes(seconds=60)
    answer = client.post(STEP_UP, {"code": code(), "next": "https://elsewhere.example/"})
    assert answer.url == HOME


def test_a_page_outside_is_marked_with_who_and_when_and_is_not_printed(client, time):
    staff = make_staff("clerk")
    at_home(client, time, staff)
    page = client.get(HOME).content.decode()
    assert re.search(r'class="watermark".*山本 花子', page, re.S)
    assert "data-no-print" in page
    client.defaults["REMOTE_ADDR"] = "127.0.0.1"
    sign_in(client)
    assert "watermark" not in client.get(HOME).content.decode()


def test_only_an_administrator_declares_devices(client, time):
    make_staff("clerk")
    sign_in(client)
    assert client.get(f"/{TOWN}/staff/devices/").status_code == 403
    assert client.post(f"/{TOWN}/staff/devices/issue/", {"name": "x"}).status_code == 403


def test_an_administrator_issues_revokes_and_declares_on_one_page(client, time):
    make_staff("admin")
    sign_in(client)
    base = f"/{TOWN}/staff/devices/"
    page = client.post(f"{base}issue/", {"name": "タブレット1", "staff": ""}).content.decode()
    assert re.search(r"\d{4}-\d{4}-\d{4}-\d{4}", page)
    with towns.inside(TOWN):
        device = Device.objects.get()
    assert client.post(f"{base}{device.pk}/revoke/").status_code == 302
    assert client.post(f"{base}{device.pk}/revoke/").status_code == 400
    assert client.post(f"{base}networks/", {"zone": "counter", "cidr": "127.0.0.0/8"}).status_code == 302
    assert client.post(f"{base}networks/", {"zone": "counter", "cidr": "nonsense"}).status_code == 400
    model = {"profile": "beta", "from": "08:00", "until": "20:00"}
    assert client.post(f"{base}model/", model).status_code == 302
    with towns.inside(TOWN):
        assert devices.posture().profile == "beta"
        [network] = devices.networks()
    assert client.post(f"{base}networks/{network.pk}/forget/").status_code == 302
    assert {one.resource_id for one in events(action="network.manage")} >= {
        f"device:{device.pk}",
        "network:127.0.0.0/8",
        "model:beta",
    }


def test_somebody_unknown_gets_no_device(client, time):
    make_staff("admin")
    sign_in(client)
    answer = client.post(f"/{TOWN}/staff/devices/issue/", {"name": "x", "staff": "staff:nobody"})
    assert answer.status_code == 400
    with towns.inside(TOWN):
        assert not Device.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "do"),
    [
        (NotANetwork, lambda by, now: devices.declare_network("counter", "10.0.0", by=by, as_of=now)),
        (TooWide, lambda by, now: devices.declare_network("counter", "0.0.0.0/0", by=by, as_of=now)),
        (TooWide, lambda by, now: devices.declare_network("counter", "::/0", by=by, as_of=now)),
        (NotACertificate, lambda by, now: devices.issue("x", None, certificate="12", by=by, as_of=now)),
        (Nameless, lambda by, now: devices.issue(" ", None, by=by, as_of=now)),
        (
            HoursTurned,
            lambda by, now: devices.set_posture("none", now.time(), now.time(), by=by, as_of=now),
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_three_languages(wrong, do):
    with towns.inside(TOWN), pytest.raises(wrong) as refused:
        do(SYSTEM(TOWN), clock.now())
    assert refused.value.text.ja
    assert refused.value.text.en
    assert refused.value.text.easy


def test_what_staff_were_allowed_is_kept_with_from_where_they_asked(client, time):
    staff = make_staff("clerk", "admin")
    at_home(client, time, staff)
    client.post(f"/{TOWN}/staff/devices/networks/", {"zone": "counter", "cidr": "10.0.0.0/8"})
    kept = events(action="network.manage", resource_id=TOWN)
    assert kept[-1].question["circumstances"]["zone"] == "home"
    assert kept[-1].question["roles"] == ["admin", "clerk"]


def test_the_session_table_keeps_no_device_secret(client, time):
    at_home(client, time, make_staff("clerk"))
    secret = client.cookies[COOKIE].value
    with towns.inside(TOWN):
        assert all(secret not in one.session_data for one in Session.objects.all())
        assert not Device.objects.filter(secret=secret).exists()
    assert timedelta(days=400) == devices.COOKIE_LIFE
