"""The pages on which a draft of a service is written: its questions, conditions, steps, letters, parameters, examples,
its text, and how residents will see it. Each change is one save; one that comes second is kept beside the draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from yakuba import clock, conditions
from yakuba.access.request import Request
from yakuba.access.web import asks, look, may_here, the_town
from yakuba.cases import catalogue
from yakuba.channels import acting, answers
from yakuba.channels.forms import Form
from yakuba.channels.workbench_desk import PARTS, frame, lines_of, needed_words, url, words_of
from yakuba.declare import Fact, Fault, Faults, Service, Topic
from yakuba.declare.lint import LETTER_FACTS, OUTCOMES, TOWN_FACTS
from yakuba.declare.model import Answer, Class, Role, Verb
from yakuba.declare.sheet import CannotChange, NotHere, Sheet
from yakuba.words import LANGUAGE_LABELS, LANGUAGES, Text, ui_text
from yakuba.workbench import actions, editing, queries
from yakuba.workbench.checking import Checked, checked, outcome_of
from yakuba.workbench.editing import Asked
from yakuba.workbench.effect import Effect, effect
from yakuba.workbench.errors import CannotEdit, ChangedMeanwhile, HasFaults, Missing
from yakuba.workbench.files import Files, installed

if TYPE_CHECKING:
    from yakuba.workbench.models import Draft

MOST_LINE, MOST_FILE, MOST_LETTER = 2000, 400_000, 8000
KINDS = (
    "text",
    "long_text",
    "yes_no",
    "choice",
    "date",
    "past_date",
    "yen",
    "count",
    "phone",
    "email",
    "address",
    "file",
)
"""Kinds of a new question that the page offers; `docs/service-file.md` has all."""
VERBS = ("work", "review", "issue", "charge")
"""What a new step of the staff can be; the rest is written in the text."""
TRIED = "workbench_tried"


@require_GET
@asks("workbench.read")
def part(request: Request, town: str, service: str, part: str) -> HttpResponse:
    """One page of a draft."""
    row = queries.row(service)
    if row is None or part not in PARTS:
        raise Http404
    if row.draft is None:
        return redirect(url(request, "workbench_service", service))
    now = Now(request, row.draft)
    shown = {**frame(request, row, part), "draft": row.draft, "faults": now.looked.faults, **SHOWN[part](now)}
    shown["beside"] = now.general()
    return render(request, f"channels/desk/workbench/{part}.html", shown)


class Now:
    """A draft as a page shows it, with the faults that stand beside its parts."""

    def __init__(self, request: Request, draft: Draft):
        self.request, self.draft, self.service, self.files = request, draft, draft.service, draft.files
        self.looked: Checked = checked(draft.service, draft.files)
        self.where = f"{draft.service}/service.yaml"
        self.tree = catalogue.written().tree
        self._beside: set[Fault] = set()

    @property
    def sheet(self) -> Sheet:
        """The service file; an empty one when it is no YAML at the moment."""
        try:
            return Sheet(self.files.get(self.where, ""), self.where)
        except Faults:
            return Sheet("", self.where)

    def said(self, path: Any, sheet: Sheet | None = None, where: str = "") -> list[Fault]:
        """The faults of a part, and of what is in it."""
        first, last = (sheet or self.sheet).lines(path)
        file = self.tree.called(where or self.where)
        found = [one for one in self.looked.faults if one.file == file and first <= one.line <= last]
        self._beside |= set(found)
        return found

    def general(self) -> list[Fault]:
        """The faults that no part of the page has shown."""
        return [one for one in self.looked.faults if one not in self._beside]


def text_in(value: Any) -> Text | None:
    """Words as a file has them; None where they are not in three languages."""
    if isinstance(value, Mapping) and all(str(value.get(language) or "").strip() for language in LANGUAGES):
        return Text(**{language: str(value[language]) for language in LANGUAGES})
    return None


def untranslated(*texts: Text | None) -> bool:
    """Does one of them stand in Japanese in another language, too?"""
    return any(text.ja == text.en and not text.ja.isascii() for text in texts if text is not None)


# -- about ---------------------------------------------------------------------------------------------
def _about(now: Now) -> dict[str, Any]:
    sheet = now.sheet
    appeals = list(_usual("appeals"))
    return {
        "name": text_in(sheet.get(("name",))),
        "summary": text_in(sheet.get(("summary",))),
        "topics": [(one, one in (sheet.get(("topics",)) or [])) for one in get_args(Topic)],
        "law": "\n".join(_listed(sheet.get(("law",)))),
        "appeal": sheet.get(("appeal",)),
        "appeals": [*appeals, "none"],
        "norm": sheet.get(("deadlines", "norm")) or "",
        "legal": sheet.get(("deadlines", "legal")) or "",
        "wrong": {
            key: now.said((key,), sheet)
            for key in ("name", "summary", "topics", "law", "appeal", "deadlines")
        },
    }


def _usual(part: str) -> Mapping[str, Any]:
    """A part of the words that services share."""
    shared = catalogue.written().shared
    return shared.words[0].get(part, {}) if shared else {}


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _save_about(request: Request, files: Files, service: str) -> Files:
    return editing.about(
        files,
        service,
        name=needed_words(request, "name"),
        summary=needed_words(request, "summary"),
        topics=[one for one in request.POST.getlist("topics") if one in get_args(Topic)],
        law=[line.strip() for line in lines_of(request, "law").split("\n") if line.strip()],
        appeal=acting.text_of(request, "appeal"),
        norm=acting.text_of(request, "norm"),
    )


# -- questions -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question of the draft with what its form shows."""

    number: int
    fact: str
    label: Text
    asks: Text | None
    help: Text | None
    kind: str
    required: bool
    if_: str
    choices: str
    shared: bool
    wordable: bool
    untranslated: bool
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page of questions; `use`: one that services share, whose pages are shown and not changed here."""

    number: int
    use: str
    title: Text
    intro: Text | None
    if_: str
    each: str
    questions: list[ShownQuestion]
    shared: list[tuple[Text, list[Text]]]
    faults: list[Fault]


def _questions(now: Now) -> dict[str, Any]:
    sheet = now.sheet
    pages = [_page(now, sheet, number, page) for number, page in enumerate(sheet.get(("ask",)) or [])]
    shared = catalogue.written().shared
    vocabulary = catalogue.written().vocabulary.facts
    asked = {one.fact for page in pages for one in page.questions}
    return {
        "pages": pages,
        "part_names": sorted(shared.pages[0]) if shared else [],
        "kinds": [(one, ui_text(f"workbench.kind_{one}")) for one in KINDS],
        "classes": [(one, ui_text(f"workbench.class_{one}")) for one in get_args(Class)],
        "vocabulary": [(name, fact.label) for name, fact in sorted(vocabulary.items()) if name not in asked],
    }


def _page(now: Now, sheet: Sheet, number: int, page: Mapping[str, Any]) -> ShownPage:
    path = ("ask", number)
    if "use" in page:
        shared = catalogue.written().shared
        pages = (shared.pages[0].get(page["use"]) or []) if shared else []
        rows = [
            (
                text_in(one.get("title")) or Text.same("－"),
                [_label(q.get("fact", ""), text_in(q.get("label"))) for q in one.get("questions", [])],
            )
            for one in pages
        ]
        return ShownPage(
            number, page["use"], Text.same(page["use"]), None, "", "", [], rows, now.said(path, sheet)
        )
    questions = [
        _question(now, sheet, (*path, "questions", at), one, str(page.get("each") or ""))
        for at, one in enumerate(page.get("questions") or [])
    ]
    title = text_in(page.get("title")) or Text.same(str(page.get("page", "－")))
    return ShownPage(
        number,
        "",
        title,
        text_in(page.get("intro")),
        str(page.get("if") or ""),
        str(page.get("each") or ""),
        questions,
        [],
        [*now.said((*path, "title"), sheet), *now.said((*path, "if"), sheet)],
    )


def _label(fact: str, label: Text | None) -> Text:
    known = catalogue.written().vocabulary.facts.get(fact)
    return label or (known.label if known else Text.same(fact or "－"))


def _question(now: Now, sheet: Sheet, path: Any, written: Mapping[str, Any], each: str) -> ShownQuestion:
    name = str(written.get("fact") or "")
    own = sheet.get(("facts", name))
    fact = (
        _fact(own)
        or catalogue.written().vocabulary.facts.get(name)
        or _of_list(now.looked.service, each, name)
    )
    label = text_in(written.get("label")) or (
        fact.label if fact else Text.same(name or str(written.get("file")))
    )
    faults = [*now.said(path, sheet), *(now.said(("facts", name), sheet) if own else [])]
    kind = "file" if "file" in written else answers.kind_of(fact) if fact else "text"
    asks, help_ = (fact.question, fact.help) if fact else (None, text_in(written.get("help")))
    return ShownQuestion(
        path[-1],
        name,
        label,
        asks,
        help_,
        kind,
        written.get("required") is not False,
        str(written.get("if") or ""),
        choice_lines(fact.choices) if fact and fact.type == "choice" else "",
        shared=bool(name) and own is None,
        wordable=not each,
        untranslated=untranslated(label, asks, help_),
        faults=faults,
    )


def _fact(written: Any) -> Fact | None:
    try:
        return Fact.model_validate(written) if isinstance(written, Mapping) else None
    except ValueError:
        return None


def _of_list(service: Service | None, each: str, name: str) -> Fact | None:
    kind = service.lists.get(each) if service else None
    return kind.facts.get(name.partition(".")[2]) if kind else None


def choice_lines(choices: Mapping[str, Text]) -> str:
    """Choices as they are typed: `id | ja | easy | en`, a line for each."""
    return "\n".join(f"{key} | {one.ja} | {one.easy} | {one.en}" for key, one in choices.items())


def choices_of(typed: str) -> dict[str, Text]:
    """What was typed so. A line without an id gets one; easy and en that are left out stand in Japanese.

    Raises acting.Incomplete for a line that cannot be read.
    """
    found: dict[str, Text] = {}
    for number, line in enumerate((one for one in typed.split("\n") if one.strip()), start=1):
        cells = [cell.strip() for cell in re.split("[|｜]", line)]
        if re.fullmatch("[a-z][a-z0-9_]*", cells[0]) and len(cells) > 1:
            key, *cells = cells
        else:
            key = next(f"c{n}" for n in range(number, number + 999) if f"c{n}" not in found)
        if not cells[0] or len(cells) > 3 or key in found:
            raise acting.Incomplete("workbench.choices_wrong")
        ja, easy, en = [*cells, "", ""][:3]
        found[key] = Text(ja=ja, easy=easy or ja, en=en or ja)
    if not found:
        raise acting.Incomplete("workbench.choices_wrong")
    return found


def _save_questions(request: Request, files: Files, service: str) -> Files:
    post, page, question = request.POST, _at(request, "page"), _at(request, "question")
    match post.get("do"):
        case "add-page":
            return editing.add_page(files, service, needed_words(request, "title"))
        case "use-part":
            return editing.add_page(
                files, service, Text.same("－"), acting.text_of(request, "part", needed="desk.nothing_chosen")
            )
        case "change-page":
            intro, if_ = words_of(request, "intro"), acting.text_of(request, "if")
            return editing.change_page(files, service, page, needed_words(request, "title"), intro, if_)
        case "remove-page":
            return editing.remove_page(files, service, page)
        case "page-up" | "page-down":
            return editing.move(files, service, ("ask", page), _next_to(request, page))
        case "add-question":
            return editing.add_question(files, service, page, _asked(request))
        case "add-known":
            known = acting.text_of(request, "fact", needed="desk.nothing_chosen")
            label = Text.same(known)
            return editing.add_question(
                files, service, page, Asked(label, "text", fact=known, required=_required(request))
            )
        case "change-question":
            return editing.change_question(files, service, page, question, _asked(request))
        case "remove-question":
            return editing.remove_question(files, service, page, question)
        case "question-up" | "question-down":
            path = ("ask", page, "questions", question)
            return editing.move(files, service, path, _next_to(request, question))
    raise acting.Incomplete("desk.nothing_chosen")


def _asked(request: Request) -> Asked:
    kind = request.POST.get("kind", "text")
    if kind not in get_args(Answer) and kind != "file":
        raise acting.Incomplete("desk.nothing_chosen")
    class_ = request.POST.get("class", "personal")
    return Asked(
        label=needed_words(request, "label"),
        kind=kind,
        question=words_of(request, "question_words"),
        help=words_of(request, "help"),
        fact=acting.text_of(request, "fact"),
        required=_required(request),
        if_=acting.text_of(request, "if"),
        choices=choices_of(lines_of(request, "choices")) if kind == "choice" else None,
        class_=class_ if class_ in get_args(Class) else "personal",
    )


def _required(request: Request) -> bool:
    return request.POST.get("required") == "yes"


def _at(request: Request, name: str) -> int:
    typed = request.POST.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 6 else 10**6


def _next_to(request: Request, number: int) -> int:
    """The place above or below one, as the button says (`up`, `page-down`)."""
    return number + (1 if request.POST["do"].endswith("down") else -1)


# -- conditions ----------------------------------------------------------------------------------------
def _conditions(now: Now) -> dict[str, Any]:
    sheet, tried = now.sheet, now.request.session.pop(TRIED, None) or {}
    typed = tried.get("typed", {})
    own = sheet.get(("conditions",)) or {}
    rows = []
    for name, one in own.items() if isinstance(own, Mapping) else ():
        one = one if isinstance(one, Mapping) else {}
        shown = {"name": name, "if": one.get("if", ""), "faults": now.said(("conditions", name), sheet)}
        if typed.get("name") == name:
            rows.append(shown | _typed_condition(typed))
            continue
        said = {"because": text_in(one.get("because")), "hint": text_in(one.get("hint"))}
        rows.append(
            {**shown, **said, "expression": one.get("if", ""), "law": one.get("law") or "", "tried": False}
        )
    service = now.looked.service
    files = {**now.files, now.where: tried["file"]} if tried else now.files
    judged = checked(now.service, files).service if tried else service
    return {
        "rows": rows,
        "new": _typed_condition(typed) if typed and not typed.get("name") else {},
        "shared": [one for name, one in service.conditions.items() if name not in own] if service else [],
        "facts": [(name, service.label(name)) for name in service.schema.facts] if service else [],
        "grant_wrong": now.said(("decide",), sheet),
        **_effect(now.request, judged, now.service),
    }


def _typed_condition(typed: Mapping[str, str]) -> dict[str, Any]:
    """A condition as it was typed and tried."""
    because, hint = (
        text_in(
            {language: typed.get(f"{part}.{language}") or typed.get(f"{part}.ja") for language in LANGUAGES}
        )
        for part in ("because", "hint")
    )
    said = {"because": because, "hint": hint, "law": typed.get("law", "")}
    return {**said, "expression": typed.get("if", ""), "tried": True}


def _effect(request: Request, service: Service | None, name: str) -> dict[str, Any]:
    """What the draft would change for the people who live here; their names for who may search the register."""
    if service is None:
        return {"effect": None}
    day = max(clock.now().date(), service.in_force_from)
    old = catalogue.current().services.get(name)
    try:
        found: Effect | None = effect(service, old, as_of=day)
    except (conditions.Errors, conditions.WrongFact):
        found = None
    names = found is not None and not found.nothing and may_here(request, "register.search")
    if names:
        look(request, "register.search", the_town(request))
    return {"effect": found, "effect_names": names, "compared": old is not None}


def _save_conditions(request: Request, files: Files, service: str) -> Files:
    name = acting.text_of(request, "name")
    if request.POST.get("do") == "remove":
        return editing.remove_condition(files, service, name)
    return editing.put_condition(
        files,
        service,
        name or editing.free_condition(files, service),
        acting.text_of(request, "if", needed="workbench.if_needed"),
        needed_words(request, "because"),
        words_of(request, "hint"),
        acting.text_of(request, "law"),
    )


# -- steps ---------------------------------------------------------------------------------------------
def _steps(now: Now) -> dict[str, Any]:
    sheet = now.sheet
    shared = catalogue.written().shared
    known = shared.steps[0] if shared else {}
    rows = []
    for number, one in enumerate(sheet.get(("steps",)) or []):
        one = one if isinstance(one, Mapping) else {}
        rows.append(
            {
                "number": number,
                "use": one.get("use", ""),
                "steps": [_step_name(each) for each in known.get(str(one.get("use")), [])],
                "step": one,
                "name": text_in(one.get("name")),
                "called": _step_name(one),
                "faults": now.said(("steps", number), sheet),
            }
        )
    return {
        "rows": rows,
        "step_parts": sorted(known),
        "roles": get_args(Role),
        "verbs": [(one, ui_text(f"steps.{one}")) for one in VERBS],
    }


def _step_name(step: Mapping[str, Any]) -> Text:
    named = text_in(step.get("name"))
    verb = f"steps.{step.get('do')}"
    return named or (
        ui_text(verb) if step.get("do") in get_args(Verb) else Text.same(str(step.get("id", "－")))
    )


def _save_steps(request: Request, files: Files, service: str) -> Files:
    post, step = request.POST, _at(request, "step")
    match post.get("do"):
        case "use-part":
            return editing.add_step(
                files, service, {"use": acting.text_of(request, "part", needed="desk.nothing_chosen")}
            )
        case "add":
            verb = post.get("verb") if post.get("verb") in VERBS else VERBS[0]
            name = needed_words(request, "name")
            new = {"name": name.model_dump(), "by": "staff", "do": verb, **_parts(request)}
            return editing.add_step(files, service, {key: value for key, value in new.items() if value})
        case "change":
            return editing.change_step(files, service, step, _parts(request), words_of(request, "name"))
        case "remove":
            return editing.remove_step(files, service, step)
        case "up" | "down":
            return editing.move(files, service, ("steps", step), _next_to(request, step))
    raise acting.Incomplete("desk.nothing_chosen")


def _parts(request: Request) -> dict[str, Any]:
    role = request.POST.get("role", "")
    return {
        "role": role if role in get_args(Role) else "",
        "within": acting.text_of(request, "within"),
        "if": acting.text_of(request, "if"),
        "four_eyes": True if request.POST.get("four_eyes") else None,
    }


# -- letters -------------------------------------------------------------------------------------------
def _letters(now: Now) -> dict[str, Any]:
    service = now.looked.service
    letters = _letter_names(now)
    rows = []
    for name, events in letters.items():
        where = editing.letter_file(now.service, name)
        try:
            sheet = Sheet(editing.letter_text(now.files, now.service, name), where)
        except Faults:
            sheet = Sheet("", where)
        rows.append(
            {
                "name": name,
                "events": [ui_text(f"workbench.event_{one}") for one in events],
                "own": where in now.files,
                "subject": text_in(sheet.get(("subject",))),
                "body": text_in(sheet.get(("body",))),
                "faults": now.said((), sheet, where),
            }
        )
    known: list[tuple[str, Text]] = [(one, _placeholder(one)) for one in (*LETTER_FACTS, *TOWN_FACTS)]
    if service:
        known += [(name, fact.label) for name, fact in service.facts.items()]
        known += [
            (name, rule.label or Text.same(name)) for name, rule in service.values.items() if not rule.each
        ]
        known += [(f"param.{name}", Text.same(name)) for name in service.params]
    return {"rows": rows, "placeholders": known}


def _placeholder(name: str) -> Text:
    return ui_text(f"workbench.placeholder_{name.replace('.', '_')}")


def _letter_names(now: Now) -> dict[str, list[str]]:
    """The letters of the service with the events they are sent for."""
    found: dict[str, list[str]] = {}
    usual = _usual("letters")
    own = now.sheet.get(("letters",))
    for event, letter in {**usual, **(own if isinstance(own, Mapping) else {})}.items():
        if event in OUTCOMES:
            found.setdefault(str(letter), []).append(event)
    return found


def _save_letters(request: Request, files: Files, service: str) -> Files:
    letter = acting.text_of(request, "letter", needed="desk.nothing_chosen")
    if not re.fullmatch("[a-z0-9_-]{1,60}", letter):
        raise acting.Incomplete("desk.nothing_chosen")
    if request.POST.get("do") == "drop":
        return editing.drop_letter(files, service, letter)
    body = needed_words(request, "body", most=MOST_LETTER)
    ended = Text(**{language: body.get(language).rstrip("\n") + "\n" for language in LANGUAGES})
    return editing.put_letter(files, service, letter, needed_words(request, "subject"), ended)


# -- parameters ----------------------------------------------------------------------------------------
def _params(now: Now) -> dict[str, Any]:
    service = now.looked.service
    rows = []
    for name, one in (service.params if service else {}).items():
        rows.append(
            {
                "name": name,
                "param": one,
                "values": sorted(one.values.items(), reverse=True),
                "town": one.set_by == "town" or not installed(now.service),
                "faults": now.said(("params", name)),
            }
        )
    return {"rows": rows, "day": clock.now().date(), "is_installed": bool(installed(now.service))}


def _save_params(request: Request, files: Files, service: str) -> Files:
    name = acting.text_of(request, "name", needed="desk.nothing_chosen")
    known = catalogue.current().services.get(service)
    since = clock.parse_date(request.POST.get("since", ""))
    typed = acting.text_of(request, "value", needed="workbench.value_needed").replace(",", "")
    param = known.params.get(name) if known else None
    kind = conditions.FactType(param.type) if param else conditions.FactType("int")
    value = int(typed) if kind.kind == "int" and re.fullmatch(r"-?\d{1,12}", typed) else typed
    try:
        conditions.typed(value, kind, name)
    except conditions.WrongFact as error:
        raise acting.Incomplete("workbench.value_wrong") from error
    source = acting.text_of(request, "source", needed="workbench.source_needed")
    return editing.put_param(files, service, name, since.isoformat(), value, source, source)


# -- examples ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Tried:
    """A fact that an example can give: its name, words, kind and choices."""

    name: str
    label: Text
    kind: str
    choices: Sequence[tuple[str, Text]]


def _examples(now: Now) -> dict[str, Any]:
    looked = now.looked
    rows = [(one, outcome_of(one, looked)) for one in looked.examples] if looked.service else []
    where = f"{now.service}/examples.yaml"
    shown = [fault for _, faults in rows for fault in faults]
    now._beside |= {one for one in looked.faults if one.file == now.tree.called(where) or one in shown}
    return {
        "rows": rows,
        "facts": list(_tried(looked.service)) if looked.service else [],
        "outcomes": [(one, ui_text(f"workbench.outcome_{one}")) for one in ("granted", "refused", "unknown")],
        "day": max(clock.now().date(), looked.service.in_force_from)
        if looked.service
        else clock.now().date(),
        "general_examples": [
            one for one in looked.faults if one.file == now.tree.called(where) and one not in shown
        ],
    }


def _tried(service: Service) -> Iterator[Tried]:
    """The single facts on which the conditions rest, and those that are needed."""
    try:
        used = {name for rule in service.program.rules for name in rule.node.all_names()}
    except conditions.Errors:
        used = set()
    for name, fact in service.facts.items():
        if name in used or name in service.needed_facts:
            choices = list(fact.choices.items())
            if fact.type == "bool":
                choices = [("yes", ui_text("yes")), ("no", ui_text("no"))]
            yield Tried(name, fact.label, fact.type, choices)


def _save_examples(request: Request, files: Files, service: str) -> Files:
    made = checked(service, files).service
    if made is None:
        raise acting.Incomplete("workbench.mend_first")
    facts: dict[str, Any] = {}
    for one in _tried(made):
        typed = request.POST.get(f"fact.{one.name}", "").strip()
        if typed:
            group, _, key = one.name.partition(".")
            facts.setdefault(group, {})[key] = _typed(one, typed)
    outcome = request.POST.get("outcome", "")
    if outcome not in ("granted", "refused", "unknown"):
        raise acting.Incomplete("desk.nothing_chosen")
    example = {
        "about": acting.text_of(request, "about", needed="workbench.about_needed"),
        "as_of": clock.parse_date(request.POST.get("as_of", "")).isoformat(),
        "facts": facts,
        "expect": {"outcome": outcome},
        "source": acting.text_of(request, "source", needed="workbench.source_needed"),
    }
    return editing.add_example(files, service, example)


def _typed(one: Tried, typed: str) -> Any:
    if one.kind == "bool":
        return typed == "yes"
    if one.kind == "date":
        return clock.parse_date(typed).isoformat()
    if one.kind in ("int", "number"):
        digits = typed.replace(",", "")
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", digits):
            raise acting.Incomplete("workbench.value_wrong")
        return int(digits) if "." not in digits else float(digits)
    return answers.clean(typed)[:MOST_LINE]


# -- text ----------------------------------------------------------------------------------------------
def _text(now: Now) -> dict[str, Any]:
    wanted = now.request.GET.get("file", "")
    names = sorted(
        {
            *now.files,
            *installed(now.service),
            f"{now.service}/examples.yaml",
            f"towns/{now.request.town}/{now.service}.yaml",
        }
    )
    file = wanted if wanted in names else now.where
    return {
        "names": names,
        "file": file,
        "text": now.files.get(file, ""),
        "file_faults": [one for one in now.looked.faults if one.file == now.tree.called(file)],
        "saves": queries.saves(now.draft),
    }


def _save_text(request: Request, files: Files, service: str) -> Files:
    file = request.POST.get("file", "")
    allowed = re.fullmatch(
        rf"{re.escape(service)}/(?:service|examples|letters/[a-z0-9_-]+|robots/[a-z0-9_-]+)\.yaml", file
    )
    if not allowed and file != f"towns/{request.town}/{service}.yaml":
        raise acting.Incomplete("desk.nothing_chosen")
    typed = request.POST.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    if len(typed) > MOST_FILE:
        raise answers.Wrong(ui_text("desk.too_long").format(max=f"{MOST_FILE:,}", length=f"{len(typed):,}"))
    return editing.put_text(files, file, re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", typed))


# -- preview -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Seen:
    """A page in the language in which residents see it; `lang` is all that words and fields ask of a page."""

    lang: str

    @property
    def html_lang(self) -> str:
        return "en" if self.lang == "en" else "ja"


def _preview(now: Now) -> dict[str, Any]:
    asked = now.request.GET.get("in", "")
    language = asked if asked in LANGUAGES else now.request.language
    service = now.looked.service
    examples = now.looked.examples
    chosen = next((one for one in examples if one.id == now.request.GET.get("example")), None)
    screens = []
    if service is not None:
        try:
            facts = dict(chosen.facts) if chosen else {}
            screens = Form(service, facts, as_of=clock.now().date()).screens
        except conditions.Errors:
            service = None
    return {
        "seen": Seen(language),
        "service": service,
        "screens": screens,
        "examples": examples,
        "chosen": chosen.id if chosen else "",
        "languages": list(LANGUAGE_LABELS.items()),
    }


SHOWN: Mapping[str, Callable[[Now], dict[str, Any]]] = {
    "about": _about,
    "questions": _questions,
    "conditions": _conditions,
    "steps": _steps,
    "letters": _letters,
    "params": _params,
    "examples": _examples,
    "text": _text,
    "preview": _preview,
}
SAVES: Mapping[str, Callable[[Request, Files, str], Files]] = {
    "about": _save_about,
    "questions": _save_questions,
    "conditions": _save_conditions,
    "steps": _save_steps,
    "letters": _save_letters,
    "params": _save_params,
    "examples": _save_examples,
    "text": _save_text,
}


@require_POST
@asks("workbench.edit")
def save(request: Request, town: str, service: str, part: str) -> HttpResponse:
    """Save one change of a draft, or try a condition without saving it."""
    change = SAVES.get(part)
    if change is None or queries.row(service) is None:
        raise Http404
    back = url(request, "workbench_part", service, part)
    if part == "text" and request.POST.get("file"):
        back += f"?file={request.POST['file'][:200]}"

    def do() -> str | None:
        number = _at(request, "number")
        try:
            if request.POST.get("do") == "try":
                _try(request, service)
                return None
            actions.save(
                service,
                number,
                lambda files: change(request, files, service),
                _what(request, part),
                by=request.worker,
                as_of=clock.now(),
            )
        except ChangedMeanwhile as second:
            acting.say(request, "wrong", second.text.get(request.language))
            return url(request, "workbench_service", service)
        except Faults as found:
            raise HasFaults(found.faults) from found
        return None

    return acting.act(request, do, back)


def _try(request: Request, service: str) -> None:
    """What a condition would change, before it is saved: it is shown once, and nothing is kept."""
    draft = queries.draft(service)
    if draft is None:
        raise Missing(service)
    try:
        tried = _save_conditions(request, draft.files, service)
    except CannotChange as error:
        raise CannotEdit(str(error)) from error
    except NotHere as error:
        raise Missing(str(error)) from error
    looked = checked(service, tried)
    if looked.service is None:
        raise HasFaults(looked.faults)
    typed = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    request.session[TRIED] = {"file": tried[f"{service}/service.yaml"], "typed": typed}
    faults = [str(fault) for fault in looked.faults[:3]]
    acting.say(request, "warn", ui_text("workbench.tried").get(request.language), faults)


def _what(request: Request, part: str) -> str:
    """A save in a few words, for the list of saves."""
    return " ".join(filter(None, [part, request.POST.get("do", "")[:40], request.POST.get("file", "")[:100]]))
