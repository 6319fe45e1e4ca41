"""A resident confirms what the town has filled in: by the QR code of the letter and the birth date, in four screens at
most. Staff record on the same pages what was said by phone, on paper or at the counter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from yakuba import clock
from yakuba.access import actions as accounts
from yakuba.access.request import Request
from yakuba.access.web import address, asks, asks_within
from yakuba.cases import actions as case_actions
from yakuba.cases import events as e
from yakuba.cases import queries as cases
from yakuba.cases.errors import CaseError
from yakuba.cases.state import CaseState, merge
from yakuba.channels import acting, answers, casework, push
from yakuba.channels.forms import Field, Form, Screen
from yakuba.channels.status import ask_who, asked_case
from yakuba.declare import Fact, Question, Service, pushing
from yakuba.words import ui_text

if TYPE_CHECKING:
    from yakuba.cases.models import Case

TRIES = 300
"""Confirmations that are opened from one network address in ten minutes: letters come to all on the same day, and
thousands of phones may share an address of their carrier. Who guesses one number is stopped by its own limit."""
BORN = "applicant.birth_date"
SAID_TO_STAFF = ("phone", "paper", "counter")


# -- who it is ---------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks("form.answer")
def start(request: Request, town: str) -> HttpResponse:
    """Where the QR code leads: when were you born?"""
    reference = (request.POST.get("reference") or request.GET.get("reference") or "")[:20]
    if request.method == "GET" and request.worker.reference == reference:
        return redirect("channels:confirm", town=town, reference=reference)
    born, wrong = _born_field(request), ""
    if request.method == "POST":
        day = _read_day(born)
        if day is not None:
            try:
                return _opened(request, reference, day)
            except accounts.WrongCredentials:
                wrong = "confirm.no_match"
    shown = {
        "reference": reference,
        "born": born,
        "wrong": wrong,
        "typed": "typed" in request.POST or not reference,
    }
    failed = bool(wrong or born.error)
    return render(request, "channels/web/confirm_start.html", shown, status=422 if failed else 200)


def _born_field(request: Request) -> Field:
    label = ui_text("birth_date")
    fact = Fact(type="date", answer="past_date", label=label)
    raw = {"": ""} | {part: request.POST.get(f"{BORN}.{part}", "") for part in answers.PARTS}
    shown = raw if request.method == "POST" else {}
    return Field(BORN, Question(fact=BORN), fact, label, ui_text("confirm.when_born"), raw=shown)


def _read_day(born: Field) -> date | None:
    """The day that was typed; what is wrong with it is said at the field."""
    assert born.fact is not None
    try:
        day = answers.read(born.fact, born.raw, born.label)
    except answers.Wrong as wrong:
        born.error = wrong.text
        return None
    if day is None:
        born.error = ui_text("confirm.born_needed")
    return day


def _opened(request: Request, reference: str, born: date) -> HttpResponse:
    """On to what the town knows. Raises WrongCredentials, limits.TooMany."""
    known = accounts.check_reference(
        reference, born, town=request.town, address=address(request), as_of=clock.now(), most=TRIES
    )
    request.session.begin(reference=known)
    return redirect("channels:confirm", town=request.town, reference=known)


# -- what the town knows -----------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks_within("case.confirm")
def show(request: Request, town: str, reference: str) -> HttpResponse:
    """What the town knows, the account masked; confirmed, declined or called wrong with one press."""
    if request.worker.kind == "public":
        return ask_who(town, reference, "channels:confirm_start")
    case, state, service = _case(request, reference)
    if not push.waits(service, state):
        return _done(request, case, state, service)
    form = Form(service, merge(state.facts, pushing.said(service, state.facts)), as_of=clock.now().date())
    screen, said = _screen_of(form, service.asked_with_confirmation, "confirm.questions"), ""
    if request.method == "POST" and not _is_over(request, service, case):
        try:
            if _take(request, case, form, screen):
                return redirect("channels:confirm", town=town, reference=case.reference)
        except (CaseError, acting.Incomplete, answers.Wrong) as refused:
            said = refused.text.get(request.language)
    shown = _shown(request, case, state, service) | {"said": said, "screen": screen}
    failed = bool(said or screen.errors)
    return render(request, "channels/web/confirm.html", shown, status=422 if failed else 200)


def _take(request: Request, case: Case, form: Form, screen: Screen) -> bool:
    """Take what was said; who says that something is wrong, or declines, need not answer the questions. Returns whether
    nothing is missing. Raises what `_confirm` raises."""
    outcome = request.POST.get("outcome", "")
    asked = outcome == e.CONFIRMED and bool(screen.fields)
    if asked and not form.read(screen, request.POST):
        return False
    _confirm(request, case, outcome, _given(form, screen) if asked else None)
    return True


def _given(form: Form, screen: Screen) -> dict[str, Any]:
    """The answers of a screen, nested."""
    given: dict[str, Any] = {}
    for one in screen.fields:
        group, _, key = one.name.partition(".")
        given.setdefault(group, {})[key] = form.value(one.name)
    return given


def _case(request: Request, reference: str) -> tuple[Case, CaseState, Service]:
    """The case, after the policy was asked about it. Raises Http404, access.Denied."""
    found, state = asked_case(request, reference)
    service = cases.service_of(found)
    if service.push is None or found.channel != "push":
        raise Http404
    return found, state, service


def _is_over(request: Request, service: Service, case: Case) -> bool:
    """Is the last day for an answer over? Staff still record a form that came in time."""
    return request.worker.kind != "staff" and push.is_over(service, case, clock.now())


def _confirm(request: Request, case: Case, outcome: str, facts: dict[str, Any] | None = None) -> None:
    """Raises NotOpen, NoSuchOutcome, acting.Incomplete, answers.Wrong, access.Denied."""
    how: Any = "web"
    if request.worker.kind == "staff":
        how = request.POST.get("how", "")
        if how not in SAID_TO_STAFF or how not in get_args(e.Channel):
            raise acting.Incomplete("confirm.how_needed")
    needed = "confirm.what_is_wrong" if outcome == e.WRONG else ""
    note = acting.text_of(request, "note", needed=needed)
    case_actions.confirm(
        case.id, outcome, by=request.worker, as_of=clock.now(), how=how, facts=facts, note=note
    )


def _shown(request: Request, case: Case, state: CaseState, service: Service) -> dict[str, Any]:
    on = clock.in_tokyo(case.opened_at).date()
    language = request.language
    amount = push.expected(service, state.facts, on).get(service.decide.amount or "")
    known = casework.said(service, _to_look_over(service, state), language, reveal=False)
    return {
        "case": case,
        "service": service,
        "rows": [row for row in known if "••••" not in row["said"]],
        "amount": amount,
        "account": push.account_line(state.facts, language),
        "report": service.push is not None and service.push.to is not None,
        "has_account": bool((state.facts.get("account") or {}).get("number")),
        "says": push.statements(service, language),
        "until": push.last_day(service, case),
        "over": _is_over(request, service, case),
        "note": request.POST.get("note", ""),
        **_how(request),
    }


def _how(request: Request) -> dict[str, Any]:
    """How it was said, which staff are asked for."""
    return {
        "by_staff": request.worker.kind == "staff",
        "hows": [(how, ui_text(f"desk.channel_{how}")) for how in SAID_TO_STAFF],
        "how": request.POST.get("how", ""),
    }


def _to_look_over(service: Service, state: CaseState) -> dict[str, Any]:
    """What the town filled in; what only sorts people, or is what it knew about the base date, is left out."""
    kept = {name: value for name, value in state.facts.items() if name != "account"}
    applicant = kept.get("applicant") or {}
    kept["applicant"] = {key: value for key, value in applicant.items() if key not in ("kana", "postal_code")}
    return kept


def _done(request: Request, case: Case, state: CaseState, service: Service) -> HttpResponse:
    """It is confirmed, or declined: what happens next."""
    step = service.confirmation()
    outcome = state.steps[step.id].outcome if step else None
    shown = {"case": case, "service": service, "outcome": outcome, "by_staff": request.worker.kind == "staff"}
    return render(request, "channels/web/confirm_done.html", shown)


# -- another account ---------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks_within("case.confirm")
def account(request: Request, town: str, reference: str) -> HttpResponse:
    """Confirm it, for an account that is typed here; staff look at it before it is paid."""
    if request.worker.kind == "public":
        return ask_who(town, reference, "channels:confirm_start")
    case, state, service = _case(request, reference)
    if not push.waits(service, state) or _is_over(request, service, case):
        return redirect("channels:confirm", town=town, reference=case.reference)
    # without the account that is known: nobody who reads the letter learns it here
    form = Form(service, {k: v for k, v in state.facts.items() if k != "account"}, as_of=clock.now().date())
    step = service.confirmation()
    names = service.named(step.record if step else ())
    screen = _screen_of(form, [name for name in names if name.startswith("account.")], "confirm.account")
    said = ""
    if request.method == "POST" and form.read(screen, request.POST):
        try:
            _confirm(request, case, e.CHANGED, {"account": form.facts["account"]})
            return redirect("channels:confirm", town=town, reference=case.reference)
        except (CaseError, acting.Incomplete, answers.Wrong) as refused:
            said = refused.text.get(request.language)
    shown = {"case": case, "service": service, "screen": screen, "said": said, **_how(request)}
    failed = bool(said or screen.errors)
    return render(request, "channels/web/confirm_account.html", shown, status=422 if failed else 200)


def _screen_of(form: Form, names: Sequence[str], key: str) -> Screen:
    """These questions of the form, on one screen. Without any the form is not looked at: its conditions cost more than the
    rest of the page."""
    fields = [one for screen in form.screens for one in screen.fields if one.name in names] if names else []
    return Screen(key, ui_text(key), None, fields, "", None)
