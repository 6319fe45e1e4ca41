"""From a written request to a case: the one intake that every channel calls. The only writers of drafts."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum

from yakuba.access import Worker, towns
from yakuba.cases import actions as cases
from yakuba.cases import catalogue, documents
from yakuba.cases.state import merge
from yakuba.channels.answers import fitting
from yakuba.channels.forms import Facts, Form, Screen
from yakuba.channels.models import Draft, DraftFile
from yakuba.declare import Question, Service
from yakuba.register import queries as register
from yakuba.words import halfwidth, ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Case, Document

MOST_BYTES = 200 * 2**20
"""Of all files of one draft: twenty photos of 10 MB, the most that a service asks for (罹災証明書)."""


class Incomplete(ValueError):
    """Required answers are missing; `screens` says where."""

    def __init__(self, screens: Sequence[Screen]):
        self.screens = list(screens)
        super().__init__("still to be answered: " + ", ".join(screen.key for screen in screens))


# -- intake --------------------------------------------------------------------------------------
def intake(
    service: Service,
    answers: Mapping[str, Any],
    *,
    channel: str,
    by: Worker,
    as_of: datetime,
    key: str,
    applicant: uuid.UUID | None = None,
    identified: bool = False,
    evidence: str = "",
    language: str = "ja",
    files: Mapping[str, Sequence[Any]] | None = None,
) -> Case:
    """Open a case from a whole set of answers, whatever the channel. The same `key` again gives the same case.

    What the register knows about the applicant and nobody asked is added; an applicant whom nobody identified is
    looked up by name and birth date, and stays unidentified. `files`: purpose → stored files (`.document`).
    Raises Incomplete, access.Denied.
    """
    files = {purpose: list(some) for purpose, some in (files or {}).items()}
    form = Form(service, answers, as_of=as_of.date(), files=files)
    missing = [screen for screen in form.screens if form.is_open(screen)]
    if missing:
        raise Incomplete(missing)
    said = form.answered()
    applicant = applicant or look_up(said)
    known = from_register(service, applicant, as_of.date()) if applicant else {}
    return cases.open_case(
        service,
        merge(known, said),
        channel=channel,
        by=by,
        as_of=as_of,
        key=key,
        applicant=applicant,
        identified=identified,
        evidence=evidence,
        language=language,
        documents=[(file.document, purpose) for purpose, some in files.items() for file in some],
    )


def look_up(answers: Mapping[str, Any]) -> uuid.UUID | None:
    """The one person of the register with this name and birth date; None when nobody or several fit."""
    applicant = answers.get("applicant") or {}
    if not applicant.get("name") or not applicant.get("birth_date"):
        return None
    found = register.same_person(applicant["name"], date.fromisoformat(str(applicant["birth_date"])))
    return found[0].id if len(found) == 1 else None


def from_register(service: Service, person: uuid.UUID, as_of: date) -> Facts:
    """What the register knows of a person, as far as the service has a use for it."""
    known = register.facts_of(person, as_of=as_of)
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
    channel: str,
    language: str,
    as_of: datetime,
    person: uuid.UUID | None = None,
    identified: bool = False,
    evidence: str = "",
    said: Mapping[str, Any] | None = None,
) -> Draft:
    """A new draft; what the register knows about a known person is filled in, and what was `said` elsewhere.

    `evidence`: by what the person was identified, and who looked at it.
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
    )


def keep(draft: Draft, facts: Facts, *, as_of: datetime) -> None:
    """Keep the answers so far."""
    draft.facts, draft.changed_at = facts, as_of
    draft.save(update_fields=["facts", "changed_at"])


def stored(question: Question, upload: UploadedFile, *, as_of: datetime) -> Document:
    """An uploaded file, checked and kept. Raises cases.documents.Refused when it cannot be taken."""
    name, most = upload.name or question.file or "file", question.max_mb * 2**20
    documents.check_size(name, upload.size or 0, most)  # before it is read into memory
    return cases.store_document(
        upload.read(), name=name, origin="upload", as_of=as_of, accept=question.accept
    )


def add_file(draft: Draft, question: Question, upload: UploadedFile, *, as_of: datetime) -> DraftFile:
    """Keep an uploaded file with the draft; where one file is asked for, it takes the place of the former.

    Raises cases.documents.Refused when it cannot be taken.
    """
    kept = draft.files.aggregate(total=Sum("size"))["total"] or 0
    if kept + (upload.size or 0) > MOST_BYTES:
        raise documents.Refused(ui_text("apply.files_full").format(max_mb=MOST_BYTES // 2**20))
    with transaction.atomic():
        document = stored(question, upload, as_of=as_of)
        if question.many == 1:
            draft.files.filter(purpose=question.file).delete()
        return DraftFile.objects.create(
            town=draft.town,
            draft=draft,
            purpose=question.file or "",
            document=document.id,
            name=document.name,
            size=document.size,
        )


def remove_file(draft: Draft, file: int) -> None:
    """Take a file away from the draft."""
    draft.files.filter(id=file).delete()


def resume_code(draft: Draft) -> str:
    """A new code of 16 digits that opens the draft on another device; only its digest is kept."""
    digits = f"{secrets.randbelow(10**16):016d}"
    draft.code = _digest(digits)
    draft.save(update_fields=["code"])
    return grouped(digits)


def grouped(code: str) -> str:
    """A code as it is shown, however it was typed: its digits in groups of four."""
    digits = "".join(letter for letter in halfwidth(code) if letter.isdigit())
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def resumed(code: str) -> Draft | None:
    """The draft that a code opens, if it was not sent yet."""
    digits = grouped(code).replace("-", "")
    return Draft.objects.filter(code=_digest(digits), case=None).first() if digits else None


def _digest(digits: str) -> str:
    return hashlib.sha256(digits.encode()).hexdigest()


def submit(draft: Draft, *, by: Worker, as_of: datetime) -> Case:
    """Send a draft: it becomes a case once, however often it is sent. Raises Incomplete."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(id=draft.id)
        case = intake(
            catalogue.service(draft.service),
            draft.facts,
            channel=draft.channel,
            by=by,
            as_of=as_of,
            key=f"draft:{draft.id}",
            applicant=draft.person,
            identified=draft.identified,
            evidence=draft.evidence,
            language=draft.language,
            files=files_of(draft),
        )
        draft.case, draft.code, draft.wanted_at = case.id, None, None
        draft.save(update_fields=["case", "code", "wanted_at"])
    return case


def want(draft: Draft, *, as_of: datetime) -> bool:
    """Too busy now: remember that it was sent; a worker opens it (`jobs.open_wanted`).

    Returns whether nobody else waits, so that the worker must be called; it opens all that wait.
    """
    first = not Draft.objects.filter(wanted_at__isnull=False).exists()
    Draft.objects.filter(id=draft.id, case=None).update(wanted_at=as_of)
    return first


def give_back(draft: Draft) -> None:
    """It was sent and cannot become a case as it is: the person who wrote it finds it open again."""
    Draft.objects.filter(id=draft.id).update(wanted_at=None)


def files_of(draft: Draft) -> dict[str, list[DraftFile]]:
    """The draft's files by purpose."""
    found: dict[str, list[DraftFile]] = {}
    for file in draft.files.order_by("id"):
        found.setdefault(file.purpose, []).append(file)
    return found
