"""Papers that residents send by mail get to their cases, and no mail is lost."""

from __future__ import annotations

import mailbox
import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from PIL import Image

from yakuba import clock
from yakuba.access import SYSTEM, Worker
from yakuba.cases import actions as case_actions
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.models import Case, Task
from yakuba.robots import actions, queries
from yakuba.robots.collecting import collect
from yakuba.robots.errors import NoAnswer
from yakuba.robots.worker import Report, shift
from yakuba.site import rehearsal

HANAKO = "hanako@example.jp"
POLITE = "よろしくお願いします。"


def photo(colour: str = "white") -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 40), colour).save(written, "PNG")
    return written.getvalue()


def mail(subject: str, *, sender: str = HANAKO, text: str = POLITE, **files: bytes) -> EmailMessage:
    """A mail as phones send it. `files`: name with `_` for its dot → content."""
    message = EmailMessage()
    message["From"] = f"見本 花子 <{sender}>"
    message["To"] = "madoguchi@town.example.jp"
    message["Subject"] = subject
    message.set_content(text, charset="iso-2022-jp" if text == POLITE else "utf-8")
    for name, content in files.items():
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=name.replace("_", ".")
        )
    return message


@pytest.fixture
def post(in_town) -> queries.Post:
    (found,) = queries.posts("mail-intake")
    return found


@pytest.fixture
def server(tmp_path, in_town, post) -> Iterator[Controller]:
    """A mail server that delivers into the Maildir that the robot knows."""
    folder = tmp_path / "mail"
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    running = Controller(Mailbox(folder), hostname="127.0.0.1", port=port)
    running.start()
    actions.set_account("mailbox", str(folder), {}, by=SYSTEM(in_town), as_of=clock.now())
    yield running
    running.stop()


@pytest.fixture
def send(server):
    def sent(message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", server.port) as client:
            client.send_message(message)

    return sent


@pytest.fixture
def work(in_town, post):
    """`work()`: the robot looks into the mailbox and does what it can."""

    def working() -> Report:
        collect(in_town, post, as_of=clock.now())
        with shift(in_town, post) as robot:
            return robot.work()

    return working


@pytest.fixture
def case(in_town) -> Case:
    """The case of somebody whose address is known."""
    facts = rehearsal.parent(1, clock.now())
    facts["applicant"]["email"] = HANAKO
    return case_actions.open_case(
        catalogue.service("child-allowance"),
        facts,
        channel="web",
        by=SYSTEM(in_town),
        as_of=clock.now(),
        key="hers",
    )


def papers(case: Case) -> list[tuple[str, str]]:
    return [(attached.purpose, paper.name) for attached, paper in cases.documents_of(case.id)]


def left(step: str = "hand-on-by-hand") -> list[Task]:
    return list(Task.objects.filter(service="mail-intake", step=step, status="open"))


def test_an_attachment_goes_to_the_case_that_the_subject_names(send, work, case):
    send(mail(f"書類を送ります（{case.reference}）", card_png=photo()))
    assert work().done == 1
    assert papers(case) == [("mail", "card.png")]
    assert Case.objects.get(service="mail-intake").state == "closed"


@pytest.mark.parametrize("written", ["{0}", "{1}", "Re: 受付番号 {2} の件"])
def test_the_number_is_read_however_it_is_written(send, work, case, written):
    digits = case.reference.replace("-", "")
    wide = case.reference.translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    send(mail("書類", text=written.format(case.reference, digits, wide), card_png=photo()))
    work()
    assert papers(case) == [("mail", "card.png")]


@pytest.mark.parametrize(
    ("subject", "sender", "code"),
    [
        ("書類です", HANAKO, "value_missing"),
        ("{0} と 1111-2222-3333", HANAKO, "value_missing"),
        ("1111-2222-3333", HANAKO, "not_there"),
        ("{0}", "someone@example.jp", "other_sender"),
    ],
)
def test_what_is_not_sure_goes_to_a_person(send, work, case, subject, sender, code):
    send(mail(subject.format(case.reference), sender=sender, card_png=photo()))
    assert work().reasons == {code: 1}
    assert papers(case) == []
    assert len(left()) == 1


def test_what_the_robot_lacks_is_called_by_the_label_of_the_fact(send, work, case):
    send(mail("書類です", card_png=photo()))
    work()
    failed = [one.event for one in cases.history(left()[0].case_id) if one.event.kind == "step_failed"]
    assert [one.reason for one in failed] == ["「受付番号」が案件にありません。担当者が確かめてください。"]


def test_a_mail_without_papers_is_read_by_a_person(send, work, case):
    send(mail(case.reference))
    assert work().held == 1


def test_a_clerk_mends_the_number_and_lets_the_robot_try_again(send, work, case, in_town):
    send(mail("書類です", card_png=photo()))
    work()
    clerk = Worker("staff", "staff:1", in_town, roles=frozenset({"clerk"}), strength=2)
    facts = {"mail": {"reference": case.reference}}
    case_actions.finish(left()[0].id, by=clerk, as_of=clock.now(), outcome="again", facts=facts)
    assert work().done == 1
    assert papers(case) == [("mail", "card.png")]


def test_a_file_of_a_kind_that_cannot_be_taken_stays_in_the_mail_and_is_named(send, work, case):
    send(mail(case.reference, card_png=photo(), virus_exe=b"MZ" + b"\0" * 100))
    work()
    own = Case.objects.get(service="mail-intake")
    assert cases.state(own).facts["mail"]["left_out"] == "virus.exe"
    assert papers(own) == [("original", "mail.eml"), ("attachment", "card.png")]
    assert papers(case) == [("mail", "card.png")]


def test_a_robot_that_died_after_it_opened_the_case_opens_no_second_one(send, work, case, server):
    send(mail(case.reference, card_png=photo()))
    work()
    folder = Path(server.handler.mail_dir)
    (seen,) = mailbox.Maildir(folder, create=False).iterkeys()
    (path,) = (folder / "cur").iterdir()
    path.rename(folder / "new" / seen)
    work()
    assert Case.objects.filter(service="mail-intake").count() == 1
    assert list((folder / "new").iterdir()) == []


def test_a_robot_that_died_while_it_handed_papers_on_hands_none_on_twice(send, work, case):
    send(mail(case.reference, card_png=photo(), other_png=photo("black")))
    work()
    task = Task.objects.get(service="mail-intake", step="hand-on")
    assert len(papers(case)) == 2
    own = Case.objects.get(service="mail-intake")
    case_actions.reopen(own.id, by=SYSTEM(own.town), as_of=clock.now(), reason="test")
    Task.objects.filter(id=task.id).update(status="open")
    work()
    assert len(papers(case)) == 2


def test_a_mail_that_nobody_can_read_is_kept_all_the_same(work, server, in_town):
    folder = Path(server.handler.mail_dir)
    broken = b"Subject: =?iso-2022-jp?B?!!!?=\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe"
    (folder / "new" / "1.broken").write_bytes(broken)
    assert work().held == 1
    assert papers(Case.objects.get(service="mail-intake")) == [("original", "mail.eml")]


def test_a_mailbox_that_is_not_there_is_named(in_town, post, tmp_path):
    actions.set_account("mailbox", str(tmp_path / "nowhere"), {}, by=SYSTEM(in_town), as_of=clock.now())
    with pytest.raises(NoAnswer, match="nowhere"):
        collect(in_town, post, as_of=clock.now())
