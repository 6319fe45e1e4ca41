"""Telling people: a declared letter goes out by the carrier the person prefers; paper is always possible."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction

from yakuba import access
from yakuba.access import SYSTEM, Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.state import OPEN, CaseState
from yakuba.cases.work import Waiting, works
from yakuba.clock import in_tokyo
from yakuba.declare import Fact, Service
from yakuba.messages import letters, mail, sms
from yakuba.messages.compose import Composed, compose
from yakuba.messages.errors import TryAgain, Undeliverable
from yakuba.messages.models import Message
from yakuba.messages.sender import Sender
from yakuba.register import queries as register
from yakuba.words import Text, ui

RETRY_EVERY = timedelta(seconds=300)
"""The first try is at once, every further one 300 s later."""
MAX_TRIES = 13
"""One hour of tries; then the mail or the text has failed for good and a letter is made instead."""


class NotFailed(Exception):
    """Nothing is left to be sent again: no such mail has failed, or somebody has sent it anew meanwhile."""

    text = Text(
        ja="このメールはもう送り直されたか、届かなかったメールの中にありません。一覧を見てください。何も送っていません。",
        easy="この メールは もう 送りました。リストを 見てください。",
        en="This mail was sent anew already, or is not among those that failed. Look at the list; nothing was sent.",
    )


@works("letter")
def tell(tasks: Sequence[Waiting], *, as_of: datetime) -> None:
    """Work `do: letter` steps: make the letter, or queue the mail or the text whose way out ends the task."""
    sender = town_sender()
    known = set(Message.objects.filter(key__in=[str(t.id) for t in tasks]).values_list("key", flat=True))
    new = [task for task in tasks if str(task.id) not in known]
    grounds = case_queries.grounds([task.case for task in new])
    made = [
        _message(task, sender, grounds.get(task.case, case_queries.Grounds({}, "")), as_of) for task in new
    ]
    Message.objects.bulk_create(made)
    entries: list[cases.Entry] = []
    for task, message in zip(new, made, strict=True):
        if message.carrier == "letter":
            entries += _letter_done(message, task.step.id, task.attempt, sender, as_of)
        else:  # held until it is out, or has failed for good
            held = e.TaskTaken(step=task.step.id, attempt=task.attempt, holder=SYSTEM(message.town).id)
            entries.append(cases.Entry(task.case, held, f"mailing:{message.id}"))
    cases.record_many(entries, by=SYSTEM(towns.current_town()), as_of=as_of)
    for message in made:
        if message.carrier != "letter":
            _send_soon(message)


@dataclass(frozen=True, slots=True)
class News:
    """What one person is asked in a case that waits for their answer. `letter`: the event whose letter it is; `said`: what
    only the sender knows of the placeholders; `key`: the same again is told once."""

    case: uuid.UUID
    key: str
    service: Service
    letter: str
    state: CaseState
    values: Mapping[str, Any]
    said: Mapping[str, str]
    email: str = ""


def ask_many(news: Sequence[News], *, as_of: datetime) -> list[Message]:
    """Ask many people for an answer, in as few statements as one: by mail who gave an address, all others by a letter
    with a form to be sent back. No letter is set yet: that is done for all together, when they are printed.

    Returns the messages that are new.
    """
    sender, town = town_sender(), towns.current_town()
    known = set(Message.objects.filter(key__in=[one.key for one in news]).values_list("key", flat=True))
    made = [_asking(one, sender, town, as_of) for one in news if one.key not in known]
    Message.objects.bulk_create(made)
    mails: list[Any] = [{"town": town, "message": str(one.id)} for one in made if one.carrier == "mail"]
    if mails:
        from yakuba.messages.jobs import send_message

        send_message.batch_defer(*mails)
    return made


def _asking(news: News, sender: Sender, town: str, as_of: datetime) -> Message:
    page = page_of(town, news.state.reference, settings.YAKUBA_BASE_URL, reply=True)
    name = news.service.file.letters[news.letter]
    grounds = case_queries.Grounds(news.values, "")
    composed = compose(news.service, name, news.state, grounds, sender, {**news.said, "case.page": page})
    to = _contact(news.state)
    # who reads a mail has no picture to scan, but a link to press
    body = f"{composed.body}\n\n{page}" if news.email else composed.body
    return Message(
        town=town,
        key=news.key,
        case=news.case,
        template=name,
        carrier="mail" if news.email else "letter",
        state="queued" if news.email else "made",
        language=composed.language,
        to_name=to["name"],
        to_address=to["address"],
        to_postal=to["postal"],
        to_email=news.email,
        subject=composed.subject,
        body=body,
        reply=True,
        made_at=as_of,
        next_try_at=as_of if news.email else None,
    )


def letter_name(task: Waiting) -> str:
    """The letter a step sends: `decision` is the one for how it was decided; the service says which letter is for which
    event, and any other names itself."""
    declared = task.step.letter or "decision"
    event = task.state.decision or "received" if declared == "decision" else declared
    return task.service.file.letters.get(event, event)


def _message(task: Waiting, sender: Sender, grounds: case_queries.Grounds, as_of: datetime) -> Message:
    letter = letter_name(task)
    composed = compose(task.service, letter, task.state, grounds, sender)
    person = _contact(task.state)
    carrier = _carrier(person)
    at_once = carrier == "letter"
    return Message(
        town=towns.current_town(),
        key=str(task.id),
        case=task.case,
        task=task.id,
        template=letter,
        carrier=carrier,
        state="made" if at_once else "queued",
        language=composed.language,
        to_name=person["name"],
        to_address=person["address"],
        to_postal=person["postal"],
        to_email=person["email"],
        to_phone=sms.mobile(person["phone"]),
        subject=composed.subject,
        body=composed.body,
        short=_short(task, letter, sender) if carrier == "sms" else "",
        made_at=as_of,
        next_try_at=None if at_once else as_of,
    )


def _carrier(person: Mapping[str, str]) -> str:
    """A text to who wants texts and has a mobile telephone, where texts are sent; a mail to who gave an address and did
    not want letters; a letter to all others."""
    if person["prefers"] == "sms" and sms.offered() and sms.mobile(person["phone"]):
        return "sms"
    return "mail" if person["email"] and person["prefers"] != "letter" else "letter"


def _short(task: Waiting, letter: str, sender: Sender) -> str:
    """The letter as a text."""
    state, name = task.state, task.service.name.get(task.state.language)
    page = page_of(towns.current_town(), state.reference, settings.YAKUBA_BASE_URL, reply=False)
    return sms.text(sender.name, name, letter, state.reference, page, state.language)


def _contact(state: CaseState) -> dict[str, str]:
    """Whom to write to, from the case's own facts: they are what the person confirmed last."""
    applicant: dict[str, Any] = state.facts.get("applicant", {})
    return {
        "name": applicant.get("name") or "",
        "address": applicant.get("address") or "",
        "postal": applicant.get("postal_code") or "",
        "email": applicant.get("email") or "",
        "phone": applicant.get("phone") or "",
        "prefers": applicant.get("contact") or "",
    }


