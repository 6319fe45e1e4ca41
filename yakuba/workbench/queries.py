"""What can be asked of the workbench."""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection
from django.db.models import Count, Max

from yakuba import access
from yakuba.access import towns
from yakuba.cases import catalogue
from yakuba.cases.catalogue import Published
from yakuba.declare import Service
from yakuba.words import Text
from yakuba.workbench import files
from yakuba.workbench.files import Files
from yakuba.workbench.models import Draft, Proposal, Publication, Saved

State = Literal["installed", "published", "stopped", "new"]


# -- for the catalogue ---------------------------------------------------------------------------------
def edition() -> int:
    """The number of the open town's last publication; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(id), 0) from workbench_publication where town = %s", [towns.current_town()]
        )
        return int(cursor.fetchone()[0])


def newest() -> list[Published]:
    """What is published in the open town, the newest of each service."""
    found = Publication.objects.order_by("service", "-id").distinct("service")
    return [
        Published(
            one.service,
            {where: one.files.get(where, "") for where in one.own},
            one.bundle if one.own else "",
            Text(**one.stopped) if one.stopped else None,
        )
        for one in found
    ]


def published_since(since: datetime) -> tuple[int, datetime | None]:
    """How many versions the open town published from a moment on, and when the last."""
    found = Publication.objects.filter(at__gte=since).aggregate(count=Count("id"), last=Max("at"))
    return found["count"], found["last"]


# -- services ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """A service as the list shows it: what counts now, who works on it, and what waits to be published."""

    id: str
    name: Text
    state: State
    service: Service | None
    draft: Draft | None
    proposal: Proposal | None
    last: Publication | None


def rows() -> list[Row]:
    """All services of this town, new ones among them, by id."""
    drafts = {one.service: one for one in Draft.objects.defer("files")}
    proposals = {one.service: one for one in Proposal.objects.filter(state="open").defer("files")}
    last = {
        one.service: one
        for one in Publication.objects.order_by("service", "-id").distinct("service").defer("files", "bundle")
    }
    services = catalogue.current().services
    return [
        Row(
            name,
            services[name].name if name in services else Text.same(name),
            state_of(last.get(name), name in services),
            services.get(name),
            drafts.get(name),
            proposals.get(name),
            last.get(name),
        )
        for name in sorted({*services, *drafts, *proposals})
    ]


def row(service: str) -> Row | None:
    """One of them."""
    known = catalogue.current().services.get(service)
    draft = Draft.objects.filter(service=service).first()
    proposal = open_proposal(service)
    if known is None and draft is None and proposal is None:
        return None
    last = last_of(service)
    return Row(
        service, catalogue.name_of(service), state_of(last, known is not None), known, draft, proposal, last
    )


def state_of(last: Publication | None, known: bool) -> State:
    """How a service stands. `last`: its last publication."""
    if last is not None and last.stopped:
        return "stopped"
    if last is not None and last.own:
        return "published"
    return "installed" if known else "new"


def texts_of(service: str) -> dict[str, str]:
    """The files of a service as they count in this town now: as published, else as installed."""
    last = last_of(service)
    return dict(last.files) if last is not None and last.own else files.installed(service)


# -- drafts --------------------------------------------------------------------------------------------
def draft(service: str) -> Draft | None:
    """What somebody works on."""
    return Draft.objects.filter(service=service).first()


def saves(draft: Draft) -> list[Saved]:
    """Every save of a draft, the last first."""
    return list(Saved.objects.filter(draft=draft, aside=False).defer("files").order_by("-number"))


def asides(draft: Draft) -> list[Saved]:
    """Texts that came second and were kept beside the draft."""
    return list(Saved.objects.filter(draft=draft, aside=True).order_by("id"))


def aside(draft: Draft, number: int) -> Saved | None:
    """One of them."""
    return Saved.objects.filter(draft=draft, aside=True, id=number).first()


def files_at(draft: Draft, number: int) -> Files | None:
    """The files of a draft after one of its saves."""
    found = Saved.objects.filter(draft=draft, number=number, aside=False).first()
    return found.files if found else None


# -- publication ---------------------------------------------------------------------------------------
def open_proposal(service: str) -> Proposal | None:
    """The text of a service that waits to be published."""
    return Proposal.objects.filter(service=service, state="open").first()


def proposal(id: uuid.UUID) -> Proposal | None:
    """A proposal."""
    return Proposal.objects.filter(id=id).first()


def returned(service: str) -> Proposal | None:
    """The last proposal of a service, if it was given back."""
    last = Proposal.objects.filter(service=service).order_by("-at").first()
    return last if last is not None and last.state == "returned" else None


def resource(proposal: Proposal) -> access.Resource:
    """A proposal, as the policy sees it."""
    return access.Resource("Proposal", str(proposal.id), proposal.town, {"proposed_by": proposal.by})


def history(service: str) -> list[Publication]:
    """Everything that was published of a service in this town, the newest first."""
    return list(Publication.objects.filter(service=service).order_by("-id").defer("bundle"))


def publication(id: int) -> Publication | None:
    """One of the publications of this town."""
    return Publication.objects.filter(id=id).first()


def last_of(service: str) -> Publication | None:
    """The last publication of a service."""
    return Publication.objects.filter(service=service).order_by("-id").first()


def before(one: Publication) -> Files:
    """The files that counted before a publication; those installed now where it was the first."""
    earlier = Publication.objects.filter(service=one.service, id__lt=one.id).order_by("-id").first()
    return earlier.files if earlier and earlier.own else files.installed(one.service)


# -- differences ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference. `kind`: same, new, gone, or gap for lines that are left out; `number`: in the new text,
    in the old one for what is gone."""

    kind: Literal["same", "new", "gone", "gap"]
    text: str
    number: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs in one file."""

    file: str
    lines: list[Line]


def differences(old: Files, new: Files) -> list[Changed]:
    """What differs between two texts of a service, file by file, with three lines around each change."""
    return [
        Changed(where, list(_lines(old.get(where, ""), new.get(where, ""))))
        for where in sorted({*old, *new})
        if old.get(where, "") != new.get(where, "")
    ]


def _lines(old: str, new: str) -> Iterator[Line]:
    before, after = old.splitlines(), new.splitlines()
    groups = difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(3)
    for number, group in enumerate(groups):
        if number:
            yield Line("gap", "", 0)
        for kind, a, b, c, d in group:
            if kind == "equal":
                yield from _each("same", after, c, d)
                continue
            yield from _each("gone", before, a, b)
            yield from _each("new", after, c, d)


def _each(kind: Literal["same", "new", "gone"], lines: Sequence[str], start: int, end: int) -> Iterator[Line]:
    return (Line(kind, lines[at], at + 1) for at in range(start, end))
