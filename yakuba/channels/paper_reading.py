"""What was read from a paper goes into its draft: at once where it is sure, else as a person answers."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yakuba.access import towns
from yakuba.assistant.models import ReadField
from yakuba.cases import catalogue
from yakuba.channels import actions, answers
from yakuba.channels.forms import MOST_ITEMS, Form, is_keyed_twice
from yakuba.channels.models import Draft
from yakuba.declare import Fact, Service
from yakuba.register import queries as register
from yakuba.words import Text

CONTROLLED = 20
"""Of so many sure answers a person sees one all the same: so it is known how often they are right."""
LEARNT_FROM = 20_000
"""Answers of a kind, the latest, from which its limit is learnt anew."""
KEPT_READY = timedelta(hours=1)
"""So long a process works with what it knows of who lives here."""
LONGEST = 2000


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
            if not question.fact:
                continue
            name = question.fact
            if not page.each:
                fact = service.facts[name]
                yield name, Asked(name, fact, question.label or fact.label, "", None)
                continue
            fact = service.lists[page.each].facts[name.split(".", 1)[1]]
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
    rows: dict[str, ReadField] = {}
    for page in pages:
        for one in page.fields:
            if one.written and one.name in asked and one.name not in rows:
                rows[one.name] = _row(draft, one, page.picture_of(one), as_of)
    facts: dict[str, Any] = {}
    for number, (name, row) in enumerate(rows.items()):
        value = understood(asked[name], row.value)
        row.asked = not row.sure or value is None or _is_control(draft, number)
        if not row.asked:
            facts[name] = value
            row.value, row.others, row.picture = "", [], b""
    with transaction.atomic():
        ReadField.objects.bulk_create(rows.values())
        _put(
            draft,
            service,
            {asked[name].name: (asked[name], value) for name, value in facts.items()}.values(),
            as_of,
        )
    return any(row.asked for row in rows.values())


def _row(draft: Draft, one: Any, picture: bytes, as_of: datetime) -> ReadField:
    return ReadField(
        town=draft.town,
        draft=draft.id,
        service=draft.service,
        name=one.name,
        kind=one.kind,
        page=one.box.page,
        confidence=one.confidence,
        sure=one.sure,
        value=one.value[:LONGEST],
        others=list(one.others),
        picture=picture,
        read_at=as_of,
    )


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
def waiting(draft: Draft) -> list[ReadField]:
    """The answers that a person has still to look at, as they stand on the paper."""
    return list(ReadField.objects.filter(draft=draft.id, asked=True, answered_at=None).order_by("id"))


def counted(draft: Draft) -> tuple[int, int]:
    """How many answers a person has looked at, of how many."""
    asked = ReadField.objects.filter(draft=draft.id, asked=True)
    return asked.exclude(answered_at=None).count(), asked.count()


def filled_in(draft: Draft) -> int:
    """How many answers went into the draft unseen."""
    return ReadField.objects.filter(draft=draft.id, asked=False).count()


def question_of(draft: Draft, reading: ReadField) -> Asked | None:
    """Which question it answers; None where the service asks it no more."""
    return dict(questions(catalogue.service(draft.service))).get(reading.name)


def needs_twice(asked: Asked) -> bool:
    """Is it keyed in twice, and not shown what was read?"""
    return is_keyed_twice(asked.fact)


def answer(draft: Draft, reading: ReadField, asked: Asked, value: Any, *, as_of: datetime) -> None:
    """What a person says stands there (None: nothing): into the draft, and into what is learnt from."""
    right = value is not None and understood(asked, reading.value) == value
    with transaction.atomic():
        if value is not None:
            service = catalogue.service(draft.service)
            _put(draft, service, [(asked, value)], as_of)
        _emptied(ReadField.objects.filter(id=reading.id), right=right, answered_at=as_of)


def keyed_once(reading: ReadField, value: Any) -> None:
    """The first of two times. It is kept, and not shown again."""
    reading.keyed = value.isoformat() if isinstance(value, date) else str(value)
    reading.save(update_fields=["keyed"])


def forget(drafts: Collection[uuid.UUID]) -> None:
    """What was read for these drafts is gone; that it was read stays."""
    _emptied(ReadField.objects.filter(draft__in=list(drafts)))


def _emptied(found: Any, **more: Any) -> None:
    found.update(value="", others=[], keyed="", picture=b"", **more)


# -- what is likely, and what was learnt ----------------------------------------------------------------
def limits() -> Mapping[str, float]:
    """From which confidence on an answer of a kind is sure in this town: as shipped, and as its people corrected."""
    from yakuba.assistant.reading import thresholds

    shipped = thresholds.kept()
    kinds = set(shipped) | set(
        ReadField.objects.exclude(right=None).values_list("kind", flat=True).distinct()
    )
    return {kind: thresholds.relearnt(shipped.get(kind, thresholds.NEVER), _seen(kind)) for kind in kinds}


def _seen(kind: str) -> list[tuple[float, bool]]:
    found = ReadField.objects.filter(kind=kind).exclude(right=None).order_by("-answered_at")
    return [
        (confidence, bool(right))
        for confidence, right in found.values_list("confidence", "right")[:LEARNT_FROM]
    ]


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
