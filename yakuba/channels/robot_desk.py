"""Robots on the desk: what each did, what it saved, what changed on its screens; pause and let work again."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock
from yakuba.access.request import Request
from yakuba.access.web import asks, may_here
from yakuba.cases import catalogue
from yakuba.cases import queries as cases
from yakuba.cases.state import FAILED
from yakuba.channels import acting, casework
from yakuba.robots import actions, queries, savings
from yakuba.robots.queries import Post


@require_GET
@asks("robots.read")
def robots(request: Request, town: str) -> HttpResponse:
    """Every robot of the town."""
    saved = {one.robot: one for one in savings.savings()}
    at_work = {(run.service, run.robot) for run in queries.live_runs()}
    shown = {
        "robots": [_shown(post, saved, at_work) for post in queries.posts()],
        "all_paused": queries.pause_of("", ""),
        "proposals": queries.open_proposals(),
        "can": {"manage": may_here(request, "robots.manage")},
        "said": acting.said(request),
    }
    return render(request, "channels/desk/robots.html", shown)


def _shown(post: Post, saved: dict[str, savings.Saved], at_work: set[tuple[str, str]]) -> dict[str, Any]:
    robot, name = post.robot, f"{post.service}/{post.robot.robot}"
    whole = saved[name].whole
    return {
        "name": robot.name,
        "service": post.service,
        "robot": robot.robot,
        "service_name": catalogue.name_of(post.service),
        "system": post.system.name,
        "waiting": cases.queue(by="robot", service=post.service, step=post.step).count(),
        "held": cases.step_count(post.service, post.step, FAILED),
        "done": whole.done,
        "saved": saved[name],
        "hours": saved[name].hours(whole),
        "pause": queries.pause_of(post.service, robot.robot),
        "at_work": (post.service, robot.robot) in at_work,
        "compiled": queries.compiled(post) is not None,
    }


def _back(request: Request) -> str:
    return reverse("desk:robots", args=[request.town])


@require_POST
@asks("robots.manage")
def pause(request: Request, town: str) -> HttpResponse:
    """Stop a robot, or all of them."""

    def do() -> None:
        reason = acting.text_of(request, "reason")
        chosen = {name: request.POST.get(name, "") for name in ("service", "robot")}
        actions.pause(by=request.worker, as_of=clock.now(), reason=reason, **chosen)

    return acting.act(request, do, _back(request))


@require_POST
@asks("robots.manage")
def resume(request: Request, town: str) -> HttpResponse:
    """Let a robot, or all of them, work again."""

    def do() -> None:
        chosen = {name: request.POST.get(name, "") for name in ("service", "robot")}
        actions.resume(by=request.worker, **chosen)

    return acting.act(request, do, _back(request))


@require_POST
@asks("robots.manage")
def judge(request: Request, town: str, proposal: int) -> HttpResponse:
    """Say whether an element that was found by a lower mark is the one that was meant."""

    def do() -> None:
        right = request.POST.get("right") == "yes"
        actions.judge(proposal, right, by=request.worker, as_of=clock.now())

    return acting.act(request, do, _back(request))


@require_GET
@asks("robots.read")
def picture(request: Request, town: str, document: uuid.UUID) -> HttpResponse:
    """A picture that belongs to a proposal; nothing of a case is shown here."""
    found = cases.document(document) if queries.belongs_to_proposal(document) else None
    if found is None:
        raise Http404
    actions.look_at(document, as_of=clock.now())
    return casework.shown(found)
