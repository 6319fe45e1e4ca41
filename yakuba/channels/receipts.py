"""What a national portal received becomes cases: every receipt of a delivery is taken in as any request is, or held.

A receipt that cannot be taken in is not lost: it is a case of `services/held-receipt`, with what was answered, the files
as they came, and what is wrong. The same file again changes nothing.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast, get_args

import orjson
from django.db import transaction

from yakuba import access
from yakuba.access import Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, documents
from yakuba.cases import queries as case_queries
from yakuba.cases.state import CaseState
from yakuba.channels import actions, answers
from yakuba.channels.answers import fitting
from yakuba.channels.receipt_files import MOST_ANSWERS, Delivery, Faulty, Receipt, Said, said
from yakuba.clock import TOKYO
from yakuba.declare import Question, Service
from yakuba.register import queries as register
from yakuba.words import LANGUAGES, Text, search_key, ui_text

HELD = "held-receipt"
BATCH = 200
"""Receipts taken in in one transaction: enough that a statement's fixed cost vanishes."""
AHEAD = timedelta(minutes=10)
"""So far a portal's clock may be ahead of ours."""
State = Literal["opened", "known", "held"]
Wrong = dict[str, Text]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a receipt: the reference of its case (of one that is held, of that work), and by the name of a column,
    of a fact or of a file what is wrong with it."""

    receipt: str
    state: State
    reference: str
    wrong: Mapping[str, Text] = field(default_factory=dict)


def counts(taken: Sequence[Taken]) -> dict[str, int]:
    """How many came in, and what became of them: in = opened + known + held."""
    found = Counter(one.state for one in taken)
    return {"in": len(taken), **{state: found[state] for state in get_args(State)}}


def batches(delivery: Delivery) -> Iterator[Sequence[Receipt]]:
    """The receipts of a delivery, as many as are taken in at a time."""
    for at in range(0, len(delivery.receipts), BATCH):
        yield delivery.receipts[at : at + BATCH]


def take_in(
    delivery: Delivery, some: Sequence[Receipt], *, by: Worker, as_of: datetime, language: str = "ja"
) -> list[Taken]:
    """Take in some receipts of a delivery, in one transaction. `language`: of who reads why one is held.

    Raises access.Denied.
    """
    town = towns.current_town()
    access.require(by, "receipt.take_in", access.Resource("Town", town, town))
    with transaction.atomic():
        towns.alone_with("receipts")
        looked = [_Looked(delivery, one, as_of) for one in some]
        known = case_queries.opened_under([key for one in looked for key in (one.key, one.held_key)])
        new = [one for one in looked if not {one.key, one.held_key} & known.keys()]
        _take_in_whole([one for one in new if not one.wrong], by)
        _hold([one for one in new if one.wrong], by, language)
        found = {one.receipt.row: one.case or known.get(one.key) or known[one.held_key] for one in looked}
        references = case_queries.references(list(found.values()))
    fresh = {one.receipt.row for one in new}
    return [
        Taken(
            one.receipt.number,
            "known" if one.receipt.row not in fresh else "held" if one.wrong else "opened",
            references[found[one.receipt.row]],
            one.wrong if one.receipt.row in fresh else {},
        )
        for one in looked
    ]


class _Looked:
    """A receipt that was looked at: for which service, when, what is said, and what is wrong with it."""

    def __init__(self, delivery: Delivery, receipt: Receipt, as_of: datetime):
        self.delivery, self.receipt, self.as_of = delivery, receipt, as_of
        self.wrong: Wrong = {}
        self.facts: dict[str, Any] = {}
        self.files: dict[str, list[tuple[Question, str, bytes]]] = {}
        self.case: uuid.UUID | None = None
        self.service = self._service()
        self.at = self._at()
        if receipt.language not in LANGUAGES:
            self.wrong["language"] = ui_text("receipts.bad_language").format(said=receipt.language)
        if receipt.number in delivery.twice:
            self.wrong["receipt"] = ui_text("receipts.twice")
        if delivery.shares_folder(receipt) and receipt.number not in delivery.twice:
            self.wrong["answers"] = ui_text("receipts.shared_folder")
        if self.service is not None:
            self._read(self.service)

    @property
    def key(self) -> str:
        """Under which the receipt is opened, once."""
        return f"receipt:{self.receipt.number}"

    @property
    def held_key(self) -> str:
        """Under which it is held; mended and sent again, it is another one."""
        return f"{HELD}:{self.receipt.number}:{self.delivery.digest(self.receipt)[:32]}"

    def _service(self) -> Service | None:
        """By its id, or by the plan's procedure that one service fulfils."""
        name, offered = self.receipt.service, catalogue.offered()
        fulfilling = [one for one in catalogue.current().fulfilling(name) if one in offered]
        if name in offered:
            return offered[name]
        if len(fulfilling) == 1:
            return offered[fulfilling[0]]
        text = ui_text("receipts.which_service" if fulfilling else "receipts.no_service")
        more = {"services": ", ".join(fulfilling)} if fulfilling else {}
        self.wrong["service"] = text.format(name=name, **more)
        return None

    def _at(self) -> datetime:
        """When the portal received it; now, where that cannot be read."""
        try:
            at = datetime.fromisoformat(self.receipt.received_at)
        except ValueError:
            at = None
        at = at.replace(tzinfo=TOKYO) if at and at.tzinfo is None else at
        if at is None or at > self.as_of + AHEAD:
            self.wrong["received_at"] = ui_text("receipts.bad_time").format(said=self.receipt.received_at)
            return self.as_of
        at = at.astimezone(TOKYO)
        if self.service is not None and not self.service.in_force(at.date()):
            self.wrong["received_at"] = ui_text("receipts.not_in_force")
        return at

    def _read(self, service: Service) -> None:
        """The answers, read as typed ones are, and the files that they name."""
        name = self.receipt.answers
        try:
            content = self.delivery.read(name, MOST_ANSWERS)
            read = said(self.receipt, content, service)
        except Faulty as faulty:
            self.wrong[name or "answers"] = faulty.text
            return
        self.facts, wrong = answers.checked(service, read.facts)
        self.wrong |= read.wrong | wrong
        self._look_at_files(service, read)

    def _look_at_files(self, service: Service, read: Said) -> None:
        asked = {q.file: q for page in service.pages for q in page.questions if q.file}
        for purpose, names in read.files.items():
            question = asked.get(purpose)
            if question is None or len(names) > question.many:
                unknown = "api.unknown" if question is None else "apply.too_many_files"
                given = {"name": purpose} if question is None else {"most": question.many}
                self.wrong[f"file.{purpose}"] = ui_text(unknown).format(**given)
                continue
            for name in names:
                self._look_at_file(question, f"{self.receipt.folder}/{name}".lstrip("/"))

    def _look_at_file(self, question: Question, name: str) -> None:
        most = question.max_mb * 2**20
        try:
            content = self.delivery.read(name, most)
            documents.check(content, documents.safe_name(name), question.accept, most)
            documents.scan(content, documents.safe_name(name))
        except (Faulty, documents.Refused) as refused:
            self.wrong[name] = refused.text
            return
        self.files.setdefault(question.file or "", []).append((question, name, content))


