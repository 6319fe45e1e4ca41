"""What can I get? Few questions, the one first that settles most; signed in, none.

A question's worth is how many services it settles on average over its possible answers, found out by deciding
every service with each of them; a batch of decisions for each service is all it takes.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from yakuba import clock, declare
from yakuba.access.request import Request
from yakuba.access.web import asks
from yakuba.cases import catalogue
from yakuba.cases.actions import plain
from yakuba.channels import actions, answers
from yakuba.channels.forms import Field
from yakuba.declare import Fact, Question, Service
from yakuba.words import Text

MOST_QUESTIONS = 8
CHILDREN = "children"
MOST_CHILDREN = 6
#: Ages in years whose birthdays stand for all birthdays when a question's worth is reckoned.
AGES = (2, 10, 17, 20, 40, 70)


@dataclass(frozen=True, slots=True)
class Found:
    """What the answers so far mean for one service."""

    service: Service
    decision: declare.Decision

    @property
    def answer(self) -> str:
        """can, may or not."""
        return {"granted": "can", "refused": "not"}.get(self.decision.outcome, "may")

    @property
    def missing(self) -> list[Text]:
        """What would have to be known."""
        labels = (self.service.label(name) for name in self.decision.missing)
        return list({label.ja: label for label in labels}.values())

    @property
    def reasons(self) -> list[Any]:
        """The conditions that do not hold."""
        return [one for one in self.decision.conditions if one.value is False]


def decide_all(facts: Mapping[str, Any], as_of: date) -> list[Found]:
    """Every service in force with these facts; what can be had first."""
    services = [s for s in catalogue.current().services.values() if s.in_force(as_of)]
    found = [Found(s, declare.decide(s, facts, as_of=as_of)) for s in services]
    return sorted(found, key=lambda one: ("can", "may", "not").index(one.answer))


# -- the next question -------------------------------------------------------------------------------
def next_question(facts: Mapping[str, Any], skipped: list[str], as_of: date) -> str | None:
    """The fact (or the list of children) whose answer settles most; None when none settles anything."""
    found = decide_all(facts, as_of)
    open_ = [one for one in found if one.decision.outcome == "unknown"]
    candidates = _candidates(open_, skipped)
    trials = [(name, _with(facts, name, value)) for name in candidates for value in possible(name, as_of)]
    if not trials:
        return None
    settled = dict.fromkeys(candidates, 0.0)
    tries = {name: sum(1 for other, _ in trials if other == name) for name in candidates}
    for one in open_:
        decisions = declare.decide_many(one.service, [facts for _, facts in trials], as_of=as_of)
        for (name, _), decision in zip(trials, decisions, strict=True):
            settled[name] += (decision.outcome != "unknown") / tries[name]
    shared = {name: sum(name in _groups(one) for one in open_) for name in candidates}
    return max(candidates, key=lambda name: (settled[name], shared[name], -candidates.index(name)))


def _candidates(open_: list[Found], skipped: list[str]) -> list[str]:
    names = dict.fromkeys(name for one in open_ for name in _groups(one))
    return [name for name in names if name not in skipped and (name == CHILDREN or _fact(name) is not None)]


def _groups(found: Found) -> list[str]:
    """What is missing, the facts of a list as the list itself."""
    return list(dict.fromkeys(CHILDREN if n.startswith(CHILDREN) else n for n in found.decision.missing))


def _fact(name: str) -> Fact | None:
    """A fact that a resident can be asked here: with a question, and with few or typical answers."""
    for service in catalogue.current().services.values():
        fact = service.facts.get(name)
        if fact and fact.question and fact.type in ("bool", "choice", "date"):
            return fact
    return None


def possible(name: str, as_of: date) -> list[Any]:
    """The answers that a question's worth is averaged over."""
    if name == CHILDREN:
        return [[], *([{"birth_date": _born(years, as_of)}] for years in AGES[:4])]
    fact = _fact(name)
    assert fact is not None
    if fact.type == "bool":
        return [True, False]
    if fact.type == "choice":
        return list(fact.choices)
    return [_born(years, as_of) for years in AGES]


