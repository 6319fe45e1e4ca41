"""The staff's side of talks: those that wait for a clerk, the answers to be written, what is answered, and the month's figures."""

from __future__ import annotations

import uuid
from datetime import datetime, time
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access import queries as staff
from yakuba.access.request import Request
from yakuba.access.web import asks, asks_within, may_here
from yakuba.assistant import library, talks, written
from yakuba.assistant.figures import figures
from yakuba.assistant.knowledge import Entry
from yakuba.cases import actions as cases
from yakuba.cases import queries as case_queries
from yakuba.channels import acting, casework, chat_line
from yakuba.channels.acting import Incomplete, text_of
from yakuba.channels.chat import shown_turn
from yakuba.channels.reach import texts
from yakuba.words import LANGUAGES, search_key

A_PAGE, NEAR = 50, 5
"""Answers on a page of their list, and those that are shown beside a question that nothing answers."""
MOST_ANSWER, MOST_LINK = 2000, 500


# -- what there is to do -----------------------------------------------------------------------------
@require_GET
@asks("answer.read")
def talks_(request: Request, town: str) -> HttpResponse:
    """Talks that wait for a clerk, answers to be written, and this month in figures."""
    now = clock.now()
    waiting = [t for t in case_queries.open_with_verb(talks.SERVICE, ["work"]) if t.step == talks.TALK]
    wanted_ = case_queries.open_with_verb(talks.WANTED, ["work"])
    states = case_queries.states([task.case_id for task in [*waiting, *wanted_]])
    shown = {
        "waiting": [{"task": t, "state": states[t.case_id]} for t in waiting],
        "wanted": [{"task": t, "wanted": states[t.case_id].facts.get("wanted", {})} for t in wanted_],
        "figures": figures(_first_of_month(now), now),
        "minutes": talks.declared_minutes(),
        "may_write": may_here(request, "answer.write"),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/talks.html", shown)


def _first_of_month(now: datetime) -> datetime:
    return datetime.combine(now.date().replace(day=1), time(), clock.TOKYO)


# -- a talk --------------------------------------------------------------------------------------------
@require_GET
@asks_within("case.read")
def talk(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """What was said, and the clerk's reply."""
    casework.opened(request, case)
    held = _talk(case)
    said = acting.said(request)
    task = case_queries.open_task(case, talks.TALK)
    shown = {
        "talk": held,
        "turns": [shown_turn(turn, request.language) for turn in held.turns],
        "task": task,
        "names": staff.staff_names(),
        "key": uuid.uuid4(),
        "said": said,
        "typed": said["typed"] if said else {},
        "most": MOST_ANSWER,
    }
    return render(request, "channels/desk/talk.html", shown)


@require_POST
@asks("answer.write")
def say(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """The clerk's reply; it is on the other's page at once."""

    def do() -> None:
        text = text_of(request, "text", needed="desk.nothing_written", most=MOST_ANSWER)
        key = str(casework.an_id(request.POST.get("key", "")))
        talks.clerk_says(case, text, by=request.worker, as_of=clock.now(), key=key)
        chat_line.tell_later(case, key)
        texts.clerk_said(case, text, key=key, as_of=clock.now())

    return acting.act(request, do, reverse("desk:talk", args=[town, case]))


@require_POST
@asks("answer.write")
def end(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Give the talk back to the assistant, or end it."""

    def do() -> str:
        outcome = "back" if request.POST.get("outcome") == "back" else "settled"
        talks.clerk_ends(case, outcome, by=request.worker, as_of=clock.now())
        return reverse("desk:talks", args=[town])

    return acting.act(request, do, reverse("desk:talk", args=[town, case]))


def _talk(case: uuid.UUID) -> talks.Conversation:
    try:
        return talks.conversation(case)
    except talks.TalkOver as none:
        raise Http404 from none


# -- an answer to be written ---------------------------------------------------------------------------
@require_GET
@asks("answer.write")
def wanted(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """A question that nothing answers, the nearest answers, and the form to write or mend one."""
    asked = _wanted(case)
    library_ = library.of_town()
    found = library_.searcher.search(asked["question"], audience=_audience(asked), most=NEAR)
    mends = library_.entries.get(request.GET.get("mend", "") or asked.get("entry", ""))
    said = acting.said(request)
    shown = {
        "case": case,
        "asked": asked,
        "task": case_queries.open_task(case, talks.WRITE),
        "near": [one.entry for one in found.candidates],
        "mends": mends,
        "typed": said["typed"] if said else _typed(mends, asked),
        "said": said,
        "most": MOST_ANSWER,
    }
    return render(request, "channels/desk/wanted.html", shown)


def _wanted(case: uuid.UUID) -> dict[str, Any]:
    found = case_queries.some([case]).get(case)
    if found is None or found.service != talks.WANTED:
        raise Http404
    return case_queries.state(found).facts.get("wanted", {})


def _audience(asked: dict[str, Any]) -> Any:
    return "staff" if asked.get("audience") == "staff" else "public"


def _typed(mends: Entry | None, asked: dict[str, Any]) -> dict[str, str]:
    """What the form begins with: the answer that is mended, or the question as it was asked."""
    if mends is None:
        return {"question_ja": asked["question"]}
    texts = {
        f"{part}_{one}": getattr(mends, part).get(one, "")
        for part in ("question", "answer")
        for one in LANGUAGES
    }
    return {**texts, "office": mends.source.office, "link": mends.source.link}


@require_POST
@asks("answer.write")
def write(request: Request, town: str, case: uuid.UUID) -> HttpResponse:
    """Keep the answer: it is live at once. Or say that none is needed."""

    def do() -> str:
        asked, task = _wanted(case), case_queries.open_task(case, talks.WRITE)
        if task is None:
            raise Incomplete("desk.nothing_chosen")
        if "not_needed" in request.POST:
            cases.finish(task.id, by=request.worker, as_of=clock.now(), outcome="not_needed")
            return reverse("desk:talks", args=[town])
        written.write_answer(
            _what(request),
            asked=[asked["question"]],
            audience=_audience(asked),
            by=request.worker,
            as_of=clock.now(),
            task=task.id,
        )
        return reverse("desk:talks", args=[town])

    return acting.act(request, do, reverse("desk:wanted", args=[town, case]))


def _what(request: Request) -> written.Written:
    """What was typed. Raises Incomplete, answers.Wrong."""
    link = text_of(request, "link", most=MOST_LINK)
    if link and not link.startswith(("https://", "/")):
        raise Incomplete("chat.wrong_link")
    return written.Written(
        question={one: text_of(request, f"question_{one}", most=MOST_LINK) for one in LANGUAGES},
        answer={one: text_of(request, f"answer_{one}", most=MOST_ANSWER) for one in LANGUAGES},
        office=text_of(request, "office", most=100),
        link=link,
        mends=library.of_town().entries.get(request.POST.get("mends", "")),
    )


# -- what is answered ----------------------------------------------------------------------------------
@require_GET
@asks("answer.read")
def known(request: Request, town: str) -> HttpResponse:
    """Every answer that is given, and those that the town has switched off."""
    query = request.GET.get("q", "").strip()[:100]
    off = written.off()
    entries = [*library.of_town().entries.values(), *off.values()]
    key = search_key(query)
    found = (
        [one for one in entries if key in search_key(one.question["ja"] + one.answer["ja"])]
        if key
        else entries
    )
    page_of = Paginator(sorted(found, key=lambda one: (one.source.kind, one.id)), A_PAGE).get_page(
        request.GET.get("page")
    )
    shown = {
        "q": query,
        "page_of": page_of,
        "total": len(found),
        "off": off.keys(),
        "may_write": may_here(request, "answer.write"),
        "said": acting.said(request),
    }
    return render(request, "channels/desk/known.html", shown)


@require_POST
@asks("answer.write")
def switch(request: Request, town: str) -> HttpResponse:
    """Give an answer to nobody any more, or give it again."""

    def do() -> None:
        id = request.POST.get("entry", "")
        on = request.POST.get("on") == "1"
        entry = written.off().get(id) if on else library.of_town().entries.get(id)
        if entry is None:
            raise Incomplete("desk.nothing_chosen")
        written.switch(entry, on=on, by=request.worker, as_of=clock.now())

    return acting.act(request, do, reverse("desk:known", args=[town]))
