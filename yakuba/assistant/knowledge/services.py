"""Declared services as entries: who, what, how much, by when, with which papers, how, and on which law.

All words are those of the declaration. What a service does not say has no entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from yakuba.assistant.knowledge.entry import Entry, Source
from yakuba.assistant.knowledge.town import File, Town
from yakuba.clock import Duration, say_date
from yakuba.declare import Service, yaml_files
from yakuba.words import LANGUAGES, Text, ui_text, yen

SYNONYMS = Path(__file__).with_name("synonyms.yaml")
_PERIODS = {"days": "day", "months": "month", "years": "year"}
"""Units of a parameter that are a length of time, by the unit of a duration."""
_PERCENT = {"percent": "knowledge.unit_percent", "percent/year": "knowledge.unit_percent_year"}
_PARAM = re.compile(r"\bparam\.([a-z0-9_]+)")
_FORMAL = re.compile(
    r"(（.*?）|の(認定)?(請求|申請|届出|申込み?|支給申請|支給|交付|再交付|利用申込|貸付申込))+$"
)


class FaultySynonyms(ValueError):
    """The file of colloquial names cannot be used; the message names place and mend."""


class _Synonyms(File):
    services: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Said:
    """A parameter that has a label and a value on the day."""

    label: Text
    value: Text
    unit: str
    source: str
    provisional: bool
    since: date

    @property
    def money(self) -> bool:
        return self.unit.startswith("JPY") or self.unit in _PERCENT


def of_services(services: Iterable[Service], town: Town, *, as_of: date) -> list[Entry]:
    """Entries of all offered services whose rules are in force on `as_of`, as the town has them (`Catalogue.of_town`).

    Raises FaultySynonyms.
    """
    return [
        entry
        for service in services
        if service.offered and service.in_force(as_of)
        for entry in of_service(service, town, as_of=as_of)
    ]


def of_service(service: Service, town: Town, *, as_of: date) -> list[Entry]:
    """One entry for each aspect that the service declares; id `service:ID:ASPECT`."""
    office = town.office_of(tuple(service.topics)).called()
    source = Source("service", service.name.ja, town.link(f"services/{service.id}/"), as_of, office)
    entries = []
    for aspect, answer, facts in _aspects(service, town, as_of):
        entries.append(
            Entry(
                id=f"service:{service.id}:{aspect}",
                question=_by_language(ui_text(f"knowledge.ask_{aspect}").format(name=service.name)),
                answer=_by_language(answer),
                source=source,
                others=_others(service, aspect),
                topics=tuple(service.topics),
                service=service.id,
                aspects=facts,
            )
        )
    return entries


def _aspects(service: Service, town: Town, as_of: date) -> Iterator[tuple[str, Text, Mapping[str, str]]]:
    """What the service says, by aspect, with the facts that are looked for by name."""
    yield "what", service.summary, {}
    if service.conditions:
        yield "who", _list("knowledge.who", [one.because for one in service.conditions.values()]), {}
    hints = [
        _line(one.because, one.hint)
        for one in service.conditions.values()
        if one.hint and one.hint.ja.strip()
    ]
    if hints:
        yield "not", _list("knowledge.not", hints), {}
    if papers := _papers(service):
        yield "papers", _list("knowledge.papers", papers), {}
    yield from _params(service, as_of)
    if service.deadlines and (service.deadlines.norm or service.deadlines.legal):
        yield "how_long", _how_long(service), _durations(service)
    yield "how", _how(service), {}
    if service.file.next:
        yield "next", _tidy(service.file.next), {}
    if service.law:
        yield "law", Text.same("、".join(service.law)), {}
    appeal = service.file.appeal
    known = {
        name: text
        for name, text in {"town.name": town.name, "town.prefecture": town.prefecture}.items()
        if text
    }
    if isinstance(appeal, Text) and appeal.placeholders() <= set(known):
        yield "appeal", _tidy(appeal.format(known)), {}


# -- who and with what -------------------------------------------------------------------------------
def _papers(service: Service) -> list[Text]:
    """The files that are asked for; those that are asked of everybody say so."""
    papers = []
    for page in service.pages:
        for one in page.questions:
            if one.file and one.label:
                always = one.required and not (one.if_ or page.if_ or page.each)
                papers.append(
                    ui_text("knowledge.paper_needed").format(paper=one.label) if always else one.label
                )
    return papers


def _how(service: Service) -> Text:
    online = "knowledge.how_sign_in" if service.sign_in == "required" else "knowledge.how_open"
    return _joined([ui_text(online), ui_text("apply.other_ways_text")])


# -- how much and by when ----------------------------------------------------------------------------
def _params(service: Service, as_of: date) -> Iterator[tuple[str, Text, Mapping[str, str]]]:
    """The labelled parameters in force: what the resident pays, what the resident gets, by when."""
    said = _in_force(service, as_of)
    owed = _of_fee(service)
    kinds = {
        "fee": [one for name, one in said.items() if one.money and name in owed],
        "amount": [one for name, one in said.items() if one.money and name not in owed],
        "by_when": [one for one in said.values() if not one.money],
    }
    for aspect, ones in kinds.items():
        if ones:
            yield aspect, _values(ones), {one.label.ja: one.value.ja for one in ones}


def _in_force(service: Service, as_of: date) -> dict[str, _Said]:
    found = {}
    for name, param in service.params.items():
        version = service.dated_params[name].at(as_of)
        if param.label and version and version[1] is not None:
            since, value = version
            unit = param.unit or ""
            found[name] = _Said(
                param.label, valued(value, unit), unit, param.source or "", param.provisional, since
            )
    return found


def _of_fee(service: Service) -> set[str]:
    """The parameters that the fee is computed from, by itself or through values."""
    if service.fee is None:
        return set()
    reached, waiting = set[str](), [service.fee.amount]
    while waiting:
        expr = waiting.pop()
        reached |= set(_PARAM.findall(expr))
        waiting += [
            v.expr
            for n, v in service.values.items()
            if re.search(rf"\b{re.escape(n)}\b", expr) and v.expr != expr
        ]
    return reached


def _values(ones: list[_Said]) -> Text:
    lines = [ui_text("knowledge.line").format(label=one.label, value=one.value) for one in ones]
    sources = list(dict.fromkeys(one.source for one in ones if one.source))
    since = max(one.since for one in ones)
    says = [*lines, ui_text("knowledge.in_force").format(day=_day(since))]
    says += [ui_text("knowledge.source").format(source="、".join(sources))] if sources else []
    says += [ui_text("knowledge.provisional")] if any(one.provisional for one in ones) else []
    return _joined(says)


def valued(value: Any, unit: str) -> Text:
    """A parameter's value as people read it.

    >>> valued(300, "JPY/copy").ja, valued(15, "days").en, valued(date(2026, 12, 6), "date").easy
    ('1通300円', '15 days', '2026年12月6日（日曜日）')
    """
    if isinstance(value, date):
        return _day(value)
    if unit in _PERIODS:
        length = Duration.parse(f"{int(value)} {_PERIODS[unit]}")
        return Text(**{language: length.text(language) for language in LANGUAGES})
    if unit == "JPY":
        return Text(**{language: yen(int(value), language) for language in LANGUAGES})
    if unit in _PERCENT:
        return ui_text(_PERCENT[unit]).format(n=Decimal(str(value)).normalize())
    key = f"knowledge.unit_{unit.replace('/', '_').lower()}"
    return ui_text(key).format(n=f"{int(value):,}") if unit.startswith("JPY/") else Text.same(str(value))


def _how_long(service: Service) -> Text:
    says = []
    for kind, length in _lengths(service).items():
        says.append(ui_text(f"knowledge.{kind}").format({kind: length}))
    return _joined(says)


def _lengths(service: Service) -> dict[str, Text]:
    """The town's norm and the law's deadline, as far as they are declared."""
    lines = service.deadlines
    both = {"norm": lines.norm, "legal": lines.legal} if lines else {}
    return {kind: Text(**{one: at.text(one) for one in LANGUAGES}) for kind, at in both.items() if at}


def _durations(service: Service) -> dict[str, str]:
    return {kind: length.ja for kind, length in _lengths(service).items()}


# -- words -------------------------------------------------------------------------------------------
def _day(day: date) -> Text:
    return Text(**{language: say_date(day, language) for language in LANGUAGES})


def _line(label: Text, value: Text) -> Text:
    return Text(
        **{
            one: f"{label.get(one)}：{value.get(one)}" if one != "en" else f"{label.en}: {value.en}"
            for one in LANGUAGES
        }
    )


def _list(lead: str, ones: Iterable[Text]) -> Text:
    return _joined([ui_text(lead), *(ui_text("knowledge.point").format(one=one) for one in ones)])


def _joined(ones: Iterable[Text]) -> Text:
    lines = list(ones)
    return Text(**{language: "\n".join(one.get(language) for one in lines) for language in LANGUAGES})


def _tidy(text: Text) -> Text:
    """Each line without blanks at its ends."""
    return Text(
        **{one: "\n".join(line.strip() for line in text.get(one).strip().splitlines()) for one in LANGUAGES}
    )


def _by_language(text: Text) -> dict[str, str]:
    return {language: text.get(language) for language in LANGUAGES}


# -- other ways of asking ----------------------------------------------------------------------------
_ASKED: Mapping[str, tuple[str, ...]] = {
    "what": ("{name}", "{name}について"),
    "who": ("{name}の対象者", "{name}はだれがもらえる、使える"),
    "not": ("{name}の対象外",),
    "papers": ("{name}の必要書類", "{name}に持っていくもの"),
    "fee": ("{name}の手数料", "{name}の料金"),
    "amount": ("{name}はいくら", "{name}の金額"),
    "by_when": ("{name}の期限", "{name}はいつまで"),
    "how_long": ("{name}は何日かかる",),
    "how": ("{name}の申請方法", "{name}の手続きのしかた", "{name}はオンラインでできる"),
    "next": ("{name}を申請した後の流れ",),
    "law": ("{name}の法律、条例",),
    "appeal": ("{name}の審査請求、不服申立て",),
}


@cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """What people call a service, where its declaration does not. Raises FaultySynonyms."""
    return yaml_files.read(SYNONYMS, _Synonyms, FaultySynonyms).services


def short_name(name: str) -> str:
    """A service's name without the formal end.

    >>> short_name("児童手当の認定請求"), short_name("要介護・要支援認定の申請（新規）"), short_name("転入届")
    ('児童手当', '要介護・要支援認定', '転入届')
    """
    return _FORMAL.sub("", name) or name


def _others(service: Service, aspect: str) -> tuple[str, ...]:
    """The aspect asked of the short name, and in one way of what else people call it; all of that where it is asked what
    the service is."""
    names = [short_name(service.name.ja), *synonyms().get(service.id, ())]
    called = names[1:] if aspect == "what" else names[1:3]
    asked = [way.format(name=names[0]) for way in _ASKED[aspect]]
    asked += [_ASKED[aspect][0].format(name=name) for name in called]
    return tuple(dict.fromkeys(asked))
