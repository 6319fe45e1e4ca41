"""Changes of a service part by part, in the words of whoever writes it. Each takes the files and returns them changed.

A part is named by its place in the file (`page` 0, `question` 2): whoever sends a change says which save they saw, so
that a place cannot mean another part meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from yakuba.cases import catalogue
from yakuba.declare import scaffold
from yakuba.declare.model import ANSWERS, Fact, Letter
from yakuba.declare.sheet import NotHere, Sheet
from yakuba.declare.written import Path_
from yakuba.words import LANGUAGES, Text
from yakuba.workbench import files as of_files
from yakuba.workbench.files import Files

ORDER = (
    "service", "name", "summary", "audience", "topics", "law", "plan", "note", "versions", "sign_in", "subject",
    "facts", "lists", "uses", "params", "values", "conditions", "decide", "pay", "ends", "fee", "book", "ask", "steps", "next",
    "appeal", "letters", "deadlines", "disclose", "keep", "count",
)  # fmt: skip
"""In which order the parts of a service file stand."""
FACT = tuple(field.alias or name for name, field in Fact.model_fields.items())
CONDITION = ("if", "because", "hint", "law")
STEP = ("id", "name", "by", "do", "role", "if", "within")
Edit = Callable[[Sheet], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is written. `fact`: one that is there, empty for a new one of this `kind`, or `file` for a
    paper. `choices`: ids with their words, for the kind `choice`."""

    label: Text
    kind: str
    question: Text | None = None
    help: Text | None = None
    fact: str = ""
    required: bool = True
    if_: str = ""
    choices: Mapping[str, Text] | None = None
    class_: str = "personal"


def _file(service: str) -> str:
    return f"{service}/service.yaml"


def changed(files: Files, where: str, edit: Edit) -> dict[str, str]:
    """The files with one of them changed. Raises declare.Faults when it cannot be read, NotHere, CannotChange."""
    sheet = Sheet(files.get(where, ""), f"services/{where}")
    edit(sheet)
    return {**files, where: sheet.text}


def say(sheet: Sheet, path: Path_, words: Text | None, order: Sequence[str] = ()) -> None:
    """Words in three languages, only those that differ; None takes them out."""
    if words is None:
        if sheet.get(path) is not None:
            sheet.remove(path)
        return
    if not isinstance(sheet.get(path), dict):
        sheet.put(path, words.model_dump(), order)
        return
    for language in LANGUAGES:
        sheet.put((*path, language), words.get(language))


def put_or_drop(sheet: Sheet, path: Path_, value: Any, order: Sequence[str] = ()) -> None:
    """The value, or nothing where there is none."""
    if value in (None, "", []):
        if sheet.get(path) is not None:
            sheet.remove(path)
    else:
        sheet.put(path, value, order)


# -- what the service is -------------------------------------------------------------------------------
def about(
    files: Files,
    service: str,
    *,
    name: Text,
    summary: Text,
    topics: Sequence[str],
    law: Sequence[str],
    appeal: str,
    norm: str,
) -> dict[str, str]:
    """Its name, what it is for, the law it rests on, and by when it is done."""

    def edit(sheet: Sheet) -> None:
        say(sheet, ("name",), name, ORDER)
        say(sheet, ("summary",), summary, ORDER)
        put_or_drop(sheet, ("topics",), list(topics), ORDER)
        put_or_drop(sheet, ("law",), list(law), ORDER)
        if appeal:
            sheet.put(("appeal",), appeal, ORDER)
        if norm:
            sheet.put(("deadlines", "norm"), norm, ("legal", "norm", "pause"))

    return changed(files, _file(service), edit)


# -- questions -----------------------------------------------------------------------------------------
def add_page(files: Files, service: str, title: Text, part: str = "") -> dict[str, str]:
    """A page of questions at the end; of `part`, one of the pages that services share."""

    def edit(sheet: Sheet) -> None:
        pages = sheet.get(("ask",)) or []
        new = (
            {"use": part}
            if part
            else {"page": _free("page", _names(pages, "page")), "title": title.model_dump(), "questions": []}
        )
        if sheet.get(("ask",)) is None:
            sheet.put(("ask",), [new], ORDER)
        else:
            sheet.insert(("ask",), len(pages), new)

    return changed(files, _file(service), edit)


