"""An offline pack (オフラインパック): one HTML file with what a shelter has to read, encrypted, and the forms it has to fill in.

The file needs a browser and nothing else. Its part to read is encrypted with AES-256-GCM under a key that PBKDF2-HMAC-SHA256 makes of
a passphrase, which is shown once and kept nowhere. In that part is the pack's own key, under which the browser encrypts what is
entered; the hall keeps it sealed, so that it can read what comes back without the passphrase.

Source: NIST SP 800-38D (GCM), NIST SP 800-132 (PBKDF2); iterations: OWASP Password Storage Cheat Sheet (600,000 for SHA-256).
"""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yakuba import access
from yakuba.access import Worker, codes, towns
from yakuba.access.sealed import seal
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.state import OPEN, CaseState, fact_of
from yakuba.channels import answers, casework
from yakuba.channels.disaster import shelters
from yakuba.channels.disaster.errors import NoPack
from yakuba.channels.disaster.mode import FIRST, SHELTER
from yakuba.channels.models import OfflinePack
from yakuba.clock import in_tokyo
from yakuba.declare import Question, Service
from yakuba.register import queries as register
from yakuba.words import LANGUAGES, Text, plain, ruby_segments, ui_text

ITERATIONS = 600_000
DIGITS = 24
"""Of the passphrase: 80 bits, which can be read out over a radio; with the iterations each guess costs a tenth of a second."""
LONGEST = timedelta(hours=168)
"""A week: what is read must not be older."""
MOST = 2_000
"""Cases in a pack: a phone opens about 2 MB at once."""
NEVER = frozenset({"my_number", "bank"})
"""Classes of facts that are in no pack, whatever a service discloses."""
HERE = Path(__file__).parent
_PLACE = re.compile(r"\[\[([A-Z]+)\]\]")
SITE = HERE.parents[1] / "site" / "static" / "site" / "yakuba.css"

WORDS = (
    "yes", "no", "year", "month", "day", "apply.era", "apply.era_western", "apply.era_reiwa", "apply.era_heisei", "apply.era_showa",
    "apply.era_taisho", "apply.era_meiji",
    "error.required", "error.choose_one", "error.not_a_number", "error.not_a_phone", "error.not_kana",
    "error.not_a_postcode", "error.not_an_email", "error.too_long", "error.too_large", "error.title",
    "offline.title", "offline.lead", "offline.passphrase", "offline.passphrase_hint", "offline.who", "offline.open",
    "offline.opening", "offline.wrong_passphrase", "offline.until", "offline.over", "offline.over_text", "offline.clock",
    "offline.no_crypto", "offline.no_storage", "offline.not_kept", "offline.nav_register", "offline.nav_new",
    "offline.nav_entries", "offline.find", "offline.found", "offline.nobody", "offline.read_at", "offline.left",
    "offline.left_kept", "offline.left_sure", "offline.new_title", "offline.optional", "offline.keep", "offline.kept",
    "offline.kept_next", "offline.entries_lead", "offline.none_entered", "offline.export", "offline.export_hint",
    "offline.exported", "offline.lock", "offline.read_only", "offline.bad_date", "offline.future_date", "offline.language",
    "offline.entered_by", "offline.check_server", "offline.date_hint", "offline.erase", "offline.erase_sure",
)  # fmt: skip
"""What the page says, in three languages."""


@dataclass(frozen=True, slots=True)
class Made:
    """A pack that was just made: the passphrase is in it this once."""

    id: uuid.UUID
    passphrase: str
    content: bytes
    ends: datetime
    cases: int


def make(
    shelter: str,
    services: Sequence[str] = FIRST,
    hours: int = 72,
    *,
    by: Worker,
    as_of: datetime,
    agenda: Collection[uuid.UUID] | None = None,
) -> Made:
    """A pack for a shelter, or another place without a line, valid for so many hours. `agenda`: only these cases are read; by
    default the open ones of the services, and of check-ins those of this shelter. Raises NoPack, access.Denied."""
    town = towns.current_town()
    access.require(by, "offline.pack", access.Resource("Town", town, town))
    shelter = shelter.strip()
    if not shelter or len(shelter) > 60:
        raise NoPack("which_shelter")
    if unknown := [name for name in services if name not in catalogue.offered()] or not services:
        raise NoPack("which_services", services="、".join(unknown) if isinstance(unknown, list) else "—")
    most = int(LONGEST / timedelta(hours=1))
    if not 1 <= hours <= most:
        raise NoPack("how_long", most=most)
    pack, ends = uuid.uuid4(), in_tokyo(as_of) + timedelta(hours=hours)
    key, passphrase = os.urandom(32), codes.new(DIGITS)
    declared = [catalogue.service(name) for name in services]
    rows = list(_rows(declared, shelter, agenda))
    if len(rows) > MOST:
        raise NoPack("too_many", most=MOST, count=len(rows))
    inside = {"key": _b64(key), "rows": rows}
    content = _page(pack, shelter, declared, in_tokyo(as_of), ends, passphrase, inside)
    OfflinePack.objects.create(
        id=pack,
        town=town,
        shelter=shelter,
        services=list(services),
        made_by=by.id,
        made_at=as_of,
        ends=ends,
        key=seal(_b64(key)),
        content=content,
    )
    return Made(pack, grouped(passphrase), content, ends, len(rows))


