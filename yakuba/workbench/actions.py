"""What can happen on the workbench. Whatever is refused changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from yakuba import access
from yakuba.access import Worker, towns
from yakuba.cases import catalogue
from yakuba.declare import scaffold
from yakuba.declare.sheet import CannotChange, NotHere
from yakuba.words import Text
from yakuba.workbench import fields_file, files, queries
from yakuba.workbench.checking import checked
from yakuba.workbench.errors import (
    AlreadyProposed,
    AlreadyStopped,
    BadName,
    CannotEdit,
    ChangedMeanwhile,
    HasFaults,
    Missing,
    NameTaken,
    NoDraft,
    NoProposal,
    NoSuchService,
    NothingChanged,
    NotTheNewest,
    Overtaken,
)
from yakuba.workbench.files import Files
from yakuba.workbench.models import Draft, Proposal, Publication, Saved

Change = Callable[[Files], Files]
LONGEST_NAME = 60


# -- drafts --------------------------------------------------------------------------------------------
def begin(service: str, *, by: Worker, as_of: datetime) -> Draft:
    """Work on a service that is there; the draft of somebody else is gone on with. Raises NoSuchService, access.Denied."""
    _require(by, "workbench.edit")
    _alone(service)
    if found := queries.draft(service):
        return found
    if service not in catalogue.current().services:
        raise NoSuchService(service)
    last = queries.last_of(service)
    return _begun(service, queries.texts_of(service), last.id if last else 0, "", by, as_of)


def create(service: str, name: Text, *, by: Worker, as_of: datetime) -> Draft:
    """A new service, laid out with all that it needs and marks where something is still to be written.

    Raises BadName, NameTaken, access.Denied.
    """
    _require(by, "workbench.edit")
    _free(service)
    return _begun(service, scaffold.files(service, name, as_of.date()), 0, "", by, as_of)


def take_in(service: str, name: Text, table: bytes, file: str, *, by: Worker, as_of: datetime) -> Draft:
    """A new service from the list of fields of a paper form (CSV or Excel). Raises Unreadable, BadName, NameTaken,
    access.Denied."""
    _require(by, "workbench.edit")
    _free(service)
    fields = fields_file.read(table, file)
    return _begun(service, fields_file.service(service, name, fields, as_of.date()), 0, file[:200], by, as_of)


def _free(service: str) -> None:
    _alone(service)
    if (
        not scaffold.NAME.fullmatch(service)
        or len(service) > LONGEST_NAME
        or service in ("shared", "towns", "plan")
    ):
        raise BadName(service)
    if service in catalogue.current().services or queries.draft(service):
        raise NameTaken(service)


def _begun(service: str, texts: Files, base: int, what: str, by: Worker, as_of: datetime) -> Draft:
    made = Draft.objects.create(
        town=by.town,
        service=service,
        files=dict(texts),
        base=base,
        changed_by=by.id,
        changed_by_name=by.name,
        changed_at=as_of,
    )
    _saved(made, 1, texts, what, by, as_of)
    return made


def _saved(
    draft: Draft, number: int, texts: Files, what: str, by: Worker, as_of: datetime, *, aside: bool = False
) -> Saved:
    return Saved.objects.create(
        town=draft.town,
        draft=draft,
        number=number,
        files=dict(texts),
        what=what[:200],
        by=by.id,
        by_name=by.name,
        at=as_of,
        aside=aside,
    )


def save(service: str, number: int, change: Change, what: str, *, by: Worker, as_of: datetime) -> Draft:
    """Change a draft as it was after its save `number`, and keep it.

    When somebody else saved meanwhile the draft stays theirs, and what this change makes of the earlier text is kept
    beside it; the caller must then not undo the transaction. Raises ChangedMeanwhile, NoDraft, CannotEdit, Missing,
    access.Denied.
    """
    _require(by, "workbench.edit")
    draft = _held(service)
    seen = draft.files if number == draft.number else queries.files_at(draft, number)
    if seen is None:
        raise NoDraft(service)
    try:
        texts = {where: text for where, text in change(seen).items() if text.strip()}
    except CannotChange as error:
        raise CannotEdit(str(error)) from error
    except NotHere as error:
        raise Missing(str(error)) from error
    if texts == seen:
        return draft
    if number != draft.number:
        kept = _saved(draft, number, texts, what, by, as_of, aside=True)
        raise ChangedMeanwhile(draft.changed_by_name, kept.id)
    draft.files, draft.number = texts, draft.number + 1
    draft.changed_by, draft.changed_by_name, draft.changed_at = by.id, by.name, as_of
    draft.save(update_fields=["files", "number", "changed_by", "changed_by_name", "changed_at"])
    _saved(draft, draft.number, texts, what, by, as_of)
    return draft


def put_away(service: str, aside: int, *, by: Worker) -> None:
    """A text that was kept beside a draft is needed no more. Raises NoDraft, access.Denied."""
    _require(by, "workbench.edit")
    Saved.objects.filter(draft=_held(service), aside=True, id=aside).delete()


def discard(service: str, number: int, *, by: Worker) -> None:
    """Give a draft up, with all its saves; what is published stays. Raises NoDraft, NotTheNewest, access.Denied."""
    _require(by, "workbench.edit")
    draft = _held(service)
    if draft.number != number:
        raise NotTheNewest(draft.changed_by_name)
    draft.delete()


def _held(service: str) -> Draft:
    found = Draft.objects.select_for_update().filter(service=service).first()
    if found is None:
        raise NoDraft(service)
    return found


# -- publication ---------------------------------------------------------------------------------------
def propose(service: str, number: int, why: str, *, by: Worker, as_of: datetime) -> Proposal:
    """Ask for a draft to be published as it is now.

    Raises NoDraft, NotTheNewest, HasFaults, NothingChanged, AlreadyProposed, access.Denied.
    """
    _require(by, "workbench.edit")
    draft = _held(service)
    if draft.number != number:
        raise NotTheNewest(draft.changed_by_name)
    last = queries.last_of(service)
    if draft.files == queries.texts_of(service) and not (last and last.stopped):
        raise NothingChanged
    return _proposed(service, draft.files, draft.base, None, why, by, as_of)


def propose_again(publication: int, why: str, *, by: Worker, as_of: datetime) -> Proposal:
    """Ask for an older version to be published again. Raises NoProposal, NothingChanged, HasFaults, AlreadyProposed,
    access.Denied."""
    _require(by, "workbench.edit")
    older = queries.publication(publication)
    if older is None:
        raise NoProposal
    texts = older.files if older.own else files.installed(older.service)
    last = queries.last_of(older.service)
    if texts == queries.texts_of(older.service) and not (last and last.stopped):
        raise NothingChanged
    return _proposed(older.service, texts, last.id if last else 0, older.id, why, by, as_of)


def _proposed(
    service: str, texts: Files, base: int, again: int | None, why: str, by: Worker, as_of: datetime
) -> Proposal:
    _alone(service)
    if waiting := queries.open_proposal(service):
        raise AlreadyProposed(waiting.by_name)
    looked = checked(service, texts)
    if looked.faults:
        raise HasFaults(looked.faults)
    return Proposal.objects.create(
        town=by.town,
        service=service,
        files=dict(texts),
        base=base,
        again=again,
        why=why,
        by=by.id,
        by_name=by.name,
        at=as_of,
    )


def give_back(service: str, remark: str, *, by: Worker, as_of: datetime) -> Proposal:
    """A proposal is not published: whoever proposed it takes it back, or somebody else says what must be mended.

    Raises NoProposal, access.Denied.
    """
    _require(by, "workbench.edit")
    found = _waiting(service)
    _decided(found, "returned", remark, by, as_of)
    return found


def publish(service: str, proposal: uuid.UUID, *, by: Worker, as_of: datetime) -> Publication:
    """Publish what somebody else has proposed: from the next request on it counts in this town, everywhere.

    `proposal`: the one that was looked at. A draft that says the same is done with. Raises NoProposal, Overtaken, HasFaults,
    access.Denied.
    """
    _alone_in_town()
    found = _waiting(service)
    if found.id != proposal:
        raise NoProposal
    access.require(by, "workbench.publish", queries.resource(found))
    last = queries.last_of(service)
    if found.base != (last.id if last else 0):
        raise Overtaken
    looked = checked(service, found.files)
    if looked.faults or looked.service is None:
        raise HasFaults(looked.faults)
    own = sorted(files.over(service, found.files))
    made = Publication.objects.create(
        town=by.town,
        service=service,
        files=found.files,
        own=own,
        bundle=looked.service.bundle,
        version=looked.service.version,
        again=found.again,
        why=found.why,
        proposed_by=found.by,
        proposed_by_name=found.by_name,
        by=by.id,
        by_name=by.name,
        at=as_of,
    )
    _decided(found, "published", "", by, as_of)
    _settle_draft(service, found, made)
    catalogue.changed()
    return made


def _settle_draft(service: str, published: Proposal, made: Publication) -> None:
    """The draft is done with; one that somebody went on with begins from here."""
    draft = Draft.objects.select_for_update().filter(service=service).first()
    if draft is None:
        return
    if draft.files == published.files:
        draft.delete()
    elif not published.again:
        Draft.objects.filter(id=draft.id).update(base=made.id)


def stop(service: str, reason: Text, why: str, *, by: Worker, as_of: datetime) -> Publication:
    """Let nobody apply for a service until a version of it is published again: one person, at once. `reason` is what
    residents are told. Cases that are open go on. Raises NoSuchService, AlreadyStopped, access.Denied."""
    _require(by, "workbench.stop")
    _alone_in_town()
    last = queries.last_of(service)
    known = catalogue.current().services.get(service)
    if known is None:
        raise NoSuchService(service)
    if last and last.stopped:
        raise AlreadyStopped
    made = Publication.objects.create(
        town=by.town,
        service=service,
        files=last.files if last and last.own else {},
        own=last.own if last else [],
        bundle=last.bundle if last and last.own else "",
        version=known.version,
        stopped=reason.model_dump(),
        why=why,
        by=by.id,
        by_name=by.name,
        at=as_of,
    )
    Draft.objects.filter(service=service, base=last.id if last else 0).update(base=made.id)
    Proposal.objects.filter(service=service, state="open", base=last.id if last else 0).update(base=made.id)
    catalogue.changed()
    return made


def _waiting(service: str) -> Proposal:
    found = Proposal.objects.select_for_update().filter(service=service, state="open").first()
    if found is None:
        raise NoProposal
    return found


def _decided(found: Proposal, state: str, remark: str, by: Worker, as_of: datetime) -> None:
    found.state, found.remark = state, remark
    found.decided_by, found.decided_by_name, found.decided_at = by.id, by.name, as_of
    found.save(update_fields=["state", "remark", "decided_by", "decided_by_name", "decided_at"])


def _require(by: Worker, action: str) -> None:
    access.require(by, action, access.Resource("Town", towns.current_town(), towns.current_town()))


def _alone(service: str) -> None:
    """Nobody else begins or proposes the same service meanwhile."""
    towns.alone_with(f"workbench:{service}")


def _alone_in_town() -> None:
    """Publications of a town come one after another: the number of the last one says all that is published."""
    towns.alone_with("workbench")