def change_page(
    files: Files, service: str, page: int, title: Text, intro: Text | None, if_: str
) -> dict[str, str]:
    """Its title, the sentence above its questions, and when it is asked at all."""

    def edit(sheet: Sheet) -> None:
        path: Path_ = ("ask", page)
        say(sheet, (*path, "title"), title)
        say(sheet, (*path, "intro"), intro, ("page", "title", "intro"))
        put_or_drop(sheet, (*path, "if"), if_, ("page", "title", "intro", "each", "if"))

    return changed(files, _file(service), edit)


def move(files: Files, service: str, path: Path_, to: int) -> dict[str, str]:
    """A page, question or step to another place of its list."""
    return changed(files, _file(service), lambda sheet: sheet.move(path, to))


def remove_page(files: Files, service: str, page: int) -> dict[str, str]:
    """A page with its questions; facts that nothing else names go with it."""

    def edit(sheet: Sheet) -> None:
        sheet.remove(("ask", page))
        _forget_facts(sheet)

    return changed(files, _file(service), edit)


def add_question(files: Files, service: str, page: int, asked: Asked) -> dict[str, str]:
    """A question at the end of a page."""

    def edit(sheet: Sheet) -> None:
        questions = sheet.get(("ask", page, "questions"))
        if sheet.get(("ask", page)) is None:
            raise NotHere(f"ask.{page}")
        if asked.kind == "file":
            ids = [one.get("file") for at in sheet.get(("ask",)) for one in at.get("questions") or []]
            new: dict[str, Any] = {"file": _free("paper", ids), "label": asked.label.model_dump()}
        else:
            new = {"fact": asked.fact or _new_fact(sheet, service, asked)}
        if asked.if_:
            new["if"] = asked.if_
        if not asked.required:
            new["required"] = False
        sheet.insert(("ask", page, "questions"), len(questions or []), new)

    return changed(files, _file(service), edit)


def _new_fact(sheet: Sheet, service: str, asked: Asked) -> str:
    group = scaffold.group_of(service)
    known = [name.partition(".")[2] for name in sheet.get(("facts",)) or {} if name.startswith(f"{group}.")]
    key = re.sub(r"[^a-z0-9]+", "_", asked.label.en.lower()).strip("_")[:30].strip("_")
    key = key if re.match("[a-z]", key) else "answer"
    name = f"{group}.{key if key not in known else _free(key, known, '_')}"
    fact: dict[str, Any] = {"type": ANSWERS.get(asked.kind, "text"), "class": asked.class_}
    if asked.kind == "yen":
        fact["unit"] = "JPY"
    fact["label"] = asked.label.model_dump()
    if asked.question:
        fact["question"] = asked.question.model_dump()
    if asked.help:
        fact["help"] = asked.help.model_dump()
    if asked.kind not in ("text", "yes_no", "choice", "date"):
        fact["answer"] = asked.kind
    if asked.choices:
        fact["choices"] = {key: words.model_dump() for key, words in asked.choices.items()}
    sheet.put(("facts", name), fact, ORDER)
    return name


def change_question(files: Files, service: str, page: int, question: int, asked: Asked) -> dict[str, str]:
    """The words of a question, its choices, whether it must be answered, and when it is asked.

    A fact that services share becomes this service's own as soon as its words differ here.
    """

    def edit(sheet: Sheet) -> None:
        path: Path_ = ("ask", page, "questions", question)
        written = sheet.get(path)
        if written is None:
            raise NotHere(f"ask.{page}.questions.{question}")
        order = ("fact", "file", "label", "help", "if", "required")
        put_or_drop(sheet, (*path, "if"), asked.if_, order)
        put_or_drop(sheet, (*path, "required"), None if asked.required else False, order)
        if "file" in written:
            say(sheet, (*path, "label"), asked.label)
            say(sheet, (*path, "help"), asked.help, order)
        elif asked.fact:
            _word_fact(sheet, asked)

    return changed(files, _file(service), edit)