def grouped(passphrase: str) -> str:
    """As it is shown: groups of four digits."""
    return " ".join(passphrase[at : at + 4] for at in range(0, len(passphrase), 4))


def takes(service: Service) -> bool:
    """Whether a shelter can take in requests of this service without a line: it asks for no file that must be there, for nothing
    that repeats, and for no place, bank or account that has to be looked up."""
    return all(
        page.each is None and all(_can_be_asked(service, question) for question in page.questions)
        for page in service.pages
    ) and bool(service.pages)


LOOKED_UP = frozenset({"place", "bank", "branch", "account_number", "bank_account", "carrier"})


def _can_be_asked(service: Service, question: Question) -> bool:
    if question.file:
        return not question.required
    fact = service.facts[question.fact or ""]
    looked_up = answers.kind_of(fact) in LOOKED_UP
    return fact.class_ not in NEVER and not (looked_up and question.required)


# -- what is read --------------------------------------------------------------------------------------
def _rows(
    declared: Sequence[Service], shelter: str, agenda: Collection[uuid.UUID] | None
) -> Iterator[dict[str, Any]]:
    """The open cases of some services (of an `agenda` those), with the facts that they disclose to who helps outside; of check-ins
    those of this shelter."""
    if agenda is None:
        cases = [case for service in declared for case in case_queries.open_of(service.id)]
    else:
        cases = case_queries.open_among(agenda)
    by_id = {service.id: (service, disclosed(service)) for service in declared}
    for case in cases:
        service, names = by_id[case.service]
        state = case_queries.state(case)
        if service.id == SHELTER and shelters.key(str(state.fact("shelter.name"))) != shelters.key(shelter):
            continue
        kept = catalogue.version(case.version)
        yield {
            "case": str(case.id),
            "seq": case.seq,
            "reference": case.reference,
            "service": service.id,
            "at": in_tokyo(case.opened_at).isoformat(timespec="minutes"),
            "stay": service.id == SHELTER,
            "name": str(state.fact("applicant.name") or case.reference)
            if "applicant.name" in names
            else case.reference,
            "facts": [*_facts(kept, state, names), *_stage(kept, state)],
        }


def disclosed(service: Service) -> Sequence[str]:
    """The facts of a service that a shelter may read: what is declared for supporters, else for partners. Never those of NEVER;
    guarded ones only where the service declares them for supporters by name."""
    declared = service.file.disclose
    names = declared.get("supporter", declared.get("partner", []))
    by_name = "supporter" in declared
    return [
        name
        for name in names
        if name in service.facts
        and service.facts[name].class_ not in NEVER
        and (by_name or service.facts[name].class_ in ("public", "personal"))
    ]


def _facts(service: Service, state: CaseState, names: Sequence[str]) -> Iterator[list[Any]]:
    for name in names:
        fact, value = service.facts.get(name), fact_of(state.facts, name)
        if fact is not None and value is not None:
            said = Text(**{language: answers.say(fact, value, language) for language in LANGUAGES})
            yield [_said(fact.label), _said(said) if fact.type in ("bool", "choice", "date") else said.ja]


def _stage(service: Service, state: CaseState) -> Iterator[list[Any]]:
    """What the case waits for, in words."""
    for name, step in state.steps.items():
        if step.status == OPEN:
            yield [_said(ui_text("offline.stage")), _said(casework.step_name(service.id, name, service))]


