"""What was read from a paper goes into its draft: at once where it is sure, else as a person answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yakuba.access import towns
from yakuba.assistant import readings
from yakuba.assistant.readings import NewReading
from yakuba.cases import catalogue
from yakuba.channels import actions, answers
from yakuba.channels.forms import MOST_ITEMS, Form, is_keyed_twice
from yakuba.channels.models import Draft
from yakuba.declare import Fact, Service
from yakuba.register import queries as register
from yakuba.words import Text

CONTROLLED = 20
"""Of so many sure answers a person sees one all the same: so it is known how often they are right."""
KEPT_READY = timedelta(hours=1)
"""So long a process works with what it knows of who lives here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands on a form: its fact, and of which item of which list it is."""

    name: str
    fact: Fact
    label: Text
    each: str
    position: int | None


def questions(service: Service) -> Iterator[tuple[str, Asked]]:
    """The questions of a service by the name that they have on its form."""
    for page in service.pages:
        for question in page.questions:
            name, fact = question.fact, service.fact_asked(page, question)
            if name is None or fact is None:
                continue
            if not page.each:
                yield name, Asked(name, fact, question.label or fact.label, "", None)
                continue
            for item in range(MOST_ITEMS):
                asked = Asked(name, fact, question.label or fact.label, page.each, item)
                yield name.replace(".", f".{item}.", 1), asked


def read(draft: Draft, content: bytes, *, as_of: datetime) -> bool:
    """Read the paper of a draft, as far as there is an engine for it: sure answers go into the draft. Returns whether there
    are answers that a person should look at."""
    try:
        from yakuba.assistant.reading import engine, pictures, reader
        from yakuba.channels.paper import sheets

        reading = engine.engine()
    except ImportError:  # without the extra `paper` everything is keyed in
        return False
    except engine.NoEngine:
        return False
    service = catalogue.service(draft.service)
    try:
        pages = reader.read(
            content,
            sheets.forms({service.id: service}, draft.town),
            reading,
            _prior(as_of),
            limits(),
            foreign=False,
        )
    except pictures.NotAPicture:
        return False
    asked = dict(questions(service))
    found: dict[str, NewReading] = {}
    facts: list[tuple[Asked, Any]] = []
    for page in pages:
        for one in page.fields:
            if not one.written or one.name not in asked or one.name in found:
                continue
            value = understood(asked[one.name], one.value)
            unseen = one.sure and value is not None and not _is_control(draft, len(found))
            if unseen:
                facts.append((asked[one.name], value))
            picture = b"" if unseen else page.picture_of(one)
            found[one.name] = NewReading(
                one.name,
                one.kind,
                one.box.page,
                one.confidence,
                one.sure,
                not unseen,
                one.value,
                one.others,
                picture,
            )
    with transaction.atomic():
        readings.keep(draft.id, draft.service, list(found.values()), as_of=as_of)
        _put(draft, service, facts, as_of)
    return any(one.asked for one in found.values())


def _is_control(draft: Draft, number: int) -> bool:
    return (draft.id.int + number) % CONTROLLED == 0


def _put(draft: Draft, service: Service, found: Iterable[tuple[Asked, Any]], as_of: datetime) -> None:
    form = Form(service, draft.facts, as_of=as_of.date(), at=as_of, keyed=True)
    for asked, value in found:
        form.put(asked.name, value, asked.each, asked.position)
    actions.keep(draft, form.facts, as_of=as_of)


def understood(asked: Asked, said: str) -> Any:
    """What was read as a typed answer; None where it is none."""
    if asked.fact.type == "bool":
        return {"yes": True, "no": False}.get(said)
    try:
        return answers.read(asked.fact, {"": said}, asked.label)
    except answers.Wrong:
        return None


# -- a person answers --------------------------------------------------------------------------------------
def question_of(draft: Draft, name: str) -> Asked | None:
    """The question of this name on the form; None where the service asks it no more."""
    return dict(questions(catalogue.service(draft.service))).get(name)


def needs_twice(asked: Asked) -> bool:
    """Is it keyed in twice, and not shown what was read?"""
    return is_keyed_twice(asked.fact)


def answer(draft: Draft, reading: int, read_as: str, asked: Asked, value: Any, *, as_of: datetime) -> None:
    """What a person says stands there (None: nothing): into the draft, and into what is learnt from. `read_as`: what had been
    read."""
    right = value is not None and understood(asked, read_as) == value
    with transaction.atomic():
        if value is not None:
            _put(draft, catalogue.service(draft.service), [(asked, value)], as_of)
        readings.answered(reading, right=right, as_of=as_of)


# -- what is likely, and what was learnt ----------------------------------------------------------------
def limits() -> Mapping[str, float]:
    """From which confidence on an answer of a kind is sure in this town: as shipped, and as its people corrected."""
    from yakuba.assistant.reading import thresholds

    shipped = thresholds.kept()
    kinds = set(shipped) | readings.kinds()
    return {
        kind: thresholds.relearnt(shipped.get(kind, thresholds.NEVER), readings.seen(kind)) for kind in kinds
    }


def _prior(as_of: datetime) -> Any:
    """What is likely in this town."""
    from yakuba.channels.paper import sheets

    town = towns.current_town()
    since, known = _ready.get(town, (None, None))
    if since is None or as_of - since > KEPT_READY:
        known = sheets.prior(register.likely_writers())
        _ready[town] = (as_of, known)
    return known


_ready: dict[str, tuple[datetime, Any]] = {}