def _word_fact(sheet: Sheet, asked: Asked) -> None:
    name = asked.fact
    shared = catalogue.national().vocabulary.facts.get(name)
    if sheet.get(("facts", name)) is None:
        if shared is None:  # of a list: its words are the list's
            return
        if (shared.label, shared.question, shared.help) == (asked.label, asked.question, asked.help):
            return
        plain = shared.model_dump(mode="json", by_alias=True, exclude_unset=True)
        sheet.put(("facts", name), plain, ORDER)
    path: Path_ = ("facts", name)
    say(sheet, (*path, "label"), asked.label, FACT)
    say(sheet, (*path, "question"), asked.question, FACT)
    say(sheet, (*path, "help"), asked.help, FACT)
    if asked.choices is not None and sheet.get((*path, "type")) == "choice":
        for gone in [key for key in sheet.get((*path, "choices")) or {} if key not in asked.choices]:
            sheet.remove((*path, "choices", gone))
        for key, words in asked.choices.items():
            say(sheet, (*path, "choices", key), words)


def remove_question(files: Files, service: str, page: int, question: int) -> dict[str, str]:
    """A question; its fact, too, where only it was asked and nothing else names it."""

    def edit(sheet: Sheet) -> None:
        sheet.remove(("ask", page, "questions", question))
        _forget_facts(sheet)

    return changed(files, _file(service), edit)


def _forget_facts(sheet: Sheet) -> None:
    """Take out the facts of this service that nothing names any more."""
    for name in list(sheet.get(("facts",)) or {}):
        rest = orjson.dumps({key: part for key, part in sheet.data.items() if key != "facts"}).decode()
        others = orjson.dumps(
            {key: part for key, part in sheet.get(("facts",)).items() if key != name}
        ).decode()
        if name not in rest and name not in others:
            sheet.remove(("facts", name))


# -- conditions ----------------------------------------------------------------------------------------
def put_condition(
    files: Files, service: str, name: str, if_: str, because: Text, hint: Text | None, law: str
) -> dict[str, str]:
    """A condition that all must fulfil; a new name is a new one."""

    def edit(sheet: Sheet) -> None:
        path: Path_ = ("conditions", name)
        if sheet.get(path) is None:
            new: dict[str, Any] = {"if": if_, "because": because.model_dump()}
            new |= {"hint": hint.model_dump()} if hint else {}
            new |= {"law": law} if law else {}
            sheet.put(path, new, ORDER)
        else:
            sheet.put((*path, "if"), if_)
            say(sheet, (*path, "because"), because, CONDITION)
            say(sheet, (*path, "hint"), hint, CONDITION)
            put_or_drop(sheet, (*path, "law"), law, CONDITION)
        granted = sheet.get(("decide", "grant")) or []
        if name not in granted:
            if granted:
                sheet.insert(("decide", "grant"), len(granted), name)
            else:
                sheet.put(("decide", "grant"), [name], ORDER)

    return changed(files, _file(service), edit)


def free_condition(files: Files, service: str) -> str:
    """A name for a new condition."""
    sheet = Sheet(files.get(_file(service), ""))
    return _free("condition", [*(sheet.get(("conditions",)) or {})], "_")


def remove_condition(files: Files, service: str, name: str) -> dict[str, str]:
    """A condition is asked for no more."""

    def edit(sheet: Sheet) -> None:
        sheet.remove(("conditions", name))
        granted = sheet.get(("decide", "grant")) or []
        if name in granted:
            sheet.remove(("decide", "grant", granted.index(name)))

    return changed(files, _file(service), edit)


# -- steps ---------------------------------------------------------------------------------------------
def add_step(files: Files, service: str, step: Mapping[str, Any]) -> dict[str, str]:
    """A step, or `{use: NAME}` for steps that services share, at the end."""

    def edit(sheet: Sheet) -> None:
        steps = sheet.get(("steps",)) or []
        new = dict(step)
        if "use" not in new:
            new = {"id": _free("step", _names(steps, "id")), **new}
        sheet.insert(("steps",), len(steps), new)

    return changed(files, _file(service), edit)


