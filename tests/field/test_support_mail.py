"""Troubles that come by mail: each is a case once, whatever it looks like."""

from __future__ import annotations

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.field.hall import Hall, at
from tests.field.test_onsite import photo
from yakuba.cases import queries as case_queries
from yakuba.cases.models import Case
from yakuba.field import support_mail


@pytest.fixture
def box(tmp_path: Path) -> mailbox.Maildir:
    return mailbox.Maildir(tmp_path / "mail", create=True)


def letter(
    text: str = "電源が入りません。番号は S-1 です。", charset: str = "utf-8", **headers: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "山田 太郎 <taro@example.jp>"
    message["Subject"] = "パソコンが動かない"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text, charset=charset)
    return message


def take_in(box: mailbox.Maildir, hall: Hall) -> list[support_mail.Taken]:
    return support_mail.taken_in(Path(box._path), hall.town, as_of=at(8))


def facts(case) -> dict:
    return case_queries.state(case_queries.one(case)).facts


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "shift_jis"])
def test_a_mail_becomes_a_case_in_whatever_letters_it_was_written(
    hall: Hall, centre, box, charset: str
) -> None:
    hall.installed("S-1", centre)
    box.add(letter(charset=charset).as_bytes())
    (one,) = take_in(box, hall)
    assert one.case is not None
    found = facts(one.case)
    assert found["trouble"]["serial"] == "S-1"
    assert "電源が入りません" in found["trouble"]["told"]
    assert found["site"]["contact"] == "山田 太郎 taro@example.jp"
    assert found["customer"] == {"code": "C-1", "contract": "MC-1"}


def test_a_mail_is_taken_in_once(hall: Hall, box) -> None:
    box.add(letter().as_bytes())
    assert len(take_in(box, hall)) == 1
    assert take_in(box, hall) == []
    box.add(letter().as_bytes())  # the same message again, as after a power cut
    take_in(box, hall)
    assert Case.objects.filter(service="device-support").count() == 1


def test_photos_come_along_and_what_cannot_be_taken_is_named(hall: Hall, box) -> None:
    message = letter()
    message.add_attachment(photo(), maintype="image", subtype="png", filename="screen.png")
    message.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="virus.exe")
    box.add(message.as_bytes())
    (one,) = take_in(box, hall)
    assert one.case is not None
    assert [paper.purpose for paper, _ in case_queries.documents_of(one.case)] == ["photo"]
    (note,) = [h.event for h in case_queries.history(one.case) if h.event.kind == "noted"]
    assert "virus.exe" in note.text


def test_the_answer_of_a_machine_opens_nothing(hall: Hall, box) -> None:
    box.add(letter(Auto_Submitted="auto-replied").as_bytes())
    (one,) = take_in(box, hall)
    assert one.case is None
    assert not Case.objects.exists()
    assert take_in(box, hall) == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe not a mail",
        b"Subject: =?x-none?B?!!?=\n\n\x80",
        b"Content-Type: text/plain; charset=klingon\n\nhi",
    ],
)
def test_what_cannot_be_read_is_kept_as_a_case_all_the_same(hall: Hall, box, raw: bytes) -> None:
    box.add(raw)
    (one,) = take_in(box, hall)
    assert one.case is not None


def test_a_very_long_mail_is_cut_and_not_refused(hall: Hall, box) -> None:
    box.add(letter("あ" * 5000).as_bytes())
    (one,) = take_in(box, hall)
    assert one.case is not None
    assert len(facts(one.case)["trouble"]["told"]) == 1000
