"""What services have in common is written once and used by name: pages, steps, rules, and the words of letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from yakuba.declare.faults import Fault
from yakuba.declare.written import Path_, Places

Written = tuple[Mapping[str, Any], Places]
"""A file of `shared/` as plain data, and where its parts stand."""
RULES = ("params", "values", "conditions")
"""What a set of rules of `shared/rules.yaml` may have."""


@dataclass(frozen=True)
class Shared:
    """The files of `shared/`: pages for `ask`, steps for `steps`, sets of rules for `uses`, and words."""

    FILES: ClassVar[tuple[str, ...]] = ("parts.yaml", "steps.yaml", "rules.yaml", "words.yaml")
    pages: Written
    steps: Written
    rules: Written
    words: Written

    def put_into(self, document: dict[str, Any], places: Places, faults: list[Fault]) -> None:
        """Put what a service names in its place; each part keeps the place where it was written."""
        _put_in("ask", document, places, self.pages, faults)
        _put_in("steps", document, places, self.steps, faults)
        _put_rules_in(document, places, self.rules, faults)
        if document.get("audience", "residents") == "residents" and self.words[0]:
            _put_words_in(document, places, self.words[0], faults)


def _put_in(key: str, document: dict[str, Any], places: Places, parts: Written, faults: list[Fault]) -> None:
    """`- use: applicant` becomes the pages (or steps) of that part."""
    if not isinstance(document.get(key), list):
        return
    known, part_places = parts
    put: list[Any] = []
    moved: dict[Path_, tuple[str, int]] = {}
    for number, one in enumerate(document[key]):
        if not (isinstance(one, dict) and set(one) == {"use"}):
            move(places, (key, number), moved, (key, len(put)))
            put.append(one)
            continue
        use = str(one["use"])
        if use not in known:
            faults.append(_unknown("part", use, places, (key, number), known))
            continue
        for place, part in enumerate(known[use]):
            move(part_places, (use, place), moved, (key, len(put)))
            put.append(part)
    document[key] = put
    places.at = {path: at for path, at in places.at.items() if path[:1] != (key,) or len(path) == 1} | moved


def _put_rules_in(document: dict[str, Any], places: Places, rules: Written, faults: list[Fault]) -> None:
    """`uses: [NAME]`: the parameters, values and conditions of that set stand before the service's own."""
    known, rule_places = rules
    names = document.pop("uses", [])
    for number, use in enumerate(names if isinstance(names, list) else [names]):
        if use not in known:
            faults.append(_unknown("set of rules", str(use), places, ("uses", number), known))
            continue
        for kind in RULES:
            ours = document.get(kind) or {}
            for name, rule in (known[use].get(kind) or {}).items():
                if name not in ours:
                    document.setdefault(kind, {})[name] = rule
                    move(rule_places, (use, kind, name), places.at, (kind, name))


def _put_words_in(
    document: dict[str, Any], places: Places, words: Mapping[str, Any], faults: list[Fault]
) -> None:
    """What a service that residents apply for has in common with others: `appeal: mayor` becomes the words of that
    remedy; what happens `next` and the `letters` are the usual ones where the service has none of its own."""
    document["next"] = document.get("next", words["next"])
    usual = {**words["letters"], **(words.get("push") or {} if document.get("push") else {})}
    document["letters"] = {**usual, **(document.get("letters") or {})}
    appeal, known = document.get("appeal"), words["appeals"]
    if not isinstance(appeal, str) or appeal == "none":
        return
    document["appeal"] = known.get(appeal, "none")
    if appeal not in known:
        faults.append(_unknown("remedy", appeal, places, ("appeal",), ("none", *known)))


def _unknown(kind: str, name: str, places: Places, path: Path_, known: Any) -> Fault:
    what = f'uses the {kind} "{name}", which nobody wrote.'
    return places.fault(path, what, f"There are: {', '.join(known) or 'none'}.")


def move(source: Places, old: Path_, moved: dict[Path_, tuple[str, int]], new: Path_) -> None:
    """Note where the part at `old`, with all that is in it, was written, now that it stands at `new`."""
    for path, at in list(source.at.items()):
        if path[: len(old)] == old:
            moved[new + path[len(old) :]] = at
