"""The town's pages for residents: find a service, apply one idea a page, save and resume, send."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any, get_args

import segno
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yakuba import clock
from yakuba.access import codes, limits
from yakuba.access.request import Request
from yakuba.access.web import address, asks
from yakuba.cases import catalogue, documents
from yakuba.cases import queries as cases
from yakuba.channels import acting, actions, admission, finder, paper, search
from yakuba.channels.crowd import door
from yakuba.channels.disaster import mode
from yakuba.channels.forms import Form, Screen
from yakuba.channels.jobs import open_wanted
from yakuba.channels.models import Draft
from yakuba.channels.reach import line
from yakuba.declare import Service, Topic
from yakuba.register import queries as register
from yakuba.words import ruby_html, ui_text

RESUME_TRIES, DRAFTS, WINDOW = 10, 300, timedelta(minutes=10)
"""From one network address in ten minutes: codes that are tried, and requests that are begun. Thousands of phones
may share an address of their carrier, so the second is wide."""
SHOWN, A_PAGE, GOING_ON = 6, 20, 5
"""Services of a topic on the first page, without what they are for: a thin line carries it in seconds; services on a page of their
own list; requests that are not finished."""


# -- finding a service -----------------------------------------------------------------------------
@require_GET
@asks("service.read")
def home(request: Request, town: str) -> HttpResponse:
    """What the town offers, by topic."""
    by_topic: dict[str, list[Service]] = {topic: [] for topic in get_args(Topic)}
    for service in catalogue.offered().values():
        for topic in service.topics:
            by_topic[topic].append(service)
    topics = [(topic, some[:SHOWN], len(some)) for topic, some in by_topic.items() if some]
    shown = {
        "topics": topics,
        "shown": SHOWN,
        "drafts": _own_drafts(request)[:GOING_ON],
        "disaster": _disaster(),
    }
    return render(request, "channels/web/home.html", shown)


def _disaster() -> dict[str, Any] | None:
    """While the town is in disaster mode: what comes first, and until when."""
    found, offered = mode.in_force(clock.now()), catalogue.offered()
    first = [offered[name] for name in found.services if name in offered] if found else []
    if found is None:
        return None
    said = ui_text("disaster.banner")
    banner = (("ja", said.ja), ("ja", ruby_html(said.easy)), ("en", said.en))
    return {"banner": banner, "until": found.ends, "services": first}


@require_GET
@asks("service.read")
def services(request: Request, town: str) -> HttpResponse:
    """The services that are called so (`q`), or all of one topic, page by page."""
    query, topic = request.GET.get("q", "").strip()[:100], request.GET.get("topic", "")
    known = catalogue.offered()
    if topic in get_args(Topic):
        found = [one for one in known.values() if topic in one.topics]
    else:
        topic, found = "", search.find(query, known) if query else list(known.values())
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    shown = {"q": query, "topic": topic, "page_of": page, "total": len(found)}
    return render(request, "channels/web/services.html", shown)


@require_GET
@asks("service.read")
def service(request: Request, town: str, service: str) -> HttpResponse:
    """What a service is, who gets it, what is needed, how long it takes; or why it is stopped."""
    if stopped := _stopped(request, service):
        return stopped
    declared = _service(service)
    papers = [q.label for page in declared.pages for q in page.questions if q.file]
    drafts = [d for d in _own_drafts(request) if d["service"] is declared]
    shown = {
        "service": declared,
        "papers": papers,
        "conditions": declared.conditions.values(),
        "drafts": drafts,
    }
    shown["norm"] = (
        declared.deadlines and declared.deadlines.norm and declared.deadlines.norm.text(request.language)
    )
    return render(request, "channels/web/service.html", shown)


def _service(service: str) -> Service:
    try:
        return catalogue.offered()[service]
    except KeyError as error:
        raise Http404 from error


def _stopped(request: Request, service: str) -> HttpResponse | None:
    """The page that says why the town has stopped a service for now; None where it has not."""
    reason = catalogue.stopped().get(service)
    known = catalogue.offered().get(service)
    if known and request.worker.kind != "staff":
        reason = reason or mode.not_now(known, clock.now())
    if reason is None:
        return None
    shown = {"service": catalogue.service(service), "reason": reason}
    return render(request, "channels/web/stopped.html", shown, status=503)


# -- writing a request -------------------------------------------------------------------------------
def _own_drafts(request: Request) -> list[dict[str, Any]]:
    """The drafts of this browser that were not sent yet."""
    ids = list(request.session.get("drafts") or {})
    found = Draft.objects.filter(id__in=ids, case=None).order_by("-changed_at") if ids else []
    services = catalogue.offered()
    return [
        {"id": d.id, "service": services[d.service], "at": d.changed_at}
        for d in found
        if d.service in services
    ]


def remember(request: Request, draft: Draft) -> None:
    """The draft belongs to this browser from now on."""
    request.session["drafts"] = {**(request.session.get("drafts") or {}), str(draft.id): draft.service}


@require_POST
@asks("form.answer")
def start(request: Request, town: str, service: str) -> HttpResponse:
    """Begin a request; who is signed in finds the register's answers filled in."""
    if stopped := _stopped(request, service):
        return stopped
    return begun(request, _service(service), finder.said(request))


