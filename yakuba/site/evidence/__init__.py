"""The report of evidence (証跡報告書): clause by clause of the guidelines, the policies that fulfil it and what the logs show.

It says what this system shows, and names the clauses of which it shows nothing: those the town checks itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst
from ruamel.yaml import YAML

from yakuba import clock
from yakuba.access import evidence as access_evidence
from yakuba.access import towns
from yakuba.access.evidence import Figures, Settled
from yakuba.access.policy import FOLDER, Policy, book
from yakuba.register import queries as register
from yakuba.words import ui
from yakuba.words.formulas import guarded

TEMPLATE = Path(__file__).parent / "evidence.typ"
FONTS = Path(__file__).parents[2] / "messages" / "letter" / "fonts"

#: Which figures speak of which clause, beside the policies that name it.
FIGURES: Mapping[str, Sequence[str]] = {
    "P3-2-3": ("profile", "networks"),
    "P3-2-4-4": ("devices_in_use", "devices_waiting", "devices_revoked"),
    "P3-2-5-4": ("signed_in", "step_ups"),
    "P3-2-6-1": ("rows", "seals", "chain"),
    "P3-2-6-2": ("signed_in", "failed", "locked"),
    "P3-2-6-5": ("failed", "locked", "denied"),
    "P3-2-7-1": ("denied", "outside"),
    "P3-2-7-4": ("emergencies", "break_glass"),
    "P3-2-9-1": ("chain",),
    "T-2": ("devices_in_use", "devices_revoked"),
    "T-4": ("changes",),
    "T-8": ("signed_in", "step_ups"),
    "T-9": ("outside",),
    "T-10": ("rows", "chain"),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its title, what fulfils it with how often it settled something, and the figures (what, how much)."""

    id: str
    title: str
    policies: Sequence[tuple[Policy, Settled]]
    figures: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one town and month. `decisions`: how many decisions of policies it counts."""

    town: str
    code: str
    since: datetime
    made_at: datetime
    editions: Sequence[str]
    clauses: Sequence[Clause]
    decisions: int
    not_kept: int
    synthetic: bool


def gather(code: str, since: datetime, until: datetime) -> Report:
    """The report from `since` to before `until` (aware). Raises LookupError for a town that is not served here."""
    town = register.town(code)
    if town is None:
        raise LookupError(f"no town {code} is served here; see: yakuba town add")
    with towns.inside(code):
        known = access_evidence.figures(code, since, until)
    guidelines = YAML(typ="safe").load((FOLDER / "guidelines.yaml").read_text(encoding="utf-8"))
    return Report(
        town=town.name,
        code=code,
        since=since,
        made_at=clock.now(),
        editions=[edition["ja"] for edition in guidelines["editions"].values()],
        clauses=[_clause(id, words["ja"], known) for id, words in guidelines["clauses"].items()],
        decisions=sum(one.allowed + one.refused for one in known.policies.values()),
        not_kept=known.not_kept,
        synthetic=town.synthetic,
    )


def _clause(id: str, title: str, known: Figures) -> Clause:
    fulfil = [policy for policy in book().policies.values() if id in policy.clauses]
    return Clause(
        id,
        title,
        [(policy, known.policies.get(policy.id, Settled())) for policy in fulfil],
        [(ui(f"evidence.{name}", "ja"), _figure(name, known)) for name in FIGURES.get(id, ())],
    )


def _figure(name: str, known: Figures) -> str:
    outcomes = {"signed_in": "signed-in", "failed": "failed", "locked": "locked", "denied": "denied"}
    if name in outcomes:
        return str(known.outcomes.get(outcomes[name], 0))
    if name == "chain":
        return known.broken or ui("evidence.holds", "ja")
    if name == "profile":
        return ui(f"telework.model_{known.profile}", "ja")
    if name == "outside":
        return str(sum(times for zone, times in known.zones.items() if zone not in ("counter", "lgwan")))
    return str(getattr(known, name))


def rows(report: Report) -> Iterator[tuple[str, ...]]:
    """One line for each policy and each figure of each clause; a clause of which nothing is shown has a line that says so."""
    for clause in report.clauses:
        for policy, settled in clause.policies:
            said = (policy.text.ja, str(settled.allowed), str(settled.refused), "")
            yield (clause.id, clause.title, policy.id, *said)
        for label, value in clause.figures:
            yield (clause.id, clause.title, "", label, "", "", value)
        if not clause.policies and not clause.figures:
            yield (clause.id, clause.title, "", ui("evidence.elsewhere", "ja"), "", "", "")


HEADINGS = ("town", "clause", "title", "policy", "says", "allowed", "refused", "figure")


def csv_file(reports: Sequence[Report]) -> bytes:
    """The reports as CSV (UTF-8 with a mark, so that spreadsheets read it)."""
    written = io.StringIO()
    out = csv.writer(written)
    out.writerow(HEADINGS)
    for report in reports:
        out.writerows([report.code, *map(guarded, row)] for row in rows(report))
    return written.getvalue().encode("utf-8-sig")


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=[FONTS], ignore_system_fonts=True)


def pdf(reports: Sequence[Report]) -> bytes:
    """The reports on paper, each beginning on a page of its own."""
    said = orjson.dumps([_said(report) for report in reports]).decode()
    made = _compiler().compile(format="pdf", sys_inputs={"reports": said})
    assert isinstance(made, bytes)
    return made


def _said(report: Report) -> dict[str, Any]:
    return {
        "title": ui("evidence.title", "ja"),
        "town": report.town,
        "month": report.since.strftime("%Y年%-m月"),
        "made": clock.say_datetime(report.made_at, "ja"),
        "lead": ui("evidence.lead", "ja"),
        "editions": report.editions,
        "not_kept": ui("evidence.not_kept", "ja", count=report.not_kept) if report.not_kept else "",
        "allowed": ui("evidence.allowed", "ja"),
        "refused": ui("evidence.refused", "ja"),
        "elsewhere": ui("evidence.elsewhere", "ja"),
        "foot": ui("messages.synthetic", "ja") if report.synthetic else "",
        "clauses": [
            {
                "id": clause.id,
                "title": clause.title,
                "policies": [
                    [policy.id, policy.text.ja, str(settled.allowed), str(settled.refused)]
                    for policy, settled in clause.policies
                ],
                "figures": [list(figure) for figure in clause.figures],
            }
            for clause in report.clauses
        ],
    }
