"""A talk: somebody asks, the assistant or a clerk answers. It is a case of the service `question`; what was said stands in its log."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yakuba.access import ASSISTANT, Worker, codes, sealed, towns
from yakuba.assistant import larger, library
from yakuba.assistant.errors import NotOffered, TalkOver, WithNobody
from yakuba.assistant.knowledge import Audience
from yakuba.assistant.masking import MARKS, Masked, masked
from yakuba.assistant.models import Talk
from yakuba.assistant.quoting import quoted
from yakuba.assistant.replying import MOST_ASKED, Asked, Reply
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.cases.log import Entry as Logged
from yakuba.cases.state import OPEN
from yakuba.words import search_key

SERVICE, WANTED = "question", "answer-wanted"
REPLY, TALK, WRITE = "reply", "talk", "write"
HANDED_OVER = "handed_over"
TEXTED = "texted"
"""How the assistant spoke where it did not answer a question: it asked for what a form asks, or said how to go on."""
MASKED = frozenset({"my_number", "bank"})
"""What of a talk is not even kept for the clerk who goes on with it: nobody needs it there (番号法 第20条)."""
REST = timedelta(hours=24)
"""After so long without a word a talk is over; whoever comes back begins a new one."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said. `quotes`: the answers that were shown then, as they were."""

    who: str
    how: str
    text: str
    at: datetime
    entries: list[str]
    quotes: list[dict[str, Any]]
    service: str
    by: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A talk as it stands. `with_staff`: a clerk has it; `over`: it has ended."""

    case: uuid.UUID
    reference: str
    language: str
    channel: str
    audience: Audience
    turns: list[Turn] = field(default_factory=list)
    with_staff: bool = False
    over: bool = False

    @property
    def last_shown(self) -> Turn | None:
        """The assistant's last turn that showed answers."""
        return next((turn for turn in reversed(self.turns) if turn.who == "assistant" and turn.entries), None)

    @property
    def about(self) -> str:
        """What was talked about last: the question of the answer that was shown alone, or chosen."""
        shown = next((turn for turn in reversed(self.turns) if len(turn.entries) == 1 and turn.quotes), None)
        return str(shown.quotes[0]["question"]["ja"]) if shown else ""


# -- reading ---------------------------------------------------------------------------------------
def conversation(case: uuid.UUID) -> Conversation:
    """A talk with all that was said in it. Raises TalkOver where there is none."""
    found = case_queries.some([case]).get(case)
    if found is None or found.service != SERVICE:
        raise TalkOver
    state = case_queries.state(found)
    turns = [
        Turn(
            one.event.who,
            one.event.how,
            one.event.text,
            one.at,
            list(one.event.entries),
            list(one.event.quotes),
            one.event.service,
            one.by_id,
        )
        for one in case_queries.history(case)
        if isinstance(one.event, e.Said)
    ]
    return Conversation(
        case,
        found.reference,
        state.language,
        state.channel,
        "staff" if state.fact("talk.asked_by") == "staff" else "public",
        turns,
        with_staff=state.steps[TALK].status == OPEN,
        over=found.closed_at is not None,
    )


def of_outside(who: str, as_of: datetime) -> uuid.UUID | None:
    """The talk that somebody has over an app or a telephone and has not let rest."""
    talk = Talk.objects.filter(outside=_digest(who), last_at__gt=as_of - REST).order_by("-last_at").first()
    return talk.case if talk and case_queries.still_open([talk.case]) else None


def by_code(code: str) -> uuid.UUID | None:
    """The talk that a code takes up again."""
    digest = codes.digest(code)
    talk = Talk.objects.filter(code=digest).first() if digest else None
    return talk.case if talk else None


def resume_code(case: uuid.UUID) -> str:
    """A new code that takes the talk up on another device."""
    code = codes.new()
    Talk.objects.filter(case=case).update(code=codes.digest(code))
    return codes.grouped(code)


def address_of(case: uuid.UUID) -> str:
    """Where what a clerk says is sent; empty where the other side asks for it."""
    talk = Talk.objects.filter(case=case).first()
    return sealed.unseal(talk.address) if talk and talk.address else ""


def declared_minutes() -> int:
    """Minutes of a question by telephone, as the service declares them."""
    declared = catalogue.service(SERVICE).file.count
    return int(declared.manual_minutes) if declared else 0


# -- asking ----------------------------------------------------------------------------------------
def begin(
    *,
    channel: e.Channel,
    language: str,
    as_of: datetime,
    key: str,
    about: str = "",
    audience: Audience = "public",
    outside: str = "",
    send_to: str = "",
) -> uuid.UUID:
    """Begin a talk. `outside`: who it is in an app or on a telephone, of which only a digest is kept; `send_to`: where what a
    clerk says later is sent, which is kept sealed."""
    town = towns.current_town()
    asked_by = "staff" if audience == "staff" else "resident"
    facts = {"talk": {"about": _kept(about).text, "asked_by": asked_by}}
    service = catalogue.service(SERVICE)
    with transaction.atomic():
        case = cases.open_case(
            service,
            facts,
            channel=channel,
            by=ASSISTANT(town),
            as_of=as_of,
            key=f"talk:{key}",
            language=language,
        )
        address = sealed.seal(send_to) if send_to else ""
        known = {"town": town, "outside": _digest(outside), "address": address, "last_at": as_of}
        Talk.objects.get_or_create(case=case.id, defaults=known)
    return case.id