def begun(request: Request, declared: Service, said: Mapping[str, Any]) -> HttpResponse:
    """On to the first screen of a new request with what was `said` elsewhere, or to the sign-in that it needs."""
    town = request.town
    if declared.sign_in == "required" and request.worker.person is None:
        page = reverse("channels:service", args=[town, declared.id])
        return redirect(f"{reverse('access:sign_in', args=[town])}?next={page}")
    if request.worker.kind != "staff":
        limits.spend("begin", address(request), most=DRAFTS, per=WINDOW, as_of=clock.now())
    person = uuid.UUID(request.worker.person) if request.worker.person else None
    draft = actions.begin(
        declared,
        channel="web",
        language=request.language,
        as_of=clock.now(),
        person=person,
        identified=person is not None,
        evidence="マイナンバーカード（デジタル認証アプリ）" if person else "",
        said=said,
    )
    remember(request, draft)
    return redirect("channels:resume_at", town=town, draft=draft.id)


DraftView = Callable[..., HttpResponse]


def is_own(request: Request, draft: uuid.UUID) -> bool:
    """Did this browser begin the draft, or open it by its code?"""
    return str(draft) in (request.session.get("drafts") or {})


def with_draft(view: DraftView) -> DraftView:
    """The view works on a draft of this browser; one that was sent already leads to its reference number."""

    @wraps(view)
    def own(request: Request, town: str, draft: uuid.UUID, **more: Any) -> HttpResponse:
        if not is_own(request, draft):
            return redirect("channels:resume", town=town)
        drafts = Draft.objects.select_for_update() if request.method == "POST" else Draft.objects
        found = drafts.filter(id=draft).first()
        sent = found is not None and (found.case or found.wanted_at)
        if found and not sent and (stopped := _stopped(request, found.service)):
            return stopped
        if found is None or (found.service not in catalogue.offered() and not sent):
            raise Http404
        if sent and view.__name__ != "done":
            return redirect("channels:done", town=town, draft=draft)
        return view(request, found, **more)

    return own


def form_of(draft: Draft) -> Form:
    """The questions of a draft as they stand now."""
    files = actions.files_of(draft)
    now = clock.now()
    service, keyed = catalogue.service(draft.service), draft.channel == "paper"
    return Form(service, draft.facts, as_of=now.date(), files=files, at=now, keyed=keyed)


def _to(name: str, draft: Draft, *more: Any) -> str:
    return reverse(f"channels:{name}", args=[draft.town, draft.id, *more])


def _on(request: Request, draft: Draft, key: str | None) -> HttpResponse:
    """On to a screen, or to the end; who came to change one answer stays on the short way back."""
    if key is None:
        return redirect(_to("check", draft))
    return redirect(_to("screen", draft, key) + ("?check=1" if "check" in request.GET else ""))


@require_GET
@asks("form.answer")
@with_draft
def resume_at(request: Request, draft: Draft) -> HttpResponse:
    """Go on where something is missing."""
    form = form_of(draft)
    key = form.first_open()
    if not draft.facts and form.screens:
        key = form.screens[0].key
    return redirect(_to("screen", draft, key) if key else _to("check", draft))


@require_http_methods(["GET", "POST"])
@asks("form.answer")
@with_draft
def screen(request: Request, draft: Draft, key: str) -> HttpResponse:
    """One idea: its questions, or the answer to them."""
    form = form_of(draft)
    asked = form.screen(key)
    if asked is None:
        return redirect(_to("resume_at", draft))
    if request.method == "POST":
        answer = _list_changed if asked.overview or "remove" in request.POST else _answers
        if (answered := answer(request, draft, form, asked)) is not None:
            return answered
    else:
        form.check(asked)
    back = form.before(key)
    number, of = form.step_of(key)
    shown = {
        "draft": draft,
        "service": form.service,
        "screen": asked,
        "back": _to("screen", draft, back)
        if back
        else reverse("channels:service", args=[draft.town, draft.service]),
        "number": number,
        "of": of,
        "items": form.items_of(asked, request.language),
        "scan": _scan(draft),
        "said": acting.warned(request) if draft.channel == "paper" else None,
        "may_call_later": draft.channel == "phone"
        and draft.service != actions.CALL_BACK
        and actions.CALL_BACK in catalogue.offered(),
        "item": form.item_of(asked, request.language),
        **line.shown(request, draft, form, asked),
    }
    return render(request, "channels/web/screen.html", shown, status=422 if asked.errors else 200)


