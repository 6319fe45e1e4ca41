"""What differs in one town (`services/towns/CODE/SERVICE.yaml`), laid over the national service.

The national file stays as it is, and can be replaced by its next version: an overlay names only what the town sets
itself. What the law sets it cannot change.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from yakuba.declare.faults import Fault
from yakuba.declare.model import Count, Example, Fact, Id, Model, Page, ServiceFile, Time
from yakuba.declare.sharing import move
from yakuba.declare.written import Path_, Places

TOWNS = "towns"
Unknown = Callable[[Path_, str, Any, str], Fault]


class TownParam(Model):
    """The values of a parameter that the law leaves to the town, each from its day on, and the ordinance that sets it."""

    values: Mapping[date, Any]
    source: str
    provisional: bool = False


class TownDeadlines(Model):
    """The town's own due time."""

    norm: Time


class TownStep(Model):
    """By when a step is due in this town, and whether it may be handed to a partner."""

    within: Time | None = None
    outsource: bool | None = None


class TownPage(Page):
    """A page of questions or papers that only this town asks for, after a page of the service (by default the last)."""

    after: Id | None = None


class Overlay(Model):
    """The whole of an overlay file. `because`: the ordinance or decision it rests on."""

    overlay: Id
    because: str
    note: str | None = None
    offered: bool = True
    params: Mapping[str, TownParam] = {}
    deadlines: TownDeadlines | None = None
    steps: Mapping[str, TownStep] = {}
    facts: Mapping[str, Fact] = {}
    ask: tuple[TownPage, ...] = ()
    count: Count | None = None
    examples: tuple[Example, ...] = ()


def laid_over(
    file: ServiceFile, document: Mapping[str, Any], places: Places, overlay: Overlay, at: Places
) -> tuple[dict[str, Any], Places, list[Fault]]:
    """The document of the service as it is in the town, where its parts stand, and what contradicts the service.

    `document`, `places`: of the national service; `at`: of the overlay.
    """
    laid, faults = copy.deepcopy(dict(document)), list[Fault]()
    stands = Places(places.file, dict(places.at))
    plain = overlay.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def unknown(path: Path_, name: str, known: Any, kind: str) -> Fault:
        near = get_close_matches(name, list(known), n=3, cutoff=0.5)
        mend = f"Nearest: {', '.join(near)}." if near else f"It has: {', '.join(known) or 'none'}."
        return at.fault(path, f'names the {kind} "{name}", which {file.service} does not have.', mend)

    laid["offered"] = overlay.offered
    for name, param in overlay.params.items():
        faults += _param(name, param, file, laid, at, unknown)
        move(at, ("params", name), stands.at, ("params", name))
    for step, changed in (plain.get("steps") or {}).items():
        number = next((n for n, one in enumerate(laid["steps"]) if one["id"] == step), None)
        if number is None:
            faults.append(unknown(("steps", step), step, [one["id"] for one in laid["steps"]], "step"))
            continue
        laid["steps"][number] |= changed
        move(at, ("steps", step), stands.at, ("steps", number))
    for name, fact in (plain.get("facts") or {}).items():
        if name in (laid.get("facts") or {}):
            what = f'declares the fact "{name}", which {file.service} has already.'
            faults.append(at.fault(("facts", name), what, "Call it something else."))
            continue
        laid.setdefault("facts", {})[name] = fact
        move(at, ("facts", name), stands.at, ("facts", name))
    for number, page in enumerate(plain.get("ask") or []):
        faults += _page(page, number, laid, stands, at, unknown)
    if "deadlines" in plain:
        laid["deadlines"] = {**(laid.get("deadlines") or {}), **plain["deadlines"]}
        move(at, ("deadlines",), stands.at, ("deadlines",))
    if "count" in plain:
        laid["count"] = plain["count"]
    return laid, stands, faults


def _param(
    name: str, param: TownParam, file: ServiceFile, laid: dict[str, Any], at: Places, unknown: Unknown
) -> list[Fault]:
    """The town's values count from the first of its days on; before that day the service's."""
    path: Path_ = ("params", name)
    national = file.params.get(name)
    if national is None:
        return [unknown(path, name, file.params, "parameter")]
    if national.set_by == "law":
        what = f'sets "{name}", which the law sets ({national.source}).'
        return [at.fault(path, what, "Take it out: a town cannot change it.")]
    faults = []
    for since, value in param.values.items():
        low = national.at_least is not None and value is not None and value < national.at_least
        high = national.at_most is not None and value is not None and value > national.at_most
        if low or high:
            bound = f"at least {national.at_least}" if low else f"at most {national.at_most}"
            what = f'sets "{name}" to {value} from {since} on; the law allows {bound} ({national.source}).'
            faults.append(
                at.fault((*path, "values", since.isoformat()), what, "Write a value that it allows.")
            )
    first = min(param.values, default=date.max)
    before = {day.isoformat(): value for day, value in national.values.items() if day < first}
    values = before | {day.isoformat(): value for day, value in param.values.items()}
    said = {"values": values, "source": param.source, "provisional": param.provisional}
    laid["params"] = {**laid["params"], name: {**laid["params"][name], **said}}
    return faults


def _page(
    page: dict[str, Any], number: int, laid: dict[str, Any], stands: Places, at: Places, unknown: Unknown
) -> list[Fault]:
    """Put a page of the town after one of the service's; every page keeps the place where it was written."""
    pages = laid["ask"]
    after = page.pop("after", None) or pages[-1]["page"]
    position = next((n for n, one in enumerate(pages, start=1) if one["page"] == after), None)
    if position is None:
        return [unknown(("ask", number, "after"), after, [one["page"] for one in pages], "page")]
    for later in range(len(pages), position, -1):
        move(stands, ("ask", later - 1), stands.at, ("ask", later))
    pages.insert(position, page)
    move(at, ("ask", number), stands.at, ("ask", position))
    return []