def _letter_done(
    message: Message, step: str, attempt: int, sender: Sender, as_of: datetime
) -> list[cases.Entry]:
    """The letter as a document of the case, and the step done."""
    document = make_letter(message, sender, as_of=as_of)
    attached = e.Attached(
        document=str(document.id),
        sha256=document.sha256,
        purpose=f"letter:{message.template}",
        name=document.name,
    )
    done = e.StepDone(step=step, attempt=attempt, outcome="letter")
    return [
        cases.Entry(message.case, attached, f"letter:{message.id}"),
        cases.Entry(message.case, done, f"told:{message.id}"),
    ]


def make_letter(message: Message, sender: Sender, *, as_of: datetime) -> Any:
    """Set the message as a PDF and keep it; returns the stored document."""
    case = case_queries.one(message.case)
    reference = case.reference
    letter = as_letter(message, reference, settings.YAKUBA_BASE_URL, case_queries.service_of(case))
    document = cases.store_document(
        letters.pdf([letter], sender),
        name=f"{message.template}-{reference}.pdf",
        origin="system",
        as_of=as_of,
    )
    message.document, message.carrier, message.state = document.id, "letter", "made"
    message.save(update_fields=["document", "carrier", "state"])
    return document


def as_letters(some: Sequence[Message], base_url: str) -> list[letters.Letter]:
    """Messages as they are set on paper."""
    cases = [one.case for one in some]
    references, services = case_queries.references(cases), case_queries.services(cases)
    return [as_letter(one, references[one.case], base_url, services[one.case]) for one in some]


