"""Two people at one request: a helper sees the form without what is guarded and fills in, the resident sees every answer,
confirms, and alone sends. For somebody who is not there, a helper with a consent for that writes and sends.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yakuba.access import Worker, codes, towns
from yakuba.access.worker import KNOWN, PROVEN
from yakuba.cases import actions as cases
from yakuba.channels import actions
from yakuba.channels.answers import clean
from yakuba.channels.assisted import consent, roster
from yakuba.channels.assisted.consent import Consent
from yakuba.channels.assisted.errors import NotHelped, Over
from yakuba.channels.forms import Field, Form, Screen
from yakuba.channels.models import Draft, Help
from yakuba.declare import GUARDED, Service

DIGITS, GOOD_FOR = 8, timedelta(minutes=30)
"""Of the short code that is read out to the helper: one use, and only so long."""
LONGEST_NAME = 100
NEVER = frozenset({"my_number"})
"""Classes of facts that no helper ever sees or writes (番号法 第19条)."""


# -- the resident asks -----------------------------------------------------------------------------
def invite(
    draft: Draft, kind: str, name: str, number: str, *, by: Worker, as_of: datetime
) -> tuple[Help, str]:
    """The resident lets somebody help with this request today: the consent, and the short code by which they come.

    Who helped before helps no more. Raises NotHelped, access.Denied.
    """
    name = clean(name)
    if kind not in consent.KINDS:
        raise NotHelped("who_needed")
    if kind == consent.SUPPORTER:
        supporter = roster.by_number(number, as_of=as_of)
        if supporter is None:
            raise NotHelped("no_such_supporter")
        name, number = supporter.name, supporter.number
    if not name or len(name) > LONGEST_NAME:
        raise NotHelped("name_needed", most=LONGEST_NAME)
    said = {"kind": kind, "name": name} | ({"number": number} if kind == consent.SUPPORTER else {})
    code = codes.new(DIGITS)
    with transaction.atomic():
        end_all(draft, as_of=as_of)
        case = consent.give(draft, said, by=by, as_of=as_of)
        helped = Help.objects.create(
            town=draft.town,
            draft=draft,
            consent=case.id,
            way=consent.BESIDE,
            kind=kind,
            name=name,
            code=codes.digest(code),
            code_ends=as_of + GOOD_FOR,
            began_at=as_of,
        )
    return helped, codes.grouped(code)


def helps_of(draft: Draft) -> list[Help]:
    """Everybody who was asked to help with a draft, the newest first."""
    return list(Help.objects.filter(draft=draft).order_by("-began_at", "id"))


def end_all(draft: Draft, *, as_of: datetime) -> None:
    """The resident wants nobody to help beside this request any more; what was written stays."""
    for helped in Help.objects.filter(draft=draft, way=consent.BESIDE):
        if found := consent.one(helped.consent):
            consent.end(found, "resident", as_of=as_of)
    Help.objects.filter(draft=draft, way=consent.BESIDE).update(code=None)


def show(helped: Help, name: str, wanted: bool, service: Service) -> None:
    """The resident lets the helper see one guarded fact, or no longer. Never My Number: nothing happens."""
    fact = _facts(service).get(name)
    if fact is None or fact.class_ not in GUARDED - NEVER:
        return
    helped.shown = sorted({*helped.shown, name} if wanted else {*helped.shown} - {name})
    helped.save(update_fields=["shown"])


def confirm(draft: Draft, *, as_of: datetime) -> None:
    """The resident has looked over what was written for them."""
    Help.objects.filter(draft=draft, confirmed_at=None).update(confirmed_at=as_of)


# -- the helper comes ------------------------------------------------------------------------------
def come(code: str, *, by: Worker, as_of: datetime) -> Help:
    """A helper opens a request with the short code, which opens it once. Raises NotHelped, and Over for a consent that no
    longer holds."""
    digest = codes.digest(code)
    found = (
        Help.objects.select_for_update().filter(code=digest, code_ends__gt=as_of).first() if digest else None
    )
    if found is None or found.draft.case or found.draft.wanted_at:
        raise NotHelped("code_wrong")
    given = _consent(found)
    if why := given.standing(as_of):
        raise Over(why)
    if given.kind == consent.SUPPORTER and not given.names(by, as_of=as_of):
        raise NotHelped("supporter_signs_in")
    found.helper, found.came_at, found.code = as_helper(found, by).id, as_of, None
    found.save(update_fields=["helper", "came_at", "code"])
    return found


def as_helper(helped: Help, by: Worker) -> Worker:
    """The worker as whom somebody helps: themselves where they are signed in; else whoever typed the code, by this help alone."""
    if by.kind != "public" and by.strength >= PROVEN:
        return by
    return replace(by, kind="resident", id=f"helper:{helped.id}", name=helped.name, strength=KNOWN)


def standing(helped: Help, by: Worker, *, as_of: datetime) -> Consent:
    """The consent by which somebody helps, asked anew with each request. Raises Over for one that does not hold any more, that is
    for another helper, or whose request was sent."""
    given = _consent(helped)
    if helped.draft.case or helped.draft.wanted_at:
        raise Over("sent")
    if why := given.standing(as_of):
        raise Over(why)
    if given.way == consent.FOR and not given.names(by, as_of=as_of):
        raise Over("left" if given.kind == consent.SUPPORTER else "resident")
    return given


def _consent(helped: Help) -> Consent:
    found = consent.one(helped.consent)
    if found is None:
        raise Over("resident")
    return found


def one(help_id: uuid.UUID) -> Help | None:
    """One help with its draft."""
    return Help.objects.select_related("draft").filter(id=help_id, came_at__isnull=False).first()


# -- for somebody ----------------------------------------------------------------------------------
def may_help(by: Worker, *, as_of: datetime) -> list[Consent]:
    """The consents in force by which who is signed in may write for somebody."""
    if by.kind not in ("resident", "supporter") or by.strength < PROVEN:
        return []
    return [one for one in consent.in_force(as_of) if one.way == consent.FOR and one.names(by, as_of=as_of)]


def begin(given: Consent, service: Service, *, by: Worker, language: str, as_of: datetime) -> Help:
    """A request for whoever consented, with what the register knows of them. Raises Over, NotHelped for a service that the consent
    does not cover."""
    if why := given.standing(as_of):
        raise Over(why)
    if not given.names(by, as_of=as_of) or not given.covers(service) or service.id == consent.SERVICE:
        raise NotHelped("not_covered")
    with transaction.atomic():
        draft = actions.begin(
            service,
            channel="web",
            language=language,
            as_of=as_of,
            person=given.applicant,
            identified=given.identified,
            evidence=f"手続を手伝う人への同意 {given.reference}" if given.identified else "",
        )
        return Help.objects.create(
            town=towns.current_town(),
            draft=draft,
            consent=given.case,
            way=consent.FOR,
            kind=given.kind,
            name=by.name or given.name,
            helper=by.id,
            began_at=as_of,
            came_at=as_of,
        )


# -- the form as a helper has it -------------------------------------------------------------------
def sees(helped: Help, one: Field) -> bool:
    """May the helper see this answer? Nothing guarded, unless the resident shows it; of papers only those that they brought
    themselves."""
    if one.fact is None:
        return helped.way == consent.FOR
    return one.fact.class_ not in GUARDED or (one.name in helped.shown and one.fact.class_ not in NEVER)


def writes(helped: Help, one: Field) -> bool:
    """May the helper answer this? Who writes for somebody also what they are not shown, but for My Number."""
    if helped.way == consent.FOR:
        return one.fact is None or one.fact.class_ not in NEVER
    return sees(helped, one)


def masked(helped: Help, asked: Screen) -> Screen:
    """The screen as the helper has it: what they may answer, without the answers that they are not shown."""
    mine = [one for one in asked.fields if writes(helped, one)]
    blank: dict[str, Any] = {"value": None, "raw": {}, "files": ()}
    return replace(asked, fields=[one if sees(helped, one) else replace(one, **blank) for one in mine])


def answered(
    helped: Help, form: Form, asked: Screen, post: Mapping[str, str], *, as_of: datetime
) -> tuple[Screen, bool]:
    """Take what the helper typed on a screen; the screen as they have it then, and whether all that they may answer on it is in
    order. An answer that they are not shown stays where they type nothing."""
    before = {one.name: form.value(one.name, asked.list or None, asked.position) for one in asked.fields}
    mine = masked(helped, asked)
    mine.fields = [one for one in mine.fields if not _is_left(helped, one, before, post)]
    given = {one.name: one for one in mine.fields}
    form.read(mine, post)
    note(helped, [f"{asked.key}/{name}" for name, one in given.items() if _is_new(one, before.get(name))])
    actions.keep(helped.draft, form.facts, as_of=as_of)
    now = form.screen(asked.key) or asked
    now = replace(now, fields=[given.get(one.name, one) for one in now.fields])
    return masked(helped, now), not any(one.error or _lacks(one) for one in now.fields if writes(helped, one))


def _lacks(one: Field) -> bool:
    """Is an answer missing? Of papers their upload says so."""
    return one.fact is not None and one.required and not one.answered


def _is_left(helped: Help, one: Field, before: Mapping[str, Any], post: Mapping[str, str]) -> bool:
    """There is an answer that the helper is not shown, and they typed none."""
    typed = any(post[name].strip() for name in post if name == one.name or name.startswith(f"{one.name}."))
    return not typed and before.get(one.name) is not None and not sees(helped, one)


def _is_new(one: Field, before: Any) -> bool:
    """Does the answer differ from the one that was there?"""
    return (
        one.fact is not None and not one.error and cases.plain({"": one.value}) != cases.plain({"": before})
    )


def note(helped: Help, changed: Collection[str]) -> None:
    """The helper wrote these answers; the resident has to look them over."""
    if changed:
        helped.filled = sorted({*helped.filled, *changed})
        helped.confirmed_at = None
        helped.save(update_fields=["filled", "confirmed_at"])


def next_open(helped: Help, form: Form) -> str | None:
    """The key of the first screen on which something is missing that the helper may answer; None when there is none."""
    for asked in form.screens:
        missing = any(one.required and not one.answered and writes(helped, one) for one in asked.fields)
        if missing or (asked.overview and form.is_open(asked)):
            return asked.key
    return None


def rows(
    form: Form, language: str, helped: Help | None, helps: Collection[Help] = ()
) -> list[dict[str, Any]]:
    """All answers in words, screen by screen. `helped`: as this helper sees them; None: as the resident does. `by`: who of `helps`
    wrote it; `guarded`: a helper sees it only when the resident shows it."""
    wrote = {name: one.name for one in helps for name in one.filled}
    shown = {name for one in helps for name in one.shown}
    found = []
    for asked in form.screens:
        item = form.item_of(asked, language)
        if asked.overview:
            count = form.facts.get(asked.list)
            found.append(
                {"key": asked.key, "label": asked.title, "said": "" if count is None else str(len(count)), "item": "",
                 "answered": count is not None, "hidden": False, "guarded": False, "by": "", "fact": ""}
            )  # fmt: skip
            continue
        for one in asked.fields:
            hidden = helped is not None and not sees(helped, one)
            found.append(
                {
                    "key": asked.key,
                    "fact": one.name,
                    "label": one.label,
                    "item": item,
                    "said": "" if hidden else one.said(language),
                    "answered": one.answered,
                    "hidden": hidden,
                    "guarded": one.fact is not None and one.fact.class_ in GUARDED - NEVER,
                    "shown": one.name in shown,
                    "by": wrote.get(f"{asked.key}/{one.name}", ""),
                }
            )
    return found


def _facts(service: Service) -> dict[str, Any]:
    """Facts by the names of the form, those of items among them."""
    found: dict[str, Any] = dict(service.facts)
    for page in service.pages:
        for question in page.questions:
            if question.fact:
                found[question.fact] = service.fact_asked(page, question)
    return found