# -- what is right -----------------------------------------------------------------------------------
def _take_in_whole(some: Sequence[_Looked], by: Worker) -> None:
    """Open a case for each; what something is still wanting in says so, and is held."""
    people = _identified(some)
    requests = [_request(one, person, by) for one, person in zip(some, people, strict=True)]
    outcomes = actions.intake_many(requests) if requests else []
    for one, request, outcome in zip(some, requests, outcomes, strict=True):
        if isinstance(outcome, actions.Incomplete):
            one.wrong = request.form().wanting()
            cases.discard_documents([paper.document for kept in request.files.values() for paper in kept])
        else:
            one.case = outcome


def _request(one: _Looked, person: uuid.UUID | None, by: Worker) -> actions.Request:
    assert one.service is not None
    files = {
        purpose: [_kept(question, name, content, one.as_of) for question, name, content in some]
        for purpose, some in one.files.items()
    }
    return actions.Request(
        one.service, one.facts, channel="api", by=by, at=one.at, key=one.key, applicant=person,
        identified=person is not None, evidence=one.receipt.evidence, language=one.receipt.language, files=files,
    )  # fmt: skip


def _kept(question: Question, name: str, content: bytes, as_of: datetime) -> actions.Paper:
    document = actions.stored(question, content, documents.safe_name(name), as_of=as_of)
    return actions.Paper(document.id, document.name)


