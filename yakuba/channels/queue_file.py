"""The queue as an Excel file: what a clerk may see of each case in the list, and never a guarded fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from yakuba import clock
from yakuba.access import Worker
from yakuba.audit import alarms
from yakuba.cases import catalogue
from yakuba.cases import queries as case_queries
from yakuba.cases.queries import Wanted
from yakuba.cases.state import CaseState
from yakuba.channels import answers, casework, queries, sheets
from yakuba.channels.queue_filter import Asked
from yakuba.channels.sheets import Value
from yakuba.declare import GUARDED, Fact, Service, undisturbed
from yakuba.register import queries as register
from yakuba.words import ui

if TYPE_CHECKING:
    from yakuba.cases.models import Task

APPLICANT = "applicant.name"
COLUMNS = (
    "reference", "service", "step", "applicant", "channel", "received", "due", "yen", "identified", "holder",
    "proposal", "proposer",
)  # fmt: skip
A_TIME = 1000
"""Cases that are read from the database in one go."""


def name(town: str, as_of: datetime) -> str:
    """What the file is called; a synthetic town's says so."""
    found = register.town(town)
    mark = "-synthetic" if found and found.synthetic else ""
    return f"queue-{town}{mark}-{clock.in_tokyo(as_of):%Y%m%d-%H%M}.xlsx"


def written(asked: Asked, wanted: Wanted, *, town: str, by: Worker, language: str, as_of: datetime) -> bytes:
    """The file: the list, with the answers of the service where the filter names one, and a sheet that says what it is."""
    names = queries.holder_names()
    facts = _facts(asked.service)
    heads = [ui(f"queue.column_{column}", language) for column in COLUMNS]
    heads += [fact.label.get(language) for fact in facts.values()]
    listed = _Listed(facts, names, language)
    with undisturbed():
        return sheets.workbook(
            [
                (ui("desk.nav_queue", language), heads, listed.rows(wanted)),
                (
                    ui("queue.about", language),
                    [ui("queue.about", language), ""],
                    _about(asked, names, listed, town, by, language, as_of),
                ),
            ]
        )


def _facts(service: str) -> Mapping[str, Fact]:
    """The facts of a service that are columns of their own: neither guarded ones, nor what each row has anyway."""
    known = catalogue.current().services.get(service)
    if (
        known is None or known.id == alarms.SERVICE
    ):  # who of the colleagues an alarm is about is not taken along
        return {}
    return {
        name: fact for name, fact in known.facts.items() if fact.class_ not in GUARDED and name != APPLICANT
    }


def _about(
    asked: Asked,
    names: Mapping[str, str],
    listed: _Listed,
    town: str,
    by: Worker,
    language: str,
    as_of: datetime,
) -> Iterator[tuple[Value, Value]]:
    """What the file is, for whoever finds it: written after the list, so that it knows how long that became."""
    found = register.town(town)
    if found and found.synthetic:
        yield ui("synthetic_notice", language), ""
    yield ui("queue.about_town", language), found.name if found else town
    yield ui("queue.about_at", language), as_of
    yield ui("queue.about_by", language), by.name
    yield ui("desk.count", language), listed.count
    yield from asked.said(names, language)
    yield ui("queue.about_guarded", language), ""


class _Listed:
    """The rows of a list, counted as they are read."""

    def __init__(self, facts: Mapping[str, Fact], names: Mapping[str, str], language: str):
        self.count = 0
        self._facts, self._names, self._language = facts, names, language

    def rows(self, wanted: Wanted) -> Iterator[list[Value]]:
        for task in case_queries.queue(wanted).iterator(chunk_size=A_TIME):
            self.count += 1
            yield self._row(task)

    def _row(self, task: Task) -> list[Value]:
        case, state = task.case, case_queries.state(task.case)
        service = case_queries.service_of(case)
        proposal = state.steps[task.step].proposal
        identified = "desk.identified" if case.identified else "desk.not_identified"
        own: list[Value] = [
            case.reference,
            service.name.get(self._language),
            casework.step_name(task.service, task.step, service).get(self._language),
            _open(service, state, APPLICANT),
            ui(f"desk.channel_{case.channel}", self._language),
            case.opened_at,
            task.due_at or case.norm_due,
            task.yen,  # type: ignore[attr-defined]  # a column of `queue`
            ui(identified, self._language) if service.offered else "",
            self._names.get(task.holder or "", ""),
            ui(f"outcome.{proposal['outcome']}", self._language) if proposal else "",
            self._names.get(proposal["by"], "") if proposal else "",
        ]
        return own + [self._said(fact, _open(service, state, name)) for name, fact in self._facts.items()]

    def _said(self, fact: Fact, value: Any) -> Value:
        """An answer as a cell: numbers and days as such, choices in words."""
        if value is None:
            return None
        if fact.type == "date":
            return date.fromisoformat(str(value))
        if fact.type in ("bool", "choice"):
            return answers.say(fact, value, self._language)
        return value if isinstance(value, int) else str(value)


def _open(service: Service, state: CaseState, name: str) -> Any:
    """A fact, unless the service guards it in the version that the case keeps."""
    fact = service.facts.get(name)
    return None if fact is None or fact.class_ in GUARDED else state.fact(name)