def _born(years: int, as_of: date) -> str:
    return (as_of - timedelta(days=int(years * 365.25) + 180)).isoformat()


def _with(facts: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    more = copy.deepcopy(dict(facts))
    group = more
    *groups, last = name.split(".")
    for part in groups:
        group = group.setdefault(part, {})
    group[last] = value
    return more


# -- the pages -----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@asks("form.answer")
def find(request: Request, town: str) -> HttpResponse:
    """Ask the next question, or show what came out."""
    as_of = clock.now().date()
    if "again" in request.GET:
        request.session.pop("finder", None)
        return redirect("channels:finder", town=town)
    kept = request.session.get("finder") or {"facts": _known(request, as_of), "skipped": [], "asked": 0}
    wrong: Field | None = None
    if request.method == "POST":
        wrong = _take(request, kept)
        request.session["finder"] = kept
        if wrong is None:
            return redirect("channels:finder", town=town)
    done = "results" in request.GET or kept["asked"] >= MOST_QUESTIONS
    name = None if done else (wrong.name if wrong else next_question(kept["facts"], kept["skipped"], as_of))
    if name is None:
        return _results(request, kept, as_of)
    asked = wrong or _field(name)
    shown = {
        "field": asked,
        "name": name,
        "number": kept["asked"] + 1,
        "most": MOST_QUESTIONS,
        "places": range(MOST_CHILDREN),
    }
    return render(request, "channels/web/finder.html", shown, status=422 if wrong else 200)


def _known(request: Request, as_of: date) -> dict[str, Any]:
    """What the register knows of who is signed in."""
    if request.worker.person is None:
        return {}
    person = uuid.UUID(request.worker.person)
    known: dict[str, Any] = {}
    for service in catalogue.current().services.values():
        known |= actions.from_register(service, person, as_of)
    return known


def _field(name: str) -> Field:
    fact = _fact(name)
    if fact is None:
        label = next(
            iter(
                s.lists[CHILDREN].label for s in catalogue.current().services.values() if CHILDREN in s.lists
            )
        )
        return Field(CHILDREN, Question(fact=CHILDREN), None, label, label)
    return Field(name, Question(fact=name), fact, fact.label, fact.question or fact.label)


def _take(request: Request, kept: dict[str, Any]) -> Field | None:
    """Keep the answer, or remember that it was passed over; the field when something is wrong with it."""
    name = request.POST.get("name", "")
    if "skip" in request.POST or (name != CHILDREN and _fact(name) is None):
        kept["skipped"].append(name)
        kept["asked"] += 1
        return None
    asked = _field(name)
    try:
        value = _children(request) if name == CHILDREN else _read(request, asked)
    except answers.Wrong as wrong:
        asked.error = wrong.text
        return asked
    if value is None:
        kept["skipped"].append(name)
    else:
        kept["facts"] = plain(_with(kept["facts"], name, value))
    kept["asked"] += 1
    return None


def _raw(request: Request, name: str) -> dict[str, str]:
    parts = {part: request.POST.get(f"{name}.{part}", "") for part in answers.PARTS}
    return {"": request.POST.get(name, "")} | parts


def _read(request: Request, asked: Field) -> Any:
    assert asked.fact is not None
    asked.raw = _raw(request, asked.name)
    return answers.read(asked.fact, asked.raw, asked.label)


def _children(request: Request) -> list[dict[str, Any]]:
    """The birth dates of the children; empty places are passed over."""
    lists = (s.lists[CHILDREN] for s in catalogue.current().services.values() if CHILDREN in s.lists)
    birth = next(lists).facts["birth_date"]
    given = (
        answers.read(birth, _raw(request, f"child{place}"), birth.label) for place in range(MOST_CHILDREN)
    )
    return [{"birth_date": day} for day in given if day is not None]


def _results(request: Request, kept: Mapping[str, Any], as_of: date) -> HttpResponse:
    found = decide_all(kept["facts"], as_of)
    groups = [(answer, [one for one in found if one.answer == answer]) for answer in ("can", "may", "not")]
    return render(
        request, "channels/web/found.html", {"groups": groups, "known": bool(request.worker.person)}
    )