def _identified(some: Sequence[_Looked]) -> list[uuid.UUID | None]:
    """Whom the portal identified: the one person of this name, birth date and address, as with a card (`sign_in.people`);
    nobody where it says of no evidence."""
    claims = [(one.facts.get("applicant") or {}) if one.receipt.evidence else {} for one in some]
    named = [n for n, one in enumerate(claims) if one.get("name") and one.get("birth_date")]
    wanted = [(claims[n]["name"], date.fromisoformat(claims[n]["birth_date"])) for n in named]
    same = dict(zip(named, register.same_people(wanted), strict=True))
    known: dict[str, dict[str, Any]] = {}
    if same:
        everybody = [person for people in same.values() for person in people]
        known = register.facts_of_many(everybody, as_of=some[0].as_of.date())
    found: list[uuid.UUID | None] = [None] * len(some)
    for n, people in same.items():
        line = search_key(str(claims[n].get("address") or ""))
        living = [one for one in people if line and search_key(_address(known.get(str(one)))) == line]
        found[n] = living[0] if len(living) == 1 else None
    return found


def _address(known: Mapping[str, Any] | None) -> str:
    return str(((known or {}).get("applicant") or {}).get("address") or "")


# -- what is held ------------------------------------------------------------------------------------
def _hold(some: Sequence[_Looked], by: Worker, language: str) -> None:
    """A case of the town's own work for each receipt that cannot be taken in."""
    service = catalogue.service(HELD)
    wanted = []
    for one in some:
        facts = {"receipt": {name: value for name, value in _told(one, language).items() if value}}
        entry = cases.opening(service, facts, channel="api", key=one.held_key, language=language)
        wanted.append((service, entry, _originals(one)))
    if wanted:
        opened = cases.open_cases(wanted, by=by, as_of=some[0].as_of)
        for one, case in zip(some, opened, strict=True):
            one.case = case


def _told(one: _Looked, language: str) -> dict[str, str]:
    receipt = one.receipt
    return {
        "number": receipt.number,
        "service": one.service.id if one.service else receipt.service,
        "received_at": one.at.isoformat() if "received_at" not in one.wrong else receipt.received_at,
        "evidence": receipt.evidence,
        "wrong": "\n".join(f"・{name}: {text.get(language)}" for name, text in one.wrong.items()),
        "answers": orjson.dumps(cases.plain(one.facts)).decode() if one.facts else "",
        "file": one.delivery.sha256,
    }


def _originals(one: _Looked) -> list[tuple[uuid.UUID, str]]:
    """The files of the receipt as they came; what is too large, damaged or infected stays in the delivery."""
    kept = []
    for name in one.delivery.files_of(one.receipt):
        try:
            content = one.delivery.read(name, documents.MAX_BYTES)
            documents.scan(content, name)
        except (Faulty, documents.Refused):
            continue
        kept.append((_original(content, documents.safe_name(name), one.as_of), "receipt"))
    return kept


def _original(content: bytes, name: str, as_of: datetime) -> uuid.UUID:
    """One that a person may open is kept as such, any other as evidence."""
    try:
        stored = cases.store_document(content, name=name, origin="upload", as_of=as_of)
    except documents.Refused:
        stored = cases.store_evidence(content, name=name, as_of=as_of, origin="upload")
    return cast(uuid.UUID, stored.id)


# -- mending -----------------------------------------------------------------------------------------
def given(state: CaseState) -> tuple[Service | None, dict[str, Any]]:
    """The service that a held receipt asks for, if the town offers it, and what was answered, as far as it fits."""
    receipt = state.facts.get("receipt") or {}
    service = catalogue.offered().get(str(receipt.get("service")))
    said_before = orjson.loads(receipt.get("answers") or "{}")
    return service, fitting(service, said_before) if service else {}
