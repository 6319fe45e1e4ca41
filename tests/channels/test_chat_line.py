"""Talks over LINE: what its webhook brings is a turn, what is replied goes back once, and late it is pushed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.assistant.conftest import NOON, WASTE, shelf  # noqa: F401  (a fixture)
from tests.cases.conftest import KATO
from tests.conftest import TOWN
from yakuba.assistant import line_account, talks
from yakuba.channels import chat_line
from yakuba.clock import now
from yakuba.simulators.line import Messenger, serve

pytestmark = pytest.mark.usefixtures("shelf")
SECRET = "channel-secret"


@pytest.fixture
def line(in_town, settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Messenger]:
    """The town has an account; jobs run where they would be put off to."""
    messenger = Messenger(token="channel-token")
    server = serve(messenger)
    settings.YAKUBA_LINE_URL = f"http://127.0.0.1:{server.server_port}"
    line_account.set_up(SECRET, "channel-token", as_of=NOON)
    monkeypatch.setattr(chat_line, "tell_later", _at_once)
    yield messenger
    server.shutdown()
    server.server_close()


def _at_once(case, key: str, *, token: str = "") -> None:
    chat_line.tell(TOWN, str(case), token, key)


def arrives(*events: dict, signed_with: str = SECRET) -> int:
    body = json.dumps({"destination": "U0", "events": list(events)}).encode()
    signature = base64.b64encode(hmac.new(signed_with.encode(), body, hashlib.sha256).digest()).decode()
    answer = Client().post(
        f"/{TOWN}/chat/line/", body, content_type="application/json", headers={"x-line-signature": signature}
    )
    return answer.status_code


def text(said: str, id: str = "1", user: str = "U1") -> dict:
    message = {"type": "text", "text": said}
    return {
        "type": "message", "webhookEventId": id, "replyToken": f"token-{id}",
        "source": {"type": "user", "userId": user}, "message": message,
    }  # fmt: skip


def pressed(data: str, id: str, user: str = "U1") -> dict:
    return text("", id, user) | {"type": "postback", "postback": {"data": data}, "message": None}


def talk() -> talks.Conversation:
    case = talks.of_outside("line:U1", now())
    assert case
    return talks.conversation(case)


def test_a_question_is_answered_with_choices_below_it(line) -> None:
    assert arrives(text("粗大ごみの出し方")) == 200
    (sent,) = line.sent
    assert sent["kind"] == "reply"
    assert sent["replyToken"] == "token-1"
    labels = [item["action"]["label"] for item in sent["messages"][0]["quickReply"]["items"]]
    assert "職員と話す" in labels
    assert all(len(label) <= 20 for label in labels)


def test_what_is_chosen_is_told_word_for_word(line) -> None:
    arrives(text("粗大ごみの出し方"))
    if talk().turns[-1].how == "offered":
        arrives(pressed(WASTE.id, "2"))
    assert WASTE.answer["ja"] in line.sent[-1]["messages"][0]["text"]


def test_an_event_that_comes_twice_is_one_turn(line) -> None:
    arrives(text("粗大ごみの出し方"))
    arrives(text("粗大ごみの出し方"))
    assert [turn.who for turn in talk().turns] == ["person", "assistant"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"events": 3}', b"[]"])
def test_what_line_did_not_sign_or_nobody_can_read_changes_nothing(line, body) -> None:
    assert arrives(text("粗大ごみの出し方"), signed_with="another") == 403
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    answer = Client().post(
        f"/{TOWN}/chat/line/", body, content_type="application/json", headers={"x-line-signature": signature}
    )
    assert answer.status_code == 200
    assert talks.of_outside("line:U1", now()) is None
    assert line.sent == []


def test_a_reply_that_is_late_is_pushed_once(line) -> None:
    line.spent.add("token-1")
    arrives(text("粗大ごみの出し方"))
    (sent,) = line.sent
    assert (sent["kind"], sent["to"]) == ("push", "U1")


def test_where_line_is_down_the_job_is_tried_again_and_what_was_said_is_kept(line) -> None:
    line.mood = "fail"
    with pytest.raises(line_account.NotSent) as late:
        arrives(text("粗大ごみの出し方"))
    assert late.value.again


def test_a_clerks_words_are_pushed(line) -> None:
    arrives(text("粗大ごみの出し方"))
    arrives(pressed("person", "2"))
    case = talk().case
    talks.clerk_says(case, "お電話ください。", by=KATO, as_of=now(), key="k")
    chat_line.tell_later(case, "k")
    assert (line.sent[-1]["kind"], line.sent[-1]["messages"][0]["text"]) == ("push", "お電話ください。")


def test_stickers_and_followers_begin_no_talk(line) -> None:
    arrives({**text("", "9"), "message": {"type": "sticker"}}, {"type": "follow", "webhookEventId": "8"})
    assert talks.of_outside("line:U1", now()) is None


def test_a_town_without_an_account_has_no_webhook(in_town) -> None:
    assert arrives(text("犬")) == 404