# -- the file ------------------------------------------------------------------------------------------
def _page(
    pack: uuid.UUID,
    shelter: str,
    services: Sequence[Service],
    made_at: datetime,
    ends: datetime,
    passphrase: str,
    inside: Mapping[str, Any],
) -> bytes:
    town = towns.current_town()
    known = register.town(town)
    salt, iv = os.urandom(16), os.urandom(12)
    head = {
        "format": "yakuba-offline/1",
        "pack": str(pack),
        "town": town,
        "town_name": known.name if known else town,
        "synthetic": bool(known and known.synthetic),
        "shelter": shelter,
        "made": made_at.isoformat(timespec="seconds"),
        "ends": ends.isoformat(timespec="seconds"),
        "iterations": ITERATIONS,
        "salt": _b64(salt),
        "iv": _b64(iv),
    }
    stated = orjson.dumps(head).decode()
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, ITERATIONS, 32)
    sealed = AESGCM(key).encrypt(iv, orjson.dumps(inside), stated.encode())
    open_part = {
        "words": {name: _said(ui_text(name)) for name in WORDS},
        "services": [_form(service) for service in services],
    }
    filled = {
        "TITLE": html.escape(f"{head['town_name']} {shelter}"),
        "HEAD": _script(stated),
        "OPEN": _script(orjson.dumps(open_part).decode()),
        "SEALED": _b64(sealed),
        **_own(),
    }
    page = (HERE / "offline.html").read_text(encoding="utf-8")
    return _PLACE.sub(
        lambda place: filled[place[1]], page
    ).encode()  # in one go: what is filled in is not read again


@cache
def _own() -> Mapping[str, str]:
    """The page's style and program with their digests, which its content security policy lets in and nothing else."""
    style = SITE.read_text(encoding="utf-8") + (HERE / "offline.css").read_text(encoding="utf-8")
    script = (HERE / "offline.js").read_text(encoding="utf-8")
    digests = {
        name: f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for name, text in (("STYLE", style), ("PROGRAM", script))
    }
    policy = (
        f"default-src 'none'; script-src {digests['PROGRAM']}; style-src {digests['STYLE']}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return {"POLICY": policy, "STYLE": style, "PROGRAM": script}


def _script(text: str) -> str:
    """JSON inside of an element `script`: nothing in it can end the element, and it still reads the same."""
    return text.replace("<", "\\u003c")


def _form(service: Service) -> dict[str, Any]:
    """A service as the page asks it: its own pages, questions, choices and limits."""
    return {
        "id": service.id,
        "name": _said(service.name),
        "takes": takes(service),
        "pages": [
            {
                "title": _said(page.title),
                "intro": _said(page.intro) if page.intro else None,
                "questions": [
                    _question(service, one) for one in page.questions if one.fact and _can_be_asked(service, one)
                    and answers.kind_of(service.facts[one.fact]) not in LOOKED_UP
                ],
            }
            for page in service.pages
        ]
        if takes(service)
        else [],
    }  # fmt: skip


def _question(service: Service, question: Question) -> dict[str, Any]:
    """One that hangs on a condition is asked without being required: the condition is judged when it is taken in."""
    fact = service.facts[question.fact or ""]
    help_ = question.help or fact.help
    return {
        "name": question.fact,
        "kind": answers.kind_of(fact),
        "type": fact.type,
        "label": _said(question.label or fact.label),
        "asks": _said(question.label or fact.question or fact.label),
        "help": _said(help_) if help_ else None,
        "required": question.required and question.if_ is None,
        "most": fact.max_length,
        "choices": [[name, _said(words)] for name, words in answers.choices_of(fact).items()],
    }


def _said(text: Text) -> dict[str, Any]:
    """A text in three languages; the easy one cut into pieces with their furigana."""
    return {"ja": plain(text.ja), "easy": [list(pair) for pair in ruby_segments(text.easy)], "en": text.en}


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


# -- afterwards ----------------------------------------------------------------------------------------
def packs() -> list[OfflinePack]:
    """The packs of the town without their contents, the newest first."""
    return list(OfflinePack.objects.defer("content", "key").order_by("-made_at")[:50])


def content_of(pack: uuid.UUID, *, as_of: datetime) -> tuple[OfflinePack, bytes] | None:
    """The file of a pack that has not ended."""
    found = OfflinePack.objects.filter(id=pack, ends__gt=as_of).first()
    return (found, bytes(found.content)) if found and found.content else None


def forget(*, as_of: datetime) -> int:
    """The files of packs that have ended are kept no longer; their keys are, for what comes back late."""
    return OfflinePack.objects.filter(ends__lte=as_of).exclude(content=None).update(content=None)