def change_step(
    files: Files, service: str, step: int, parts: Mapping[str, Any], name: Text | None
) -> dict[str, str]:
    """A step of the service's own. `parts`: role, within, if, four_eyes; what is empty is taken out."""

    def edit(sheet: Sheet) -> None:
        path: Path_ = ("steps", step)
        if sheet.get((*path, "id")) is None:
            raise NotHere(f"steps.{step}")
        say(sheet, (*path, "name"), name, STEP)
        for key, value in parts.items():
            put_or_drop(sheet, (*path, key), value, (*STEP, "four_eyes"))

    return changed(files, _file(service), edit)


def remove_step(files: Files, service: str, step: int) -> dict[str, str]:
    """A step is done no more."""
    return changed(files, _file(service), lambda sheet: sheet.remove(("steps", step)))


# -- letters, parameters, texts --------------------------------------------------------------------------
def letter_file(service: str, letter: str) -> str:
    """Where a letter of the service's own is written."""
    return f"{service}/letters/{letter}.yaml"


def letter_text(files: Files, service: str, letter: str) -> str:
    """A letter as it is written: the service's own, else the one that all share."""
    own = files.get(letter_file(service, letter))
    return own or catalogue.national().tree.text(f"shared/letters/{letter}.yaml")


def put_letter(files: Files, service: str, letter: str, subject: Text, body: Text) -> dict[str, str]:
    """A letter of the service; one that all services share becomes its own when it is changed."""
    where = letter_file(service, letter)
    before = letter_text(files, service, letter)
    sheet = Sheet(before, f"services/{where}")
    say(sheet, ("subject",), subject)
    say(sheet, ("body",), body)
    if sheet.text == before and where not in files:
        return dict(files)
    Letter.model_validate(sheet.data)
    return {**files, where: sheet.text}


def drop_letter(files: Files, service: str, letter: str) -> dict[str, str]:
    """The letter that all services share is sent again."""
    return {where: text for where, text in files.items() if where != letter_file(service, letter)}


def put_param(
    files: Files, service: str, name: str, since: str, value: Any, source: str, because: str
) -> dict[str, str]:
    """From a day on the town sets a parameter: laid over a service that is installed, in the file of one of its own."""
    own = not of_files.installed(service)
    where = _file(service) if own else of_files.overlay_of(service)

    def edit(sheet: Sheet) -> None:
        if not own and not sheet.data:
            sheet.put((), {"overlay": service, "because": because})
        path: Path_ = ("params", name)
        if sheet.get(path) is None:
            sheet.put(path, {"values": {since: value}, "source": source})
            return
        sheet.put((*path, "values", since), value)
        sheet.put((*path, "source"), source, ("type", "unit", "set_by", "values", "source"))

    return changed(files, where, edit)


def put_text(files: Files, where: str, text: str) -> dict[str, str]:
    """A whole file, as somebody typed it; an empty one is taken away."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return {**files, where: text if not text or text.endswith("\n") else f"{text}\n"}


def add_example(files: Files, service: str, example: Mapping[str, Any]) -> dict[str, str]:
    """A worked example at the end."""
    where = f"{service}/examples.yaml"

    def edit(sheet: Sheet) -> None:
        known = sheet.data if isinstance(sheet.data, list) else []
        new = {"id": _free("example", _names(known, "id")), **example}
        if known:
            sheet.insert((), len(known), new)
        else:
            sheet.put((), [new])

    return changed(files, where, edit)


def _names(items: Sequence[Any], key: str) -> list[str]:
    return [one[key] for one in items if isinstance(one, Mapping) and key in one]


def _free(begin: str, known: Sequence[str | None], between: str = "-") -> str:
    """A name that nothing has yet: begin-1, begin-2, …"""
    number = 1
    while (name := f"{begin}{between}{number}") in known:
        number += 1
    return name