def _scan(draft: Draft) -> range:
    """The pages of the paper that is keyed in, counted from 1; none for what came in otherwise."""
    return range(1, paper.pages(actions.scan_of(draft)) + 1) if draft.channel == "paper" else range(0)


@require_GET
@asks("form.answer")
@with_draft
def scan(request: Request, draft: Draft, page: int) -> HttpResponse:
    """A page of the paper, as a picture."""
    picture = paper.page(actions.scan_of(draft), page)
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/png")


@require_GET
@asks("service.read")
def printed(request: Request, town: str, service: str) -> HttpResponse:
    """The service as a form of paper, empty; `large`: in large type."""
    return paper_form(request, _service(service), {})


def paper_form(request: Request, service: Service, facts: Mapping[str, Any]) -> HttpResponse:
    """A form of paper with what is known filled in."""
    hall = register.town(request.town)
    assert hall is not None
    made = paper.pdf(
        paper.Form(
            service,
            request.town,
            hall.name,
            request.language,
            bool(request.GET.get("large")),
            facts,
            hall.synthetic,
        )
    )
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{service.id}.pdf"'
    return answer


def _list_changed(request: Request, draft: Draft, form: Form, asked: Screen) -> HttpResponse:
    """Add or take away a child or a household member, or go on."""
    goal: str | None = f"list.{asked.list}"
    if "add" in request.POST:
        goal = form.add_item(asked.list) or goal
    elif "remove" in request.POST:
        if re.fullmatch(r"[0-9]{1,3}", request.POST["remove"]):
            form.remove_item(asked.list, int(request.POST["remove"]))
    else:
        form.close_list(asked.list)
        goal = next_screen(request, form, asked)
    actions.keep(draft, form.facts, as_of=clock.now())
    if "leave" in request.POST:
        return _leaving(request, draft)
    return _on(request, draft, goal)


def next_screen(request: Request, form: Form, asked: Screen) -> str | None:
    """The next screen; when an answer was changed at the end, the next on which something is missing."""
    return form.first_open() if request.GET.get("check") else form.after(asked.key)


def _answers(request: Request, draft: Draft, form: Form, asked: Screen) -> HttpResponse | None:
    """Keep what was answered; None when something is wrong with it."""
    fine = form.read(asked, request.POST)
    fine = uploads(request, draft, asked) and fine
    actions.keep(draft, form.facts, as_of=clock.now())
    if "leave" in request.POST:
        return _leaving(request, draft)
    if not fine or comes_from_elsewhere(request, asked):
        return None
    if any(name.startswith("drop.") for name in request.POST):
        return _on(request, draft, asked.key)
    form.put_files(actions.files_of(draft))
    return _on(request, draft, next_screen(request, form, asked))


def comes_from_elsewhere(request: Request, asked: Screen) -> bool:
    """Is the address, as it is sent the first time, outside of the town? Then it is said so at once. Who sends it
    again goes on: an application is taken in wherever it comes from (行政手続法 第7条), and staff look into it.
    """
    found = [one for one in asked.fields if one.name == "applicant.postal_code" and one.value]
    for one in found:
        ours = register.postal_codes()
        if ours and one.value not in ours and one.value != request.POST.get("elsewhere"):
            one.notice = ui_text("apply.elsewhere")
            return True
    return False


def uploads(request: Request, draft: Draft, asked: Screen) -> bool:
    """Take and drop files; what cannot be taken is said at its question."""
    for name in request.POST:
        if dropped := re.fullmatch(r"drop\.([0-9]{1,18})", name):
            actions.remove_file(draft, int(dropped[1]))
    for one in asked.fields:
        if one.fact is not None:
            continue
        for upload in request.FILES.getlist(one.name):
            if one.question.many > 1 and len(one.files) >= one.question.many:
                one.error = ui_text("apply.too_many_files").format(most=one.question.many)
                break
            try:
                one.files = [*one.files, actions.add_file(draft, one.question, upload, as_of=clock.now())]
            except documents.Refused as refused:
                one.error = refused.text
        if one.required and not one.files and one.error is None:
            one.error = ui_text("apply.file_needed")
    return not any(one.error for one in asked.fields)


@require_GET
@asks("form.answer")
@with_draft
def check(request: Request, draft: Draft) -> HttpResponse:
    """Everything that was answered, to be looked over before it is sent."""
    form = form_of(draft)
    if key := form.first_open():
        return redirect(_to("screen", draft, key))
    back = form.screens[-1].key if form.screens else ""
    shown = {
        "draft": draft,
        "service": form.service,
        "rows": form.summary(request.language),
        "waits": any(one.waits for one in actions.helps_of([draft.id]).get(draft.id, ())),
        "doubts": [one for one in form.judged() if one.value is False],
        "back": _to("screen", draft, back),
        "line": draft.channel == "web" and request.worker.kind != "staff",
    }
    return render(request, "channels/web/check.html", shown)


