"""Other systems are told of changes: signed, again and again until they take it, and never of anything twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import orjson
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.channels.test_api import System
from yakuba.access import SYSTEM, actions
from yakuba.cases import actions as cases
from yakuba.cases.models import Case
from yakuba.channels import outward, telling
from yakuba.clock import now


class Receiver:
    """A system that listens; `answers` is what it says to the next messages, then 204."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", receiver.url + "elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture
def system(small, in_town, receiver, settings) -> System:
    """A system that listens; in the test without TLS, in a network of the town hall's own that may be told."""
    settings.YAKUBA_WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    known = System("school system", webhook="https://school.test/")
    known.client.webhook = receiver.url
    known.client.save()
    return known


def test_a_new_request_and_each_change_is_told_once(system, receiver, in_town):
    reference = system.hand_in().json()["reference"]
    at = now()
    assert [telling.tell_all(in_town, as_of=at), telling.tell_all(in_town, as_of=at)] == [1, 0]
    case = Case.objects.get(reference=reference)
    cases.withdraw(case.id, by=SYSTEM(in_town), as_of=at)
    assert telling.tell_all(in_town, as_of=at) == 1
    said = [orjson.loads(body)["data"] for _, body in receiver.got]
    assert [(one["reference"], one["outcome"]) for one in said] == [
        (reference, None),
        (reference, "withdrawn"),
    ]


def test_a_message_is_signed_and_a_changed_one_is_not(system, receiver, in_town):
    system.hand_in()
    telling.tell_all(in_town, as_of=now())
    ((headers, body),) = receiver.got
    assert Webhook(system.signing).verify(body, headers)["type"] == "request.changed"
    with pytest.raises(WebhookVerificationError):
        Webhook(system.signing).verify(body.replace(b"open", b"shut"), headers)


@pytest.mark.parametrize("trouble", [500, 404, 302])
def test_what_was_not_taken_is_sent_again_under_the_same_id(system, receiver, in_town, trouble):
    system.hand_in()
    receiver.answers = [trouble]
    at = now()
    assert telling.tell_all(in_town, as_of=at) == 0
    assert telling.tell_all(in_town, as_of=at + timedelta(seconds=30)) == 0  # not at once
    assert telling.tell_all(in_town, as_of=at + timedelta(minutes=2)) == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 2


def test_a_receiver_that_was_down_for_two_days_gets_the_newest_and_misses_nothing(system, receiver, in_town):
    reference = system.hand_in().json()["reference"]
    receiver.close()
    at = now()
    for hour in range(0, 49):
        assert telling.tell_all(in_town, as_of=at + timedelta(hours=hour)) == 0
    cases.withdraw(Case.objects.get(reference=reference).id, by=SYSTEM(in_town), as_of=at)
    back = Receiver()
    system.client.webhook = back.url
    system.client.save()
    assert telling.tell_all(in_town, as_of=at + timedelta(hours=61)) == 1
    back.close()
    ((_, body),) = back.got
    assert orjson.loads(body)["data"]["outcome"] == "withdrawn"


def test_a_worker_that_dies_while_it_sends_leaves_the_message_to_another(
    system, receiver, in_town, monkeypatch
):
    system.hand_in()
    at = now()
    with monkeypatch.context() as dying:
        dying.setattr(telling, "_send", lambda message, as_of: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            telling.tell_all(in_town, as_of=at)
    assert telling.tell_all(in_town, as_of=at + timedelta(minutes=1)) == 0
    assert telling.tell_all(in_town, as_of=at + timedelta(minutes=3)) == 1


def test_who_does_not_listen_or_was_shut_out_is_told_nothing(system, receiver, in_town):
    System("silent").hand_in(key="two")
    system.hand_in()
    actions.close_client(system.client, by=SYSTEM(in_town))
    assert telling.tell_all(in_town, as_of=now()) == 0
    assert receiver.got == []


def test_a_webhook_without_tls_is_refused(in_town):
    with pytest.raises(actions.AccountError, match="https"):
        actions.add_client("open", webhook="http://school.test/", by=SYSTEM(in_town))


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["192.0.2.1", "172.16.0.9"],
        ["::1"],
        ["fd00::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["2002:a00:1::1"],
    ],
)
def test_a_webhook_never_reaches_into_the_town_halls_own_networks(monkeypatch, addresses):
    found = [(0, 0, 0, "", (one, 443)) for one in addresses]
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(outward.NotOutside):
        outward.post("https://innocent.test/", b"", {}, patience=1)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://a.test/", "https://", "http://a.test/", "https://a:99999/"]
)
def test_a_webhook_is_https_and_nothing_else(monkeypatch, url):
    found = [(0, 0, 0, "", ("203.0.114.1", 443))]
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(outward.NotOutside):
        outward.post(url, b"", {}, patience=1)


def test_a_name_that_answers_otherwise_a_moment_later_leads_nowhere_else(system, receiver, monkeypatch):
    """The call goes to the address that was checked (DNS rebinding), under the name that was asked for."""
    once = iter([[(0, 0, 0, "", ("127.0.0.1", 0))]])
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_, **__: next(once))
    called = []
    monkeypatch.setattr(
        httpx.Client,
        "post",
        lambda self, url, **how: called.append((url, how)) or httpx.Response(204),
    )
    outward.post("https://rebinding.test/hook", b"{}", {}, patience=1)
    ((url, how),) = called
    assert url == "https://127.0.0.1/hook"
    assert how["headers"]["host"] == how["extensions"]["sni_hostname"] == "rebinding.test"
