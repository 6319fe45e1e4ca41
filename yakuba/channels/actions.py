"""From a written request to a case: the one intake that every channel calls. The only writers of drafts
and of kept filters."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from yakuba import access
from yakuba.access import Worker, codes, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, documents
from yakuba.cases import queries as case_queries
from yakuba.cases.events import Channel
from yakuba.cases.state import merge
from yakuba.channels.answers import fitting
from yakuba.channels.errors import NotKept
from yakuba.channels.forms import Facts, Form, Screen
from yakuba.channels.models import Draft, DraftFile, Help, SavedFilter
from yakuba.declare import Question, Service
from yakuba.register import queries as register
from yakuba.words import Text, ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Case, Document

MOST_BYTES = 200 * 2**20
"""Of all files of one draft: twenty photos of 10 MB, the most that a service asks for (罹災証明書)."""
LONGEST_NAME, MOST_FILTERS = 60, 20
"""Of a filter's name, in characters; of filters that one person, or everybody, sees above the queue."""


CALL_BACK = "call-back"
"""The service by which people ask to be called."""


def call_back(about: Text) -> Text | None:
    """What a page offers to be called about; None where the town calls nobody back."""
    return about if CALL_BACK in catalogue.offered() else None


class Incomplete(ValueError):
    """Required answers are missing; `screens` says where."""

    def __init__(self, screens: Sequence[Screen]):
        self.screens = list(screens)
        super().__init__("still to be answered: " + ", ".join(screen.key for screen in screens))


class Unconfirmed(Incomplete):
    """A helper wrote something that the resident has not looked over: nobody sends it before."""

    def __init__(self) -> None:
        super().__init__([])


# -- intake --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Request:
    """A whole set of answers as a channel hands it in. `key`: the same again is the same case; `files`: purpose →
    stored files (`.document`); `helper`: kind and name of who helped with it."""

    service: Service
    answers: Mapping[str, Any]
    channel: Channel
    by: Worker
    at: datetime
    key: str
    applicant: uuid.UUID | None = None
    identified: bool = False
    evidence: str = ""
    language: str = "ja"
    files: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    helper: tuple[str, str] = ("", "")

    def form(self) -> Form:
        return Form(self.service, self.answers, as_of=self.at.date(), files=self.files, at=self.at)


def intake(service: Service, answers: Mapping[str, Any], *, as_of: datetime, **more: Any) -> Case:
    """Open a case from a whole set of answers, whatever the channel; `more` as in Request.

    Raises Incomplete, access.Denied.
    """
    with transaction.atomic():
        (outcome,) = intake_many([Request(service, answers, at=as_of, **more)])
    if isinstance(outcome, Incomplete):
        raise outcome
    return case_queries.one(outcome)


def intake_many(requests: Sequence[Request]) -> list[uuid.UUID | Incomplete]:
    """Open a case for each request, in as few statements as for one; says of each which, or what it lacks.

    What the register knows about the applicant and nobody asked is added; an applicant whom nobody identified is
    looked up by name and birth date, and stays unidentified. Raises access.Denied.
    """
    outcomes: list[uuid.UUID | Incomplete | None] = []
    forms = _forms(requests)
    for form in forms:
        missing = [screen for screen in form.screens if form.is_open(screen)]
        outcomes.append(Incomplete(missing) if missing else None)
    whole = [n for n, outcome in enumerate(outcomes) if outcome is None]
    wanted = _openings([requests[n] for n in whole], [forms[n].answered() for n in whole])
    if wanted:
        first = requests[whole[0]]
        for n, case in zip(whole, cases.open_cases(wanted, by=first.by, as_of=first.at), strict=True):
            outcomes[n] = case
    return [outcome for outcome in outcomes if outcome is not None]


def _forms(requests: Sequence[Request]) -> list[Form]:
    """The forms of the requests, those of one service and day judged together."""
    forms = [request.form() for request in requests]
    alike: dict[tuple[str, date], list[Form]] = {}
    for form in forms:
        alike.setdefault((form.service.version, form.as_of), []).append(form)
    for some in alike.values():
        Form.judged_together(some)
    return forms


def _openings(requests: Sequence[Request], said: Sequence[Facts]) -> list[Any]:
    """What `cases.open_cases` wants: each request with what the register adds to its answers."""
    applicants = _applicants(requests, said)
    days = {request.at.date() for request in requests}
    people = [applicant for applicant in applicants if applicant]
    known = {day: register.facts_of_many(people, as_of=day) for day in days}
    wanted = []
    for request, answers, applicant in zip(requests, said, applicants, strict=True):
        there = known[request.at.date()].get(str(applicant), {})
        entry = cases.opening(
            request.service,
            merge(of_use(request.service, there), answers),
            channel=request.channel,
            key=request.key,
            applicant=applicant,
            identified=request.identified,
            evidence=request.evidence,
            language=request.language,
            helper=request.helper,
        )
        papers = [(file.document, purpose) for purpose, some in request.files.items() for file in some]
        wanted.append((request.service, replace(entry, by=request.by, at=request.at), papers))
    return wanted


