"""Requests that come on paper, by fax or by post, and by telephone: a clerk keys in what is written or said."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.cases import catalogue, documents
from yakuba.channels import acting, actions, casework, paper, paper_reading
from yakuba.channels.web import paper_form, remember
from yakuba.register import queries as register
from yakuba.words import ui_text

CAME_BY = ("post", "fax", "mail")


@require_GET
@asks("register.search")
def intake(request: Request, town: str) -> HttpResponse:
    """Choose a scan, or the service that somebody calls about."""
    shown = {
        "services": catalogue.offered().values(),
        "came_by": CAME_BY,
        "said": acting.said(request),
        "may_take_in": may_here(request, "receipt.take_in"),
    }
    return render(request, "channels/desk/paper.html", shown)


@require_POST
@asks("register.search")
def scanned(request: Request, town: str) -> HttpResponse:
    """A scan came in: the form is known by its QR picture, or the clerk has said which service it is for."""

    def begin() -> str:
        upload = request.FILES.get("scan")
        if upload is None:
            raise acting.Incomplete("paper.no_scan")
        content = casework.content_of(upload)
        documents.check(content, upload.name or "")  # before anything unpacks it
        documents.scan(content, upload.name or "")
        return begin_keying(request, content, upload.name or "scan", came_by=request.POST.get("came_by", ""))

    return acting.act(request, begin, reverse("desk:paper", args=[town]))


def begin_keying(request: Request, content: bytes, name: str, *, came_by: str) -> str:
    """Begin to key in a paper, for the service that the clerk chose or that its code names; what can be read of it is filled in.
    `came_by`: one of CAME_BY. Returns the address to go on at. Raises acting.Incomplete, documents.Refused."""
    if paper.is_too_long(content):
        raise acting.Incomplete("reading.too_many_pages")
    seen = paper.look(content)
    if seen is not None and seen.town != request.town:
        raise acting.Incomplete("paper.other_town")
    service = request.POST.get("service") or (seen.service if seen else "")
    if service not in catalogue.offered():
        raise acting.Incomplete("paper.no_form")
    declared, now = catalogue.service(service), clock.now()
    draft = actions.begin(
        declared,
        channel="paper",
        language=seen.language if seen else "ja",
        as_of=now,
        evidence=ui_text(f"paper.by_{came_by}").ja if came_by in CAME_BY else "",
    )
    actions.add_scan(draft, content, name, as_of=now)
    remember(request, draft)
    if seen and not declared.version.startswith(seen.version):
        acting.say(request, "warn", ui_text("paper.old_version").get(request.language))
    where = "desk:review" if paper_reading.read(draft, content, as_of=now) else "channels:resume_at"
    return reverse(where, args=[request.town, draft.id])


@require_POST
@asks("register.search")
def called(request: Request, town: str) -> HttpResponse:
    """Somebody calls: the operator keys in what they say, question by question."""

    def begin() -> str:
        service = request.POST.get("service", "")
        if service not in catalogue.offered():
            raise acting.Incomplete("desk.choose_service")
        draft = actions.begin(
            catalogue.service(service), channel="phone", language=request.language, as_of=clock.now()
        )
        remember(request, draft)
        return reverse("channels:resume_at", args=[town, draft.id])

    return acting.act(request, begin, reverse("desk:paper", args=[town]))


def _person(request: Request, *, person: uuid.UUID, **_: object) -> access.Resource:
    return access.Resource("Person", str(person), request.town, data="sensitive")  # with the account


@require_GET
@asks("register.read", about=_person)
def filled_in(request: Request, town: str, person: uuid.UUID) -> HttpResponse:
    """A form of paper with what the register knows of a person."""
    service = request.GET.get("service", "")
    if register.person(person) is None or service not in catalogue.offered():
        raise Http404
    declared = catalogue.service(service)
    known = actions.from_register(declared, person, clock.now().date())
    return paper_form(request, declared, known)
