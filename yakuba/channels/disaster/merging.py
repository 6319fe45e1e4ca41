"""What was entered at a shelter while the line was down becomes cases, each entry once.

Every entry has a number of its own, under which it is taken in: the same file again, files of several devices in any order, and a file
whose taking in was cut off in the middle lose nothing and double nothing. What does not fit, or cannot be read, is kept and shown to
a clerk as a case of `services/offline-entry`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from yakuba import access
from yakuba.access import Worker, towns
from yakuba.access.sealed import unseal
from yakuba.cases import actions as cases
from yakuba.cases import catalogue
from yakuba.cases import events as e
from yakuba.cases import queries as case_queries
from yakuba.channels import actions, answers
from yakuba.channels.disaster import pack as packs
from yakuba.channels.disaster import shelters
from yakuba.channels.disaster.errors import NoPack
from yakuba.channels.disaster.mode import SHELTER
from yakuba.channels.models import OfflinePack
from yakuba.clock import TOKYO, in_tokyo
from yakuba.declare import Service
from yakuba.words import LANGUAGES, Text, ui_text

HELD = "offline-entry"
MOST_BYTES, MOST_ENTRIES, MOST_ENTRY = 20 * 2**20, 5_000, 100_000
"""Of a file; entries of a file; characters of one entry."""
BATCH = 100
"""Entries taken in in one transaction."""
State = Literal["opened", "applied", "known", "held"]
_NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Why = Literal["incomplete", "expired", "forged", "unknown", "twice", "changed"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an entry: a case, a change of one, known before, or kept for a clerk; `reference`: where it is now. `why`: what
    somebody has to look at, also of one that was taken in (`twice`)."""

    number: str
    state: State
    reference: str
    why: Why | None = None
    wrong: Text | None = None


def counts(taken: Sequence[Taken]) -> dict[str, int]:
    """How many came in, what became of them, and how many somebody has to look at."""
    found = Counter(one.state for one in taken)
    return {
        "in": len(taken),
        **{state: found[state] for state in get_args(State)},
        "to_look_at": sum(one.why is not None for one in taken),
    }


@dataclass(frozen=True, slots=True)
class Returned:
    """A file of entries as it came back. `entries`: as they stand in it, each once."""

    pack: uuid.UUID
    entries: Sequence[Mapping[str, Any]]