def _applicants(requests: Sequence[Request], said: Sequence[Facts]) -> list[uuid.UUID | None]:
    """Who applies: who was identified, else the one person of the register with this name and birth date."""
    found: list[uuid.UUID | None] = [request.applicant for request in requests]
    unknown: dict[int, tuple[str, date]] = {}
    for n, answers in enumerate(said):
        applicant = answers.get("applicant") or {}
        if found[n] is None and applicant.get("name") and applicant.get("birth_date"):
            unknown[n] = applicant["name"], date.fromisoformat(str(applicant["birth_date"]))
    for n, people in zip(unknown, register.same_people(list(unknown.values())), strict=True):
        found[n] = people[0] if len(people) == 1 else None
    return found


def from_register(service: Service, person: uuid.UUID, as_of: date) -> Facts:
    """What the register knows of a person, as far as the service has a use for it."""
    return of_use(service, register.facts_of(person, as_of=as_of))


def of_use(service: Service, known: Mapping[str, Any]) -> Facts:
    """What is known, as far as the service has a use for it."""
    kept: Facts = {}
    for name in service.facts:
        group, _, key = name.partition(".")
        if key in (known.get(group) or {}):
            kept.setdefault(group, {})[key] = known[group][key]
    for name, kind in service.lists.items():
        if name in known:
            kept[name] = [{k: v for k, v in item.items() if k in kind.facts} for item in known[name]]
    return cases.plain(kept)


# -- drafts ----------------------------------------------------------------------------------------
def begin(
    service: Service,
    *,
    channel: Channel,
    language: str,
    as_of: datetime,
    person: uuid.UUID | None = None,
    identified: bool = False,
    evidence: str = "",
    said: Mapping[str, Any] | None = None,
    visit: uuid.UUID | None = None,
) -> Draft:
    """A new draft; what the register knows about a known person is filled in, and what was `said` elsewhere.

    `evidence`: by what the person was identified, and who looked at it. `visit`: at which it is written with others.
    """
    known = from_register(service, person, as_of.date()) if person else {}
    return Draft.objects.create(
        town=towns.current_town(),
        service=service.id,
        channel=channel,
        language=language,
        facts=fitting(service, merge(cases.plain(said or {}), known)),
        person=person,
        identified=identified,
        evidence=evidence,
        began_at=as_of,
        changed_at=as_of,
        visit=visit,
    )


def keep(draft: Draft, facts: Facts, *, as_of: datetime) -> None:
    """Keep the answers so far."""
    draft.facts, draft.changed_at = facts, as_of
    draft.save(update_fields=["facts", "changed_at"])


@dataclass(frozen=True, slots=True)
class Paper:
    """A stored file, as a request takes it."""

    document: uuid.UUID
    name: str


def uploaded(question: Question, upload: UploadedFile, *, as_of: datetime) -> Document:
    """An uploaded file, checked and kept. Raises cases.documents.Refused when it cannot be taken."""
    name = upload.name or question.file or "file"
    documents.check_size(name, upload.size or 0, question.max_mb * 2**20)  # before it is read into memory
    return stored(question, upload.read(), name, as_of=as_of)


def stored(question: Question, content: bytes, name: str, *, as_of: datetime) -> Document:
    """A file for a question, checked and kept. Raises cases.documents.Refused when it cannot be taken."""
    documents.check_size(name, len(content), question.max_mb * 2**20)
    return cases.store_document(content, name=name, origin="upload", as_of=as_of, accept=question.accept)


