"""What a case is filled in with before anybody asked, and what a resident says by confirming it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yakuba.declare.model import Push
from yakuba.declare.service import Service


def assumed(push: Push) -> dict[str, Any]:
    """What holds for everybody who confirms: facts by their names."""
    return {**push.known, **push.says}


def filled_in(push: Push, known: Mapping[str, Any]) -> dict[str, Any]:
    """What the register knows of somebody, and what living here on the base date means; nested."""
    facts = dict(known)
    for name, value in push.known.items():
        _put(facts, name, value)
    return facts


def said(service: Service, known: Mapping[str, Any], *, wrong: bool = False) -> dict[str, Any]:
    """The facts that somebody gives by confirming, nested; a fact of the items of a list for each item that is `known`.
    `wrong`: they say that something is not right, and so confirm nothing that may be asked again.
    """
    push = service.push
    assert push is not None, "only what is pushed is confirmed"
    facts: dict[str, Any] = {}
    for name, value in {**push.says, **push.wrong}.items() if wrong else push.says.items():
        if (listed := _list_of(service, name)) is None:
            _put(facts, name, value)
        elif not wrong:
            items = facts.get(listed) or known.get(listed) or []
            key = name.partition(".")[2]
            facts[listed] = [{**item, key: value} for item in items]
    return facts


def _list_of(service: Service, name: str) -> str | None:
    """The list whose items have this fact; None for a fact of the case."""
    group, _, key = name.partition(".")
    return next(
        (listed for listed, kind in service.lists.items() if kind.item == group and key in kind.facts), None
    )


def _put(facts: dict[str, Any], name: str, value: Any) -> None:
    group, _, key = name.partition(".")
    facts[group] = {**(facts.get(group) or {}), key: value}
