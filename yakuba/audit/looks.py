"""Who looked at a resident's data, or changed something about them (閲覧履歴): for the resident, and for a disclosure.

From the access log come the looks, from the case log what was done. Members of staff appear as the role in which they acted,
not by name: whether names are told is decided when a disclosure is asked for (個人情報の保護に関する法律 第78条).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yakuba.access import Resource, Worker, log, looking, require
from yakuba.cases import queries as cases
from yakuba.clock import in_tokyo
from yakuba.words import LANGUAGES, Text, ui_text, ui_words

OUTSIDE = frozenset({"home", "internet"})
LOOK, DONE = "look", "done"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history: when, in which role, what, for which case, and why. `count`: so often on that day."""

    at: datetime
    count: int
    who: Text
    what: Text
    why: Text
    reference: str
    service: Text | None
    zone: str
    worker: str
    kind: str
    glass: bool = False

    @property
    def outside(self) -> bool:
        """From outside of the town hall: from home, or from a device anywhere."""
        return self.zone in OUTSIDE

    @property
    def disaster(self) -> bool:
        """From a site of a disaster."""
        return self.zone == "disaster"


def of_person(
    person: uuid.UUID,
    *,
    by: Worker,
    since: datetime | None = None,
    until: datetime | None = None,
    page: int = 1,
    size: int = 50,
) -> tuple[list[Entry], bool]:
    """One page of who looked at what concerns somebody, the newest first, and whether there is more. Raises access.Denied."""
    action = "looks.read" if by.kind == "resident" else "looks.disclose"
    require(by, action, resource(person, by.town))
    most = page * size + 1
    own = {case.id: case for case in cases.of_applicant(person)}
    looked = looking.who_looked(str(person), since=since, until=until, limit=most)
    done = cases.touched(list(own), since=since, until=until, limit=most)
    rows: list[looking.Looked | cases.Touched] = [*looked, *done]
    rows.sort(key=lambda row: row.at, reverse=True)
    return _entries(rows[(page - 1) * size : page * size], own), len(rows) > page * size


def resource(person: uuid.UUID, town: str) -> Resource:
    """What the policy may know about somebody whose history is looked at."""
    return Resource("Person", str(person), town, {"person": str(person)})


def _entries(rows: Sequence[looking.Looked | cases.Touched], own: Mapping[uuid.UUID, Any]) -> list[Entry]:
    unsaid = {
        row.by_id if isinstance(row, cases.Touched) else row.worker
        for row in rows
        if isinstance(row, cases.Touched) or not row.roles
    }
    roles = looking.roles_of(unsaid)
    return [
        _done(row, own, roles) if isinstance(row, cases.Touched) else _looked(row, own, roles) for row in rows
    ]


def _looked(row: looking.Looked, own: Mapping[uuid.UUID, Any], roles: Mapping[str, Sequence[str]]) -> Entry:
    case = own.get(uuid.UUID(row.case)) if row.case else None
    service = cases.service_of(case) if case else None
    return Entry(
        row.at,
        row.count,
        _who(row.worker_kind, row.worker, row.roles or roles.get(row.worker, ())),
        _named(f"looks.did_{_key(row.action)}", "looks.did_other"),
        ui_text("looks.why_case").format(service=service.name) if service else _why(row.action),
        case.reference if case else "",
        service.name if service else None,
        row.zone,
        row.worker,
        LOOK,
        row.glass,
    )


def _done(row: cases.Touched, own: Mapping[uuid.UUID, Any], roles: Mapping[str, Sequence[str]]) -> Entry:
    case = own[row.case]
    service = cases.service_of(case)
    what = _named(f"desk.event_{row.kind}", "looks.did_other")
    if row.names:
        labels = [service.label(name) for name in row.names if name in service.facts]
        shown = Text(**{lang: "、".join(one.get(lang) for one in labels) for lang in LANGUAGES})
        what = ui_text("looks.shown_to_partner").format(names=shown) if labels else what
    return Entry(
        row.at,
        1,
        _who(row.by_kind, row.by_id, roles.get(row.by_id, ())),
        what,
        ui_text("looks.why_case").format(service=service.name),
        case.reference,
        service.name,
        "",
        row.by_id,
        DONE,
    )


def _who(kind: str, worker: str, roles: Sequence[str]) -> Text:
    """The office that did it: roles of staff, or what kind of worker it was."""
    if kind != "staff":
        return _named(f"looks.who_{kind}", "looks.who_other")
    named = [ui_text(f"absence.role_{role}") for role in roles if f"absence.role_{role}" in ui_words()]
    if not named:
        return ui_text("looks.who_staff")
    return Text(**{lang: "・".join(one.get(lang) for one in named) for lang in LANGUAGES})


def _why(action: str) -> Text:
    return _named(f"looks.why_{_key(action)}", "looks.why_other")


def _key(action: str) -> str:
    return action.replace(".", "_")


def _named(key: str, otherwise: str) -> Text:
    return ui_text(key if key in ui_words() else otherwise)


def every(
    person: uuid.UUID, *, by: Worker, since: datetime | None, until: datetime | None, most: int = 20_000
) -> list[Entry]:
    """All of it, for a disclosure. Raises access.Denied, and TooMuch where it is more than a paper holds."""
    entries, more = of_person(person, by=by, since=since, until=until, size=most)
    if more:
        raise TooMuch(most)
    return entries


def trace(person: uuid.UUID, *, by: Worker, as_of: datetime) -> None:
    """That this history was looked at, or given out, stands in the log itself."""
    log.record(by, "looks.disclose", resource(person, by.town), log.ALLOWED, as_of=as_of)


class TooMuch(ValueError):
    """More entries than one paper holds; the message says what to do."""

    def __init__(self, most: int):
        super().__init__(f"there are more than {most} entries: ask for a shorter time (--since, --until).")


def said(entry: Entry, language: str) -> list[str]:
    """An entry as the cells of a table: when, who, what, for which case, why, from where."""
    at = in_tokyo(entry.at)
    times = ui_text("looks.times").format(count=entry.count).get(language) if entry.count > 1 else ""
    how = {
        "looks.from_outside": entry.outside,
        "looks.from_disaster": entry.disaster,
        "looks.glass": entry.glass,
    }
    return [
        f"{at:%Y-%m-%d %H:%M}",
        entry.who.get(language),
        " ".join(part for part in (entry.what.get(language), times) if part),
        entry.reference,
        entry.why.get(language),
        " ".join(ui_text(key).get(language) for key, so in how.items() if so),
    ]