def as_letter(message: Message, reference: str, base_url: str, service: Service) -> letters.Letter:
    """One of them, in a case of that service."""
    return letters.Letter(
        language=message.language,
        subject=message.subject,
        body=message.body,
        name=message.to_name,
        postal=message.to_postal,
        address=message.to_address,
        number=reference,
        on=in_tokyo(message.made_at).date(),
        page=page_of(message.town, reference, base_url, reply=message.reply),
        reply=message.reply,
        asks=_asked(service, message.language) if message.reply else (),
    )


@lru_cache(maxsize=64)
def _asked(service: Service, language: str) -> tuple[letters.Asked, ...]:
    """What the form to be sent back asks: what somebody has to say beside that all is right."""
    facts = [service.facts[name] for name in service.asked_with_confirmation]
    return tuple(((fact.question or fact.label).get(language), _choices(fact, language)) for fact in facts)


def _choices(fact: Fact, language: str) -> tuple[str, ...]:
    if fact.type == "bool":
        return ui("yes", language), ui("no", language)
    return tuple(one.get(language) for one in fact.choices.values())


def page_of(town: str, reference: str, base_url: str, *, reply: bool) -> str:
    """Where a message leads: to where the case stands, or to where it is answered."""
    return f"{base_url}/{town}/{'confirm' if reply else 'status'}/?reference={reference}"


def town_sender() -> Sender:
    """The town as it signs its letters."""
    town = register.town(towns.current_town())
    assert town is not None, "a case is of a town that is served here"
    return Sender(town.name, town.prefecture, town.mayor_title, town.contact, town.synthetic)


# -- mail and texts -------------------------------------------------------------------------------
def _send_soon(message: Message) -> None:
    from yakuba.messages.jobs import send_message

    send_message.defer(town=message.town, message=str(message.id))


def send_now(message_id: uuid.UUID, *, as_of: datetime) -> datetime | None:
    """Try to send a queued mail or text; returns when to try again, or None when it is over or another try is due later.

    The row is locked while the server is talked to, so two workers never send the same one at once. A worker killed
    after the server took it and before the commit sends it once more: a gateway knows the text by its key and takes it
    once; SMTP has no way to ask, the Message-ID is the same, so mailboxes that fold repetitions do.
    """
    message = Message.objects.select_for_update().filter(id=message_id, state="queued").first()
    if message is None or (message.tries and message.next_try_at and message.next_try_at > as_of):
        return None
    if not _still_to_be_told(message):
        _drop(message)
        return None
    message.tries += 1
    try:
        _hand_over(message, as_of)
    except TryAgain as error:
        message.error = str(error)[:500]
        if message.tries < MAX_TRIES:
            message.next_try_at = as_of + RETRY_EVERY
            message.save(update_fields=["tries", "error", "next_try_at"])
            return message.next_try_at
        _give_up(message, as_of)
    except Undeliverable as error:
        message.error = str(error)[:500]
        _give_up(message, as_of)
    return None


def _hand_over(message: Message, as_of: datetime) -> None:
    """Hand it to its carrier. A mail is told with that; of a text the gateway must say that it arrived.

    Raises TryAgain, Undeliverable.
    """
    message.sent_at = as_of
    if message.carrier == "sms":
        key, until = str(message.id), as_of + sms.VALID
        message.receipt = _gateway().send(message.short, message.to_phone, key=key, until=until)
        message.state, message.next_try_at = "accepted", as_of
    else:
        mail.send(message.subject, message.body, message.to_email, message_id=str(message.id))
        message.state, message.next_try_at = "sent", None
    message.save(update_fields=["state", "sent_at", "tries", "next_try_at", "receipt"])
    if message.state == "sent":
        _finish(message, "mail", as_of)


def _gateway() -> sms.Gateway:
    """Who sends texts. Raises TryAgain while none is set: what was promised waits for it, and then becomes a letter."""
    gateway = sms.gateway()
    if gateway is None:
        raise TryAgain("no gateway is set (YAKUBA_SMS_URL)")
    return gateway