def ask(case: uuid.UUID, text: str, *, by: Worker, as_of: datetime, key: str) -> Reply | None:
    """Somebody asks: what they said, and what the assistant replies, are kept together. With a clerk the assistant is
    silent: None. The same `key` again changes nothing. Raises TalkOver, access.Denied."""
    talk, said = _going_on(case), _kept(text)
    heard = _heard(case, said, key, by)
    if talk.with_staff:
        _keep([heard], by, as_of)
        return None
    reply = library.replier().reply(
        Asked(said.text, about=talk.about, audience=talk.audience, language=talk.language)
    )
    reply = _chosen_first(reply, said.text)
    told = _in_other_words(reply, said.text, talk.language)
    with transaction.atomic():
        _keep([heard, _replied(case, reply, f"said:{case}:{key}:reply", told)], by, as_of)
        if reply.how == "unknown":
            want(said.text, "unanswered", talk, as_of=as_of)
    return reply


def texted(case: uuid.UUID, heard: str, reply: str, *, by: Worker, as_of: datetime, key: str) -> None:
    """Somebody sent a text that is no question, such as the answer to one of a form: it and what is replied are kept. With a clerk
    nothing is replied. The same `key` again changes nothing. Raises TalkOver, access.Denied."""
    _going_on(case)
    entries = [_heard(case, _kept(heard), key, by)]
    if reply:
        told = e.Said(who="assistant", how=TEXTED, text=_kept(reply).text)
        entries.append(Logged(case, told, f"said:{case}:{key}:reply", ASSISTANT(towns.current_town())))
    _keep(entries, by, as_of)


def choose(case: uuid.UUID, entry: str, *, by: Worker, as_of: datetime, key: str) -> Reply:
    """Somebody chooses one of the answers that were offered. Raises NotOffered, TalkOver."""
    talk = _going_on(case)
    shown = talk.last_shown
    found = library.entry(entry, talk.audience)
    if shown is None or entry not in shown.entries or found is None:
        raise NotOffered
    reply = Reply("answered", (found,))
    chosen = e.Said(who="person", how="chose", entries=[entry], text=found.question["ja"])
    _keep(
        [Logged(case, chosen, f"said:{case}:{key}", by), _replied(case, reply, f"said:{case}:{key}:reply")],
        by,
        as_of,
    )
    return reply


def none_of_these(case: uuid.UUID, *, by: Worker, as_of: datetime, key: str) -> None:
    """None of the answers that were offered is the right one: a clerk will write it."""
    talk = _going_on(case)
    with transaction.atomic():
        none = Logged(case, e.Said(who="person", how="none"), f"said:{case}:{key}", by)
        _keep([none, _replied(case, Reply("unknown"), f"said:{case}:{key}:reply")], by, as_of)
        if question := _last_question(talk):
            want(question, "none_of_these", talk, as_of=as_of)


def judge(case: uuid.UUID, *, helped: bool, by: Worker, as_of: datetime, key: str) -> None:
    """Somebody says whether the answer helped. One that did not is looked at by a clerk."""
    talk = _going_on(case)
    shown = talk.last_shown
    entries = shown.entries if shown else []
    with transaction.atomic():
        said = e.Said(who="person", how="helped" if helped else "not_helped", entries=entries)
        _keep([Logged(case, said, f"said:{case}:{key}", by)], by, as_of)
        if not helped and (question := _last_question(talk)):
            want(question, "not_helpful", talk, as_of=as_of, entry=entries[0] if len(entries) == 1 else "")


def hand_over(case: uuid.UUID, *, by: Worker, as_of: datetime, key: str) -> None:
    """Somebody asks for a clerk: the talk waits for one, with all that was said. Asked twice it is handed over once."""
    talk = _going_on(case)
    if talk.with_staff:
        return
    with transaction.atomic():
        _keep([Logged(case, e.Said(who="person", how="person"), f"said:{case}:{key}", by)], by, as_of)
        task = _open_task(case, REPLY)
        assistant = ASSISTANT(towns.current_town())
        cases.fail(task, by=assistant, as_of=as_of, reason="", final=True, code=HANDED_OVER)


def end(case: uuid.UUID, *, as_of: datetime, outcome: str = "answered") -> None:
    """A talk is over. One that a clerk has is not ended by anybody else."""
    talk = _going_on(case)
    if not talk.with_staff:
        cases.finish(
            _open_task(case, REPLY), by=ASSISTANT(towns.current_town()), as_of=as_of, outcome=outcome
        )


