"""A draft from what a service declares and what the case says; what is missing is a marked gap, and nothing is made up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from yakuba.declare import Judged, Service
from yakuba.words import LANGUAGES, Text, plain, ui, ui_words


def letter(
    service: Service,
    template: Text,
    said: Mapping[str, str],
    language: str,
    *,
    optional: Collection[str] = (),
) -> str:
    """A declared letter filled with what is known (`said`, by placeholder); a gap where nothing is. `optional`: paragraphs
    that this service may have no need of."""

    def filled(name: str) -> str:
        known = said.get(name, "")
        return known if known or name in optional else _gap(_called(service, name, language), language)

    text = template.format({name: filled(name) for name in template.placeholders()}).get(language)
    return _without_empty_lines(text)


def gaps_in(text: str) -> int:
    """How many gaps of a draft nobody has filled, in whatever language it is."""
    marks = {_gap("", language).rstrip("】]") for language in LANGUAGES}
    return sum(text.count(mark) for mark in marks)


def _gap(what: str, language: str) -> str:
    return ui("helping.gap", language, what=what)


def _called(service: Service, name: str, language: str) -> str:
    """What a placeholder stands for, in words."""
    key = f"helping.about_{name.replace('.', '_')}"
    return ui(key, language) if key in ui_words() else service.label(name).get(language)


def _without_empty_lines(text: str) -> str:
    """One empty line where an optional paragraph is left out."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1].strip()):
            lines.append(line)
    return "\n".join(lines)


def to_mend(service: Service, missing: Sequence[str]) -> list[str]:
    """What of that which is missing an applicant can be asked for again (`Service.askable`), in the order of the form."""
    wanted = {part for name in missing for part in (name, name.split("[")[0])}
    return [name for name in service.askable if name in wanted]


def asking(service: Service, judged: Sequence[Judged], missing: Sequence[str], language: str) -> str:
    """What to write to an applicant when something is not known: each question as the form asks it, and the conditions
    that rest on it. Empty where nothing is missing that can be asked."""
    asked = to_mend(service, missing)
    if not asked:
        return ""
    lines = [ui("helping.ask_lead", language, service=service.name.get(language)), ""]
    lines += [f"・{_question(service, name, language)}" for name in asked]
    unknown = [one for one in judged if one.value is None]
    if unknown:
        lines += ["", ui("helping.ask_why", language), *(f"・{_condition(one, language)}" for one in unknown)]
    return plain("\n".join(lines))


def _question(service: Service, name: str, language: str) -> str:
    fact = service.facts.get(name)
    label = service.label(name).get(language)
    return f"{label}：{fact.question.get(language)}" if fact and fact.question else label


def _condition(one: Judged, language: str) -> str:
    return one.because.get(language) + (f"（{one.law}）" if one.law else "")


def reason(judged: Sequence[Judged], language: str) -> str:
    """Why it may be refused, of conditions that the machine does not know: those that do not hold stand in the letter by
    themselves. What a person found out is a gap. Source: 行政手続法 第8条 (理由の提示)."""
    unknown = [one for one in judged if one.value is None]
    gap = _gap(ui("helping.about_found_out", language), language)
    lines = [
        ui("helping.not_shown", language, condition=_condition(one, language), found=gap) for one in unknown
    ]
    return plain("\n".join(lines))