def hear_of(message_id: uuid.UUID, *, as_of: datetime) -> None:
    """Ask the gateway what became of a text that it took. Delivered, it has been told; not delivered, or nothing heard as
    long as it may be tried, it becomes a letter."""
    accepted = Message.objects.select_for_update().filter(id=message_id, state="accepted")
    message = accepted.filter(next_try_at__lte=as_of).first()
    if message is None:
        return
    report: sms.Report | None = None
    try:
        report = _gateway().report(message.receipt)
    except TryAgain as error:
        message.error = str(error)[:500]
    if report is not None and report.delivered:
        message.state, message.delivered_at, message.next_try_at = "sent", report.at, None
        message.save(update_fields=["state", "delivered_at", "next_try_at"])
        if _still_to_be_told(message):
            _finish(message, "sms", as_of)
    elif not _still_to_be_told(message):
        _drop(message)
    elif report is not None or _is_over(message, as_of):
        message.error = report.reason[:500] if report else message.error or "no report came"
        _give_up(message, as_of)
    else:
        message.next_try_at = as_of + RETRY_EVERY
        message.save(update_fields=["next_try_at", "error"])


def _is_over(message: Message, as_of: datetime) -> bool:
    """Has the time passed in which the text might arrive?"""
    return message.sent_at is not None and as_of > message.sent_at + sms.VALID


def _drop(message: Message) -> None:
    message.state, message.next_try_at = "dropped", None
    message.save(update_fields=["state", "next_try_at"])


def _still_to_be_told(message: Message) -> bool:
    """Whether the step that the message is for still waits for it: a withdrawn or returned case has other news."""
    task = case_queries.task(message.task) if message.task else None
    return task is None or task.status == OPEN


def _give_up(message: Message, as_of: datetime) -> None:
    """Paper is always possible: what failed stays on the list that staff see, and a letter is made."""
    message.state, message.next_try_at = "failed", None
    message.save(update_fields=["state", "error", "tries", "next_try_at"])
    paper = Message.objects.create(
        **{
            field: getattr(message, field)
            for field in (
                "town",
                "case",
                "task",
                "template",
                "language",
                "to_name",
                "to_address",
                "to_postal",
                "reply",
            )
        },
        key=f"{message.key}:letter",
        carrier="letter",
        state="made",
        subject=message.subject,
        body=message.body,
        made_at=as_of,
    )
    document = make_letter(paper, town_sender(), as_of=as_of)
    cases.attach(
        message.case, document, purpose=f"letter:{message.template}", by=SYSTEM(message.town), as_of=as_of
    )
    _finish(message, "letter", as_of)


def _finish(message: Message, outcome: str, as_of: datetime) -> None:
    if message.task is not None:
        cases.finish(message.task, by=SYSTEM(message.town), as_of=as_of, outcome=outcome)


# -- staff -------------------------------------------------------------------------------------
def posted(messages: Sequence[uuid.UUID], *, by: Worker, as_of: datetime) -> int:
    """The letters went into the post; returns how many were marked."""
    access.require(by, "message.send", access.Resource("Message", "", towns.current_town()))
    rows = Message.objects.filter(id__in=messages, carrier="letter", state="made")
    return rows.update(state="posted", sent_at=as_of)


def resend(message_id: uuid.UUID, email: str, *, by: Worker, as_of: datetime) -> Message:
    """Try a failed mail or text again, as a new mail to a corrected address. Raises access.Denied, NotFailed."""
    access.require(by, "message.resend", access.Resource("Message", str(message_id), towns.current_town()))
    with transaction.atomic():
        old = Message.objects.select_for_update().filter(id=message_id, state="failed").first()
        if old is None:
            raise NotFailed
        old.state = "replaced"
        old.save(update_fields=["state"])
        new = Message.objects.create(
            town=old.town,
            key=f"{old.key}:{old.tries}:{as_of.isoformat()}"[:160],
            case=old.case,
            template=old.template,
            carrier="mail",
            state="queued",
            language=old.language,
            to_name=old.to_name,
            to_email=email,
            subject=old.subject,
            body=old.body,
            made_at=as_of,
            next_try_at=as_of,
        )
        _send_soon(new)
    return new


__all__ = ["Composed", "hear_of", "make_letter", "posted", "resend", "send_now", "tell", "town_sender"]