def end_resting(*, as_of: datetime, most: int = 500) -> int:
    """End talks in which nobody has said anything for a day. Returns how many."""
    resting = (
        Talk.objects.filter(last_at__lte=as_of - REST).order_by("last_at").values_list("case", flat=True)
    )
    still_open = case_queries.still_open(list(resting[:most]))
    for case in sorted(still_open):
        talk = conversation(case)
        if not talk.with_staff:
            helped = any(turn.how in ("answered", "conditions", "helped") for turn in talk.turns)
            end(case, as_of=as_of, outcome="answered" if helped else "left")
    return len(still_open)


# -- a clerk -----------------------------------------------------------------------------------------
def clerk_says(case: uuid.UUID, text: str, *, by: Worker, as_of: datetime, key: str) -> None:
    """A clerk answers in a talk that was handed over. Raises WithNobody, access.Denied."""
    if not _going_on(case).with_staff:
        raise WithNobody
    _keep([Logged(case, e.Said(who="staff", text=text), f"said:{case}:{key}", by)], by, as_of)


def clerk_ends(case: uuid.UUID, outcome: str, *, by: Worker, as_of: datetime) -> None:
    """A clerk gives the talk back to the assistant (`back`), or has settled it. Raises WithNobody, NotYours."""
    if not _going_on(case).with_staff:
        raise WithNobody
    cases.finish(_open_task(case, TALK), by=by, as_of=as_of, outcome=outcome)


# -- an answer is wanted -----------------------------------------------------------------------------
def want(question: str, because: str, talk: Conversation, *, as_of: datetime, entry: str = "") -> None:
    """A clerk is to write or mend an answer. The same question is asked for once, however many ask, until it is answered."""
    digest = hashlib.sha256(f"{talk.audience}:{entry}:{search_key(question)}".encode()).hexdigest()[:32]
    before = case_queries.begun_with(f"wanted:{digest}:")
    if before.filter(closed_at=None).exists():
        return
    facts = {
        "wanted": {
            "question": masked(question).text,
            "because": because,
            "language": talk.language,
            "audience": talk.audience,
            **({"entry": entry} if entry else {}),
        }
    }
    cases.open_case(
        catalogue.service(WANTED),
        facts,
        channel=talk.channel,  # type: ignore[arg-type]
        by=ASSISTANT(towns.current_town()),
        as_of=as_of,
        key=f"wanted:{digest}:{before.count()}",
        language=talk.language,
    )


# -- helpers -----------------------------------------------------------------------------------------
def _going_on(case: uuid.UUID) -> Conversation:
    talk = conversation(case)
    if talk.over:
        raise TalkOver
    return talk


def _kept(text: str) -> Masked:
    """What is kept of what somebody wrote."""
    return masked(text.strip()[:MOST_ASKED], keep=[kind for kind in MARKS if kind not in MASKED])


def _heard(case: uuid.UUID, said: Masked, key: str, by: Worker) -> Logged:
    told = e.Said(who="person", how=",".join(sorted(said.kinds)), text=said.text)
    return Logged(case, told, f"said:{case}:{key}", by)


def _last_question(talk: Conversation) -> str:
    return next(
        (turn.text for turn in reversed(talk.turns) if turn.who == "person" and _is_question(turn)), ""
    )


def _is_question(turn: Turn) -> bool:
    return bool(turn.text) and turn.how != "chose"


def _keep(entries: Sequence[Logged], by: Worker, as_of: datetime) -> None:
    cases.record_many(entries, by=by, as_of=as_of)
    Talk.objects.filter(case=entries[0].case).update(last_at=as_of)


def _chosen_first(reply: Reply, question: str) -> Reply:
    """Several that are offered, with the one first that a larger model would choose, where the town has one."""
    if reply.how != "offered":
        return reply
    chosen = larger.choose(question, reply.entries, town=towns.current_town())
    return replace(reply, entries=tuple(sorted(reply.entries, key=lambda one: one.id != chosen)))


def _in_other_words(reply: Reply, question: str, language: str) -> str:
    """What a larger model makes of the quotation, checked against it; empty where there is none. It never stands alone."""
    if reply.how not in ("answered", "conditions"):
        return ""
    made = larger.rephrase(question, reply.entries, language, town=towns.current_town())
    return made.text if made else ""


def _replied(case: uuid.UUID, reply: Reply, key: str, text: str = "") -> Logged:
    """`text`: the quotation in other words."""
    said = e.Said(
        who="assistant",
        how=reply.how,
        text=text,
        entries=[entry.id for entry in reply.entries],
        service=reply.service,
        sureness=reply.sureness,
        quotes=[quoted(entry) for entry in reply.entries],
    )
    return Logged(case, said, key, ASSISTANT(towns.current_town()))


def _open_task(case: uuid.UUID, step: str) -> uuid.UUID:
    found = case_queries.open_task(case, step)
    if found is None:
        raise TalkOver
    return found.id


def _digest(who: str) -> str:
    return hashlib.sha256(f"{towns.current_town()}:{who}".encode()).hexdigest() if who else ""
