"""What can I get? Few questions, the one first that settles most; signed in, none.

Looked for among the services that pay. A question's worth is how many of them it settles on average over its
possible answers, found out by deciding every service with each of them; a batch of decisions for each service is
all it takes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
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
from yakuba.cases.state import merge
from yakuba.channels import actions, answers
from yakuba.channels.forms import Field
from yakuba.declare import Fact, Question, Service
from yakuba.register import queries as register
from yakuba.words import Text, count_of, ui_text

MOST_QUESTIONS = 7
CHILDREN = "children"
MOST_CHILDREN = 8
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
        """What would have to be known; of a list of things each kind once."""
        names = dict.fromkeys(name.split("[")[0] for name in self.decision.missing)
        return list({label.ja: label for label in map(self.service.label, names)}.values())

    @property
    def reasons(self) -> list[Any]:
        """The conditions that do not hold."""
        return [one for one in self.decision.conditions if one.value is False]


def paying() -> list[Service]:
    """The services that somebody can get money from."""
    return [service for service in catalogue.offered().values() if service.pay]


def decide_all(services: Iterable[Service], facts: Mapping[str, Any], as_of: date) -> list[Found]:
    """Those of the services that are in force, with these facts; what can be had first."""
    in_force = [service for service in services if service.in_force(as_of)]
    found = [Found(service, declare.decide(service, facts, as_of=as_of)) for service in in_force]
    return sorted(found, key=lambda one: ("can", "may", "not").index(one.answer))


# -- the next question -------------------------------------------------------------------------------
def next_question(
    facts: Mapping[str, Any], skipped: Sequence[str], as_of: date, among: Sequence[Service] | None = None
) -> str | None:
    """The fact (or the list of children) whose answer settles most; None when nothing is left to ask. What only one service
    wants to know (when was the equipment bought?) comes after what services share: it means nothing to most.

    `among`: only these services are looked at; else all that pay.
    """
    may = [
        one for one in decide_all(paying() if among is None else among, facts, as_of) if one.answer == "may"
    ]
    asked = {one.service.id: _askable(one.decision, skipped) for one in may}
    candidates = list(dict.fromkeys(name for names in asked.values() for name in names))
    trials = [(name, _with(facts, name, value)) for name in candidates for value in possible(name, as_of)]
    if not trials:
        return None
    tries = {name: len(possible(name, as_of)) for name in candidates}
    settled = dict.fromkeys(candidates, 0.0)
    for service in (one.service for one in may):
        own = [(name, facts) for name, facts in trials if name in service.facts or name in service.lists]
        decisions = declare.decide_many(service, [facts for _, facts in own], as_of=as_of)
        for (name, _), decision in zip(own, decisions, strict=True):
            settled[name] += (decision.outcome != "unknown") / tries[name]
    shared = {name: sum(name in names for names in asked.values()) for name in candidates}
    general = catalogue.current().vocabulary.facts
    return max(
        candidates,
        key=lambda name: (
            name == CHILDREN or name in general, settled[name], shared[name], -candidates.index(name),
        ),
    )  # fmt: skip


def _askable(decision: declare.Decision, skipped: Sequence[str]) -> list[str]:
    """What it still needs and a resident can be asked here. The children are asked for once, and with their birth dates
    only: what else is to be said of each belongs into the form."""
    return [
        name
        for name in dict.fromkeys(decision.missing)
        if name not in skipped and (name == CHILDREN or _fact(name) is not None)
    ]


def _fact(name: str) -> Fact | None:
    """A fact that a resident can be asked here: with a question, with few or typical answers, and nobody's secret."""
    for service in catalogue.offered().values():
        fact = service.facts.get(name)
        if fact and fact.question and fact.class_ != "bank" and fact.type in ("bool", "choice", "date"):
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
    """Ask the next question, or show what came out. `about`: only one service is meant, until somebody begins again."""
    as_of = clock.now().date()
    if "again" in request.GET:
        request.session.pop("finder", None)
        return redirect("channels:finder", town=town)
    kept = _kept(request, as_of)
    if "about" in request.GET:
        about = request.GET["about"]
        request.session["finder"] = kept | {
            "about": about if _tried(about) else "",
            "skipped": [],
            "asked": 0,
        }
        return redirect("channels:finder", town=town)
    wrong: list[Field] = []
    if request.method == "POST":
        wrong = _take(request, kept)
        request.session["finder"] = kept
        if not wrong:
            return redirect("channels:finder", town=town)
    done = "results" in request.GET or kept["asked"] >= MOST_QUESTIONS
    name = request.POST.get("name") if wrong else None
    if name is None and not done:
        name = next_question(kept["facts"], kept["skipped"], as_of, _among(kept))
    if name is None:
        return _results(request, kept, as_of)
    shown = {
        "fields": wrong or _fields(name, kept),
        "name": name,
        "number": kept["asked"] + 1,
        "most": MOST_QUESTIONS,
        "about": _tried(kept.get("about", "")),
        "call_back": actions.call_back(ui_text("callback.about_finder")),
    }
    return render(request, "channels/web/finder.html", shown, status=422 if wrong else 200)