def opened(content: bytes) -> Returned:
    """Read a file of entries. Raises NoPack for one that is none."""
    if len(content) > MOST_BYTES:
        raise too_large()
    try:
        said = orjson.loads(content)
        pack, entries = uuid.UUID(said["pack"]), said["entries"]
        if said["format"] != "yakuba-offline-entries/1" or not all(isinstance(one, dict) for one in entries):
            raise ValueError(said["format"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoPack("no_entries_file") from error
    once = {_digest(one): one for one in entries}
    if len(once) > MOST_ENTRIES:
        raise NoPack("too_many_entries", most=MOST_ENTRIES)
    return Returned(pack, list(once.values()))


def too_large() -> NoPack:
    """A file that is larger than MOST_BYTES."""
    return NoPack("file_too_large", most=MOST_BYTES // 2**20)


def merge(content: bytes, *, by: Worker, as_of: datetime, language: str = "ja") -> list[Taken]:
    """Take in a whole file, batch by batch, each in its own transaction unless one is open. `language`: of who reads what is
    wrong. Raises NoPack, access.Denied."""
    returned, taken = opened(content), list[Taken]()
    for some in batches(returned):
        taken += take_in(returned.pack, some, by=by, as_of=as_of, language=language)
    return taken


def batches(returned: Returned) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The entries as many as are taken in at a time."""
    for at in range(0, max(len(returned.entries), 1), BATCH):
        yield returned.entries[at : at + BATCH]


def take_in(
    pack: uuid.UUID, some: Sequence[Mapping[str, Any]], *, by: Worker, as_of: datetime, language: str = "ja"
) -> list[Taken]:
    """Take in some entries of a pack of the open town, in one transaction. Raises NoPack for a pack that is none of this town,
    access.Denied."""
    town = towns.current_town()
    access.require(by, "offline.merge", access.Resource("Town", town, town))
    with transaction.atomic():
        towns.alone_with(HELD)
        found = OfflinePack.objects.defer("content").filter(id=pack).first()
        if found is None:
            raise NoPack("no_such_pack")
        key = base64.b64decode(unseal(found.key))
        looked = [_Looked(found, key, one, as_of) for one in some]
        _known(looked)
        new = [one for one in looked if one.state is None]
        _intake([one for one in new if one.why is None and one.kind == "intake"], by)
        for one in new:
            if one.why is None and one.kind == "left":
                _left(one, by, as_of)
        _same_people([one for one in new if one.case and one.service and one.service.id == SHELTER])
        _hold([one for one in new if one.why], by, as_of, language)
        references = case_queries.references([one.case for one in looked if one.case])
        return [
            Taken(
                one.number,
                one.state or "held",
                references.get(one.case, "") if one.case else "",
                one.why if one in new else None,
                one.wrong if one in new else None,
            )
            for one in looked
        ]


class _Looked:
    """An entry that was looked at: what it says, when, and why it cannot be taken in as it is."""

    def __init__(self, pack: OfflinePack, key: bytes, entry: Mapping[str, Any], as_of: datetime):
        self.pack, self.entry, self.as_of = pack, entry, as_of
        self.why: Why | None = None
        self.wrong: Text | None = None
        self.state: State | None = None
        self.case: uuid.UUID | None = None
        self.about = ""
        self.kind, self.service, self.facts, self.at = "", None, {}, as_of
        self.said: Mapping[str, Any] = {}
        self.digest = _digest(entry)
        self.number = (
            str(entry.get("id")) if _NUMBER.fullmatch(str(entry.get("id"))) else f"?{self.digest[:32]}"
        )
        try:
            self.said = _decrypted(pack, key, entry)
        except (ValueError, KeyError, TypeError, InvalidTag, binascii.Error):
            self._is("forged")
            return
        self._read()

    service: Service | None
    facts: dict[str, Any]

    @property
    def key(self) -> str:
        """Under which it is taken in, once."""
        return f"offline:{self.pack.id}:{self.number}"

    @property
    def held_key(self) -> str:
        """Under which it is kept for a clerk, once."""
        return f"{HELD}:{self.pack.id}:{self.number}:{self.digest[:32]}"

    def _is(self, why: Why, wrong: Text | None = None) -> None:
        self.why, self.wrong = why, wrong or ui_text(f"offline.why_{why}")

    def _read(self) -> None:
        try:
            at = datetime.fromisoformat(str(self.said["at"]))
            self.at = at.replace(tzinfo=TOKYO) if at.tzinfo is None else at.astimezone(TOKYO)
        except (ValueError, KeyError, OverflowError):
            self._is("unknown")
            return
        if self.at > self.pack.ends:
            self._is("expired")
            return
        # a device's clock may be wrong: nothing comes in before the pack was made, or later than now
        self.at = min(max(self.at, in_tokyo(self.pack.made_at)), in_tokyo(self.as_of))
        self.kind, name = str(self.said.get("kind")), str(self.said.get("service"))
        offered = name in self.pack.services and name in catalogue.offered()
        if self.kind == "left" and name == SHELTER:
            self.service = catalogue.service(name)
        elif self.kind == "intake" and offered and packs.takes(catalogue.service(name)):
            self.service = catalogue.service(name)
            self._check(self.service)
        else:
            self._is("unknown")

    def _check(self, service: Service) -> None:
        """The answers, read as those of another system are."""
        given = self.said.get("answers")
        if not isinstance(given, dict):
            self._is("unknown")
            return
        self.facts, wrong = answers.checked(service, given)
        who = answers.clean(str(self.said.get("by") or ""))[:60]
        if who and "shelter.taken_by" in service.facts:
            self.facts.setdefault("shelter", {}).setdefault("taken_by", who)
        if wrong:
            self._is("incomplete", _all_wrong(wrong))


def _decrypted(pack: OfflinePack, key: bytes, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an entry says. Raises InvalidTag for one that was changed, is of another pack, or carries another's number."""
    number = uuid.UUID(str(entry["id"]))
    if str(number) != entry["id"] or len(str(entry["data"])) > MOST_ENTRY:
        raise ValueError(entry["id"])
    iv, data = base64.b64decode(entry["iv"], validate=True), base64.b64decode(entry["data"], validate=True)
    said = orjson.loads(AESGCM(key).decrypt(iv, data, f"yakuba-offline/1|{pack.id}|{number}".encode()))
    if not isinstance(said, dict):
        raise ValueError(type(said))
    return said


def _digest(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _known(looked: Sequence[_Looked]) -> None:
    """Mark what was taken in or kept before, and where it is."""
    keys = [key for one in looked for key in (one.key, one.held_key)]
    there = case_queries.cases_under(keys)
    for one in looked:
        found = (
            there.get(one.held_key) if one.why == "forged" else there.get(one.key) or there.get(one.held_key)
        )
        if found:
            one.state, one.case = "known", found


def _intake(some: Sequence[_Looked], by: Worker) -> None:
    """Open a case for each; what is still wanting in something says so."""
    requests = [
        actions.Request(
            one.service, one.facts, channel="counter", by=by, at=one.at, key=one.key, language=_language(one)
        )
        for one in some
        if one.service
    ]
    outcomes = actions.intake_many(requests) if requests else []
    for one, request, outcome in zip(some, requests, outcomes, strict=True):
        if isinstance(outcome, actions.Incomplete):
            one._is("incomplete", _all_wrong(request.form().wanting()))
        else:
            one.state, one.case = "opened", outcome


def _language(one: _Looked) -> str:
    said = one.said.get("language")
    return said if said in LANGUAGES else "ja"


def _left(one: _Looked, by: Worker, as_of: datetime) -> None:
    """A household left: its stay ends, unless its case went on in the hall after the pack was made."""
    try:
        case = uuid.UUID(str(one.said.get("case")))
    except ValueError:
        one._is("unknown")
        return
    there = next((each for each in shelters.check_ins() if each.case == case), None)
    one.about = "".join(case_queries.references([case]).values())
    if there is None or there.task is None or there.seq != one.said.get("seq"):
        one._is("changed")
        return
    who = answers.clean(str(one.said.get("by") or ""))[:60]
    said = ui_text("offline.note_left").format(who=who or "—", at=f"{one.at:%Y-%m-%d %H:%M}").ja
    cases.finish(there.task, by=by, as_of=one.at, outcome="left", note=said)
    cases.record(case, e.Noted(text=said), by=by, as_of=as_of, key=one.key)
    one.state, one.case = "applied", case


def _same_people(some: Sequence[_Looked]) -> None:
    """Who is checked in elsewhere too, or here by another hand: both stay, and somebody looks at it."""
    there = shelters.check_ins() if some else []
    ours = [one.case for one in some]
    for number, one in enumerate(some):
        me = next((each for each in there if each.case == one.case), None)
        if me is None:
            continue
        later = ours[number + 1 :]
        others = [each for each in there if each.person == me.person and each.case not in (me.case, *later)]
        if others:
            one.about = ", ".join([me.reference, *(each.reference for each in others)])
            where = "、".join(sorted({f"{each.shelter}（{each.reference}）" for each in others}))
            one._is("twice", ui_text("offline.why_twice").format(where=where))


def _hold(some: Sequence[_Looked], by: Worker, as_of: datetime, language: str) -> None:
    """A case of the town's own work for each that somebody has to look at; with what was entered, and the entry as it came."""
    service = catalogue.service(HELD)
    wanted = []
    for one in some:
        entry = cases.opening(service, {"entry": _told(one, language)}, channel="counter", key=one.held_key, language=language)  # fmt: skip
        kept = cases.store_evidence(
            orjson.dumps(one.entry), name=f"{one.number}.json", as_of=as_of, origin="upload"
        )
        wanted.append((service, entry, [(kept.id, "receipt")]))
    if not wanted:
        return
    opened_ = cases.open_cases(wanted, by=by, as_of=as_of)
    for one, case in zip(some, opened_, strict=True):
        if one.state is None:
            one.state, one.case = "held", case


def _told(one: _Looked, language: str) -> dict[str, str]:
    said = {
        "number": one.number,
        "pack": str(one.pack.id),
        "shelter": one.pack.shelter,
        "why": str(one.why),
        "wrong": one.wrong.get(language)[:2000] if one.wrong else "",
        "cases": one.about[:200],
        "at": str(one.said.get("at", ""))[:60],
        "by": answers.clean(str(one.said.get("by") or ""))[:60],
        "service": str(one.said.get("service", ""))[:64],
        "answers": orjson.dumps(one.said.get("answers")).decode()[:20_000] if one.said.get("answers") else "",
    }
    return {name: answers.clean(value) for name, value in said.items() if value}


def _all_wrong(wrong: Mapping[str, Text]) -> Text:
    return Text(
        **{
            language: "\n".join(f"・{name}: {text.get(language)}" for name, text in wrong.items())
            for language in LANGUAGES
        }
    )