@require_POST
@asks("form.answer")
@with_draft
def hand_over(request: Request, draft: Draft) -> HttpResponse:
    """At the counter: the resident looks the answers over on a tablet, which opens them by code or QR picture."""
    return _leaving(request, draft)


@require_http_methods(["GET", "POST"])
@asks("form.answer")
def send(request: Request, town: str, draft: uuid.UUID) -> HttpResponse:
    """Send it. Sent twice, it is one request; in a crowd it waits its turn.

    The draft is read only by who leads the line: a lock that is held here meanwhile would stop another process.
    Who chooses another language on the page that waits comes back by GET, and goes on waiting.
    """
    if request.method == "GET":
        return redirect("channels:done", town=town, draft=draft)
    if not is_own(request, draft):
        return redirect("channels:resume", town=town)
    try:
        sent = actions.Sent(draft, request.worker, clock.now())
        outcome = None if door.too_many else admission.line.stand(town, sent, actions.submit_many)
    except actions.Gone as gone:
        if stopped := _stopped(request, (request.session.get("drafts") or {})[str(draft)]):
            return stopped
        raise Http404 from gone
    if isinstance(outcome, actions.Unconfirmed):
        return redirect("channels:together", town=town, draft=draft)
    if isinstance(outcome, actions.Incomplete):
        return redirect("channels:screen", town=town, draft=draft, key=outcome.screens[0].key)
    if outcome is None:
        if actions.want(draft, as_of=clock.now()):
            open_wanted.defer(town=town)
        return _please_wait(request, town, draft)
    return redirect("channels:done", town=town, draft=draft)


@require_GET
@asks("form.answer")
@with_draft
def done(request: Request, draft: Draft) -> HttpResponse:
    """The reference number, and what happens next; or the page that waits for it."""
    if draft.case is None and draft.wanted_at is None:
        return redirect(_to("resume_at", draft))
    if draft.case is None:
        return _please_wait(request, draft.town, draft.id)
    case = cases.one(draft.case)
    return render(
        request, "channels/web/done.html", {"case": case, "service": catalogue.service(draft.service)}
    )


def _please_wait(request: Request, town: str, draft: uuid.UUID) -> HttpResponse:
    """The page that asks again by itself whether it is there."""
    seconds = door.look_again  # once: who counts meanwhile would make the page and its header differ
    shown = {"there": reverse("channels:done", args=[town, draft]), "seconds": seconds}
    waiting = render(request, "channels/web/waiting.html", shown, status=503)
    waiting["Retry-After"] = str(seconds)
    return waiting


# -- leaving and coming back -----------------------------------------------------------------------
def _leaving(request: Request, draft: Draft) -> HttpResponse:
    """On to the page with the code. A browser that knows the code already keeps it: it may stand on a paper."""
    codes = request.session.get("codes") or {}
    if str(draft.id) not in codes:
        request.session["codes"] = {**codes, str(draft.id): actions.resume_code(draft)}
    return redirect(_to("leave", draft))


@require_GET
@asks("form.answer")
@with_draft
def leave(request: Request, draft: Draft) -> HttpResponse:
    """How to go on later or on another device: a code, and its QR picture."""
    code = (request.session.get("codes") or {}).get(str(draft.id))
    if code is None:
        return redirect(_to("resume_at", draft))
    link = f"{settings.YAKUBA_BASE_URL}{reverse('channels:resume', args=[draft.town])}?code={code}"
    picture = io.BytesIO()
    segno.make(link).save(picture, kind="svg", scale=4, xmldecl=False, svgns=True, title="QR")
    shown = {"draft": draft, "code": code, "link": link, "picture": picture.getvalue().decode()}
    return render(request, "channels/web/leave.html", shown)


@require_http_methods(["GET", "POST"])
@asks("form.answer")
def resume(request: Request, town: str) -> HttpResponse:
    """Go on with a request by its code."""
    wrong = False
    if request.method == "POST":
        limits.spend("resume", address(request), most=RESUME_TRIES, per=WINDOW, as_of=clock.now())
        draft = actions.resumed(request.POST.get("code", ""))
        if draft is not None:
            remember(request, draft)
            code = codes.grouped(request.POST["code"])
            request.session["codes"] = {**(request.session.get("codes") or {}), str(draft.id): code}
            return redirect(_to("resume_at", draft))
        wrong = True
    shown = {"wrong": wrong, "code": request.POST.get("code") or request.GET.get("code", "")}
    return render(request, "channels/web/resume.html", shown, status=422 if wrong else 200)