def add_file(draft: Draft, question: Question, upload: UploadedFile, *, as_of: datetime) -> DraftFile:
    """Keep an uploaded file with the draft; where one file is asked for, it takes the place of the former, and the same again is
    kept once.

    Raises cases.documents.Refused when it cannot be taken.
    """
    kept = draft.files.aggregate(total=Sum("size"))["total"] or 0
    if kept + (upload.size or 0) > MOST_BYTES:
        raise documents.Refused(ui_text("apply.files_full").format(max_mb=MOST_BYTES // 2**20))
    with transaction.atomic():
        document = uploaded(question, upload, as_of=as_of)
        there = draft.files.filter(purpose=question.file)
        if question.many == 1:
            _remove(there)
        elif same := case_queries.same_file(document, there.values_list("document", flat=True)):
            cases.discard_documents([document.id])  # sent twice, where the answer to the first was lost
            return there.get(document=same)
        return DraftFile.objects.create(
            town=draft.town,
            draft=draft,
            purpose=question.file or "",
            document=document.id,
            name=document.name,
            size=document.size,
        )


SCAN = "scan"
"""What the picture of the paper is for among the files of a draft, and of the case that it becomes."""


def add_scan(draft: Draft, content: bytes, name: str, *, as_of: datetime) -> DraftFile:
    """Keep the picture of the paper that is keyed in, as the request's own: what it came in with is kept for another time. Raises cases.documents.Refused when it cannot be taken."""
    document = cases.store_document(content, name=name, origin="upload", as_of=as_of)
    return DraftFile.objects.create(
        town=draft.town,
        draft=draft,
        purpose=SCAN,
        document=document.id,
        name=document.name,
        size=document.size,
    )


def scan_of(draft: Draft) -> bytes:
    """The picture of the paper; empty where there is none."""
    file = draft.files.filter(purpose=SCAN).first()
    document = case_queries.document(file.document) if file else None
    return bytes(document.content) if document else b""


def of_visit(visit: uuid.UUID) -> list[Draft]:
    """What is written at a visit to the counter, in the order in which it was begun."""
    return list(Draft.objects.filter(visit=visit).order_by("began_at", "id"))


def drop(draft: Draft) -> None:
    """Nobody wants it sent any more; its files go with it. One that became a case stays."""
    if draft.case is None:
        _remove(draft.files.all())
        draft.delete()


def remove_file(draft: Draft, file: int) -> None:
    """Take a file away from the draft."""
    _remove(draft.files.filter(id=file))


def _remove(files: QuerySet[DraftFile]) -> None:
    """Take files away with their contents: a draft keeps no more than it shows."""
    documents = list(files.values_list("document", flat=True))
    files.delete()
    cases.discard_documents(documents)


def resume_code(draft: Draft) -> str:
    """A new code of 16 digits that opens the draft on another device; only its digest is kept."""
    code = codes.new()
    draft.code = codes.digest(code)
    draft.save(update_fields=["code"])
    return codes.grouped(code)


def resumed(code: str) -> Draft | None:
    """The draft that a code opens, if it was not sent yet."""
    digest = codes.digest(code)
    return Draft.objects.filter(code=digest, case=None).first() if digest else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A draft that somebody sent. `at`: when, aware."""

    draft: uuid.UUID
    by: Worker
    at: datetime


class Gone(LookupError):
    """The draft is not there any more, or its service is no longer offered."""


def submit(draft: Draft, *, by: Worker, as_of: datetime) -> Case:
    """Send a draft: it becomes a case once, however often it is sent. Raises Incomplete, Gone."""
    with transaction.atomic():
        (outcome,) = submit_many([Sent(draft.id, by, as_of)])
    if isinstance(outcome, Incomplete):
        raise outcome
    return case_queries.one(outcome)


def submit_many(sent: Sequence[Sent]) -> list[uuid.UUID | Incomplete]:
    """Drafts become cases, in as few statements as one; says of each which, or what it lacks.

    Raises Gone.
    """
    drafts = {one.id: one for one in _locked([each.draft for each in sent])}
    if any(each.draft not in drafts for each in sent):
        raise Gone
    files, helps = files_of_many(list(drafts)), helps_of(list(drafts))
    requests = {each.draft: _request(drafts[each.draft], each, files, helps) for each in sent}
    unsent = {one.key: draft for draft, one in requests.items() if drafts[draft].case is None}
    opened: dict[str, uuid.UUID | Incomplete] = {
        key: Unconfirmed() for key, draft in unsent.items() if any(one.waits for one in helps.get(draft, ()))
    }
    new = [request for request in requests.values() if request.key in unsent and request.key not in opened]
    opened |= zip((request.key for request in new), intake_many(new), strict=True)
    _became(drafts, {draft: opened.get(request.key) for draft, request in requests.items()})
    return [drafts[each.draft].case or opened[requests[each.draft].key] for each in sent]


def helps_of(drafts: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Help]]:
    """Who has helped with these drafts, the newest last."""
    found: dict[uuid.UUID, list[Help]] = {}
    for one in Help.objects.filter(draft__in=drafts, came_at__isnull=False).order_by("came_at", "id"):
        found.setdefault(one.draft_id, []).append(one)
    return found


def _helped_by(helps: Sequence[Help]) -> tuple[str, str]:
    """Kind and name of who helped with a request; of several, the names of all and the kind of the last."""
    return (helps[-1].kind, "、".join(dict.fromkeys(one.name for one in helps))) if helps else ("", "")


def _locked(drafts: Sequence[uuid.UUID]) -> list[Draft]:
    """Always in the order of their ids, so that two batches cannot wait for each other."""
    return list(Draft.objects.filter(id__in=drafts).order_by("id").select_for_update())


def _request(
    draft: Draft,
    sent: Sent,
    files: Mapping[uuid.UUID, dict[str, list[DraftFile]]],
    helps: Mapping[uuid.UUID, Sequence[Help]],
) -> Request:
    if draft.service not in catalogue.offered():
        raise Gone
    return Request(
        catalogue.service(draft.service),
        draft.facts,
        channel=cast(Channel, draft.channel),
        by=sent.by,
        at=sent.at,
        key=f"draft:{draft.id}",
        applicant=draft.person,
        identified=draft.identified,
        evidence=draft.evidence,
        language=draft.language,
        files=files.get(draft.id, {}),
        helper=_helped_by(helps.get(draft.id, ())),
    )


def _became(
    drafts: Mapping[uuid.UUID, Draft], outcomes: Mapping[uuid.UUID, uuid.UUID | Incomplete | None]
) -> None:
    """The drafts that became cases say so, and their codes open nothing any more."""
    opened = {draft: case for draft, case in outcomes.items() if isinstance(case, uuid.UUID)}
    for draft, case in opened.items():
        drafts[draft].case, drafts[draft].code, drafts[draft].wanted_at = case, None, None
    if opened:
        with connection.cursor() as cursor:
            cursor.execute(
                """update channels_draft set "case" = opened."case", code = null, wanted_at = null
                   from unnest(%s::uuid[], %s::uuid[]) as opened(id, "case") where channels_draft.id = opened.id""",
                [list(opened), list(opened.values())],
            )


def want(draft: uuid.UUID, *, as_of: datetime) -> bool:
    """Too busy now: remember that it was sent; a worker opens it (`jobs.open_wanted`).

    Returns whether nobody else waits, so that the worker must be called; it opens all that wait.
    """
    first = not Draft.objects.filter(wanted_at__isnull=False).exists()
    Draft.objects.filter(id=draft, case=None, wanted_at=None).update(wanted_at=as_of)
    return first


def give_back(draft: Draft) -> None:
    """It was sent and cannot become a case as it is: the person who wrote it finds it open again."""
    Draft.objects.filter(id=draft.id).update(wanted_at=None)


def files_of(draft: Draft) -> dict[str, list[DraftFile]]:
    """The draft's files by purpose."""
    return files_of_many([draft.id]).get(draft.id, {})


def files_of_many(drafts: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, list[DraftFile]]]:
    """The files of several drafts by purpose, by draft, in one query."""
    found: dict[uuid.UUID, dict[str, list[DraftFile]]] = {}
    for file in DraftFile.objects.filter(draft__in=drafts).order_by("id"):
        found.setdefault(file.draft_id, {}).setdefault(file.purpose, []).append(file)
    return found


# -- filters of the queue --------------------------------------------------------------------------
def keep_filter(
    name: str, asked: Mapping[str, str], *, for_all: bool, by: Worker, as_of: datetime
) -> SavedFilter:
    """A filter of the queue under a name, for oneself or for everybody; of a name that is there already it takes the place.

    Raises access.Denied, and NotKept without a name, when nothing is asked for, or when there are enough.
    """
    owner = "" if for_all else by.id
    access.require(by, "filter.keep", _filter(owner))
    if not name:
        raise NotKept("name_needed")
    if len(name) > LONGEST_NAME:
        raise NotKept("name_too_long", most=LONGEST_NAME)
    if not asked:
        raise NotKept("nothing_filtered")
    towns.alone_with(f"filters:{owner}")
    others = SavedFilter.objects.filter(owner=owner).exclude(name=name)
    if others.count() >= MOST_FILTERS:
        raise NotKept("filters_enough", most=MOST_FILTERS)
    kept, _ = SavedFilter.objects.update_or_create(
        town=towns.current_town(),
        owner=owner,
        name=name,
        defaults={"asked": dict(asked), "kept_by": by.id, "kept_at": as_of},
    )
    return kept


def remove_filter(filter_id: uuid.UUID, *, by: Worker) -> None:
    """A filter is no longer kept. Raises access.Denied, and NotKept when it is gone already."""
    found = SavedFilter.objects.filter(pk=filter_id).first()
    if found is None:
        raise NotKept("filter_gone")
    access.require(by, "filter.keep", _filter(found.owner))
    found.delete()


def _filter(owner: str) -> access.Resource:
    return access.Resource("Filter", "queue", towns.current_town(), {"owner": owner or None})
