"""The workbench on the desk: which services there are and how they stand; a service is begun, proposed by one, published
by another, stopped, and looked back at. What is written in it is changed on the pages of `workbench_parts`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import access, clock
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.cases import queries as cases
from yakuba.channels import acting, casework
from yakuba.channels.answers import Wrong, clean
from yakuba.words import Text, ui_text
from yakuba.workbench import actions, fields_file, queries
from yakuba.workbench.checking import checked
from yakuba.workbench.errors import NoSuchService

if TYPE_CHECKING:
    from yakuba.workbench.models import Draft

MOST_NAME, MOST_CASES = 200, 50
PARTS = ("about", "questions", "conditions", "steps", "letters", "params", "examples", "text", "preview")
"""The pages on which a draft is written and tried, in their order."""


def url(request: Request, name: str, *args: Any) -> str:
    """The address of a page of the workbench."""
    return reverse(f"desk:{name}", args=[request.town, *args])


def words_of(request: Request, name: str, *, needed: str = "", most: int = acting.MOST_TEXT) -> Text | None:
    """What was typed in three languages; a language that was left empty stands in Japanese, and the pages say so.

    Raises acting.Incomplete with the words `needed` when the Japanese one is empty and must not be.
    """
    typed = {lang: lines_of(request, f"{name}.{lang}", most=most) for lang in ("ja", "easy", "en")}
    if not typed["ja"]:
        if needed or any(typed.values()):
            raise acting.Incomplete(needed or "workbench.japanese_needed")
        return None
    return Text(**{lang: said or typed["ja"] for lang, said in typed.items()})


def needed_words(request: Request, name: str, needed: str = "workbench.japanese_needed", **more: Any) -> Text:
    """The same, where there must be some."""
    words = words_of(request, name, needed=needed, **more)
    assert words is not None
    return words


def lines_of(request: Request, name: str, *, most: int = acting.MOST_TEXT) -> str:
    """A text of several lines that was typed. Raises Wrong when it is too long."""
    typed = request.POST.get(name, "").replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(clean(line) if line.strip() else "" for line in typed.strip("\n").split("\n"))
    if len(text) > most:
        raise Wrong(ui_text("desk.too_long").format(max=f"{most:,}", length=f"{len(text):,}"))
    return text


# -- the list --------------------------------------------------------------------------------------------
@require_GET
@asks("workbench.read")
def workbench(request: Request, town: str) -> HttpResponse:
    """All services with how they stand."""
    asked = request.GET.get("q", "").strip()
    rows = [row for row in queries.rows() if asked in row.id or _has(row.name, asked)]
    shown = {
        "rows": rows,
        "q": asked,
        "columns": fields_file.columns(),
        "kinds": fields_file.kinds(),
        "can": {"edit": may_here(request, "workbench.edit"), "migrate": may_here(request, "case.migrate")},
        "said": acting.said(request),
    }
    return render(request, "channels/desk/workbench/list.html", shown)


def _has(name: Text, asked: str) -> bool:
    return any(asked.lower() in one.lower() for one in (name.ja, name.easy, name.en))


@require_POST
@asks("workbench.edit")
def new(request: Request, town: str) -> HttpResponse:
    """A new service: laid out, or taken in from the table of a paper form's fields."""

    def do() -> str:
        service = acting.text_of(request, "service", needed="workbench.id_needed", most=MOST_NAME)
        name = needed_words(request, "name", "workbench.name_needed", most=MOST_NAME)
        table = request.FILES.get("fields")
        now = clock.now()
        if table is None:
            actions.create(service, name, by=request.worker, as_of=now)
            return url(request, "workbench_part", service, "about")
        actions.take_in(
            service, name, casework.content_of(table), table.name or "", by=request.worker, as_of=now
        )
        return url(request, "workbench_part", service, "questions")

    return acting.act(request, do, url(request, "workbench"))


# -- one service -----------------------------------------------------------------------------------------
@require_GET
@asks("workbench.read")
def service(request: Request, town: str, service: str) -> HttpResponse:
    """How a service stands: the draft with its faults, what waits to be published, the text that came second."""
    row = queries.row(service)
    if row is None:
        raise Http404
    draft, proposal = row.draft, row.proposal
    shown = {
        **frame(request, row, "service"),
        "faults": checked(service, draft.files).faults if draft else [],
        "changes": queries.differences(queries.texts_of(service), draft.files) if draft else [],
        "asides": _asides(draft) if draft else [],
        "proposed": queries.differences(queries.texts_of(service), proposal.files) if proposal else [],
        "overtaken": bool(proposal and proposal.base != (row.last.id if row.last else 0)),
        "behind": bool(draft and draft.base != (row.last.id if row.last else 0)),
        "returned": None if proposal else queries.returned(service),
        "can_publish": bool(
            proposal and access.may(request.worker, "workbench.publish", queries.resource(proposal))
        ),
        "can_stop": row.state != "stopped"
        and row.service is not None
        and may_here(request, "workbench.stop"),
    }
    return render(request, "channels/desk/workbench/service.html", shown)


