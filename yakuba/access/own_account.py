"""What members of staff change of their own sign-in: the password, and where they are signed in."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yakuba import clock, words
from yakuba.access import actions, limits, queries
from yakuba.access.request import Request
from yakuba.access.web import asks, me, session_of, tried_in_vain

#: What django's validators and ours call a password that is not taken, and our words for it.
WHY = {
    "password_too_short": "account.too_short",
    "password_too_common": "account.leaked",
    "password_leaked": "account.leaked",
    "password_named": "account.named",
}


@sensitive_post_parameters("current", "new")
@require_http_methods(["GET", "POST"])
@asks("account.change")
def password(request: Request, town: str) -> HttpResponse:
    """A new password; everywhere else one is signed out."""
    if request.method == "GET":
        return _password(request)
    try:
        actions.change_password(
            me(request),
            request.POST.get("current", ""),
            request.POST.get("new", ""),
            keep=session_of(request),
            as_of=clock.now(),
        )
    except (actions.WrongCredentials, limits.TooMany) as error:
        return tried_in_vain(request, error, _password)
    except ValidationError as error:
        keys = dict.fromkeys(WHY[one.code or ""] for one in error.error_list)
        wrong = " ".join(words.ui(key, request.language) for key in keys)
        return _password(request, wrong=wrong, status=400)
    request.session.prove()
    return redirect("access:own_sessions", town=town)


def _password(request: Request, *, wrong: str = "", status: int = 200) -> HttpResponse:
    shown = {"wrong": wrong, "login": me(request).login}
    return render(request, "access/own_password.html", shown, status=status)


@require_GET
@asks("staff.home")
def sessions(request: Request, town: str) -> HttpResponse:
    """Where one is signed in."""
    shown = {
        "sessions": queries.sessions_of(me(request), as_of=clock.now()),
        "here": session_of(request).session_key,
    }
    return render(request, "access/own_sessions.html", shown)


@require_POST
@asks("account.change")
def end_sessions(request: Request, town: str) -> HttpResponse:
    """Sign out in one other browser, or in all others."""
    only = request.POST.get("session", "")
    actions.end_sessions(me(request), keep=session_of(request), only=only, as_of=clock.now())
    return redirect("access:own_sessions", town=town)