def said(request: Request) -> dict[str, Any]:
    """What was answered here in this browser, so that a form need not ask it again."""
    return (request.session.get("finder") or {}).get("facts") or {}


def _tried(service: str) -> Service | None:
    """The service that is meant, where it is offered and has conditions to try."""
    offered = catalogue.offered().get(service)
    return offered if offered and offered.conditions else None


def _among(kept: Mapping[str, Any]) -> list[Service]:
    """The services that are looked at: the one that is meant, else all that pay."""
    meant = _tried(kept.get("about", ""))
    return [meant] if meant else paying()


def _kept(request: Request, as_of: date) -> dict[str, Any]:
    """The answers so far, over which lies what the register knows of who is signed in."""
    kept = request.session.get("finder") or {"facts": {}, "skipped": [], "asked": 0, "person": None}
    person = request.worker.person
    if person and kept["person"] != person:
        known = plain(register.facts_of(person, as_of=as_of))
        kept |= {"facts": merge(kept["facts"], known), "person": person}
    return kept


def _fields(name: str, kept: Mapping[str, Any]) -> list[Field]:
    """What is asked on one page: a fact, how many children there are, or when each of them was born."""
    if name != CHILDREN:
        fact = _fact(name)
        assert fact is not None
        return [Field(name, Question(fact=name), fact, fact.label, fact.question or fact.label)]
    if CHILDREN not in kept:
        label = ui_text("finder.how_many")
        count = Fact(
            type="choice", label=label, choices={str(n): _people(n) for n in range(MOST_CHILDREN + 1)}
        )
        return [Field(CHILDREN, Question(fact=CHILDREN), count, label, label)]
    birth = _birth_date()
    labels = [ui_text("finder.child").format(number=place) for place in range(1, kept[CHILDREN] + 1)]
    question = Question(fact="child.birth_date")
    return [Field(f"child{at}", question, birth, label, label) for at, label in enumerate(labels, start=1)]


def _people(number: int) -> Text:
    if not number:
        return ui_text("finder.no_children")
    ja, easy, en = (count_of(number, "people", language) for language in ("ja", "easy", "en"))
    return Text(ja=ja, easy=easy, en=en)


def _birth_date() -> Fact:
    lists = (s.lists[CHILDREN] for s in catalogue.offered().values() if CHILDREN in s.lists)
    return next(lists).facts["birth_date"]


def _take(request: Request, kept: dict[str, Any]) -> list[Field]:
    """Keep the answer, or remember that it was passed over; the fields when something is wrong with them."""
    name = request.POST.get("name", "")
    if name != CHILDREN and _fact(name) is None:  # nothing that is asked here
        return []
    if "skip" in request.POST:
        kept["skipped"] = list(dict.fromkeys([*kept["skipped"], name]))
        kept["asked"] += 1
        return []
    asked = _fields(name, kept)
    for one in asked:
        _read(one, request.POST)
    if any(one.error for one in asked):
        return asked
    if name == CHILDREN and CHILDREN not in kept:
        kept[CHILDREN] = int(asked[0].value)
        if kept[CHILDREN]:
            return []  # their birth dates are asked next
    said = [{"birth_date": one.value} for one in asked] if kept.get(CHILDREN) else []
    kept["facts"] = plain(_with(kept["facts"], name, said if name == CHILDREN else asked[0].value))
    kept["asked"] += 1
    return []


def _read(one: Field, post: Mapping[str, str]) -> None:
    """Take what was typed into a field, or say what is wrong with it."""
    assert one.fact is not None
    one.raw = {"": post.get(one.name, "")} | {p: post.get(f"{one.name}.{p}", "") for p in answers.PARTS}
    try:
        one.value = answers.read(one.fact, one.raw, one.label)
    except answers.Wrong as wrong:
        one.error = wrong.text
        return
    if one.value is None:
        one.error = ui_text("finder.answer_or_pass")


def _results(request: Request, kept: Mapping[str, Any], as_of: date) -> HttpResponse:
    found = decide_all(_among(kept), kept["facts"], as_of)
    groups = [(answer, [one for one in found if one.answer == answer]) for answer in ("can", "may", "not")]
    shown = {
        "groups": groups,
        "known": bool(request.worker.person),
        "call_back": actions.call_back(ui_text("callback.about_finder")),
    }
    return render(request, "channels/web/found.html", shown)