def _asides(draft: Draft) -> list[tuple[Any, list[queries.Changed]]]:
    """Each text that came second, with what it would have changed in what it was begun from."""
    found = []
    for one in queries.asides(draft):
        seen = queries.files_at(draft, one.number) or draft.files
        found.append((one, queries.differences(seen, one.files)))
    return found


def frame(request: Request, row: queries.Row, here: str) -> dict[str, Any]:
    """What all pages of a service show: its name, how it stands, and the way to its other pages."""
    return {
        "row": row,
        "here": here,
        "parts": PARTS if row.draft else (),
        "can": {"edit": may_here(request, "workbench.edit"), "migrate": may_here(request, "case.migrate")},
        "said": acting.said(request),
    }


@require_POST
@asks("workbench.read")
def do(request: Request, town: str, service: str, what: str) -> HttpResponse:
    """Something is done with the service as a whole; the action asks whether it may be."""
    act = ACTS.get(what)
    if act is None or queries.row(service) is None:
        raise Http404
    return acting.act(request, lambda: act(request, service), url(request, "workbench_service", service))


def _number(request: Request) -> int:
    """Which save of the draft the page showed."""
    typed = request.POST.get("number", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _begin(request: Request, service: str) -> str:
    actions.begin(service, by=request.worker, as_of=clock.now())
    return url(request, "workbench_part", service, "questions")


def _discard(request: Request, service: str) -> str:
    actions.discard(service, _number(request), by=request.worker)
    return url(request, "workbench")


def _propose(request: Request, service: str) -> None:
    why = acting.text_of(request, "why", needed="workbench.why_needed")
    actions.propose(service, _number(request), why, by=request.worker, as_of=clock.now())


def _again(request: Request, service: str) -> None:
    why = acting.text_of(request, "why", needed="workbench.why_needed")
    actions.propose_again(_id(request, "publication"), why, by=request.worker, as_of=clock.now())


def _publish(request: Request, service: str) -> None:
    actions.publish(service, _proposal(request), by=request.worker, as_of=clock.now())
    acting.say(request, "ok", ui_text("workbench.published_now").get(request.language))


def _proposal(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("proposal", ""))
    except ValueError:
        return uuid.UUID(int=0)


def _give_back(request: Request, service: str) -> None:
    remark = acting.text_of(request, "remark", needed="workbench.remark_needed")
    actions.give_back(service, remark, by=request.worker, as_of=clock.now())


def _stop(request: Request, service: str) -> None:
    reason = needed_words(request, "reason", "workbench.reason_needed")
    actions.stop(service, reason, acting.text_of(request, "why"), by=request.worker, as_of=clock.now())


def _put_away(request: Request, service: str) -> None:
    actions.put_away(service, _id(request, "aside"), by=request.worker)


def _take_over(request: Request, service: str) -> None:
    """The text that came second takes the place of the draft: whoever does that has seen both."""
    draft = queries.draft(service)
    aside = queries.aside(draft, _id(request, "aside")) if draft else None
    if draft is None or aside is None:
        raise NoSuchService(service)
    what = ui_text("workbench.took_over").format(name=aside.by_name).ja
    actions.save(service, _number(request), lambda _: aside.files, what, by=request.worker, as_of=clock.now())
    actions.put_away(service, aside.id, by=request.worker)


def _id(request: Request, name: str) -> int:
    typed = request.POST.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


ACTS: dict[str, Callable[[Request, str], str | None]] = {
    "begin": _begin,
    "discard": _discard,
    "propose": _propose,
    "again": _again,
    "publish": _publish,
    "give-back": _give_back,
    "stop": _stop,
    "put-away": _put_away,
    "take-over": _take_over,
}


# -- history ---------------------------------------------------------------------------------------------
@require_GET
@asks("workbench.read")
def history(request: Request, town: str, service: str) -> HttpResponse:
    """Everything that was published of a service: who, when, why, what differed, and which cases began with it."""
    row = queries.row(service)
    published = queries.history(service)
    if row is None:
        raise Http404
    may_cases = may_see_cases(request)
    shown = {
        **frame(request, row, "history"),
        "published": [
            (one, [] if one.stopped else queries.differences(queries.before(one), one.files))
            for one in published
        ],
        "touched": cases.counted_by_version(service),
        "cases": cases.with_version(service, _chosen(request, row), MOST_CASES) if may_cases else [],
        "chosen": _chosen(request, row),
        "may_cases": may_cases,
        "most": MOST_CASES,
    }
    return render(request, "channels/desk/workbench/history.html", shown)


def may_see_cases(request: Request) -> bool:
    """Whether who is asking may open cases from here."""
    return may_here(request, "queue.read")


def _chosen(request: Request, row: queries.Row) -> str:
    """The version whose cases are listed: the one that was asked for, else the one that counts."""
    return request.GET.get("version", "")[:64] or (row.service.version if row.service else "")
